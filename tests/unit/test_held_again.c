/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what the host holds is part of the state: with every kind of order under way at any
 * moment, a replay of the journal, a restart from a snapshot in the middle and a change of code in
 * the middle all end where the first run ended; and that none of it allocates memory.
 */
#include "held_bench.h"

/* ---- this program's own malloc passes on to the C library's, and counts ---- */

static uint64_t allocations;

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}
#endif

#define STEPS  600
#define EVENTS 20000

static struct event *journal;
static uint32_t journal_count;

static void on_journal(void *context, const struct event *event)
{
    (void)context;
    assert_true(journal_count < EVENTS);
    journal[journal_count++] = *event;
}

/* Every kind in turn. */
static void trade_all_kinds(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct rig_state *state = turret_self(self);
    struct turret_order_request request =
        rig_request(bar->instrument, state->bars % 3 ? BUY : SELL, 10, 0);
    turret_price away = request.side == BUY ? 50 : -50;
    switch (state->bars % 8) {
    case 0:
        request.type = TURRET_ORDER_STOP;
        request.stop_price = bar->close + away;
        break;
    case 1:
        request.type = TURRET_ORDER_TRAILING_STOP;
        request.trail = 40;
        break;
    case 2:
        request.type = TURRET_ORDER_LIMIT;
        request.limit_price = bar->close - away;
        request.display_qty = 3;
        break;
    case 3:
        request.take_profit = bar->close + away;
        request.stop_loss = bar->close - away;
        request.stop_trail = 30;
        break;
    case 4:
        request.type = TURRET_ORDER_LIMIT;
        request.limit_price = bar->close - away;
        request.tif = TURRET_TIF_GTD;
        request.expires = bar->time + 4 * RIG_MINUTE;
        break;
    case 5:
        request.type = TURRET_ORDER_LIMIT;
        request.limit_price = bar->close - away;
        request.oco = (uint64_t)state->last; /* of another one, or refused */
        break;
    default:
        (void)turret_target(self, bar->instrument, state->bars % 5 - 2, "wish");
        return;
    }
    (void)turret_submit(self, &request);
}

static void remember_working(struct turret_strategy *self, const struct turret_order *order)
{
    struct rig_state *state = turret_self(self);
    if (order->state == TURRET_STATE_HELD || order->state == TURRET_STATE_ACCEPTED)
        state->last = (int32_t)order->id;
}

/* What a venue might do to an order that is there. */
static void venue_turn(uint64_t *seed, uint32_t number)
{
    uint32_t cursor = (uint32_t)(rig_random(seed) % 40);
    const struct order *order = order_table_next(rig.engine->orders, &cursor);
    uint64_t what = rig_random(seed) % 8;
    char execution[16];
    if (!order || !order_is_working(order) || order->state == TURRET_STATE_HELD)
        return;
    if (what < 2 && order->state == TURRET_STATE_SENT) {
        rig_ack(&rig, order->id, TURRET_REQUEST_SUBMIT, 1,
                what ? TURRET_OUTCOME_OK : TURRET_OUTCOME_UNKNOWN);
    } else if (what < 6) {
        (void)snprintf(execution, sizeof execution, "x%u", number);
        rig_fill(&rig, order->id, execution, order->side,
                 rig_between(seed, 1, order->qty > 1 ? order->qty : 1), 10000);
    } else if (order->request == TURRET_REQUEST_PENDING_CANCEL || what == 7) {
        rig_state_of(&rig, order->id, TURRET_STATE_CANCELED, order->qty, order->filled_qty, 0);
    }
}

/* How many of them were there at the end of a step. */
static uint32_t kinds_seen[TURRET_ORDER_TRAILING_STOP + 1][ORDER_SLICE + 1], gtd_seen, pairs_seen;

static void look(void)
{
    const struct order *order;
    uint32_t cursor = 0;
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL) {
        if (!order_is_working(order))
            continue;
        kinds_seen[order->type][order->role]++;
        gtd_seen += order->tif == TURRET_TIF_GTD;
        pairs_seen += order->oco != 0 && order->role == ORDER_OWN;
    }
}

static void run(uint32_t first, uint32_t count)
{
    uint32_t i;
    for (i = first; i < first + count; i++) {
        uint64_t seed = UINT64_C(88172645463325252) + i * UINT64_C(7919);
        turret_price close = 10000 + rig_between(&seed, -60, 60);
        uint32_t turn;
        bar(close - rig_between(&seed, 0, 40), close + rig_between(&seed, 0, 40), close);
        for (turn = 0; turn < 12; turn++)
            venue_turn(&seed, i * 12 + turn);
        if (i % 97 == 96)
            rig_connect(&rig);
        rig_check_reservations(&rig);
        look();
    }
}

static struct rig_options options(bool recorded)
{
    struct rig_options o = rig_defaults();
    o.engine.orders_max = 128; /* so that ended ones make room */
    o.engine.recorded_intents = recorded;
    o.engine.risk.max_slippage_ppm = 5000;
    o.engine.risk.max_rejects_ppm = 50000;
    rig_script.on_bar = trade_all_kinds;
    rig_script.on_order = remember_working;
    return o;
}

static void poorer(void)
{
    rig.engine->venues[0].caps.order_types = 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT;
}

static uint8_t *picture(size_t *size)
{
    uint8_t *bytes;
    *size = engine_snapshot(rig.engine, NULL, 0);
    bytes = malloc(*size);
    assert_non_null(bytes);
    assert_true(engine_snapshot(rig.engine, bytes, *size) == *size);
    return bytes;
}

static void feed(const struct event *events, uint32_t count)
{
    uint32_t i;
    for (i = 0; i < count; i++) {
        struct event event = events[i];
        engine_ingest(rig.engine, &event);
    }
}

static void fresh(const struct rig_options *o)
{
    struct turret_error err = {0};
    (void)rig_build(&rig, o, &err);
    poorer();
}

static void replay_and_restart_end_where_the_run_ended(void **state)
{
    struct rig_options o = options(false);
    struct turret_error err = {0};
    size_t size, middle_size, other_size;
    uint8_t *whole, *middle, *other;
    uint32_t at_middle;
    uint64_t before;
    (void)state;
    journal = calloc(EVENTS, sizeof *journal);
    journal_count = 0;
    assert_non_null(journal);
    fresh(&o);
    rig.engine->sink.journal = on_journal;
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_FIRST, &err), TURRET_OK);
    rig_control(&rig, CONTROL_CASH, 0, INT64_C(1000000) * MONEY_ONE);
    rig_connect(&rig);
    before = allocations;
    run(0, STEPS / 2);
    assert_int_equal(allocations, before);
    assert_true(rig.engine->watched_count > 3); /* the middle is in the middle of something */
    at_middle = journal_count;
    middle = picture(&middle_size);
    run(STEPS / 2, STEPS / 2);
    assert_true(kinds_seen[TURRET_ORDER_STOP][ORDER_OWN] > 10);
    assert_true(kinds_seen[TURRET_ORDER_TRAILING_STOP][ORDER_OWN] > 10);
    assert_true(kinds_seen[TURRET_ORDER_TRAILING_STOP][ORDER_EXIT] > 10);
    assert_true(kinds_seen[TURRET_ORDER_LIMIT][ORDER_EXIT] > 10);
    assert_true(kinds_seen[TURRET_ORDER_LIMIT][ORDER_SLICE] > 10);
    assert_true(gtd_seen > 10 && pairs_seen > 10);
    whole = picture(&size);
    rig_close(&rig);

    o = options(true);
    fresh(&o);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_FIRST, &err), TURRET_OK);
    feed(journal, journal_count);
    assert_int_equal(engine_intent_mismatches(rig.engine), 0);
    other = picture(&other_size);
    assert_int_equal(other_size, size);
    assert_memory_equal(other, whole, size);
    free(other);
    rig_close(&rig);

    o = options(true);
    fresh(&o);
    assert_int_equal(engine_preload(rig.engine, middle, middle_size, &err), TURRET_OK);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_RESTART, &err), TURRET_OK);
    assert_int_equal(engine_restore(rig.engine, middle, middle_size, &err), TURRET_OK);
    rig_check_reservations(&rig);
    other = picture(&other_size);
    assert_int_equal(other_size, middle_size);
    assert_memory_equal(other, middle, middle_size);
    free(other);
    feed(journal + at_middle, journal_count - at_middle);
    assert_int_equal(engine_intent_mismatches(rig.engine), 0);
    other = picture(&other_size);
    assert_int_equal(other_size, size);
    assert_memory_equal(other, whole, size);
    free(other);
    free(middle);
    free(whole);
    free(journal);
    rig_close(&rig);
}

static void step_of_swap(uint32_t phase)
{
    const struct turret_param_value number = {1, TURRET_PARAM_TYPE_INT, 0, 0, NULL};
    struct engine_build build = {.strategy = &rig_strategy, .params = &number};
    struct event event = rig_event(&rig, EVENT_SWAP);
    struct turret_error err = {0};
    event.u.swap.kind = TURRET_KIND_STRATEGY;
    event.u.swap.phase = phase;
    event.u.swap.to_build[0] = 2;
    if (engine_swap(rig.engine, &event, &build, &err) != TURRET_OK)
        fail_msg("%s", err.text);
}

struct fate {
    uint64_t id;
    turret_qty qty, filled_qty;
    uint8_t state;
};

static uint32_t fates(bool swaps, struct fate *to)
{
    struct rig_options o = options(false);
    struct turret_error err = {0};
    const struct order *order;
    uint32_t cursor = 0, count = 0;
    fresh(&o);
    assert_int_equal(engine_start(rig.engine, TURRET_REASON_FIRST, &err), TURRET_OK);
    rig_control(&rig, CONTROL_CASH, 0, INT64_C(1000000) * MONEY_ONE);
    rig_connect(&rig);
    run(0, 40);
    if (swaps) {
        assert_true(rig.engine->watched_count > 3);
        step_of_swap(SWAP_PREPARE);
        step_of_swap(SWAP_COMMIT);
    }
    run(40, 40);
    if (swaps)
        step_of_swap(SWAP_RETIRE);
    run(80, 40);
    while ((order = order_table_next(rig.engine->orders, &cursor)) != NULL)
        to[count++] = (struct fate){order->id, order->qty, order->filled_qty, order->state};
    rig_close(&rig);
    return count;
}

static void a_change_of_code_leaves_them_alone(void **state)
{
    static struct fate with[128], without[128];
    uint32_t i, count = fates(false, without);
    (void)state;
    assert_int_equal(fates(true, with), count);
    for (i = 0; i < count; i++) {
        assert_int_equal(with[i].id, without[i].id);
        assert_int_equal(with[i].qty, without[i].qty);
        assert_int_equal(with[i].filled_qty, without[i].filled_qty);
        assert_int_equal(with[i].state, without[i].state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay_and_restart_end_where_the_run_ended),
        cmocka_unit_test(a_change_of_code_leaves_them_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
