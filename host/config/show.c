/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration as YAML. What is written loads again, by config_load() too: nothing in it looks
 * like a ${...}.
 */
#include "config/walk.h"

#include <string.h>

struct page {
    FILE *out;
    int depth;
    bool item_begins; /* the next line is the first of an item */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether a text can stand without quotes: nothing YAML could take for something else. */
static bool is_plain(const char *text)
{
    const char *c;
    if (!is_letter(*text) && !is_digit(*text) && *text != '/' && *text != '.' &&
        !(*text == '-' && is_digit(text[1])))
        return false;
    for (c = text; *c; c++)
        if (!is_letter(*c) && !is_digit(*c) && !strchr("-_./@%+", *c))
            return false;
    return true;
}

static void write_text(FILE *out, const char *text)
{
    const char *c;
    if (is_plain(text)) {
        (void)fputs(text, out);
        return;
    }
    (void)fputc('"', out);
    for (c = text; *c; c++) {
        if (*c == '$') /* "${" would be an expansion */
            (void)fputs("\\x24", out);
        else if (*c == '"' || *c == '\\')
            (void)fprintf(out, "\\%c", *c);
        else
            (void)fputc(*c, out);
    }
    (void)fputc('"', out);
}

static void begin_line(struct page *page)
{
    int columns = page->depth * 2;
    if (page->item_begins)
        (void)fprintf(page->out, "%*s- ", columns - 2, "");
    else
        (void)fprintf(page->out, "%*s", columns, "");
    page->item_begins = false;
}

static void on_open(void *context, const char *key)
{
    struct page *page = context;
    if (page->depth == 0)
        (void)fputc('\n', page->out);
    begin_line(page);
    write_text(page->out, key);
    (void)fputs(":\n", page->out);
    page->depth++;
}

static void on_open_item(void *context, uint32_t index)
{
    struct page *page = context;
    (void)index;
    page->depth++;
    page->item_begins = true;
}

static void on_close(void *context)
{
    struct page *page = context;
    page->depth--;
}

static void on_value(void *context, const char *key, const char *text)
{
    struct page *page = context;
    begin_line(page);
    if (!text) {
        (void)fprintf(page->out, "# %s: not set, so what it would allow is denied\n", key);
        return;
    }
    write_text(page->out, key);
    (void)fputs(": ", page->out);
    write_text(page->out, text);
    (void)fputc('\n', page->out);
}

static void on_item(void *context, uint32_t index, const char *text)
{
    struct page *page = context;
    (void)index;
    begin_line(page);
    (void)fputs("- ", page->out);
    write_text(page->out, text);
    (void)fputc('\n', page->out);
}

void config_show(const struct config *config, FILE *out)
{
    struct page page = {out, 0, false};
    struct walk_visitor visitor = {&page, on_open, on_open_item, on_close, on_value, on_item};
    walk_config(config, &visitor);
}
