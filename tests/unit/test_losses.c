/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what a strategy did in a callback that was lost is taken back, what it did before
 * stays, and that calls are counted by event, those while it starts apart.
 */
#include "engine_rig.h"

static struct rig rig;

static int open_rig(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.strategies = 2;
    rig_open(&rig, &o);
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    rig_check_reservations(&rig);
    rig_close(&rig);
    return 0;
}

static void does(turret_qty target, turret_time_ns timer, double score)
{
    assert_int_equal(turret_target(rig.self[0], rig.instrument[0], target, "as told"), 1);
    assert_int_equal(turret_timer(rig.self[0], 3, timer), TURRET_OK);
    turret_score(rig.self[0], rig.instrument[0], score, "as told");
}

static void test_taken_back(void **unused)
{
    struct strategy *strategy = &rig.engine->strategies[0];
    const struct position *position = &rig.engine->positions[strategy->first_position];
    struct engine_view view;
    uint64_t next;
    (void)unused;
    does(5, rig.time + 1000, 0.5);
    rig_turn(&rig);
    next = rig.engine->next_order_id;
    assert_int_equal(engine_enter_runner(rig.self[0]), ENGINE_CALL);
    does(7, rig.time + 2000, -0.5);
    engine_lose(rig.self[0], 1, "is gone");
    assert_int_equal(position->target, 5);
    assert_int_equal(position->has_target, POSITION_TARGET);
    assert_int_equal(strategy->timers[3], rig.time + 1000);
    assert_int_equal(rig.engine->intent_count, 0);
    assert_int_equal(rig.engine->next_order_id, next);
    engine_view_strategy(rig.engine, 0, &view);
    assert_true(view.lost && view.run == STRATEGY_FAULT);
    assert_true(view.score.score > 0.4 && view.score.score < 0.6);
    assert_string_equal(view.fault, "is gone");
}

static void test_counted(void **unused)
{
    struct incarnation *code = rig.engine->strategies[1].acting;
    struct engine_view view;
    (void)unused;
    for (uint32_t i = 1; i <= 3; i++) {
        (void)engine_enter_runner(rig.self[1]);
        (void)engine_enter_runner(rig.self[0]); /* another's do not count */
        engine_view_strategy(rig.engine, 1, &view);
        assert_int_equal(view.call.call, i);
        assert_int_equal(view.call.strategy, 1);
        assert_int_equal(view.call.at, engine_sequence(rig.engine));
    }
    code->starting = true;
    (void)engine_enter_runner(rig.self[1]);
    engine_view_strategy(rig.engine, 1, &view);
    assert_int_equal(view.call.call, 1);
    assert_int_equal(view.call.starting, 1);
    code->starting = false;
    rig_bar(&rig, rig.instrument[0], 10000);
    (void)engine_enter_runner(rig.self[1]);
    engine_view_strategy(rig.engine, 1, &view);
    assert_int_equal(view.call.call, 1);
    assert_int_equal(view.call.at, engine_sequence(rig.engine));
}

/* Of what a journal tells, in any order, just that call is lost; one of a start is made again. */
static void test_told(void **unused)
{
    uint64_t at = engine_sequence(rig.engine);
    struct event_loss losses[] = {{at + 1, 0, 1, 0, 0},
                                  {at, 1, 2, 0, 0},
                                  {at, 0, 2, 0, 0},
                                  {at, 1, 1, 1, 0},
                                  {at, 0, 3, 1, 0}};
    (void)unused;
    engine_sort_losses(losses, sizeof losses / sizeof *losses);
    rig.engine->recorded = true;
    rig.engine->options.losses = losses;
    rig.engine->options.loss_count = sizeof losses / sizeof *losses;
    assert_int_equal(engine_enter_runner(rig.self[0]), ENGINE_CALL_AGAIN);
    assert_int_equal(engine_enter_runner(rig.self[0]), ENGINE_CALL_LOST);
    assert_int_equal(engine_enter_runner(rig.self[0]), ENGINE_CALL_AGAIN);
    rig.engine->strategies[1].acting->starting = true;
    assert_int_equal(engine_enter_runner(rig.self[1]), ENGINE_CALL);
    rig.engine->strategies[1].acting->starting = false;
    rig.engine->recorded = false;
    assert_int_equal(engine_enter_runner(rig.self[1]), ENGINE_CALL);
    assert_int_equal(engine_enter_runner(rig.self[1]), ENGINE_CALL); /* nothing is replayed */
    rig.engine->options.loss_count = 0;
}

/* What a start asked for that was lost then, and was not now, is no difference. */
static void test_asked_for_this_time(void **unused)
{
    (void)unused;
    rig.engine->recorded = true;
    for (uint32_t other = 0; other <= 1; other++) {
        struct event event = rig_event(&rig, EVENT_LOSS);
        does(5, 0, 0);
        event.u.loss.strategy = other;
        engine_ingest(rig.engine, &event);
        assert_int_equal(engine_intent_mismatches(rig.engine), other);
    }
    rig.engine->recorded = false;
}

static void loses_in_timer(struct turret_strategy *self, uint32_t timer_id, turret_time_ns now)
{
    (void)now;
    if (timer_id != 1)
        return;
    (void)engine_enter_runner(self);
    engine_lose(self, 0, "is gone");
}

/* The one whose call was lost, and those due behind it: they ring when it is begun anew. */
static void test_due_timers(void **unused)
{
    struct strategy *strategy = &rig.engine->strategies[0];
    struct turret_strategy_type type = *strategy->acting->type;
    const struct turret_strategy_type *old = strategy->acting->type;
    turret_time_ns due = rig.time + 1;
    (void)unused;
    type.on_timer = loses_in_timer;
    strategy->acting->type = &type;
    rig.engine->any_timers = true;
    for (uint32_t timer = 0; timer <= 2; timer++)
        assert_int_equal(turret_timer(rig.self[0], timer, due), TURRET_OK);
    rig.time += 10;
    rig_turn(&rig);
    strategy->acting->type = old;
    assert_int_equal(strategy->run, STRATEGY_FAULT);
    assert_int_equal(strategy->timers[0], 0);
    assert_int_equal(strategy->timers[1], due);
    assert_int_equal(strategy->timers[2], due);
}

/* What was denied inside the lost callback was not. */
static void test_denials(void **unused)
{
    struct strategy *strategy = &rig.engine->strategies[0];
    uint64_t next = rig.engine->next_order_id, before = strategy->denials;
    (void)unused;
    (void)engine_enter_runner(rig.self[0]);
    rig.engine->next_order_id = ((next >> 32) + 1) << 32; /* all of this start are given */
    assert_int_equal(turret_target(rig.self[0], rig.instrument[0], 5, "none is left"), 0);
    assert_int_equal(strategy->denials, before + 1);
    engine_lose(rig.self[0], 0, "is gone");
    rig.engine->next_order_id = next;
    assert_int_equal(strategy->denials, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_taken_back, open_rig, close_rig),
        cmocka_unit_test_setup_teardown(test_counted, open_rig, close_rig),
        cmocka_unit_test_setup_teardown(test_told, open_rig, close_rig),
        cmocka_unit_test_setup_teardown(test_asked_for_this_time, open_rig, close_rig),
        cmocka_unit_test_setup_teardown(test_due_timers, open_rig, close_rig),
        cmocka_unit_test_setup_teardown(test_denials, open_rig, close_rig),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
