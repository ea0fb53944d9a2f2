/* SPDX-License-Identifier: Apache-2.0 */
/* Controls after the trade: they alarm, and stop what went wrong. */
#ifndef CORE_POST_TRADE_H
#define CORE_POST_TRADE_H

#include "core/state.h"

/* A fill was booked. */
void post_trade_fee(struct engine *engine, const struct fill *fill);

#endif
