/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the host believes a runner nothing: what it tells of a plugin comes out as it went in,
 * and cut or changed at any place it is refused or at worst describes something else; any question
 * with any body is answered or ends the runner. And that a strategy whose runner dies in a callback
 * is as it was before it: its fields, its orders, its wishes; it begins again from there.
 */
#include "engine_rig.h"
#include "plugin_files.h"

#include "isolation/adapter_asks.h"
#include "isolation/channel.h"
#include "isolation/isolated.h"
#include "isolation/strategy_asks.h"
#include "plugin/registry.h"

#include <signal.h>

#define MUTATIONS 20000
#define QUESTIONS 4000

static struct rig rig;
static char private_dir[FILES_PATH_MAX];

static struct registry *open_registry(void)
{
    struct registry *registry;
    assert_int_equal(registry_create(&registry, private_dir, NULL), TURRET_OK);
    return registry;
}

static void load(struct registry *registry, const char *folder, const char *name, bool isolated)
{
    char path[FILES_PATH_MAX];
    const struct plugin_policy policy = {.allow_writable = true, .isolated = isolated};
    struct turret_error err = {0};
    files_join(path, folder, name);
    if (registry_load(registry, path, &policy, &err))
        fail_msg("%s", err.text);
}

static const char *attackers(void)
{
    static char path[FILES_PATH_MAX];
    files_join(path, files_environment("TURRET_BUILD"), "isolation-plugins");
    return path;
}

/* ---- descriptions ---- */

static unsigned char packed[DESCRIBE_MAX];

static uint32_t pack_file(const char *name)
{
    char path[FILES_PATH_MAX];
    struct plugin *plugin;
    uint32_t size;
    files_join(path, files_environment("TURRET_PLUGINS"), name);
    assert_int_equal(plugin_load(path, private_dir, &plugin, NULL), TURRET_OK);
    size = describe_pack(plugin, packed, sizeof packed);
    assert_true(size > 0);
    plugin_unload(plugin);
    return size;
}

static void test_description_comes_back(void **unused)
{
    struct description got;
    struct turret_error err = {0};
    uint32_t size = pack_file("sim.so");
    (void)unused;
    assert_int_equal(describe_unpack(packed, size, &got, &err), TURRET_OK);
    assert_int_equal(got.count, 1);
    assert_int_equal(got.offers[0].kind, TURRET_KIND_BROKER);
    assert_string_equal(got.offers[0].broker.id, "turret.sim");
    assert_string_equal(got.offers[0].broker.params[0].name, "market_fill");
    assert_string_equal(got.offers[0].broker.params[0].unit,
                        "next_open|this_close|next_close|quote");
    assert_true(got.offers[0].callbacks & 1u << 4); /* submit */
    describe_finish(&got);
    size = pack_file("ma_cross.so");
    assert_int_equal(describe_unpack(packed, size, &got, &err), TURRET_OK);
    assert_string_equal(got.offers[0].strategy.fields[0].name, "crossings");
    assert_null(got.offers[0].strategy.on_bar);
    describe_finish(&got);
}

static void test_any_description(void **unused)
{
    static const char *const names[] = {"sim.so", "ma_cross.so", "macd.so"};
    static unsigned char changed[DESCRIBE_MAX];
    struct description got;
    uint64_t seed = 7;
    (void)unused;
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        uint32_t size = pack_file(names[n]);
        for (uint32_t cut = 0; cut < size; cut++)
            assert_int_not_equal(describe_unpack(packed, cut, &got, NULL), TURRET_OK);
        for (uint32_t i = 0; i < MUTATIONS; i++) {
            memcpy(changed, packed, size);
            for (uint64_t k = rig_random(&seed) % 4 + 1; k > 0; k--)
                changed[rig_random(&seed) % size] = (unsigned char)rig_random(&seed);
            if (describe_unpack(changed, size, &got, NULL) == TURRET_OK)
                describe_finish(&got);
        }
    }
}

/* Loads in this process; its fields would not fit between two. */
static void test_fields_have_to_fit(void **unused)
{
    const struct plugin_policy isolated = {.allow_writable = true, .isolated = true};
    struct registry *registry = open_registry();
    struct turret_error err = {0};
    char path[FILES_PATH_MAX];
    (void)unused;
    files_join(path, attackers(), "test_wide.so");
    assert_int_equal(registry_load(registry, path, &isolated, &err), TURRET_ELIMIT);
    assert_non_null(strstr(err.text, "its fields are 25165824 bytes"));
    registry_destroy(registry);
    registry = open_registry();
    load(registry, attackers(), "test_wide.so", false);
    registry_destroy(registry);
}

/* ---- questions ---- */

static int32_t ask_target(struct turret_strategy *self, turret_instrument instrument,
                          turret_qty qty, const char *reason)
{
    (void)self;
    (void)instrument;
    assert_true(strlen(reason) < 56);
    return (int32_t)(qty & 1);
}

static uint64_t ask_submit(struct turret_strategy *self, const struct turret_order_request *request)
{
    (void)self;
    assert_true(strlen(request->reason) < 56);
    return request->instrument;
}

static turret_indicator ask_use(struct turret_strategy *self, turret_instrument instrument,
                                int64_t timeframe_ns, const char *expression,
                                struct turret_error *err)
{
    static struct turret_slot slots[40];
    (void)self;
    (void)timeframe_ns;
    (void)err;
    assert_true(strlen(expression) < 256);
    return instrument % 41 ? &slots[instrument % 41 - 1] : NULL;
}

/* The real table of the core, but for those that need an engine. */
static struct turret_strategy_host stub_host(void)
{
    struct turret_strategy_host host = strategy_host;
    host.use = ask_use;
    host.target = ask_target;
    host.submit = ask_submit;
    return host;
}

static struct runner *runner_of(struct registry *registry, uint32_t kind, const char *id,
                                const struct plugin_offer **offer)
{
    const struct plugin *plugin;
    struct runner *runner;
    struct turret_error err = {0};
    assert_int_equal(registry_find(registry, kind, id, offer, &plugin, &err), TURRET_OK);
    if (isolated_start(isolated_origin(plugin_offer_id(*offer)), &runner, &err))
        fail_msg("%s", err.text);
    return runner;
}

static void fill_noise(uint64_t *seed, unsigned char *to, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = (unsigned char)rig_random(seed);
}

static void test_any_question(void **unused)
{
    const struct turret_strategy_host host = stub_host();
    struct registry *registry = open_registry();
    const struct plugin_offer *offer;
    struct instance instance = {0};
    struct rig_options o = rig_defaults();
    uint64_t seed = 11;
    uint32_t breaches = 0;
    (void)unused;
    rig_open(&rig, &o);
    load(registry, files_environment("TURRET_PLUGINS"), "ma_cross.so", true);
    instance.self = rig.self[0];
    instance.self->host = &host;
    for (uint32_t i = 0; i < QUESTIONS; i++) {
        static const uint32_t sizes[] = {0, 64, 96, 256, 272, 32, 16, 104, 65536, 65537};
        struct wire_head ask = {.kind = (uint32_t)(rig_random(&seed) % 24)}, reply = {0};
        if (!instance.runner)
            instance.runner = runner_of(registry, TURRET_KIND_STRATEGY, "ma_cross", &offer);
        instance.type = &offer->strategy;
        ask.size = sizes[rig_random(&seed) % 10];
        ask.a = rig_random(&seed) >> (rig_random(&seed) % 64);
        ask.b = rig_random(&seed);
        fill_noise(&seed, runner_wire(instance.runner)->answers.body, 512);
        strategy_answer(&instance, &ask, &reply);
        assert_true(instance.slot_count <= WIRE_SLOTS);
        assert_true(reply.size <= WIRE_REPLY);
        if (runner_alive(instance.runner))
            continue;
        assert_non_null(strstr(runner_why(instance.runner), "broke the runner protocol"));
        breaches++;
        runner_stop(instance.runner);
        instance.runner = NULL;
        if (breaches > 200) /* enough of these: a process each */
            break;
    }
    assert_true(breaches > 50);
    runner_stop(instance.runner);
    free(instance.writing.at);
    instance.self->host = &strategy_host;
    rig_close(&rig);
    registry_destroy(registry);
}

/* ---- a strategy that is lost ---- */

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
        cmocka_unit_test(test_description_comes_back), cmocka_unit_test(test_any_description),
        cmocka_unit_test(test_fields_have_to_fit),     cmocka_unit_test(test_any_question),
        cmocka_unit_test(test_lost_and_begun_again),   cmocka_unit_test(test_swapped_into_a_runner),
        cmocka_unit_test(test_indicator_survives),
    };
    int failed;
    files_make_directory(private_dir);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    files_remove_directory(private_dir);
    return failed;
}
