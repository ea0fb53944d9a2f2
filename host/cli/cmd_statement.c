/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret statement: what a day came to, from the store alone. How things stood at its end is how
 * they stand now less what was executed since. One document is made and printed as JSON or tables.
 */
#include "cli/json.h"
#include "cli/records.h"
#include "cli/statement_tables.h"
#include "config/walk.h"
#include "research/when.h"
#include "session/versions.h"

#include <stdlib.h>
#include <string.h>

#define DAY_NS (INT64_C(86400) * MONEY_NANO)

/* Of a strategy, or of the account: strategy "". */
struct line {
    struct row_names names;
    uint64_t orders, denied, fills;
    money_wide cash, fees, realised; /* cash: of accounts */
    bool is_account;
};
struct held {
    struct row_names names;
    money_wide qty;
};

struct statement {
    struct turret_error *err;
    turret_time_ns from, to, newest;
    struct line *lines;
    struct held *held;
    uint64_t *versions; /* whose limits are told */
    size_t line_count, held_count, version_count, line_room, held_room, version_room;
    uint64_t denied[DENY_CODES];
    json_t *orders;
};

static int no_memory(const struct statement *of)
{
    return turret_fail(of->err, TURRET_ENOMEM, "no memory");
}

/* One more zeroed row of a growing array; NULL: no memory. */
static void *add(void **rows, size_t *count, size_t *room, size_t size)
{
    if (*count == *room) {
        size_t more = *room ? *room * 2 : 16;
        void *grown = realloc(*rows, more * size);
        if (!grown)
            return NULL;
        *rows = grown;
        *room = more;
    }
    return memset((char *)*rows + (*count)++ * size, 0, size);
}

static struct line *line_of(struct statement *of, const struct row_names *names, bool is_account)
{
    const char *strategy = is_account ? "" : names->strategy;
    struct line *line = of->lines;
    void *rows = of->lines;
    for (size_t i = 0; i < of->line_count; i++, line++)
        if (line->is_account == is_account && !strcmp(line->names.strategy, strategy) &&
            !strcmp(line->names.venue, names->venue) &&
            !strcmp(line->names.currency, names->currency))
            return line;
    line = add(&rows, &of->line_count, &of->line_room, sizeof *line);
    of->lines = rows;
    if (!line)
        return NULL;
    line->names = *names;
    line->is_account = is_account;
    (void)snprintf(line->names.strategy, sizeof line->names.strategy, "%s", strategy);
    return line;
}

/* ---- reading ---- */

static int newest_order(void *context, const struct row_order *row)
{
    struct statement *of = context;
    if (row->order.created > of->newest)
        of->newest = row->order.created;
    return 0;
}

static int newest_fill(void *context, const struct row_fill *row)
{
    struct statement *of = context;
    if (row->fill.time > of->newest)
        of->newest = row->fill.time;
    return 0;
}

static void find_newest(struct statement *of, struct store *store)
{
    (void)records_orders(store, newest_order, of, of->err);
    (void)records_fills(store, newest_fill, of, of->err);
}

static int take_position(void *context, const struct row_position *row)
{
    struct statement *of = context;
    void *rows = of->held;
    struct held *held = add(&rows, &of->held_count, &of->held_room, sizeof *held);
    of->held = rows;
    if (!held)
        return no_memory(of);
    *held = (struct held){row->names, row->position.qty};
    return 0;
}

static int take_account(void *context, const struct row_account *row)
{
    struct statement *of = context;
    struct row_names names = {.strategy = ""};
    struct line *line;
    (void)snprintf(names.venue, sizeof names.venue, "%s", row->venue);
    (void)snprintf(names.currency, sizeof names.currency, "%.7s", row->account.currency);
    line = line_of(of, &names, true);
    if (!line)
        return no_memory(of);
    line->cash += row->account.cash;
    return 0;
}

/* What came after the day is taken off. */
static void undo(struct statement *of, const struct row_fill *row, struct line *account)
{
    const struct fill *fill = &row->fill;
    bool buys = fill->side == TURRET_SIDE_BUY;
    account->cash += (money_wide)fill->fee + (buys ? fill->value : -(money_wide)fill->value);
    for (size_t i = 0; i < of->held_count; i++) {
        struct held *held = &of->held[i];
        if (!strcmp(held->names.symbol, row->names.symbol) &&
            !strcmp(held->names.venue, row->names.venue) &&
            (!held->names.strategy[0] || !strcmp(held->names.strategy, row->names.strategy)))
            held->qty -= buys ? fill->qty : -fill->qty;
    }
}

static int take_fill(void *context, const struct row_fill *row)
{
    struct statement *of = context;
    struct line *account, *own;
    if (row->fill.time < of->from)
        return 0;
    account = line_of(of, &row->names, true);
    if (account && row->fill.time >= of->to) {
        undo(of, row, account);
        return 0;
    }
    own = account && row->names.strategy[0] ? line_of(of, &row->names, false) : NULL;
    account = account ? line_of(of, &row->names, true) : NULL; /* the rows may have moved */
    if (!account || (row->names.strategy[0] && !own))
        return no_memory(of);
    for (struct line *line = account; line; line = line == account ? own : NULL) {
        line->fills++;
        line->fees += row->fill.fee;
        line->realised += row->fill.realised;
    }
    return 0;
}

static int remember_version(struct statement *of, uint64_t version)
{
    void *rows = of->versions;
    uint64_t *added;
    size_t i = of->version_count;
    while (i > 0 && of->versions[i - 1] != version) /* the newest first: orders lie in their turn */
        i--;
    if (!version || i > 0)
        return TURRET_OK;
    added = add(&rows, &of->version_count, &of->version_room, sizeof *added);
    of->versions = rows;
    if (!added)
        return no_memory(of);
    *added = version;
    return TURRET_OK;
}

static json_t *order_json(const struct row_order *row)
{
    const struct order *order = &row->order;
    const struct row_names *names = &row->names;
    char instrument[64], build[65];
    (void)snprintf(instrument, sizeof instrument, "%s.%s", names->symbol, names->venue);
    rows_build_hex(order->build, build);
    return json_pack(
        "{s:I, s:o, s:o, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:I, s:o}", "id", (json_int_t)order->id,
        "created", cli_json_time(order->created), "strategy", records_strategy_json(names),
        "instrument", instrument, "side", order_side_name(order->side), "type",
        order_type_name(order->type), "qty", cli_json_decimal(order->qty, names->qty_scale),
        "filled_qty", cli_json_decimal(order->filled_qty, names->qty_scale), "state",
        order_state_name(order->state), "denial",
        order->denial ? json_string(denial_name(order->denial)) : json_null(), "config_version",
        (json_int_t)order->config_version, "build", records_text_json(build));
}

static int take_order(void *context, const struct row_order *row)
{
    struct statement *of = context;
    const struct order *order = &row->order;
    struct line *line;
    if (order->created < of->from || order->created >= of->to)
        return 0;
    if (json_array_append_new(of->orders, order_json(row)) ||
        remember_version(of, order->config_version))
        return no_memory(of);
    if (!row->names.strategy[0] || !row->names.venue[0])
        return 0;
    line = line_of(of, &row->names, false);
    if (!line)
        return no_memory(of);
    line->orders++;
    if (order->state != TURRET_STATE_DENIED)
        return 0;
    line->denied++;
    of->denied[order->denial < DENY_CODES ? order->denial : 0]++;
    return 0;
}

/* ---- the document ---- */

/* An amount that does not fit is null. */
static json_t *wide_json(money_wide value, int32_t scale)
{
    int64_t narrow;
    return money_fits(value, &narrow) ? cli_json_decimal(narrow, scale) : json_null();
}

static json_t *lines_json(const struct statement *of, bool accounts)
{
    json_t *array = json_array(), *row;
    for (size_t i = 0; i < of->line_count; i++) {
        const struct line *line = &of->lines[i];
        if (line->is_account != accounts)
            continue;
        row = json_pack("{s:s, s:s, s:I, s:o, s:o, s:o}", "venue", line->names.venue, "currency",
                        line->names.currency, "fills", (json_int_t)line->fills, "fees",
                        wide_json(line->fees, MONEY_SCALE), "realised",
                        wide_json(line->realised, MONEY_SCALE), "profit",
                        wide_json(line->realised - line->fees, MONEY_SCALE));
        if (accounts) {
            (void)json_object_set_new(row, "cash", wide_json(line->cash, MONEY_SCALE));
        } else {
            (void)json_object_set_new(row, "strategy", json_string(line->names.strategy));
            (void)json_object_set_new(row, "orders", json_integer((json_int_t)line->orders));
            (void)json_object_set_new(row, "denied", json_integer((json_int_t)line->denied));
        }
        (void)json_array_append_new(array, row);
    }
    return array;
}

static json_t *held_json(const struct statement *of)
{
    json_t *array = json_array();
    for (size_t i = 0; i < of->held_count; i++) {
        const struct held *held = &of->held[i];
        char instrument[64];
        (void)snprintf(instrument, sizeof instrument, "%s.%s", held->names.symbol,
                       held->names.venue);
        if (held->qty != 0)
            (void)json_array_append_new(
                array, json_pack("{s:o, s:s, s:o}", "strategy", records_strategy_json(&held->names),
                                 "instrument", instrument, "qty",
                                 wide_json(held->qty, held->names.qty_scale)));
    }
    return array;
}

static json_t *denials_json(const struct statement *of)
{
    json_t *array = json_array();
    for (uint32_t code = 0; code < DENY_CODES; code++)
        if (of->denied[code])
            (void)json_array_append_new(
                array, json_pack("{s:s, s:I, s:s}", "denial", denial_name(code), "orders",
                                 (json_int_t)of->denied[code], "meaning", denial_text(code)));
    return array;
}

/* The account's limits of one version; null when its text is not there or not good any more. */
static json_t *limits_json(struct store *store, uint64_t number)
{
    struct version version = {0};
    struct config *config = NULL;
    char text[64], *said = NULL;
    size_t said_bytes;
    FILE *unheard = open_memstream(&said, &said_bytes);
    json_t *limits = json_null();
    if (unheard && !versions_get(store, number, &version, NULL) &&
        !config_parse("stored", version.text, &config, unheard, NULL)) {
        limits = json_object();
        for (const struct risk_limit_row *row = risk_limit_rows; row->name; row++)
            if (walk_limit(&config->risk, row->name, text, sizeof text))
                (void)json_object_set_new(limits, row->name, json_string(text));
    }
    config_destroy(config);
    versions_finish(&version);
    if (unheard)
        (void)fclose(unheard);
    free(said);
    return limits;
}

static void day_text(turret_time_ns time, char text[WHEN_TEXT_MAX])
{
    when_print(time, text, WHEN_TEXT_MAX);
    text[sizeof "2013-10-07" - 1] = '\0';
}

static json_t *document(const struct statement *of, struct store *store)
{
    json_t *versions = json_array();
    char date[WHEN_TEXT_MAX];
    day_text(of->from, date);
    for (size_t i = 0; i < of->version_count; i++)
        (void)json_array_append_new(versions, json_pack("{s:I, s:o}", "config_version",
                                                        (json_int_t)of->versions[i], "limits",
                                                        limits_json(store, of->versions[i])));
    return json_pack("{s:s?, s:o, s:o, s:o, s:o, s:O, s:o}", "date", of->to ? date : NULL,
                     "accounts", lines_json(of, true), "strategies", lines_json(of, false),
                     "positions", held_json(of), "denials", denials_json(of), "orders", of->orders,
                     "configurations", versions);
}

/* ---- the command ---- */

/* A day without orders and fills: when there were any. */
static void explain_quiet(struct statement *of, const struct cli *cli, struct store *store)
{
    char day[WHEN_TEXT_MAX], last[WHEN_TEXT_MAX];
    uint64_t fills = 0;
    for (size_t i = 0; i < of->line_count; i++)
        fills += of->lines[i].fills;
    if (json_array_size(of->orders) > 0 || fills > 0)
        return;
    of->newest = 0;
    find_newest(of, store);
    day_text(of->from, day);
    day_text(of->newest, last);
    if (of->newest == 0)
        cli_note(cli, "nothing was traded yet");
    else
        cli_note(cli, "no order and no fill on %s; the last day with one is %s", day, last);
}

/* Without a date the last day there is something to tell of. */
static void find_day(struct statement *of, const struct cli *cli, struct store *store)
{
    if (!cli_get(cli, "date"))
        find_newest(of, store);
    of->from = of->newest / DAY_NS * DAY_NS;
    of->to = of->newest || cli_get(cli, "date") ? of->from + DAY_NS : 0;
}

static void make(struct statement *of, struct store *store, const struct cli *cli)
{
    json_t *made;
    (void)records_positions(store, take_position, of, of->err);
    (void)records_accounts(store, take_account, of, of->err);
    (void)records_fills(store, take_fill, of, of->err);
    (void)records_orders(store, take_order, of, of->err);
    made = document(of, store);
    if (!made)
        (void)no_memory(of);
    else if (cli->json)
        (void)cli_json_print(json_incref(made));
    else
        statement_tables_print(made, cli, of->err);
    json_decref(made);
    explain_quiet(of, cli, store);
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct statement of = {.err = &err};
    const char *date = cli_get(cli, "date");
    struct store *store;
    int32_t day = 0;
    if (date && when_parse_date(date, &day, &err))
        return cli_usage(cli, "--date: %s", err.text);
    of.newest = day * DAY_NS;
    of.orders = json_array();
    if (!records_open(&store, cli, &err) && !store_hold(store, &err)) {
        find_day(&of, cli, store);
        make(&of, store, cli);
        store_release(store);
    }
    free(of.lines);
    free(of.held);
    free(of.versions);
    json_decref(of.orders);
    store_close(store);
    return turret_ok(&err) ? cli_error(cli, &err) : CLI_DONE;
}

static const struct cli_option options[] = {
    {"date", 'd', "DAY", "of this day, UTC, 2013-10-07 (default: the last with an order or fill)",
     NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {"turret statement", "turret statement --date 2013-10-07",
                                       "turret statement --json", NULL};

const struct cli_command cmd_statement = {
    .path = "statement",
    .summary = "show what a day came to, and what stands behind its orders",
    .details =
        "Reads the store, so it works beside a running daemon and without one. Days are of UTC, by "
        "the time of the market. The tables are:\n\n"
        "accounts: cash at the end of the day, and what the fills of the day came to. Realised is "
        "the profit of what closed a position of the account; profit takes the fees off.\n\n"
        "strategies: the same of each strategy, with its orders of the day and how many of them "
        "were denied. positions: what each held at the end of the day, and the account, which has "
        "no strategy. denials: why orders were denied.\n\n"
        "orders: those of the day. config_version is the configuration that was in force, build "
        "the beginning of the build id of the strategy's code; 'turret config history VERSION' "
        "prints the one, 'turret plugin history' tells of the other.\n\n"
        "limits: what the account may do (risk of the configuration) under these versions; of a "
        "second one only what it has other than the one before. A strategy may have narrower ones "
        "of its own. --json has all of them as configurations.\n\n"
        "Cash and positions are what the books say now less what was executed since; a split, or "
        "a difference adopted, since then is not undone. A day without orders and fills is told "
        "with the last day that has some.",
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
