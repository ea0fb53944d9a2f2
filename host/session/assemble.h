/* SPDX-License-Identifier: Apache-2.0 */
/* From a checked configuration, plugins and open venues to a started engine. */
#ifndef SESSION_ASSEMBLE_H
#define SESSION_ASSEMBLE_H

#include "session/venues.h"

struct assembly {
    const struct config *config;
    const struct config *before; /* in force until now: its rules stay, whatever build they have */
    struct registry *registry;
    struct venues *venues; /* NULL: only to see whether it starts; no order would pass */
    FILE *messages;
    uint32_t reason;                 /* TURRET_REASON_… the strategies are told */
    bool recorded;                   /* replay */
    const struct event_loss *losses; /* as in struct engine_options */
    uint32_t loss_count;
    const void *snapshot; /* NULL, or what engine_snapshot() wrote: taken over */
    size_t snapshot_bytes;
    uint32_t orders_max, fills_max; /* remembered; 0: the core's default */
    volatile uint32_t *calling;     /* as in struct engine_options; NULL is allowed */
};

/*
 * Makes the engine and starts its strategies.
 * fails: what is wrong, in the configuration's own form where it is about the configuration;
 *        ECORRUPT at a restart: the snapshot makes no sense
 */
int assemble_engine(const struct assembly *assembly, const struct sink *sink, struct engine **out,
                    struct turret_error *err);

/*
 * What a configuration that comes from a file says and cannot be: limits that nobody set, names in
 * `execution` whose plugins do not do that. A plugin that is missing is told by others. Limits of 0
 * that let nothing be opened are warned of.
 * fails: EINVAL, told to `messages` in the configuration's own form, each of them
 */
int assemble_check(const struct config *config, struct registry *registry, FILE *messages,
                   struct turret_error *err);
/* The same of names in `rules`, where no engine is made that would refuse them. */
int assemble_check_rules(const struct config *config, struct registry *registry, FILE *messages,
                         struct turret_error *err);

/* A strategy's parameters, as the offer's table says. fails: as config_bind_params(); ELIMIT */
int assemble_bind(const struct config *config, const struct config_strategy *given,
                  const struct plugin_offer *offer, struct turret_param_value *values,
                  FILE *messages, struct turret_error *err);

/*
 * What the configuration asks of the plugins of one of its directories; pinned keys are read.
 * fails: as signature_read_key()
 */
int assemble_policy(const struct config *config, uint32_t dir_index, struct plugin_policy *policy,
                    struct turret_error *err);

/*
 * Loads the plugins of one directory of the configuration, as it asks; *loaded counts.
 * fails: as registry_scan(), assemble_policy(); ENOTSUP it asks for what this host does not have
 */
int assemble_scan(const struct config *config, uint32_t dir_index, struct registry *registry,
                  registry_refused_fn *refused, void *context, uint32_t *loaded,
                  struct turret_error *err);

/* Loads every plugin directory of the configuration; refusals go to `messages`, the host goes on.
 */
int assemble_plugins(const struct config *config, const char *private_dir,
                     struct registry **registry, FILE *messages, struct turret_error *err);

/*
 * Feeds bars of the registry's store that ended at `until` or before to indicators that have seen
 * no bar yet; of one instrument, or of all (0).
 */
int assemble_warm(const struct assembly *assembly, struct engine *engine,
                  turret_instrument instrument, turret_time_ns until, struct turret_error *err);

/* The cash each account begins with, as events, for accounts that never had any. */
void assemble_cash(const struct assembly *assembly, struct engine *engine, turret_time_ns now);

#endif
