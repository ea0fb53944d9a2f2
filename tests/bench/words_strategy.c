/* SPDX-License-Identifier: Apache-2.0 */
/* What bench_swap.c exchanges, as a plugin for runners: a state of KILOBYTES in one field. */
#include <turret/strategy.h>

#define WORDS (KILOBYTES * 1024 / 8)

struct words {
    int64_t of[WORDS];
};

static const struct turret_field fields[] = {
    TURRET_FIELD(1, I64, struct words, of, WORDS, 0, "words"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    (void)self;
    (void)start;
    return turret_ok(err);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct words *s = turret_self(self);
    s->of[(uint64_t)bar->time / 8 % WORDS] += bar->close;
}

static const struct turret_strategy_type type = {
    .struct_size = (uint32_t)sizeof(struct turret_strategy_type),
    .state_size = (uint32_t)sizeof(struct words),
    .id = "bench.words",
    .version = "1.0.0",
    .summary = "keeps words",
    .fields = fields,
    .field_count = 1,
    .state_schema = 1,
    .on_start = on_start,
    .on_bar = on_bar,
};

TURRET_STRATEGY_TYPE("bench.words", "1.0.0", type);
