/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows with the plugins work_twap and work_vwap in an engine: a market part that did not fill is
 * not taken back when the next is due, and what was late is made up for when it fills; a limit part
 * is taken back; and that nothing fills is said once an order.
 */
#include <dlfcn.h>

#include "engine_rig.h"

#define SECONDS 600
#define PARTS   10
#define WORKS   1
#define PLANNED (SECONDS * MONEY_NANO)

static struct rig rig;

/* The strategy type that a plugin of the tree offers. */
static const struct turret_strategy_type *type_of(const char *plugin)
{
    const char *folder = getenv("TURRET_PLUGINS");
    const struct turret_entry *entry;
    char path[1024];
    void *library;
    assert_non_null(folder);
    (void)snprintf(path, sizeof path, "%s/%s.so", folder, plugin);
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* stays loaded for the other tests */
    if (!library)
        fail_msg("%s", dlerror());
    entry = dlsym(library, TURRET_ENTRY_SYMBOL);
    assert_non_null(entry);
    return entry->offers[0].strategy;
}

/* Strategy "a0" asks, `plugin` under the name "b1" works its orders in ten parts a minute apart. */
static void open_with(const char *plugin)
{
    struct turret_param_value params[] = {
        {1, TURRET_PARAM_TYPE_INT, SECONDS, (double)SECONDS, NULL},
        {2, TURRET_PARAM_TYPE_INT, PARTS, (double)PARTS, NULL}};
    struct rig_options o = rig_defaults();
    struct engine_subscription on = {0};
    struct engine_strategy works = {.name = "b1", .params = params, .on = &on, .on_count = 1};
    struct turret_error err = {0};
    uint32_t index;
    (void)rig_build(&rig, &o, &err);
    on = (struct engine_subscription){rig.instrument[0], RIG_MINUTE};
    works.type = type_of(plugin);
    works.enabled = true;
    risk_limits_clear(&works.limits);
    assert_int_equal(engine_add_strategy(rig.engine, &works, &index, &err), TURRET_OK);
    assert_int_equal(index, WORKS);
    if (engine_start(rig.engine, TURRET_REASON_FIRST, &err))
        fail_msg("%s", err.text);
    rig_control(&rig, CONTROL_CASH, 0, INT64_C(1000000) * MONEY_ONE);
    rig_connect(&rig);
    rig_bar(&rig, rig.instrument[0], 10000);
}

static int open_twap(void **state)
{
    (void)state;
    open_with("work_twap");
    return 0;
}

static int open_vwap(void **state)
{
    (void)state;
    open_with("work_vwap");
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

static uint64_t parent_of(turret_qty qty, turret_price limit_price)
{
    struct turret_order_request request =
        rig_request(rig.instrument[0], TURRET_SIDE_BUY, qty, limit_price);
    uint64_t id;
    memcpy(request.execution, "b1", 3);
    id = turret_submit(rig.self[0], &request);
    rig_turn(&rig);
    assert_int_equal(engine_order(rig.engine, id)->state, TURRET_STATE_HELD);
    return id;
}

/* Time passes, and is told by a quote, as it comes before the bar that ends then. */
static void quote_after(int64_t ns)
{
    struct event event;
    rig.time += ns;
    event = rig_event(&rig, EVENT_QUOTE);
    event.venue = 0;
    event.u.quote = (struct turret_quote){rig.instrument[0], 0, rig.time, 9999, 10001, 5, 5};
    engine_ingest(rig.engine, &event);
}

/* The last command: it submits a part of `qty`, answered for by its venue. */
static uint64_t part_sent(uint32_t commands, turret_qty qty)
{
    const struct command *last = &rig.commands[commands - 1];
    uint64_t id = last->order.order_id;
    assert_int_equal(rig.command_count, commands);
    assert_int_equal(last->kind, COMMAND_SUBMIT);
    assert_int_equal(last->order.qty, qty);
    rig_ack(&rig, id, TURRET_REQUEST_SUBMIT, 1, TURRET_OUTCOME_OK);
    return id;
}

static void a_market_part_is_left_to_fill(void **state)
{
    uint64_t parent = parent_of(100, 0), part = part_sent(1, 10);
    (void)state;
    quote_after(RIG_MINUTE);
    assert_int_equal(rig.command_count, 1); /* neither taken back nor followed */
    rig_fill(&rig, part, "1", TURRET_SIDE_BUY, 10, 10000);
    (void)part_sent(2, 10); /* was due, and went with the end of the first */
    assert_int_equal(engine_order(rig.engine, parent)->filled_qty, 10);
    quote_after(RIG_MINUTE - 1);
    assert_int_equal(rig.command_count, 2);
}

static void what_was_late_is_made_up_for(void **state)
{
    uint64_t part;
    (void)state;
    (void)parent_of(100, 0);
    part = part_sent(1, 10);
    quote_after(3 * RIG_MINUTE + 1);
    rig_fill(&rig, part, "1", TURRET_SIDE_BUY, 10, 10000);
    part = part_sent(2, 30); /* those of minutes 1, 2 and 3 */
    quote_after(RIG_MINUTE - 2);
    rig_fill(&rig, part, "2", TURRET_SIDE_BUY, 30, 10000);
    assert_int_equal(rig.command_count, 2); /* minute 4 is not over */
    quote_after(1);
    part = part_sent(3, 10);
    quote_after(30 * RIG_MINUTE);
    rig_fill(&rig, part, "3", TURRET_SIDE_BUY, 10, 10000);
    (void)part_sent(4, 50); /* the time is long up: the rest */
}

static void a_part_that_ends_unfilled_is_made_up_for(void **state)
{
    (void)state;
    (void)parent_of(100, 0);
    rig_state_of(&rig, part_sent(1, 10), TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(rig.command_count, 1);
    quote_after(RIG_MINUTE);
    (void)part_sent(2, 11); /* of 100 in nine parts */
}

static void a_limit_part_is_taken_back(void **state)
{
    uint64_t part;
    (void)state;
    (void)parent_of(100, 9900);
    part = part_sent(1, 10);
    quote_after(RIG_MINUTE);
    assert_int_equal(rig.command_count, 2);
    assert_int_equal(rig.commands[1].kind, COMMAND_CANCEL);
    assert_int_equal(rig.commands[1].order.order_id, part);
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 10, 0, 0);
    (void)part_sent(3, 11); /* of 100 in nine parts */
}

static void it_is_told_once_that_nothing_fills(void **state)
{
    uint64_t parent = parent_of(100, 0), part = part_sent(1, 10);
    char text[96];
    (void)state;
    quote_after(RIG_MINUTE);
    assert_int_equal(rig.engine->strategies[WORKS].timers[0], /* it does not ring in vain */
                     engine_order(rig.engine, parent)->created + 2 * PLANNED);
    quote_after(2 * PLANNED - RIG_MINUTE - 1);
    assert_int_equal(rig.notices[NOTICE_LOG], 0);
    quote_after(1);
    assert_int_equal(rig.notices[NOTICE_LOG], 1);
    assert_int_equal(rig.notice_of, WORKS);
    (void)snprintf(text, sizeof text, "order %llu: nothing filled in 1200 s, twice the time",
                   (unsigned long long)parent);
    assert_non_null(strstr(rig.last_notice[NOTICE_LOG], text));
    quote_after(PLANNED);
    assert_int_equal(rig.notices[NOTICE_LOG], 1);
    assert_int_equal(rig.engine->strategies[WORKS].timers[0], 0);
    rig_fill(&rig, part, "1", TURRET_SIDE_BUY, 10, 10000); /* it goes on */
    (void)part_sent(2, 90);
}

static void it_is_told_of_each_order_and_of_no_other(void **state)
{
    uint64_t limits, fills;
    (void)state;
    limits = parent_of(100, 9900); /* its parts are taken back, time and again */
    (void)part_sent(1, 10);
    fills = parent_of(50, 0);
    rig_fill(&rig, part_sent(2, 5), "1", TURRET_SIDE_BUY, 1, 10000);
    quote_after(2 * PLANNED);
    assert_int_equal(rig.notices[NOTICE_LOG], 1);
    assert_int_equal(engine_order(rig.engine, fills)->filled_qty, 1);
    assert_int_equal(turret_cancel(rig.self[0], limits), TURRET_OK);
    rig_turn(&rig);
    rig_state_of(&rig, rig.commands[0].order.order_id, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(engine_order(rig.engine, limits)->state, TURRET_STATE_CANCELED);
    (void)parent_of(100, 0); /* in the place of the one that is gone */
    quote_after(2 * PLANNED);
    assert_int_equal(rig.notices[NOTICE_LOG], 2);
}

#define TWAP_TEST(name) cmocka_unit_test_setup_teardown(name, open_twap, close_rig)
#define VWAP_TEST(name)                                                                            \
    {                                                                                              \
        "vwap_" #name, name, open_vwap, close_rig, NULL                                            \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TWAP_TEST(a_market_part_is_left_to_fill),
        TWAP_TEST(what_was_late_is_made_up_for),
        TWAP_TEST(a_part_that_ends_unfilled_is_made_up_for),
        TWAP_TEST(a_limit_part_is_taken_back),
        TWAP_TEST(it_is_told_once_that_nothing_fills),
        TWAP_TEST(it_is_told_of_each_order_and_of_no_other),
        VWAP_TEST(a_market_part_is_left_to_fill),
        VWAP_TEST(what_was_late_is_made_up_for),
        VWAP_TEST(it_is_told_once_that_nothing_fills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
