/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's names: logical instances with their health, and the host's own services. */
#include "plugin/registry_state.h"

#include <assert.h>
#include <string.h>

const char *registry_health_name(enum registry_health health)
{
    switch (health) {
    case HEALTH_STARTING:
        return "starting";
    case HEALTH_READY:
        return "ready";
    case HEALTH_DEGRADED:
        return "degraded";
    case HEALTH_FAULT:
        return "fault";
    case HEALTH_STOPPED:
        return "stopped";
    }
    return "?";
}

/* Room-checked copy of a name that must not be empty. */
static int take_name(char *to, size_t room, const char *what, const char *name,
                     struct turret_error *err)
{
    size_t length = strlen(name);
    if (length == 0 || length >= room)
        return turret_fail(err, TURRET_ELIMIT,
                           "%s name '%.80s' has %zu characters; 1 to %zu are taken", what, name,
                           length, room - 1);
    memcpy(to, name, length + 1);
    return TURRET_OK;
}

int registry_add_instance(struct registry *registry, const char *name, const struct plugin *plugin,
                          const struct plugin_offer *offer, struct registry_instance **out,
                          struct turret_error *err)
{
    struct registry_instance *instance = &registry->instances[registry->instance_count];
    if (registry_find_instance(registry, name))
        return turret_fail(err, TURRET_EEXIST, "instance '%s' exists already; choose another name",
                           name);
    if (registry->instance_count == REGISTRY_INSTANCES_MAX)
        return turret_fail(err, TURRET_ELIMIT, "no room for instance '%.80s': %d exist", name,
                           REGISTRY_INSTANCES_MAX);
    int status = take_name(instance->name, sizeof instance->name, "instance", name, err);
    if (status)
        return status;
    instance->kind = offer ? offer->kind : 0;
    instance->plugin = plugin;
    instance->offer = offer;
    registry_set_health(instance, HEALTH_STARTING, "not started yet");
    registry->instance_count++;
    if (out)
        *out = instance;
    return TURRET_OK;
}

struct registry_instance *registry_find_instance(struct registry *registry, const char *name)
{
    for (uint32_t i = 0; i < registry->instance_count; i++)
        if (strcmp(registry->instances[i].name, name) == 0)
            return &registry->instances[i];
    return NULL;
}

int registry_find_for(struct registry *registry, const char *name, uint32_t kind, const char *id,
                      const struct plugin_offer **offer, const struct plugin **plugin,
                      struct turret_error *err)
{
    const struct registry_instance *instance = registry_find_instance(registry, name);
    int status = registry_find(registry, kind, id, offer, plugin, err);
    if (status || !instance || !instance->plugin || !instance->offer ||
        strcmp(plugin_offer_id(instance->offer), plugin_offer_id(*offer)) != 0)
        return status;
    *offer = instance->offer;
    *plugin = instance->plugin;
    return TURRET_OK;
}

void registry_set_health(struct registry_instance *instance, enum registry_health health,
                         const char *reason)
{
    if (health == HEALTH_READY || !reason)
        reason = "";
    instance->health = health;
    (void)snprintf(instance->reason, sizeof instance->reason, "%s", reason);
    for (char *c = instance->reason; *c; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
}

int registry_each_instance(const struct registry *registry, registry_instance_fn *each,
                           void *context)
{
    for (uint32_t i = 0; i < registry->instance_count; i++) {
        int answer = each(context, &registry->instances[i]);
        if (answer != 0)
            return answer;
    }
    return 0;
}

int registry_provide(struct registry *registry, const char *name, void *service,
                     struct turret_error *err)
{
    struct registry_service *place = &registry->services[registry->service_count];
    assert(service);
    if (registry_service(registry, name))
        return turret_fail(err, TURRET_EEXIST, "service '%s' is provided already", name);
    if (registry->service_count == REGISTRY_SERVICES_MAX)
        return turret_fail(err, TURRET_ELIMIT, "no room for service '%.80s': %d exist", name,
                           REGISTRY_SERVICES_MAX);
    int status = take_name(place->name, sizeof place->name, "service", name, err);
    if (status)
        return status;
    place->service = service;
    registry->service_count++;
    return TURRET_OK;
}

void *registry_service(const struct registry *registry, const char *name)
{
    for (uint32_t i = 0; i < registry->service_count; i++)
        if (strcmp(registry->services[i].name, name) == 0)
            return registry->services[i].service;
    return NULL;
}
