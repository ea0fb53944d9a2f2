/* SPDX-License-Identifier: Apache-2.0 */
#include "session/trading_rows.h"

#include "session/rows.h"

#define KEY       "trading"
#define KEY_BYTES (sizeof KEY - 1)

int trading_rows_put(struct store_batch *batch, const struct engine *engine)
{
    uint32_t count = engine_trading_count(engine);
    return store_batch_put(batch, STORE_META, KEY, KEY_BYTES, ROWS_VERSION,
                           engine_trading_latch(engine, 0), count * sizeof(struct trading_latch));
}

int trading_rows_get(struct store *store, struct trading_latch latches[TRADING_LATCHES_MAX],
                     uint32_t *count, struct turret_error *err)
{
    size_t size = TRADING_LATCHES_MAX * sizeof *latches;
    struct turret_error why = {0};
    uint16_t version = 0;
    uint32_t i;
    int status = store_get(store, STORE_META, KEY, KEY_BYTES, &version, latches, &size, &why);
    *count = 0;
    if (status == TURRET_ENOTFOUND)
        return TURRET_OK;
    if (status)
        return turret_fail(err, status, "%s", why.text);
    if (version != ROWS_VERSION)
        return turret_fail(err, TURRET_EVERSION,
                           "store %.300s: the trading states have version %u, this turret knows "
                           "%u: use the turret that wrote them",
                           store_path(store), version, ROWS_VERSION);
    *count = (uint32_t)(size / sizeof *latches);
    for (i = 0; i < *count; i++)
        if (!trading_latch_is_whole(&latches[i]))
            return turret_fail(err, TURRET_ECORRUPT,
                               "store %.300s: the row of trading states is damaged; run: turret "
                               "journal verify",
                               store_path(store));
    return TURRET_OK;
}
