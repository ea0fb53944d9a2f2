/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what `turret reconcile` tells, from the store alone, of orders nobody knows the state of:
 * for each venue how many, since when and which the oldest is, below the differences; and that
 * `turret state` says so when no daemon could tell more.
 */
#include "records_fixture.h"

#include "config/config.h"

#include "cli_run.h"

static struct store *open_store(void **state)
{
    assert_int_equal(fixture_setup(state), 0);
    return fixture_open(((const struct fixture *)*state)->path, STORE_CREATE);
}

static int one_is_unknown(void **state)
{
    struct store *store = open_store(state);
    records_put_orders(store); /* the newest one of sim */
    store_close(store);
    return 0;
}

/* Two more of another venue, the older later; one that works; and a difference. */
static int several_are(void **state)
{
    struct store *store = open_store(state);
    struct row_names other = records_spy;
    struct row_difference row;
    struct order order = {.id = (UINT64_C(1) << 32) + 2,
                          .side = TURRET_SIDE_BUY,
                          .type = TURRET_ORDER_LIMIT,
                          .state = TURRET_STATE_UNKNOWN,
                          .qty = 1,
                          .updated = RECORDS_DAY + 9 * RECORDS_SECOND};
    records_put_orders(store);
    (void)memcpy(other.venue, "fake", 5);
    records_put_order(store, &other, &order);
    order.id++;
    order.updated -= 2 * RECORDS_SECOND;
    records_put_order(store, &other, &order);
    order.id++;
    order.state = TURRET_STATE_ACCEPTED;
    records_put_order(store, &other, &order);
    memset(&row, 0, sizeof row);
    row.names = records_own;
    row.difference.id = 7;
    row.difference.kind = DIFFERENCE_OF_POSITION;
    row.difference.since = RECORDS_DAY;
    row.difference.ours = 1;
    (void)memcpy(row.difference.text, "drift", 6);
    records_put_numbered(store, STORE_DIFFERENCE, 7, &row, sizeof row);
    store_close(store);
    return 0;
}

/* No configuration has so many venues: the rest is left out. */
static int too_many_venues(void **state)
{
    struct store *store = open_store(state);
    struct row_names names = records_spy;
    struct order order = {.side = TURRET_SIDE_BUY,
                          .type = TURRET_ORDER_LIMIT,
                          .state = TURRET_STATE_UNKNOWN,
                          .qty = 1,
                          .updated = RECORDS_DAY};
    for (order.id = 1; order.id <= CONFIG_VENUES_MAX + 2; order.id++) {
        (void)snprintf(names.venue, sizeof names.venue, "v%llu", (unsigned long long)order.id);
        records_put_order(store, &names, &order);
    }
    store_close(store);
    return 0;
}

static void expect(void **state, const char *words, int code, const char *out, const char *err)
{
    const struct fixture *fixture = *state;
    cli_run_expect_on(fixture->path, words, code, out, err);
}

#define UNKNOWN(venue, oldest, second, what, count)                                                \
    "  {\n    \"id\": null,\n    \"kind\": \"unknown\",\n    \"venue\": \"" venue "\",\n"          \
    "    \"symbol\": null,\n    \"currency\": null,\n    \"order_id\": " oldest ",\n"              \
    "    \"ours\": null,\n    \"theirs\": null,\n    \"state\": \"UNKNOWN\",\n"                    \
    "    \"halts\": false,\n    \"since\": \"2024-01-02T00:00:" second "Z\",\n"                    \
    "    \"until\": null,\n    \"sequence\": null,\n    \"text\": \"nobody knows what became "     \
    "of " what ": turret orders --open; the oldest is " oldest "\",\n    \"orders\": " count       \
    "\n  }"

static void test_as_a_table(void **state)
{
    expect(
        state, "reconcile", 0,
        "id  since                 kind      venue  about     ours  theirs  state    what\n"
        " 7  2024-01-02T00:00:00Z  position  sim    SPY          1       0  OPEN     drift\n"
        " -  2024-01-02T00:00:04Z  unknown   sim    1 order      -       -  UNKNOWN  nobody knows "
        "what became of it: turret orders --open; the oldest is 4294967297\n"
        " -  2024-01-02T00:00:07Z  unknown   fake   2 orders     -       -  UNKNOWN  nobody knows "
        "what became of them: turret orders --open; the oldest is 4294967299\n",
        "no daemon runs: nothing is compared\n");
}

#define NOT_COMPARED                                                                               \
    "  {\n    \"id\": null,\n    \"kind\": \"not_compared\",\n    \"venue\": null,\n"              \
    "    \"symbol\": null,\n    \"currency\": null,\n    \"order_id\": null,\n"                    \
    "    \"ours\": null,\n    \"theirs\": null,\n    \"state\": \"NOT_COMPARED\",\n"               \
    "    \"halts\": false,\n    \"since\": null,\n    \"until\": null,\n"                          \
    "    \"sequence\": null,\n    \"text\": \"no daemon runs: nothing is compared\"\n  }"

static void test_as_json(void **state)
{
    expect(state, "reconcile --json", 0,
           "[\n" UNKNOWN("sim", "4294967297", "04", "it", "1") ",\n" NOT_COMPARED "\n]\n", "");
}

static int nothing_is_wrong(void **state)
{
    store_close(open_store(state));
    return 0;
}

/* That is no agreement. */
static void test_nothing_without_a_daemon(void **state)
{
    expect(state, "reconcile", 0, "",
           "no differences are recorded\nno daemon runs: nothing is compared\n");
    expect(state, "reconcile --json", 0, "[\n" NOT_COMPARED "\n]\n", "");
}

static void test_of_venues_there_is_room_for(void **state)
{
    const struct fixture *fixture = *state;
    const char *words[] = {"reconcile", "--plain", "--store", fixture->path, NULL};
    struct cli_run run = cli_run(words);
    size_t lines = 0;
    assert_int_equal(run.code, 0);
    for (const char *at = run.out; *at; at++)
        lines += *at == '\n';
    assert_int_equal(lines, CONFIG_VENUES_MAX);
    cli_run_free(&run);
}

static void test_state_without_a_daemon(void **state)
{
    expect(state, "state", 0, "every scope is ACTIVE\n", "");
    expect(state, "state --json", 0,
           "{\n  \"states\": [],\n  \"stops\": [],\n  \"kill_switch\": [],\n  \"unrecorded\": "
           "[],\n  \"now\": null\n}\n",
           "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_as_a_table, several_are, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_as_json, one_is_unknown, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_nothing_without_a_daemon, nothing_is_wrong,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_of_venues_there_is_room_for, too_many_venues,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_state_without_a_daemon, one_is_unknown,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
