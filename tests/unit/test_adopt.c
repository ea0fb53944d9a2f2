/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what comes into the books from outside: a position or cash of the venue's moves every
 * line of the equity and no profit, what does not fit changes nothing; and that a venue which
 * charges more than it says is told of, ever less often.
 */
#include "engine_case.h"

#include "core/post_trade.h"

#define MOST (INT64_MAX / 16)

static struct account *account(void)
{
    return &rig.engine->accounts[0];
}

static struct position *position(void)
{
    return &rig.engine->positions[rig.engine->instruments[1].account_position];
}

/* ---- positions ---- */

static void a_position_is_taken_at_the_mark(void **state)
{
    struct equity before = account()->equity;
    (void)state;
    assert_true(adopt_position(rig.engine, 1, 7));
    assert_int_equal(position()->qty, 7);
    assert_true(position()->value == 700 * MONEY_ONE && position()->cost == 700 * MONEY_ONE);
    assert_true(position()->realised == 0);
    assert_true(account()->equity.now == before.now + 700 * MONEY_ONE);
    assert_true(account()->equity.start == before.start + 700 * MONEY_ONE);
    assert_true(account()->equity.peak == before.peak + 700 * MONEY_ONE);
    assert_true(account()->equity.trough == before.trough + 700 * MONEY_ONE);
    assert_true(account()->equity.day_start == before.day_start + 700 * MONEY_ONE);
    assert_true(account()->equity.day_low == before.day_low + 700 * MONEY_ONE);
    assert_true(adopt_position(rig.engine, 1, -3)); /* through nothing to a short */
    assert_int_equal(position()->qty, -3);
    assert_true(position()->value == -300 * MONEY_ONE);
    assert_true(account()->equity.now == before.now - 300 * MONEY_ONE);
    rig.engine->sink.position = NULL;
    assert_true(adopt_position(rig.engine, 1, 0));
    assert_memory_equal(&account()->equity, &before, sizeof before);
}

static void refused(turret_qty theirs)
{
    struct equity equity = account()->equity;
    struct position before = *position();
    assert_false(adopt_position(rig.engine, 1, theirs));
    assert_memory_equal(&account()->equity, &equity, sizeof equity);
    assert_memory_equal(position(), &before, sizeof before);
}

static void positions_that_do_not_fit(void **state)
{
    (void)state;
    refused(MOST + 1);
    refused(-MOST - 1);
    refused(MOST); /* its value does not */
    position()->qty = MOST + 1;
    refused(1);
    position()->qty = 0;
    position()->realised = INT64_MAX;
    position()->qty = 1;
    position()->cost = 1;
    refused(0); /* nor the profit of closing */
    position()->qty = position()->cost = position()->realised = 0;
    position()->value = MOST + 1;
    refused(1);
    position()->value = 0;
    rig.engine->instruments[1].mark = MOST / 1000000 + 1;
    refused(1); /* fits, and a few of them would not */
    rig.engine->instruments[1].mark = 10000;
    account()->equity.peak = MOST + 1;
    refused(1);
    account()->equity.peak = account()->equity.now;
}

/* Without a price it is worth nothing, and only the quantity counts. */
static void quantities_on_the_edge(void **state)
{
    uint32_t told = rig.positions;
    (void)state;
    rig.engine->instruments[1].mark = 0;
    refused(MOST + 1);
    refused(-MOST - 1);
    assert_int_equal(rig.positions, told);
    assert_true(adopt_position(rig.engine, 1, MOST));
    assert_int_equal(rig.positions, told + 1);
    assert_true(adopt_position(rig.engine, 1, -MOST));
    position()->qty = MOST + 1;
    refused(0);
    position()->qty = position()->cost = 0;
    rig.engine->instruments[1].mark = 10000;
}

static void a_large_position_has_no_value(void **state)
{
    (void)state;
    rig.engine->instruments[1].mark = 10000;
    position()->qty = -MOST;
    refused(MOST);
    position()->qty = 922337203685; /* its whole value does not fit, a change of it does */
    refused(922337203686);
    position()->qty = 0;
}

/* ---- cash ---- */

static void cash_is_taken(void **state)
{
    struct equity before = account()->equity;
    turret_money cash = account()->cash;
    (void)state;
    assert_true(adopt_cash(rig.engine, account(), cash - 5));
    assert_true(account()->cash == cash - 5);
    assert_true(account()->equity.now == before.now - 5);
    assert_true(account()->equity.day_start == before.day_start - 5);
    assert_true(adopt_cash(rig.engine, account(), cash));
    assert_memory_equal(&account()->equity, &before, sizeof before);
}

static void on_cash(void *context, const struct account *told)
{
    assert_ptr_equal(told, account());
    ((struct rig *)context)->settles++;
}

static void cash_that_does_not_fit(void **state)
{
    struct equity before = account()->equity;
    turret_money cash = account()->cash;
    (void)state;
    rig.engine->sink.cash = on_cash;
    rig.settles = 0;
    assert_false(adopt_cash(rig.engine, account(), MOST + 1));
    assert_false(adopt_cash(rig.engine, account(), -MOST - 1));
    account()->cash = MOST + 1;
    assert_false(adopt_cash(rig.engine, account(), 0));
    account()->cash = -MOST; /* the way to it is too far */
    assert_false(adopt_cash(rig.engine, account(), MOST));
    assert_memory_equal(&account()->equity, &before, sizeof before);
    assert_int_equal(rig.settles, 0);
    account()->cash = cash;
    assert_true(adopt_cash(rig.engine, account(), cash + 1));
    assert_int_equal(rig.settles, 1);
}

/* ---- what is charged ---- */

static uint32_t charged(turret_money fee)
{
    struct fill fill;
    uint32_t alarms = rig.notices[NOTICE_ALARM];
    memset(&fill, 0, sizeof fill);
    fill.instrument = 1;
    fill.qty = 10;
    fill.value = 1000 * MONEY_ONE;
    fill.fee = fee;
    post_trade_filled(rig.engine, NULL, &fill);
    return rig.notices[NOTICE_ALARM] - alarms;
}

static void a_venue_that_charges_more_than_it_says(void **state)
{
    struct venue *venue = &rig.engine->venues[0];
    (void)state;
    assert_int_equal(charged(1000), 0);          /* it says nothing */
    venue->fees.per_unit_nano = MONEY_NANO / 10; /* 0.10 each */
    assert_int_equal(charged(MONEY_ONE), 0);
    assert_int_equal(charged(MONEY_ONE + 1), 1);
    assert_int_equal(charged(MONEY_ONE + 1), 1); /* the second */
    assert_int_equal(charged(MONEY_ONE + 1), 0);
    assert_int_equal(charged(MONEY_ONE + 1), 1); /* the fourth */
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "4 so far"));
    assert_int_equal(venue->fees_above, 4);
    venue->caps.can |= TURRET_CAN_SIMULATE;
    assert_int_equal(charged(2 * MONEY_ONE), 0); /* this host's own */
    venue->caps.can &= ~(uint32_t)TURRET_CAN_SIMULATE;
    venue->fees.per_unit_nano = 0;
    venue->fees.min_nano = MONEY_NANO;
    venue->fees_above = 0;
    assert_int_equal(charged(MONEY_ONE), 0);
    assert_int_equal(charged(MONEY_ONE + 1), 1);
    venue->fees.min_nano = 0;
    venue->fees.rate_nano = INT64_MAX; /* what it says does not fit */
    assert_int_equal(charged(0), 1);
    venue->fees.rate_nano = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_position_is_taken_at_the_mark),
        ENGINE_TEST(positions_that_do_not_fit),
        ENGINE_TEST(quantities_on_the_edge),
        ENGINE_TEST(a_large_position_has_no_value),
        ENGINE_TEST(cash_is_taken),
        ENGINE_TEST(cash_that_does_not_fit),
        ENGINE_TEST(a_venue_that_charges_more_than_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
