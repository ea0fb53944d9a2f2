/* SPDX-License-Identifier: Apache-2.0 */
/* Instruments from the configuration, and their stored bars. */
#include "session/definitions.h"

#include "core/money.h"

#include <string.h>

void definitions_fill(const struct config_instrument *from, turret_instrument id,
                      struct turret_instrument_def *to)
{
    memset(to, 0, sizeof *to);
    to->struct_size = (uint32_t)sizeof *to;
    to->id = id;
    memcpy(to->symbol, from->symbol, sizeof to->symbol);
    memcpy(to->venue, from->venue, sizeof to->venue);
    memcpy(to->currency, from->currency, sizeof to->currency);
    to->price_scale = from->price_scale;
    to->qty_scale = from->qty_scale;
    to->currency_scale = MONEY_SCALE;
    to->status = TURRET_STATUS_OPEN;
    to->tick_size = from->tick_size;
    to->lot_size = from->lot_size;
    to->min_qty = from->min_qty;
    to->max_qty = from->max_qty;
    to->multiplier = from->multiplier;
}

int definitions_scale(const struct config_instrument *instrument, const struct store_series *series,
                      struct definitions_scale *scale, struct turret_error *err)
{
    int32_t price = instrument->price_scale - series->price_scale;
    int32_t qty = instrument->qty_scale - series->qty_scale;
    if (price < 0 || qty < 0)
        return turret_fail(err, TURRET_EINVAL,
                           "stored bars of %s have %d price and %d quantity decimals, instrument "
                           "%s.%s has %d and %d; set price_scale: %d and qty_scale: %d there",
                           series->name, series->price_scale, series->qty_scale, instrument->symbol,
                           instrument->venue, instrument->price_scale, instrument->qty_scale,
                           series->price_scale, series->qty_scale);
    scale->price = money_power10(price);
    scale->qty = money_power10(qty);
    return TURRET_OK;
}

static void copy_bar(const struct store_bars *from, uint32_t i,
                     const struct definitions_scale *scale, turret_instrument id,
                     int64_t timeframe_ns, struct turret_bar *to)
{
    to->instrument = id;
    to->flags = 0;
    to->timeframe_ns = timeframe_ns;
    to->time = from->time[i];
    to->open = from->open[i] * scale->price;
    to->high = from->high[i] * scale->price;
    to->low = from->low[i] * scale->price;
    to->close = from->close[i] * scale->price;
    to->volume = from->volume[i] * scale->qty;
}

int64_t definitions_read_bars(struct store *store, const struct config_instrument *instrument,
                              turret_instrument id, int64_t timeframe_ns, turret_time_ns from,
                              struct turret_bar *bars, uint32_t capacity, struct turret_error *err)
{
    struct store_series series;
    struct definitions_scale scale;
    struct store_cursor *cursor;
    struct store_bars run;
    uint32_t i, copied = 0;
    if (store_series_find(store, instrument->data, timeframe_ns, &series, err) ||
        definitions_scale(instrument, &series, &scale, err) ||
        store_cursor_open(&cursor, store, instrument->data, timeframe_ns, from, INT64_MAX, err))
        return 0;
    while (copied < capacity && store_cursor_next(cursor, &run, err) == 1)
        for (i = 0; i < run.count && copied < capacity; i++)
            copy_bar(&run, i, &scale, id, timeframe_ns, &bars[copied++]);
    store_cursor_close(cursor);
    return copied;
}
