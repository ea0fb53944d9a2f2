/* SPDX-License-Identifier: Apache-2.0 */
#include "session/services.h"

#define STORE_NAME "store"
#define LOOP_NAME  "loop"

int services_offer_store(struct registry *registry, struct store *store, struct turret_error *err)
{
    return registry_provide(registry, STORE_NAME, store, err);
}

int services_offer_loop(struct registry *registry, struct loop *loop, struct turret_error *err)
{
    return registry_provide(registry, LOOP_NAME, loop, err);
}

struct store *services_store(const struct registry *registry)
{
    return registry_service(registry, STORE_NAME);
}

struct loop *services_loop(const struct registry *registry)
{
    return registry_service(registry, LOOP_NAME);
}
