/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/resumed.h"

#include "cli/clean.h"
#include "cli/state_now.h"

#include <string.h>

static const char *text_of(const json_t *row, const char *member)
{
    const char *text = json_string_value(json_object_get(row, member));
    return text ? text : "?";
}

static bool was_active(const json_t *reply)
{
    return !strcmp(text_of(reply, "before"), "ACTIVE");
}

bool resumed_is_kept(const json_t *reply)
{
    return json_array_size(json_object_get(reply, "stops")) > 0 ||
           (was_active(reply) && json_array_size(json_object_get(reply, "still")) > 0);
}

static void note_stops(const struct cli *cli, const json_t *stops)
{
    const json_t *stop;
    size_t at;
    json_array_foreach(stops, at, stop)
    {
        char text[256];
        (void)snprintf(text, sizeof text, "%s %s may only close: %s", text_of(stop, "scope"),
                       text_of(stop, "name"), text_of(stop, "text"));
        clean_text(text, sizeof text);
        cli_note(cli, "%s", text);
    }
    if (json_array_size(stops) > 0)
        cli_note(cli, "that is lifted, for all at once, by turret resume --reason TEXT, no scope");
}

static void note_still(const struct cli *cli, const json_t *states)
{
    const json_t *state;
    size_t at;
    json_array_foreach(states, at, state)
    {
        const char *word = text_of(state, "state"), *own = text_of(state, "name");
        char name[128];
        (void)snprintf(name, sizeof name, "%s%s%s", text_of(state, "scope"), own[0] ? " " : "",
                       own);
        clean_text(name, sizeof name);
        cli_note(cli, "%s is still %s: turret resume %s%s --reason TEXT", name, word, name,
                 !strcmp(word, "KILLED") ? " --killed" : "");
    }
}

void resumed_print(const struct cli *cli, const json_t *reply, const char *scope, const char *name)
{
    const json_t *stops = json_object_get(reply, "stops");
    (void)printf("%s%s%s: ", scope, name[0] ? " " : "", name);
    if (was_active(reply) && json_array_size(stops) > 0)
        (void)printf("NOT resumed: no state is set of it, a limit stops it\n");
    else
        (void)printf("%s: it was %s\n", was_active(reply) ? "nothing to resume" : "resumed",
                     text_of(reply, "before"));
    note_stops(cli, stops);
    note_still(cli, json_object_get(reply, "still"));
    state_now_unprotected(cli, json_object_get(reply, "unprotected"));
    cli_next(cli, "turret state");
}
