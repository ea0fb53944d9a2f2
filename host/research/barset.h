/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of one file on their way into a series: kept, scaled to integers, adjusted, put in
 * order.
 */
#ifndef RESEARCH_BARSET_H
#define RESEARCH_BARSET_H

#include "research/barfile.h"
#include "research/factors.h"
#include "store/store.h"

#define BARSET_ROWS_MAX 16777216 /* 1 GiB of rows; larger files are to be split */
#define BARSET_RUN      65536    /* bars of one barset_run() */

/* Zeroed to begin with. */
struct barset {
    struct barfile_row *rows;
    size_t count, capacity;
    int64_t *columns; /* room for one run */
};

/* Into which integers. factors NULL: unadjusted. */
struct barset_scale {
    int32_t price, qty;
    bool round; /* what has more decimals is rounded half up instead of refused */
    enum factors_adjust adjust;
    const struct factors *factors;
};

/* fails: ENOMEM, ELIMIT */
int barset_add(struct barset *set, const struct barfile_row *row, struct turret_error *err);
/* The fewest decimals that hold every value so far: raises *price and *qty. */
void barset_need(const struct barfile_row *row, int32_t *price, int32_t *qty);
/*
 * Scales one row in place: digits[] are units of 10^-scale afterwards.
 * fails: EINVAL (text: "open 12.345 has more than 2 decimals; …")
 */
int barset_scale_row(struct barfile_row *row, const struct barset_scale *scale,
                     struct turret_error *err);
/*
 * Ascending by time. Of rows with the same time the later one stays.
 * *moved: 1 when rows were out of order; *repeated: rows dropped.
 */
void barset_order(struct barset *set, bool *moved, uint64_t *repeated);
/*
 * Up to BARSET_RUN bars from row `from` on as columns, borrowed until the next call; answers how
 * many, 0 at the end. fails: ENOMEM
 */
int barset_run(struct barset *set, size_t from, struct store_bars *bars, struct turret_error *err);
void barset_clear(struct barset *set);  /* no rows, memory kept */
void barset_finish(struct barset *set); /* zeroed is allowed */

#endif
