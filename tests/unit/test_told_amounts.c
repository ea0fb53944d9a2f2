/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what people are told of quantities, prices and money is decimal text as they write it:
 * of an instrument whose quantities count thousandths, and of cash. A denial by a trading state
 * says which one it is, and of what.
 */
#include "reconcile_case.h"

static int open_parts(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.def.qty_scale = 3;
    rig_open(&rig, &o);
    return 0;
}

static bool told(uint32_t kind, const char *part)
{
    bool found_it = strstr(rig.last_notice[kind], part) != NULL;
    if (!found_it)
        print_error("told: %s\n", rig.last_notice[kind]);
    return found_it;
}

static void denied_order(void **state)
{
    struct turret_order_request request =
        rig_request(rig.instrument[0], TURRET_SIDE_BUY, INT64_MAX / 2, 0);
    (void)state;
    (void)turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    assert_true(told(NOTICE_DENIED, "a0: buy market 4611686018427387.903: "));
}

static void denied_by_state(const char *name, uint32_t scope, const char *text)
{
    struct event event = rig_event(&rig, EVENT_CONTROL);
    uint64_t id;
    event.u.control.kind = CONTROL_TRADING_STATE;
    event.u.control.target = scope;
    event.u.control.value = TRADING_HALTED;
    (void)snprintf(event.u.control.name, sizeof event.u.control.name, "%s", name);
    engine_ingest(rig.engine, &event);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 500, 0);
    assert_int_equal(engine_order(rig.engine, id)->denial, DENY_TRADING_STATE);
    assert_string_equal(engine_order(rig.engine, id)->venue_reason, text);
    assert_true(told(NOTICE_DENIED, text));
    event.u.control.kind = CONTROL_TRADING_RESUME;
    event.u.control.value = TRADING_ACTIVE;
    engine_ingest(rig.engine, &event);
}

static void denied_by_a_state(void **state)
{
    (void)state;
    denied_by_state("venue0", TRADING_VENUE, "venue venue0 is HALTED");
    denied_by_state("a0", TRADING_STRATEGY, "strategy a0 is HALTED");
    assert_int_equal(engine_trading_count(rig.engine), 0);
    rig_turn(&rig);
    rig.engine->strategies[0].denied[DENY_TRADING_STATE] = 0; /* it is told again */
    denied_by_state("", TRADING_ALL, "everything is HALTED");
}

static void fills_beyond_the_order(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 500, 0);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 500, 10000);
    rig_fill(&rig, id, "b", TURRET_SIDE_BUY, 25, 10000);
    assert_true(told(NOTICE_ALARM, "filled 0.525 of 0.5: more than asked for"));
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 2000, 0);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_REJECTED);
    rig_fill(&rig, id, "c", TURRET_SIDE_BUY, 1250, 10000);
    assert_true(told(NOTICE_ALARM, "was REJECTED and filled 1.25 after that"));
}

static void adopted_differences(void **state)
{
    turret_money ours = engine_account(rig.engine, 0)->cash;
    (void)state;
    rig_download(&rig, 0, 0, TURRET_OK);
    position_is(0, 1500);
    cash_is(ours - INT64_C(5412500000));
    rig_download(&rig, 0, 1, TURRET_OK);
    decide(CONTROL_ADOPT, 0, rig.instrument[0]);
    assert_true(told(NOTICE_ALARM, "the venue's 1.5 is taken for 0: "));
    decide(CONTROL_ADOPT, 0, 0);
    assert_true(told(NOTICE_ALARM, "the venue's 999945.875 is taken for 1000000: "));
}

static void position_beyond_money(void **state)
{
    uint64_t id = rig_order(&rig, 0, TURRET_SIDE_BUY, 1500, 0);
    (void)state;
    rig_fill(&rig, id, "a", TURRET_SIDE_BUY, 1500, 10000);
    market_mark(rig.engine, &rig.engine->instruments[rig.instrument[0]], INT64_MAX / 4);
    assert_true(told(NOTICE_ALARM, "S0.venue0: position 1.5 at 23058430092136939.51 does not fit"));
    market_mark(rig.engine, &rig.engine->instruments[rig.instrument[0]], 10000);
}

static void both_of_a_pair(void **state)
{
    struct turret_order_request request =
        rig_request(rig.instrument[0], TURRET_SIDE_BUY, 1500, 9900);
    uint64_t one = turret_submit(rig.self[0], &request), other;
    (void)state;
    rig_turn(&rig);
    request.oco = one;
    other = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    rig_fill(&rig, one, "a", TURRET_SIDE_BUY, 1500, 9900);
    rig_fill(&rig, other, "b", TURRET_SIDE_BUY, 700, 9900);
    assert_true(told(NOTICE_ALARM, "cancel each other and both filled, 2.2 of 1.5: "));
}

/* What the build beside asks for with each bar. */
static struct turret_order_request asked_beside;
static turret_qty wished_beside;

static void beside_asks(struct turret_strategy *self, const struct turret_bar *bar)
{
    if (!((struct incarnation *)(void *)self)->shadow)
        return;
    if (asked_beside.qty > 0)
        (void)turret_submit(self, &asked_beside);
    else
        (void)turret_target(self, bar->instrument, wished_beside, "");
}

static void wishes_of_a_shadow(void **state)
{
    struct event event = rig_event(&rig, EVENT_SWAP);
    const struct turret_param_value number = {1, TURRET_PARAM_TYPE_INT, 0, 0.0, NULL};
    const struct engine_build with = {.strategy = &rig_strategy, .params = &number};
    (void)state;
    memset(&asked_beside, 0, sizeof asked_beside);
    rig_script.on_bar = beside_asks;
    event.u.swap.kind = TURRET_KIND_STRATEGY;
    event.u.swap.phase = SWAP_PREPARE;
    event.u.swap.shadow = 1;
    assert_int_equal(engine_swap(rig.engine, &event, &with, NULL), TURRET_OK);
    wished_beside = -2500;
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_true(told(NOTICE_SHADOW, " says nothing, "));
    assert_true(told(NOTICE_SHADOW, " says target -2.5 of S0"));
    asked_beside = rig_request(rig.instrument[0], TURRET_SIDE_BUY, 1500, 9950);
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_true(told(NOTICE_SHADOW, " says buy limit 1.5 of S0 at 99.5"));
    asked_beside.instrument = 99;
    rig_bar(&rig, rig.instrument[0], 10000);
    assert_true(told(NOTICE_SHADOW, " says buy limit 1500 of no instrument at 9950"));
    event.u.swap.phase = SWAP_ABORT;
    assert_int_equal(engine_swap(rig.engine, &event, &with, NULL), TURRET_OK);
}

#define PARTS_TEST(name) cmocka_unit_test_setup_teardown(name, open_parts, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PARTS_TEST(denied_order),           PARTS_TEST(denied_by_a_state),
        PARTS_TEST(fills_beyond_the_order), PARTS_TEST(adopted_differences),
        PARTS_TEST(position_beyond_money),  PARTS_TEST(both_of_a_pair),
        PARTS_TEST(wishes_of_a_shadow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
