/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of loss that are latched, told at a start and to who asks. */
#include "session/live_state.h"
#include "session/live_status.h"

#include <time.h>

static void put_since(const struct engine_stop *stop, char text[40])
{
    time_t seconds = (time_t)(stop->stop.since / MONEY_NANO);
    struct tm parts;
    text[0] = 0;
    if (stop->stop.since > 0 && gmtime_r(&seconds, &parts))
        (void)strftime(text, 40, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

void live_stops_say(struct live *live)
{
    struct engine_stop stops[ENGINE_STOPS_MAX];
    uint32_t i, count = engine_stops(live->engine, stops, ENGINE_STOPS_MAX);
    for (i = 0; i < count; i++) {
        char text[ENGINE_STOP_TEXT_MAX], since[40];
        engine_stop_tell(&stops[i], text);
        put_since(&stops[i], since);
        live_say(live,
                 "turret: alarm: %s %s is still stopped%s%s: %s; it may only close until turret "
                 "resume --reason TEXT\n",
                 trading_scope_name(stops[i].scope), stops[i].name, since[0] ? " since " : "",
                 since, text);
    }
}

json_t *live_stops_list(const struct live *live)
{
    struct engine_stop stops[ENGINE_STOPS_MAX];
    uint32_t i, count = engine_stops(live->engine, stops, ENGINE_STOPS_MAX);
    json_t *list = json_array();
    for (i = 0; i < count; i++) {
        char text[ENGINE_STOP_TEXT_MAX], since[40];
        engine_stop_tell(&stops[i], text);
        put_since(&stops[i], since);
        (void)json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:o, s:s}", "scope", trading_scope_name(stops[i].scope),
                      "name", stops[i].name, "limit", engine_stop_name(stops[i].kind), "since",
                      since[0] ? json_string(since) : json_null(), "text", text));
    }
    return list;
}
