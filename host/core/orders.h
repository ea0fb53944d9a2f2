/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order table: every working order and the most recently ended ones, found by id; and the one
 * place where an order changes state, checked against order_states.def.
 */
#ifndef CORE_ORDERS_H
#define CORE_ORDERS_H

#include "core/money.h"

#include <turret/orders.h>

/* No venue's order may be larger: sums of many still fit. */
#define ORDER_QTY_MAX (INT64_MAX / 65536)

/* No price may be higher: a distance more or less still fits. */
#define PRICE_MAX INT64_C(1000000000000000)

#define FEE_MAX (INT64_MAX / 65536) /* of an execution: sums of thousands of them still fit */

/* Nor can one have filled more, whatever its venue says: with all that works it still fits. */
#define ORDER_FILLED_MAX (INT64_MAX / 2)

/* What was not answered for so long was lost. */
#define ORDER_ANSWER_NS (INT64_C(30) * MONEY_NANO)

/* An order or a change that was not sent this long after it was asked for never leaves. */
#define ORDER_DEADLINE_NS (INT64_C(30) * MONEY_NANO)

#define ORDER_NO_STRATEGY UINT32_MAX /* foreign: adopted, counted, left alone */

/* What the store keeps too; written byte for byte, so padding is explicit. */
struct order {
    uint64_t id;
    turret_instrument instrument;
    uint32_t strategy;
    uint16_t venue;
    uint8_t ending; /* TURRET_STATE_… it has at the venue once all its fills are in, else 0 */
    uint8_t role;   /* ORDER_… */
    uint32_t flags;
    uint8_t side, type, tif, state;
    uint8_t request;   /* TURRET_REQUEST_… */
    uint8_t by_target; /* asked for by turret_target() */
    uint8_t queries;   /* not-founds heard while UNKNOWN */
    uint8_t seen;      /* ORDER_SEEN_… */
    uint32_t denial;
    uint32_t request_version;
    turret_qty qty, filled_qty;
    turret_price limit_price, stop_price;
    turret_qty pending_qty;    /* while a modify is under way: the quantity asked for, else 0 */
    turret_money filled_value; /* sum over fills of qty × price × multiplier */
    turret_money fees;
    turret_time_ns created, updated, deadline;
    uint64_t sequence; /* of the intent that asked for it */
    char reason[56];
    char venue_order_id[40];
    char venue_reason[40];
    uint64_t parent; /* 0 none */
    uint64_t oco;    /* what fills of one is taken off the other; 0 none */
    turret_time_ns expires;
    turret_price trail;
    turret_qty display_qty;
    turret_price take_profit, stop_loss, stop_trail;
    turret_qty children_qty; /* of it, what working slices may still fill */
    uint8_t held;            /* HELD_… (core/held.h) */
    uint8_t cancel_lost;     /* nobody knows whether the cancel asked for arrived */
    uint8_t tries;           /* how often it, or its slice, did not leave: held_backs_off() */
    uint8_t unwanted;        /* HELD_UNWANTED… (core/held.h) */
    uint32_t algorithm;      /* index of the strategy that works it + 1; 0 none */
    uint64_t venue_sequence; /* of the newest report of its terms; 0 none */
    turret_qty whole;        /* what an exit that was sent is to close, uncut; 0: never sent */
    uint8_t was_stop;        /* a stop, set off: `type` no longer says so */
    uint8_t told;            /* that it is due and waits for other orders */
    uint8_t let_go;          /* ORDER_LET_GO_… */
    uint8_t reserved;
    uint32_t missed_s; /* its venue's time, Unix, when it was first not found; 0: see absence.c */
    /* Whose it is, as the journal says at `sequence`. */
    uint64_t config_version; /* and with it its limits; 0: a backtest */
    uint8_t build[32];       /* of the strategy's code, raw, zero-padded */
};

/* Who asked for its end; nobody follows an exit then. */
#define ORDER_LET_GO           1u /* its strategy, and was not refused */
#define ORDER_LET_GO_BY_PERSON 2u /* a person, for as long as it takes: to make flat, … */
#define ORDER_LET_GO_KILLED    3u /* … with all trading of its scope, … */
#define ORDER_LET_GO_STOPPED   4u /* … with its strategy */

/* Where it was told of. */
#define ORDER_SEEN_IN_DOWNLOAD 1u /* the one under way */
#define ORDER_SEEN_AT_VENUE    2u /* ever: it did arrive */
#define ORDER_SEEN_REFUSED     4u /* its venue said no to it */

/* What an order is to its parent. */
enum order_role {
    ORDER_OWN,   /* it has none */
    ORDER_EXIT,  /* the parent's bracket */
    ORDER_SLICE, /* the parent is worked by it: only the parent is told to the strategy */
};

/* fill.busted */
#define FILL_BUSTED     1u /* taken back, or what takes one back */
#define FILL_CORRECTED  2u /* taken back; another one stands there: executions_replacement() */
#define FILL_TOLD_APART 3u /* taken back; another one stands there, told as a fill of its own */

struct fill {
    uint64_t id; /* the host's, ascending */
    uint64_t order_id;
    turret_instrument instrument;
    uint32_t strategy;
    uint32_t venue;
    uint8_t side, maker, busted;
    uint8_t by_host; /* 1: its id is the host's own, and may be one of the venue's, too */
    turret_qty qty;
    turret_price price;
    turret_money fee;
    turret_money value;    /* qty × price × multiplier */
    turret_money realised; /* profit of the part that closed, fees not taken off */
    turret_time_ns time;
    char execution_id[40];
};

/* Whether one that was kept can be gone on with. */
bool fill_is_whole(const struct fill *fill);

/* Whether the venue ever told of it, fills too: it is not "never arrived". */
static inline bool order_was_there(const struct order *order)
{
    return order->seen & ORDER_SEEN_AT_VENUE;
}

/* Ids are epoch << 32 | counter and below this. */
#define ORDER_ID_END    (UINT64_C(1) << 62)
#define ORDER_EPOCH_END (UINT32_C(1) << 30)
/* False: the counter of its epoch is used up, and the next epoch begins only with a start. */
static inline bool order_id_is_given(uint64_t id)
{
    return (uint32_t)id != 0 && id < ORDER_ID_END;
}

struct order_table;

size_t order_table_size(uint32_t capacity);
/* In zeroed memory of order_table_size(capacity) bytes, which is not touched beyond its head. */
void order_table_init(struct order_table *table, uint32_t capacity);
/* A zeroed order under this id; the oldest ended order makes room. NULL: all of them are working.
 */
struct order *order_table_add(struct order_table *table, uint64_t id);
/* NULL: it is not there; nor is one with the id 0. */
struct order *order_table_find(struct order_table *table, uint64_t id);
/* Where an order of the table is: below its capacity, and no other's as long as it is there. */
uint32_t order_table_slot(const struct order_table *table, const struct order *order);
/* Oldest first; *cursor starts at 0. NULL at the end. */
struct order *order_table_next(const struct order_table *table, uint32_t *cursor);

/* Whether what was read from somewhere can be an order: a known state, texts that end. */
bool order_is_whole(const struct order *order);
/* Sets of states as order_states.def has them: bit TURRET_STATE_… */
enum order_state_sets {
#define ORDER_MOVE(from, to, text)
#define ORDER_STATE(name, working, terminal, text) | (working) << TURRET_STATE_##name
    ORDER_STATES_WORKING = 0
#include "core/order_states.def"
    ,
#undef ORDER_STATE
#define ORDER_STATE(name, working, terminal, text) | (terminal) << TURRET_STATE_##name
    ORDER_STATES_TERMINAL = 0
#include "core/order_states.def"
#undef ORDER_STATE
#undef ORDER_MOVE
};
static inline bool order_is_working(const struct order *order)
{
    return ORDER_STATES_WORKING >> order->state & 1;
}
static inline bool order_is_terminal(const struct order *order)
{
    return ORDER_STATES_TERMINAL >> order->state & 1;
}
const char *order_state_name(uint8_t state);
bool order_may_move(uint8_t from, uint8_t to);
/* A quantity after a split: never more than ORDER_QTY_MAX. */
turret_qty order_split_qty(turret_qty qty, const struct turret_split *split);
/* False, and nothing changes, when the table has no such move. */
bool order_move(struct order *order, uint8_t to);
/*
 * What may still fill: while a modify is under way, of the larger of both quantities. What working
 * slices may fill is theirs.
 */
static inline turret_qty order_leaves(const struct order *order)
{
    turret_qty most = order->qty > order->pending_qty ? order->qty : order->pending_qty;
    turret_qty gone = order->filled_qty + order->children_qty;
    return gone < most ? most - gone : 0;
}
/* So much more of it filled; negative: taken back. */
static inline void order_add_filled(struct order *order, turret_qty qty)
{
    money_wide sum = (money_wide)order->filled_qty + qty;
    order->filled_qty = sum < 0 ? 0 : sum > ORDER_FILLED_MAX ? ORDER_FILLED_MAX : (turret_qty)sum;
}
/* Whether it only ever closes: a stop, a target, what a strategy says is reduce-only. */
static inline bool order_protects(const struct order *order)
{
    return order->role == ORDER_EXIT || (order->flags & TURRET_ORDER_REDUCE_ONLY);
}
static inline turret_qty order_signed(const struct order *order, turret_qty qty)
{
    return order->side == TURRET_SIDE_BUY ? qty : -qty;
}

/* Its cancel at its venue was not answered, or longer ago than anything may be on its way. */
static inline bool order_cancel_is_lost(const struct order *order, turret_time_ns now)
{
    return order->request == TURRET_REQUEST_PENDING_CANCEL &&
           (order->cancel_lost || now - order->updated > ORDER_ANSWER_NS);
}

const char *order_side_name(uint8_t side);
const char *order_type_name(uint8_t type);
const char *order_tif_name(uint8_t tif);
const char *denial_name(uint32_t denial);
const char *denial_text(uint32_t denial);
/* Why it is let go, as ORDER_LET_GO… has it. */
const char *order_let_go_text(const struct order *order);
/* Why it stands as it does, for people; what has no room is cut, with a sign that it is. */
void order_explain(struct order *order, const char *why);

enum denial_code {
    DENY_NONE = 0,
#define DENIAL(code, name, text) DENY_##name = code,
#include "core/denials.def"
#undef DENIAL
};

/* As many bytes as the highest code says. */
union denial_highest {
#define DENIAL(code, name, text) char name[code];
#include "core/denials.def"
#undef DENIAL
};
#define DENY_CODES (sizeof(union denial_highest) + 1)

TURRET_STATIC_ASSERT(sizeof(struct order) == 408, "struct order has no hidden padding");
TURRET_STATIC_ASSERT(sizeof(struct fill) == 120, "struct fill has no hidden padding");

#endif
