/* SPDX-License-Identifier: Apache-2.0 */
/* What a venue says of fills, and what of them is in the books. */
#ifndef TESTS_FILLS_CASE_H
#define TESTS_FILLS_CASE_H

#include "engine_case.h"

#define MONEY(hundredths) ((hundredths)*MONEY_ONE / 100)

static inline struct event fill_of(uint64_t id, const char *execution, uint8_t side, turret_qty qty,
                                   turret_price price)
{
    struct event event = rig_event(&rig, EVENT_FILL);
    event.venue = 0;
    event.u.fill.order_id = id;
    event.u.fill.instrument = rig.instrument[0];
    event.u.fill.side = side;
    event.u.fill.qty = qty;
    event.u.fill.price = price;
    (void)snprintf(event.u.fill.execution_id, 40, "%s", execution);
    return event;
}

static inline void take_back(const char *execution, const char *corrected, turret_qty qty,
                             turret_price price)
{
    struct event event = rig_event(&rig, EVENT_BUST);
    event.venue = 0;
    (void)snprintf(event.u.bust.execution_id, 40, "%s", execution);
    (void)snprintf(event.u.bust.new_execution_id, 40, "%s", corrected);
    event.u.bust.corrected_qty = qty;
    event.u.bust.corrected_price = price;
    engine_ingest(rig.engine, &event);
}

static inline turret_qty held(void)
{
    return rig_account_position(&rig, 0)->qty;
}

static inline turret_money cash(void)
{
    return engine_account(rig.engine, 0)->cash;
}

#endif
