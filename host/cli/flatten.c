/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/flatten.h"

#include "cli/clean.h"
#include "cli/decision.h"
#include "cli/remote.h"
#include "cli/state_row.h"
#include "core/trading.h"

#include <string.h>

int flatten_ask(const struct cli *cli, const struct flatten *wanted, json_t **reply,
                bool *unreachable, struct turret_error *err)
{
    json_t *request = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "command", "flatten", "scope",
                                wanted->scope, "name", wanted->name, "reason", wanted->reason,
                                "who", decision_who(), "killed", wanted->killed);
    *reply = NULL;
    *unreachable = false;
    if (!request)
        return turret_fail(err, TURRET_EINVAL, "the name or the reason is not UTF-8");
    return remote_try_again(cli, request, reply, unreachable, err);
}

int flatten_wait(const struct cli *cli, const struct flatten *wanted)
{
    return state_row_wait(cli, &(struct state_row){.scope = wanted->scope,
                                                   .name = wanted->name,
                                                   .state = trading_state_name(TRADING_REDUCING),
                                                   .reason = wanted->reason});
}

static const char *text_of(const json_t *row, const char *member, char text[64])
{
    const char *given = json_string_value(json_object_get(row, member));
    (void)snprintf(text, 64, "%s", given ? given : "?");
    clean_text(text, 64);
    return text;
}

/* What closes there is not sent as long as that lasts. */
static void tell_stricter(const struct cli *cli, const json_t *states)
{
    char scope[64], name[64], state[64];
    const json_t *row;
    size_t i;
    json_array_foreach(states, i, row)
    {
        if (trading_find_state(text_of(row, "state", state)) <= TRADING_REDUCING)
            continue;
        cli_note(cli, "%s%s%s is %s: what closes in it waits until turret resume",
                 text_of(row, "scope", scope), text_of(row, "name", name)[0] ? " " : "", name,
                 state);
    }
}

void flatten_tell(const struct cli *cli, const json_t *reply)
{
    const json_t *closing = json_object_get(reply, "closing"), *row;
    char strategy[64], instrument[64], qty[64];
    size_t i;
    json_array_foreach(closing, i, row)
    {
        (void)text_of(row, "strategy", strategy);
        (void)text_of(row, "instrument", instrument);
        (void)text_of(row, "qty", qty);
        (void)printf(cli->plain ? "%s\t%s\t%s\n" : "%-24s  %-16s  %12s  is closed at market\n",
                     strategy, instrument, qty);
    }
    if (json_array_size(closing) == 0)
        cli_note(cli, "no strategy holds anything there");
    json_array_foreach(json_object_get(reply, "left"), i, row)
        cli_note(cli, "%s: %s of the account belong to no strategy and stay",
                 text_of(row, "instrument", instrument), text_of(row, "qty", qty));
    tell_stricter(cli, json_object_get(reply, "states"));
    cli_next(cli, "turret positions");
}
