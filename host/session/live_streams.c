/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core tells what adapters say of their streams. What only time shows is told here: a venue
 * whose adapter says nothing, and one that is back.
 */
#include "session/live_streams.h"

#include "io/clock.h"
#include "session/live_state.h"

#include <string.h>
#include <time.h>

#define SILENT_NS INT64_C(5000000000) /* not ready, and nothing was said of it */

static void begin(struct live_stream *stream)
{
    if (stream->since)
        return;
    stream->since = clock_unix_ns();
    stream->since_ns = clock_monotonic_ns();
}

void live_streams_hear(struct live *live, const struct event *event)
{
    struct live_stream *stream = &live->streams[event->venue];
    const struct turret_report_stream *said = &event->u.stream;
    if (said->status != TURRET_STREAM_CONNECTING && said->status != TURRET_STREAM_STALE &&
        said->status != TURRET_STREAM_DOWN) {
        stream->text[0] = 0;
        return;
    }
    if (!said->text[0] && !engine_venue_ready(live->engine, event->venue))
        return; /* tried again: the reason is the one before */
    begin(stream);
    (void)snprintf(stream->text, sizeof stream->text, "%.*s", (int)sizeof said->text - 1,
                   said->text);
    stream->told = true; /* by the core */
}

static void tell_silence(struct live *live, uint32_t venue)
{
    live_say(live,
             "turret: %s: venue %s is not connected and reconciled, and its adapter does not say "
             "why; nothing trades there\n",
             engine_venue_exposed(live->engine, venue) ? "alarm" : "log",
             engine_venue_name(live->engine, venue));
}

void live_streams_turn(struct live *live)
{
    uint32_t v;
    for (v = 0; v < live->config->venue_count; v++) {
        struct live_stream *stream = &live->streams[v];
        if (engine_venue_ready(live->engine, v)) {
            if (stream->told)
                live_say(live, "turret: log: venue %s is connected%s\n",
                         engine_venue_name(live->engine, v),
                         venues_trades(live->venues, v) ? " and reconciled" : "");
            memset(stream, 0, sizeof *stream);
            continue;
        }
        begin(stream);
        if (stream->told || engine_venue_complete(live->engine, v) ||
            !engine_venue_waits(live->engine, v) ||
            clock_monotonic_ns() - stream->since_ns < SILENT_NS)
            continue; /* what keeps a complete one from trading is told where it is found */
        tell_silence(live, v);
        stream->told = true;
    }
}

const char *live_streams_text(const struct live *live, uint32_t venue, int64_t *since)
{
    *since = live->streams[venue].since;
    return live->streams[venue].text;
}

json_t *live_streams_waits(const struct live *live, uint32_t venue)
{
    const struct live_stream *stream = &live->streams[venue];
    const char *waits = engine_venue_waits(live->engine, venue);
    time_t seconds = (time_t)(stream->since / MONEY_NANO);
    char text[LIVE_STREAMS_TEXT_MAX], since[40];
    struct tm parts;
    json_t *value;
    if (!waits)
        return engine_clock_waits(live->engine, venue, text) ? json_string(text) : json_null();
    if (engine_venue_complete(live->engine, venue) ||
        engine_venue_downloading(live->engine, venue) || !stream->since ||
        !gmtime_r(&seconds, &parts))
        return json_string(waits);
    (void)strftime(since, sizeof since, "%Y-%m-%dT%H:%M:%SZ", &parts);
    (void)snprintf(text, sizeof text,
                   "it is not connected since %s (%s): see whether the venue is up", since,
                   stream->text[0] ? stream->text : "its adapter does not say why");
    value = json_string(text);
    return value ? value : json_string(waits); /* not UTF-8 */
}

bool live_streams_keep(const struct live *live, turret_instrument instrument,
                       char text[LIVE_STREAMS_TEXT_MAX])
{
    uint32_t i = 0, venue = engine_venue_of(live->engine, instrument);
    const char *name = engine_venue_name(live->engine, venue);
    json_t *waits = live_streams_waits(live, venue);
    text[0] = '\0';
    if (json_is_string(waits))
        (void)snprintf(text, LIVE_STREAMS_TEXT_MAX, "venue %s trades nothing: %s", name,
                       json_string_value(waits));
    json_decref(waits);
    while (!text[0] && i < engine_difference_count(live->engine)) {
        const struct difference *one = engine_difference(live->engine, i++);
        if (one->halts && one->instrument == instrument)
            (void)snprintf(text, LIVE_STREAMS_TEXT_MAX,
                           "venue %s's books and ours differ: turret reconcile", name);
    }
    return text[0] != '\0';
}
