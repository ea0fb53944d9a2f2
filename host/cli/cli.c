/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every command shares: reading its options, saying what went wrong, and the frame around its
 * run: parse, help, run, flush.
 */
#include "cli/cli.h"

#include "cli/beside.h"
#include "cli/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_CONFIG "turret.yaml"

/* Which exit code an error ends in, and what --json calls it. */
static const struct {
    int32_t code;
    enum cli_exit exit;
    const char *name;
} exits[] = {
    {TURRET_EINVAL, CLI_INVALID, "EINVAL"},    {TURRET_ENOTFOUND, CLI_INVALID, "ENOTFOUND"},
    {TURRET_EEXIST, CLI_INVALID, "EEXIST"},    {TURRET_ESTATE, CLI_FAILED, "ESTATE"},
    {TURRET_ENOTSUP, CLI_FAILED, "ENOTSUP"},   {TURRET_ELIMIT, CLI_FAILED, "ELIMIT"},
    {TURRET_EDENIED, CLI_REFUSED, "EDENIED"},  {TURRET_EVERSION, CLI_INVALID, "EVERSION"},
    {TURRET_ECORRUPT, CLI_FAILED, "ECORRUPT"}, {TURRET_EIO, CLI_FAILED, "EIO"},
    {TURRET_EFULL, CLI_FAILED, "EFULL"},       {TURRET_ENOMEM, CLI_FAILED, "ENOMEM"},
    {TURRET_ETIMEOUT, CLI_FAILED, "ETIMEOUT"}, {TURRET_EUNKNOWN, CLI_PARTLY, "EUNKNOWN"},
    {TURRET_EFAULT, CLI_INVALID, "EFAULT"},    {TURRET_EBUSY, CLI_FAILED, "EBUSY"},
};

int cli_exit_code(int32_t code)
{
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++)
        if (exits[i].code == code)
            return exits[i].exit;
    return code ? CLI_FAILED : CLI_DONE;
}

static const char *code_name(int32_t code)
{
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++)
        if (exits[i].code == code)
            return exits[i].name;
    return "EINVAL";
}

const char *cli_get_nth(const struct cli *cli, const char *name, int nth)
{
    for (int i = 0; i < cli->value_count; i++)
        if (!strcmp(cli->values[i].option->name, name) && nth-- == 0)
            return cli->values[i].text;
    return NULL;
}

const char *cli_get(const struct cli *cli, const char *name)
{
    for (int i = cli->value_count; i-- > 0;)
        if (!strcmp(cli->values[i].option->name, name))
            return cli->values[i].text;
    return NULL;
}

bool cli_flag(const struct cli *cli, const char *name)
{
    for (int i = 0; i < cli->value_count; i++)
        if (!strcmp(cli->values[i].option->name, name))
            return true;
    return false;
}

int cli_get_int(const struct cli *cli, const char *name, int64_t min, int64_t max, int64_t fallback,
                int64_t *value, struct turret_error *err)
{
    const char *text = cli_get(cli, name);
    char *end = NULL;
    *value = fallback;
    if (!text)
        return TURRET_OK;
    errno = 0;
    *value = strtoll(text, &end, 10);
    if (end == text || *end || errno || *value < min || *value > max)
        return turret_fail(err, TURRET_EINVAL,
                           "--%s is '%.60s'; expected a whole number from %lld to %lld", name, text,
                           (long long)min, (long long)max);
    return TURRET_OK;
}

const char *cli_config_path(const struct cli *cli)
{
    const char *path = cli_get(cli, "config"), *environment = getenv("TURRET_CONFIG");
    if (path)
        return path;
    return environment && environment[0] ? environment : DEFAULT_CONFIG;
}

int cli_error(const struct cli *cli, const struct turret_error *err)
{
    int code = cli_exit_code(err->code);
    if (cli->json)
        (void)cli_json_error(code_name(err->code), code, err->text);
    else
        cli_note(cli, "turret: %s", err->text);
    return code;
}

int cli_told(const struct cli *cli, const struct turret_error *err)
{
    return cli->json ? cli_error(cli, err) : cli_exit_code(err->code);
}

int cli_config_error(const struct cli *cli, const char *file, const struct turret_error *err)
{
    size_t length = strlen(file);
    bool placed = !strncmp(err->text, file, length) && err->text[length] == ':';
    return placed ? cli_told(cli, err) : cli_error(cli, err);
}

int cli_usage(const struct cli *cli, const char *format, ...)
{
    const char *undone = cli->command ? cli->command->undone : NULL;
    char text[512], whole[768];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)snprintf(whole, sizeof whole, "%s%s%s", text, undone ? "; " : "", undone ? undone : "");
    if (cli->json)
        (void)cli_json_error("EINVAL", CLI_USAGE, whole);
    else
        (void)fprintf(stderr, "turret: %s\nsee 'turret help%s%s'\n%s%s", text,
                      cli->path[0] ? " " : "", cli->path, undone ? undone : "", undone ? "\n" : "");
    return CLI_USAGE;
}

void cli_note(const struct cli *cli, const char *format, ...)
{
    va_list args;
    (void)cli;
    (void)fflush(stdout); /* both may go to one place; flush() tells what went wrong */
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
}

void cli_next(const struct cli *cli, const char *format, ...)
{
    va_list args;
    if (cli->json || cli->plain)
        return;
    (void)fflush(stdout);
    va_start(args, format);
    (void)fputs("next: ", stderr);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
}

static void look_at_terminal(struct cli *cli)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    bool dumb = terminal && !strcmp(terminal, "dumb");
    cli->color = !cli->plain && !(no_color && no_color[0]) && !dumb && isatty(STDOUT_FILENO);
    cli->progress = !cli->plain && !cli->json && !dumb && isatty(STDERR_FILENO);
}

static int run(struct cli *cli)
{
    const struct cli_command *version = cli_find_command("version");
    if (cli->version && version)
        return version->run(cli);
    if (cli->help && cli->command)
        cli_print_command(cli, cli->command, stdout);
    else if (cli->help && cli->path[0])
        cli_print_group(cli, cli_find_group(cli->path), stdout);
    else if (cli->help)
        cli_print_overview(cli, stdout);
    else if (cli->command)
        return cli->command->run(cli);
    else if (cli->path[0])
        return cli_usage(cli, "'turret %s' needs a command after it", cli->path);
    else {
        cli_print_overview(cli, stderr);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

/* An answer that lacks a part is none. */
static int run_whole(struct cli *cli)
{
    struct turret_error err = {0};
    int code, starved;
    if (!cli->json)
        return run(cli);
    cli_json_begin();
    code = run(cli);
    if (!cli_json_starved())
        return code;
    (void)turret_fail(&err, TURRET_ENOMEM, "no memory: what was printed is not whole");
    starved = cli_error(cli, &err);
    return code ? code : starved;
}

/* Nothing is done until the data has left: a full disk or a closed pipe is a failure. */
static int flush(int code)
{
    bool broken = ferror(stdout) != 0;
    if (fflush(stdout) != 0 || broken) {
        if (errno != EPIPE)
            (void)fprintf(stderr, "turret: standard output: %s\n", strerror(errno));
        return code ? code : CLI_FAILED;
    }
    return code;
}

int cli_main(int argc, char **argv)
{
    struct cli cli = {0};
    size_t room = argc > 0 ? (size_t)argc : 1;
    int code = CLI_FAILED;
    beside_name_plugins();
    cli.arguments = calloc(room, sizeof *cli.arguments);
    /* A word can hold several one-letter flags. */
    for (int i = 1; i < argc; i++)
        room += strlen(argv[i]);
    cli.values = calloc(room, sizeof *cli.values);
    if (!cli.arguments || !cli.values) {
        (void)fputs("turret: no memory\n", stderr);
    } else {
        code = cli_parse(&cli, argc, argv);
        look_at_terminal(&cli);
        if (!code)
            code = flush(run_whole(&cli));
    }
    free(cli.arguments);
    free(cli.values);
    return code;
}
