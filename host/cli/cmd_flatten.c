/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret flatten: closes what strategies hold.
 */
#include "cli/decision.h"
#include "cli/flatten.h"
#include "cli/json.h"
#include "cli/remote.h"

static int run(struct cli *cli)
{
    struct flatten wanted = {.killed = cli_flag(cli, "killed")};
    struct turret_error err = {0};
    json_t *reply;
    int64_t seconds;
    bool unreachable;
    int code;
    if (cli_get_int(cli, "wait", 0, 3600, FLATTEN_WAIT_SECONDS, &seconds, &err))
        return cli_usage(cli, "%s", err.text);
    if (decision_scope(cli, cli->argument_count, &wanted.scope, &wanted.name) ||
        decision_reason(cli, &wanted.reason))
        return CLI_USAGE;
    if (flatten_ask(cli, &wanted, &reply, &unreachable, &err))
        return remote_error(cli, unreachable, &err);
    code = flatten_wait(cli, &wanted, reply, (int)seconds * 1000);
    if (cli->json)
        return cli_json_print(reply) ? CLI_FAILED : code;
    flatten_tell(cli, reply);
    json_decref(reply);
    return code;
}

static const struct cli_argument arguments[] = {
    {"SCOPE", "all, venue, account, strategy or instrument", false, false},
    {DECISION_NAME},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {DECISION_REASON},
    {DECISION_KILLED},
    {"wait", 0, "SECONDS", "until nothing is held, at most so long (default: 10)", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {
    "turret flatten strategy spy-cross --reason 'it does what nobody understands'",
    "turret flatten all --killed --reason 'stopped at three, closed at four'", NULL};

const struct cli_command cmd_flatten = {
    .path = "flatten",
    .summary = "close at market what strategies hold",
    .details =
        "The scope becomes REDUCING, every order that strategies have working in it is cancelled, "
        "also stops and targets, and what they hold is closed by reduce-only market orders of the "
        "host, which pass the same risk checks as theirs and which their strategy cannot change; "
        "one that is larger than an order may be goes in parts. Then it is told what is still "
        "held: the exit code is 0 only when that is nothing, 6 after --wait seconds. What an order "
        "fills "
        "while its cancel is on the way stays: say it again. What keeps a closing back is told: "
        "the state of another scope, books that differ, a clock that is too far off. Positions of "
        "the account that belong to no strategy stay, too, and are listed.\n\n"
        "Out of KILLED, --killed has to be said, too; it lifts the kill switch. Nothing is "
        "closed while a venue of the scope is not connected and reconciled: the exit code is 5. "
        "The scope stays REDUCING until turret resume or turret state. Asks the running daemon; "
        "the exit code is 4 when none answers.",
    .arguments = arguments,
    .choices = "all|venue|account|strategy|instrument",
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
