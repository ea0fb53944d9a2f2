/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a store knows a strategy: a mistyped name looks like one that holds nothing. */
#ifndef CLI_STRATEGY_NAME_H
#define CLI_STRATEGY_NAME_H

#include "store/store.h"

/*
 * Reads every position and order of the store: for names that no row was found of.
 * fails: ENOTFOUND no strategy ever ran or traded there under this name; the text has the nearest
 *        name, or all that there are; ECORRUPT, EVERSION, EIO rows that may name it cannot be read
 */
int strategy_name_check(struct store *store, const char *name, struct turret_error *err);

#endif
