/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adjustment factors of a stock: rows "yyyymmdd,price factor,split factor[,…]", ascending. The
 * first row whose date is not before a bar's date applies: adjusted price = raw × price factor ×
 * split factor, adjusted volume = raw ÷ split factor, each rounded half up to the series' scale.
 */
#ifndef RESEARCH_FACTORS_H
#define RESEARCH_FACTORS_H

#include "research/decimal.h"

enum factors_adjust { ADJUST_NONE, ADJUST_SPLIT, ADJUST_TOTAL };

struct factors;

/* fails: as csv_open(); EINVAL a row that is no factor row, dates not ascending, no row at all */
int factors_load(struct factors **out, const char *path, struct turret_error *err);
/*
 * What applies to a bar of this day (days since the epoch): SPLIT leaves the price factor out.
 * Behind the last row both are 1.
 */
void factors_find(const struct factors *factors, enum factors_adjust adjust, int32_t day,
                  struct decimal_factor *price, struct decimal_factor *volume);
void factors_destroy(struct factors *factors); /* NULL is allowed */

#endif
