/* SPDX-License-Identifier: Apache-2.0 */
/* Polls: an answer of the control socket never waits for what a market has to bring. */
#include "cli/plugin_swap.h"

#include "cli/clean.h"
#include "cli/json.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define BUSY_ROUNDS 500
#define BUSY_MS     10
#define WAIT_ROUNDS 3000 /* a minute; a shadow run may take longer */
#define WAIT_MS     20

int plugin_swap_ask(const struct cli *cli, json_t *take_request, json_t **reply, bool *unreachable,
                    struct turret_error *err)
{
    for (int round = 0; round < BUSY_ROUNDS; round++) {
        *err = (struct turret_error){0};
        if (remote_try(cli, json_incref(take_request), reply, unreachable, err) != TURRET_EBUSY ||
            *unreachable)
            break;
        (void)poll(NULL, 0, BUSY_MS);
    }
    json_decref(take_request);
    return turret_ok(err);
}

const char *plugin_swap_short(const char *hex, char text[16])
{
    (void)snprintf(text, 16, "%.12s", hex && hex[0] ? hex : "-");
    return text;
}

int plugin_swap_path(const char *path, char *whole, size_t room, struct turret_error *err)
{
    char here[512] = "";
    if (path[0] != '/' && !getcwd(here, sizeof here))
        return turret_fail(err, TURRET_EIO, "the current directory: %s", strerror(errno));
    if ((size_t)snprintf(whole, room, "%s%s%s", here, here[0] ? "/" : "", path) >= room)
        return turret_fail(err, TURRET_EINVAL, "%.100s…: the path is too long", path);
    return TURRET_OK;
}

static long long number_of(const json_t *object, const char *name)
{
    return (long long)json_integer_value(json_object_get(object, name));
}

static int exit_code(const json_t *outcome)
{
    int code = (int)number_of(outcome, "code");
    if (code == TURRET_OK)
        return CLI_DONE;
    if (number_of(outcome, "moved") > 0)
        return CLI_PARTLY;
    if (code == TURRET_EDENIED || json_is_true(json_object_get(outcome, "policy")))
        return CLI_REFUSED;
    return json_is_true(json_object_get(outcome, "file")) ? CLI_INVALID : CLI_FAILED;
}

static int print(const struct cli *cli, const json_t *outcome, int code)
{
    const json_t *lines = json_object_get(outcome, "lines"), *line;
    size_t index;
    if (cli->json) {
        (void)cli_json_print(json_pack("{s:b, s:b, s:I, s:I, s:i, s:O}", "done", code == CLI_DONE,
                                       "settled", json_is_true(json_object_get(outcome, "settled")),
                                       "moved", (json_int_t)number_of(outcome, "moved"), "stayed",
                                       (json_int_t)number_of(outcome, "stayed"), "exit", code,
                                       "lines", lines));
        return code;
    }
    json_array_foreach(lines, index, line)
    {
        char text[600];
        (void)snprintf(text, sizeof text, "%s", json_string_value(line));
        clean_text(text, sizeof text);
        if (code == CLI_DONE)
            (void)printf("%s\n", text);
        else
            cli_note(cli, "turret: %s", text);
    }
    return code;
}

static int wait_for(const struct cli *cli, json_int_t number)
{
    struct turret_error err = {0};
    json_t *outcome = NULL;
    bool unreachable = false;
    int code = CLI_FAILED;
    for (int round = 0; round < WAIT_ROUNDS; round++) {
        json_decref(outcome);
        if (plugin_swap_ask(cli,
                            json_pack("{s:s, s:I}", "command", "swap-outcome", "number", number),
                            &outcome, &unreachable, &err))
            return remote_error(cli, unreachable, &err);
        if (json_is_true(json_object_get(outcome, "settled"))) {
            code = print(cli, outcome, exit_code(outcome));
            json_decref(outcome);
            return code;
        }
        (void)poll(NULL, 0, WAIT_MS);
    }
    (void)print(cli, outcome, code);
    json_decref(outcome);
    cli_note(cli, "turret: still under way after a minute; turret status shows how far it is, "
                  "turret plugin rollback gives it up");
    return code;
}

int plugin_swap_run(const struct cli *cli, json_t *take_request, bool *unreachable,
                    struct turret_error *err)
{
    const char *directory;
    json_t *reply;
    int code;
    if (plugin_swap_ask(cli, take_request, &reply, unreachable, err))
        return *unreachable ? CLI_UNREACHABLE : remote_error(cli, false, err);
    directory = json_string_value(json_object_get(reply, "directory"));
    if (directory && json_is_false(json_object_get(reply, "inside")) && !cli->json)
        cli_note(
            cli,
            "the file is in no plugin directory: it is held to the policy of the one where its "
            "plugin is at home, else to that of %s, and the next start goes back to what lies "
            "there; turret plugin install keeps it",
            directory);
    code = wait_for(cli, (json_int_t)number_of(reply, "number"));
    json_decref(reply);
    return code;
}
