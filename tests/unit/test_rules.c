/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows how strategies that risk.rules names are asked about orders: both answers, in which order,
 * of what and with what; that one which is stopped, faulty, lost, not ready or without the callback
 * denies what adds exposure and never what closes; that it can ask for nothing meanwhile; and that
 * a replay and a restart ask the same again.
 */
#include "engine_rig.h"

#define TRADES 0 /* strategy "a0" */
#define FIRST  1 /* "b1" and "c2" are rules */
#define SECOND 2

static struct rig rig;
static struct heard {
    uint32_t asked[3];
    char order_of_calls[16];
    struct turret_order order;
    struct turret_account account;
    int32_t answer[3];
    const char *text;
    enum { CALM, TRADE, FAULT, LOSE } does;
} heard;

static uint32_t index_of(const struct turret_strategy *self)
{
    uint32_t i = 0;
    while (rig.self[i] != self)
        i++;
    return i;
}

static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    uint32_t i = index_of(self);
    struct turret_order_request more = rig_request(order->instrument, TURRET_SIDE_BUY, 1, 0);
    size_t used = strlen(heard.order_of_calls);
    heard.asked[i]++;
    if (used + 1 < sizeof heard.order_of_calls)
        heard.order_of_calls[used] = (char)('a' + i);
    heard.order = *order;
    heard.account = *account;
    if (heard.does == TRADE) {
        assert_int_equal(turret_submit(self, &more), 0);
        assert_int_equal(turret_target(self, order->instrument, 5, "no"), 0);
    }
    if (heard.does == FAULT)
        turret_score(self, order->instrument, NAN, "broken");
    if (heard.does == LOSE) {
        (void)engine_enter_runner(self);
        engine_lose(self, 0, "is gone");
    }
    return heard.answer[i] ? turret_fail(err, heard.answer[i], "%s", heard.text) : TURRET_OK;
}

static void name_rules(void)
{
    static struct turret_strategy_type checks;
    uint32_t i;
    checks = *rig.engine->strategies[TRADES].acting->type;
    checks.on_check = on_check;
    for (i = FIRST; i <= SECOND; i++)
        rig.engine->strategies[i].acting->type = &checks;
    assert_int_equal(engine_add_rule(rig.engine, "b1", false, NULL), TURRET_OK);
    assert_int_equal(engine_add_rule(rig.engine, "c2", false, NULL), TURRET_OK);
}

static struct rig_options three(void)
{
    struct rig_options o = rig_defaults();
    o.strategies = 3;
    return o;
}

static int open_rig(void **state)
{
    struct rig_options o = three();
    (void)state;
    memset(&heard, 0, sizeof heard);
    heard.text = "not today";
    rig_open(&rig, &o);
    name_rules();
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    rig_check_reservations(&rig);
    rig_close(&rig);
    return 0;
}

static const struct order *asks(uint8_t side, turret_qty qty, turret_price limit_price)
{
    struct turret_order_request request = rig_request(rig.instrument[0], side, qty, limit_price);
    uint64_t id = turret_submit(rig.self[TRADES], &request);
    assert_true(id != 0);
    rig_turn(&rig);
    return engine_order(rig.engine, id);
}

static uint32_t denial(uint8_t side, turret_qty qty)
{
    return asks(side, qty, 0)->denial;
}

static void hold(turret_qty qty)
{
    const struct order *order = asks(TURRET_SIDE_BUY, qty, 0);
    assert_int_equal(order->state, TURRET_STATE_SENT);
    rig_fill(&rig, order->id, "held", TURRET_SIDE_BUY, qty, 10000);
}

static void all_say_yes(void **state)
{
    const struct order *order = asks(TURRET_SIDE_BUY, 7, 9900);
    (void)state;
    assert_int_equal(order->state, TURRET_STATE_SENT);
    assert_string_equal(heard.order_of_calls, "bc"); /* each once, as they were named */
    assert_int_equal(heard.order.id, order->id);
    assert_int_equal(heard.order.qty, 7);
    assert_int_equal(heard.order.limit_price, 9900);
    assert_int_equal(heard.order.updated, engine_now(rig.engine));
    assert_int_equal(heard.order.struct_size, sizeof(struct turret_order));
    assert_int_equal(heard.account.cash, INT64_C(1000000) * MONEY_ONE);
    assert_string_equal(heard.account.currency, "USD");
}

static void one_says_no(void **state)
{
    const struct order *order;
    (void)state;
    heard.answer[FIRST] = TURRET_EDENIED;
    order = asks(TURRET_SIDE_BUY, 7, 0);
    assert_int_equal(order->state, TURRET_STATE_DENIED);
    assert_int_equal(order->denial, DENY_RULE);
    assert_string_equal(order->venue_reason, "b1: not today");
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "b1: not today (RULE)"));
    assert_int_equal(rig.last_denial, DENY_RULE);
    assert_string_equal(engine_denial_text(rig.engine, DENY_RULE), "b1: not today");
    assert_string_equal(engine_denial_text(rig.engine, DENY_TICK), denial_text(DENY_TICK));
    assert_string_equal(heard.order_of_calls, "b"); /* the next one is not asked */
    assert_int_equal(rig.command_count, 0);
    heard.answer[FIRST] = 0;
    heard.answer[SECOND] = 1; /* no code of this host's, and a line feed */
    heard.text = "one\ntwo";
    assert_string_equal(asks(TURRET_SIDE_BUY, 7, 0)->venue_reason, "c2: one two");
    heard.text = "";
    assert_string_equal(asks(TURRET_SIDE_BUY, 7, 0)->venue_reason, "c2: it gave no reason");
    heard.answer[SECOND] = 0;
    assert_int_equal(denial(TURRET_SIDE_BUY, 7), DENY_NONE);
}

static void a_rule_can_only_tighten(void **state)
{
    (void)state;
    assert_int_equal(denial(TURRET_SIDE_BUY, INT64_C(2000000000)), DENY_MAX_QTY);
    assert_int_equal(heard.asked[FIRST], 0); /* what the host denies it is not asked about */
}

static void what_only_closes_goes_unasked(void **state)
{
    (void)state;
    hold(50);
    heard.answer[FIRST] = TURRET_EDENIED;
    heard.asked[FIRST] = 0;
    assert_int_equal(denial(TURRET_SIDE_SELL, 51), DENY_RULE); /* through zero */
    assert_int_equal(heard.asked[FIRST], 1);
    assert_int_equal(denial(TURRET_SIDE_SELL, 50), DENY_NONE);
    assert_int_equal(heard.asked[FIRST], 1);
}

static void a_change_is_asked_about(void **state)
{
    uint64_t id = asks(TURRET_SIDE_BUY, 10, 9900)->id;
    (void)state;
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 10, 0, 0);
    heard.answer[SECOND] = TURRET_EDENIED;
    assert_int_equal(turret_modify(rig.self[TRADES], id, 20, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(heard.order.qty, 20);
    assert_int_equal(rig.last_denial, DENY_RULE);
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "change of order"));
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "c2: not today"));
    assert_int_equal(engine_order(rig.engine, id)->qty, 10);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_NONE);
    heard.answer[SECOND] = 0;
    assert_int_equal(turret_modify(rig.self[TRADES], id, 20, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->request, TURRET_REQUEST_PENDING_MODIFY);
}

static void a_rule_that_does_not_run_denies(void **state)
{
    static const uint32_t kinds[] = {CONTROL_PAUSE_STRATEGY, CONTROL_STOP_STRATEGY};
    uint32_t i;
    (void)state;
    hold(50);
    for (i = 0; i < 2; i++) {
        rig_control(&rig, kinds[i], SECOND, 0);
        assert_string_equal(asks(TURRET_SIDE_BUY, 1, 0)->venue_reason, "c2: it is not running");
        rig_control(&rig, CONTROL_START_STRATEGY, SECOND, 0);
        assert_int_equal(denial(TURRET_SIDE_BUY, 1), DENY_NONE);
    }
    rig_control(&rig, CONTROL_STOP_STRATEGY, FIRST, 0);
    assert_int_equal(denial(TURRET_SIDE_SELL, 10), DENY_NONE); /* locks nobody in */
}

static void a_rule_that_breaks_denies(void **state)
{
    (void)state;
    heard.does = FAULT;
    assert_int_equal(denial(TURRET_SIDE_BUY, 1), DENY_RULE);
    assert_string_equal(engine_denial_text(rig.engine, DENY_RULE),
                        "b1: it was disabled when it was asked");
    assert_int_equal(rig.engine->strategies[FIRST].run, STRATEGY_FAULT);
    heard.does = CALM;
    assert_string_equal(asks(TURRET_SIDE_BUY, 1, 0)->venue_reason, "b1: it is disabled");
    assert_int_equal(heard.asked[FIRST], 1);
    assert_int_equal(heard.asked[SECOND], 0);
}

static void a_rule_that_is_lost_denies(void **state)
{
    (void)state;
    heard.does = LOSE;
    assert_int_equal(denial(TURRET_SIDE_BUY, 1), DENY_RULE);
    assert_true(rig.engine->strategies[FIRST].acting->lost);
    heard.does = CALM;
    assert_int_equal(denial(TURRET_SIDE_BUY, 1), DENY_RULE);
    rig_control(&rig, CONTROL_RESTART_STRATEGY, FIRST, 0);
    assert_int_equal(denial(TURRET_SIDE_BUY, 1), DENY_NONE);
}

static void a_rule_that_cannot_say_denies(void **state)
{
    static struct turret_strategy_type mute;
    (void)state;
    mute = *rig.engine->strategies[FIRST].acting->type;
    rig.engine->strategies[FIRST].acting->ready = false;
    assert_string_equal(asks(TURRET_SIDE_BUY, 1, 0)->venue_reason,
                        "b1: its indicators are not ready");
    rig.engine->strategies[FIRST].acting->ready = true;
    mute.on_check = NULL; /* a build that was swapped in */
    rig.engine->strategies[FIRST].acting->type = &mute;
    assert_string_equal(asks(TURRET_SIDE_BUY, 1, 0)->venue_reason,
                        "b1: its plugin checks no orders");
}

static void a_rule_asks_for_nothing_meanwhile(void **state)
{
    (void)state;
    heard.does = TRADE;
    assert_int_equal(denial(TURRET_SIDE_BUY, 1), DENY_NONE);
    assert_int_equal(rig.command_count, 1);
    heard.does = CALM;
    assert_int_not_equal(turret_target(rig.self[FIRST], rig.instrument[0], 5, "now"), 0);
    rig_turn(&rig); /* at other times it is a strategy like any other, and asked about itself */
    assert_int_equal(rig.command_count, 2);
    assert_int_equal(heard.asked[FIRST], 2);
}

static void names_have_to_be_rules(void **state)
{
    struct turret_error err = {0};
    uint32_t i;
    (void)state;
    assert_int_equal(engine_add_rule(rig.engine, "zz", false, &err), TURRET_ENOTFOUND);
    memset(&err, 0, sizeof err);
    assert_int_equal(engine_add_rule(rig.engine, "a0", false, &err), TURRET_EINVAL);
    assert_non_null(strstr(err.text, "no on_check"));
    assert_int_equal(engine_add_rule(rig.engine, "a0", true, &err), TURRET_OK);
    for (i = 3; i < ENGINE_RULES_MAX; i++)
        assert_int_equal(engine_add_rule(rig.engine, "b1", false, &err), TURRET_OK);
    assert_int_equal(engine_add_rule(rig.engine, "b1", false, &err), TURRET_ELIMIT);
}

#define ROOM 65536

/* The same events with the same answers: what comes out is the same to the byte. */
static void a_replay_asks_the_same(void **state)
{
    uint8_t *bytes[2];
    size_t used[2];
    char calls[2][16];
    int turn;
    (void)state;
    for (turn = 0; turn < 2; turn++) {
        struct rig_options o = three();
        rig_close(&rig);
        memset(&heard, 0, sizeof heard);
        heard.text = "odd";
        rig_open(&rig, &o);
        name_rules();
        rig.log.room = ROOM;
        rig.log.bytes = malloc(ROOM);
        assert_non_null(rig.log.bytes);
        hold(10);
        heard.answer[SECOND] = TURRET_EDENIED;
        (void)denial(TURRET_SIDE_BUY, 3);
        (void)denial(TURRET_SIDE_SELL, 10);
        bytes[turn] = malloc(ROOM);
        assert_non_null(bytes[turn]);
        used[turn] = rig.log.used;
        memcpy(bytes[turn], rig.log.bytes, used[turn]);
        memcpy(calls[turn], heard.order_of_calls, sizeof calls[turn]);
    }
    assert_int_equal(used[0], used[1]);
    assert_memory_equal(bytes[0], bytes[1], used[0]);
    assert_string_equal(calls[0], "bcbc");
    assert_string_equal(calls[1], calls[0]);
    free(bytes[0]);
    free(bytes[1]);
}

static void a_restart_asks_again(void **state)
{
    struct rig_options o = three();
    size_t size = engine_snapshot(rig.engine, NULL, 0);
    uint8_t *bytes = malloc(size);
    struct turret_error err = {0};
    (void)state;
    assert_non_null(bytes);
    assert_int_equal(engine_snapshot(rig.engine, bytes, size), size);
    rig_close(&rig);
    (void)rig_build(&rig, &o, &err);
    name_rules();
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, &err), TURRET_OK);
    assert_int_equal(engine_restore(rig.engine, bytes, size, &err), TURRET_OK);
    rig_connect(&rig);
    heard.answer[FIRST] = TURRET_EDENIED;
    assert_int_equal(denial(TURRET_SIDE_BUY, 1), DENY_RULE);
    free(bytes);
}

#define RULE_TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE_TEST(all_say_yes),
        RULE_TEST(one_says_no),
        RULE_TEST(a_rule_can_only_tighten),
        RULE_TEST(what_only_closes_goes_unasked),
        RULE_TEST(a_change_is_asked_about),
        RULE_TEST(a_rule_that_does_not_run_denies),
        RULE_TEST(a_rule_that_breaks_denies),
        RULE_TEST(a_rule_that_is_lost_denies),
        RULE_TEST(a_rule_that_cannot_say_denies),
        RULE_TEST(a_rule_asks_for_nothing_meanwhile),
        RULE_TEST(names_have_to_be_rules),
        RULE_TEST(a_replay_asks_the_same),
        RULE_TEST(a_restart_asks_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
