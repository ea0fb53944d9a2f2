/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring that grows until it holds `limit` rows.
 */
#include "cli/newest.h"

#include "cli/json.h"
#include "cli/strategy_name.h"
#include "ops/plural.h"

#include <stdlib.h>
#include <string.h>

int newest_begin(struct newest *newest, const struct cli *cli, size_t row_bytes, size_t fallback)
{
    struct turret_error err = {0};
    int64_t limit;
    memset(newest, 0, sizeof *newest);
    newest->strategy = cli_get(cli, "strategy");
    newest->row_bytes = row_bytes;
    if (cli_flag(cli, "all") && cli_get(cli, "limit"))
        return cli_usage(cli, "--all and --limit exclude each other");
    if (cli_get_int(cli, "limit", 1, RECORDS_LIMIT_MAX, (int64_t)fallback, &limit, &err))
        return cli_usage(cli, "%s", err.text);
    newest->limit = cli_flag(cli, "all") ? RECORDS_LIMIT_MAX : (size_t)limit;
    return CLI_DONE;
}

static int grow(struct newest *newest)
{
    size_t room = newest->room ? newest->room * 2 : 64;
    unsigned char *grown;
    room = room < newest->limit ? room : newest->limit;
    grown = realloc(newest->rows, room * newest->row_bytes);
    if (!grown)
        return TURRET_ENOMEM;
    newest->rows = grown;
    newest->room = room;
    return TURRET_OK;
}

int newest_add(struct newest *newest, const struct row_names *row, bool wanted)
{
    if (newest->strategy && strcmp(newest->strategy, row->strategy) != 0)
        return TURRET_OK;
    newest->of_strategy = true;
    if (!wanted)
        return TURRET_OK;
    if (newest->matched == newest->room && newest->room < newest->limit && grow(newest)) {
        newest->starved = true;
        return TURRET_ENOMEM;
    }
    memcpy(newest->rows + newest->matched++ % newest->room * newest->row_bytes, row,
           newest->row_bytes);
    return TURRET_OK;
}

int newest_check(const struct newest *newest, struct store *store, struct turret_error *err)
{
    return newest->strategy && !newest->of_strategy
               ? strategy_name_check(store, newest->strategy, err)
               : TURRET_OK;
}

size_t newest_count(const struct newest *newest)
{
    return newest->matched < newest->room ? (size_t)newest->matched : newest->room;
}

const void *newest_row(const struct newest *newest, size_t index)
{
    size_t first = newest->matched > newest->room ? (size_t)(newest->matched % newest->room) : 0;
    return newest->rows + (first + index) % newest->room * newest->row_bytes;
}

void newest_print(const struct newest *newest, const struct cli *cli,
                  const struct newest_form *form, struct turret_error *err)
{
    struct text_table table = {0};
    json_t *array = json_array();
    int code = text_table_begin(&table, form->columns, form->right, form->headings);
    for (size_t i = 0; i < newest_count(newest) && !code; i++)
        code = cli->json ? json_array_append_new(array, form->json(newest_row(newest, i)))
                         : form->cells(&table, newest_row(newest, i));
    if (code || !array || newest->starved)
        (void)turret_fail(err, TURRET_ENOMEM, "no memory for more than %zu %s",
                          newest_count(newest), form->what);
    else if (cli->json)
        (void)cli_json_print(json_incref(array));
    text_table_end(&table, cli);
    json_decref(array);
}

void newest_explain(const struct newest *newest, const struct cli *cli, const char *what)
{
    if (newest->strategy && !newest->of_strategy) {
        cli_note(cli, "no %s of strategy '%s'", what, newest->strategy);
    } else if (newest->matched == 0 && !cli->json) {
        cli_note(cli, "no %s", what);
    } else if (newest->matched > newest->limit && !cli_get(cli, "limit")) {
        uint64_t older = newest->matched - newest->limit;
        int letters = (int)strlen(what) - (older == 1); /* without the s */
        cli_note(cli, "%llu older %.*s %s left out; --all shows them", (unsigned long long)older,
                 letters, what, plural(older, "is", "are"));
    }
}

void newest_end(struct newest *newest)
{
    free(newest->rows);
    newest->rows = NULL;
}
