/* SPDX-License-Identifier: Apache-2.0 */
/* Several builds of one plugin: one that names lead to, others that instances still run. */
#include "plugin/registry_state.h"

#include <string.h>

void plugin_build_bytes(const struct plugin_file *file, uint8_t build[32])
{
    memset(build, 0, 32);
    for (size_t i = 0; i < 64 && file->build_id[i]; i++) {
        char c = file->build_id[i];
        unsigned digit = c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
        build[i / 2] = (uint8_t)(build[i / 2] | (digit & 15u) << (i % 2 ? 0 : 4));
    }
}

int registry_keep_build(struct registry *registry, struct plugin *plugin, struct turret_error *err)
{
    if (registry->build_count == REGISTRY_BUILDS_MAX)
        return turret_fail(err, TURRET_ELIMIT, "%s: %d builds beside those in use, no more fit",
                           plugin->file.path, REGISTRY_BUILDS_MAX);
    registry->builds[registry->build_count++] = plugin;
    return TURRET_OK;
}

struct plugin *registry_take_build(struct registry *registry, const struct plugin *plugin)
{
    for (uint32_t i = 0; i < registry->build_count; i++) {
        struct plugin *found = registry->builds[i];
        if (found != plugin)
            continue;
        registry->builds[i] = registry->builds[--registry->build_count];
        return found;
    }
    return NULL;
}

/* Names no longer lead to plugin `index`; answers it. */
static struct plugin *unlist(struct registry *registry, uint32_t index)
{
    struct plugin *plugin = registry->plugins[index];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < registry->offer_count; i++)
        if (registry->offers[i].plugin != plugin)
            registry->offers[kept++] = registry->offers[i];
    registry->offer_count = kept;
    registry->plugin_count--;
    for (uint32_t i = index; i < registry->plugin_count; i++) {
        registry->plugins[i] = registry->plugins[i + 1];
        registry->id_hashes[i] = registry->id_hashes[i + 1];
    }
    return plugin;
}

int registry_promote(struct registry *registry, const struct plugin *plugin,
                     struct turret_error *err)
{
    struct plugin *taken = registry_take_build(registry, plugin);
    if (!taken)
        return turret_fail(err, TURRET_ENOTFOUND, "%s: this build is not kept", plugin->file.path);
    for (uint32_t i = 0; i < registry->plugin_count; i++)
        if (strcmp(registry->plugins[i]->file.note.id, plugin->file.note.id) == 0) {
            registry->builds[registry->build_count++] = unlist(registry, i);
            break;
        }
    if (registry_list_plugin(registry, taken))
        return turret_fail(err, TURRET_ENOMEM, "%s: no memory to list its offers",
                           plugin->file.path);
    return TURRET_OK;
}

static bool has_build(const struct plugin *plugin, const uint8_t build[32])
{
    uint8_t own[32];
    plugin_build_bytes(&plugin->file, own);
    return memcmp(own, build, sizeof own) == 0;
}

const struct plugin *registry_find_build(const struct registry *registry, const uint8_t build[32])
{
    for (uint32_t i = 0; i < registry->plugin_count; i++)
        if (has_build(registry->plugins[i], build))
            return registry->plugins[i];
    for (uint32_t i = 0; i < registry->build_count; i++)
        if (has_build(registry->builds[i], build))
            return registry->builds[i];
    return NULL;
}

const struct plugin *registry_find_plugin(const struct registry *registry, const char *id)
{
    for (uint32_t i = 0; i < registry->plugin_count; i++)
        if (strcmp(registry->plugins[i]->file.note.id, id) == 0)
            return registry->plugins[i];
    return NULL;
}

uint32_t registry_build_count(const struct registry *registry)
{
    return registry->build_count;
}

const struct plugin *registry_build(const struct registry *registry, uint32_t index)
{
    return registry->builds[index];
}

const char *registry_private_dir(const struct registry *registry)
{
    return registry->private_dir;
}
