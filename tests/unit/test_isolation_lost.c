/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a strategy whose runner dies in a callback is as it was before it: its fields, its
 * orders, its wishes; that it begins again from there; and that a replay loses it in the same call.
 */
#include "isolated_case.h"

#include <signal.h>

static struct rig rig;

static const struct turret_indicator_type *find(void *context, const char *name, const void **build,
                                                struct turret_error *err)
{
    const struct plugin_offer *offer;
    const struct plugin *plugin;
    if (registry_find(context, TURRET_KIND_INDICATOR, name, &offer, &plugin, err))
        return NULL;
    *build = plugin;
    return &offer->indicator;
}

static uint32_t add_attacker(struct registry *registry, const char *what)
{
    const struct turret_param_value params[] = {{1, TURRET_PARAM_TYPE_TEXT, 0, 0, what},
                                                {2, TURRET_PARAM_TYPE_TEXT, 0, 0, "nowhere"},
                                                {3, TURRET_PARAM_TYPE_INT, 0, 0, NULL}};
    const struct engine_subscription on = {rig.instrument[0], RIG_MINUTE};
    struct engine_strategy strategy = {
        .name = "attacker", .params = params, .on = &on, .on_count = 1, .enabled = true};
    const struct plugin_offer *offer;
    const struct plugin *plugin;
    uint32_t index;
    risk_limits_clear(&strategy.limits);
    assert_int_equal(
        registry_find(registry, TURRET_KIND_STRATEGY, "test.attack", &offer, &plugin, NULL),
        TURRET_OK);
    strategy.type = &offer->strategy;
    assert_int_equal(engine_add_strategy(rig.engine, &strategy, &index, NULL), TURRET_OK);
    return index;
}

static struct engine_view view_of(uint32_t strategy)
{
    struct engine_view view;
    engine_view_strategy(rig.engine, strategy, &view);
    return view;
}

static int64_t bars_of(uint32_t strategy)
{
    int64_t bars;
    memcpy(&bars, view_of(strategy).state, sizeof bars); /* its first member */
    return bars;
}

static void bars_until_lost(uint32_t strategy)
{
    for (int i = 0; i < 50 && !view_of(strategy).lost; i++)
        rig_bar(&rig, rig.instrument[0], 10000 + i);
    assert_true(view_of(strategy).lost);
    assert_int_equal(view_of(strategy).run, STRATEGY_FAULT);
}

static void test_lost_and_begun_again(void **unused)
{
    struct registry *registry = open_registry();
    struct rig_options o = rig_defaults();
    struct turret_error err = {0};
    struct engine_view view;
    uint32_t attacker, working;
    (void)unused;
    load(registry, files_environment("TURRET_PLUGINS"), "sma.so", true);
    load(registry, attackers(), "test_attack.so", true);
    o.strategies = 0;
    (void)rig_build(&rig, &o, &err);
    engine_set_indicators(rig.engine, find, registry);
    attacker = add_attacker(registry, "leaves_order");
    if (engine_start(rig.engine, TURRET_REASON_FIRST, &err))
        fail_msg("%s", err.text);
    rig_control(&rig, CONTROL_CASH, 0, INT64_C(1000000) * MONEY_ONE);
    rig_connect(&rig);

    bars_until_lost(attacker);
    view = view_of(attacker);
    assert_string_equal(view.fault, "ended by SIGABRT");
    assert_int_equal(bars_of(attacker), 5); /* the sixth callback never happened … */
    assert_int_equal(view.orders, 3);       /* … nor the order that it asked for */
    assert_int_equal(rig.notices[NOTICE_FAULT], 1);
    working = engine_working(rig.engine, 0);
    assert_int_equal(working, 3);

    rig.command_count = 0;
    rig_control(&rig, CONTROL_FAULT_STRATEGY, attacker, 1);
    assert_int_equal(rig.command_count, 3);
    assert_int_equal(rig.commands[0].kind, COMMAND_CANCEL);

    rig_control(&rig, CONTROL_RESTART_STRATEGY, attacker, 0);
    assert_int_equal(view_of(attacker).run, STRATEGY_RUNNING);
    assert_false(view_of(attacker).lost);
    assert_int_equal(bars_of(attacker), 5);

    bars_until_lost(attacker); /* the same bar, the same end */
    assert_int_equal(bars_of(attacker), 5);
    rig_control(&rig, CONTROL_STOP_STRATEGY, attacker, 0);
    assert_int_equal(view_of(attacker).run, STRATEGY_STOPPED);
    rig_control(&rig, CONTROL_RESTART_STRATEGY, attacker, 0); /* a person said stop */
    assert_int_equal(view_of(attacker).run, STRATEGY_STOPPED);
    rig_control(&rig, CONTROL_START_STRATEGY, attacker, 0);
    assert_int_equal(view_of(attacker).run, STRATEGY_RUNNING);
    rig_close(&rig);
    registry_destroy(registry);
}

/* This process has no others than runners. */
static void kill_children(void)
{
    char path[64];
    FILE *file;
    int child, killed = 0;
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    file = fopen(path, "re");
    assert_non_null(file);
    while (fscanf(file, "%d", &child) == 1)
        killed += kill(child, SIGKILL) == 0;
    (void)fclose(file);
    assert_int_equal(killed, 1);
}

/* A rig with one strategy that counts its bars in a runner. */
static void count_in_a_runner(struct registry *registry, const struct rig_options *o)
{
    struct turret_error err = {0};
    (void)rig_build(&rig, o, &err);
    engine_set_indicators(rig.engine, find, registry);
    assert_int_equal(add_attacker(registry, "sorts"), 0);
    if (engine_start(rig.engine, TURRET_REASON_FIRST, &err))
        fail_msg("%s", err.text);
    rig_control(&rig, CONTROL_CASH, 0, INT64_C(1000000) * MONEY_ONE);
    rig_connect(&rig);
    for (int i = 0; i < 8; i++)
        rig_bar(&rig, rig.instrument[0], 10000 + i);
    assert_int_equal(bars_of(0), 7); /* its indicator saw the first one alone */
}

/* What was lost by chance is lost in a replay in the same call, though nothing happens to it. */
static void test_lost_by_chance_again(void **unused)
{
    struct registry *registry = open_registry();
    struct rig_options o = rig_defaults();
    struct event_loss loss;
    (void)unused;
    load(registry, files_environment("TURRET_PLUGINS"), "sma.so", false);
    load(registry, attackers(), "test_attack.so", true);
    o.strategies = 0;
    count_in_a_runner(registry, &o);
    kill_children();
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_true(view_of(0).lost);
    assert_int_equal(bars_of(0), 7);
    loss = view_of(0).call;
    assert_int_equal(loss.at, engine_sequence(rig.engine));
    assert_int_equal(loss.call, 1);
    assert_int_equal(loss.starting, 0);
    rig_close(&rig);

    o.engine.recorded_intents = true;
    o.engine.losses = &loss;
    o.engine.loss_count = 1;
    count_in_a_runner(registry, &o);
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_true(view_of(0).lost);
    assert_int_equal(bars_of(0), 7);
    assert_int_equal(rig.notices[NOTICE_DIVERGED], 0);
    rig_control(&rig, CONTROL_RESTART_STRATEGY, 0, 0);
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(bars_of(0), 8); /* the one that was lost is not made up for */
    kill_children();
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_true(view_of(0).lost);
    assert_int_equal(rig.notices[NOTICE_DIVERGED], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_DIVERGED], "ended by SIGKILL at record "));
    rig_close(&rig);
    registry_destroy(registry);
}

static int swap(uint32_t phase, const struct engine_build *with)
{
    struct event event = rig_event(&rig, EVENT_SWAP);
    struct turret_error err = {0};
    int status;
    event.u.swap.kind = TURRET_KIND_STRATEGY;
    event.u.swap.phase = phase;
    status = engine_swap(rig.engine, &event, with, &err);
    if (status)
        print_message("%s\n", err.text);
    return status;
}

static int64_t crossings(void)
{
    const struct engine_view view = view_of(0);
    int64_t value;
    memcpy(&value, (const char *)view.state + view.type->fields[0].offset, sizeof value);
    return value;
}

static void zigzag(uint32_t bars)
{
    static const int steps[] = {0, 20, 40, 60, 40, 20, 0, -20, -40, -60, -40, -20};
    static uint32_t i;
    for (; bars > 0; bars--)
        rig_bar(&rig, rig.instrument[0], 10000 + steps[i++ % 12]);
}

/*
 * The same build, once in this process and once in a runner, takes over from itself. A runner lost
 * on probation leads back, with everything seen meanwhile.
 */
static void test_swapped_into_a_runner(void **unused)
{
    struct registry *inside = open_registry(), *isolated = open_registry();
    const struct turret_param_value params[] = {{1, TURRET_PARAM_TYPE_INT, 2, 2, NULL},
                                                {2, TURRET_PARAM_TYPE_INT, 4, 4, NULL},
                                                {3, TURRET_PARAM_TYPE_QTY, 1, 1, NULL},
                                                {4, TURRET_PARAM_TYPE_BOOL, 0, 0, NULL},
                                                {5, TURRET_PARAM_TYPE_TEXT, 0, 0, "sma"}};
    struct rig_options o = rig_defaults();
    struct engine_build with = {.params = params};
    struct engine_strategy strategy = {.name = "cross", .params = params, .enabled = true};
    struct engine_subscription on;
    const struct plugin_offer *offers[2];
    const struct plugin *plugin;
    int64_t seen;
    uint32_t index;
    (void)unused;
    load(inside, files_environment("TURRET_PLUGINS"), "sma.so", false);
    load(inside, files_environment("TURRET_PLUGINS"), "ma_cross.so", false);
    load(isolated, files_environment("TURRET_PLUGINS"), "ma_cross.so", true);
    assert_int_equal(
        registry_find(inside, TURRET_KIND_STRATEGY, "ma_cross", &offers[0], &plugin, NULL), 0);
    assert_int_equal(
        registry_find(isolated, TURRET_KIND_STRATEGY, "ma_cross", &offers[1], &plugin, NULL), 0);
    o.strategies = 0;
    (void)rig_build(&rig, &o, NULL);
    engine_set_indicators(rig.engine, find, inside);
    on = (struct engine_subscription){rig.instrument[0], RIG_MINUTE};
    strategy.on = &on;
    strategy.on_count = 1;
    strategy.type = &offers[0]->strategy;
    risk_limits_clear(&strategy.limits);
    assert_int_equal(engine_add_strategy(rig.engine, &strategy, &index, NULL), TURRET_OK);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_FIRST, NULL), TURRET_OK);
    rig_control(&rig, CONTROL_CASH, 0, INT64_C(1000000) * MONEY_ONE);
    rig_connect(&rig);
    zigzag(40);
    seen = crossings();
    assert_true(seen > 2);

    with.strategy = &offers[1]->strategy;
    assert_int_equal(swap(SWAP_PREPARE, &with), TURRET_OK);
    assert_int_equal(swap(SWAP_COMMIT, &with), TURRET_OK);
    assert_ptr_equal(view_of(0).type, &offers[1]->strategy);
    assert_int_equal(crossings(), seen);
    zigzag(20);
    assert_true(crossings() > seen);
    seen = crossings();
    kill_children();
    zigzag(1);
    assert_ptr_equal(view_of(0).type, &offers[0]->strategy);
    assert_int_equal(view_of(0).run, STRATEGY_RUNNING);
    assert_true(crossings() >= seen);
    zigzag(20);
    assert_true(crossings() > seen);
    rig_close(&rig);
    registry_destroy(inside);
    registry_destroy(isolated);
}

/* The runner that was started first: of the build that was in force before. */
static void kill_first_child(void)
{
    char path[64];
    FILE *file;
    int child, first = 0;
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    file = fopen(path, "re");
    assert_non_null(file);
    while (fscanf(file, "%d", &child) == 1)
        if (!first || child < first)
            first = child;
    (void)fclose(file);
    assert_int_equal(kill(first, SIGKILL), 0);
}

/* On probation the build before loses its runner beside the acting one; a rollback comes later. */
static bool probation(struct registry *registry, const struct rig_options *o, bool kills,
                      struct event_loss *loss)
{
    const struct turret_param_value params[] = {{1, TURRET_PARAM_TYPE_TEXT, 0, 0, "sorts"},
                                                {2, TURRET_PARAM_TYPE_TEXT, 0, 0, "nowhere"},
                                                {3, TURRET_PARAM_TYPE_INT, 0, 0, NULL}};
    struct engine_build with = {.params = params};
    bool lost = false;
    count_in_a_runner(registry, o);
    with.strategy = view_of(0).type;
    assert_int_equal(swap(SWAP_PREPARE, &with), TURRET_OK);
    assert_int_equal(swap(SWAP_COMMIT, &with), TURRET_OK);
    rig_bar(&rig, rig.instrument[0], 10000);
    if (kills)
        kill_first_child();
    for (int i = 0; i < 5; i++) {
        rig_bar(&rig, rig.instrument[0], 10000 + i);
        lost = lost || view_of(0).lost; /* the acting one's */
    }
    assert_int_equal(swap(SWAP_ROLLBACK, NULL), TURRET_OK);
    *loss = view_of(0).call;
    print_message("acting lost before the rollback: %d; after it: lost %d, run %d, bars %d\n", lost,
                  view_of(0).lost, (int)view_of(0).run, (int)bars_of(0));
    return lost;
}

/* The loss of the build beside is no loss of the acting one, also where a rollback came after it.
 */
static void test_lost_beside(void **unused)
{
    struct registry *registry = open_registry();
    struct rig_options o = rig_defaults();
    struct event_loss loss, other;
    bool lost;
    int64_t bars;
    (void)unused;
    load(registry, files_environment("TURRET_PLUGINS"), "sma.so", false);
    load(registry, attackers(), "test_attack.so", true);
    o.strategies = 0;
    assert_false(probation(registry, &o, true, &loss));
    assert_true(view_of(0).lost);
    bars = bars_of(0);
    rig_close(&rig);
    o.engine.recorded_intents = true;
    o.engine.losses = &loss; /* what record_loss() writes */
    o.engine.loss_count = 1;
    lost = probation(registry, &o, false, &other);
    assert_false(lost);
    assert_int_equal(bars_of(0), bars);
    rig_close(&rig);
    registry_destroy(registry);
}

/* An indicator's runner takes nothing with it: the call is made again in a new one. */
static void test_indicator_survives(void **unused)
{
    struct registry *isolated = open_registry(), *inside = open_registry();
    const struct turret_param_value period = {1, TURRET_PARAM_TYPE_INT, 5, 5, NULL};
    const struct plugin_offer *offers[2];
    const struct plugin *plugin;
    unsigned char *states[2];
    (void)unused;
    load(isolated, files_environment("TURRET_PLUGINS"), "wma.so", true);
    load(inside, files_environment("TURRET_PLUGINS"), "wma.so", false);
    assert_int_equal(
        registry_find(isolated, TURRET_KIND_INDICATOR, "wma", &offers[0], &plugin, NULL),
        TURRET_OK);
    assert_int_equal(registry_find(inside, TURRET_KIND_INDICATOR, "wma", &offers[1], &plugin, NULL),
                     TURRET_OK);
    for (int i = 0; i < 2; i++) {
        uint64_t size = offers[i]->indicator.state_size(&period);
        assert_int_equal(size, offers[0]->indicator.state_size(&period)); /* isolated */
        states[i] = engine_state_create(size);
        assert_non_null(states[i]);
        assert_int_equal(offers[i]->indicator.start(states[i], &period, NULL), TURRET_OK);
    }
    assert_int_equal(offers[0]->indicator.lookback(&period),
                     offers[1]->indicator.lookback(&period));
    for (int i = 0; i < 100; i++) {
        const struct turret_candle candle = {1, 2, 0.5, 1 + i % 7, 10, i};
        double out[2][TURRET_OUTPUTS_MAX] = {{0}};
        if (i % 40 == 20)
            kill_children();
        assert_int_equal(offers[0]->indicator.update(states[0], &candle, out[0]),
                         offers[1]->indicator.update(states[1], &candle, out[1]));
        assert_memory_equal(out[0], out[1], sizeof out[0]);
        assert_memory_equal(states[0], states[1], engine_state_size(states[1]));
    }
    for (int i = 0; i < 2; i++)
        engine_state_destroy(states[i]);
    registry_destroy(isolated);
    registry_destroy(inside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lost_and_begun_again),  cmocka_unit_test(test_lost_by_chance_again),
        cmocka_unit_test(test_swapped_into_a_runner), cmocka_unit_test(test_indicator_survives),
        cmocka_unit_test(test_lost_beside),
    };
    int failed;
    files_make_directory(private_dir);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    files_remove_directory(private_dir);
    return failed;
}
