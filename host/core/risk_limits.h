/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits the risk gate enforces. A limit that nobody set denies: RISK_UNSET is not infinity.
 */
#ifndef CORE_RISK_LIMITS_H
#define CORE_RISK_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#define RISK_UNSET INT64_MIN

/* The stricter one is the larger. */
#define RISK_SELF_TRADE_ALLOW 0
#define RISK_SELF_TRADE_DENY  1

/*
 * One scope's limits (the account's, or one strategy's, which can only be tighter).
 * units: _nano 10^-9 units of the instrument; money in 10^-8 of the account's currency; _ppm parts
 *        per million; _ns nanoseconds; counts plain
 */
struct risk_limits {
    int64_t max_order_qty_nano;
    int64_t max_order_notional;
    int64_t max_position_nano; /* worst case: position and everything that may still fill */
    int64_t max_position_notional;
    int64_t max_open_orders;
    int64_t max_orders_per_minute;
    int64_t collar_ppm;       /* how far a price may be from the reference */
    int64_t reference_age_ns; /* how old the reference may be, in event time */
    int64_t daily_loss;       /* money lost since the day began, or … */
    int64_t daily_loss_ppm;   /* … part of the equity the day began with; one of both suffices */
    int64_t drawdown_ppm;     /* from the highest equity: stop */
    int64_t leverage_ppm;     /* gross exposure over equity; 1000000 = no borrowing */
    int64_t duplicate_ns;     /* how long an order may not be said again, in event time; 0 it may */
    int64_t self_trade;       /* RISK_SELF_TRADE_… */
    int64_t gross_exposure;   /* worst-case value of all positions, long and short added up */
    int64_t net_exposure;     /* of long less short positions, either way */
    int64_t concentration_ppm; /* value of one instrument over equity */
    int64_t loss_streak;       /* losing round trips of a strategy in a row before it cools down */
    int64_t cool_down_ns;      /* how long after the last of them, in event time */
    int64_t fills_per_minute;  /* executions of one strategy; more latch it */
    int64_t max_unexecuted;    /* value of everything that may still fill */
    int64_t messages_per_fill; /* orders, changes and cancels of a strategy in a day */
    int64_t collar_window_ns;  /* how long the first order's reference binds; 0 not */
    int64_t collar_drift_ppm;  /* how far a price may be from that reference */
    int64_t max_clock_skew_ns; /* of a venue that tells its time */
    int64_t sector_ppm;        /* value of all instruments of one sector over equity */
    int64_t correlation_ppm;   /* value of everything that moves with one instrument over equity */
    int64_t correlation_from_ppm; /* the correlation, either way, from which it does */
    /* These two only alarm; unset they do not. */
    int64_t max_slippage_ppm; /* of a fill from the mark when its order went out */
    int64_t max_rejects_ppm;  /* of a strategy's orders of a day */
};

/* Every field RISK_UNSET. */
void risk_limits_clear(struct risk_limits *limits);

/* One row per limit: what config, docs and `config show` call it. */
enum risk_limit_unit {
    RISK_UNIT_QTY,
    RISK_UNIT_MONEY,
    RISK_UNIT_COUNT,
    RISK_UNIT_PERCENT,
    RISK_UNIT_PART, /* a percentage of what there is: at most 100% */
    RISK_UNIT_DURATION,
    RISK_UNIT_SELF_TRADE,
    RISK_UNIT_MONEY_OR_PERCENT /* such a part */
};
/* Whom a limit binds: the account and each strategy by itself, or the account alone. */
enum risk_limit_of { RISK_OF_EACH, RISK_OF_ACCOUNT };
struct risk_limit_row {
    const char *name;
    enum risk_limit_unit unit;
    enum risk_limit_of of;
    uint32_t offset;         /* in struct risk_limits */
    uint32_t percent_offset; /* for MONEY_OR_PERCENT: where a percentage goes */
    int64_t development;     /* the value of `preset: development` */
    const char *help;
    bool alarms; /* it denies nothing: unset it is off */
};
/* Ends with a row whose name is NULL. */
extern const struct risk_limit_row risk_limit_rows[];

#endif
