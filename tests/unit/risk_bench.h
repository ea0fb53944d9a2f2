/* SPDX-License-Identifier: Apache-2.0 */
/* An engine for the tests of the risk gate: ask for an order, learn why it was denied. */
#ifndef TESTS_RISK_BENCH_H
#define TESTS_RISK_BENCH_H

#include "engine_rig.h"

#define UNIT    MONEY_NANO                 /* one unit of quantity in limits */
#define HUNDRED (INT64_C(100) * MONEY_ONE) /* the value of one at 100.00 */

static struct rig rig;

static inline struct rig_options risk_options(void)
{
    struct rig_options o = rig_defaults();
    o.strategies = 2;
    o.def.tick_size = 5;
    o.def.lot_size = 10;
    o.def.min_qty = 20;
    o.def.max_qty = 100000;
    return o;
}

static inline int open_rig(void **state)
{
    struct rig_options o = risk_options();
    (void)state;
    rig_open(&rig, &o);
    return 0;
}

static inline int close_rig(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

static inline struct risk_limits *all(void)
{
    return &rig.engine->options.risk;
}

static inline struct risk_limits *own(void)
{
    return &rig.engine->strategies[0].limits;
}

static inline uint32_t asked(struct turret_order_request request)
{
    uint64_t id = turret_submit(rig.self[0], &request);
    const struct order *order;
    assert_true(id != 0);
    rig_turn(&rig);
    order = engine_order(rig.engine, id);
    assert_non_null(order);
    assert_int_equal(order->state, order->denial ? TURRET_STATE_DENIED : TURRET_STATE_SENT);
    rig_check_reservations(&rig);
    return order->denial;
}

static inline struct turret_order_request want(uint8_t side, turret_qty qty,
                                               turret_price limit_price)
{
    return rig_request(rig.instrument[0], side, qty, limit_price);
}

static inline uint32_t buys(turret_qty qty, turret_price limit_price)
{
    return asked(want(TURRET_SIDE_BUY, qty, limit_price));
}

static inline uint32_t sells(turret_qty qty, turret_price limit_price)
{
    return asked(want(TURRET_SIDE_SELL, qty, limit_price));
}

/* Holds `qty` from now on, bought or sold at 100.00. */
static inline void hold(turret_qty qty)
{
    static uint32_t number;
    char execution[24];
    uint8_t side = qty > 0 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
    turret_qty size = qty > 0 ? qty : -qty;
    uint64_t id = rig_order(&rig, 0, side, size, 0);
    (void)snprintf(execution, sizeof execution, "hold%u", number++);
    rig_fill(&rig, id, execution, side, size, 10000);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_FILLED);
}

#define RISK_TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

#endif
