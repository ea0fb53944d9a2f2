/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indicators whose code runs in a runner. Their callbacks are given a state and no word of whose it
 * is, so each isolated indicator has callbacks of its own: a fixed set of seats, claimed one by
 * one. All of its state lies in the host and goes along with every call: a runner that dies takes
 * nothing with it, so the call is simply made again in a new one.
 */
#include "core/engine.h"
#include "isolation/channel.h"
#include "isolation/isolated.h"
#include "isolation/params.h"
#include "isolation/program.h"

#include <pthread.h>
#include <stdlib.h>

#define SEATS       64
#define PARAMS_MAX  16
#define STATE_MAX   (UINT64_C(16) << 20)
#define RESTARTS    5                     /* of a runner that died … */
#define RESTARTS_NS INT64_C(600000000000) /* … in ten minutes */

/* How much state a plugin once said these parameters take: it cannot say otherwise later. */
struct size_said {
    struct size_said *next;
    uint64_t size;
    struct wire_param params[PARAMS_MAX];
};

struct seat {
    struct size_said *sizes;
    const struct isolated_origin *origin; /* NULL: free */
    const struct turret_indicator_type *type;
    struct runner *runner;
    uint32_t restarts;
    int64_t restarts_since;
};

static struct seat seats[SEATS];
static pthread_mutex_t seating = PTHREAD_MUTEX_INITIALIZER; /* builds are loaded on other threads */

/* ---- calling ---- */

/* A runner is there, or is started unless too many were. */
static bool have_runner(struct seat *seat, struct turret_error *err)
{
    int64_t now;
    if (runner_alive(seat->runner))
        return true;
    now = channel_now_ns();
    if (seat->runner) {
        if (now - seat->restarts_since > RESTARTS_NS) {
            seat->restarts_since = now;
            seat->restarts = 0;
        }
        if (seat->restarts++ >= RESTARTS) {
            (void)turret_fail(err, TURRET_EFAULT, "its runner %s, once too often",
                              runner_why(seat->runner));
            return false;
        }
    }
    runner_stop(seat->runner);
    seat->runner = NULL;
    return isolated_start(seat->origin, &seat->runner, err) == TURRET_OK;
}

/* What goes into the body of a call, in pieces. */
struct piece {
    const void *at;
    size_t size;
};

/* Made again in a new runner when the first one dies of it; so it has to be given whole. */
static int call(struct seat *seat, struct wire_head *head, const struct piece *pieces,
                uint32_t count, struct wire_head *done, struct turret_error *err)
{
    for (int attempt = 0; attempt < 2; attempt++) {
        unsigned char *to;
        if (!have_runner(seat, err))
            return TURRET_EFAULT;
        to = runner_wire(seat->runner)->calls.body;
        for (uint32_t i = 0; i < count; to += pieces[i++].size)
            if (pieces[i].size)
                memcpy(to, pieces[i].at, pieces[i].size);
        head->size = (uint32_t)(to - runner_wire(seat->runner)->calls.body);
        if (runner_call(seat->runner, head, NULL, NULL, done) == TURRET_OK)
            return TURRET_OK;
    }
    return turret_fail(err, TURRET_EFAULT, "its runner %s", runner_why(seat->runner));
}

static const unsigned char *answer_of(const struct seat *seat)
{
    return runner_wire(seat->runner)->answers.body;
}

/* An answer of another size than asked for: the runner is not what it should be. */
static bool whole(struct seat *seat, const struct wire_head *done, uint64_t size)
{
    if (done->kind == WIRE_DONE && done->size == size)
        return true;
    runner_breach(seat->runner, "an answer of another size");
    return false;
}

/* ---- the callbacks, by seat ---- */

static uint32_t write_params(const struct seat *seat, const struct turret_param_value *params,
                             struct wire_param *to)
{
    uint32_t count = seat->type->param_count < PARAMS_MAX ? seat->type->param_count : PARAMS_MAX;
    memset(to, 0, PARAMS_MAX * sizeof *to);
    params_pack(params, count, to);
    return count;
}

/* What the plugin answers for these parameters; 0 when it cannot be asked. */
static bool number_of(struct seat *seat, uint32_t kind, const struct turret_param_value *params,
                      uint64_t *number, struct turret_error *err)
{
    struct wire_param given[PARAMS_MAX];
    uint32_t count = write_params(seat, params, given);
    struct wire_head head = {.kind = kind, .a = count}, done;
    const struct piece piece = {given, count * sizeof *given};
    if (call(seat, &head, &piece, 1, &done, err) || !whole(seat, &done, 0))
        return false;
    *number = done.a;
    return true;
}

/* UINT64_MAX when the plugin cannot be asked or wants too much: the engine then refuses it. */
static uint64_t state_size(struct seat *seat, const struct turret_param_value *params)
{
    struct wire_param given[PARAMS_MAX];
    struct size_said *said = seat->sizes;
    uint64_t size;
    (void)write_params(seat, params, given);
    while (said && memcmp(said->params, given, sizeof given) != 0)
        said = said->next;
    if (said)
        return said->size;
    if (!number_of(seat, WIRE_STATE_SIZE, params, &size, NULL) || size > STATE_MAX)
        return UINT64_MAX;
    said = malloc(sizeof *said);
    if (!said)
        return UINT64_MAX;
    *said = (struct size_said){.next = seat->sizes, .size = size};
    memcpy(said->params, given, sizeof given);
    seat->sizes = said;
    return size;
}

static int32_t start(struct seat *seat, void *state, const struct turret_param_value *params,
                     struct turret_error *err)
{
    struct wire_param given[PARAMS_MAX];
    uint32_t count = write_params(seat, params, given);
    struct wire_head head = {.kind = WIRE_BEGIN, .a = count}, done;
    const struct piece piece = {given, count * sizeof *given};
    struct turret_error why = {0};
    uint64_t size = state_size(seat, params);
    if (size == UINT64_MAX)
        return turret_fail(err, TURRET_EFAULT, "its runner does not say how much state it needs");
    head.b = size;
    if (call(seat, &head, &piece, 1, &done, err))
        return TURRET_EFAULT;
    if (done.kind == WIRE_REFUSED && done.size == sizeof why) {
        wire_take(&why, answer_of(seat), sizeof why);
        program_clean_text(why.text, sizeof why.text);
        return turret_fail(err, why.code < 0 ? why.code : TURRET_EFAULT, "%s", why.text);
    }
    if (!whole(seat, &done, head.b))
        return turret_fail(err, TURRET_EFAULT, "its runner %s", runner_why(seat->runner));
    memcpy(state, answer_of(seat), (size_t)head.b);
    return TURRET_OK;
}

static uint32_t lookback(struct seat *seat, const struct turret_param_value *params)
{
    uint64_t number = 0;
    (void)number_of(seat, WIRE_LOOKBACK, params, &number, NULL);
    return number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

static int32_t update(struct seat *seat, void *state, const struct turret_candle *bar, double *out)
{
    struct wire_head head = {.kind = WIRE_UPDATE, .a = engine_state_size(state)}, done;
    const struct piece pieces[2] = {{bar, sizeof *bar}, {state, (size_t)head.a}};
    const size_t outputs = TURRET_OUTPUTS_MAX * sizeof *out;
    if (call(seat, &head, pieces, 2, &done, NULL) || !whole(seat, &done, outputs + head.a))
        return TURRET_EFAULT;
    memcpy(out, answer_of(seat), seat->type->output_count * sizeof *out);
    memcpy(state, answer_of(seat) + outputs, (size_t)head.a);
    return done.status;
}

/* At most WIRE_BLOCK bars, which is what the engine's blocks have. */
static int32_t update_block(struct seat *seat, void *state, const struct turret_block *bars,
                            double *const *out)
{
    struct wire_head head = {.kind = WIRE_UPDATE_BLOCK, .a = engine_state_size(state)}, done;
    const size_t column = bars->count * sizeof(double);
    const struct piece pieces[7] = {
        {bars->open, column},   {bars->high, column}, {bars->low, column},    {bars->close, column},
        {bars->volume, column}, {bars->time, column}, {state, (size_t)head.a}};
    uint32_t outputs = seat->type->output_count, i;
    const unsigned char *from;
    head.b = bars->count;
    if (bars->count > WIRE_BLOCK)
        return TURRET_EFAULT;
    if (call(seat, &head, pieces, 7, &done, NULL) || !whole(seat, &done, outputs * column + head.a))
        return TURRET_EFAULT;
    from = answer_of(seat);
    for (i = 0; i < outputs; i++, from += column)
        memcpy(out[i], from, column);
    memcpy(state, from, (size_t)head.a);
    return done.status;
}

/* ---- a set of callbacks for each seat ---- */

#define CALLBACKS(n)                                                                               \
    static uint64_t state_size_##n(const struct turret_param_value *params)                        \
    {                                                                                              \
        return state_size(&seats[n], params);                                                      \
    }                                                                                              \
    static int32_t start_##n(void *state, const struct turret_param_value *params,                 \
                             struct turret_error *err)                                             \
    {                                                                                              \
        return start(&seats[n], state, params, err);                                               \
    }                                                                                              \
    static uint32_t lookback_##n(const struct turret_param_value *params)                          \
    {                                                                                              \
        return lookback(&seats[n], params);                                                        \
    }                                                                                              \
    static int32_t update_##n(void *state, const struct turret_candle *bar, double *out)           \
    {                                                                                              \
        return update(&seats[n], state, bar, out);                                                 \
    }                                                                                              \
    static int32_t update_block_##n(void *state, const struct turret_block *bars,                  \
                                    double *const *out)                                            \
    {                                                                                              \
        return update_block(&seats[n], state, bars, out);                                          \
    }
#define TYPE(n)                                                                                    \
    {.struct_size = (uint32_t)sizeof(struct turret_indicator_type),                                \
     .state_size = state_size_##n,                                                                 \
     .start = start_##n,                                                                           \
     .lookback = lookback_##n,                                                                     \
     .update = update_##n,                                                                         \
     .update_block = update_block_##n},
#define FOUR(each, a, b, c, d) each(a) each(b) each(c) each(d)

FOUR(CALLBACKS, 0, 1, 2, 3)
FOUR(CALLBACKS, 4, 5, 6, 7)
FOUR(CALLBACKS, 8, 9, 10, 11)
FOUR(CALLBACKS, 12, 13, 14, 15)
FOUR(CALLBACKS, 16, 17, 18, 19)
FOUR(CALLBACKS, 20, 21, 22, 23)
FOUR(CALLBACKS, 24, 25, 26, 27)
FOUR(CALLBACKS, 28, 29, 30, 31)
FOUR(CALLBACKS, 32, 33, 34, 35)
FOUR(CALLBACKS, 36, 37, 38, 39)
FOUR(CALLBACKS, 40, 41, 42, 43)
FOUR(CALLBACKS, 44, 45, 46, 47)
FOUR(CALLBACKS, 48, 49, 50, 51)
FOUR(CALLBACKS, 52, 53, 54, 55)
FOUR(CALLBACKS, 56, 57, 58, 59)
FOUR(CALLBACKS, 60, 61, 62, 63)

static const struct turret_indicator_type types[SEATS] = {
    FOUR(TYPE, 0, 1, 2, 3) FOUR(TYPE, 4, 5, 6, 7) FOUR(TYPE, 8, 9, 10, 11)
        FOUR(TYPE, 12, 13, 14, 15) FOUR(TYPE, 16, 17, 18, 19) FOUR(TYPE, 20, 21, 22, 23)
            FOUR(TYPE, 24, 25, 26, 27) FOUR(TYPE, 28, 29, 30, 31) FOUR(TYPE, 32, 33, 34, 35)
                FOUR(TYPE, 36, 37, 38, 39) FOUR(TYPE, 40, 41, 42, 43) FOUR(TYPE, 44, 45, 46, 47)
                    FOUR(TYPE, 48, 49, 50, 51) FOUR(TYPE, 52, 53, 54, 55) FOUR(TYPE, 56, 57, 58, 59)
                        FOUR(TYPE, 60, 61, 62, 63)};

static struct seat *seat_of(const struct isolated_origin *origin)
{
    uint32_t i = 0;
    while (i < SEATS && seats[i].origin != origin)
        i++;
    return i < SEATS ? &seats[i] : NULL;
}

const struct turret_indicator_type *proxy_indicator_claim(const struct isolated_origin *origin,
                                                          const struct turret_indicator_type *type)
{
    struct seat *seat;
    (void)pthread_mutex_lock(&seating);
    seat = seat_of(NULL);
    if (seat)
        *seat = (struct seat){.origin = origin, .type = type};
    (void)pthread_mutex_unlock(&seating);
    return seat ? &types[seat - seats] : NULL;
}

void proxy_indicator_release(const struct isolated_origin *origin)
{
    struct seat *seat;
    (void)pthread_mutex_lock(&seating);
    seat = seat_of(origin);
    (void)pthread_mutex_unlock(&seating);
    if (!seat) /* it was refused before it got one */
        return;
    runner_stop(seat->runner);
    for (struct size_said *said = seat->sizes, *next; said; said = next) {
        next = said->next;
        free(said);
    }
    (void)pthread_mutex_lock(&seating);
    *seat = (struct seat){.origin = NULL};
    (void)pthread_mutex_unlock(&seating);
}
