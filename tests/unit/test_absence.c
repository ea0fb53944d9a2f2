/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that an order never arrived only by its own venue's time: neither a venue whose clock is
 * fast nor one whose clock is slow proves it, a venue without a time does not either, and one that
 * tells its time ends what was lost. The journal and a snapshot have what that takes; an older
 * snapshot proves nothing.
 */
#include "reconcile_case.h"

#define SECOND MONEY_NANO

static struct event journal[64];
static uint32_t journaled;

static void on_journal(void *context, const struct event *event)
{
    rig_on_journal(context, event);
    if (journaled < 64)
        journal[journaled++] = *event;
}

static int open_two(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.venues = 2;
    rig_open(&rig, &o);
    rig.engine->sink.journal = on_journal;
    journaled = 0;
    return 0;
}

static uint8_t state_of(uint64_t id)
{
    return engine_order(rig.engine, id)->state;
}

static uint64_t lost(void)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9900);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_UNKNOWN);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    return id;
}

static void other_venue_says(turret_time_ns time)
{
    struct event event = rig_event(&rig, EVENT_BALANCE);
    event.venue = 1;
    event.time = time;
    engine_ingest(rig.engine, &event);
}

/* The order's venue tells its time, that nothing is held there, and does not find it. */
static void nothing_is_there(uint64_t id, turret_time_ns own)
{
    uint32_t i;
    rig.time = own;
    for (i = 0; i < 4; i++) {
        position_is(0, 0);
        rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    }
}

static void a_fast_clock_elsewhere_proves_nothing(void **state)
{
    uint64_t id = lost();
    turret_time_ns sent = rig.time;
    (void)state;
    other_venue_says(sent + 365 * 86400 * SECOND);
    nothing_is_there(id, sent + 1 * SECOND);  /* first not found here: 31 s at the earliest, … */
    nothing_is_there(id, sent + 33 * SECOND); /* … and a second more, as far as seconds tell */
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    assert_int_equal(engine_order(rig.engine, id)->queries, 0);
    nothing_is_there(id, sent + 34 * SECOND);
    assert_int_equal(state_of(id), TURRET_STATE_REJECTED);
    assert_string_equal(engine_order(rig.engine, id)->venue_reason, "never arrived");
}

/* The deadline is told by the core's time, which is that of the other: it passed before it left. */
static void a_slow_clock_elsewhere_proves_nothing(void **state)
{
    uint64_t id = lost();
    turret_time_ns own = engine_order(rig.engine, id)->deadline + 600 * SECOND;
    (void)state;
    nothing_is_there(id, own);
    nothing_is_there(id, own + 32 * SECOND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    nothing_is_there(id, own + 32 * SECOND + 1);
    assert_int_equal(state_of(id), TURRET_STATE_REJECTED);
}

/* When it is late there, the deadline must have passed by the core's time, and by theirs, too. */
static void its_clock_is_slow(void **state)
{
    uint64_t id = lost();
    turret_time_ns sent = rig.time, own = sent;
    (void)state;
    order_table_find(rig.engine->orders, id)->deadline = sent + 100 * SECOND;
    other_venue_says(sent + 101 * SECOND);
    nothing_is_there(id, own);
    nothing_is_there(id, own + 100 * SECOND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    nothing_is_there(id, own + 101 * SECOND);
    assert_int_equal(state_of(id), TURRET_STATE_REJECTED);
}

static void a_venue_without_a_time_proves_nothing(void **state)
{
    static const turret_time_ns none[] = {0, -1, INT64_MIN, INT64_MAX};
    uint64_t id;
    turret_time_ns now;
    uint32_t i;
    (void)state;
    rig.engine->venues[0].told = 0; /* as one that never told any */
    rig.time = 0;
    id = lost();
    other_venue_says(rig.engine->now + 3600 * SECOND);
    for (i = 0; i < 4; i++) {
        nothing_is_there(id, none[i]);
        assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    }
    assert_int_equal(rig.engine->venues[0].told, 0);
    assert_int_equal(engine_order(rig.engine, id)->missed_s, 0);
    now = rig.engine->now;
    nothing_is_there(id, now); /* it tells one: from here on its clock is watched */
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    nothing_is_there(id, now + 33 * SECOND);
    assert_int_equal(state_of(id), TURRET_STATE_REJECTED);
    assert_int_equal(rig.engine->venues[0].told, now + 33 * SECOND);
}

/* What was late before the position agreed counts, a position of before it was late does not. */
static void a_position_of_before_proves_nothing(void **state)
{
    uint64_t id = lost();
    uint32_t i;
    (void)state;
    rig_missed(&rig, id);
    for (i = 0; i < 3; i++)
        rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    rig.time -= 5 * SECOND; /* it was on its way */
    position_is(0, 0);
    rig.time += 5 * SECOND;
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    rig.time = 0;
    position_is(0, 0); /* without a time: as the newest that was heard */
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_REJECTED);
}

/* Each time it is lost anew its venue's clock is watched anew. */
static void found_between(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 10, 9900);
    (void)state;
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    assert_int_equal(engine_order(rig.engine, id)->missed_s, rig.time / SECOND + 2);
    rig.time += SECOND;
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(engine_order(rig.engine, id)->missed_s, rig.time / SECOND + 1);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_int_equal(engine_order(rig.engine, id)->missed_s, 0);
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_int_equal(engine_order(rig.engine, id)->missed_s, 0); /* it works: nothing is missed */
}

/* ---- what is kept ---- */

static size_t saved(uint8_t *bytes, size_t room)
{
    size_t size = engine_snapshot(rig.engine, bytes, room);
    assert_true(size <= room);
    return size;
}

static void taken_up(const uint8_t *bytes, size_t size)
{
    struct rig_options o = rig_defaults();
    struct turret_error err = {0};
    turret_time_ns time = rig.time;
    engine_destroy(rig.engine, TURRET_REASON_SHUTDOWN);
    o.venues = 2;
    (void)rig_build(&rig, &o, &err);
    rig.time = time;
    assert_int_equal(engine_preload(rig.engine, bytes, size, &err), TURRET_OK);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, &err), TURRET_OK);
    if (engine_restore(rig.engine, bytes, size, &err))
        fail_msg("%s", err.text);
}

static uint8_t before[1 << 20], after[1 << 20], again[1 << 20];

/* The journal's events have the core's time, and how far their own lies before it. */
static void the_journal_leads_to_the_same(void **state)
{
    turret_time_ns now = rig.time;
    size_t size = saved(before, sizeof before), first, second;
    struct event event;
    uint32_t i;
    (void)state;
    other_venue_says(now + 100 * SECOND);
    rig.time = now + 1;
    position_is(0, 0);
    assert_int_equal(journal[1].time, now + 100 * SECOND);
    assert_int_equal(journal[1].behind_s, 100); /* 99.999999999 */
    assert_int_equal(rig.engine->venues[0].told, now);
    rig.time = now + 2 * SECOND;
    position_is(0, 0);
    assert_int_equal(journal[2].behind_s, 98);
    rig.time = now + 100 * SECOND;
    position_is(0, 0);
    assert_int_equal(journal[3].behind_s, 0);
    rig.time = 0;
    position_is(0, 0);
    assert_int_equal(journal[4].behind_s, EVENT_UNTIMED);
    assert_int_equal(journal[4].time, now + 100 * SECOND);
    assert_int_equal(journal[0].behind_s, 0);
    assert_int_equal(rig.engine->venues[0].told, now + 100 * SECOND);
    first = saved(after, sizeof after);
    taken_up(before, size);
    for (i = 0; i < 3; i++) {
        event = journal[i];
        engine_ingest(rig.engine, &event);
        assert_int_equal(event.behind_s, journal[i].behind_s);
        assert_int_equal(event.time, journal[i].time);
    }
    assert_int_equal(rig.engine->venues[0].told, now + 2 * SECOND);
    for (; i < 5; i++) {
        event = journal[i];
        engine_ingest(rig.engine, &event);
    }
    second = saved(again, sizeof again);
    assert_int_equal(second, first);
    assert_memory_equal(again, after, first);
}

static uint8_t *found_in(uint8_t *bytes, size_t size, const void *what, size_t length)
{
    uint8_t *at = memmem(bytes, size, what, length);
    assert_non_null(at);
    return at;
}

static void a_snapshot_has_the_venues_times(void **state)
{
    size_t size;
    turret_time_ns absurd = EVENT_TIME_MAX + 1, told = 0x0123456789abcdef;
    struct turret_error err = {0};
    uint8_t *at;
    (void)state;
    rig.engine->venues[1].told = told;
    size = saved(before, sizeof before);
    taken_up(before, size);
    assert_int_equal(rig.engine->venues[1].told, told);
    assert_true(rig.engine->venues[0].told > 0);
    assert_true(rig.engine->instruments[1].agreed == 0);
    at = found_in(before, size, &told, sizeof told);
    memcpy(at, &absurd, sizeof absurd);
    assert_int_equal(engine_restore(rig.engine, before, size, &err), TURRET_ECORRUPT);
    absurd = -1;
    memcpy(at, &absurd, sizeof absurd);
    assert_int_equal(engine_restore(rig.engine, before, size, &err), TURRET_ECORRUPT);
    rig_close(&rig);
    open_two(NULL); /* what refused may not be used */
}

/* As it was before the venues' times were in it: made by taking them out. */
static size_t older(uint8_t *bytes, size_t size)
{
    const turret_time_ns told[2] = {rig.engine->venues[0].told, rig.engine->venues[1].told};
    uint8_t *head = found_in(bytes, size, &rig.engine->config_version, 8);
    uint8_t *at = found_in(head, size - (size_t)(head - bytes), told, sizeof told);
    memset(head + 28, 0, 4);
    memmove(at, at + sizeof told, size - (size_t)(at - bytes) - sizeof told);
    size -= sizeof told;
    memcpy(bytes + 8, &size, sizeof size);
    return size;
}

static void an_older_snapshot_proves_nothing(void **state)
{
    size_t size;
    uint64_t id = lost();
    (void)state;
    position_is(0, 0);
    assert_false(engine_forgot_executions(rig.engine));
    rig.engine->config_version = UINT64_C(0xfedcba9876543210);
    size = saved(before, sizeof before);
    taken_up(before, size);
    assert_true(rig.engine->instruments[1].agreed > 0);
    assert_false(engine_forgot_executions(rig.engine));
    rig.engine->config_version = UINT64_C(0xfedcba9876543210);
    size = older(before, size);
    taken_up(before, size);
    assert_int_equal(rig.engine->venues[0].told, 0);
    assert_int_equal(rig.engine->instruments[1].agreed, 0);
    assert_true(engine_forgot_executions(rig.engine)); /* it may have */
    assert_int_equal(state_of(id), TURRET_STATE_UNKNOWN);
    rig_missed(&rig, id);
    nothing_is_there(id, rig.time);
    assert_int_equal(state_of(id), TURRET_STATE_REJECTED);
}

static void its_time_does_not_go_back(void **state)
{
    uint64_t id = lost();
    turret_time_ns sent = rig.time;
    (void)state;
    nothing_is_there(id, sent + 10 * SECOND);
    rig.time = sent + 5 * SECOND; /* of a message that was on its way for long */
    position_is(0, 0);
    assert_true(rig.engine->venues[0].told == sent + 10 * SECOND);
    nothing_is_there(id, sent + 45 * SECOND);
    assert_int_equal(state_of(id), TURRET_STATE_REJECTED);
}

#define ABSENCE_TEST(name) cmocka_unit_test_setup_teardown(name, open_two, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ABSENCE_TEST(a_fast_clock_elsewhere_proves_nothing),
        ABSENCE_TEST(a_slow_clock_elsewhere_proves_nothing),
        ABSENCE_TEST(its_clock_is_slow),
        ABSENCE_TEST(a_venue_without_a_time_proves_nothing),
        ABSENCE_TEST(a_position_of_before_proves_nothing),
        ABSENCE_TEST(found_between),
        ABSENCE_TEST(the_journal_leads_to_the_same),
        ABSENCE_TEST(a_snapshot_has_the_venues_times),
        ABSENCE_TEST(an_older_snapshot_proves_nothing),
        ABSENCE_TEST(its_time_does_not_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
