/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows where protection begins and ends: the smallest and the largest distance that is one, the
 * smallest settings, positions of one unit, the second instrument, the second strategy; and that an
 * entry which is given its protection is not denied for it.
 */
#include "held_bench.h"

#include "core/protection.h"
#include "core/saved_state.h"

static struct turret_slot range;

static struct protection *guard(uint32_t strategy)
{
    return &rig.engine->strategies[strategy].protection;
}

static int open_two(void **state)
{
    struct rig_options o = rig_defaults();
    uint32_t i;
    (void)state;
    o.strategies = 2;
    o.def.price_scale = 0;
    rig_open(&rig, &o);
    rig.engine->venues[0].caps.order_types = 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT;
    memset(&range, 0, sizeof range);
    range.ready = 1;
    for (i = 0; i < 4; i++)
        rig.engine->strategies[i / 2].acting->range[i % 2] = &range;
    return 0;
}

#define EDGE_TEST(name) cmocka_unit_test_setup_teardown(name, open_two, tear_down)

/* A limit order of the first strategy, as the host has it before risk sees it. */
static struct order draft(uint8_t side, turret_price price)
{
    struct order order;
    memset(&order, 0, sizeof order);
    order.instrument = rig.instrument[0];
    order.side = side;
    order.type = TURRET_ORDER_LIMIT;
    order.qty = 1;
    order.limit_price = price;
    return order;
}

static uint32_t attach(struct order *order)
{
    return protection_attach(rig.engine, &rig.engine->strategies[0], order);
}

/* What stands below a buy at 10^13 for this range; 0: it is denied. */
static turret_price distance(double of)
{
    const turret_price price = INT64_C(10000000000000);
    struct order order = draft(BUY, price);
    range.value[0] = of;
    assert_int_equal(attach(&order), DENY_NONE);
    return price - order.stop_loss;
}

static void distances_are_whole_ticks_and_never_less(void **state)
{
    (void)state;
    guard(0)->atr_period = 14;
    guard(0)->atr_stop_nano = MONEY_NANO;
    assert_int_equal(distance(1), 1);
    assert_int_equal(distance(1.0000000005), 2); /* half a billionth more than a tick */
    assert_int_equal(distance(2), 2);
    guard(0)->atr_stop_nano = 1;
    assert_int_equal(distance(0.5), 1); /* the least there is: half of 10^-9 */
    assert_int_equal(distance(0), 0);
    assert_int_equal(distance(-0.25), 0);
    assert_int_equal(distance(NAN), 0);
}

/* Half of what 64 bits hold is the end, so that price and distance fit together. */
static void a_distance_beyond_prices_is_none(void **state)
{
    const double most = 4611686018427387904.0; /* 2^62, of 10^-9 */
    (void)state;
    guard(0)->atr_period = 14;
    guard(0)->atr_stop_nano = 1;
    assert_int_equal(distance(nextafter(most, 0)), INT64_C(4611686019));
    assert_int_equal(distance(most), 0);
    assert_int_equal(distance(1.5 * most), 0);
    assert_int_equal(distance(INFINITY), 0);
}

static void the_smallest_settings_are_settings(void **state)
{
    struct order order = draft(BUY, 10000);
    (void)state;
    guard(0)->trailing_nano = 1;
    assert_int_equal(attach(&order), DENY_NONE);
    assert_int_equal(order.stop_trail, 1);
    guard(0)->trailing_nano = 0;
    guard(0)->trailing_ppm = 1;
    order = draft(BUY, 10000);
    assert_int_equal(attach(&order), DENY_NONE);
    assert_int_equal(order.stop_trail, 1);
    guard(0)->trailing_ppm = 0;
    guard(0)->atr_period = 1;
    guard(0)->atr_stop_nano = MONEY_NANO;
    guard(0)->atr_target_nano = 1;
    range.value[0] = 3;
    order = draft(BUY, 10000);
    assert_int_equal(attach(&order), DENY_NONE);
    assert_int_equal(order.stop_loss, 9997);
    assert_int_equal(order.take_profit, 10001);
}

static void the_smallest_and_the_largest_price(void **state)
{
    struct order order = draft(SELL, 1);
    (void)state;
    guard(0)->trailing_nano = MONEY_NANO;
    assert_int_equal(attach(&order), DENY_NONE);
    assert_int_equal(order.stop_trail, 1);
    order = draft(SELL, PRICE_MAX);
    assert_int_equal(attach(&order), DENY_NONE);
    assert_int_equal(order.stop_trail, 1);
    order = draft(SELL, PRICE_MAX + 1);
    assert_int_equal(attach(&order), DENY_PRICE);
    guard(0)->trailing_nano = 0; /* nothing is to be beyond it */
    assert_int_equal(attach(&order), DENY_NONE);
}

static void the_largest_trail(void **state)
{
    struct order order = draft(SELL, 10000);
    (void)state;
    rig.engine->instruments[rig.instrument[0]].def.price_scale = 6;
    guard(0)->trailing_nano = PRICE_MAX * 1000;
    assert_int_equal(attach(&order), DENY_NONE);
    assert_true(order.stop_trail == PRICE_MAX);
    order = draft(SELL, 10000);
    guard(0)->trailing_nano++;
    assert_int_equal(attach(&order), DENY_PRICE);
}

/* It asks for no price of an instrument that the strategy is not on. */
static void an_unknown_instrument_gets_nothing(void **state)
{
    struct order order = draft(BUY, 10000);
    (void)state;
    guard(0)->trailing_nano = MONEY_NANO;
    order.instrument = 99;
    assert_int_equal(attach(&order), DENY_NONE);
    assert_int_equal(order.stop_trail, 0);
}

static void fill_on(uint32_t which, uint64_t id, uint8_t side, turret_qty qty)
{
    static uint32_t executions;
    struct event event = rig_event(&rig, EVENT_FILL);
    event.venue = 0;
    event.u.fill.order_id = id;
    event.u.fill.instrument = rig.instrument[which];
    event.u.fill.side = side;
    event.u.fill.qty = qty;
    event.u.fill.price = 10000;
    (void)snprintf(event.u.fill.execution_id, 40, "e%u", executions++);
    engine_ingest(rig.engine, &event);
}

/* A position of a strategy's; answers its entry. */
static uint64_t holds(uint32_t strategy, uint32_t which, uint8_t side, turret_qty qty)
{
    struct turret_order_request request = want(side, TURRET_ORDER_MARKET, qty);
    uint64_t id;
    request.instrument = rig.instrument[which];
    id = turret_submit(rig.self[strategy], &request);
    rig_turn(&rig);
    fill_on(which, id, side, qty);
    return id;
}

/* Closing the last unit is no entry; of the second instrument its own position counts. */
static void what_closes_is_told_by_the_position_of_its_instrument(void **state)
{
    struct order order = draft(BUY, 10000);
    (void)state;
    holds(0, 0, SELL, 1);
    holds(0, 1, BUY, 10);
    guard(0)->trailing_nano = MONEY_NANO;
    assert_int_equal(attach(&order), DENY_NONE);
    assert_int_equal(order.stop_trail, 0);
    holds(1, 1, BUY, 5);
    guard(1)->trailing_nano = MONEY_NANO;
    order = draft(SELL, 10000);
    order.instrument = rig.instrument[1];
    order.qty = 5;
    assert_int_equal(protection_attach(rig.engine, &rig.engine->strategies[1], &order), DENY_NONE);
    assert_int_equal(order.stop_trail, 0);
    order.qty = 6;
    assert_int_equal(protection_attach(rig.engine, &rig.engine->strategies[1], &order), DENY_NONE);
    assert_int_equal(order.stop_trail, 1);
}

static const struct holding *held(uint32_t strategy, uint32_t which)
{
    return &rig.engine->strategies[strategy].holdings[which];
}

static void one_unit_is_a_position_of_its_instrument(void **state)
{
    (void)state;
    holds(0, 1, BUY, 1);
    assert_int_equal(held(0, 1)->side, 1);
    assert_int_equal(held(0, 0)->side, 0);
    holds(0, 1, SELL, 1);
    assert_int_equal(held(0, 1)->side, 0);
    holds(0, 1, SELL, 1);
    assert_int_equal(held(0, 1)->side, -1);
    holds(1, 0, BUY, 1);
    protection_filled(rig.engine, &rig.engine->strategies[0], 99); /* it is not on that */
    assert_int_equal(rig.engine->strategies[0].holdings[2].side, 0);
}

/* The second strategy's longest time counts like the first one's, down to a nanosecond. */
static void every_strategy_has_a_longest_time(void **state)
{
    uint64_t stop;
    (void)state;
    guard(1)->max_holding_ns = 1;
    holds(0, 0, BUY, 5);
    guard(1)->trailing_nano = MONEY_NANO;
    stop = child(holds(1, 1, BUY, 7), TURRET_ORDER_TRAILING_STOP);
    is(stop, TURRET_STATE_HELD);
    assert_true(rig.engine->next_holding == held(1, 1)->since + 1);
    bar(10000, 10000, 10000);
    assert_int_equal(sent()->order.qty, 7);
    assert_int_equal(engine_order(rig.engine, sent()->order.order_id)->strategy, 1);
    is(stop, TURRET_STATE_CANCELED);
    assert_string_equal(at(stop)->venue_reason, "held too long: it closes now");
    assert_int_equal(held(0, 0)->closing, 0);
    assert_int_equal(rig.engine->next_holding, INT64_MAX);
}

/* ---- bytes ---- */

static int get(const struct pack *pack, struct strategy *to, const uint32_t *instruments,
               uint32_t instrument_count)
{
    struct turret_error err = {0};
    struct unpack in = {pack->bytes, pack->bytes + pack->used, &err};
    return protection_get(&in, to, instruments, instrument_count);
}

/* Of another configuration's numbers it takes what the new one has, in the place it has it. */
static void times_go_to_the_instrument_they_are_of(void **state)
{
    static const uint32_t crossed[] = {0, 2, 1}, gone[] = {0, 0, 2};
    struct strategy *from = &rig.engine->strategies[0], *to = &rig.engine->strategies[1];
    uint8_t bytes[256];
    struct pack pack = {bytes, 0, sizeof bytes};
    (void)state;
    holds(0, 0, BUY, 5);
    holds(0, 1, SELL, 5);
    protection_put(&pack, from);
    assert_int_equal(get(&pack, to, crossed, 2), TURRET_OK);
    assert_int_equal(held(1, 0)->side, -1);
    assert_int_equal(held(1, 1)->side, 1);
    memset(to->holdings, 0, sizeof to->holdings);
    assert_int_equal(get(&pack, to, gone, 2), TURRET_OK);
    assert_int_equal(held(1, 0)->side, 0);
    assert_int_equal(held(1, 1)->side, -1);
    assert_int_equal(get(&pack, to, gone, 1), TURRET_ECORRUPT); /* there is no second one */
}

static void as_many_as_a_strategy_may_be_on(void **state)
{
    static uint8_t bytes[ENGINE_ON_MAX * (sizeof(struct holding) + 4) + 4];
    static const uint32_t same[] = {0, 1, 2};
    struct pack pack = {bytes, 0, sizeof bytes};
    const struct holding last = {EVENT_TIME_MAX, 1, 0};
    const uint32_t count = ENGINE_ON_MAX, one = 1;
    uint32_t i;
    (void)state;
    pack_put(&pack, &count, sizeof count);
    for (i = 0; i < count; i++) {
        pack_put(&pack, &one, sizeof one);
        pack_put(&pack, &last, sizeof last);
    }
    assert_int_equal(get(&pack, &rig.engine->strategies[0], same, 2), TURRET_OK);
    assert_true(held(0, 0)->since == EVENT_TIME_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EDGE_TEST(distances_are_whole_ticks_and_never_less),
        EDGE_TEST(a_distance_beyond_prices_is_none),
        EDGE_TEST(the_smallest_settings_are_settings),
        EDGE_TEST(the_smallest_and_the_largest_price),
        EDGE_TEST(the_largest_trail),
        EDGE_TEST(an_unknown_instrument_gets_nothing),
        EDGE_TEST(what_closes_is_told_by_the_position_of_its_instrument),
        EDGE_TEST(one_unit_is_a_position_of_its_instrument),
        EDGE_TEST(every_strategy_has_a_longest_time),
        EDGE_TEST(times_go_to_the_instrument_they_are_of),
        EDGE_TEST(as_many_as_a_strategy_may_be_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
