/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the indicators of a plugin move to another build together: with their state or
 * computed again, only when both builds agree, and back by themselves when the new one breaks its
 * contract.
 */
#include "engine_rig.h"

/* Averages of the last n closes, in several builds that differ in how well they do it. */
struct mean {
    int64_t length, count;
    double closes[16];
};

static struct {
    bool wrong, broken; /* the new build: another value; no number */
    double last;        /* what the strategy saw */
    uint32_t bars;
} world;

static const struct turret_param params[] = {TURRET_PARAM_INT(1, "n", 3, 1, 16, "bars", "length")};
static const char *const outputs[] = {"value"};

static uint64_t mean_size(const struct turret_param_value *values)
{
    (void)values;
    return sizeof(struct mean);
}

static uint64_t wide_size(const struct turret_param_value *values)
{
    (void)values;
    return sizeof(struct mean) + 64;
}

static int32_t mean_start(void *state, const struct turret_param_value *values,
                          struct turret_error *err)
{
    ((struct mean *)state)->length = values[0].i;
    return turret_ok(err);
}

static uint32_t mean_lookback(const struct turret_param_value *values)
{
    return (uint32_t)values[0].i - 1;
}

static int32_t mean_update(void *state, const struct turret_candle *bar, double *out)
{
    struct mean *m = state;
    int64_t i, n = m->count + 1 < m->length ? m->count + 1 : m->length;
    double sum = 0;
    m->closes[m->count++ % m->length] = bar->close;
    for (i = 0; i < n; i++)
        sum += m->closes[i];
    out[0] = sum / (double)m->length;
    return m->count >= m->length;
}

static int32_t next_update(void *state, const struct turret_candle *bar, double *out)
{
    int32_t answer = mean_update(state, bar, out);
    if (world.wrong)
        out[0] *= 1.001;
    if (world.broken)
        out[0] = NAN;
    return answer;
}

#define TYPE(version_text, schema, size, update_fn, how)                                           \
    {                                                                                              \
        .struct_size = (uint32_t)sizeof(struct turret_indicator_type), .output_count = 1,          \
        .id = "test.mean", .version = version_text, .summary = "a test's",                         \
        .output_names = outputs, .params = params, .param_count = 1, .state_schema = schema,       \
        .state_size = size, .start = mean_start, .lookback = mean_lookback, .update = update_fn,   \
        .handover = how                                                                            \
    }
static const struct turret_indicator_type types[] = {
    TYPE("1", 1, mean_size, mean_update, TURRET_HANDOVER_STATE),
    TYPE("2", 1, mean_size, next_update, TURRET_HANDOVER_STATE),
    TYPE("3", 2, wide_size, next_update, TURRET_HANDOVER_RECOMPUTE),
    TYPE("4", 2, wide_size, next_update, TURRET_HANDOVER_STATE),
};
static uint32_t current; /* what the name leads to */

static const struct turret_indicator_type *find(void *context, const char *name, const void **build,
                                                struct turret_error *err)
{
    (void)context;
    (void)name;
    (void)err;
    *build = &types[current];
    return &types[current];
}

static const struct turret_indicator_type *of_build(const void *to, const char *id)
{
    return strcmp(id, "test.mean") == 0 ? to : NULL;
}

static int32_t user_start(struct turret_strategy *self, const struct turret_start *start,
                          struct turret_error *err)
{
    (void)start;
    *(turret_indicator *)turret_self(self) = turret_use(self, err, "mean(4)");
    return turret_ok(err);
}

static void user_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    (void)bar;
    world.last = turret_value(*(turret_indicator *)turret_self(self));
    world.bars++;
}

static const struct turret_strategy_type user = {
    .struct_size = (uint32_t)sizeof(struct turret_strategy_type),
    .state_size = (uint32_t)sizeof(turret_indicator),
    .id = "test.user",
    .version = "1",
    .summary = "a test's",
    .on_start = user_start,
    .on_bar = user_bar,
};

static void bench_open(struct rig *rig)
{
    struct rig_options o = rig_defaults();
    struct engine_strategy strategy;
    struct engine_subscription on;
    struct turret_error err = {0};
    uint32_t index;
    memset(&world, 0, sizeof world);
    current = 0;
    o.strategies = 0;
    o.instruments = 1;
    assert_int_equal(rig_build(rig, &o, NULL), TURRET_OK);
    engine_set_indicators(rig->engine, find, NULL);
    memset(&strategy, 0, sizeof strategy);
    (void)snprintf(strategy.name, sizeof strategy.name, "user");
    strategy.type = &user;
    on = (struct engine_subscription){rig->instrument[0], RIG_MINUTE};
    strategy.on = &on;
    strategy.on_count = 1;
    strategy.enabled = true;
    risk_limits_clear(&strategy.limits);
    assert_int_equal(engine_add_strategy(rig->engine, &strategy, &index, &err), TURRET_OK);
    assert_int_equal(engine_start(rig->engine, TURRET_REASON_FIRST, &err), TURRET_OK);
    rig_control(rig, CONTROL_CASH, 0, INT64_C(1000000) * MONEY_ONE);
}

static void bars(struct rig *rig, uint32_t count)
{
    while (count-- > 0)
        rig_bar(rig, rig->instrument[0], 10000 + 10 * (int64_t)world.bars);
}

static int step(struct rig *rig, uint32_t phase, uint32_t from, uint32_t to,
                struct turret_error *err)
{
    struct event event = rig_event(rig, EVENT_SWAP);
    struct engine_build with = {.from = &types[from], .to = &types[to], .indicator = of_build};
    event.u.swap.kind = TURRET_KIND_INDICATOR;
    event.u.swap.phase = phase;
    memset(err, 0, sizeof *err);
    current = phase == SWAP_PREPARE ? to : current;
    return engine_swap(rig->engine, &event, &with, err);
}

static void expect(struct rig *rig, uint32_t phase, uint32_t from, uint32_t to)
{
    struct turret_error err;
    if (step(rig, phase, from, to, &err))
        fail_msg("%s", err.text);
}

static const char *version(const struct rig *rig)
{
    return rig->engine->indicators[0].type->version;
}

/* The same market without any swap: what the strategy should have seen at its last bar. */
static double undisturbed(uint32_t count)
{
    struct rig rig;
    double last;
    bench_open(&rig);
    bars(&rig, count);
    last = world.last;
    rig_close(&rig);
    return last;
}

static void test_state_is_handed_over(void **unused)
{
    struct rig rig;
    double plain = undisturbed(20);
    (void)unused;
    bench_open(&rig);
    bars(&rig, 10);
    expect(&rig, SWAP_PREPARE, 0, 1);
    bars(&rig, 3);
    expect(&rig, SWAP_COMMIT, 0, 1);
    assert_string_equal(version(&rig), "2");
    bars(&rig, 4);
    expect(&rig, SWAP_RETIRE, 0, 1);
    bars(&rig, 3);
    assert_int_equal(world.bars, 17); /* all but the three it takes to be ready */
    assert_true(world.last == plain);
    rig_close(&rig);
}

static void test_what_disagrees_is_refused(void **unused)
{
    struct rig rig;
    struct turret_error err;
    (void)unused;
    bench_open(&rig);
    bars(&rig, 10);
    world.wrong = true;
    expect(&rig, SWAP_PREPARE, 0, 1);
    assert_int_equal(step(&rig, SWAP_COMMIT, 0, 1, &err), TURRET_EFAULT);
    assert_non_null(strstr(err.text, "indicator test.mean(4): value is 1"));
    expect(&rig, SWAP_ABORT, 0, 1);
    assert_string_equal(version(&rig), "1");
    bars(&rig, 1);
    assert_int_equal(rig.engine->indicators_moving, 0);
    rig_close(&rig);
}

static void test_another_shape_is_computed_again(void **unused)
{
    struct rig rig;
    struct turret_error err;
    double plain = undisturbed(20);
    (void)unused;
    bench_open(&rig);
    bars(&rig, 10);
    assert_int_equal(step(&rig, SWAP_PREPARE, 0, 3, &err), TURRET_EVERSION);
    assert_non_null(strstr(err.text, "say TURRET_HANDOVER_RECOMPUTE"));
    expect(&rig, SWAP_PREPARE, 0, 2);
    bars(&rig, 3);
    assert_int_equal(step(&rig, SWAP_COMMIT, 0, 2, &err), TURRET_EBUSY);
    assert_non_null(strstr(err.text, "build 3 still warms up"));
    bars(&rig, 1);
    expect(&rig, SWAP_COMMIT, 0, 2);
    assert_string_equal(version(&rig), "3");
    bars(&rig, 6);
    assert_true(world.last == plain);
    expect(&rig, SWAP_ROLLBACK, 2, 0); /* the old one ran on beside it */
    assert_string_equal(version(&rig), "1");
    bars(&rig, 1);
    assert_int_equal(world.bars, 18);
    rig_close(&rig);
}

static void test_falls_back_by_itself(void **unused)
{
    struct rig rig;
    struct engine_view view;
    double plain = undisturbed(14);
    (void)unused;
    bench_open(&rig);
    bars(&rig, 10);
    expect(&rig, SWAP_PREPARE, 0, 1);
    expect(&rig, SWAP_COMMIT, 0, 1);
    bars(&rig, 3);
    world.broken = true;
    bars(&rig, 1); /* the strategy sees the old build's value of this very bar */
    assert_string_equal(version(&rig), "1");
    assert_true(world.last == plain);
    engine_view_strategy(rig.engine, 0, &view);
    assert_int_equal(view.run, STRATEGY_RUNNING);
    assert_int_equal(engine_swap_of_indicators(rig.engine)->phase, 0);
    assert_int_equal(rig.notices[NOTICE_FAULT], 1);
    bars(&rig, 1);
    assert_int_equal(world.bars, 12);
    rig_close(&rig);
}

static void test_steps_out_of_turn(void **unused)
{
    static const uint32_t phases[] = {SWAP_COMMIT, SWAP_ABORT, SWAP_ROLLBACK, SWAP_RETIRE};
    struct rig rig;
    struct turret_error err;
    uint32_t i;
    uint64_t sequence;
    (void)unused;
    bench_open(&rig);
    bars(&rig, 5);
    sequence = engine_sequence(rig.engine);
    for (i = 0; i < sizeof phases / sizeof *phases; i++)
        assert_int_equal(step(&rig, phases[i], 0, 1, &err), TURRET_ESTATE);
    assert_int_equal(step(&rig, SWAP_PREPARE, 1, 2, &err), TURRET_ENOTFOUND);
    assert_int_equal(engine_sequence(rig.engine), sequence);
    expect(&rig, SWAP_PREPARE, 0, 1);
    assert_int_equal(step(&rig, SWAP_PREPARE, 0, 1, &err), TURRET_ESTATE);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state_is_handed_over),
        cmocka_unit_test(test_what_disagrees_is_refused),
        cmocka_unit_test(test_another_shape_is_computed_again),
        cmocka_unit_test(test_falls_back_by_itself),
        cmocka_unit_test(test_steps_out_of_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
