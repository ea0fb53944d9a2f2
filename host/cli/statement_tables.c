/* SPDX-License-Identifier: Apache-2.0 */
/* A statement for people: one table for each of its arrays, and the limits behind its orders. */
#include "cli/statement_tables.h"

#include "cli/text.h"
#include "core/risk_limits.h"

#include <string.h>

#define TABLE_COLUMNS 11
static const struct table {
    const char *name;
    unsigned right;
    const char *columns[TABLE_COLUMNS]; /* keys of the rows */
} tables[] = {
    {"accounts", 0x7cu, {"venue", "currency", "cash", "fills", "fees", "realised", "profit"}},
    {"strategies",
     0x1f8u,
     {"strategy", "venue", "currency", "orders", "denied", "fills", "fees", "realised", "profit"}},
    {"positions", 0x4u, {"strategy", "instrument", "qty"}},
    {"denials", 0x2u, {"denial", "orders", "meaning"}},
    {"orders",
     0x71u,
     {"id", "strategy", "instrument", "side", "qty", "filled_qty", "config_version", "state",
      "denial", "build"}},
    {"limits", 0x1u, {"config_version", "limit", "value", "meaning"}},
};

static void cell_text(const json_t *value, char *text, size_t room)
{
    if (json_is_integer(value))
        (void)snprintf(text, room, "%lld", (long long)json_integer_value(value));
    else
        (void)snprintf(text, room, "%s", json_is_string(value) ? json_string_value(value) : "");
}

/* True: it had rows. */
static bool print_table(const struct table *form, const json_t *rows, const struct cli *cli,
                        struct turret_error *err)
{
    struct text_table table;
    char text[TABLE_COLUMNS][208];
    const char *cells[TABLE_COLUMNS + 1] = {form->name}, *headings[TABLE_COLUMNS + 1] = {"table"};
    size_t columns = 0, skipped = !cli->plain, i;
    const json_t *row;
    while (columns < TABLE_COLUMNS && form->columns[columns]) {
        headings[columns + 1] = form->columns[columns];
        columns++;
    }
    if (text_table_begin(&table, columns + 1 - skipped, form->right << !skipped,
                         headings + skipped)) {
        (void)turret_fail(err, TURRET_ENOMEM, "no memory");
        return false;
    }
    json_array_foreach(rows, i, row)
    {
        for (size_t c = 0; c < columns; c++) {
            const json_t *value = json_object_get(row, form->columns[c]);
            cell_text(value, text[c], sizeof text[c]);
            if (c == 0 && !strcmp(form->name, "positions") && json_is_null(value))
                (void)snprintf(text[c], sizeof text[c], "(account)"); /* as turret positions */
            cells[c + 1] = text[c];
        }
        if (!strcmp(form->columns[columns - 1], "build")) /* known by its beginning */
            text[columns - 1][12] = '\0';
        if (text_table_row(&table, cells + skipped))
            (void)turret_fail(err, TURRET_ENOMEM, "no memory");
    }
    text_table_end(&table, cli);
    return json_array_size(rows) > 0;
}

static const char *limit_text(const json_t *limits, const char *name)
{
    const char *text = json_string_value(json_object_get(limits, name));
    return text ? text : "not set";
}

/* The limits of the first version, and what each later one has other than the one before. */
static json_t *limit_rows(const json_t *versions)
{
    json_t *rows = json_array();
    const json_t *version, *before = NULL;
    size_t i;
    json_array_foreach(versions, i, version)
    {
        const json_t *limits = json_object_get(version, "limits");
        if (!json_is_object(limits)) /* its text is not known any more */
            continue;
        for (const struct risk_limit_row *row = risk_limit_rows; row->name; row++) {
            const char *text = limit_text(limits, row->name);
            if (strcmp(text, limit_text(before, row->name)) != 0)
                (void)json_array_append_new(
                    rows, json_pack("{s:O, s:s, s:s, s:s}", "config_version",
                                    json_object_get(version, "config_version"), "limit", row->name,
                                    "value", text, "meaning", row->help));
        }
        before = limits;
    }
    return rows;
}

void statement_tables_print(json_t *made, const struct cli *cli, struct turret_error *err)
{
    const char *date = json_string_value(json_object_get(made, "date"));
    bool any = false;
    if (date)
        cli_note(cli, "statement of %s (UTC)", date);
    (void)json_object_set_new(made, "limits", limit_rows(json_object_get(made, "configurations")));
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const json_t *rows = json_object_get(made, tables[i].name);
        if (any && json_array_size(rows) > 0 && !cli->plain)
            (void)fputc('\n', stdout);
        any = print_table(&tables[i], rows, cli, err) || any;
    }
}
