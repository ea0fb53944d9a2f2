/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that random overlapping imports end up as the rule says (the bar that came last stands) by
 * comparing every count and range with a plain table as model; and that a cursor lends exactly the
 * bars of its range, ascending and aligned.
 */
#include "bars_fixture.h"

/* ---- against a model ---- */

#define SLOTS 60000

/* The model: one slot a minute, the salt of the bar that stands there, -1 when there is none. */
struct model {
    int salt[SLOTS];
    uint32_t count;
};

static void import_random(struct store *store, const struct store_series *series,
                          struct model *model, struct columns *in, uint64_t *seed)
{
    uint64_t kind = fixture_random(seed) % 6;
    uint32_t length = (uint32_t)(fixture_random(seed) % (kind == 0 ? 8 : kind < 3 ? 900 : 30000));
    uint32_t at = (uint32_t)(fixture_random(seed) % SLOTS);
    uint32_t gap = kind == 5 ? 1 : 1 + (uint32_t)(fixture_random(seed) % 5);
    struct store_merge expected = {0, 0, 0}, count;
    in->bars.count = 0;
    for (uint32_t n = 0; n < length && at < SLOTS; n++) {
        int salt = (int)(fixture_random(seed) % 4);
        if (model->salt[at] < 0)
            expected.added++;
        else if (model->salt[at] == salt)
            expected.unchanged++;
        else
            expected.replaced++;
        model->salt[at] = salt;
        add(in, ((int64_t)at - SLOTS / 2) * MINUTE, salt);
        at += 1 + (uint32_t)(fixture_random(seed) % gap);
    }
    count = merge(store, series, in);
    model->count += (uint32_t)expected.added;
    assert_int_equal(count.added, expected.added);
    assert_int_equal(count.replaced, expected.replaced);
    assert_int_equal(count.unchanged, expected.unchanged);
}

/* A range of the store against the same range of the model. */
static void compare_range(struct store *store, const struct store_series *series,
                          const struct model *model, uint32_t from, uint32_t end,
                          struct columns *out, struct columns *expected)
{
    int64_t from_ns = ((int64_t)from - SLOTS / 2) * MINUTE;
    int64_t end_ns = ((int64_t)end - SLOTS / 2) * MINUTE;
    expected->bars.count = 0;
    for (uint32_t i = from; i < end; i++)
        if (model->salt[i] >= 0)
            add(expected, ((int64_t)i - SLOTS / 2) * MINUTE, model->salt[i]);
    read_range(store, series, from_ns, end_ns, out);
    assert_int_equal(out->bars.count, expected->bars.count);
    for (int i = 0; i < 6; i++)
        assert_memory_equal(out->value[i], expected->value[i], (size_t)out->bars.count * 8);
}

static void random_imports_match_the_model(void **state)
{
    struct fixture *fixture = *state;
    struct model *model = calloc(2, sizeof *model);
    struct columns in, out, expected;
    columns_make(&in, SLOTS);
    columns_make(&out, SLOTS);
    columns_make(&expected, SLOTS);
    for (uint64_t round = 0; round < 12; round++) {
        uint64_t seed = 1000 + round;
        struct store *store = fixture_open(fixture->path, STORE_CREATE | STORE_FAST);
        struct store_series series[2] = {series_of("ONE", MINUTE), series_of("TWO", MINUTE)};
        for (int m = 0; m < 2; m++) {
            model[m].count = 0;
            for (int i = 0; i < SLOTS; i++)
                model[m].salt[i] = -1;
        }
        for (int step = 0; step < 30; step++) {
            uint64_t which = fixture_random(&seed) % 2;
            import_random(store, &series[which], &model[which], &in, &seed);
            if (step % 10 == 9) { /* the pages' own check has to agree each time */
                store_close(store);
                store = fixture_open(fixture->path, STORE_FAST);
            }
        }
        for (int m = 0; m < 2; m++) {
            struct store_series found = series_of("", 1);
            if (store_series_find(store, series[m].name, MINUTE, &found, NULL) != TURRET_OK)
                continue;
            assert_int_equal(found.bar_count, model[m].count);
            compare_range(store, &series[m], &model[m], 0, SLOTS, &out, &expected);
            for (int i = 0; i < 40; i++) {
                uint32_t a = (uint32_t)(fixture_random(&seed) % SLOTS);
                uint32_t b = (uint32_t)(fixture_random(&seed) % (i % 2 ? 50 : SLOTS));
                b = i % 2 ? a + b : b;
                if (b > SLOTS)
                    b = SLOTS;
                compare_range(store, &series[m], &model[m], a, b, &out, &expected);
            }
        }
        assert_verified(store, NULL, model[0].count + model[1].count);
        store_close(store);
        fixture_remove_store(fixture->path);
    }
    columns_free(&in);
    columns_free(&out);
    columns_free(&expected);
    free(model);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(random_imports_match_the_model),
    };
    return cmocka_run_group_tests_name("bars_model", tests, NULL, NULL);
}
