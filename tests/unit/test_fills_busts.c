/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what becomes of executions taken back, from either side, after their order ended or was
 * forgotten, and corrected in every way a venue may say it; once more, too: what is said again
 * stays silent, what is news is followed or told.
 */
#include "fills_case.h"

/* ---- taken back ---- */

static void a_sale_is_taken_back(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_SELL, 10, 0);
    struct event event = fill_of(id, "a", TURRET_SIDE_SELL, 4, 10000);
    uint64_t first;
    (void)state;
    event.u.fill.fee = MONEY(100);
    engine_ingest(rig.engine, &event);
    first = rig.last_fill.id;
    rig.time++;
    take_back("a", "", 0, 0);
    assert_int_equal(rig.last_fill.side, TURRET_SIDE_BUY);
    assert_true(rig.last_fill.id == first + 1 && rig.last_fill.fee == -MONEY(100));
    assert_true(rig.last_fill.time == rig.time);
    assert_string_equal(rig.last_fill.execution_id, "busted-1");
    assert_int_equal(held(), 0);
    assert_true(cash() == INT64_C(1000000) * MONEY_ONE);
    assert_true(engine_account(rig.engine, 0)->fees == 0);
    assert_true(engine_order(rig.engine, id)->fees == 0);
    assert_true(engine_order(rig.engine, id)->filled_value == 0);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 0);
    assert_int_equal(rig_account_position(&rig, 0)->open_sell, 10); /* may fill again */
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    take_back("a", "", 0, 0); /* said twice */
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    take_back("never", "", 0, 0); /* may be ahead of its fill: kept */
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_LOG], "never"));
    take_back("", "", 0, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 2);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "which is not known"));
    assert_int_equal(rig.fills, 3);
    rig_fill(&rig, id, "b", TURRET_SIDE_SELL, 4, 10000);
    assert_true(rig.last_fill.id == first + 2);
}

static void what_was_taken_back_says_so(void **state)
{
    char id[40] = "an execution with a long name, 0001"; /* as venues have them */
    uint32_t i;
    (void)state;
    rig_fill(&rig, 0, id, TURRET_SIDE_BUY, 4, 10000);
    assert_int_equal(executions_find(&rig.engine->executions, 0, id)->busted, 0);
    take_back(id, "", 0, 0);
    assert_int_equal(executions_find(&rig.engine->executions, 0, id)->busted, 1);
    for (i = 8; i < 40; i++) /* rows are stored byte for byte */
        assert_int_equal(rig.last_fill.execution_id[i], 0);
    id[0] = 'b';
    rig_fill(&rig, 0, id, TURRET_SIDE_BUY, 4, 10000);
    take_back(id, "b2", 4, 9000);
    assert_int_equal(rig.last_fill.maker, 0);
}

static void what_was_cancelled_reserves_nothing_after_a_bust(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 4, 10000);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 4, 0);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
    take_back("a", "", 0, 0);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 0);
}

static void what_ended_reserves_nothing_after_a_bust(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    uint32_t told = rig.orders;
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 10000);
    told = rig.orders;
    take_back("a", "", 0, 0);
    assert_int_equal(rig.orders, told + 1);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 0);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_FILLED);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 0);
    rig_fill(&rig, 0, "b", TURRET_SIDE_BUY, 5, 10000); /* of no order that is known */
    told = rig.orders;
    take_back("b", "", 0, 0);
    assert_int_equal(held(), 0);
    assert_int_equal(rig.orders, told);
}

static void a_fill_names_its_order_twice(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    struct event event = fill_of(id, "a", TURRET_SIDE_BUY, 4, 10000);
    const struct difference *one;
    (void)state;
    (void)snprintf(event.u.fill.venue_order_id, 40, "V7");
    engine_ingest(rig.engine, &event);
    assert_true(rig.last_fill.order_id == id);
    assert_int_equal(engine_difference_count(rig.engine), 0);
    event = fill_of(4711, "b", TURRET_SIDE_SELL, 3, 10000); /* of before this host's memory */
    (void)snprintf(event.u.fill.venue_order_id, 40, "V8");
    engine_ingest(rig.engine, &event);
    assert_true(rig.last_fill.order_id == 4711);
    assert_int_equal(engine_difference_count(rig.engine), 1);
    one = engine_difference(rig.engine, 0);
    assert_int_equal(one->kind, DIFFERENCE_OF_FILL);
    assert_int_equal(one->theirs, -3);
    assert_true(one->order_id == rig.last_fill.id);
}

static void an_order_never_has_filled_less_than_nothing(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    struct order *order = order_table_find(rig.engine->orders, id);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 6, 10000);
    order_reserve(rig.engine, order, -1);
    order->filled_qty = 5; /* as after a reverse split */
    order_reserve(rig.engine, order, 1);
    take_back("a", "", 0, 0);
    assert_int_equal(order->filled_qty, 0);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 10);
}

/* What was never counted as the order's is not taken off it. */
static void what_names_another_order_is_taken_back_from_the_account(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    struct event event = fill_of(id, "b", TURRET_SIDE_SELL, 4, 10000);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 6, 10000);
    engine_ingest(rig.engine, &event);
    assert_int_equal(held(), 2);
    take_back("b", "", 0, 0);
    assert_int_equal(held(), 6);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 6);
    event = fill_of(id, "c", TURRET_SIDE_BUY, 3, 10000);
    event.u.fill.instrument = rig.instrument[1];
    engine_ingest(rig.engine, &event);
    take_back("c", "", 0, 0);
    assert_int_equal(rig_account_position(&rig, 1)->qty, 0);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 6);
    assert_int_equal(rig_account_position(&rig, 0)->open_buy, 4);
}

/* The oldest that is remembered makes room for what takes it back. */
static void the_oldest_is_taken_back_from_its_order(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 1000, 0);
    char name[8], oldest[40] = "";
    uint32_t i;
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 4, 10000);
    for (i = 1; i < rig.engine->options.executions_max; i++) {
        (void)snprintf(name, sizeof name, "b%u", i);
        rig_fill(&rig, id, name, TURRET_SIDE_BUY, 1, 10000);
    }
    take_back("a", "c", 3, 10000);
    assert_int_equal(held(), 3 + (int)i - 1);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 3 + (int)i - 1);
    assert_string_equal(rig.last_fill.execution_id, "c");
    (void)snprintf(oldest, sizeof oldest, "a");
    assert_false(engine_knows_execution(rig.engine, 0, oldest));
}

static void split(uint32_t numerator, uint32_t denominator)
{
    struct event event = rig_event(&rig, EVENT_SPLIT);
    event.venue = 0;
    event.u.split.instrument = rig.instrument[0];
    event.u.split.numerator = numerator;
    event.u.split.denominator = denominator;
    event.u.split.time = event.time;
    engine_ingest(rig.engine, &event);
}

/* Five of before are a half now: neither none nor five are taken back. */
static void less_than_one_unit_is_for_a_person(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    turret_money before;
    uint32_t alarms, fills;
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 5, 10000);
    rig_fill(&rig, id, "b", TURRET_SIDE_BUY, 5, 10000);
    rig_fill(&rig, id, "c", TURRET_SIDE_BUY, 10, 10000);
    split(1, 10);
    assert_int_equal(held(), 2);
    before = cash();
    alarms = rig.notices[NOTICE_ALARM];
    fills = rig.fills;
    take_back("a", "", 0, 0);
    take_back("b", "", 0, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 2);
    assert_string_equal(rig.last_notice[NOTICE_ALARM],
                        "the venue takes back execution b, which a split made less than one unit; "
                        "that is not booked: check by hand");
    take_back("a", "", 0, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 2);
    assert_true(held() == 2 && cash() == before && rig.fills == fills);
    take_back("c", "", 0, 0);
    assert_int_equal(held(), 1);
}

/* Nor is what stands in the place of another one. */
static void a_correction_less_than_one_unit_is_for_a_person(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    uint32_t alarms;
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 10, 10000);
    take_back("a", "a", 5, 10000);
    rig_fill(&rig, id, "b", TURRET_SIDE_BUY, 10, 10000);
    split(1, 10);
    assert_int_equal(held(), 1);
    alarms = rig.notices[NOTICE_ALARM];
    take_back("a", "", 0, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "check by hand"));
    assert_int_equal(held(), 1);
}

/* ---- corrected ---- */

static void corrections(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_SELL, 10, 0);
    struct event event = fill_of(id, "a", TURRET_SIDE_SELL, 4, 10000);
    (void)state;
    event.u.fill.fee = MONEY(100);
    engine_ingest(rig.engine, &event);
    take_back("a", "a2", 3, 10100);
    assert_int_equal(held(), -3);
    assert_int_equal(rig.last_fill.side, TURRET_SIDE_SELL);
    assert_string_equal(rig.last_fill.execution_id, "a2");
    assert_true(cash() == INT64_C(1000000) * MONEY_ONE + MONEY(30300) - MONEY(100));
    take_back("a2", "a2", 2, 10100); /* the venue keeps the id */
    assert_int_equal(held(), -2);
    assert_non_null(strstr(rig.last_fill.execution_id, "corrected-"));
    assert_true(cash() == INT64_C(1000000) * MONEY_ONE + MONEY(20200) - MONEY(100));
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 2);
    assert_true(rig.last_fill.order_id == id);
}

static void corrections_that_are_none(void **state)
{
    static const struct {
        const char *id;
        turret_qty qty;
        turret_price price;
        uint32_t alarms;
    } cases[] = {{"", 3, 10000, 1}, {"n", 0, 10000, 1}, {"n", -3, 10000, 1}, {"n", 3, 0, 2}};
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 100, 0);
    uint32_t i, alarms;
    char name[8];
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(name, sizeof name, "e%u", i);
        rig_fill(&rig, id, name, TURRET_SIDE_BUY, 4, 10000);
        alarms = rig.notices[NOTICE_ALARM];
        take_back(name, cases[i].id, cases[i].qty, cases[i].price);
        assert_int_equal(rig.notices[NOTICE_ALARM], alarms + cases[i].alarms);
        assert_int_equal(held(), 0);
    }
    rig_fill(&rig, id, "one", TURRET_SIDE_BUY, 4, 10000);
    take_back("one", "two", 1, 10000);
    assert_int_equal(held(), 1);
    assert_int_equal(rig.last_fill.side, TURRET_SIDE_BUY);
}

/* ---- taken back or corrected once more ---- */

static uint32_t alarms(void)
{
    return rig.notices[NOTICE_ALARM];
}

static void doubted(uint32_t before, const char *what)
{
    assert_int_equal(alarms(), before + 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], what));
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "that is not booked: check by hand"));
}

/* The venue keeps the id. */
static void under_one_id_corrections_follow_each_other(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    uint32_t told, fills;
    (void)state;
    rig_fill(&rig, id, "X", TURRET_SIDE_BUY, 10, 10000);
    take_back("X", "X", 8, 10000);
    told = alarms();
    take_back("X", "X", 8, 10000); /* said again */
    assert_int_equal(alarms(), told);
    take_back("X", "X", 8, 10001); /* another price */
    assert_true(cash() == INT64_C(1000000) * MONEY_ONE - MONEY(80008));
    take_back("X", "X", 6, 10001);
    assert_int_equal(held(), 6);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 6);
    told = alarms();
    fills = rig.fills;
    take_back("X", "X", 8, 10001); /* an old report, or a new one */
    doubted(told, "execution X, which was taken back, is now said to be 8 at 100.01;");
    take_back("X", "X", 6, 10001);
    assert_int_equal(alarms(), told + 1);
    assert_int_equal(rig.fills, fills);
    take_back("X", "", 0, 0);
    assert_int_equal(held(), 0);
    assert_string_equal(rig.last_notice[NOTICE_ALARM], "execution X was taken back by the venue");
    told = alarms();
    take_back("X", "", 0, 0);
    assert_int_equal(alarms(), told);
    take_back("X", "X", 6, 10001);
    doubted(told, "6 at 100.01");
    assert_int_equal(held(), 0);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 0);
}

static void back_to_what_it_was_before(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 0);
    uint32_t told;
    (void)state;
    rig_fill(&rig, id, "X", TURRET_SIDE_BUY, 10, 10000);
    take_back("X", "X", 8, 10000);
    take_back("X", "X", 10, 10000); /* which was said of a fill: it is no old report */
    assert_int_equal(held(), 10);
    take_back("X", "Y", 8, 10000);
    assert_int_equal(held(), 8);
    told = alarms();
    take_back("X", "Y", 8, 10000);
    assert_int_equal(alarms(), told);
    take_back("X", "X", 8, 10000); /* it stands there */
    assert_int_equal(alarms(), told);
    assert_int_equal(held(), 8);
}

/* The venue gives each a new one, and speaks of the first all the same. */
static void the_first_id_leads_to_the_last(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_SELL, 10, 0);
    uint32_t told;
    (void)state;
    rig_fill(&rig, id, "X", TURRET_SIDE_SELL, 10, 10000);
    take_back("X", "Y", 8, 10000);
    take_back("X", "Z", 7, 10000);
    assert_int_equal(held(), -7);
    assert_string_equal(rig.last_fill.execution_id, "Z");
    told = alarms();
    take_back("X", "Y", 8, 10000);
    take_back("Y", "Z", 7, 10000);
    take_back("X", "Z", 7, 10000);
    assert_int_equal(alarms(), told);
    take_back("X", "Z", 7, 10001);
    doubted(told, "7 at 100.01");
    take_back("X", "Z", 6, 10000);
    doubted(told + 1, "6 at 100;");
    assert_int_equal(held(), -7);
    take_back("Y", "", 0, 0);
    assert_int_equal(held(), 0);
    assert_int_equal(engine_order(rig.engine, id)->filled_qty, 0);
    told = alarms();
    take_back("X", "", 0, 0);
    take_back("Z", "", 0, 0);
    assert_int_equal(alarms(), told);
}

/* What stands there was told as a fill of its own: which one it is, is not known later. */
static void what_was_told_apart_is_for_a_person(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    uint32_t told;
    (void)state;
    rig_fill(&rig, id, "X", TURRET_SIDE_BUY, 10, 10000);
    rig_fill(&rig, id, "Y", TURRET_SIDE_BUY, 8, 10000);
    take_back("X", "Y", 8, 10000);
    assert_int_equal(held(), 8);
    told = alarms();
    take_back("X", "Y", 8, 10000);
    assert_int_equal(alarms(), told);
    take_back("X", "", 0, 0);
    doubted(told, "is now said to be nothing");
    take_back("X", "V", 3, 10000);
    doubted(told + 1, "is now said to be 3 at 100;");
    take_back("X", "X", 3, 10000);
    doubted(told + 2, "is now said to be 3 at 100;");
    assert_int_equal(held(), 8);
}

static void what_was_taken_back_is_not_corrected(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    uint32_t told;
    (void)state;
    rig_fill(&rig, id, "X", TURRET_SIDE_BUY, 10, 10000);
    take_back("X", "", 0, 0);
    told = alarms();
    take_back("X", "", 5, 10000); /* without an id it is none */
    take_back("X", "Y", 0, 10000);
    assert_int_equal(alarms(), told);
    take_back("X", "Y", 8, 10000);
    doubted(told, "8 at 100;");
    assert_int_equal(held(), 0);
    rig_fill(&rig, id, "Z", TURRET_SIDE_BUY, 10, 10000);
    take_back("Z", "W", 10, 0); /* makes no sense */
    told = alarms();
    take_back("Z", "", 0, 0);
    assert_int_equal(alarms(), told);
}

/* Others were taken back between it and what stands there. */
static void each_has_a_replacement_of_its_own(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 40, 0);
    (void)state;
    rig_fill(&rig, id, "X", TURRET_SIDE_BUY, 10, 10000);
    rig_fill(&rig, id, "Y", TURRET_SIDE_BUY, 10, 10000);
    take_back("Y", "Y", 5, 10000);
    take_back("X", "X", 8, 10000);
    take_back("X", "X", 7, 10000);
    assert_int_equal(held(), 12);
    take_back("Y", "", 0, 0);
    assert_int_equal(held(), 7);
    take_back("X", "", 0, 0);
    assert_int_equal(held(), 0);
}

/* Nothing stands there that does not fit. */
static void a_correction_that_does_not_fit_halts(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    char name[40] = "X";
    (void)state;
    rig_fill(&rig, id, "X", TURRET_SIDE_BUY, 10, 10000);
    take_back("X", "X", ORDER_QTY_MAX, PRICE_MAX);
    assert_string_equal(engine_trading_name(rig.engine), "HALTED");
    assert_int_equal(held(), 0);
    assert_int_equal(executions_find(&rig.engine->executions, 0, name)->busted, FILL_BUSTED);
}

/* A snapshot may say that something stands there which is not. */
static void what_stands_nowhere_is_for_a_person(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    char name[40] = "X";
    uint32_t told;
    (void)state;
    rig_fill(&rig, id, "X", TURRET_SIDE_BUY, 10, 10000);
    executions_find(&rig.engine->executions, 0, name)->busted = FILL_CORRECTED;
    rig_fill(&rig, id, "Y", TURRET_SIDE_BUY, 1, 10000);
    told = alarms();
    take_back("X", "", 0, 0);
    doubted(told, "nothing");
    take_back("X", "X", 3, 10000);
    doubted(told + 1, "3 at 100;");
    assert_int_equal(held(), 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(what_was_taken_back_says_so),
        ENGINE_TEST(what_was_cancelled_reserves_nothing_after_a_bust),
        ENGINE_TEST(a_sale_is_taken_back),
        ENGINE_TEST(what_ended_reserves_nothing_after_a_bust),
        ENGINE_TEST(an_order_never_has_filled_less_than_nothing),
        ENGINE_TEST(what_names_another_order_is_taken_back_from_the_account),
        ENGINE_TEST(a_fill_names_its_order_twice),
        ENGINE_TEST(the_oldest_is_taken_back_from_its_order),
        ENGINE_TEST(less_than_one_unit_is_for_a_person),
        ENGINE_TEST(a_correction_less_than_one_unit_is_for_a_person),
        ENGINE_TEST(corrections),
        ENGINE_TEST(corrections_that_are_none),
        ENGINE_TEST(under_one_id_corrections_follow_each_other),
        ENGINE_TEST(back_to_what_it_was_before),
        ENGINE_TEST(the_first_id_leads_to_the_last),
        ENGINE_TEST(what_was_told_apart_is_for_a_person),
        ENGINE_TEST(what_was_taken_back_is_not_corrected),
        ENGINE_TEST(each_has_a_replacement_of_its_own),
        ENGINE_TEST(a_correction_that_does_not_fit_halts),
        ENGINE_TEST(what_stands_nowhere_is_for_a_person),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
