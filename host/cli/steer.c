/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon answers with the names of the strategies it was done to.
 */
#include "cli/steer.h"

#include "cli/clean.h"
#include "cli/json.h"
#include "cli/remote.h"

#include <string.h>

const struct cli_argument steer_arguments[] = {
    {"STRATEGY", "as the configuration names it", true, false},
    {NULL, NULL, false, false},
};

const struct cli_option steer_options[] = {
    {"all", 'a', NULL, "every strategy", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static void read_text(const json_t *from, const char *member, char *to, size_t room)
{
    const char *text = json_string_value(json_object_get(from, member));
    (void)snprintf(to, room, "%s", text ? text : "");
    clean_text(to, room);
}

/* It runs, and none of its orders passes that the state stops. */
static void note_held(const struct cli *cli, const char *strategy, const json_t *states)
{
    const json_t *state;
    size_t index;
    json_array_foreach(states, index, state)
    {
        const char *scope = json_string_value(json_object_get(state, "scope"));
        const char *word = json_string_value(json_object_get(state, "state"));
        json_t *since = cli_json_time(json_integer_value(json_object_get(state, "since_ns")));
        const char *time = json_string_value(since);
        char name[64], reason[80];
        read_text(state, "name", name, sizeof name);
        read_text(state, "reason", reason, sizeof reason);
        if (scope && word)
            cli_note(cli, "%s: held: %s%s%s is %s since %s because %s", strategy, scope,
                     name[0] ? " " : "", name, word, time ? time : "the start", reason);
        json_decref(since);
    }
}

static bool is_in(const json_t *names, const json_t *wanted)
{
    const json_t *name;
    size_t index;
    json_array_foreach(names, index, name) if (json_equal(name, wanted)) return true;
    return false;
}

/* `already`: of the names those of which it was so before. */
static void note(const struct cli *cli, const json_t *names, const char *what,
                 const json_t *already, const json_t *held)
{
    const json_t *name;
    size_t index;
    json_array_foreach(names, index, name)
    {
        char text[64];
        if (!json_is_string(name))
            continue;
        (void)snprintf(text, sizeof text, "%s", json_string_value(name));
        clean_text(text, sizeof text);
        cli_note(cli, "%s: %s", text, is_in(already, name) ? "runs already" : what);
        note_held(cli, text, json_object_get(held, json_string_value(name)));
    }
}

/* They were cancelled with it. */
static void note_exits(const struct cli *cli, json_t *exits)
{
    const char *strategy;
    json_t *count;
    json_object_foreach(exits, strategy, count)
    {
        char name[64];
        (void)snprintf(name, sizeof name, "%s", strategy);
        clean_text(name, sizeof name);
        cli_note(cli,
                 "%s: %lld of its stops and targets end with that: what it holds is unprotected "
                 "(turret flatten strategy %s)",
                 name, (long long)json_integer_value(count), name);
    }
}

static int print(const struct cli *cli, const char *command, const char *done, const json_t *reply)
{
    json_t *names = json_object_get(reply, "strategies");
    json_t *stopped = json_object_get(reply, "stay_stopped");
    json_t *already = json_object_get(reply, "ran_already");
    json_t *held = json_object_get(reply, "held");
    json_t *exits = json_object_get(reply, "exits");
    json_t *root;
    if (cli->json) {
        root = json_pack("{s:s, s:O}", "command", command, "strategies", names);
        if (stopped)
            (void)json_object_set(root, "stay_stopped", stopped);
        if (already)
            (void)json_object_set(root, "ran_already", already);
        if (held)
            (void)json_object_set(root, "held", held);
        if (exits)
            (void)json_object_set(root, "exits", exits);
        return cli_json_print(root) ? CLI_FAILED : CLI_DONE;
    }
    note(cli, names, done, already, held);
    note(cli, stopped, "stays stopped", NULL, NULL);
    note_exits(cli, exits);
    if (json_object_size(held) > 0)
        cli_next(cli, "turret state");
    return CLI_DONE;
}

int steer_run(const struct cli *cli, const char *command, const char *done)
{
    bool all = cli_flag(cli, "all");
    json_t *request, *reply;
    int code;
    if (all && cli->argument_count > 0)
        return cli_usage(cli, "--all and a strategy exclude each other");
    if (!all && cli->argument_count == 0)
        return cli_usage(cli, "'turret %s' needs a STRATEGY or --all", command);
    if (all)
        request = json_pack("{s:s, s:b}", "command", command, "all", 1);
    else
        request = json_pack("{s:s, s:s}", "command", command, "strategy", cli->arguments[0]);
    if (!request) /* jansson takes UTF-8 only */
        return cli_usage(cli, "the strategy's name is not UTF-8");
    code = remote_call(cli, request, &reply);
    if (code)
        return code;
    code = print(cli, command, done, reply);
    json_decref(reply);
    return code;
}
