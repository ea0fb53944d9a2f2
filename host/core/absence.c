/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether an order whose venue does not find it can still arrive there. Told by that venue's own
 * time alone: the core's is the newest of all venues, and what another one's clock says proves
 * nothing here. Where the session has a clock of this machine stand for a venue's, it sees to it
 * that nobody sets that one, and that stretches are not told by one clock and then the other.
 */
#include "core/state.h"

turret_time_ns absence_time_of(const struct engine *engine, const struct event *event)
{
    return event->behind_s == EVENT_UNTIMED ? engine->venues[event->venue].told
                                            : event->time - event->behind_s * MONEY_NANO;
}

/* The journal has it with the event, whose time is the core's there. */
void absence_hear(struct engine *engine, struct event *event)
{
    bool timed = event->time > 0 && event->time <= EVENT_TIME_MAX;
    turret_time_ns told;
    if (event->behind_s == 0 && !timed)
        event->behind_s = EVENT_UNTIMED;
    else if (event->behind_s == 0 && event->time < engine->now)
        event->behind_s = (uint32_t)((engine->now - event->time + MONEY_NANO - 1) / MONEY_NANO);
    if (!timed || event->time < engine->now)
        event->time = engine->now;
    told = absence_time_of(engine, event);
    if (told > engine->venues[event->venue].told)
        engine->venues[event->venue].told = told;
}

/* Rounded up: what was told is known to the second. */
void absence_begin(const struct engine *engine, struct order *order)
{
    turret_time_ns told = engine->venues[order->venue].told;
    if (order->missed_s == 0 && told > 0)
        order->missed_s = (uint32_t)(told / MONEY_NANO) + 2;
}

bool absence_is_late(const struct engine *engine, const struct order *order, turret_time_ns told)
{
    const struct venue *venue = &engine->venues[order->venue];
    return order->missed_s != 0 && told - venue->skew_ns - venue->skew_doubt_ns > order->deadline &&
           told - order->missed_s * MONEY_NANO > ORDER_DEADLINE_NS;
}

bool absence_counts(const struct engine *engine, const struct order *order)
{
    return order->state != TURRET_STATE_UNKNOWN || order_was_there(order) ||
           absence_is_late(engine, order, engine->venues[order->venue].told);
}
