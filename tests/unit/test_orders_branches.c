/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows the edges of the two memories of the core: what a stored order may be, names of codes that
 * nobody has, ids that share a place of the index, executions that make room for newer ones, count
 * anew after a split, share a hash, or find no memory.
 */
#include "engine_rig.h"

/* ---- memory that may be missing ---- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CAN_FAIL 0
#else
#define CAN_FAIL 1
void *__libc_calloc(size_t count, size_t size);
#endif
static uint32_t calls, failing_call;

#if CAN_FAIL
void *calloc(size_t count, size_t size)
{
    return ++calls == failing_call ? NULL : __libc_calloc(count, size);
}
#endif

static void executions_without_memory(void **state)
{
    struct executions executions;
    uint32_t n;
    (void)state;
    if (!CAN_FAIL)
        skip();
    for (n = 1; n <= 2; n++) {
        memset(&executions, 0, sizeof executions);
        calls = 0;
        failing_call = n;
        assert_int_equal(executions_init(&executions, 4), TURRET_ENOMEM);
        failing_call = 0;
        executions_finish(&executions);
        assert_null(executions.ring);
        assert_null(executions.places);
        assert_int_equal(executions.capacity, 0);
    }
    assert_int_equal(executions_init(&executions, 4), TURRET_OK);
    executions_finish(&executions);
}

/* ---- executions ---- */

static struct fill execution(uint32_t venue, const char *id, turret_instrument instrument,
                             turret_qty qty)
{
    struct fill fill;
    memset(&fill, 0, sizeof fill);
    fill.venue = venue;
    fill.instrument = instrument;
    fill.qty = qty;
    (void)snprintf(fill.execution_id, sizeof fill.execution_id, "%s", id);
    return fill;
}

static turret_qty qty_of(const struct executions *executions, uint32_t venue, const char *id)
{
    char whole[40] = "";
    const struct fill *found;
    (void)snprintf(whole, sizeof whole, "%s", id);
    found = executions_find(executions, venue, whole);
    return found ? found->qty : -1;
}

static void keep(struct executions *executions, uint32_t venue, const char *id, turret_qty qty)
{
    struct fill fill = execution(venue, id, 1, qty);
    executions_add(executions, &fill);
}

static void the_oldest_execution_makes_room(void **state)
{
    struct executions executions;
    char id[40];
    uint32_t i, k;
    (void)state;
    memset(&executions, 0, sizeof executions);
    assert_int_equal(executions_init(&executions, 3), TURRET_OK);
    for (i = 0; i < 20; i++) {
        (void)snprintf(id, sizeof id, "execution number %u", i);
        keep(&executions, 0, id, (turret_qty)i + 1);
        for (k = 0; k <= i; k++) {
            (void)snprintf(id, sizeof id, "execution number %u", k);
            assert_int_equal(qty_of(&executions, 0, id), k + 3 > i ? (turret_qty)k + 1 : -1);
            assert_int_equal(qty_of(&executions, 1, id), -1); /* another venue's may be the same */
        }
    }
    executions_finish(&executions);
}

/* Pairs of which every other hash says: the same. */
static void executions_that_share_a_hash_are_told_apart(void **state)
{
    struct executions executions;
    char endless[40];
    (void)state;
    memset(&executions, 0, sizeof executions);
    assert_int_equal(executions_init(&executions, 8), TURRET_OK);
    memset(endless, 'x', sizeof endless);
    assert_null(executions_find(&executions, 0, endless)); /* nothing beyond its 40 bytes is read */
    keep(&executions, 0, "x320518", 10);
    assert_int_equal(qty_of(&executions, 0, "x353180"), -1);
    keep(&executions, 0, "x353180", 20);
    keep(&executions, 0, "a", 30);
    assert_int_equal(qty_of(&executions, 1, "`"), -1); /* 'a' ^ venue 0 is '`' ^ venue 1 */
    keep(&executions, 1, "`", 40);
    assert_int_equal(qty_of(&executions, 0, "x320518"), 10);
    assert_int_equal(qty_of(&executions, 0, "x353180"), 20);
    assert_int_equal(qty_of(&executions, 0, "a"), 30);
    assert_int_equal(qty_of(&executions, 1, "`"), 40);
    executions_finish(&executions);
}

/* Two for one, of what is remembered of one instrument, wherever it is in the ring. */
static void a_split_counts_executions_anew(void **state)
{
    static const struct turret_split two_for_one = {.numerator = 2, .denominator = 1},
                                     one_for_ten = {.numerator = 1, .denominator = 10},
                                     one_for_two = {.numerator = 1, .denominator = 2};
    struct executions executions;
    struct fill other = execution(0, "other", 2, 7);
    (void)state;
    memset(&executions, 0, sizeof executions);
    assert_int_equal(executions_init(&executions, 3), TURRET_OK);
    keep(&executions, 0, "gone", 1);
    keep(&executions, 0, "a", 15);
    executions_add(&executions, &other);
    keep(&executions, 0, "b", 100);
    executions_split(&executions, 1, &two_for_one);
    assert_int_equal(qty_of(&executions, 0, "a"), 30);
    assert_int_equal(qty_of(&executions, 0, "b"), 200);
    assert_int_equal(qty_of(&executions, 0, "other"), 7);
    executions_split(&executions, 1, &one_for_ten);
    assert_int_equal(qty_of(&executions, 0, "a"), 3);
    assert_int_equal(qty_of(&executions, 0, "b"), 20);
    executions_split(&executions, 1, &one_for_ten);
    assert_int_equal(qty_of(&executions, 0, "a"), 0); /* of nothing nobody knows what it was */
    assert_int_equal(qty_of(&executions, 0, "b"), 2);
    executions_split(&executions, 1, &one_for_two);
    assert_int_equal(qty_of(&executions, 0, "b"), 1);
    executions_split(&executions, 1, &two_for_one);
    assert_int_equal(qty_of(&executions, 0, "a"), 0);
    keep(&executions, 0, "c", INT64_MAX / 2 + 1);
    executions_split(&executions, 1, &two_for_one);
    assert_int_equal(qty_of(&executions, 0, "c"), 0); /* nor of what does not fit */
    executions_finish(&executions);
}

/* ---- orders ---- */

static struct order whole_order(void)
{
    struct order order;
    memset(&order, 0, sizeof order);
    order.state = TURRET_STATE_ACCEPTED;
    order.qty = order.pending_qty = order.children_qty = ORDER_QTY_MAX;
    order.filled_qty = 0;
    return order;
}

static void a_stored_order_is_whole_or_not(void **state)
{
    struct order order = whole_order();
    (void)state;
    assert_true(order_is_whole(&order));
    order.filled_qty = order.qty = order.pending_qty = 0;
    assert_true(order_is_whole(&order));
    order.state = TURRET_STATE_INIT - 1;
    assert_false(order_is_whole(&order));
    order.state = TURRET_STATE_INIT;
    assert_true(order_is_whole(&order));
    order.state = TURRET_STATE_UNKNOWN;
    assert_true(order_is_whole(&order));
    order.state = TURRET_STATE_UNKNOWN + 1;
    assert_false(order_is_whole(&order));
    order.state = TURRET_STATE_HELD;
    order.role = ORDER_SLICE; /* what the host placed itself has an id it gave */
    assert_false(order_is_whole(&order));
    order.id = ORDER_ID_END - 1;
    assert_true(order_is_whole(&order));
    order.role = ORDER_SLICE + 1;
    assert_false(order_is_whole(&order));
    order = whole_order();
    order.id = UINT64_MAX;
    assert_true(order_is_whole(&order));
    order.held = 1;
    assert_false(order_is_whole(&order));
    order.id = 1;
    assert_true(order_is_whole(&order));
    order.let_go = ORDER_LET_GO_STOPPED;
    assert_true(order_is_whole(&order));
    order.let_go++;
    assert_false(order_is_whole(&order));
}

/* However often they are split: sums of them fit. */
static void a_quantity_after_a_split_is_bounded(void **state)
{
    const struct turret_split twice = {.numerator = 2, .denominator = 1};
    const struct turret_split half = {.numerator = 1, .denominator = 2};
    const struct turret_split absurd = {.numerator = UINT32_MAX, .denominator = 1};
    (void)state;
    assert_int_equal(order_split_qty(30, &twice), 60);
    assert_int_equal(order_split_qty(30, &half), 15);
    assert_int_equal(order_split_qty(ORDER_QTY_MAX / 2, &twice), ORDER_QTY_MAX / 2 * 2);
    assert_int_equal(order_split_qty(ORDER_QTY_MAX / 2 + 1, &twice), ORDER_QTY_MAX);
    assert_int_equal(order_split_qty(ORDER_QTY_MAX, &absurd), ORDER_QTY_MAX);
}

static void quantities_of_working_orders_are_sane(void **state)
{
    turret_qty *parts[5];
    struct order order;
    uint32_t i;
    (void)state;
    parts[0] = &order.qty;
    parts[1] = &order.filled_qty;
    parts[2] = &order.pending_qty;
    parts[3] = &order.children_qty;
    parts[4] = &order.whole;
    for (i = 0; i < 5; i++) {
        order = whole_order();
        *parts[i] = -1;
        assert_false(order_is_whole(&order));
        order.state = TURRET_STATE_CANCELED; /* ended: it can do no harm */
        assert_true(order_is_whole(&order));
        order = whole_order();
        *parts[i] = ORDER_QTY_MAX + 1;
        assert_int_equal(order_is_whole(&order),
                         parts[i] == &order.filled_qty || parts[i] == &order.children_qty);
    }
    order = whole_order();
    order.filled_qty = INT64_MAX / 2;
    assert_true(order_is_whole(&order));
    order.filled_qty++; /* what its parts have may be added */
    assert_false(order_is_whole(&order));
    order.filled_qty = 0;
    order.children_qty = INT64_MAX / 2; /* as large as venues make the parts */
    assert_true(order_is_whole(&order));
    order.children_qty++;
    assert_false(order_is_whole(&order));
}

/* Nobody here asked for it: there is nobody to check it for, nor to tell. */
static void an_order_without_a_strategy_has_no_duties(void **state)
{
    struct order order;
    uint32_t i;
    (void)state;
    for (i = 0; i < 5; i++) {
        order = whole_order();
        order.id = UINT64_C(1) << 32 | 1;
        order.held = i == 1;
        order.role = i == 2 ? ORDER_EXIT : ORDER_OWN;
        order.algorithm = i == 3;
        order.state = i == 4 ? TURRET_STATE_HELD : TURRET_STATE_ACCEPTED;
        assert_true(order_is_whole(&order));
        order.strategy = ORDER_NO_STRATEGY;
        assert_int_equal(order_is_whole(&order), i == 0);
        order.state = TURRET_STATE_CANCELED; /* its strategy may be gone by then */
        assert_true(order_is_whole(&order));
    }
}

static void texts_of_orders_end(void **state)
{
    struct order order;
    (void)state;
    order = whole_order();
    memset(order.reason, 'x', sizeof order.reason);
    assert_false(order_is_whole(&order));
    order.reason[sizeof order.reason - 1] = 0;
    assert_true(order_is_whole(&order));
    memset(order.venue_order_id, 'x', sizeof order.venue_order_id);
    assert_false(order_is_whole(&order));
    order.venue_order_id[sizeof order.venue_order_id - 1] = 0;
    assert_true(order_is_whole(&order));
    memset(order.venue_reason, 'x', sizeof order.venue_reason);
    assert_false(order_is_whole(&order));
    order.venue_reason[sizeof order.venue_reason - 1] = 0;
    assert_true(order_is_whole(&order));
}

static void ids_that_may_be_given(void **state)
{
    (void)state;
    assert_true(order_id_is_given(1));
    assert_true(order_id_is_given(ORDER_ID_END - 1));
    assert_false(order_id_is_given(ORDER_ID_END + 1));  /* of no epoch */
    assert_false(order_id_is_given(UINT64_C(7) << 32)); /* the counter went round */
}

static void names_of_codes_that_nobody_has(void **state)
{
    uint32_t i;
    (void)state;
    assert_string_equal(order_state_name(0), "?");
    assert_string_equal(order_state_name(TURRET_STATE_INIT), "INIT");
    assert_string_equal(order_state_name(TURRET_STATE_UNKNOWN), "UNKNOWN");
    assert_string_equal(order_state_name(TURRET_STATE_UNKNOWN + 1), "?");
    assert_string_equal(order_side_name(TURRET_SIDE_SELL), "sell");
    assert_string_equal(order_side_name(TURRET_SIDE_SELL + 1), "?");
    assert_string_equal(order_type_name(TURRET_ORDER_STOP_LIMIT), "stop_limit");
    assert_string_equal(order_type_name(TURRET_ORDER_TRAILING_STOP), "trailing_stop");
    assert_string_equal(order_type_name(TURRET_ORDER_TRAILING_STOP + 1), "?");
    assert_string_equal(order_tif_name(TURRET_TIF_FOK), "FOK");
    assert_string_equal(order_tif_name(TURRET_TIF_GTD), "GTD");
    assert_string_equal(order_tif_name(TURRET_TIF_GTD + 1), "?");
    for (i = 0; i < DENY_CODES; i++) { /* none is left out */
        assert_non_null(denial_name(i));
        assert_non_null(denial_text(i));
    }
    assert_string_equal(denial_name(DENY_NONE), "NONE");
    assert_string_equal(denial_text(DENY_NONE), "allowed");
    assert_string_not_equal(denial_name(DENY_CODES - 1), "?");
    assert_string_equal(denial_name(DENY_CODES), "?");
    assert_string_not_equal(denial_text(DENY_CODES - 1), "?");
    assert_string_equal(denial_text(DENY_CODES), "?");
    assert_false(order_may_move(TURRET_STATE_UNKNOWN + 1, TURRET_STATE_FILLED));
    assert_false(order_may_move(TURRET_STATE_SENT, TURRET_STATE_UNKNOWN + 1));
}

static void check_fill(struct fill fill, bool whole)
{
    assert_int_equal(fill_is_whole(&fill), whole);
}

static void a_kept_fill_is_whole_or_not(void **state)
{
    struct fill good = execution(0, "x", 1, 10), fill;
    (void)state;
    good.side = TURRET_SIDE_BUY;
    check_fill(good, true);
    fill = good;
    fill.side = 0;
    check_fill(fill, false);
    fill.side = TURRET_SIDE_SELL;
    check_fill(fill, true);
    fill.busted = FILL_TOLD_APART + 1;
    check_fill(fill, false);
    fill = good;
    fill.by_host = 2;
    check_fill(fill, false);
    fill = good;
    fill.qty = -1;
    check_fill(fill, false);
    fill.qty = ORDER_QTY_MAX + 1;
    check_fill(fill, false);
    fill = good;
    fill.value = -1;
    check_fill(fill, false);
    fill = good;
    fill.fee = FEE_MAX;
    check_fill(fill, false);
    fill.fee = -FEE_MAX;
    check_fill(fill, false);
    fill = good;
    memset(fill.execution_id, 'x', sizeof fill.execution_id);
    check_fill(fill, false);
}

/* Nor is a character cut in two. */
static void what_is_cut_says_so(void **state)
{
    struct order order = {0};
    (void)state;
    order_explain(&order, "a reason of just thirty-nine characters");
    assert_string_equal(order.venue_reason, "a reason of just thirty-nine characters");
    order_explain(&order, "a reason of more, which ends in 50 or in 500");
    assert_string_equal(order.venue_reason, "a reason of more, which ends in 50 o…");
    order_explain(&order, "a reason of more, which ends in 12 €€€ 500");
    assert_string_equal(order.venue_reason, "a reason of more, which ends in 12 …");
    order_explain(&order, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
                          "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
                          "\x80\x80\x80\x80\x80");
    assert_string_equal(order.venue_reason, "…");
}

/* A small index has few places: ids eight apart soon share one. */
static void ids_that_share_a_place_are_told_apart(void **state)
{
    struct order_table *table = calloc(1, order_table_size(8));
    uint64_t id;
    (void)state;
    assert_non_null(table);
    order_table_init(table, 8);
    for (id = 1; id <= 57; id += 8)
        assert_non_null(order_table_add(table, id));
    for (id = 1; id <= 57; id += 8)
        assert_true(order_table_find(table, id)->id == id);
    for (id = 65; id < 1000; id += 8)
        assert_null(order_table_find(table, id));
    free(table);
}

/* An order just asked for is not ended: it is passed over, like working ones. */
static void a_new_order_never_makes_room(void **state)
{
    struct order_table *table = calloc(1, order_table_size(3));
    struct order *order;
    (void)state;
    assert_non_null(table);
    order_table_init(table, 3);
    assert_non_null(order_table_add(table, 1));
    order = order_table_add(table, 2);
    order->state = TURRET_STATE_DENIED;
    order = order_table_add(table, 3);
    order->state = TURRET_STATE_ACCEPTED;
    assert_non_null(order_table_add(table, 4));
    assert_null(order_table_find(table, 2));
    assert_non_null(order_table_find(table, 1));
    assert_non_null(order_table_find(table, 3));
    assert_null(order_table_add(table, 5));
    assert_non_null(order_table_find(table, 4));
    free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(executions_without_memory),
        cmocka_unit_test(the_oldest_execution_makes_room),
        cmocka_unit_test(executions_that_share_a_hash_are_told_apart),
        cmocka_unit_test(a_split_counts_executions_anew),
        cmocka_unit_test(a_stored_order_is_whole_or_not),
        cmocka_unit_test(a_quantity_after_a_split_is_bounded),
        cmocka_unit_test(quantities_of_working_orders_are_sane),
        cmocka_unit_test(an_order_without_a_strategy_has_no_duties),
        cmocka_unit_test(texts_of_orders_end),
        cmocka_unit_test(ids_that_may_be_given),
        cmocka_unit_test(names_of_codes_that_nobody_has),
        cmocka_unit_test(what_is_cut_says_so),
        cmocka_unit_test(a_kept_fill_is_whole_or_not),
        cmocka_unit_test(ids_that_share_a_place_are_told_apart),
        cmocka_unit_test(a_new_order_never_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
