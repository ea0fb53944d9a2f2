/* SPDX-License-Identifier: Apache-2.0 */
/* The order table and the one table of legal moves. */
#include "core/orders.h"

#include <assert.h>
#include <string.h>

#define STATES 14

static const struct {
    const char *name;
    bool working, terminal;
} states[STATES] = {
#define ORDER_STATE(name, working, terminal, text)                                                 \
    [TURRET_STATE_##name] = {#name, working, terminal},
#define ORDER_MOVE(from, to, text)
#include "core/order_states.def"
#undef ORDER_STATE
#undef ORDER_MOVE
};

static const bool moves[STATES][STATES] = {
#define ORDER_STATE(name, working, terminal, text)
#define ORDER_MOVE(from, to, text) [TURRET_STATE_##from][TURRET_STATE_##to] = true,
#include "core/order_states.def"
#undef ORDER_STATE
#undef ORDER_MOVE
};

bool order_is_working(const struct order *order)
{
    return states[order->state].working;
}

bool order_is_terminal(const struct order *order)
{
    return states[order->state].terminal;
}

bool order_is_whole(const struct order *order)
{
    return order->state >= TURRET_STATE_INIT && order->state <= TURRET_STATE_UNKNOWN &&
           (!order_is_working(order) ||
            (order->qty >= 0 && order->filled_qty >= 0 && order->qty <= ORDER_QTY_MAX)) &&
           memchr(order->reason, 0, sizeof order->reason) &&
           memchr(order->venue_order_id, 0, sizeof order->venue_order_id) &&
           memchr(order->venue_reason, 0, sizeof order->venue_reason);
}

const char *order_state_name(uint8_t state)
{
    return state < STATES && states[state].name ? states[state].name : "?";
}

bool order_may_move(uint8_t from, uint8_t to)
{
    return from < STATES && to < STATES && moves[from][to];
}

bool order_move(struct order *order, uint8_t to)
{
    if (order->state != to && !order_may_move(order->state, to))
        return false;
    order->state = to;
    return true;
}

const char *order_side_name(uint8_t side)
{
    static const char *const names[] = {"?", "buy", "sell"};
    return names[side <= TURRET_SIDE_SELL ? side : 0];
}

const char *order_type_name(uint8_t type)
{
    static const char *const names[] = {"?", "market", "limit", "stop", "stop_limit"};
    return names[type <= TURRET_ORDER_STOP_LIMIT ? type : 0];
}

const char *order_tif_name(uint8_t tif)
{
    static const char *const names[] = {"?", "GTC", "DAY", "IOC", "FOK"};
    return names[tif <= TURRET_TIF_FOK ? tif : 0];
}

static const struct {
    const char *name, *text;
} denials[] = {
    [0] = {"NONE", "allowed"},
#define DENIAL(code, name, text) [code] = {#name, text},
#include "core/denials.def"
#undef DENIAL
};

const char *denial_name(uint32_t denial)
{
    return denial < sizeof denials / sizeof *denials ? denials[denial].name : "?";
}

const char *denial_text(uint32_t denial)
{
    return denial < sizeof denials / sizeof *denials ? denials[denial].text : "?";
}

/*
 * Slots in a ring, in order of arrival; an open-addressed index by id beside it. The index has at
 * least twice as many places as slots.
 */
struct order_table {
    uint32_t capacity, mask; /* mask: index places - 1 */
    uint32_t head, count;    /* oldest slot, slots used */
    uint32_t reserved[2];
};

static struct order *slots(const struct order_table *table)
{
    return (struct order *)(uintptr_t)(table + 1);
}

static uint32_t *places(const struct order_table *table)
{
    return (uint32_t *)(uintptr_t)(slots(table) + table->capacity);
}

static uint32_t index_places(uint32_t capacity)
{
    uint32_t size = 4;
    while (size < 2 * capacity)
        size *= 2;
    return size;
}

size_t order_table_size(uint32_t capacity)
{
    return sizeof(struct order_table) + (size_t)capacity * sizeof(struct order) +
           (size_t)index_places(capacity) * sizeof(uint32_t);
}

void order_table_init(struct order_table *table, uint32_t capacity)
{
    table->capacity = capacity;
    table->mask = index_places(capacity) - 1;
}

static uint32_t hash_id(uint64_t id)
{
    return (uint32_t)((id * UINT64_C(0x9E3779B97F4A7C15)) >> 32);
}

/* The place that holds this id, or the empty one where it would go. */
static uint32_t place_of(const struct order_table *table, uint64_t id)
{
    uint32_t place = hash_id(id) & table->mask;
    while (places(table)[place] != 0 && slots(table)[places(table)[place] - 1].id != id)
        place = (place + 1) & table->mask;
    return place;
}

/* Takes a place out and moves the ones behind it up, so that no search ends too early. */
static void index_remove(struct order_table *table, uint64_t id)
{
    uint32_t *at = places(table);
    uint32_t hole = place_of(table, id), next = hole;
    assert(at[hole] != 0);
    for (;;) {
        uint32_t home;
        next = (next + 1) & table->mask;
        if (at[next] == 0)
            break;
        home = hash_id(slots(table)[at[next] - 1].id) & table->mask;
        if (((next - home) & table->mask) >= ((next - hole) & table->mask)) {
            at[hole] = at[next];
            hole = next;
        }
    }
    at[hole] = 0;
}

struct order *order_table_find(struct order_table *table, uint64_t id)
{
    uint32_t slot = places(table)[place_of(table, id)];
    return slot ? &slots(table)[slot - 1] : NULL;
}

/* The oldest slot becomes free: it holds an ended order, or working ones are moved behind. */
static bool make_room(struct order_table *table)
{
    uint32_t tried;
    for (tried = 0; tried < table->capacity; tried++) {
        struct order *oldest = &slots(table)[table->head];
        if (!order_is_working(oldest) && oldest->state != TURRET_STATE_INIT) {
            index_remove(table, oldest->id);
            return true;
        }
        table->head = (table->head + 1) % table->capacity;
    }
    return false;
}

struct order *order_table_add(struct order_table *table, uint64_t id)
{
    uint32_t slot;
    struct order *order;
    if (table->count < table->capacity) {
        slot = (table->head + table->count) % table->capacity;
        table->count++;
    } else if (make_room(table)) {
        slot = table->head;
        table->head = (table->head + 1) % table->capacity;
    } else {
        return NULL;
    }
    order = &slots(table)[slot];
    memset(order, 0, sizeof *order);
    order->id = id;
    order->state = TURRET_STATE_INIT;
    places(table)[place_of(table, id)] = slot + 1;
    return order;
}

struct order *order_table_next(const struct order_table *table, uint32_t *cursor)
{
    if (*cursor >= table->count)
        return NULL;
    return &slots(table)[(table->head + (*cursor)++) % table->capacity];
}
