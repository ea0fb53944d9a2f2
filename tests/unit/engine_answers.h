/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a test lets its strategies ask and its venues answer. Included by engine_rig.h only.
 */
#ifndef TESTS_ENGINE_ANSWERS_H
#define TESTS_ENGINE_ANSWERS_H

/* ---- asking and answering ---- */

static inline struct turret_order_request rig_request(turret_instrument instrument, uint8_t side,
                                                      turret_qty qty, turret_price limit_price)
{
    struct turret_order_request request;
    memset(&request, 0, sizeof request);
    request.struct_size = (uint32_t)sizeof request;
    request.instrument = instrument;
    request.side = side;
    request.type = limit_price ? TURRET_ORDER_LIMIT : TURRET_ORDER_MARKET;
    request.qty = qty;
    request.limit_price = limit_price;
    return request;
}

/* Asks and lets it be processed; answers the id. */
static inline uint64_t rig_order(struct rig *rig, uint32_t strategy, uint8_t side, turret_qty qty,
                                 turret_price limit_price)
{
    struct turret_order_request request = rig_request(rig->instrument[0], side, qty, limit_price);
    uint64_t id = turret_submit(rig->self[strategy], &request);
    rig_turn(rig);
    return id;
}

static inline void rig_ack(struct rig *rig, uint64_t id, uint32_t kind, uint32_t request,
                           uint32_t outcome)
{
    struct event event = rig_event(rig, EVENT_ACK);
    event.venue = 0;
    event.u.ack.order_id = id;
    event.u.ack.kind = kind;
    event.u.ack.request = request;
    event.u.ack.outcome = outcome;
    engine_ingest(rig->engine, &event);
}

/* Its venue does not find it, and time goes on there until it cannot arrive any more. */
static inline void rig_missed(struct rig *rig, uint64_t id)
{
    rig_ack(rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    rig->time += ORDER_DEADLINE_NS + 3 * MONEY_NANO;
}

static inline void rig_fill(struct rig *rig, uint64_t id, const char *execution, uint8_t side,
                            turret_qty qty, turret_price price)
{
    struct event event = rig_event(rig, EVENT_FILL);
    event.venue = 0;
    event.u.fill.order_id = id;
    event.u.fill.instrument = rig->instrument[0];
    event.u.fill.side = side;
    event.u.fill.qty = qty;
    event.u.fill.price = price;
    (void)snprintf(event.u.fill.execution_id, sizeof event.u.fill.execution_id, "%s", execution);
    engine_ingest(rig->engine, &event);
}

/* The order as the venue has it; quantities are the order's own unless changed by the caller. */
static inline struct event rig_told(struct rig *rig, uint64_t id, uint8_t state, turret_qty qty,
                                    turret_qty filled)
{
    struct event event = rig_event(rig, EVENT_ORDER);
    const struct order *order = engine_order(rig->engine, id);
    event.venue = 0;
    event.u.order.order_id = id;
    event.u.order.instrument = rig->instrument[0];
    event.u.order.state = state;
    event.u.order.side = order ? order->side : TURRET_SIDE_BUY;
    event.u.order.qty = qty;
    event.u.order.filled_qty = filled;
    event.u.order.limit_price = order ? order->limit_price : 0;
    event.u.order.stop_price = order ? order->stop_price : 0;
    return event;
}

static inline void rig_state_of(struct rig *rig, uint64_t id, uint8_t state, turret_qty qty,
                                turret_qty filled, uint32_t snapshot)
{
    struct event event = rig_told(rig, id, state, qty, filled);
    event.u.order.snapshot = snapshot;
    engine_ingest(rig->engine, &event);
}

static inline const struct position *rig_account_position(const struct rig *rig, uint32_t i)
{
    return &rig->engine->positions[rig->engine->instruments[rig->instrument[i]].account_position];
}

static inline const struct position *rig_own(const struct rig *rig, uint32_t strategy, uint32_t i)
{
    return strategy_position(rig->engine, &rig->engine->strategies[strategy], rig->instrument[i]);
}

/* Open counters and reservations recomputed from the orders themselves. */
static inline void rig_check_reservations(const struct rig *rig)
{
    const struct engine *engine = rig->engine;
    const struct order *order;
    uint32_t cursor, p, working = 0, counted = 0;
    for (p = 0; p < engine->position_count; p++) {
        const struct position *position = &engine->positions[p];
        turret_qty buy = 0, sell = 0;
        for (cursor = 0; (order = order_table_next(engine->orders, &cursor)) != NULL;) {
            if (!order_is_working(order) || (order->held & HELD_EXEMPT) ||
                order->instrument != position->instrument ||
                (position->strategy != POSITION_OF_ACCOUNT &&
                 position->strategy != order->strategy))
                continue;
            *(order->side == TURRET_SIDE_BUY ? &buy : &sell) += order_leaves(order);
        }
        assert_int_equal(position->open_buy, buy);
        assert_int_equal(position->open_sell, sell);
    }
    for (cursor = 0; (order = order_table_next(engine->orders, &cursor)) != NULL;)
        working += order_is_working(order);
    for (p = 0; p < engine->venue_count; p++)
        counted += engine->venues[p].working;
    assert_int_equal(counted, working);
}

#endif
