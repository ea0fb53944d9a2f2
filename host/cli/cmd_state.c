/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret state: the trading states, from the store; and setting one, by the daemon.
 */
#include "cli/clean.h"
#include "cli/decision.h"
#include "cli/json.h"
#include "cli/records.h"
#include "cli/remote.h"
#include "cli/resumed.h"
#include "cli/state_now.h"
#include "cli/state_row.h"
#include "session/latch.h"
#include "session/trading_rows.h"

#include <string.h>
#include <time.h>

/* ---- looking ---- */

static void put_time(turret_time_ns time, char text[32])
{
    time_t seconds = (time_t)(time / 1000000000);
    struct tm parts;
    if (!gmtime_r(&seconds, &parts) || !strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts))
        (void)snprintf(text, 32, "-");
}

static json_t *row_json(const struct trading_latch *latch)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s}", "scope", trading_scope_name(latch->scope),
                     "name", latch->name, "state", trading_state_name(latch->state), "since",
                     latch->since > 0 ? cli_json_time(latch->since) : json_null(), "who",
                     latch->who, "reason", latch->reason);
}

static void print_row(const struct cli *cli, const struct trading_latch *latch, const char *why)
{
    char since[32];
    if (latch->since > 0)
        put_time(latch->since, since);
    else
        (void)snprintf(since, sizeof since, "-");
    (void)printf(cli->plain ? "%s\t%s\t%s\t%s\t%s\t%s\n"
                            : "%-10s  %-24s  %-11s  %-20s  %-12s  %s\n",
                 trading_scope_name(latch->scope), latch->name[0] ? latch->name : "-",
                 trading_state_name(latch->state), since, latch->who, why);
}

static json_t *stop_json(const struct engine_stop *stop, const char *text)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:s}", "scope", trading_scope_name(stop->scope), "name",
                     stop->name, "limit", engine_stop_name(stop->kind), "since",
                     stop->stop.since > 0 ? cli_json_time(stop->stop.since) : json_null(), "text",
                     text);
}

/* As a row: what it comes to is REDUCING. */
static struct trading_latch latch_of(const struct engine_stop *stop)
{
    struct trading_latch latch = {.scope = stop->scope, .state = TRADING_REDUCING};
    latch.since = stop->stop.since;
    memcpy(latch.name, stop->name, sizeof latch.name);
    (void)snprintf(latch.who, sizeof latch.who, "host");
    return latch;
}

/* What the store says, and of the kill switch's latch who set it where the store does not know. */
struct listed {
    struct trading_latch latches[TRADING_LATCHES_MAX];
    struct engine_stop stops[ENGINE_STOPS_MAX];
    struct trading_latch unrecorded[LATCH_SLOTS];
    uint32_t latch_count, stop_count, unrecorded_count;
};

static bool is_recorded(const struct listed *listed, uint32_t scope, const char *name)
{
    uint32_t i = 0;
    while (i < listed->latch_count &&
           (listed->latches[i].state != TRADING_KILLED || listed->latches[i].scope != scope ||
            strcmp(listed->latches[i].name, name) != 0))
        i++;
    return i < listed->latch_count;
}

/* The kill switch may be set and no daemon there to take it over. */
static json_t *switches(const char *store, struct listed *listed)
{
    json_t *list = json_array();
    struct latch_mark mark;
    struct latch *latch;
    uint32_t i;
    if (latch_open(&latch, store, false, NULL))
        return list;
    for (i = 0; i < LATCH_SLOTS; i++) {
        struct trading_latch row = {.scope = i == LATCH_ALL ? TRADING_ALL : TRADING_VENUE,
                                    .state = TRADING_KILLED};
        char name[32];
        if (!latch_mark(latch, i, &mark))
            continue;
        latch_name(latch, i, name);
        row.since = mark.time;
        memcpy(row.name, name, sizeof name);
        memcpy(row.who, mark.who, sizeof mark.who);
        memcpy(row.reason, mark.reason, sizeof mark.reason);
        if (!mark.spent && !is_recorded(listed, row.scope, row.name))
            listed->unrecorded[listed->unrecorded_count++] = row;
        clean_text(name, sizeof name);
        (void)json_array_append_new(list, json_string(i == LATCH_ALL ? "all" : name));
    }
    latch_close(latch);
    return list;
}

static int print_json(const struct cli *cli, const struct listed *listed, json_t *take_switches)
{
    json_t *rows = json_array(), *stops = json_array(), *unrecorded = json_array();
    uint32_t i;
    for (i = 0; i < listed->latch_count; i++)
        (void)json_array_append_new(rows, row_json(&listed->latches[i]));
    for (i = 0; i < listed->stop_count; i++) {
        char text[ENGINE_STOP_TEXT_MAX];
        engine_stop_tell(&listed->stops[i], text);
        (void)json_array_append_new(stops, stop_json(&listed->stops[i], text));
    }
    for (i = 0; i < listed->unrecorded_count; i++)
        (void)json_array_append_new(unrecorded, row_json(&listed->unrecorded[i]));
    return cli_json_print(json_pack("{s:o, s:o, s:o, s:o, s:o}", "states", rows, "stops", stops,
                                    "kill_switch", take_switches, "unrecorded", unrecorded, "now",
                                    state_now(cli)))
               ? CLI_FAILED
               : CLI_DONE;
}

static void note_switch(const struct cli *cli, const struct listed *listed, const char *name)
{
    const struct trading_latch *latch = NULL;
    char since[32];
    uint32_t i;
    for (i = 0; i < listed->unrecorded_count; i++)
        if (!strcmp(listed->unrecorded[i].name[0] ? listed->unrecorded[i].name : "all", name))
            latch = &listed->unrecorded[i];
    if (!latch) {
        cli_note(cli, "the kill switch is set: %s", name);
        return;
    }
    put_time(latch->since, since);
    cli_note(cli, "the kill switch is set: %s%s%s by %s (%s); no daemon has recorded it yet", name,
             latch->since > 0 ? ", since " : "", latch->since > 0 ? since : "", latch->who,
             latch->reason);
}

static int print(const struct cli *cli, const struct listed *listed, json_t *take_switches)
{
    const json_t *name;
    uint32_t i, count = listed->latch_count + listed->stop_count;
    size_t k;
    if (cli->json)
        return print_json(cli, listed, take_switches);
    if (!cli->plain && count > 0)
        (void)printf("%-10s  %-24s  %-11s  %-20s  %-12s  %s\n", "scope", "name", "state", "since",
                     "who", "why");
    for (i = 0; i < listed->latch_count; i++)
        print_row(cli, &listed->latches[i], listed->latches[i].reason);
    for (i = 0; i < listed->stop_count; i++) {
        struct trading_latch latch = latch_of(&listed->stops[i]);
        char text[ENGINE_STOP_TEXT_MAX];
        engine_stop_tell(&listed->stops[i], text);
        print_row(cli, &latch, text);
    }
    if (!cli->plain && count == 0 && json_array_size(take_switches) == 0)
        (void)printf("every scope is ACTIVE\n");
    if (listed->stop_count > 0)
        cli_note(cli, "what the host stopped by a limit is lifted by: turret resume --reason TEXT");
    json_array_foreach(take_switches, k, name) note_switch(cli, listed, json_string_value(name));
    json_decref(take_switches);
    (void)fflush(stdout); /* a daemon that hangs is waited for */
    state_now_note(cli);
    return CLI_DONE;
}

static void clean_latches(struct trading_latch *latches, uint32_t count)
{
    uint32_t i;
    for (i = 0; i < count; i++) {
        clean_text(latches[i].name, sizeof latches[i].name);
        clean_text(latches[i].who, sizeof latches[i].who);
        clean_text(latches[i].reason, sizeof latches[i].reason);
    }
}

static void clean(struct listed *listed)
{
    uint32_t i;
    clean_latches(listed->latches, listed->latch_count);
    clean_latches(listed->unrecorded, listed->unrecorded_count);
    for (i = 0; i < listed->stop_count; i++) {
        listed->stops[i].currency[sizeof listed->stops[i].currency - 1] = 0;
        clean_text(listed->stops[i].name, sizeof listed->stops[i].name);
        clean_text(listed->stops[i].currency, sizeof listed->stops[i].currency);
    }
}

static int list(const struct cli *cli)
{
    static struct listed listed;
    struct turret_error err = {0};
    struct store *store = NULL;
    json_t *set;
    int status = records_open(&store, cli, &err);
    if (!status)
        status = trading_rows_get(store, listed.latches, &listed.latch_count, &err);
    if (!status)
        status = trading_rows_get_stops(store, listed.stops, &listed.stop_count, &err);
    if (err.code) {
        store_close(store);
        return cli_error(cli, &err);
    }
    set = switches(store_path(store), &listed);
    store_close(store);
    clean(&listed);
    return print(cli, &listed, set);
}

/* ---- setting ---- */

static int set_state(const struct cli *cli)
{
    const int words = cli->argument_count - 1;
    const char *scope, *name, *state = cli->arguments[words];
    struct state_row wanted = {0};
    json_t *request, *reply;
    int code = decision_scope(cli, words, &scope, &name);
    if (!code && trading_find_state(state) < 0)
        code = cli_usage(cli,
                         "no trading state '%.40s'; there are active, reducing, cancel-only, "
                         "halted and killed",
                         state);
    if (!code)
        code = decision_reason(cli, &wanted.reason);
    if (code)
        return code;
    wanted.scope = scope;
    wanted.name = name;
    request =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "command", "state", "scope", scope, "name",
                  name, "state", state, "reason", wanted.reason, "who", decision_who());
    if (!request)
        return cli_usage(cli, "the name or the reason is not UTF-8");
    code = remote_call_again(cli, request, &reply);
    if (code != CLI_DONE)
        return code;
    wanted.state = json_string_value(json_object_get(reply, "state"));
    if (!strcmp(wanted.state ? wanted.state : "", trading_state_name(TRADING_ACTIVE)))
        wanted.reason = NULL;
    code = state_row_wait(cli, &wanted);
    code = resumed_is_kept(reply) ? CLI_PARTLY : code;
    if (cli->json)
        return cli_json_print(reply) ? CLI_FAILED : code;
    if (resumed_is_kept(reply)) {
        resumed_print(cli, reply, scope, name);
        json_decref(reply);
        return code;
    }
    cli_note(cli, "%s%s%s: %s", scope, name[0] ? " " : "", name, wanted.state);
    state_now_not_sent(cli, json_object_get(reply, "not_sent"),
                       trading_find_state(state) == TRADING_KILLED);
    json_decref(reply);
    cli_next(cli, "turret state");
    return code;
}

static int run(struct cli *cli)
{
    if (cli->argument_count == 0)
        return list(cli);
    if (cli->argument_count == 1)
        return cli_usage(cli, "it takes SCOPE NAME STATE, or all STATE, or nothing");
    return set_state(cli);
}

static const struct cli_argument arguments[] = {
    {"SCOPE", "all, venue, account, strategy or instrument", true, false},
    {DECISION_NAME},
    {"STATE", "active, reducing, cancel-only, halted or killed", true, false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {DECISION_REASON},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {
    "turret state", "turret state strategy spy-cross reducing --reason 'spread too wide'",
    "turret state all halted --reason 'news at two'", NULL};

const struct cli_command cmd_state = {
    .path = "state",
    .summary = "show the trading states, or set one",
    .details =
        "ACTIVE: everything may be sent. REDUCING: only what closes. CANCEL_ONLY: no new orders. "
        "HALTED: no new orders until a person says turret resume; what works stays. KILLED: the "
        "same, and everything that works or may work is cancelled.\n\n"
        "A state is set for everything, a venue, an account, a strategy or an instrument; of "
        "those an order is in the strictest binds. It stays until it is changed, also over "
        "restarts. Without arguments what is not ACTIVE is listed from the store, with since "
        "when, by whom and why; no daemon is needed for that. A running one is asked, too: what "
        "trades nothing because its venue is not ready, its books differ or its clock is too far "
        "off, which stops and targets held here are not sent while a state lasts, and which "
        "positions have no stop though their strategies asked for one. Accounts and strategies "
        "that reached a limit of loss are there as REDUCING by host; turret resume --reason TEXT "
        "lifts those.\n\n"
        "Setting one asks the running daemon and waits until the store has it: the exit code is 4 "
        "when none answers, 6 when the disk takes longer than 5 s, or when a limit of loss still "
        "stops what is to be ACTIVE, which is told; turret halt works without a "
        "daemon. It is 5 for a way out of HALTED or KILLED, which only turret resume "
        "is.",
    .arguments = arguments,
    .choices = "all|venue|account|strategy|instrument",
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
