/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the orders of a venue are counted of which nobody knows what became of them, with
 * since when the oldest is, of that venue alone; and what a venue waits for that trades nothing,
 * also for its clock alone.
 */
#include "trading_bench.h"

#define BUY TURRET_SIDE_BUY

/* An order at this moment; it is not known whether it arrived. */
static uint64_t lost(uint32_t instrument)
{
    struct turret_order_request request = rig_request(rig.instrument[instrument], BUY, 1, 9000);
    uint64_t id = turret_submit(rig.self[0], &request);
    struct event event = rig_event(&rig, EVENT_ACK);
    rig_turn(&rig);
    event.venue = (uint16_t)engine_venue_of(rig.engine, rig.instrument[instrument]);
    event.u.ack.order_id = id;
    event.u.ack.kind = TURRET_REQUEST_SUBMIT;
    event.u.ack.request = 1;
    event.u.ack.outcome = TURRET_OUTCOME_UNKNOWN;
    engine_ingest(rig.engine, &event);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_UNKNOWN);
    return id;
}

static void counted_by_venue(void **state)
{
    turret_time_ns first;
    uint64_t oldest, other;
    (void)state;
    assert_int_equal(engine_unknown(rig.engine, 0), 0);
    assert_int_equal(engine_unknown_since(rig.engine, 0), 0);
    (void)rig_order(&rig, 0, BUY, 1, 9000); /* on its way: nothing is lost */
    other = lost(1);
    rig.time += MONEY_NANO;
    oldest = lost(0);
    first = rig.time;
    rig.time += MONEY_NANO;
    (void)lost(0);
    assert_int_equal(engine_unknown(rig.engine, 0), 2);
    assert_int_equal(engine_unknown_since(rig.engine, 0), first);
    assert_int_equal(engine_unknown(rig.engine, 1), 1);
    assert_int_equal(engine_unknown_since(rig.engine, 1), first - MONEY_NANO);
    rig_state_of(&rig, oldest, TURRET_STATE_CANCELED, 1, 0, 0);
    assert_int_equal(engine_unknown(rig.engine, 0), 1);
    assert_int_equal(engine_unknown_since(rig.engine, 0), first + MONEY_NANO);
    assert_int_equal(engine_order(rig.engine, other)->state, TURRET_STATE_UNKNOWN);
}

/* The one that is added later may be older: what was asked of the first is newer. */
static void the_oldest_is_not_the_first_of_the_table(void **state)
{
    turret_time_ns second;
    uint64_t first = lost(0);
    (void)state;
    second = rig.time += MONEY_NANO;
    (void)lost(0);
    rig.time += MONEY_NANO;
    assert_int_equal(turret_cancel(rig.self[0], first), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_unknown_since(rig.engine, 0), second);
}

static void waits(const char *what)
{
    const char *text = engine_venue_waits(rig.engine, 0);
    assert_non_null(text);
    assert_non_null(strstr(text, what));
    assert_null(engine_venue_waits(rig.engine, 1));
}

static void what_a_venue_waits_for(void **state)
{
    struct venue *venue = &rig.engine->venues[0];
    (void)state;
    assert_null(engine_venue_waits(rig.engine, 0));
    rig_download(&rig, 0, 0, TURRET_OK);
    waits("it is being compared");
    rig_download(&rig, 0, 1, TURRET_EIO);
    waits("it is not connected");
    rig_download(&rig, 0, 0, TURRET_OK);
    venue->differs = true;
    rig_download(&rig, 0, 1, TURRET_OK);
    waits("differ: turret reconcile");
    venue->differs = false;
    venue->ready = false;
    waits("has not told its time");
    venue->caps.can &= ~(uint32_t)TURRET_CAN_TRADE;
    assert_null(engine_venue_waits(rig.engine, 0));
}

static void clock_says(const char *what)
{
    char text[ENGINE_CLOCK_TEXT_MAX], other[ENGINE_CLOCK_TEXT_MAX];
    assert_int_equal(engine_clock_waits(rig.engine, 0, text), what != NULL);
    assert_string_equal(text, what ? what : "");
    assert_false(engine_clock_waits(rig.engine, 1, other));
    assert_string_equal(other, "");
}

static void what_a_venues_clock_keeps_back(void **state)
{
    struct venue *venue = &rig.engine->venues[0];
    int64_t *limit = &rig.engine->options.risk.max_clock_skew_ns;
    (void)state;
    *limit = RISK_UNSET;
    clock_says(NULL); /* it tells no time */
    venue->caps.can |= TURRET_CAN_SERVER_TIME;
    clock_says("it tells its time and max_clock_skew is not set");
    *limit = 5 * MONEY_NANO;
    clock_says("it does not tell its time (max_clock_skew)");
    venue->timed = true;
    venue->skew_ns = -4 * MONEY_NANO;
    venue->skew_doubt_ns = MONEY_NANO;
    clock_says(NULL);
    venue->skew_doubt_ns++;
    clock_says("its clock is 5.001 s off (max_clock_skew 5 s)");
    venue->skew_ns = 120 * MONEY_NANO;
    venue->skew_doubt_ns = 0;
    clock_says("its clock is 120 s off (max_clock_skew 5 s)");
    venue->caps.can &= ~(uint32_t)TURRET_CAN_TRADE; /* nothing is kept back of a feed */
    clock_says(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRADING_TEST(counted_by_venue),
        TRADING_TEST(the_oldest_is_not_the_first_of_the_table),
        TRADING_TEST(what_a_venue_waits_for),
        TRADING_TEST(what_a_venues_clock_keeps_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
