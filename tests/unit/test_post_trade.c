/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what is looked at after the trade: slippage and refusals on both sides of their limits,
 * what is neither, that the two alarms are off when nobody set them, and that a restart goes on
 * counting.
 */
#include "core/snapshot.h"
#include "risk_bench.h"

static uint32_t alarms(void)
{
    return rig.notices[NOTICE_ALARM];
}

static struct order *order_of(uint64_t id)
{
    return order_table_find(rig.engine->orders, id);
}

/* ---- slippage and refusals ---- */

static void fill_at(const char *execution, uint8_t side, turret_price price)
{
    rig_fill(&rig, rig_order(&rig, 0, side, 20, 0), execution, side, 20, price);
}

static void a_fill_far_from_its_mark_alarms(void **state)
{
    uint32_t before = alarms();
    (void)state;
    fill_at("1", TURRET_SIDE_BUY, 13000);
    assert_int_equal(alarms(), before); /* nobody set it */
    all()->max_slippage_ppm = 10000;
    fill_at("2", TURRET_SIDE_BUY, 10100); /* one per cent, to the unit */
    fill_at("3", TURRET_SIDE_BUY, 9000);  /* better */
    fill_at("4", TURRET_SIDE_SELL, 9900);
    assert_int_equal(alarms(), before);
    fill_at("5", TURRET_SIDE_BUY, 10101);
    assert_int_equal(alarms(), before + 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM],
                           "filled at 101.01, 1.01% worse than 100 (max_slippage); 1 so far"));
    fill_at("6", TURRET_SIDE_SELL, 9899);
    assert_int_equal(alarms(), before + 2);
    fill_at("7", TURRET_SIDE_SELL, 9899); /* the third: told with the fourth */
    assert_int_equal(alarms(), before + 2);
    fill_at("8", TURRET_SIDE_SELL, 9899);
    assert_int_equal(alarms(), before + 3);
    assert_int_equal(rig.engine->trading.count, 0); /* only told */
}

static void a_strategy_may_be_stricter(void **state)
{
    uint32_t before = alarms();
    (void)state;
    own()->max_slippage_ppm = 5000; /* the account says nothing */
    fill_at("1", TURRET_SIDE_BUY, 10050);
    assert_int_equal(alarms(), before);
    fill_at("2", TURRET_SIDE_BUY, 10051);
    assert_int_equal(alarms(), before + 1);
    own()->max_slippage_ppm = 50000;
    all()->max_slippage_ppm = 1000; /* it may not be laxer */
    fill_at("3", TURRET_SIDE_BUY, 10011);
    assert_int_equal(alarms(), before + 2);
}

static void send(uint32_t count, bool refused)
{
    while (count-- > 0) {
        uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 9900);
        rig_state_of(&rig, id, refused ? TURRET_STATE_REJECTED : TURRET_STATE_CANCELED, 20, 0, 0);
        assert_int_equal(engine_order(rig.engine, id)->state,
                         refused ? TURRET_STATE_REJECTED : TURRET_STATE_CANCELED);
    }
}

static void too_many_refusals_alarm(void **state)
{
    uint32_t before = alarms();
    (void)state;
    send(12, true);
    assert_int_equal(alarms(), before); /* nobody set it */
    all()->max_rejects_ppm = 500000;
    rig.time += INT64_C(86400) * MONEY_NANO; /* another day */
    rig_bar(&rig, rig.instrument[0], 10000);
    send(9, true);
    assert_int_equal(alarms(), before); /* nine say nothing */
    send(1, true);
    assert_int_equal(alarms(), before + 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "10 of 10 orders"));
    send(5, true);
    assert_int_equal(alarms(), before + 1); /* once a day */
    assert_int_equal(rig.engine->trading.count, 0);
}

static void half_of_them_is_half(void **state)
{
    uint32_t before = alarms();
    (void)state;
    own()->max_rejects_ppm = 500000;
    send(6, false);
    send(6, true);
    assert_int_equal(alarms(), before);
    send(1, true); /* 7 of 13 */
    assert_int_equal(alarms(), before + 1);
}

/* A stop that waits at its venue is expected at its own price, however far the mark was. */
static void a_stop_is_held_against_its_price(void **state)
{
    struct turret_order_request request = want(TURRET_SIDE_BUY, 20, 0);
    uint32_t before = alarms();
    (void)state;
    all()->max_slippage_ppm = 10000;
    request.type = TURRET_ORDER_STOP;
    request.stop_price = 12000;
    assert_int_equal(asked(request), DENY_NONE);
    rig_fill(&rig, rig.last_order.id, "1", TURRET_SIDE_BUY, 10, 12120);
    assert_int_equal(alarms(), before);
    rig_fill(&rig, rig.last_order.id, "2", TURRET_SIDE_BUY, 10, 12121);
    assert_int_equal(alarms(), before + 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "worse than 120 "));
}

/* Of the marks when it was sent and when it was changed the one that forgives more counts. */
static void a_change_is_held_against_its_own_mark(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 60, 9900);
    uint32_t before = alarms();
    (void)state;
    all()->max_slippage_ppm = 10000;
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, 60, 0, 0);
    rig_bar(&rig, rig.instrument[0], 11000);
    assert_int_equal(turret_modify(rig.self[0], id, 0, 11500, 0), TURRET_OK);
    rig_turn(&rig);
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, 2, TURRET_OUTCOME_OK);
    rig_fill(&rig, id, "1", TURRET_SIDE_BUY, 20, 11110);
    assert_int_equal(alarms(), before);
    rig_bar(&rig, rig.instrument[0], 9000);
    assert_int_equal(turret_modify(rig.self[0], id, 0, 9100, 0), TURRET_OK);
    rig_turn(&rig);
    rig_fill(&rig, id, "2", TURRET_SIDE_BUY, 20, 11110); /* the change came too late */
    assert_int_equal(alarms(), before);
    rig_fill(&rig, id, "3", TURRET_SIDE_BUY, 10, 11111);
    assert_int_equal(alarms(), before + 1);
}

/* What did not leave, and what never arrived, no venue refused. */
static void what_no_venue_refused_does_not_count(void **state)
{
    uint32_t before = alarms(), i;
    (void)state;
    all()->max_rejects_ppm = 100000;
    for (i = 0; i < 20; i++) {
        uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 9900);
        rig_control(&rig, CONTROL_KEPT_BACK, DENY_DEADLINE, (int64_t)id);
        assert_int_equal(order_of(id)->state, TURRET_STATE_REJECTED);
    }
    assert_int_equal(alarms(), before);
    for (i = 0; i < 2; i++) {
        uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 9900);
        rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    }
    assert_int_equal(alarms(), before); /* 2 of 22 */
    rig_ack(&rig, rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 9900), TURRET_REQUEST_SUBMIT, 1,
            TURRET_OUTCOME_REJECTED);
    assert_int_equal(alarms(), before + 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "3 of 23 orders"));
}

/* ---- a restart ---- */

static uint8_t *picture(size_t *size)
{
    uint8_t *bytes;
    *size = engine_snapshot(rig.engine, NULL, 0);
    bytes = malloc(*size);
    assert_non_null(bytes);
    assert_int_equal(engine_snapshot(rig.engine, bytes, *size), *size);
    return bytes;
}

static void restart(uint8_t *bytes, size_t size)
{
    struct rig_options o = risk_options();
    struct turret_error err = {0};
    turret_time_ns time = rig.time;
    rig_close(&rig);
    o.engine.risk.max_rejects_ppm = 0;
    o.engine.risk.max_slippage_ppm = 10000;
    (void)rig_build(&rig, &o, &err);
    rig.time = time;
    assert_int_equal(engine_preload(rig.engine, bytes, size, &err), TURRET_OK);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, &err), TURRET_OK);
    if (engine_restore(rig.engine, bytes, size, &err))
        fail_msg("%s", err.text);
    rig_connect(&rig);
    free(bytes);
}

static void a_restart_goes_on_counting(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 100, 9900);
    size_t size;
    uint8_t *bytes;
    (void)state;
    rig_fill(&rig, id, "1", TURRET_SIDE_BUY, 40, 9900);
    send(9, false);
    bytes = picture(&size);
    restart(bytes, size);
    assert_int_equal(gap_of(rig.engine, order_of(id))->asked, 100);
    assert_int_equal(gap_of(rig.engine, order_of(id))->out, 100);
    rig_fill(&rig, id, "2", TURRET_SIDE_BUY, 10, 10101); /* the mark it was sent at is known */
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "max_slippage"));
    send(1, true); /* the eleventh of the day */
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "1 of 11 orders"));
    assert_int_equal(rig.engine->trading.count, 0);
    engine_command(rig.engine, COMMAND_SUBMIT, order_of(id));
    assert_int_equal(rig.engine->trading.count, 1); /* it had left before */
}

static void numbers_that_make_no_sense_are_refused(void **state)
{
    struct turret_error err = {0};
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 100, 9900);
    size_t size;
    uint8_t *bytes;
    (void)state;
    gap_of(rig.engine, order_of(id))->out = -1;
    bytes = picture(&size);
    close_rig(NULL);
    (void)open_rig(NULL);
    assert_int_equal(engine_restore(rig.engine, bytes, size, &err), TURRET_ECORRUPT);
    assert_non_null(strstr(err.text, "numbers of order"));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(a_fill_far_from_its_mark_alarms),
        RISK_TEST(a_strategy_may_be_stricter),
        RISK_TEST(a_stop_is_held_against_its_price),
        RISK_TEST(a_change_is_held_against_its_own_mark),
        RISK_TEST(too_many_refusals_alarm),
        RISK_TEST(half_of_them_is_half),
        RISK_TEST(what_no_venue_refused_does_not_count),
        RISK_TEST(a_restart_goes_on_counting),
        RISK_TEST(numbers_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
