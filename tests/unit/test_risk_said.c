/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a denial about a number says what was found and what is allowed, in the units of the
 * limit: in the order, in the notice and in the words for the audit. And that what one order was
 * told is not told the next.
 */
#include "risk_bench.h"

#include "core/risk.h"

#define THOUSAND (10 * HUNDRED)
#define SECOND   MONEY_NANO

static void says(uint32_t was, uint32_t denial, const char *values)
{
    char text[192];
    assert_int_equal(was, denial);
    assert_string_equal(rig.last_order.venue_reason, values);
    (void)snprintf(text, sizeof text, "%s: %s", denial_text(denial), values);
    assert_string_equal(engine_denial_text(rig.engine, denial), text);
    (void)snprintf(text, sizeof text, "%s: %s (%s)", denial_text(denial), values,
                   denial_name(denial));
    if (rig.engine->strategies[0].denied[denial] == 1)
        assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], text));
}

static void quantities(void **state)
{
    struct turret_order_request request = want(TURRET_SIDE_BUY, 100, 10000);
    (void)state;
    says(buys(25, 0), DENY_LOT, "25, lot 10");
    says(buys(-20, 0), DENY_MIN_QTY, "-20 < 20");
    says(buys(100010, 0), DENY_MAX_QTY, "100010 > 100000");
    request.display_qty = 25;
    says(asked(request), DENY_LOT, "25, lot 10");
    request.display_qty = 10;
    says(asked(request), DENY_MIN_QTY, "10 < 20");
    all()->max_order_qty_nano = 50 * UNIT + UNIT / 2;
    says(buys(60, 0), DENY_ORDER_QTY, "60 > 50.5");
    own()->max_order_qty_nano = 40 * UNIT;
    says(buys(50, 0), DENY_ORDER_QTY, "50 > 40");
}

static void prices(void **state)
{
    struct turret_order_request request = want(TURRET_SIDE_BUY, 20, 10000);
    (void)state;
    says(buys(20, 10001), DENY_TICK, "100.01, tick 0.05");
    request.stop_loss = 9903;
    says(asked(request), DENY_TICK, "99.03, tick 0.05");
    request.stop_loss = 0;
    request.type = TURRET_ORDER_STOP_LIMIT;
    request.stop_price = 10002;
    says(asked(request), DENY_TICK, "100.02, tick 0.05");
    all()->collar_ppm = 50000;
    says(buys(20, 10505), DENY_COLLAR, "5.05 > 5 %");
    rig_bar(&rig, rig.instrument[0], 3000);
    says(buys(20, 4000), DENY_COLLAR, "33.3334 > 5 %"); /* never less than it is */
    all()->collar_ppm = 1000000;
    all()->collar_window_ns = 60 * SECOND;
    all()->collar_drift_ppm = 20000;
    assert_int_equal(buys(20, 3000), DENY_NONE);
    says(buys(20, 3080), DENY_COLLAR_WINDOW, "2.6667 > 2 %");
    all()->reference_age_ns = 60 * SECOND;
    rig.engine->now += 61 * SECOND + SECOND / 2;
    says(buys(20, 3000), DENY_STALE_REFERENCE, "61.5 > 60 s");
}

static void counts(void **state)
{
    (void)state;
    all()->max_open_orders = 1;
    assert_int_equal(buys(20, 9950), DENY_NONE);
    says(buys(20, 9950), DENY_OPEN_ORDERS, "2 > 1");
    all()->max_open_orders = 10;
    own()->max_open_orders = 1;
    says(buys(20, 9950), DENY_OPEN_ORDERS, "2 > 1");
    own()->max_open_orders = RISK_UNSET;
    all()->max_orders_per_minute = 1;
    says(buys(20, 9950), DENY_MESSAGE_RATE, "2 > 1");
    all()->max_orders_per_minute = 10;
    own()->max_orders_per_minute = 0;
    says(buys(20, 9950), DENY_MESSAGE_RATE, "2 > 0");
    own()->max_orders_per_minute = RISK_UNSET;
    all()->messages_per_fill = 1;
    says(buys(20, 9950), DENY_ORDER_TO_TRADE, "2 > 1");
}

static void values_of_an_order(void **state)
{
    (void)state;
    all()->max_order_notional = THOUSAND;
    says(buys(20, 9950), DENY_ORDER_NOTIONAL, "1990 > 1000 USD");
    all()->max_order_notional = INT64_MAX;
    all()->max_unexecuted = 2 * THOUSAND;
    assert_int_equal(buys(20, 9900), DENY_NONE);
    says(buys(20, 9950), DENY_UNEXECUTED, "3990 > 2000 USD");
}

static void values_of_positions(void **state)
{
    (void)state;
    hold(100);
    all()->max_position_nano = 110 * UNIT;
    says(buys(20, 0), DENY_POSITION, "120 > 110");
    all()->max_position_nano = 1000000 * UNIT;
    all()->max_position_notional = 11 * THOUSAND;
    says(buys(20, 0), DENY_POSITION_NOTIONAL, "12000 > 11000 USD");
    all()->max_position_notional = INT64_MAX;
    all()->gross_exposure = 10 * THOUSAND;
    says(buys(20, 0), DENY_GROSS_EXPOSURE, "12000 > 10000 USD");
    all()->gross_exposure = INT64_MAX;
    all()->net_exposure = 10 * THOUSAND;
    says(buys(20, 0), DENY_NET_EXPOSURE, "12000 > 10000 USD");
    all()->net_exposure = INT64_MAX;
    all()->concentration_ppm = 11000; /* of a million */
    says(buys(20, 0), DENY_CONCENTRATION, "12000 > 11000 USD");
    all()->concentration_ppm = MONEY_PPM;
    rig.engine->instruments[rig.instrument[0]].sector = 1;
    all()->sector_ppm = 11500;
    says(buys(20, 0), DENY_SECTOR, "12000 > 11500 USD");
    all()->sector_ppm = MONEY_PPM;
    all()->correlation_ppm = 10500;
    all()->correlation_from_ppm = 0;
    says(buys(20, 0), DENY_CORRELATION, "12000 > 10500 USD");
    all()->correlation_ppm = MONEY_PPM;
    all()->leverage_ppm = 10000;
    says(buys(20, 0), DENY_BUYING_POWER, "12000 > 10000 USD");
}

static void what_only_closes(void **state)
{
    struct turret_order_request request = want(TURRET_SIDE_SELL, 120, 0);
    (void)state;
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    hold(100);
    says(asked(request), DENY_REDUCE_ONLY, "120 > 100");
    request.side = TURRET_SIDE_BUY;
    says(asked(request), DENY_REDUCE_ONLY, "120 > 0");
}

static void clocks(void **state)
{
    struct venue *venue = &rig.engine->venues[0];
    (void)state;
    venue->caps.can |= TURRET_CAN_SERVER_TIME;
    all()->max_clock_skew_ns = SECOND;
    assert_int_equal(buys(20, 0), DENY_CLOCK_SKEW); /* not known: there is no number */
    assert_string_equal(engine_denial_text(rig.engine, DENY_CLOCK_SKEW),
                        denial_text(DENY_CLOCK_SKEW));
    venue->timed = true;
    venue->skew_ns = -3 * SECOND / 2;
    venue->skew_doubt_ns = SECOND / 4;
    says(buys(20, 0), DENY_CLOCK_SKEW, "1.75 > 1 s");
}

static void no_order_is_told_what_another_was(void **state)
{
    (void)state;
    says(buys(25, 0), DENY_LOT, "25, lot 10");
    assert_string_equal(engine_denial_text(rig.engine, DENY_TICK), denial_text(DENY_TICK));
    rig.engine->instruments[rig.instrument[0]].mark = 0;
    assert_int_equal(buys(20, 0), DENY_NO_REFERENCE);
    assert_string_equal(engine_denial_text(rig.engine, DENY_LOT), denial_text(DENY_LOT));
}

/* A rule has words, and no numbers: those would be of the order before. */
static void words_come_without_numbers(void **state)
{
    (void)state;
    says(buys(25, 0), DENY_LOT, "25, lot 10");
    assert_int_equal(risk_words(rig.engine, DENY_RULE, "hours", "not now"), DENY_RULE);
    assert_string_equal(engine_denial_text(rig.engine, DENY_RULE), "hours: not now");
    assert_string_equal(risk_said_values(rig.engine, DENY_RULE), "");
}

/* Of more decimals than nine a limit has too few: it binds sooner, not later. */
static void quantities_of_many_decimals_are_rounded_up(void **state)
{
    (void)state;
    assert_true(risk_nano(5, 0) == 5 * MONEY_NANO);
    assert_true(risk_nano(1, 12) == 1);
    assert_true(risk_nano(1000, 12) == 1);
    assert_true(risk_nano(1001, 12) == 2);
}

/* Two numbers that an order has no room for: it has the text, as far as that goes. */
static void numbers_that_are_too_long(void **state)
{
    (void)state;
    all()->max_order_notional = 1;
    rig.engine->instruments[rig.instrument[0]].def.max_qty = INT64_MAX;
    assert_int_equal(buys(INT64_C(900000000000000), 9955), DENY_OVERFLOW);
    assert_int_equal(buys(INT64_C(900000000), 9955), DENY_ORDER_NOTIONAL);
    assert_string_equal(rig.last_order.venue_reason, "89595000000 > 0.00000001 USD");
    all()->max_order_notional = INT64_MAX;
    all()->max_order_qty_nano = INT64_MAX;
    rig_bar(&rig, rig.instrument[0], 5);
    assert_int_equal(buys(INT64_C(90000000000), 0), DENY_ORDER_QTY);
    assert_string_equal(engine_denial_text(rig.engine, DENY_ORDER_QTY),
                        "the quantity is above the limit max_order_qty: 9223372036.854775807 > "
                        "9223372036.854775807");
    assert_string_equal(rig.last_order.venue_reason, "the quantity is above the limit max_…");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RISK_TEST(quantities),
        RISK_TEST(prices),
        RISK_TEST(counts),
        RISK_TEST(values_of_an_order),
        RISK_TEST(values_of_positions),
        RISK_TEST(what_only_closes),
        RISK_TEST(clocks),
        RISK_TEST(no_order_is_told_what_another_was),
        RISK_TEST(words_come_without_numbers),
        RISK_TEST(quantities_of_many_decimals_are_rounded_up),
        RISK_TEST(numbers_that_are_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
