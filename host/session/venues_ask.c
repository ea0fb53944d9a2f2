/* SPDX-License-Identifier: Apache-2.0 */
/* What venues are asked for beside orders: market data, accounts, what their clocks say. */
#include "session/venues_state.h"

#include "io/clock.h"

#include <stdlib.h>
#include <string.h>

static int ask_time(struct venue_link *link, struct turret_error *err)
{
    int status;
    link->time_asked_ns = clock_monotonic_ns();
    status = link->type->server_time(&link->handle, err);
    if (status)
        link->time_asked_ns = 0;
    return status;
}

int venues_ask(struct venues *venues, uint32_t venue, enum venues_question question,
               turret_time_ns since, struct turret_error *err)
{
    struct venue_link *link = venues->links[venue];
    const struct turret_broker_type *type = link->type;
    uint32_t can = link->caps.can;
    switch (question) {
    case VENUES_FILLS:
        if ((can & TURRET_CAN_QUERY_FILLS) && type->query_fills)
            return type->query_fills(&link->handle, since, err);
        break;
    case VENUES_POSITIONS:
        if ((can & TURRET_CAN_QUERY_POSITIONS) && type->query_positions)
            return type->query_positions(&link->handle, err);
        break;
    case VENUES_BALANCES:
        if ((can & TURRET_CAN_QUERY_BALANCES) && type->query_balances)
            return type->query_balances(&link->handle, err);
        break;
    case VENUES_TIME:
        if ((can & TURRET_CAN_SERVER_TIME) && type->server_time)
            return ask_time(link, err);
        break;
    case VENUES_DOWNLOAD:
        if ((can & TURRET_CAN_TRADE) && type->download)
            return type->download(&link->handle, since, err);
        break;
    }
    return turret_fail(err, TURRET_ENOTSUP, "venue %s does not offer that",
                       venues->config->venues[venue].name);
}

/* What the adapter does not send now, and might later. */
static bool is_passing(int status)
{
    return status == TURRET_ELIMIT || status == TURRET_EIO || status == TURRET_ESTATE ||
           status == TURRET_EBUSY || status == TURRET_ENOMEM;
}

/*
 * Only an error says that nothing was sent. A number that is none, or a breach (EFAULT: also what
 * is found wrong with a runner's answer), proves nothing of what went to the venue.
 */
static bool proves_unsent(int status)
{
    return status < 0 && status != TURRET_EUNKNOWN && status != TURRET_EFAULT;
}

void venues_refusal(const struct command *command, int status, const char *text,
                    struct turret_report *made)
{
    static const uint32_t kinds[] = {
        [COMMAND_SUBMIT] = TURRET_REQUEST_SUBMIT,
        [COMMAND_CANCEL] = TURRET_REQUEST_CANCEL,
        [COMMAND_MODIFY] = TURRET_REQUEST_MODIFY,
        [COMMAND_QUERY] = TURRET_REQUEST_QUERY,
    };
    struct turret_report_ack *ack = &made->u.ack;
    bool unsent = proves_unsent(status);
    if (!text[0])
        text = unsent ? "the adapter cannot do this" : "the adapter does not say";
    memset(made, 0, sizeof *made);
    made->struct_size = (uint32_t)sizeof *made;
    made->type = TURRET_REPORT_ACK;
    ack->order_id = command->order.order_id;
    ack->kind = kinds[command->kind];
    ack->request = command->order.request;
    ack->outcome = !unsent || /* a cancel stays wanted until it can be sent */
                           (command->kind == COMMAND_CANCEL && status != TURRET_ENOTSUP)
                       ? TURRET_OUTCOME_UNKNOWN
                       : TURRET_OUTCOME_REJECTED;
    (void)snprintf(ack->reason, sizeof ack->reason, unsent ? "not sent: %.28s" : "sent?: %.28s",
                   text);
}

bool venues_kept_back(const struct venues *venues, const struct command *command, int status,
                      const char *text, struct event *event)
{
    if (command->kind != COMMAND_SUBMIT || !is_passing(status) ||
        venues_simulated(venues, command->venue))
        return false;
    memset(event, 0, sizeof *event);
    event->type = EVENT_CONTROL;
    event->venue = EVENT_FROM_HOST;
    event->u.control.kind = CONTROL_KEPT_BACK;
    event->u.control.target = DENY_NOT_SENT;
    event->u.control.value = (int64_t)command->order.order_id;
    (void)snprintf(event->u.control.text, sizeof event->u.control.text, "not sent: %.50s", text);
    return true;
}

int32_t venues_hear_time(struct venue_link *link, const struct turret_report *report)
{
    int64_t now_ns = clock_monotonic_ns(), machine = clock_unix_ns();
    turret_time_ns theirs;
    if (report->struct_size < offsetof(struct turret_report, u) + sizeof report->u.server_time)
        return TURRET_EINVAL;
    theirs = report->u.server_time.time;
    if (link->time_asked_ns == 0 || theirs <= 0 || theirs > EVENT_TIME_MAX)
        return TURRET_EINVAL; /* nobody asked, or it is no time */
    link->time.known = true;
    link->time.doubt_ns = (now_ns - link->time_asked_ns) / 2;
    link->time.skew_ns = theirs - (machine - link->time.doubt_ns);
    link->time_asked_ns = 0;
    return TURRET_OK;
}

bool venues_take_time(struct venues *venues, uint32_t venue, struct venues_time *time)
{
    struct venue_link *link = venues->links[venue];
    *time = link->time;
    link->time.known = false;
    return time->known;
}

/* ---- market data ---- */

static int subscribe(struct venue_link *link, const struct venue_wish *wish,
                     struct turret_error *err)
{
    return link->caps.can & TURRET_CAN_SUBSCRIBE
               ? link->type->subscribe(&link->handle, wish->instrument, wish->reports,
                                       wish->timeframe_ns, err)
               : TURRET_OK;
}

/* For the build that comes after. */
static int remember(struct venues *venues, const struct venue_wish *wish, struct turret_error *err)
{
    struct venue_wish *grown;
    uint32_t i;
    for (i = 0; i < venues->wish_count; i++)
        if (venues->wishes[i].instrument == wish->instrument &&
            venues->wishes[i].timeframe_ns == wish->timeframe_ns) {
            venues->wishes[i].reports |= wish->reports;
            return TURRET_OK;
        }
    grown = realloc(venues->wishes, (venues->wish_count + 1) * sizeof *grown);
    if (!grown)
        return turret_fail(err, TURRET_ENOMEM, "no memory to subscribe");
    venues->wishes = grown;
    venues->wishes[venues->wish_count++] = *wish;
    return TURRET_OK;
}

/* venues->count: none of these venues. */
static uint32_t feed_of(const struct venues *venues, turret_instrument id)
{
    const struct config *config = venues->config;
    uint32_t v = 0;
    while (v < venues->count &&
           strcmp(config->venues[v].name, config->instruments[id - 1].feed) != 0)
        v++;
    return v;
}

int venues_subscribe(struct venues *venues, turret_instrument id, uint32_t reports,
                     int64_t timeframe_ns, struct turret_error *err)
{
    const struct venue_wish wish = {id, reports, timeframe_ns};
    uint32_t v = feed_of(venues, id);
    int status;
    if (v == venues->count)
        return TURRET_OK;
    status = subscribe(venues->links[v], &wish, err);
    return status ? status : remember(venues, &wish, err);
}

int venues_subscribe_link(const struct venues *venues, struct venue_link *link,
                          struct turret_error *err)
{
    uint32_t i;
    int status = TURRET_OK;
    for (i = 0; !status && i < venues->wish_count; i++)
        if (feed_of(venues, venues->wishes[i].instrument) == link->index)
            status = subscribe(link, &venues->wishes[i], err);
    return status;
}
