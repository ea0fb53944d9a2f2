/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a restart whose newest snapshot has a good checksum and absurd content says so, takes
 * the one before and the journal behind it, and comes to the same state to the byte; that no
 * changed byte of a snapshot keeps a session from starting or kills it; and that two absurd
 * snapshots are refused with the first reason.
 */
#include "store_fixture.h"

#include "session/live.h"

static const char config_text[] =
    "turret: 1\n"
    "mode: paper\n"
    "store: %s\n"
    "plugins: [path: %s]\n"
    "venues:\n"
    "  sim:\n"
    "    adapter: sim\n"
    "    cash: {USD: 100000}\n"
    "    params: {market: synthetic, pace_ms: 0, bars: 300}\n"
    "instruments:\n"
    "  AA.sim: {tick: 0.01, lot: 1, currency: USD}\n"
    "strategies:\n"
    "  cross: {plugin: ma_cross, on: AA.sim@1m, params: {fast: 2, slow: 5, size: 10}}\n"
    "risk: {preset: development}\n";

struct bench {
    struct fixture *fixture;
    char config[320];
    unsigned char *good; /* the store after a session, as a file */
    size_t good_size;
    uint8_t *after; /* the newest snapshot after a restart of it */
    size_t after_size;
    char *said; /* by the last session */
};

/* ---- sessions ---- */

static int session(struct bench *bench, bool run, struct turret_error *err)
{
    size_t said_size;
    FILE *messages;
    struct live_options options = {.config_path = bench->config, .version = "test"};
    struct live *live = NULL;
    int status;
    free(bench->said);
    bench->said = NULL;
    messages = open_memstream(&bench->said, &said_size);
    assert_non_null(messages);
    options.messages = messages;
    status = live_open(&live, &options, err);
    if (!status && run)
        status = live_run(live, err);
    if (live_close(live, status ? NULL : err) && !status)
        status = err->code;
    (void)fclose(messages);
    return status;
}

struct snapshots {
    uint8_t keys[4][8];
    uint8_t *values[4];
    size_t sizes[4];
    uint32_t count;
};

static int keep(void *context, const void *key, size_t key_bytes, uint16_t version,
                const void *value, size_t size)
{
    struct snapshots *all = context;
    (void)version;
    assert_int_equal(key_bytes, 8);
    assert_true(all->count < 4);
    memcpy(all->keys[all->count], key, 8);
    all->values[all->count] = malloc(size);
    assert_non_null(all->values[all->count]);
    memcpy(all->values[all->count], value, size);
    all->sizes[all->count++] = size;
    return 0;
}

static void read_snapshots(const struct bench *bench, struct snapshots *all)
{
    struct store *store = fixture_open(bench->fixture->path, STORE_READ_ONLY);
    memset(all, 0, sizeof *all);
    assert_int_equal(store_scan(store, STORE_SNAPSHOT, NULL, 0, keep, all, NULL, NULL), TURRET_OK);
    store_close(store);
}

static void free_snapshots(struct snapshots *all)
{
    for (uint32_t i = 0; i < all->count; i++)
        free(all->values[i]);
}

/* The good store again, with other bytes in its newest snapshots: as a program would write them. */
static void put_snapshots(const struct bench *bench, const struct snapshots *all)
{
    struct store_batch *batch = fixture_batch(1 << 20);
    struct store *store;
    char heads[400];
    fixture_write(bench->fixture->path, bench->good, bench->good_size);
    (void)snprintf(heads, sizeof heads, "%s/audit.heads", bench->fixture->path);
    (void)unlink(heads); /* it may have heads that the good store has not: of a later end */
    store = fixture_open(bench->fixture->path, 0);
    for (uint32_t i = 0; i < all->count; i++)
        assert_int_equal(store_batch_put(batch, STORE_SNAPSHOT, all->keys[i], 8, 1, all->values[i],
                                         all->sizes[i]),
                         TURRET_OK);
    assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
    store_close(store);
    store_batch_destroy(batch);
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct turret_error err = {0};
    struct snapshots all;
    FILE *file;
    if (!bench || fixture_setup((void **)&bench->fixture))
        return -1;
    (void)snprintf(bench->config, sizeof bench->config, "%s/turret.yaml", bench->fixture->top);
    file = fopen(bench->config, "w");
    assert_non_null(file);
    (void)fprintf(file, config_text, bench->fixture->path, getenv("TURRET_PLUGINS"));
    (void)fclose(file);
    if (session(bench, true, &err))
        fail_msg("%s", err.text);
    bench->good = fixture_read(bench->fixture->path, &bench->good_size);
    if (session(bench, false, &err))
        fail_msg("%s", err.text);
    read_snapshots(bench, &all);
    assert_int_equal(all.count, 2);
    bench->after = all.values[1];
    bench->after_size = all.sizes[1];
    free(all.values[0]);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    void *fixture = bench->fixture;
    char name[400];
    (void)snprintf(name, sizeof name, "%s/plugins", bench->fixture->path);
    (void)rmdir(name);
    (void)unlink(bench->config);
    free(bench->good);
    free(bench->after);
    free(bench->said);
    free(bench);
    return fixture_teardown(&fixture);
}

/* ---- tests ---- */

static void assert_same_state(struct bench *bench)
{
    struct snapshots all;
    read_snapshots(bench, &all);
    assert_int_equal(all.sizes[all.count - 1], bench->after_size);
    assert_memory_equal(all.values[all.count - 1], bench->after, bench->after_size);
    free_snapshots(&all);
}

static void the_one_before_is_used(void **state)
{
    /* in the value: configuration version, bytes of the engine; then the engine's own head (magic,
       version, size) and globals (time, day, sequence, ids, epoch, a zero) */
    static const struct {
        size_t at;
        uint64_t value;
    } absurd[] = {{0, 99},          {8, UINT64_MAX}, {16, 0}, {24, 17},
                  {32, UINT64_MAX}, {40, 5},         {76, 9}, {80, UINT32_MAX}};
    struct bench *bench = *state;
    struct snapshots all;
    fixture_write(bench->fixture->path, bench->good, bench->good_size);
    read_snapshots(bench, &all);
    for (size_t i = 0; i < sizeof absurd / sizeof *absurd; i++) {
        struct turret_error err = {0};
        uint8_t *place = all.values[1] + absurd[i].at, was[8];
        memcpy(was, place, 8);
        memcpy(place, &absurd[i].value, absurd[i].at == 76 ? 4 : 8);
        put_snapshots(bench, &all);
        if (session(bench, false, &err))
            fail_msg("byte %zu: %s", absurd[i].at, err.text);
        if (!strstr(bench->said, "the one before"))
            fail_msg("byte %zu: '%s'", absurd[i].at, bench->said);
        assert_same_state(bench);
        memcpy(place, was, 8);
    }
    free_snapshots(&all);
}

/* The venue's own state is damaged: its last bytes. */
static void a_venue_may_refuse_too(void **state)
{
    struct bench *bench = *state;
    struct turret_error err = {0};
    struct snapshots all;
    fixture_write(bench->fixture->path, bench->good, bench->good_size);
    read_snapshots(bench, &all);
    all.sizes[1] -= 5;
    put_snapshots(bench, &all);
    if (session(bench, false, &err))
        fail_msg("%s", err.text);
    assert_non_null(strstr(bench->said, "the one before"));
    assert_same_state(bench);
    free_snapshots(&all);
}

static void no_byte_keeps_it_from_starting(void **state)
{
    struct bench *bench = *state;
    struct snapshots all;
    uint64_t seed = 0x736e6170;
    uint32_t fell_back = 0;
    fixture_write(bench->fixture->path, bench->good, bench->good_size);
    read_snapshots(bench, &all);
    for (uint32_t i = 0; i < 150; i++) {
        size_t at = (size_t)(fixture_random(&seed) % all.sizes[1]);
        uint8_t was = all.values[1][at];
        struct turret_error err = {0};
        all.values[1][at] = (uint8_t)(was ^ (1u << fixture_random(&seed) % 8));
        put_snapshots(bench, &all);
        if (session(bench, false, &err))
            fail_msg("byte %zu of %zu: %s", at, all.sizes[1], err.text);
        if (strstr(bench->said, "the one before")) {
            assert_same_state(bench);
            fell_back++;
        }
        all.values[1][at] = was;
    }
    assert_in_range(fell_back, 10, 149); /* other values are only other values */
    free_snapshots(&all);
}

static void two_absurd_ones_are_refused(void **state)
{
    struct bench *bench = *state;
    struct turret_error err = {0};
    struct snapshots all;
    fixture_write(bench->fixture->path, bench->good, bench->good_size);
    read_snapshots(bench, &all);
    all.values[0][16] ^= 1;
    all.values[1][20] ^= 64;
    put_snapshots(bench, &all);
    assert_int_equal(session(bench, false, &err), TURRET_EVERSION);
    assert_non_null(strstr(err.text, "snapshot version"));
    free_snapshots(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_before_is_used),
        cmocka_unit_test(a_venue_may_refuse_too),
        cmocka_unit_test(no_byte_keeps_it_from_starting),
        cmocka_unit_test(two_absurd_ones_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
