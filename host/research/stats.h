/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of a line of equity, fed once a day. */
#ifndef RESEARCH_STATS_H
#define RESEARCH_STATS_H

#include <stdint.h>

/*
 * Sharpe ratio: mean / standard deviation (n - 1) of daily returns × √252, risk-free rate 0: the
 * convention of empyrical and zipline. Accumulated by Welford's method.
 */
struct stats {
    double previous, mean, square; /* equity of the day before; of returns */
    uint64_t days;
};

/* `base`: what returns are relative to is the equity itself; a strategy's line adds to this base.
 */
void stats_init(struct stats *stats, double start);
void stats_day(struct stats *stats, double equity);
/* 0 when it is not defined: fewer than two days, or no variation. */
double stats_sharpe(const struct stats *stats);

#endif
