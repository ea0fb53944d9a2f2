/* SPDX-License-Identifier: Apache-2.0 */
/* The host's side of a strategy bench; only for check_strategy*.c. */
#ifndef CHECK_CHECK_STRATEGY_HOST_H
#define CHECK_CHECK_STRATEGY_HOST_H

#include "check/check_strategy.h"

void strategy_bench_offer_host(struct strategy_bench *bench);
/* Values of all indicators for this bar. */
void strategy_bench_set_slots(struct strategy_bench *bench, uint32_t bar_number);
/* Tells new orders, ends cancelled ones, fills what the bar fills. */
void strategy_bench_settle(struct strategy_bench *bench, const struct turret_bar *bar);
/* Around every callback. */
void strategy_bench_enter(struct strategy_bench *bench, const char *name);
void strategy_bench_leave(struct strategy_bench *bench);

#endif
