/* SPDX-License-Identifier: Apache-2.0 */
/* One indicator instance on a bench; a breach of the contract fails the check. */
#ifndef CHECK_CHECK_INDICATOR_H
#define CHECK_CHECK_INDICATOR_H

#include "check/check_tape.h"
#include "check/check_values.h"

#include <turret/indicator.h>

struct indicator_bench {
    struct check *check;
    const struct turret_indicator_type *type;
    const struct check_values *values;
    uint8_t *block; /* state with guards before and behind */
    void *state;
    size_t size;
    uint32_t lookback, fed;
    bool ready;
    double out[TURRET_OUTPUTS_MAX];
    uint64_t digest; /* of all outputs */
};

/* state_size() and a zeroed state. */
void indicator_bench_init(struct indicator_bench *bench, struct check *check,
                          const struct plugin_offer *offer, const struct check_values *values);
/* start() and lookback(); answers start()'s status. A refusal without a text fails the check. */
int indicator_bench_try_start(struct indicator_bench *bench, struct turret_error *why);
/* Both; a refusal fails the check. */
void indicator_bench_begin(struct indicator_bench *bench, struct check *check,
                           const struct plugin_offer *offer, const struct check_values *values);
void indicator_bench_finish(struct indicator_bench *bench);
/* update(): ready when lookback() says, finite then, inside its state. */
void indicator_bench_feed(struct indicator_bench *bench, const struct turret_candle *candle);
void indicator_bench_run(struct indicator_bench *bench, struct check_tape *tape, uint32_t count);

#endif
