/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/state_now.h"

#include "cli/clean.h"
#include "cli/remote.h"
#include "ops/plural.h"

#include <string.h>

#define TEXT_MAX 256

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
        if (json_is_true(json_object_get(row, "halts")) && strcmp(text_of(row, "kind"), "clock") &&
            !is_there(waits, text_of(row, "venue")) && !is_there(waits, name))
            add(waits, "instrument", name, "the venue's books and ours differ: turret reconcile");
    }
    return waits;
}

json_t *state_now(const struct cli *cli)
{
    struct turret_error err = {0};
    json_t *status = remote_status(cli, &err), *now;
    if (!status)
        return json_null();
    now = json_pack("{s:o, s:O?, s:O?}", "waits", waits_of(status), "unprotected",
                    json_object_get(status, "unprotected"), "not_sent",
                    json_object_get(status, "not_sent"));
    json_decref(status);
    return now;
}

/* ---- for people ---- */

static void read_text(const json_t *from, const char *member, char to[TEXT_MAX])
{
    (void)snprintf(to, TEXT_MAX, "%s", text_of(from, member));
    clean_text(to, TEXT_MAX);
}

void state_now_unprotected(const struct cli *cli, const json_t *list)
{
    const json_t *row;
    size_t i;
    json_array_foreach(list, i, row)
    {
        char strategy[TEXT_MAX], instrument[TEXT_MAX], qty[TEXT_MAX];
        read_text(row, "strategy", strategy);
        read_text(row, "instrument", instrument);
        read_text(row, "qty", qty);
        cli_note(cli,
                 "%s: %s of %s have no stop, and it asked for one: watch it, or close it: turret "
                 "flatten strategy %s",
                 strategy, qty, instrument, strategy);
    }
}

void state_now_not_sent(const struct cli *cli, const json_t *list, bool ended)
{
    const json_t *row;
    size_t i;
    json_array_foreach(list, i, row)
    {
        uint32_t orders = (uint32_t)json_integer_value(json_object_get(row, "orders"));
        char strategy[TEXT_MAX], instrument[TEXT_MAX];
        read_text(row, "strategy", strategy);
        read_text(row, "instrument", instrument);
        cli_note(cli, "%s: %u protective %s of %s %s %s", strategy, orders,
                 plural(orders, "order", "orders"), instrument, plural(orders, "is", "are"),
                 ended ? "cancelled" : "not sent while this lasts");
    }
}

void state_now_note(const struct cli *cli)
{
    struct turret_error err = {0};
    json_t *status = remote_status(cli, &err), *waits;
    const json_t *row;
    size_t i;
    if (err.code == TURRET_ETIMEOUT)
        cli_note(cli, "the daemon does not answer: what else stands still is not known");
    if (!status)
        return;
    waits = waits_of(status);
    json_array_foreach(waits, i, row)
    {
        char scope[TEXT_MAX], name[TEXT_MAX], why[TEXT_MAX];
        read_text(row, "scope", scope);
        read_text(row, "name", name);
        read_text(row, "why", why);
        cli_note(cli, "%s %s trades nothing: %s", scope, name, why);
    }
    json_decref(waits);
    state_now_not_sent(cli, json_object_get(status, "not_sent"), false);
    state_now_unprotected(cli, json_object_get(status, "unprotected"));
    json_decref(status);
}
