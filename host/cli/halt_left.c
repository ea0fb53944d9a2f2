/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/halt_left.h"

#include "ops/plural.h"

#include <string.h>

void halt_left_venue(const struct cli *cli, const struct halt_venue *venue)
{
    const char *open = venue->stream[0] ? " (" : "", *close = venue->stream[0] ? ")" : "";
    cli_note(cli, "venue %s %s%s%s%s: %slook there by hand", venue->name,
             venue->reached ? "did not tell its orders whole" : "could not be reached", open,
             venue->stream, close, venue->reached ? "" : "nothing was cancelled there; ");
}

bool halt_left_missed(const struct halt_order *order)
{
    return order->proof == HALT_UNPROVEN && order->missed > 0 && !order_was_there(&order->order);
}

void halt_left_count(const struct cli *cli, const struct halt_result *result)
{
    uint32_t venues = result->venues_open, orders = result->open - venues;
    const char *again = "turret halt again";
    char text[64] = "";
    uint32_t i;
    for (i = 0; i < result->count; i++)
        if (halt_left_missed(&result->orders[i]))
            again = "turret halt --wait 60";
    if (orders > 0)
        (void)snprintf(text, sizeof text, "%u %s%s", orders, plural(orders, "order", "orders"),
                       venues > 0 ? " and " : "");
    if (venues > 0)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%u %s", venues,
                       plural(venues, "venue", "venues"));
    cli_note(cli, "%s NOT PROVEN to be closed: say %s, or look at the venue", text, again);
}

const char *halt_left_why(const struct halt_venue *venue)
{
    return venue->why[0] || venue->connected ? venue->why : venue->stream;
}
