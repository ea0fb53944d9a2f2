/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret plugin list: everything the plugins that load offer.
 */
#include "cli/json.h"
#include "cli/plugins.h"
#include "cli/text.h"
#include "ops/plural.h"

#include <string.h>

static const struct cli_option options[] = {
    PLUGINS_OPTION,
    {"kind", 'k', "KIND", "only these", "strategy|indicator|broker", false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const headings[] = {"kind", "id", "version", "signature", "summary"};
#define COLUMNS (sizeof headings / sizeof headings[0])

struct listing {
    const struct cli *cli;
    json_t *array;
    struct text_table table;
};

static int list_offer(void *context, const struct plugin *plugin, const struct plugin_offer *offer)
{
    struct listing *listing = context;
    struct signature_status signature;
    plugins_look_at_signature(&plugin->file, &signature);
    bool good = signature.state == SIGNATURE_GOOD;
    const char *cells[COLUMNS] = {
        plugins_kind_name(offer->kind), plugin_offer_id(offer), plugin_offer_version(offer),
        good ? signature.key_name : plugins_signature_word(signature.state),
        plugin_offer_summary(offer)};
    if (!listing->cli->json)
        return text_table_row(&listing->table, cells);
    return json_array_append_new(
        listing->array,
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s*}", "kind", cells[0], "id",
                  cells[1], "version", cells[2], "summary", cells[4], "file", plugin->file.path,
                  "build_id", plugin->file.build_id, "signature",
                  plugins_signature_word(signature.state), "isolated", plugin->unload != NULL,
                  "key", signature.key_name[0] ? signature.key_name : NULL));
}

static uint32_t wanted_kinds(const struct cli *cli)
{
    const char *kind = cli_get(cli, "kind");
    for (uint32_t bit = TURRET_KIND_INDICATOR; kind && bit <= TURRET_KIND_BROKER; bit <<= 1)
        if (!strcmp(plugins_kind_name(bit), kind))
            return bit;
    return TURRET_KIND_STRATEGY | TURRET_KIND_INDICATOR | TURRET_KIND_BROKER;
}

/* The directories of a configuration apply only when -C names it. */
static int open_plugins(const struct cli *cli, struct plugins *plugins, struct turret_error *err)
{
    struct config *config = NULL;
    if (cli_get(cli, "config") && config_load(cli_get(cli, "config"), &config, NULL, err))
        return turret_ok(err);
    (void)plugins_open(plugins, cli, config, err);
    config_destroy(config);
    return turret_ok(err);
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct listing listing = {.cli = cli, .array = json_array()};
    struct plugins plugins = {0};
    int code = CLI_DONE;
    if (text_table_begin(&listing.table, COLUMNS, 0, headings) || !listing.array)
        (void)turret_fail(&err, TURRET_ENOMEM, "no memory");
    if (turret_ok(&err) || open_plugins(cli, &plugins, &err) ||
        registry_each(plugins.registry, wanted_kinds(cli), list_offer, &listing)) {
        (void)turret_fail(&err, TURRET_ENOMEM, "no memory");
        code = cli_error(cli, &err);
    } else if (cli->json) {
        (void)cli_json_print(json_incref(listing.array));
    }
    text_table_end(&listing.table, cli);
    json_decref(listing.array);
    if (!code && plugins.refused) {
        cli_note(cli, "%u %s refused", plugins.refused,
                 plural(plugins.refused, "file was", "files were"));
        code = CLI_PARTLY;
    }
    plugins_close(&plugins);
    return code;
}

const struct cli_command cmd_plugin_list = {
    .path = "plugin list",
    .summary = "list the strategies, indicators and brokers there are",
    .details = "Files that are no plugins of this host, or that the policy of their directory "
               "refuses, are told with the reason; the exit code is 6 then.\n\n"
               "The signature is the key that made a good one, or unsigned, bad, or unchecked: "
               "keys are checked where a configuration (-C) pins them.",
    .options = options,
    .takes = CLI_TAKES_CONFIG,
    .run = run,
};
