/* SPDX-License-Identifier: Apache-2.0 */
/* What a registry is made of; only for the registry's own files. */
#ifndef PLUGIN_REGISTRY_STATE_H
#define PLUGIN_REGISTRY_STATE_H

#include "plugin/registry.h"

struct registry_offer {
    const struct plugin *plugin;
    const struct plugin_offer *offer;
};

struct registry_service {
    char name[32];
    void *service;
};

struct registry {
    char private_dir[PLUGIN_PATH_MAX];
    uint32_t plugin_count, instance_count, service_count;
    uint32_t offer_count, offer_capacity;
    struct registry_offer *offers;                /* sorted by id, kind, plugin */
    struct plugin *plugins[REGISTRY_PLUGINS_MAX]; /* in the order they were loaded */
    struct plugin *builds[REGISTRY_BUILDS_MAX];   /* kept, and no name leads to them */
    uint32_t build_count;
    uint64_t id_hashes[REGISTRY_PLUGINS_MAX]; /* of their ids, same order */
    struct registry_service services[REGISTRY_SERVICES_MAX];
    struct registry_instance instances[REGISTRY_INSTANCES_MAX];
};

/* ---- registry.c ---- */
/* Makes a plugin the one that its names lead to. fails: ENOMEM */
int registry_list_plugin(struct registry *registry, struct plugin *plugin);

#endif
