/* SPDX-License-Identifier: Apache-2.0 */
/* Orders against bars and trades. */
#ifndef SIM_MATCH_H
#define SIM_MATCH_H

#include "sim.h"

/* Lets the instrument's working orders meet the bar. */
void match_bar(struct sim *sim, struct sim_instrument *instrument, const struct turret_bar *bar);

void match_trade(struct sim *sim, struct sim_instrument *instrument,
                 const struct turret_trade *trade);

/* market_fill this_close: fills a market order that just arrived at the last price, if any. */
void match_at_last(struct sim *sim, struct sim_order *order);

#endif
