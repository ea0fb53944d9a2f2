/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `turret data import` without its options: files of bars into one series of the store. A file is
 * read and checked whole before anything of it is stored.
 */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include "cli/cli.h"
#include "research/barset.h"

#define IMPORT_MESSAGES_MAX 20 /* bad rows told one by one; the rest is only counted */

struct import_plan {
    struct barfile_format format;
    struct store_series series;  /* name, timeframe; scales when known */
    bool price_known, qty_known; /* scales are given, or those of the stored series */
    bool skip;                   /* bad rows are told and left out instead of ending the import */
    bool round;
    enum factors_adjust adjust;
    const struct factors *factors;     /* NULL: none */
    const volatile sig_atomic_t *stop; /* a person wants it to end */
};

struct import_totals {
    uint64_t files, rows, skipped, repeated, twice;
    uint64_t outside;      /* rows outside the hours wanted */
    uint64_t files_sorted; /* whose rows were out of order */
    struct store_merge merge;
};

/*
 * Imports one file after the other; *totals says what is in the store, also after a failure.
 *
 * fails: EINVAL a bad row or file: nothing of this file is stored; ESTATE stopped by a person;
 *        as store_bars_merge()
 */
int import_files(const struct cli *cli, struct store *store, struct import_plan *plan,
                 const char *const *files, int file_count, struct import_totals *totals,
                 struct turret_error *err);

#endif
