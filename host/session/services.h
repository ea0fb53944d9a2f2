/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's own parts that others look up by name in the registry, each with its type: the one
 * place where names meet types. Who opens a part offers it and closes it after everybody who may
 * look it up.
 *
 * thread: core thread
 */
#ifndef SESSION_SERVICES_H
#define SESSION_SERVICES_H

#include "io/loop.h"
#include "plugin/registry.h"
#include "store/store.h"

/* fails: EEXIST offered already */
int services_offer_store(struct registry *registry, struct store *store, struct turret_error *err);
int services_offer_loop(struct registry *registry, struct loop *loop, struct turret_error *err);

/* NULL: this run has none. */
struct store *services_store(const struct registry *registry);
/* NULL in a backtest: nothing but the market moves time there. */
struct loop *services_loop(const struct registry *registry);

#endif
