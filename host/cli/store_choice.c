/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration is often broken just when somebody has to act: it was being edited. So of one
 * that does not check the line `store:` alone is read.
 */
#include "cli/store_choice.h"

#include "store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_STORE "var/turret"
#define LINE_MAX_SIZE (CONFIG_PATH_MAX + 64)
#define FROM_MOST     96
#define NONE_MOST     310 /* others put words before what store_choice_none() says */

static const char *environment_of(const char *name)
{
    const char *text = getenv(name);
    return text && text[0] ? text : NULL;
}

const char *store_choice_over(const struct cli *cli)
{
    const char *given = cli_get(cli, "store");
    bool named = cli->argument_count > 0 || cli_get(cli, "config");
    return given || named ? given : environment_of("TURRET_STORE");
}

static int take(struct store_choice *choice, const char *path, const char *from,
                struct turret_error *err)
{
    (void)snprintf(choice->from, sizeof choice->from, "%.4100s", from);
    if (snprintf(choice->path, sizeof choice->path, "%s", path) >= (int)sizeof choice->path)
        return turret_fail(err, TURRET_EINVAL, "store path '%.60s...' is too long", path);
    return TURRET_OK;
}

/* The value of a line at the margin; "" when it is more than a plain or a quoted word. */
static void read_value(char *text, char *value, size_t room)
{
    char quote = 0;
    size_t length;
    text += strspn(text, " \t");
    if (*text == '"' || *text == '\'')
        quote = *text++;
    length = strcspn(text, quote == '"' ? "\"\r\n" : quote ? "'\r\n" : "#\r\n");
    while (!quote && length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    text[length] = 0;
    if (strpbrk(text, "$\\") || (!quote && strchr("&*!|>{[%@`", text[0])))
        text[0] = 0;
    (void)snprintf(value, room, "%s", text);
}

/* Whether there is such a line. */
static bool find_line(FILE *file, char *value, size_t room)
{
    static const char word[] = "store:";
    char line[LINE_MAX_SIZE];
    while (fgets(line, sizeof line, file))
        if (!strncmp(line, word, sizeof word - 1)) {
            read_value(line + sizeof word - 1, value, room);
            return true;
        }
    return false;
}

static int take_line(struct store_choice *choice, const char *file, struct turret_error *err)
{
    char value[CONFIG_PATH_MAX] = DEFAULT_STORE, from[CONFIG_PATH_MAX + 24];
    FILE *opened = fopen(file, "rb");
    bool found = opened && find_line(opened, value, sizeof value);
    if (opened)
        (void)fclose(opened); /* only read */
    if (!opened || (found && !value[0]))
        return turret_ok(err);
    (void)snprintf(choice->trouble, sizeof choice->trouble, "%.250s", err->text);
    memset(err, 0, sizeof *err);
    (void)snprintf(from, sizeof from, found ? "line store: of %s" : "no line store: in %s", file);
    return take(choice, value, from, err);
}

static int take_config(struct store_choice *choice, const char *file, struct turret_error *err)
{
    char from[CONFIG_PATH_MAX + 24];
    struct config *config = NULL;
    int status;
    if (config_load(file, &config, NULL, err))
        return take_line(choice, file, err);
    (void)snprintf(from, sizeof from, "store: of %s", file);
    status = take(choice, config->store, from, err);
    config_destroy(config);
    return status;
}

/* A turret.yaml that is not there is nobody's word. */
static int take_found(struct store_choice *choice, const char *file, struct turret_error *err)
{
    static const char nobody[] = "the default: no --store, -C, $TURRET_STORE, $TURRET_CONFIG or %s";
    char from[sizeof nobody + 64];
    int status = take_config(choice, file, err);
    if (status != TURRET_ENOTFOUND)
        return status;
    memset(err, 0, sizeof *err);
    (void)snprintf(from, sizeof from, nobody, file);
    return take(choice, DEFAULT_STORE, from, err);
}

int store_choice_find(const struct cli *cli, struct store_choice *choice, struct turret_error *err)
{
    const char *given = cli_get(cli, "store"), *config = cli_get(cli, "config");
    const char *environment = environment_of("TURRET_STORE");
    memset(choice, 0, sizeof *choice);
    if (given)
        return take(choice, given, "--store", err);
    if (!config && environment)
        return take(choice, environment, "$TURRET_STORE", err);
    if (config || environment_of("TURRET_CONFIG"))
        return take_config(choice, cli_config_path(cli), err);
    return take_found(choice, cli_config_path(cli), err);
}

/* Its last bytes and, when they are not all, "..." before them: the end tells most of a path. */
static const char *end_of(const char *text, size_t most, const char **mark)
{
    size_t length = strlen(text);
    *mark = length > most ? "..." : "";
    if (length > most)
        text += length - most + 3;
    while (**mark && ((unsigned char)*text & 0xc0u) == 0x80u)
        text++; /* in a character */
    return text;
}

static void tell(const char *path, const char *from, char *text, size_t most)
{
    const char *mark, *from_mark;
    from = end_of(from, FROM_MOST, &from_mark);
    path = end_of(path, most - strlen(from_mark) - strlen(from) - 3, &mark);
    (void)snprintf(text, most + 1, "%s%s (%s%s)", mark, path, from_mark, from);
}

void store_choice_tell(const struct store_choice *choice, char text[STORE_CHOICE_TEXT])
{
    tell(choice->path, choice->from, text, STORE_CHOICE_TEXT - 1);
}

int store_choice_none(const struct store_choice *choice, struct turret_error *err)
{
    char here[CONFIG_PATH_MAX] = "", path[2 * CONFIG_PATH_MAX], where[NONE_MOST + 1];
    struct stat about;
    bool file = stat(choice->path, &about) ? errno == ENOTDIR : !S_ISDIR(about.st_mode);
    bool whole = choice->path[0] == '/' || !getcwd(here, sizeof here);
    (void)snprintf(path, sizeof path, "%s%s%s", here, whole ? "" : "/", choice->path);
    tell(path, choice->from, where, NONE_MOST);
    if (file)
        return turret_fail(err, TURRET_ENOTFOUND,
                           "there is no store in %s, which is no directory: name one by --store "
                           "DIR, or a configuration by -C FILE",
                           where);
    return turret_fail(err, TURRET_ENOTFOUND,
                       "there is no store in %s: run this in the directory of turret.yaml, or name "
                       "another by --store DIR, -C FILE or $TURRET_STORE; turret run or an import "
                       "makes one",
                       where);
}

static int take_choice(const struct cli *cli, struct store_choice *choice, struct turret_error *err)
{
    static bool told;
    if (store_choice_find(cli, choice, err))
        return turret_ok(err);
    if (choice->trouble[0] && cli_get(cli, "config") && !cli_get(cli, "store"))
        return turret_fail(err, TURRET_EINVAL, "%s", choice->trouble);
    if (choice->trouble[0] && !told)
        cli_note(cli, "%s; store %s is taken (%s)", choice->trouble, choice->path, choice->from);
    told = told || choice->trouble[0];
    return TURRET_OK;
}

int cli_store_path(const struct cli *cli, char *path, size_t room, struct turret_error *err)
{
    struct store_choice choice;
    if (!take_choice(cli, &choice, err))
        (void)snprintf(path, room, "%s", choice.path);
    return turret_ok(err);
}

int cli_store_there(const struct cli *cli, char *path, size_t room, struct turret_error *err)
{
    struct store_choice choice;
    if (take_choice(cli, &choice, err))
        return turret_ok(err);
    (void)snprintf(path, room, "%s", choice.path);
    return store_is_there(path) ? TURRET_OK : store_choice_none(&choice, err);
}
