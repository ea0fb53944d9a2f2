/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what becomes of an order that an algorithm works when its strategy wishes for less or for
 * the other side: it is cancelled first, parts included, and only then the host trades for the new
 * wish, by what has filled until then; over a restart and in a replay, too.
 */
#include "execution_case.h"

#define MARKET 0

static int open_worked(void **state)
{
    (void)open_rig(state);
    memcpy(rig.engine->strategies[ASKS].execution, "b1", 3);
    return 0;
}

static void wish(turret_qty qty)
{
    (void)turret_target(rig.self[ASKS], rig.instrument[0], qty, "wish");
    rig_turn(&rig);
}

/* The parent that works for this side; NULL none. */
static const struct order *parent_on(uint8_t side)
{
    const struct order *order;
    uint32_t cursor = 0;
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL)
        if (order->algorithm && order->side == side && order_is_working(order))
            return order;
    return NULL;
}

static uint64_t bought_part(turret_qty qty, turret_price limit_price)
{
    return part_of(parent_on(TURRET_SIDE_BUY)->id, qty, limit_price);
}

static uint64_t newest_parent(void)
{
    const struct order *order;
    uint64_t newest = 0;
    uint32_t cursor = 0;
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL)
        if (order->algorithm && order->id > newest)
            newest = order->id;
    assert_true(newest != 0);
    return newest;
}

static void without_parts_it_is_gone_at_once(void **state)
{
    (void)state;
    wish(100);
    wish(30);
    assert_int_equal(parent_on(TURRET_SIDE_BUY)->qty, 30);
    assert_int_equal(rig.engine->positions[0].open_buy, 30);
    wish(-20);
    assert_null(parent_on(TURRET_SIDE_BUY));
    assert_int_equal(parent_on(TURRET_SIDE_SELL)->qty, 20);
    wish(-50); /* more of the same */
    assert_int_equal(rig.engine->positions[0].open_sell, 50);
    wish(0);
    assert_null(parent_on(TURRET_SIDE_SELL));
    assert_null(parent_on(TURRET_SIDE_BUY));
    rig_check_reservations(&rig);
}

static void parts_are_cancelled_first(void **state)
{
    uint64_t parent, first, second;
    (void)state;
    wish(100);
    parent = parent_on(TURRET_SIDE_BUY)->id;
    first = bought_part(40, MARKET);
    rig_fill(&rig, first, "1", TURRET_SIDE_BUY, 40, 10000);
    second = bought_part(30, 9900);
    wish(-50);
    assert_int_equal(engine_order(rig.engine, second)->request, TURRET_REQUEST_PENDING_CANCEL);
    assert_null(parent_on(TURRET_SIDE_SELL)); /* not both */
    wish(-50);                                /* said again: it stands */
    rig_fill(&rig, second, "2", TURRET_SIDE_BUY, 10, 9900);
    assert_null(parent_on(TURRET_SIDE_SELL));
    rig_state_of(&rig, second, TURRET_STATE_CANCELED, 30, 10, 0);
    assert_int_equal(state_of(parent), TURRET_STATE_CANCELED);
    assert_int_equal(parent_on(TURRET_SIDE_SELL)->qty, 100); /* from 50 bought to 50 sold */
    assert_true(parent_on(TURRET_SIDE_SELL)->by_target);
    rig_check_reservations(&rig);
}

static void the_newest_wish_counts(void **state)
{
    uint64_t part;
    (void)state;
    wish(100);
    part = bought_part(60, 9900);
    wish(-50);
    wish(100); /* back again, while the cancel is on its way */
    wish(80);
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 0, 0);
    assert_null(parent_on(TURRET_SIDE_SELL));
    assert_int_equal(parent_on(TURRET_SIDE_BUY)->qty, 80);
}

/* By what it sells on its own it stands where it wishes to: nothing is to be traded for it. */
static void a_wish_that_is_met_leaves_the_parent(void **state)
{
    struct turret_order_request request =
        rig_request(rig.instrument[0], TURRET_SIDE_SELL, 40, 11000);
    uint64_t parent, own;
    (void)state;
    wish(100);
    parent = parent_on(TURRET_SIDE_BUY)->id;
    memset(rig.engine->strategies[ASKS].execution, 0, ENGINE_NAME_MAX); /* this one goes as it is */
    own = asks(ASKS, &request);
    memcpy(rig.engine->strategies[ASKS].execution, "b1", 3);
    assert_int_equal(state_of(own), TURRET_STATE_SENT);
    wish(60);
    assert_int_equal(state_of(parent), TURRET_STATE_HELD);
    assert_int_equal(engine_order(rig.engine, parent)->qty, 100);
    assert_null(parent_on(TURRET_SIDE_SELL));
    rig_check_reservations(&rig);
}

static void what_it_names_works_its_orders_but_no_stops(void **state)
{
    struct turret_order_request request = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 10, 0);
    uint64_t id;
    (void)state;
    assert_int_equal(state_of(asks(ASKS, &request)), TURRET_STATE_HELD);
    request = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 10, 9000);
    assert_int_equal(state_of(asks(ASKS, &request)), TURRET_STATE_HELD);
    request = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 10, 0);
    request.type = TURRET_ORDER_STOP;
    request.stop_price = 11000;
    id = asks(ASKS, &request);
    assert_int_equal(state_of(id), TURRET_STATE_SENT); /* to its venue, which has stops */
    assert_int_equal(engine_order(rig.engine, id)->algorithm, 0);
    request = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 10, 0);
    memcpy(request.execution, "nobody", 7);
    assert_int_equal(denial_of(asks(WORKS, &request)), DENY_EXECUTION);
}

static void all_of_its_parents_are_cancelled(void **state)
{
    uint64_t first, second;
    (void)state;
    wish(100);
    first = bought_part(100, 9900);
    wish(150); /* another parent, for the rest */
    second = part_of(newest_parent(), 50, 9900);
    wish(-50);
    assert_int_equal(engine_order(rig.engine, first)->request, TURRET_REQUEST_PENDING_CANCEL);
    assert_int_equal(engine_order(rig.engine, second)->request, TURRET_REQUEST_PENDING_CANCEL);
    rig_state_of(&rig, first, TURRET_STATE_CANCELED, 100, 0, 0);
    assert_null(parent_on(TURRET_SIDE_SELL)); /* the other one may still fill */
    rig_state_of(&rig, second, TURRET_STATE_CANCELED, 50, 0, 0);
    assert_int_equal(parent_on(TURRET_SIDE_SELL)->qty, 50);
    rig_check_reservations(&rig);
}

/* What others wish for, and what it wishes for elsewhere, goes on. */
static void only_its_own_parents_give_way(void **state)
{
    struct rig_options o = rig_defaults();
    uint64_t first, elsewhere, others;
    (void)state;
    rig_close(&rig);
    o.strategies = 3;
    rig_open(&rig, &o);
    memcpy(rig.engine->strategies[ASKS].execution, "b1", 3);
    memcpy(rig.engine->strategies[2].execution, "b1", 3);
    wish(100);
    first = newest_parent();
    (void)turret_target(rig.self[ASKS], rig.instrument[1], 70, "elsewhere");
    rig_turn(&rig);
    elsewhere = newest_parent();
    (void)turret_target(rig.self[2], rig.instrument[0], 30, "another's");
    rig_turn(&rig);
    others = newest_parent();
    assert_true(first < elsewhere && elsewhere < others);
    wish(-50);
    assert_int_equal(state_of(first), TURRET_STATE_CANCELED);
    assert_int_equal(state_of(elsewhere), TURRET_STATE_HELD);
    assert_int_equal(state_of(others), TURRET_STATE_HELD);
    assert_int_equal(parent_on(TURRET_SIDE_SELL)->qty, 50);
    rig_check_reservations(&rig);
}

static void who_was_stopped_wishes_no_more(void **state)
{
    uint64_t part;
    (void)state;
    wish(100);
    part = bought_part(60, 9900);
    wish(-50);
    rig_control(&rig, CONTROL_STOP_STRATEGY, ASKS, 0);
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 0, 0);
    assert_null(parent_on(TURRET_SIDE_SELL));
    assert_int_equal(rig_own(&rig, ASKS, 0)->has_target, POSITION_NO_TARGET);
}

static void who_was_stopped_is_told_what_is_given_up(void **state)
{
    uint32_t before = rig.notices[NOTICE_DENIED];
    uint64_t part;
    (void)state;
    wish(100);
    part = bought_part(60, 9900);
    wish(-50);
    rig_control(&rig, CONTROL_STOP_STRATEGY, ASKS, 0);
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 0, 0);
    assert_int_equal(rig.notices[NOTICE_DENIED], before + 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "a0: its wish to hold -50 of "));
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "is given up: the strategy does not "));
}

/* Paused is not stopped: what it wished for before is traded for when it goes on. */
static void who_is_paused_wishes_still(void **state)
{
    uint32_t before = rig.notices[NOTICE_DENIED];
    uint64_t part;
    (void)state;
    wish(100);
    part = bought_part(60, 9900);
    wish(-50);
    rig_control(&rig, CONTROL_PAUSE_STRATEGY, ASKS, 0);
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 0, 0);
    rig_turn(&rig);
    assert_null(parent_on(TURRET_SIDE_SELL));
    assert_int_equal(rig_own(&rig, ASKS, 0)->has_target, POSITION_TARGET_WAITS);
    rig_control(&rig, CONTROL_START_STRATEGY, ASKS, 0);
    rig_turn(&rig);
    assert_int_equal(parent_on(TURRET_SIDE_SELL)->qty, 50);
    assert_int_equal(rig_own(&rig, ASKS, 0)->has_target, POSITION_TARGET);
    assert_int_equal(rig.notices[NOTICE_DENIED], before);
    rig_check_reservations(&rig);
}

/* Nor does it wait for ever for what cannot be asked for. */
static void a_wish_without_an_order_id_is_given_up(void **state)
{
    uint64_t part, next;
    (void)state;
    wish(100);
    part = bought_part(60, 9900);
    wish(-50);
    next = rig.engine->next_order_id;
    rig.engine->next_order_id = UINT64_C(9) << 32; /* the counter is used up */
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 0, 0);
    rig_turn(&rig);
    assert_int_equal(rig_own(&rig, ASKS, 0)->has_target, POSITION_NO_TARGET);
    assert_null(parent_on(TURRET_SIDE_SELL));
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED],
                           "is given up: no order id is left before the next start"));
    rig.engine->next_order_id = next;
}

/* The strategy asked for as much as it may in the event in which its turn comes. */
static void a_wish_that_is_one_too_many_is_given_up(void **state)
{
    struct turret_order_request request = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 1, 9000);
    uint64_t part;
    uint32_t i;
    (void)state;
    wish(100);
    part = bought_part(60, 9900);
    wish(-50);
    for (i = 0; i < ENGINE_TURN_INTENTS; i++)
        assert_int_not_equal(turret_submit(rig.self[ASKS], &request), 0);
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 0, 0);
    assert_int_equal(rig_own(&rig, ASKS, 0)->has_target, POSITION_NO_TARGET);
    assert_non_null(
        strstr(rig.last_notice[NOTICE_DENIED], "is given up: too many intents at once"));
}

/* Once stopped it is given up, paused before or not. */
static void paused_and_then_stopped_is_stopped(void **state)
{
    uint32_t before = rig.notices[NOTICE_DENIED];
    uint64_t part;
    (void)state;
    wish(100);
    part = bought_part(60, 9900);
    wish(-50);
    rig_control(&rig, CONTROL_PAUSE_STRATEGY, ASKS, 0);
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 0, 0);
    rig_control(&rig, CONTROL_STOP_STRATEGY, ASKS, 0);
    rig_turn(&rig);
    assert_int_equal(rig_own(&rig, ASKS, 0)->has_target, POSITION_NO_TARGET);
    assert_int_equal(rig.notices[NOTICE_DENIED], before + 1);
}

static void what_was_submitted_stays(void **state)
{
    uint64_t parent = parent_of(100, 0); /* no wish */
    (void)state;
    wish(50);
    assert_int_equal(state_of(parent), TURRET_STATE_HELD);
}

static struct event journal[256];
static uint32_t journaled;

static void on_journal(void *context, const struct event *event)
{
    (void)context;
    assert_true(journaled < 256);
    journal[journaled++] = *event;
}

static uint8_t *picture(size_t *size)
{
    uint8_t *bytes;
    *size = engine_snapshot(rig.engine, NULL, 0);
    bytes = malloc(*size);
    assert_non_null(bytes);
    (void)engine_snapshot(rig.engine, bytes, *size);
    return bytes;
}

/* A second engine: from a picture, or from nothing, and what was journaled from there on. */
static void compare(const uint8_t *from, size_t from_size, uint32_t first, const uint8_t *end,
                    size_t end_size)
{
    struct rig_options o = rig_defaults();
    struct turret_error err = {0};
    uint8_t *again;
    size_t size;
    uint32_t i;
    o.strategies = 2;
    o.engine.recorded_intents = true;
    (void)rig_build(&rig, &o, &err);
    memcpy(rig.engine->strategies[ASKS].execution, "b1", 3);
    assert_int_equal(engine_preload(rig.engine, from, from_size, &err), TURRET_OK);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, &err), TURRET_OK);
    assert_int_equal(engine_restore(rig.engine, from, from_size, &err), TURRET_OK);
    for (i = first; i < journaled; i++) {
        struct event event = journal[i];
        engine_ingest(rig.engine, &event);
    }
    again = picture(&size);
    assert_int_equal(size, end_size);
    assert_memory_equal(again, end, size);
    free(again);
    rig_close(&rig);
}

static void a_wish_that_waits_is_part_of_the_state(void **state)
{
    uint8_t *middle, *end;
    size_t middle_size, end_size;
    uint64_t part;
    (void)state;
    wish(100);
    part = bought_part(60, 9900);
    wish(-50);
    assert_int_equal(rig_own(&rig, ASKS, 0)->has_target, POSITION_TARGET_WAITS);
    middle = picture(&middle_size);
    journaled = 0;
    rig.engine->sink.journal = on_journal;
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 60, 0, 0);
    assert_int_equal(parent_on(TURRET_SIDE_SELL)->qty, 50);
    assert_int_equal(journal[journaled - 1].type,
                     EVENT_INTENT); /* it is asked for in the journal */
    end = picture(&end_size);
    rig_close(&rig);
    compare(middle, middle_size, 0, end, end_size);
    free(middle);
    free(end);
    (void)open_worked(state); /* for the tear-down */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_worked, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_wish_that_is_met_leaves_the_parent),
        TEST(what_it_names_works_its_orders_but_no_stops),
        TEST(all_of_its_parents_are_cancelled),
        TEST(only_its_own_parents_give_way),
        TEST(without_parts_it_is_gone_at_once),
        TEST(parts_are_cancelled_first),
        TEST(the_newest_wish_counts),
        TEST(who_was_stopped_wishes_no_more),
        TEST(who_was_stopped_is_told_what_is_given_up),
        TEST(who_is_paused_wishes_still),
        TEST(paused_and_then_stopped_is_stopped),
        TEST(what_was_submitted_stays),
        TEST(a_wish_that_waits_is_part_of_the_state),
        TEST(a_wish_without_an_order_id_is_given_up),
        TEST(a_wish_that_is_one_too_many_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
