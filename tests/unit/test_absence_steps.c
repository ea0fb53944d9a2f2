/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that setting this machine's clock proves of no order that it never arrived: neither at a
 * venue that answers without a time, nor at one whose stamps were ahead of that clock until it was
 * set right; nor do stamps and answers without one together. Half a minute that goes by does, where
 * the clock was set, too.
 */
#include "reconcile_case.h"

#include "session/venues_state.h"

#define SECOND MONEY_NANO
#define HOUR   (3600 * SECOND)

static struct venue_clock of;
static int64_t boot_ns;
static turret_time_ns machine;

static int open_one(void **state)
{
    memset(&of, 0, sizeof of);
    boot_ns = 1000 * SECOND;
    return open_rig(state);
}

static void pass(int64_t ns)
{
    boot_ns += ns;
    machine += ns;
}

static void hear(struct event event, turret_time_ns stamp)
{
    event.venue = 0;
    event.time = stamp;
    (void)venues_bound(&of, &event, machine, boot_ns);
    engine_ingest(rig.engine, &event);
}

/* Five answers in a second, and the position; `ahead` is the venue's clock, 0: it tells no time. */
static void nothing_is_there(uint64_t id, int64_t ahead)
{
    uint32_t i;
    for (i = 0; i < 5; i++) {
        turret_time_ns stamp = ahead ? machine + ahead : 0;
        struct event event = rig_event(&rig, EVENT_POSITION);
        event.u.position.instrument = rig.instrument[0];
        hear(event, stamp);
        event = rig_event(&rig, EVENT_ACK);
        event.u.ack.order_id = id;
        event.u.ack.kind = TURRET_REQUEST_QUERY;
        event.u.ack.request = 1;
        event.u.ack.outcome = TURRET_OUTCOME_NOT_FOUND;
        hear(event, stamp);
        pass(SECOND / 5);
    }
}

static uint64_t lost(void)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9900);
    struct event event = rig_event(&rig, EVENT_ACK);
    event.u.ack.order_id = id;
    event.u.ack.kind = TURRET_REQUEST_SUBMIT;
    event.u.ack.request = 1;
    event.u.ack.outcome = TURRET_OUTCOME_UNKNOWN;
    hear(event, 0);
    return id;
}

static void assert_unknown(uint64_t id)
{
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_UNKNOWN);
}

static void assert_never_arrived(uint64_t id)
{
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_REJECTED);
    assert_string_equal(engine_order(rig.engine, id)->venue_reason, "never arrived");
}

/* And no less. */
static void half_a_minute_proves_it(uint64_t id, int64_t ahead)
{
    assert_unknown(id);
    pass(25 * SECOND);
    nothing_is_there(id, ahead);
    assert_unknown(id);
    pass(5 * SECOND);
    nothing_is_there(id, ahead);
    assert_never_arrived(id);
}

static void an_hour_is_set_and_no_time_told(void **state)
{
    uint64_t id;
    (void)state;
    machine = rig.time;
    id = lost();
    nothing_is_there(id, 0);
    machine += HOUR;
    nothing_is_there(id, 0);
    half_a_minute_proves_it(id, 0);
}

/* It was an hour ahead of the machine, whose clock is set right: its stamps are believable now. */
static void the_machine_was_slow(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9900);
    (void)state;
    machine = rig.time;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    nothing_is_there(id, HOUR);
    machine += HOUR;
    nothing_is_there(id, 1);
    half_a_minute_proves_it(id, 1);
}

/* Stamps of a clock that is ten minutes slow, then answers without one. */
static void two_clocks_are_not_compared(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9900);
    (void)state;
    machine = rig.time + 600 * SECOND;
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    nothing_is_there(id, -600 * SECOND);
    nothing_is_there(id, 0);
    assert_unknown(id);
    pass(24 * SECOND);
    nothing_is_there(id, 0);
    assert_unknown(id);
    pass(5 * SECOND);
    nothing_is_there(id, 0);
    assert_never_arrived(id);
}

/* The clock of this machine is set while no daemon runs: it is another clock then. */
static void a_start_begins_the_stretch_anew(void **state)
{
    struct event event = rig_event(&rig, EVENT_SESSION);
    uint64_t id;
    (void)state;
    machine = rig.time;
    id = lost();
    nothing_is_there(id, 0);
    machine += HOUR;
    memset(&of, 0, sizeof of);
    event.u.session.epoch = rig.engine->epoch + 1;
    engine_ingest(rig.engine, &event);
    rig_connect(&rig);
    nothing_is_there(id, 0);
    half_a_minute_proves_it(id, 0);
}

#define STEPS_TEST(name) cmocka_unit_test_setup_teardown(name, open_one, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STEPS_TEST(an_hour_is_set_and_no_time_told),
        STEPS_TEST(the_machine_was_slow),
        STEPS_TEST(two_clocks_are_not_compared),
        STEPS_TEST(a_start_begins_the_stretch_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
