/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a snapshot is refused, with a text that names it, when the engine could not go on with
 * one of its amounts or ids; nor with a working order whose strategy left its instrument.
 */
#include "engine_rig.h"

static struct rig rig;

static void spoil_account(struct engine *engine)
{
    engine->accounts[0].cash = AMOUNT_MAX + 1;
}

static void spoil_strategy(struct engine *engine)
{
    engine->strategies[1].equity.trough = INT64_MIN;
}

static void spoil_position(struct engine *engine)
{
    engine->positions[engine->instruments[1].account_position].value = INT64_MAX;
}

static void spoil_next_order(struct engine *engine)
{
    engine->next_order_id = ORDER_ID_END;
}

static void spoil_epoch(struct engine *engine)
{
    engine->epoch = ORDER_EPOCH_END;
}

static void spoil_held_order(struct engine *engine)
{
    uint32_t cursor = 0;
    struct order *order = order_table_next(engine->orders, &cursor);
    order->id = UINT64_MAX;
    order->held = 1;
}

static void spoil_indicator(struct engine *engine)
{
    engine->indicators[0].slot.ready = 1;
    engine->indicators[0].slot.value[1] = NAN;
}

static int restore_spoilt(void (*spoil)(struct engine *engine), struct turret_error *err)
{
    struct rig_options o = rig_defaults();
    uint8_t bytes[65536];
    uint64_t id;
    size_t size;
    int status;
    o.strategies = 2;
    rig_script.use[0] = "mean(6)";
    rig_open(&rig, &o);
    id = rig_order(&rig, 1, TURRET_SIDE_BUY, 12, 0);
    rig_fill(&rig, id, "one", TURRET_SIDE_BUY, 12, 10000);
    (void)rig_order(&rig, 1, TURRET_SIDE_BUY, 5, 9000);
    spoil(rig.engine);
    size = engine_snapshot(rig.engine, bytes, sizeof bytes);
    assert_in_range(size, 1, sizeof bytes);
    rig_close(&rig);
    (void)rig_build(&rig, &o, err);
    status = engine_preload(rig.engine, bytes, size, err);
    if (!status)
        status = engine_start(rig.engine, TURRET_REASON_RESTART, err);
    if (!status)
        status = engine_restore(rig.engine, bytes, size, err);
    rig_close(&rig);
    return status;
}

static void spoil_nothing(struct engine *engine)
{
    (void)engine;
}

static void what_cannot_be_gone_on_with_is_refused(void **state)
{
    static const struct {
        void (*spoil)(struct engine *engine);
        const char *text;
    } spoilt[] = {
        {spoil_account, "the snapshot's account 0 is absurd"},
        {spoil_strategy, "the snapshot's strategy 1 is absurd"},
        {spoil_position, "the snapshot's position 0 is absurd"},
        {spoil_next_order, "the snapshot's event 10 is absurd"},
        {spoil_indicator, "the snapshot's indicator 0 is absurd"},
        {spoil_epoch, "the snapshot's event 10 is absurd"},
        {spoil_held_order, "the snapshot's order 18446744073709551615 is absurd"},
    };
    struct turret_error err = {0};
    size_t i;
    (void)state;
    assert_int_equal(restore_spoilt(spoil_nothing, &err), TURRET_OK);
    for (i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
        memset(&err, 0, sizeof err);
        assert_int_equal(restore_spoilt(spoilt[i].spoil, &err), TURRET_ECORRUPT);
        assert_string_equal(err.text, spoilt[i].text);
    }
}

/* A working order is of a position: without its instrument its strategy could not go on with it. */
static void a_strategy_that_left_its_instrument_is_refused(void **state)
{
    struct rig_options o = rig_defaults();
    struct turret_order_request request;
    struct turret_error err = {0};
    uint8_t bytes[65536];
    size_t size;
    uint64_t id;
    (void)state;
    rig_open(&rig, &o);
    request = rig_request(rig.instrument[1], TURRET_SIDE_BUY, 5, 9000);
    id = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_SENT);
    size = engine_snapshot(rig.engine, bytes, sizeof bytes);
    assert_in_range(size, 1, sizeof bytes);
    rig_close(&rig);
    (void)rig_build(&rig, &o, &err);
    assert_int_equal(engine_preload(rig.engine, bytes, size, &err), TURRET_OK);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, &err), TURRET_OK);
    rig.engine->strategies[0].instrument_count = 1; /* it is on the first one alone */
    assert_int_equal(engine_restore(rig.engine, bytes, size, &err), TURRET_EINVAL);
    assert_non_null(strstr(err.text, "is not on its instrument any more; put it back"));
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_gone_on_with_is_refused),
        cmocka_unit_test(a_strategy_that_left_its_instrument_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
