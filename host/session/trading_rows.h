/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trading states and the latched stops as rows of the store, to be read without a daemon:
 * STORE_META, keys "trading" and "stops", byte for byte. They are written in the transaction of the
 * record that changed them.
 */
#ifndef SESSION_TRADING_ROWS_H
#define SESSION_TRADING_ROWS_H

#include "core/engine.h"
#include "core/trading.h"
#include "store/store.h"

/* fails: EFULL the batch has no room */
int trading_rows_put(struct store_batch *batch, const struct engine *engine);
/* *count is 0 when nothing was ever set. fails: ECORRUPT, EVERSION */
int trading_rows_get(struct store *store, struct trading_latch latches[TRADING_LATCHES_MAX],
                     uint32_t *count, struct turret_error *err);
int trading_rows_get_stops(struct store *store, struct engine_stop stops[ENGINE_STOPS_MAX],
                           uint32_t *count, struct turret_error *err);

#endif
