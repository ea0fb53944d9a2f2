/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of loss that are latched, told at a start and to who asks; and lifted by a person. */
#include "ops/person.h"
#include "session/live_state.h"
#include "session/live_status.h"

#include <string.h>
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

static bool trades_in(const struct live *live, uint32_t strategy, uint32_t account)
{
    const struct config_strategy *given = &live->config->strategies[strategy];
    uint32_t i = 0;
    while (i < given->on_count && !engine_trading_concerns(live->engine, TRADING_ACCOUNT, account,
                                                           strategy, given->on[i].instrument + 1))
        i++;
    return i < given->on_count;
}

/* Whether all of the scope, or an account of it, is stopped by it. */
static bool stops(const struct live *live, const struct engine_stop *stop, uint32_t scope,
                  uint32_t index)
{
    uint32_t of = engine_trading_find(live->engine, stop->scope, stop->name);
    if (scope == TRADING_ALL || (scope == stop->scope && index == of))
        return true;
    if (stop->scope != TRADING_ACCOUNT || index == ENGINE_NONE)
        return false;
    if (scope == TRADING_VENUE)
        return engine_account(live->engine, of)->venue == index;
    return scope == TRADING_STRATEGY
               ? trades_in(live, index, of)
               : scope == TRADING_INSTRUMENT &&
                     engine_trading_concerns(live->engine, TRADING_ACCOUNT, of, ENGINE_NONE, index);
}

json_t *live_stops_list(const struct live *live, uint32_t scope, uint32_t index)
{
    struct engine_stop all[ENGINE_STOPS_MAX];
    uint32_t i, count = engine_stops(live->engine, all, ENGINE_STOPS_MAX);
    json_t *list = json_array();
    for (i = 0; i < count; i++) {
        char text[ENGINE_STOP_TEXT_MAX], since[40];
        if (!stops(live, &all[i], scope, index))
            continue;
        engine_stop_tell(&all[i], text);
        put_since(&all[i], since);
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:o, s:s}", "scope", trading_scope_name(all[i].scope),
                            "name", all[i].name, "limit", engine_stop_name(all[i].kind), "since",
                            since[0] ? json_string(since) : json_null(), "text", text));
    }
    return list;
}

/* From where its losses were counted, and from where they are now. */
static void add_reference(json_t *list, const char *kind, const char *name,
                          const struct equity *equity)
{
    char day[48], peak[48], now[48];
    money_format(equity->day_start, MONEY_SCALE, day, sizeof day);
    money_format(equity->peak, MONEY_SCALE, peak, sizeof peak);
    money_format(equity->now, MONEY_SCALE, now, sizeof now);
    (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "of", kind, "name",
                                                name, "day_start", day, "peak", peak, "now", now));
}

static json_t *references(const struct live *live)
{
    json_t *list = json_array();
    uint32_t i;
    for (i = 0; i < engine_account_count(live->engine); i++) {
        const struct account *account = engine_account(live->engine, i);
        char name[32];
        (void)snprintf(name, sizeof name, "%.16s/%.8s",
                       engine_venue_name(live->engine, account->venue), account->currency);
        add_reference(list, "account", name, &account->equity);
    }
    for (i = 0; i < engine_strategy_count(live->engine); i++) {
        struct engine_view view;
        engine_view_strategy(live->engine, i, &view);
        add_reference(list, "strategy", view.name, &view.equity);
    }
    return list;
}

json_t *live_stops_resume(struct live *live, const json_t *request)
{
    const char *reason = json_string_value(json_object_get(request, "reason"));
    const char *who = json_string_value(json_object_get(request, "who"));
    bool latched = engine_is_stopped(live->engine);
    json_t *from;
    if (!latched)
        return json_pack("{s:b, s:b, s:o, s:[]}", "ok", 1, "latched", 0, "states",
                         live_trading_list(live), "references");
    if (!reason || !reason[0] || strlen(reason) > PERSON_REASON_MAX)
        return control_error(
            TURRET_EINVAL,
            "a stop is latched; lifting it counts loss and drawdown anew and needs "
            "--reason TEXT of at most %d bytes",
            PERSON_REASON_MAX);
    from = references(live);
    if (live_control_event(live, CONTROL_RESET_STOPS, 0, 0, reason)) {
        json_decref(from);
        return control_error(TURRET_EBUSY, "too many decisions wait for the store; try again");
    }
    (void)snprintf(live->controls[live->control_count - 1].u.control.who,
                   sizeof live->controls[0].u.control.who, "%.15s", who ? who : "");
    return json_pack("{s:b, s:b, s:I, s:o, s:o}", "ok", 1, "latched", 1, "sequence",
                     (json_int_t)engine_sequence(live->engine), "states", live_trading_list(live),
                     "references", from);
}
