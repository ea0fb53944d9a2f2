/* SPDX-License-Identifier: Apache-2.0 */
/* A strategy instance's life on the bench: state, events, saving and restoring. */
#include "check/check_strategy_host.h"

#include <stdlib.h>
#include <string.h>

#define GUARD_SIZE 64
#define GUARD_BYTE 0xa5
#define SAVED_MAX  (32u << 20)

void strategy_bench_init(struct strategy_bench *bench, struct check *check,
                         const struct plugin_offer *offer, struct check_values *values)
{
    size_t size = offer->strategy.state_size;
    memset(bench, 0, sizeof *bench);
    bench->check = check;
    bench->thread = pthread_self();
    bench->type = &offer->strategy;
    bench->values = values;
    bench->next_order = (UINT64_C(1) << 32) + 1;
    bench->digest = CHECK_DIGEST_START;
    bench->now = TAPE_START;
    for (uint32_t i = 0; i < BENCH_INSTRUMENTS; i++) {
        struct turret_instrument_def *def = &bench->defs[i];
        *def = (struct turret_instrument_def){.struct_size = (uint32_t)sizeof *def,
                                              .id = i + 1,
                                              .venue = "check",
                                              .currency = "USD",
                                              .price_scale = TAPE_PRICE_SCALE,
                                              .qty_scale = CHECK_QTY_SCALE,
                                              .currency_scale = 8,
                                              .status = TURRET_STATUS_OPEN,
                                              .tick_size = 1,
                                              .lot_size = 1,
                                              .min_qty = 1,
                                              .max_qty = INT64_MAX,
                                              .multiplier = 1};
        (void)snprintf(def->symbol, sizeof def->symbol, "CHECK%u", i + 1);
        bench->instruments[i] = i + 1;
    }
    strategy_bench_offer_host(bench);
    bench->block = malloc(size + 2 * GUARD_SIZE);
    if (!bench->block)
        check_fail(check, "no memory for %zu bytes of state", size);
    memset(bench->block, GUARD_BYTE, size + 2 * GUARD_SIZE);
    memset(bench->block + GUARD_SIZE, 0, size);
    bench->handle.state = bench->block + GUARD_SIZE;
}

static void look_at_guards(struct strategy_bench *bench)
{
    const uint8_t *behind = bench->block + GUARD_SIZE + bench->type->state_size;
    for (size_t i = 0; i < GUARD_SIZE; i++)
        if (bench->block[i] != GUARD_BYTE || behind[i] != GUARD_BYTE)
            check_fail(bench->check, "writes outside its %u bytes of state",
                       bench->type->state_size);
}

void strategy_bench_finish(struct strategy_bench *bench, uint32_t reason)
{
    if (bench->running && bench->type->on_stop) {
        strategy_bench_enter(bench, "on_stop");
        bench->type->on_stop(&bench->handle, reason);
        strategy_bench_leave(bench);
    }
    bench->running = false;
    look_at_guards(bench);
    free(bench->block);
    bench->block = NULL;
}

int strategy_bench_try_start(struct strategy_bench *bench, uint32_t reason,
                             struct turret_error *why)
{
    struct turret_start start = {.struct_size = (uint32_t)sizeof start,
                                 .reason = reason,
                                 .params = bench->values->bound,
                                 .instruments = bench->instruments,
                                 .param_count = bench->values->count,
                                 .instrument_count = BENCH_INSTRUMENTS,
                                 .timeframe_ns = TAPE_MINUTE,
                                 .now = reason == TURRET_REASON_FIRST ? 0 : bench->now};
    int status;
    memset(why, 0, sizeof *why);
    bench->slot_count = 0;
    bench->starting = true;
    strategy_bench_enter(bench, "on_start");
    status = bench->type->on_start(&bench->handle, &start, why);
    strategy_bench_leave(bench);
    bench->starting = false;
    why->text[sizeof why->text - 1] = '\0';
    status = status ? status : why->code;
    if (status && (status > 0 || status < TURRET_EBUSY || !why->text[0] || strchr(why->text, '\n')))
        check_fail(bench->check, "on_start refuses with status %d and the text '%.200s'", status,
                   why->text);
    look_at_guards(bench);
    bench->running = status == TURRET_OK;
    return status;
}

void strategy_bench_start(struct strategy_bench *bench, uint32_t reason)
{
    struct turret_error why;
    if (strategy_bench_try_start(bench, reason, &why))
        check_fail(bench->check, "on_start refuses: %s", why.text);
}

static void fire_timers(struct strategy_bench *bench)
{
    for (uint32_t i = 0; i < 8; i++) {
        if (bench->timers[i] == 0 || bench->timers[i] > bench->now)
            continue;
        bench->timers[i] = 0;
        if (!bench->type->on_timer)
            continue;
        strategy_bench_enter(bench, "on_timer");
        bench->type->on_timer(&bench->handle, i, bench->now);
        strategy_bench_leave(bench);
    }
}

static void show_quote_and_trade(struct strategy_bench *bench, const struct turret_bar *bar)
{
    const struct turret_quote quote = {.instrument = bar->instrument,
                                       .time = bench->now,
                                       .bid = bar->close,
                                       .ask = bar->close + 1,
                                       .bid_qty = bar->volume,
                                       .ask_qty = bar->volume};
    const struct turret_trade trade = {.instrument = bar->instrument,
                                       .aggressor = TURRET_SIDE_BUY,
                                       .time = bench->now,
                                       .price = bar->close,
                                       .qty = bar->volume,
                                       .trade_id = (uint64_t)bar->time};
    if (bench->type->on_quote) {
        strategy_bench_enter(bench, "on_quote");
        bench->type->on_quote(&bench->handle, &quote);
        strategy_bench_leave(bench);
    }
    if (bench->type->on_trade) {
        strategy_bench_enter(bench, "on_trade");
        bench->type->on_trade(&bench->handle, &trade);
        strategy_bench_leave(bench);
    }
}

void strategy_bench_bar(struct strategy_bench *bench, const struct turret_bar *bar)
{
    bench->now = bar->time + bar->timeframe_ns;
    bench->bar = *bar;
    strategy_bench_settle(bench, bar);
    fire_timers(bench);
    if (bench->type->on_bar) {
        strategy_bench_enter(bench, "on_bar");
        bench->type->on_bar(&bench->handle, bar);
        strategy_bench_leave(bench);
    }
    show_quote_and_trade(bench, bar);
    strategy_bench_settle(bench, NULL);
    strategy_bench_ask(bench, (uint32_t)((uint64_t)bar->time / TAPE_MINUTE));
    look_at_guards(bench);
}

void strategy_bench_run(struct strategy_bench *bench, struct check_tape *tape, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct turret_bar bar =
            check_tape_next(tape, bench->instruments[tape->count % BENCH_INSTRUMENTS]);
        strategy_bench_set_slots(bench, tape->count);
        strategy_bench_bar(bench, &bar);
    }
}

/* ---- saving and restoring ---- */

static size_t field_size(const struct turret_field *field)
{
    return (size_t)field->count * (field->type == TURRET_FIELD_TYPE_I32 ? 4 : 8);
}

size_t strategy_bench_fields_size(const struct turret_strategy_type *type)
{
    size_t size = 0;
    for (uint32_t i = 0; i < type->field_count; i++)
        size += field_size(&type->fields[i]);
    return size;
}

static bool put(struct bench_bytes *to, const void *from, size_t size)
{
    if (to->used + size > to->room) {
        size_t room = (to->used + size) * 2;
        uint8_t *bytes = room <= SAVED_MAX ? realloc(to->bytes, room) : NULL;
        if (!bytes)
            return false;
        to->bytes = bytes;
        to->room = room;
    }
    memcpy(to->bytes + to->used, from, size);
    to->used += size;
    return true;
}

static int64_t stream_write(struct turret_stream *stream, const void *from, uint64_t size_bytes)
{
    struct bench_bytes *to = stream->context;
    size_t size = (size_t)size_bytes;
    if (to->piece_max && size > to->piece_max)
        size = to->piece_max;
    return size == 0 || put(to, from, size) ? (int64_t)size : TURRET_EFULL;
}

static int64_t stream_read(struct turret_stream *stream, void *to, uint64_t size_bytes)
{
    struct bench_bytes *from = stream->context;
    size_t left = from->room - from->used;
    size_t size = size_bytes < left ? (size_t)size_bytes : left;
    if (from->piece_max && size > from->piece_max)
        size = from->piece_max;
    if (size > 0)
        memcpy(to, from->bytes + from->used, size);
    from->used += size;
    return (int64_t)size;
}

void strategy_bench_save(struct strategy_bench *bench, struct bench_bytes *to, size_t *fields_size)
{
    struct turret_stream stream = {(uint32_t)sizeof stream, bench->type->state_schema, to, NULL,
                                   stream_write};
    struct turret_error why = {0};
    to->used = 0;
    for (uint32_t i = 0; i < bench->type->field_count; i++) {
        const struct turret_field *field = &bench->type->fields[i];
        if (!put(to, (const uint8_t *)bench->handle.state + field->offset, field_size(field)))
            check_fail(bench->check, "no memory for its saved fields");
    }
    *fields_size = to->used;
    if (!bench->type->save)
        return;
    strategy_bench_enter(bench, "save");
    if (bench->type->save(&bench->handle, &stream, &why))
        check_fail(bench->check, "save refuses: %s", why.text);
    strategy_bench_leave(bench);
}

int strategy_bench_restore(struct strategy_bench *bench, const struct bench_bytes *from,
                           size_t fields_size, struct turret_error *why)
{
    struct bench_bytes bytes = {from->bytes + fields_size, 0, from->used - fields_size,
                                from->piece_max};
    struct turret_stream stream = {(uint32_t)sizeof stream, bench->type->state_schema, &bytes,
                                   stream_read, NULL};
    const uint8_t *at = from->bytes;
    int status = TURRET_OK;
    memset(bench->handle.state, 0, bench->type->state_size);
    memset(why, 0, sizeof *why);
    for (uint32_t i = 0; i < bench->type->field_count; i++) {
        const struct turret_field *field = &bench->type->fields[i];
        memcpy((uint8_t *)bench->handle.state + field->offset, at, field_size(field));
        at += field_size(field);
    }
    if (bench->type->load) {
        strategy_bench_enter(bench, "load");
        status = bench->type->load(&bench->handle, &stream, why);
        strategy_bench_leave(bench);
    }
    look_at_guards(bench);
    return status;
}

void strategy_bench_take_over(struct strategy_bench *bench, const struct strategy_bench *from)
{
    memcpy(bench->wish, from->wish, sizeof bench->wish);
    memcpy(bench->position, from->position, sizeof bench->position);
    memcpy(bench->orders, from->orders, sizeof bench->orders);
    memcpy(bench->timers, from->timers, sizeof bench->timers);
    bench->order_count = from->order_count;
    bench->next_order = from->next_order;
    bench->fills = from->fills;
    bench->now = from->now;
}
