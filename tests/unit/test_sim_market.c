/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The synthetic market: the same seed gives the same bytes, a restart continues as if nothing had
 * been, a full queue loses nothing, bars are sane for a long time, finite runs finish.
 */
#include "sim_bench.h"

static struct bench *market(uint32_t seed, const char *quotes)
{
    struct bench *b = bench_load("sim");
    bench_set(b, "market", "synthetic");
    bench_set(b, "quotes", quotes);
    b->seed = seed;
    return b;
}

static void run(struct bench *b, int bars)
{
    for (int i = 0; i < bars; i++) {
        assert_true(bench_fire(b, 0));
    }
}

static void assert_same(const struct bench *a, uint32_t a_from, const struct bench *other,
                        uint32_t from, uint32_t count)
{
    assert_true(count > 0 && a_from + count <= a->count && from + count <= other->count);
    assert_memory_equal(a->report + a_from, other->report + from, count * sizeof *a->report);
}

static uint64_t hash_bars(const struct bench *b)
{
    uint64_t hash = 0xCBF29CE484222325ull;
    for (uint32_t i = 0; i < b->count; i++) {
        const struct turret_bar *bar = &b->report[i].u.bar;
        if (b->report[i].type != TURRET_REPORT_BAR) {
            continue;
        }
        const int64_t field[] = {bar->instrument, bar->time,  bar->open,  bar->high,
                                 bar->low,        bar->close, bar->volume};
        for (uint32_t k = 0; k < sizeof field / sizeof field[0]; k++) {
            hash = (hash ^ (uint64_t)field[k]) * 0x100000001B3ull;
        }
    }
    return hash;
}

static void test_same_seed_same_bytes(void **state)
{
    (void)state;
    struct bench *a = market(42, "true"), *same = market(42, "true"), *other = market(43, "true");
    bench_start(a, 0);
    bench_start(same, 0);
    bench_start(other, 0);
    run(a, 1000);
    run(same, 1000);
    run(other, 1000);
    assert_int_equal(a->count, 1 + 1000 * 3 * 2);
    assert_same(a, 0, same, 0, a->count);
    assert_true(hash_bars(a) != hash_bars(other));
    bench_free(a);
    bench_free(same);
    bench_free(other);
}

static void test_the_market_is_the_same_everywhere(void **state)
{
    (void)state;
    struct bench *b = market(7, "false");
    bench_start(b, 0);
    run(b, 2000);
    assert_int_equal(hash_bars(b),
                     0xe7b975f787510d3aull); /* recorded; another value is another market */
    bench_free(b);
}

static void test_order_and_time_of_what_is_sent(void **state)
{
    (void)state;
    struct bench *b = market(1, "true");
    bench_set(b, "pace_ms", "250");
    bench_start(b, 0);
    assert_int_equal(b->timer[0], 250000000);
    run(b, 2);
    assert_int_equal(b->timer[0], 250000000);
    for (int n = 0; n < 2; n++) {
        const turret_instrument ids[3] = {SPY, BTC, FUT};
        for (int i = 0; i < 3; i++) {
            const struct turret_report *quote = bench_next(b, TURRET_REPORT_QUOTE);
            const struct turret_report *bar = bench_next(b, TURRET_REPORT_BAR);
            assert_int_equal(quote->u.quote.instrument, ids[i]);
            assert_int_equal(bar->u.bar.instrument, ids[i]);
            assert_int_equal(bar->u.bar.time, T0 + n * MINUTE);
            assert_int_equal(bar->u.bar.timeframe_ns, MINUTE);
            assert_int_equal(bar->time, T0 + (n + 1) * MINUTE);
            assert_int_equal(quote->time, bar->time);
            assert_true(quote->u.quote.bid < bar->u.bar.close);
            assert_true(quote->u.quote.ask > bar->u.bar.close);
        }
    }
    bench_silent(b);
    bench_free(b);
}

static void test_a_restart_continues(void **state)
{
    (void)state;
    for (int k = 0; k <= 300; k += 75) {
        struct bench *whole = market(9, "true"), *parts = market(9, "true");
        bench_start(whole, 0);
        run(whole, 400);
        bench_start(parts, 0);
        run(parts, k);
        parts->type->close(&parts->broker);
        parts->next = parts->count;
        bench_start(parts, k ? T0 + k * MINUTE : 0); /* the host's last event: bar k's end */
        uint32_t seam = parts->count - 1;            /* where the second READY is */
        run(parts, 400 - k);
        assert_int_equal(parts->count, whole->count + 1);
        if (k > 0) {
            assert_same(whole, 0, parts, 0, seam);
        }
        assert_same(whole, seam, parts, seam + 1, whole->count - seam);
        bench_free(whole);
        bench_free(parts);
    }
}

static void test_a_full_queue_loses_nothing(void **state)
{
    (void)state;
    struct bench *whole = market(5, "true");
    bench_start(whole, 0);
    run(whole, 3);
    for (uint32_t at = 1; at < whole->count; at++) { /* refuse in every place, thrice */
        struct bench *b = market(5, "true");
        bench_start(b, 0);
        b->refuse_from = at;
        b->refuse_count = 3;
        run(b, 3 + 3);
        assert_int_equal(b->count, whole->count);
        assert_same(whole, 0, b, 0, whole->count);
        bench_free(b);
    }
    bench_free(whole);
}

static void test_bars_wait_for_reports_about_orders(void **state)
{
    (void)state;
    struct bench *b = market(5, "false");
    bench_start(b, 0);
    b->refuse_from = b->count;
    b->refuse_count = 2;
    submit_any(b, sim_order(1, SPY, BUY, LIMIT, 1, 5000, 0)); /* refused once */
    run(b, 1);                                                /* and again: no bar before it */
    assert_int_equal(b->next, b->count);
    run(b, 1);
    expect_ack(b, 1, TURRET_REQUEST_SUBMIT, TURRET_OUTCOME_OK, "");
    expect_order(b, 1, TURRET_STATE_ACCEPTED, 0);
    assert_int_equal(bench_next(b, TURRET_REPORT_BAR)->u.bar.time, T0);
    bench_free(b);
}

static void test_bars_are_sane_for_long(void **state)
{
    turret_price least[6], most[6];
    (void)state;
    struct bench *b = market(3, "true");
    bench_set(b, "start_price", "2"); /* FUT's tick is 0.25: near the floor */
    bench_set(b, "volatility_bps", "500");
    bench_start(b, 0);
    memset(least, 0x7f, sizeof least);
    memset(most, 0, sizeof most);
    for (int n = 0; n < 20000; n++) {
        b->count = b->next = 0;
        run(b, 1);
        while (b->next < b->count) {
            const struct turret_report *report = bench_next(b, TURRET_REPORT_QUOTE);
            const struct turret_bar *bar = &bench_next(b, TURRET_REPORT_BAR)->u.bar;
            const struct turret_instrument_def *def = bench_def(&b->broker, bar->instrument);
            assert_true(bar->low > def->tick_size && report->u.quote.bid > def->tick_size);
            assert_true(bar->high >= bar->open && bar->high >= bar->close);
            assert_true(bar->low <= bar->open && bar->low <= bar->close);
            assert_int_equal(bar->close % def->tick_size, 0);
            assert_true(bar->volume > 0 && bar->volume % def->lot_size == 0);
            least[bar->instrument] =
                bar->low < least[bar->instrument] ? bar->low : least[bar->instrument];
            most[bar->instrument] =
                bar->high > most[bar->instrument] ? bar->high : most[bar->instrument];
        }
    }
    assert_true(most[SPY] > 2 * least[SPY] && most[SPY] <= 200 * 16); /* moves, within bounds */
    assert_true(most[SPY] != most[BTC] || least[SPY] != least[BTC]);  /* symbols differ */
    bench_free(b);
}

/* None of the bars was fed back yet: the end has the market's time, not that of what was fed. */
static void assert_finishes(struct bench *b, turret_time_ns time)
{
    const struct turret_report *report = bench_next(b, TURRET_REPORT_STREAM);
    assert_int_equal(report->u.stream.status, TURRET_STREAM_FINISHED);
    assert_int_equal(report->time, time);
}

static void test_a_finite_market_finishes(void **state)
{
    (void)state;
    struct bench *b = market(1, "false");
    bench_set(b, "bars", "5");
    bench_start(b, 0);
    run(b, 5);
    for (int i = 0; i < 15; i++) {
        (void)bench_next(b, TURRET_REPORT_BAR);
    }
    bench_silent(b);
    run(b, 1);
    assert_finishes(b, T0 + 5 * MINUTE);
    assert_false(bench_fire(b, 0));
    b->type->close(&b->broker);
    bench_start(b, T0 + 3 * MINUTE); /* three were seen: two are left, not five */
    run(b, 3);
    for (int i = 0; i < 6; i++) {
        assert_true(bench_next(b, TURRET_REPORT_BAR)->u.bar.time >= T0 + 3 * MINUTE);
    }
    assert_finishes(b, T0 + 5 * MINUTE);
    bench_free(b);
    b = market(1, "false");
    b->until = T0 + 2 * MINUTE;
    bench_start(b, 0);
    run(b, 3);
    assert_int_equal(b->count, 1 + 2 * 3 + 1);
    assert_int_equal(b->report[b->count - 1].u.stream.status, TURRET_STREAM_FINISHED);
    bench_free(b);
}

static void test_no_market_unless_asked_for(void **state)
{
    (void)state;
    struct bench *b = bench_load("sim");
    bench_start(b, 0);
    assert_false(bench_fire(b, 0));
    bench_free(b);
}

/* Its own bars fed back, with an order every few bars: fills, fees, everything the same again. */
static void trade_along(struct bench *b)
{
    uint64_t id = 0;
    bench_start(b, 0);
    for (int n = 0; n < 300; n++) {
        uint32_t from = b->count;
        run(b, 1);
        for (uint32_t i = from, to = b->count; i < to; i++) {
            struct turret_report event = b->report[i];
            b->type->feed(&b->broker, &event);
        }
        if (n % 3 == 0) {
            uint8_t side = n % 2 ? SELL : BUY;
            submit_any(b, sim_order(++id, SPY, side, n % 4 ? MARKET : LIMIT, 10 + n, 10000, 0));
        }
    }
}

static void test_trading_is_deterministic(void **state)
{
    struct bench *pair[2];
    uint32_t fills = 0;
    (void)state;
    for (int i = 0; i < 2; i++) {
        pair[i] = market(11, "true");
        bench_set(pair[i], "slippage", "volume_share");
        bench_set(pair[i], "volume_limit", "10");
        bench_set(pair[i], "commission_rate_bps", "3.5");
        trade_along(pair[i]);
    }
    for (uint32_t i = 0; i < pair[0]->count; i++) {
        fills += pair[0]->report[i].type == TURRET_REPORT_FILL;
    }
    assert_true(fills > 60);
    assert_int_equal(pair[0]->count, pair[1]->count);
    assert_same(pair[0], 0, pair[1], 0, pair[0]->count);
    bench_free(pair[0]);
    bench_free(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_same_bytes),
        cmocka_unit_test(test_the_market_is_the_same_everywhere),
        cmocka_unit_test(test_order_and_time_of_what_is_sent),
        cmocka_unit_test(test_a_restart_continues),
        cmocka_unit_test(test_a_full_queue_loses_nothing),
        cmocka_unit_test(test_bars_wait_for_reports_about_orders),
        cmocka_unit_test(test_bars_are_sane_for_long),
        cmocka_unit_test(test_a_finite_market_finishes),
        cmocka_unit_test(test_no_market_unless_asked_for),
        cmocka_unit_test(test_trading_is_deterministic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
