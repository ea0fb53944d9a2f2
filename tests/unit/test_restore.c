/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a snapshot is refused, with a text that names it, when the engine could not go on with
 * one of its amounts or ids; nor with a working order whose strategy left its instrument; nor with
 * a position whose strategy is gone, has another plugin or left its instrument, unless it is listed
 * as disowned or the journal has it that it was let go.
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

static struct order *first_order(struct engine *engine)
{
    uint32_t cursor = 0;
    return order_table_next(engine->orders, &cursor);
}

static void spoil_held_order(struct engine *engine)
{
    struct order *order = first_order(engine);
    order->id = UINT64_MAX;
    order->held = 1;
}

static void spoil_updated(struct engine *engine)
{
    first_order(engine)->updated = INT64_MAX;
}

static void spoil_created(struct engine *engine)
{
    first_order(engine)->created = -1;
}

static void spoil_indicator(struct engine *engine)
{
    engine->indicators[0].slot.ready = 1;
    engine->indicators[0].slot.value[1] = NAN;
}

static void spoil_instrument(struct engine *engine)
{
    engine->positions[engine->strategies[0].first_position].instrument = 0;
}

static void spoil_instrument_above(struct engine *engine)
{
    engine->positions[engine->strategies[0].first_position].instrument =
        engine->instrument_count + 1;
}

/* ---- what risk remembers of the second strategy ---- */

static struct conduct *conduct_of(struct engine *engine)
{
    struct conduct *conduct = &engine->strategies[1].conduct;
    conduct->recent_count = CONDUCT_RECENT; /* the most there is, which is good */
    conduct->recent_next = CONDUCT_RECENT - 1;
    return conduct;
}

static void spoil_nothing_of_it(struct engine *engine)
{
    (void)conduct_of(engine);
}

static void spoil_next(struct engine *engine)
{
    conduct_of(engine)->recent_next = CONDUCT_RECENT;
}

static void spoil_next_far(struct engine *engine)
{
    conduct_of(engine)->recent_next = UINT32_MAX;
}

static void spoil_count(struct engine *engine)
{
    conduct_of(engine)->recent_count = CONDUCT_RECENT + 1;
}

static void spoil_stopped(struct engine *engine)
{
    conduct_of(engine)->stopped_by_fills = 2;
}

static void spoil_loss(struct engine *engine)
{
    conduct_of(engine)->last_loss = -1;
}

static void spoil_recent(struct engine *engine)
{
    conduct_of(engine)->recent[CONDUCT_RECENT - 1].time = -1;
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
        {spoil_updated, "the snapshot's order 1 is absurd"},
        {spoil_created, "the snapshot's order 1 is absurd"},
        {spoil_instrument, "the snapshot's position 2 is absurd"},
        {spoil_instrument_above, "the snapshot's position 2 is absurd"},
        {spoil_next, "the snapshot's memory of strategy 1 is absurd"},
        {spoil_next_far, "the snapshot's memory of strategy 1 is absurd"},
        {spoil_count, "the snapshot's memory of strategy 1 is absurd"},
        {spoil_stopped, "the snapshot's memory of strategy 1 is absurd"},
        {spoil_loss, "the snapshot's memory of strategy 1 is absurd"},
        {spoil_recent, "the snapshot's memory of strategy 1 is absurd"},
    };
    struct turret_error err = {0};
    size_t i;
    (void)state;
    assert_int_equal(restore_spoilt(spoil_nothing, &err), TURRET_OK);
    assert_int_equal(restore_spoilt(spoil_nothing_of_it, &err), TURRET_OK);
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

/* ---- positions of strategies that are gone ---- */

#define GONE_OTHERWISE(name)                                                                       \
    ", or close the position first; if it shall stay with the account, take the name " name        \
    " out of strategies and list it in disowned"

struct gone {
    struct rig_options before, after;
    turret_qty held;    /* by the second strategy, which is b1 */
    turret_qty first;   /* by the first one */
    bool other_plugin;  /* b1 ran another one */
    bool left;          /* b1 is on the second instrument alone */
    const char *symbol; /* of the first instrument, before; NULL: the same as after */
};

static struct gone gone_defaults(void)
{
    struct gone gone = {.before = rig_defaults(), .after = rig_defaults(), .held = 12};
    gone.before.strategies = 2;
    gone.before.def.qty_scale = gone.after.def.qty_scale = 1;
    return gone;
}

static void hold(uint32_t strategy, turret_qty qty, const char *execution)
{
    uint8_t side = qty > 0 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
    turret_qty size = qty > 0 ? qty : -qty;
    if (qty != 0)
        rig_fill(&rig, rig_order(&rig, strategy, side, size, 0), execution, side, size, 10000);
}

/* The rig is left as it is then. */
static int restore_gone(const struct gone *gone, struct turret_error *err)
{
    struct turret_strategy_type other = rig_strategy;
    uint8_t bytes[65536];
    size_t size;
    int status;
    rig_open(&rig, &gone->before);
    hold(0, gone->first, "first");
    hold(1, gone->held, "second");
    other.id = "test.other";
    if (gone->other_plugin)
        rig.engine->strategies[1].acting->type = &other;
    if (gone->symbol)
        (void)snprintf(rig.engine->instruments[1].def.symbol, 32, "%s", gone->symbol);
    size = engine_snapshot(rig.engine, bytes, sizeof bytes);
    assert_in_range(size, 1, sizeof bytes);
    rig.engine->strategies[1].acting->type = &rig_strategy;
    rig_close(&rig);
    memset(err, 0, sizeof *err);
    (void)rig_build(&rig, &gone->after, err);
    assert_int_equal(engine_preload(rig.engine, bytes, size, err), TURRET_OK);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_PARAMS, err), TURRET_OK);
    if (gone->left) {
        rig.engine->strategies[1].instruments[0] = rig.instrument[1];
        rig.engine->strategies[1].instrument_count = 1;
    }
    status = engine_restore(rig.engine, bytes, size, err);
    if (status)
        rig_close(&rig);
    return status;
}

static void refused(const struct gone *gone, const char *text)
{
    struct turret_error err;
    assert_int_equal(restore_gone(gone, &err), TURRET_EINVAL);
    assert_string_equal(err.text, text);
}

static void a_strategy_with_a_position_cannot_be_gone(void **state)
{
    static const char another[][ENGINE_NAME_MAX] = {"b", "b12"};
    struct gone gone = gone_defaults();
    const char *text = "strategy b1 holds a position of 1.2 in S0.venue0 and is gone from the "
                       "configuration; put it back" GONE_OTHERWISE("b1");
    (void)state;
    refused(&gone, text);
    gone.after.engine.disowned = another;
    gone.after.engine.disowned_count = 2;
    refused(&gone, text);
    gone.held = -7;
    refused(&gone, "strategy b1 holds a position of -0.7 in S0.venue0 and is gone from the "
                   "configuration; put it back" GONE_OTHERWISE("b1"));
}

static void nor_change_its_plugin_nor_leave_the_instrument(void **state)
{
    struct gone gone = gone_defaults();
    (void)state;
    gone.after.strategies = 2;
    gone.other_plugin = true;
    refused(&gone, "strategy b1 holds a position of 1.2 in S0.venue0 and has another plugin now; "
                   "name the one before, or give this one a name of its own" GONE_OTHERWISE("b1"));
    gone.other_plugin = false;
    gone.left = true;
    refused(&gone, "strategy b1 holds a position of 1.2 in S0.venue0 and is not on it any more; "
                   "put it back" GONE_OTHERWISE("b1"));
}

/* Of a gone instrument each holder refuses, also when the account is flat. */
static void nor_can_the_instrument_be_gone(void **state)
{
    static const char disowned[][ENGINE_NAME_MAX] = {"a0", "b1"};
    struct gone gone = gone_defaults();
    struct turret_error err;
    (void)state;
    gone.symbol = "GONE";
    refused(&gone, "instrument GONE.venue0 holds a position of 1.2 and is gone from the "
                   "configuration; put it back, or close the position first");
    gone.first = -12;
    refused(&gone, "strategy a0 holds a position of -1.2 in GONE.venue0 and the instrument is gone "
                   "from the configuration; put it back" GONE_OTHERWISE("a0"));
    gone.after.engine.disowned = disowned;
    gone.after.engine.disowned_count = 2;
    assert_int_equal(restore_gone(&gone, &err), TURRET_OK);
    rig_close(&rig);
}

/* What it held is the account's alone, and orders go on. */
static void check_let_go(const struct gone *gone, turret_qty account)
{
    struct turret_error err;
    assert_int_equal(restore_gone(gone, &err), TURRET_OK);
    assert_int_equal(rig_account_position(&rig, 0)->qty, account);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, gone->first);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
    assert_string_equal(rig.last_notice[NOTICE_ALARM],
                        "strategy b1 is gone from the configuration; what it held, if anything, is "
                        "the account's");
    rig_close(&rig);
}

static void what_is_disowned_flat_or_on_record_is_let_go(void **state)
{
    static const char disowned[][ENGINE_NAME_MAX] = {"z9", "b1"};
    struct gone gone = gone_defaults();
    (void)state;
    gone.first = 5;
    gone.after.engine.disowned = disowned;
    gone.after.engine.disowned_count = 2;
    check_let_go(&gone, 17);
    gone.after.engine.disowned_count = 0;
    gone.after.engine.recorded_intents = true;
    check_let_go(&gone, 17);
    gone.after.engine.recorded_intents = false;
    gone.held = 0;
    check_let_go(&gone, 5);
}

/* It is the same names that are joined: nothing moves to another strategy. */
static void what_stays_configured_keeps_its_position(void **state)
{
    struct gone gone = gone_defaults();
    struct turret_error err;
    (void)state;
    gone.first = -3;
    gone.after.strategies = 3;
    assert_int_equal(restore_gone(&gone, &err), TURRET_OK);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, -3);
    assert_int_equal(rig_own(&rig, 1, 0)->qty, 12);
    assert_int_equal(rig_own(&rig, 2, 0)->qty, 0);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_gone_on_with_is_refused),
        cmocka_unit_test(a_strategy_that_left_its_instrument_is_refused),
        cmocka_unit_test(a_strategy_with_a_position_cannot_be_gone),
        cmocka_unit_test(nor_change_its_plugin_nor_leave_the_instrument),
        cmocka_unit_test(nor_can_the_instrument_be_gone),
        cmocka_unit_test(what_is_disowned_flat_or_on_record_is_let_go),
        cmocka_unit_test(what_stays_configured_keeps_its_position),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
