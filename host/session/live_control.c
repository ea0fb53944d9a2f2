/* SPDX-License-Identifier: Apache-2.0 */
/* What the control socket is answered: a table of commands. */
#include "session/live_audit.h"
#include "session/live_state.h"
#include "session/live_swap.h"
#include "session/live_unguarded.h"

#include "io/clock.h"
#include "ops/suggest.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static json_t *decimal(int64_t value, int32_t scale)
{
    char text[48];
    money_format(value, scale, text, sizeof text);
    return json_string(text);
}

/* A text from a plugin or a path: JSON takes UTF-8 only. */
static json_t *any_text(const char *text)
{
    json_t *value = json_string(text);
    return value ? value : json_string("(not UTF-8)");
}

static json_t *time_text(turret_time_ns time)
{
    char text[40];
    time_t seconds = (time_t)(time / MONEY_NANO);
    struct tm parts;
    if (time == 0 || !gmtime_r(&seconds, &parts))
        return json_null();
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return json_string(text);
}

static json_t *accounts(const struct live *live)
{
    json_t *list = json_array();
    uint32_t i;
    for (i = 0; i < engine_account_count(live->engine); i++) {
        const struct account *account = engine_account(live->engine, i);
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:o, s:o, s:o, s:f}", "venue",
                            engine_venue_name(live->engine, account->venue), "currency",
                            account->currency, "cash", decimal(account->cash, MONEY_SCALE),
                            "equity", decimal(account->equity.now, MONEY_SCALE), "start",
                            decimal(account->equity.start, MONEY_SCALE), "drawdown_pct",
                            (double)equity_drawdown_ppm(&account->equity) / 10000.0));
    }
    return list;
}

static json_t *venue(const struct live *live, uint32_t index)
{
    const struct config_venue *given = &live->config->venues[index];
    const struct registry_instance *instance;
    const struct plugin *plugin;
    const char *said;
    json_t *waits;
    char name[48];
    int64_t skew_ns, since;
    (void)snprintf(name, sizeof name, "venue %s", given->name);
    instance = registry_find_instance(live->registry, name);
    plugin = instance ? instance->plugin : NULL;
    said = live_streams_text(live, index, &since);
    waits = live_streams_waits(live, index);
    return json_pack(
        "{s:s, s:s, s:s, s:b, s:b, s:s, s:s, s:b, s:b, s:b, s:b, s:o, s:o, s:o, s:i, s:i, s:o, "
        "s:b, s:o}",
        "name", given->name, "adapter", given->adapter, "account", given->account, "trades",
        venues_trades(live->venues, index), "simulated", venues_simulated(live->venues, index),
        "version", venues_type(live->venues, index)->version, "build",
        plugin ? plugin->file.build_id : "", "isolated", plugin && plugin->unload, "ready",
        engine_venue_ready(live->engine, index) && json_is_null(waits), "connected",
        engine_venue_complete(live->engine, index) || engine_venue_downloading(live->engine, index),
        "compared", engine_venue_complete(live->engine, index), "not_ready_since", time_text(since),
        "stream", said[0] ? any_text(said) : json_null(), "waits", waits, "working",
        (int)engine_working(live->engine, index), "unknown",
        (int)engine_unknown(live->engine, index), "unknown_since",
        time_text(engine_unknown_since(live->engine, index)), "armed",
        live->config->venues[index].armed[0] != 0, "clock_skew_ms",
        engine_skew(live->engine, index, &skew_ns) ? json_real((double)skew_ns / 1e6)
                                                   : json_null());
}

static json_t *venues(const struct live *live)
{
    json_t *list = json_array();
    uint32_t i;
    for (i = 0; i < live->config->venue_count; i++)
        (void)json_array_append_new(list, venue(live, i));
    return list;
}

static json_t *strategy(const struct live *live, uint32_t index)
{
    static const char *const runs[] = {"RUNNING", "PAUSED", "STOPPED", "FAULT"};
    struct engine_view view;
    const struct registry_instance *instance;
    const char *loss, *reason;
    char name[64];
    engine_view_strategy(live->engine, index, &view);
    loss = live_loss(live, view.name, &reason);
    (void)snprintf(name, sizeof name, "strategy %.47s", view.name);
    instance = registry_find_instance(live->registry, name);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:o, s:I, s:I, s:I, s:i, s:o, s:o, s:o}", "name",
        view.name, "plugin", view.type->id, "version", view.type->version, "build",
        instance && instance->plugin ? instance->plugin->file.build_id : "", "state",
        loss                                           ? loss
        : view.stopped && view.run == STRATEGY_RUNNING ? "REDUCING"
                                                       : runs[view.run],
        "isolated", instance && instance->plugin && instance->plugin->unload, "ready", view.ready,
        "profit", decimal(view.equity.now - view.equity.start, MONEY_SCALE), "orders",
        (json_int_t)view.orders, "fills", (json_int_t)view.fills, "denied",
        (json_int_t)view.denials, "open_orders", (int)view.open_orders, "score",
        view.score.instrument ? json_real(view.score.score) : json_null(), "score_reason",
        any_text(view.score.reason), "fault",
        any_text(loss                             ? reason
                 : view.stopped && !view.fault[0] ? view.stopped
                                                  : view.fault));
}

/* Where the configuration's relative paths begin, and its plugin directories in full. */
static json_t *directory_now(void)
{
    char here[PATH_MAX];
    return any_text(getcwd(here, sizeof here) ? here : "");
}

static json_t *plugin_directories(const struct live *live)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < live->config->plugin_dir_count; i++) {
        const char *path = live->config->plugin_dirs[i].path;
        char *whole = realpath(path, NULL);
        (void)json_array_append_new(list, any_text(whole ? whole : path));
        free(whole);
    }
    return list;
}

json_t *live_status(struct live *live)
{
    json_t *list = json_array();
    uint32_t i, working = 0;
    for (i = 0; i < engine_strategy_count(live->engine); i++)
        (void)json_array_append_new(list, strategy(live, i));
    for (i = 0; i < live->config->venue_count; i++)
        working += engine_working(live->engine, i);
    return json_pack(
        "{s:b, s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:I, s:f, s:o, s:I, s:I, s:s, s:i, "
        "s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
        "ok", 1, "version", live->options.version, "pid", (int)getpid(), "mode",
        live->config->mode == CONFIG_LIVE    ? "live"
        : live->config->mode == CONFIG_PAPER ? "paper"
                                             : "backtest",
        "store", any_text(live->store_path), "config", any_text(live->options.config_path),
        "directory", directory_now(), "plugin_directories", plugin_directories(live),
        "config_version", (json_int_t)live->config_version, "uptime_seconds",
        (double)(clock_monotonic_ns() - live->started_ns) / 1e9, "time",
        time_text(engine_now(live->engine)), "sequence", (json_int_t)engine_sequence(live->engine),
        "durable", (json_int_t)writer_durable_sequence(live->writer), "trading",
        engine_trading_name(live->engine), "working_orders", (int)working, "accounts",
        accounts(live), "venues", venues(live), "strategies", list, "swaps", live_swap_status(live),
        "differences", live_differences(live), "states", live_trading_list(live), "stops",
        live_stops_list(live, TRADING_ALL, 0), "unprotected",
        live_unprotected(live, TRADING_ALL, 0), "not_sent",
        live_protective(live, TRADING_ALL, 0, true), "config_refused",
        live->config_refused.code ? any_text(live->config_refused.text) : json_null());
}

static json_t *on_status(struct live *live, const json_t *request)
{
    (void)request;
    return live_status(live);
}

static json_t *unknown_strategy(const struct live *live, const char *name)
{
    const char *names[CONFIG_STRATEGIES_MAX], *near;
    uint32_t i, count = engine_strategy_count(live->engine);
    for (i = 0; i < count; i++)
        names[i] = engine_strategy_name(live->engine, i);
    near = suggest_nearest(name, names, count);
    if (near)
        return control_error(TURRET_ENOTFOUND, "no strategy '%s'; did you mean '%s'?", name, near);
    return control_error(TURRET_ENOTFOUND, "no strategy '%s'; turret status lists them", name);
}

/* Name of each of these strategies that trading states bind: those states. */
static json_t *held(const struct live *live, const json_t *names)
{
    json_t *list = json_object(), *states;
    uint32_t i;
    size_t k;
    for (i = 0; i < live->config->strategy_count; i++) {
        const char *own = live->config->strategies[i].name;
        for (k = 0; k < json_array_size(names); k++)
            if (!strcmp(json_string_value(json_array_get(names, k)), own))
                break;
        states = k < json_array_size(names) ? live_trading_binding(live, i) : NULL;
        if (states && json_array_size(states) > 0)
            (void)json_object_set(list, own, states);
        json_decref(states);
    }
    return list;
}

/* Of these the ones that run; none while what was decided and waits may change that. */
static json_t *running(const struct live *live, const char *name, bool all)
{
    json_t *list = json_array();
    uint32_t i;
    for (i = 0; live->control_count == 0 && i < engine_strategy_count(live->engine); i++) {
        struct engine_view view;
        const char *reason;
        engine_view_strategy(live->engine, i, &view);
        if ((all || !strcmp(view.name, name)) && view.run == STRATEGY_RUNNING &&
            !live_loss(live, view.name, &reason))
            (void)json_array_append_new(list, json_string(view.name));
    }
    return list;
}

static json_t *set_run(struct live *live, const json_t *request, uint32_t kind)
{
    const char *name = json_string_value(json_object_get(request, "strategy"));
    bool all = json_is_true(json_object_get(request, "all"));
    json_t *done = json_array(), *kept = json_array(), *exits = json_object(), *answer;
    json_t *already = kind == CONTROL_START_STRATEGY ? running(live, name ? name : "", all) : NULL;
    struct engine_view view;
    uint32_t i;
    for (i = 0; i < engine_strategy_count(live->engine); i++) {
        const char *own = engine_strategy_name(live->engine, i);
        if (!all && (!name || strcmp(own, name) != 0))
            continue;
        if (live_control_event(live, kind, i, 0, "control socket")) {
            json_decref(done);
            json_decref(kept);
            json_decref(exits);
            json_decref(already);
            return control_error(TURRET_EBUSY, "too many decisions wait for the store; try again");
        }
        live_forget_loss(live, own);
        if (kind == CONTROL_STOP_STRATEGY && live_exits_of(live, i) > 0)
            (void)json_object_set_new(exits, own, json_integer(live_exits_of(live, i)));
        engine_view_strategy(live->engine, i, &view);
        (void)json_array_append_new(
            kind == CONTROL_PAUSE_STRATEGY && view.run == STRATEGY_STOPPED ? kept : done,
            json_string(own));
    }
    if (json_array_size(done) + json_array_size(kept) == 0) {
        json_decref(done);
        json_decref(kept);
        json_decref(exits);
        json_decref(already);
        return unknown_strategy(live, name ? name : "");
    }
    answer = json_pack("{s:b, s:o}", "ok", 1, "strategies", done);
    if (kind == CONTROL_START_STRATEGY) /* they run, and may be held all the same */
        (void)json_object_set_new(answer, "held", held(live, done));
    if (json_array_size(already) > 0)
        (void)json_object_set(answer, "ran_already", already);
    if (json_array_size(kept) > 0) /* stopped is more than paused: they stay so */
        (void)json_object_set(answer, "stay_stopped", kept);
    if (json_object_size(exits) > 0) /* what it holds has none any more */
        (void)json_object_set(answer, "exits", exits);
    json_decref(kept);
    json_decref(exits);
    json_decref(already);
    return answer;
}

static json_t *on_start(struct live *live, const json_t *request)
{
    return set_run(live, request, CONTROL_START_STRATEGY);
}

static json_t *on_stop(struct live *live, const json_t *request)
{
    return set_run(live, request, CONTROL_STOP_STRATEGY);
}

static json_t *on_pause(struct live *live, const json_t *request)
{
    return set_run(live, request, CONTROL_PAUSE_STRATEGY);
}

static json_t *on_shutdown(struct live *live, const json_t *request)
{
    (void)request;
    live_stop(live);
    return json_pack("{s:b}", "ok", 1);
}

static json_t *on_reload(struct live *live, const json_t *request)
{
    struct turret_error err = {0};
    char *text = NULL;
    size_t size;
    FILE *diff;
    json_t *lines = json_array();
    uint32_t changed = 0;
    char *line, *next;
    (void)request;
    if (!live->batch || live->control_count > 0) {
        json_decref(lines);
        return control_error(TURRET_EBUSY, "the store is behind; try again");
    }
    diff = open_memstream(&text, &size);
    live_swap_take_rollbacks(live); /* builds and strategies as they are now */
    if (!diff || live_reload(live, "control socket", diff, &changed, &err)) {
        json_decref(lines);
        if (diff)
            (void)fclose(diff);
        free(text);
        return control_error(err.code ? err.code : TURRET_ENOMEM, "%s", err.text);
    }
    (void)fclose(diff);
    for (line = text; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        (void)json_array_append_new(lines, json_string(line));
    }
    free(text);
    return json_pack("{s:b, s:i, s:o}", "ok", 1, "changed", (int)changed, "diff", lines);
}

static const struct {
    const char *name;
    json_t *(*answer)(struct live *live, const json_t *request);
} commands[] = {
    {"status", on_status},
    {"start", on_start},
    {"stop", on_stop},
    {"pause", on_pause},
    {"resume", live_answer_resume},
    {"shutdown", on_shutdown},
    {"reload", on_reload},
    {"reconcile", live_answer_reconcile},
    {"state", live_answer_state},
    {"flatten", live_answer_flatten},
};

static json_t *answer_one(struct live *live, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "command"));
    const json_t *until = json_object_get(request, CONTROL_UNTIL);
    json_t *answer;
    size_t i;
    if (json_is_integer(until) && clock_monotonic_ns() > json_integer_value(until))
        return control_error(TURRET_ETIMEOUT, "it waited too long and was not done; ask again");
    answer = name ? live_answer_swap(live, name, request) : NULL;
    if (answer)
        return answer;
    for (i = 0; name && i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(commands[i].name, name))
            return commands[i].answer(live, request);
    return control_error(TURRET_EINVAL, "unknown command '%s'", name ? name : "");
}

json_t *live_answer(void *context, const json_t *request)
{
    return live_audit_command(context, request, answer_one);
}
