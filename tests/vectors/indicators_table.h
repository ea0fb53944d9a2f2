/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the indicator tests: reads reference tables (comma or tab separated, first line names) where
 * they lie, and compares a column with an indicator's output.
 */
#ifndef INDICATORS_TABLE_H
#define INDICATORS_TABLE_H

#include "indicators_probe.h"

#define COLUMNS_MAX 40
#define ROWS_MAX    1200

struct table {
    char *text;
    uint32_t rows, columns;
    char *name[COLUMNS_MAX];
    char *cell[ROWS_MAX][COLUMNS_MAX]; /* missing ones are "" */
};

/* Where the reference data lies: TURRET_TEST_DATA, or beside the source tree. */
static inline const char *reference_root(void)
{
    static char root[4096];
    const char *given = getenv("TURRET_TEST_DATA");
    const char *file = __FILE__;
    const char *slash = strrchr(file, '/');
    if (given && *given)
        (void)snprintf(root, sizeof root, "%s", given);
    else
        (void)snprintf(root, sizeof root, "%.*s/../../../shared/data",
                       slash ? (int)(slash - file) : 1, slash ? file : ".");
    return root;
}

static inline int reference_absent(const char *folder)
{
    char path[4400];
    struct stat found;
    (void)snprintf(path, sizeof path, "%s/%s", reference_root(), folder);
    if (stat(path, &found) == 0)
        return 0;
    printf("skipped: no reference data in %s (set TURRET_TEST_DATA)\n", path);
    return 1;
}

static inline char *table_read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot open %s", path);
    size_t room = 4u << 20;
    char *text = malloc(room);
    assert_non_null(text);
    size_t size = fread(text, 1, room - 1, file);
    assert_true(size > 0 && size < room - 1);
    text[size] = '\0';
    (void)fclose(file);
    return text;
}

/* Cuts one line into cells in place; answers where the next line begins. */
static inline char *table_cut_line(char *line, char separator, char **cells, uint32_t *count)
{
    *count = 0;
    for (;;) {
        size_t length = 0;
        while (line[length] && line[length] != separator && line[length] != '\n')
            length++;
        char end = line[length];
        line[length] = '\0';
        if (length > 0 && line[length - 1] == '\r')
            line[length - 1] = '\0';
        assert_true(*count < COLUMNS_MAX);
        cells[(*count)++] = line;
        line += length + (end != '\0');
        if (end != separator)
            return line;
    }
}

static inline struct table *table_open(const char *folder, const char *file)
{
    char path[4600];
    static char nothing[] = "";
    struct table *t = calloc(1, sizeof *t);
    assert_non_null(t);
    (void)snprintf(path, sizeof path, "%s/%s/%s", reference_root(), folder, file);
    t->text = table_read_file(path);
    char separator = strchr(t->text, '\t') ? '\t' : ',';
    char *next = table_cut_line(t->text, separator, t->name, &t->columns);
    while (*next) {
        uint32_t cells;
        assert_true(t->rows < ROWS_MAX);
        next = table_cut_line(next, separator, t->cell[t->rows], &cells);
        if (cells == 1 && t->cell[t->rows][0][0] == '\0')
            continue;
        for (uint32_t c = cells; c < COLUMNS_MAX; c++)
            t->cell[t->rows][c] = nothing;
        t->rows++;
    }
    return t;
}

static inline void table_close(struct table *t)
{
    free(t->text);
    free(t);
}

/* The column of that name, whatever its case; COLUMNS_MAX when there is none. */
static inline uint32_t table_find(const struct table *t, const char *name)
{
    for (uint32_t c = 0; c < t->columns; c++)
        if (strcasecmp(t->name[c], name) == 0)
            return c;
    return COLUMNS_MAX;
}

static inline const char *table_text(const struct table *t, uint32_t row, const char *name)
{
    uint32_t column = table_find(t, name);
    if (column == COLUMNS_MAX)
        fail_msg("no column '%s'", name);
    return t->cell[row][column];
}

/* NaN where the cell is empty or says NaN. */
static inline double table_number(const struct table *t, uint32_t row, const char *name)
{
    const char *text = table_text(t, row, name);
    char *end;
    double x = strtod(text, &end);
    return end == text || !isfinite(x) ? NAN : x;
}

static inline int32_t table_int(const struct table *t, uint32_t row, const char *name)
{
    return (int32_t)strtol(table_text(t, row, name), NULL, 10);
}

/* The table's bars; columns it does not have stay zero. */
static inline struct bars table_bars(const struct table *t)
{
    static const char *const names[] = {"open", "high", "low", "close", "volume"};
    struct bars b = bars_create(t->rows);
    double *columns[] = {b.open, b.high, b.low, b.close, b.volume};
    for (size_t c = 0; c < 5; c++) {
        if (table_find(t, names[c]) == COLUMNS_MAX)
            continue;
        for (uint32_t row = 0; row < t->rows; row++) {
            double x = table_number(t, row, names[c]);
            columns[c][row] = isnan(x) ? 0 : x;
        }
    }
    for (uint32_t row = 0; row < t->rows; row++)
        b.time[row] = (turret_time_ns)row * INT64_C(86400000000000);
    return b;
}

/* A comparison: how many cells matched, how far off the worst was. */
struct match {
    uint32_t compared;
    double worst;
};

/*
 * Compares output o with a column, from bar `from` on, wherever the cell is filled and the
 * indicator ready: |difference| <= tolerance. Fewer than `at_least` such rows are a failure too.
 */
static inline struct match table_match(const struct table *t, const char *column,
                                       const struct run *r, uint32_t o, uint32_t from,
                                       double tolerance, uint32_t at_least)
{
    struct match m = {0, 0};
    for (uint32_t row = from; row < t->rows; row++) {
        double expected = table_number(t, row, column);
        if (isnan(expected) || row < r->ready)
            continue;
        double off = fabs(expected - r->out[o][row]);
        m.worst = off > m.worst ? off : m.worst;
        if (off > tolerance)
            fail_msg("%s, row %u: %.12g here, %.12g there", column, row, r->out[o][row], expected);
        m.compared++;
    }
    if (m.compared < at_least || m.compared == 0)
        fail_msg("%s: only %u rows compared, %u wanted", column, m.compared, at_least);
    printf("  %-28s %4u rows, worst difference %.3g\n", column, m.compared, m.worst);
    return m;
}

#endif
