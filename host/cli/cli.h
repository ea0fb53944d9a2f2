/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line. One table (commands.c) of commands, each described by one struct in its own
 * file cmd_<name>.c; parser, help, completion and manual page are made from those structs.
 *
 * A new command: write cmd_<name>.c with one `const struct cli_command cmd_<name>` and add one line
 * to the table in commands.c; `turret help --man > docs/turret.1` renews the manual page.
 *
 * Data goes to standard output, everything said to people to standard error.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <turret/core.h>

#include <stdbool.h>

/* What the process exits with. cli_exit_code() maps TURRET_E… to these. */
enum cli_exit {
    CLI_DONE = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_INVALID = 3,     /* the input, the configuration, or a name in it is wrong */
    CLI_UNREACHABLE = 4, /* the daemon does not answer */
    CLI_REFUSED = 5,     /* risk or policy said no */
    CLI_PARTLY = 6,      /* some of it was done; messages say what */
    CLI_UNREADABLE = 7   /* turret halt: all that could be read is closed, some could not be */
};

/* An option. `argument` NULL: a flag. The table ends with a row whose name is NULL. */
struct cli_option {
    const char *name;     /* "time-zone", without the dashes */
    char letter;          /* 0: no short form */
    const char *argument; /* "NAME", as help shows it; "FILE" and "DIR" complete to files */
    const char *help;     /* one line, without a full stop */
    const char *choices;  /* "none|split|total"; NULL: anything. Other values are refused */
    bool required;
};

/* A positional argument. The table ends with a row whose name is NULL. */
struct cli_argument {
    const char *name; /* "FILE" */
    const char *help;
    bool optional;
    bool repeated; /* only the last */
};

/* Which of the shared options make sense. --json, --plain, --no-input, --help always do. */
#define CLI_TAKES_CONFIG 1u /* -C, --config FILE */
#define CLI_TAKES_STORE  2u /* --store DIR */

struct cli;

struct cli_command {
    const char *path;                     /* "data import" */
    const char *summary;                  /* one line, lower case, without a full stop */
    const char *details;                  /* paragraphs, separated by an empty line; NULL: none */
    const struct cli_argument *arguments; /* NULL: none */
    const char *choices;                  /* of the first, "bash|zsh|fish", to complete; or NULL */
    const struct cli_option *options;     /* its own; NULL: none */
    const char *const *examples;          /* command lines, ended by NULL; NULL: none */
    unsigned takes;                       /* CLI_TAKES_… */
    int (*run)(struct cli *cli);          /* answers enum cli_exit */
    const char *undone;                   /* what to say when it was misspelt; NULL: nothing */
};

/* A word that only groups commands: "data". */
struct cli_group {
    const char *name, *summary;
};

/* Both end with NULL. Order is that of help. */
extern const struct cli_command *const cli_commands[];
extern const struct cli_group cli_groups[];
/* The options every command takes; those of CLI_TAKES_… are left out where they make no sense. */
extern const struct cli_option cli_shared_options[];
bool cli_takes(const struct cli_command *command, const struct cli_option *shared);

struct cli_value {
    const struct cli_option *option;
    const char *text; /* NULL: a flag */
};

/* One run of the program. Everything borrowed lives as long as main()'s argv. */
struct cli {
    const struct cli_command *command; /* NULL until the words named one */
    char path[64];                     /* the command words so far */
    const char **arguments;            /* positional */
    int argument_count;
    struct cli_value *values;
    int value_count;
    bool json, plain, no_input, help, version;
    bool color;    /* standard output is a terminal that wants it */
    bool progress; /* standard error is a terminal and neither --plain nor --json */
};

/* The whole program: parses, runs, flushes; answers the exit code. */
int cli_main(int argc, char **argv);

/* ---- for commands ---- */

/* The option's text (the last one given), or NULL when it was not given. */
const char *cli_get(const struct cli *cli, const char *name);
/* The nth time it was given, from 0; NULL beyond. */
const char *cli_get_nth(const struct cli *cli, const char *name, int nth);
bool cli_flag(const struct cli *cli, const char *name);
/* A whole number in [min, max]; `fallback` when not given. fails: EINVAL told by text */
int cli_get_int(const struct cli *cli, const char *name, int64_t min, int64_t max, int64_t fallback,
                int64_t *value, struct turret_error *err);
/*
 * --store, `-C FILE`, $TURRET_STORE, $TURRET_CONFIG, turret.yaml, var/turret (store_choice.h).
 * fails: as store_choice_find(), and what -C names has to check
 */
int cli_store_path(const struct cli *cli, char *path, size_t room, struct turret_error *err);
/* The same where a store has to be. fails: ENOTFOUND, too: none is there; where, and what to do */
int cli_store_there(const struct cli *cli, char *path, size_t room, struct turret_error *err);
/* --config, or $TURRET_CONFIG, or turret.yaml. */
const char *cli_config_path(const struct cli *cli);

/* Tells what went wrong (as JSON with --json) and answers the exit code that belongs to it. */
int cli_error(const struct cli *cli, const struct turret_error *err);
/* The same for what has been told on standard error already, unless --json was given. */
int cli_told(const struct cli *cli, const struct turret_error *err);
/*
 * cli_told() for what config_load() or config_bind_params() told: it begins with the path of the
 * configuration. cli_error() for everything else.
 */
int cli_config_error(const struct cli *cli, const char *file, const struct turret_error *err);
int cli_exit_code(int32_t code);
/* "turret: …; see 'turret help data import'"; answers CLI_USAGE. */
TURRET_PRINTF(2, 3) int cli_usage(const struct cli *cli, const char *format, ...);
/* A line for people on standard error. */
TURRET_PRINTF(2, 3) void cli_note(const struct cli *cli, const char *format, ...);
/* The next sensible command; quiet with --json and --plain. */
TURRET_PRINTF(2, 3) void cli_next(const struct cli *cli, const char *format, ...);

/* ---- between the files of cli/ ---- */

/* fails: answers CLI_USAGE, told. On CLI_DONE cli->command is set, or help or version is asked. */
int cli_parse(struct cli *cli, int argc, char **argv);
/* The command or group of these words; NULL when there is none. */
const struct cli_command *cli_find_command(const char *path);
const struct cli_group *cli_find_group(const char *name);
/* "unknown command 'bactest'; did you mean 'backtest'?" */
int cli_unknown_command(const struct cli *cli, const char *path);

void cli_print_overview(const struct cli *cli, FILE *out);
void cli_print_group(const struct cli *cli, const struct cli_group *group, FILE *out);
void cli_print_command(const struct cli *cli, const struct cli_command *command, FILE *out);
/* " [options] FILE…" */
void cli_print_synopsis(const struct cli_command *command, FILE *out);
/* turret.1 in mdoc. */
void cli_print_manual(FILE *out);
/* shell is bash, zsh or fish. fails: EINVAL */
int cli_print_completion(const char *shell, FILE *out, struct turret_error *err);

#endif
