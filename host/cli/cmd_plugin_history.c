/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret plugin history: the changes of code a store has seen.
 */
#include "cli/clean.h"
#include "cli/json.h"
#include "cli/plugin_swap.h"
#include "cli/records.h"
#include "cli/text.h"
#include "ops/suggest.h"
#include "session/audit.h"

#include <string.h>
#include <time.h>

#define NAMES_MAX 64

static const struct cli_argument arguments[] = {
    {"INSTANCE", "of this strategy, venue or plugin only", true, false},
    {NULL, NULL, false, false},
};

static const char *const headings[] = {"sequence", "time", "instance", "step",
                                       "from",     "to",   "reason"};
#define COLUMNS (sizeof headings / sizeof headings[0])

struct listing {
    const struct cli *cli;
    const char *wanted; /* NULL: all */
    json_t *array;
    struct text_table table;
    struct turret_error *err;
    char names[NAMES_MAX][48]; /* seen, to suggest */
    size_t name_count;
    uint64_t shown;
    bool failed;
};

static const char *step_name(uint32_t phase)
{
    static const char *const names[] = {"?",        "prepared",    "took over",
                                        "given up", "rolled back", "probation over"};
    return names[phase < sizeof names / sizeof *names ? phase : 0];
}

/* "strategy spy-cross" is also "spy-cross"; indicators go by their plugin's id. */
static const char *bare_name(const struct row_swap *row)
{
    const char *space = strchr(row->instance, ' ');
    return space ? space + 1 : row->plugin;
}

static bool is_wanted(struct listing *listing, const struct row_swap *row)
{
    const char *name = bare_name(row);
    size_t i = 0;
    if (!listing->wanted || !strcmp(listing->wanted, name) ||
        !strcmp(listing->wanted, row->instance) || !strcmp(listing->wanted, row->plugin))
        return true;
    while (i < listing->name_count && strcmp(listing->names[i], name) != 0)
        i++;
    if (i == listing->name_count && i < NAMES_MAX)
        (void)snprintf(listing->names[listing->name_count++], 48, "%s", name);
    return false;
}

static json_t *row_json(const struct row_swap *row, const char *from, const char *to)
{
    return json_pack("{s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "sequence",
                     (json_int_t)row->sequence, "time",
                     row->time ? cli_json_time(row->time) : json_null(), "instance", row->instance,
                     "plugin", row->plugin, "step", step_name(row->phase), "from_version",
                     row->from_version, "from_build", from, "to_version", row->to_version,
                     "to_build", to, "reason", records_text_json(row->reason));
}

static int put_row(struct listing *listing, const struct row_swap *row, const char *from,
                   const char *to)
{
    char sequence[24], when[32] = "-", instance[100], before[48], after[48];
    const char *cells[COLUMNS] = {sequence, when,  instance,   step_name(row->phase),
                                  before,   after, row->reason};
    time_t seconds = (time_t)(row->time / 1000000000);
    struct tm parts;
    (void)snprintf(sequence, sizeof sequence, "%llu", (unsigned long long)row->sequence);
    if (row->time && gmtime_r(&seconds, &parts))
        (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &parts);
    (void)snprintf(instance, sizeof instance, "%s%s%s", row->instance,
                   strchr(row->instance, ' ') ? "" : " of ",
                   strchr(row->instance, ' ') ? "" : row->plugin);
    (void)snprintf(before, sizeof before, "%s %.8s", row->from_version, from);
    (void)snprintf(after, sizeof after, "%s %.8s", row->to_version, to);
    return text_table_row(&listing->table, cells);
}

static int on_row(void *context, const void *key, size_t key_bytes, uint16_t version,
                  const void *value, size_t value_bytes)
{
    struct listing *listing = context;
    struct row_swap row;
    char from[65], to[65];
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION || value_bytes != sizeof row) {
        (void)turret_fail(listing->err, TURRET_EVERSION,
                          "a change of code of version %u is left out: use the turret that wrote "
                          "it",
                          version);
        return 0;
    }
    memcpy(&row, value, sizeof row);
    clean_text(row.instance, sizeof row.instance);
    clean_text(row.plugin, sizeof row.plugin);
    clean_text(row.from_version, sizeof row.from_version);
    clean_text(row.to_version, sizeof row.to_version);
    clean_text(row.reason, sizeof row.reason);
    if (!is_wanted(listing, &row))
        return 0;
    listing->shown++;
    rows_build_hex(row.from_build, from);
    rows_build_hex(row.to_build, to);
    listing->failed = listing->cli->json
                          ? json_array_append_new(listing->array, row_json(&row, from, to)) != 0
                          : put_row(listing, &row, from, to) != 0;
    return listing->failed;
}

/* Nothing to show: because the name is not known, or because nothing changed. */
static int explain(const struct cli *cli, const struct listing *listing)
{
    const char *names[NAMES_MAX], *near;
    struct turret_error err = {0};
    if (!listing->wanted || listing->name_count == 0) {
        if (!cli->json)
            cli_note(cli, "no code was changed on this store");
        return CLI_DONE;
    }
    for (size_t i = 0; i < listing->name_count; i++)
        names[i] = listing->names[i];
    near = suggest_nearest(listing->wanted, names, listing->name_count);
    (void)turret_fail(&err, TURRET_ENOTFOUND, "no change of code of '%.60s'%s%s%s", listing->wanted,
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    return cli_error(cli, &err);
}

/* ---- what builds in the shadow would have done otherwise ---- */

static int on_difference(void *context, const struct audit_record *record)
{
    struct listing *listing = context;
    const char *cells[2], *told = audit_find(record, "difference");
    char sequence[24], text[320];
    if (record->kind != AUDIT_SHADOW || !told)
        return 0;
    (void)snprintf(text, sizeof text, "%s", told);
    clean_text(text, sizeof text);
    if (listing->wanted && (strncmp(text, listing->wanted, strlen(listing->wanted)) != 0 ||
                            text[strlen(listing->wanted)] != ' '))
        return 0;
    listing->shown++;
    (void)snprintf(sequence, sizeof sequence, "%llu", (unsigned long long)record->sequence);
    cells[0] = sequence;
    cells[1] = text;
    listing->failed =
        listing->cli->json
            ? json_array_append_new(
                  listing->array, json_pack("{s:I, s:o}", "sequence", (json_int_t)record->sequence,
                                            "difference", records_text_json(text))) != 0
            : text_table_row(&listing->table, cells) != 0;
    return listing->failed;
}

static int run_shadow(struct cli *cli)
{
    static const char *const shadow_headings[] = {"sequence", "difference"};
    struct turret_error err = {0};
    struct listing listing = {.cli = cli, .array = json_array(), .err = &err};
    struct store *store = NULL;
    listing.wanted = cli->argument_count ? cli->arguments[0] : NULL;
    if (text_table_begin(&listing.table, 2, 1u, shadow_headings))
        (void)turret_fail(&err, TURRET_ENOMEM, "no memory");
    if (!turret_ok(&err) && !records_open(&store, cli, &err)) {
        (void)store_audit_read(store, 1, on_difference, &listing, &err);
        if (cli->json)
            (void)cli_json_print(json_incref(listing.array));
    }
    text_table_end(&listing.table, cli);
    json_decref(listing.array);
    store_close(store);
    if (turret_ok(&err))
        return cli_error(cli, &err);
    if (listing.shown == 0 && !cli->json)
        cli_note(cli, "no build in the shadow wanted anything else");
    return CLI_DONE;
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct listing listing = {.cli = cli, .array = json_array(), .err = &err};
    struct store *store = NULL;
    if (cli_flag(cli, "shadow")) {
        json_decref(listing.array);
        return run_shadow(cli);
    }
    int code = CLI_DONE;
    listing.wanted = cli->argument_count ? cli->arguments[0] : NULL;
    if (text_table_begin(&listing.table, COLUMNS, 1u, headings))
        (void)turret_fail(&err, TURRET_ENOMEM, "no memory");
    if (!turret_ok(&err) && !records_open(&store, cli, &err)) {
        (void)store_scan(store, STORE_SWAP, NULL, 0, on_row, &listing, NULL, &err);
        if (listing.failed)
            (void)turret_fail(&err, TURRET_ENOMEM, "no memory for the history");
        if (cli->json && (listing.shown > 0 || listing.name_count == 0))
            (void)cli_json_print(json_incref(listing.array));
    }
    text_table_end(&listing.table, cli);
    if (turret_ok(&err))
        code = cli_error(cli, &err);
    else if (listing.shown == 0)
        code = explain(cli, &listing);
    json_decref(listing.array);
    store_close(store);
    return code;
}

static const struct cli_option options[] = {
    {"shadow", 0, NULL, "what builds in the shadow would have done otherwise", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {"turret plugin history", "turret plugin history spy-cross",
                                       "turret plugin history --shadow", NULL};

const struct cli_command cmd_plugin_history = {
    .path = "plugin history",
    .summary = "list the changes of code and what became of each",
    .details =
        "Reads the store, with or without a running daemon. Each step has the number of its record "
        "in the journal: the build a step names owns every event after it. Steps: prepared, took "
        "over, probation over; or given up, or rolled back, with the reason.",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
