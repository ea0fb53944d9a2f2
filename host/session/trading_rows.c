/* SPDX-License-Identifier: Apache-2.0 */
#include "session/trading_rows.h"

#include "session/rows.h"

#include <string.h>

/* Rows of STORE_META. */
static const char states_key[] = "trading", stops_key[] = "stops";

int trading_rows_put(struct store_batch *batch, const struct engine *engine)
{
    struct engine_stop stops[ENGINE_STOPS_MAX];
    uint32_t count = engine_stops(engine, stops, ENGINE_STOPS_MAX);
    int status = store_batch_put(batch, STORE_META, states_key, sizeof states_key - 1, ROWS_VERSION,
                                 engine_trading_latch(engine, 0),
                                 engine_trading_count(engine) * sizeof(struct trading_latch));
    return status ? status
                  : store_batch_put(batch, STORE_META, stops_key, sizeof stops_key - 1,
                                    ROWS_VERSION, stops, count * sizeof *stops);
}

/* *size is the room, then what is there; 0 when nothing is. */
static int get(struct store *store, const char *key, void *to, size_t *size,
               struct turret_error *err)
{
    struct turret_error why = {0};
    uint16_t version = ROWS_VERSION;
    int status = store_get(store, STORE_META, key, strlen(key), &version, to, size, &why);
    if (status)
        *size = 0;
    if (status && status != TURRET_ENOTFOUND)
        return turret_fail(err, status, "%s", why.text);
    if (version != ROWS_VERSION)
        return turret_fail(err, TURRET_EVERSION,
                           "store %.300s: the trading states have version %u, this turret knows "
                           "%u: use the turret that wrote them",
                           store_path(store), version, ROWS_VERSION);
    return TURRET_OK;
}

static int damaged(struct store *store, struct turret_error *err)
{
    return turret_fail(err, TURRET_ECORRUPT,
                       "store %.300s: the row of trading states is damaged; run: turret "
                       "journal verify",
                       store_path(store));
}

int trading_rows_get(struct store *store, struct trading_latch latches[TRADING_LATCHES_MAX],
                     uint32_t *count, struct turret_error *err)
{
    size_t size = TRADING_LATCHES_MAX * sizeof *latches;
    uint32_t i;
    int status = get(store, states_key, latches, &size, err);
    *count = (uint32_t)(size / sizeof *latches);
    for (i = 0; !status && i < *count; i++)
        if (!trading_latch_is_whole(&latches[i]))
            status = damaged(store, err);
    return status;
}

int trading_rows_get_stops(struct store *store, struct engine_stop stops[ENGINE_STOPS_MAX],
                           uint32_t *count, struct turret_error *err)
{
    size_t size = ENGINE_STOPS_MAX * sizeof *stops;
    uint32_t i;
    int status = get(store, stops_key, stops, &size, err);
    *count = (uint32_t)(size / sizeof *stops);
    for (i = 0; !status && i < *count; i++)
        if (!engine_stop_is_whole(&stops[i]))
            status = damaged(store, err);
    return status;
}
