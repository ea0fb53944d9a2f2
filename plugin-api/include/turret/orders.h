/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders and fills as strategies and brokers see them.
 */
#ifndef TURRET_ORDERS_H
#define TURRET_ORDERS_H

#include <turret/market.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TURRET_ORDER_MARKET     1
#define TURRET_ORDER_LIMIT      2
#define TURRET_ORDER_STOP       3 /* becomes a market order when the stop price trades */
#define TURRET_ORDER_STOP_LIMIT 4 /* becomes a limit order when the stop price trades */
/* A stop whose price follows the best price since it was placed, at the distance `trail`. */
#define TURRET_ORDER_TRAILING_STOP 5

#define TURRET_TIF_GTC 1 /* until cancelled */
#define TURRET_TIF_DAY 2 /* until the session ends */
#define TURRET_TIF_IOC 3 /* what fills at once, the rest is cancelled */
#define TURRET_TIF_FOK 4 /* all at once or nothing */
#define TURRET_TIF_GTD 5 /* until `expires` */

#define TURRET_ORDER_REDUCE_ONLY 1u /* may only bring the position nearer to zero */
#define TURRET_ORDER_POST_ONLY   2u /* refused when it would trade at once; limit orders only */

/* The order axis; the one table of legal moves is host/core/order_states.def. */
#define TURRET_STATE_INIT      1
#define TURRET_STATE_DENIED    2
#define TURRET_STATE_HELD      3
#define TURRET_STATE_SENT      4
#define TURRET_STATE_ACCEPTED  5
#define TURRET_STATE_TRIGGERED 6
#define TURRET_STATE_PARTIAL   7
#define TURRET_STATE_SUSPENDED 8
#define TURRET_STATE_FILLED    9
#define TURRET_STATE_CANCELED  10
#define TURRET_STATE_EXPIRED   11
#define TURRET_STATE_REJECTED  12
#define TURRET_STATE_UNKNOWN   13 /* sent, outcome not known; exposure stays reserved */

/* The request axis. */
#define TURRET_REQUEST_NONE           0
#define TURRET_REQUEST_PENDING_MODIFY 1
#define TURRET_REQUEST_PENDING_CANCEL 2

/*
 * What a strategy asks for. The host decides. What the venue does not offer of it, the host does
 * itself (docs/orders.md). Grows at the end: zero it, set struct_size.
 */
struct turret_order_request {
    uint32_t struct_size;
    turret_instrument instrument;
    uint8_t side; /* TURRET_SIDE_… */
    uint8_t type; /* TURRET_ORDER_… */
    uint8_t tif;  /* TURRET_TIF_…; 0 means GTC */
    uint8_t reserved[1];
    uint32_t flags;           /* TURRET_ORDER_REDUCE_ONLY, TURRET_ORDER_POST_ONLY */
    turret_qty qty;           /* > 0 */
    turret_price limit_price; /* 0 unless the type has one */
    turret_price stop_price;  /* 0 unless the type has one */
    char reason[56];          /* why, shown to people; NUL-terminated */
    turret_time_ns expires;   /* GTD: event time it ends at; else 0 */
    turret_price trail;       /* TRAILING_STOP: distance in price units, > 0; else 0 */
    turret_qty display_qty;   /* iceberg: what is shown at a time; 0 all of it; LIMIT only */
    /*
     * A bracket: as it fills, exits for what filled are placed, each of which cancels the other.
     * Both are orders of this instance with this one as their parent. 0: none.
     */
    turret_price take_profit, stop_loss;
    turret_price stop_trail; /* the bracket's stop trails at this distance; without a stop_loss
                                from the price of the fill on */
    uint64_t oco;            /* another working order of this instance on the same instrument: what
                                fills of one is taken off the other; 0 none */
    char execution[48];      /* name of the strategy that works it, "twap"; "" none */
    uint64_t parent;         /* an algorithm's: the order that it works by this one; 0 none */
};

/* An order as it stands. Borrowed for the call. Grows at the end. */
struct turret_order {
    uint32_t struct_size;
    turret_instrument instrument;
    uint64_t id; /* never reused */
    uint8_t side, type, tif, state, request;
    uint8_t reserved[3];
    uint32_t flags;
    uint32_t denial; /* TURRET_DENY_… when state is DENIED */
    turret_qty qty, filled_qty;
    turret_price limit_price, stop_price;
    turret_price average_price; /* of what filled, rounded to the price scale; 0 when nothing */
    turret_time_ns created, updated;
    uint64_t parent; /* the entry whose bracket it is of; 0 none */
    uint64_t oco;    /* the order that it cancels; 0 none */
    turret_time_ns expires;
    turret_price trail;
    turret_qty display_qty;
    turret_price take_profit, stop_loss, stop_trail;
};

/* One execution, applied exactly once. Borrowed for the call. Grows at the end. */
struct turret_fill {
    uint32_t struct_size;
    turret_instrument instrument;
    uint64_t order_id;
    uint64_t fill_id; /* the host's, unique; applied exactly once */
    uint8_t side, maker;
    uint8_t reserved[6];
    turret_qty qty;
    turret_price price;
    turret_money fee; /* in the instrument's currency; negative is a rebate */
    turret_time_ns time;
};

TURRET_STATIC_ASSERT(sizeof(struct turret_order_request) == 208, "turret_order_request");
TURRET_STATIC_ASSERT(offsetof(struct turret_order_request, flags) == 12, "request.flags");
TURRET_STATIC_ASSERT(offsetof(struct turret_order_request, qty) == 16, "request.qty");
TURRET_STATIC_ASSERT(offsetof(struct turret_order_request, reason) == 40, "request.reason");
TURRET_STATIC_ASSERT(offsetof(struct turret_order_request, expires) == 96, "request.expires");
TURRET_STATIC_ASSERT(offsetof(struct turret_order_request, oco) == 144, "request.oco");
TURRET_STATIC_ASSERT(sizeof(struct turret_order) == 152, "turret_order");
TURRET_STATIC_ASSERT(offsetof(struct turret_order, side) == 16, "turret_order.side");
TURRET_STATIC_ASSERT(offsetof(struct turret_order, qty) == 32, "turret_order.qty");
TURRET_STATIC_ASSERT(offsetof(struct turret_order, created) == 72, "turret_order.created");
TURRET_STATIC_ASSERT(offsetof(struct turret_order, parent) == 88, "turret_order.parent");
TURRET_STATIC_ASSERT(sizeof(struct turret_fill) == 64, "turret_fill");
TURRET_STATIC_ASSERT(offsetof(struct turret_fill, qty) == 32, "turret_fill.qty");

#ifdef __cplusplus
}
#endif

#endif
