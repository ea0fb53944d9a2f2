/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows when the kill switch takes an order that its venue does not find for one that never
 * arrived: after three such answers past its deadline and 30 s past the first one, by the time of
 * its venue's reports alone, and never when the venue has had it; that it keeps why a venue could
 * not be reached, and counts the orders of others once, however often the venue tells all it has.
 */
#include "session/halt.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#define SECOND   INT64_C(1000000000)
#define BEGIN    (1000 * SECOND)
#define DEADLINE (BEGIN + 40 * SECOND)
#define LATE     (BEGIN + 50 * SECOND) /* is the latest moment that is too early, when … */
#define FIRST    (LATE - 30 * SECOND)  /* … it is first not found then */

static struct halt_result result;
static struct halt_order lost;

static int set_up(void **state)
{
    (void)state;
    memset(&result, 0, sizeof result);
    memset(&lost, 0, sizeof lost);
    lost.order.id = 7;
    lost.order.state = TURRET_STATE_UNKNOWN;
    lost.order.qty = 10;
    lost.order.deadline = DEADLINE;
    lost.stored = true;
    lost.proof = HALT_UNPROVEN;
    result.orders = &lost;
    result.count = result.room = 1;
    result.venue_count = 2;
    return 0;
}

static void hear(uint32_t venue, uint16_t type, turret_time_ns time, uint32_t behind_s)
{
    struct event event;
    memset(&event, 0, sizeof event);
    event.type = type;
    event.time = time;
    event.behind_s = behind_s;
    if (type == EVENT_ORDER) {
        event.u.order.order_id = 7;
        event.u.order.state = TURRET_STATE_ACCEPTED;
        event.u.order.snapshot = 1;
    }
    if (type == EVENT_ACK) {
        event.u.ack.order_id = 7;
        event.u.ack.kind = TURRET_REQUEST_QUERY;
        event.u.ack.outcome = TURRET_OUTCOME_NOT_FOUND;
    }
    halt_hear(&result, venue, &event, 0);
}

static enum halt_proof not_found(turret_time_ns time, uint32_t times)
{
    while (times-- > 0)
        hear(0, EVENT_ACK, time, 0);
    return lost.proof;
}

static void never_arrived_takes_three_when_it_is_too_late(void **state)
{
    (void)state;
    assert_int_equal(not_found(FIRST, 4), HALT_UNPROVEN);
    assert_int_equal(not_found(LATE, 4), HALT_UNPROVEN);
    assert_int_equal(not_found(LATE + 1, 2), HALT_UNPROVEN);
    assert_int_equal(not_found(LATE + 1, 1), HALT_NEVER);
}

/* A deadline by a slow clock has passed before the order left. */
static void a_deadline_alone_proves_nothing(void **state)
{
    (void)state;
    lost.order.deadline = 1;
    assert_int_equal(not_found(FIRST, 100), HALT_UNPROVEN);
    assert_int_equal(not_found(LATE, 100), HALT_UNPROVEN);
    assert_int_equal(not_found(LATE + 1, 3), HALT_NEVER);
}

static void nor_does_half_a_minute_before_it(void **state)
{
    (void)state;
    assert_int_equal(not_found(BEGIN, 1), HALT_UNPROVEN);
    assert_int_equal(not_found(DEADLINE, 100), HALT_UNPROVEN);
    assert_int_equal(not_found(DEADLINE + 1, 2), HALT_UNPROVEN);
    assert_int_equal(not_found(DEADLINE + 1, 1), HALT_NEVER);
}

static void what_the_venue_has_had_arrived(void **state)
{
    (void)state;
    lost.order.seen = ORDER_SEEN_AT_VENUE;
    assert_int_equal(not_found(FIRST, 1), HALT_UNPROVEN);
    assert_int_equal(not_found(LATE + 1, 100), HALT_UNPROVEN);
}

/* What it says of one that it showed counts from there on; that one then never ends by this. */
static void one_that_is_seen_is_missed_anew(void **state)
{
    (void)state;
    assert_int_equal(not_found(FIRST, 1), HALT_UNPROVEN);
    assert_int_equal(not_found(LATE + 1, 2), HALT_UNPROVEN);
    assert_int_equal(lost.not_founds, 2);
    hear(0, EVENT_ORDER, LATE + 2, 0);
    assert_int_equal(lost.proof, HALT_OPEN);
    assert_int_equal(lost.missed, 0);
    assert_int_equal(lost.not_founds, 0);
}

static void only_its_own_venues_reports_tell_the_time(void **state)
{
    static const uint16_t reports[] = {EVENT_STREAM, EVENT_POSITION, EVENT_GAP};
    static const uint16_t others[] = {EVENT_BAR, EVENT_SPLIT, EVENT_CONTROL};
    size_t i;
    for (i = 0; i < 3; i++) {
        (void)set_up(state);
        assert_int_equal(not_found(FIRST, 1), HALT_UNPROVEN);
        hear(0, others[i], LATE + 1, 0);
        hear(1, reports[i], LATE + 1, 0);
        hear(0, reports[i], LATE + 1, EVENT_UNTIMED);
        hear(0, reports[i], EVENT_TIME_MAX + 1, 0);
        assert_int_equal(not_found(FIRST, 100), HALT_UNPROVEN);
        hear(0, reports[i], LATE + 1, 0);
        assert_int_equal(not_found(FIRST, 2), HALT_UNPROVEN); /* the newest that it told */
        assert_int_equal(not_found(FIRST, 1), HALT_NEVER);
    }
}

static void a_venue_without_a_time_proves_nothing(void **state)
{
    (void)state;
    assert_int_equal(not_found(0, 100), HALT_UNPROVEN);
    assert_int_equal(not_found(LATE + 1, 100), HALT_UNPROVEN);
    hear(0, EVENT_POSITION, EVENT_TIME_MAX, 0);
    assert_int_equal(not_found(0, 3), HALT_NEVER);
}

static struct halt_venue told(const struct event *events, uint32_t count)
{
    uint32_t i;
    (void)set_up(NULL);
    for (i = 0; i < count; i++)
        halt_hear(&result, 1, &events[i], 0);
    assert_false(result.venues[0].reached || result.venues[0].stream[0]);
    return result.venues[1];
}

static struct event stream(uint32_t status, const char *text)
{
    struct event event;
    memset(&event, 0, sizeof event);
    event.type = EVENT_STREAM;
    event.u.stream.status = status;
    (void)snprintf(event.u.stream.text, sizeof event.u.stream.text, "%s", text);
    return event;
}

static void why_a_venue_is_not_reached(void **state)
{
    struct event events[] = {stream(TURRET_STREAM_CONNECTING, ""),
                             stream(TURRET_STREAM_DOWN, "no such host"),
                             stream(TURRET_STREAM_DOWN, "refused"),
                             stream(TURRET_STREAM_CONNECTING, ""),
                             {.type = EVENT_ACK}};
    struct halt_venue venue;
    (void)state;
    (void)snprintf(events[4].u.ack.reason, sizeof events[4].u.ack.reason, "not sent: no line");
    venue = told(events, 5);
    assert_string_equal(venue.stream, "refused");
    assert_false(venue.reached || venue.connected);
}

static void what_shows_that_a_venue_is_reached(void **state)
{
    struct event one[] = {stream(TURRET_STREAM_LOGIN, ""),
                          stream(TURRET_STREAM_DOWNLOADING, ""),
                          stream(TURRET_STREAM_STALE, "says nothing"),
                          {.type = EVENT_ORDER},
                          {.type = EVENT_ACK},
                          {.type = EVENT_DOWNLOAD}};
    uint32_t i;
    (void)state;
    for (i = 0; i < sizeof one / sizeof *one; i++) {
        const struct halt_venue venue = told(&one[i], 1);
        assert_true(venue.reached);
        assert_false(venue.connected);
        assert_string_equal(venue.stream, i == 2 ? "says nothing" : "");
    }
}

static struct event download(uint32_t done)
{
    struct event event;
    memset(&event, 0, sizeof event);
    event.type = EVENT_DOWNLOAD;
    event.u.download.done = done;
    return event;
}

/* As after a connection that was lost and is there again. */
static void orders_of_others_are_those_of_one_download(void **state)
{
    const struct event foreign = {
        .type = EVENT_ORDER, .u.order = {.state = TURRET_STATE_ACCEPTED, .qty = 1, .snapshot = 1}};
    const struct event events[] = {download(0), foreign, foreign,    download(1),
                                   download(0), foreign, download(1)};
    (void)state;
    assert_int_equal(told(events, 4).foreign, 2);
    assert_int_equal(told(events, 7).foreign, 1); /* the other has ended */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(never_arrived_takes_three_when_it_is_too_late, set_up),
        cmocka_unit_test_setup(a_deadline_alone_proves_nothing, set_up),
        cmocka_unit_test_setup(nor_does_half_a_minute_before_it, set_up),
        cmocka_unit_test_setup(what_the_venue_has_had_arrived, set_up),
        cmocka_unit_test_setup(one_that_is_seen_is_missed_anew, set_up),
        cmocka_unit_test(only_its_own_venues_reports_tell_the_time),
        cmocka_unit_test_setup(a_venue_without_a_time_proves_nothing, set_up),
        cmocka_unit_test(why_a_venue_is_not_reached),
        cmocka_unit_test(what_shows_that_a_venue_is_reached),
        cmocka_unit_test(orders_of_others_are_those_of_one_download),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
