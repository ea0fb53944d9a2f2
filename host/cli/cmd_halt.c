/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret halt: the kill switch.
 */
#include "cli/clean.h"
#include "cli/flatten.h"
#include "cli/halt_left.h"
#include "cli/halt_lost.h"
#include "cli/json.h"
#include "cli/records.h"
#include "cli/store_choice.h"
#include "ops/plural.h"
#include "research/when.h"
#include "session/halt.h"
#include "session/latch.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define WAIT_SECONDS 10

static const char *const proofs[] = {
    [HALT_OPEN] = "OPEN at the venue",
    [HALT_UNPROVEN] = "NOT PROVEN: nothing definite was heard",
    [HALT_GONE] = "gone",
    [HALT_NEVER] = "never arrived",
    [HALT_WORKS] = "NOT PROVEN: works in the daemon until its next event",
    [HALT_INSIDE] = "inside the daemon only; ends when it next runs",
};

static const char *proof_text(const struct halt_result *result, const struct halt_order *order)
{
    if (halt_is_kept(result, order))
        return "not at a venue; kept here, goes on with turret resume";
    if (halt_is_held(order))
        return result->daemon > 0 ? "not at a venue; the daemon cancels it at its next turn"
                                  : "not at a venue; cancelled when the daemon next runs";
    if (halt_left_missed(order))
        return "NOT PROVEN: the venue does not find it, and it may still arrive";
    return order->proof == HALT_GONE ? order_state_name(order->became) : proofs[order->proof];
}

static void clean_names(struct row_names *names)
{
    clean_text(names->strategy, sizeof names->strategy);
    clean_text(names->symbol, sizeof names->symbol);
    clean_text(names->venue, sizeof names->venue);
}

/* ---- JSON ---- */

static json_t *order_json(const struct halt_result *result, const struct halt_order *order)
{
    return json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:i, s:i}", "id", (json_int_t)order->order.id,
        "venue", order->names.venue, "symbol", order->names.symbol, "strategy",
        order->names.strategy, "side", order_side_name(order->order.side), "was",
        order_state_name(order->order.state), "became", proof_text(result, order), "proven",
        halt_is_settled(order), "cancels", (int)order->cancels, "queries", (int)order->queries);
}

static json_t *killed_json(const struct trading_latch *killed)
{
    return killed->state ? json_pack("{s:o, s:s, s:s}", "since",
                                     killed->since > 0 ? cli_json_time(killed->since) : json_null(),
                                     "who", killed->who, "reason", killed->reason)
                         : json_null();
}

static json_t *result_json(const struct halt_result *result, const struct halt_options *options,
                           json_t *flat, const char *flat_why)
{
    char store[CONFIG_PATH_MAX];
    json_t *orders = json_array(), *venues = json_array();
    uint32_t i;
    (void)snprintf(store, sizeof store, "%s", options->store);
    clean_text(store, sizeof store);
    for (i = 0; i < result->count; i++)
        (void)json_array_append_new(orders, order_json(result, &result->orders[i]));
    for (i = 0; i < result->venue_count; i++)
        (void)json_array_append_new(
            venues,
            json_pack("{s:s, s:b, s:b, s:b, s:i, s:s}", "name", result->venues[i].name, "simulated",
                      result->venues[i].simulated, "reached", result->venues[i].reached,
                      "connected", result->venues[i].connected, "foreign",
                      (int)result->venues[i].foreign, "why", halt_left_why(&result->venues[i])));
    return json_pack(
        "{s:s, s:I, s:b, s:s, s:i, s:i, s:I, s:s, s:b, s:f, s:o, s:o, s:o, s:o, s:O?, s:s, s:o, "
        "s:o}",
        "store", store, "daemon", (json_int_t)result->daemon, "latched", result->latched,
        "latch_why", result->latch_why, "open", (int)result->open, "venues_open",
        (int)result->venues_open, "unreadable", (json_int_t)result->unreadable, "unreadable_why",
        result->unreadable_why, "interrupted", result->interrupted, "cancelled_ms",
        (double)result->cancelled_ns / 1e6, "venues", venues, "orders", orders, "unprotected",
        halt_lost_json(result, false), "unclosed", halt_lost_json(result, true), "flatten", flat,
        "flatten_why", flat_why, "reason", records_text_json(options->reason), "killed_already",
        killed_json(&result->killed));
}

/* ---- for people ---- */

static void print_order(const struct cli *cli, const struct halt_result *result,
                        const struct halt_order *order)
{
    char id[24], qty[48];
    (void)snprintf(id, sizeof id, "%llu", (unsigned long long)order->order.id);
    money_format(order->order.qty, order->names.qty_scale, qty, sizeof qty);
    (void)printf(cli->plain ? "%s\t%s\t%s\t%s\t%s\t%s\t%s\n"
                            : "%-20s  %-8s  %-10s  %-4s  %10s  %-9s  %s\n",
                 id, order->names.venue, order->names.symbol[0] ? order->names.symbol : "-",
                 order_side_name(order->order.side), qty, order_state_name(order->order.state),
                 proof_text(result, order));
}

static void tell_venue(const struct cli *cli, const struct halt_result *result,
                       const struct halt_venue *venue, bool concerned)
{
    if (venue->why[0])
        cli_note(cli, "venue %s was not asked: %s", venue->name, venue->why);
    else if (venue->simulated)
        cli_note(cli, "venue %s is simulated inside the daemon: %s", venue->name,
                 result->daemon > 0 ? "that cancels its orders at its next event"
                                    : "its orders end when that next runs");
    else if (concerned && !venue->connected)
        halt_left_venue(cli, venue);
    if (venue->foreign)
        cli_note(cli, "venue %s: %u working %s not of this host; %s", venue->name, venue->foreign,
                 plural(venue->foreign, "order is", "orders are"),
                 venue->cancels_all ? "everything of the account was asked to be cancelled"
                                    : "left alone");
}

/* A store may be another one than the daemon's that was meant: which it is, is always said. */
static void tell_store(const struct cli *cli, const struct store_choice *choice)
{
    int64_t pid = store_daemon(choice->path);
    if (pid <= 0 && access(choice->path, R_OK | X_OK) != 0 && errno == EACCES)
        cli_note(cli,
                 "store %s (%s)\nwhether a daemon runs on it cannot be seen: %s; say this as the "
                 "daemon's user",
                 choice->path, choice->from, strerror(EACCES));
    else if (pid > 0)
        cli_note(cli, "store %s (%s): the daemon with pid %lld", choice->path, choice->from,
                 (long long)pid);
    else
        cli_note(cli, "store %s (%s)\nno daemon runs on store %s", choice->path, choice->from,
                 choice->path);
}

static void tell_latch(const struct cli *cli, const struct halt_result *result, const char *venue)
{
    if (!result->latched)
        cli_note(cli, "the latch is NOT set, a daemon may go on sending (kill -USR1 its PID): %s",
                 result->latch_why);
    else if (result->latch_why[0])
        cli_note(cli, "%s", result->latch_why);
    else
        cli_note(cli, "the latch is set: nothing new is sent%s%s until turret resume %s%s --killed",
                 venue ? " to venue " : "", venue ? venue : "", venue ? "venue " : "all",
                 venue ? venue : "");
}

/* KILLED is not recorded again: that would cancel the stops that were held anew since. */
static void tell_killed(const struct cli *cli, const struct trading_latch *killed)
{
    char since[WHEN_TEXT_MAX];
    when_print(killed->since, since, sizeof since);
    if (killed->state)
        cli_note(cli, "KILLED already%s%s by %s (%s): this reason is NOT recorded",
                 killed->since > 0 ? " since " : "", killed->since > 0 ? since : "", killed->who,
                 killed->reason);
}

static void print(const struct cli *cli, const struct halt_result *result, const char *venue)
{
    uint32_t i;
    tell_latch(cli, result, venue);
    tell_killed(cli, &result->killed);
    if (!cli->plain && result->count > 0)
        (void)printf("%-20s  %-8s  %-10s  %-4s  %10s  %-9s  %s\n", "order", "venue", "symbol",
                     "side", "quantity", "was", "became");
    for (i = 0; i < result->count; i++)
        print_order(cli, result, &result->orders[i]);
    for (i = 0; i < result->venue_count; i++)
        if (!venue || !strcmp(venue, result->venues[i].name))
            tell_venue(cli, result, &result->venues[i], true);
    if (result->unreadable)
        cli_note(
            cli,
            "%llu %s not be read (%s): what of them works was cancelled only where the venue "
            "told of it; look there by hand",
            (unsigned long long)result->unreadable,
            plural(result->unreadable, "order of the store could", "orders of the store could"),
            result->unreadable_why);
    halt_lost_tell(cli, result);
    if (result->interrupted)
        cli_note(cli, "interrupted: the latch stays set; say turret halt again to ask on");
    if (result->open == 0)
        cli_note(cli, "%u %s open, none is now", result->count,
                 plural(result->count, "order was", "orders were"));
    else
        halt_left_count(cli, result);
    cli_next(cli, "turret state");
}

static int nothing(const struct cli *cli, const struct turret_error *why)
{
    struct turret_error told = {0};
    if (!cli->json)
        cli_note(cli, "NOTHING was halted; --store DIR and --venue NAME say what to halt");
    (void)turret_fail(&told, why->code, "%s%.470s", cli->json ? "NOTHING was halted: " : "",
                      why->text);
    return cli_error(cli, &told);
}

/* Nothing could be done, or the latch alone. */
static int fail(const struct cli *cli, const struct store_choice *choice,
                const struct halt_result *result, const struct turret_error *err)
{
    struct turret_error told = {0};
    char store[STORE_CHOICE_TEXT];
    int status;
    bool there = store_is_there(choice->path);
    if ((err->code == TURRET_ENOTFOUND || !there) && !result->latched) {
        store_choice_tell(choice, store);
        if (there)
            (void)turret_fail(&told, err->code, "%.250s; looked at store %s", err->text, store);
        else
            (void)store_choice_none(choice, &told);
        return nothing(cli, &told);
    }
    if (!cli->json) {
        tell_store(cli, choice);
        tell_latch(cli, result, cli_get(cli, "venue"));
    }
    status = cli_error(cli, err);
    return result->latched ? status : CLI_PARTLY;
}

/* NULL: nothing was flattened, and why. Never while an order may still fill. *code: what it is. */
static json_t *flatten(const struct cli *cli, const struct store_choice *choice,
                       const struct halt_options *given, const struct halt_result *result,
                       int *code, struct turret_error *why)
{
    const struct flatten wanted = {.scope = given->venue ? "venue" : "all",
                                   .name = given->venue ? given->venue : "",
                                   .reason =
                                       given->reason[0] ? given->reason : "turret halt --flatten",
                                   .killed = true};
    json_t *reply = NULL;
    bool unreachable;
    *code = CLI_PARTLY;
    if (!result->latched || result->open > 0 || result->unreadable)
        (void)turret_fail(why, TURRET_ESTATE, "not every order is proven to be gone");
    else if (store_daemon(choice->path) <= 0)
        (void)turret_fail(why, TURRET_ENOTFOUND, "no daemon runs; start it");
    else if (!flatten_ask(cli, &wanted, &reply, &unreachable, why))
        *code = flatten_wait(cli, &wanted, reply, FLATTEN_WAIT_SECONDS * 1000);
    clean_text(why->text, sizeof why->text);
    return reply;
}

static int halt(struct cli *cli, const struct store_choice *choice, const char *reason,
                int64_t wait_ns)
{
    const struct halt_options options = {.store = choice->path,
                                         .venue = cli_get(cli, "venue"),
                                         .reason = reason,
                                         .wait_ns = wait_ns,
                                         .messages = cli->json ? NULL : stderr};
    struct turret_error err = {0};
    struct halt_result result;
    json_t *flat = NULL;
    int flattened = CLI_DONE;
    uint32_t i;
    int status = halt_run(&options, &result, &err);
    for (i = 0; i < result.count; i++)
        clean_names(&result.orders[i].names);
    halt_lost_clean(&result);
    for (i = 0; i < result.venue_count; i++) {
        clean_text(result.venues[i].stream, sizeof result.venues[i].stream);
        clean_text(result.venues[i].why, sizeof result.venues[i].why);
    }
    clean_text(result.latch_why, sizeof result.latch_why);
    clean_text(result.unreadable_why, sizeof result.unreadable_why);
    clean_text(result.killed.who, sizeof result.killed.who);
    clean_text(result.killed.reason, sizeof result.killed.reason);
    if (status) {
        status = fail(cli, choice, &result, &err);
        halt_finish(&result);
        return status;
    }
    if (!cli->json) {
        tell_store(cli, choice);
        print(cli, &result, options.venue);
    }
    if (cli_flag(cli, "flatten"))
        flat = flatten(cli, choice, &options, &result, &flattened, &err);
    if (cli->json)
        (void)cli_json_print(result_json(&result, &options, flat, err.text));
    else if (flat)
        flatten_tell(cli, flat);
    else if (cli_flag(cli, "flatten"))
        cli_note(cli, "NOT flattened: %s; then turret flatten %s%s --killed", err.text,
                 options.venue ? "venue " : "all", options.venue ? options.venue : "");
    json_decref(flat);
    status = result.open > 0 || !result.latched || flattened != CLI_DONE
                 ? CLI_PARTLY /* the worse one */
             : result.unreadable ? CLI_UNREADABLE
                                 : CLI_DONE;
    halt_finish(&result);
    return status;
}

/* Nobody is kept from halting by too long a reason; it is cut before a character. */
static void read_reason(const struct cli *cli, char reason[LATCH_REASON])
{
    const char *given = cli_get(cli, "reason") ? cli_get(cli, "reason") : "";
    size_t length = strlen(given);
    if (length >= LATCH_REASON) {
        length = LATCH_REASON - 1;
        while (length > LATCH_REASON - 4 && ((unsigned char)given[length] & 0xc0u) == 0x80u)
            length--;
        if (!cli->json)
            cli_note(cli, "the reason is cut to %zu bytes", length);
    }
    (void)snprintf(reason, LATCH_REASON, "%.*s", (int)length, given);
    clean_text(reason, LATCH_REASON);
}

static int check_scope(const struct cli *cli)
{
    const char *scope = cli->argument_count > 0 ? cli->arguments[0] : "all";
    if (strcmp(scope, "all") != 0)
        return cli_usage(cli,
                         "it halts all, or one --venue NAME, and not '%.60s'; other scopes: turret "
                         "state SCOPE NAME killed --reason TEXT",
                         scope);
    if (cli->argument_count > 0 && cli_get(cli, "venue"))
        return cli_usage(cli, "all and --venue exclude each other");
    return CLI_DONE;
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct store_choice choice;
    char reason[LATCH_REASON];
    int64_t seconds;
    if (check_scope(cli))
        return CLI_USAGE;
    if (cli_get_int(cli, "wait", 0, 3600, WAIT_SECONDS, &seconds, &err))
        return cli_usage(cli, "%s", err.text);
    if (store_choice_find(cli, &choice, &err))
        return nothing(cli, &err);
    clean_text(choice.trouble, sizeof choice.trouble);
    if (choice.trouble[0])
        cli_note(cli, "%s; store %s is taken (%s)", choice.trouble, choice.path, choice.from);
    read_reason(cli, reason);
    return halt(cli, &choice, reason, seconds * INT64_C(1000000000));
}

static const struct cli_argument arguments[] = {
    {"SCOPE", "all, which is meant without it, too", true, false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"reason", 0, "TEXT", "why, 46 bytes of it; recorded with who when it becomes KILLED", NULL,
     false},
    {"venue", 0, "NAME", "this venue only", NULL, false},
    {"flatten", 0, NULL, "then close what strategies hold, as turret flatten; needs the daemon",
     NULL, false},
    {"wait", 0, "SECONDS", "ask until each order is gone, at most so long (default: 10)", NULL,
     false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {"turret halt",
                                       "turret halt all --reason 'quotes are wrong'",
                                       "turret halt --venue sim",
                                       "turret halt --wait 60",
                                       "turret halt --flatten",
                                       NULL};

const struct cli_command cmd_halt = {
    .path = "halt",
    .summary = "the kill switch: send nothing new, cancel every open order",
    .details =
        "Works also while the daemon is stuck, while its disk is full, and when it is dead. First "
        "a latch in the store's directory is set, which the daemon looks at before each order it "
        "sends; the trading state becomes KILLED. Then this process itself connects to the venues, "
        "with the builds and the configuration that ran last, cancels every working and UNKNOWN "
        "order, and asks until the venue says of each that it is not open. Those at a simulated "
        "venue only a running daemon can cancel, at its next event: that is waited for, too; "
        "without one they end when it next runs. One that its venue does not find counts as never "
        "arrived when that is still so 30 s later, by the venue's time: --wait 60 waits for it, "
        "and until then it is not proven. Positions are left as they are, and lose the stops that "
        "the daemon held for them: which, is told, also where the daemon was quicker and has "
        "cancelled them already, and what was to close at once and stays open. Stops that it held "
        "anew since, for fills that it heard of after the kill, go on with turret resume. "
        "Where it is KILLED already, said again it only cancels what is open: the record stays "
        "that of the first, with its reason, and that another reason is not recorded is told. "
        "With --flatten, and once no order is left open, the daemon is asked to close what "
        "strategies hold; the state is then REDUCING and the kill switch is lifted. Where that is "
        "not done, it is told, and the exit code is 6.\n\n"
        "The store is that of --store, -C, $TURRET_STORE, $TURRET_CONFIG or turret.yaml, else "
        "var/turret; which one it was is told, and whether a daemon runs on it. Of a "
        "configuration that does not check, the line store: is taken.\n\n"
        "Where the venue offers it, everything of the account is cancelled at once, too, also what "
        "others placed there. Run it where the daemon runs, as its user, in its directory and "
        "environment. Without a client: kill -USR1 PID sets the latch alone.\n\n"
        "The exit code is 0 only when the latch is set and no order is left open, 6 when the latch "
        "is not set or orders are not proven to be gone, 7 when all that are known are, and only "
        "rows of orders in the store are damaged or of another version: of those what the venue "
        "tells by itself is halted. turret resume all --killed lifts it.",
    .arguments = arguments,
    .choices = "all",
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
    .undone = "NOTHING was halted; turret halt, without more, stops everything",
};
