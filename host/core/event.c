/* SPDX-License-Identifier: Apache-2.0 */
/* Event types: payload sizes, names, and how an adapter's report becomes one. */
#include "core/event.h"

#include <string.h>

#define ROW(type, member) [type] = {#type, (uint32_t)sizeof(((struct event *)0)->u.member)}
static const struct {
    const char *name;
    uint32_t size_bytes;
} rows[EVENT_TYPES] = {
    ROW(EVENT_SESSION, session),   ROW(EVENT_BAR, bar),
    ROW(EVENT_TRADE, trade),       ROW(EVENT_QUOTE, quote),
    ROW(EVENT_LEVEL, level),       ROW(EVENT_STATUS, status),
    ROW(EVENT_SPLIT, split),       ROW(EVENT_STREAM, stream),
    ROW(EVENT_DOWNLOAD, download), ROW(EVENT_ACK, ack),
    ROW(EVENT_ORDER, order),       ROW(EVENT_FILL, fill),
    ROW(EVENT_BUST, bust),         ROW(EVENT_POSITION, position),
    ROW(EVENT_BALANCE, balance),   ROW(EVENT_RATE_LIMIT, rate_limit),
    ROW(EVENT_GAP, gap),           ROW(EVENT_INTENT, intent),
    ROW(EVENT_CONTROL, control),   ROW(EVENT_CONFIG, config),
    ROW(EVENT_SWAP, swap),         ROW(EVENT_DIFFERENCE, difference),
    ROW(EVENT_LOSS, loss),
};

uint32_t event_payload_size(uint16_t type)
{
    return type < EVENT_TYPES ? rows[type].size_bytes : 0;
}

const char *event_type_name(uint16_t type)
{
    return type < EVENT_TYPES && rows[type].name ? rows[type].name + sizeof "EVENT_" - 1 : "?";
}

static const uint16_t of_report[] = {
    [TURRET_REPORT_STREAM] = EVENT_STREAM,   [TURRET_REPORT_DOWNLOAD] = EVENT_DOWNLOAD,
    [TURRET_REPORT_STATUS] = EVENT_STATUS,   [TURRET_REPORT_ACK] = EVENT_ACK,
    [TURRET_REPORT_ORDER] = EVENT_ORDER,     [TURRET_REPORT_FILL] = EVENT_FILL,
    [TURRET_REPORT_BUST] = EVENT_BUST,       [TURRET_REPORT_POSITION] = EVENT_POSITION,
    [TURRET_REPORT_BALANCE] = EVENT_BALANCE, [TURRET_REPORT_RATE_LIMIT] = EVENT_RATE_LIMIT,
    [TURRET_REPORT_GAP] = EVENT_GAP,         [TURRET_REPORT_BAR] = EVENT_BAR,
    [TURRET_REPORT_TRADE] = EVENT_TRADE,     [TURRET_REPORT_QUOTE] = EVENT_QUOTE,
    [TURRET_REPORT_LEVEL] = EVENT_LEVEL,     [TURRET_REPORT_SPLIT] = EVENT_SPLIT,
};

/* The venue's own time; a bar is known when it ends. */
static turret_time_ns time_of(const struct turret_report *report)
{
    switch (report->type) {
    case TURRET_REPORT_BAR:
        return (turret_time_ns)((uint64_t)report->u.bar.time +
                                (uint64_t)report->u.bar.timeframe_ns);
    case TURRET_REPORT_TRADE:
        return report->u.trade.time;
    case TURRET_REPORT_QUOTE:
        return report->u.quote.time;
    case TURRET_REPORT_LEVEL:
        return report->u.level.time;
    case TURRET_REPORT_STATUS:
        return report->u.status.time;
    case TURRET_REPORT_SPLIT:
        return report->u.split.time;
    default:
        return report->time;
    }
}

/* The rest of a text is mostly zeros: then its last byte says that it ends. */
static int text_ends(const char *text, size_t room)
{
    return text[room - 1] == 0 || memchr(text, 0, room) != NULL;
}
#define TEXT_ENDS(text) text_ends(text, sizeof(text))

/* Texts in reports end within their arrays. */
static int texts_end(const struct turret_report *report)
{
    switch (report->type) {
    case TURRET_REPORT_STREAM:
        return TEXT_ENDS(report->u.stream.text);
    case TURRET_REPORT_ACK:
        return TEXT_ENDS(report->u.ack.reason) && TEXT_ENDS(report->u.ack.venue_order_id);
    case TURRET_REPORT_ORDER:
        return TEXT_ENDS(report->u.order.reason) && TEXT_ENDS(report->u.order.venue_order_id);
    case TURRET_REPORT_FILL:
        return TEXT_ENDS(report->u.fill.execution_id) && TEXT_ENDS(report->u.fill.venue_order_id);
    case TURRET_REPORT_BUST:
        return TEXT_ENDS(report->u.bust.execution_id) && TEXT_ENDS(report->u.bust.new_execution_id);
    default:
        return 1;
    }
}

int event_from_report(struct event *event, uint16_t venue, const struct turret_report *report,
                      struct turret_error *err)
{
    uint32_t type = report->type, size;
    memset(event, 0, offsetof(struct event, u)); /* of the payload its own bytes are read */
    if (type >= sizeof of_report / sizeof *of_report || of_report[type] == EVENT_NONE)
        return turret_fail(err, TURRET_EINVAL, "report of type %u, which this host does not know",
                           type);
    size = event_payload_size(of_report[type]);
    if (report->struct_size < offsetof(struct turret_report, u) + size)
        return turret_fail(err, TURRET_EINVAL, "report of type %u with struct_size %u, needs %zu",
                           type, report->struct_size, offsetof(struct turret_report, u) + size);
    if (!texts_end(report))
        return turret_fail(err, TURRET_EINVAL, "report of type %u with an endless text", type);
    event->type = of_report[type];
    event->venue = venue;
    event->time = time_of(report);
    memcpy(&event->u, &report->u, size);
    return TURRET_OK;
}
