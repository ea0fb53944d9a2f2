/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows how an order is worked by another strategy: the parent is held and told, its parts are
 * bounded by it in quantity and price, what fills is the asking strategy's and adds up exactly, and
 * nothing goes on when either of both is stopped or nobody of that name is there.
 */
#include "execution_case.h"

#include "core/execution.h"

static void a_parent_is_held_and_told(void **state)
{
    uint64_t parent = parent_of(100, 0);
    (void)state;
    assert_int_equal(state_of(parent), TURRET_STATE_HELD);
    assert_int_equal(heard.parent, parent);
    assert_int_equal(heard.parent_state, TURRET_STATE_HELD);
    assert_int_equal(rig.engine->positions[0].open_buy, 100); /* reserved as if it were sent */
    assert_true(engine_order(rig.engine, parent)->deadline == rig.engine->now + 30 * MONEY_NANO);
    rig_check_reservations(&rig);
}

static void parts_fill_the_parent_of_the_asking_strategy(void **state)
{
    uint64_t parent = parent_of(100, 0), first = part_of(parent, 60, 0), second;
    (void)state;
    assert_int_equal(state_of(first), TURRET_STATE_SENT);
    assert_int_equal(engine_order(rig.engine, first)->strategy, ASKS);
    rig_check_reservations(&rig);
    assert_int_equal(rig.engine->positions[0].open_buy, 100); /* not twice */
    rig_fill(&rig, first, "1", TURRET_SIDE_BUY, 60, 10000);
    assert_int_equal(heard.filled_order, parent);
    assert_int_equal(heard.fills_here, 1);
    assert_int_equal(heard.fills_there, 1);
    assert_int_equal(heard.parent_filled, 60);
    assert_int_equal(held_by(ASKS), 60);
    assert_int_equal(held_by(WORKS), 0);
    second = part_of(parent, 40, 0);
    rig_fill(&rig, second, "2", TURRET_SIDE_BUY, 40, 10010);
    assert_int_equal(state_of(parent), TURRET_STATE_FILLED);
    assert_int_equal(heard.parent_state, TURRET_STATE_FILLED);
    assert_int_equal(engine_order(rig.engine, parent)->filled_qty, 100);
    assert_int_equal(engine_order(rig.engine, parent)->filled_value,
                     INT64_C(1000400) * MONEY_ONE / 100);
    assert_int_equal(held_by(ASKS), 100);
    rig_check_reservations(&rig);
}

static void parts_are_no_more_than_the_parent(void **state)
{
    uint64_t parent = parent_of(100, 0), first = part_of(parent, 60, 0);
    (void)state;
    assert_int_equal(denial_of(part_of(parent, 41, 0)), DENY_PARENT);
    rig_fill(&rig, first, "1", TURRET_SIDE_BUY, 60, 10000);
    assert_int_equal(denial_of(part_of(parent, 41, 0)), DENY_PARENT);
    assert_int_equal(denial_of(part_of(parent, 40, 0)), DENY_NONE);
    rig_check_reservations(&rig);
}

static void what_is_taken_back_of_a_part_is_open_again(void **state)
{
    uint64_t parent = parent_of(100, 0), part = part_of(parent, 60, 0);
    struct event event = rig_event(&rig, EVENT_FILL);
    const struct order *order = engine_order(rig.engine, parent);
    (void)state;
    event.venue = 0;
    event.u.fill.order_id = part;
    event.u.fill.instrument = rig.instrument[0];
    event.u.fill.side = TURRET_SIDE_BUY;
    event.u.fill.qty = 50;
    event.u.fill.price = 10000;
    event.u.fill.fee = MONEY_ONE;
    (void)snprintf(event.u.fill.execution_id, 40, "1");
    engine_ingest(rig.engine, &event);
    assert_int_equal(order->filled_qty, 50);
    assert_true(order->fees == MONEY_ONE && order->filled_value == 5000 * MONEY_ONE);
    event = rig_event(&rig, EVENT_BUST);
    event.venue = 0;
    (void)snprintf(event.u.bust.execution_id, 40, "1");
    engine_ingest(rig.engine, &event);
    assert_int_equal(order->filled_qty, 0);
    assert_true(order->fees == 0 && order->filled_value == 0);
    assert_int_equal(held_by(ASKS), 0);
    assert_int_equal(rig.engine->positions[0].open_buy, 100);
    rig_check_reservations(&rig);
}

static void a_limit_binds_the_parts(void **state)
{
    uint64_t parent = parent_of(100, 9990);
    (void)state;
    assert_int_equal(denial_of(part_of(parent, 10, 0)), DENY_PARENT); /* a market order */
    assert_int_equal(denial_of(part_of(parent, 10, 9991)), DENY_PARENT);
    assert_int_equal(denial_of(part_of(parent, 10, 9990)), DENY_NONE);
    assert_int_equal(denial_of(part_of(parent, 10, 9980)), DENY_NONE);
}

/* Asks for a change of a part and answers whether it leaves. */
static bool changes(uint64_t part, turret_qty qty, turret_price limit_price)
{
    uint32_t before = rig.command_count;
    assert_int_equal(turret_modify(rig.self[WORKS], part, qty, limit_price, 0), TURRET_OK);
    rig_turn(&rig);
    if (rig.command_count == before)
        return false;
    assert_int_equal(rig.commands[before].kind, COMMAND_MODIFY);
    rig_state_of(&rig, part, TURRET_STATE_ACCEPTED, qty ? qty : 60, 0, 0);
    rig_ack(&rig, part, TURRET_REQUEST_MODIFY, engine_order(rig.engine, part)->request_version,
            TURRET_OUTCOME_OK);
    return true;
}

static void changed_parts_stay_within_the_parent(void **state)
{
    uint64_t parent = parent_of(100, 9990), part = part_of(parent, 60, 9980);
    (void)state;
    rig_ack(&rig, part, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    assert_false(changes(part, 101, 0));
    assert_int_equal(rig.last_denial, DENY_PARENT);
    assert_int_equal(rig.engine->strategies[ASKS].denials, 1);
    assert_false(changes(part, 0, 9991)); /* worse than the parent's limit */
    assert_int_equal(rig.last_denial, DENY_PARENT);
    assert_true(changes(part, 60, 9990));
    assert_true(changes(part, 100, 0));
    rig_check_reservations(&rig);
    assert_int_equal(engine_order(rig.engine, parent)->children_qty, 100);
    assert_int_equal(rig.engine->positions[0].open_buy, 100);
}

static void a_change_of_a_part_is_the_asking_strategys(void **state)
{
    uint64_t part = part_of(parent_of(100, 0), 60, 9980);
    (void)state;
    rig_ack(&rig, part, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    rig.engine->strategies[WORKS].limits.max_order_qty_nano = MONEY_NANO;
    assert_true(changes(part, 70, 0));
    rig.engine->strategies[ASKS].limits.max_order_qty_nano = 75 * MONEY_NANO;
    assert_false(changes(part, 80, 0));
    assert_int_equal(rig.last_denial, DENY_ORDER_QTY);
}

static void who_works_it_does_not_change_what_was_wanted(void **state)
{
    uint64_t parent = parent_of(100, 9990);
    (void)state;
    assert_int_equal(turret_modify(rig.self[WORKS], parent, 1000, 0, 0), TURRET_ENOTFOUND);
    assert_int_equal(turret_modify(rig.self[ASKS], parent, 120, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, parent)->qty, 120);
}

static void a_part_is_of_the_same_kind(void **state)
{
    struct turret_order_request request = rig_request(rig.instrument[0], TURRET_SIDE_SELL, 10, 0);
    (void)state;
    request.parent = parent_of(100, 0);
    assert_int_equal(denial_of(asks(WORKS, &request)), DENY_PARENT); /* the other side */
    request.side = TURRET_SIDE_BUY;
    request.instrument = rig.instrument[1];
    assert_int_equal(denial_of(asks(WORKS, &request)), DENY_PARENT);
    request.instrument = rig.instrument[0];
    request.take_profit = 11000;
    assert_int_equal(denial_of(asks(WORKS, &request)), DENY_PARENT); /* exits are the parent's */
    request.take_profit = 0;
    assert_int_equal(denial_of(asks(ASKS, &request)), DENY_PARENT); /* it does not work it */
    request.parent = 12345;
    assert_int_equal(denial_of(asks(WORKS, &request)), DENY_PARENT);
}

static void the_name_has_to_be_there_and_running(void **state)
{
    struct turret_order_request request = wanted(10, 0);
    (void)state;
    memcpy(request.execution, "xx", 3);
    assert_int_equal(denial_of(asks(ASKS, &request)), DENY_EXECUTION);
    memcpy(request.execution, "a0", 3); /* itself */
    assert_int_equal(denial_of(asks(ASKS, &request)), DENY_EXECUTION);
    request = wanted(10, 0); /* a stop is nobody's to work */
    assert_int_equal(denial_of(asks(ASKS, &request)), DENY_NONE);
    request.type = TURRET_ORDER_STOP;
    request.stop_price = 10100;
    assert_int_equal(denial_of(asks(ASKS, &request)), DENY_EXECUTION);
    rig_control(&rig, CONTROL_PAUSE_STRATEGY, WORKS, 0);
    assert_int_equal(denial_of(parent_of(10, 0)), DENY_EXECUTION);
    rig_control(&rig, CONTROL_START_STRATEGY, WORKS, 0);
    assert_int_equal(denial_of(parent_of(10, 0)), DENY_NONE);
}

static void who_can_work_an_order(void **state)
{
    struct turret_strategy_type deaf = rig_strategy;
    struct strategy *works = &rig.engine->strategies[WORKS];
    const struct turret_strategy_type *type = works->acting->type;
    (void)state;
    assert_int_equal(execution_find(rig.engine, "b1", rig.instrument[0]), WORKS);
    assert_int_equal(execution_find(rig.engine, "b1", 99), ENGINE_NONE);
    deaf.on_order = NULL; /* it would never hear of the parent */
    works->acting->type = &deaf;
    assert_int_equal(execution_find(rig.engine, "b1", rig.instrument[0]), ENGINE_NONE);
    works->acting->type = type;
    works->run = STRATEGY_STOPPED;
    assert_int_equal(execution_find(rig.engine, "b1", rig.instrument[0]), ENGINE_NONE);
    works->run = STRATEGY_RUNNING;
}

static void parts_are_plain_orders(void **state)
{
    struct turret_order_request part = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 10, 9980);
    (void)state;
    part.parent = parent_of(100, 9990);
    memcpy(part.execution, "b1", 3); /* to be worked once more */
    assert_int_equal(denial_of(asks(WORKS, &part)), DENY_PARENT);
    part.execution[0] = 0;
    part.stop_loss = 9900;
    assert_int_equal(denial_of(asks(WORKS, &part)), DENY_PARENT);
    part.stop_loss = 0;
    part.stop_trail = 10;
    assert_int_equal(denial_of(asks(WORKS, &part)), DENY_PARENT);
    part.stop_trail = 0;
    part.display_qty = 2; /* what its slices filled was not the parent's: it was bought again */
    assert_int_equal(denial_of(asks(WORKS, &part)), DENY_PARENT);
    part.display_qty = 0;
    part.oco = part_of(part.parent, 10, 9970);
    assert_int_equal(denial_of(asks(WORKS, &part)), DENY_PARENT);
    part.oco = 0;
    part.type = TURRET_ORDER_STOP;
    part.limit_price = 0;
    part.stop_price = 9985;
    assert_int_equal(denial_of(asks(WORKS, &part)), DENY_PARENT); /* without a limit */
    part.type = TURRET_ORDER_STOP_LIMIT;
    part.limit_price = 9990;
    assert_int_equal(denial_of(asks(WORKS, &part)), DENY_NONE);
}

/* Whatever its algorithm says: what the position was is taken back while it works. */
static void a_part_only_reduces_where_its_parent_does(void **state)
{
    struct turret_order_request parent = wanted(10, 0), part;
    struct event bust = rig_event(&rig, EVENT_BUST);
    (void)state;
    rig_fill(&rig, rig_order(&rig, ASKS, TURRET_SIDE_BUY, 10, 0), "1", TURRET_SIDE_BUY, 10, 10000);
    parent.side = TURRET_SIDE_SELL;
    parent.flags = TURRET_ORDER_REDUCE_ONLY;
    part = rig_request(rig.instrument[0], TURRET_SIDE_SELL, 6, 0);
    part.parent = asks(ASKS, &parent);
    assert_int_equal(denial_of(asks(WORKS, &part)), DENY_NONE);
    assert_true(rig.commands[rig.command_count - 1].order.flags == TURRET_ORDER_REDUCE_ONLY);
    bust.venue = 0;
    (void)snprintf(bust.u.bust.execution_id, 40, "1");
    engine_ingest(rig.engine, &bust);
    part.qty = 4;
    assert_int_equal(denial_of(asks(WORKS, &part)), DENY_REDUCE_ONLY); /* it opened a short */
}

/* Whoever names it: it is worked on, also while its slice is taken back for another price. */
static void an_iceberg_is_the_hosts_to_work(void **state)
{
    struct turret_order_request shown = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 60, 9990);
    uint64_t iceberg, slice;
    (void)state;
    shown.display_qty = 10;
    iceberg = asks(ASKS, &shown);
    slice = rig.commands[rig.command_count - 1].order.order_id;
    assert_int_equal(denial_of(part_of(iceberg, 10, 9990)), DENY_PARENT);
    assert_int_equal(rig.last_denied.strategy, WORKS); /* who asked for it hears of it */
    assert_int_equal(heard.children, 1);
    assert_int_equal(state_of(iceberg), TURRET_STATE_HELD);
    assert_int_equal(engine_order(rig.engine, slice)->request, TURRET_REQUEST_NONE);
    assert_int_equal(turret_modify(rig.self[ASKS], iceberg, 0, 9980, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(denial_of(part_of(iceberg, 10, 9980)), DENY_PARENT);
    assert_int_equal(rig.commands[rig.command_count - 1].kind, COMMAND_CANCEL); /* no next one */
    rig_state_of(&rig, slice, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(rig.commands[rig.command_count - 1].order.limit_price, 9980);
    rig_check_reservations(&rig);
}

static void a_date_ends_a_parent(void **state)
{
    struct turret_order_request request = wanted(100, 0);
    uint64_t parent, part;
    (void)state;
    request.tif = TURRET_TIF_GTD;
    request.expires = rig.engine->now + RIG_MINUTE;
    parent = asks(ASKS, &request);
    assert_int_equal(state_of(parent), TURRET_STATE_HELD);
    part = part_of(parent, 10, 0);
    rig_fill(&rig, part, "1", TURRET_SIDE_BUY, 10, 10000);
    rig_bar(&rig, rig.instrument[0], 10000);
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_int_equal(state_of(parent), TURRET_STATE_EXPIRED);
    assert_int_equal(engine_order(rig.engine, parent)->filled_qty, 10);
    assert_int_equal(denial_of(part_of(parent, 10, 0)), DENY_PARENT);
}

static void when_a_parent_is_abandoned(void **state)
{
    struct order *parent = order_table_find(rig.engine->orders, parent_of(100, 0));
    struct strategy *works = &rig.engine->strategies[WORKS];
    (void)state;
    assert_false(execution_is_abandoned(rig.engine, parent));
    works->run = STRATEGY_PAUSED; /* goes on later */
    assert_false(execution_is_abandoned(rig.engine, parent));
    works->run = STRATEGY_STOPPED;
    assert_true(execution_is_abandoned(rig.engine, parent));
    rig.engine->rollback_due = true; /* its last build goes on */
    assert_false(execution_is_abandoned(rig.engine, parent));
    rig.engine->rollback_due = false;
    works->run = STRATEGY_RUNNING;
}

static void a_strategy_may_name_it_for_all_orders(void **state)
{
    struct turret_order_request stop = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 5, 0);
    (void)state;
    memcpy(rig.engine->strategies[ASKS].execution, "b1", 3);
    (void)turret_target(rig.self[ASKS], rig.instrument[0], 30, "wish");
    rig_turn(&rig);
    assert_int_equal(heard.parents, 1);
    assert_int_equal(state_of(heard.parent), TURRET_STATE_HELD);
    stop.type = TURRET_ORDER_STOP;
    stop.stop_price = 10100;
    assert_int_equal(state_of(asks(ASKS, &stop)), TURRET_STATE_SENT); /* is not to wait */
}

static void a_cancel_takes_the_parts_back(void **state)
{
    uint64_t parent = parent_of(100, 0), part = part_of(parent, 60, 9900);
    (void)state;
    assert_int_equal(turret_cancel(rig.self[ASKS], parent), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, part)->request, TURRET_REQUEST_PENDING_CANCEL);
    assert_int_equal(denial_of(part_of(parent, 10, 0)), DENY_PARENT);
    rig_fill(&rig, part, "1", TURRET_SIDE_BUY, 20, 9900); /* on its way */
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 20, 0);
    assert_int_equal(state_of(part), TURRET_STATE_CANCELED);
    assert_int_equal(state_of(parent), TURRET_STATE_CANCELED);
    assert_int_equal(engine_order(rig.engine, parent)->filled_qty, 20);
    assert_int_equal(rig.engine->positions[0].open_buy, 0);
    rig_check_reservations(&rig);
}

static void who_works_it_may_change_and_give_it_back(void **state)
{
    uint64_t parent = parent_of(100, 0), part = part_of(parent, 60, 9900);
    (void)state;
    assert_int_equal(turret_modify(rig.self[ASKS], part, 0, 9910, 0), TURRET_ENOTFOUND);
    assert_int_equal(turret_modify(rig.self[WORKS], part, 0, 9910, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, part)->request, TURRET_REQUEST_PENDING_MODIFY);
    assert_int_equal(turret_cancel(rig.self[WORKS], parent), TURRET_OK);
    rig_turn(&rig);
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 0, 0);
    assert_int_equal(state_of(parent), TURRET_STATE_CANCELED);
}

static void nobody_is_left_to_work_it(void **state)
{
    uint64_t parent = parent_of(100, 0), part = part_of(parent, 60, 9900);
    (void)state;
    rig_control(&rig, CONTROL_STOP_STRATEGY, WORKS, 0);
    assert_int_equal(engine_order(rig.engine, part)->request, TURRET_REQUEST_PENDING_CANCEL);
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 0, 0);
    assert_int_equal(state_of(parent), TURRET_STATE_CANCELED);
}

static void nobody_is_left_to_want_it(void **state)
{
    uint64_t parent = parent_of(100, 0), part = part_of(parent, 60, 9900);
    (void)state;
    rig_control(&rig, CONTROL_STOP_STRATEGY, ASKS, 0);
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 0, 0);
    assert_int_equal(state_of(parent), TURRET_STATE_CANCELED);
}

static void a_restart_knows_who_works_what(void **state)
{
    struct rig_options o = rig_defaults();
    struct turret_error err = {0};
    uint64_t parent = parent_of(100, 0), part = part_of(parent, 60, 9900);
    size_t size = engine_snapshot(rig.engine, NULL, 0);
    uint8_t *bytes = malloc(size);
    (void)state;
    assert_non_null(bytes);
    assert_int_equal(engine_snapshot(rig.engine, bytes, size), size);
    rig_close(&rig);
    o.strategies = 2;
    o.names = "ba"; /* "b" and "a": neither is who it was */
    (void)rig_build(&rig, &o, &err);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, &err), TURRET_OK);
    assert_int_equal(engine_restore(rig.engine, bytes, size, &err), TURRET_EINVAL);
    rig_close(&rig);
    memset(&err, 0, sizeof err);
    o.names = NULL;
    (void)rig_build(&rig, &o, &err);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, &err), TURRET_OK);
    if (engine_restore(rig.engine, bytes, size, &err))
        fail_msg("%s", err.text);
    assert_int_equal(engine_order(rig.engine, parent)->algorithm, WORKS + 1);
    rig_script.on_order = on_order;
    rig_connect(&rig);
    rig_fill(&rig, part, "1", TURRET_SIDE_BUY, 60, 9900);
    assert_int_equal(engine_order(rig.engine, parent)->filled_qty, 60);
    rig_check_reservations(&rig);
    free(bytes);
}

static void change_part(uint64_t part, turret_qty qty, turret_price limit_price)
{
    assert_int_equal(turret_modify(rig.self[WORKS], part, qty, limit_price, 0), TURRET_OK);
    rig_turn(&rig);
}

static void a_changed_part_is_within_its_parent_and_its_limits(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = part_of(parent, 10, 9900);
    (void)state;
    change_part(part, 101, 0);
    assert_int_equal(rig.last_denial, DENY_PARENT);
    change_part(part, 0, 9901);
    assert_int_equal(rig.last_denial, DENY_PARENT);
    assert_int_equal(rig.command_count, 1);
    rig.engine->strategies[ASKS].limits.max_order_qty_nano = 20 * MONEY_NANO;
    change_part(part, 21, 0);
    assert_int_equal(rig.last_denial, DENY_ORDER_QTY);
    assert_int_equal(rig.command_count, 1);
    rig.engine->strategies[ASKS].limits.max_position_nano = 100 * MONEY_NANO;
    change_part(part, 20, 0); /* all of the parent counts once */
    assert_int_equal(rig.command_count, 2);
    assert_int_equal(rig.commands[1].kind, COMMAND_MODIFY);
    rig_check_reservations(&rig);
}

static void a_changed_parent_takes_all_its_parts_back(void **state)
{
    uint64_t parent = parent_of(100, 9900);
    (void)state;
    (void)part_of(parent, 50, 9900);
    (void)part_of(parent, 50, 9900);
    assert_int_equal(turret_modify(rig.self[ASKS], parent, 50, 0, 0), TURRET_OK);
    rig_turn(&rig);
    assert_int_equal(rig.command_count, 4);
    assert_int_equal(rig.commands[2].kind, COMMAND_CANCEL);
    assert_int_equal(rig.commands[3].kind, COMMAND_CANCEL);
}

static void decide(uint32_t trading, const char *name)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    event.u.control.kind = CONTROL_TRADING_STATE;
    event.u.control.target = TRADING_STRATEGY;
    event.u.control.value = trading;
    (void)snprintf(event.u.control.name, sizeof event.u.control.name, "%s", name);
    engine_ingest(rig.engine, &event);
}

static void a_halt_of_the_algorithm_holds_for_its_parts(void **state)
{
    uint64_t parent = parent_of(100, 9900), part = part_of(parent, 10, 9900);
    (void)state;
    decide(TRADING_HALTED, "b1");
    assert_false(engine_may_send(rig.engine, part));
    assert_int_equal(denial_of(part_of(parent, 10, 9900)), DENY_TRADING_STATE);
    decide(TRADING_KILLED, "b1");
    assert_int_equal(engine_order(rig.engine, part)->request, TURRET_REQUEST_PENDING_CANCEL);
}

#define EXECUTION_TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EXECUTION_TEST(a_parent_is_held_and_told),
        EXECUTION_TEST(parts_fill_the_parent_of_the_asking_strategy),
        EXECUTION_TEST(parts_are_no_more_than_the_parent),
        EXECUTION_TEST(what_is_taken_back_of_a_part_is_open_again),
        EXECUTION_TEST(a_limit_binds_the_parts),
        EXECUTION_TEST(changed_parts_stay_within_the_parent),
        EXECUTION_TEST(a_change_of_a_part_is_the_asking_strategys),
        EXECUTION_TEST(who_works_it_does_not_change_what_was_wanted),
        EXECUTION_TEST(a_part_is_of_the_same_kind),
        EXECUTION_TEST(the_name_has_to_be_there_and_running),
        EXECUTION_TEST(who_can_work_an_order),
        EXECUTION_TEST(parts_are_plain_orders),
        EXECUTION_TEST(a_part_only_reduces_where_its_parent_does),
        EXECUTION_TEST(an_iceberg_is_the_hosts_to_work),
        EXECUTION_TEST(a_date_ends_a_parent),
        EXECUTION_TEST(when_a_parent_is_abandoned),
        EXECUTION_TEST(a_strategy_may_name_it_for_all_orders),
        EXECUTION_TEST(a_cancel_takes_the_parts_back),
        EXECUTION_TEST(who_works_it_may_change_and_give_it_back),
        EXECUTION_TEST(nobody_is_left_to_work_it),
        EXECUTION_TEST(nobody_is_left_to_want_it),
        EXECUTION_TEST(a_restart_knows_who_works_what),
        EXECUTION_TEST(a_changed_part_is_within_its_parent_and_its_limits),
        EXECUTION_TEST(a_changed_parent_takes_all_its_parts_back),
        EXECUTION_TEST(a_halt_of_the_algorithm_holds_for_its_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
