/* SPDX-License-Identifier: Apache-2.0 */
/* From a checked configuration, plugins and open venues to a started engine. */
#include "session/assemble.h"

#include "session/definitions.h"
#include "session/services.h"

#include <stdlib.h>
#include <string.h>

TURRET_STATIC_ASSERT((int)CONFIG_NAME_MAX == (int)ENGINE_NAME_MAX, "names are as long there");
TURRET_STATIC_ASSERT((int)CONFIG_KEYS_MAX <= (int)PLUGIN_KEYS_MAX, "every key has a place");
TURRET_STATIC_ASSERT((int)CONFIG_MINIMUMS_MAX <= (int)PLUGIN_MINIMUMS_MAX, "and every minimum");
TURRET_STATIC_ASSERT(sizeof((struct config_minimum *)0)->plugin ==
                         sizeof((struct plugin_minimum *)0)->id,
                     "ids are as long there");
TURRET_STATIC_ASSERT(sizeof((struct config_minimum *)0)->version ==
                         sizeof((struct plugin_minimum *)0)->version,
                     "versions too");

static void tell_refused(void *context, const char *path, const struct turret_error *why)
{
    FILE *messages = context;
    (void)path; /* the text begins with it */
    if (messages)
        (void)fprintf(messages, "turret: %s\n", why->text);
}

int assemble_policy(const struct config *config, uint32_t dir_index, struct plugin_policy *policy,
                    struct turret_error *err)
{
    static const enum plugin_signing signings[] = {
        [CONFIG_SIGNATURE_OFF] = PLUGIN_SIGNING_OFF,
        [CONFIG_SIGNATURE_WARN] = PLUGIN_SIGNING_WARN,
        [CONFIG_SIGNATURE_REQUIRE] = PLUGIN_SIGNING_REQUIRE,
    };
    const struct config_plugin_dir *dir = &config->plugin_dirs[dir_index];
    uint32_t i;
    memset(policy, 0, sizeof *policy);
    policy->signing = signings[dir->signature];
    policy->allow_writable = dir->allow_writable;
    policy->isolated = dir->isolated;
    (void)snprintf(policy->file, sizeof policy->file, "%s", config->file);
    for (i = 0; i < dir->minimum_count; i++) {
        struct plugin_minimum *minimum = &policy->minimums[policy->minimum_count++];
        memcpy(minimum->id, dir->minimums[i].plugin, sizeof minimum->id);
        memcpy(minimum->version, dir->minimums[i].version, sizeof minimum->version);
        minimum->line = dir->minimums[i].place.line;
    }
    for (i = 0; dir->signature != CONFIG_SIGNATURE_OFF && i < dir->key_count; i++) {
        struct turret_error why = {0};
        int status = signature_read_key(dir->keys[i], &policy->keys[policy->key_count++], &why);
        if (status)
            return turret_fail(err, status, "plugins[%u].keys[%u] at %.200s:%u: %s", dir_index, i,
                               config->file, dir->place.line, why.text);
    }
    return TURRET_OK;
}

int assemble_scan(const struct config *config, uint32_t dir_index, struct registry *registry,
                  registry_refused_fn *refused, void *context, uint32_t *loaded,
                  struct turret_error *err)
{
    const struct config_plugin_dir *dir = &config->plugin_dirs[dir_index];
    struct plugin_policy policy;
    int status;
    *loaded = 0;
    status = assemble_policy(config, dir_index, &policy, err);
    if (status)
        return status;
    return registry_scan(registry, dir->path, &policy, refused, context, loaded, err);
}

int assemble_plugins(const struct config *config, const char *private_dir,
                     struct registry **registry, FILE *messages, struct turret_error *err)
{
    uint32_t i, loaded;
    int status = registry_create(registry, private_dir, err);
    for (i = 0; !status && i < config->plugin_dir_count; i++)
        status = assemble_scan(config, i, *registry, tell_refused, messages, &loaded, err);
    return status;
}

static const struct turret_indicator_type *
find_indicator(void *context, const char *name, const void **build, struct turret_error *err)
{
    const struct plugin_offer *offer;
    const struct plugin *plugin;
    if (registry_find(context, TURRET_KIND_INDICATOR, name, &offer, &plugin, err))
        return NULL;
    *build = plugin;
    return &offer->indicator;
}

static uint32_t venue_index(const struct config *config, const char *name)
{
    uint32_t i;
    for (i = 0; i < config->venue_count && strcmp(config->venues[i].name, name) != 0; i++)
        ;
    return i;
}

static int add_market(const struct assembly *assembly, struct engine *engine,
                      struct turret_error *err)
{
    const struct config *config = assembly->config;
    uint32_t i, index;
    int status = TURRET_OK;
    for (i = 0; !status && i < config->venue_count; i++) {
        struct engine_venue venue = {0};
        if (assembly->venues)
            venue.caps = *venues_caps(assembly->venues, i);
        memcpy(venue.name, config->venues[i].name, sizeof venue.name);
        venue.unarmed = config->mode == CONFIG_LIVE && !config->venues[i].armed[0];
        venue.reconcile = config->venues[i].reconcile.policy;
        status = engine_add_venue(engine, &venue, &index, err);
    }
    for (i = 0; !status && i < config->instrument_count; i++) {
        struct engine_instrument instrument;
        turret_instrument id;
        definitions_fill(&config->instruments[i], i + 1, &instrument.def);
        instrument.venue = venue_index(config, config->instruments[i].venue);
        instrument.feed = venue_index(config, config->instruments[i].feed);
        memcpy(instrument.sector, config->instruments[i].sector, sizeof instrument.sector);
        status = engine_add_instrument(engine, &instrument, &id, err);
    }
    return status;
}

int assemble_bind(const struct config *config, const struct config_strategy *given,
                  const struct plugin_offer *offer, struct turret_param_value *values,
                  FILE *messages, struct turret_error *err)
{
    char where[CONFIG_NAME_MAX + 32];
    if (offer->strategy.param_count > CONFIG_PARAMS_MAX)
        return turret_fail(
            err, TURRET_ELIMIT, "strategies.%s: plugin %s has %u parameters, this host takes %d",
            given->name, offer->strategy.id, offer->strategy.param_count, CONFIG_PARAMS_MAX);
    (void)snprintf(where, sizeof where, "strategies.%s.params", given->name);
    return config_bind_params(config, where, given->params, given->param_count,
                              offer->strategy.params, offer->strategy.param_count,
                              config->instruments[given->on[0].instrument].qty_scale, values,
                              messages, err);
}

static int add_strategy(const struct assembly *assembly, struct engine *engine,
                        const struct config_strategy *given, struct turret_error *err)
{
    struct turret_param_value params[CONFIG_PARAMS_MAX];
    struct engine_subscription on[CONFIG_ON_MAX];
    struct engine_strategy strategy = {.params = params, .on = on, .on_count = given->on_count};
    const struct plugin_offer *offer;
    const struct plugin *plugin;
    struct registry_instance *instance;
    char name[CONFIG_NAME_MAX + 32];
    uint32_t i, index;
    int status;
    (void)snprintf(name, sizeof name, "strategy %.38s", given->name);
    status = registry_find_for(assembly->registry, name, TURRET_KIND_STRATEGY, given->plugin,
                               &offer, &plugin, err);
    if (!status)
        status = assemble_bind(assembly->config, given, offer, params, assembly->messages, err);
    if (status)
        return status;
    for (i = 0; i < given->on_count; i++)
        on[i] =
            (struct engine_subscription){given->on[i].instrument + 1, given->on[i].timeframe_ns};
    memcpy(strategy.name, given->name, sizeof strategy.name);
    strategy.type = &offer->strategy;
    strategy.enabled = given->enabled;
    strategy.limits = given->limits;
    strategy.sizing = given->sizing;
    memcpy(strategy.execution, given->execution, sizeof strategy.execution);
    strategy.protection = given->protection;
    plugin_build_bytes(&plugin->file, strategy.build);
    instance = registry_find_instance(assembly->registry, name);
    if (instance) { /* of the configuration before: it may name another plugin now */
        instance->plugin = plugin;
        instance->offer = offer;
    } else {
        status = registry_add_instance(assembly->registry, name, plugin, offer, &instance, err);
        if (status)
            return status;
        registry_set_health(instance, HEALTH_READY, "");
    }
    return engine_add_strategy(engine, &strategy, &index, err);
}

/* A swap may have brought a build that checks nothing: then it denies, and nothing else changes. */
static bool has_rule(const struct config *config, const char *name)
{
    uint32_t i = 0;
    while (config && i < config->rule_count && strcmp(config->rules[i].name, name) != 0)
        i++;
    return config && i < config->rule_count;
}

static int add_rules(const struct assembly *assembly, struct engine *engine,
                     struct turret_error *err)
{
    const struct config *config = assembly->config;
    struct turret_error why = {0};
    uint32_t i;
    for (i = 0; i < config->rule_count; i++)
        if (engine_add_rule(engine, config->rules[i].name,
                            has_rule(assembly->before, config->rules[i].name), &why))
            return config_refuse(config, config->rules[i].place, assembly->messages, err, "%s",
                                 why.text);
    return TURRET_OK;
}

/* Under the configuration that wrote it a snapshot fits, or it is not what was written. */
static int spoilt(const struct assembly *assembly, int status, struct turret_error *err)
{
    if (!status || status == TURRET_ENOMEM || status == TURRET_EVERSION ||
        assembly->reason != TURRET_REASON_RESTART)
        return status;
    if (err)
        err->code = TURRET_ECORRUPT;
    return TURRET_ECORRUPT;
}

int assemble_engine(const struct assembly *assembly, const struct sink *sink, struct engine **out,
                    struct turret_error *err)
{
    struct engine_options options = {.orders_max = assembly->orders_max,
                                     .executions_max = assembly->fills_max,
                                     .risk = assembly->config->risk,
                                     .recorded_intents = assembly->recorded,
                                     .losses = assembly->losses,
                                     .loss_count = assembly->loss_count,
                                     .disowned = assembly->config->disowned,
                                     .disowned_count = assembly->config->disowned_count,
                                     .calling = assembly->calling};
    uint32_t i;
    int status = engine_create(out, &options, sink, err);
    if (status)
        return status;
    engine_set_indicators(*out, find_indicator, assembly->registry);
    status = add_market(assembly, *out, err);
    for (i = 0; !status && i < assembly->config->strategy_count; i++)
        status = add_strategy(assembly, *out, &assembly->config->strategies[i], err);
    if (!status)
        status = add_rules(assembly, *out, err);
    if (!status && assembly->snapshot)
        status = spoilt(
            assembly, engine_preload(*out, assembly->snapshot, assembly->snapshot_bytes, err), err);
    if (!status)
        status = engine_start(*out, assembly->reason, err);
    if (!status && assembly->snapshot)
        status = spoilt(
            assembly, engine_restore(*out, assembly->snapshot, assembly->snapshot_bytes, err), err);
    if (status) {
        engine_destroy(*out, TURRET_REASON_SHUTDOWN);
        *out = NULL;
    }
    return status;
}

/* Recursive averages settle only after several lengths: this many look-backs are fed. */
#define WARM_LOOKBACKS 4

static int warm_stream(const struct assembly *assembly, struct engine *engine,
                       const struct config_on *on, turret_time_ns until, struct turret_error *err)
{
    const struct config_instrument *instrument = &assembly->config->instruments[on->instrument];
    uint32_t lookback = engine_lookback(engine, on->instrument + 1, on->timeframe_ns);
    int64_t wanted = (int64_t)lookback * WARM_LOOKBACKS, count, skip;
    struct store *store = services_store(assembly->registry);
    struct store_series series;
    struct turret_bar *bars;
    turret_time_ns from = INT64_MIN;
    int64_t i;
    if (lookback == 0 || until <= 0 || !on->timeframe_ns ||
        store_series_find(store, instrument->data, on->timeframe_ns, &series, NULL))
        return TURRET_OK; /* nothing stored: it warms up from what comes */
    /* weekends and nights: three calendar spans hold the bars wanted, or all there are */
    if (until > 3 * wanted * on->timeframe_ns + 7 * INT64_C(86400000000000))
        from = until - 3 * wanted * on->timeframe_ns - 7 * INT64_C(86400000000000);
    bars = calloc((size_t)wanted * 4 + 16384, sizeof *bars);
    if (!bars)
        return turret_fail(err, TURRET_ENOMEM, "no memory to warm up indicators");
    count = definitions_read_bars(store, instrument, on->instrument + 1, on->timeframe_ns, from,
                                  bars, (uint32_t)(wanted * 4 + 16384), err);
    while (count > 0 && bars[count - 1].time + on->timeframe_ns > until)
        count--;
    skip = count > wanted ? count - wanted : 0;
    engine_begin_warm(engine);
    for (i = skip; i < count; i++)
        engine_warm(engine, &bars[i]);
    free(bars);
    return turret_ok(err);
}

int assemble_warm(const struct assembly *assembly, struct engine *engine,
                  turret_instrument instrument, turret_time_ns until, struct turret_error *err)
{
    const struct config *config = assembly->config;
    uint32_t s, i;
    int status = TURRET_OK;
    if (!services_store(assembly->registry) || until == 0)
        return TURRET_OK;
    for (s = 0; !status && s < config->strategy_count; s++)
        for (i = 0; !status && i < config->strategies[s].on_count; i++)
            if (instrument == 0 || config->strategies[s].on[i].instrument + 1 == instrument)
                status = warm_stream(assembly, engine, &config->strategies[s].on[i], until, err);
    return status;
}

static bool has_cash(const struct engine *engine, uint32_t venue, const char *currency)
{
    uint32_t i;
    for (i = 0; i < engine_account_count(engine); i++) {
        const struct account *account = engine_account(engine, i);
        if (account->venue == venue && !strncmp(account->currency, currency, 8))
            return account->equity.start != 0;
    }
    return true; /* no instrument uses it */
}

void assemble_cash(const struct assembly *assembly, struct engine *engine, turret_time_ns now)
{
    uint32_t v, c;
    for (v = 0; v < assembly->config->venue_count; v++)
        for (c = 0; c < assembly->config->venues[v].cash_count; c++) {
            const struct config_cash *cash = &assembly->config->venues[v].cash[c];
            struct event event;
            if (has_cash(engine, v, cash->currency))
                continue;
            memset(&event, 0, sizeof event);
            event.type = EVENT_CONTROL;
            event.venue = EVENT_FROM_HOST;
            event.time = now;
            event.u.control.kind = CONTROL_CASH;
            event.u.control.target = v;
            event.u.control.value = cash->amount;
            memcpy(event.u.control.currency, cash->currency, sizeof event.u.control.currency);
            engine_ingest(engine, &event);
        }
}
