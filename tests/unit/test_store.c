/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that rows of every table come back as they were written, that a batch is carried out in its
 * order and has the room it promises, that a scan goes in key order, and the checksum's known
 * value.
 */
#include "store_fixture.h"

#include "store/crc32c.h"

/* ---- checksum ---- */

static void crc_known_value(void **state)
{
    (void)state;
    assert_int_equal(crc32c_update(0, "123456789", 9), 0xE3069283u);
    assert_int_equal(crc32c_update_table(0, "123456789", 9), 0xE3069283u);
    assert_int_equal(crc32c_update(0, "", 0), 0);
}

static void crc_both_forms_agree(void **state)
{
    static unsigned char bytes[70000];
    uint64_t seed = 1;
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)fixture_random(&seed);
    for (int i = 0; i < 2000; i++) {
        size_t from = fixture_random(&seed) % 64;
        size_t size = fixture_random(&seed) % (i < 1000 ? 200 : sizeof bytes - 64);
        size_t cut = size ? fixture_random(&seed) % size : 0;
        uint32_t whole = crc32c_update_table(0, bytes + from, size);
        uint32_t parts = crc32c_update(0, bytes + from, cut);
        assert_int_equal(crc32c_update(0, bytes + from, size), whole);
        assert_int_equal(crc32c_update(parts, bytes + from + cut, size - cut), whole);
    }
}

/* ---- rows ---- */

static size_t value_size(unsigned table, unsigned i)
{
    return i == 7 ? 100000 + table : (size_t)i * 97 + table; /* 0 bytes up to pages of its own */
}

static void fill_value(unsigned char *value, size_t size, unsigned table, unsigned i)
{
    uint64_t seed = table * 1000 + i;
    for (size_t k = 0; k < size; k++)
        value[k] = (unsigned char)fixture_random(&seed);
}

static void all_tables_round_trip(void **state)
{
    struct fixture *fixture = *state;
    static unsigned char value[120000], back[120000];
    struct store_batch *batch = fixture_batch(4 << 20);
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    for (unsigned table = 0; table < STORE_ROW_TABLES; table++)
        for (unsigned i = 0; i < 20 && table != STORE_AUDIT; i++) {
            unsigned char key[3] = {'k', (unsigned char)i, (unsigned char)table};
            size_t size = value_size(table, i);
            fill_value(value, size, table, i);
            assert_int_equal(
                store_batch_put(batch, table, key, sizeof key, (uint16_t)(i + 5), value, size),
                TURRET_OK);
        }
    assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
    store_close(store);
    store = fixture_open(fixture->path, STORE_READ_ONLY);
    for (unsigned table = 0; table < STORE_ROW_TABLES; table++)
        for (unsigned i = 0; i < 20 && table != STORE_AUDIT; i++) {
            unsigned char key[3] = {'k', (unsigned char)i, (unsigned char)table};
            size_t size = sizeof back, wanted = value_size(table, i);
            uint16_t version = 0;
            fill_value(value, wanted, table, i);
            assert_int_equal(store_get(store, table, key, sizeof key, &version, back, &size, NULL),
                             TURRET_OK);
            assert_int_equal(size, wanted);
            assert_int_equal(version, i + 5);
            assert_memory_equal(back, value, size);
        }
    store_close(store);
    store_batch_destroy(batch);
}

static void order_within_a_batch_counts(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct store_batch *batch = fixture_batch(1 << 16);
    char value[32];
    assert_true(store_batch_empty(batch));
    assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
    fixture_put(batch, STORE_ORDER, "a", "first");
    fixture_put(batch, STORE_ORDER, "b", "stays");
    fixture_put(batch, STORE_ORDER, "a", "second");
    fixture_put(batch, STORE_ORDER, "c", "gone");
    assert_int_equal(store_batch_delete(batch, STORE_ORDER, "c", 1), TURRET_OK);
    assert_int_equal(store_batch_delete(batch, STORE_ORDER, "never", 5), TURRET_OK);
    assert_false(store_batch_empty(batch));
    assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
    assert_int_equal(fixture_get(store, STORE_ORDER, "a", value, sizeof value), TURRET_OK);
    assert_string_equal(value, "second");
    assert_int_equal(fixture_get(store, STORE_ORDER, "b", value, sizeof value), TURRET_OK);
    assert_string_equal(value, "stays");
    assert_int_equal(fixture_get(store, STORE_ORDER, "c", value, sizeof value), TURRET_ENOTFOUND);
    assert_int_equal(fixture_get(store, STORE_FILL, "a", value, sizeof value), TURRET_ENOTFOUND);
    store_batch_clear(batch);
    assert_true(store_batch_empty(batch));
    store_batch_destroy(batch);
    store_close(store);
}

static void get_says_how_much_room(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct store_batch *batch = fixture_batch(1 << 12);
    struct turret_error err = {0, 0, ""};
    char value[8] = "untouch";
    size_t size = 3;
    fixture_put(batch, STORE_CONFIG, "key", "12345");
    assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
    assert_int_equal(store_get(store, STORE_CONFIG, "key", 3, NULL, value, &size, &err),
                     TURRET_ELIMIT);
    assert_int_equal(size, 5);
    assert_string_equal(value, "untouch");
    assert_non_null(strstr(err.text, "key"));
    store_batch_destroy(batch);
    store_close(store);
}

struct seen {
    char keys[256];
    unsigned count, stop_after;
};

static int note_key(void *context, const void *key, size_t key_bytes, uint16_t version,
                    const void *value, size_t value_bytes)
{
    struct seen *seen = context;
    size_t length = strlen(seen->keys);
    (void)version;
    (void)value_bytes;
    assert_int_equal((uintptr_t)value % 8, 0);
    (void)snprintf(seen->keys + length, sizeof seen->keys - length, "%.*s ", (int)key_bytes,
                   (const char *)key);
    return ++seen->count == seen->stop_after;
}

static void scan_goes_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct store_batch *batch = fixture_batch(1 << 12);
    struct seen seen = {"", 0, 0};
    uint64_t damaged = 99;
    fixture_put(batch, STORE_META, "delta", "x");
    fixture_put(batch, STORE_META, "alpha", "xy");
    fixture_put(batch, STORE_META, "charlie", "xyz");
    fixture_put(batch, STORE_META, "bravo", "xyzw");
    fixture_put(batch, STORE_META, "zulu", "12345678901");
    assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
    assert_int_equal(store_scan(store, STORE_META, NULL, 0, note_key, &seen, &damaged, NULL), 0);
    assert_string_equal(seen.keys, "alpha bravo charlie delta zulu "); /* none of the store's own */
    assert_int_equal(damaged, 0);
    memset(&seen, 0, sizeof seen);
    seen.stop_after = 2;
    assert_int_equal(store_scan(store, STORE_META, "b", 1, note_key, &seen, NULL, NULL), 0);
    assert_string_equal(seen.keys, "bravo charlie ");
    memset(&seen, 0, sizeof seen);
    assert_int_equal(store_scan(store, STORE_AUDIT, NULL, 0, note_key, &seen, NULL, NULL), 0);
    assert_int_equal(seen.count, 0);
    store_batch_destroy(batch);
    store_close(store);
}

static void batch_keeps_its_promise_of_room(void **state)
{
    static unsigned char bytes[3000];
    uint64_t seed = 7;
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct store_batch *batch = fixture_batch(fixture_random(&seed) % 20000);
        for (int i = 0; i < 200; i++) {
            size_t key = 1 + fixture_random(&seed) % 511, value = fixture_random(&seed) % 2000;
            size_t before = store_batch_room(batch), size = value;
            struct store_record record = {(uint64_t)i + 1, 0, 1, 1, (uint32_t)value, bytes};
            int code;
            if (i % 3 == 0) {
                code = store_batch_record(batch, &record);
            } else {
                size += key;
                code = store_batch_put(batch, STORE_ORDER, bytes, key, 1, bytes, value);
            }
            if (before >= size + 64)
                assert_int_equal(code, TURRET_OK);
            if (code == TURRET_OK) {
                assert_true(before - store_batch_room(batch) <= size + 64);
                continue;
            }
            assert_int_equal(code, TURRET_EFULL);
            assert_int_equal(store_batch_room(batch), before);
        }
        store_batch_destroy(batch);
    }
}

static void batch_refuses_bad_keys(void **state)
{
    static unsigned char key[600];
    struct store_batch *batch = fixture_batch(1 << 12);
    (void)state;
    assert_int_equal(store_batch_put(batch, STORE_ORDER, key, 0, 1, "", 0), TURRET_EINVAL);
    assert_int_equal(store_batch_put(batch, STORE_ORDER, key, 512, 1, "", 0), TURRET_EINVAL);
    assert_int_equal(store_batch_put(batch, STORE_ROW_TABLES, key, 1, 1, "", 0), TURRET_EINVAL);
    assert_int_equal(store_batch_put(batch, STORE_AUDIT, key, 1, 1, "", 0), TURRET_EINVAL);
    assert_int_equal(store_batch_put(batch, STORE_META, "store.head", 10, 1, "", 0), TURRET_EINVAL);
    assert_int_equal(store_batch_delete(batch, STORE_META, "store.format", 12), TURRET_EINVAL);
    assert_int_equal(store_batch_put(batch, STORE_ORDER, key, 511, 1, "", 0), TURRET_OK);
    store_batch_destroy(batch);
}

/* ---- many commits ---- */

#define KEYS 400

/* What stands under a key of a table: the seed of its value and its size, -1 when nothing does. */
struct model {
    uint64_t seed;
    int size;
};

static void compare_table(struct store *store, unsigned table, const struct model *model)
{
    static unsigned char value[20000], back[20000];
    for (unsigned i = 0; i < KEYS; i++) {
        size_t size = sizeof back;
        int code = store_get(store, table, &i, 1 + i % 4, NULL, back, &size, NULL);
        uint64_t seed = model[i].seed;
        if (i % 4 == 0 && i > 255)
            continue; /* one byte cannot tell these apart: not used */
        assert_int_equal(code, model[i].size < 0 ? TURRET_ENOTFOUND : TURRET_OK);
        if (code != TURRET_OK)
            continue;
        assert_int_equal(size, model[i].size);
        for (size_t k = 0; k < size; k++)
            value[k] = (unsigned char)fixture_random(&seed);
        assert_memory_equal(back, value, size);
    }
}

static void change_some(struct store_batch *batch, struct model (*model)[KEYS], uint64_t *seed)
{
    static unsigned char value[20000];
    uint64_t n = 1 + fixture_random(seed) % 40;
    while (n-- > 0) {
        unsigned table = (unsigned)(fixture_random(seed) % 3) + STORE_ORDER;
        unsigned i = (unsigned)(fixture_random(seed) % KEYS);
        struct model *at = &model[table - STORE_ORDER][i];
        uint64_t from;
        if (i % 4 == 0 && i > 255)
            continue;
        if (fixture_random(seed) % 3 == 0) {
            assert_int_equal(store_batch_delete(batch, table, &i, 1 + i % 4), TURRET_OK);
            at->size = -1;
            continue;
        }
        at->size = (int)(fixture_random(seed) % (fixture_random(seed) % 8 == 0 ? 20000 : 300));
        at->seed = from = fixture_random(seed);
        for (int k = 0; k < at->size; k++)
            value[k] = (unsigned char)fixture_random(&from);
        assert_int_equal(store_batch_put(batch, table, &i, 1 + i % 4, 1, value, (size_t)at->size),
                         TURRET_OK);
    }
}

/* Also that the page check at open never objects to what LMDB makes of a long history. */
static void random_history_matches_the_model(void **state)
{
    struct fixture *fixture = *state;
    static struct model model[3][KEYS];
    struct store_batch *batch = fixture_batch(2 << 20);
    struct store *store = fixture_open(fixture->path, STORE_CREATE | STORE_FAST);
    uint64_t seed = 99;
    for (unsigned table = 0; table < 3; table++)
        for (unsigned i = 0; i < KEYS; i++)
            model[table][i].size = -1;
    for (int step = 0; step < 1500; step++) {
        store_batch_clear(batch);
        change_some(batch, model, &seed);
        assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
        if (step % 10 == 9) {
            store_close(store);
            store = fixture_open(fixture->path, STORE_FAST);
        }
        if (step % 100 == 99)
            for (unsigned table = 0; table < 3; table++)
                compare_table(store, STORE_ORDER + table, model[table]);
    }
    store_batch_destroy(batch);
    store_close(store);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_known_value),
        cmocka_unit_test(crc_both_forms_agree),
        cmocka_unit_test(batch_keeps_its_promise_of_room),
        cmocka_unit_test(batch_refuses_bad_keys),
        WITH_FIXTURE(all_tables_round_trip),
        WITH_FIXTURE(order_within_a_batch_counts),
        WITH_FIXTURE(get_says_how_much_room),
        WITH_FIXTURE(scan_goes_in_order),
        WITH_FIXTURE(random_history_matches_the_model),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
