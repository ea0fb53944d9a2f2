/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a shown configuration loads again and shows the same (every ready one, and one with
 * awkward values), with every default spelled out; and that a comparison names what differs.
 */
#include "test_config_rig.h"

static char *show(const struct config *config)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    config_show(config, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static char *diff(const struct config *from, const struct config *to, uint32_t count)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(config_diff(from, to, out), count);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* Shown, parsed and loaded it is the same configuration. */
static void check_fixed_point(const struct config *config)
{
    char path[] = "/tmp/turret-test-show-XXXXXX";
    char *first = show(config), *second, *third, *nothing;
    int file = mkstemp(path);
    struct rig parsed, loaded;
    assert_true(file >= 0);
    assert_int_equal(close(file), 0);
    rig_parse_good(&parsed, first);
    second = show(parsed.config);
    assert_string_equal(first, second);
    rig_write(path, first, strlen(first));
    rig_load(&loaded, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(loaded.status, TURRET_OK);
    third = show(loaded.config);
    assert_string_equal(first, third);
    nothing = diff(config, loaded.config, 0);
    assert_string_equal(nothing, "");
    assert_memory_equal(&config->risk, &loaded.config->risk, sizeof config->risk);
    assert_memory_equal(&config->backtest, &loaded.config->backtest, sizeof config->backtest);
    assert_int_equal(config->instrument_count, loaded.config->instrument_count);
    free(nothing);
    free(first);
    free(second);
    free(third);
    rig_clear(&parsed);
    rig_clear(&loaded);
}

static void ready_configurations_show_what_loads_again(void **state)
{
    static const char *const ready[] = {"configs/demo.yaml", "configs/paper.yaml",
                                        "configs/backtest.yaml", "configs/weighted-bots.yaml",
                                        "configs/replay.yaml"};
    size_t i;
    struct rig rig;
    (void)state;
    for (i = 0; i < sizeof ready / sizeof *ready; i++) {
        char *path = rig_source(ready[i]);
        rig_load(&rig, path);
        assert_int_equal(rig.status, TURRET_OK);
        check_fixed_point(rig.config);
        rig_clear(&rig);
        free(path);
    }
}

static void awkward_values_survive(void **state)
{
    static const char *const values[] = {"\"\"",
                                         "\"$${HOME}\"",
                                         "\"${HOME}\"",
                                         "\"a: b # c\"",
                                         "\"'\"",
                                         "\"\\\"\\\\\"",
                                         "\"  spaces \"",
                                         "\"- x\"",
                                         "-",
                                         "\"-\"",
                                         "\"{x}\"",
                                         "\"*a\"",
                                         "\"&a\"",
                                         "\"!t\"",
                                         "\"%x\"",
                                         "\"@x\"",
                                         "\"`x\"",
                                         "\"| \"",
                                         "null",
                                         "~",
                                         "\"\xc3\xa9\"",
                                         "1e5",
                                         "0x1",
                                         "\"?\"",
                                         "2013-10-07",
                                         "\"---\"",
                                         "\"...\"",
                                         "..",
                                         "/",
                                         "-5",
                                         "a%b",
                                         "\"a,b\"",
                                         "\"[a]\"",
                                         "a+b"};
    size_t i;
    struct rig rig;
    (void)state;
    for (i = 0; i < sizeof values / sizeof *values; i++) {
        char *value = NULL, *text;
        assert_true(asprintf(&value, "note: %s", values[i]) > 0);
        text = rig_replace(rig_good, "fast: 10", value);
        if (strcmp(values[i], "-") == 0) { /* YAML's own mistake */
            rig_parse(&rig, text);
            assert_int_equal(rig.status, TURRET_EINVAL);
        } else {
            rig_parse_good(&rig, text);
            check_fixed_point(rig.config);
        }
        rig_clear(&rig);
        free(value);
        free(text);
    }
}

/* What is right only as a default must be right when it is written out, too. */
static void unusual_steps_survive(void **state)
{
    static const char *const steps[] = {
        "tick: 0.25, lot: 3, currency: USD", "tick: 5, lot: 0.000000000007, currency: USD",
        "tick: 1000000, lot: 140737488355327, currency: USD",
        "tick: 0.000000000001, lot: 0.5, min: 0, max: 0.7, currency: XBT2",
        "tick: 0.01, qty_scale: 12, currency: USD, max: 100, multiplier: 1000000000"};
    size_t i;
    struct rig rig;
    (void)state;
    for (i = 0; i < sizeof steps / sizeof *steps; i++) {
        char *text = rig_replace(rig_good, "tick: 0.01, lot: 1, currency: USD", steps[i]);
        rig_parse_good(&rig, text);
        check_fixed_point(rig.config);
        rig_clear(&rig);
        free(text);
    }
}

static const char shown[] = "turret: 1\n"
                            "mode: paper\n"
                            "store: var/turret\n"
                            "\n"
                            "plugins:\n"
                            "  - path: build/plugins\n"
                            "    isolation: in-process\n"
                            "    signature: off\n"
                            "    writable: refuse\n"
                            "\n"
                            "venues:\n"
                            "  sim:\n"
                            "    adapter: sim\n"
                            "    account: demo\n"
                            "    seed: 7\n"
                            "    cash:\n"
                            "      USD: 100000\n"
                            "    reconcile:\n"
                            "      every: 1m\n"
                            "      orders: halt\n"
                            "      fills: adopt\n"
                            "      positions: halt\n"
                            "      cash: halt\n"
                            "      cash_tolerance: 0\n"
                            "\n"
                            "instruments:\n"
                            "  SPY.sim:\n"
                            "    tick: 0.01\n"
                            "    lot: 1\n"
                            "    currency: USD\n"
                            "    feed: sim\n"
                            "    data: SPY\n"
                            "    price_scale: 2\n"
                            "    qty_scale: 0\n"
                            "    multiplier: 1\n"
                            "    min: 1\n"
                            "    max: 140737488355327\n"
                            "\n"
                            "strategies:\n"
                            "  spy-cross:\n"
                            "    plugin: ma_cross\n"
                            "    enabled: true\n"
                            "    on_crash: cancel\n"
                            "    on:\n"
                            "      - SPY.sim@1m\n"
                            "    params:\n"
                            "      fast: 10\n"
                            "    limits:\n"
                            "      max_position: 500\n"
                            "\n"
                            "risk:\n"
                            "  preset: none\n"
                            "  # max_order_qty: not set, so what it would allow is denied\n"
                            "  # max_order: not set, so what it would allow is denied\n"
                            "  # max_position: not set, so what it would allow is denied\n"
                            "  # max_position_value: not set, so what it would allow is denied\n"
                            "  # max_open_orders: not set, so what it would allow is denied\n"
                            "  # orders_per_minute: not set, so what it would allow is denied\n"
                            "  collar: 2.5%\n"
                            "  reference_age: 90s\n"
                            "  daily_loss: 100.5\n"
                            "  drawdown: 0%\n"
                            "  leverage: 150%\n"
                            "  # duplicate_window: not set, so what it would allow is denied\n"
                            "  # self_trade: not set, so what it would allow is denied\n"
                            "  # gross_exposure: not set, so what it would allow is denied\n"
                            "  # net_exposure: not set, so what it would allow is denied\n"
                            "  # concentration: not set, so what it would allow is denied\n"
                            "  # loss_streak: not set, so what it would allow is denied\n"
                            "  # cool_down: not set, so what it would allow is denied\n"
                            "  # fills_per_minute: not set, so what it would allow is denied\n"
                            "  # max_unexecuted: not set, so what it would allow is denied\n"
                            "  # messages_per_fill: not set, so what it would allow is denied\n"
                            "  # collar_window: not set, so what it would allow is denied\n"
                            "  # collar_drift: not set, so what it would allow is denied\n"
                            "  # sector: not set, so what it would allow is denied\n"
                            "  # correlation: not set, so what it would allow is denied\n"
                            "  # correlation_from: not set, so what it would allow is denied\n"
                            "  # max_clock_skew: not set, so what it would allow is denied\n"
                            "\n"
                            "swap:\n"
                            "  watch: true\n"
                            "  shadow: 0\n"
                            "  divergence: 0\n"
                            "  probation: 1000\n"
                            "  denials: 50%\n"
                            "  deadline: 30s\n"
                            "\n"
                            "backtest:\n"
                            "  from: first\n"
                            "  to: last\n";

static void everything_is_spelled_out(void **state)
{
    char *text = rig_replace(rig_good, "preset: development",
                             "preset: none\n  collar: 2.5%\n  reference_age: 90s\n"
                             "  daily_loss: 100.5\n  drawdown: 0%\n  leverage: 150%");
    char *out;
    struct rig rig;
    (void)state;
    rig_parse_good(&rig, text);
    out = show(rig.config);
    assert_string_equal(out, shown);
    check_fixed_point(rig.config);
    free(out);
    free(text);
    rig_clear(&rig);
}

#define KEY "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"

static void plugin_directories_survive_and_compare(void **state)
{
    static const char full[] = "path: build/plugins\n"
                               "    isolation: process\n"
                               "    signature: require\n"
                               "    keys:\n"
                               "      - " KEY "\n"
                               "      - \"file:keys/acme.pub\"\n"
                               "    minimum:\n"
                               "      acme.cross: 1.2.0\n"
                               "      acme.other: 7\n"
                               "    writable: allow\n"
                               "  - path: own\n"
                               "    isolation: in-process\n"
                               "    signature: off\n"
                               "    writable: refuse\n";
    char *text = rig_replace(rig_good, "path: build/plugins\n", full), *out;
    struct rig before, after;
    (void)state;
    rig_parse_good(&before, rig_good);
    rig_parse_good(&after, text);
    out = show(after.config);
    assert_non_null(strstr(out, full));
    free(out);
    check_fixed_point(after.config);
    out = diff(before.config, after.config, 11);
    assert_string_equal(out, "- plugins[0].isolation: in-process\n"
                             "+ plugins[0].isolation: process\n"
                             "- plugins[0].signature: off\n"
                             "+ plugins[0].signature: require\n"
                             "- plugins[0].writable: refuse\n"
                             "+ plugins[0].writable: allow\n"
                             "+ plugins[0].keys[0]: " KEY "\n"
                             "+ plugins[0].keys[1]: file:keys/acme.pub\n"
                             "+ plugins[0].minimum.acme.cross: 1.2.0\n"
                             "+ plugins[0].minimum.acme.other: 7\n"
                             "+ plugins[1].path: own\n"
                             "+ plugins[1].isolation: in-process\n"
                             "+ plugins[1].signature: off\n"
                             "+ plugins[1].writable: refuse\n");
    free(out);
    free(text);
    rig_clear(&before);
    rig_clear(&after);
}

static void who_is_disowned_is_kept_and_compared(void **state)
{
    char *text = rig_replace(rig_good, "risk:", "disowned: [old, older]\nrisk:");
    struct rig before, after;
    char *out;
    (void)state;
    rig_parse_good(&before, rig_good);
    rig_parse_good(&after, text);
    assert_int_equal(before.config->disowned_count, 0);
    assert_int_equal(after.config->disowned_count, 2);
    assert_string_equal(after.config->disowned[1], "older");
    check_fixed_point(after.config);
    out = diff(before.config, after.config, 2);
    assert_string_equal(out, "+ disowned[0]: old\n"
                             "+ disowned[1]: older\n");
    free(out);
    free(text);
    rig_clear(&before);
    rig_clear(&after);
}

static void a_sector_is_kept_and_compared(void **state)
{
    char *text = rig_replace(rig_good, "currency: USD}", "currency: USD, sector: consumer-goods}");
    struct rig before, after;
    char *out;
    (void)state;
    rig_parse_good(&before, rig_good);
    rig_parse_good(&after, text);
    assert_string_equal(before.config->instruments[0].sector, "");
    assert_string_equal(after.config->instruments[0].sector, "consumer-goods");
    check_fixed_point(after.config);
    out = diff(before.config, after.config, 1);
    assert_string_equal(out, "+ instruments.SPY.sim.sector: consumer-goods\n");
    free(out);
    free(text);
    rig_clear(&before);
    rig_clear(&after);
}

static void a_comparison_names_what_differs(void **state)
{
    char *a = rig_replace(rig_good, "preset: development", "preset: development\n  collar: 3%");
    char *b = rig_replace(a, "fast: 10", "slow: 30\n      fast: 12");
    char *c = rig_replace(b, "on: SPY.sim@1m", "on: [SPY.sim@1m, SPY.sim@5m]");
    char *d = rig_replace(c, "    limits: {max_position: 500}\n", "");
    char *text;
    struct rig before, after;
    (void)state;
    rig_parse_good(&before, rig_good);
    rig_parse_good(&after, d);
    text = diff(before.config, after.config, 5);
    assert_string_equal(text, "- strategies.spy-cross.params.fast: 10\n"
                              "+ strategies.spy-cross.params.fast: 12\n"
                              "- strategies.spy-cross.limits.max_position: 500\n"
                              "- risk.collar: 10%\n"
                              "+ risk.collar: 3%\n"
                              "+ strategies.spy-cross.on[1]: SPY.sim@5m\n"
                              "+ strategies.spy-cross.params.slow: 30\n");
    free(text);
    text = diff(after.config, after.config, 0);
    assert_string_equal(text, "");
    free(text);
    rig_clear(&before);
    rig_clear(&after);
    free(a);
    free(b);
    free(c);
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ready_configurations_show_what_loads_again),
        cmocka_unit_test(awkward_values_survive),
        cmocka_unit_test(unusual_steps_survive),
        cmocka_unit_test(everything_is_spelled_out),
        cmocka_unit_test(plugin_directories_survive_and_compare),
        cmocka_unit_test(who_is_disowned_is_kept_and_compared),
        cmocka_unit_test(a_sector_is_kept_and_compared),
        cmocka_unit_test(a_comparison_names_what_differs),
    };
    (void)setenv("HOME", "/home/somebody", 1); /* must never come out of a shown ${HOME} */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
