/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How large a position a strategy's wish becomes. With a policy, turret_target() says which way and
 * the host how much: when a position is opened or turned, not again while it stands.
 *
 * Volatility target: equity × target / realised volatility. Kelly (1956): f = W - (1 - W) / R, of
 * which a part is taken; W is the share of round trips won, R what is won on average over what is
 * lost.
 */
#ifndef CORE_SIZING_H
#define CORE_SIZING_H

#include <stdint.h>

enum size_policy { SIZE_AS_WISHED, SIZE_FIXED, SIZE_EQUITY, SIZE_VOLATILITY, SIZE_KELLY };

/* units: _ppm parts per million; a part of the equity is of the account's */
struct sizing {
    enum size_policy policy;
    int64_t qty_nano;       /* FIXED: 10^-9 units of the instrument */
    int64_t equity_ppm;     /* EQUITY: this part; VOLATILITY, KELLY: no more than it */
    int64_t start_ppm;      /* VOLATILITY, KELLY: as long as too little has been seen */
    int64_t volatility_ppm; /* of a year, to be reached */
    int64_t days;           /* VOLATILITY: over how many it is measured */
    int64_t kelly_ppm;      /* the part of f that is taken */
    int64_t trades;         /* KELLY: round trips before f counts */
    int64_t drawdown_ppm;   /* here the size has shrunk to 0, in a straight line; 0: it does not */
};

/* What a policy reads and writes; ends with a row whose name is NULL. */
enum sizing_unit { SIZING_PERCENT, SIZING_QTY, SIZING_COUNT };
struct sizing_row {
    const char *name;
    uint32_t policies; /* 1u << SIZE_… which have it */
    enum sizing_unit unit;
    uint32_t offset;            /* in struct sizing */
    int64_t min, max, standard; /* standard INT64_MIN: has to be said */
};
extern const struct sizing_row sizing_rows[];
/* By enum size_policy; NULL behind the last. */
extern const char *const sizing_policy_names[];

#endif
