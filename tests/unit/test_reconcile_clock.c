/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a venue which tells its time is not ready before it has, in this session and on this
 * stream; that one which does not tell it is named and denied, and that nothing waits for a time
 * nobody limits. And that behind another build of its adapter no venue is ready before a download,
 * whatever settles meanwhile: its time, or a difference.
 */
#include "reconcile_case.h"

static void a_venue_is_ready_when_its_time_is_known(void **state)
{
    struct venue *venue = &rig.engine->venues[0];
    (void)state;
    venue->caps.can |= TURRET_CAN_SERVER_TIME;
    rig.engine->options.risk.max_clock_skew_ns = 1000;
    rig_connect(&rig);
    assert_false(venue->ready);
    assert_int_equal(asked_for(0), DENY_NOT_RECONCILED);
    found(DIFFERENCE_CLOCK, 5, 1);
    assert_true(venue->ready);
    assert_int_equal(asked_for(0), DENY_NONE);
    rig_download(&rig, 0, 0, TURRET_OK);
    found(DIFFERENCE_CLOCK, 6, 1);
    assert_false(venue->ready); /* the download is not in */
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_true(venue->ready); /* it is known from before */
}

static void a_venue_that_tells_no_time_says_why(void **state)
{
    struct venue *venue = &rig.engine->venues[0];
    (void)state;
    venue->caps.can |= TURRET_CAN_SERVER_TIME;
    rig.engine->options.risk.max_clock_skew_ns = RISK_UNSET; /* nothing to wait for */
    rig_connect(&rig);
    assert_true(venue->ready);
    rig.engine->options.risk.max_clock_skew_ns = 1000;
    rig_connect(&rig);
    found(DIFFERENCE_CLOCK, 0, DIFFERENCE_CLOCK_UNTOLD);
    found(DIFFERENCE_CLOCK, 0, DIFFERENCE_CLOCK_UNTOLD);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM], "venue0 does not tell its time"));
    assert_true(venue->ready);
    assert_int_equal(asked_for(0), DENY_CLOCK_SKEW);
    found(DIFFERENCE_CLOCK, 5, 1);
    assert_int_equal(asked_for(0), DENY_NONE);
    found(DIFFERENCE_CLOCK, 0, DIFFERENCE_CLOCK_UNTOLD); /* it is known */
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
}

static void begin_session(void)
{
    struct event event = rig_event(&rig, EVENT_SESSION);
    event.u.session.epoch = rig.engine->epoch + 1;
    engine_ingest(rig.engine, &event);
}

static void lose_stream(uint32_t how)
{
    struct event event = rig_event(&rig, EVENT_STREAM);
    event.venue = 0;
    event.u.stream.status = how;
    engine_ingest(rig.engine, &event);
}

/* What its clock was days ago says nothing of it now. */
static void a_time_of_an_earlier_session_is_old(void **state)
{
    struct venue *venue = &rig.engine->venues[0];
    int64_t skew;
    (void)state;
    venue->caps.can |= TURRET_CAN_SERVER_TIME;
    rig.engine->options.risk.max_clock_skew_ns = 1000;
    rig_connect(&rig);
    found(DIFFERENCE_CLOCK, 5, 1);
    assert_true(venue->ready && engine_skew(rig.engine, 0, &skew));
    rig.time += INT64_C(3) * 86400 * MONEY_NANO;
    begin_session();
    rig_connect(&rig);
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_false(venue->ready);
    assert_false(engine_skew(rig.engine, 0, &skew)); /* so that the session asks */
    assert_int_equal(asked_for(0), DENY_NOT_RECONCILED);
    found(DIFFERENCE_CLOCK, 6, 1);
    assert_true(venue->ready);
    assert_int_equal(asked_for(0), DENY_NONE);
}

static void a_time_before_the_stream_was_lost_is_old(void **state)
{
    static const uint32_t ways[] = {TURRET_STREAM_CONNECTING, TURRET_STREAM_STALE,
                                    TURRET_STREAM_DOWN};
    struct venue *venue = &rig.engine->venues[0];
    int64_t skew;
    uint32_t i;
    (void)state;
    venue->caps.can |= TURRET_CAN_SERVER_TIME;
    rig.engine->options.risk.max_clock_skew_ns = 1000;
    for (i = 0; i < 3; i++) {
        rig_connect(&rig);
        found(DIFFERENCE_CLOCK, 5, 1);
        assert_true(venue->ready);
        lose_stream(ways[i]);
        rig_connect(&rig);
        assert_false(venue->ready || engine_skew(rig.engine, 0, &skew));
        found(DIFFERENCE_CLOCK, 0, DIFFERENCE_CLOCK_UNTOLD); /* it is asked for in vain */
        assert_true(venue->ready);
        assert_int_equal(asked_for(0), DENY_CLOCK_SKEW);
        assert_int_equal(rig.notices[NOTICE_ALARM], i + 1);
    }
    rig.engine->options.risk.max_clock_skew_ns = RISK_UNSET; /* nobody looks at it */
    found(DIFFERENCE_CLOCK, 5, 1);
    lose_stream(TURRET_STREAM_DOWN);
    rig_connect(&rig);
    assert_true(venue->ready);
}

static void a_limit_that_is_not_set_is_not_said_to_be(void **state)
{
    struct venue *venue = &rig.engine->venues[0];
    (void)state;
    venue->caps.can |= TURRET_CAN_SERVER_TIME;
    rig.engine->options.risk.max_clock_skew_ns = RISK_UNSET;
    rig_connect(&rig);
    found(DIFFERENCE_CLOCK, 0, DIFFERENCE_CLOCK_UNTOLD);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_ALARM],
                           "until max_clock_skew is set (LIMIT_UNSET) and it does"));
    assert_int_equal(asked_for(0), DENY_LIMIT_UNSET);
}

static void move_in(void)
{
    struct engine_build with = {.caps = rig.engine->venues[0].caps};
    struct event event = rig_event(&rig, EVENT_SWAP);
    event.u.swap.kind = TURRET_KIND_BROKER;
    event.u.swap.phase = SWAP_COMMIT;
    assert_int_equal(engine_swap(rig.engine, &event, &with, NULL), TURRET_OK);
}

/* Its stream need not say first that it connects. */
static void another_build_has_told_nothing_yet(void **state)
{
    struct venue *venue = &rig.engine->venues[0];
    uint32_t i;
    (void)state;
    venue->caps.can |= TURRET_CAN_SERVER_TIME;
    rig.engine->options.risk.max_clock_skew_ns = 1000;
    found(DIFFERENCE_CLOCK, 5, 1);
    rig_connect(&rig);
    assert_true(venue->ready);
    for (i = 0; i < 6; i++)
        position_is(0, 1);
    assert_int_equal(engine_difference_count(rig.engine), 1);
    move_in();
    found(DIFFERENCE_CLOCK, 5, 1);
    assert_false(venue->ready || engine_venue_complete(rig.engine, 0));
    position_is(0, 0); /* the build before had said so, and it is heard now */
    assert_int_equal(engine_difference_count(rig.engine), 0);
    assert_false(venue->ready);
    assert_int_equal(asked_for(0), DENY_NOT_RECONCILED);
    rig_connect(&rig);
    assert_true(venue->ready);
    assert_int_equal(asked_for(0), DENY_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_venue_is_ready_when_its_time_is_known),
        ENGINE_TEST(a_venue_that_tells_no_time_says_why),
        ENGINE_TEST(a_time_of_an_earlier_session_is_old),
        ENGINE_TEST(a_time_before_the_stream_was_lost_is_old),
        ENGINE_TEST(a_limit_that_is_not_set_is_not_said_to_be),
        ENGINE_TEST(another_build_has_told_nothing_yet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
