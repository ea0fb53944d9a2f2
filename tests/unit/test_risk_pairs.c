/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that two reduce-only orders which are a pair may both be at a venue that has stops itself:
 * they count as the larger of them against the position, and never less; all else counts whole.
 */
#include "held_bench.h"

static int with_stops(int status)
{
    rig.engine->venues[0].caps.order_types |= 1u << TURRET_ORDER_STOP;
    hold(BUY, 100, "held");
    return status;
}

static int set_up_with_stops(void **state)
{
    return with_stops(set_up(state));
}

static int set_up_two_with_stops(void **state)
{
    return with_stops(set_up_two(state));
}

static struct turret_order_request target_of(turret_qty qty)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_LIMIT, qty);
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.limit_price = 10500;
    return request;
}

static struct turret_order_request stop_for(turret_qty qty, uint64_t oco)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, qty);
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.stop_price = 9500;
    request.oco = oco;
    return request;
}

static uint64_t passes(struct turret_order_request request)
{
    uint64_t id = ask(request);
    assert_int_equal(at(id)->denial, DENY_NONE);
    rig_check_reservations(&rig);
    return id;
}

static void fails(struct turret_order_request request)
{
    assert_int_equal(at(ask(request))->denial, DENY_REDUCE_ONLY);
}

/* Whether a change of it leaves. */
static bool may_become(uint64_t id, turret_qty qty)
{
    uint32_t before = rig.command_count;
    changes(id, qty, 0, 0);
    if (rig.command_count == before)
        return false;
    rig_state_of(&rig, id, TURRET_STATE_ACCEPTED, qty, 0, 0);
    rig_ack(&rig, id, TURRET_REQUEST_MODIFY, at(id)->request_version, TURRET_OUTCOME_OK);
    assert_int_equal(at(id)->qty, qty);
    return true;
}

static void a_target_and_a_stop_of_the_whole(void **state)
{
    uint64_t target = passes(target_of(100)), stop;
    (void)state;
    fails(stop_for(100, 0)); /* which are no pair */
    stop = passes(stop_for(100, target));
    is(stop, TURRET_STATE_SENT);
    assert_int_equal(rig_own(&rig, 0, 0)->open_sell, 200); /* the worst case has both */
    fails(target_of(1));
    rig_fill(&rig, target, "part", SELL, 40, 10500);
    assert_int_equal(sent()->kind, COMMAND_MODIFY);
    assert_int_equal(sent()->order.order_id, stop);
    assert_int_equal(sent()->order.qty, 60);
}

static void the_larger_of_both_counts(void **state)
{
    struct turret_order_request other = want(SELL, TURRET_ORDER_LIMIT, 30);
    uint64_t target, stop;
    (void)state;
    other.limit_price = 10400;
    (void)passes(other);
    target = passes(target_of(50));
    fails(stop_for(71, target));
    stop = passes(stop_for(70, target)); /* 30 and 70 */
    fails(target_of(1));
    cancels(stop);
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 70, 0, 0);
    fails(target_of(21));
    target = passes(target_of(20)); /* 30, 50 and 20 */
    (void)passes(stop_for(10, target));
    fails(target_of(1));
}

/* A pair for each half, as brackets of two entries are: each counts once, for what comes, too. */
static void every_pair_counts_once(void **state)
{
    uint64_t first = passes(target_of(50)), third = passes(target_of(20));
    (void)state;
    (void)passes(stop_for(40, first));
    (void)passes(stop_for(30, third));
    fails(target_of(21)); /* 50, 30 and 20 */
    third = passes(target_of(20));
    fails(stop_for(21, third));
    (void)passes(stop_for(20, third));
    fails(target_of(1));
}

static uint64_t asks_too(struct turret_order_request request)
{
    uint64_t id = turret_submit(rig.self[1], &request);
    rig_turn(&rig);
    assert_int_equal(at(id)->denial, DENY_NONE);
    return id;
}

static void pairs_elsewhere_and_of_others_take_nothing_off(void **state)
{
    struct turret_order_request elsewhere = target_of(100);
    (void)state;
    elsewhere.flags = 0;
    elsewhere.instrument = rig.instrument[1];
    elsewhere.oco = passes(elsewhere);
    (void)passes(elsewhere);
    rig_fill(&rig, asks_too(want(BUY, TURRET_ORDER_MARKET, 100)), "theirs", BUY, 100, 10000);
    (void)asks_too(stop_for(100, asks_too(target_of(100))));
    (void)passes(target_of(100));
    fails(target_of(100));
}

/* Above and below the market, of which neither reduces. */
static void one_of_the_other_side_takes_nothing_off(void **state)
{
    struct turret_order_request down = target_of(50), up = want(BUY, TURRET_ORDER_LIMIT, 50);
    (void)state;
    down.flags = 0;
    up.limit_price = 9500;
    down.oco = passes(up);
    (void)passes(down);
    fails(target_of(51));
    (void)passes(target_of(50));
}

static void of_a_short_the_same(void **state)
{
    struct turret_order_request target = target_of(100), stop;
    (void)state;
    trades(SELL, 200, "turned");
    target.side = BUY;
    target.limit_price = 9500;
    stop = stop_for(101, passes(target));
    stop.side = BUY;
    stop.stop_price = 10500;
    fails(stop);
    stop.qty = 100;
    (void)passes(stop);
}

static void a_change_of_one_is_held_against_the_other(void **state)
{
    uint64_t target = passes(target_of(60)), stop = passes(stop_for(60, target));
    (void)state;
    taken(target);
    taken(stop);
    assert_false(may_become(stop, 101));
    assert_true(may_become(stop, 100));
    assert_true(may_become(target, 100));
    assert_false(may_become(target, 101));
}

static void one_that_ended_is_no_pair(void **state)
{
    uint64_t target = passes(target_of(50)), stop = passes(stop_for(50, target));
    (void)state;
    taken(stop);
    cancels(target);
    rig_state_of(&rig, target, TURRET_STATE_CANCELED, 50, 0, 0);
    (void)passes(target_of(50));
    assert_false(may_become(stop, 51));
}

/* Not even to nothing: there is no position that it could reduce. */
static void without_a_position_it_is_not_changed(void **state)
{
    uint64_t stop = passes(stop_for(60, 0));
    (void)state;
    taken(stop);
    rig_fill(&rig, stop, "stopped", SELL, 30, 9500);
    trades(SELL, 70, "flat");
    assert_false(may_become(stop, 30));
    assert_int_equal(rig.last_denial, DENY_REDUCE_ONLY);
}

/* What the host holds and only closes counts nothing before it is sent. */
static void what_is_held_is_not_taken_off(void **state)
{
    struct turret_order_request other = want(SELL, TURRET_ORDER_LIMIT, 60);
    struct turret_order_request target = target_of(50);
    (void)state;
    rig.engine->venues[0].caps.order_types &= ~(1u << TURRET_ORDER_STOP);
    other.limit_price = 10400;
    (void)passes(other);
    target.oco = passes(stop_for(40, 0));
    is(target.oco, TURRET_STATE_HELD);
    fails(target);
    target.qty = 40;
    (void)passes(target);
    fails(target_of(1)); /* 60 and 40 are at the venue */
}

/* As the rows of an older version may say: of such two each may fill in full. */
static void one_that_is_anothers_is_no_pair(void **state)
{
    uint64_t target = passes(target_of(50)), stop = passes(stop_for(50, target));
    struct order *row = order_table_find(rig.engine->orders, target);
    (void)state;
    row->oco = 0;
    fails(target_of(50));
    row->oco = target;
    fails(target_of(50));
    row->oco = stop;
    (void)passes(target_of(50));
    taken(stop);
    row->oco = target;
    assert_false(may_become(stop, 49)); /* 50, 50 and this one */
    row->oco = stop;
    assert_true(may_become(stop, 49));
}

/* Shown in parts by the host: each of them is of the pair, and one that is nobody's is not. */
static void a_target_in_parts(void **state)
{
    struct turret_order_request target = target_of(100);
    uint64_t whole, part;
    (void)state;
    target.display_qty = 40;
    whole = passes(target);
    part = sent()->order.order_id;
    (void)passes(stop_for(100, whole));
    fails(target_of(1));
    rig_fill(&rig, part, "part", SELL, 40, 10500);
    part = sent()->order.order_id;
    assert_int_equal(at(part)->parent, whole);
    is(part, TURRET_STATE_SENT); /* 60 are left of both */
    rig_check_reservations(&rig);
}

/* The stop filled some before it was to be less. */
static void a_target_in_parts_and_a_stop_that_filled(void **state)
{
    struct turret_order_request target = target_of(100);
    uint64_t whole, part, stop;
    (void)state;
    target.display_qty = 40;
    whole = passes(target);
    part = sent()->order.order_id;
    stop = passes(stop_for(100, whole));
    rig_fill(&rig, stop, "stopped", SELL, 20, 9500);
    assert_int_equal(at(whole)->qty, 80);
    rig_fill(&rig, part, "part", SELL, 40, 10500);
    assert_int_equal(at(stop)->pending_qty, 60);
    part = sent()->order.order_id;
    assert_int_equal(at(part)->parent, whole);
    assert_int_equal(sent()->order.qty, 40);
}

/* Whatever place of the table the other is at. */
static void the_oldest_order_is_seen(void **state)
{
    (void)state;
    rig.engine->venues[0].caps.order_types |= 1u << TURRET_ORDER_STOP;
    strategy_position(rig.engine, &rig.engine->strategies[0], rig.instrument[0])->qty = 100;
    (void)passes(stop_for(100, passes(target_of(100))));
}

static void a_stop_first_and_a_target_in_parts(void **state)
{
    struct turret_order_request target = target_of(100);
    uint64_t stop = passes(stop_for(100, 0));
    (void)state;
    target.display_qty = 40;
    target.oco = stop;
    (void)passes(target);
    assert_int_equal(sent()->kind, COMMAND_SUBMIT);
    assert_int_equal(sent()->order.qty, 40);
    fails(target_of(1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_with_stops, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_target_and_a_stop_of_the_whole),
        TEST(the_larger_of_both_counts),
        TEST(every_pair_counts_once),
        cmocka_unit_test_setup_teardown(pairs_elsewhere_and_of_others_take_nothing_off,
                                        set_up_two_with_stops, tear_down),
        TEST(one_of_the_other_side_takes_nothing_off),
        TEST(of_a_short_the_same),
        TEST(a_change_of_one_is_held_against_the_other),
        TEST(one_that_ended_is_no_pair),
        TEST(without_a_position_it_is_not_changed),
        TEST(what_is_held_is_not_taken_off),
        TEST(one_that_is_anothers_is_no_pair),
        TEST(a_target_in_parts),
        TEST(a_target_in_parts_and_a_stop_that_filled),
        cmocka_unit_test_setup_teardown(the_oldest_order_is_seen, set_up, tear_down),
        TEST(a_stop_first_and_a_target_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
