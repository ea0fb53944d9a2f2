/* SPDX-License-Identifier: Apache-2.0 */
/* Two strategies for the tests of execution: one asks, the other works its orders. */
#ifndef TESTS_EXECUTION_CASE_H
#define TESTS_EXECUTION_CASE_H

#include "engine_rig.h"

#define ASKS  0 /* strategy "a0" wants to trade */
#define WORKS 1 /* strategy "b1" works its orders */

static struct rig rig;
static struct heard {
    uint32_t parents, children, fills_here, fills_there;
    uint64_t parent, filled_order;
    uint8_t parent_state;
    turret_qty parent_filled;
} heard;

static inline void on_order(struct turret_strategy *self, const struct turret_order *order)
{
    if (self == rig.self[WORKS] && order->parent) {
        heard.children++;
    } else if (self == rig.self[WORKS]) {
        heard.parents++;
        heard.parent = order->id;
        heard.parent_state = order->state;
        heard.parent_filled = order->filled_qty;
    } else {
        assert_int_equal(order->parent && !order->denial, 0); /* of its parts it does not hear */
    }
}

static inline void on_fill(struct turret_strategy *self, const struct turret_fill *fill)
{
    if (self == rig.self[ASKS]) {
        heard.fills_here++;
        heard.filled_order = fill->order_id;
    } else {
        heard.fills_there++;
    }
}

static inline int open_rig(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.strategies = 2;
    rig_open(&rig, &o);
    memset(&heard, 0, sizeof heard);
    rig_script.on_order = on_order;
    rig_script.on_fill = on_fill;
    return 0;
}

static inline int close_rig(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

static inline uint64_t asks(uint32_t strategy, const struct turret_order_request *request)
{
    uint64_t id = turret_submit(rig.self[strategy], request);
    assert_true(id != 0);
    rig_turn(&rig);
    return id;
}

static inline struct turret_order_request wanted(turret_qty qty, turret_price limit_price)
{
    struct turret_order_request request =
        rig_request(rig.instrument[0], TURRET_SIDE_BUY, qty, limit_price);
    memcpy(request.execution, "b1", 3);
    return request;
}

static inline uint64_t parent_of(turret_qty qty, turret_price limit_price)
{
    struct turret_order_request request = wanted(qty, limit_price);
    return asks(ASKS, &request);
}

static inline uint64_t part_of(uint64_t parent, turret_qty qty, turret_price limit_price)
{
    struct turret_order_request request =
        rig_request(rig.instrument[0], TURRET_SIDE_BUY, qty, limit_price);
    request.parent = parent;
    return asks(WORKS, &request);
}

static inline uint8_t state_of(uint64_t id)
{
    return engine_order(rig.engine, id)->state;
}

static inline uint32_t denial_of(uint64_t id)
{
    return engine_order(rig.engine, id)->denial;
}

static inline turret_qty held_by(uint32_t strategy)
{
    return turret_position(rig.self[strategy], rig.instrument[0]);
}

#endif
