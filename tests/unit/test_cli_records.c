/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what positions, orders, fills and pnl print from the store's tables: JSON to the byte,
 * tables, --plain, every filter; and that rows which make no sense are told and left out, and texts
 * of a venue cannot reach the terminal as commands.
 */
#include "records_fixture.h"

#include "cli_run.h"

static int setup(void **state)
{
    struct fixture *fixture;
    struct store *store;
    if (fixture_setup(state))
        return -1;
    fixture = *state;
    store = fixture_open(fixture->path, STORE_CREATE);
    records_put_orders(store);
    records_put_fills(store);
    records_put_books(store);
    store_close(store);
    return 0;
}

static void expect(void **state, const char *words, int code, const char *out, const char *err)
{
    const struct fixture *fixture = *state;
    cli_run_expect_on(fixture->path, words, code, out, err);
}

#define NOT_ASKED                                                                                  \
    "    \"post_only\": false,\n    \"trail\": null,\n    \"expires\": null,\n"                    \
    "    \"display_qty\": null,\n    \"take_profit\": null,\n    \"stop_loss\": null,\n"           \
    "    \"stop_trail\": null,\n"
#define ORDER_1                                                                                    \
    "  {\n    \"id\": 1,\n    \"strategy\": \"spy-cross\",\n    \"symbol\": \"SPY\",\n"            \
    "    \"venue\": \"sim\",\n    \"side\": \"buy\",\n    \"type\": \"market\",\n"                 \
    "    \"tif\": \"GTC\",\n    \"state\": \"FILLED\",\n    \"request\": \"none\",\n"              \
    "    \"reduce_only\": false,\n    \"by_target\": true,\n    \"qty\": \"10\",\n"                \
    "    \"filled_qty\": \"10\",\n    \"limit_price\": null,\n    \"stop_price\": "                \
    "null,\n" NOT_ASKED                                                                            \
    "    \"currency\": \"USD\",\n    \"filled_value\": \"1005\",\n    \"fees\": \"0.5\",\n"        \
    "    \"denial\": null,\n    \"denial_text\": null,\n    \"reason\": \"cross up\",\n"           \
    "    \"venue_order_id\": \"V-1\",\n    \"venue_reason\": null,\n"                              \
    "    \"created\": \"2024-01-02T00:00:00Z\",\n    \"updated\": \"2024-01-02T00:00:00.5Z\",\n"   \
    "    \"sequence\": 7,\n    \"role\": null,\n    \"parent\": null,\n    \"pair\": null,\n    "  \
    "\"config_version\": 0,\n    \"build\": "                                                      \
    "null\n  }"
#define ORDER_2                                                                                    \
    "  {\n    \"id\": 2,\n    \"strategy\": \"btc-grid\",\n    \"symbol\": \"BTC\",\n"             \
    "    \"venue\": \"sim\",\n    \"side\": \"sell\",\n    \"type\": \"stop_limit\",\n"            \
    "    \"tif\": \"DAY\",\n    \"state\": \"ACCEPTED\",\n    \"request\": \"cancel\",\n"          \
    "    \"reduce_only\": true,\n    \"by_target\": false,\n    \"qty\": \"0.12345678\",\n"        \
    "    \"filled_qty\": \"0.00345678\",\n    \"limit_price\": \"42000.5\",\n"                     \
    "    \"stop_price\": \"42001\",\n" NOT_ASKED                                                   \
    "    \"currency\": \"EUR\",\n    \"filled_value\": \"0\",\n"                                   \
    "    \"fees\": \"0\",\n    \"denial\": null,\n    \"denial_text\": null,\n"                    \
    "    \"reason\": null,\n    \"venue_order_id\": null,\n    \"venue_reason\": null,\n"          \
    "    \"created\": \"2024-01-02T00:00:01Z\",\n    \"updated\": \"2024-01-02T00:00:02Z\",\n"     \
    "    \"sequence\": 9,\n    \"role\": \"exit\",\n    \"parent\": 1,\n    \"pair\": 5,\n    "    \
    "\"config_version\": 0,\n    \"build\": "                                                      \
    "null\n  }"
#define ORDER_4                                                                                    \
    "  {\n    \"id\": 4294967297,\n    \"strategy\": null,\n    \"symbol\": \"SPY\",\n"            \
    "    \"venue\": \"sim\",\n    \"side\": \"sell\",\n    \"type\": \"stop\",\n"                  \
    "    \"tif\": \"FOK\",\n    \"state\": \"UNKNOWN\",\n    \"request\": \"none\",\n"             \
    "    \"reduce_only\": false,\n    \"by_target\": false,\n    \"qty\": \"1\",\n"                \
    "    \"filled_qty\": \"0\",\n    \"limit_price\": null,\n    \"stop_price\": "                 \
    "\"90\",\n" NOT_ASKED                                                                          \
    "    \"currency\": \"USD\",\n    \"filled_value\": \"0\",\n    \"fees\": \"0\",\n"             \
    "    \"denial\": null,\n    \"denial_text\": null,\n    \"reason\": null,\n"                   \
    "    \"venue_order_id\": null,\n    \"venue_reason\": \"lost ?[2Jhere?\",\n"                   \
    "    \"created\": \"2024-01-02T00:00:04Z\",\n    \"updated\": \"2024-01-02T00:00:04Z\",\n"     \
    "    \"sequence\": 15,\n    \"role\": null,\n    \"parent\": null,\n    \"pair\": 6,\n    "    \
    "\"config_version\": 0,\n    \"build\": "                                                      \
    "null\n  }"

static void test_orders_as_json(void **state)
{
    expect(state, "orders --open --json", 0, "[\n" ORDER_2 ",\n" ORDER_4 "\n]\n", "");
    expect(state, "orders --strategy spy-cross --limit 2 --open --json", 0, "[]\n", "");
    expect(state, "orders --limit 1 --json", 0, "[\n" ORDER_4 "\n]\n", "");
    expect(state, "orders --limit 1 --open -s btc-grid --json", 0, "[\n" ORDER_2 "\n]\n", "");
}

static void test_orders_as_table(void **state)
{
    expect(state, "orders", 0,
           "        id  updated                 strategy   instrument  side  type               "
           "qty      filled          price  state     linked             why\n"
           "         1  2024-01-02T00:00:00.5Z  spy-cross  SPY.sim     buy   market              "
           "10          10                 FILLED                       cross up\n"
           "         2  2024-01-02T00:00:02Z    btc-grid   BTC.sim     sell  stop_limit  "
           "0.12345678  0.00345678  42001/42000.5  ACCEPTED  exit of 1, pair 5  \n"
           "         3  2024-01-02T00:00:03Z    spy-cross  SPY.sim     buy   limit                "
           "5           0             99  DENIED    part of 4          the price is too far from "
           "the reference\n"
           "4294967297  2024-01-02T00:00:04Z               SPY.sim     sell  stop                 "
           "1           0             90  UNKNOWN   pair 6             lost ?[2Jhere?\n",
           "");
    expect(state, "orders --plain --limit 1 -s spy-cross", 0,
           "3\t2024-01-02T00:00:03Z\tspy-cross\tSPY.sim\tbuy\tlimit\t5\t0\t99\tDENIED\tpart of "
           "4\tthe price is too far from the reference\n",
           "");
}

/* What was asked for beyond the prices; of a stop that was set off at which price, and what for. */
static void test_orders_say_what_was_asked(void **state)
{
    const struct fixture *fixture = *state;
    struct order trails = {.side = TURRET_SIDE_SELL,
                           .type = TURRET_ORDER_TRAILING_STOP,
                           .tif = TURRET_TIF_GTD,
                           .state = TURRET_STATE_HELD,
                           .flags = TURRET_ORDER_POST_ONLY,
                           .qty = 7,
                           .stop_price = 9850,
                           .trail = 150,
                           .expires = RECORDS_DAY + 3 * RECORDS_SECOND,
                           .display_qty = 2,
                           .take_profit = 12000,
                           .stop_loss = 8001,
                           .stop_trail = 25,
                           .created = RECORDS_DAY,
                           .updated = RECORDS_DAY,
                           .reason = "guard"};
    struct order went = trails;
    const char *words[] = {"orders", "--json", "-n", "1", "--store", fixture->path, NULL};
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct cli_run run;
    trails.id = 4294967298;
    records_put_order(store, &records_spy, &trails);
    store_close(store);
    run = cli_run(words);
    assert_non_null(strstr(run.out,
                           "    \"stop_price\": \"98.5\",\n    \"post_only\": true,\n"
                           "    \"trail\": \"1.5\",\n    \"expires\": \"2024-01-02T00:00:03Z\",\n"
                           "    \"display_qty\": \"2\",\n    \"take_profit\": \"120\",\n"
                           "    \"stop_loss\": \"80.01\",\n    \"stop_trail\": \"0.25\",\n"));
    cli_run_free(&run);
    store = fixture_open(fixture->path, STORE_CREATE);
    went.id = 4294967299;
    went.type = TURRET_ORDER_MARKET;
    went.stop_price = went.trail = 0;
    went.state = TURRET_STATE_SENT;
    went.was_stop = 1;
    (void)snprintf(went.venue_reason, sizeof went.venue_reason, "its price 98.5 traded");
    records_put_order(store, &records_spy, &went);
    went.id = 4294967300;
    went.reason[0] = 0;
    records_put_order(store, &records_spy, &went);
    went.id = 4294967301;
    went.was_stop = 0;
    (void)snprintf(went.reason, sizeof went.reason, "guard");
    records_put_order(store, &records_spy, &went);
    store_close(store);
    expect(state, "orders --plain --limit 4", 0,
           "4294967298\t2024-01-02T00:00:00Z\tspy-cross\tSPY.sim\tsell\ttrailing_stop\t7\t0\t98.5 "
           "trail "
           "1.5\tHELD\t\tguard\n"
           "4294967299\t2024-01-02T00:00:00Z\tspy-cross\tSPY."
           "sim\tsell\tmarket\t7\t0\t\tSENT\t\tits price "
           "98.5 traded (guard)\n"
           "4294967300\t2024-01-02T00:00:00Z\tspy-cross\tSPY."
           "sim\tsell\tmarket\t7\t0\t\tSENT\t\tits price "
           "98.5 traded\n"
           "4294967301\t2024-01-02T00:00:00Z\tspy-cross\tSPY."
           "sim\tsell\tmarket\t7\t0\t\tSENT\t\tits price "
           "98.5 traded\n",
           "");
}

static void test_orders_of_nobody(void **state)
{
    struct row_instance row = {.plugin = "turret.ma_cross"};
    struct store *store;
    expect(
        state, "orders -s spy-cros --json", CLI_INVALID, "",
        "{\"error\":{\"code\":\"ENOTFOUND\",\"exit\":3,\"text\":\"no strategy 'spy-cros' in this "
        "store; did you mean 'spy-cross'?\"}}\n");
    for (size_t i = 0; i < 4; i++) {
        static const char *const commands[] = {"orders -s zebra", "orders --open -s zebra",
                                               "fills -s zebra", "positions -s zebra"};
        expect(state, commands[i], CLI_INVALID, "",
               "turret: no strategy 'zebra' in this store; it knows btc-grid, spy-cross\n");
    }
    store = fixture_open(((const struct fixture *)*state)->path, STORE_CREATE);
    records_put(store, STORE_INSTANCE, "strategy zebra", 14, ROWS_VERSION, &row, sizeof row);
    records_put(store, STORE_INSTANCE, "venue lion", 10, ROWS_VERSION, &row, sizeof row);
    store_close(store);
    expect(state, "orders -s zebra", 0, "", "no orders of strategy 'zebra'\n");
    expect(state, "fills -s zebra --json", 0, "[]\n", "no fills of strategy 'zebra'\n");
    expect(state, "positions -s zebra", 0, "", "no open positions\n");
    expect(state, "orders -s lion", CLI_INVALID, "",
           "turret: no strategy 'lion' in this store; it knows zebra, btc-grid, spy-cross\n");
    expect(state, "orders -s spy-cross --open", 0, "", "no open orders\n");
    expect(state, "orders --limit 0", CLI_USAGE, "",
           "turret: --limit is '0'; expected a whole number from 1 to 1000000\n"
           "see 'turret help orders'\n");
    expect(state, "orders --limit 5 --all", CLI_USAGE, "",
           "turret: --all and --limit exclude each other\nsee 'turret help orders'\n");
    expect(state, "orders --open --all", CLI_USAGE, "",
           "turret: --open and --all exclude each other\nsee 'turret help orders'\n");
}

static void test_fills(void **state)
{
    expect(state, "fills --json --limit 2", 0,
           "[\n  {\n    \"id\": 2,\n    \"order_id\": 2,\n    \"strategy\": \"btc-grid\",\n"
           "    \"symbol\": \"BTC\",\n    \"venue\": \"sim\",\n    \"side\": \"sell\",\n"
           "    \"qty\": \"0.00345678\",\n    \"price\": \"42000.5\",\n    \"currency\": \"EUR\",\n"
           "    \"value\": \"145.18648839\",\n    \"fee\": \"-0.00000001\",\n"
           "    \"realised\": \"-2.50000001\",\n    \"maker\": true,\n    \"busted\": false,\n"
           "    \"execution_id\": null,\n    \"time\": \"2024-01-02T00:00:02Z\"\n  },\n"
           "  {\n    \"id\": 3,\n    \"order_id\": 2,\n    \"strategy\": \"btc-grid\",\n"
           "    \"symbol\": \"BTC\",\n    \"venue\": \"sim\",\n    \"side\": \"buy\",\n"
           "    \"qty\": \"0.00345678\",\n    \"price\": \"42000.5\",\n    \"currency\": \"EUR\",\n"
           "    \"value\": \"145.18648839\",\n    \"fee\": \"-0.00000001\",\n"
           "    \"realised\": \"-2.50000001\",\n    \"maker\": true,\n    \"busted\": true,\n"
           "    \"execution_id\": \"-X2\",\n    \"time\": \"2024-01-02T00:00:02Z\"\n  }\n]\n",
           "");
    expect(state, "fills -s spy-cross", 0,
           "id  time                    order  strategy   instrument  side  qty  price  fee  "
           "realised  currency  note\n"
           " 1  2024-01-02T00:00:00.5Z      1  spy-cross  SPY.sim     buy    10  100.5  0.5       "
           "  0  USD       \n",
           "");
}

static void test_positions(void **state)
{
    expect(state, "positions --strategy btc-grid --json", 0,
           "[\n  {\n    \"strategy\": \"btc-grid\",\n    \"symbol\": \"BTC\",\n"
           "    \"venue\": \"sim\",\n    \"currency\": \"EUR\",\n    \"qty\": \"-0.12345678\",\n"
           "    \"open_buy\": \"0.000001\",\n    \"open_sell\": \"0\",\n"
           "    \"cost\": \"-51.8518476\",\n    \"mark\": \"42001\",\n    \"value\": \"-51.853\",\n"
           "    \"unrealised\": \"-0.0011524\",\n    \"realised\": \"0\",\n    \"fees\": \"0\",\n"
           "    \"trades\": 0,\n    \"wins\": 0,\n    \"target\": null\n  }\n]\n",
           "");
    expect(state, "positions", 0,
           "strategy   instrument          qty         cost   mark    value  unrealised  realised  "
           "fees  currency\n"
           "btc-grid   BTC.sim     -0.12345678  -51.8518476  42001  -51.853  -0.0011524         0  "
           "   0  EUR\n"
           "spy-cross  SPY.sim              10         1005    101     1010           5        -3  "
           " 0.5  USD\n"
           "(account)  SPY.sim              10         1005    101     1010           5        -3  "
           " 0.5  USD\n",
           "");
    expect(state, "positions --all --plain -s spy-cross", 0,
           "spy-cross\tQQQ.sim\t0\t0\t400\t0\t0\t20\t1\tUSD\n"
           "spy-cross\tSPY.sim\t10\t1005\t101\t1010\t5\t-3\t0.5\tUSD\n",
           "");
}

static void test_pnl(void **state)
{
    expect(state, "pnl --json", 0,
           "{\n  \"strategies\": [\n    {\n      \"strategy\": \"btc-grid\",\n"
           "      \"currency\": \"EUR\",\n      \"realised\": \"0\",\n      \"fees\": \"0\",\n"
           "      \"unrealised\": \"-0.0011524\",\n      \"total\": \"-0.0011524\"\n    },\n"
           "    {\n      \"strategy\": \"spy-cross\",\n      \"currency\": \"USD\",\n"
           "      \"realised\": \"17\",\n      \"fees\": \"1.5\",\n      \"unrealised\": \"5\",\n"
           "      \"total\": \"20.5\"\n    }\n  ],\n  \"accounts\": [\n    {\n"
           "      \"venue\": \"sim\",\n      \"currency\": \"USD\",\n      \"cash\": \"99000.5\",\n"
           "      \"equity\": \"121250\",\n      \"start\": \"100000\",\n"
           "      \"profit\": \"21250\",\n      \"realised\": \"17\",\n      \"fees\": \"1.5\",\n"
           "      \"drawdown_pct\": \"3\",\n      \"max_drawdown_pct\": \"4\",\n"
           "      \"max_drawdown\": \"5000\"\n    }\n  ]\n}\n",
           "");
    expect(state, "pnl", 0,
           "strategy   realised  fees  unrealised       total  currency\n"
           "btc-grid          0     0  -0.0011524  -0.0011524  EUR\n"
           "spy-cross        17   1.5           5        20.5  USD\n"
           "\n"
           "account     cash  equity  profit  drawdown  deepest  fees  currency\n"
           "sim      99000.5  121250   21250        3%       4%   1.5  USD\n",
           "");
    expect(state, "pnl --plain", 0,
           "strategy\tbtc-grid\t0\t0\t-0.0011524\t-0.0011524\tEUR\n"
           "strategy\tspy-cross\t17\t1.5\t5\t20.5\tUSD\n"
           "account\tsim\t99000.5\t121250\t21250\t3%\t4%\t1.5\tUSD\n",
           "");
}

/* Hundreds of orders: the newest, and how many there are beside them. */
static void test_newest(void **state)
{
    const struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, 0);
    struct store_batch *batch = fixture_batch(1 << 20);
    struct row_order row;
    struct cli_run run;
    memset(&row, 0, sizeof row);
    row.names = records_spy;
    row.order = (struct order){
        .side = TURRET_SIDE_BUY, .type = TURRET_ORDER_MARKET, .state = TURRET_STATE_CANCELED};
    for (uint64_t id = 1; id <= 300; id++) {
        uint8_t key[8] = {0, 0, 0, 9, 0, 0, (uint8_t)(id >> 8), (uint8_t)id};
        row.order.id = id;
        assert_int_equal(
            store_batch_put(batch, STORE_ORDER, key, sizeof key, ROWS_VERSION, &row, sizeof row),
            TURRET_OK);
    }
    assert_int_equal(store_commit(store, batch, NULL), TURRET_OK);
    store_batch_destroy(batch);
    store_close(store);
    for (int limit = 0; limit < 3; limit++) {
        static const char *const options[][2] = {
            {"--plain", NULL}, {"--plain", "--limit=299"}, {"--plain", "--all"}};
        static const unsigned firsts[] = {251, 2, 1}, counts[] = {50, 299, 304};
        const char *words[] = {"orders",          "--store",         fixture->path,
                               options[limit][0], options[limit][1], NULL};
        unsigned lines = 0, last = firsts[limit] - 1;
        run = cli_run(words);
        for (const char *at = run.out; *at; at = strchr(at, '\n') + 1, lines++)
            if (limit < 2)
                assert_int_equal(strtoul(at, NULL, 10), ++last);
        assert_int_equal(lines, counts[limit]);
        assert_string_equal(run.err,
                            limit ? "" : "254 older orders are left out; --all shows them\n");
        cli_run_free(&run);
    }
}

/* Each is left out, told, and ends in an error; what is good is printed all the same. */
static void test_rows_without_sense(void **state)
{
    const struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, 0);
    struct row_order row;
    char expected[600];
    memset(&row, 0, sizeof row);
    row.names = records_spy;
    row.order = (struct order){.id = 20, .state = TURRET_STATE_UNKNOWN + 1};
    records_put_numbered(store, STORE_ORDER, 20, &row, sizeof row);
    records_put_numbered(store, STORE_ORDER, 21, &row, sizeof row - 1);
    row.order.state = TURRET_STATE_FILLED;
    row.order.role = ORDER_SLICE + 1;
    records_put_numbered(store, STORE_ORDER, 23, &row, sizeof row);
    row.order.role = ORDER_OWN;
    row.names.price_scale = 13;
    records_put_numbered(store, STORE_ORDER, 22, &row, sizeof row);
    records_put(store, STORE_POSITION, "x", 1, ROWS_VERSION + 1, &row, sizeof row);
    store_close(store);
    (void)snprintf(expected, sizeof expected,
                   "turret: store %s: a row about an order is damaged and left out; run: turret "
                   "journal verify\n",
                   fixture->path);
    expect(state, "orders --plain -s spy-cross --limit 1", CLI_FAILED,
           "3\t2024-01-02T00:00:03Z\tspy-cross\tSPY.sim\tbuy\tlimit\t5\t0\t99\tDENIED\tpart of "
           "4\tthe price "
           "is too far from the reference\n",
           expected);
    (void)snprintf(expected, sizeof expected,
                   "turret: store %s: a row about a position has version 2 and is left out, this "
                   "turret knows 1: use the turret that wrote it\n",
                   fixture->path);
    expect(state, "positions --plain -s btc-grid", CLI_INVALID,
           "btc-grid\tBTC.sim\t-0.12345678\t-51.8518476\t42001\t-51.853\t-0.0011524\t0\t0\tEUR\n",
           expected);
    /* nor is a strategy said not to be there that those rows may name */
    expect(state, "fills -s zebra", CLI_INVALID, "", expected);
    expect(state, "positions -s zebra", CLI_INVALID, "", expected);
}

static void test_damaged_orders_may_name_a_strategy(void **state)
{
    const struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, 0);
    char expected[600];
    records_put_numbered(store, STORE_ORDER, 20, "x", 1);
    store_close(store);
    (void)snprintf(expected, sizeof expected,
                   "turret: store %s: a row about an order is damaged and left out; run: turret "
                   "journal verify\n",
                   fixture->path);
    for (size_t i = 0; i < 3; i++) {
        static const char *const commands[] = {"orders -s zebra", "fills -s zebra",
                                               "positions -s zebra"};
        expect(state, commands[i], CLI_FAILED, "", expected);
    }
    expect(state, "fills --plain -s btc-grid --limit 1", 0,
           "3\t2024-01-02T00:00:02Z\t2\tbtc-grid\tBTC.sim\tbuy\t0.00345678\t42000.5\t"
           "-0.00000001\t-2.50000001\tEUR\tbusted\n",
           "");
}

static void test_sums_that_do_not_fit(void **state)
{
    const struct fixture *fixture = *state;
    struct store *store = fixture_open(fixture->path, 0);
    struct row_names name = records_spy;
    struct position position = {.realised = INT64_MAX};
    memcpy(name.symbol, "IWM", 4);
    records_put_position(store, &name, 1, &position);
    store_close(store);
    expect(state, "pnl --plain", CLI_FAILED,
           "strategy\tbtc-grid\t0\t0\t-0.0011524\t-0.0011524\tEUR\n"
           "account\tsim\t99000.5\t121250\t21250\t3%\t4%\t1.5\tUSD\n",
           "turret: the sums of strategy 'spy-cross' do not fit 64-bit money; it is left out\n");
}

static void test_nothing_yet(void **state)
{
    const struct fixture *fixture = *state;
    char expected[500];
    (void)snprintf(expected, sizeof expected,
                   "turret: there is no store in %s (--store): run this in the directory of "
                   "turret.yaml, or name another by --store DIR, -C FILE or $TURRET_STORE; turret "
                   "run or an import makes one\n",
                   fixture->path);
    expect(state, "orders", CLI_INVALID, "", expected);
    expect(state, "pnl", CLI_INVALID, "", expected);
    store_close(fixture_open(fixture->path, STORE_CREATE));
    expect(state, "orders", 0, "", "no orders\n");
    expect(state, "orders --json", 0, "[]\n", "");
    expect(state, "fills", 0, "", "no fills\n");
    expect(state, "fills -s spy-cross", CLI_INVALID, "",
           "turret: no strategy 'spy-cross' in this store; it knows none yet\n");
    expect(state, "positions --json", 0, "[]\n", "");
    expect(state, "positions --all", 0, "", "no positions\n");
    expect(state, "pnl", 0, "", "nothing was traded yet\n");
    expect(state, "pnl --json", 0, "{\n  \"strategies\": [],\n  \"accounts\": []\n}\n", "");
}

/* Of a day with many configurations none is left out: each of its orders names one. */
static void test_many_configurations(void **state)
{
    const struct fixture *fixture = *state;
    const char *words[] = {"statement", "--json", "--store", fixture->path, NULL};
    struct store *store = fixture_open(fixture->path, STORE_CREATE);
    struct order order = {.side = TURRET_SIDE_BUY,
                          .type = TURRET_ORDER_MARKET,
                          .tif = TURRET_TIF_GTC,
                          .state = TURRET_STATE_FILLED,
                          .qty = 1,
                          .created = RECORDS_DAY,
                          .updated = RECORDS_DAY};
    struct cli_run run;
    const char *at;
    char last[64];
    uint32_t told = 0;
    for (order.id = 1; order.id <= 300; order.id++) {
        order.config_version = 1 + (order.id - 1) % 150;
        records_put_order(store, &records_spy, &order);
    }
    store_close(store);
    run = cli_run(words);
    assert_int_equal(run.code, 0);
    at = strstr(run.out, "\"configurations\"");
    assert_non_null(at);
    while ((at = strstr(at + 1, "\"config_version\"")) != NULL)
        told++;
    assert_int_equal(told, 150);
    at = strstr(run.out, "\"configurations\"");
    (void)snprintf(last, sizeof last, "\"config_version\": %d,", 150);
    assert_non_null(strstr(at, last));
    cli_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_orders_as_json, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_orders_as_table, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_orders_say_what_was_asked, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_orders_of_nobody, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_fills, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_positions, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_pnl, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_newest, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_rows_without_sense, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_damaged_orders_may_name_a_strategy, setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_sums_that_do_not_fit, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_many_configurations, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_nothing_yet, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
