/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Volume-weighted average price, over a moving window (LEAN's, with price ohlc4), since the UTC day
 * began, or since the first bar (Stock.Indicators). Where no volume was traded, the bar's own
 * price.
 *
 * A window's sums are never subtracted from: a quiet hour after a busy one must not be priced from
 * the busy one's rounding errors. They are this lap so far plus the end of the lap before, whose
 * ring is turned into sums up to its end when it ends (see moving_range in window.h).
 */
#include "smooth.h"

#define DAY_NS INT64_C(86400000000000)

#define ANCHOR_WINDOW 0
#define ANCHOR_DAY    1
#define ANCHOR_START  2

#define PRICE_HLC3  0
#define PRICE_OHLC4 1
#define PRICE_CLOSE 2

/* behind it, for a window only: rings of value and of volume, a zero behind the last of each */
struct vwap {
    struct long_sum value, volume; /* this lap, this day or everything */
    turret_time_ns day;            /* beginning of the UTC day they are of */
    uint32_t anchor, price;
    uint32_t length, at; /* window only */
    uint64_t full;
};

static const char *const outputs[] = {"value"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "period", 20, 0, 10000, "bars", "window; 0 = since the first bar"),
    TURRET_PARAM_TEXT(2, "anchor", "window", "window|day|start",
                      "moving window, or since the UTC day or the first bar (period is ignored)"),
    TURRET_PARAM_TEXT(3, "price", "hlc3", "hlc3|ohlc4|close", "a bar's price; LEAN uses ohlc4"),
};

/* Bars in the window; 0 when it has another anchor. */
static uint32_t window(const struct turret_param_value *param)
{
    int other = text_is(&param[1], "day") || text_is(&param[1], "start");
    return other ? 0 : (uint32_t)turret_arg_int(param, 0);
}

static uint64_t state_size(const struct turret_param_value *param)
{
    uint64_t length = window(param);
    return sizeof(struct vwap) + (length > 0 ? 2 * (length + 1) * sizeof(double) : 0);
}

static int32_t start(void *state, const struct turret_param_value *param, struct turret_error *err)
{
    struct vwap *v = state;
    v->length = window(param);
    v->anchor = v->length > 0 ? ANCHOR_WINDOW : ANCHOR_START;
    if (text_is(&param[1], "day"))
        v->anchor = ANCHOR_DAY;
    v->price = text_is(&param[2], "ohlc4") ? PRICE_OHLC4 : PRICE_HLC3;
    if (text_is(&param[2], "close"))
        v->price = PRICE_CLOSE;
    return turret_ok(err);
}

static uint32_t lookback(const struct turret_param_value *param)
{
    uint32_t length = window(param);
    return length > 0 ? length - 1 : 0;
}

ALWAYS_INLINE double price_of(const struct vwap *v, const struct turret_candle *bar)
{
    double hlc = bound(bar->high) + bound(bar->low) + bound(bar->close);
    if (v->price == PRICE_CLOSE)
        return bound(bar->close);
    return v->price == PRICE_OHLC4 ? (hlc + bound(bar->open)) / 4 : hlc / 3;
}

/* Begins the sums again with a bar of another day. */
ALWAYS_INLINE void turn_day(struct vwap *v, turret_time_ns time)
{
    if (time >= v->day && (uint64_t)time - (uint64_t)v->day < (uint64_t)DAY_NS && v->full)
        return;
    int64_t into = time % DAY_NS;
    v->day = time - (into < 0 && time >= INT64_MIN + DAY_NS ? into + DAY_NS : into);
    v->value = v->volume = (struct long_sum){0, 0};
}

/* Answers the window's sums after adding one bar's. */
ALWAYS_INLINE void slide(struct vwap *v, double *rings, double *value, double *volume)
{
    double *values = rings, *volumes = rings + v->length + 1;
    v->value.sum += *value;
    v->volume.sum += *volume;
    values[v->at] = *value;
    volumes[v->at] = *volume;
    *value = v->value.sum + values[v->at + 1];
    *volume = v->volume.sum + volumes[v->at + 1];
    if (++v->at < v->length)
        return;
    double from_here = 0, volume_from_here = 0;
    for (uint32_t i = v->length; i-- > 0;) {
        values[i] = from_here += values[i];
        volumes[i] = volume_from_here += volumes[i];
    }
    v->value.sum = v->volume.sum = 0;
    v->at = 0;
    v->full = 1;
}

ALWAYS_INLINE double step(struct vwap *v, double *rings, const struct turret_candle *bar)
{
    double price = price_of(v, bar), volume = amount(bar->volume), value = price * volume;
    if (v->anchor == ANCHOR_WINDOW) {
        slide(v, rings, &value, &volume);
    } else {
        if (v->anchor == ANCHOR_DAY)
            turn_day(v, bar->time);
        value = long_sum_add(&v->value, value);
        volume = long_sum_add(&v->volume, volume);
        v->full = 1;
    }
    return volume > 0 ? bound(value / volume) : price;
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct vwap *v = state;
    out[0] = step(v, (double *)(v + 1), bar);
    return (int32_t)v->full;
}

static int32_t update_block(void *state, const struct turret_block *bars, double *const *out)
{
    struct vwap *v = state;
    struct vwap local = *v;
    const struct turret_block in = *bars;
    double *value = out[0];
    int32_t warming = 0;
    for (uint32_t i = 0; i < in.count; i++) {
        struct turret_candle bar = candle_at(&in, i);
        value[i] = step(&local, (double *)(v + 1), &bar);
        warming += !local.full;
    }
    *v = local;
    return warming;
}

TURRET_INDICATOR("turret.vwap", "1.0.0",
                 "Volume-weighted average price over a window, the UTC day or everything; of "
                 "hlc3 (Stock.Indicators) or ohlc4 (LEAN); the bar's price without volume",
                 outputs, params, state_size, start, lookback, update, update_block);
