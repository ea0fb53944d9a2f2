/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a configuration becomes the structs it says, with its defaults; that ${} is expanded
 * where it should be and nowhere else; that values from the environment are never printed; that the
 * ready configurations load; and what files that are none answer.
 */
#include "test_config_rig.h"

#include "core/orders.h"

#include <nettle/sha2.h>

static char directory[] = "/tmp/turret-test-config-XXXXXX";

static int enter_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int leave_directory(void **state)
{
    (void)state;
    (void)unlink("a.yaml");
    return chdir("/") == 0 && rmdir(directory) == 0 ? 0 : -1;
}

static const char full[] =
    "turret: 1\n"
    "mode: backtest\n"
    "store: s\n"
    "plugins: [{path: p1}, {path: p2}]\n"
    "venues:\n"
    "  sim: {adapter: turret.sim, cash: {USD: 100000.5, EUR: 0}, seed: 4294967295,\n"
    "        params: {market: synthetic, pace_ms: 50}}\n"
    "  tape: {adapter: replay, account: a-1}\n"
    "instruments:\n"
    "  BRK.B.sim: {tick: 0.010, lot: 0.001, currency: USD, feed: tape, data: BRK/B,\n"
    "              bid_data: bid, ask_data: ask, price_scale: 4, qty_scale: 5, multiplier: 50,\n"
    "              min: 0.002, max: 7, splits: {2020-08-31: \"4:1\", 2014-06-09: \"7:1\"}}\n"
    "  ES.tape: {tick: 25, currency: USD}\n"
    "strategies:\n"
    "  one: {plugin: ma_cross, on: [BRK.B.sim@1m, ES.tape], enabled: false,\n"
    "        params: {fast: 10, kind: \"e: m\"},\n"
    "        limits: {daily_loss: 100.25, cool_down: 90s, max_position: 0.5}}\n"
    "  two: {plugin: x.y, on: ES.tape@1d}\n"
    "risk: {preset: development, collar: 0.25%, daily_loss: 2%, max_order: 1.00000001}\n"
    "backtest: {from: 2013-10-08, to: last}\n";

static void every_setting_arrives(void **state)
{
    const struct config *c;
    struct rig rig;
    (void)state;
    rig_parse_good(&rig, full);
    c = rig.config;
    assert_string_equal(c->file, "a.yaml");
    assert_string_equal(c->text, full);
    assert_int_equal(c->mode, CONFIG_BACKTEST);
    assert_string_equal(c->store, "s");
    assert_int_equal(c->plugin_dir_count, 2);
    assert_string_equal(c->plugin_dirs[1].path, "p2");
    assert_int_equal(c->venue_count, 2);
    assert_string_equal(c->venues[0].adapter, "turret.sim");
    assert_string_equal(c->venues[0].account, "default");
    assert_int_equal(c->venues[0].seed, UINT32_MAX);
    assert_int_equal(c->venues[0].cash_count, 2);
    assert_int_equal(c->venues[0].cash[0].amount, 10000050000000);
    assert_string_equal(c->venues[0].cash[1].currency, "EUR");
    assert_int_equal(c->venues[0].param_count, 2);
    assert_string_equal(c->venues[0].params[1].name, "pace_ms");
    assert_string_equal(c->venues[0].params[1].text, "50");
    assert_int_equal(c->venues[0].params[1].place.line, 7);
    assert_int_equal(c->venues[0].params[1].place.column, 46);
    assert_int_equal(c->venues[0].params[1].place.length, 2);
    assert_int_equal(c->venues[1].place.line, 8);
    assert_string_equal(c->venues[1].account, "a-1");
    rig_clear(&rig);
}

static void every_plugin_directory_arrives(void **state)
{
    static const char key[] = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    char *text = NULL;
    const struct config_plugin_dir *dirs;
    struct rig rig;
    (void)state;
    assert_true(asprintf(&text,
                         "turret: 1\nmode: paper\nrisk: {preset: none}\nplugins:\n"
                         "  - path: own\n"
                         "  - path: third\n    isolation: process\n    signature: require\n"
                         "    keys: [%s, file:keys/acme.pub]\n"
                         "    minimum: {acme.cross: 1.2.0, acme.other: 7}\n    writable: allow\n"
                         "  - {path: p, isolation: in-process, signature: warn, keys: [%s],\n"
                         "     writable: refuse}\n"
                         "  - {path: q, signature: off, keys: [%s]}\n",
                         key, key, key) > 0);
    rig_parse_good(&rig, text);
    dirs = rig.config->plugin_dirs;
    assert_int_equal(rig.config->plugin_dir_count, 4);
    assert_string_equal(dirs[0].path, "own");
    assert_false(dirs[0].isolated);
    assert_int_equal(dirs[0].signature, CONFIG_SIGNATURE_OFF);
    assert_int_equal(dirs[0].key_count, 0);
    assert_false(dirs[0].allow_writable);
    assert_true(dirs[1].isolated);
    assert_int_equal(dirs[1].signature, CONFIG_SIGNATURE_REQUIRE);
    assert_int_equal(dirs[1].key_count, 2);
    assert_string_equal(dirs[1].keys[0], key);
    assert_string_equal(dirs[1].keys[1], CONFIG_KEY_FILE "keys/acme.pub");
    assert_int_equal(dirs[1].minimum_count, 2);
    assert_string_equal(dirs[1].minimums[0].plugin, "acme.cross");
    assert_string_equal(dirs[1].minimums[0].version, "1.2.0");
    assert_int_equal(dirs[1].minimums[0].place.line, 10);
    assert_int_equal(dirs[1].minimums[0].place.column, 27);
    assert_string_equal(dirs[1].minimums[1].version, "7");
    assert_true(dirs[1].allow_writable);
    assert_int_equal(dirs[1].place.line, 6);
    assert_false(dirs[2].isolated);
    assert_int_equal(dirs[2].signature, CONFIG_SIGNATURE_WARN);
    assert_false(dirs[2].allow_writable);
    assert_int_equal(dirs[3].signature, CONFIG_SIGNATURE_OFF);
    assert_int_equal(dirs[3].key_count, 1);
    rig_clear(&rig);
    free(text);
}

static void every_instrument_and_strategy_arrives(void **state)
{
    const struct config *c;
    const struct config_instrument *brk;
    const struct config_strategy *one;
    struct rig rig;
    (void)state;
    rig_parse_good(&rig, full);
    c = rig.config;
    brk = &c->instruments[0];
    one = &c->strategies[0];
    assert_string_equal(brk->symbol, "BRK.B");
    assert_string_equal(brk->venue, "sim");
    assert_string_equal(brk->feed, "tape");
    assert_string_equal(brk->data, "BRK/B");
    assert_string_equal(brk->bid_data, "bid");
    assert_string_equal(brk->ask_data, "ask");
    assert_int_equal(brk->price_scale, 4);
    assert_int_equal(brk->qty_scale, 5);
    assert_int_equal(brk->tick_size, 100);
    assert_int_equal(brk->lot_size, 100);
    assert_int_equal(brk->min_qty, 200);
    assert_int_equal(brk->max_qty, 700000);
    assert_int_equal(brk->multiplier, 50);
    assert_int_equal(brk->split_count, 2); /* in the order of time */
    assert_int_equal(brk->splits[0].time, INT64_C(1402272000000000000));
    assert_int_equal(brk->splits[0].numerator, 7);
    assert_int_equal(brk->splits[1].numerator, 4);
    assert_int_equal(one->enabled, false);
    assert_int_equal(one->on_count, 2);
    assert_int_equal(one->on[0].timeframe_ns, INT64_C(60000000000));
    assert_int_equal(one->on[1].instrument, 1);
    assert_int_equal(one->on[1].timeframe_ns, 0);
    assert_string_equal(one->params[1].text, "e: m");
    assert_int_equal(one->limits.daily_loss, INT64_C(10025000000));
    assert_int_equal(one->limits.daily_loss_ppm, RISK_UNSET);
    assert_int_equal(one->limits.cool_down_ns, INT64_C(90000000000));
    assert_int_equal(one->limits.max_position_nano, 500000000);
    assert_int_equal(one->limits.collar_ppm, RISK_UNSET);
    assert_int_equal(c->risk.collar_ppm, 2500);
    assert_int_equal(c->risk.daily_loss, RISK_UNSET);
    assert_int_equal(c->risk.daily_loss_ppm, 20000);
    assert_int_equal(c->risk.max_order_notional, 100000001);
    assert_string_equal(c->risk_preset, "development");
    assert_int_equal(c->backtest.from, INT64_C(1381190400000000000));
    assert_int_equal(c->backtest.to, 0);
    rig_clear(&rig);
}

static void what_is_not_said_has_its_default(void **state)
{
    const struct config_instrument *es;
    struct rig rig;
    (void)state;
    rig_parse_good(&rig, full);
    es = &rig.config->instruments[1];
    assert_string_equal(es->feed, "tape");
    assert_string_equal(es->data, "ES");
    assert_string_equal(es->bid_data, "");
    assert_int_equal(es->price_scale, 0);
    assert_int_equal(es->tick_size, 25);
    assert_int_equal(es->lot_size, 1);
    assert_int_equal(es->min_qty, 1);
    assert_int_equal(es->max_qty, ORDER_QTY_MAX);
    assert_int_equal(es->multiplier, 1);
    assert_true(rig.config->strategies[1].enabled);
    rig_clear(&rig);
    rig_parse_good(&rig, "turret: 1\nmode: paper\nrisk: {preset: none}\n");
    assert_string_equal(rig.config->store, "var/turret");
    assert_int_equal(rig.config->plugin_dir_count, 0);
    assert_int_equal(rig.config->risk.max_order_notional, RISK_UNSET);
    assert_int_equal(rig.config->risk.leverage_ppm, RISK_UNSET);
    rig_clear(&rig);
}

static void the_development_preset_is_generous_but_finite(void **state)
{
    const struct risk_limit_row *row;
    struct risk_limits limits;
    struct rig rig;
    (void)state;
    rig_parse_good(&rig, "turret: 1\nmode: paper\nrisk: {preset: development}\n");
    assert_int_equal(rig.config->risk.max_order_qty_nano, INT64_C(1000000000000000));
    assert_int_equal(rig.config->risk.reference_age_ns, INT64_C(604800000000000));
    assert_int_equal(rig.config->risk.daily_loss_ppm, 500000);
    assert_int_equal(rig.config->risk.leverage_ppm, 1000000);
    risk_limits_clear(&limits);
    for (row = risk_limit_rows; row->name; row++) {
        uint32_t at = row->unit == RISK_UNIT_MONEY_OR_PERCENT ? row->percent_offset : row->offset;
        int64_t set, clear;
        memcpy(&set, (const char *)&rig.config->risk + at, sizeof set);
        memcpy(&clear, (const char *)&limits + at, sizeof clear);
        assert_int_equal(set, row->development);
        assert_true(set >= 0);
        assert_int_equal(clear, RISK_UNSET);
    }
    rig_clear(&rig);
}

static void load_text(struct rig *rig, const char *text)
{
    rig_write("a.yaml", text, strlen(text));
    rig_load(rig, "a.yaml");
}

#define HEAD "turret: 1\nmode: paper\nrisk: {preset: none}\n"

static void variables_are_expanded(void **state)
{
    static const struct {
        const char *written, *read;
    } cases[] = {
        {"${TURRET_T_A}", "value a"},
        {"${TURRET_T_A:other}", "value a"},
        {"${TURRET_T_UNSET:other}/x", "other/x"},
        {"${TURRET_T_EMPTY:other}", "other"},
        {"${TURRET_T_UNSET:a:b}", "a:b"},
        {"x${TURRET_T_A}y${TURRET_T_UNSET:z}", "xvalue ayz"},
        {"${TURRET_T_NESTED}", "${TURRET_T_A}"}, /* what comes in is not expanded again */
        {"$${TURRET_T_A}", "${TURRET_T_A}"},
        {"a$b$$c", "a$b$$c"},
        {"\"${TURRET_T_A} # ${TURRET_T_A}\"", "value a # value a"},
        {"${TURRET_T_A} # ${TURRET_T_UNSET} in a comment", "value a"},
    };
    size_t i;
    struct rig rig;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = NULL;
        assert_true(
            asprintf(&text, HEAD "# it's ${TURRET_T_UNSET}\nstore: %s\n", cases[i].written) > 0);
        load_text(&rig, text);
        assert_int_equal(rig.status, TURRET_OK);
        assert_string_equal(rig.config->store, cases[i].read);
        rig_clear(&rig);
        free(text);
    }
}

static void expansions_that_cannot_be_are_told(void **state)
{
    static const struct {
        const char *written, *says;
    } cases[] = {
        {"${TURRET_T_UNSET}", "the environment variable TURRET_T_UNSET is not set; set it, or "
                              "write ${TURRET_T_UNSET:default}"},
        {"${TURRET_T_LINES}",
         "the value of the environment variable TURRET_T_LINES holds a line break or a control "
         "character"},
        {"${TURRET_T_BYTES}",
         "the value of the environment variable TURRET_T_BYTES is not plain UTF-8 text"},
        {"${TURRET_T_A", "'${' has no '}' on its line; write '$${' for a plain '${'"},
        {"${}", "${...} wants a name of letters, digits and '_', then '}' or ':default}'"},
        {"${1A}", "${...} wants a name of letters, digits and '_', then '}' or ':default}'"},
        {"${A-B}", "${...} wants a name of letters, digits and '_', then '}' or ':default}'"},
        {"${TURRET_T_UNSET:${TURRET_T_A}}", "a default may not hold another ${...}"},
    };
    size_t i;
    struct rig rig;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = NULL, *says = NULL;
        assert_true(asprintf(&text, HEAD "store: %s\n", cases[i].written) > 0);
        assert_true(asprintf(&says, "a.yaml:4:8: %s", cases[i].says) > 0);
        load_text(&rig, text);
        assert_string_equal(rig.err.text, says);
        rig_clear(&rig);
        free(text);
        free(says);
    }
}

static void messages_show_the_file_not_the_environment(void **state)
{
    struct rig rig;
    (void)state;
    load_text(&rig, HEAD "venues:\n  v: {seed: ${TURRET_T_SECRET}, adapter: sim, acount: x}\n");
    assert_string_equal(rig.messages,
                        "a.yaml:5:47: error: venues.v.acount is not a known key; did you mean "
                        "'account'?\n"
                        "    5 |   v: {seed: ${TURRET_T_SECRET}, adapter: sim, acount: x}\n"
                        "      |                                               ^~~~~~\n"
                        "a.yaml:5:13: error: venues.v.seed is from the environment, not a whole "
                        "number\n"
                        "    5 |   v: {seed: ${TURRET_T_SECRET}, adapter: sim, acount: x}\n"
                        "      |             ^~~~~~~~~~~~~~~~~~\n");
    assert_null(strstr(rig.messages, "hunter2"));
    assert_null(strstr(rig.err.text, "hunter2"));
    rig_clear(&rig);
    load_text(&rig, HEAD "venues:\n  v: {adapter: sim, seed: ${TURRET_T_UNSET:no}}\n");
    assert_non_null(strstr(rig.messages, "venues.v.seed is 'no', not a whole number"));
    rig_clear(&rig);
}

static void the_hash_is_of_the_expanded_text(void **state)
{
    static const char text[] = HEAD "store: value a\n";
    struct rig loaded, parsed;
    struct sha256_ctx sha256;
    uint8_t hash[32];
    (void)state;
    load_text(&loaded, HEAD "store: ${TURRET_T_A}\n");
    rig_parse_good(&parsed, text);
    assert_int_equal(loaded.status, TURRET_OK);
    assert_string_equal(loaded.config->text, text);
    sha256_init(&sha256);
    sha256_update(&sha256, strlen(text), (const uint8_t *)text);
    sha256_digest(&sha256, sizeof hash, hash);
    assert_memory_equal(loaded.config->hash, hash, sizeof hash);
    assert_memory_equal(parsed.config->hash, hash, sizeof hash);
    rig_clear(&loaded);
    rig_clear(&parsed);
}

static void files_that_are_none_are_told(void **state)
{
    struct rig rig;
    (void)state;
    rig_load(&rig, "missing.yaml");
    assert_int_equal(rig.status, TURRET_ENOTFOUND);
    assert_string_equal(rig.messages,
                        "missing.yaml: error: cannot be read: No such file or directory\n");
    rig_clear(&rig);
    rig_load(&rig, ".");
    assert_int_equal(rig.status, TURRET_EIO);
    rig_clear(&rig);
    rig_write("a.yaml", "turret: 1\0mode: paper\n", 22);
    rig_load(&rig, "a.yaml");
    assert_string_equal(rig.err.text, "a.yaml:1:10: byte 0x00 is not text; save it as plain UTF-8");
    rig_clear(&rig);
    rig_load(&rig, "/dev/zero");
    assert_int_equal(rig.status, TURRET_EINVAL);
    rig_clear(&rig);
}

static void line_ends_of_other_systems_are_fine(void **state)
{
    struct rig rig;
    (void)state;
    rig_parse_good(&rig, "turret: 1\r\nmode: paper\r\nrisk:\r\n  preset: none\r\n");
    assert_int_equal(rig.config->mode, CONFIG_PAPER);
    rig_clear(&rig);
}

static void ready_configurations_load(void **state)
{
    static const struct {
        const char *path, *store;
        uint32_t strategies;
    } ready[] = {{"configs/demo.yaml", "var/demo", 4},
                 {"configs/paper.yaml", "var/turret", 2},
                 {"configs/backtest.yaml", "var/backtest", 1},
                 {"configs/replay.yaml", "var/replay", 2},
                 {"configs/weighted-bots.yaml", "var/weighted-bots", 6}};
    size_t i;
    struct rig rig;
    (void)state;
    for (i = 0; i < sizeof ready / sizeof *ready; i++) {
        char *path = rig_source(ready[i].path);
        rig_load(&rig, path);
        assert_int_equal(rig.status, TURRET_OK);
        assert_int_equal(rig.config->strategy_count, ready[i].strategies);
        assert_string_equal(rig.config->store, ready[i].store);
        rig_clear(&rig);
        free(path);
    }
}

static void nothing_to_destroy_is_fine(void **state)
{
    (void)state;
    config_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_arrives),
        cmocka_unit_test(every_plugin_directory_arrives),
        cmocka_unit_test(every_instrument_and_strategy_arrives),
        cmocka_unit_test(what_is_not_said_has_its_default),
        cmocka_unit_test(the_development_preset_is_generous_but_finite),
        cmocka_unit_test(variables_are_expanded),
        cmocka_unit_test(expansions_that_cannot_be_are_told),
        cmocka_unit_test(messages_show_the_file_not_the_environment),
        cmocka_unit_test(the_hash_is_of_the_expanded_text),
        cmocka_unit_test(files_that_are_none_are_told),
        cmocka_unit_test(line_ends_of_other_systems_are_fine),
        cmocka_unit_test(ready_configurations_load),
        cmocka_unit_test(nothing_to_destroy_is_fine),
    };
    (void)unsetenv("TURRET_STORE");
    (void)unsetenv("TURRET_T_UNSET");
    (void)setenv("TURRET_T_A", "value a", 1);
    (void)setenv("TURRET_T_EMPTY", "", 1);
    (void)setenv("TURRET_T_NESTED", "${TURRET_T_A}", 1);
    (void)setenv("TURRET_T_LINES", "a\nrisk: {}", 1);
    (void)setenv("TURRET_T_BYTES", "\xff", 1);
    (void)setenv("TURRET_T_SECRET", "hunter2", 1);
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
