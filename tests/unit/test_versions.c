/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a configuration version comes back from the store as it went in, that rows of the form
 * without a diff are still read, that rows which make no sense are refused in words, and what
 * `turret config history` prints of all of them.
 */
#include "session/versions.h"

#include "store_fixture.h"

#include "cli_run.h"

#define DAY  (INT64_C(1704153600) * 1000000000) /* 2024-01-02T00:00:00Z */
#define TEXT "turret: 1\nmode: paper\n"

static void put(struct store *store, uint8_t number, uint16_t row_version, const void *value,
                size_t size)
{
    struct store_batch *batch = fixture_batch(65536);
    const uint8_t key[8] = {0, 0, 0, 0, 0, 0, 0, number};
    assert_int_equal(
        store_batch_put(batch, STORE_CONFIG, key, sizeof key, row_version, value, size), 0);
    assert_int_equal(store_commit(store, batch, NULL), 0);
    store_batch_destroy(batch);
}

static void put_version(struct store *store, const struct version *version)
{
    struct store_batch *batch = fixture_batch(65536);
    size_t room = store_batch_room(batch);
    assert_int_equal(versions_put(batch, version, NULL), TURRET_OK);
    assert_true(room - store_batch_room(batch) <= versions_size(version) + 64);
    assert_int_equal(store_commit(store, batch, NULL), 0);
    store_batch_destroy(batch);
}

static const struct version second = {.number = 2,
                                      .sequence = 77,
                                      .time = DAY,
                                      .hash = {0xab, 0xcd},
                                      .cause = "file changed",
                                      .diff = "- risk.collar: 5%\n+ risk.collar: 3%\n",
                                      .text = TEXT};

static int setup(void **state)
{
    struct fixture *fixture;
    struct store *store;
    if (fixture_setup(state))
        return -1;
    fixture = *state;
    store = fixture_open(fixture->path, STORE_CREATE);
    put(store, 1, 1, TEXT, sizeof TEXT);
    put_version(store, &second);
    store_close(store);
    return 0;
}

static void test_there_and_back(void **state)
{
    const struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_READ_ONLY);
    struct turret_error err = {0};
    struct version got;
    assert_int_equal(versions_get(store, 2, &got, &err), TURRET_OK);
    assert_int_equal(got.number, 2);
    assert_int_equal(got.sequence, 77);
    assert_int_equal(got.time, DAY);
    assert_memory_equal(got.hash, second.hash, 32);
    assert_string_equal(got.cause, second.cause);
    assert_string_equal(got.diff, second.diff);
    assert_string_equal(got.text, TEXT);
    versions_finish(&got);
    assert_int_equal(versions_get(store, 1, &got, &err), TURRET_OK);
    assert_string_equal(got.text, TEXT);
    assert_null(got.diff);
    assert_int_equal(got.time, 0);
    assert_string_equal(got.cause, "");
    versions_finish(&got);
    assert_int_equal(versions_get(store, 3, &got, &err), TURRET_ENOTFOUND);
    assert_string_equal(err.text, "no configuration version 3; the newest is 2");
    versions_finish(&got);
    store_close(store);
}

/* Every shorter value, other forms, and diffs that reach past the end. */
static void test_senseless_rows(void **state)
{
    const struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, 0);
    struct version got;
    uint8_t value[256], key[8] = {0, 0, 0, 0, 0, 0, 0, 2};
    size_t size = sizeof value, cut;
    uint64_t diff_bytes;
    assert_int_equal(store_get(store, STORE_CONFIG, key, 8, NULL, value, &size, NULL), 0);
    assert_int_equal(size, versions_size(&second));
    for (cut = 0; cut < size; cut++) {
        put(store, 3, 2, value, cut);
        assert_int_equal(versions_get(store, 3, &got, NULL), TURRET_ECORRUPT);
    }
    for (diff_bytes = 0; diff_bytes < 512; diff_bytes++) {
        uint64_t absurd = diff_bytes < 256 ? diff_bytes : UINT64_MAX - diff_bytes;
        memcpy(value + 88, &absurd, sizeof absurd);
        put(store, 3, 2, value, size);
        assert_int_equal(versions_get(store, 3, &got, NULL),
                         absurd == strlen(second.diff) + 1 ? TURRET_OK : TURRET_ECORRUPT);
        versions_finish(&got);
    }
    put(store, 3, 3, value, size);
    assert_int_equal(versions_get(store, 3, &got, NULL), TURRET_EVERSION);
    put(store, 3, 1, "no end", 6);
    assert_int_equal(versions_get(store, 3, &got, NULL), TURRET_ECORRUPT);
    store_close(store);
}

#define HASH_2 "abcd000000000000000000000000000000000000000000000000000000000000"
#define ZEROS  "0000000000000000000000000000000000000000000000000000000000000000"
#define JSON_2                                                                                     \
    "    \"version\": 2,\n    \"time\": \"2024-01-02T00:00:00Z\",\n    \"sequence\": 77,\n"        \
    "    \"cause\": \"file changed\",\n    \"hash\": \"" HASH_2 "\",\n    \"diff\": [\n"           \
    "      \"- risk.collar: 5%\",\n      \"+ risk.collar: 3%\"\n    ]\n"

static void test_history(void **state)
{
    const struct fixture *fixture = *state;
    const char *store = fixture->path;
#define RUN(code, out, err, ...)                                                                   \
    cli_run_expect((const char *const[]){"config", "history", "--store", store, __VA_ARGS__ NULL}, \
                   code, out, err)
    RUN(0,
        "version 1  -  journal 0  -  000000000000\n    (stored without what it changed)\n\n"
        "version 2  2024-01-02T00:00:00Z  journal 77  file changed  abcd00000000\n"
        "    - risk.collar: 5%\n    + risk.collar: 3%\n",
        "", );
    RUN(0,
        "version\t1\t-\t0\t-\t" ZEROS "\n"
        "version\t2\t2024-01-02T00:00:00Z\t77\tfile changed\t" HASH_2 "\n"
        "diff\t2\t- risk.collar: 5%\ndiff\t2\t+ risk.collar: 3%\n",
        "", "--plain", );
    RUN(0,
        "[\n  {\n    \"version\": 1,\n    \"time\": null,\n    \"sequence\": null,\n"
        "    \"cause\": null,\n    \"hash\": \"" ZEROS "\",\n    \"diff\": null\n  },\n"
        "  {\n" JSON_2 "  }\n]\n",
        "", "--json", );
    RUN(0, TEXT, "", "2", );
    RUN(0, TEXT, "", "1", );
    RUN(CLI_INVALID, "", "turret: no configuration version 9; the newest is 2\n", "9", );
    RUN(CLI_INVALID, "", "turret: version 'two' is not a whole number\n", "two", );
#undef RUN
}

static void test_history_of_damage(void **state)
{
    const struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, 0);
    struct cli_run run;
    put(store, 3, 2, "short", 5);
    store_close(store);
    run = cli_run(
        (const char *const[]){"config", "history", "--plain", "--store", fixture->path, NULL});
    assert_int_equal(run.code, CLI_FAILED);
    assert_string_equal(run.err, "turret: configuration version 3 is cut short\n");
    assert_non_null(strstr(run.out, "version\t2\t"));
    cli_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_there_and_back, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_senseless_rows, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_history, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_history_of_damage, setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
