/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated venue's saved state: a venue that was exported and imported reports the same bytes
 * as one that went on; damaged states are refused and leave the venue empty; a restart without the
 * state invents nothing.
 */
#include "sim_bench.h"

#define STATE_MAX 65536

/* A state in memory, moved in pieces of `piece` bytes. */
struct memory {
    struct turret_stream stream;
    uint8_t bytes[STATE_MAX];
    uint64_t size, at, piece;
};

static int64_t memory_read(struct turret_stream *stream, void *to, uint64_t size_bytes)
{
    struct memory *m = stream->context;
    uint64_t count = size_bytes < m->piece ? size_bytes : m->piece;
    count = count < m->size - m->at ? count : m->size - m->at;
    memcpy(to, m->bytes + m->at, count);
    m->at += count;
    return (int64_t)count;
}

static int64_t memory_write(struct turret_stream *stream, const void *from, uint64_t size_bytes)
{
    struct memory *m = stream->context;
    uint64_t count = size_bytes < m->piece ? size_bytes : m->piece;
    if (m->size + count > sizeof m->bytes) {
        return TURRET_EFULL;
    }
    memcpy(m->bytes + m->size, from, count);
    m->size += count;
    return (int64_t)count;
}

static struct memory *memory_new(uint64_t piece)
{
    struct memory *m = calloc(1, sizeof *m);
    m->stream = (struct turret_stream){sizeof m->stream, 1, m, memory_read, memory_write};
    m->piece = piece;
    return m;
}

static struct bench *venue(void)
{
    struct bench *b = bench_load("sim");
    bench_set(b, "market_fill", "quote");
    bench_set(b, "volume_limit", "100");
    bench_set(b, "commission_rate_bps", "5");
    bench_set(b, "latency_ms", "1");
    bench_set(b, "market", "synthetic");
    b->seed = 4;
    return b;
}

#define LATER(n) (T0 + MINUTE + (n)*1000000LL)

/* Orders in every condition: partial, triggered, rested, a DAY order, requests under way. */
static void before_the_seam(struct bench *b)
{
    struct turret_broker_order order = sim_order(5, SPY, BUY, LIMIT, 10, 9800, 0);
    bench_start(b, 0);
    assert_true(bench_fire(b, 0));
    quote(b, LATER(0), 9990, 100, 10010, 4);
    submit_any(b, sim_order(1, SPY, BUY, LIMIT, 10, 10010, 0));
    submit_any(b, sim_order(2, SPY, SELL, STOP_LIMIT, 10, 9995, 9990));
    submit_any(b, sim_order(3, SPY, SELL, LIMIT, 10, 10100, 0));
    submit_any(b, sim_order(4, SPY, BUY, MARKET, 3, 0, 0));
    order.tif = TURRET_TIF_DAY;
    submit_any(b, order);
    order.order_id = 6;
    submit_any(b, order);
    quote(b, LATER(1), 9990, 100, 10010, 6);
    level(b, LATER(1), BUY, 9985, 100, 1);
    level(b, LATER(1), SELL, 10020, 100, 1);
    split(b, LATER(2), 2, 1);
    order.request = 1;
    assert_int_equal(b->type->cancel(&b->broker, &order, NULL), TURRET_OK);
    order.order_id = 3;
    order.side = SELL;
    order.limit_price = 5005;
    order.qty = 30;
    assert_int_equal(b->type->modify(&b->broker, &order, NULL), TURRET_OK);
}

static void after_the_seam(struct bench *b)
{
    struct turret_broker_order order = sim_order(4, SPY, BUY, MARKET, 3, 0, 0);
    for (int i = 0; i < 3; i++) {
        assert_true(bench_fire(b, 0));
    }
    submit_any(b, order); /* still a duplicate */
    level(b, LATER(4), BUY, 5010, 25, 1);
    trade(b, LATER(5), 4850, 12);
    assert_int_equal(b->type->query_order(&b->broker, &order, NULL), TURRET_OK);
    assert_int_equal(b->type->query_positions(&b->broker, NULL), TURRET_OK);
    assert_int_equal(b->type->query_balances(&b->broker, NULL), TURRET_OK);
    assert_int_equal(b->type->query_fills(&b->broker, 0, NULL), TURRET_OK);
    quote(b, LATER(5) + DAY, 5000, 100, 5010, 6);
    assert_int_equal(b->type->download(&b->broker, LATER(3), NULL), TURRET_OK);
}

static void export_to(struct bench *b, struct memory *m)
{
    struct turret_error err = {0};
    assert_int_equal(b->type->quiesce(&b->broker, &err), TURRET_OK);
    assert_int_equal(b->timer[0], -1);
    assert_int_equal(b->type->export_state(&b->broker, &m->stream, &err), TURRET_OK);
}

static struct bench *reopened(void)
{
    struct bench *b = venue();
    struct turret_error err = {0};
    assert_int_equal(bench_try_open(b, LATER(2), &err), TURRET_OK);
    return b;
}

static void test_an_imported_venue_goes_on_the_same(void **state)
{
    (void)state;
    for (uint64_t piece = 1; piece <= 4096; piece *= 16) {
        struct memory *saved = memory_new(piece), *again = memory_new(4096);
        struct bench *went_on = venue(), *other = reopened();
        struct turret_error err = {0};
        before_the_seam(went_on);
        uint32_t seam = went_on->count;
        export_to(went_on, saved);
        if (other->type->import_state(&other->broker, &saved->stream, &err) != TURRET_OK) {
            fail_msg("%s", err.text);
        }
        export_to(other, again);
        assert_int_equal(again->size, saved->size);
        assert_memory_equal(again->bytes, saved->bytes, saved->size);
        assert_int_equal(went_on->type->connect(&went_on->broker, NULL), TURRET_OK);
        assert_int_equal(other->type->connect(&other->broker, NULL), TURRET_OK);
        after_the_seam(went_on);
        after_the_seam(other);
        assert_int_equal(went_on->count - seam, other->count);
        assert_memory_equal(went_on->report + seam, other->report,
                            other->count * sizeof *other->report);
        bench_free(went_on);
        bench_free(other);
        free(saved);
        free(again);
    }
}

/* Feeds reports from..to of another venue, as a host does that replays its journal. */
static void feed_again(struct bench *b, const struct bench *journal, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        b->type->feed(&b->broker, &journal->report[i]);
    }
}

/*
 * A crash: the newest state is of bar 4, the journal ends in the middle of bar time 9. The market
 * must go on with the very next report.
 */
static void test_the_market_goes_on_where_the_journal_ends(void **state)
{
    (void)state;
    for (uint32_t cut = 1; cut <= 6; cut++) { /* a bar time is six reports */
        const uint32_t saved_at = 1 + 4 * 6, end = 1 + 9 * 6 + cut;
        struct memory *saved = memory_new(4096);
        struct bench *whole = venue(), *b = venue(), *other = venue();
        struct turret_error err = {0};
        bench_set(whole, "quotes", "true");
        bench_set(b, "quotes", "true");
        bench_set(other, "quotes", "true");
        bench_start(whole, 0);
        bench_start(b, 0);
        for (int n = 0; n < 20; n++) {
            assert_true(bench_fire(whole, 0));
        }
        for (int n = 0; n < 4; n++) {
            assert_true(bench_fire(b, 0));
        }
        feed_again(b, b, 1, saved_at);
        export_to(b, saved);
        assert_int_equal(bench_try_open(other, T0 + 4 * MINUTE, &err), TURRET_OK);
        assert_int_equal(other->type->import_state(&other->broker, &saved->stream, &err),
                         TURRET_OK);
        assert_int_equal(other->type->connect(&other->broker, NULL), TURRET_OK);
        feed_again(other, whole, saved_at, end);
        other->count = 0;
        while (other->count < whole->count - end) {
            assert_true(bench_fire(other, 0));
        }
        assert_int_equal(other->count, whole->count - end);
        assert_memory_equal(other->report, whole->report + end,
                            other->count * sizeof *other->report);
        bench_free(whole);
        bench_free(b);
        bench_free(other);
        free(saved);
    }
}

/* The state itself is of the middle of a bar time: one instrument's bar came, the others' not. */
static void test_a_state_from_within_a_bar_time(void **state)
{
    struct memory *saved = memory_new(4096);
    struct bench *b = venue(), *other = venue();
    struct turret_error err = {0};
    (void)state;
    bench_start(b, 0);
    assert_true(bench_fire(b, 0));
    assert_true(bench_fire(b, 0));
    feed_again(b, b, 1, 1 + 3 + 1); /* SPY's second bar is the last event */
    export_to(b, saved);
    assert_int_equal(bench_try_open(other, T0 + 2 * MINUTE, &err), TURRET_OK);
    assert_int_equal(other->type->import_state(&other->broker, &saved->stream, &err), TURRET_OK);
    assert_int_equal(other->type->connect(&other->broker, NULL), TURRET_OK);
    other->next = other->count;
    assert_true(bench_fire(other, 0));
    const struct turret_bar *bar = &bench_next(other, TURRET_REPORT_BAR)->u.bar;
    assert_int_equal(bar->instrument, BTC);
    assert_int_equal(bar->time, T0 + MINUTE);
    assert_int_equal(bench_next(other, TURRET_REPORT_BAR)->u.bar.instrument, FUT);
    bench_silent(other);
    bench_free(b);
    bench_free(other);
    free(saved);
}

/* What the scenario above must have in it, or the test before shows little. */
static void test_the_scenario_covers_what_it_should(void **state)
{
    uint32_t fills = 0, rejected = 0, canceled = 0, expired = 0, triggered = 0;
    (void)state;
    struct bench *b = venue();
    before_the_seam(b);
    uint32_t seam = b->count;
    after_the_seam(b);
    for (uint32_t i = 0; i < b->count; i++) {
        const struct turret_report *r = &b->report[i];
        fills += i >= seam && r->type == TURRET_REPORT_FILL;
        rejected += i >= seam && r->type == TURRET_REPORT_ACK &&
                    r->u.ack.outcome == TURRET_OUTCOME_REJECTED;
        if (r->type == TURRET_REPORT_ORDER) {
            canceled += i >= seam && r->u.order.state == TURRET_STATE_CANCELED;
            expired += i >= seam && r->u.order.state == TURRET_STATE_EXPIRED;
            triggered += i < seam && r->u.order.state == TURRET_STATE_TRIGGERED;
        }
    }
    assert_true(fills > 0 && rejected > 0 && canceled > 0 && expired > 0 && triggered > 0);
    bench_free(b);
}

static void assert_empty(struct bench *b)
{
    struct turret_broker_order order = sim_order(1, SPY, BUY, LIMIT, 1, 1, 0);
    assert_int_equal(b->type->connect(&b->broker, NULL), TURRET_OK);
    b->next = b->count;
    assert_int_equal(b->type->query_order(&b->broker, &order, NULL), TURRET_OK);
    expect_ack(b, 1, TURRET_REQUEST_QUERY, TURRET_OUTCOME_NOT_FOUND, "");
    assert_int_equal(b->type->query_fills(&b->broker, 0, NULL), TURRET_OK);
    bench_silent(b);
}

static void test_damaged_states_are_refused(void **state)
{
    struct memory *good = memory_new(4096), *bad = memory_new(4096);
    struct turret_error err = {0};
    (void)state;
    struct bench *b = venue(), *other = reopened();
    before_the_seam(b);
    export_to(b, good);
    assert_true(good->size > 400);
    for (uint64_t i = 0; i < good->size; i++) { /* one wrong bit */
        memcpy(bad->bytes, good->bytes, good->size);
        bad->bytes[i] ^= (uint8_t)(1u << (i % 8));
        bad->size = good->size;
        bad->at = 0;
        assert_true(other->type->import_state(&other->broker, &bad->stream, NULL) != TURRET_OK);
    }
    for (uint64_t size = 0; size < good->size; size++) { /* cut short */
        memcpy(bad->bytes, good->bytes, good->size);
        bad->size = size;
        bad->at = 0;
        assert_int_equal(other->type->import_state(&other->broker, &bad->stream, NULL),
                         TURRET_ECORRUPT);
    }
    bad->stream.schema = 2;
    assert_int_equal(other->type->import_state(&other->broker, &bad->stream, &err),
                     TURRET_EVERSION);
    assert_empty(other);
    assert_int_equal(other->type->import_state(&other->broker, &good->stream, NULL), TURRET_OK);
    good->at = 0;
    assert_int_equal(other->type->import_state(&other->broker, &good->stream, NULL),
                     TURRET_ESTATE); /* a second time: it has orders now */
    bench_free(b);
    bench_free(other);
    free(good);
    free(bad);
}

static void test_a_restart_without_state_invents_nothing(void **state)
{
    struct turret_broker_caps caps = {.struct_size = sizeof caps};
    struct turret_error err = {0};
    (void)state;
    struct bench *b = reopened();
    assert_empty(b);
    assert_int_equal(b->type->query_positions(&b->broker, &err), TURRET_ESTATE);
    assert_int_equal(b->type->query_balances(&b->broker, NULL), TURRET_ESTATE);
    assert_int_equal(b->type->download(&b->broker, 0, NULL), TURRET_OK);
    assert_int_equal(bench_next(b, TURRET_REPORT_DOWNLOAD)->u.download.done, 0);
    assert_int_equal(bench_next(b, TURRET_REPORT_DOWNLOAD)->u.download.done, 1);
    bench_silent(b); /* no position is not a flat one */
    assert_int_equal(b->type->describe(&b->broker, &caps, NULL), TURRET_OK);
    assert_int_equal(caps.order_flags, 0); /* it cannot enforce reduce-only: the host must */
    bench_free(b);
}

/* Of two venues: the other's has its market data from this one. */
static void each_of_two(struct turret_broker *self, void *context,
                        void (*each)(void *context, const struct turret_instrument_def *def))
{
    static struct turret_instrument_def others;
    (void)self;
    others = bench_defs[0];
    others.id = BTC;
    (void)snprintf(others.venue, sizeof others.venue, "other");
    each(context, &bench_defs[0]);
    each(context, &others);
}

static struct bench *venue_of_two(void)
{
    struct bench *b = bench_load("sim");
    b->host.each_instrument = each_of_two;
    return b;
}

static void test_two_instruments_of_one_symbol(void **state)
{
    struct memory *saved = memory_new(4096), *again = memory_new(4096);
    struct bench *b = venue_of_two(), *other = venue_of_two();
    const struct turret_report *told;
    (void)state;
    bench_start(b, 0);
    buy(b, 1, MARKET, 7, 0, 0);
    bar(b, 0, 1000, 1000, 1000, 1000, 100);
    export_to(b, saved);
    assert_int_equal(bench_try_open(other, T0 + MINUTE, NULL), TURRET_OK);
    assert_int_equal(other->type->import_state(&other->broker, &saved->stream, NULL), TURRET_OK);
    export_to(other, again);
    assert_int_equal(again->size, saved->size);
    assert_memory_equal(again->bytes, saved->bytes, saved->size);
    assert_int_equal(other->type->connect(&other->broker, NULL), TURRET_OK);
    (void)bench_next(other, TURRET_REPORT_STREAM);
    assert_int_equal(other->type->query_positions(&other->broker, NULL), TURRET_OK);
    told = bench_next(other, TURRET_REPORT_POSITION);
    assert_int_equal(told->u.position.instrument, SPY);
    assert_int_equal(told->u.position.qty, 7);
    told = bench_next(other, TURRET_REPORT_POSITION);
    assert_int_equal(told->u.position.instrument, BTC);
    assert_int_equal(told->u.position.qty, 0);
    bench_free(b);
    bench_free(other);
    free(saved);
    free(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_imported_venue_goes_on_the_same),
        cmocka_unit_test(test_the_market_goes_on_where_the_journal_ends),
        cmocka_unit_test(test_a_state_from_within_a_bar_time),
        cmocka_unit_test(test_the_scenario_covers_what_it_should),
        cmocka_unit_test(test_damaged_states_are_refused),
        cmocka_unit_test(test_a_restart_without_state_invents_nothing),
        cmocka_unit_test(test_two_instruments_of_one_symbol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
