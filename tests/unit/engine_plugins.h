/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What engine_rig.h plugs into its engine: indicators, and a strategy whose callbacks a test
 * supplies. Included by it only.
 */
#ifndef TESTS_ENGINE_PLUGINS_H
#define TESTS_ENGINE_PLUGINS_H

/* ---- indicators: mean(period), with and without blocks; trip(at, how) breaks its contract ---- */

static uint64_t rig_updates; /* calls of update(), all indicators */

struct rig_mean {
    uint32_t length, count;
    double ring[64];
};

static inline uint64_t rig_mean_size(const struct turret_param_value *params)
{
    (void)params;
    return sizeof(struct rig_mean);
}

static inline int32_t rig_mean_start(void *state, const struct turret_param_value *params,
                                     struct turret_error *err)
{
    ((struct rig_mean *)state)->length = (uint32_t)turret_arg_int(params, 0);
    if (turret_arg_int(params, 0) == 13)
        return turret_fail(err, TURRET_EINVAL, "13 brings no luck");
    return TURRET_OK;
}

static inline uint32_t rig_mean_lookback(const struct turret_param_value *params)
{
    return (uint32_t)turret_arg_int(params, 0) - 1;
}

static inline int32_t rig_mean_step(struct rig_mean *mean, double close, double *out)
{
    uint32_t i, length = mean->length < 1 || mean->length > 64 ? 1 : mean->length;
    double sum = 0;
    mean->ring[mean->count++ % length] = close;
    if (mean->count < length)
        return 0;
    for (i = 0; i < length; i++)
        sum += mean->ring[i];
    *out = sum / length;
    return 1;
}

static inline int32_t rig_mean_update(void *state, const struct turret_candle *bar, double *out)
{
    rig_updates++;
    return rig_mean_step(state, bar->close, out);
}

static inline int32_t rig_mean_block(void *state, const struct turret_block *bars,
                                     double *const *out)
{
    int32_t warming = 0;
    uint32_t i;
    assert_non_null(bars->time);
    assert_true(!bars->open && !bars->high && !bars->low && !bars->volume); /* not asked for */
    for (i = 0; i < bars->count; i++)
        if (rig_mean_step(state, bars->close[i], &out[0][i]) == 0)
            warming++;
    return warming;
}

struct rig_trip {
    int32_t at, how, seen;
};

static inline uint64_t rig_trip_size(const struct turret_param_value *params)
{
    (void)params;
    return sizeof(struct rig_trip);
}

static inline int32_t rig_trip_start(void *state, const struct turret_param_value *params,
                                     struct turret_error *err)
{
    struct rig_trip *trip = state;
    (void)err;
    trip->at = turret_arg_int(params, 0);
    trip->how = params[1].text[0];
    return TURRET_OK;
}

static inline uint32_t rig_trip_lookback(const struct turret_param_value *params)
{
    (void)params;
    return 2;
}

static inline int32_t rig_trip_step(struct rig_trip *trip, double *out)
{
    out[0] = trip->seen;
    out[1] = -trip->seen;
    if (++trip->seen <= 2)
        return 0;
    if (trip->seen <= trip->at)
        return 1;
    if (trip->how == 'n')
        out[1] = NAN;
    if (trip->how == 'i')
        out[0] = INFINITY;
    return trip->how == 'e' ? TURRET_EINVAL : trip->how == 's' ? 0 : trip->how == 'm' ? 7 : 1;
}

static inline int32_t rig_trip_update(void *state, const struct turret_candle *bar, double *out)
{
    (void)bar;
    rig_updates++;
    return rig_trip_step(state, out);
}

static inline int32_t rig_trip_block(void *state, const struct turret_block *bars,
                                     double *const *out)
{
    int32_t warming = 0;
    uint32_t i;
    assert_true(bars->open && bars->high && bars->low && bars->close && bars->volume);
    for (i = 0; i < bars->count; i++) {
        double both[2] = {0, 0};
        int32_t answer = rig_trip_step(state, both);
        out[0][i] = both[0];
        out[1][i] = both[1];
        if (answer < 0)
            return answer;
        warming += answer == 0;
    }
    return warming;
}

static const char *const rig_outputs[] = {"value", "other"};
static const struct turret_param rig_mean_params[] = {
    TURRET_PARAM_INT(1, "period", 5, 1, 64, "bars", "length"),
    TURRET_PARAM_REAL(2, "weight", 0.5, 0, 1, "", "not used"),
    TURRET_PARAM_BOOL(3, "quick", 0, "not used"),
    TURRET_PARAM_TEXT(4, "source", "close", "hlc3|hl|close", "not used"),
};
static const struct turret_param rig_trip_params[] = {
    TURRET_PARAM_INT(1, "at", 10, 1, 100000, "bars", "good until then"),
    TURRET_PARAM_TEXT(2, "how", "nan", "nan|inf|error|shrink|many", "what goes wrong"),
};
#define RIG_INDICATOR(id, outputs, name, block, columns)                                           \
    {                                                                                              \
        (uint32_t)sizeof(struct turret_indicator_type), outputs, id, "1.0", "a test's",            \
            rig_outputs, rig_##name##_params,                                                      \
            (uint32_t)(sizeof rig_##name##_params / sizeof *rig_##name##_params), 1,               \
            rig_##name##_size, rig_##name##_start, rig_##name##_lookback, rig_##name##_update,     \
            block, TURRET_HANDOVER_STATE, columns                                                  \
    }
static const struct turret_indicator_type rig_types[] = {
    RIG_INDICATOR("test.mean", 1, mean, NULL, TURRET_COLUMN_CLOSE),
    RIG_INDICATOR("test.bmean", 1, mean, rig_mean_block, TURRET_COLUMN_CLOSE),
    RIG_INDICATOR("test.trip", 2, trip, NULL, 0),
    RIG_INDICATOR("test.btrip", 2, trip, rig_trip_block, 0)};

static inline const struct turret_indicator_type *
rig_find(void *context, const char *name, const void **build, struct turret_error *err)
{
    uint32_t i;
    (void)context;
    *build = NULL;
    for (i = 0; i < sizeof rig_types / sizeof *rig_types; i++)
        if (!strcmp(rig_types[i].id + 5, name) || !strcmp(rig_types[i].id, name))
            return &rig_types[i];
    (void)turret_fail(err, TURRET_ENOTFOUND, "no indicator %s", name);
    return NULL;
}

/* ---- the strategy a test scripts ---- */

struct rig_state {
    int64_t number, bars, orders, fills, timers;
    double sum;
    int32_t last;
    turret_indicator use[2];
};

static struct rig_script {
    struct rig *rig;
    const char *use[2]; /* expressions every strategy binds, or NULL */
    int32_t (*on_start)(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err);
    void (*on_bar)(struct turret_strategy *self, const struct turret_bar *bar);
    void (*on_order)(struct turret_strategy *self, const struct turret_order *order);
    void (*on_fill)(struct turret_strategy *self, const struct turret_fill *fill);
    void (*on_timer)(struct turret_strategy *self, uint32_t timer_id, turret_time_ns now);
} rig_script;

/* A saved state may have any number in it. */
static inline void rig_count(int64_t *count)
{
    *count += *count < INT64_MAX;
}

static inline int32_t rig_strategy_start(struct turret_strategy *self,
                                         const struct turret_start *start, struct turret_error *err)
{
    struct rig_state *state = turret_self(self);
    uint32_t i;
    state->number = start->params[0].i;
    rig_script.rig->self[state->number] = self;
    for (i = 0; i < 2; i++)
        if (rig_script.use[i])
            state->use[i] = turret_use_on(self, err, 0, 0, rig_script.use[i]);
    return rig_script.on_start ? rig_script.on_start(self, start, err) : turret_ok(err);
}

static inline void rig_strategy_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct rig_state *state = turret_self(self);
    uint32_t i;
    rig_count(&state->bars);
    for (i = 0; i < 2; i++) {
        if (!state->use[i])
            continue;
        assert_true(turret_ready(state->use[i]));
        assert_true(isfinite(turret_value(state->use[i])));
        assert_true(isfinite(turret_output(state->use[i], 1)));
        state->sum += turret_value(state->use[i]);
    }
    if (rig_script.on_bar)
        rig_script.on_bar(self, bar);
}

static inline void rig_strategy_order(struct turret_strategy *self,
                                      const struct turret_order *order)
{
    struct rig_state *state = turret_self(self);
    rig_count(&state->orders);
    state->last = order->state;
    if (rig_script.on_order)
        rig_script.on_order(self, order);
}

static inline void rig_strategy_fill(struct turret_strategy *self, const struct turret_fill *fill)
{
    rig_count(&((struct rig_state *)turret_self(self))->fills);
    if (rig_script.on_fill)
        rig_script.on_fill(self, fill);
}

static inline void rig_strategy_timer(struct turret_strategy *self, uint32_t timer_id,
                                      turret_time_ns now)
{
    rig_count(&((struct rig_state *)turret_self(self))->timers);
    if (rig_script.on_timer)
        rig_script.on_timer(self, timer_id, now);
}

static const struct turret_param rig_params[] = {
    TURRET_PARAM_INT(1, "number", 0, 0, 100, "", "which one it is")};
static const struct turret_field rig_fields[] = {
    TURRET_FIELD_I64(1, struct rig_state, bars, "bars seen"),
    TURRET_FIELD_I64(2, struct rig_state, orders, "order changes seen"),
    TURRET_FIELD_I64(3, struct rig_state, fills, "fills seen"),
    TURRET_FIELD_F64(4, struct rig_state, sum, "sum of the values seen"),
    TURRET_FIELD_I32(5, struct rig_state, last, "last order state seen"),
    TURRET_FIELD_I64(6, struct rig_state, timers, "timers fired"),
};
static const struct turret_strategy_type rig_strategy = {
    .struct_size = (uint32_t)sizeof(struct turret_strategy_type),
    .state_size = (uint32_t)sizeof(struct rig_state),
    .id = "test.script",
    .version = "1.0",
    .summary = "what a test says",
    .params = rig_params,
    .fields = rig_fields,
    .param_count = 1,
    .field_count = (uint32_t)(sizeof rig_fields / sizeof *rig_fields),
    .state_schema = 1,
    .on_start = rig_strategy_start,
    .on_bar = rig_strategy_bar,
    .on_order = rig_strategy_order,
    .on_fill = rig_strategy_fill,
    .on_timer = rig_strategy_timer,
};

#endif
