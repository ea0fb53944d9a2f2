/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another build of an adapter takes over a venue. What the host carries for the venue (orders,
 * commands that wait, reports not yet taken) belongs to the venue and stays; only the code behind
 * it and its timers and descriptors change.
 */
#include "session/venues_state.h"

#include <stdlib.h>
#include <string.h>

#define STATE_MAX ((size_t)4 << 20) /* of one adapter's session */

/* What the venue is used for must still be there. */
static int check_able(const struct venue_link *now, const struct venue_link *next, const char *name,
                      struct turret_error *err)
{
    static const struct {
        uint32_t can;
        const char *what;
    } needed[] = {{TURRET_CAN_TRADE, "trade"},
                  {TURRET_CAN_MODIFY, "modify orders"},
                  {TURRET_CAN_SUBSCRIBE, "subscribe"},
                  {TURRET_CAN_SIMULATE, "simulate"},
                  {TURRET_CAN_EXPORT, "hand its session over"}};
    size_t i;
    for (i = 0; i < sizeof needed / sizeof *needed; i++)
        if (now->caps.can & ~next->caps.can & needed[i].can)
            return turret_fail(err, TURRET_EVERSION, "venue %s: build %s can no longer %s", name,
                               next->type->version, needed[i].what);
    if ((now->caps.can ^ next->caps.can) & TURRET_CAN_SIMULATE)
        return turret_fail(err, TURRET_EVERSION,
                           "venue %s: build %s is a simulated venue and the one before is not",
                           name, next->type->version);
    return TURRET_OK;
}

/* The session as bytes goes over, and must come out again as it went in. */
static int hand_over(struct venue_link *now, struct venue_link *next, const char *name,
                     struct turret_error *err)
{
    uint8_t *bytes = malloc(2 * STATE_MAX);
    size_t size, again = 0;
    int status;
    if (!bytes)
        return turret_fail(err, TURRET_ENOMEM, "venue %s: no memory for its session", name);
    status = venues_export_link(now, bytes, STATE_MAX, &size, err);
    if (!status && size == 0)
        status = turret_fail(err, TURRET_EFAULT, "venue %s: build %s exports nothing", name,
                             now->type->version);
    if (!status)
        status = venues_import_link(next, now->type->state_schema, bytes, size, err);
    if (!status)
        status = venues_export_link(next, bytes + STATE_MAX, STATE_MAX, &again, err);
    if (!status && now->type->state_schema == next->type->state_schema &&
        (again != size || memcmp(bytes, bytes + STATE_MAX, size) != 0))
        status = turret_fail(err, TURRET_EFAULT,
                             "venue %s: build %s exports another session than it was given", name,
                             next->type->version);
    free(bytes);
    return status;
}

/* What the last one has been asked for, the new one knows only when it was told. */
static int subscribe(const struct venues *venues, struct venue_link *next, const char *name,
                     struct turret_error *err)
{
    struct turret_error why = {0};
    int status = venues_subscribe_link(venues, next, &why);
    return status ? turret_fail(err, status,
                                "venue %s: build %s does not bring the market data that is "
                                "subscribed: %.200s",
                                name, next->type->version, why.text)
                  : TURRET_OK;
}

/*
 * What a simulated venue says of itself is true before the market events that wait: those it has
 * not been fed yet. A failed connect is told by the adapter's stream, as at any other time.
 */
static void connect(struct venues *venues, struct venue_link *link, turret_time_ns now)
{
    struct turret_error why = {0};
    venues->prompting = (link->caps.can & TURRET_CAN_SIMULATE) != 0;
    if (venues_connect_link(link, now, &why) && venues->log.line)
        venues->log.line(venues->log.context, TURRET_LOG_ERROR, why.text);
    venues->prompting = false;
}

int venues_swap(struct venues *venues, uint32_t venue, const struct plugin_offer *offer,
                turret_time_ns now, bool replaying, FILE *messages, struct turret_error *err)
{
    const char *name = venues->config->venues[venue].name;
    struct venue_link *last = venues->links[venue], *next = NULL;
    bool simulated = (last->caps.can & TURRET_CAN_SIMULATE) != 0, quiet = false;
    int status =
        venues_make_link(venues, venue, offer, now, TURRET_REASON_SWAP_IN, messages, &next, err);
    if (!status)
        status = check_able(last, next, name, err);
    if (!status && last->type->quiesce) {
        quiet = true; /* at least in part, whatever it answers */
        status = last->type->quiesce(&last->handle, err);
    }
    if (!status && (last->caps.can & TURRET_CAN_EXPORT))
        status = hand_over(last, next, name, err);
    if (!status)
        status = subscribe(venues, next, name, err);
    if (status) {
        venues_drop_link(next);
        if (quiet) /* it goes on, as the new one would have */
            connect(venues, last, now);
        return status;
    }
    next->clock = last->clock; /* the venue is the same, and what is proven by its time */
    venues_drop_link(last);
    venues->links[venue] = next;
    if (replaying && !simulated)
        return TURRET_OK;
    connect(venues, next, now);
    if (replaying)
        venues_discard(venues);
    return TURRET_OK;
}
