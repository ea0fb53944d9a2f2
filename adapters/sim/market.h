/* SPDX-License-Identifier: Apache-2.0 */
/* The synthetic market. */
#ifndef SIM_MARKET_H
#define SIM_MARKET_H

#include "sim.h"

/* The first bar opens at 2024-01-02T14:30:00Z; the market never closes. */
#define MARKET_FIRST_OPEN_NS 1704205800000000000LL

/*
 * Puts every path where the uninterrupted run has it before bar `number`, by generating all bars
 * before it. Costs about a tenth of a microsecond a bar and instrument.
 */
void market_seek(struct sim *sim, int64_t number);

/*
 * The first bar that ends at `now` or after: where a run that was interrupted then goes on. Of the
 * bar that ends at `now` some instruments may have been taken; the host drops those it has.
 */
int64_t market_number_at(const struct sim *sim, turret_time_ns now);

/* After import_state(): back by one bar time if the host lacks a part of the newest one. */
void market_step_back(struct sim *sim);

/* Arms the timer of the next bar, when there is a market. */
void market_start(struct sim *sim);

/* Sends one bar time of all instruments, in id order, and arms the timer again. */
void market_turn(struct sim *sim);

#endif
