/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Help for people, from the table of commands.
 */
#include "cli/text.h"

#include <string.h>

#define NAME_WIDTH 22

static void heading(const struct cli *cli, FILE *out, const char *text)
{
    bool bold = cli->color && out == stdout;
    (void)fprintf(out, "\n%s%s:%s\n", bold ? "\033[1m" : "", text, bold ? "\033[0m" : "");
}

/* "-C, --config FILE" */
static void print_option(FILE *out, const struct cli_option *option)
{
    char name[96], help[512];
    char letter[8] = "    ";
    if (option->letter)
        (void)snprintf(letter, sizeof letter, "-%c, ", option->letter);
    (void)snprintf(name, sizeof name, "%s--%s%s%s", letter, option->name,
                   option->argument ? " " : "", option->argument ? option->argument : "");
    (void)snprintf(help, sizeof help, "%s%s%s%s", option->help, option->choices ? ": " : "",
                   option->choices ? option->choices : "", option->required ? " (needed)" : "");
    text_entry(out, name, NAME_WIDTH, help);
}

void cli_print_synopsis(const struct cli_command *command, FILE *out)
{
    const struct cli_argument *argument = command->arguments;
    const struct cli_option *option = command->options;
    for (; option && option->name; option++)
        if (option->required)
            (void)fprintf(out, " --%s %s", option->name, option->argument);
    (void)fputs(" [options]", out);
    for (; argument && argument->name; argument++)
        (void)fprintf(out, " %s%s%s%s", argument->optional ? "[" : "", argument->name,
                      argument->repeated ? "..." : "", argument->optional ? "]" : "");
    (void)fputc('\n', out);
}

static void print_shared(const struct cli *cli, const struct cli_command *command, FILE *out)
{
    heading(cli, out, "options everywhere");
    for (size_t i = 0; cli_shared_options[i].name; i++)
        if (!command || cli_takes(command, &cli_shared_options[i]))
            print_option(out, &cli_shared_options[i]);
}

void cli_print_command(const struct cli *cli, const struct cli_command *command, FILE *out)
{
    (void)fprintf(out, "turret %s - %s\n\nusage: turret %s", command->path, command->summary,
                  command->path);
    cli_print_synopsis(command, out);
    if (command->details) {
        (void)fputc('\n', out);
        text_wrap(out, command->details, 0, 0);
    }
    if (command->arguments) {
        heading(cli, out, "arguments");
        for (const struct cli_argument *row = command->arguments; row->name; row++)
            text_entry(out, row->name, NAME_WIDTH, row->help);
    }
    if (command->options) {
        heading(cli, out, "options");
        for (const struct cli_option *row = command->options; row->name; row++)
            print_option(out, row);
    }
    print_shared(cli, command, out);
    if (command->examples) {
        heading(cli, out, "examples");
        for (size_t i = 0; command->examples[i]; i++)
            (void)fprintf(out, "  %s\n", command->examples[i]);
    }
}

/* Commands whose path begins with the group's word; without a group, those of one word. */
static void print_commands(const char *group, FILE *out)
{
    size_t length = group ? strlen(group) : 0;
    for (size_t i = 0; cli_commands[i]; i++) {
        const char *path = cli_commands[i]->path;
        bool inside = group ? !strncmp(path, group, length) && path[length] == ' '
                            : strchr(path, ' ') == NULL;
        if (inside)
            text_entry(out, path, NAME_WIDTH, cli_commands[i]->summary);
    }
}

void cli_print_group(const struct cli *cli, const struct cli_group *group, FILE *out)
{
    (void)fprintf(out, "turret %s - %s\n", group->name, group->summary);
    heading(cli, out, "commands");
    print_commands(group->name, out);
    (void)fprintf(out, "\n'turret help %s COMMAND' tells more about one.\n", group->name);
}

void cli_print_overview(const struct cli *cli, FILE *out)
{
    (void)fputs("turret - host for automated trading\n\nusage: turret COMMAND [options] ...\n",
                out);
    heading(cli, out, "commands");
    print_commands(NULL, out);
    for (size_t i = 0; cli_groups[i].name; i++) {
        if (!cli_find_group(cli_groups[i].name))
            continue;
        (void)fprintf(out, "\n%s: %s\n", cli_groups[i].name, cli_groups[i].summary);
        print_commands(cli_groups[i].name, out);
    }
    print_shared(cli, NULL, out);
    (void)fputs("\nExit codes: 0 done, 1 failed, 2 usage, 3 invalid input, 4 daemon unreachable,\n"
                "5 refused by risk, 6 partly done, 7 of halt: some orders could not be read.\n"
                "'turret help COMMAND' tells more about one.\n",
                out);
}
