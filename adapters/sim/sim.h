/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated venue's state: what it was opened with, its instruments and their latest market,
 * its orders, its fills and the synthetic market's paths. Everything is an integer.
 *
 * units:  prices, quantities and money as in turret/market.h; times ns since the epoch, UTC
 * owns:   all arrays, allocated by sim.c in open() and freed in close()
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <turret/broker.h>

/* Stated limits. Beyond them a request is refused, never dropped. */
#define SIM_WORKING_MAX       4096u /* orders that can still fill */
#define SIM_FINISHED_MAX      8192u /* finished orders whose ids are still known, at least */
#define SIM_SLOTS             (SIM_WORKING_MAX + SIM_FINISHED_MAX)
#define SIM_INDEX_SIZE        32768u /* power of two, well above the slots */
#define SIM_FILLS_MAX         8192u  /* newest fills that download() and query_fills() can tell */
#define SIM_OUTBOX_MAX        4096u  /* reports kept while the host's queue is full */
#define SIM_INSTRUMENTS_MAX   4096u
#define SIM_INSTRUMENT_ID_MAX 65535u
#define SIM_CURRENCIES_MAX    64u
#define SIM_LEVELS_MAX        4096u /* best levels kept on each side of a book */

#define SIM_NONE    UINT32_MAX
#define SIM_NANO    1000000000LL
#define SIM_MILLION 1000000LL
#define SIM_DAY_NS  86400000000000LL
#define SIM_NO_DAY  (-1)

#define SIM_TIMER_MARKET 0u
#define SIM_TIMER_OUTBOX 1u

/* How a market order fills. */
#define SIM_FILL_NEXT_OPEN  0u
#define SIM_FILL_THIS_CLOSE 1u
#define SIM_FILL_NEXT_CLOSE 2u
#define SIM_FILL_QUOTE      3u

#define SIM_SLIP_NONE         0u
#define SIM_SLIP_TICKS        1u
#define SIM_SLIP_VOLUME_SHARE 2u

/* Products of prices, quantities and rates. */
__extension__ typedef __int128 sim_wide;

/* The parameters as integers; see options.c for what each means. */
struct sim_options {
    uint32_t market_fill; /* SIM_FILL_… */
    uint32_t slippage;    /* SIM_SLIP_… */
    int64_t slippage_ticks, impact_ppm;
    int64_t volume_ppm; /* share of a bar's volume that may fill, 0 not limited */
    int64_t fee_min_nano, fee_per_unit_nano, fee_rate_nano;
    int64_t latency_ns;
    uint32_t synthetic, quotes;
    int64_t bar_ns, pace_ns, bars;
    int64_t start_nano;     /* price of the first bar in 10^-9 */
    int64_t volatility_ppb; /* of one bar in 10^-9 */
};

struct sim_level {
    turret_price price;
    turret_qty qty;
};

/* One side of a book, best level last, so that changes near the best move little memory. */
struct sim_side {
    struct sim_level *level; /* SIM_LEVELS_MAX of them, or NULL before the first LEVEL event */
    uint32_t count;
};

/* Where one instrument's synthetic price stands. */
struct sim_path {
    uint64_t random;
    int64_t price_nano, anchor_nano;
    uint32_t regime, bars_left;
    struct turret_bar bar; /* generated, perhaps not sent yet */
    struct turret_quote quote;
};

struct sim_instrument {
    turret_price last_price;   /* close of the last bar or price of the last trade, 0 none */
    turret_qty last_volume;    /* volume of that bar, quantity of that trade */
    turret_qty last_taken;     /* what orders took of it */
    turret_time_ns bar_time;   /* opening of the last bar */
    int64_t bar_timeframe_ns;  /* its length, 0 before the first */
    turret_time_ns event_time; /* of the last event of any kind */
    uint32_t head, tail;       /* working orders by time of arrival, SIM_NONE when none */
    uint32_t status;           /* TURRET_STATUS_… */
    uint32_t currency;         /* index in sim.currency */
    const struct turret_instrument_def *def;
    turret_qty position;
    turret_price average_price;
    sim_wide value_divisor; /* 10^(price_scale + qty_scale) */
    int64_t qty_unit;       /* 10^qty_scale */
    uint32_t last_was_trade;
    uint32_t quoted, booked;   /* a quote, a book level was seen */
    uint32_t muted;            /* reports unsubscribed, 1u << TURRET_REPORT_… */
    struct turret_quote quote; /* quantities fall as orders take them */
    struct sim_side side[2];   /* bids, asks */
    struct sim_path path;
};

/* An order the venue knows. */
struct sim_order {
    uint64_t id;
    turret_qty qty, filled;
    turret_price limit, stop;
    turret_time_ns active_at; /* events before that time do not see it */
    turret_time_ns updated;
    turret_time_ns pending_at; /* when the waiting modify or cancel arrives */
    turret_qty pending_qty;
    turret_price pending_limit, pending_stop;
    uint32_t pending_kind, pending_request; /* TURRET_REQUEST_…, 0 none */
    uint32_t next, previous;                /* in its instrument's list, or in the finished list */
    uint32_t instrument;                    /* index */
    uint32_t flags, fills;
    int32_t day; /* UTC day a DAY order lives on, SIM_NO_DAY before it met one */
    uint8_t side, type, tif, state;
    uint8_t triggered; /* its stop price has traded */
    uint8_t rested;    /* was not marketable when it met the market: fills as maker */
    uint8_t working;
    uint8_t untold; /* a split changed it: to be reported at the next event */
    char name[24];  /* the venue's id of it */
    char reason[40];
};

struct sim_place {
    uint16_t slot; /* + 1; 0 is empty */
    uint16_t home; /* where a search for that order begins */
};

struct sim_fill {
    uint64_t order_id;
    turret_qty qty;
    turret_price price;
    turret_money fee;
    turret_time_ns time;
    uint32_t instrument, number; /* index; which fill of its order, from 1 */
    uint8_t side, maker;
    uint8_t reserved[6];
};

struct sim_currency {
    char code[8];
    turret_money change; /* cash moved since the first start */
};

struct sim {
    struct turret_broker *self;
    turret_time_ns now; /* time of the event fed last; never goes back */
    struct sim_instrument *instrument;
    uint16_t *by_id; /* instrument id → index + 1 */
    uint32_t instrument_count, id_limit;
    uint32_t connected, complete; /* complete: positions since the first start are known */
    struct sim_options options;
    uint32_t seed;

    struct sim_order *order; /* SIM_SLOTS */
    struct sim_place *index; /* SIM_INDEX_SIZE, order id → slot, open addressing */
    uint32_t slots_used, working_count;
    uint32_t finished_head, finished_tail;
    uint64_t sequence; /* of ORDER reports */

    struct sim_fill *fill; /* ring of SIM_FILLS_MAX */
    uint64_t fill_count;

    struct sim_currency currency[SIM_CURRENCIES_MAX];
    uint32_t currency_count;

    uint32_t outbox_head, outbox_count, outbox_lost;
    turret_time_ns lost_since;    /* when the first report was lost that no download told again */
    struct turret_report *outbox; /* ring of SIM_OUTBOX_MAX */

    int64_t bar_number; /* of the synthetic market; 0 is the first */
    uint32_t bar_ready; /* the paths hold bar bar_number */
    uint32_t cursor;    /* instruments of that bar already sent by this process */
    uint32_t quote_sent, finished;
    uint32_t resume; /* its place is to be found from the newest event, at the next turn */
    turret_time_ns until;
};

/* Instrument by its id, NULL when the venue has none such. */
static inline struct sim_instrument *sim_find(const struct sim *sim, turret_instrument id)
{
    if (id >= sim->id_limit || sim->by_id[id] == 0) {
        return NULL;
    }
    return &sim->instrument[sim->by_id[id] - 1u];
}

/* +1 for a buy, -1 for a sell: prices times this read as a buyer's, so one rule serves both. */
static inline int64_t sim_sign(const struct sim_order *order)
{
    return order->side == TURRET_SIDE_BUY ? 1 : -1;
}

#endif
