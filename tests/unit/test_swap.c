/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a strategy's code is exchanged between two events without losing one, that its state
 * goes along or the swap is refused and the old code goes on, and that what runs in the shadow is
 * compared and can take over again.
 */
#include "engine_rig.h"

/* Builds of one strategy: how many bars it saw, and what it last wanted. */
struct seen {
    int64_t bars, wanted;
    double weight;
    int32_t small;
};

enum { BREAK_NOTHING, BREAK_START, BREAK_STATE, BREAK_CONVERT, BREAK_SCORE };
static struct {
    int64_t bars_by_build[8]; /* callbacks while acting or beside, by version digit */
    int64_t targets[8];       /* what each build wants at every bar; 0: alternates */
    int break_build, how;
    uint32_t starts, stops, last_stop;
    uint64_t answered;    /* to what was asked for when an order ended */
    uint32_t told;        /* orders that ended */
    turret_time_ns timer; /* each start sets one for then; 0: none */
    int quotes;           /* this build places an order of its own at every bar; 0: none */
} world;

static int build_of(struct turret_strategy *self)
{
    return ((struct incarnation *)(void *)self)->type->version[0] - '0';
}

static int32_t seen_start(struct turret_strategy *self, const struct turret_start *start,
                          struct turret_error *err)
{
    struct seen *s = turret_self(self);
    (void)start;
    world.starts++;
    if (world.timer)
        assert_int_equal(turret_timer(self, 2, world.timer), TURRET_OK);
    if (world.break_build == build_of(self) && world.how == BREAK_START)
        return turret_fail(err, TURRET_EINVAL, "does not like it here");
    if (world.break_build == build_of(self) && world.how == BREAK_STATE)
        s->bars = 0;
    return turret_ok(err);
}

static void seen_stop(struct turret_strategy *self, uint32_t reason)
{
    struct turret_order_request request = {.struct_size = (uint32_t)sizeof request,
                                           .instrument = 1,
                                           .side = TURRET_SIDE_BUY,
                                           .type = TURRET_ORDER_MARKET,
                                           .qty = 3};
    world.stops++;
    world.last_stop = reason;
    /* too late to ask for anything */
    assert_int_equal(turret_target(self, 1, 7, "at the end"), 0);
    assert_int_equal(turret_submit(self, &request), 0);
    assert_int_equal(turret_timer(self, 0, 1), TURRET_ESTATE);
}

/* Asks again when an order is told to have ended, as a strategy that quotes does. */
static void seen_order(struct turret_strategy *self, const struct turret_order *order)
{
    struct turret_order_request request = {.struct_size = (uint32_t)sizeof request,
                                           .instrument = 1,
                                           .side = TURRET_SIDE_BUY,
                                           .type = TURRET_ORDER_LIMIT,
                                           .qty = 1,
                                           .limit_price = 9000};
    world.told += order->state == TURRET_STATE_CANCELED;
    if (order->state == TURRET_STATE_CANCELED && world.quotes)
        world.answered = turret_submit(self, &request);
}

static void seen_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct seen *s = turret_self(self);
    int build = build_of(self);
    s->bars++;
    world.bars_by_build[build]++;
    s->wanted = world.targets[build] ? world.targets[build] : s->bars % 2;
    (void)turret_target(self, bar->instrument, s->wanted, "test");
    if (world.quotes == build) {
        struct turret_order_request request = {.struct_size = (uint32_t)sizeof request,
                                               .instrument = bar->instrument,
                                               .side = TURRET_SIDE_BUY,
                                               .type = TURRET_ORDER_LIMIT,
                                               .qty = 1,
                                               .limit_price = 9000};
        assert_int_not_equal(turret_submit(self, &request), 0);
    }
    if (world.break_build == build && world.how == BREAK_SCORE)
        turret_score(self, bar->instrument, NAN, "");
}

static const struct turret_field fields_1[] = {
    TURRET_FIELD_I64(1, struct seen, bars, "bars seen"),
    TURRET_FIELD_I32(3, struct seen, small, "narrow"),
};
static const struct turret_field fields_2[] = {
    /* one more field, one wider */
    TURRET_FIELD_I64(1, struct seen, bars, "bars seen"),
    TURRET_FIELD(2, F64, struct seen, weight, 1, 2.5, "new in 2"),
    TURRET_FIELD_I64(3, struct seen, wanted, "was narrow"),
};
static const struct turret_field fields_3[] = {
    TURRET_FIELD_I64(1, struct seen, bars, "bars seen, counted by tens"),
};

static int32_t to_tens(const struct turret_saved *from, struct turret_saved *to,
                       struct turret_error *err)
{
    int64_t bars = 0;
    double weight;
    if (world.how == BREAK_CONVERT)
        return turret_fail(err, TURRET_EINVAL, "half-way");
    assert_int_equal(from->schema, 1);
    assert_int_equal(to->schema, 2);
    assert_int_equal(from->get_int(from, 1, 0, &bars), TURRET_OK);
    assert_int_equal(from->get_int(from, 1, 1, &bars), TURRET_ENOTFOUND);
    assert_int_equal(from->get_real(from, 1, 0, &weight), TURRET_EINVAL);
    return to->set_int(to, 1, 0, bars * 10);
}

static int32_t from_tens(const struct turret_saved *from, struct turret_saved *to,
                         struct turret_error *err)
{
    int64_t bars = 0;
    (void)err;
    (void)from->get_int(from, 1, 0, &bars);
    assert_int_equal(to->set_int(to, 3, 0, INT64_C(1) << 40), TURRET_EINVAL);
    return to->set_int(to, 1, 0, bars / 10);
}

static const struct turret_convert converts_3[] = {{1, 2, to_tens}, {2, 1, from_tens}};

#define BUILD(number, schema, table, converters, converter_count)                                  \
    {                                                                                              \
        .struct_size = (uint32_t)sizeof(struct turret_strategy_type),                              \
        .state_size = (uint32_t)sizeof(struct seen), .id = "test.seen", .version = number ".0",    \
        .summary = "a test's", .fields = table,                                                    \
        .field_count = (uint32_t)(sizeof table / sizeof *table), .state_schema = schema,           \
        .on_start = seen_start, .on_stop = seen_stop, .on_bar = seen_bar, .on_order = seen_order,  \
        .converts = converters, .convert_count = converter_count                                   \
    }
static const struct turret_strategy_type builds[] = {
    {0},
    BUILD("1", 1, fields_1, NULL, 0),
    BUILD("2", 1, fields_2, NULL, 0),
    BUILD("3", 2, fields_3, converts_3, 2),
    BUILD("4", 3, fields_3, NULL, 0),
    BUILD("5", 1, fields_2, NULL, 0),
};

static void bench_open(struct rig *rig, int build)
{
    struct rig_options o = rig_defaults();
    struct engine_strategy strategy;
    struct engine_subscription on;
    struct turret_error err = {0};
    uint32_t index;
    memset(&world, 0, sizeof world);
    o.strategies = 0;
    o.instruments = 1;
    assert_int_equal(rig_build(rig, &o, NULL), TURRET_OK);
    memset(&strategy, 0, sizeof strategy);
    (void)snprintf(strategy.name, sizeof strategy.name, "seen");
    strategy.type = &builds[build];
    on = (struct engine_subscription){rig->instrument[0], RIG_MINUTE};
    strategy.on = &on;
    strategy.on_count = 1;
    strategy.enabled = true;
    risk_limits_clear(&strategy.limits);
    assert_int_equal(engine_add_strategy(rig->engine, &strategy, &index, &err), TURRET_OK);
    rig->strategies = 1;
    assert_int_equal(engine_start(rig->engine, TURRET_REASON_FIRST, &err), TURRET_OK);
    rig_control(rig, CONTROL_CASH, 0, INT64_C(1000000) * MONEY_ONE);
    rig_connect(rig);
}

static int step(struct rig *rig, uint32_t phase, int build, uint32_t shadow,
                struct turret_error *err)
{
    struct event event = rig_event(rig, EVENT_SWAP);
    struct engine_build with = {.strategy = &builds[build]};
    event.u.swap.kind = TURRET_KIND_STRATEGY;
    event.u.swap.phase = phase;
    event.u.swap.shadow = shadow;
    event.u.swap.to_build[0] = (uint8_t)build;
    memset(err, 0, sizeof *err);
    return engine_swap(rig->engine, &event, &with, err);
}

static void expect_step(struct rig *rig, uint32_t phase, int build, uint32_t shadow)
{
    struct turret_error err;
    if (step(rig, phase, build, shadow, &err))
        fail_msg("%s", err.text);
}

static const struct seen *state_of(const struct rig *rig)
{
    struct engine_view view;
    engine_view_strategy(rig->engine, 0, &view);
    return view.state;
}

static void bars(struct rig *rig, uint32_t count)
{
    while (count-- > 0)
        rig_bar(rig, rig->instrument[0], 10000);
}

static void test_no_event_lost(void **unused)
{
    struct rig rig;
    uint32_t swaps;
    (void)unused;
    bench_open(&rig, 2);
    for (swaps = 0; swaps < 1000; swaps++) {
        int next = swaps % 2 ? 2 : 5;
        bars(&rig, swaps % 3);
        expect_step(&rig, SWAP_PREPARE, next, 0);
        bars(&rig, swaps % 2);
        expect_step(&rig, SWAP_COMMIT, next, 0);
        bars(&rig, 1);
        expect_step(&rig, SWAP_RETIRE, next, 0);
    }
    /* each bar was seen by the acting build once */
    assert_int_equal(state_of(&rig)->bars, 999 + 500 + 1000);
    rig_close(&rig);
}

static void test_state_goes_along(void **unused)
{
    struct rig rig;
    struct turret_error err;
    (void)unused;
    bench_open(&rig, 1);
    bars(&rig, 5);
    ((struct seen *)(uintptr_t)state_of(&rig))->small = -7;
    expect_step(&rig, SWAP_PREPARE, 2, 0);
    bars(&rig, 1); /* what is prepared is not what is handed over */
    expect_step(&rig, SWAP_COMMIT, 2, 0);
    assert_int_equal(state_of(&rig)->bars, 6);
    assert_true(state_of(&rig)->weight == 2.5);   /* new: its initial value */
    assert_int_equal(state_of(&rig)->wanted, -7); /* widened */
    expect_step(&rig, SWAP_RETIRE, 2, 0);
    /* the field is wider than what the old build has room for */
    assert_int_equal(step(&rig, SWAP_PREPARE, 1, 0, &err), TURRET_EVERSION);
    assert_non_null(strstr(err.text, "field small was saved as another or larger type"));
    rig_close(&rig);
}

static void test_converters(void **unused)
{
    struct rig rig;
    struct turret_error err;
    (void)unused;
    bench_open(&rig, 1);
    bars(&rig, 5);
    world.how = BREAK_CONVERT;
    assert_int_equal(step(&rig, SWAP_PREPARE, 3, 0, &err), TURRET_EINVAL);
    assert_non_null(strstr(err.text, "converter from schema 1 to 2: half-way"));
    world.how = BREAK_NOTHING;
    expect_step(&rig, SWAP_PREPARE, 3, 0);
    expect_step(&rig, SWAP_COMMIT, 3, 0);
    assert_int_equal(state_of(&rig)->bars, 50);
    expect_step(&rig, SWAP_RETIRE, 3, 0);
    bars(&rig, 10);
    expect_step(&rig, SWAP_PREPARE, 1, 0); /* the outgoing build knows the way back */
    expect_step(&rig, SWAP_COMMIT, 1, 0);
    assert_int_equal(state_of(&rig)->bars, 6);
    expect_step(&rig, SWAP_RETIRE, 1, 0);
    assert_int_equal(step(&rig, SWAP_PREPARE, 4, 0, &err), TURRET_EVERSION);
    assert_non_null(strstr(err.text, "schema 1, build 4.0 of test.seen reads schema 3"));
    bars(&rig, 1);
    assert_int_equal(state_of(&rig)->bars, 7); /* and the old one goes on */
    rig_close(&rig);
}

static void test_refused_old_goes_on(void **unused)
{
    static const struct {
        int how;
        const char *phrase;
    } cases[] = {{BREAK_START, "strategy seen does not start: does not like it here"},
                 {BREAK_STATE, "build 2.0 changed its saved field bars while it started"}};
    struct rig rig;
    struct turret_error err;
    uint32_t i;
    uint64_t sequence;
    (void)unused;
    bench_open(&rig, 1);
    bars(&rig, 3);
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        world.break_build = 2;
        world.how = cases[i].how;
        sequence = engine_sequence(rig.engine);
        assert_int_not_equal(step(&rig, SWAP_PREPARE, 2, 0, &err), TURRET_OK);
        if (!strstr(err.text, cases[i].phrase))
            fail_msg("'%s' does not say '%s'", err.text, cases[i].phrase);
        assert_int_equal(engine_sequence(rig.engine), sequence); /* not recorded */
        assert_int_equal(engine_swap_of(rig.engine, 0)->phase, 0);
    }
    /* it went well when rehearsed, not when it counts */
    world.how = BREAK_NOTHING;
    expect_step(&rig, SWAP_PREPARE, 2, 0);
    world.how = BREAK_START;
    assert_int_not_equal(step(&rig, SWAP_COMMIT, 2, 0, &err), TURRET_OK);
    expect_step(&rig, SWAP_ABORT, 2, 0);
    bars(&rig, 1);
    assert_int_equal(state_of(&rig)->bars, 4);
    assert_int_equal(step(&rig, SWAP_COMMIT, 2, 0, &err), TURRET_ESTATE);
    assert_int_equal(step(&rig, SWAP_ROLLBACK, 2, 0, &err), TURRET_ESTATE);
    assert_int_equal(step(&rig, SWAP_RETIRE, 2, 0, &err), TURRET_ESTATE);
    rig_close(&rig);
}

static void test_shadow_is_compared(void **unused)
{
    struct rig rig;
    struct engine_shadow view;
    (void)unused;
    bench_open(&rig, 1);
    bars(&rig, 4);
    expect_step(&rig, SWAP_PREPARE, 2, 1);
    bars(&rig, 10); /* the same code: the same wishes */
    engine_view_shadow(rig.engine, 0, &view);
    assert_true(view.callbacks >= 10); /* of orders, too */
    assert_int_equal(view.same, 10);
    assert_int_equal(view.different, 0);
    world.targets[2] = 5;
    bars(&rig, 3);
    engine_view_shadow(rig.engine, 0, &view);
    assert_int_equal(view.different, 3);
    assert_int_equal(rig.notices[NOTICE_SHADOW], 3);
    assert_non_null(
        strstr(rig.last_notice[NOTICE_SHADOW], ": 1.0 says target 1 of S0, 2.0 says nothing"));
    assert_int_equal(world.bars_by_build[2], 13);
    assert_int_equal(rig.engine->positions[1].target, 1); /* the shadow sent nothing */
    expect_step(&rig, SWAP_ABORT, 2, 0);
    bars(&rig, 1);
    assert_int_equal(world.bars_by_build[2], 13);
    assert_int_equal(state_of(&rig)->bars, 18);
    rig_close(&rig);
}

static void test_rolls_back_by_itself(void **unused)
{
    struct rig rig;
    struct engine_view view;
    uint64_t sequence;
    (void)unused;
    bench_open(&rig, 1);
    rig.engine->any_timers = true; /* so that next_timer is kept */
    bars(&rig, 4);
    world.timer = rig.time + 4 * RIG_MINUTE; /* the next build's from its commit on */
    expect_step(&rig, SWAP_PREPARE, 2, 0);
    assert_int_equal(rig.engine->strategies[0].timers[2], 0);
    expect_step(&rig, SWAP_COMMIT, 2, 0);
    assert_true(rig.engine->strategies[0].timers[2] == world.timer);
    bars(&rig, 3);
    assert_true(rig.engine->next_timer == world.timer);
    world.break_build = 2;
    world.how = BREAK_SCORE;
    sequence = engine_sequence(rig.engine);
    bars(&rig, 1);
    engine_view_strategy(rig.engine, 0, &view);
    assert_string_equal(view.type->version, "1.0");
    assert_int_equal(view.run, STRATEGY_RUNNING);
    assert_int_equal(world.last_stop, TURRET_REASON_QUARANTINED);
    assert_int_equal(state_of(&rig)->bars, 8); /* it saw the bar that broke the other */
    assert_true(engine_sequence(rig.engine) > sequence + 1);
    assert_true(rig.engine->strategies[0].timers[2] == world.timer); /* it was faulty then */
    bars(&rig, 1);
    assert_int_equal(rig.engine->strategies[0].timers[2], 0);
    assert_int_equal(state_of(&rig)->bars, 9);
    assert_int_equal(engine_swap_of(rig.engine, 0)->phase, 0);
    rig_close(&rig);
}

static void test_by_hand_and_twice(void **unused)
{
    struct rig rig;
    struct turret_error err;
    (void)unused;
    bench_open(&rig, 1);
    bars(&rig, 2);
    expect_step(&rig, SWAP_PREPARE, 2, 0);
    assert_int_equal(step(&rig, SWAP_PREPARE, 2, 0, &err), TURRET_ESTATE);
    expect_step(&rig, SWAP_COMMIT, 2, 0);
    bars(&rig, 2);
    expect_step(&rig, SWAP_ROLLBACK, 1, 0);
    assert_int_equal(step(&rig, SWAP_ROLLBACK, 1, 0, &err), TURRET_ESTATE);
    bars(&rig, 1);
    assert_int_equal(state_of(&rig)->bars, 5);
    assert_int_equal(world.starts, 3); /* first, rehearsed, in earnest */
    assert_int_equal(world.stops, 2);
    rig_close(&rig);
    assert_int_equal(world.stops, 3);
}

/* The same events, steps of swaps among them, give the same bytes; a snapshot does not tell. */
static void test_same_bytes(void **unused)
{
    static uint8_t first[1 << 20], second[1 << 20];
    uint8_t *into[] = {first, second};
    size_t size[2];
    uint32_t run;
    (void)unused;
    for (run = 0; run < 2; run++) {
        struct rig rig;
        bench_open(&rig, 1);
        bars(&rig, 7);
        expect_step(&rig, SWAP_PREPARE, 2, run); /* with and without a shadow run */
        bars(&rig, 7);
        expect_step(&rig, SWAP_COMMIT, 2, 0);
        bars(&rig, 7);
        size[run] = engine_snapshot(rig.engine, into[run], sizeof first);
        assert_true(size[run] <= sizeof first);
        rig_close(&rig);
    }
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(first, second, size[0]);
}

/* Orders that only the shadow believed in are told to it as canceled; nothing can come of that. */
static void test_phantoms_are_told(void **unused)
{
    struct rig rig;
    uint64_t sequence;
    (void)unused;
    bench_open(&rig, 1);
    bars(&rig, 2);
    expect_step(&rig, SWAP_PREPARE, 2, 0);
    expect_step(&rig, SWAP_COMMIT, 2, 0);
    world.quotes = 1; /* the old build, which is muted now */
    bars(&rig, 3);
    sequence = engine_sequence(rig.engine);
    world.answered = 99;
    world.told = 0;
    expect_step(&rig, SWAP_ROLLBACK, 1, 0);
    assert_int_equal(world.told, 3);
    assert_int_equal(world.answered, 0);
    assert_int_equal(engine_sequence(rig.engine), sequence + 1);
    world.quotes = 0;
    rig_turn(&rig);
    assert_int_equal(engine_sequence(rig.engine), sequence + 2); /* no order came of it */
    rig_close(&rig);
}

/* What was disabled before a swap stays so, whatever becomes of the swap. */
static void test_a_fault_from_before_stays(void **unused)
{
    struct rig rig;
    struct engine_view view;
    (void)unused;
    bench_open(&rig, 1);
    bars(&rig, 2);
    world.break_build = 1;
    world.how = BREAK_SCORE;
    bars(&rig, 1);
    world.how = BREAK_NOTHING;
    expect_step(&rig, SWAP_PREPARE, 2, 0);
    expect_step(&rig, SWAP_COMMIT, 2, 0);
    bars(&rig, 1);
    expect_step(&rig, SWAP_ROLLBACK, 1, 0);
    engine_view_strategy(rig.engine, 0, &view);
    assert_int_equal(view.run, STRATEGY_FAULT);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_event_lost),
        cmocka_unit_test(test_state_goes_along),
        cmocka_unit_test(test_converters),
        cmocka_unit_test(test_refused_old_goes_on),
        cmocka_unit_test(test_shadow_is_compared),
        cmocka_unit_test(test_rolls_back_by_itself),
        cmocka_unit_test(test_by_hand_and_twice),
        cmocka_unit_test(test_phantoms_are_told),
        cmocka_unit_test(test_a_fault_from_before_stays),
        cmocka_unit_test(test_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
