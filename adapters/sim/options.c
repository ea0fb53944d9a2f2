/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated venue's parameters. Real numbers become integers here, once, at open(); nothing
 * after this file sees a double.
 */
#include "options.h"

#include <stdlib.h>
#include <string.h>

enum {
    OPTION_MARKET_FILL = 1,
    OPTION_VOLUME_LIMIT,
    OPTION_SLIPPAGE,
    OPTION_SLIPPAGE_TICKS,
    OPTION_IMPACT,
    OPTION_FEE_PER_UNIT,
    OPTION_FEE_MIN,
    OPTION_FEE_RATE,
    OPTION_LATENCY,
    OPTION_MARKET,
    OPTION_BAR_SECONDS,
    OPTION_PACE,
    OPTION_BARS,
    OPTION_START_PRICE,
    OPTION_VOLATILITY,
    OPTION_QUOTES
};

#define FILL_CHOICES   "next_open|this_close|next_close|quote"
#define SLIP_CHOICES   "none|ticks|volume_share"
#define MARKET_CHOICES "none|synthetic"

const struct turret_param options_table[OPTIONS_COUNT] = {
    TURRET_PARAM_TEXT(OPTION_MARKET_FILL, "market_fill", "next_open", FILL_CHOICES,
                      "where a market order fills: a bar's open or close, or the quote at once"),
    TURRET_PARAM_REAL(OPTION_VOLUME_LIMIT, "volume_limit", 0, 0, 100, "%",
                      "share of a bar's or trade's volume that may fill; 0 is not limited"),
    TURRET_PARAM_TEXT(OPTION_SLIPPAGE, "slippage", "none", SLIP_CHOICES,
                      "how market and stop orders fill worse than the price that triggers them"),
    TURRET_PARAM_INT(OPTION_SLIPPAGE_TICKS, "slippage_ticks", 1, 0, 10000, "ticks",
                     "slippage: ticks, how many against the trader"),
    TURRET_PARAM_REAL(OPTION_IMPACT, "impact", 0.1, 0, 10, "",
                      "slippage: volume_share, price x (1 +- impact x (quantity / volume)^2)"),
    TURRET_PARAM_REAL(OPTION_FEE_PER_UNIT, "commission_per_unit", 0, 0, 1000000, "currency",
                      "fee of one whole unit"),
    TURRET_PARAM_REAL(OPTION_FEE_MIN, "commission_min", 0, 0, 1000000, "currency",
                      "least fee of an order, charged with its first fill"),
    TURRET_PARAM_REAL(OPTION_FEE_RATE, "commission_rate_bps", 0, 0, 10000, "bps",
                      "fee as a share of the fill's value"),
    TURRET_PARAM_INT(OPTION_LATENCY, "latency_ms", 0, 0, 3600000, "ms",
                     "event time until an order, a change or a cancel reaches the venue"),
    TURRET_PARAM_TEXT(OPTION_MARKET, "market", "none", MARKET_CHOICES,
                      "synthetic: the venue makes up bars of all its instruments"),
    TURRET_PARAM_INT(OPTION_BAR_SECONDS, "bar_seconds", 60, 1, 604800, "s",
                     "synthetic: length of a bar"),
    TURRET_PARAM_INT(OPTION_PACE, "pace_ms", 100, 0, 3600000, "ms",
                     "synthetic: real time between bars; 0 is as fast as the host goes"),
    TURRET_PARAM_INT(OPTION_BARS, "bars", 0, 0, 2147483647, "bars",
                     "synthetic: bars since the first start until it finishes; 0 is for ever"),
    TURRET_PARAM_REAL(OPTION_START_PRICE, "start_price", 100, 0.000001, 100000, "",
                      "synthetic: price before the first bar"),
    TURRET_PARAM_REAL(OPTION_VOLATILITY, "volatility_bps", 10, 0, 500, "bps",
                      "synthetic: size of one bar's usual move"),
    TURRET_PARAM_BOOL(OPTION_QUOTES, "quotes", 0,
                      "synthetic: a quote around the close before each bar"),
};

/* Which of the choices "a|b|c" the text is, or -1. */
static int choice(const char *choices, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    for (int at = 0; length > 0 && *choices; at++) {
        size_t span = strcspn(choices, "|");
        if (span == length && strncmp(choices, text, length) == 0) {
            return at;
        }
        choices += span + (choices[span] == '|');
    }
    return -1;
}

/* The value given for a parameter, or the table's default as if it had been given. */
static struct turret_param_value value_of(const struct turret_broker_open *open, uint32_t id)
{
    const struct turret_param *param = &options_table[id - 1];
    for (uint32_t i = 0; i < open->param_count; i++) {
        if (open->params[i].id == id) {
            return open->params[i];
        }
    }
    struct turret_param_value value = {id, param->type, 0, 0, NULL};
    value.text = param->default_text;
    value.f = strtod(param->default_text, NULL);
    value.i = param->type == TURRET_PARAM_TYPE_BOOL ? strcmp(param->default_text, "true") == 0
                                                    : strtoll(param->default_text, NULL, 10);
    return value;
}

static int64_t whole(const struct turret_broker_open *open, uint32_t id, struct turret_error *err)
{
    const struct turret_param *param = &options_table[id - 1];
    struct turret_param_value value = value_of(open, id);
    if (value.i < (int64_t)param->min || value.i > (int64_t)param->max) {
        turret_fail(err, TURRET_EINVAL, "venue %s: %s is %lld, must be %.0f to %.0f", open->venue,
                    param->name, (long long)value.i, param->min, param->max);
        return 0;
    }
    return value.i;
}

/* A real parameter times `scale`, to the nearest integer. */
static int64_t scaled(const struct turret_broker_open *open, uint32_t id, double scale,
                      struct turret_error *err)
{
    const struct turret_param *param = &options_table[id - 1];
    struct turret_param_value value = value_of(open, id);
    if (!(value.f >= param->min && value.f <= param->max)) {
        turret_fail(err, TURRET_EINVAL, "venue %s: %s is %g, must be %g to %g", open->venue,
                    param->name, value.f, param->min, param->max);
        return 0;
    }
    return (int64_t)(value.f * scale + 0.5);
}

static uint32_t chosen(const struct turret_broker_open *open, uint32_t id, struct turret_error *err)
{
    const struct turret_param *param = &options_table[id - 1];
    struct turret_param_value value = value_of(open, id);
    int at = choice(param->unit, value.text);
    if (at < 0) {
        turret_fail(err, TURRET_EINVAL, "venue %s: %s is \"%s\", must be one of %s", open->venue,
                    param->name, value.text ? value.text : "", param->unit);
        return 0;
    }
    return (uint32_t)at;
}

int options_read(const struct turret_broker_open *open, struct sim_options *options,
                 struct turret_error *err)
{
    struct turret_error local = {0};
    struct turret_error *first = err ? err : &local;

    options->market_fill = chosen(open, OPTION_MARKET_FILL, first);
    options->volume_ppm = scaled(open, OPTION_VOLUME_LIMIT, 1e4, first);
    options->slippage = chosen(open, OPTION_SLIPPAGE, first);
    options->slippage_ticks = whole(open, OPTION_SLIPPAGE_TICKS, first);
    options->impact_ppm = scaled(open, OPTION_IMPACT, 1e6, first);
    options->fee_per_unit_nano = scaled(open, OPTION_FEE_PER_UNIT, 1e9, first);
    options->fee_min_nano = scaled(open, OPTION_FEE_MIN, 1e9, first);
    options->fee_rate_nano = scaled(open, OPTION_FEE_RATE, 1e5, first);
    options->latency_ns = whole(open, OPTION_LATENCY, first) * SIM_MILLION;
    options->synthetic = chosen(open, OPTION_MARKET, first);
    options->bar_ns = whole(open, OPTION_BAR_SECONDS, first) * SIM_NANO;
    options->pace_ns = whole(open, OPTION_PACE, first) * SIM_MILLION;
    options->bars = whole(open, OPTION_BARS, first);
    options->start_nano = scaled(open, OPTION_START_PRICE, 1e9, first);
    options->volatility_ppb = scaled(open, OPTION_VOLATILITY, 1e5, first);
    options->quotes = whole(open, OPTION_QUOTES, first) != 0;
    return turret_ok(first);
}
