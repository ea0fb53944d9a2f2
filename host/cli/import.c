/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading, scaling, ordering, merging. The scales of a new series are found by reading all files
 * once before anything is stored; a single file is kept in memory instead of being read twice.
 */
#include "cli/import.h"

#include "cli/progress.h"

#include <string.h>

#define ROWS_PER_LOOK 4096 /* between two looks at the stop flag and the progress line */

struct import {
    const struct cli *cli;
    struct store *store;
    struct import_plan *plan;
    struct import_totals *totals;
    struct barset set;
    struct barset_scale scale;
    bool counting; /* the pass that only finds the scales */
};

/* A row that is no bar: ends the import or is told and counted. Clears *why then. */
static int bad_row(struct import *import, struct turret_error *why, struct turret_error *err)
{
    if (!import->plan->skip)
        return turret_fail(err, TURRET_EINVAL, "%s", why->text);
    if (!import->counting) {
        if (import->totals->skipped < IMPORT_MESSAGES_MAX)
            cli_note(import->cli, "%s", why->text);
        import->totals->skipped++;
    }
    why->code = 0;
    return TURRET_OK;
}

static int take_row(struct import *import, const struct barfile *file,
                    const struct barfile_row *row, struct turret_error *err)
{
    struct turret_error why = {0};
    if (import->counting) {
        barset_need(row, &import->scale.price, &import->scale.qty);
        return TURRET_OK;
    }
    if (barset_add(&import->set, row, &why))
        return turret_fail(err, why.code, "%s: %s", barfile_name(file), why.text);
    return TURRET_OK;
}

static int stopped(const struct import *import, const char *name, struct turret_error *err)
{
    if (!*import->plan->stop)
        return TURRET_OK;
    return turret_fail(err, TURRET_ESTATE, "%s: stopped", name);
}

static int read_rows(struct import *import, struct barfile *file, struct turret_error *err)
{
    struct turret_error why = {0};
    struct progress progress;
    struct barfile_row row;
    uint64_t rows = 0, done = 0, total = 0;
    int code;
    progress_begin(&progress, import->cli, barfile_name(file), "rows");
    while ((code = barfile_next(file, &row, &why)) > 0) {
        if (code == BARFILE_BAD_ROW ? bad_row(import, &why, err)
                                    : take_row(import, file, &row, err))
            break;
        if (rows++ % ROWS_PER_LOOK)
            continue;
        barfile_position(file, &done, &total);
        progress_step(&progress, rows, done, total);
        if (stopped(import, barfile_name(file), err))
            break;
    }
    progress_end(&progress);
    if (code < 0)
        return turret_fail(err, code, "%s", why.text);
    return turret_ok(err);
}

static int read_file(struct import *import, const char *path, struct turret_error *err)
{
    struct barfile *file = NULL;
    barset_clear(&import->set);
    if (!barfile_open(&file, path, &import->plan->format, import->plan->stop, err))
        (void)read_rows(import, file, err);
    if (file && !import->counting)
        import->totals->outside += barfile_outside(file);
    barfile_close(file);
    return turret_ok(err);
}

/* What the file needs, unless the scale is known; answers through scale and the plan's series. */
static int settle_scales(struct import *import, const struct barset_scale *found,
                         struct turret_error *err)
{
    struct import_plan *plan = import->plan;
    if (!plan->price_known)
        plan->series.price_scale =
            found->price > plan->format.price_decimals ? found->price : plan->format.price_decimals;
    if (!plan->qty_known)
        plan->series.qty_scale = found->qty;
    if (plan->round && plan->series.price_scale > DECIMAL_SCALE_MAX)
        plan->series.price_scale = DECIMAL_SCALE_MAX;
    if (plan->round && plan->series.qty_scale > DECIMAL_SCALE_MAX)
        plan->series.qty_scale = DECIMAL_SCALE_MAX;
    if (plan->series.price_scale > DECIMAL_SCALE_MAX || plan->series.qty_scale > DECIMAL_SCALE_MAX)
        return turret_fail(err, TURRET_EINVAL,
                           "%s have %d decimals, a series holds at most %d; say how many with "
                           "--%s-scale and --round",
                           plan->series.price_scale > DECIMAL_SCALE_MAX ? "prices" : "volumes",
                           plan->series.price_scale > DECIMAL_SCALE_MAX ? plan->series.price_scale
                                                                        : plan->series.qty_scale,
                           DECIMAL_SCALE_MAX,
                           plan->series.price_scale > DECIMAL_SCALE_MAX ? "price" : "qty");
    plan->price_known = plan->qty_known = true;
    return TURRET_OK;
}

/* Reads all files once, only to see how many decimals they have. */
static int find_scales(struct import *import, const char *const *files, int file_count,
                       struct turret_error *err)
{
    import->counting = true;
    for (int i = 0; i < file_count; i++)
        if (read_file(import, files[i], err))
            return turret_ok(err);
    import->counting = false;
    return settle_scales(import, &import->scale, err);
}

/* Scales every row, leaves out those that do not fit, and puts the rest in order. */
static int scale_rows(struct import *import, const char *path, struct turret_error *err)
{
    struct barset *set = &import->set;
    struct turret_error why = {0};
    uint64_t repeated = 0, twice = 0;
    size_t kept = 0;
    bool moved = false;
    for (size_t i = 0; i < set->count; i++) {
        struct barfile_row row = set->rows[i];
        if (barset_scale_row(&row, &import->scale, &why)) {
            struct turret_error placed = {0};
            (void)turret_fail(&placed, why.code, "%s:%u: %.440s", path, row.line, why.text);
            why.code = 0;
            if (bad_row(import, &placed, err))
                return turret_ok(err);
            continue;
        }
        twice += row.twice;
        set->rows[kept++] = row;
    }
    set->count = kept;
    barset_order(set, &moved, &repeated);
    import->totals->repeated += repeated;
    import->totals->twice += twice;
    import->totals->files_sorted += moved;
    return TURRET_OK;
}

static int store_rows(struct import *import, const char *path, struct turret_error *err)
{
    size_t from = 0;
    for (;;) {
        struct store_merge merge = {0};
        struct store_bars bars;
        int count = barset_run(&import->set, from, &bars, err);
        if (count <= 0)
            return count;
        if (stopped(import, path, err))
            return turret_ok(err);
        if (store_bars_merge(import->store, &import->plan->series, &bars, &merge, err))
            return turret_ok(err);
        from += (size_t)count;
        import->totals->rows += (uint64_t)count;
        import->totals->merge.added += merge.added;
        import->totals->merge.replaced += merge.replaced;
        import->totals->merge.unchanged += merge.unchanged;
    }
}

static int import_file(struct import *import, const char *path, struct turret_error *err)
{
    struct import_plan *plan = import->plan;
    if (read_file(import, path, err))
        return turret_ok(err);
    if (!plan->price_known || !plan->qty_known) {
        struct barset_scale found = {0};
        for (size_t i = 0; i < import->set.count; i++)
            barset_need(&import->set.rows[i], &found.price, &found.qty);
        if (settle_scales(import, &found, err))
            return turret_ok(err);
    }
    import->scale = (struct barset_scale){plan->series.price_scale, plan->series.qty_scale,
                                          plan->round, plan->adjust, plan->factors};
    if (scale_rows(import, path, err) || store_rows(import, path, err))
        return turret_ok(err);
    import->totals->files++;
    return TURRET_OK;
}

/* A stored series keeps its scales; other ones that were asked for are refused. */
static int look_up_series(struct import *import, struct turret_error *err)
{
    struct import_plan *plan = import->plan;
    struct turret_error why = {0};
    struct store_series stored;
    int code = store_series_find(import->store, plan->series.name, plan->series.timeframe_ns,
                                 &stored, &why);
    if (code == TURRET_ENOTFOUND)
        return TURRET_OK;
    if (code)
        return turret_fail(err, code, "%s", why.text);
    if ((plan->price_known && plan->series.price_scale != stored.price_scale) ||
        (plan->qty_known && plan->series.qty_scale != stored.qty_scale))
        return turret_fail(err, TURRET_EINVAL,
                           "series %s has price scale %d and quantity scale %d already; leave "
                           "--price-scale and --qty-scale out, or import under another name",
                           stored.name, stored.price_scale, stored.qty_scale);
    plan->series.price_scale = stored.price_scale;
    plan->series.qty_scale = stored.qty_scale;
    plan->price_known = plan->qty_known = true;
    return TURRET_OK;
}

int import_files(const struct cli *cli, struct store *store, struct import_plan *plan,
                 const char *const *files, int file_count, struct import_totals *totals,
                 struct turret_error *err)
{
    struct import import = {.cli = cli, .store = store, .plan = plan, .totals = totals};
    memset(totals, 0, sizeof *totals);
    if (look_up_series(&import, err))
        return turret_ok(err);
    if (file_count > 1 && (!plan->price_known || !plan->qty_known))
        (void)find_scales(&import, files, file_count, err);
    for (int i = 0; i < file_count && !turret_ok(err); i++)
        (void)import_file(&import, files[i], err);
    barset_finish(&import.set);
    return turret_ok(err);
}
