/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what buy_and_hold and accumulate order: the size to the share against a slow loop that
 * counts down as the published rule says, and against the published LEAN run on its own prices; the
 * restart that must not buy again; waiting when there is no money or no room in the queue; numbers
 * at the edge of their types.
 */
#include "strategy_rig.h"

#include <zlib.h>

#define FRACTION_PPM 997500

/* Fee of the LEAN runs: max($1, $0.005 a share), `units` of money to the dollar. */
static void lean_fee(struct rig *rig, int64_t units)
{
    rig->fee_min = units;
    rig->fee_per_unit = units;
    rig->fee_per_unit_of = 200;
}

/*
 * The published rule in so many words, whole shares, one share less at a time: floor(fraction ×
 * equity / price), then down until shares × price + fee <= fraction × equity.
 */
static int64_t slow_shares(struct rig *rig, int64_t price, int64_t price_units, int64_t money_units)
{
    __extension__ typedef __int128 wide;
    wide budget = (wide)rig->equity * FRACTION_PPM * price_units;
    wide unit = (wide)1000000 * money_units;
    int64_t shares = (int64_t)(budget / unit / price);
    while (shares > 0) {
        wide fee = (wide)rig_fee(&rig->self, 1, shares, price) * 1000000 * price_units;
        if (shares * price * unit + fee <= budget)
            break;
        shares--;
    }
    return shares;
}

static void test_sizes_against_slow_loop(void **state)
{
    struct rig *rig = rig_create("buy_and_hold");
    uint64_t random = 20131008;
    int32_t round;
    (void)state;
    lean_fee(rig, 100);
    rig->def.price_scale = 4;
    for (round = 0; round < 20000; round++) {
        int64_t price, expected;
        random = random * 6364136223846793005u + 1442695040888963407u;
        price = 1 + (int64_t)(random >> 33) % (round % 2 ? 5000000 : 20000);
        rig->equity = 100 + (int64_t)(random >> 40) % 20000000;
        memset(rig->self.state, 0, rig->type->state_size);
        rig->submit_count = 0;
        rig->request.qty = 0;
        rig_start_ok(rig);
        rig_bar(rig, 1, price);
        expected = slow_shares(rig, price, 10000, 100);
        if (rig->request.qty != expected)
            fail_msg("%lld cents at %lld: %lld shares, expected %lld", (long long)rig->equity,
                     (long long)price, (long long)rig->request.qty, (long long)expected);
        assert_int_equal(rig->submit_count, expected > 0);
    }
    rig_destroy(rig);
}

/* Where the fee decides the last share: the value alone would fit exactly. */
static void test_fee_costs_a_share(void **state)
{
    struct rig *rig = rig_create("buy_and_hold");
    (void)state;
    rig_start_ok(rig);
    rig_bar(rig, 1, 9975); /* 99.75: exactly 1000 of them in 99,750.00 */
    assert_int_equal(rig->request.qty, 1000);
    assert_int_equal(rig->request.side, TURRET_SIDE_BUY);
    assert_int_equal(rig->request.type, TURRET_ORDER_MARKET);
    assert_int_equal(rig->request.instrument, 1);
    memset(rig->self.state, 0, rig->type->state_size);
    lean_fee(rig, 100);
    rig_start_ok(rig);
    rig_bar(rig, 1, 9975);
    assert_int_equal(rig->request.qty, 999);
    memset(rig->self.state, 0, rig->type->state_size);
    rig->fee_rate_ppm = 100000; /* ten per cent of the value: a long way down */
    rig_start_ok(rig);
    rig_bar(rig, 1, 100);
    assert_in_range(rig->request.qty, 90681, 99750);
    assert_true(rig->request.qty * 100 + rig_fee(&rig->self, 1, rig->request.qty, 100) <= 9975000);
    assert_true((rig->request.qty + 1) * 100 + rig_fee(&rig->self, 1, rig->request.qty + 1, 100) >
                9975000);
    rig_destroy(rig);
}

static void test_once_and_over_restart(void **state)
{
    struct rig *rig = rig_create("buy_and_hold");
    (void)state;
    rig->equity = 9000; /* 90.00: not enough for one at 100.00 */
    rig_start_ok(rig);
    rig_bar(rig, 1, 10000);
    assert_int_equal(rig->submit_count, 0);
    rig->equity = -5;
    rig_bar(rig, 1, 10000);
    rig->equity = 10000000;
    rig_bar(rig, 1, 0); /* no price */
    rig_bar(rig, 2, 10000);
    rig->queue_full = 1;
    rig_bar(rig, 1, 10000);
    assert_int_equal(rig->submit_count, 0);
    rig->queue_full = 0;
    rig_bar(rig, 1, 10000);
    assert_int_equal(rig->submit_count, 1);
    assert_int_equal(rig->request.qty, 997);
    rig_bar(rig, 1, 5000);
    rig_restart(rig);
    rig_bar(rig, 1, 5000);
    assert_int_equal(rig->submit_count, 1);
    assert_int_equal(*(const int64_t *)rig_field(rig, "bought", 0), 997);
    rig_destroy(rig);
}

static void test_on_trades(void **state)
{
    struct rig *rig = rig_create("buy_and_hold");
    struct turret_trade trade = {.instrument = 1, .price = 10000, .qty = 1};
    (void)state;
    rig_start_ok(rig);
    rig->type->on_trade(&rig->self, &trade);
    assert_int_equal(rig->submit_count, 0); /* bars decide unless told otherwise */
    rig_set_text(rig, "on", "trade");
    rig_start_ok(rig);
    rig_bar(rig, 1, 10000);
    assert_int_equal(rig->submit_count, 0);
    rig->type->on_trade(&rig->self, &trade);
    rig->type->on_trade(&rig->self, &trade);
    assert_int_equal(rig->submit_count, 1);
    assert_int_equal(rig->request.qty, 997);
    rig_destroy(rig);
}

static void test_lots_and_scales(void **state)
{
    struct rig *rig = rig_create("buy_and_hold");
    (void)state;
    rig->instruments[1] = 2;
    rig->instrument_count = 2;
    rig->def.lot_size = 100;
    rig_start_ok(rig);
    rig_bar(rig, 1, 10000); /* half of 99,750.00 buys 498 */
    assert_int_equal(rig->request.qty, 400);
    rig_bar(rig, 2, 20000);
    assert_int_equal(rig->request.qty, 200);
    assert_int_equal(rig->request.instrument, 2);
    rig_destroy(rig);

    rig = rig_create("buy_and_hold");
    rig->def.qty_scale = 8; /* coins: 99,750 / 30,000 = 3.325 exactly */
    rig_start_ok(rig);
    rig_bar(rig, 1, 3000000);
    assert_int_equal(rig->request.qty, 332500000);
    memset(rig->self.state, 0, rig->type->state_size);
    rig->def.qty_scale = 0;
    rig->def.price_scale = 0;
    rig->currency_scale = 6; /* money finer than prices: 10.000000 */
    rig_start_ok(rig);
    rig_bar(rig, 1, 3);
    assert_int_equal(rig->request.qty, 3);
    memset(rig->self.state, 0, rig->type->state_size);
    rig->def.multiplier = 2;
    rig->def.min_qty = 2; /* below the least order: none */
    rig->submit_count = 0;
    rig_start_ok(rig);
    rig_bar(rig, 1, 3);
    assert_int_equal(rig->submit_count, 0);
    rig->def.min_qty = 1;
    rig_bar(rig, 1, 3);
    assert_int_equal(rig->request.qty, 1);
    rig_destroy(rig);
}

static void test_edges(void **state)
{
    struct rig *rig = rig_create("buy_and_hold");
    (void)state;
    rig->equity = INT64_MAX;
    rig->def.price_scale = 12;
    rig->def.qty_scale = 12;
    rig->def.multiplier = INT64_MAX;
    rig_set_real(rig, "fraction", 1);
    rig_start_ok(rig);
    rig_bar(rig, 1, INT64_MAX);
    assert_true(rig->submit_count == 0 || rig->request.qty > 0);
    memset(rig->self.state, 0, rig->type->state_size);
    rig->submit_count = 0;
    rig->def.multiplier = 1;
    rig->def.max_qty = 1000;
    rig_start_ok(rig);
    rig_bar(rig, 1, 1);
    assert_int_equal(rig->submit_count, 1);
    assert_int_equal(rig->request.qty, 1000); /* the most the instrument allows */
    memset(rig->self.state, 0, rig->type->state_size);
    rig->def.max_qty = INT64_MAX;
    rig_start_ok(rig);
    rig_bar(rig, 1, 1);
    assert_int_equal(rig->request.qty, INT64_MAX);
    rig_destroy(rig);
}

/* Unpacks the only file of a zip archive into malloc'd text; NULL when there is no such archive. */
static char *unzip(const char *path)
{
    static unsigned char packed[1 << 20];
    FILE *file = fopen(path, "rb");
    z_stream stream = {0};
    size_t size, start, room = 8u << 20;
    char *text;
    if (!file)
        return NULL;
    size = fread(packed, 1, sizeof packed, file);
    (void)fclose(file);
    assert_in_range(size, 31, sizeof packed - 1);
    assert_memory_equal(packed, "PK\3\4", 4);
    start = 30u + packed[26] + 256u * packed[27] + packed[28] + 256u * packed[29];
    text = calloc(1, room + 1);
    assert_non_null(text);
    stream.next_in = packed + start;
    stream.avail_in = (uInt)(size - start);
    stream.next_out = (Bytef *)text;
    stream.avail_out = (uInt)room;
    assert_int_equal(inflateInit2(&stream, -MAX_WBITS), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    (void)inflateEnd(&stream);
    return text;
}

/* Open and close in 10^-4 of the row that begins with `date`. */
static void read_row(const char *text, const char *date, int64_t *open, int64_t *close)
{
    const char *row = strstr(text, date);
    long long values[4];
    assert_non_null(row);
    assert_int_equal(sscanf(strchr(row, ',') + 1, "%lld,%lld,%lld,%lld", &values[0], &values[1],
                            &values[2], &values[3]),
                     4);
    *open = values[0];
    *close = values[3];
}

/* Price factor in 10^-7 of the first row at or after `date`. */
static int64_t read_factor(const char *path, long date)
{
    FILE *file = fopen(path, "r");
    char line[128];
    long row_date;
    double factor = 0;
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "%ld,%lf", &row_date, &factor) == 2 && row_date >= date)
            break;
    (void)fclose(file);
    return (int64_t)(factor * 1e7 + 0.5);
}

/* One published run: decided and filled at these prices (10^-4, unadjusted), marked at the last. */
static void lean_run(int64_t factor, int64_t decided, int64_t filled, int64_t last,
                     int64_t fee_mills, int64_t equity_cents)
{
    struct rig *rig = rig_create("buy_and_hold");
    int64_t price = decided * factor, gain;
    rig->currency_scale = 3; /* half a cent a share is not whole cents */
    rig->equity = 100000000;
    lean_fee(rig, 1000);
    rig->def.price_scale = 11; /* 10^-4 × 10^-7: exact */
    rig_start_ok(rig);
    rig_bar(rig, 1, price);
    assert_int_equal(rig->request.qty, slow_shares(rig, price, 100000000000, 1000));
    assert_int_equal(rig_fee(&rig->self, 1, rig->request.qty, price), fee_mills);
    gain = rig->request.qty * (last - filled) * factor / 100000000;
    assert_int_equal((rig->equity + gain - fee_mills + 5) / 10, equity_cents);
    rig_destroy(rig);
}

/* SPY: daily decided at the first close and filled at the next open; hourly at the first close. */
static void test_lean_runs(void **state)
{
    const char *folder = getenv("TURRET_TEST_DATA");
    char path[1024], *daily, *hourly;
    int64_t factor, open, close, first_close, next_open, last_close;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/lean/equity_daily/spy.zip", folder ? folder : "");
    daily = folder ? unzip(path) : NULL;
    if (!daily) {
        print_message("skipped: no reference data in TURRET_TEST_DATA\n");
        skip();
        return;
    }
    (void)snprintf(path, sizeof path, "%s/lean/equity_daily/spy_factor.csv", folder);
    factor = read_factor(path, 20131008);
    read_row(daily, "20131008 00:00", &open, &first_close);
    read_row(daily, "20131009 00:00", &next_open, &close);
    read_row(daily, "20131017 00:00", &open, &last_close);
    lean_run(factor, first_close, next_open, last_close, 3485, 10448622);
    free(daily);

    (void)snprintf(path, sizeof path, "%s/lean/equity_hour/spy.zip", folder);
    hourly = unzip(path);
    assert_non_null(hourly);
    read_row(hourly, "20131007 09:00", &open, &first_close);
    read_row(hourly, "20131011 15:00", &open, &last_close);
    lean_run(factor, first_close, first_close, last_close, 3435, 10152908);
    free(hourly);
}

static void test_accumulate(void **state)
{
    struct rig *rig = rig_create("accumulate");
    (void)state;
    rig_set(rig, "qty", 10);
    rig_start_ok(rig);
    rig_bar(rig, 1, 10000);
    rig_bar(rig, 1, 10000);
    rig_bar(rig, 2, 10000);
    assert_int_equal(rig->submit_count, 2);
    assert_int_equal(rig->request.qty, 10);
    assert_int_equal(rig->request.side, TURRET_SIDE_BUY);
    assert_int_equal(rig->request.type, TURRET_ORDER_MARKET);
    assert_string_equal(rig->request.reason, "order 2 of a fixed quantity");
    rig_restart(rig);
    rig->queue_full = 1;
    rig_bar(rig, 1, 10000);
    assert_int_equal(*(const int64_t *)rig_field(rig, "orders", 0), 2);
    rig->queue_full = 0;
    rig_set(rig, "orders", 3);
    rig_restart(rig);
    rig_bar(rig, 1, 10000);
    rig_bar(rig, 1, 10000);
    assert_int_equal(rig->submit_count, 3);
    assert_int_equal(*(const int64_t *)rig_field(rig, "orders", 0), 3);
    rig_set(rig, "qty", 0);
    rig_start_refused(rig, TURRET_EINVAL, "qty is 0; give a quantity above 0");
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_against_slow_loop),
        cmocka_unit_test(test_fee_costs_a_share),
        cmocka_unit_test(test_once_and_over_restart),
        cmocka_unit_test(test_on_trades),
        cmocka_unit_test(test_lots_and_scales),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_lean_runs),
        cmocka_unit_test(test_accumulate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
