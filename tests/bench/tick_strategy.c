/* SPDX-License-Identifier: Apache-2.0 */
/* What tick_chain.c decides, as a plugin: an average of trades, and a target with every trade. */
#include <turret/strategy.h>

struct ticks {
    double average;
    int64_t wanted;
    int32_t eager, reserved;
};

static const struct turret_param params[] = {
    TURRET_PARAM_BOOL(1, "eager", 0, "another wish with every tick"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    ((struct ticks *)turret_self(self))->eager = turret_param_int(start, 1);
    return turret_ok(err);
}

static void on_trade(struct turret_strategy *self, const struct turret_trade *trade)
{
    struct ticks *s = turret_self(self);
    s->average += ((double)trade->price - s->average) * 0.0625;
    if (s->eager)
        s->wanted = !s->wanted;
    else
        s->wanted = (double)trade->price < s->average;
    (void)turret_target(self, trade->instrument, s->wanted, "average");
}

static const struct turret_strategy_type type = {
    .struct_size = (uint32_t)sizeof(struct turret_strategy_type),
    .state_size = (uint32_t)sizeof(struct ticks),
    .id = "bench.ticks",
    .version = "1.0.0",
    .summary = "a target with every trade",
    .params = params,
    .param_count = 1,
    .state_schema = 1,
    .on_start = on_start,
    .on_trade = on_trade,
};

TURRET_STRATEGY_TYPE("bench.ticks", "1.0.0", type);
