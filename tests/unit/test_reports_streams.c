/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that why a venue's stream is lost is told of a venue that was never ready, too, once for
 * each reason, and as an alarm where orders or positions are left unwatched.
 */
#include "reports_bench.h"

static void lose(uint32_t status, const char *why)
{
    struct event event = rig_event(&rig, EVENT_STREAM);
    event.venue = 0;
    event.u.stream.status = status;
    (void)snprintf(event.u.stream.text, sizeof event.u.stream.text, "%s", why);
    engine_ingest(rig.engine, &event);
}

static void hold(uint32_t instrument, turret_qty qty)
{
    struct engine *engine = rig.engine;
    engine->positions[engine->instruments[rig.instrument[instrument]].account_position].qty = qty;
}

static void never_ready(void)
{
    rig.engine->venues[0].ready = rig.engine->venues[0].complete = false;
}

static void each_reason_is_told_once(void **state)
{
    (void)state;
    never_ready();
    lose(TURRET_STREAM_CONNECTING, "");
    assert_int_equal(rig.notices[NOTICE_LOG], 0); /* it says nothing new */
    lose(TURRET_STREAM_DOWN, "refused");
    assert_int_equal(rig.notices[NOTICE_LOG], 1);
    assert_string_equal(rig.last_notice[NOTICE_LOG],
                        "venue venue0 is down: refused; nothing trades there");
    lose(TURRET_STREAM_CONNECTING, ""); /* tried again */
    lose(TURRET_STREAM_DOWN, "refused");
    assert_int_equal(rig.notices[NOTICE_LOG], 1);
    lose(TURRET_STREAM_DOWN, "no such file");
    assert_int_equal(rig.notices[NOTICE_LOG], 2);
    lose(TURRET_STREAM_DOWN, "refused");
    assert_int_equal(rig.notices[NOTICE_LOG], 3);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
}

static void a_loss_of_what_was_ready_is_told_again(void **state)
{
    (void)state;
    lose(TURRET_STREAM_DOWN, "hung up");
    rig_connect(&rig);
    lose(TURRET_STREAM_DOWN, "hung up");
    assert_int_equal(rig.notices[NOTICE_LOG], 2);
    rig_connect(&rig);
    lose(TURRET_STREAM_CONNECTING, "");
    assert_int_equal(rig.notices[NOTICE_LOG], 3);
    assert_string_equal(rig.last_notice[NOTICE_LOG], "venue venue0 connects; nothing trades there");
    lose(TURRET_STREAM_DOWN, "hung up");
    assert_int_equal(rig.notices[NOTICE_LOG], 4);
    rig_download(&rig, 0, 0, TURRET_OK);
    rig_download(&rig, 0, 1, TURRET_EIO); /* it was not whole */
    lose(TURRET_STREAM_DOWN, "hung up");
    assert_int_equal(rig.notices[NOTICE_LOG], 4);
    rig_connect(&rig);
    rig_download(&rig, 0, 0, TURRET_OK); /* one more, in which it is lost */
    lose(TURRET_STREAM_DOWN, "hung up");
    assert_int_equal(rig.notices[NOTICE_LOG], 5);
}

static void a_reason_of_an_earlier_session_is_told_again(void **state)
{
    struct event event;
    uint32_t i;
    (void)state;
    two_venues();
    for (i = 0; i < 2; i++) {
        event = rig_event(&rig, EVENT_STREAM);
        event.venue = (uint16_t)i;
        event.u.stream.status = TURRET_STREAM_DOWN;
        (void)snprintf(event.u.stream.text, sizeof event.u.stream.text, "refused");
        rig.engine->venues[i].ready = false;
        engine_ingest(rig.engine, &event);
        assert_int_equal(rig.notices[NOTICE_LOG], 2 * i + 1);
        event = rig_event(&rig, EVENT_SESSION);
        event.u.session.epoch = rig.engine->epoch + 1;
        engine_ingest(rig.engine, &event);
        event = rig_event(&rig, EVENT_STREAM);
        event.venue = (uint16_t)i;
        event.u.stream.status = TURRET_STREAM_DOWN;
        (void)snprintf(event.u.stream.text, sizeof event.u.stream.text, "refused");
        engine_ingest(rig.engine, &event);
        assert_int_equal(rig.notices[NOTICE_LOG], 2 * i + 2);
    }
}

static void what_is_left_there_makes_it_an_alarm(void **state)
{
    (void)state;
    two_venues();
    hold(1, 7); /* of the other venue */
    lose(TURRET_STREAM_DOWN, "hung up");
    assert_int_equal(rig.notices[NOTICE_LOG], 1);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    hold(0, -7);
    lose(TURRET_STREAM_DOWN, "refused");
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_string_equal(rig.last_notice[NOTICE_ALARM],
                        "venue venue0 is down: refused; nothing trades there");
    hold(0, 0);
    rig_connect(&rig);
    (void)accepted(5);
    lose(TURRET_STREAM_STALE, "says nothing");
    assert_int_equal(rig.notices[NOTICE_ALARM], 2);
    assert_int_equal(rig.notices[NOTICE_LOG], 1);
}

static void the_last_instrument_counts(void **state)
{
    (void)state;
    hold(1, 1);
    assert_true(engine_venue_exposed(rig.engine, 0));
    hold(1, 0);
    assert_false(engine_venue_exposed(rig.engine, 0));
    assert_false(engine_venue_downloading(rig.engine, 0));
    rig_download(&rig, 0, 0, TURRET_OK);
    assert_true(engine_venue_downloading(rig.engine, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(each_reason_is_told_once),
        ENGINE_TEST(a_loss_of_what_was_ready_is_told_again),
        ENGINE_TEST(a_reason_of_an_earlier_session_is_told_again),
        ENGINE_TEST(what_is_left_there_makes_it_an_alarm),
        ENGINE_TEST(the_last_instrument_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
