/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the host believes a runner nothing: what it tells of a plugin comes out as it went in,
 * and cut or changed at any place it is refused or at worst describes something else; any question
 * with any body is answered or ends the runner.
 */
#include "isolated_case.h"

#include "isolation/adapter_asks.h"
#include "isolation/channel.h"
#include "isolation/isolated.h"
#include "isolation/strategy_asks.h"

#define MUTATIONS 20000
#define QUESTIONS 4000

static struct rig rig;

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_description_comes_back),
        cmocka_unit_test(test_any_description),
        cmocka_unit_test(test_fields_have_to_fit),
        cmocka_unit_test(test_any_question),
    };
    int failed;
    files_make_directory(private_dir);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    files_remove_directory(private_dir);
    return failed;
}
