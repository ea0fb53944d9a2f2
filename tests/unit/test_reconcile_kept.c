/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what reconciliation keeps over a restart: all of it under the numbers of a changed
 * configuration, nothing of what is gone from it, and nothing from bytes that are cut or absurd;
 * that a bust waits for its fill at its own venue; and whose position the session asks for.
 */
#include "reconcile_case.h"

#include "core/snapshot.h"

#define ROOM 32768

/* ---- what is kept, and how it is taken again ---- */

static uint32_t venues[1], instruments[3], accounts[1];
static uint8_t bytes[ROOM];
static size_t size;
static struct turret_error why;

static void put(void)
{
    struct pack pack = {bytes, 0, ROOM};
    reconcile_put(&pack, rig.engine);
    size = pack.used;
    assert_in_range(size, 1, ROOM);
}

/* Into an engine that knows of nothing. */
static int take(size_t length)
{
    const struct snapshot_names names = {venues, instruments, accounts, 1, 2, 1};
    struct unpack in = {bytes, bytes + length, &why};
    uint32_t i;
    memset(&rig.engine->reconciliation, 0, sizeof rig.engine->reconciliation);
    for (i = 0; i <= 2; i++) {
        memset(&rig.engine->instruments[i].suspect, 0, sizeof(struct suspicion));
        rig.engine->instruments[i].differs = false;
        rig.engine->instruments[i].agreed = 0;
    }
    rig.engine->venues[0].differs = rig.engine->venues[0].complete = false;
    memset(&why, 0, sizeof why);
    return reconcile_take(rig.engine, &in, &names);
}

/* A position, cash and a clock that differ, a bust, suspicions. */
static int open_kept(void **state)
{
    (void)open_rig(state);
    venues[0] = accounts[0] = 0;
    instruments[1] = 1;
    instruments[2] = 2;
    rig.time += 5;
    position_is(1, 0);
    position_is(0, 7);
    position_is(0, 7);
    position_is(0, 7);
    cash_is(1);
    cash_is(1);
    cash_is(1);
    bust("early");
    found(DIFFERENCE_CLOCK, 17, 3);
    return 0;
}

static struct reconciliation *kept(void)
{
    return &rig.engine->reconciliation;
}

static void all_of_it_is_taken_again(void **state)
{
    struct reconciliation before = *kept();
    struct suspicion suspect = rig.engine->instruments[1].suspect;
    turret_time_ns agreed = rig.engine->instruments[2].agreed;
    (void)state;
    put();
    rig.engine->venues[0].skew_ns = rig.engine->venues[0].skew_doubt_ns = 0;
    rig.engine->venues[0].timed = false;
    assert_int_equal(take(size), TURRET_OK);
    assert_memory_equal(kept(), &before, sizeof before);
    assert_memory_equal(&rig.engine->instruments[1].suspect, &suspect, sizeof suspect);
    assert_true(agreed > 0 && rig.engine->instruments[2].agreed == agreed);
    assert_true(rig.engine->instruments[1].differs && rig.engine->venues[0].differs);
    assert_true(rig.engine->venues[0].timed && engine_venue_complete(rig.engine, 0));
    assert_int_equal(rig.engine->venues[0].skew_ns, 17);
    assert_int_equal(rig.engine->venues[0].skew_doubt_ns, 3);
}

static void a_venue_that_told_no_time_is_remembered(void **state)
{
    (void)state;
    rig.engine->venues[0].timed = false;
    found(DIFFERENCE_CLOCK, 0, DIFFERENCE_CLOCK_UNTOLD);
    put();
    rig.engine->venues[0].untold = false;
    assert_int_equal(take(size), TURRET_OK);
    assert_true(rig.engine->venues[0].untold);
    assert_false(rig.engine->venues[0].timed);
}

/* ---- a changed configuration ---- */

static void numbers_are_those_of_the_new_configuration(void **state)
{
    (void)state;
    put();
    instruments[1] = 2;
    instruments[2] = 1;
    assert_int_equal(take(size), TURRET_OK);
    assert_int_equal(kept()->open[0].instrument, 2);
    assert_true(rig.engine->instruments[2].differs);
    assert_false(rig.engine->instruments[1].differs);
    assert_int_equal(rig.engine->instruments[2].suspect.said, 3);
}

static void what_stopped_the_venue_stops_it_again(void **state)
{
    (void)state;
    cash_is(engine_account(rig.engine, 0)->cash);
    rig_download(&rig, 0, 0, TURRET_OK);
    position_is(0, 7);
    rig_download(&rig, 0, 1, TURRET_OK);
    put();
    assert_int_equal(take(size), TURRET_OK);
    assert_true(rig.engine->venues[0].differs);
    assert_false(rig.engine->instruments[1].differs);
}

static void what_is_of_a_venue_that_is_gone_is_gone(void **state)
{
    (void)state;
    put();
    venues[0] = accounts[0] = ENGINE_NONE;
    instruments[1] = instruments[2] = 0;
    assert_int_equal(take(size), TURRET_OK);
    assert_int_equal(kept()->open_count, 0);
    assert_int_equal(kept()->early_count, 0);
    assert_int_equal(kept()->cash[0].said, 0);
    assert_int_equal(rig.engine->instruments[1].suspect.said, 0);
    assert_false(engine_venue_complete(rig.engine, 0));
    assert_true(kept()->next_id == 3); /* ids are not given twice */
}

static void what_had_no_room_is_kept(void **state)
{
    static const uint8_t overflows[] = {RECONCILE_OVERFLOW, RECONCILE_OVERFLOW_ASKS, 0};
    uint32_t i, complete;
    (void)state;
    for (i = 0; i < 3; i++)
        for (complete = 0; complete < 2; complete++) {
            rig.engine->venues[0].overflow = overflows[i];
            rig.engine->venues[0].complete = complete;
            put();
            rig.engine->venues[0].overflow = 77;
            assert_int_equal(take(size), TURRET_OK);
            assert_int_equal(rig.engine->venues[0].overflow, overflows[i]);
            assert_int_equal(engine_venue_complete(rig.engine, 0), complete);
        }
}

/* The snapshot says that the venue differs, and why is nobody's any more. */
static void what_is_gone_stops_nothing(void **state)
{
    struct rig_options o = rig_defaults();
    uint8_t *whole;
    size_t length;
    (void)state;
    rig_close(&rig);
    o.instruments = 3;
    rig_open(&rig, &o);
    rig_download(&rig, 0, 0, TURRET_OK);
    position_is(2, 7);
    rig_download(&rig, 0, 1, TURRET_OK);
    assert_false(engine_venue_ready(rig.engine, 0));
    length = engine_snapshot(rig.engine, NULL, 0);
    whole = malloc(length);
    assert_non_null(whole);
    (void)engine_snapshot(rig.engine, whole, length);
    rig_close(&rig);
    o.instruments = 2;
    (void)rig_build(&rig, &o, NULL);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, NULL), TURRET_OK);
    assert_int_equal(engine_restore(rig.engine, whole, length, NULL), TURRET_OK);
    free(whole);
    assert_int_equal(engine_difference_count(rig.engine), 0);
    rig_connect(&rig);
    assert_true(engine_venue_ready(rig.engine, 0));
}

static void the_cash_of_a_currency_that_is_gone_stops_nothing(void **state)
{
    (void)state;
    put();
    memcpy(rig.engine->accounts[0].currency, "EUR", 4);
    accounts[0] = ENGINE_NONE;
    assert_int_equal(take(size), TURRET_OK);
    assert_int_equal(kept()->open_count, 2);
    assert_int_equal(kept()->open[0].kind, DIFFERENCE_OF_POSITION);
    assert_int_equal(kept()->open[1].kind, DIFFERENCE_OF_CLOCK);
    assert_false(rig.engine->venues[0].differs);
    assert_true(rig.engine->instruments[1].differs);
}

/* ---- cut and absurd ---- */

static void every_cut_is_refused(void **state)
{
    size_t length;
    (void)state;
    put();
    for (length = 0; length < size; length++) {
        assert_int_equal(take(length), TURRET_ECORRUPT);
        assert_string_equal(why.text, "the saved state ends too early");
    }
    assert_int_equal(take(size), TURRET_OK);
}

/* Refused with this text; what was spoilt is put in order again. */
static void refused(const char *text)
{
    put();
    assert_int_equal(take(size), TURRET_ECORRUPT);
    assert_string_equal(why.text, text);
}

static void differences_that_are_absurd_are_refused(void **state)
{
    struct reconciliation good = *kept();
    const char *text = "the snapshot's difference 1 is absurd";
    uint32_t i;
    (void)state;
    for (i = 0; i < 7; i++) {
        struct difference *one = &kept()->open[0];
        *kept() = good;
        one->kind = i == 0 ? 0 : i == 1 ? DIFFERENCE_OF_CLOCK + 1 : one->kind;
        one->policy = i == 2 ? RECONCILE_ALARM + 1 : one->policy;
        one->halts = i == 3 ? 3 : one->halts;
        one->end = i == 4 ? DIFFERENCE_AGREED : one->end;
        if (i == 5)
            memset(one->text, 'x', sizeof one->text);
        if (i == 6)
            kept()->next_id = 0; /* it has not been given yet */
        refused(text);
    }
}

static void differences_of_nowhere_are_left_out(void **state)
{
    (void)state;
    kept()->open[0].venue = 1;
    kept()->open[1].instrument = 3;
    kept()->early[0].venue = 1;
    put();
    assert_int_equal(take(size), TURRET_OK);
    assert_int_equal(kept()->open_count, 1);
    assert_int_equal(kept()->open[0].kind, DIFFERENCE_OF_CLOCK);
    assert_int_equal(kept()->early_count, 0);
}

static void the_rest_that_is_absurd_is_refused(void **state)
{
    struct reconciliation good = *kept();
    (void)state;
    memset(kept()->early[0].bust.execution_id, 'x', sizeof kept()->early[0].bust.execution_id);
    refused("a bust in the snapshot is absurd");
    *kept() = good;
    memset(kept()->early[0].bust.new_execution_id, 'x',
           sizeof kept()->early[0].bust.new_execution_id);
    refused("a bust in the snapshot is absurd");
    *kept() = good;
    rig.engine->venues[0].skew_doubt_ns = -1;
    refused("a venue's clock in the snapshot is absurd");
    rig.engine->venues[0].skew_doubt_ns = 3;
    *kept() = good;
    rig.engine->instruments[1].agreed = -1;
    refused("a time in the snapshot is absurd");
    rig.engine->instruments[1].agreed = EVENT_TIME_MAX + 1;
    refused("a time in the snapshot is absurd");
    rig.engine->instruments[1].agreed = EVENT_TIME_MAX;
    put();
    assert_int_equal(take(size), TURRET_OK);
}

/* The counts are read before anything of what they count. */
static void more_than_there_is_room_for_is_refused(void **state)
{
    uint32_t count = RECONCILE_OPEN + 1;
    const size_t open_at = 16, early_at = 20; /* behind two numbers of 64 bits */
    uint32_t was[2];
    (void)state;
    put();
    memcpy(was, bytes + open_at, sizeof was);
    assert_true(was[0] == 3 && was[1] == 1);
    memcpy(bytes + open_at, &count, sizeof count);
    assert_int_equal(take(size), TURRET_ECORRUPT);
    assert_string_equal(why.text, "the snapshot has 257 differences");
    memcpy(bytes + open_at, was, sizeof was);
    count = RECONCILE_EARLY + 1;
    memcpy(bytes + early_at, &count, sizeof count);
    assert_int_equal(take(size), TURRET_ECORRUPT);
    assert_int_equal(kept()->early_count, 0);
}

/* ---- busts ---- */

static void a_bust_waits_at_its_own_venue(void **state)
{
    struct event event = rig_event(&rig, EVENT_BUST);
    struct turret_report_bust taken;
    (void)state;
    (void)snprintf(event.u.bust.execution_id, 40, "early");
    event.venue = 1;
    assert_true(reconcile_keep_bust(rig.engine, &event));
    assert_int_equal(kept()->early_count, 2); /* the same name at another venue */
    assert_false(reconcile_take_bust(rig.engine, 2, "early", &taken));
    assert_false(reconcile_take_bust(rig.engine, 0, "other", &taken));
    assert_true(reconcile_take_bust(rig.engine, 0, "early", &taken));
    assert_string_equal(taken.execution_id, "early");
    assert_int_equal(kept()->early_count, 1);
    assert_int_equal(kept()->early[0].venue, 1);
    assert_string_equal(kept()->early[0].bust.execution_id, "early");
    event.u.bust.execution_id[0] = 0; /* of nothing */
    assert_false(reconcile_keep_bust(rig.engine, &event));
}

/* ---- what the session asks for ---- */

static void a_venue_is_suspected_for_what_is_its_own(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    rig_close(&rig);
    o.venues = 2;
    rig_open(&rig, &o);
    position_is(0, 7);
    assert_true(engine_suspects(rig.engine, 0));
    assert_false(engine_suspects(rig.engine, 1));
    position_is(0, 0);
    cash_is(1);
    assert_true(engine_suspects(rig.engine, 0));
    assert_false(engine_suspects(rig.engine, 1));
    cash_is(engine_account(rig.engine, 0)->cash);
    assert_false(engine_suspects(rig.engine, 0));
}

static uint64_t unknown_at(uint32_t which)
{
    struct turret_order_request request =
        rig_request(rig.instrument[which], TURRET_SIDE_BUY, 1, 9000);
    struct event event = rig_event(&rig, EVENT_ACK);
    uint64_t id = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    event.venue = (uint16_t)which;
    event.u.ack.order_id = id;
    event.u.ack.kind = TURRET_REQUEST_SUBMIT;
    event.u.ack.request = 1;
    event.u.ack.outcome = TURRET_OUTCOME_UNKNOWN;
    engine_ingest(rig.engine, &event);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_UNKNOWN);
    return id;
}

/* Two not-founds after the deadline, and the position has not agreed since. */
static void a_position_is_asked_for_when_it_could_prove_an_absence(void **state)
{
    struct rig_options o = rig_defaults();
    uint64_t id, working;
    (void)state;
    rig_close(&rig);
    o.venues = 2;
    rig_open(&rig, &o);
    working = rig_order(&rig, 0, TURRET_SIDE_BUY, 1, 9000);
    assert_false(engine_needs_position(rig.engine, 0));
    id = unknown_at(0);
    assert_false(engine_needs_position(rig.engine, 0)); /* not asked for yet */
    rig_missed(&rig, id);
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_false(engine_needs_position(rig.engine, 0));
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_true(engine_needs_position(rig.engine, 0));
    assert_false(engine_needs_position(rig.engine, 1));
    position_is(0, 0);
    assert_false(engine_needs_position(rig.engine, 0)); /* it is proven */
    rig.engine->instruments[1].agreed = 0;
    order_table_find(rig.engine->orders, id)->seen |= ORDER_SEEN_AT_VENUE;
    assert_false(engine_needs_position(rig.engine, 0)); /* no position would prove it */
    assert_int_equal(engine_order(rig.engine, working)->state, TURRET_STATE_SENT);
}

static void one_venues_orders_ask_for_no_others_position(void **state)
{
    struct rig_options o = rig_defaults();
    uint64_t id;
    (void)state;
    rig_close(&rig);
    o.venues = 2;
    rig_open(&rig, &o);
    (void)unknown_at(1);
    id = unknown_at(0);
    rig_missed(&rig, id);
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    rig_ack(&rig, id, TURRET_REQUEST_QUERY, 1, TURRET_OUTCOME_NOT_FOUND);
    assert_true(engine_needs_position(rig.engine, 0));
    assert_false(engine_needs_position(rig.engine, 1));
}

#define KEPT_TEST(name) cmocka_unit_test_setup_teardown(name, open_kept, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        KEPT_TEST(all_of_it_is_taken_again),
        KEPT_TEST(a_venue_that_told_no_time_is_remembered),
        KEPT_TEST(numbers_are_those_of_the_new_configuration),
        KEPT_TEST(what_stopped_the_venue_stops_it_again),
        KEPT_TEST(what_is_of_a_venue_that_is_gone_is_gone),
        KEPT_TEST(what_had_no_room_is_kept),
        KEPT_TEST(what_is_gone_stops_nothing),
        KEPT_TEST(the_cash_of_a_currency_that_is_gone_stops_nothing),
        KEPT_TEST(every_cut_is_refused),
        KEPT_TEST(differences_that_are_absurd_are_refused),
        KEPT_TEST(differences_of_nowhere_are_left_out),
        KEPT_TEST(the_rest_that_is_absurd_is_refused),
        KEPT_TEST(more_than_there_is_room_for_is_refused),
        KEPT_TEST(a_bust_waits_at_its_own_venue),
        KEPT_TEST(a_venue_is_suspected_for_what_is_its_own),
        KEPT_TEST(a_position_is_asked_for_when_it_could_prove_an_absence),
        KEPT_TEST(one_venues_orders_ask_for_no_others_position),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
