/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The newest rows of a long table, as --strategy, --limit and --all ask for them. Rows arrive
 * oldest first and begin with struct row_names.
 */
#ifndef CLI_NEWEST_H
#define CLI_NEWEST_H

#include "cli/records.h"
#include "cli/text.h"

struct newest {
    const char *strategy; /* NULL: of all */
    size_t limit, row_bytes;
    unsigned char *rows; /* a ring once it is full */
    size_t room;
    uint64_t matched;
    bool of_strategy; /* it has rows, wanted or not */
    bool starved;     /* a row found no room */
};

/* The options these commands share. */
#define NEWEST_OPTIONS                                                                             \
    {"strategy", 's', "NAME", "of this strategy only", NULL, false},                               \
        {"limit", 'n', "N", "the newest N (default: 50)", NULL, false},                            \
    {                                                                                              \
        "all", 'a', NULL, "all that are recorded, up to a million", NULL, false                    \
    }

/* `fallback`: how many without --limit and --all. fails: answers CLI_USAGE, told */
int newest_begin(struct newest *newest, const struct cli *cli, size_t row_bytes, size_t fallback);
/* `wanted` false: it only counts as a row of its strategy. fails: ENOMEM */
int newest_add(struct newest *newest, const struct row_names *row, bool wanted);
/* Whether there is such a strategy at all, once all were added. fails: as strategy_name_check() */
int newest_check(const struct newest *newest, struct store *store, struct turret_error *err);
size_t newest_count(const struct newest *newest);
/* Oldest first; borrowed until newest_end(). */
const void *newest_row(const struct newest *newest, size_t index);
/* How rows are shown. */
struct newest_form {
    const char *what; /* "orders" */
    const char *const *headings;
    size_t columns;
    unsigned right;                   /* as text_table_begin() */
    json_t *(*json)(const void *row); /* NULL: no memory */
    int (*cells)(struct text_table *table, const void *row);
};
/* Prints all of them as a table or, with --json, as one array. fails: ENOMEM */
void newest_print(const struct newest *newest, const struct cli *cli,
                  const struct newest_form *form, struct turret_error *err);
/* Says what is missing: no rows, none of a strategy, older ones left out. what: "orders" */
void newest_explain(const struct newest *newest, const struct cli *cli, const char *what);
void newest_end(struct newest *newest);

#endif
