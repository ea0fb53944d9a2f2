/* SPDX-License-Identifier: Apache-2.0 */
/* Three stages without a host between them. */
#ifndef BENCH_TICK_CHAIN_H
#define BENCH_TICK_CHAIN_H

#include <stdint.h>

struct chain_state {
    double average;
    int64_t wanted, largest, dearest;
    int eager; /* another wish with every tick */
};

double chain_indicator(struct chain_state *state, int64_t price);
int64_t chain_strategy(struct chain_state *state, double average, int64_t price);
int chain_risk(struct chain_state *state, int64_t wanted, int64_t price);

#endif
