/* SPDX-License-Identifier: Apache-2.0 */
/* Two strategies on the instruments of two venues, and what people decide about them. */
#ifndef TESTS_TRADING_BENCH_H
#define TESTS_TRADING_BENCH_H

#include "engine_rig.h"

static struct rig rig;

static inline int open_two(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.strategies = o.venues = 2;
    rig_open(&rig, &o);
    return 0;
}

static inline int close_two(void **state)
{
    (void)state;
    rig_check_reservations(&rig);
    rig_close(&rig);
    return 0;
}

#define TRADING_TEST(name) cmocka_unit_test_setup_teardown(name, open_two, close_two)

static inline void decide(uint32_t kind, uint32_t scope, const char *name, int64_t value)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    event.u.control.kind = kind;
    event.u.control.target = scope;
    event.u.control.value = value;
    (void)snprintf(event.u.control.name, sizeof event.u.control.name, "%s", name);
    (void)snprintf(event.u.control.who, sizeof event.u.control.who, "uid 7");
    (void)snprintf(event.u.control.text, sizeof event.u.control.text, "drill");
    engine_ingest(rig.engine, &event);
}

#endif
