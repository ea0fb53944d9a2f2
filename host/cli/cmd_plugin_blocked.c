/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret plugin blocked: the builds that may not run.
 */
#include "cli/clean.h"
#include "cli/json.h"
#include "cli/records.h"
#include "cli/text.h"
#include "session/blocked.h"

struct listing {
    const struct cli *cli;
    json_t *array;
    struct text_table table;
    uint32_t count;
};

static int list(void *context, const char *build, const char *why)
{
    struct listing *listing = context;
    char reason[BLOCKED_WHY_MAX];
    const char *cells[] = {build, reason};
    (void)snprintf(reason, sizeof reason, "%s", why);
    clean_text(reason, sizeof reason);
    listing->count++;
    if (listing->cli->json)
        return json_array_append_new(listing->array,
                                     json_pack("{s:s, s:s}", "build", build, "reason", reason));
    return text_table_row(&listing->table, cells);
}

static int run(struct cli *cli)
{
    static const char *const headings[] = {"build", "reason"};
    struct listing listing = {.cli = cli, .array = json_array()};
    struct turret_error err = {0};
    struct store *store = NULL;
    int status = text_table_begin(&listing.table, 2, 0, headings);
    status =
        status ? turret_fail(&err, TURRET_ENOMEM, "no memory") : records_open(&store, cli, &err);
    if (!status)
        status = blocked_each(store, list, &listing, &err);
    if (!status && cli->json)
        (void)cli_json_print(json_incref(listing.array));
    text_table_end(&listing.table, cli);
    json_decref(listing.array);
    store_close(store);
    if (status)
        return cli_error(cli, &err);
    if (listing.count == 0 && !cli->json)
        cli_note(cli, "no build is blocked");
    return CLI_DONE;
}

const struct cli_command cmd_plugin_blocked = {
    .path = "plugin blocked",
    .summary = "list the builds that may not run, and why",
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
