/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine that the core's targets throw bytes at: two venues, two instruments, three strategies
 * that trade, indicators. From tests/unit/engine_rig.h.
 */
#ifndef TESTS_FUZZ_BENCH_H
#define TESTS_FUZZ_BENCH_H

#include "fuzz.h"

#define RIG_COMMANDS 64 /* clearing 4096 takes longer than most inputs; none is looked at */
#include "../unit/engine_rig.h"

static struct rig rig;

static inline void bench_trade(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct rig_state *state = turret_self(self);
    struct turret_order_request request;
    if (state->bars % 3 == 0)
        (void)turret_target(self, bar->instrument, state->bars % 2 ? 10 : -7, "wish");
    if (state->bars % 4 == 0) {
        request = rig_request(bar->instrument, TURRET_SIDE_SELL, 4, bar->close);
        (void)turret_submit(self, &request);
    }
    if (state->bars % 5 == 0)
        (void)turret_timer(self, 1, bar->time + 3 * RIG_MINUTE);
    turret_score(self, bar->instrument, 0.5, "because");
}

static inline struct rig_options bench_options(void)
{
    struct rig_options o = rig_defaults();
    o.strategies = 3;
    o.venues = 2;
    o.engine.orders_max = 64;
    o.engine.executions_max = 32;
    rig_script.use[0] = "mean(6)";
    rig_script.use[1] = "bmean(9)";
    rig_script.on_bar = bench_trade;
    return o;
}

/* What must hold of an engine whatever it was told. */
static inline void bench_check(void)
{
    size_t size = engine_snapshot(rig.engine, NULL, 0);
    uint8_t *bytes = malloc(size);
    FUZZ_MUST(bytes);
    FUZZ_MUST(engine_snapshot(rig.engine, bytes, size) == size);
    free(bytes);
    FUZZ_MUST(engine_now(rig.engine) >= 0 && engine_now(rig.engine) <= EVENT_TIME_MAX);
    rig_check_reservations(&rig);
}

/* Some orders, fills and bars. */
static inline void bench_busy(uint32_t bars)
{
    uint32_t i, cursor;
    const struct order *order;
    char execution[16];
    for (i = 0; i < bars; i++) {
        rig_bar(&rig, rig.instrument[i % 2], 10000 + i % 7 * 10);
        cursor = i % 3;
        order = order_table_next(rig.engine->orders, &cursor);
        if (!order || !order_is_working(order) || order->venue != 0)
            continue;
        (void)snprintf(execution, sizeof execution, "x%u", i);
        rig_ack(&rig, order->id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
        rig_fill(&rig, order->id, execution, order->side, 1, 10000);
    }
}

#endif
