/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manual page turret(1) in mdoc, from the same table as help. A test compares docs/turret.1
 * with it, so the two cannot part.
 */
#include "cli/cli.h"

#include <assert.h>
#include <string.h>

#define PAGE_DATE "November 20, 2026"

/* Text in a line of its own: nothing in it may be taken for a request or an escape. */
static void print_text(FILE *out, const char *text, bool literal)
{
    bool line_start = true;
    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            (void)fputs("\\&", out);
        line_start = *text == '\n';
        if (*text == '\\')
            (void)fputs("\\e", out);
        else if (*text == '"')
            (void)fputs("\\(dq", out);
        else if (*text == '-' && literal)
            (void)fputs("\\-", out);
        else if (*text == '\n' && text[1] == '\n')
            (void)fputs("\n.Pp", out);
        else
            (void)fputc(*text, out);
    }
    (void)fputc('\n', out);
}

/* Sentences begin on their own line, as mdoc wants it. */
static void print_sentences(FILE *out, const char *text)
{
    char line[8192];
    size_t length = 0;
    for (; *text; text++) {
        assert(length + 2 < sizeof line); /* the tables' own texts */
        line[length++] = *text;
        if ((*text == '.' || *text == '?' || *text == '!') && text[1] == ' ') {
            line[length++] = '\n';
            text++;
        }
    }
    line[length] = '\0';
    print_text(out, line, false);
}

static void print_option(FILE *out, const struct cli_option *option)
{
    (void)fputs(".It", out);
    if (option->letter)
        (void)fprintf(out, " Fl %c , Fl \\-%s", option->letter, option->name);
    else
        (void)fprintf(out, " Fl \\-%s", option->name);
    if (option->argument)
        (void)fprintf(out, " Ar %s", option->argument);
    (void)fputc('\n', out);
    print_text(out, option->help, false);
    if (option->choices || option->required)
        (void)fputs(".br\n", out);
    if (option->choices) {
        (void)fputs("One of\n.Ql ", out);
        print_text(out, option->choices, false);
    }
    if (option->required)
        (void)fputs("Needed.\n", out);
}

static void print_options(FILE *out, const struct cli_option *options)
{
    (void)fputs(".Bl -tag -width Ds\n", out);
    for (; options->name; options++)
        print_option(out, options);
    (void)fputs(".El\n", out);
}

static void print_usage(FILE *out, const struct cli_command *command)
{
    const struct cli_argument *argument = command->arguments;
    const struct cli_option *option = command->options;
    (void)fprintf(out, ".It Nm Cm %s", command->path);
    for (; option && option->name; option++)
        if (option->required)
            (void)fprintf(out, " Fl \\-%s Ar %s", option->name, option->argument);
    for (; argument && argument->name; argument++)
        (void)fprintf(out, " %sAr %s%s", argument->optional ? "Op " : "", argument->name,
                      argument->repeated ? " ..." : "");
    (void)fputc('\n', out);
}

static void print_command(FILE *out, const struct cli_command *command)
{
    print_usage(out, command);
    print_text(out, command->summary, false);
    if (command->details) {
        (void)fputs(".Pp\n", out);
        print_sentences(out, command->details);
    }
    if (command->arguments) {
        (void)fputs(".Bl -tag -width Ds\n", out);
        for (const struct cli_argument *row = command->arguments; row->name; row++) {
            (void)fprintf(out, ".It Ar %s\n", row->name);
            print_text(out, row->help, false);
        }
        (void)fputs(".El\n", out);
    }
    if (command->options)
        print_options(out, command->options);
}

static void print_rows(FILE *out, const char *macro, const char *const (*rows)[2])
{
    (void)fputs(".Bl -tag -width Ds\n", out);
    for (; (*rows)[0]; rows++) {
        (void)fprintf(out, ".It %s %s\n", macro, (*rows)[0]);
        print_text(out, (*rows)[1], false);
    }
    (void)fputs(".El\n", out);
}

static void print_examples(FILE *out)
{
    (void)fputs(".Sh EXAMPLES\n.Bd -literal\n", out);
    for (size_t i = 0; cli_commands[i]; i++)
        for (size_t line = 0; cli_commands[i]->examples && cli_commands[i]->examples[line]; line++)
            print_text(out, cli_commands[i]->examples[line], true);
    (void)fputs(".Ed\n", out);
}

void cli_print_manual(FILE *out)
{
    static const char *const variables[][2] = {
        {"NO_COLOR", "Not empty: no colour."},
        {"TURRET_CONFIG", "The configuration file when none is named by an option."},
        {"TURRET_PLUGINS", "Where plugins are when neither an option nor a configuration says.\n"
                           "Not set: the directory of plugins beside the program."},
        {"TURRET_STORE",
         "The store when neither --store nor a configuration named on the line says."},
        {"TURRET_TEMPLATES", "What turret new copies; not set: the templates beside the program."},
        {NULL, NULL}};
    static const char *const codes[][2] = {
        {"0", "done"},
        {"1", "failed"},
        {"2", "usage: the command line is wrong; nothing was done"},
        {"3", "invalid input: a file, the configuration or a name in it is wrong"},
        {"4", "the daemon is not reachable"},
        {"5", "refused by risk or policy"},
        {"6", "partly done; messages say what"},
        {"7", "of halt: some orders of the store could not be read; the others are gone"},
        {NULL, NULL}};
    (void)fputs(".\\\" SPDX-License-Identifier: Apache-2.0\n.\\\" Made by 'turret help --man'.\n"
                ".Dd " PAGE_DATE "\n.Dt TURRET 1\n.Os\n.Sh NAME\n.Nm turret\n"
                ".Nd host for automated trading\n.Sh SYNOPSIS\n.Nm turret\n.Ar command\n"
                ".Op Ar options\n.Op Ar argument ...\n.Sh DESCRIPTION\n.Nm\n"
                "loads strategies, indicators and broker adapters, keeps their state and runs\n"
                "them on recorded, simulated or live markets.\n"
                "Data goes to standard output, messages to standard error.\n"
                ".Pp\nOptions may stand anywhere on the line, as\n.Fl \\-option Ar value\nor\n"
                ".Fl \\-option Ns = Ns Ar value ;\n.Ql --\nends them.\n"
                "These are taken by all commands they make sense for:\n",
                out);
    print_options(out, cli_shared_options);
    (void)fputs(".Sh COMMANDS\n.Bl -tag -width Ds\n", out);
    for (size_t i = 0; cli_commands[i]; i++)
        print_command(out, cli_commands[i]);
    (void)fputs(".El\n.Sh ENVIRONMENT\n", out);
    print_rows(out, "Ev", variables);
    (void)fputs(".Sh FILES\n.Bl -tag -width Ds\n.It Pa turret.yaml\nthe configuration\n"
                ".It Pa var/turret\nthe store\n.El\n.Sh EXIT STATUS\n",
                out);
    print_rows(out, "Li", codes);
    print_examples(out);
    (void)fputs(".Sh SEE ALSO\n.Xr turret.yaml 5\n", out);
}
