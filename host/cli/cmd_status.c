/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret status: what the daemon says of itself, once or once a second.
 */
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/remote.h"
#include "cli/status_table.h"

#include <poll.h>

#define WATCH_MS 1000

static int print_once(const struct cli *cli)
{
    json_t *status;
    int code = remote_call(cli, json_pack("{s:s}", "command", "status"), &status);
    if (code)
        return code;
    (void)json_object_del(status, "ok");
    if (cli->json)
        return cli_json_print(status) ? CLI_FAILED : CLI_DONE;
    status_table_print(cli, status, stdout);
    json_decref(status);
    return CLI_DONE;
}

static int show(struct status_screen *screen, const struct cli *cli, json_t *take)
{
    int code;
    (void)json_object_del(take, "ok");
    if (cli->json)
        return cli_json_line(take) || fflush(stdout) ? TURRET_EIO : TURRET_OK;
    code = status_screen_draw(screen, cli, take);
    json_decref(take);
    return code;
}

/* Ends well when the daemon, once seen, is gone. */
static int watch_on(const struct cli *cli, struct status_screen *screen)
{
    const volatile sig_atomic_t *interrupted = interrupt_watch();
    bool seen = false;
    while (!*interrupted) {
        struct turret_error err = {0};
        bool unreachable;
        json_t *status;
        if (remote_try(cli, json_pack("{s:s}", "command", "status"), &status, &unreachable, &err)) {
            if (*interrupted)
                break;
            if (!seen || !unreachable || err.code == TURRET_ETIMEOUT)
                return remote_error(cli, unreachable, &err);
            if (!cli->json)
                cli_note(cli, "the daemon has ended");
            break;
        }
        seen = true;
        if (show(screen, cli, status))
            return CLI_FAILED;
        (void)poll(NULL, 0, WATCH_MS);
    }
    return CLI_DONE;
}

static int watch(const struct cli *cli)
{
    struct status_screen screen;
    int code;
    status_screen_begin(&screen, cli);
    code = watch_on(cli, &screen);
    status_screen_end(&screen);
    return code;
}

static int run(struct cli *cli)
{
    return cli_flag(cli, "watch") ? watch(cli) : print_once(cli);
}

static const struct cli_option options[] = {
    {"watch", 'w', NULL, "show it again every second, until Ctrl-C or the daemon ends", NULL,
     false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {"turret status", "turret status --watch",
                                       "turret status --json", NULL};

const struct cli_command cmd_status = {
    .path = "status",
    .summary = "show what the running daemon is doing",
    .details =
        "Asks the daemon that runs on the store: mode, trading state, venues, accounts, and each "
        "strategy with its profit, orders, fills and the score it last gave.\n\n"
        "A strategy is RUNNING, PAUSED, STOPPED, REDUCING (a stop lets it only close) or FAULT "
        "(it broke its contract). An isolated one whose runner was lost is DEGRADED until it "
        "starts again by itself, and QUARANTINED when that happened too often: turret start NAME "
        "begins anew. UNKNOWN orders are those of which nobody knows what became of them: turret "
        "reconcile. A venue is not ready, and why is told, while it is not connected, its books "
        "and ours differ or its clock is too far off. Stops and targets held here that a trading "
        "state keeps from being sent are told, too. Which limits of loss are reached, since when "
        "and by how much, is told until turret resume --reason TEXT lifts it.\n\n"
        "With --watch and --json each state is one line. The exit code is 4 when no daemon "
        "answers.",
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
