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

#define TURRET_TIF_GTC 1 /* until cancelled */
#define TURRET_TIF_DAY 2 /* until the session ends */
#define TURRET_TIF_IOC 3 /* what fills at once, the rest is cancelled */
#define TURRET_TIF_FOK 4 /* all at once or nothing */

#define TURRET_ORDER_REDUCE_ONLY 1u /* may only bring the position nearer to zero */

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

/* What a strategy asks for. The host decides. */
struct turret_order_request {
    uint32_t struct_size;
    turret_instrument instrument;
    uint8_t side; /* TURRET_SIDE_… */
    uint8_t type; /* TURRET_ORDER_… */
    uint8_t tif;  /* TURRET_TIF_…; 0 means GTC */
    uint8_t reserved[1];
    uint32_t flags;           /* TURRET_ORDER_REDUCE_ONLY */
    turret_qty qty;           /* > 0 */
    turret_price limit_price; /* 0 unless the type has one */
    turret_price stop_price;  /* 0 unless the type has one */
    char reason[56];          /* why, shown to people; NUL-terminated */
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

TURRET_STATIC_ASSERT(sizeof(struct turret_order_request) == 96, "turret_order_request");
TURRET_STATIC_ASSERT(offsetof(struct turret_order_request, flags) == 12, "request.flags");
TURRET_STATIC_ASSERT(offsetof(struct turret_order_request, qty) == 16, "request.qty");
TURRET_STATIC_ASSERT(offsetof(struct turret_order_request, reason) == 40, "request.reason");
TURRET_STATIC_ASSERT(sizeof(struct turret_order) == 88, "turret_order");
TURRET_STATIC_ASSERT(offsetof(struct turret_order, side) == 16, "turret_order.side");
TURRET_STATIC_ASSERT(offsetof(struct turret_order, qty) == 32, "turret_order.qty");
TURRET_STATIC_ASSERT(offsetof(struct turret_order, created) == 72, "turret_order.created");
TURRET_STATIC_ASSERT(sizeof(struct turret_fill) == 64, "turret_fill");
TURRET_STATIC_ASSERT(offsetof(struct turret_fill, qty) == 32, "turret_fill.qty");

#ifdef __cplusplus
}
#endif

#endif
