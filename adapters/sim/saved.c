/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The venue's state as a stream. One function per part both writes and reads it, so that the two
 * cannot differ.
 *
 * Format, schema 1. A number is zigzag-coded (0, -1, 1, -2 become 0, 1, 2, 3) and written in groups
 * of seven bits, lowest first, the top bit set on all bytes but the last. A text is as long as
 * stated, padded with NUL, or a number of bytes and the bytes.
 *
 *   magic "TURRSIM1"
 *   now, when reports were lost (0 not), sequence of ORDER reports, positions known (0, 1)
 *   count of currencies: code[8], cash moved
 *   count of instruments: symbol[32], then see code_instrument()
 *   count of orders, finished ones first, oldest first, then working ones by instrument and time
 *     of arrival: id, index of the instrument above, working (0, 1), then see code_order()
 *   count of fills, oldest first: see code_fill()
 *   FNV-1a 64 of all bytes before it, 8 bytes
 *
 * Instruments are known by symbol, since ids may change. Nothing of the synthetic market is kept:
 * the seed and the bars that were fed give its place.
 */
#include "saved.h"

#include "depth.h"
#include "orders.h"
#include "reports.h"

#include <stdlib.h>
#include <string.h>

struct codec {
    struct turret_stream *stream;
    uint64_t hash;
    int reading;
    int status; /* first failure wins */
};

static void code_bytes(struct codec *c, void *bytes, uint64_t size_bytes)
{
    uint8_t *at = bytes;
    uint64_t left = size_bytes;
    while (c->status == TURRET_OK && left > 0) {
        int64_t moved = c->reading ? c->stream->read(c->stream, at, left)
                                   : c->stream->write(c->stream, at, left);
        if (moved <= 0 || (uint64_t)moved > left) {
            c->status = moved < 0 ? (int)moved : c->reading ? TURRET_ECORRUPT : TURRET_EIO;
            memset(at, 0, c->reading ? left : 0);
            return;
        }
        at += moved;
        left -= (uint64_t)moved;
    }
    for (uint64_t i = 0; i < size_bytes; i++) {
        c->hash = (c->hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001B3ull;
    }
}

static void write_i64(struct codec *c, int64_t value)
{
    uint8_t bytes[10];
    uint32_t count = 0;
    uint64_t left = (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
    do {
        bytes[count++] = (uint8_t)((left & 0x7fu) | (left > 0x7fu ? 0x80u : 0));
        left >>= 7;
    } while (left);
    code_bytes(c, bytes, count);
}

static int64_t read_i64(struct codec *c)
{
    uint64_t number = 0;
    uint8_t byte = 0x80u;
    for (uint32_t shift = 0; c->status == TURRET_OK && byte & 0x80u; shift += 7) {
        code_bytes(c, &byte, 1);
        if (shift == 63 && byte > 1) {
            c->status = TURRET_ECORRUPT;
        } else {
            number |= (uint64_t)(byte & 0x7fu) << shift;
        }
    }
    return c->status == TURRET_OK ? (int64_t)(number >> 1 ^ (~(number & 1) + 1)) : 0;
}

static void code_i64(struct codec *c, int64_t *value)
{
    if (c->reading) {
        *value = read_i64(c);
    } else {
        write_i64(c, *value);
    }
}

/* A number between least and most, whatever its own width is: the result is read or written. */
static int64_t code_within(struct codec *c, int64_t value, int64_t least, int64_t most)
{
    code_i64(c, &value);
    if (c->status == TURRET_OK && (value < least || value > most)) {
        c->status = TURRET_ECORRUPT;
    }
    return c->status == TURRET_OK ? value : least;
}

static uint32_t code_u32(struct codec *c, uint32_t value, uint32_t most)
{
    return (uint32_t)code_within(c, value, 0, most);
}

static uint8_t code_u8(struct codec *c, uint8_t value, uint8_t least, uint8_t most)
{
    return (uint8_t)code_within(c, value, least, most);
}

static void code_text(struct codec *c, char *text, uint64_t size_bytes)
{
    code_bytes(c, text, size_bytes);
    if (c->status == TURRET_OK && text[size_bytes - 1] != '\0') {
        c->status = TURRET_ECORRUPT;
    }
}

static void code_order(struct codec *c, struct sim_order *o)
{
    o->qty = code_within(c, o->qty, 1, INT64_MAX);
    o->filled = code_within(c, o->filled, 0, o->qty);
    o->limit = code_within(c, o->limit, 0, INT64_MAX);
    o->stop = code_within(c, o->stop, 0, INT64_MAX);
    code_i64(c, &o->active_at);
    code_i64(c, &o->updated);
    code_i64(c, &o->pending_at);
    o->pending_qty = code_within(c, o->pending_qty, 0, INT64_MAX);
    o->pending_limit = code_within(c, o->pending_limit, 0, INT64_MAX);
    o->pending_stop = code_within(c, o->pending_stop, 0, INT64_MAX);
    o->pending_kind = code_u32(c, o->pending_kind, TURRET_REQUEST_CANCEL);
    o->pending_request = code_u32(c, o->pending_request, UINT32_MAX);
    o->flags = code_u32(c, o->flags, TURRET_ORDER_REDUCE_ONLY);
    o->fills = code_u32(c, o->fills, UINT32_MAX);
    o->day = (int32_t)code_within(c, o->day, SIM_NO_DAY, INT32_MAX);
    o->side = code_u8(c, o->side, TURRET_SIDE_BUY, TURRET_SIDE_SELL);
    o->type = code_u8(c, o->type, TURRET_ORDER_MARKET, TURRET_ORDER_STOP_LIMIT);
    o->tif = code_u8(c, o->tif, TURRET_TIF_GTC, TURRET_TIF_FOK);
    o->state = code_u8(c, o->state, TURRET_STATE_ACCEPTED, TURRET_STATE_EXPIRED);
    o->triggered = code_u8(c, o->triggered, 0, 1);
    o->rested = code_u8(c, o->rested, 0, 1);
    o->untold = code_u8(c, o->untold, 0, 1);
    uint32_t length = code_u32(c, (uint32_t)strlen(o->reason), sizeof o->reason - 1);
    code_bytes(c, o->reason, length);
}

static void code_fill(struct codec *c, struct sim_fill *f)
{
    int64_t id = (int64_t)f->order_id;
    code_i64(c, &id);
    f->order_id = (uint64_t)id;
    f->qty = code_within(c, f->qty, 1, INT64_MAX);
    f->price = code_within(c, f->price, 1, INT64_MAX);
    code_i64(c, &f->fee);
    code_i64(c, &f->time);
    f->instrument = code_u32(c, f->instrument, SIM_INSTRUMENTS_MAX);
    f->number = code_u32(c, f->number, UINT32_MAX);
    f->side = code_u8(c, f->side, TURRET_SIDE_BUY, TURRET_SIDE_SELL);
    f->maker = code_u8(c, f->maker, 0, 1);
}

static void code_side(struct codec *c, struct sim_side *side)
{
    uint32_t count = code_u32(c, side->count, SIM_LEVELS_MAX);
    if (count > 0 && !side->level) {
        side->level = calloc(SIM_LEVELS_MAX, sizeof *side->level);
        c->status = side->level ? c->status : TURRET_ENOMEM;
    }
    side->count = 0;
    for (uint32_t i = 0; i < count && c->status == TURRET_OK; i++) {
        code_i64(c, &side->level[i].price);
        side->level[i].qty = code_within(c, side->level[i].qty, 1, INT64_MAX);
        side->count = i + 1u;
    }
}

static void code_instrument(struct codec *c, struct sim_instrument *at)
{
    at->status = code_u32(c, at->status, UINT32_MAX);
    code_i64(c, &at->last_price);
    code_i64(c, &at->last_volume);
    code_i64(c, &at->last_taken);
    code_i64(c, &at->bar_time);
    at->bar_timeframe_ns = code_within(c, at->bar_timeframe_ns, 0, INT64_MAX);
    code_i64(c, &at->event_time);
    at->last_was_trade = code_u32(c, at->last_was_trade, 1);
    code_i64(c, &at->position);
    code_i64(c, &at->average_price);
    at->quoted = code_u32(c, at->quoted, 1);
    code_i64(c, &at->quote.bid);
    code_i64(c, &at->quote.ask);
    code_i64(c, &at->quote.bid_qty);
    code_i64(c, &at->quote.ask_qty);
    code_i64(c, &at->quote.time);
    at->muted = code_u32(c, at->muted, UINT32_MAX);
    at->booked = code_u32(c, at->booked, 1);
    code_side(c, &at->side[0]);
    code_side(c, &at->side[1]);
}

static int is_in(const uint32_t *map, uint32_t count, uint32_t instrument)
{
    for (uint32_t i = 0; i < count; i++) {
        if (map[i] == instrument) {
            return 1;
        }
    }
    return 0;
}

/* Two may have one symbol, when another venue's has its data from here: one after the other. */
static struct sim_instrument *by_symbol(const struct sim *sim, const char *symbol,
                                        const uint32_t *map, uint32_t count)
{
    for (uint32_t i = 0; i < sim->instrument_count; i++) {
        if (strncmp(sim->instrument[i].def->symbol, symbol,
                    sizeof sim->instrument[i].def->symbol) == 0 &&
            !is_in(map, count, i)) {
            return &sim->instrument[i];
        }
    }
    return NULL;
}

/* map[i]: where the saved instrument i is here, or SIM_NONE. Returns how many were saved. */
static uint32_t code_instruments(struct codec *c, struct sim *sim, uint32_t *map,
                                 struct turret_error *err)
{
    uint32_t count = code_u32(c, sim->instrument_count, SIM_INSTRUMENTS_MAX);
    for (uint32_t i = 0; i < count && c->status == TURRET_OK; i++) {
        struct sim_instrument foreign = {0};
        struct sim_instrument *at = c->reading ? NULL : &sim->instrument[i];
        char symbol[32] = {0};
        if (at) {
            memcpy(symbol, at->def->symbol, sizeof symbol);
        }
        code_text(c, symbol, sizeof symbol);
        at = at ? at : by_symbol(sim, symbol, map, i);
        code_instrument(c, at ? at : &foreign);
        map[i] = at ? (uint32_t)(at - sim->instrument) : SIM_NONE;
        if (c->status == TURRET_OK && !at && foreign.position != 0) {
            c->status =
                turret_fail(err, TURRET_ENOTFOUND,
                            "saved state has a position in %s, which the config has not", symbol);
        }
        free(foreign.side[0].level);
        free(foreign.side[1].level);
    }
    return count;
}

static void code_currencies(struct codec *c, struct sim *sim)
{
    uint32_t count = code_u32(c, sim->currency_count, SIM_CURRENCIES_MAX);
    for (uint32_t i = 0; i < count && c->status == TURRET_OK; i++) {
        struct sim_currency entry = {{0}, 0};
        if (!c->reading) {
            entry = sim->currency[i];
        }
        code_bytes(c, entry.code, sizeof entry.code);
        code_i64(c, &entry.change);
        uint32_t at = 0;
        while (at < sim->currency_count &&
               memcmp(sim->currency[at].code, entry.code, sizeof entry.code) != 0) {
            at++;
        }
        if (at < SIM_CURRENCIES_MAX && c->status == TURRET_OK) {
            sim->currency[at] = entry;
            sim->currency_count += at == sim->currency_count;
        }
    }
}

static void write_orders(struct codec *c, struct sim *sim, uint32_t first)
{
    for (uint32_t slot = first; slot != SIM_NONE; slot = sim->order[slot].next) {
        struct sim_order copy = sim->order[slot];
        int64_t id = (int64_t)copy.id;
        code_i64(c, &id);
        (void)code_u32(c, copy.instrument, SIM_INSTRUMENTS_MAX);
        (void)code_u32(c, copy.working, 1);
        code_order(c, &copy);
    }
}

/* One saved order into its place; those of instruments that are gone are forgotten. */
static void read_order(struct codec *c, struct sim *sim, const uint32_t *map, uint32_t map_count,
                       struct turret_error *err)
{
    struct sim_order saved = {0};
    int64_t id = 0;
    code_i64(c, &id);
    uint32_t from = code_u32(c, 0, SIM_INSTRUMENTS_MAX);
    uint32_t working = code_u32(c, 0, 1);
    code_order(c, &saved);
    if (c->status != TURRET_OK || id == 0 || from >= map_count ||
        orders_find(sim, (uint64_t)id) != NULL) {
        c->status = c->status == TURRET_OK ? TURRET_ECORRUPT : c->status;
        return;
    }
    if (map[from] == SIM_NONE) {
        if (working) {
            c->status = turret_fail(err, TURRET_ENOTFOUND,
                                    "saved order %llu is of an instrument the config has not",
                                    (unsigned long long)id);
        }
        return;
    }
    struct sim_order *order = orders_add(sim, (uint64_t)id, map[from]);
    if (!order) {
        c->status = TURRET_ECORRUPT;
        return;
    }
    saved.id = order->id;
    saved.instrument = order->instrument;
    saved.next = order->next;
    saved.previous = order->previous;
    saved.working = order->working;
    memcpy(saved.name, order->name, sizeof saved.name);
    *order = saved;
    if (!working) {
        orders_retire(sim, order);
    }
}

static void code_orders(struct codec *c, struct sim *sim, const uint32_t *map, uint32_t map_count,
                        struct turret_error *err)
{
    uint32_t count = code_u32(c, sim->slots_used, SIM_SLOTS);
    if (!c->reading) {
        write_orders(c, sim, sim->finished_head);
        for (uint32_t i = 0; i < sim->instrument_count; i++) {
            write_orders(c, sim, sim->instrument[i].head);
        }
        return;
    }
    for (uint32_t i = 0; i < count && c->status == TURRET_OK; i++) {
        read_order(c, sim, map, map_count, err);
    }
}

static void code_fills(struct codec *c, struct sim *sim, const uint32_t *map, uint32_t map_count)
{
    uint64_t held = sim->fill_count < SIM_FILLS_MAX ? sim->fill_count : SIM_FILLS_MAX;
    uint64_t first = sim->fill_count - held;
    uint32_t count = code_u32(c, (uint32_t)held, SIM_FILLS_MAX);
    for (uint32_t i = 0; i < count && c->status == TURRET_OK; i++) {
        struct sim_fill fill = {0};
        if (!c->reading) {
            fill = sim->fill[(first + i) % SIM_FILLS_MAX];
        }
        code_fill(c, &fill);
        if (c->reading && fill.instrument < map_count && map[fill.instrument] != SIM_NONE) {
            fill.instrument = map[fill.instrument];
            sim->fill[sim->fill_count++ % SIM_FILLS_MAX] = fill;
        }
    }
}

/* The whole state, either way. */
static void code_all(struct codec *c, struct sim *sim, struct turret_error *err)
{
    char magic[8] = {'T', 'U', 'R', 'R', 'S', 'I', 'M', '1'};
    uint32_t *map = calloc(SIM_INSTRUMENTS_MAX, sizeof *map);
    int64_t sequence = (int64_t)sim->sequence;
    uint8_t sum[8] = {0};
    if (!map) {
        c->status = TURRET_ENOMEM;
        return;
    }
    code_bytes(c, magic, sizeof magic);
    if (c->status == TURRET_OK && memcmp(magic, "TURRSIM1", sizeof magic) != 0) {
        c->status = TURRET_ECORRUPT;
    }
    turret_time_ns now = code_within(c, sim->now, 0, INT64_MAX);
    sim->now = now > sim->now ? now : sim->now;
    code_i64(c, &sim->lost_since);
    code_i64(c, &sequence);
    sim->sequence = (uint64_t)sequence;
    sim->complete = code_u32(c, sim->complete, 1);
    code_currencies(c, sim);
    uint32_t count = code_instruments(c, sim, map, err);
    code_orders(c, sim, map, count, err);
    code_fills(c, sim, map, count);
    uint64_t hash = c->hash;
    for (uint32_t i = 0; i < sizeof sum; i++) {
        sum[i] = (uint8_t)(hash >> (8u * i));
    }
    code_bytes(c, sum, sizeof sum);
    for (uint32_t i = 0; i < sizeof sum && c->status == TURRET_OK; i++) {
        c->status = sum[i] == (uint8_t)(hash >> (8u * i)) ? TURRET_OK : TURRET_ECORRUPT;
    }
    free(map);
}

int32_t saved_export(struct turret_broker *self, struct turret_stream *to, struct turret_error *err)
{
    struct codec c = {to, 0xCBF29CE484222325ull, 0, TURRET_OK};
    if (!reports_flush(self->state)) {
        return turret_fail(err, TURRET_EBUSY, "sim state: the host has reports still to take");
    }
    code_all(&c, self->state, err);
    return c.status == TURRET_OK ? TURRET_OK
                                 : turret_fail(err, c.status, "sim state: the stream took no more");
}

/* Back to what open() left: `before` is a copy of that, its arrays are the same. */
static void undo(struct sim *sim, const struct sim *before)
{
    *sim = *before;
    orders_reset(sim);
    for (uint32_t i = 0; i < sim->instrument_count; i++) {
        struct sim_instrument *at = &sim->instrument[i];
        depth_clear(at);
        at->status = at->def->status == 0 ? TURRET_STATUS_OPEN : at->def->status;
        at->last_price = 0;
        at->last_volume = 0;
        at->last_taken = 0;
        at->bar_time = 0;
        at->bar_timeframe_ns = 0;
        at->event_time = 0;
        at->last_was_trade = 0;
        at->position = 0;
        at->average_price = 0;
        at->muted = 0;
        at->booked = 0;
    }
}

int32_t saved_import(struct turret_broker *self, struct turret_stream *from,
                     struct turret_error *err)
{
    struct sim *sim = self->state;
    struct codec c = {from, 0xCBF29CE484222325ull, 1, TURRET_OK};
    if (sim->slots_used > 0 || sim->fill_count > 0) {
        return turret_fail(err, TURRET_ESTATE, "sim state: the venue has taken orders already");
    }
    if (from->schema != SAVED_SCHEMA) {
        return turret_fail(err, TURRET_EVERSION, "sim state: schema %u, this build reads %u",
                           from->schema, SAVED_SCHEMA);
    }
    struct sim before = *sim;
    code_all(&c, sim, err);
    if (c.status != TURRET_OK) {
        undo(sim, &before);
        return turret_fail(err, c.status, "sim state: these bytes are not a state of this venue");
    }
    return TURRET_OK;
}
