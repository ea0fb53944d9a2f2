/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what a venue's stamp may do to the time of a session: one that is further ahead of this
 * machine's clock than clocks are apart counts as of now and is told, once, when it is twice as far
 * and when it comes again; a simulated venue's time is its own. An answer without one, and each of
 * a venue that was ahead, was heard now, as far as nobody set the clock since the one before: forth
 * it is followed slowly, back it stands still; the venue's own stamps then say nothing of its time.
 * Another build of the adapter changes nothing of it.
 */
#include "session/venues_state.h"

#include "io/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND  INT64_C(1000000000)
#define MACHINE (INT64_C(1700000000) * SECOND)

static struct venue_clock of;

/* By how much it is told to be ahead, in seconds. */
static int64_t heard(turret_time_ns time, turret_time_ns becomes, int64_t now_s)
{
    struct event event;
    int64_t told_ns;
    memset(&event, 0, sizeof event);
    event.type = EVENT_TRADE;
    event.time = time;
    event.u.trade.time = time;
    told_ns = venues_bound(&of, &event, MACHINE, now_s * SECOND);
    assert_int_equal(event.time, becomes);
    assert_int_equal(event.u.trade.time, time);
    assert_int_equal(told_ns % SECOND, 0);
    return told_ns / SECOND;
}

static int set_up(void **state)
{
    (void)state;
    memset(&of, 0, sizeof of);
    return 0;
}

static void what_is_not_ahead_is_its_own(void **state)
{
    (void)state;
    assert_int_equal(heard(MACHINE + 5 * SECOND, MACHINE + 5 * SECOND, 100), 0);
    assert_int_equal(heard(MACHINE - 3600 * SECOND, MACHINE - 3600 * SECOND, 100), 0);
    assert_int_equal(heard(0, 0, 100), 0);
    assert_int_equal(heard(-1, -1, 100), 0);
    assert_int_equal(heard(EVENT_TIME_MAX + 1, EVENT_TIME_MAX + 1, 100), 0); /* the core drops it */
    assert_int_equal(of.last_ns, 0);
}

static void what_is_ahead_counts_as_of_now(void **state)
{
    (void)state;
    assert_int_equal(heard(MACHINE + 6 * SECOND, MACHINE, 100), 6);
    assert_int_equal(heard(MACHINE + 11 * SECOND, MACHINE, 101), 0); /* told */
    assert_int_equal(heard(MACHINE + 12 * SECOND, MACHINE, 102), 12);
    assert_int_equal(heard(MACHINE + 6 * SECOND, MACHINE, 103), 0);
    assert_int_equal(heard(MACHINE, MACHINE, 110), 0);
    assert_int_equal(heard(MACHINE + 6 * SECOND, MACHINE, 163), 0); /* a minute: it goes on */
    assert_int_equal(heard(MACHINE + 6 * SECOND, MACHINE, 224), 6); /* it was over */
    assert_int_equal(heard(MACHINE + 86400 * 7000 * SECOND, MACHINE, 225), 86400 * 7000);
    assert_int_equal(heard(EVENT_TIME_MAX / SECOND * SECOND, MACHINE, 225),
                     EVENT_TIME_MAX / SECOND - MACHINE / SECOND);
}

static struct event said(uint16_t type, turret_time_ns time, turret_time_ns machine,
                         int64_t boot_ns)
{
    struct event event;
    memset(&event, 0, sizeof event);
    event.type = type;
    event.time = time;
    (void)venues_bound(&of, &event, machine, boot_ns);
    return event;
}

/* The time of an answer without one, in nanoseconds after MACHINE. */
static int64_t answered(int64_t machine_ns, int64_t boot_ns)
{
    struct event event = said(EVENT_ACK, 0, MACHINE + machine_ns, boot_ns);
    assert_int_equal(event.behind_s, 0);
    return event.time - MACHINE;
}

static void an_answer_without_a_time_was_heard_now(void **state)
{
    (void)state;
    assert_int_equal(said(EVENT_ACK, 1, MACHINE, 1).time, 1);
    assert_int_equal(said(EVENT_ORDER, 0, MACHINE, 1).time, 0);
    assert_false(of.machines);
    assert_int_equal(said(EVENT_ACK, -5, MACHINE, SECOND).time, SECOND + (SECOND - 1) / 32);
    memset(&of, 0, sizeof of);
    assert_int_equal(answered(0, 1000 * SECOND), 0);
    assert_true(of.machines);
    assert_int_equal(answered(SECOND, 1001 * SECOND), SECOND);
    assert_int_equal(answered(60 * SECOND, 1060 * SECOND), 60 * SECOND); /* it slept */
}

static void a_clock_that_is_set_forth_is_followed_slowly(void **state)
{
    (void)state;
    (void)answered(0, SECOND);
    assert_int_equal(answered(3600 * SECOND, SECOND), 0);
    assert_int_equal(answered(3632 * SECOND, 33 * SECOND), 33 * SECOND);
    assert_int_equal(answered(3696 * SECOND, 97 * SECOND), 99 * SECOND);
    /* the hour is caught up with in 32 of them, … */
    assert_int_equal(answered(33 * 3600 * SECOND, (1 + 32 * 3600) * SECOND), 33 * 3600 * SECOND);
    /* … and then it is the machine's again */
    assert_int_equal(answered(34 * 3600 * SECOND, (1 + 33 * 3600) * SECOND), 34 * 3600 * SECOND);
}

static void where_it_is_set_back_time_stands_still(void **state)
{
    (void)state;
    (void)answered(0, SECOND);
    assert_int_equal(answered(-3600 * SECOND, 2 * SECOND), 0);
    assert_int_equal(answered(-10 * SECOND, 3592 * SECOND), 0);
    assert_int_equal(answered(3600 * SECOND, 3593 * SECOND),
                     SECOND + SECOND / 32); /* forth again */
}

/* What is untimed says nothing of its venue's time. */
static uint32_t told(uint16_t type, turret_time_ns time)
{
    struct event event = said(type, time, MACHINE, 1000 * SECOND);
    assert_true(event.time > 0);
    return event.behind_s;
}

static void a_venue_that_was_ahead_tells_no_time(void **state)
{
    static const uint16_t reports[] = {EVENT_STREAM, EVENT_FILL, EVENT_GAP};
    size_t i;
    (void)state;
    for (i = 0; i < sizeof reports / sizeof *reports; i++) {
        memset(&of, 0, sizeof of);
        assert_int_equal(told(reports[i], MACHINE + 5 * SECOND), 0);
        assert_int_equal(told(EVENT_BAR, MACHINE + 6 * SECOND), 0); /* markets say nothing anyway */
        assert_int_equal(told(EVENT_SPLIT, MACHINE + 6 * SECOND), 0);
        assert_false(of.machines);
        assert_int_equal(told(reports[i], MACHINE + 5 * SECOND + 1), EVENT_UNTIMED);
        assert_int_equal(told(reports[i], MACHINE), EVENT_UNTIMED);
        assert_int_equal(told(reports[i], MACHINE + 5 * SECOND + 1), EVENT_UNTIMED);
        assert_int_equal(of.own, MACHINE + 5 * SECOND);
    }
    assert_int_equal(said(EVENT_FILL, 0, MACHINE, 1000 * SECOND).behind_s, 0);
    /* its own clock was there, which this machine's has to reach first */
    assert_int_equal(answered(4 * SECOND, 1004 * SECOND), 5 * SECOND);
    assert_int_equal(answered(6 * SECOND, 1006 * SECOND), 6 * SECOND);
}

static void an_answer_that_is_ahead_was_heard_now(void **state)
{
    struct event event;
    int64_t ahead_ns;
    (void)state;
    memset(&event, 0, sizeof event);
    event.type = EVENT_ACK;
    event.time = MACHINE + 3600 * SECOND;
    ahead_ns = venues_bound(&of, &event, MACHINE, 1000 * SECOND);
    assert_int_equal(ahead_ns, 3600 * SECOND); /* and is told */
    assert_int_equal(event.time, MACHINE);
    assert_int_equal(event.behind_s, 0);
    /* the machine's clock is set right */
    event = said(EVENT_ACK, MACHINE + 3632 * SECOND, MACHINE + 3632 * SECOND, 1032 * SECOND);
    assert_int_equal(event.time, MACHINE + 33 * SECOND);
    assert_int_equal(event.behind_s, 0);
    memset(&of, 0, sizeof of);
    event = said(EVENT_ACK, EVENT_TIME_MAX + 1, MACHINE, SECOND);
    assert_int_equal(event.time, MACHINE);
    assert_true(of.machines);
    memset(&of, 0, sizeof of);
    event = said(EVENT_ACK, EVENT_TIME_MAX, EVENT_TIME_MAX, SECOND);
    assert_int_equal(event.time, EVENT_TIME_MAX);
    assert_false(of.machines);
}

/* Its own clock, ten minutes slow, is the one that its answers go on by. */
static void a_venue_that_mixes_both(void **state)
{
    const int64_t slow = -600 * SECOND;
    struct event event;
    (void)state;
    assert_int_equal(told(EVENT_FILL, MACHINE + slow), 0);
    assert_int_equal(told(EVENT_FILL, MACHINE + slow - SECOND), 0);
    assert_int_equal(told(EVENT_BAR, MACHINE), 0);
    (void)said(EVENT_FILL, 1, MACHINE, 1050 * SECOND); /* its clock was set back */
    assert_int_equal(answered(82 * SECOND, 1082 * SECOND), slow + 33 * SECOND);
    assert_int_equal(told(EVENT_FILL, MACHINE), EVENT_UNTIMED);
    assert_int_equal(told(EVENT_BAR, MACHINE), 0);
    assert_int_equal(answered(114 * SECOND, 1114 * SECOND), slow + 66 * SECOND);
    event = said(EVENT_ACK, MACHINE, MACHINE + 146 * SECOND, 1146 * SECOND); /* the same clock */
    assert_int_equal(event.time, MACHINE + slow + 99 * SECOND);
    assert_int_equal(event.behind_s, 0);
}

/* ---- of a venue ---- */

static char line[256];
static int lines;

static void on_line(void *context, uint32_t level, const char *text)
{
    (void)context;
    assert_int_equal(level, TURRET_LOG_ERROR);
    lines++;
    (void)snprintf(line, sizeof line, "%s", text);
}

static void it_is_told_by_name_and_stamp(void **state)
{
    static struct config config;
    static struct config_venue venue = {.name = "far"};
    static struct venues venues;
    static struct venue_link link;
    const turret_time_ns stamp = INT64_C(3000000000) * SECOND + 250000000;
    struct event event = {.type = EVENT_TRADE, .time = stamp};
    (void)state;
    config.venues = &venue;
    venues.config = &config;
    link.owner = &venues;
    link.caps.can = TURRET_CAN_SIMULATE;
    venues.log.line = on_line;
    venues_hear(&link, &event);
    assert_int_equal(event.time, stamp);
    assert_int_equal(lines, 0);
    link.caps.can = TURRET_CAN_TRADE;
    venues_hear(&link, &event);
    assert_true(event.time < stamp);
    assert_int_equal(lines, 1);
    assert_non_null(strstr(line, "alarm: venue far: its event is stamped 3000000000.250 (Unix"));
    assert_non_null(strstr(line, " s ahead of this machine's clock"));
    venues.log.line = NULL; /* nobody listens */
    link.clock.told_ns = 0;
    event.time = stamp;
    venues_hear(&link, &event);
    assert_true(event.time < stamp);
    assert_int_equal(lines, 1);
}

/* ---- another build of its adapter ---- */

static int32_t on_describe(struct turret_broker *self, struct turret_broker_caps *caps,
                           struct turret_error *err)
{
    (void)self;
    (void)caps;
    (void)err;
    return TURRET_OK;
}

static int32_t on_open(struct turret_broker *self, const struct turret_broker_open *open,
                       struct turret_error *err)
{
    (void)self;
    (void)open;
    (void)err;
    return TURRET_OK;
}

static int32_t on_connect(struct turret_broker *self, struct turret_error *err)
{
    (void)self;
    (void)err;
    return TURRET_OK;
}

static void on_close(struct turret_broker *self)
{
    (void)self;
}

static const struct turret_broker_type adapter = {.struct_size = sizeof adapter,
                                                  .state_size = 8,
                                                  .id = "test.clock",
                                                  .version = "1.0.0",
                                                  .describe = on_describe,
                                                  .open = on_open,
                                                  .connect = on_connect,
                                                  .close = on_close};

static void another_build_goes_on_by_the_same_clock(void **state)
{
    static struct config config;
    static struct config_venue venue = {.name = "far"};
    static struct venues venues;
    struct plugin_offer offer;
    struct turret_error err = {0};
    (void)state;
    memset(&offer, 0, sizeof offer);
    offer.broker = adapter;
    config.venues = &venue;
    config.venue_count = 1;
    venues.config = &config;
    venues.count = 1;
    assert_int_equal(venues_make_link(&venues, 0, &offer, 0, TURRET_REASON_RESTART, NULL,
                                      &venues.links[0], &err),
                     TURRET_OK);
    venues.links[0]->clock = (struct venue_clock){.own = 7, .own_ns = 8, .machines = true};
    assert_int_equal(venues_swap(&venues, 0, &offer, 0, false, NULL, &err), TURRET_OK);
    assert_int_equal(venues.links[0]->clock.own, 7);
    assert_int_equal(venues.links[0]->clock.own_ns, 8);
    assert_true(venues.links[0]->clock.machines);
    venues_drop_link(venues.links[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_not_ahead_is_its_own, set_up),
        cmocka_unit_test_setup(what_is_ahead_counts_as_of_now, set_up),
        cmocka_unit_test_setup(an_answer_without_a_time_was_heard_now, set_up),
        cmocka_unit_test_setup(a_clock_that_is_set_forth_is_followed_slowly, set_up),
        cmocka_unit_test_setup(where_it_is_set_back_time_stands_still, set_up),
        cmocka_unit_test_setup(a_venue_that_was_ahead_tells_no_time, set_up),
        cmocka_unit_test_setup(an_answer_that_is_ahead_was_heard_now, set_up),
        cmocka_unit_test_setup(a_venue_that_mixes_both, set_up),
        cmocka_unit_test_setup(it_is_told_by_name_and_stamp, set_up),
        cmocka_unit_test_setup(another_build_goes_on_by_the_same_clock, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
