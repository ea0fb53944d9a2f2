/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows as one growing array: scaled in place, sorted only when they came out of order.
 */
#include "research/barset.h"

#include <stdlib.h>
#include <string.h>

int barset_add(struct barset *set, const struct barfile_row *row, struct turret_error *err)
{
    if (set->count == BARSET_ROWS_MAX)
        return turret_fail(err, TURRET_ELIMIT, "has more than %d rows; split the file",
                           BARSET_ROWS_MAX);
    if (set->count == set->capacity) {
        size_t capacity = set->capacity ? set->capacity * 2 : 4096;
        struct barfile_row *rows = realloc(set->rows, capacity * sizeof *rows);
        if (!rows)
            return turret_fail(err, TURRET_ENOMEM, "no memory for %zu rows", capacity);
        set->rows = rows;
        set->capacity = capacity;
    }
    set->rows[set->count++] = *row;
    return TURRET_OK;
}

void barset_need(const struct barfile_row *row, int32_t *price, int32_t *qty)
{
    for (int i = 0; i < BAR_VOLUME; i++)
        *price = row->decimals[i] > *price ? row->decimals[i] : *price;
    *qty = row->decimals[BAR_VOLUME] > *qty ? row->decimals[BAR_VOLUME] : *qty;
}

/* What a person reads of a value: its decimals. */
static void print_decimal(struct decimal value, char *text, size_t room)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%lld", (long long)value.digits);
    int32_t whole = length - value.decimals;
    if (value.decimals == 0)
        (void)snprintf(text, room, "%s", digits);
    else if (whole > 0)
        (void)snprintf(text, room, "%.*s.%s", whole, digits, digits + whole);
    else
        (void)snprintf(text, room, "0.%.*s%s", -whole, "000000000000000000000000000000000000000000",
                       digits);
}

static int tell_misfit(struct decimal value, int which, int32_t scale, int code,
                       struct turret_error *err)
{
    const char *option = which == BAR_VOLUME ? "--qty-scale" : "--price-scale";
    char text[96];
    print_decimal(value, text, sizeof text);
    if (code == TURRET_EINVAL)
        return turret_fail(err, TURRET_EINVAL,
                           "%s %s has more than the series' %d decimals; use --round, or a larger "
                           "%s for a new series",
                           barfile_value_names[which], text, scale, option);
    if (code == TURRET_ELIMIT)
        return turret_fail(err, TURRET_EINVAL,
                           "%s %s is too large with %d decimals; use a smaller "
                           "%s and --round",
                           barfile_value_names[which], text, scale, option);
    return turret_fail(err, TURRET_EINVAL, "%s %s becomes 0 with %d decimals; use a larger %s",
                       barfile_value_names[which], text, scale, option);
}

int barset_scale_row(struct barfile_row *row, const struct barset_scale *scale,
                     struct turret_error *err)
{
    bool adjusted = scale->factors && scale->adjust != ADJUST_NONE;
    struct decimal_factor price, volume;
    if (adjusted)
        factors_find(scale->factors, scale->adjust, row->day, &price, &volume);
    for (int i = 0; i < BARFILE_VALUES; i++) {
        struct decimal value = {row->digits[i], row->decimals[i]};
        int32_t decimals = i == BAR_VOLUME ? scale->qty : scale->price;
        const struct decimal_factor *factor = i == BAR_VOLUME ? &volume : &price;
        int code = decimal_to_scale(value, adjusted ? factor : NULL, decimals,
                                    scale->round || adjusted, &row->digits[i]);
        if (code || (i != BAR_VOLUME && row->digits[i] == 0))
            return tell_misfit(value, i, decimals, code, err);
    }
    return TURRET_OK;
}

static int compare_rows(const void *left, const void *right)
{
    const struct barfile_row *a = left, *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

void barset_order(struct barset *set, bool *moved, uint64_t *repeated)
{
    size_t kept = 0;
    *moved = false;
    for (size_t i = 1; i < set->count && !*moved; i++)
        *moved = set->rows[i].time < set->rows[i - 1].time;
    if (*moved)
        qsort(set->rows, set->count, sizeof set->rows[0], compare_rows);
    for (size_t i = 0; i < set->count; i++) {
        if (kept && set->rows[kept - 1].time == set->rows[i].time)
            kept--;
        set->rows[kept++] = set->rows[i];
    }
    *repeated = set->count - kept;
    set->count = kept;
}

int barset_run(struct barset *set, size_t from, struct store_bars *bars, struct turret_error *err)
{
    size_t count = set->count - from < BARSET_RUN ? set->count - from : BARSET_RUN;
    int64_t *time, *value[BARFILE_VALUES];
    if (!set->columns)
        set->columns = malloc((size_t)BARSET_RUN * (BARFILE_VALUES + 1) * sizeof *set->columns);
    if (!set->columns)
        return turret_fail(err, TURRET_ENOMEM, "no memory for %d bars", BARSET_RUN);
    time = set->columns;
    for (int i = 0; i < BARFILE_VALUES; i++)
        value[i] = set->columns + (size_t)(i + 1) * BARSET_RUN;
    for (size_t row = 0; row < count; row++) {
        time[row] = set->rows[from + row].time;
        for (int i = 0; i < BARFILE_VALUES; i++)
            value[i][row] = set->rows[from + row].digits[i];
    }
    *bars = (struct store_bars){(uint32_t)count,  time,           value[BAR_OPEN],
                                value[BAR_HIGH],  value[BAR_LOW], value[BAR_CLOSE],
                                value[BAR_VOLUME]};
    return (int)count;
}

void barset_clear(struct barset *set)
{
    set->count = 0;
}

void barset_finish(struct barset *set)
{
    free(set->rows);
    free(set->columns);
    memset(set, 0, sizeof *set);
}
