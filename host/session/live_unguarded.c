/* SPDX-License-Identifier: Apache-2.0 */
/* What nobody guards: positions without the stop they are to have, and what a daemon that ends
 * leaves behind. */
#include "session/live_unguarded.h"

#include "ops/plural.h"
#include "session/live_state.h"

#include <stdlib.h>
#include <string.h>

/* ---- now ---- */

static json_t *unprotected_json(const struct live *live, const struct position *position,
                                turret_qty qty)
{
    const struct turret_instrument_def *def = engine_instrument(live->engine, position->instrument);
    char text[48], name[64];
    money_format(qty, def->qty_scale, text, sizeof text);
    (void)snprintf(name, sizeof name, "%.31s.%.15s", def->symbol, def->venue);
    return json_pack("{s:s, s:s, s:s}", "strategy",
                     engine_strategy_name(live->engine, position->strategy), "instrument", name,
                     "qty", text);
}

json_t *live_unprotected(const struct live *live, uint32_t scope, uint32_t index)
{
    uint32_t i, count = engine_position_count(live->engine);
    turret_qty *qty = calloc((size_t)count + 1, sizeof *qty);
    json_t *list = json_array();
    if (!qty)
        return list;
    engine_unprotected(live->engine, qty);
    for (i = 0; i < count; i++) {
        const struct position *position = engine_position(live->engine, i);
        if (qty[i] > 0 && engine_trading_concerns(live->engine, scope, index, position->strategy,
                                                  position->instrument))
            (void)json_array_append_new(list, unprotected_json(live, position, qty[i]));
    }
    free(qty);
    return list;
}

/* Orders of one strategy on one instrument. */
struct kept {
    uint32_t strategy, orders;
    turret_instrument instrument;
};

struct keeping {
    const struct live *live;
    uint32_t scope, index, count, room;
    bool now;
    struct kept *rows;
};

static bool is_kept(const struct keeping *keeping, const struct order *order)
{
    const struct engine *engine = keeping->live->engine;
    if (order->state != TURRET_STATE_HELD || !order_protects(order) ||
        order->strategy >= engine_strategy_count(engine))
        return false;
    if (keeping->now && engine_may_send(engine, order->id))
        return false;
    return engine_trading_concerns(engine, keeping->scope, keeping->index, order->strategy,
                                   order->instrument);
}

static int count_kept(void *context, const struct order *order)
{
    struct keeping *keeping = context;
    struct kept *row;
    uint32_t i = 0;
    if (!is_kept(keeping, order))
        return 0;
    while (i < keeping->count && (keeping->rows[i].strategy != order->strategy ||
                                  keeping->rows[i].instrument != order->instrument))
        i++;
    if (i == keeping->room)
        return 0;
    row = &keeping->rows[i];
    *row = (struct kept){order->strategy, row->orders + 1, order->instrument};
    keeping->count += i == keeping->count;
    return 0;
}

static json_t *kept_json(const struct live *live, const struct kept *row)
{
    const struct turret_instrument_def *def = engine_instrument(live->engine, row->instrument);
    char name[64];
    (void)snprintf(name, sizeof name, "%.31s.%.15s", def->symbol, def->venue);
    return json_pack("{s:s, s:s, s:i}", "strategy",
                     engine_strategy_name(live->engine, row->strategy), "instrument", name,
                     "orders", (int)row->orders);
}

json_t *live_protective(const struct live *live, uint32_t scope, uint32_t index, bool now)
{
    /* each of them has a position, if only of 0 */
    struct keeping keeping = {.live = live,
                              .scope = scope,
                              .index = index,
                              .room = engine_position_count(live->engine),
                              .now = now};
    json_t *list = json_array();
    uint32_t i;
    keeping.rows = calloc((size_t)keeping.room + 1, sizeof *keeping.rows);
    if (keeping.rows)
        (void)engine_each_order(live->engine, count_kept, &keeping);
    for (i = 0; i < keeping.count; i++)
        (void)json_array_append_new(list, kept_json(live, &keeping.rows[i]));
    free(keeping.rows);
    return list;
}

void live_protective_say(struct live *live)
{
    json_t *list = live_protective(live, TRADING_ALL, 0, true), *row;
    size_t i;
    json_array_foreach(list, i, row)
    {
        int orders = (int)json_integer_value(json_object_get(row, "orders"));
        live_say(live,
                 "turret: alarm: %s: %d protective %s of %s %s not sent while its trading state "
                 "lasts (turret state)\n",
                 json_string_value(json_object_get(row, "strategy")), orders,
                 plural((uint32_t)orders, "order", "orders"),
                 json_string_value(json_object_get(row, "instrument")),
                 plural((uint32_t)orders, "is", "are"));
    }
    json_decref(list);
}

struct exits {
    uint32_t strategy, count;
};

static int count_exit(void *context, const struct order *order)
{
    struct exits *exits = context;
    exits->count +=
        order->strategy == exits->strategy && order->role == ORDER_EXIT && order_is_working(order);
    return 0;
}

uint32_t live_exits_of(const struct live *live, uint32_t strategy)
{
    struct exits exits = {.strategy = strategy};
    (void)engine_each_order(live->engine, count_exit, &exits);
    return exits.count;
}

/* ---- at the end ---- */

/* Of a venue. What a simulated one has ends with the daemon and begins with it. */
struct left {
    const struct live *live;
    uint32_t venue, exits, held, orders, unknown, positions;
    uint8_t *exits_of; /* by instrument: whether there are any */
};

static int see_order(void *context, const struct order *order)
{
    struct left *left = context;
    if (order->venue != left->venue || !order_is_working(order) ||
        order->strategy >= engine_strategy_count(left->live->engine))
        return 0; /* foreign ones are others' to watch */
    if (order->state == TURRET_STATE_HELD && order_protects(order)) {
        left->exits++;
        left->exits_of[order->instrument] = 1;
    } else if (order->state == TURRET_STATE_HELD) {
        left->held++;
    } else if (!venues_simulated(left->live->venues, left->venue)) {
        left->orders++;
        left->unknown += order->state == TURRET_STATE_UNKNOWN;
    }
    return 0;
}

static void see_positions(struct left *left)
{
    const struct engine *engine = left->live->engine;
    uint32_t i;
    for (i = 0; i < engine_position_count(engine); i++) {
        const struct position *position = engine_position(engine, i);
        left->positions += position->strategy != POSITION_OF_ACCOUNT && position->qty != 0 &&
                           engine_venue_of(engine, position->instrument) == left->venue &&
                           !venues_simulated(left->live->venues, left->venue);
    }
}

static void put_instruments(const struct left *left, FILE *out)
{
    const struct engine *engine = left->live->engine;
    uint32_t i, told = 0;
    for (i = 1; i <= engine_instrument_count(engine); i++)
        if (left->exits_of[i])
            (void)fprintf(out, "%s %s", told++ ? "," : ":", engine_instrument(engine, i)->symbol);
}

static void put_left(const struct left *left, FILE *out)
{
    const char *next = ":";
    if (left->exits > 0) {
        (void)fprintf(out, "%s %u %s held by this host %s not watched until the next start", next,
                      left->exits, plural(left->exits, "exit", "exits"),
                      plural(left->exits, "is", "are"));
        put_instruments(left, out);
        next = ";";
    }
    if (left->held > 0) {
        (void)fprintf(out, "%s %u other %s it holds %s not sent until then", next, left->held,
                      plural(left->held, "order", "orders"), plural(left->held, "is", "are"));
        next = ";";
    }
    if (left->orders > 0) {
        (void)fprintf(out, "%s %u %s", next, left->orders,
                      plural(left->orders, "order works on there", "orders work on there"));
        if (left->unknown > 0)
            (void)fprintf(out, " or may, %u %s UNKNOWN", left->unknown,
                          plural(left->unknown, "is", "are"));
        if (left->live->config->venues[left->venue].dead_man_ns)
            (void)fputs(" until its dead-man timer cancels them", out);
        next = ";";
    }
    if (left->positions > 0)
        (void)fprintf(out, "%s %u %s %s open", next, left->positions,
                      plural(left->positions, "position", "positions"),
                      plural(left->positions, "stays", "stay"));
}

static void say_left(struct live *live, uint32_t venue)
{
    struct left left = {.live = live, .venue = venue};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    left.exits_of = calloc((size_t)engine_instrument_count(live->engine) + 1, 1);
    if (out && left.exits_of) {
        (void)engine_each_order(live->engine, see_order, &left);
        see_positions(&left);
        put_left(&left, out);
    }
    if (out && !fclose(out) && size > 0)
        live_say(live, "turret: venue %s%s\n", engine_venue_name(live->engine, venue), text);
    free(left.exits_of);
    free(text);
}

void live_say_left(struct live *live)
{
    uint32_t v;
    for (v = 0; v < live->config->venue_count; v++)
        say_left(live, v);
}
