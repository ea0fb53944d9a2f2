/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Factor files are read whole; a bar's row is found by halving.
 */
#include "research/factors.h"

#include "research/csv.h"
#include "research/when.h"

#include <stdlib.h>

#define ROWS_MAX 100000

struct factor_row {
    int32_t day;
    struct decimal split, total;
};

struct factors {
    size_t count, capacity;
    struct factor_row *rows;
};

static int add_row(struct factors *factors, const struct factor_row *row, struct turret_error *err)
{
    if (factors->count == factors->capacity) {
        size_t capacity = factors->capacity ? factors->capacity * 2 : 64;
        struct factor_row *rows = realloc(factors->rows, capacity * sizeof *rows);
        if (!rows)
            return turret_fail(err, TURRET_ENOMEM, "no memory for %zu factor rows", capacity);
        factors->rows = rows;
        factors->capacity = capacity;
    }
    factors->rows[factors->count++] = *row;
    return TURRET_OK;
}

static int read_row(const struct csv_record *record, struct factor_row *row,
                    struct turret_error *why)
{
    struct decimal price;
    if (record->count < 3)
        return turret_fail(why, TURRET_EINVAL,
                           "has %u fields; expected date, price factor, split "
                           "factor",
                           record->count);
    if (when_parse_date(record->field[0], &row->day, why) ||
        decimal_parse(record->field[1], &price, why) ||
        decimal_parse(record->field[2], &row->split, why))
        return turret_ok(why);
    row->total.decimals = price.decimals + row->split.decimals;
    if (price.digits <= 0 || row->split.digits <= 0 || row->total.decimals > DECIMAL_DIGITS_MAX ||
        __builtin_mul_overflow(price.digits, row->split.digits, &row->total.digits))
        return turret_fail(why, TURRET_EINVAL,
                           "factors %.40s and %.40s are not above 0 with at "
                           "most %d decimals together",
                           record->field[1], record->field[2], DECIMAL_DIGITS_MAX);
    return TURRET_OK;
}

static int read_rows(struct factors *factors, struct csv *csv, struct turret_error *err)
{
    struct csv_record record;
    int code;
    while ((code = csv_next(csv, &record, err)) > 0) {
        struct turret_error why = {0};
        struct factor_row row = {0};
        if (read_row(&record, &row, &why))
            return turret_fail(err, TURRET_EINVAL, "%s:%llu: %s", csv_name(csv),
                               (unsigned long long)record.line, why.text);
        if (factors->count && row.day <= factors->rows[factors->count - 1].day)
            return turret_fail(err, TURRET_EINVAL, "%s:%llu: date %.20s is not after the one above",
                               csv_name(csv), (unsigned long long)record.line, record.field[0]);
        if (factors->count == ROWS_MAX)
            return turret_fail(err, TURRET_ELIMIT, "%s: has more than %d rows", csv_name(csv),
                               ROWS_MAX);
        if (add_row(factors, &row, err))
            return turret_ok(err);
    }
    if (code == 0 && !factors->count)
        return turret_fail(err, TURRET_EINVAL, "%s: is empty; expected factor rows", csv_name(csv));
    return code;
}

int factors_load(struct factors **out, const char *path, struct turret_error *err)
{
    struct turret_error own = {0};
    struct factors *factors = calloc(1, sizeof *factors);
    struct csv *csv = NULL;
    err = err ? err : &own;
    *out = NULL;
    if (!factors)
        return turret_fail(err, TURRET_ENOMEM, "%s: no memory", path);
    if (csv_open(&csv, path, ',', NULL, err) || read_rows(factors, csv, err)) {
        csv_close(csv);
        factors_destroy(factors);
        return turret_ok(err);
    }
    csv_close(csv);
    *out = factors;
    return TURRET_OK;
}

void factors_find(const struct factors *factors, enum factors_adjust adjust, int32_t day,
                  struct decimal_factor *price, struct decimal_factor *volume)
{
    const struct decimal one = {1, 0};
    size_t low = 0, high = factors->count;
    *price = *volume = (struct decimal_factor){one, one};
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (factors->rows[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == factors->count || adjust == ADJUST_NONE)
        return;
    price->multiplier =
        adjust == ADJUST_TOTAL ? factors->rows[low].total : factors->rows[low].split;
    volume->divisor = factors->rows[low].split;
}

void factors_destroy(struct factors *factors)
{
    if (!factors)
        return;
    free(factors->rows);
    free(factors);
}
