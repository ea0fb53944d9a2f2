/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/decision.h"

#include "core/trading.h"
#include "ops/person.h"

#include <string.h>
#include <unistd.h>

TURRET_STATIC_ASSERT(PERSON_REASON_MAX == 46, "DECISION_REASON says so");

int decision_reason(const struct cli *cli, const char **reason)
{
    size_t length;
    *reason = cli_get(cli, "reason");
    length = *reason ? strlen(*reason) : 0;
    if (length == 0)
        return cli_usage(cli, "--reason TEXT is needed, at most %d bytes", PERSON_REASON_MAX);
    if (length > PERSON_REASON_MAX)
        return cli_usage(cli, "--reason has %zu bytes, at most %d are kept; say it shorter", length,
                         PERSON_REASON_MAX);
    return CLI_DONE;
}

int decision_scope(const struct cli *cli, int words, const char **scope, const char **name)
{
    const int found = trading_find_scope(cli->arguments[0]);
    *scope = cli->arguments[0];
    *name = words > 1 ? cli->arguments[1] : "";
    if (found < 0)
        return cli_usage(cli,
                         "no scope '%.40s'; there are all, venue, account, strategy and "
                         "instrument",
                         *scope);
    if (found == TRADING_ALL && words > 1)
        return cli_usage(cli, "all takes no NAME, and '%.60s' was given", *name);
    if (found != TRADING_ALL && words < 2)
        return cli_usage(cli, "%s takes a NAME behind it; for everything say all", *scope);
    return CLI_DONE;
}

const char *decision_who(void)
{
    static char name[PERSON_NAME_MAX + 1];
    person_name((uint32_t)getuid(), name);
    return name;
}
