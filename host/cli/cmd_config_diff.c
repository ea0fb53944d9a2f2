/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret config diff: what two configurations set differently, whatever their layout is.
 */
#include "cli/json.h"
#include "cli/cli.h"
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

static const struct cli_argument arguments[] = {
    {"FROM", "configuration before", false, false},
    {"TO", "configuration after", false, false},
    {NULL, NULL, false, false},
};

static void print_json(const struct config *from, const struct config *to)
{
    json_t *lines = json_array();
    char *text = NULL;
    size_t size_bytes = 0;
    FILE *memory = open_memstream(&text, &size_bytes);
    if (!memory) {
        json_decref(lines);
        return;
    }
    (void)config_diff(from, to, memory);
    (void)fclose(memory);
    for (char *line = text; *line;) {
        char *end = line + strcspn(line, "\n");
        bool more = *end != '\0';
        *end = '\0';
        (void)json_array_append_new(lines, json_string(line));
        line = end + more;
    }
    free(text);
    (void)cli_json_print(
        json_pack("{s:b, s:o}", "same", json_array_size(lines) == 0, "lines", lines));
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct config *from = NULL, *to = NULL;
    FILE *messages = cli->json ? NULL : stderr;
    int code = CLI_DONE;
    if (config_load(cli->arguments[0], &from, messages, &err) ||
        config_load(cli->arguments[1], &to, messages, &err))
        code = cli_told(cli, &err);
    else if (cli->json)
        print_json(from, to);
    else if (config_diff(from, to, stdout) == 0)
        cli_note(cli, "no difference");
    config_destroy(from);
    config_destroy(to);
    return code;
}

const struct cli_command cmd_config_diff = {
    .path = "config diff",
    .summary = "tell what two configurations set differently",
    .arguments = arguments,
    .run = run,
};
