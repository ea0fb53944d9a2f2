/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that orders move exactly as order_states.def says, pair by pair, and that the order table
 * behaves like a plain list under random use: found by id, the oldest ended one makes room, and a
 * table full of working ones takes nobody.
 */
#include "engine_rig.h"

struct row {
    uint8_t from, to;
};
static const struct row rows[] = {
#define ORDER_STATE(name, working, terminal, text)
#define ORDER_MOVE(from, to, text) {TURRET_STATE_##from, TURRET_STATE_##to},
#include "core/order_states.def"
#undef ORDER_STATE
#undef ORDER_MOVE
};

static bool is_row(uint32_t from, uint32_t to)
{
    uint32_t i;
    for (i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].from == from && rows[i].to == to)
            return true;
    return false;
}

static void every_pair_is_as_the_table_says(void **state)
{
    uint32_t from, to, legal = 0;
    (void)state;
    for (from = 0; from < 256; from++)
        for (to = 0; to < 256; to++) {
            assert_int_equal(order_may_move((uint8_t)from, (uint8_t)to), is_row(from, to));
            legal += is_row(from, to);
        }
    assert_int_equal(legal, sizeof rows / sizeof *rows); /* no row twice */
    for (from = TURRET_STATE_INIT; from <= TURRET_STATE_UNKNOWN; from++)
        for (to = TURRET_STATE_INIT; to <= TURRET_STATE_UNKNOWN; to++) {
            struct order order;
            memset(&order, 0, sizeof order);
            order.state = (uint8_t)from;
            order.qty = 5;
            assert_int_equal(order_move(&order, (uint8_t)to), from == to || is_row(from, to));
            assert_int_equal(order.state, from == to || is_row(from, to) ? to : from);
            assert_int_equal(order.qty, 5);
        }
}

static void states_are_what_they_say(void **state)
{
    struct order order;
    uint32_t s;
    (void)state;
    memset(&order, 0, sizeof order);
    for (s = TURRET_STATE_INIT; s <= TURRET_STATE_UNKNOWN; s++) {
        bool reached = s == TURRET_STATE_INIT;
        uint32_t i;
        order.state = (uint8_t)s;
        assert_false(order_is_working(&order) && order_is_terminal(&order));
        assert_true(order_is_working(&order) || order_is_terminal(&order) ||
                    s == TURRET_STATE_INIT);
        for (i = 0; i < sizeof rows / sizeof *rows; i++)
            reached = reached || rows[i].to == s;
        assert_true(reached);
        assert_string_not_equal(order_state_name((uint8_t)s), "?");
    }
    assert_string_equal(order_state_name(0), "?");
    assert_string_equal(order_state_name(14), "?");
    assert_string_equal(order_state_name(255), "?");
    assert_string_equal(order_side_name(77), "?");
    assert_string_equal(order_type_name(77), "?");
    assert_string_equal(order_tif_name(77), "?");
    assert_string_equal(denial_name(12345), "?");
    assert_string_equal(denial_name(DENY_COLLAR), "COLLAR");
}

static void leaves_are_never_negative(void **state)
{
    struct order order;
    (void)state;
    memset(&order, 0, sizeof order);
    order.qty = 5;
    order.filled_qty = 3;
    assert_int_equal(order_leaves(&order), 2);
    order.filled_qty = 9;
    assert_int_equal(order_leaves(&order), 0);
    order.side = TURRET_SIDE_SELL;
    assert_int_equal(order_signed(&order, 4), -4);
}

/* ---- the table against a list ---- */

#define CAPACITY 61
struct model {
    struct {
        uint64_t id;
        uint8_t state;
    } at[CAPACITY]; /* oldest first */
    uint32_t count;
};

static bool ended(uint8_t state)
{
    return state == TURRET_STATE_DENIED || state == TURRET_STATE_FILLED ||
           state == TURRET_STATE_CANCELED || state == TURRET_STATE_EXPIRED ||
           state == TURRET_STATE_REJECTED;
}

/* Working ones in front move behind until an ended one can go. */
static bool model_add(struct model *model, uint64_t id)
{
    uint32_t tried;
    for (tried = 0; model->count == CAPACITY && tried < CAPACITY; tried++) {
        bool gone = ended(model->at[0].state);
        uint64_t first = model->at[0].id;
        uint8_t state = model->at[0].state;
        memmove(model->at, model->at + 1, (CAPACITY - 1) * sizeof *model->at);
        model->count--;
        if (gone)
            break;
        model->at[model->count].id = first;
        model->at[model->count++].state = state;
    }
    if (model->count == CAPACITY)
        return false;
    model->at[model->count].id = id;
    model->at[model->count++].state = TURRET_STATE_INIT;
    return true;
}

static void compare(struct order_table *table, const struct model *model, uint64_t next_id)
{
    uint32_t cursor = 0, i;
    uint64_t id;
    for (i = 0; i < model->count; i++) {
        const struct order *order = order_table_next(table, &cursor);
        assert_non_null(order);
        assert_true(order->id == model->at[i].id);
        assert_int_equal(order->state, model->at[i].state);
        assert_ptr_equal(order_table_find(table, order->id), order);
    }
    assert_null(order_table_next(table, &cursor));
    for (id = next_id > 150 ? next_id - 150 : 0; id < next_id + 3; id++) {
        for (i = 0; i < model->count && model->at[i].id != id; i++)
            ;
        assert_int_equal(order_table_find(table, id) != NULL, i < model->count);
    }
}

static void random_use_is_like_a_list(void **state)
{
    struct order_table *table = calloc(1, order_table_size(CAPACITY));
    struct model model = {{{0, 0}}, 0};
    uint64_t seed = 0x6f7264657273, next_id = 1;
    uint32_t step, refused = 0;
    (void)state;
    assert_non_null(table);
    order_table_init(table, CAPACITY);
    for (step = 0; step < 60000; step++) {
        /* in waves: mostly growing, then mostly ending */
        if (rig_random(&seed) % 100 < (step / 3000 % 2 ? 70u : 30u)) {
            struct order *order = order_table_add(table, next_id);
            bool added = model_add(&model, next_id);
            assert_int_equal(order != NULL, added);
            refused += !added;
            if (order) {
                assert_int_equal(order->qty, 0);
                order->qty = (turret_qty)next_id++;
            }
        } else if (model.count) {
            uint32_t i = (uint32_t)(rig_random(&seed) % model.count);
            uint8_t to = (uint8_t)rig_between(&seed, TURRET_STATE_DENIED, TURRET_STATE_UNKNOWN);
            order_table_find(table, model.at[i].id)->state = to;
            if (rig_random(&seed) % 4) /* most stay working */
                order_table_find(table, model.at[i].id)->state = to = TURRET_STATE_ACCEPTED;
            model.at[i].state = to;
        }
        if (step % 7 == 0)
            compare(table, &model, next_id);
    }
    assert_true(refused > 100);
    free(table);
}

static void a_full_table_of_working_orders_takes_nobody(void **state)
{
    struct order_table *table = calloc(1, order_table_size(3));
    uint64_t id;
    (void)state;
    assert_non_null(table);
    order_table_init(table, 3);
    for (id = 1; id <= 3; id++)
        order_table_add(table, id)->state = TURRET_STATE_UNKNOWN;
    assert_null(order_table_add(table, 4));
    assert_null(order_table_find(table, 4));
    assert_null(order_table_find(table, 0)); /* what stands for none */
    order_table_find(table, 2)->state = TURRET_STATE_EXPIRED;
    assert_non_null(order_table_add(table, 4));
    assert_null(order_table_find(table, 2));
    assert_non_null(order_table_find(table, 1));
    assert_non_null(order_table_find(table, 3));
    free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_is_as_the_table_says),
        cmocka_unit_test(states_are_what_they_say),
        cmocka_unit_test(leaves_are_never_negative),
        cmocka_unit_test(random_use_is_like_a_list),
        cmocka_unit_test(a_full_table_of_working_orders_takes_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
