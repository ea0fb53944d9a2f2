/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the daemon held for positions and no longer will. The store tells it whoever comes first: an
 * order that is HELD there is cancelled when the daemon next runs; one that a quick daemon, or one
 * that was told before, has cancelled already is CANCELED there, in the transaction of the kill or
 * a later one, and says that this was why.
 */
#include "session/halt.h"

#include "session/trading_rows.h"

#include <stdlib.h>
#include <string.h>

bool halt_is_held(const struct halt_order *order)
{
    return order->proof == HALT_INSIDE && order->order.state == TURRET_STATE_HELD;
}

bool halt_is_kept(const struct halt_result *result, const struct halt_order *order)
{
    return result->recorded && halt_is_held(order) &&
           order->order.request != TURRET_REQUEST_PENDING_CANCEL;
}

/* By a person's word or by time: no price sets it off, it waits to be sent. */
static bool closes(const struct order *order)
{
    return order->role == ORDER_EXIT && order->parent == 0 && order->type == TURRET_ORDER_MARKET;
}

static void count(struct halt_result *result, const struct row_names *names,
                  const struct order *order, bool kept)
{
    struct halt_lost *lost, *bigger;
    uint32_t i;
    for (i = 0; i < result->lost_count; i++) {
        lost = &result->lost[i];
        if (lost->kept == kept && lost->closes == closes(order) &&
            !strncmp(lost->symbol, names->symbol, sizeof lost->symbol - 1) &&
            !strncmp(lost->venue, names->venue, sizeof lost->venue - 1)) {
            lost->orders++;
            return;
        }
    }
    bigger = realloc(result->lost, (result->lost_count + 1) * sizeof *bigger);
    if (!bigger)
        return; /* what was halted is told all the same */
    result->lost = bigger;
    lost = &result->lost[result->lost_count++];
    *lost = (struct halt_lost){.orders = 1, .kept = kept, .closes = closes(order)};
    (void)snprintf(lost->symbol, sizeof lost->symbol, "%.31s", names->symbol);
    (void)snprintf(lost->venue, sizeof lost->venue, "%.15s", names->venue);
}

/* ---- what the daemon has cancelled ---- */

struct looking {
    struct halt_result *result;
    const char *venue;
    struct trading_latch latches[TRADING_LATCHES_MAX];
    uint32_t latch_count;
};

/* Whether a kill that stands ended it; one that was lifted since is none. */
static bool was_killed(const struct looking *looking, const struct row_order *row)
{
    uint32_t i;
    for (i = 0; i < looking->latch_count; i++) {
        const struct trading_latch *latch = &looking->latches[i];
        if (latch->state == TRADING_KILLED && row->order.updated >= latch->since &&
            (latch->scope == TRADING_ALL ||
             (latch->scope == TRADING_VENUE &&
              !strncmp(latch->name, row->names.venue, sizeof row->names.venue))))
            return true;
    }
    return false;
}

static int see_order(void *context, const void *key, size_t key_bytes, uint16_t version,
                     const void *value, size_t value_bytes)
{
    struct looking *looking = context;
    struct row_order row;
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION || value_bytes != sizeof row)
        return 0; /* halt_read_orders() tells of it */
    memcpy(&row, value, sizeof row);
    if (order_is_whole(&row.order) && row.order.state == TURRET_STATE_CANCELED &&
        row.order.let_go == ORDER_LET_GO_KILLED && order_protects(&row.order) &&
        !order_was_there(&row.order) && !row.order.venue_order_id[0] && was_killed(looking, &row) &&
        (!looking->venue || !strncmp(looking->venue, row.names.venue, sizeof row.names.venue)) &&
        !halt_find(looking->result, row.order.id))
        count(looking->result, &row.names, &row.order, false);
    return 0;
}

void halt_read_lost(struct halt_result *result, struct store *store, const char *venue)
{
    struct looking *looking = calloc(1, sizeof *looking);
    uint64_t damaged = 0;
    uint32_t i;
    for (i = 0; i < result->count; i++) {
        const struct halt_order *order = &result->orders[i];
        if (halt_is_held(order) && order_protects(&order->order))
            count(result, &order->names, &order->order, halt_is_kept(result, order));
    }
    if (!looking)
        return;
    looking->result = result;
    looking->venue = venue;
    if (trading_rows_get(store, looking->latches, &looking->latch_count, NULL) == TURRET_OK)
        (void)store_scan(store, STORE_ORDER, NULL, 0, see_order, looking, &damaged, NULL);
    free(looking);
}
