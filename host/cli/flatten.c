/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/flatten.h"

#include "cli/clean.h"
#include "cli/decision.h"
#include "cli/remote.h"
#include "cli/state_row.h"
#include "core/trading.h"
#include "io/clock.h"

#include <poll.h>
#include <string.h>

#define TEXT_MAX 256
#define LOOK_MS  50
#define AGAIN_MS 500
#define MS_NS    INT64_C(1000000)

static int ask(const struct cli *cli, const struct flatten *wanted, bool look, json_t **reply,
               bool *unreachable, struct turret_error *err)
{
    json_t *request =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:b}", "command", "flatten", "scope",
                  wanted->scope, "name", wanted->name, "reason", wanted->reason, "who",
                  decision_who(), "killed", wanted->killed, "look", look);
    *reply = NULL;
    *unreachable = false;
    if (!request)
        return turret_fail(err, TURRET_EINVAL, "the name or the reason is not UTF-8");
    return remote_try_again(cli, request, reply, unreachable, err);
}

int flatten_ask(const struct cli *cli, const struct flatten *wanted, json_t **reply,
                bool *unreachable, struct turret_error *err)
{
    return ask(cli, wanted, false, reply, unreachable, err);
}

struct look {
    bool flat;        /* decided, and nothing is held any more */
    json_int_t since; /* the sequence at which that was seen first; 0 not yet */
    bool durable;     /* and the store has it */
};

/* What is held by now; NULL: the daemon is gone, told. */
static json_t *look(const struct cli *cli, const struct flatten *wanted, struct look *at)
{
    struct turret_error err = {0};
    json_t *seen, *held;
    bool unreachable;
    if (ask(cli, wanted, true, &seen, &unreachable, &err)) {
        cli_note(cli, "what became of it is not known: %s", err.text);
        return NULL;
    }
    held = json_incref(json_object_get(seen, "held"));
    at->flat = json_is_true(json_object_get(seen, "decided")) && json_array_size(held) == 0;
    if (!at->flat)
        at->since = 0;
    else if (at->since == 0)
        at->since = json_integer_value(json_object_get(seen, "sequence"));
    at->durable = at->flat && json_integer_value(json_object_get(seen, "durable")) >= at->since;
    json_decref(seen);
    return held;
}

/* For what was filled while its cancel was on the way; not out of a KILLED that came since. */
static void say_again(const struct cli *cli, const struct flatten *wanted)
{
    struct flatten again = *wanted;
    struct turret_error err = {0};
    json_t *reply;
    bool unreachable;
    again.killed = false;
    (void)flatten_ask(cli, &again, &reply, &unreachable, &err);
    json_decref(reply);
}

int flatten_wait(const struct cli *cli, const struct flatten *wanted, json_t *reply, int wait_ms)
{
    const int64_t until_ns = clock_monotonic_ns() + wait_ms * MS_NS;
    int64_t again_ns = clock_monotonic_ns() + AGAIN_MS * MS_NS;
    json_t *held = NULL;
    struct look at = {0};
    int code =
        state_row_wait(cli, &(struct state_row){.scope = wanted->scope,
                                                .name = wanted->name,
                                                .state = trading_state_name(TRADING_REDUCING),
                                                .reason = wanted->reason});
    (void)json_object_set_new(reply, "decided", json_boolean(code == CLI_DONE));
    for (;;) {
        json_decref(held);
        held = look(cli, wanted, &at);
        if (!held || at.durable || clock_monotonic_ns() >= until_ns)
            break;
        (void)poll(NULL, 0, LOOK_MS);
        if (!at.flat && clock_monotonic_ns() >= again_ns) {
            say_again(cli, wanted);
            again_ns += AGAIN_MS * MS_NS;
        }
    }
    if (!held)
        held = json_incref(json_object_get(reply, "held"));
    if (!at.durable)
        code = CLI_PARTLY;
    (void)json_object_set_new(reply, "still_held", held);
    return code;
}

static const char *text_of(const json_t *row, const char *member, char text[TEXT_MAX])
{
    const char *given = json_string_value(json_object_get(row, member));
    (void)snprintf(text, TEXT_MAX, "%s", given ? given : "?");
    clean_text(text, TEXT_MAX);
    return text;
}

/* As a row of `among`, of the same strategy and instrument; NULL. */
static const json_t *same(const json_t *among, const json_t *row)
{
    const json_t *other;
    size_t i;
    json_array_foreach(among, i,
                       other) if (json_equal(json_object_get(other, "strategy"),
                                             json_object_get(row, "strategy")) &&
                                  json_equal(json_object_get(other, "instrument"),
                                             json_object_get(row, "instrument"))) return other;
    return NULL;
}

/* What it leaves behind, once the store has it. */
static void tell_state(const struct cli *cli, const json_t *reply)
{
    char scope[TEXT_MAX], name[TEXT_MAX], before[TEXT_MAX], now[TEXT_MAX];
    const char *space = text_of(reply, "name", name)[0] ? " " : "";
    if (!json_is_true(json_object_get(reply, "decided")))
        return;
    (void)text_of(reply, "scope", scope);
    cli_note(
        cli, "%s%s%s was %s and is %s now%s: only what closes is sent until turret resume %s%s%s",
        scope, space, name, text_of(reply, "before", before), text_of(reply, "state", now),
        json_is_true(json_object_get(reply, "kill_switch")) ? ", the kill switch is lifted" : "",
        scope, space, name);
}

void flatten_tell(const struct cli *cli, const json_t *reply)
{
    const json_t *held = json_object_get(reply, "held"), *still;
    const json_t *row, *now;
    char strategy[TEXT_MAX], instrument[TEXT_MAX], qty[TEXT_MAX], rest[TEXT_MAX], waits[TEXT_MAX];
    size_t i;
    still = json_object_get(reply, "still_held");
    json_array_foreach(held, i, row)
    {
        now = same(still, row);
        (void)printf(cli->plain ? "%s\t%s\t%s\t%s\n" : "%-24s  %-16s  %12s  still held: %s\n",
                     text_of(row, "strategy", strategy), text_of(row, "instrument", instrument),
                     text_of(row, "qty", qty), now ? text_of(now, "qty", rest) : "0");
        if (now && text_of(now, "waits", waits)[0])
            cli_note(cli, "%s: %s: its closing waits for that", instrument, waits);
    }
    if (json_array_size(held) == 0)
        cli_note(cli, "no strategy holds anything there");
    if (json_array_size(still) > 0)
        cli_note(cli, "NOT flat yet: look at turret orders and turret positions, and say it again "
                      "once nothing works there");
    json_array_foreach(json_object_get(reply, "left"), i, row)
        cli_note(cli, "%s: %s of the account belong to no strategy and stay",
                 text_of(row, "instrument", instrument), text_of(row, "qty", qty));
    tell_state(cli, reply);
    cli_next(cli, "turret positions");
}
