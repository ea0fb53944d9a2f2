/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a snapshot is the whole state: the same state gives the same bytes, a fresh engine
 * that takes it goes on as if nothing had happened, a changed configuration takes what it can and
 * refuses what must not be lost, and damaged bytes are refused or at worst read as another state.
 */
#include "engine_rig.h"

static struct rig rig;

static void take_snapshot(const struct engine *engine, uint8_t **bytes, size_t *size)
{
    *size = engine_snapshot(engine, NULL, 0);
    *bytes = malloc(*size);
    assert_non_null(*bytes);
    assert_true(engine_snapshot(engine, *bytes, *size) == *size);
}

static void trade(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct rig_state *state = turret_self(self);
    struct turret_order_request request;
    if (state->bars % 5 == 0)
        (void)turret_target(self, bar->instrument, state->bars % 2 ? 10 : -7, "wish");
    if (state->bars % 7 == 0) {
        request = rig_request(bar->instrument, TURRET_SIDE_SELL, 4, bar->close + 30);
        (void)turret_submit(self, &request);
    }
    if (state->bars % 11 == 0)
        (void)turret_timer(self, 1, bar->time + 3 * RIG_MINUTE);
    turret_score(self, bar->instrument, (double)(state->bars % 9) / 9, "because");
}

static struct rig_options options(void)
{
    struct rig_options o = rig_defaults();
    o.strategies = 3;
    o.venues = 2;
    o.engine.orders_max = 64; /* so that ended ones make room */
    o.engine.executions_max = 32;
    rig_script.use[0] = "mean(6)";
    rig_script.use[1] = "bmean(9)";
    rig_script.on_bar = trade;
    return o;
}

/* One random event, from `seed` and what the engine itself knows. */
static void step(uint64_t *seed, uint32_t number)
{
    const struct order *order;
    uint32_t cursor = (uint32_t)(rig_random(seed) % 70), pick = (uint32_t)(rig_random(seed) % 12);
    struct event event;
    if (pick < 6) {
        rig_bar(&rig, rig.instrument[pick % 2], rig_between(seed, 9500, 10500));
        return;
    }
    order = order_table_next(rig.engine->orders, &cursor);
    if (!order)
        return;
    event = rig_event(&rig, pick < 10 ? EVENT_FILL : pick == 10 ? EVENT_ACK : EVENT_ORDER);
    event.venue = (uint16_t)order->venue;
    if (event.type == EVENT_FILL) {
        event.u.fill.order_id = order->id;
        event.u.fill.instrument = order->instrument;
        event.u.fill.side = order->side;
        event.u.fill.qty = rig_between(seed, 1, 10);
        event.u.fill.price = rig_between(seed, 9500, 10500);
        event.u.fill.fee = rig_between(seed, 0, 900);
        (void)snprintf(event.u.fill.execution_id, 40, "x%u", number - pick % 2);
    } else if (event.type == EVENT_ACK) {
        event.u.ack.order_id = order->id;
        event.u.ack.kind = TURRET_REQUEST_SUBMIT;
        event.u.ack.outcome = (uint32_t)rig_between(seed, 1, 4);
    } else {
        event = rig_told(&rig, order->id,
                         rig_random(seed) % 2 ? TURRET_STATE_CANCELED : TURRET_STATE_ACCEPTED,
                         order->qty, order->filled_qty);
        event.venue = (uint16_t)order->venue;
        event.u.order.instrument = order->instrument;
    }
    engine_ingest(rig.engine, &event);
}

static void steps(uint64_t *seed, uint32_t first, uint32_t count)
{
    uint32_t i;
    for (i = 0; i < count; i++)
        step(seed, first + i);
}

/* What a daemon does when it comes back. */
static void new_session(void)
{
    struct event event = rig_event(&rig, EVENT_SESSION);
    event.u.session.epoch = 2;
    engine_ingest(rig.engine, &event);
    rig_connect(&rig);
}

/* A fresh engine that has taken the bytes, as the daemon does it: before and after start. */
static int revive(const struct rig_options *o, const uint8_t *bytes, size_t size,
                  struct turret_error *err)
{
    turret_time_ns time = rig.time;
    int status;
    (void)rig_build(&rig, o, err);
    rig.time = time;
    status = engine_preload(rig.engine, bytes, size, err);
    if (status)
        return status;
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, err), TURRET_OK);
    return engine_restore(rig.engine, bytes, size, err);
}

static void the_same_state_gives_the_same_bytes(void **state)
{
    uint8_t *one, *other, *again;
    size_t one_size, other_size, again_size;
    struct rig_options o = options();
    uint64_t seed = 3;
    (void)state;
    rig_open(&rig, &o);
    steps(&seed, 0, 500);
    take_snapshot(rig.engine, &one, &one_size);
    take_snapshot(rig.engine, &again, &again_size);
    assert_int_equal(one_size, again_size);
    assert_memory_equal(one, again, one_size);
    assert_true(engine_snapshot_time(one, one_size) == engine_now(rig.engine));
    assert_true(engine_snapshot(rig.engine, again, one_size - 1) == one_size); /* no room */
    rig_close(&rig);
    seed = 3;
    o = options();
    rig_open(&rig, &o);
    steps(&seed, 0, 500);
    take_snapshot(rig.engine, &other, &other_size);
    assert_int_equal(one_size, other_size);
    assert_memory_equal(one, other, one_size);
    rig_close(&rig);
    free(one);
    free(other);
    free(again);
}

static void it_goes_on_as_if_nothing_happened(void **state)
{
    uint64_t run;
    (void)state;
    for (run = 1; run <= 12; run++) {
        uint8_t *middle, *taken, *one, *other;
        size_t middle_size, taken_size, one_size, other_size;
        struct rig_options o = options();
        struct turret_error err = {0};
        uint64_t seed = run * 77, half;
        turret_time_ns time;
        rig_open(&rig, &o);
        steps(&seed, 0, 300 + (uint32_t)run * 13);
        take_snapshot(rig.engine, &middle, &middle_size);
        time = rig.time;
        half = seed;
        new_session();
        steps(&seed, 1000, 400);
        take_snapshot(rig.engine, &one, &one_size);
        assert_true(rig.engine->executions.count == 32);
        rig_close(&rig);

        o = options();
        rig.time = time;
        if (revive(&o, middle, middle_size, &err))
            fail_msg("%s", err.text);
        take_snapshot(rig.engine, &taken, &taken_size);
        assert_int_equal(middle_size, taken_size);
        assert_memory_equal(middle, taken, taken_size);
        rig_check_reservations(&rig);
        new_session();
        steps(&half, 1000, 400);
        take_snapshot(rig.engine, &other, &other_size);
        assert_int_equal(one_size, other_size);
        assert_memory_equal(one, other, one_size);
        rig_close(&rig);
        free(middle);
        free(taken);
        free(one);
        free(other);
    }
}

/* ---- changed configurations ---- */

/* A snapshot of strategies "a", "b", "c", of which b holds 12 and may have an order of 5 open. */
static void snapshot_of_abc_with(bool open_order, uint8_t **bytes, size_t *size)
{
    struct rig_options o = options();
    uint64_t id;
    rig_script.on_bar = NULL;
    o.venues = 1;
    o.names = "abc";
    rig_open(&rig, &o);
    id = rig_order(&rig, 1, TURRET_SIDE_BUY, 12, 0);
    rig_fill(&rig, id, "one", TURRET_SIDE_BUY, 12, 10000);
    if (open_order)
        (void)rig_order(&rig, 1, TURRET_SIDE_BUY, 5, 9000);
    ((struct rig_state *)rig.self[1]->state)->sum = 42.5;
    take_snapshot(rig.engine, bytes, size);
    rig_close(&rig);
}

static void snapshot_of_abc(uint8_t **bytes, size_t *size)
{
    snapshot_of_abc_with(true, bytes, size);
}

/* Where b is not among the names, it is gone on purpose. */
static int revive_as(const char *names, uint32_t instruments, const uint8_t *bytes, size_t size,
                     struct turret_error *err)
{
    static const char disowned[][ENGINE_NAME_MAX] = {"b0"};
    struct rig_options o = options();
    o.engine.disowned = disowned;
    o.engine.disowned_count = strchr(names, 'b') ? 0 : 1;
    rig_script.on_bar = NULL;
    o.venues = 1;
    o.names = names;
    o.strategies = (uint32_t)strlen(names);
    o.instruments = instruments;
    return revive(&o, bytes, size, err);
}

static void strategies_may_come_go_and_move(void **state)
{
    static const char *const names[] = {"abc", "cba", "xbyz", "b"};
    uint8_t *bytes;
    size_t size;
    uint32_t i;
    (void)state;
    snapshot_of_abc(&bytes, &size);
    for (i = 0; i < 4; i++) {
        uint32_t b = (uint32_t)(strchr(names[i], 'b') - names[i]);
        struct turret_error err = {0};
        if (revive_as(names[i], 2, bytes, size, &err))
            fail_msg("%s", err.text);
        assert_int_equal(rig_own(&rig, b, 0)->qty, 12);
        assert_int_equal(rig_own(&rig, b, 0)->open_buy, 5);
        assert_int_equal(rig_account_position(&rig, 0)->qty, 12);
        assert_int_equal(rig.engine->strategies[b].open_orders, 1);
        assert_int_equal(rig.engine->strategies[b].fills, 1);
        assert_true(((struct rig_state *)rig.self[b]->state)->sum == 42.5);
        rig_check_reservations(&rig);
        rig_close(&rig);
    }
    free(bytes);
}

static void a_strategy_that_is_gone_leaves_its_position_to_the_account(void **state)
{
    struct turret_error err = {0};
    uint8_t *bytes;
    size_t size;
    (void)state;
    snapshot_of_abc_with(false, &bytes, &size);
    assert_int_equal(revive_as("ac", 2, bytes, size, &err), TURRET_OK);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 12);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "strategy b"));
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    rig_check_reservations(&rig);
    rig_close(&rig);
    free(bytes);
}

/* Its line begins where the account's began; the others' lines go on. */
static void a_strategy_that_comes_begins_its_equity_line(void **state)
{
    struct turret_error err = {0};
    const struct equity *account, *old, *fresh;
    uint8_t *bytes;
    size_t size;
    (void)state;
    snapshot_of_abc(&bytes, &size);
    assert_int_equal(revive_as("xbac", 2, bytes, size, &err), TURRET_OK);
    account = &rig.engine->accounts[0].equity;
    fresh = &rig.engine->strategies[0].equity;
    assert_true(account->start == INT64_C(1000000) * MONEY_ONE);
    assert_true(fresh->start == account->start && fresh->now == account->start);
    assert_true(fresh->peak == account->start && fresh->max_drawdown == 0);
    rig_bar(&rig, rig.instrument[0], 9000); /* b holds 12: a loss of 120 */
    old = &rig.engine->strategies[1].equity;
    assert_true(old->now == old->start - INT64_C(120) * MONEY_ONE);
    assert_true(fresh->now == fresh->start);
    rig_close(&rig);
    free(bytes);
}

/* Nobody could cancel its order any more. */
static void a_strategy_with_a_working_order_cannot_go(void **state)
{
    struct turret_error err = {0};
    uint8_t *bytes;
    size_t size;
    (void)state;
    snapshot_of_abc(&bytes, &size);
    assert_int_equal(revive_as("ac", 2, bytes, size, &err), TURRET_EINVAL);
    assert_non_null(strstr(err.text, "turret stop"));
    assert_int_equal(rig.notices[NOTICE_ALARM], 0); /* nothing of it has happened */
    rig_close(&rig);
    free(bytes);
}

static void instruments_may_come_but_not_go_with_a_position(void **state)
{
    struct rig_options o = options();
    struct turret_error err = {0};
    uint8_t *bytes;
    size_t size;
    (void)state;
    snapshot_of_abc(&bytes, &size);
    assert_int_equal(revive_as("abc", 4, bytes, size, &err), TURRET_OK);
    assert_int_equal(rig_own(&rig, 1, 0)->qty, 12);
    rig_close(&rig);
    assert_int_equal(revive_as("abc", 1, bytes, size, &err), TURRET_OK); /* S1 held nothing */
    rig_close(&rig);
    o.venues = 1;
    o.names = "abc";
    memset(&rig, 0, sizeof rig);
    (void)rig_build(&rig, &o, &err);
    memcpy(rig.engine->instruments[1].def.symbol, "OTHER", 6);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, &err), TURRET_OK);
    assert_int_equal(engine_restore(rig.engine, bytes, size, &err), TURRET_EINVAL);
    assert_non_null(strstr(err.text, "S0.venue0"));
    rig_close(&rig);
    memset(&err, 0, sizeof err);
    o = options();
    o.names = "abc";
    o.venues = 1;
    o.def.price_scale = 3;
    assert_int_equal(revive(&o, bytes, size, &err), TURRET_EINVAL);
    assert_non_null(strstr(err.text, "S0.venue0"));
    rig_close(&rig);
    free(bytes);
}

static void other_indicators_start_fresh(void **state)
{
    struct rig_options o = options();
    struct turret_error err = {0};
    uint8_t *bytes;
    size_t size;
    (void)state;
    snapshot_of_abc(&bytes, &size);
    o = options();
    rig_script.on_bar = NULL;
    rig_script.use[0] = "mean(2)";
    o.venues = 1;
    o.names = "abc";
    assert_int_equal(revive(&o, bytes, size, &err), TURRET_OK);
    assert_int_equal(rig.engine->indicators[0].fed, 0); /* mean(2): never fed */
    assert_int_equal(rig.engine->indicators[1].fed, 1); /* bmean(9): as it was */
    rig_close(&rig);
    free(bytes);
}

/* ---- damage ---- */

/* Takes damaged bytes; whatever comes out must be an error with a text, or a state that works. */
static void take_damaged(const uint8_t *bytes, size_t size, uint32_t *taken)
{
    struct turret_error err = {0};
    int status = revive_as("abc", 2, bytes, size, &err);
    if (status) {
        assert_int_equal(err.code, status);
        assert_true(err.text[0] != 0);
    } else {
        uint8_t *again;
        size_t again_size;
        take_snapshot(rig.engine, &again, &again_size);
        free(again);
        assert_non_null(engine_trading_name(rig.engine));
        rig_connect(&rig);
        ++*taken;
    }
    rig_close(&rig);
}

static void every_truncation_is_refused(void **state)
{
    struct snapshot_start {
        uint32_t magic, version;
        uint64_t size_bytes;
    } head;
    uint8_t *bytes, *cut;
    size_t size, length;
    uint32_t taken = 0;
    (void)state;
    snapshot_of_abc(&bytes, &size);
    for (length = 0; length < size; length += length < 64 ? 1 : 3) {
        cut = malloc(length ? length : 1); /* exactly as long: a byte too far is seen */
        assert_non_null(cut);
        memcpy(cut, bytes, length);
        take_damaged(cut, length, &taken);
        if (length >= sizeof head && length % 2) { /* and one that claims to be whole */
            memcpy(&head, cut, sizeof head);
            head.size_bytes = length;
            memcpy(cut, &head, sizeof head);
            take_damaged(cut, length, &taken);
        }
        free(cut);
    }
    assert_int_equal(taken, 0);
    free(bytes);
}

static void flipped_bits_never_crash(void **state)
{
    uint64_t seed = 0x666c6970;
    uint8_t *bytes;
    size_t size;
    uint32_t i, taken = 0;
    (void)state;
    snapshot_of_abc(&bytes, &size);
    for (i = 0; i < 5000; i++) {
        size_t at = (size_t)(rig_random(&seed) % size);
        uint8_t old = bytes[at];
        bytes[at] = (uint8_t)(i % 3 ? old ^ (1u << rig_random(&seed) % 8) : rig_random(&seed));
        take_damaged(bytes, size, &taken);
        bytes[at] = old;
    }
    assert_in_range(taken, 100, 4999); /* values change unseen here: the store's checksums see it */
    free(bytes);
}

static void strangers_are_refused(void **state)
{
    uint8_t *bytes;
    size_t size;
    struct turret_error err = {0};
    (void)state;
    snapshot_of_abc(&bytes, &size);
    bytes[4]++; /* another version */
    assert_int_equal(revive_as("abc", 2, bytes, size, &err), TURRET_EVERSION);
    rig_close(&rig);
    memset(&err, 0, sizeof err);
    bytes[0]++;
    assert_int_equal(revive_as("abc", 2, bytes, size, &err), TURRET_ECORRUPT);
    rig_close(&rig);
    assert_true(engine_snapshot_time(bytes, 5) == 0);
    assert_true(engine_snapshot_time(bytes, size) == 0); /* 0 when it is not one */
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_state_gives_the_same_bytes),
        cmocka_unit_test(it_goes_on_as_if_nothing_happened),
        cmocka_unit_test(strategies_may_come_go_and_move),
        cmocka_unit_test(a_strategy_that_is_gone_leaves_its_position_to_the_account),
        cmocka_unit_test(a_strategy_that_comes_begins_its_equity_line),
        cmocka_unit_test(a_strategy_with_a_working_order_cannot_go),
        cmocka_unit_test(instruments_may_come_but_not_go_with_a_position),
        cmocka_unit_test(other_indicators_start_fresh),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(flipped_bits_never_crash),
        cmocka_unit_test(strangers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
