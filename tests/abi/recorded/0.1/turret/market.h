/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a market says: instruments, bars, trades, quotes, book levels, status, splits.
 * Prices and quantities are integers in the instrument's own scale.
 */
#ifndef TURRET_MARKET_H
#define TURRET_MARKET_H

#include <turret/core.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TURRET_STATUS_OPEN   1 /* orders are accepted and matched */
#define TURRET_STATUS_HALTED 2 /* known, but no trading now */
#define TURRET_STATUS_CLOSED 3 /* outside its session */

/*
 * What an instrument is. The host's; valid while the instance lives. Grows at the end.
 *
 * units:  prices in 10^-price_scale, quantities in 10^-qty_scale, both scales 0…12
 */
struct turret_instrument_def {
    uint32_t struct_size;
    turret_instrument id;
    char symbol[32];  /* "SPY" */
    char venue[16];   /* "sim" */
    char currency[8]; /* "USD" */
    int32_t price_scale, qty_scale;
    int32_t currency_scale; /* cash in this currency counts 10^-currency_scale */
    uint32_t status;        /* TURRET_STATUS_… */
    turret_price tick_size; /* > 0 */
    turret_qty lot_size;    /* > 0 */
    turret_qty min_qty, max_qty;
    int64_t multiplier; /* contract multiplier, units of the underlying a contract: >= 1 */
};

/* One bar, complete. `time` is its opening; it is delivered when it ends, at time + timeframe. */
struct turret_bar {
    turret_instrument instrument;
    uint32_t flags;       /* 0; reserved */
    int64_t timeframe_ns; /* 60 * 10^9 for one minute */
    turret_time_ns time;
    turret_price open, high, low, close;
    turret_qty volume;
};

#define TURRET_SIDE_BUY  1
#define TURRET_SIDE_SELL 2

struct turret_trade {
    turret_instrument instrument;
    uint32_t aggressor; /* TURRET_SIDE_…, 0 not known */
    turret_time_ns time;
    turret_price price;
    turret_qty qty;
    uint64_t trade_id; /* the venue's, 0 when it has none */
};

struct turret_quote {
    turret_instrument instrument;
    uint32_t flags;
    turret_time_ns time;
    turret_price bid, ask; /* 0 = that side is empty */
    turret_qty bid_qty, ask_qty;
};

#define TURRET_LEVEL_SET   1 /* the level's quantity is now qty; 0 removes it */
#define TURRET_LEVEL_CLEAR 2 /* the whole side is gone (start of a snapshot) */

struct turret_level {
    turret_instrument instrument;
    uint8_t side;   /* TURRET_SIDE_… */
    uint8_t action; /* TURRET_LEVEL_… */
    uint8_t last;   /* 1 on the last change of one venue message */
    uint8_t reserved;
    turret_time_ns time;
    turret_price price;
    turret_qty qty;
};

struct turret_status {
    turret_instrument instrument;
    uint32_t status; /* TURRET_STATUS_… */
    turret_time_ns time;
};

/* From `time` on, `numerator` new units stand for `denominator` old ones (7:1 is 7, 1). */
struct turret_split {
    turret_instrument instrument;
    uint32_t numerator, denominator;
    uint32_t reserved;
    turret_time_ns time;
};

/* How many outputs an indicator may have. */
#define TURRET_OUTPUTS_MAX 4

/* The latest values of one indicator, written by the host, read by strategies. */
struct turret_slot {
    double value[TURRET_OUTPUTS_MAX];
    uint32_t ready; /* 1 once every output is defined; stays 1 */
    uint32_t reserved;
};

TURRET_STATIC_ASSERT(sizeof(struct turret_bar) == 64, "turret_bar");
TURRET_STATIC_ASSERT(offsetof(struct turret_bar, timeframe_ns) == 8, "turret_bar.timeframe_ns");
TURRET_STATIC_ASSERT(offsetof(struct turret_bar, time) == 16, "turret_bar.time");
TURRET_STATIC_ASSERT(offsetof(struct turret_bar, open) == 24, "turret_bar.open");
TURRET_STATIC_ASSERT(offsetof(struct turret_bar, high) == 32, "turret_bar.high");
TURRET_STATIC_ASSERT(offsetof(struct turret_bar, low) == 40, "turret_bar.low");
TURRET_STATIC_ASSERT(offsetof(struct turret_bar, close) == 48, "turret_bar.close");
TURRET_STATIC_ASSERT(offsetof(struct turret_bar, volume) == 56, "turret_bar.volume");
TURRET_STATIC_ASSERT(sizeof(struct turret_trade) == 40, "turret_trade");
TURRET_STATIC_ASSERT(offsetof(struct turret_trade, price) == 16, "turret_trade.price");
TURRET_STATIC_ASSERT(offsetof(struct turret_trade, qty) == 24, "turret_trade.qty");
TURRET_STATIC_ASSERT(sizeof(struct turret_quote) == 48, "turret_quote");
TURRET_STATIC_ASSERT(offsetof(struct turret_quote, bid) == 16, "turret_quote.bid");
TURRET_STATIC_ASSERT(offsetof(struct turret_quote, bid_qty) == 32, "turret_quote.bid_qty");
TURRET_STATIC_ASSERT(sizeof(struct turret_level) == 32, "turret_level");
TURRET_STATIC_ASSERT(offsetof(struct turret_level, price) == 16, "turret_level.price");
TURRET_STATIC_ASSERT(sizeof(struct turret_status) == 16, "turret_status");
TURRET_STATIC_ASSERT(sizeof(struct turret_split) == 24, "turret_split");
TURRET_STATIC_ASSERT(sizeof(struct turret_slot) == 40, "turret_slot");
TURRET_STATIC_ASSERT(offsetof(struct turret_slot, ready) == 32, "turret_slot.ready");
TURRET_STATIC_ASSERT(offsetof(struct turret_instrument_def, symbol) == 8, "instrument.symbol");
TURRET_STATIC_ASSERT(offsetof(struct turret_instrument_def, price_scale) == 64, "price_scale");
TURRET_STATIC_ASSERT(offsetof(struct turret_instrument_def, tick_size) == 80, "tick_size");
TURRET_STATIC_ASSERT(offsetof(struct turret_instrument_def, multiplier) == 112, "multiplier");
TURRET_STATIC_ASSERT(sizeof(struct turret_instrument_def) == 120, "turret_instrument_def");

#ifdef __cplusplus
}
#endif

#endif
