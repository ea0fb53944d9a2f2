/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words to a command, its arguments and its options. Options may stand anywhere; "--" ends them.
 */
#include "cli/cli.h"

#include "ops/suggest.h"

#include <string.h>

#define NAMES_MAX 128

struct words {
    int argc, at;
    char **argv;
    bool no_more_options;
};

bool cli_takes(const struct cli_command *command, const struct cli_option *shared)
{
    if (!strcmp(shared->name, "config"))
        return command->takes & CLI_TAKES_CONFIG;
    if (!strcmp(shared->name, "store"))
        return command->takes & CLI_TAKES_STORE;
    return true;
}

/* Next option this command (or, while it is not known, any) takes; starts with *index 0. */
static const struct cli_option *next_option(const struct cli *cli, size_t *index)
{
    size_t own = 0;
    const struct cli_option *options = cli->command ? cli->command->options : NULL;
    for (; options && options[own].name; own++)
        if (own == *index)
            return &options[(*index)++];
    for (; cli_shared_options[*index - own].name; ++*index)
        if (!cli->command || cli_takes(cli->command, &cli_shared_options[*index - own]))
            return &cli_shared_options[(*index)++ - own];
    return NULL;
}

static const struct cli_option *find_option(const struct cli *cli, const char *name, size_t length)
{
    const struct cli_option *option;
    size_t index = 0;
    while ((option = next_option(cli, &index)))
        if (strlen(option->name) == length && !memcmp(option->name, name, length))
            return option;
    return NULL;
}

static const struct cli_option *find_letter(const struct cli *cli, char letter)
{
    const struct cli_option *option;
    size_t index = 0;
    while ((option = next_option(cli, &index)))
        if (option->letter && option->letter == letter)
            return option;
    return NULL;
}

static int unknown_option(const struct cli *cli, const char *name, size_t length)
{
    const char *names[NAMES_MAX], *near;
    const struct cli_option *option;
    size_t count = 0, index = 0;
    char word[SUGGEST_LENGTH_MAX + 1];
    while (count < NAMES_MAX && (option = next_option(cli, &index)))
        names[count++] = option->name;
    (void)snprintf(word, sizeof word, "%.*s", (int)length, name);
    near = suggest_nearest(word, names, count);
    if (near)
        return cli_usage(cli, "unknown option '--%s'; did you mean '--%s'?", word, near);
    return cli_usage(cli, "unknown option '--%s'", word);
}

/* Is `text` one of "a|b|c"? */
static bool is_choice(const char *choices, const char *text)
{
    size_t length = strlen(text);
    while (choices) {
        size_t size = strcspn(choices, "|");
        if (size == length && !memcmp(choices, text, size))
            return true;
        choices = choices[size] ? choices + size + 1 : NULL;
    }
    return false;
}

static int take_option(struct cli *cli, const struct cli_option *option, const char *text)
{
    if (option->choices && text && !is_choice(option->choices, text))
        return cli_usage(cli, "--%s is '%s'; expected %s", option->name, text, option->choices);
    cli->values[cli->value_count++] = (struct cli_value){option, text};
    cli->json = cli->json || !strcmp(option->name, "json");
    cli->plain = cli->plain || !strcmp(option->name, "plain");
    cli->no_input = cli->no_input || !strcmp(option->name, "no-input");
    cli->help = cli->help || !strcmp(option->name, "help");
    return CLI_DONE;
}

static int option_value(struct cli *cli, const struct cli_option *option, struct words *words)
{
    if (words->at == words->argc)
        return cli_usage(cli, "--%s needs %s", option->name, option->argument);
    return take_option(cli, option, words->argv[words->at++]);
}

/* "--name", "--name=value", "--name value" */
static int parse_long(struct cli *cli, const char *word, struct words *words)
{
    size_t length = strcspn(word, "=");
    const struct cli_option *option = find_option(cli, word, length);
    if (!option && !cli->command && !strcmp(word, "version")) {
        cli->version = true;
        return CLI_DONE;
    }
    if (!option)
        return unknown_option(cli, word, length);
    if (!option->argument && word[length])
        return cli_usage(cli, "--%s takes no value", option->name);
    if (!option->argument)
        return take_option(cli, option, NULL);
    if (word[length])
        return take_option(cli, option, word + length + 1);
    return option_value(cli, option, words);
}

/* "-jC file", "-Cfile" */
static int parse_short(struct cli *cli, const char *letters, struct words *words)
{
    for (; *letters; letters++) {
        const struct cli_option *option = find_letter(cli, *letters);
        int code;
        if (!option)
            return cli_usage(cli, "unknown option '-%c'", *letters);
        if (option->argument)
            return letters[1] ? take_option(cli, option, letters + 1)
                              : option_value(cli, option, words);
        code = take_option(cli, option, NULL);
        if (code)
            return code;
    }
    return CLI_DONE;
}

const struct cli_command *cli_find_command(const char *path)
{
    for (size_t i = 0; cli_commands[i]; i++)
        if (!strcmp(cli_commands[i]->path, path))
            return cli_commands[i];
    return NULL;
}

const struct cli_group *cli_find_group(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; cli_groups[i].name; i++)
        for (size_t c = 0; cli_commands[c] && !strcmp(cli_groups[i].name, name); c++)
            if (!strncmp(cli_commands[c]->path, name, length) &&
                cli_commands[c]->path[length] == ' ')
                return &cli_groups[i];
    return NULL;
}

/* Words that people in a hurry try, and what does that here. */
static const char *meant_by(const char *word)
{
    static const struct {
        const char *word, *command;
    } words[] = {
        {"kill", "halt"},         {"kill-switch", "halt"}, {"panic", "halt"},
        {"abort", "halt"},        {"emergency", "halt"},   {"close", "flatten"},
        {"liquidate", "flatten"}, {"cancel", "halt"},      {"cancel-all", "halt"},
        {"freeze", "halt"},       {"unhalt", "resume"},    {"unkill", "resume"},
        {"continue", "resume"},   {"quit", "stop"},        {"shutdown", "stop"},
        {"disable", "stop"},      {"enable", "start"},     {"trade", "run"},
        {"live", "run"},          {"daemon", "run"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i].word, word))
            return words[i].command;
    return NULL;
}

int cli_unknown_command(const struct cli *cli, const char *path)
{
    const char *names[NAMES_MAX], *near;
    size_t count = 0;
    for (size_t i = 0; cli_commands[i] && count < NAMES_MAX; i++)
        names[count++] = cli_commands[i]->path;
    for (size_t i = 0; cli_groups[i].name && count < NAMES_MAX; i++)
        if (cli_find_group(cli_groups[i].name))
            names[count++] = cli_groups[i].name;
    near = meant_by(path);
    if (!near)
        near = suggest_nearest(path, names, count);
    if (near)
        return cli_usage(cli, "unknown command '%s'; did you mean '%s'?", path, near);
    return cli_usage(cli, "unknown command '%s'", path);
}

/* A word that is no option: extends the command's name, or is an argument. */
static int take_word(struct cli *cli, const char *word)
{
    char path[sizeof cli->path];
    int length;
    if (cli->command) {
        cli->arguments[cli->argument_count++] = word;
        return CLI_DONE;
    }
    length = snprintf(path, sizeof path, "%s%s%s", cli->path, cli->path[0] ? " " : "", word);
    if (length >= (int)sizeof path)
        return cli_usage(cli, "unknown command '%.40s...'", word);
    cli->command = cli_find_command(path);
    if (!cli->command && !cli_find_group(path))
        return cli_unknown_command(cli, path);
    memcpy(cli->path, path, (size_t)length + 1);
    return CLI_DONE;
}

static int check_arguments(const struct cli *cli)
{
    const struct cli_argument *rows = cli->command->arguments;
    const struct cli_option *options = cli->command->options;
    int count = 0;
    bool repeated = false;
    for (; rows && rows[count].name; count++) {
        repeated = rows[count].repeated;
        if (!rows[count].optional && count >= cli->argument_count)
            return cli_usage(cli, "'turret %s' needs %s", cli->path, rows[count].name);
    }
    if (cli->argument_count > count && !repeated)
        return cli_usage(cli, "unexpected argument '%s'", cli->arguments[count]);
    for (; options && options->name; options++)
        if (options->required && !cli_get(cli, options->name))
            return cli_usage(cli, "'turret %s' needs --%s %s", cli->path, options->name,
                             options->argument);
    return CLI_DONE;
}

/* Options given before the command was known may be ones it does not take. */
static int check_shared(const struct cli *cli)
{
    for (int i = 0; i < cli->value_count; i++)
        if (!find_option(cli, cli->values[i].option->name, strlen(cli->values[i].option->name)))
            return cli_usage(cli, "'turret %s' takes no --%s", cli->path,
                             cli->values[i].option->name);
    return CLI_DONE;
}

int cli_parse(struct cli *cli, int argc, char **argv)
{
    struct words words = {.argc = argc, .at = 1, .argv = argv};
    int code = CLI_DONE;
    while (words.at < argc && !code) {
        const char *word = argv[words.at++];
        if (words.no_more_options || word[0] != '-' || !word[1])
            code = take_word(cli, word);
        else if (!strcmp(word, "--"))
            words.no_more_options = true;
        else if (word[1] == '-')
            code = parse_long(cli, word + 2, &words);
        else
            code = parse_short(cli, word + 1, &words);
    }
    if (code || !cli->command || cli->help)
        return code;
    code = check_shared(cli);
    return code ? code : check_arguments(cli);
}
