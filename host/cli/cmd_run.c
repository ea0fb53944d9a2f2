/* SPDX-License-Identifier: Apache-2.0 */
/* turret run, turret paper: the daemon in the foreground; paper shows a live table. */
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/project.h"
#include "cli/status_table.h"
#include "cli/store_choice.h"
#include "ops/plural.h"
#include "session/live.h"
#include "session/live_status.h"

#include <string.h>
#include <unistd.h>

static const struct cli_argument arguments[] = {
    {"CONFIG", "configuration to run, or a directory with a turret.yaml (default: --config)", true,
     false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"for", 0, "SECONDS", "end by itself after so many seconds (default: run on)", NULL, false},
    {"known-order", 0, "NUMBER",
     "this host's orders up to this one are known, though a store from an old backup lacks some",
     NULL, false},
    {"no-watch", 0, NULL, "do not apply changes of the configuration file while running", NULL,
     false},
    {NULL, 0, NULL, NULL, NULL, false},
};

struct shown {
    const struct cli *cli;
    struct status_screen screen; /* redrawn every second on a terminal */
};

static void draw(struct shown *shown, struct live *live)
{
    json_t *status = live_status(live);
    (void)status_screen_draw(&shown->screen, shown->cli, status);
    (void)fflush(stdout);
    json_decref(status);
}

static void on_tick(void *context, struct live *live)
{
    struct shown *shown = context;
    if (shown->screen.terminal)
        draw(shown, live);
}

static void tell_recovery(const struct cli *cli, const struct live_recovery *recovery)
{
    if (!recovery->recovered)
        return;
    cli_note(cli, "carried on from snapshot %llu and %llu journal %s: %u open %s, %u %s",
             (unsigned long long)recovery->snapshot_sequence,
             (unsigned long long)recovery->replayed,
             plural(recovery->replayed, "record", "records"), recovery->working_orders,
             plural(recovery->working_orders, "order", "orders"), recovery->positions,
             plural(recovery->positions, "position", "positions"));
    if (recovery->intent_mismatches || recovery->report_mismatches)
        cli_note(cli,
                 "%llu %s and %llu %s differed from the journal when replayed; the "
                 "journal's were used (was a plugin rebuilt?)",
                 (unsigned long long)recovery->intent_mismatches,
                 plural(recovery->intent_mismatches, "intent", "intents"),
                 (unsigned long long)recovery->report_mismatches,
                 plural(recovery->report_mismatches, "venue answer", "venue answers"));
}

static int run_session(struct cli *cli, bool table)
{
    struct turret_error err = {0}, closing = {0};
    char program[CONFIG_PATH_MAX] = "";
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    struct shown shown = {.cli = cli};
    struct live_options session = {.config_path = cli->argument_count ? cli->arguments[0]
                                                                      : cli_config_path(cli),
                                   .store = store_choice_over(cli),
                                   .version = TURRET_VERSION,
                                   .messages = stderr,
                                   .watch_config = !cli_flag(cli, "no-watch"),
                                   .paper_only = table,
                                   .program = program,
                                   .tick = on_tick,
                                   .context = &shown};
    struct live *live = NULL;
    int64_t run_seconds, known_order = 0;
    int status = cli_get_int(cli, "for", 1, 1000000, 0, &run_seconds, &err), code = CLI_DONE;
    if (!status)
        status = cli_get_int(cli, "known-order", 1, (INT64_C(1) << 62) - 1, 0, &known_order, &err);
    if (status)
        return cli_usage(cli, "%s", err.text);
    session.known_order = (uint64_t)known_order;
    session.run_seconds = (uint32_t)run_seconds;
    program[length > 0 ? length : 0] = 0;
    status = project_enter(cli, &session.config_path, &err);
    if (status)
        return cli_error(cli, &err);
    if (table) {
        status_screen_begin(&shown.screen, cli);
        session.messages = status_screen_messages(&shown.screen);
    }
    status = live_open(&live, &session, &err);
    if (!status) {
        tell_recovery(cli, live_recovery(live));
        cli_note(cli, "running %s (pid %d); Ctrl-C ends it, turret status shows it",
                 session.config_path, (int)getpid());
        status = live_run(live, &err);
        if (table && cli->json)
            (void)cli_json_print(live_status(live));
        else if (table)
            draw(&shown, live);
    }
    if (live_close(live, &closing) && !status) {
        status = closing.code;
        err = closing;
    }
    status_screen_end(&shown.screen);
    if (status)
        code = cli_config_error(cli, session.config_path, &err);
    else
        cli_note(cli, "ended; state is saved: the next start carries on");
    return code;
}

static int run(struct cli *cli)
{
    return run_session(cli, false);
}

static int paper(struct cli *cli)
{
    return run_session(cli, true);
}

static const char *const run_examples[] = {"turret run -C /etc/turret/turret.yaml", NULL};
static const char *const paper_examples[] = {"turret paper configs/demo.yaml", "turret paper .",
                                             NULL};

#define DETAILS                                                                                    \
    "Takes a configuration with mode: paper or live. Loads the plugins, recovers what the last "   \
    "run left in the store, connects the venues and "                                              \
    "trades until SIGINT or SIGTERM, or until a finite feed ends. A change of the configuration "  \
    "file is applied between two events or refused whole; SIGHUP asks for it "                     \
    "too.\n\n" PROJECT_DETAILS

const struct cli_command cmd_run = {
    .path = "run",
    .summary = "run the daemon in the foreground",
    .details = DETAILS,
    .arguments = arguments,
    .options = options,
    .examples = run_examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};

const struct cli_command cmd_paper = {
    .path = "paper",
    .summary = "run a paper session and show it",
    .details =
        DETAILS " On a terminal a table is redrawn every second, below alarms, denials and other "
                "messages; at the end it is printed.\n\n"
                "A configuration with mode: live is refused: turret run trades it.",
    .arguments = arguments,
    .options = options,
    .examples = paper_examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = paper,
};
