/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret resume: lifts what a loss or a drawdown has latched, or a scope's trading state.
 */
#include "cli/clean.h"
#include "cli/decision.h"
#include "cli/json.h"
#include "cli/remote.h"
#include "cli/resumed.h"
#include "cli/state_now.h"
#include "cli/state_row.h"

#include <string.h>

static const char *text_of(const json_t *row, const char *member)
{
    const char *text = json_string_value(json_object_get(row, member));
    return text ? text : "?";
}

static void print_losses(const struct cli *cli, const json_t *reply)
{
    bool latched = !json_is_false(json_object_get(reply, "latched"));
    size_t states = json_array_size(json_object_get(reply, "states")), at;
    const json_t *row;
    if (latched)
        (void)printf("resumed: loss and drawdown are counted from here on\n");
    else
        (void)printf("nothing is latched; nothing was changed\n");
    json_array_foreach(json_object_get(reply, "references"), at, row)
    {
        char name[64];
        (void)snprintf(name, sizeof name, "%s", text_of(row, "name"));
        clean_text(name, sizeof name);
        (void)printf("%s %s: from %s (day) and %s (peak) to %s\n", text_of(row, "of"), name,
                     text_of(row, "day_start"), text_of(row, "peak"), text_of(row, "now"));
    }
    if (states > 0)
        cli_note(cli, "%zu trading state%s set and stay%s so; name the scope to lift one", states,
                 states == 1 ? " is" : "s are", states == 1 ? "s" : "");
    state_now_unprotected(cli, json_object_get(reply, "unprotected"));
    cli_next(cli, states > 0 ? "turret state" : "turret status");
}

static json_t *scope_request(const struct cli *cli, const char *scope, const char *name)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "command", "resume", "scope", scope, "name",
                     name, "reason", cli_get(cli, "reason"), "who", decision_who(), "killed",
                     cli_flag(cli, "killed"));
}

static json_t *losses_request(const char *reason)
{
    return json_pack("{s:s, s:s, s:s}", "command", "resume", "reason", reason ? reason : "", "who",
                     decision_who());
}

/* Without a reason only the daemon knows whether one is needed. */
static int call(const struct cli *cli, json_t *take_request, bool reasoned, json_t **reply)
{
    struct turret_error err = {0};
    bool unreachable;
    int status = remote_try_again(cli, take_request, reply, &unreachable, &err);
    if (status == TURRET_EINVAL && !unreachable && !reasoned)
        return cli_usage(cli, "%s", err.text);
    return status ? remote_error(cli, unreachable, &err) : CLI_DONE;
}

static int run(struct cli *cli)
{
    const char *scope = NULL, *name = "";
    const char *reason = cli_get(cli, "reason");
    json_t *request, *reply = NULL;
    int code;
    if (cli->argument_count > 0 && decision_scope(cli, cli->argument_count, &scope, &name))
        return CLI_USAGE;
    if (!scope && cli_flag(cli, "killed"))
        return cli_usage(cli, "--killed belongs to a scope: turret resume all …");
    if ((scope || reason) && decision_reason(cli, &reason))
        return CLI_USAGE;
    request = scope ? scope_request(cli, scope, name) : losses_request(reason);
    if (!request)
        return cli_usage(cli, "the name or the reason is not UTF-8");
    code = call(cli, request, scope || reason, &reply);
    if (code != CLI_DONE)
        return code;
    if (scope) {
        code = state_row_wait(cli, &(struct state_row){.scope = scope, .name = name});
        code = resumed_is_kept(reply) ? CLI_PARTLY : code;
    } else if (json_is_true(json_object_get(reply, "latched"))) {
        code = state_row_wait_losses(
            cli, (uint64_t)json_integer_value(json_object_get(reply, "sequence")));
    }
    if (cli->json)
        return cli_json_print(reply) ? CLI_FAILED : code;
    if (scope)
        resumed_print(cli, reply, scope, name);
    else
        print_losses(cli, reply);
    json_decref(reply);
    return code;
}

static const struct cli_argument arguments[] = {
    {"SCOPE", "all, venue, account, strategy or instrument; none: losses only", true, false},
    {DECISION_NAME},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {DECISION_REASON},
    {DECISION_KILLED},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {
    "turret resume --reason 'the loss was looked at'",
    "turret resume strategy spy-cross --reason 'spread is back'",
    "turret resume all --killed --reason 'positions checked at the venue'", NULL};

const struct cli_command cmd_resume = {
    .path = "resume",
    .summary = "lift latched loss and drawdown stops, or a scope's trading state",
    .details =
        "When a daily loss or drawdown limit is reached, only closing orders pass until a "
        "person lifts it; turret status says which one it was. Without a scope this is "
        "lifted: loss and drawdown of every account and strategy are then counted anew from the "
        "present equity, which needs a reason; from where and to where is printed. With nothing "
        "latched nothing is changed.\n\n"
        "With a scope its trading state becomes ACTIVE; other scopes stay as they are, "
        "turret state lists them, and those that still keep it HALTED or KILLED are told. Out of "
        "KILLED, --killed has to be said, too; it lifts the kill switch. Nothing is resumed while "
        "a venue of the scope is not connected and "
        "reconciled: the exit code is 5. Asks the running daemon and waits "
        "until the store has it; it is 4 when none answers, 6 when the disk takes longer than "
        "5 s, or when a limit of loss still stops it, an account of it or that it trades in: "
        "which, is told, and only turret resume without a scope lifts it; also when there was "
        "nothing to resume and another scope keeps it HALTED or KILLED.",
    .arguments = arguments,
    .choices = "all|venue|account|strategy|instrument",
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
