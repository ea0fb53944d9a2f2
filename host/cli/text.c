/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wrapping and aligning. Widths count bytes of ASCII and code points of UTF-8.
 */
#include "cli/text.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_WIDTH 80

static size_t width_of(const char *text, size_t length)
{
    size_t width = 0;
    for (size_t i = 0; i < length; i++)
        width += ((unsigned char)text[i] & 0xc0u) != 0x80u;
    return width;
}

static void pad(FILE *out, size_t count)
{
    while (count-- > 0)
        (void)fputc(' ', out);
}

void text_wrap(FILE *out, const char *text, size_t at, size_t indent)
{
    bool fresh = true; /* nothing stands on this line yet */
    if (at < indent) {
        pad(out, indent - at);
        at = indent;
    }
    while (*text) {
        size_t length = strcspn(text, " \n"), width = width_of(text, length);
        if (!fresh && at + 1 + width >= TEXT_WIDTH) {
            (void)fputc('\n', out);
            pad(out, indent);
            at = indent;
        } else if (!fresh) {
            (void)fputc(' ', out);
            at++;
        }
        (void)fwrite(text, 1, length, out);
        at += width;
        fresh = false;
        text += length;
        if (text[0] == '\n' && text[1] == '\n') {
            (void)fputs("\n\n", out);
            pad(out, indent);
            at = indent;
            fresh = true;
        }
        text += strspn(text, " \n");
    }
    (void)fputc('\n', out);
}

void text_entry(FILE *out, const char *name, size_t width, const char *help)
{
    size_t at = 2 + width_of(name, strlen(name));
    (void)fprintf(out, "  %s", name);
    if (at + 2 > width + 4) {
        (void)fputc('\n', out);
        at = 0;
    }
    text_wrap(out, help, at, width + 4);
}

int text_table_begin(struct text_table *table, size_t columns, unsigned right,
                     const char *const *headings)
{
    memset(table, 0, sizeof *table);
    table->columns = columns;
    table->right = right;
    return text_table_row(table, headings);
}

int text_table_row(struct text_table *table, const char *const *cells)
{
    if (table->count + table->columns > table->capacity) {
        size_t capacity = table->capacity ? table->capacity * 2 : 16 * table->columns;
        char **grown = realloc(table->cells, capacity * sizeof *grown);
        if (!grown)
            return TURRET_ENOMEM;
        table->cells = grown;
        table->capacity = capacity;
    }
    for (size_t i = 0; i < table->columns; i++) {
        table->cells[table->count] = strdup(cells[i]);
        if (!table->cells[table->count])
            return TURRET_ENOMEM;
        table->count++;
    }
    return TURRET_OK;
}

static void print_row(const struct text_table *table, char **cells, const size_t *widths)
{
    for (size_t i = 0; i < table->columns; i++) {
        size_t gap = widths[i] - width_of(cells[i], strlen(cells[i]));
        bool right = table->right >> i & 1u;
        pad(stdout, right ? gap : 0);
        (void)fputs(cells[i], stdout);
        if (i + 1 < table->columns)
            pad(stdout, 2 + (right ? 0 : gap));
    }
    (void)fputc('\n', stdout);
}

static void print_aligned(const struct text_table *table, const struct cli *cli)
{
    size_t widths[TEXT_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < table->count; i++) {
        size_t width = width_of(table->cells[i], strlen(table->cells[i]));
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    for (size_t row = 0; row < table->count; row += table->columns) {
        (void)fputs(cli->color && row == 0 ? "\033[1m" : "", stdout);
        print_row(table, table->cells + row, widths);
        (void)fputs(cli->color && row == 0 ? "\033[0m" : "", stdout);
    }
}

static void print_plain(const struct text_table *table)
{
    for (size_t i = table->columns; i < table->count; i++)
        (void)fprintf(stdout, "%s%c", table->cells[i], (i + 1) % table->columns ? '\t' : '\n');
}

void text_table_end(struct text_table *table, const struct cli *cli)
{
    if (table->count > table->columns && cli->plain)
        print_plain(table);
    else if (table->count > table->columns)
        print_aligned(table, cli);
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    memset(table, 0, sizeof *table);
}
