/* SPDX-License-Identifier: Apache-2.0 */
/* The order table and the one table of legal moves. */
#include "core/orders.h"

#include "core/places.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define STATES 14

static const char *const state_names[STATES] = {
#define ORDER_STATE(name, working, terminal, text) [TURRET_STATE_##name] = #name,
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

/* What an order that nobody here asked for never is. */
static bool is_the_hosts(const struct order *order)
{
    return order->held || order->role != ORDER_OWN || order->algorithm ||
           order->state == TURRET_STATE_HELD;
}

bool order_is_whole(const struct order *order)
{
    return order->state >= TURRET_STATE_INIT && order->state <= TURRET_STATE_UNKNOWN &&
           order->role <= ORDER_SLICE && order->let_go <= ORDER_LET_GO_STOPPED &&
           ((!order->held && order->role == ORDER_OWN) || order_id_is_given(order->id)) &&
           (!order_is_working(order) ||
            (order->qty >= 0 && order->qty <= ORDER_QTY_MAX && order->filled_qty >= 0 &&
             order->filled_qty <= ORDER_FILLED_MAX && /* venues fill more than is asked for */
             order->pending_qty >= 0 && order->pending_qty <= ORDER_QTY_MAX &&
             order->children_qty >= 0 && order->children_qty <= ORDER_FILLED_MAX &&
             order->whole >= 0 && order->whole <= ORDER_QTY_MAX &&
             (order->strategy != ORDER_NO_STRATEGY || !is_the_hosts(order)))) &&
           memchr(order->reason, 0, sizeof order->reason) &&
           memchr(order->venue_order_id, 0, sizeof order->venue_order_id) &&
           memchr(order->venue_reason, 0, sizeof order->venue_reason);
}

bool fill_is_whole(const struct fill *fill)
{
    return (fill->side == TURRET_SIDE_BUY || fill->side == TURRET_SIDE_SELL) &&
           fill->busted <= FILL_TOLD_APART && fill->by_host <= 1 && fill->qty >= 0 &&
           fill->qty <= ORDER_QTY_MAX && fill->value >= 0 && fill->fee > -FEE_MAX &&
           fill->fee < FEE_MAX && memchr(fill->execution_id, 0, sizeof fill->execution_id);
}

turret_qty order_split_qty(turret_qty qty, const struct turret_split *split)
{
    turret_qty after = money_ratio(qty, split->numerator, split->denominator);
    return after > ORDER_QTY_MAX ? ORDER_QTY_MAX : after;
}

const char *order_state_name(uint8_t state)
{
    return state < STATES && state_names[state] ? state_names[state] : "?";
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
    static const char *const names[] = {"?",    "market",     "limit",
                                        "stop", "stop_limit", "trailing_stop"};
    return names[type <= TURRET_ORDER_TRAILING_STOP ? type : 0];
}

const char *order_tif_name(uint8_t tif)
{
    static const char *const names[] = {"?", "GTC", "DAY", "IOC", "FOK", "GTD"};
    return names[tif <= TURRET_TIF_GTD ? tif : 0];
}

static const struct {
    const char *name, *text;
} denials[DENY_CODES] = {
    [0] = {"NONE", "allowed"},
#define DENIAL(code, name, text) [code] = {#name, text},
#include "core/denials.def"
#undef DENIAL
};

const char *denial_name(uint32_t denial)
{
    return denial < DENY_CODES ? denials[denial].name : "?";
}

const char *denial_text(uint32_t denial)
{
    return denial < DENY_CODES ? denials[denial].text : "?";
}

const char *order_let_go_text(const struct order *order)
{
    static const char *const texts[] = {[ORDER_LET_GO] = "its strategy cancelled it",
                                        [ORDER_LET_GO_BY_PERSON] = "its strategy is made flat",
                                        [ORDER_LET_GO_KILLED] = "trading was killed",
                                        [ORDER_LET_GO_STOPPED] = "its strategy was stopped"};
    assert(order->let_go > 0 && order->let_go < sizeof texts / sizeof *texts);
    return texts[order->let_go];
}

void order_explain(struct order *order, const char *why)
{
    static const char cut[] = "…";
    size_t room = sizeof order->venue_reason, at = room - sizeof cut;
    if (snprintf(order->venue_reason, room, "%s", why) < (int)room)
        return;
    while (at > 0 && ((unsigned char)why[at] & 0xc0) == 0x80)
        at--; /* not within a character */
    memcpy(order->venue_reason + at, cut, sizeof cut);
}

/* Slots in a ring, in order of arrival; an index by id beside it. */
struct order_table {
    uint32_t capacity, mask; /* mask: index places - 1 */
    uint32_t head, count;    /* oldest slot, slots used */
    uint32_t last;           /* slot found or added last */
    uint32_t reserved;
};

static struct order *slots(const struct order_table *table)
{
    return (struct order *)(uintptr_t)(table + 1);
}

static struct place *places(const struct order_table *table)
{
    return (struct place *)(uintptr_t)(slots(table) + table->capacity);
}

size_t order_table_size(uint32_t capacity)
{
    return sizeof(struct order_table) + (size_t)capacity * sizeof(struct order) +
           (size_t)places_for(capacity) * sizeof(struct place);
}

void order_table_init(struct order_table *table, uint32_t capacity)
{
    table->capacity = capacity;
    table->mask = places_for(capacity) - 1;
}

/*
 * Eight ids in a row share a cache line of places: the newest are near, and so is the next. The
 * upper bits of the product spread lines in a row evenly (Knuth, TAOCP 3, 6.4).
 */
static uint32_t hash_id(const struct order_table *table, uint64_t id)
{
    uint64_t line = ((id >> 3) * UINT64_C(0x9E3779B97F4A7C15)) >> 32;
    line = line * ((table->mask + 1) >> 3) >> 32;
    return (uint32_t)(line << 3 | (id & 7));
}

struct order *order_table_find(struct order_table *table, uint64_t id)
{
    uint32_t hash, at, slot;
    if (slots(table)[table->last].id == id && id != 0) /* most are looked for again and again */
        return &slots(table)[table->last];
    at = hash = hash_id(table, id);
    for (; (slot = places_seek(places(table), table->mask, hash, &at)) != 0; at++)
        if (slots(table)[slot - 1].id == id) {
            table->last = slot - 1;
            return &slots(table)[slot - 1];
        }
    return NULL;
}

uint32_t order_table_slot(const struct order_table *table, const struct order *order)
{
    ptrdiff_t slot = order - slots(table);
    assert(slot >= 0 && slot < (ptrdiff_t)table->capacity);
    return (uint32_t)slot;
}

/* The oldest slot becomes free: it holds an ended order, or working ones are moved behind. */
static bool make_room(struct order_table *table)
{
    uint32_t tried;
    for (tried = 0; tried < table->capacity; tried++) {
        struct order *oldest = &slots(table)[table->head];
        if (!order_is_working(oldest) && oldest->state != TURRET_STATE_INIT) {
            places_remove(places(table), table->mask, hash_id(table, oldest->id), table->head);
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
    table->last = slot;
    order = &slots(table)[slot];
    memset(order, 0, sizeof *order);
    order->id = id;
    order->state = TURRET_STATE_INIT;
    places_add(places(table), table->mask, hash_id(table, id), slot);
    return order;
}

struct order *order_table_next(const struct order_table *table, uint32_t *cursor)
{
    if (*cursor >= table->count)
        return NULL;
    return &slots(table)[(table->head + (*cursor)++) % table->capacity];
}
