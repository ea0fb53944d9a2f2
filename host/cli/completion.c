/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completion scripts for bash, zsh and fish from the table of commands. Each script is a table of
 * its own: what may follow these command words.
 */
#include "cli/cli.h"

#include "ops/suggest.h"

#include <string.h>

#define WORDS_MAX 128

/* Visits the options a command takes. */
typedef void option_fn(FILE *out, const struct cli_command *command,
                       const struct cli_option *option);

static void each_option(FILE *out, const struct cli_command *command, option_fn *each)
{
    for (const struct cli_option *row = command->options; row && row->name; row++)
        each(out, command, row);
    for (const struct cli_option *row = cli_shared_options; row->name; row++)
        if (cli_takes(command, row))
            each(out, command, row);
}

/* Text inside single quotes of a shell script. */
static void quoted(FILE *out, const char *text)
{
    (void)fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'')
            (void)fputs("'\\''", out);
        else
            (void)fputc(*text, out);
    }
    (void)fputc('\'', out);
}

static void with_spaces(FILE *out, const char *choices)
{
    for (; *choices; choices++)
        (void)fputc(*choices == '|' ? ' ' : *choices, out);
}

/* First words: groups and commands of one word, each once. */
static size_t first_words(const char **words, const char **summaries)
{
    size_t count = 0;
    for (size_t i = 0; cli_groups[i].name; i++) {
        if (!cli_find_group(cli_groups[i].name))
            continue;
        words[count] = cli_groups[i].name;
        summaries[count++] = cli_groups[i].summary;
    }
    for (size_t i = 0; cli_commands[i] && count < WORDS_MAX; i++) {
        if (strchr(cli_commands[i]->path, ' '))
            continue;
        words[count] = cli_commands[i]->path;
        summaries[count++] = cli_commands[i]->summary;
    }
    return count;
}

/* The word after the group's, or NULL when the command is not in it. */
static const char *second_word(const struct cli_command *command, const char *group)
{
    size_t length = strlen(group);
    if (strncmp(command->path, group, length) != 0 || command->path[length] != ' ')
        return NULL;
    return command->path + length + 1;
}

static void bash_option(FILE *out, const struct cli_command *command,
                        const struct cli_option *option)
{
    (void)command;
    (void)fprintf(out, " --%s", option->name);
}

static void bash_choices(FILE *out, const struct cli_command *command,
                         const struct cli_option *option)
{
    if (!option->choices)
        return;
    (void)fprintf(out, "    '%s/--%s') words='", command->path, option->name);
    with_spaces(out, option->choices);
    (void)fputs("' ;;\n", out);
}

/* The first argument, which follows the last word of the command. */
static void bash_arguments(FILE *out, const struct cli_command *command)
{
    const char *space = strchr(command->path, ' ');
    if (!command->choices)
        return;
    (void)fprintf(out, "    '%s/%s') words='", command->path, space ? space + 1 : command->path);
    with_spaces(out, command->choices);
    each_option(out, command, bash_option);
    (void)fputs("' ;;\n", out);
}

static void bash(FILE *out)
{
    const char *words[WORDS_MAX], *summaries[WORDS_MAX];
    size_t count = first_words(words, summaries);
    (void)fputs("# turret completion for bash: source <(turret completion bash)\n"
                "_turret() {\n"
                "  local word path='' words='' current=${COMP_WORDS[COMP_CWORD]}\n"
                "  local previous=${COMP_WORDS[COMP_CWORD-1]}\n"
                "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                "    case \"${path:+$path }$word\" in\n     ",
                out);
    for (size_t i = 0; i < count; i++)
        (void)fprintf(out, " '%s'%s", words[i], i + 1 < count ? " |" : "");
    for (size_t i = 0; cli_commands[i]; i++)
        if (strchr(cli_commands[i]->path, ' '))
            (void)fprintf(out, " | '%s'", cli_commands[i]->path);
    (void)fputs(") path=${path:+$path }$word ;;\n    esac\n  done\n"
                "  case \"$path/$previous\" in\n",
                out);
    for (size_t i = 0; cli_commands[i]; i++) {
        each_option(out, cli_commands[i], bash_choices);
        bash_arguments(out, cli_commands[i]);
    }
    (void)fputs("    *) case \"$path\" in\n      '') words='", out);
    for (size_t i = 0; i < count; i++)
        (void)fprintf(out, "%s%s", i ? " " : "", words[i]);
    (void)fputs(" --help --version' ;;\n", out);
    for (size_t i = 0; cli_groups[i].name; i++) {
        if (!cli_find_group(cli_groups[i].name))
            continue;
        (void)fprintf(out, "      '%s') words='--help", cli_groups[i].name);
        for (size_t c = 0; cli_commands[c]; c++)
            if (second_word(cli_commands[c], cli_groups[i].name))
                (void)fprintf(out, " %s", second_word(cli_commands[c], cli_groups[i].name));
        (void)fputs("' ;;\n", out);
    }
    for (size_t i = 0; cli_commands[i]; i++) {
        (void)fprintf(out, "      '%s') [[ $current == -* ]] && words='", cli_commands[i]->path);
        each_option(out, cli_commands[i], bash_option);
        (void)fputs("' ;;\n", out);
    }
    (void)fputs("    esac ;;\n  esac\n"
                "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}\n"
                "complete -o default -F _turret turret\n",
                out);
}

/* "[help]" of an option in zsh: brackets, colons and backslashes are its own. */
static void zsh_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("[]:\\", *text))
            (void)fputc('\\', out);
        (void)fputs(*text == '\'' ? "'\\''" : (const char[]){*text, '\0'}, out);
    }
}

static void zsh_option(FILE *out, const struct cli_command *command,
                       const struct cli_option *option)
{
    (void)command;
    (void)fprintf(out, "        '--%s%s[", option->name, option->argument ? "=" : "");
    zsh_escaped(out, option->help);
    (void)fputc(']', out);
    if (option->choices) {
        (void)fprintf(out, ":%s:(", option->argument);
        with_spaces(out, option->choices);
        (void)fputc(')', out);
    } else if (option->argument) {
        bool file = strstr(option->argument, "FILE") || strstr(option->argument, "DIR");
        (void)fprintf(out, ":%s:%s", option->argument, file ? "_files" : "");
    }
    (void)fputs("' \\\n", out);
}

static void zsh_describe(FILE *out, const char *word, const char *summary)
{
    (void)fputs(" '", out);
    zsh_escaped(out, word);
    (void)fputc(':', out);
    zsh_escaped(out, summary);
    (void)fputc('\'', out);
}

static void zsh(FILE *out)
{
    const char *words[WORDS_MAX], *summaries[WORDS_MAX];
    size_t count = first_words(words, summaries);
    (void)fputs("#compdef turret\n# turret completion for zsh: turret completion zsh > "
                "~/.zfunc/_turret\n_turret() {\n  local -a found\n"
                "  if (( CURRENT == 2 )); then\n    found=(",
                out);
    for (size_t i = 0; i < count; i++)
        zsh_describe(out, words[i], summaries[i]);
    (void)fputs(")\n    _describe command found\n    return\n  fi\n"
                "  if (( CURRENT == 3 )); then\n    case \"${words[2]}\" in\n",
                out);
    for (size_t i = 0; cli_groups[i].name; i++) {
        if (!cli_find_group(cli_groups[i].name))
            continue;
        (void)fprintf(out, "      %s) found=(", cli_groups[i].name);
        for (size_t c = 0; cli_commands[c]; c++)
            if (second_word(cli_commands[c], cli_groups[i].name))
                zsh_describe(out, second_word(cli_commands[c], cli_groups[i].name),
                             cli_commands[c]->summary);
        (void)fputs(")\n        _describe command found\n        return ;;\n", out);
    }
    (void)fputs("    esac\n  fi\n  case \"${words[2]} ${words[3]}\" in\n", out);
    for (size_t i = 0; cli_commands[i]; i++) {
        bool single = !strchr(cli_commands[i]->path, ' ');
        (void)fprintf(out, "    '%s'%s)\n      _arguments \\\n", cli_commands[i]->path,
                      single ? "' '*" : "");
        each_option(out, cli_commands[i], zsh_option);
        if (cli_commands[i]->choices) {
            (void)fprintf(out, "        '%d:argument:(", single ? 2 : 3);
            with_spaces(out, cli_commands[i]->choices);
            (void)fputs(")' \\\n", out);
        }
        (void)fputs("        '*:argument:_files' ;;\n", out);
    }
    (void)fputs("  esac\n}\n_turret \"$@\"\n", out);
}

static void fish_option(FILE *out, const struct cli_command *command,
                        const struct cli_option *option)
{
    (void)fprintf(out, "complete -c turret -n '__turret_at %s' -l %s", command->path, option->name);
    if (option->letter)
        (void)fprintf(out, " -s %c", option->letter);
    if (option->choices) {
        (void)fputs(" -x -a '", out);
        with_spaces(out, option->choices);
        (void)fputc('\'', out);
    } else if (option->argument) {
        (void)fputs(" -r", out);
    }
    (void)fputs(" -d ", out);
    quoted(out, option->help);
    (void)fputc('\n', out);
}

/* Where nothing follows the command's words yet. */
static void fish_arguments(FILE *out, const struct cli_command *command)
{
    if (!command->choices)
        return;
    (void)fprintf(out,
                  "complete -c turret -f -n '__turret_at %s; and test (count (commandline -opc)) "
                  "-eq %d' -a '",
                  command->path, strchr(command->path, ' ') ? 3 : 2);
    with_spaces(out, command->choices);
    (void)fputs("'\n", out);
}

static void fish(FILE *out)
{
    const char *words[WORDS_MAX], *summaries[WORDS_MAX];
    size_t count = first_words(words, summaries);
    (void)fputs("# turret completion for fish: turret completion fish | source\n"
                "function __turret_at\n"
                "    set -l words (commandline -opc)[2..-1]\n"
                "    string match -q -- \"$argv\" \"$words[1..(count $argv)]\"\n"
                "end\n"
                "complete -c turret -n __fish_use_subcommand -s h -l help\n",
                out);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(out, "complete -c turret -f -n __fish_use_subcommand -a %s -d ", words[i]);
        quoted(out, summaries[i]);
        (void)fputc('\n', out);
    }
    for (size_t i = 0; cli_commands[i]; i++) {
        const char *path = cli_commands[i]->path, *space = strchr(path, ' ');
        if (space) {
            (void)fprintf(out,
                          "complete -c turret -f -n '__turret_at %.*s; and not __turret_at "
                          "%s' -a %s -d ",
                          (int)(space - path), path, path, space + 1);
            quoted(out, cli_commands[i]->summary);
            (void)fputc('\n', out);
        }
        each_option(out, cli_commands[i], fish_option);
        fish_arguments(out, cli_commands[i]);
    }
}

int cli_print_completion(const char *shell, FILE *out, struct turret_error *err)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    static void (*const writers[])(FILE *) = {bash, zsh, fish};
    const char *near = suggest_nearest(shell, shells, 3);
    for (size_t i = 0; i < 3; i++) {
        if (!strcmp(shells[i], shell)) {
            writers[i](out);
            return TURRET_OK;
        }
    }
    return turret_fail(err, TURRET_EINVAL,
                       "shell '%.40s' is not known; expected bash, zsh or "
                       "fish%s%s%s",
                       shell, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}
