/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the ABI promises about every indicator: one bar a call and blocks of any length give
 * the same bits and the same state; a state copied by bytes in mid-stream goes on as if nothing had
 * happened; lookback() is the index of the first bar that answers; parameters at both ends of their
 * range work; the table's defaults are within its limits.
 */
#include "indicators_cases.h"

#define COUNT 3000

static struct bars bars;

/* Runs bars [from, to) in blocks of random length into r. */
static uint32_t run_blocks(struct probe *p, struct run *r, uint32_t from, uint32_t to,
                           uint64_t *seed)
{
    uint32_t warming = 0;
    int ready = 0;
    while (from < to) {
        uint32_t longest = next_random(seed) % 4 == 0 ? 500 : 9;
        uint32_t count = 1 + (uint32_t)(next_random(seed) % longest);
        count = count < to - from ? count : to - from;
        struct turret_block block = bars_block(&bars, from, count);
        double *out[OUTPUTS_MAX];
        for (int o = 0; o < OUTPUTS_MAX; o++)
            out[o] = r->out[o] + from;
        int32_t leading = p->type->update_block(p->state, &block, out);
        assert_true(leading >= 0 && (uint32_t)leading <= count);
        if (ready)
            assert_int_equal(leading, 0); /* it stays so */
        ready = (uint32_t)leading < count;
        warming += (uint32_t)leading;
        from += count;
    }
    return warming;
}

static void same_bits(const struct probe *p, const struct run *a, const struct run *b)
{
    for (uint32_t o = 0; o < p->type->output_count; o++)
        for (uint32_t i = a->ready; i < a->count; i++)
            if (memcmp(&a->out[o][i], &b->out[o][i], sizeof(double)) != 0)
                fail_msg("%s output %u bar %u: %.17g or %.17g", p->type->id, o, i, a->out[o][i],
                         b->out[o][i]);
}

static void blocks_equal_bars(void **state)
{
    uint64_t seed = 7;
    (void)state;
    for (size_t e = 0; e < EXAMPLES; e++) {
        struct probe p, q;
        assert_int_equal(probe_open(&p, examples[e].name, examples[e].arguments), 0);
        assert_int_equal(probe_open(&q, examples[e].name, examples[e].arguments), 0);
        struct run single = probe_run(&p, &bars);
        assert_true(single.ready < 100);
        for (int round = 0; round < 5; round++) {
            struct run block = run_create(COUNT);
            assert_int_equal(probe_start(&q), 0);
            assert_int_equal(run_blocks(&q, &block, 0, COUNT, &seed), single.ready);
            same_bits(&p, &single, &block);
            assert_memory_equal(p.state, q.state, p.state_size);
            run_destroy(&block);
        }
        run_destroy(&single);
        probe_close(&p);
        probe_close(&q);
    }
}

/* Moves the state to another place at bar `at` and goes on there, in another freshly loaded copy.
 */
static void move_state(const struct example *example, const struct run *whole, uint32_t at)
{
    struct probe p, q;
    struct run r = run_create(COUNT);
    uint64_t seed = at + 1;
    assert_int_equal(probe_open(&p, example->name, example->arguments), 0);
    (void)run_blocks(&p, &r, 0, at, &seed);
    void *saved = malloc(p.state_size);
    assert_non_null(saved);
    memcpy(saved, p.state, p.state_size);
    memset(p.state, 0xa5, p.state_size); /* a pointer into the old place would not survive */
    probe_close(&p);
    assert_int_equal(probe_open(&q, example->name, example->arguments), 0);
    memcpy(q.state, saved, q.state_size);
    (void)run_blocks(&q, &r, at, COUNT, &seed);
    same_bits(&q, whole, &r);
    probe_close(&q);
    free(saved);
    run_destroy(&r);
}

static void saved_state_goes_on(void **state)
{
    static const uint32_t places[] = {1, 2, 5, 13, 14, 19, 20, 27, 33, 60, 1000, 2999};
    (void)state;
    for (size_t e = 0; e < EXAMPLES; e++) {
        struct run whole = run_indicator(examples[e].name, examples[e].arguments, &bars);
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
            move_state(&examples[e], &whole, places[i]);
        run_destroy(&whole);
    }
}

/* probe_run() itself compares the first ready bar with lookback(). */
static void lookback_is_first_ready(void **state)
{
    static const struct {
        struct example of;
        uint32_t lookback;
    } known[] = {
        {{"sma", "20"}, 19},
        {{"ema", "20"}, 19},
        {{"ema", "20,first"}, 19},
        {{"wma", "20"}, 19},
        {{"rsi", "14"}, 14},
        {{"macd", "12,26,9"}, 33},
        {{"macd", "12,26,9,first"}, 33},
        {{"atr", "14"}, 14},
        {{"atr", "14,count"}, 13},
        {{"bbands", "20"}, 19},
        {{"stoch", "14,3,3"}, 17},
        {{"stochrsi", "14,14,3,3"}, 31},
        {{"adx", "14"}, 27},
        {{"obv", ""}, 0},
        {{"vwap", "20"}, 19},
        {{"vwap", "0"}, 0},
        {{"vwap", "20,day"}, 0},
        {{"volume_sma", "20"}, 19},
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct run r = run_indicator(known[i].of.name, known[i].of.arguments, &bars);
        assert_int_equal(r.ready, known[i].lookback);
        run_destroy(&r);
    }
}

/* The default, the least and the greatest of every number; together where they may be. */
static void limits_work(void **state)
{
    (void)state;
    for (size_t e = 0; e < EXAMPLES; e++) {
        struct probe p;
        assert_int_equal(probe_open(&p, examples[e].name, ""), 0);
        for (int end = 0; end < 2; end++) {
            for (uint32_t i = 0; i < p.type->param_count; i++) {
                char text[32];
                const struct turret_param *param = &p.type->params[i];
                if (param->type == TURRET_PARAM_TYPE_TEXT)
                    continue;
                (void)snprintf(text, sizeof text, "%.17g", end ? param->max : param->min);
                probe_set(&p, i, text);
            }
            assert_int_equal(probe_start(&p), 0);
            struct run r = probe_run(&p, &bars);
            run_destroy(&r);
        }
        probe_close(&p);
    }
}

static void tables_say_what_they_are(void **state)
{
    (void)state;
    for (size_t e = 0; e < EXAMPLES; e++) {
        struct probe p;
        char id[64];
        assert_int_equal(probe_open(&p, examples[e].name, ""), 0);
        (void)snprintf(id, sizeof id, "turret.%s", examples[e].name);
        assert_string_equal(p.type->id, id);
        assert_true(strlen(p.type->summary) > 40 && !strchr(p.type->summary, '\n'));
        assert_non_null(p.type->update_block);
        for (uint32_t i = 0; i < p.type->param_count; i++) {
            assert_int_equal(p.type->params[i].id, i + 1);
            assert_true(*p.type->params[i].help);
            if (p.type->params[i].type == TURRET_PARAM_TYPE_TEXT)
                assert_non_null(strstr(p.type->params[i].unit, p.type->params[i].default_text));
        }
        probe_close(&p);
    }
}

static void crossed_lengths_are_refused(void **state)
{
    struct probe p;
    (void)state;
    assert_int_equal(probe_open(&p, "macd", "26,26,9"), TURRET_EINVAL);
    assert_string_equal(p.err.text, "macd: fast (26) must be below slow (26)");
    probe_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_equal_bars),        cmocka_unit_test(saved_state_goes_on),
        cmocka_unit_test(lookback_is_first_ready),  cmocka_unit_test(limits_work),
        cmocka_unit_test(tables_say_what_they_are), cmocka_unit_test(crossed_lengths_are_refused),
    };
    bars = bars_walk(COUNT, 1);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bars_destroy(&bars);
    return failed;
}
