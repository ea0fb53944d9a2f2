/* SPDX-License-Identifier: Apache-2.0 */
/* What a backtest says when bars that a strategy asks for are not in the store. */
#ifndef RESEARCH_MISSING_BARS_H
#define RESEARCH_MISSING_BARS_H

#include "config/config.h"
#include "store/store.h"

/* Tells the place of `on`, what is stored of series `name`, and how to import; answers EINVAL. */
int missing_bars(const struct config *config, const struct config_on *on, const char *name,
                 struct store *store, FILE *messages, struct turret_error *err);

#endif
