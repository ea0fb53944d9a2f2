/* SPDX-License-Identifier: Apache-2.0 */
/* The synthetic market. */
#ifndef SIM_MARKET_H
#define SIM_MARKET_H

#include "sim.h"

/* The first bar opens at 2024-01-02T14:30:00Z; the market never closes. */
#define MARKET_FIRST_OPEN_NS 1704205800000000000LL

/* Arms the timer of the next bar, when there is a market. */
void market_start(struct sim *sim);

/* Sends one bar time of all instruments, in id order, and arms the timer again. */
void market_turn(struct sim *sim);

#endif
