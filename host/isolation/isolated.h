/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin that never enters this process: a runner tells what it offers, and the types the rest of
 * the host gets have callbacks that talk to runners.
 */
#ifndef ISOLATION_ISOLATED_H
#define ISOLATION_ISOLATED_H

#include "isolation/describe.h"
#include "isolation/runner.h"
#include "plugin/source.h"

struct isolated;

/*
 * As plugin_load_source(), in a runner that ends when it has told.
 * owns:  *out until plugin_unload()
 */
int isolated_load(const struct source *source, const char *private_dir, struct plugin **out,
                  struct turret_error *err);
/* Ends what still runs of it. */
void isolated_unload(struct plugin *plugin);

/*
 * Where a type's id lies: leads from a type, which the host copies, back to what it stands for.
 */
struct isolated_origin {
    struct isolated *isolated;
    uint32_t kind, offer;
    char id[48];
};
const struct isolated_origin *isolated_origin(const char *type_id);

/* A runner for one instance of an offer. fails: as runner_start() */
int isolated_start(const struct isolated_origin *origin, struct runner **out,
                   struct turret_error *err);

/* Looks at a lane before sleeping; benchmarks change it. */
extern uint32_t isolated_spins;

/* ---- the kinds: types whose every callback is set ---- */
extern const struct turret_strategy_type proxy_strategy_type;
extern const struct turret_broker_type proxy_broker_type;
/* For every converter of an isolated strategy; saved_state_converter() says whose it is. */
int32_t proxy_convert(const struct turret_saved *from, struct turret_saved *to,
                      struct turret_error *err);
/* NULL: all seats are taken. `type` is borrowed until it is released. */
const struct turret_indicator_type *proxy_indicator_claim(const struct isolated_origin *origin,
                                                          const struct turret_indicator_type *type);
void proxy_indicator_release(const struct isolated_origin *origin);

#endif
