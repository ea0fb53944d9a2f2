/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backtest: the same core as live, fed from stored bars, orders carried to the simulated venue at
 * once. Nothing is journaled; the store is only read.
 */
#ifndef RESEARCH_BACKTEST_H
#define RESEARCH_BACKTEST_H

#include "session/assemble.h"

#include <stdio.h>

struct backtest_options {
    const struct config *config;
    struct registry *registry; /* offers the store the bars are in (session/services.h) */
    FILE *messages;
    FILE *equity; /* one CSV line a day: time,equity,cash; may be NULL */
    FILE *fills;  /* one CSV line a fill; may be NULL */
    /* Now and then; non-zero ends the run early, with results so far. May be NULL. */
    int (*progress)(void *context, uint64_t bars, uint64_t total);
    void *context;
};

/* One line of results: the whole, or one strategy. Money in 10^-8 of the account's currency. */
struct backtest_line {
    char name[ENGINE_NAME_MAX];
    char plugin[48];
    turret_money start_equity, end_equity, fees, max_drawdown;
    uint64_t orders, fills, denials, trades, wins;
    double net_profit_pct, win_rate_pct, max_drawdown_pct, sharpe;
    char fault[160];
    bool ready; /* its indicators were, at the end */
};

struct backtest_result {
    struct backtest_line all;
    uint32_t strategy_count;
    struct backtest_line *strategies;
    char currency[8];
    uint64_t bars, events;
    turret_time_ns first, last; /* event time */
    int64_t wall_ns;
    uint8_t hash[32]; /* SHA-256 over every fill and every order's end, in order */
    bool interrupted;
};

/* owns: *result until backtest_result_finish(). fails: what is missing or wrong; nothing was run */
int backtest_run(const struct backtest_options *options, struct backtest_result *result,
                 struct turret_error *err);
void backtest_result_finish(struct backtest_result *result);

#endif
