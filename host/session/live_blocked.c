/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A blocked build that lies in a plugin directory is not used at a start: names lead to the build
 * that ran before it, and what never ran another build is refused.
 */
#include "session/live_state.h"

#include "session/blocked.h"

#include <string.h>

bool live_is_blocked(struct live *live, const struct plugin *plugin, char why[160])
{
    uint8_t build[32];
    plugin_build_bytes(&plugin->file, build);
    return blocked_find(live->store, build, why);
}

/* ---- the build to use instead ---- */

struct instead {
    struct live *live;
    const char *plugin;
    bool found;
    uint8_t build[32];
};

static void consider(struct instead *instead, const uint8_t build[32])
{
    if (blocked_find(instead->live->store, build, NULL))
        return;
    instead->found = true;
    memcpy(instead->build, build, sizeof instead->build);
}

static int see_swap(void *context, const void *key, size_t key_bytes, uint16_t version,
                    const void *value, size_t value_bytes)
{
    struct instead *instead = context;
    struct row_swap row;
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION || value_bytes != sizeof row)
        return 0;
    memcpy(&row, value, sizeof row);
    if (strcmp(row.plugin, instead->plugin) != 0)
        return 0;
    consider(instead, row.from_build);
    if (row.phase == SWAP_COMMIT || row.phase == SWAP_ROLLBACK)
        consider(instead, row.to_build);
    return 0;
}

static int see_instance(void *context, const void *key, size_t key_bytes, uint16_t version,
                        const void *value, size_t value_bytes)
{
    struct instead *instead = context;
    struct row_instance row;
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION || value_bytes < sizeof row)
        return 0;
    memcpy(&row, value, sizeof row);
    if (!strcmp(row.plugin, instead->plugin))
        consider(instead, row.build);
    return 0;
}

static void pass(struct live *live, const struct plugin *plugin, const char *why)
{
    struct instead instead = {.live = live, .plugin = plugin->file.note.id};
    const struct plugin *other;
    (void)store_scan(live->store, STORE_SWAP, NULL, 0, see_swap, &instead, NULL, NULL);
    (void)store_scan(live->store, STORE_INSTANCE, NULL, 0, see_instance, &instead, NULL, NULL);
    if (!instead.found || live_bring_build(live, instead.build, &other, NULL) ||
        registry_promote(live->registry, other, NULL))
        return;
    live_say(live, "turret: %s: build %.12s of %s %s is blocked (%s); build %.12s of %s is used\n",
             plugin->file.path, plugin->file.build_id, plugin->file.note.id,
             plugin->file.note.version, why, other->file.build_id, other->file.note.version);
}

#define PASSED_MAX 64

struct listed {
    struct live *live;
    const struct plugin *blocked[PASSED_MAX];
    uint32_t count;
};

static int see_offer(void *context, const struct plugin *plugin, const struct plugin_offer *offer)
{
    struct listed *listed = context;
    char why[160];
    uint32_t i;
    (void)offer;
    for (i = 0; i < listed->count; i++)
        if (listed->blocked[i] == plugin)
            return 0;
    if (listed->count < PASSED_MAX && live_is_blocked(listed->live, plugin, why))
        listed->blocked[listed->count++] = plugin;
    return 0;
}

#define ANY_KIND (TURRET_KIND_STRATEGY | TURRET_KIND_INDICATOR | TURRET_KIND_BROKER)

void live_pass_blocked(struct live *live)
{
    struct listed listed = {.live = live};
    char why[160];
    uint32_t i;
    (void)registry_each(live->registry, ANY_KIND, see_offer, &listed);
    for (i = 0; i < listed.count; i++)
        if (live_is_blocked(live, listed.blocked[i], why))
            pass(live, listed.blocked[i], why);
}

/* ---- what would run one nevertheless ---- */

static int refuse(struct live *live, const char *instance, const struct plugin *plugin,
                  struct turret_error *err)
{
    uint8_t build[32];
    char why[160];
    if (!plugin || !live_is_blocked(live, plugin, why) ||
        live_build_before(live, instance, plugin, build, NULL) == TURRET_OK)
        return TURRET_OK;
    return turret_fail(err, TURRET_EDENIED,
                       "%s would run build %.12s of %s %s, which is blocked (%s): put another "
                       "build in its directory, or lift it with turret plugin unblock %.12s",
                       instance, plugin->file.build_id, plugin->file.note.id,
                       plugin->file.note.version, why, plugin->file.build_id);
}

/* A newer file of it lies in a plugin directory and comes in as soon as the session runs. */
static bool is_followed(const struct live *live, const struct plugin *plugin)
{
    const char *copies = registry_private_dir(live->registry);
    uint32_t i;
    for (i = 0; i < registry_build_count(live->registry); i++) {
        const struct plugin *other = registry_build(live->registry, i);
        if (!strcmp(other->file.note.id, plugin->file.note.id) &&
            strncmp(other->file.path, copies, strlen(copies)) != 0)
            return true;
    }
    return strncmp(plugin->file.path, copies, strlen(copies)) != 0;
}

/* What goes on from a private copy is held to the minimums as well. */
static int refuse_old(const struct live *live, const char *instance, const struct plugin *plugin,
                      const struct config *config, struct turret_error *err)
{
    const struct turret_note *note = &plugin->file.note;
    uint32_t d, m;
    int order;
    if (is_followed(live, plugin))
        return TURRET_OK;
    for (d = 0; d < config->plugin_dir_count; d++)
        for (m = 0; m < config->plugin_dirs[d].minimum_count; m++) {
            const struct config_minimum *minimum = &config->plugin_dirs[d].minimums[m];
            if (!strcmp(minimum->plugin, note->id) &&
                (!policy_compare_versions(note->version, minimum->version, &order) || order < 0))
                return turret_fail(err, TURRET_EDENIED,
                                   "%s would go on with a copy of %s %s, older than the minimum %s "
                                   "of %.120s:%u; put a newer build in a plugin directory",
                                   instance, note->id, note->version, minimum->version,
                                   config->file, minimum->place.line);
        }
    return TURRET_OK;
}

static int refuse_named(struct live *live, const struct config *config, const char *instance,
                        uint32_t kind, const char *id, struct turret_error *err)
{
    int status;
    const struct plugin_offer *offer;
    const struct plugin *plugin;
    if (registry_find_for(live->registry, instance, kind, id, &offer, &plugin, NULL))
        return TURRET_OK; /* assembling tells it */
    status = refuse(live, instance, plugin, err);
    return status ? status : refuse_old(live, instance, plugin, config, err);
}

int live_refuse_blocked(struct live *live, const struct config *config, bool running,
                        struct turret_error *err)
{
    struct listed listed = {.live = live};
    char name[64];
    uint32_t i;
    int status = TURRET_OK;
    for (i = 0; !status && i < config->strategy_count; i++) {
        const struct config_strategy *strategy = &config->strategies[i];
        (void)snprintf(name, sizeof name, "strategy %.38s", strategy->name);
        if (!running || !registry_find_instance(live->registry, name))
            status = refuse_named(live, config, name, TURRET_KIND_STRATEGY, strategy->plugin, err);
    }
    if (running)
        return status;
    for (i = 0; !status && i < config->venue_count; i++) {
        (void)snprintf(name, sizeof name, "venue %s", config->venues[i].name);
        status =
            refuse_named(live, config, name, TURRET_KIND_BROKER, config->venues[i].adapter, err);
    }
    (void)registry_each(live->registry, TURRET_KIND_INDICATOR, see_offer, &listed);
    for (i = 0; !status && live->engine && i < listed.count; i++)
        if (engine_uses_indicators(live->engine, listed.blocked[i]))
            status = refuse(live, "indicators", listed.blocked[i], err);
    return status;
}

/* ---- what recovery had to run, because it ran then ---- */

static int see_running(void *context, const struct registry_instance *instance)
{
    struct live *live = context;
    struct live_next next = {.plugin = NULL};
    uint8_t build[32];
    char why[160];
    if (!instance->plugin || !live_is_blocked(live, instance->plugin, why) ||
        live_build_before(live, instance->name, instance->plugin, build, NULL) ||
        live_bring_build(live, build, &next.plugin, NULL))
        return 0;
    (void)snprintf(next.only, sizeof next.only, "%s", instance->name);
    live_say(live, "turret: %s ran build %.12s of %s, which is blocked (%s): back to %s\n",
             instance->name, instance->plugin->file.build_id, instance->plugin->file.note.version,
             why, next.plugin->file.note.version);
    return live_swap_queue(live, &next, NULL);
}

void live_leave_blocked(struct live *live)
{
    (void)registry_each_instance(live->registry, see_running, live);
}
