/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/state_now.h"

#include "cli/clean.h"
#include "config/config.h"
#include "io/control.h"

#include <string.h>

/* Asked in an emergency, too, of a daemon that hangs. */
#define ANSWER_MS 1000

static json_t *ask(const struct cli *cli, struct turret_error *err)
{
    json_t *request = json_pack("{s:s}", "command", "status"), *reply = NULL;
    char path[CONFIG_PATH_MAX];
    if (request && !cli_store_path(cli, path, sizeof path, err))
        (void)control_call(path, request, ANSWER_MS, &reply, err);
    json_decref(request);
    return reply;
}

static const char *text_of(const json_t *row, const char *member)
{
    const char *text = json_string_value(json_object_get(row, member));
    return text ? text : "?";
}

static void add(json_t *waits, const char *scope, const char *name, const char *why)
{
    (void)json_array_append_new(
        waits, json_pack("{s:s, s:s, s:s}", "scope", scope, "name", name, "why", why));
}

static bool is_there(const json_t *waits, const char *name)
{
    const json_t *row;
    size_t i;
    json_array_foreach(waits, i, row) if (!strcmp(text_of(row, "name"), name)) return true;
    return false;
}

/* Venues as a whole, then instruments of the others of which something differs. */
static json_t *waits_of(const json_t *status)
{
    json_t *waits = json_array();
    const json_t *row;
    size_t i;
    json_array_foreach(json_object_get(status, "venues"), i, row)
    {
        const char *why = json_string_value(json_object_get(row, "waits"));
        if (why)
            add(waits, "venue", text_of(row, "name"), why);
    }
    json_array_foreach(json_object_get(status, "differences"), i, row)
    {
        char name[64];
        (void)snprintf(name, sizeof name, "%.31s.%.15s", text_of(row, "about"),
                       text_of(row, "venue"));
        if (json_is_true(json_object_get(row, "halts")) &&
            !is_there(waits, text_of(row, "venue")) && !is_there(waits, name))
            add(waits, "instrument", name, "the venue's books and ours differ: turret reconcile");
    }
    return waits;
}

json_t *state_now(const struct cli *cli)
{
    struct turret_error err = {0};
    json_t *status = ask(cli, &err), *now;
    if (!status)
        return json_null();
    now = json_pack("{s:o, s:O?}", "waits", waits_of(status), "unprotected",
                    json_object_get(status, "unprotected"));
    json_decref(status);
    return now;
}

/* ---- for people ---- */

static void read_text(const json_t *from, const char *member, char to[128])
{
    (void)snprintf(to, 128, "%s", text_of(from, member));
    clean_text(to, 128);
}

void state_now_unprotected(const struct cli *cli, const json_t *list)
{
    const json_t *row;
    size_t i;
    json_array_foreach(list, i, row)
    {
        char strategy[128], instrument[128], qty[128];
        read_text(row, "strategy", strategy);
        read_text(row, "instrument", instrument);
        read_text(row, "qty", qty);
        cli_note(cli,
                 "%s: %s of %s have no stop, and it asked for one: watch it, or close it: turret "
                 "flatten strategy %s",
                 strategy, qty, instrument, strategy);
    }
}

void state_now_note(const struct cli *cli)
{
    struct turret_error err = {0};
    json_t *status = ask(cli, &err), *waits;
    const json_t *row;
    size_t i;
    if (err.code == TURRET_ETIMEOUT)
        cli_note(cli, "the daemon does not answer: what else stands still is not known");
    if (!status)
        return;
    waits = waits_of(status);
    json_array_foreach(waits, i, row)
    {
        char scope[128], name[128], why[128];
        read_text(row, "scope", scope);
        read_text(row, "name", name);
        read_text(row, "why", why);
        cli_note(cli, "%s %s trades nothing: %s", scope, name, why);
    }
    json_decref(waits);
    state_now_unprotected(cli, json_object_get(status, "unprotected"));
    json_decref(status);
}
