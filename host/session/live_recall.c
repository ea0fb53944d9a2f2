/* SPDX-License-Identifier: Apache-2.0 */
/* Which build ran what at a sequence of the past, out of the rows of swaps. */
#include "session/live_state.h"

#include "session/rows.h"

#include <stdlib.h>
#include <string.h>

/* The build of one thing at a sequence, out of the rows of swaps. */
struct recall {
    const char *instance; /* or NULL: of a plugin, whatever the instance */
    const char *plugin;
    uint64_t sequence;
    bool before, after;
    uint8_t build[32];
};

static int see_swap(void *context, const void *key, size_t key_bytes, uint16_t version,
                    const void *value, size_t value_bytes)
{
    struct recall *recall = context;
    struct row_swap row;
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION || value_bytes != sizeof row)
        return 0;
    memcpy(&row, value, sizeof row);
    if (row.phase == SWAP_PREPARE) /* what still ran then */
        memcpy(row.to_build, row.from_build, sizeof row.to_build);
    if ((row.phase != SWAP_PREPARE && row.phase != SWAP_COMMIT && row.phase != SWAP_ROLLBACK) ||
        strcmp(recall->instance ? row.instance : row.plugin,
               recall->instance ? recall->instance : recall->plugin) != 0)
        return 0;
    if (row.sequence <= recall->sequence) {
        recall->before = true;
        memcpy(recall->build, row.to_build, sizeof recall->build);
    } else if (!recall->before && !recall->after) {
        recall->after = true;
        memcpy(recall->build, row.from_build, sizeof recall->build);
    }
    return 0;
}

static bool recall_row(struct live *live, const char *name, uint8_t build[32])
{
    struct row_instance row;
    uint16_t version;
    size_t size = LIVE_BATCH_BYTES;
    uint8_t *stored = malloc(size);
    bool found = stored &&
                 store_get(live->store, STORE_INSTANCE, name, strlen(name), &version, stored, &size,
                           NULL) == TURRET_OK &&
                 version == ROWS_VERSION && size >= sizeof row;
    if (found) {
        memcpy(&row, stored, sizeof row);
        memcpy(build, row.build, sizeof row.build);
    }
    free(stored);
    return found;
}

static bool recall_instance(struct live *live, const char *name, uint64_t sequence,
                            uint8_t build[32])
{
    struct recall recall = {.instance = name, .sequence = sequence};
    (void)store_scan(live->store, STORE_SWAP, NULL, 0, see_swap, &recall, NULL, NULL);
    memcpy(build, recall.build, 32);
    return recall.before || recall.after || recall_row(live, name, build);
}

/* A build whose file is gone from everywhere: what is in the directory has to do, and is told. */
static int set_instance(struct live *live, const char *name, uint32_t kind, const char *id,
                        const uint8_t build[32], struct turret_error *err)
{
    struct registry_instance *instance = registry_find_instance(live->registry, name);
    struct turret_error why = {0};
    const struct plugin_offer *offer;
    const struct plugin *plugin, *named;
    int status = registry_find(live->registry, kind, id, &offer, &named, err);
    if (status)
        return status;
    if (live_bring_build(live, build, &plugin, &why)) {
        live_say(live, "turret: %s ran a build that is gone: %s\n", name, why.text);
        return TURRET_OK;
    }
    offer = live_offer_of(plugin, kind, plugin_offer_id(offer));
    if (!offer)
        return TURRET_OK; /* the configuration names another plugin since */
    if (!instance)
        status = registry_add_instance(live->registry, name, plugin, offer, &instance, err);
    if (status)
        return status;
    instance->plugin = plugin;
    instance->offer = offer;
    registry_set_health(instance, HEALTH_READY, "");
    return TURRET_OK;
}

/* Names lead to the build that they led to then. */
static void recall_names(struct live *live, uint64_t sequence, const struct plugin *plugin)
{
    struct recall recall = {.plugin = plugin->file.note.id, .sequence = sequence};
    const struct plugin *then;
    char name[64];
    (void)store_scan(live->store, STORE_SWAP, NULL, 0, see_swap, &recall, NULL, NULL);
    live_name_indicators(plugin, name);
    if ((recall.before || recall.after || recall_row(live, name, recall.build)) &&
        live_bring_build(live, recall.build, &then, NULL) == TURRET_OK && then != plugin)
        (void)registry_promote(live->registry, then, NULL);
}

/* ---- names ---- */

static int see_instance(void *context, const struct registry_instance *instance)
{
    struct live *live = context;
    if (instance->plugin &&
        registry_find_plugin(live->registry, instance->plugin->file.note.id) != instance->plugin)
        (void)registry_promote(live->registry, instance->plugin, NULL);
    return 0;
}

void live_settle_names(struct live *live)
{
    uint32_t i;
    (void)registry_each_instance(live->registry, see_instance, live);
    for (i = 0; i < registry_build_count(live->registry); i++) {
        const struct plugin *plugin = registry_build(live->registry, i);
        const struct plugin *named = registry_find_plugin(live->registry, plugin->file.note.id);
        if (engine_uses_indicators(live->engine, plugin) &&
            !(named && engine_uses_indicators(live->engine, named)))
            (void)registry_promote(live->registry, plugin, NULL);
    }
}

static int see_plugin(void *context, const struct plugin *plugin, const struct plugin_offer *offer)
{
    const struct plugin **plugins = context;
    uint32_t i;
    (void)offer;
    for (i = 0; plugins[i] && plugins[i] != plugin; i++)
        ;
    if (i < REGISTRY_PLUGINS_MAX)
        plugins[i] = plugin;
    return 0;
}

int live_recall_builds(struct live *live, uint64_t sequence, struct turret_error *err)
{
    const struct plugin **plugins = calloc(REGISTRY_PLUGINS_MAX + 1, sizeof *plugins);
    uint8_t build[32];
    char name[64];
    uint32_t i;
    int status = TURRET_OK;
    if (!plugins)
        return turret_fail(err, TURRET_ENOMEM, "no memory to recall builds");
    (void)registry_each(live->registry,
                        TURRET_KIND_STRATEGY | TURRET_KIND_INDICATOR | TURRET_KIND_BROKER,
                        see_plugin, plugins);
    for (i = 0; plugins[i]; i++)
        recall_names(live, sequence, plugins[i]);
    free(plugins);
    for (i = 0; !status && i < live->config->strategy_count; i++) {
        const struct config_strategy *strategy = &live->config->strategies[i];
        (void)snprintf(name, sizeof name, "strategy %.38s", strategy->name);
        if (recall_instance(live, name, sequence, build))
            status = set_instance(live, name, TURRET_KIND_STRATEGY, strategy->plugin, build, err);
    }
    for (i = 0; !status && i < live->config->venue_count; i++) {
        const struct config_venue *venue = &live->config->venues[i];
        (void)snprintf(name, sizeof name, "venue %s", venue->name);
        if (recall_instance(live, name, sequence, build))
            status = set_instance(live, name, TURRET_KIND_BROKER, venue->adapter, build, err);
    }
    return status;
}

struct before {
    char instance[48];
    bool found;
    uint8_t build[32];
};

static int see_before(void *context, const void *key, size_t key_bytes, uint16_t version,
                      const void *value, size_t value_bytes)
{
    struct before *before = context;
    struct row_swap row;
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION || value_bytes != sizeof row)
        return 0;
    memcpy(&row, value, sizeof row);
    if (row.phase != SWAP_COMMIT || strcmp(row.instance, before->instance) != 0)
        return 0;
    before->found = true;
    memcpy(before->build, row.from_build, sizeof before->build);
    return 0;
}

int live_build_before(struct live *live, const char *strategy, uint8_t build[32],
                      struct turret_error *err)
{
    struct before before = {.found = false};
    (void)snprintf(before.instance, sizeof before.instance, "strategy %.38s", strategy);
    (void)store_scan(live->store, STORE_SWAP, NULL, 0, see_before, &before, NULL, NULL);
    memcpy(build, before.build, sizeof before.build);
    return before.found
               ? TURRET_OK
               : turret_fail(err, TURRET_ENOTFOUND,
                             "strategy %s never ran another build on this store", strategy);
}
