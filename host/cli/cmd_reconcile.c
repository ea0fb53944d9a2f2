/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret reconcile: where a venue's books and ours differ, and what a person decides about it.
 */
#include "cli/decision.h"
#include "cli/json.h"
#include "cli/newest.h"
#include "cli/remote.h"
#include "cli/unknown.h"
#include "ops/plural.h"
#include "research/when.h"

#include <stdlib.h>
#include <string.h>

static const char *const headings[] = {"id",   "since",  "kind",  "venue", "about",
                                       "ours", "theirs", "state", "what"};
#define COLUMNS (sizeof headings / sizeof headings[0])
#define RIGHT   (1u << 0 | 1u << 5 | 1u << 6)

/* A difference; or of a venue the orders of which nobody knows what became of them. */
struct listed {
    struct row_difference row;
    struct unknown_venue unknown; /* .orders 0: a difference */
};

static const char *kind_name(const struct difference *one)
{
    static const char *const names[] = {"?", "order", "fill", "position", "cash", "clock"};
    return names[one->kind < sizeof names / sizeof *names ? one->kind : 0];
}

static const char *state_name(const struct difference *one)
{
    static const char *const names[] = {"OPEN", "AGREED", "ADOPTED", "DECIDED"};
    if (one->end == DIFFERENCE_OPEN && one->halts)
        return "HALTS";
    return names[one->end < sizeof names / sizeof *names ? one->end : 0];
}

static int32_t scale_of(const struct row_difference *row)
{
    return row->difference.kind == DIFFERENCE_OF_CASH    ? MONEY_SCALE
           : row->difference.kind == DIFFERENCE_OF_CLOCK ? 9
                                                         : row->names.qty_scale;
}

static void put_about(const struct row_difference *row, char text[64])
{
    const struct difference *one = &row->difference;
    if (one->kind == DIFFERENCE_OF_ORDER)
        (void)snprintf(text, 64, "%llu", (unsigned long long)one->order_id);
    else
        (void)snprintf(text, 64, "%s", row->names.symbol[0] ? row->names.symbol : one->currency);
}

static void put_unknown(const struct unknown_venue *unknown, char text[128])
{
    (void)snprintf(text, 128,
                   "nobody knows what became of %s: turret orders --open; the oldest is %llu",
                   plural(unknown->orders, "it", "them"), (unsigned long long)unknown->oldest);
}

static json_t *unknown_json(const struct unknown_venue *unknown)
{
    char text[128];
    put_unknown(unknown, text);
    return json_pack("{s:n, s:s, s:s, s:n, s:n, s:I, s:n, s:n, s:s, s:b, s:o, s:n, s:n, s:s, s:I}",
                     "id", "kind", "unknown", "venue", unknown->names.venue, "symbol", "currency",
                     "order_id", (json_int_t)unknown->oldest, "ours", "theirs", "state", "UNKNOWN",
                     "halts", 0, "since", cli_json_time(unknown->since), "until", "sequence",
                     "text", text, "orders", (json_int_t)unknown->orders);
}

static json_t *difference_json(const void *of)
{
    const struct listed *listed = of;
    const struct row_difference *row = &listed->row;
    const struct difference *one = &row->difference;
    if (listed->unknown.orders > 0)
        return unknown_json(&listed->unknown);
    return json_pack(
        "{s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:o, s:o, s:I, s:o}", "id",
        (json_int_t)one->id, "kind", kind_name(one), "venue", row->names.venue, "symbol",
        records_text_json(row->names.symbol), "currency", records_text_json(one->currency),
        "order_id", one->order_id ? json_integer((json_int_t)one->order_id) : json_null(), "ours",
        cli_json_decimal(one->ours, scale_of(row)), "theirs",
        cli_json_decimal(one->theirs, scale_of(row)), "state", state_name(one), "halts",
        one->halts != 0, "since", cli_json_time(one->since), "until", cli_json_time(one->until),
        "sequence", (json_int_t)one->sequence, "text", records_text_json(one->text));
}

static int unknown_cells(struct text_table *table, const struct unknown_venue *unknown)
{
    char since[WHEN_TEXT_MAX], about[32], text[128];
    const char *cells[COLUMNS] = {"-", since,     "unknown", unknown->names.venue, about, "-",
                                  "-", "UNKNOWN", text};
    when_print(unknown->since, since, sizeof since);
    (void)snprintf(about, sizeof about, "%u %s", unknown->orders,
                   plural(unknown->orders, "order", "orders"));
    put_unknown(unknown, text);
    return text_table_row(table, cells);
}

static int difference_cells(struct text_table *table, const void *of)
{
    const struct listed *listed = of;
    const struct row_difference *row = &listed->row;
    const struct difference *one = &row->difference;
    char id[24], since[WHEN_TEXT_MAX], about[64], ours[RECORDS_DECIMAL_MAX],
        theirs[RECORDS_DECIMAL_MAX];
    const char *cells[COLUMNS] = {id,
                                  since,
                                  kind_name(one),
                                  row->names.venue,
                                  about,
                                  records_decimal(one->ours, scale_of(row), ours),
                                  records_decimal(one->theirs, scale_of(row), theirs),
                                  state_name(one),
                                  one->text};
    if (listed->unknown.orders > 0)
        return unknown_cells(table, &listed->unknown);
    (void)snprintf(id, sizeof id, "%llu", (unsigned long long)one->id);
    when_print(one->since, since, sizeof since);
    put_about(row, about);
    return text_table_row(table, cells);
}

static const struct newest_form form = {"differences", headings,        COLUMNS,
                                        RIGHT,         difference_json, difference_cells};

struct listing {
    struct newest newest;
    bool all;
};

static int take(void *context, const struct row_difference *row)
{
    struct listing *listing = context;
    const struct listed one = {.row = *row};
    return newest_add(&listing->newest, &one.row.names,
                      listing->all || row->difference.end == DIFFERENCE_OPEN);
}

/* Below the differences: they are what a person has to ask the venue about. */
static void add_unknown(struct listing *listing, struct store *store, struct turret_error *err)
{
    struct unknown unknown;
    uint32_t i;
    (void)unknown_read(store, &unknown, err);
    for (i = 0; i < unknown.venue_count; i++) {
        const struct listed one = {.row.names = unknown.venues[i].names,
                                   .unknown = unknown.venues[i]};
        (void)newest_add(&listing->newest, &one.row.names, true);
    }
}

static int list(struct cli *cli)
{
    struct turret_error err = {0};
    struct listing listing = {.all = cli_flag(cli, "all")};
    struct store *store;
    int code = newest_begin(&listing.newest, cli, sizeof(struct listed), RECORDS_LIMIT_MAX);
    if (code)
        return code;
    if (!records_open(&store, cli, &err)) {
        (void)records_differences(store, take, &listing, &err);
        add_unknown(&listing, store, &err);
        newest_print(&listing.newest, cli, &form, &err);
        if (newest_count(&listing.newest) == 0 && !err.code)
            cli_note(cli, "the books agree with the venues'");
    }
    newest_end(&listing.newest);
    store_close(store);
    return turret_ok(&err) ? cli_error(cli, &err) : CLI_DONE;
}

/* ---- asking and deciding ---- */

static int call(struct cli *cli, json_t *request, const char *done)
{
    json_t *reply;
    int code;
    if (!request)
        return cli_usage(cli, "an argument is not UTF-8");
    code = remote_call(cli, request, &reply);
    if (code)
        return code;
    if (cli->json)
        return cli_json_print(reply) ? CLI_FAILED : CLI_DONE;
    json_decref(reply);
    cli_note(cli, "%s", done);
    cli_next(cli, "turret reconcile");
    return CLI_DONE;
}

static json_t *decision(struct cli *cli, const char *action)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "command", "reconcile", "action", action, "by",
                     decision_who(), "reason", cli_get(cli, "reason"));
}

static int now(struct cli *cli)
{
    json_t *request = json_pack("{s:s, s:s}", "command", "reconcile", "action", "now");
    if (cli->argument_count > 1)
        (void)json_object_set_new(request, "venue", json_string(cli->arguments[1]));
    return call(cli, request, "the venues are asked");
}

static int adopt(struct cli *cli)
{
    json_t *request;
    const char *reason;
    if (cli->argument_count != 3)
        return cli_usage(cli, "reconcile adopt needs VENUE, INSTRUMENT or currency, and --reason");
    if (decision_reason(cli, &reason))
        return CLI_USAGE;
    request = decision(cli, "adopt");
    if (request) {
        (void)json_object_set_new(request, "venue", json_string(cli->arguments[1]));
        (void)json_object_set_new(request, "about", json_string(cli->arguments[2]));
    }
    return call(cli, request, "the venue's books are taken");
}

static int order(struct cli *cli)
{
    json_t *request;
    char *end = NULL;
    unsigned long long id;
    const char *reason;
    if (cli->argument_count != 3)
        return cli_usage(cli, "reconcile order needs ID, never-arrived or canceled, and --reason");
    if (decision_reason(cli, &reason))
        return CLI_USAGE;
    id = strtoull(cli->arguments[1], &end, 10);
    if (*end || id == 0 || id > INT64_MAX)
        return cli_usage(cli, "'%s' is not an order's id", cli->arguments[1]);
    request = decision(cli, "order");
    if (request) {
        (void)json_object_set_new(request, "id", json_integer((json_int_t)id));
        (void)json_object_set_new(request, "state", json_string(cli->arguments[2]));
    }
    return call(cli, request, "recorded");
}

static int run(struct cli *cli)
{
    static const struct {
        const char *name;
        int (*run)(struct cli *cli);
    } actions[] = {{"now", now}, {"adopt", adopt}, {"order", order}};
    size_t i;
    if (cli->argument_count == 0)
        return list(cli);
    for (i = 0; i < sizeof actions / sizeof *actions; i++)
        if (!strcmp(cli->arguments[0], actions[i].name))
            return actions[i].run(cli);
    return cli_usage(cli, "reconcile knows now, adopt and order, not '%s'", cli->arguments[0]);
}

static const struct cli_argument arguments[] = {
    {"ACTION", "now [VENUE] | adopt VENUE INSTRUMENT | order ID never-arrived|canceled", true,
     true},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {DECISION_REASON},
    {"all", 'a', NULL, "those that have ended, too", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {
    "turret reconcile", "turret reconcile now", "turret reconcile adopt sim SPY --reason 'by hand'",
    "turret reconcile order 4294967301 never-arrived --reason 'broker confirmed'", NULL};

const struct cli_command cmd_reconcile = {
    .path = "reconcile",
    .summary = "list where venues' books and ours differ, and decide",
    .details = "Without an action lists open differences from the store, with or without a daemon, "
               "and how many orders of each venue are UNKNOWN, since when. "
               "now compares with the venues at once. adopt takes the venue's position (or, given "
               "a currency, its cash) into the books. order says what became of an order that "
               "nobody knows the state of. What is decided is recorded with who and why; nothing "
               "is traded to make up a difference.",
    .arguments = arguments,
    .choices = "now|adopt|order",
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
