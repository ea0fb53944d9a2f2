/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that each kind of mistake is told with its exact message: test_config_mistakes.txt holds
 * them. And what files cannot hold there: control bytes, many mistakes at once, sizes and depths.
 */
#include "test_config_rig.h"

#define PART_END "====\n"

static void run_case(const char *good, char *part)
{
    char *to = strstr(part, "\n=>\n"), *says, *text;
    struct rig rig;
    assert_non_null(to);
    *to = '\0';
    to += strlen("\n=>\n");
    says = strncmp(to, "says\n", 5) == 0 ? to : strstr(to, "\nsays\n");
    assert_non_null(says);
    if (says == to) {
        *to = '\0';
        says += strlen("says\n");
    } else {
        *says = '\0';
        says += strlen("\nsays\n");
    }
    if (strcmp(part, "(all)") == 0)
        assert_true(asprintf(&text, "%s%s", to, *to ? "\n" : "") >= 0);
    else
        text = rig_replace(good, part, to);
    rig_parse(&rig, text);
    assert_string_equal(rig.messages, says);
    assert_int_equal(rig.status, TURRET_EINVAL);
    free(text);
    rig_clear(&rig);
}

static void each_mistake_has_its_message(void **state)
{
    char *path = rig_source("tests/unit/test_config_mistakes.txt"), *text, *good, *part, *end;
    size_t size_bytes;
    struct rig rig;
    int cases = 0;
    (void)state;
    text = rig_read(path, &size_bytes);
    good = strstr(text, PART_END) + strlen(PART_END); /* behind the explanation */
    end = strstr(good, PART_END);
    assert_non_null(end);
    *end = '\0';
    rig_parse_good(&rig, good); /* the part all others change has no mistake itself */
    rig_clear(&rig);
    for (part = end + strlen(PART_END); *part; part = end + strlen(PART_END), cases++) {
        end = strstr(part, PART_END);
        assert_non_null(end);
        *end = '\0';
        run_case(good, part);
    }
    assert_true(cases > 90);
    free(text);
    free(path);
}

static void independent_mistakes_are_told_in_one_pass(void **state)
{
    char *a = rig_replace(rig_good, "paper", "papr");
    char *b = rig_replace(a, "seed: 7", "seed: x");
    char *c = rig_replace(b, "tick: 0.01", "tick: 0");
    char *d = rig_replace(c, "on: SPY.sim", "on: SPX.sim");
    char *e = rig_replace(d, "max_position: 500", "max_position: -1, max_orders: 2");
    char *f = rig_replace(e, "preset: development", "preset: development\n  collar: 3");
    const char *line;
    int errors = 0;
    struct rig rig;
    (void)state;
    rig_parse(&rig, f);
    for (line = rig.messages; (line = strstr(line, ": error: ")) != NULL; line++)
        errors++;
    assert_int_equal(errors, 7);
    assert_string_equal(rig.err.text,
                        "a.yaml:2:7: mode is 'papr', not one of backtest, paper, live; "
                        "did you mean 'paper'?");
    rig_clear(&rig);
    free(a);
    free(b);
    free(c);
    free(d);
    free(e);
    free(f);
}

static void at_most_twenty_are_told(void **state)
{
    char text[2048];
    const char *line;
    int i, errors = 0;
    size_t length = 0;
    struct rig rig;
    (void)state;
    for (i = 0; i < 40; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "key_%d: 1\n", i);
    rig_parse(&rig, text);
    for (line = rig.messages; (line = strstr(line, ": error: ")) != NULL; line++)
        errors++;
    assert_int_equal(errors, 20);
    assert_non_null(strstr(rig.messages, "\na.yaml: 23 more not shown\n"));
    rig_clear(&rig);
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"turret: 1\nmode: pap\001er\n", "a.yaml:2:10: byte 0x01 is not text; save it as plain "
                                         "UTF-8"},
        {"turret: \xff\n", "a.yaml:1:9: byte 0xff is not text; save it as plain UTF-8"},
        {"turret: \xc0\xaf\n", "a.yaml:1:9: byte 0xc0 is not text; save it as plain UTF-8"},
        {"turret: \xed\xa0\x80\n", "a.yaml:1:9: byte 0xed is not text; save it as plain UTF-8"},
        {"turret: \xe2\x82", "a.yaml:1:9: byte 0xe2 is not text; save it as plain UTF-8"},
        {"turret: 1\rmode: paper\n", "a.yaml:1:10: byte 0x0d is not text; save it as plain UTF-8"},
        {"\xef\xbb\xbfturret: 1\n", "a.yaml:1:1: byte 0xef is not text; save it as plain UTF-8"},
        {"%\"\xa6", "a.yaml:1:1: a line may not begin with '%'"},
        {"\xc3\xa9\xc3\xa9: \xff\n", "a.yaml:1:5: byte 0xff is not text; save it as plain UTF-8"},
    };
    size_t i;
    struct rig rig;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        rig_parse(&rig, cases[i].text);
        assert_string_equal(rig.err.text, cases[i].says);
        rig_clear(&rig);
    }
}

/* `head`, then `piece` as often as it fits into `size_bytes`. */
static char *repeat(const char *head, const char *piece, size_t size_bytes)
{
    char *text = calloc(1, size_bytes + 1);
    size_t length = strlen(head), step = strlen(piece);
    assert_non_null(text);
    memcpy(text, head, length);
    for (; length + step <= size_bytes; length += step)
        memcpy(text + length, piece, step);
    return text;
}

static void sizes_and_depths_have_limits(void **state)
{
    static const struct {
        const char *head, *piece;
        size_t size_bytes;
        const char *says;
    } cases[] = {
        {"a: ", "x", 10 * 1024 * 1024,
         "a.yaml:1:1: the file is larger than its limit of 1048576 "
         "bytes"},
        {"x: [", "1,", 1000000, "a.yaml:1:4101: more than 2048 entries in one mapping or list"},
        {"", "[", 100000, "a.yaml:1:13: nested deeper than 12 levels"},
        {"", "- ", 100000, "a.yaml:1:25: nested deeper than 12 levels"},
        {"a: &a [x]\nb: [", "*a,", 3000,
         "a.yaml:1:4: anchors and aliases are not accepted; "
         "write the value out"},
    };
    size_t i;
    struct rig rig;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = repeat(cases[i].head, cases[i].piece, cases[i].size_bytes);
        rig_parse(&rig, text);
        assert_string_equal(rig.err.text, cases[i].says);
        assert_true(rig.messages_size < 4096); /* a long line is cut around its caret */
        rig_clear(&rig);
        free(text);
    }
}

static void counts_have_limits(void **state)
{
    char *text = calloc(1, 100000), *all;
    size_t length = 0;
    int i;
    struct rig rig;
    (void)state;
    assert_non_null(text);
    length += (size_t)snprintf(text, 100000, "instruments:\n");
    for (i = 0; i < 1025; i++)
        length += (size_t)snprintf(text + length, 100000 - length,
                                   "  S%d.sim: {tick: 1, currency: USD}\n", i);
    all = rig_replace(rig_good, "instruments:\n  SPY.sim: {tick: 0.01, lot: 1, currency: USD}\n",
                      text);
    rig_parse(&rig, all);
    assert_string_equal(rig.err.text,
                        "a.yaml:8:1: instruments has 1025 entries, above the limit 1024");
    rig_clear(&rig);
    free(all);
    *strstr(text, "  S1024.sim") = '\0';
    all = rig_replace(rig_good, "  SPY.sim: {tick: 0.01, lot: 1, currency: USD}\n",
                      strchr(text, '\n') + 1);
    rig_parse(&rig, all); /* 1024 are fine; only the strategy's instrument is gone */
    assert_string_equal(rig.err.text, "a.yaml:1036:9: strategies.spy-cross.on names the instrument "
                                      "'SPY.sim', which does not exist; did you mean 'S0.sim'?");
    rig_clear(&rig);
    free(all);
    free(text);
}

static void so_many_may_be_disowned(void **state)
{
    char *text = calloc(1, 2048), *all;
    size_t length = (size_t)snprintf(text, 2048, "disowned: [");
    uint32_t i;
    struct rig rig;
    (void)state;
    for (i = 0; i < CONFIG_DISOWNED_MAX; i++)
        length += (size_t)snprintf(text + length, 2048 - length, "gone%u,", i);
    (void)snprintf(text + length, 2048 - length, "]\nrisk:");
    all = rig_replace(rig_good, "risk:", text);
    rig_parse_good(&rig, all);
    assert_int_equal(rig.config->disowned_count, CONFIG_DISOWNED_MAX);
    rig_clear(&rig);
    free(all);
    (void)snprintf(text + length, 2048 - length, "more]\nrisk:");
    all = rig_replace(rig_good, "risk:", text);
    rig_parse(&rig, all);
    assert_string_equal(rig.err.text, "a.yaml:17:1: disowned has 65 entries, above the limit 64");
    rig_clear(&rig);
    free(all);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_has_its_message),
        cmocka_unit_test(independent_mistakes_are_told_in_one_pass),
        cmocka_unit_test(at_most_twenty_are_told),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        cmocka_unit_test(sizes_and_depths_have_limits),
        cmocka_unit_test(counts_have_limits),
        cmocka_unit_test(so_many_may_be_disowned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
