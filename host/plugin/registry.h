/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this host has: kinds → plugins → instances, with health; and the host's own services, found
 * by name. Nothing in the host reaches another part by a global.
 */
#ifndef PLUGIN_REGISTRY_H
#define PLUGIN_REGISTRY_H

#include "plugin/policy.h"

#define REGISTRY_PLUGINS_MAX   1024
#define REGISTRY_INSTANCES_MAX 1024
#define REGISTRY_SERVICES_MAX  32

struct registry;

int registry_create(struct registry **out, const char *private_dir, struct turret_error *err);
void registry_destroy(struct registry *registry); /* unloads every plugin; NULL is allowed */

/*
 * Why a file in a scanned directory was not loaded; with the code TURRET_OK, what else is to be
 * said: PLUGIN_SIGNING_WARN and no good signature, or a minimum whose id looks mistyped.
 */
typedef void registry_refused_fn(void *context, const char *path, const struct turret_error *why);
/*
 * Loads every *.so of a directory that the policy (NULL: zeroed) lets pass, in name order. A
 * refused file is told to `refused` and skipped. *loaded counts.
 *
 * fails: ENOTFOUND, EIO the directory cannot be read; EDENIED others can write to it
 */
int registry_scan(struct registry *registry, const char *directory,
                  const struct plugin_policy *policy, registry_refused_fn *refused, void *context,
                  uint32_t *loaded, struct turret_error *err);
/*
 * Loads one file.
 * fails: as source_init(), plugin_load(); EEXIST duplicate plugin id (text names both files)
 */
int registry_load(struct registry *registry, const char *path, const struct plugin_policy *policy,
                  struct turret_error *err);

/*
 * The offer of `kind` with this id; the part after the last dot is enough when it is unique.
 * fails: ENOTFOUND (text lists what there is, and "did you mean"), EEXIST ambiguous (names them)
 */
int registry_find(const struct registry *registry, uint32_t kind, const char *id,
                  const struct plugin_offer **offer, const struct plugin **plugin,
                  struct turret_error *err);

typedef int registry_offer_fn(void *context, const struct plugin *plugin,
                              const struct plugin_offer *offer);
/* Every offer whose kind is in the mask, in id order; non-zero from the callback stops. */
int registry_each(const struct registry *registry, uint32_t kinds, registry_offer_fn *each,
                  void *context);

/* ---- other builds: of a plugin, beside the one that names lead to ---- */

#define REGISTRY_BUILDS_MAX 256

/* Keeps a loaded plugin that names do not lead to; the registry's from here on. fails: ELIMIT */
int registry_keep_build(struct registry *registry, struct plugin *plugin, struct turret_error *err);
/*
 * Names lead to this kept build from here on; the one they led to is kept. A build of an id that
 * is new here is simply added.
 * fails: ENOTFOUND it is not kept; ENOMEM
 */
int registry_promote(struct registry *registry, const struct plugin *plugin,
                     struct turret_error *err);
/* The plugin of this build id (raw, zero-padded), named or kept. NULL when there is none. */
const struct plugin *registry_find_build(const struct registry *registry, const uint8_t build[32]);
/* The plugin that names lead to, by its own id. */
const struct plugin *registry_find_plugin(const struct registry *registry, const char *id);
/* Takes a kept build out again; the caller's from here on. NULL: it is not kept. */
struct plugin *registry_take_build(struct registry *registry, const struct plugin *plugin);
uint32_t registry_build_count(const struct registry *registry);
const struct plugin *registry_build(const struct registry *registry, uint32_t index);
const char *registry_private_dir(const struct registry *registry);

/* ---- instances: the logical names that events, orders and state belong to ---- */

enum registry_health {
    HEALTH_STARTING,
    HEALTH_READY,
    HEALTH_DEGRADED,
    HEALTH_FAULT,
    HEALTH_STOPPED
};
const char *registry_health_name(enum registry_health health);

struct registry_instance {
    char name[48]; /* "strategy spy-cross", "venue sim" */
    uint32_t kind;
    enum registry_health health;
    char reason[160]; /* why it is not READY, one line */
    const struct plugin *plugin;
    const struct plugin_offer *offer;
};
/* fails: EEXIST, ELIMIT. The answer is the registry's and stays valid. */
int registry_add_instance(struct registry *registry, const char *name, const struct plugin *plugin,
                          const struct plugin_offer *offer, struct registry_instance **out,
                          struct turret_error *err);
struct registry_instance *registry_find_instance(struct registry *registry, const char *name);
void registry_set_health(struct registry_instance *instance, enum registry_health health,
                         const char *reason);
typedef int registry_instance_fn(void *context, const struct registry_instance *instance);
int registry_each_instance(const struct registry *registry, registry_instance_fn *each,
                           void *context);

/* ---- services of the host itself, "store", "clock", "log" … ---- */

/* fails: EEXIST, ELIMIT. `service` stays the provider's. */
int registry_provide(struct registry *registry, const char *name, void *service,
                     struct turret_error *err);
/* NULL when nobody provides it. */
void *registry_service(const struct registry *registry, const char *name);

#endif
