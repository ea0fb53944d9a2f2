/* SPDX-License-Identifier: Apache-2.0 */
/* What a venue says of its books, what the session finds and what people decide. */
#ifndef TESTS_RECONCILE_CASE_H
#define TESTS_RECONCILE_CASE_H

#include "engine_case.h"

static inline void position_is(uint32_t which, turret_qty qty)
{
    struct event event = rig_event(&rig, EVENT_POSITION);
    event.venue = 0;
    event.u.position.instrument = rig.instrument[which];
    event.u.position.qty = qty;
    engine_ingest(rig.engine, &event);
}

static inline void cash_is(turret_money cash)
{
    struct event event = rig_event(&rig, EVENT_BALANCE);
    event.venue = 0;
    memcpy(event.u.balance.currency, "USD", 4);
    event.u.balance.cash = cash;
    engine_ingest(rig.engine, &event);
}

static inline uint32_t asked_for(uint32_t which)
{
    struct turret_order_request request =
        rig_request(rig.instrument[which], TURRET_SIDE_BUY, 1, 9000);
    uint64_t id = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    return engine_order(rig.engine, id)->denial;
}

static inline void decide(uint32_t kind, uint32_t target, int64_t value)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    event.u.control.kind = kind;
    event.u.control.target = target;
    event.u.control.value = value;
    memcpy(event.u.control.currency, value ? "" : "USD", value ? 1 : 4);
    (void)snprintf(event.u.control.text, sizeof event.u.control.text, "uid 7: asked the broker");
    engine_ingest(rig.engine, &event);
}

static inline void found(uint32_t kind, int64_t value, int64_t doubt)
{
    struct event event = rig_event(&rig, EVENT_DIFFERENCE);
    event.venue = 0;
    event.u.difference.kind = kind;
    event.u.difference.value = value;
    event.u.difference.doubt = doubt;
    engine_ingest(rig.engine, &event);
}

static inline void bust(const char *execution)
{
    struct event event = rig_event(&rig, EVENT_BUST);
    event.venue = 0;
    (void)snprintf(event.u.bust.execution_id, 40, "%s", execution);
    engine_ingest(rig.engine, &event);
}

#endif
