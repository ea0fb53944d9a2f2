/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a venue which tells its time is not ready before it has, that one which does not tell
 * it is named and denied, and that nothing waits for a time nobody limits.
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(a_venue_is_ready_when_its_time_is_known),
        ENGINE_TEST(a_venue_that_tells_no_time_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
