/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that parameters are checked against a plugin's table: values and defaults by type, and each
 * mistake with its exact message, at its place in the file.
 */
#include "test_config_rig.h"

static const struct turret_param table[] = {
    TURRET_PARAM_INT(1, "fast", 10, 2, 200, "bars", "length"),
    TURRET_PARAM_REAL(2, "weight", 0.5, -1, 100, "", "weight"),
    TURRET_PARAM_BOOL(3, "short", 1, "both sides"),
    TURRET_PARAM_QTY(4, "size", "1.5", "position"),
    TURRET_PARAM_TEXT(5, "kind", "sma", "sma|ema", "average"),
    TURRET_PARAM_TEXT(6, "note", "", "", "any text"),
    {7, TURRET_PARAM_TYPE_INT, "even", "4", 2, 10, 2, "", "steps of two"},
};
#define ROWS ((uint32_t)(sizeof table / sizeof *table))

struct bound {
    struct rig rig;
    struct turret_param_value values[ROWS];
    int status;
};

/* Binds the strategy's params of rig_good with `params` in place of "fast: 10". */
static void bind(struct bound *bound, const char *params)
{
    char *text = rig_replace(rig_good, "fast: 10", params);
    const struct config_strategy *strategy;
    FILE *messages;
    rig_parse_good(&bound->rig, text);
    free(text);
    free(bound->rig.messages);
    messages = open_memstream(&bound->rig.messages, &bound->rig.messages_size);
    assert_non_null(messages);
    strategy = &bound->rig.config->strategies[0];
    bound->status = config_bind_params(bound->rig.config, "strategies.spy-cross.params",
                                       strategy->params, strategy->param_count, table, ROWS, 2,
                                       bound->values, messages, &bound->rig.err);
    assert_int_equal(fclose(messages), 0);
    assert_int_equal(bound->status, bound->rig.err.code);
}

static void values_are_bound_by_type(void **state)
{
    struct bound b;
    (void)state;
    bind(&b, "fast: 200\n      weight: -0.25\n      short: false\n      size: 2.25\n"
             "      kind: ema\n      note: \"a b\"\n      even: 6");
    assert_int_equal(b.status, TURRET_OK);
    assert_int_equal(b.values[0].id, 1);
    assert_int_equal(b.values[0].type, TURRET_PARAM_TYPE_INT);
    assert_int_equal(b.values[0].i, 200);
    assert_true(b.values[1].f == -0.25);
    assert_int_equal(b.values[2].i, 0);
    assert_int_equal(b.values[3].i, 225);
    assert_string_equal(b.values[4].text, "ema");
    assert_string_equal(b.values[5].text, "a b");
    assert_int_equal(b.values[6].i, 6);
    assert_null(b.values[0].text);
    rig_clear(&b.rig);
}

static void silence_means_the_default(void **state)
{
    struct bound b;
    (void)state;
    bind(&b, "fast: 20");
    assert_int_equal(b.status, TURRET_OK);
    assert_true(b.values[1].f == 0.5);
    assert_int_equal(b.values[2].i, 1);
    assert_int_equal(b.values[3].i, 150);
    assert_string_equal(b.values[4].text, "sma");
    assert_string_equal(b.values[5].text, "");
    assert_int_equal(b.values[6].i, 4);
    rig_clear(&b.rig);
}

#define WHERE "error: strategies.spy-cross.params."

static const struct {
    const char *params, *says;
} mistakes[] = {
    {"fast: 500", "a.yaml:15:13: " WHERE "fast is 500, above its maximum 200\n"
                  "   15 |       fast: 500\n"
                  "      |             ^~~\n"},
    {"fast: 1", "a.yaml:15:13: " WHERE "fast is 1, below its minimum 2\n"
                "   15 |       fast: 1\n"
                "      |             ^\n"},
    {"fast: 99999999999999999999",
     "a.yaml:15:13: " WHERE "fast is 99999999999999999999, above its maximum 200\n"
     "   15 |       fast: 99999999999999999999\n"
     "      |             ^~~~~~~~~~~~~~~~~~~~\n"},
    {"fast: 1.5", "a.yaml:15:13: " WHERE "fast is 1.5, not a whole number\n"
                  "   15 |       fast: 1.5\n"
                  "      |             ^~~\n"},
    {"fast:", "a.yaml:15:7: " WHERE "fast is empty, not a whole number\n"
              "   15 |       fast:\n"
              "      |       ^~~~\n"},
    {"fats: 5", "a.yaml:15:7: " WHERE "fats is not a parameter of this plugin; did you mean "
                "'fast'?\n"
                "   15 |       fats: 5\n"
                "      |       ^~~~\n"},
    {"colour: 5", "a.yaml:15:7: " WHERE "colour is not a parameter of this plugin; it has: "
                  "fast, weight, short, size, kind, note, even\n"
                  "   15 |       colour: 5\n"
                  "      |       ^~~~~~\n"},
    {"weight: heavy", "a.yaml:15:15: " WHERE "weight is 'heavy', not a number like 0.5\n"
                      "   15 |       weight: heavy\n"
                      "      |               ^~~~~\n"},
    {"weight: nan", "a.yaml:15:15: " WHERE "weight is 'nan', not a number like 0.5\n"
                    "   15 |       weight: nan\n"
                    "      |               ^~~\n"},
    {"weight: 1e999", "a.yaml:15:15: " WHERE "weight is '1e999', not a number like 0.5\n"
                      "   15 |       weight: 1e999\n"
                      "      |               ^~~~~\n"},
    {"weight: -1.5", "a.yaml:15:15: " WHERE "weight is -1.5, below its minimum -1\n"
                     "   15 |       weight: -1.5\n"
                     "      |               ^~~~\n"},
    {"short: maybe", "a.yaml:15:14: " WHERE "short is 'maybe', neither true nor false\n"
                     "   15 |       short: maybe\n"
                     "      |              ^~~~~\n"},
    {"size: 0.001", "a.yaml:15:13: " WHERE "size is 0.001, finer than 2 decimals\n"
                    "   15 |       size: 0.001\n"
                    "      |             ^~~~~\n"},
    {"size: -1", "a.yaml:15:13: " WHERE "size is -1, below its minimum 0\n"
                 "   15 |       size: -1\n"
                 "      |             ^~\n"},
    {"size: 9100000000000000",
     "a.yaml:15:13: " WHERE "size is 9100000000000000, above its maximum 9000000000000000\n"
     "   15 |       size: 9100000000000000\n"
     "      |             ^~~~~~~~~~~~~~~~\n"},
    {"kind: wma", "a.yaml:15:13: " WHERE "kind is 'wma', not one of sma|ema\n"
                  "   15 |       kind: wma\n"
                  "      |             ^~~\n"},
    {"kind: sm", "a.yaml:15:13: " WHERE "kind is 'sm', not one of sma|ema\n"
                 "   15 |       kind: sm\n"
                 "      |             ^~\n"},
    {"even: 5", "a.yaml:15:13: " WHERE "even is 5, not its minimum plus a multiple of 2\n"
                "   15 |       even: 5\n"
                "      |             ^\n"},
};

static void each_mistake_has_its_message(void **state)
{
    size_t i;
    struct bound b;
    (void)state;
    for (i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        bind(&b, mistakes[i].params);
        assert_string_equal(b.rig.messages, mistakes[i].says);
        assert_int_equal(b.status, TURRET_EINVAL);
        rig_clear(&b.rig);
    }
}

static void all_mistakes_are_told(void **state)
{
    struct bound b;
    (void)state;
    bind(&b, "fast: 500\n      wieght: 1\n      kind: wma");
    assert_non_null(strstr(b.rig.messages, "did you mean 'weight'?"));
    assert_non_null(strstr(b.rig.messages, "fast is 500, above"));
    assert_non_null(strstr(b.rig.messages, "kind is 'wma', not"));
    rig_clear(&b.rig);
}

static void a_plugin_with_a_wrong_default_is_told(void **state)
{
    static const struct turret_param wrong[] = {
        TURRET_PARAM_INT(1, "fast", 1, 2, 200, "bars", "length"),
        {2, 99, "odd", "", 0, 0, 0, "", ""},
    };
    struct turret_param_value values[2];
    struct turret_error err = {0};
    struct rig rig;
    (void)state;
    rig_parse_good(&rig, rig_good);
    assert_int_equal(
        config_bind_params(rig.config, "x.params", NULL, 0, wrong, 2, 0, values, NULL, &err),
        TURRET_EINVAL);
    assert_string_equal(err.text, "a.yaml: x.params.fast is not set, and the plugin's own default "
                                  "'1' is below its minimum 2");
    assert_int_equal(
        config_bind_params(rig.config, "x.params", NULL, 0, NULL, 0, 0, values, NULL, NULL),
        TURRET_OK);
    rig_clear(&rig);
}

static void values_from_the_environment_are_not_shown(void **state)
{
    static const char params[] = "fast: ${TURRET_T_SECRET}\n      kind: ${TURRET_T_UNSET:wma}";
    char path[] = "/tmp/turret-test-bind-XXXXXX";
    char *text = rig_replace(rig_good, "fast: 10", params), *messages = NULL, *says = NULL;
    struct turret_param_value values[ROWS];
    struct turret_error err = {0};
    size_t size = 0;
    FILE *stream;
    struct rig rig;
    int file = mkstemp(path);
    (void)state;
    assert_true(file >= 0);
    assert_int_equal(close(file), 0);
    rig_write(path, text, strlen(text));
    rig_load(&rig, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rig.status, TURRET_OK);
    stream = open_memstream(&messages, &size);
    assert_non_null(stream);
    assert_int_equal(config_bind_params(rig.config, "p", rig.config->strategies[0].params,
                                        rig.config->strategies[0].param_count, table, ROWS, 0,
                                        values, stream, &err),
                     TURRET_EINVAL);
    assert_int_equal(fclose(stream), 0);
    assert_true(asprintf(&says,
                         "%s:15:13: error: p.fast is from the environment, not a whole number\n"
                         "%s: error: p.size is not set, and the plugin's own default '1.5' is not "
                         "a whole number\n"
                         "%s:16:13: error: p.kind is 'wma', not one of sma|ema\n",
                         path, path, path) > 0);
    assert_string_equal(messages, says);
    free(says);
    free(messages);
    free(text);
    rig_clear(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_bound_by_type),
        cmocka_unit_test(silence_means_the_default),
        cmocka_unit_test(each_mistake_has_its_message),
        cmocka_unit_test(all_mistakes_are_told),
        cmocka_unit_test(a_plugin_with_a_wrong_default_is_told),
        cmocka_unit_test(values_from_the_environment_are_not_shown),
    };
    (void)unsetenv("TURRET_T_UNSET");
    (void)setenv("TURRET_T_SECRET", "hunter2", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
