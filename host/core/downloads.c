/* SPDX-License-Identifier: Apache-2.0 */
/* Orders as a whole download tells them, and streams: when a venue is ready to trade. */
#include "core/reconcile.h"
#include "core/state.h"

#include <string.h>

/*
 * Where a working order stands once the whole download is in. What was asked of the venue before it
 * may never have arrived: a cancel is said again, a change is as if it had not been asked for.
 */
static void settle_order(struct engine *engine, struct order *order)
{
    if (!(order->seen & ORDER_SEEN_IN_DOWNLOAD)) {
        if (order->state != TURRET_STATE_UNKNOWN) /* absent is not cancelled */
            (void)order_change(engine, order, TURRET_STATE_UNKNOWN, "not in the download");
        if (order->seen & ORDER_SEEN_AT_VENUE)
            reconcile_order(engine, order, "the venue had it, and its download has not");
        order->cancel_lost = order->request == TURRET_REQUEST_PENDING_CANCEL;
        engine_command(engine, COMMAND_QUERY, order);
    } else if (engine->venues[order->venue].caps.can & TURRET_CAN_SIMULATE) {
        return; /* in lockstep with us: nothing of it was lost */
    } else if (order->request == TURRET_REQUEST_PENDING_CANCEL) {
        order_cancel_again(engine, order);
    } else if (order->request == TURRET_REQUEST_PENDING_MODIFY) {
        order->request = TURRET_REQUEST_NONE; /* what it asked for stays reserved for a while */
        order_publish(engine, order);
    }
}

void download_event(struct engine *engine, const struct event *event)
{
    struct venue *venue = &engine->venues[event->venue];
    uint32_t cursor = 0;
    struct order *order;
    if (!event->u.download.done) {
        venue->downloading = true;
        venue->ready = venue->complete = false;
        reconcile_begin(engine, event->venue);
    } else if (!venue->downloading) {
        return;
    }
    while ((order = order_table_next(engine->orders, &cursor)) != NULL) {
        if (order->venue != event->venue || !order_is_working(order))
            continue;
        if (!event->u.download.done)
            order->seen &= (uint8_t)~ORDER_SEEN_IN_DOWNLOAD;
        else if (event->u.download.result == TURRET_OK && order->state != TURRET_STATE_HELD)
            settle_order(engine, order);
    }
    if (event->u.download.done) {
        venue->downloading = false;
        venue->complete = event->u.download.result == TURRET_OK;
        if (venue->complete) {
            reconcile_whole(engine, event->venue);
            venue->stream_said[0] = 0; /* when it is lost again, that is news */
        }
        reconcile_settle(engine, event->venue);
    }
}

/* Once for each reason, however often it is tried: not only of a venue that was ready before. */
static void tell_lost(struct engine *engine, uint16_t index, const char *how, const char text[88])
{
    struct venue *venue = &engine->venues[index];
    if (!venue->ready &&
        (!text[0] || !strncmp(text, venue->stream_said, sizeof venue->stream_said)))
        return;
    memcpy(venue->stream_said, text, sizeof venue->stream_said);
    engine_notice(engine, engine_venue_exposed(engine, index) ? NOTICE_ALARM : NOTICE_LOG,
                  ENGINE_NONE, "venue %s %s%s%.80s; nothing trades there", venue->name, how,
                  text[0] ? ": " : "", text);
}

/* What a venue says while its stream is not live may be old: nothing trades before a download. */
void stream_event(struct engine *engine, const struct event *event)
{
    static const char *const lost[] = {[TURRET_STREAM_CONNECTING] = "connects",
                                       [TURRET_STREAM_STALE] = "is stale",
                                       [TURRET_STREAM_DOWN] = "is down"};
    struct venue *venue = &engine->venues[event->venue];
    uint32_t status = event->u.stream.status;
    if (status == TURRET_STREAM_READY && !(venue->caps.can & TURRET_CAN_TRADE))
        venue->ready = venue->complete = true;
    if (status >= sizeof lost / sizeof *lost || !lost[status])
        return;
    tell_lost(engine, event->venue, lost[status], event->u.stream.text);
    venue->ready = venue->complete = venue->timed = false; /* its time may be old, too */
}
