/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders at a simulated venue are in the daemon and nowhere else: nobody but it can cancel them,
 * and what became of them is what its store says. Where it does not run they do not work either.
 */
#include "session/halt.h"

#include <string.h>

/* Whether the store says that it has ended, and as what. */
static bool has_ended(struct store *store, uint64_t id, uint8_t *became)
{
    uint8_t key[STORE_NUMBER_KEY];
    struct row_order row;
    uint16_t version = 0;
    size_t size = sizeof row;
    store_number_key(key, id);
    if (store_get(store, STORE_ORDER, key, sizeof key, &version, &row, &size, NULL) ||
        version != ROWS_VERSION || size != sizeof row || !order_is_whole(&row.order) ||
        order_is_working(&row.order))
        return false;
    *became = row.order.state;
    return true;
}

void halt_look_inside(struct halt_result *result, struct store *store)
{
    bool asked = false;
    uint32_t i;
    for (i = 0; i < result->count; i++) {
        struct halt_order *order = &result->orders[i];
        if (order->proof != HALT_WORKS)
            continue;
        if (has_ended(store, order->order.id, &order->became)) {
            order->proof = HALT_GONE;
            continue;
        }
        if (!asked)
            result->daemon = store_daemon(store_path(store));
        asked = true;
        if (result->daemon <= 0)
            order->proof = HALT_INSIDE;
    }
}
