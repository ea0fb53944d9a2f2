/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what the engine promises: a run of bars gives the same bytes as bar by bar, an event costs
 * no allocation, equal indicators are computed once, what is written wrong is refused with its
 * reason, a plugin that breaks its contract is disabled at that bar, floods are bounded, targets
 * count what is open, time never goes back.
 */
#include "engine_rig.h"

/* ---- allocations: this program's own malloc passes on to the C library's, and counts ---- */

static uint64_t allocations;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS_ALLOCATIONS 0
#else
#define COUNTS_ALLOCATIONS 1
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    allocations++;
    return __libc_realloc(old, size);
}
#endif

static struct rig rig;

/* ---- runs of bars against bar by bar ---- */

#define BARS 1500
struct columns {
    turret_time_ns time[BARS];
    turret_price open[BARS], high[BARS], low[BARS], close[BARS];
    turret_qty volume[BARS];
};

static void make_columns(struct columns *c, uint64_t *seed, turret_time_ns start, int64_t timeframe,
                         uint32_t bad_in_thousand)
{
    turret_price price = 10000;
    turret_time_ns time = start;
    uint32_t i;
    for (i = 0; i < BARS; i++) {
        c->time[i] = time;
        c->open[i] = price;
        price += rig_between(seed, -40, 40);
        price = price < 100 ? 100 : price;
        c->close[i] = price;
        c->high[i] = (c->open[i] > price ? c->open[i] : price) + rig_between(seed, 0, 9);
        c->low[i] = (c->open[i] < price ? c->open[i] : price) - rig_between(seed, 0, 9);
        c->volume[i] = rig_between(seed, 0, 1000);
        time += timeframe * (rig_random(seed) % 20 == 0 ? rig_between(seed, 2, 900) : 1);
        if (rig_random(seed) % 1000 >= bad_in_thousand)
            continue;
        switch (rig_random(seed) % 8) { /* each makes no sense in its own way */
        case 0:
            c->low[i] = c->high[i] + 1;
            break;
        case 1:
            c->time[i] -= 2 * timeframe;
            break;
        case 2:
            c->volume[i] = -1;
            break;
        case 3:
            c->low[i] = 0;
            break;
        case 4:
            c->high[i] = INT64_MAX;
            break;
        case 5:
            c->open[i] = INT64_MIN;
            break;
        case 6:
            c->open[i] = c->high[i] = c->low[i] = c->close[i] = INT64_MIN;
            break;
        default:
            c->close[i] = -c->close[i];
            break;
        }
    }
}

static void trade_the_average(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct rig_state *state = turret_self(self);
    double mean = turret_value(state->use[0]);
    struct turret_order_request request;
    turret_qty size = 10 + state->number;
    if (state->bars % 3 == 0)
        (void)turret_target(self, bar->instrument, (double)bar->close / 100 > mean ? size : -size,
                            "average");
    if (state->bars % 17 == 0) {
        request = rig_request(bar->instrument, TURRET_SIDE_BUY, 3, bar->close - 20);
        (void)turret_submit(self, &request);
    }
    if (state->bars % 29 == 0)
        (void)turret_timer(self, 2, bar->time + 5 * RIG_MINUTE);
}

/* Answers like a venue, after each bar: market orders fill at the mark, others are accepted. */
static uint32_t answered;
static uint64_t answer_seed;

static void answer_commands(struct rig *of)
{
    for (; answered < of->command_count; answered++) {
        const struct command *command = &of->commands[answered % RIG_COMMANDS];
        struct event event;
        if (command->kind != COMMAND_SUBMIT)
            continue;
        of->time = engine_now(of->engine) + rig_between(&answer_seed, 0, 90) * MONEY_NANO;
        event = rig_event(of, EVENT_FILL);
        event.venue = (uint16_t)command->venue;
        if (command->order.type != TURRET_ORDER_MARKET) {
            event.type = EVENT_ACK;
            event.u.ack.order_id = command->order.order_id;
            event.u.ack.kind = TURRET_REQUEST_SUBMIT;
            event.u.ack.request = 1;
            event.u.ack.outcome =
                rig_random(&answer_seed) % 3 ? TURRET_OUTCOME_REJECTED : TURRET_OUTCOME_OK;
        } else {
            event.u.fill.order_id = command->order.order_id;
            event.u.fill.instrument = command->order.instrument;
            event.u.fill.side = command->order.side;
            event.u.fill.qty = command->order.qty;
            event.u.fill.price = engine_mark(of->engine, command->order.instrument);
            event.u.fill.fee = 12345;
            (void)snprintf(event.u.fill.execution_id, 40, "x%u", answered);
        }
        engine_ingest(of->engine, &event);
    }
}

static void settle(void *context)
{
    answer_commands(context);
}

struct outcome {
    uint8_t *snapshot, *log;
    size_t snapshot_size, log_used;
    uint32_t notices[NOTICE_DROPPED + 1], days;
    char last_fault[320];
};

static void take_snapshot(const struct engine *engine, uint8_t **bytes, size_t *size)
{
    *size = engine_snapshot(engine, NULL, 0);
    *bytes = malloc(*size);
    assert_non_null(*bytes);
    assert_true(engine_snapshot(engine, *bytes, *size) == *size);
}

static void feed(struct rig *of, const struct columns *c, turret_instrument instrument,
                 int64_t timeframe, uint32_t from, uint32_t count, bool blocks)
{
    struct engine_bars bars = {instrument,     count,           timeframe,
                               c->time + from, c->open + from,  c->high + from,
                               c->low + from,  c->close + from, c->volume + from};
    uint32_t i;
    if (blocks) {
        engine_run_bars(of->engine, &bars);
        return;
    }
    for (i = from; i < from + count; i++) {
        struct event event = rig_bar_event(of, instrument, c->time[i], c->close[i]);
        event.time = c->time[i] + timeframe;
        event.u.bar.timeframe_ns = timeframe;
        event.u.bar.open = c->open[i];
        event.u.bar.high = c->high[i];
        event.u.bar.low = c->low[i];
        event.u.bar.volume = c->volume[i];
        engine_ingest(of->engine, &event);
        answer_commands(of);
    }
}

/* The same bars, in pieces of random length and of several streams, in one form or the other. */
static void run(const char *first, const char *second, uint64_t seed, bool blocks,
                struct outcome *out)
{
    static struct columns columns[3];
    struct rig_options o = rig_defaults();
    uint32_t at[3] = {0, 0, 0}, i;
    o.strategies = 3;
    o.timeframe[1] = 5 * RIG_MINUTE;
    o.engine.risk.reference_age_ns = 365 * 86400 * MONEY_NANO;
    rig_script.use[0] = first;
    rig_script.use[1] = second;
    rig_script.on_bar = trade_the_average;
    rig_open(&rig, &o);
    rig.log.bytes = malloc(rig.log.room = 32u << 20);
    rig.engine->sink.settle = settle;
    answered = 0;
    answer_seed = seed;
    for (i = 0; i < 3; i++)
        make_columns(&columns[i], &seed, rig.time + (int64_t)i * RIG_MINUTE,
                     i == 2 ? 5 * RIG_MINUTE : RIG_MINUTE, i == 1 ? 4 : 0);
    while (at[0] + at[1] + at[2] < 3 * BARS) {
        uint32_t left, count;
        i = (uint32_t)(rig_random(&seed) % 3);
        left = BARS - at[i];
        count = (uint32_t)rig_between(&seed, 1, 700);
        count = count < left ? count : left;
        if (count == 0)
            continue;
        feed(&rig, &columns[i], rig.instrument[i == 1], i == 2 ? 5 * RIG_MINUTE : RIG_MINUTE, at[i],
             count, blocks);
        at[i] += count;
    }
    take_snapshot(rig.engine, &out->snapshot, &out->snapshot_size);
    out->log = rig.log.bytes;
    out->log_used = rig.log.used;
    out->days = rig.days;
    memcpy(out->notices, rig.notices, sizeof out->notices);
    memcpy(out->last_fault, rig.last_notice[NOTICE_FAULT], sizeof out->last_fault);
    rig.log.bytes = NULL;
    rig_close(&rig);
}

static void same_both_ways(const char *first, const char *second, uint64_t seed, uint32_t faults)
{
    struct outcome one, other;
    uint32_t i;
    run(first, second, seed, false, &one);
    run(first, second, seed, true, &other);
    assert_string_equal(one.last_fault, other.last_fault);
    for (i = 0; i <= NOTICE_DROPPED; i++)
        assert_int_equal(one.notices[i], other.notices[i]);
    assert_int_equal(one.notices[NOTICE_FAULT], faults);
    assert_int_equal(one.days, other.days);
    assert_true(faults || one.log_used > 20000); /* it does trade */
    assert_int_equal(one.log_used, other.log_used);
    assert_memory_equal(one.log, other.log, one.log_used);
    assert_int_equal(one.snapshot_size, other.snapshot_size);
    assert_memory_equal(one.snapshot, other.snapshot, one.snapshot_size);
    free(one.snapshot);
    free(other.snapshot);
    free(one.log);
    free(other.log);
}

static void blocks_are_bar_by_bar(void **state)
{
    uint64_t seed;
    (void)state;
    for (seed = 1; seed <= 4; seed++) {
        same_both_ways("mean(20)", NULL, seed, 0);
        same_both_ways("bmean(20)", "mean(7)", seed, 0);
        same_both_ways("bmean(64)", "bmean(3)", seed + 100, 0);
    }
}

static void broken_indicators_fault_at_their_bar(void **state)
{
    static const char *const how[] = {"nan", "inf", "error", "shrink", "many"};
    char expression[64];
    uint32_t i;
    (void)state;
    for (i = 0; i < 5; i++) {
        (void)snprintf(expression, sizeof expression, "trip(%u,%s)", 300 + 77 * i, how[i]);
        same_both_ways("mean(5)", expression, 20 + i, 3);
        (void)snprintf(expression, sizeof expression, "trip(2,%s)", how[i]);
        if (i != 3) /* not ready yet: it may still say so */
            same_both_ways("bmean(5)", expression, 40 + i, 3);
    }
    same_both_ways("mean(5)", "btrip(411,nan)", 60, 3);
    same_both_ways("mean(5)", "btrip(512,inf)", 61, 3);
}

/* A block that answers nonsense as a whole cannot say where: no later than at its first wrong bar.
 */
static void a_broken_block_faults_in_time(void **state)
{
    static struct columns columns;
    static const char *const how[] = {"btrip(100,error)", "btrip(100,shrink)"};
    struct rig_options o = rig_defaults();
    uint64_t seed = 5;
    uint32_t i;
    (void)state;
    for (i = 0; i < 2; i++) {
        rig_script.use[0] = how[i];
        rig_open(&rig, &o);
        make_columns(&columns, &seed, rig.time, RIG_MINUTE, 0);
        feed(&rig, &columns, rig.instrument[0], RIG_MINUTE, 0, BARS, true);
        assert_int_equal(rig.engine->strategies[0].run, STRATEGY_FAULT);
        assert_true(((struct rig_state *)rig.self[0]->state)->bars <= 100);
        rig_close(&rig);
    }
}

/* ---- costs ---- */

static void an_event_allocates_nothing(void **state)
{
    static struct columns columns;
    struct rig_options o = rig_defaults();
    uint64_t seed = 9, before, id;
    (void)state;
    if (!COUNTS_ALLOCATIONS)
        skip();
    o.strategies = 4;
    rig_script.use[0] = "bmean(20)";
    rig_script.use[1] = "mean(9)";
    rig_script.on_bar = trade_the_average;
    rig_open(&rig, &o);
    rig.engine->sink.settle = settle;
    answered = 0;
    make_columns(&columns, &seed, rig.time, RIG_MINUTE, 5);
    before = allocations;
    free(malloc(1));
    assert_true(allocations == before + 1); /* the counter counts */
    before = allocations;
    feed(&rig, &columns, rig.instrument[0], RIG_MINUTE, 0, 700, true);
    feed(&rig, &columns, rig.instrument[0], RIG_MINUTE, 700, 700, false);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 4, 10000);
    rig_connect(&rig);
    rig_control(&rig, CONTROL_STOP_STRATEGY, 1, 0);
    assert_true(allocations == before);
    assert_true(rig.fills > 50);
    rig_close(&rig);
}

static void equal_indicators_are_computed_once(void **state)
{
    struct rig_options o = rig_defaults();
    uint64_t before;
    uint32_t i;
    (void)state;
    o.strategies = 40;
    o.instruments = 1;
    o.engine.indicators_max = 2; /* sharing takes no room either */
    rig_script.use[0] = "mean(5)";
    rig_script.use[1] = "test.mean( 5 , weight = 0.50,source=close )";
    rig_open(&rig, &o);
    assert_int_equal(rig.engine->indicator_count, 1);
    before = rig_updates;
    for (i = 0; i < 10; i++)
        rig_bar(&rig, rig.instrument[0], 10000 + i);
    assert_true(rig_updates == before + 10);
    for (i = 0; i < 40; i++)
        assert_int_equal(((struct rig_state *)rig.self[i]->state)->bars, 7); /* 11 less 4 */
    rig_close(&rig);
}

/* ---- expressions ---- */

static void expressions(void **state)
{
    static const struct {
        const char *text, *key, *error; /* key when it is taken, a part of the error when not */
    } cases[] = {
        {"mean", "test.mean(5,0.5,0,close)", NULL},
        {"mean()", "test.mean(5,0.5,0,close)", NULL},
        {"mean(7)", "test.mean(7,0.5,0,close)", NULL},
        {"  mean ( 7 ) ", "test.mean(7,0.5,0,close)", NULL},
        {"mean(period=7)", "test.mean(7,0.5,0,close)", NULL},
        {"mean(7, quick = true)", "test.mean(7,0.5,1,close)", NULL},
        {"mean(7,0.25,1,hl)", "test.mean(7,0.25,1,hl)", NULL}, /* hl is also inside hlc3 */
        {"mean(source=hlc3)", "test.mean(5,0.5,0,hlc3)", NULL},
        {"average(7)", NULL, "average"},
        {"", NULL, "no indicator"},
        {"mean(", NULL, "not written like"},
        {"mean(7", NULL, "not written like"},
        {"mean(7))x", NULL, "not written like"},
        {"mean 7", NULL, "mean 7"},
        {"mean(0)", NULL, "outside 1 to 64"},
        {"mean(65)", NULL, "outside 1 to 64"},
        {"mean(7.5)", NULL, "not a whole number"},
        {"mean(seven)", NULL, "not a whole number"},
        {"mean(7x)", NULL, "not a whole number"},
        {"mean(,7)", NULL, "not a whole number"},
        {"mean(nan)", NULL, "not a whole number"},
        {"mean(7,inf)", NULL, "not a number"},
        {"mean(length=7)", NULL, "no parameter 'length'"},
        {"mean(7, period=8)", NULL, "'period' twice"},
        {"mean(period=8, 7)", NULL, "'period' twice"},
        {"mean(7,0.5,0,close,1)", NULL, "at most 4"},
        {"mean(source=open)", NULL, "may be hlc3|hl|close"},
        {"mean(source=c)", NULL, "may be hlc3|hl|close"},
        {"mean(source=)", NULL, "may be hlc3|hl|close"},
        {"mean(quick=maybe)", NULL, "not a whole number"},
        {"mean(13)", NULL, "13 brings no luck"},
    };
    uint32_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig_options o = rig_defaults();
        struct turret_error err = {0};
        int status;
        rig_script.use[0] = cases[i].text;
        (void)rig_build(&rig, &o, &err);
        status = engine_start(rig.engine, TURRET_REASON_FIRST, &err);
        if (cases[i].key) {
            assert_string_equal(err.text, "");
            assert_string_equal(rig.engine->indicators[0].key, cases[i].key);
        } else {
            assert_int_not_equal(status, TURRET_OK);
            assert_int_equal(err.code, status);
            assert_non_null(strstr(err.text, "strategy a0 does not start"));
            if (!strstr(err.text, cases[i].error))
                fail_msg("%s: %s", cases[i].text, err.text);
            assert_int_equal(rig.engine->indicator_count, 0);
        }
        rig_close(&rig);
    }
}

static int32_t bind_late(struct turret_strategy *self, const struct turret_start *start,
                         struct turret_error *err)
{
    (void)start;
    assert_null(turret_use_on(self, NULL, 0, 12345, "mean(5)")); /* bars it does not get */
    assert_null(turret_use_on(self, NULL, 99, 0, "mean(5)"));
    return turret_ok(err);
}

static void only_while_starting(void **state)
{
    struct rig_options o = rig_defaults();
    struct turret_error err = {0};
    (void)state;
    rig_script.on_start = bind_late;
    rig_open(&rig, &o);
    assert_null(turret_use_on(rig.self[0], &err, 0, 0, "mean(5)"));
    assert_int_equal(err.code, TURRET_ESTATE);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_bar_by_bar),
        cmocka_unit_test(broken_indicators_fault_at_their_bar),
        cmocka_unit_test(a_broken_block_faults_in_time),
        cmocka_unit_test(an_event_allocates_nothing),
        cmocka_unit_test(equal_indicators_are_computed_once),
        cmocka_unit_test(expressions),
        cmocka_unit_test(only_while_starting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
