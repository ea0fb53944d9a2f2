/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what is looked at after the trade: slippage, refusals and fees on both sides of their
 * limits, what is none of them, that the alarms are off when nobody set them, and that a restart
 * goes on counting.
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

/* Not this host's: it counts for no strategy. */
static void a_foreign_refusal_counts_for_nobody(void **state)
{
    struct event event = rig_event(&rig, EVENT_ORDER);
    uint32_t i;
    (void)state;
    event.venue = 0;
    event.u.order.instrument = rig.instrument[0];
    event.u.order.state = TURRET_STATE_ACCEPTED;
    event.u.order.side = TURRET_SIDE_BUY;
    event.u.order.type = TURRET_ORDER_LIMIT;
    event.u.order.qty = 20;
    event.u.order.limit_price = 9000;
    (void)snprintf(event.u.order.venue_order_id, 40, "by hand");
    engine_ingest(rig.engine, &event);
    event.u.order.state = TURRET_STATE_REJECTED;
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig.last_order.state, TURRET_STATE_REJECTED);
    for (i = 0; i < 2; i++)
        assert_int_equal(rig.engine->strategies[i].post_trade.refused, 0);
}

/* ---- slippage that cannot be said ---- */

/* No price was known when it left: there is nothing to hold the fill against. */
static void without_a_mark_nothing_is_worse(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    uint32_t before = alarms();
    (void)state;
    all()->max_slippage_ppm = 10000;
    gap_of(rig.engine, order_of(id))->mark = 0;
    rig_fill(&rig, id, "1", TURRET_SIDE_BUY, 20, 20000);
    assert_int_equal(alarms(), before);
}

/* A share that does not fit is the largest there is. */
static void a_price_beyond_measure_is_told(void **state)
{
    struct rig_options o = rig_defaults();
    uint32_t before;
    uint64_t id;
    (void)state;
    rig_close(&rig);
    o.def.price_scale = 8;
    rig_open(&rig, &o);
    rig_bar(&rig, rig.instrument[0], 1);
    all()->max_slippage_ppm = 10000;
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 1, 0);
    before = alarms();
    rig_fill(&rig, id, "1", TURRET_SIDE_BUY, 1, INT64_C(10000000000000));
    assert_int_equal(alarms(), before + 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM],
                           "filled at 100000, 922337203685477.5807% worse than 0.00000001"));
}

/* ---- fees ---- */

/* Twenty at 100.00. */
static void pay_for(uint64_t id, const char *execution, turret_money fee)
{
    struct event event = rig_event(&rig, EVENT_FILL);
    event.venue = 0;
    event.u.fill.order_id = id;
    event.u.fill.instrument = rig.instrument[0];
    event.u.fill.side = TURRET_SIDE_BUY;
    event.u.fill.qty = 20;
    event.u.fill.price = 10000;
    event.u.fill.fee = fee;
    (void)snprintf(event.u.fill.execution_id, sizeof event.u.fill.execution_id, "%s", execution);
    engine_ingest(rig.engine, &event);
}

static void pay(const char *execution, turret_money fee)
{
    pay_for(rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0), execution, fee);
}

static void a_fee_above_what_the_venue_says_alarms(void **state)
{
    struct money_fees *said = &rig.engine->venues[0].fees;
    uint32_t before = alarms();
    (void)state;
    pay("1", 50 * MONEY_ONE);
    assert_int_equal(alarms(), before); /* it said nothing */
    said->per_unit_nano = MONEY_NANO / 200;
    pay("2", MONEY_ONE / 10); /* 20 x 0.005, to the unit */
    pay("3", -MONEY_ONE);     /* it pays */
    assert_int_equal(alarms(), before);
    pay("4", MONEY_ONE / 10 + 1);
    assert_int_equal(alarms(), before + 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM],
                           "execution 4 cost 0.10000001 USD, more than venue venue0 says it "
                           "charges; 1 so far"));
    pay("5", MONEY_ONE);
    assert_int_equal(alarms(), before + 2);
    pay("6", MONEY_ONE); /* the third: told with the fourth */
    assert_int_equal(alarms(), before + 2);
    pay("7", MONEY_ONE);
    assert_int_equal(alarms(), before + 3);
    assert_int_equal(rig.engine->trading.count, 0); /* only told */
}

static void each_part_of_a_fee_is_what_the_venue_says(void **state)
{
    struct money_fees *said = &rig.engine->venues[0].fees;
    uint32_t before = alarms();
    uint64_t id;
    (void)state;
    *said = (struct money_fees){.rate_nano = MONEY_NANO / 1000};
    pay("1", 2 * MONEY_ONE);
    assert_int_equal(alarms(), before);
    pay("2", 2 * MONEY_ONE + 1);
    assert_int_equal(alarms(), before + 1);
    *said = (struct money_fees){.min_nano = MONEY_NANO};
    pay("3", MONEY_ONE);
    assert_int_equal(alarms(), before + 1);
    pay("4", MONEY_ONE + 1);
    assert_int_equal(alarms(), before + 2);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0);
    *said = (struct money_fees){0, INT64_MAX, INT64_MAX}; /* nothing can be held against that */
    rig.engine->venues[0].fees_above = 3;                 /* the next one is told */
    pay_for(id, "5", MONEY_ONE);
    assert_int_equal(alarms(), before + 3);
}

/* What the host charges in the venue's place is what the host reckons. */
static void a_simulated_venue_is_not_held_to_its_fees(void **state)
{
    uint32_t before = alarms();
    (void)state;
    rig.engine->venues[0].fees.min_nano = 1;
    rig.engine->venues[0].caps.can |= TURRET_CAN_SIMULATE;
    pay("1", MONEY_ONE);
    assert_int_equal(alarms(), before);
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

/* What was told before is not told again, and what is told by doubling goes on from where it was.
 */
static void a_restart_tells_nothing_anew(void **state)
{
    struct strategy *strategy = &rig.engine->strategies[0];
    size_t size;
    uint8_t *bytes;
    (void)state;
    rig.engine->venues[0].fees_above = 5;
    strategy->no_stake = true;
    strategy->denied[DENY_PRICE] = 3;
    rig.engine->strategies[1].denied[DENY_CODES - 1] = 9;
    bytes = picture(&size);
    restart(bytes, size);
    assert_int_equal(rig.engine->venues[0].fees_above, 5);
    assert_true(rig.engine->strategies[0].no_stake);
    assert_false(rig.engine->strategies[1].no_stake);
    assert_int_equal(rig.engine->strategies[0].denied[DENY_PRICE], 3);
    assert_int_equal(rig.engine->strategies[0].denied[DENY_CODES - 1], 0);
    assert_int_equal(rig.engine->strategies[1].denied[DENY_CODES - 1], 9);
    (void)rig_order(&rig, 0, TURRET_SIDE_BUY, 20, 0); /* one that passes: it counts anew */
    assert_int_equal(rig.engine->strategies[0].denied[DENY_PRICE], 0);
    assert_int_equal(rig.engine->strategies[1].denied[DENY_CODES - 1], 9);
}

static void what_was_told_is_yes_or_no(void **state)
{
    struct turret_error err = {0};
    size_t size, at;
    uint8_t *bytes = picture(&size);
    uint32_t two = 2;
    (void)state;
    /* they are the last, of the venues and before them of the second strategy */
    at = size - rig.engine->venue_count * sizeof two - sizeof rig.engine->strategies[1].denied -
         sizeof two;
    memcpy(bytes + at, &two, sizeof two);
    close_rig(NULL);
    (void)open_rig(NULL);
    assert_int_equal(engine_restore(rig.engine, bytes, size, &err), TURRET_ECORRUPT);
    assert_non_null(strstr(err.text, "stake of strategy 1"));
    free(bytes);
}

static void numbers_that_make_no_sense_are_refused(void **state)
{
    static const struct sending absurd[] = {{.asked = -1}, {.out = -1}, {.mark = -1}, {.sent = 2}};
    struct turret_error err = {0};
    size_t size, i;
    uint8_t *bytes;
    (void)state;
    for (i = 0; i < sizeof absurd / sizeof *absurd; i++) {
        uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 100, 9900);
        struct sending *of = gap_of(rig.engine, order_of(id));
        *of = absurd[i];
        of->order_id = id;
        bytes = picture(&size);
        close_rig(NULL);
        (void)open_rig(NULL);
        assert_int_equal(engine_restore(rig.engine, bytes, size, &err), TURRET_ECORRUPT);
        assert_non_null(strstr(err.text, "numbers of order"));
        free(bytes);
        close_rig(NULL);
        (void)open_rig(NULL);
    }
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
        RISK_TEST(a_foreign_refusal_counts_for_nobody),
        RISK_TEST(without_a_mark_nothing_is_worse),
        RISK_TEST(a_price_beyond_measure_is_told),
        RISK_TEST(a_fee_above_what_the_venue_says_alarms),
        RISK_TEST(each_part_of_a_fee_is_what_the_venue_says),
        RISK_TEST(a_simulated_venue_is_not_held_to_its_fees),
        RISK_TEST(a_restart_goes_on_counting),
        RISK_TEST(a_restart_tells_nothing_anew),
        RISK_TEST(what_was_told_is_yes_or_no),
        RISK_TEST(numbers_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
