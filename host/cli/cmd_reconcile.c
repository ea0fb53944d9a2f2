/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret reconcile: where a venue's books and ours differ, and what a person decides about it.
 */
#include "cli/adopted.h"
#include "cli/clean.h"
#include "cli/decision.h"
#include "cli/json.h"
#include "cli/newest.h"
#include "cli/not_compared.h"
#include "cli/remote.h"
#include "cli/state_row.h"
#include "cli/unknown.h"
#include "core/event.h"
#include "ops/plural.h"
#include "research/when.h"

#include <stdlib.h>
#include <string.h>

static const char *const headings[] = {"id",   "since",  "kind",  "venue", "about",
                                       "ours", "theirs", "state", "what"};
#define COLUMNS (sizeof headings / sizeof headings[0])
#define RIGHT   (1u << 0 | 1u << 5 | 1u << 6)

/*
 * A difference; or of a venue the orders of which nobody knows what became of them; or, in JSON,
 * one whose books are not compared.
 */
struct listed {
    struct row_difference row;
    struct unknown_venue unknown;                  /* .orders 0: it is not that */
    const struct not_compared_venue *not_compared; /* NULL: it is not that */
};

static const char *kind_name(const struct difference *one)
{
    static const char *const names[] = {"?", "order", "fill", "position", "cash", "clock"};
    return names[one->kind < sizeof names / sizeof *names ? one->kind : 0];
}

static const char *state_name(const struct difference *one)
{
    static const char *const names[] = {"OPEN", "AGREED", "ADOPTED", "DECIDED"};
    if (one->end == DIFFERENCE_OPEN && difference_stops(one))
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

static json_t *not_compared_json(const struct not_compared_venue *venue)
{
    return json_pack("{s:n, s:s, s:o, s:n, s:n, s:n, s:n, s:n, s:s, s:b, s:o, s:n, s:n, s:s}", "id",
                     "kind", "not_compared", "venue", records_text_json(venue->name), "symbol",
                     "currency", "order_id", "ours", "theirs", "state", "NOT_COMPARED", "halts", 0,
                     "since", records_text_json(venue->since), "until", "sequence", "text",
                     venue->text);
}

static json_t *difference_json(const void *of)
{
    const struct listed *listed = of;
    const struct row_difference *row = &listed->row;
    const struct difference *one = &row->difference;
    if (listed->unknown.orders > 0)
        return unknown_json(&listed->unknown);
    if (listed->not_compared)
        return not_compared_json(listed->not_compared);
    return json_pack("{s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:o, s:o, s:I, s:o}", "id",
                     (json_int_t)one->id, "kind", kind_name(one), "venue", row->names.venue,
                     "symbol", records_text_json(row->names.symbol), "currency",
                     records_text_json(one->currency), "order_id",
                     one->order_id ? json_integer((json_int_t)one->order_id) : json_null(), "ours",
                     cli_json_decimal(one->ours, scale_of(row)), "theirs",
                     cli_json_decimal(one->theirs, scale_of(row)), "state", state_name(one),
                     "halts", difference_stops(one), "since", cli_json_time(one->since), "until",
                     cli_json_time(one->until), "sequence", (json_int_t)one->sequence, "text",
                     records_text_json(one->text));
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

static void add_not_compared(struct listing *listing, const struct not_compared *not_compared)
{
    static const struct row_names nobody;
    uint32_t i;
    for (i = 0; i < not_compared->venue_count; i++) {
        const struct listed one = {.row.names = nobody, .not_compared = &not_compared->venues[i]};
        (void)newest_add(&listing->newest, &one.row.names, true);
    }
}

static int list(struct cli *cli)
{
    struct turret_error err = {0};
    struct listing listing = {.all = cli_flag(cli, "all")};
    struct not_compared not_compared = {0};
    struct store *store;
    uint32_t i;
    int code = newest_begin(&listing.newest, cli, sizeof(struct listed), RECORDS_LIMIT_MAX);
    if (code)
        return code;
    if (!records_open(&store, cli, &err)) {
        (void)records_differences(store, take, &listing, &err);
        add_unknown(&listing, store, &err);
        not_compared_read(cli, store_path(store), &not_compared);
        if (cli->json)
            add_not_compared(&listing, &not_compared);
        newest_print(&listing.newest, cli, &form, &err);
        if (newest_count(&listing.newest) == 0 && !err.code && !cli->json)
            cli_note(cli, "no differences are recorded");
        for (i = 0; !cli->json && i < not_compared.venue_count; i++)
            cli_note(cli, "%s", not_compared.venues[i].text);
    }
    newest_end(&listing.newest);
    store_close(store);
    return turret_ok(&err) ? cli_error(cli, &err) : CLI_DONE;
}

/* ---- asking and deciding ---- */

/* A decision, which is done when the store has it. On CLI_DONE, or CLI_PARTLY, *reply is there. */
static int decide(struct cli *cli, json_t *take_request, uint32_t kind, json_t **reply)
{
    int code;
    *reply = NULL;
    if (!take_request)
        return cli_usage(cli, "an argument is not UTF-8");
    code = remote_call_again(cli, take_request, reply);
    if (code)
        return code;
    return state_row_wait_control(cli, kind,
                                  (uint64_t)json_integer_value(json_object_get(*reply, "sequence")),
                                  "turret reconcile");
}

static int print(const struct cli *cli, json_t *take_reply, int code, const char *done)
{
    if (!take_reply)
        return code;
    if (cli->json)
        return cli_json_print(take_reply) ? CLI_FAILED : code;
    if (code == CLI_DONE)
        cli_note(cli, "%s", done);
    adopted_tell(cli, json_object_get(take_reply, "still_counted"));
    json_decref(take_reply);
    cli_next(cli, "turret reconcile");
    return code;
}

static json_t *decision(struct cli *cli, const char *action)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "command", "reconcile", "action", action, "by",
                     decision_who(), "reason", cli_get(cli, "reason"));
}

static void tell_asked(const struct cli *cli, const json_t *reply)
{
    const json_t *row;
    size_t i;
    json_array_foreach(json_object_get(reply, "asked"), i, row)
        cli_note(cli, "venue %s is asked", json_string_value(row));
    json_array_foreach(json_object_get(reply, "left_out"), i, row)
    {
        const char *venue = json_string_value(json_object_get(row, "venue"));
        const char *why = json_string_value(json_object_get(row, "why"));
        char text[256];
        (void)snprintf(text, sizeof text, "venue %s is NOT asked: %s", venue ? venue : "?",
                       why ? why : "?");
        clean_text(text, sizeof text);
        cli_note(cli, "%s", text);
    }
    cli_next(cli, "turret reconcile");
}

static int now(struct cli *cli)
{
    json_t *request, *reply;
    int code;
    if (cli->argument_count > 2)
        return cli_usage(cli, "reconcile now takes one VENUE at most, and '%.60s' was given, too",
                         cli->arguments[2]);
    request = json_pack("{s:s, s:s}", "command", "reconcile", "action", "now");
    if (cli->argument_count > 1 &&
        json_object_set_new(request, "venue", json_string(cli->arguments[1]))) {
        json_decref(request);
        return cli_usage(cli, "an argument is not UTF-8");
    }
    code = remote_call(cli, request, &reply);
    if (code)
        return code;
    code = json_array_size(json_object_get(reply, "left_out")) > 0 ? CLI_PARTLY : CLI_DONE;
    if (cli->json)
        return cli_json_print(reply) ? CLI_FAILED : code;
    tell_asked(cli, reply);
    json_decref(reply);
    return code;
}

static int adopt(struct cli *cli)
{
    struct turret_error err = {0};
    json_t *request, *reply;
    const char *reason;
    int code;
    if (cli->argument_count != 3)
        return cli_usage(cli,
                         "reconcile adopt needs two words, the venue and then the instrument or "
                         "the currency, and a reason: turret reconcile adopt VENUE INSTRUMENT "
                         "--reason TEXT");
    if (decision_reason(cli, &reason))
        return CLI_USAGE;
    request = decision(cli, "adopt");
    if (request) {
        (void)json_object_set_new(request, "venue", json_string(cli->arguments[1]));
        (void)json_object_set_new(request, "about", json_string(cli->arguments[2]));
    }
    code = decide(cli, request, CONTROL_ADOPT, &reply);
    if (code == CLI_DONE)
        (void)json_object_set_new(
            reply, "still_counted",
            adopted_still_counted(cli, cli->arguments[1], cli->arguments[2], &err));
    if (err.code)
        cli_note(cli, "which strategies still count it is not known: %s", err.text);
    return print(cli, reply, code, "the venue's books are taken");
}

static int order(struct cli *cli)
{
    json_t *request, *reply;
    char *end = NULL;
    int code;
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
    code = decide(cli, request, CONTROL_RESOLVE_ORDER, &reply);
    return print(cli, reply, code, "recorded");
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
    .details =
        "Without an action lists open differences from the store, with or without a daemon, and "
        "how many orders of each venue are UNKNOWN, since when. That none is recorded proves "
        "agreement only of venues that are compared: which are not, and since when, is told, too "
        "(in JSON rows of the kind not_compared). now compares with the venues at once: the exit "
        "code is 1 when none of them can be asked, 6 when some cannot. adopt takes the venue's "
        "position (or, given a currency, its cash) into the books; strategies keep what they "
        "counted by their own fills, and which of them count what the account does not have is "
        "told, with the way out. order says what became of an order that nobody knows the state "
        "of. What is decided is recorded with who and why, and is waited for until the store has "
        "it: the exit code is 6 when the disk takes longer than 5 s. Nothing is traded to make up "
        "a difference.",
    .arguments = arguments,
    .choices = "now|adopt|order",
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
