/* SPDX-License-Identifier: Apache-2.0 */
/* Orders of one strategy, and what a test looks at when venues tell of them. */
#ifndef TESTS_REPORTS_BENCH_H
#define TESTS_REPORTS_BENCH_H

#include "engine_case.h"

static inline uint8_t state_of(uint64_t id)
{
    assert_non_null(engine_order(rig.engine, id));
    return engine_order(rig.engine, id)->state;
}

static inline uint64_t bought(turret_qty qty)
{
    return rig_order(&rig, 0, TURRET_SIDE_BUY, qty, 9000);
}

static inline uint64_t accepted(turret_qty qty)
{
    uint64_t id = bought(qty);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(state_of(id), TURRET_STATE_ACCEPTED);
    return id;
}

static inline enum command_kind last_command(void)
{
    return rig.commands[rig.command_count - 1].kind;
}

static inline turret_qty open_buy(void)
{
    return rig_account_position(&rig, 0)->open_buy;
}

static inline void two_venues(void)
{
    struct rig_options o = rig_defaults();
    o.venues = 2;
    rig_close(&rig);
    rig_open(&rig, &o);
}

#endif
