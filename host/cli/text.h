/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text for a terminal of 80 columns: paragraphs, and tables that are aligned for people or
 * tab-separated for programs (--plain).
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include "cli/cli.h"

#define TEXT_COLUMNS_MAX 12

/* Words of `text` from column `at` on, wrapped before column 80 and indented to `indent`. */
void text_wrap(FILE *out, const char *text, size_t at, size_t indent);
/* "  name   help", the help wrapped; names wider than the column get a line of their own. */
void text_entry(FILE *out, const char *name, size_t width, const char *help);

/* Rows are collected, so that columns can be as wide as their widest cell. */
struct text_table {
    size_t columns, count, capacity;
    unsigned right; /* bit per column: numbers are aligned to the right */
    char **cells;
};

/* Headings are not printed with --plain. */
int text_table_begin(struct text_table *table, size_t columns, unsigned right,
                     const char *const *headings);
/* Copies `columns` texts. fails: ENOMEM */
int text_table_row(struct text_table *table, const char *const *cells);
/* Prints to standard output and frees; a table of headings only prints nothing. */
void text_table_end(struct text_table *table, const struct cli *cli);

#endif
