/* SPDX-License-Identifier: Apache-2.0 */
/* State: what is saved comes back as it was, and what is not a state is refused. */
#include "check/check_groups.h"
#include "check/check_indicator.h"
#include "check/check_strategy.h"

#include <stdlib.h>
#include <string.h>

#define EVENTS        200
#define CUTS_MAX      4096
#define NOISE_ROUNDS  200
#define RANDOM_ROUNDS 100

/* A strategy that ran, and what it saved. */
static void prepare(struct check *check, const struct plugin_offer *offer,
                    struct check_values *values, struct strategy_bench *bench,
                    struct bench_bytes *saved, size_t *fields_size)
{
    struct check_tape tape;
    check_values_begin(values, check, offer);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    strategy_bench_init(bench, check, offer, values);
    strategy_bench_start(bench, TURRET_REASON_FIRST);
    strategy_bench_run(bench, &tape, EVENTS);
    strategy_bench_save(bench, saved, fields_size);
}

static const char *field_at(const struct turret_strategy_type *type, size_t offset)
{
    size_t at = 0;
    for (uint32_t i = 0; i < type->field_count; i++) {
        at +=
            (size_t)type->fields[i].count * (type->fields[i].type == TURRET_FIELD_TYPE_I32 ? 4 : 8);
        if (offset < at)
            return type->fields[i].name;
    }
    return "the stream";
}

static void compare(struct check *check, const struct turret_strategy_type *type,
                    const struct bench_bytes *a, const struct bench_bytes *b, const char *when)
{
    size_t i = 0;
    if (a->used != b->used)
        check_fail(check, "saves %zu bytes %s, %zu before", b->used, when, a->used);
    while (i < a->used && a->bytes[i] == b->bytes[i])
        i++;
    if (i < a->used)
        check_fail(check, "%s is not what it was %s", field_at(type, i), when);
}

void check_state_fields(struct check *check, const struct plugin_offer *offer)
{
    static const uint32_t reasons[] = {TURRET_REASON_RESTART, TURRET_REASON_SWAP_IN,
                                       TURRET_REASON_PARAMS};
    static struct strategy_bench bench, again;
    static struct check_values values;
    struct bench_bytes saved = {0}, back = {0};
    struct turret_error why;
    size_t fields_size, size, whole;
    if (offer->strategy.field_count == 0) {
        check_skip(check, "it has no saved fields");
        return;
    }
    prepare(check, offer, &values, &bench, &saved, &fields_size);
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        strategy_bench_init(&again, check, offer, &values);
        strategy_bench_take_over(&again, &bench);
        if (strategy_bench_restore(&again, &saved, fields_size, &why))
            check_fail(check, "load refuses what save gave: %s", why.text);
        strategy_bench_start(&again, reasons[i]);
        strategy_bench_save(&again, &back, &size);
        whole = saved.used;
        saved.used = back.used = fields_size;
        compare(check, &offer->strategy, &saved, &back, "after a restart");
        saved.used = whole;
        strategy_bench_finish(&again, TURRET_REASON_SHUTDOWN);
    }
    strategy_bench_finish(&bench, TURRET_REASON_SHUTDOWN);
}

void check_state_stream(struct check *check, const struct plugin_offer *offer)
{
    static const size_t pieces[] = {0, 1, 2, 3, 5, 7, 11, 13, 127, 1021};
    static struct strategy_bench bench, again;
    static struct check_values values;
    struct bench_bytes saved = {0}, back = {0};
    struct turret_error why;
    size_t fields_size, size;
    if (!offer->strategy.save) {
        check_skip(check, "it has no stream of its own");
        return;
    }
    prepare(check, offer, &values, &bench, &saved, &fields_size);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        char when[64];
        saved.piece_max = back.piece_max = pieces[i];
        (void)snprintf(when, sizeof when, "after reads and writes of %zu bytes", pieces[i]);
        strategy_bench_init(&again, check, offer, &values);
        if (strategy_bench_restore(&again, &saved, fields_size, &why))
            check_fail(check, "load refuses %s: %s", when, why.text);
        strategy_bench_save(&again, &back, &size);
        compare(check, &offer->strategy, &saved, &back, when);
        strategy_bench_finish(&again, TURRET_REASON_SHUTDOWN);
    }
    strategy_bench_finish(&bench, TURRET_REASON_SHUTDOWN);
}

/* load() of `size` bytes of *bytes must answer a status and a text. */
static void must_refuse(struct check *check, const struct plugin_offer *offer,
                        struct check_values *values, const struct bench_bytes *bytes,
                        size_t fields_size, const char *what)
{
    static struct strategy_bench bench;
    struct turret_error why;
    strategy_bench_init(&bench, check, offer, values);
    if (strategy_bench_restore(&bench, bytes, fields_size, &why) == TURRET_OK)
        check_fail(check, "load takes %s", what);
    if (!why.text[0])
        check_fail(check, "load refuses %s without a text", what);
    strategy_bench_finish(&bench, TURRET_REASON_SHUTDOWN);
}

static void cut_everywhere(struct check *check, const struct plugin_offer *offer,
                           struct check_values *values, struct bench_bytes *saved,
                           size_t fields_size)
{
    size_t whole = saved->used, stream = whole - fields_size;
    size_t step = stream / CUTS_MAX + 1;
    for (size_t at = 0; at < stream; at += step) {
        char what[80];
        saved->used = fields_size + at;
        (void)snprintf(what, sizeof what, "its first %zu of %zu bytes", at, stream);
        must_refuse(check, offer, values, saved, fields_size, what);
    }
    saved->used = whole;
}

/* Random bytes in place of a stream may be refused or taken; they may not harm. */
static void make_noise(struct check *check, const struct plugin_offer *offer,
                       struct check_values *values, struct bench_bytes *saved, size_t fields_size)
{
    static struct strategy_bench bench;
    uint64_t random = check->seed * 2 + 1;
    for (int round = 0; round < NOISE_ROUNDS; round++) {
        struct turret_error why;
        struct check_tape tape;
        for (size_t i = fields_size; i < saved->used; i++)
            if (round % 2 || check_random(&random) % 16 == 0)
                saved->bytes[i] = (uint8_t)check_random(&random);
        strategy_bench_init(&bench, check, offer, values);
        bench.lenient = true;
        if (strategy_bench_restore(&bench, saved, fields_size, &why) == TURRET_OK &&
            strategy_bench_try_start(&bench, TURRET_REASON_RESTART, &why) == TURRET_OK) {
            check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
            strategy_bench_run(&bench, &tape, EVENTS / 10);
        }
        strategy_bench_finish(&bench, TURRET_REASON_SHUTDOWN);
    }
}

void check_state_refuses(struct check *check, const struct plugin_offer *offer)
{
    static struct strategy_bench bench;
    static struct check_values values;
    struct bench_bytes saved = {0};
    size_t fields_size;
    if (!offer->strategy.load) {
        check_skip(check, "it has no stream of its own");
        return;
    }
    prepare(check, offer, &values, &bench, &saved, &fields_size);
    if (check->row->variant == CHECK_STATE_EMPTY) {
        saved.used = fields_size;
        must_refuse(check, offer, &values, &saved, fields_size, "an empty stream");
    } else if (check->row->variant == CHECK_STATE_TRUNCATED) {
        cut_everywhere(check, offer, &values, &saved, fields_size);
    } else {
        make_noise(check, offer, &values, &saved, fields_size);
    }
    strategy_bench_finish(&bench, TURRET_REASON_SHUTDOWN);
}

/* Any bits in the saved fields: a store can be damaged, a converter can be wrong. */
void check_state_random(struct check *check, const struct plugin_offer *offer)
{
    static struct strategy_bench bench, again;
    static struct check_values values;
    struct bench_bytes saved = {0};
    uint64_t random = check->seed * 2 + 1;
    size_t fields_size;
    if (offer->strategy.field_count == 0) {
        check_skip(check, "it has no saved fields");
        return;
    }
    prepare(check, offer, &values, &bench, &saved, &fields_size);
    for (int round = 0; round < RANDOM_ROUNDS; round++) {
        struct turret_error why;
        struct check_tape tape;
        for (size_t i = 0; i < fields_size; i++)
            saved.bytes[i] = round % 4 == 0   ? 0xff
                             : round % 4 == 1 ? 0x7f
                                              : (uint8_t)check_random(&random);
        strategy_bench_init(&again, check, offer, &values);
        again.lenient = true;
        if (strategy_bench_restore(&again, &saved, fields_size, &why) == TURRET_OK &&
            strategy_bench_try_start(&again, TURRET_REASON_RESTART, &why) == TURRET_OK) {
            check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
            strategy_bench_run(&again, &tape, EVENTS / 10);
        }
        strategy_bench_finish(&again, TURRET_REASON_SHUTDOWN);
    }
    strategy_bench_finish(&bench, TURRET_REASON_SHUTDOWN);
}

/* The host moves an indicator's state by its bytes: no pointers in it. */
void check_state_moved(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    struct indicator_bench stays, moves;
    struct check_tape tape, same;
    check_values_begin(&values, check, offer);
    indicator_bench_begin(&stays, check, offer, &values);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    indicator_bench_run(&stays, &tape, EVENTS);
    indicator_bench_begin(&moves, check, offer, &values);
    moves.fed = stays.fed;
    moves.ready = stays.ready;
    moves.digest = stays.digest;
    if (moves.size > 0)
        memcpy(moves.state, stays.state, moves.size);
    same = tape;
    indicator_bench_run(&stays, &tape, EVENTS);
    if (stays.size > 0)
        memset(stays.state, 0xff, stays.size);
    indicator_bench_run(&moves, &same, EVENTS);
    if (moves.digest != stays.digest)
        check_fail(check, "its values differ after its state was moved by bytes: a pointer in it, "
                          "or state elsewhere");
    indicator_bench_finish(&moves);
    indicator_bench_finish(&stays);
}
