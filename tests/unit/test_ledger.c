/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the books are exact: over random fills, long, short and through zero, in several
 * scales, cash flows and value are the equity to the last unit, realised and unrealised profit add
 * up to it, accounts are the sum of their strategies; and that equity lines, drawdown and splits
 * agree with a naive reckoning.
 */
#include "engine_rig.h"

static bool value_of(const struct money_rate *rate, turret_qty qty, turret_price price,
                     turret_money *value)
{
    return money_value(rate, qty, price, value);
}

/* What a fill costs or brings, rounded against the holder; answers |qty| × price as money. */
static turret_money fill_value(const struct money_rate *rate, turret_qty qty, turret_price price)
{
    turret_money value = 0;
    assert_true(value_of(rate, -qty, price, &value));
    return value < 0 ? -value : value;
}

static void sums_agree(int32_t price_scale, int32_t qty_scale, int64_t multiplier, uint64_t seed)
{
    struct money_rate rate;
    struct position position;
    money_wide cash = 0, profit = 0;
    uint32_t i;
    memset(&position, 0, sizeof position);
    assert_int_equal(money_rate_init(&rate, price_scale, qty_scale, multiplier, NULL), TURRET_OK);
    for (i = 0; i < 100000; i++) {
        turret_qty before = position.qty;
        turret_qty qty = rig_between(&seed, 1, 2000);
        turret_price price = rig_between(&seed, 1, price_scale ? 100000 : 1000);
        turret_money value, realised = 17, mark = 0;
        if (rig_random(&seed) & 1)
            qty = -qty;
        if (rig_random(&seed) % 16 == 0 && before != 0)
            qty = -before; /* flat now and then */
        value = fill_value(&rate, qty, price);
        assert_true(position_fill(&position, qty, value, &realised));
        cash += qty > 0 ? -value : value;
        profit += realised;
        if (before == 0 || (before > 0) == (qty > 0))
            assert_int_equal(realised, 0);
        assert_true(position.qty == before + qty);
        assert_true(position.realised == profit);
        assert_true(cash == profit - position.cost);
        assert_true(position.qty != 0 || position.cost == 0);
        assert_true(position.qty <= 0 || position.cost >= 0);
        assert_true(position.qty >= 0 || position.cost <= 0);
        assert_true(value_of(&rate, position.qty, price, &mark));
        /* equity = cash + value = realised + unrealised */
        assert_true(cash + mark == (money_wide)position.realised + (mark - position.cost));
    }
}

static void random_fills_sum_up(void **state)
{
    static const struct {
        int32_t price_scale, qty_scale;
        int64_t multiplier;
    } scales[] = {{2, 0, 1}, {0, 0, 50}, {8, 0, 1},     {2, 6, 1},
                  {5, 5, 1}, {8, 8, 3},  {12, 12, 1000}};
    uint32_t i;
    (void)state;
    for (i = 0; i < sizeof scales / sizeof *scales; i++)
        sums_agree(scales[i].price_scale, scales[i].qty_scale, scales[i].multiplier, 77 + i);
}

static void closes_at_average_cost(void **state)
{
    struct position position;
    turret_money realised;
    (void)state;
    memset(&position, 0, sizeof position);
    assert_true(position_fill(&position, 10, 1000, &realised)); /* 10 at 100 */
    assert_true(position_fill(&position, 10, 2000, &realised)); /* 10 at 200: average 150 */
    assert_true(position_fill(&position, -5, 1000, &realised)); /* 5 at 200 */
    assert_int_equal(realised, 250);
    assert_int_equal(position.cost, 2250);
    assert_true(position_fill(&position, -20, 4000, &realised)); /* 15 closed, 5 short at 200 */
    assert_int_equal(realised, 750);
    assert_int_equal(position.qty, -5);
    assert_int_equal(position.cost, -1000);
    assert_true(position_fill(&position, 5, 500, &realised)); /* bought back at 100 */
    assert_int_equal(realised, 500);
    assert_int_equal(position.qty, 0);
    assert_int_equal(position.cost, 0);
    assert_int_equal(position.realised, 1500);
}

static void a_remainder_stays_in_the_cost(void **state)
{
    struct position position;
    turret_money realised, sum = 0;
    uint32_t i;
    (void)state;
    memset(&position, 0, sizeof position);
    assert_true(position_fill(&position, 3, 100, &realised));
    for (i = 0; i < 3; i++) {
        assert_true(position_fill(&position, -1, 50, &realised));
        sum += realised;
    }
    assert_int_equal(position.cost, 0);
    assert_int_equal(sum, 50);
}

static void overflow_changes_nothing(void **state)
{
    static const struct {
        turret_qty held;
        turret_money cost, realised;
        turret_qty qty;
        turret_money value;
    } cases[] = {
        {INT64_MAX, 1, 0, 1, 1},           /* quantity */
        {-INT64_MAX, -1, 0, -1, 1},        /* quantity, the other way */
        {1, INT64_MAX, 0, 1, 1},           /* cost */
        {-10, -1, INT64_MIN + 5, 10, 100}, /* sum of profits */
        {10, 1, INT64_MAX - 5, -10, 100},  /* the same, up */
        {INT64_MIN + 1, -5, 0, -1, 1},     /* a quantity without a magnitude */
    };
    uint32_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct position position, before;
        turret_money realised = 17;
        memset(&position, 0, sizeof position);
        position.qty = cases[i].held;
        position.cost = cases[i].cost;
        position.realised = cases[i].realised;
        before = position;
        assert_false(position_fill(&position, cases[i].qty, cases[i].value, &realised));
        assert_memory_equal(&position, &before, sizeof position);
        assert_int_equal(realised, 17);
    }
}

static void round_trips_are_counted_after_fees(void **state)
{
    struct position position;
    (void)state;
    memset(&position, 0, sizeof position);
    position_fee(&position, 10, 0, false);
    position_fee(&position, 10, 20, true); /* nothing left after fees: no win */
    assert_int_equal(position.trades, 1);
    assert_int_equal(position.wins, 0);
    position_fee(&position, 10, 0, false);
    position_fee(&position, 10, 21, true);
    assert_int_equal(position.trades, 2);
    assert_int_equal(position.wins, 1);
    assert_int_equal(position.fees, 40);
    assert_int_equal(position.trade_profit, 0);
}

static void splits_keep_the_cost(void **state)
{
    static const struct {
        turret_qty qty;
        uint32_t numerator, denominator;
        turret_qty after;
        bool whole;
    } cases[] = {
        {100, 7, 1, 700, true},  {-100, 7, 1, -700, true},  {100, 1, 10, 10, true},
        {105, 1, 10, 10, false}, {-105, 1, 10, -10, false}, {0, 3, 2, 0, true},
        {3, 3, 2, 4, false},     {4, 3, 2, 6, true},        {INT64_MAX, 2, 1, INT64_MAX, false}};
    uint32_t i;
    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct position position;
        memset(&position, 0, sizeof position);
        position.qty = cases[i].qty;
        position.cost = 12345;
        position.realised = 99;
        assert_int_equal(position_split(&position, cases[i].numerator, cases[i].denominator),
                         cases[i].whole);
        assert_true(position.qty == cases[i].after);
        assert_int_equal(position.cost, 12345);
        assert_int_equal(position.realised, 99);
    }
}

/* The deepest relative drawdown over the whole line, looked for from every point. */
static void naive_drawdown(const turret_money *line, uint32_t count, int64_t *ppm,
                           turret_money *depth)
{
    turret_money peak = line[0];
    uint32_t i;
    *ppm = 0;
    *depth = 0;
    for (i = 0; i < count; i++) {
        int64_t here;
        if (line[i] > peak)
            peak = line[i];
        if (peak <= 0)
            continue;
        here = (int64_t)((money_wide)(peak - line[i]) * MONEY_PPM / peak);
        if (here > *ppm || (here == *ppm && peak - line[i] > *depth)) {
            *ppm = here;
            *depth = peak - line[i];
        }
    }
}

static void equity_lines_agree(void **state)
{
    enum { POINTS = 300 };
    uint64_t seed = 0x657175697479;
    uint32_t run, i;
    (void)state;
    for (run = 0; run < 500; run++) {
        turret_money line[POINTS + 1], top, depth;
        int64_t ppm;
        struct equity equity;
        equity_init(&equity, line[0] = rig_between(&seed, 1, 100000));
        top = line[0];
        for (i = 1; i <= POINTS; i++) {
            turret_money change = rig_between(&seed, -3000, 3010);
            line[i] = line[i - 1] + change;
            top = line[i] > top ? line[i] : top;
            equity_move(&equity, change);
            assert_int_equal(equity.now, line[i]);
            assert_int_equal(equity.peak, top);
            assert_int_equal(
                equity_drawdown_ppm(&equity),
                top - line[i] > 0 ? (int64_t)((money_wide)(top - line[i]) * MONEY_PPM / top) : 0);
            if (rig_random(&seed) % 8 == 0) { /* reading it changes nothing that comes later */
                equity_settle(&equity);
                naive_drawdown(line, i + 1, &ppm, &depth);
                assert_int_equal(equity.max_drawdown_ppm, ppm);
                assert_int_equal(equity.max_drawdown, depth);
            }
        }
        equity_settle(&equity);
        naive_drawdown(line, POINTS + 1, &ppm, &depth);
        assert_int_equal(equity.max_drawdown_ppm, ppm);
        assert_int_equal(equity.max_drawdown, depth);
    }
}

/* ---- the same through an engine ---- */

static void check_books(const struct rig *rig, money_wide cash)
{
    const struct engine *engine = rig->engine;
    money_wide value = 0, profit = 0, fees = 0;
    uint32_t i, s;
    for (i = 0; i < 2; i++) {
        const struct position *account = rig_account_position(rig, i);
        turret_qty qty = 0;
        turret_money paid = 0;
        for (s = 0; s < rig->strategies; s++) {
            qty += rig_own(rig, s, i)->qty;
            paid += rig_own(rig, s, i)->fees;
            assert_int_equal(engine->strategies[s].run, STRATEGY_RUNNING);
        }
        assert_true(account->qty == qty);
        assert_true(account->fees == paid);
        value += account->value;
        profit += account->realised + (account->value - account->cost) - account->fees;
        fees += account->fees;
    }
    assert_true(engine->accounts[0].cash == cash);
    assert_true(engine->accounts[0].equity.now == cash + value);
    assert_true(engine->accounts[0].fees == fees);
    assert_true(engine->accounts[0].equity.now == engine->accounts[0].equity.start + profit);
    for (s = 0; s < rig->strategies; s++) {
        const struct equity *own = &engine->strategies[s].equity;
        profit = 0;
        for (i = 0; i < 2; i++) {
            const struct position *position = rig_own(rig, s, i);
            profit += position->realised + (position->value - position->cost) - position->fees;
        }
        assert_true(own->now == own->start + profit);
    }
}

static void fill_of(struct rig *rig, uint64_t *seed, uint64_t number, money_wide *cash)
{
    struct event event = rig_event(rig, EVENT_FILL);
    uint32_t s = (uint32_t)(rig_random(seed) % rig->strategies);
    uint32_t i = (uint32_t)(rig_random(seed) % 2);
    uint8_t side = rig_random(seed) & 1 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
    struct turret_order_request request =
        rig_request(rig->instrument[i], side, rig_between(seed, 1, 500), 0);
    uint64_t id = turret_submit(rig->self[s], &request);
    rig_turn(rig);
    assert_int_equal(engine_order(rig->engine, id)->state, TURRET_STATE_SENT);
    event.venue = 0;
    event.u.fill.order_id = id;
    event.u.fill.instrument = rig->instrument[i];
    event.u.fill.side = side;
    event.u.fill.qty = request.qty;
    event.u.fill.price = rig_between(seed, 1, 20000);
    event.u.fill.fee = rig_between(seed, -50, 500);
    (void)snprintf(event.u.fill.execution_id, sizeof event.u.fill.execution_id, "x%llu",
                   (unsigned long long)number);
    engine_ingest(rig->engine, &event);
    *cash += side == TURRET_SIDE_BUY ? -rig->last_fill.value : rig->last_fill.value;
    *cash -= event.u.fill.fee;
}

static void accounts_are_the_sum_of_strategies(void **state)
{
    static struct rig rig;
    struct rig_options o = rig_defaults();
    uint64_t seed = 0x73756d, i;
    money_wide cash = INT64_C(1000000) * MONEY_ONE;
    (void)state;
    o.strategies = 3;
    o.def.price_scale = 5;
    o.def.qty_scale = 6;
    o.engine.risk.collar_ppm = INT64_MAX / 2;
    rig_open(&rig, &o);
    for (i = 0; i < 3000; i++) {
        fill_of(&rig, &seed, i, &cash);
        if (i % 3 == 0)
            rig_bar(&rig, rig.instrument[i % 2], rig_between(&seed, 1, 20000));
        check_books(&rig, cash);
    }
    assert_int_equal(rig.fills, 3000);
    rig_close(&rig);
}

static void a_split_moves_orders_and_positions(void **state)
{
    static struct rig rig;
    struct rig_options o = rig_defaults();
    struct event event;
    uint64_t id;
    (void)state;
    rig_open(&rig, &o);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 100, 0);
    rig_fill(&rig, id, "one", TURRET_SIDE_BUY, 100, 10000);
    id = rig_order(&rig, 0, TURRET_SIDE_BUY, 25, 9000);
    (void)rig_order(&rig, 0, TURRET_SIDE_BUY, 25, 9001);
    event = rig_event(&rig, EVENT_SPLIT);
    event.u.split = (struct turret_split){rig.instrument[0], 1, 10, 0, rig.time};
    engine_ingest(rig.engine, &event);
    assert_int_equal(rig_account_position(&rig, 0)->qty, 10);
    assert_int_equal(rig_own(&rig, 0, 0)->qty, 10);
    assert_int_equal(engine_mark(rig.engine, rig.instrument[0]), 100000);
    assert_int_equal(engine_account(rig.engine, 0)->equity.now,
                     engine_account(rig.engine, 0)->equity.start);
    assert_int_equal(engine_order(rig.engine, id)->qty, 2); /* 2.5, cut */
    assert_int_equal(engine_order(rig.engine, id)->limit_price, 90000);
    rig_check_reservations(&rig);
    /* a ratio no market has: nothing overflows on the way */
    event.u.split = (struct turret_split){rig.instrument[0], 1, UINT32_MAX, 0, rig.time};
    engine_ingest(rig.engine, &event);
    event.u.split = (struct turret_split){rig.instrument[0], 1, UINT32_MAX, 0, rig.time};
    engine_ingest(rig.engine, &event);
    rig_check_reservations(&rig);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_fills_sum_up),
        cmocka_unit_test(closes_at_average_cost),
        cmocka_unit_test(a_remainder_stays_in_the_cost),
        cmocka_unit_test(overflow_changes_nothing),
        cmocka_unit_test(round_trips_are_counted_after_fees),
        cmocka_unit_test(splits_keep_the_cost),
        cmocka_unit_test(equity_lines_agree),
        cmocka_unit_test(accounts_are_the_sum_of_strategies),
        cmocka_unit_test(a_split_moves_orders_and_positions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
