/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of commands. A new command is one file cmd_<name>.c and one line here.
 */
#include "cli/cli.h"

#define COMMANDS(X)                                                                                \
    X(cmd_new)                                                                                     \
    X(cmd_run)                                                                                     \
    X(cmd_paper)                                                                                   \
    X(cmd_status)                                                                                  \
    X(cmd_positions)                                                                               \
    X(cmd_orders)                                                                                  \
    X(cmd_fills)                                                                                   \
    X(cmd_reconcile)                                                                               \
    X(cmd_pnl)                                                                                     \
    X(cmd_statement)                                                                               \
    X(cmd_start)                                                                                   \
    X(cmd_stop)                                                                                    \
    X(cmd_pause)                                                                                   \
    X(cmd_halt)                                                                                    \
    X(cmd_flatten)                                                                                 \
    X(cmd_resume)                                                                                  \
    X(cmd_state)                                                                                   \
    X(cmd_backtest)                                                                                \
    X(cmd_replay)                                                                                  \
    X(cmd_data_import)                                                                             \
    X(cmd_data_make)                                                                               \
    X(cmd_data_list)                                                                               \
    X(cmd_data_verify)                                                                             \
    X(cmd_data_export)                                                                             \
    X(cmd_plugin_list)                                                                             \
    X(cmd_plugin_info)                                                                             \
    X(cmd_plugin_check)                                                                            \
    X(cmd_plugin_swap)                                                                             \
    X(cmd_plugin_rollback)                                                                         \
    X(cmd_plugin_history)                                                                          \
    X(cmd_plugin_block)                                                                            \
    X(cmd_plugin_unblock)                                                                          \
    X(cmd_plugin_blocked)                                                                          \
    X(cmd_plugin_install)                                                                          \
    X(cmd_plugin_remove)                                                                           \
    X(cmd_config_check)                                                                            \
    X(cmd_config_show)                                                                             \
    X(cmd_config_diff)                                                                             \
    X(cmd_config_history)                                                                          \
    X(cmd_journal_verify)                                                                          \
    X(cmd_audit)                                                                                   \
    X(cmd_completion)                                                                              \
    X(cmd_help)                                                                                    \
    X(cmd_version)

#define DECLARE(name) extern const struct cli_command name;
COMMANDS(DECLARE)

#define ROW(name) &(name),
const struct cli_command *const cli_commands[] = {COMMANDS(ROW) NULL};

const struct cli_group cli_groups[] = {
    {"data", "bars in the store"},
    {"plugin", "what is built and loads"},
    {"config", "the configuration file"},
    {"journal", "what happened, as recorded"},
    {"orders", "orders and what became of them"},
    {NULL, NULL},
};

const struct cli_option cli_shared_options[] = {
    {"config", 'C', "FILE", "configuration file (default: $TURRET_CONFIG or turret.yaml)", NULL,
     false},
    {"store", 0, "DIR",
     "store to use (default: that of -C FILE, $TURRET_STORE, that of $TURRET_CONFIG or of "
     "turret.yaml, var/turret)",
     NULL, false},
    {"json", 0, NULL, "data as JSON, prices as exact decimal text", NULL, false},
    {"plain", 0, NULL, "no colour, no progress, tab-separated tables", NULL, false},
    {"no-input", 0, NULL, "never ask; what would need an answer is refused", NULL, false},
    {"help", 'h', NULL, "what this command does and takes", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};
