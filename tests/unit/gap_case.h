/* SPDX-License-Identifier: Apache-2.0 */
/* Orders, parts and exits, and what left of them, for the tests of the Knight gap. */
#ifndef TESTS_GAP_CASE_H
#define TESTS_GAP_CASE_H

#include "execution_case.h"

#define BUY  TURRET_SIDE_BUY
#define SELL TURRET_SIDE_SELL

static inline enum trading_state trading_state_of(uint32_t strategy)
{
    return engine_trading_state(rig.engine, TRADING_STRATEGY, strategy == ASKS ? "a0" : "b1");
}

static inline struct order *order_of(uint64_t id)
{
    return order_table_find(rig.engine->orders, id);
}

static inline struct sending *sending_of(uint64_t id)
{
    return gap_of(rig.engine, order_of(id));
}

static inline uint64_t buys(turret_qty qty)
{
    uint64_t id = rig_order(&rig, ASKS, TURRET_SIDE_BUY, qty, 9900);
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, qty, 0, 0);
    return id;
}

static inline void changes(uint32_t strategy, uint64_t id, turret_qty qty, turret_price limit_price)
{
    assert_int_equal(turret_modify(rig.self[strategy], id, qty, limit_price, 0), TURRET_OK);
    rig_turn(&rig);
}

static inline void answered(uint64_t id, uint32_t outcome)
{
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, order_of(id)->request_version, outcome);
}

static inline void keep_back(uint64_t id)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    event.u.control.kind = CONTROL_KEPT_BACK;
    event.u.control.target = DENY_NOT_SENT;
    event.u.control.value = (int64_t)id;
    (void)snprintf(event.u.control.text, sizeof event.u.control.text, "not sent: rate limit");
    engine_ingest(rig.engine, &event);
}

static inline void split(uint32_t numerator, uint32_t denominator)
{
    struct event event = rig_event(&rig, EVENT_SPLIT);
    event.venue = 0;
    event.u.split.instrument = rig.instrument[0];
    event.u.split.numerator = numerator;
    event.u.split.denominator = denominator;
    event.u.split.time = event.time;
    engine_ingest(rig.engine, &event);
}

static inline void all_trade(void)
{
    if (rig.engine->trading.count)
        fail_msg("%s", rig.last_notice[NOTICE_ALARM]);
}

static inline void halted(const char *text)
{
    const struct trading_latch *latch = &rig.engine->trading.latches[0];
    assert_int_equal(trading_state_of(ASKS), TRADING_HALTED);
    assert_int_equal(rig.engine->trading.count, 1); /* and nothing else */
    assert_string_equal(latch->who, "host");
    assert_string_equal(latch->reason, "more orders out than asked for");
    if (!strstr(rig.last_notice[NOTICE_ALARM], text))
        fail_msg("%s", rig.last_notice[NOTICE_ALARM]);
}

/* A position of the strategy's that asks. */
static inline void hold(turret_qty qty)
{
    struct turret_order_request request = rig_request(rig.instrument[0], BUY, qty, 0);
    rig_fill(&rig, asks(ASKS, &request), "held", BUY, qty, 10000);
}

/* An order as code would make one that asks nobody. */
static inline struct order *made_up(uint8_t role, uint8_t side, turret_qty qty)
{
    struct order draft;
    held_draft(rig.engine, &draft, ASKS, rig.instrument[0], "made up");
    draft.role = role;
    draft.side = side;
    draft.type = TURRET_ORDER_MARKET;
    draft.qty = qty;
    return held_add(rig.engine, &draft);
}

static inline struct order *made_up_part(uint64_t parent, turret_qty qty)
{
    struct order *part = made_up(ORDER_SLICE, TURRET_SIDE_BUY, qty);
    part->parent = parent;
    return part;
}

static inline uint64_t working_part(uint64_t parent, turret_qty qty)
{
    uint64_t part = part_of(parent, qty, 9900);
    assert_int_equal(denial_of(part), DENY_NONE);
    rig_state_of(&rig, part, TURRET_STATE_ACCEPTED, qty, 0, 0);
    all_trade();
    return part;
}

#endif
