/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what is on the list of open differences and what each of them stops: its own instrument
 * and no other, the whole venue after a download, nothing under a policy; that one which is known
 * is told anew only when it changed; and that one too many stops the venue instead.
 */
#include "reconcile_case.h"

/* ---- what the sink is told ---- */

static struct difference told;
static uint32_t tellings;

static void on_difference(void *context, const struct difference *one)
{
    (void)context;
    told = *one;
    tellings++;
}

static void listen(void)
{
    tellings = 0;
    rig.engine->sink.difference = on_difference;
}

static void said_thrice(uint16_t venue, uint32_t which, turret_qty qty)
{
    struct event event = rig_event(&rig, EVENT_POSITION);
    uint32_t i;
    event.venue = venue;
    event.u.position.instrument = rig.instrument[which];
    event.u.position.qty = qty;
    for (i = 0; i < 3; i++)
        engine_ingest(rig.engine, &event);
}

static void cash_is_thrice(turret_money cash)
{
    uint32_t i;
    for (i = 0; i < 3; i++)
        cash_is(cash);
}

static turret_money cash(void)
{
    return engine_account(rig.engine, 0)->cash;
}

/* An execution of nobody's order that is booked, and told as adopted. */
static void of_nobody(const char *execution)
{
    rig.engine->venues[0].reconcile.fills = RECONCILE_ADOPT;
    rig_fill(&rig, 77, execution, TURRET_SIDE_BUY, 1, 9000);
}

static void from_first_to_last_it_is_told(void **state)
{
    (void)state;
    listen();
    said_thrice(0, 0, 7);
    assert_int_equal(tellings, 1);
    assert_int_equal(told.kind, DIFFERENCE_OF_POSITION);
    assert_int_equal(told.end, DIFFERENCE_OPEN);
    assert_string_equal(told.text, "the account's position: reconcile adopt takes theirs");
    assert_true(told.since == rig.engine->now && told.until == 0);
    assert_true(told.sequence == rig.engine->sequence);
    rig.time += RIG_MINUTE;
    position_is(0, 0);
    assert_int_equal(tellings, 2);
    assert_int_equal(told.end, DIFFERENCE_AGREED);
    assert_true(told.until == told.since + RIG_MINUTE);
    assert_string_equal(told.text, "the venue's books and ours agree again");
}

/* ---- what each of them stops ---- */

static void each_stops_its_own_instrument_only(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    rig_close(&rig);
    o.venues = 2;
    o.instruments = 4; /* the second and the fourth are at the other venue */
    rig_open(&rig, &o);
    said_thrice(0, 0, 7);
    said_thrice(0, 2, 7);
    said_thrice(1, 1, 7);
    rig.engine->venues[1].reconcile.positions = RECONCILE_ALARM;
    said_thrice(1, 3, 7);
    assert_int_equal(engine_difference_count(rig.engine), 4);
    said_thrice(0, 0, 0);
    assert_int_equal(asked_for(0), DENY_NONE);
    assert_int_equal(asked_for(2), DENY_NOT_RECONCILED);
    assert_true(rig.engine->instruments[rig.instrument[1]].differs);
    said_thrice(1, 1, 0);
    assert_int_equal(engine_difference_count(rig.engine), 2);
    assert_false(rig.engine->instruments[rig.instrument[1]].differs);
    assert_false(rig.engine->instruments[rig.instrument[3]].differs); /* only told */
    assert_int_equal(asked_for(2), DENY_NOT_RECONCILED);
}

/* Two accounts at one venue. */
static void each_currency_is_a_difference_of_its_own(void **state)
{
    struct rig_options o = rig_defaults();
    struct engine_instrument other = {.def = o.def};
    struct event event;
    turret_instrument id;
    uint32_t i;
    (void)state;
    rig_close(&rig);
    (void)rig_build(&rig, &o, NULL);
    (void)snprintf(other.def.symbol, sizeof other.def.symbol, "EUROS");
    (void)snprintf(other.def.venue, sizeof other.def.venue, "venue0");
    memcpy(other.def.currency, "EUR", 4);
    assert_int_equal(engine_add_instrument(rig.engine, &other, &id, NULL), TURRET_OK);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_FIRST, NULL), TURRET_OK);
    rig_connect(&rig);
    cash_is_thrice(5);
    assert_string_equal(engine_difference(rig.engine, 0)->text,
                        "the account's cash: reconcile adopt takes theirs");
    event = rig_event(&rig, EVENT_BALANCE);
    event.venue = 0;
    memcpy(event.u.balance.currency, "EUR", 4);
    event.u.balance.cash = 9;
    for (i = 0; i < 3; i++)
        engine_ingest(rig.engine, &event);
    assert_int_equal(engine_difference_count(rig.engine), 2);
    decide(CONTROL_ADOPT, 0, 0); /* the dollars */
    assert_int_equal(engine_difference_count(rig.engine), 1);
    assert_string_equal(engine_difference(rig.engine, 0)->currency, "EUR");
    assert_int_equal(engine_account(rig.engine, 0)->cash, 5);
    assert_int_equal(engine_account(rig.engine, 1)->cash, 0);
    assert_false(engine_venue_ready(rig.engine, 0)); /* until the euros agree, too */
    event.u.balance.cash = 0;
    engine_ingest(rig.engine, &event);
    assert_true(engine_venue_ready(rig.engine, 0));
}

static void a_download_that_says_it_again_stops_the_venue(void **state)
{
    (void)state;
    said_thrice(0, 0, 7);
    assert_true(engine_venue_ready(rig.engine, 0));
    assert_int_equal(engine_difference(rig.engine, 0)->halts, 1);
    rig_download(&rig, 0, 0, TURRET_OK);
    position_is(0, 7);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_false(engine_venue_ready(rig.engine, 0));
    assert_int_equal(engine_difference_count(rig.engine), 1);
    assert_int_equal(engine_difference(rig.engine, 0)->halts, 2);
    assert_int_equal(asked_for(1), DENY_NOT_RECONCILED);
}

static void cash_stops_the_venue_at_once(void **state)
{
    turret_money theirs = cash() - 5;
    uint64_t id;
    uint32_t alarms;
    (void)state;
    listen();
    cash_is_thrice(theirs);
    assert_int_equal(tellings, 1);
    assert_int_equal(asked_for(0), DENY_NOT_RECONCILED);
    assert_int_equal(asked_for(1), DENY_NOT_RECONCILED);
    alarms = rig.notices[NOTICE_ALARM];
    cash_is(theirs);
    assert_int_equal(tellings, 1); /* told before */
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms);
    rig_download(&rig, 0, 0, TURRET_OK);
    cash_is(theirs);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_int_equal(tellings, 2); /* a whole download's word */
    assert_int_equal(engine_difference_count(rig.engine), 1);
    id = engine_difference(rig.engine, 0)->id;
    of_nobody("moves the cash"); /* booked: another difference of the same books */
    tellings = 0;
    cash_is_thrice(theirs);
    assert_int_equal(tellings, 1);
    assert_true(told.id == id && told.ours == cash() && told.theirs == theirs);
    cash_is(cash());
    assert_int_equal(engine_difference_count(rig.engine), 0);
    assert_int_equal(asked_for(0), DENY_NONE);
}

/* It is adopted by a record, or nothing trades there. */
static void what_the_policy_cannot_adopt_stops(void **state)
{
    (void)state;
    rig.engine->venues[0].reconcile.positions = RECONCILE_ADOPT;
    rig.engine->venues[0].reconcile.cash = RECONCILE_ADOPT;
    listen();
    said_thrice(0, 0, INT64_MAX);
    assert_int_equal(engine_difference_count(rig.engine), 1);
    assert_int_equal(told.halts, 1);
    assert_int_equal(asked_for(0), DENY_NOT_RECONCILED);
    assert_int_equal(asked_for(1), DENY_NONE);
    cash_is_thrice(INT64_MAX);
    assert_int_equal(told.halts, 2);
    assert_int_equal(asked_for(1), DENY_NOT_RECONCILED);
    cash_is(cash());
    assert_int_equal(asked_for(1), DENY_NONE);
    said_thrice(0, 0, 7); /* that fits */
    assert_int_equal(rig_account_position(&rig, 0)->qty, 7);
    assert_int_equal(asked_for(0), DENY_NONE);
}

static void what_stops_is_said(void **state)
{
    (void)state;
    said_thrice(0, 0, 7);
    assert_string_equal(rig.last_notice[NOTICE_ALARM],
                        "S0.venue0: the venue says position 7, the books say 0; nothing trades "
                        "there until they agree");
    rig.engine->venues[0].reconcile.positions = RECONCILE_ALARM;
    said_thrice(0, 1, -7);
    assert_string_equal(rig.last_notice[NOTICE_ALARM],
                        "S1.venue0: the venue says position -7, the books say 0");
    cash_is_thrice(5);
    assert_string_equal(rig.last_notice[NOTICE_ALARM],
                        "venue0: the venue says cash 0.00000005 USD, the books say 1000000; "
                        "nothing trades there until they agree");
}

static void a_download_compares_its_own_venue_anew(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    rig_close(&rig);
    o.venues = 2;
    rig_open(&rig, &o);
    position_is(0, 7);
    rig_download(&rig, 1, 0, TURRET_OK);
    assert_true(engine_suspects(rig.engine, 0));
    rig_download(&rig, 0, 0, TURRET_OK);
    assert_false(engine_suspects(rig.engine, 0));
    rig_download(&rig, 0, 1, TURRET_OK);
    cash_is(5);
    rig_download(&rig, 1, 0, TURRET_OK);
    assert_true(engine_suspects(rig.engine, 0));
    rig_download(&rig, 0, 0, TURRET_OK);
    assert_false(engine_suspects(rig.engine, 0));
}

static void the_policy_adopts_cash(void **state)
{
    turret_money theirs = cash() + 3;
    (void)state;
    rig.engine->venues[0].reconcile.cash = RECONCILE_ADOPT;
    listen();
    cash_is_thrice(theirs);
    assert_int_equal(cash(), theirs);
    assert_int_equal(engine_difference_count(rig.engine), 0);
    assert_int_equal(told.end, DIFFERENCE_ADOPTED);
    assert_string_equal(told.text, "policy adopt");
    assert_int_equal(asked_for(0), DENY_NONE);
}

/* ---- the same again ---- */

static void a_position_that_moved_is_told_anew(void **state)
{
    (void)state;
    listen();
    said_thrice(0, 0, 7);
    of_nobody("one");
    said_thrice(0, 0, 7);          /* of 1 now */
    assert_int_equal(tellings, 4); /* the fill begins and ends one of its own */
    assert_int_equal(engine_difference_count(rig.engine), 1);
    assert_int_equal(told.id, 1);
    assert_int_equal(told.ours, 1);
    assert_int_equal(told.theirs, 7);
}

static void a_clock_that_stays_off_is_told_once(void **state)
{
    (void)state;
    listen();
    rig.engine->venues[0].caps.can |= TURRET_CAN_SERVER_TIME;
    rig.engine->options.risk.max_clock_skew_ns = 1000;
    found(DIFFERENCE_CLOCK, 5000, 0);
    found(DIFFERENCE_CLOCK, 5000, 0);
    assert_int_equal(tellings, 1);
    found(DIFFERENCE_CLOCK, 6000, 0);
    assert_int_equal(tellings, 2);
    assert_int_equal(told.theirs, 6000);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
}

static void what_does_not_fit_goes_as_far_as_it_can(void **state)
{
    (void)state;
    rig.engine->venues[0].reconcile.fills = RECONCILE_ADOPT;
    rig_fill(&rig, 77, "short", TURRET_SIDE_SELL, 2, 9000);
    said_thrice(0, 0, INT64_MAX);
    assert_int_equal(engine_difference_count(rig.engine), 1);
    assert_true(engine_difference(rig.engine, 0)->theirs == INT64_MAX);
    assert_true(rig.engine->instruments[1].suspect.difference == INT64_MAX);
}

/* ---- too many ---- */

/* As many as there is room for, all of the first instrument. */
static void fill_the_list(void)
{
    char name[16];
    uint32_t i;
    rig.engine->venues[0].reconcile.fills = RECONCILE_HALT;
    for (i = 0; i < RECONCILE_OPEN; i++) {
        (void)snprintf(name, sizeof name, "x%u", i);
        rig_fill(&rig, 77, name, TURRET_SIDE_BUY, 1, 9000);
    }
    assert_int_equal(engine_difference_count(rig.engine), RECONCILE_OPEN);
}

static void one_too_many_stops_the_venue(void **state)
{
    (void)state;
    fill_the_list();
    assert_int_equal(asked_for(0), DENY_NOT_RECONCILED);
    assert_int_equal(asked_for(1), DENY_NONE);
    said_thrice(0, 1, 4);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "more than 256 differences are open"));
    assert_int_equal(asked_for(1), DENY_NOT_RECONCILED);
    reconcile_release(rig.engine, 0, 0);
    cash_is_thrice(5);
    assert_false(engine_venue_ready(rig.engine, 0));
    reconcile_release(rig.engine, 0, 0);
    of_nobody("last");
    assert_false(engine_venue_ready(rig.engine, 0));
    assert_int_equal(engine_difference_count(rig.engine), RECONCILE_OPEN);
    assert_int_equal(rig_account_position(&rig, 0)->qty, RECONCILE_OPEN + 1); /* booked all */
}

/* What a whole download says of the second instrument; the first one agrees. */
static void downloaded(turret_qty qty, int32_t result)
{
    rig_download(&rig, 0, 0, TURRET_OK);
    position_is(0, RECONCILE_OPEN);
    position_is(1, qty);
    rig_download(&rig, 0, 1, result);
}

static void what_had_no_room_stops_until_a_download(void **state)
{
    uint32_t alarms;
    (void)state;
    fill_the_list();
    alarms = rig.notices[NOTICE_ALARM];
    assert_false(engine_overflows(rig.engine, 0));
    said_thrice(0, 1, 4);
    assert_true(engine_overflows(rig.engine, 0));
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 1);
    assert_string_equal(rig.last_notice[NOTICE_ALARM],
                        "more than 256 differences are open; venue venue0 stands still until a "
                        "download has no more of them");
    position_is(1, 4);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 1); /* told once */
    decide(CONTROL_ADOPT, 0, rig.instrument[0]);             /* all that are in the list end */
    assert_int_equal(engine_difference_count(rig.engine), 0);
    assert_false(engine_venue_ready(rig.engine, 0)); /* one is not in it */
    position_is(1, 0); /* nor does it say so when that one ends: what else was there? */
    assert_int_equal(asked_for(1), DENY_NOT_RECONCILED);
    downloaded(0, TURRET_EIO);
    assert_true(engine_overflows(rig.engine, 0));
    assert_false(engine_venue_ready(rig.engine, 0));
    downloaded(0, TURRET_OK);
    assert_false(engine_overflows(rig.engine, 0));
    assert_true(engine_venue_ready(rig.engine, 0));
    assert_int_equal(asked_for(0), DENY_NONE);
    assert_int_equal(asked_for(1), DENY_NONE);
    downloaded(0, TURRET_OK); /* there was none: nothing to let go */
    assert_true(engine_venue_ready(rig.engine, 0));
}

static void a_download_that_has_no_room_is_not_the_end(void **state)
{
    uint32_t alarms;
    (void)state;
    fill_the_list();
    said_thrice(0, 1, 4);
    alarms = rig.notices[NOTICE_ALARM];
    downloaded(4, TURRET_OK);
    assert_int_equal(rig.notices[NOTICE_ALARM], alarms + 1); /* told of each download */
    decide(CONTROL_ADOPT, 0, rig.instrument[0]);
    assert_true(engine_overflows(rig.engine, 0));
    assert_false(engine_venue_ready(rig.engine, 0));
    downloaded(4, TURRET_OK); /* it has room, and is in the list */
    assert_false(engine_overflows(rig.engine, 0));
    assert_int_equal(engine_difference_count(rig.engine), 1);
    assert_false(engine_venue_ready(rig.engine, 0));
    position_is(1, 0);
    assert_true(engine_venue_ready(rig.engine, 0));
}

static void one_without_room_is_of_its_venue(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    rig_close(&rig);
    o.venues = 2;
    rig_open(&rig, &o);
    fill_the_list();
    said_thrice(1, 1, 4);
    decide(CONTROL_ADOPT, 0, rig.instrument[0]);
    assert_false(engine_overflows(rig.engine, 0));
    assert_true(engine_venue_ready(rig.engine, 0));
    assert_true(engine_overflows(rig.engine, 1));
    assert_false(engine_venue_ready(rig.engine, 1));
    downloaded(0, TURRET_OK); /* the other's */
    assert_false(engine_venue_ready(rig.engine, 1));
}

/* No download tells an execution of nobody's order again: its venue waits for a person. */
static void an_execution_without_room_halts_its_venue(void **state)
{
    struct event event = rig_event(&rig, EVENT_FILL);
    (void)state;
    fill_the_list();
    event.venue = 0;
    event.u.fill.order_id = 7777;
    event.u.fill.instrument = rig.instrument[1];
    event.u.fill.side = TURRET_SIDE_BUY;
    event.u.fill.qty = 1;
    event.u.fill.price = 10000;
    memcpy(event.u.fill.execution_id, "nobody", 7);
    rig.engine->venues[0].reconcile.fills = RECONCILE_ADOPT;
    engine_ingest(rig.engine, &event);
    assert_int_equal(engine_trading_state(rig.engine, TRADING_VENUE, "venue0"), TRADING_ACTIVE);
    memcpy(event.u.fill.execution_id, "other", 6);
    rig.engine->venues[0].reconcile.fills = RECONCILE_HALT;
    engine_ingest(rig.engine, &event);
    assert_int_equal(engine_trading_state(rig.engine, TRADING_VENUE, "venue0"), TRADING_HALTED);
    downloaded(0, TURRET_OK);
    assert_int_equal(engine_trading_state(rig.engine, TRADING_VENUE, "venue0"), TRADING_HALTED);
    assert_string_equal(engine_trading_latch(rig.engine, 0)->reason,
                        "an execution of nobody's order had no room");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(from_first_to_last_it_is_told),
        ENGINE_TEST(each_stops_its_own_instrument_only),
        ENGINE_TEST(each_currency_is_a_difference_of_its_own),
        ENGINE_TEST(a_download_that_says_it_again_stops_the_venue),
        ENGINE_TEST(cash_stops_the_venue_at_once),
        ENGINE_TEST(what_the_policy_cannot_adopt_stops),
        ENGINE_TEST(what_stops_is_said),
        ENGINE_TEST(a_download_compares_its_own_venue_anew),
        ENGINE_TEST(the_policy_adopts_cash),
        ENGINE_TEST(a_position_that_moved_is_told_anew),
        ENGINE_TEST(a_clock_that_stays_off_is_told_once),
        ENGINE_TEST(what_does_not_fit_goes_as_far_as_it_can),
        ENGINE_TEST(one_too_many_stops_the_venue),
        ENGINE_TEST(what_had_no_room_stops_until_a_download),
        ENGINE_TEST(a_download_that_has_no_room_is_not_the_end),
        ENGINE_TEST(one_without_room_is_of_its_venue),
        ENGINE_TEST(an_execution_without_room_halts_its_venue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
