/* SPDX-License-Identifier: Apache-2.0 */
/* An indicator instance's life on the bench. */
#include "check/check_indicator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GUARD_SIZE 64
#define GUARD_BYTE 0xa5
#define STATE_MAX  (UINT64_C(16) << 20)

void indicator_bench_init(struct indicator_bench *bench, struct check *check,
                          const struct plugin_offer *offer, const struct check_values *values)
{
    uint64_t size;
    memset(bench, 0, sizeof *bench);
    bench->check = check;
    bench->type = &offer->indicator;
    bench->values = values;
    bench->digest = CHECK_DIGEST_START;
    check_stage(check, "state_size");
    size = bench->type->state_size(values->bound);
    check_stage(check, "");
    if (size > STATE_MAX)
        check_fail(check, "state_size says %llu bytes, at most 16 MiB are taken",
                   (unsigned long long)size);
    bench->size = (size_t)size;
    bench->block = malloc(bench->size + 2 * GUARD_SIZE);
    if (!bench->block)
        check_fail(check, "no memory for %zu bytes of state", bench->size);
    memset(bench->block, GUARD_BYTE, bench->size + 2 * GUARD_SIZE);
    bench->state = bench->block + GUARD_SIZE;
    memset(bench->state, 0, bench->size);
}

static void look_at_guards(struct indicator_bench *bench)
{
    const uint8_t *behind = bench->block + GUARD_SIZE + bench->size;
    for (size_t i = 0; i < GUARD_SIZE; i++)
        if (bench->block[i] != GUARD_BYTE || behind[i] != GUARD_BYTE)
            check_fail(bench->check, "writes outside its %zu bytes of state", bench->size);
}

int indicator_bench_try_start(struct indicator_bench *bench, struct turret_error *why)
{
    int status;
    memset(why, 0, sizeof *why);
    check_stage(bench->check, "start");
    status = bench->type->start(bench->state, bench->values->bound, why);
    why->text[sizeof why->text - 1] = '\0';
    if (status && (status > 0 || status < TURRET_EBUSY || !why->text[0] || strchr(why->text, '\n')))
        check_fail(bench->check, "start refuses with status %d and the text '%.200s'", status,
                   why->text);
    check_stage(bench->check, "lookback");
    if (status == TURRET_OK)
        bench->lookback = bench->type->lookback(bench->values->bound);
    check_stage(bench->check, "");
    look_at_guards(bench);
    return status;
}

void indicator_bench_begin(struct indicator_bench *bench, struct check *check,
                           const struct plugin_offer *offer, const struct check_values *values)
{
    struct turret_error why;
    indicator_bench_init(bench, check, offer, values);
    if (indicator_bench_try_start(bench, &why))
        check_fail(check, "start refuses: %s", why.text);
}

void indicator_bench_finish(struct indicator_bench *bench)
{
    look_at_guards(bench);
    free(bench->block);
    bench->block = NULL;
}

void indicator_bench_feed(struct indicator_bench *bench, const struct turret_candle *candle)
{
    int32_t answer;
    memset(bench->out, 0, sizeof bench->out);
    check_stage(bench->check, "update");
    answer = bench->type->update(bench->state, candle, bench->out);
    check_stage(bench->check, "");
    bench->fed++;
    if (answer != 0 && answer != 1)
        check_fail(bench->check, "update answers %d at bar %u, 0 or 1 was expected", answer,
                   bench->fed);
    if (answer == 0 && bench->ready)
        check_fail(bench->check, "was ready and no longer is at bar %u", bench->fed);
    if (answer == 1 && !bench->ready && bench->fed != bench->lookback + 1)
        check_fail(bench->check, "is ready at bar %u, lookback says %u pass before", bench->fed,
                   bench->lookback);
    if (answer == 0 && bench->fed > bench->lookback)
        check_fail(bench->check, "is not ready at bar %u, lookback says %u pass before", bench->fed,
                   bench->lookback);
    bench->ready = answer == 1;
    for (uint32_t o = 0; answer == 1 && o < bench->type->output_count; o++)
        if (!isfinite(bench->out[o]))
            check_fail(bench->check, "%s is %f at bar %u: not a number that can be used",
                       bench->type->output_names[o], bench->out[o], bench->fed);
    if (answer == 1)
        bench->digest = check_digest(bench->digest, bench->out,
                                     bench->type->output_count * sizeof bench->out[0]);
    look_at_guards(bench);
}

void indicator_bench_run(struct indicator_bench *bench, struct check_tape *tape, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct turret_bar bar = check_tape_next(tape, 1);
        struct turret_candle candle = check_tape_candle(&bar);
        indicator_bench_feed(bench, &candle);
    }
}
