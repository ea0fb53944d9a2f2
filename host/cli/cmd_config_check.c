/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret config check: the file by itself, then what it names: plugins load, adapters and
 * strategies exist, their parameters fit the tables the plugins publish, strategies start with
 * them.
 */
#include "cli/json.h"
#include "cli/plugins.h"
#include "config/config.h"
#include "ops/plural.h"
#include "session/assemble.h"
#include "session/services.h"
#include "session/subscribe.h"

#include <stdlib.h>
#include <string.h>

static const struct cli_argument arguments[] = {
    {"FILE", "configuration to check (default: that of --config)", true, false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    PLUGINS_OPTION,
    {"no-plugins", 0, NULL, "check the file alone; load nothing", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

/* Something in the configuration that names a plugin. */
struct check {
    uint32_t kind;
    const char *id;
    char name[2 * CONFIG_NAME_MAX]; /* "strategies.spy-cross" */
    struct config_place place;
    const struct config_param *params;
    uint32_t param_count;
    int32_t qty_scale;
};

/* Finds a plugin's offer and checks the parameters given to it. */
static int check_params(const struct config *config, const struct check *check,
                        struct registry *registry, FILE *messages, struct turret_error *err)
{
    const struct plugin_offer *offer = NULL;
    const struct plugin *plugin = NULL;
    const struct turret_param *table;
    struct turret_param_value *values;
    struct turret_error why = {0};
    char where[128];
    uint32_t count = 0;
    if (registry_find(registry, check->kind, check->id, &offer, &plugin, &why)) {
        if (messages)
            (void)fprintf(messages, "%s:%u:%u: error: %s: %s\n", config->file, check->place.line,
                          check->place.column, check->name, why.text);
        return turret_fail(err, why.code, "%.128s:%u:%u: %s: %.300s", config->file,
                           check->place.line, check->place.column, check->name, why.text);
    }
    table = plugin_offer_params(offer, &count);
    values = calloc(count + 1u, sizeof *values);
    if (!values)
        return turret_fail(err, TURRET_ENOMEM, "no memory for %u parameters", count);
    (void)snprintf(where, sizeof where, "%s.params", check->name);
    (void)config_bind_params(config, where, check->params, check->param_count, table, count,
                             check->qty_scale, values, messages, err);
    free(values);
    return turret_ok(err);
}

/* Goes on after a mistake, so that all are told; the first one is in *err. */
static void check_names(const struct config *config, struct registry *registry, FILE *messages,
                        struct turret_error *err)
{
    struct check check;
    for (uint32_t i = 0; i < config->venue_count; i++) {
        const struct config_venue *venue = &config->venues[i];
        struct turret_error one = {0};
        check = (struct check){TURRET_KIND_BROKER, venue->adapter,     "", venue->place,
                               venue->params,      venue->param_count, 0};
        (void)snprintf(check.name, sizeof check.name, "venues.%s", venue->name);
        if (check_params(config, &check, registry, messages, &one))
            (void)turret_fail(err, one.code, "%s", one.text);
    }
    for (uint32_t i = 0; i < config->strategy_count; i++) {
        const struct config_strategy *strategy = &config->strategies[i];
        struct turret_error one = {0};
        check = (struct check){TURRET_KIND_STRATEGY, strategy->plugin,      "", strategy->place,
                               strategy->params,     strategy->param_count, 0};
        if (strategy->on_count)
            check.qty_scale = config->instruments[strategy->on[0].instrument].qty_scale;
        (void)snprintf(check.name, sizeof check.name, "strategies.%s", strategy->name);
        if (check_params(config, &check, registry, messages, &one))
            (void)turret_fail(err, one.code, "%s", one.text);
    }
}

/* An adapter is opened, which connects to nothing, for what it says that it can, and asked for what
   strategies are on. One that runs in a process of its own, and what an adapter needs of a daemon
   to open, is left to the start; a backtest's bars are the store's. */
static void check_venue(const struct config *config, struct config_venue *venue,
                        struct registry *registry, FILE *messages, struct turret_error *err)
{
    struct config alone = *config;
    struct venues *venues = NULL;
    const struct plugin_offer *offer;
    const struct plugin *plugin;
    struct turret_error why = {0};
    char what[300];
    int status;
    alone.venues = venue;
    alone.venue_count = 1;
    if (registry_find(registry, TURRET_KIND_BROKER, venue->adapter, &offer, &plugin, &why) ||
        plugin->unload)
        return;
    status = venues_open(&venues, &alone, registry, 0, TURRET_REASON_FIRST, NULL, NULL, &why);
    if (status == TURRET_ENOTSUP && venue->dead_man_ns > 0)
        (void)config_refuse(config, venue->place, messages, err, "%s", why.text);
    else if (!status && venues_unarmed(venues, 0, what, sizeof what))
        (void)config_refuse(config, venue->place, messages, err, "%s", what);
    if (!status) {
        venues_warn_real(venues, messages);
        venues_warn_preset(venues, config, messages);
        venues_warn_unfunded(venues, messages);
    }
    if (!status && config->mode != CONFIG_BACKTEST)
        (void)subscribe_config(venues, config, registry, messages, err);
    venues_close(venues);
}

static void check_venues(const struct config *config, struct registry *registry, FILE *messages,
                         struct turret_error *err)
{
    for (uint32_t i = 0; i < config->venue_count; i++) {
        struct turret_error one = {0};
        check_venue(config, &config->venues[i], registry, messages, &one);
        if (turret_ok(&one))
            (void)turret_fail(err, one.code, "%s", one.text);
    }
}

/* Starts a strategy in an engine that no event reaches: its indicators exist, it takes what it is
   given. One that runs in a process of its own is left to the start. */
static void check_start(const struct config *config, const struct config_strategy *strategy,
                        struct registry *registry, FILE *messages, struct turret_error *err)
{
    struct config alone = *config;
    struct config_strategy own = *strategy;
    const struct assembly assembly = {
        .config = &alone, .registry = registry, .reason = TURRET_REASON_FIRST};
    const struct sink sink = {0};
    const struct plugin_offer *offer;
    const struct plugin *plugin;
    struct engine *engine = NULL;
    struct turret_error why = {0};
    alone.strategies = &own;
    alone.strategy_count = 1;
    alone.rule_count = 0; /* assemble_check_rules() looked at them */
    if (registry_find(registry, TURRET_KIND_STRATEGY, own.plugin, &offer, &plugin, &why) ||
        plugin->unload)
        return;
    if (assemble_engine(&assembly, &sink, &engine, &why)) {
        if (messages)
            (void)fprintf(messages, "%s:%u:%u: error: %s\n", config->file, own.place.line,
                          own.place.column, why.text);
        (void)turret_fail(err, why.code, "%.128s:%u:%u: %.300s", config->file, own.place.line,
                          own.place.column, why.text);
    }
    engine_destroy(engine, TURRET_REASON_SHUTDOWN);
}

/* When every name is good. Goes on after a mistake as check_names() does. */
static void check_starts(const struct config *config, struct registry *registry, FILE *messages,
                         struct turret_error *err)
{
    for (uint32_t i = 0; i < config->strategy_count; i++) {
        struct turret_error one = {0};
        check_start(config, &config->strategies[i], registry, messages, &one);
        if (turret_ok(&one))
            (void)turret_fail(err, one.code, "%s", one.text);
    }
}

/* Lines as an array; NULL: no memory. */
static json_t *lines_of(const char *text)
{
    json_t *lines = json_array();
    for (size_t length; *text; text += length + (text[length] != '\0')) {
        length = strcspn(text, "\n");
        (void)json_array_append_new(lines, json_stringn(text, length));
    }
    return lines;
}

static void print_good(const struct cli *cli, const char *path, const struct config *config,
                       uint32_t refused, const char *warnings)
{
    if (cli->json)
        (void)cli_json_print(json_pack("{s:s, s:b, s:i, s:i, s:i, s:o}", "file", path, "good",
                                       refused == 0, "strategies", (int)config->strategy_count,
                                       "instruments", (int)config->instrument_count, "refused",
                                       (int)refused, "warnings", lines_of(warnings)));
    else if (refused)
        (void)printf("%s names what can be used, and %u %s refused\n", path, refused,
                     plural(refused, "file of its plugin directories was",
                            "files of its plugin directories were"));
    else
        (void)printf("%s is good: %u %s on %u %s\n", path, config->strategy_count,
                     plural(config->strategy_count, "strategy", "strategies"),
                     config->instrument_count,
                     plural(config->instrument_count, "instrument", "instruments"));
}

/* Everything the file names. One that replays stored bars looks for them when there is a store. */
static void check_all(const struct config *config, struct registry *registry, FILE *messages,
                      struct turret_error *err)
{
    struct store *store = NULL;
    check_names(config, registry, messages, err);
    if (turret_ok(err))
        return;
    if (!store_open(&store, config->store, 0, NULL))
        (void)services_offer_store(registry, store, err);
    check_venues(config, registry, messages, err);
    (void)assemble_check(config, registry, messages, err);
    (void)assemble_check_rules(config, registry, messages, err);
    if (!turret_ok(err))
        check_starts(config, registry, messages, err);
    store_close(store);
}

/* With --json the first mistake is the error, and where all is good what was told are warnings. */
static int check_file(const struct cli *cli, const char *path, FILE *messages, char *const *told)
{
    struct turret_error err = {0};
    struct config *config = NULL;
    struct plugins plugins = {0};
    int code = CLI_DONE;
    if (config_load(path, &config, messages, &err)) {
        code = cli_told(cli, &err);
    } else if (!cli_flag(cli, "no-plugins")) {
        if (plugins_open(&plugins, cli, config, &err)) {
            code = cli_error(cli, &err);
        } else {
            check_all(config, plugins.registry, messages, &err);
            code = turret_ok(&err) ? cli_told(cli, &err) : CLI_DONE;
        }
    }
    (void)fflush(messages);
    if (code == CLI_DONE)
        print_good(cli, path, config, plugins.refused, *told);
    if (code == CLI_DONE && plugins.refused)
        code = CLI_PARTLY;
    plugins_close(&plugins);
    config_destroy(config);
    return code;
}

static int run(struct cli *cli)
{
    const char *path = cli->argument_count ? cli->arguments[0] : cli_config_path(cli);
    struct turret_error err = {0};
    char *told = NULL;
    size_t size;
    FILE *messages = cli->json ? open_memstream(&told, &size) : stderr;
    int code;
    if (!messages) {
        (void)turret_fail(&err, TURRET_ENOMEM, "no memory for what there is to tell");
        return cli_error(cli, &err);
    }
    code = check_file(cli, path, messages, &told);
    if (cli->json)
        (void)fclose(messages);
    free(told);
    return code;
}

const struct cli_command cmd_config_check = {
    .path = "config check",
    .summary = "check a configuration and everything it names",
    .details =
        "What turret run would refuse at its start is refused here, and mode: live with a venue "
        "that nobody armed, which turret run takes and whose orders it denies. Nothing is "
        "connected; plugins that run in a process of their own are left to the start, and so is "
        "whether the store has the bars to replay while there is no store. Warnings are of limits "
        "of 0 that let nothing be opened, of simulated venues without cash in a currency, of an "
        "execution that is not enabled, of mode: paper with a venue that is not simulated, to "
        "which orders leave this machine, and of mode: live with an armed venue and limits that "
        "are "
        "those of preset: development, which is for simulated money. The exit code is 3 for a "
        "mistake, 6 when files of the "
        "plugin directories cannot be loaded.",
    .arguments = arguments,
    .options = options,
    .takes = CLI_TAKES_CONFIG,
    .run = run,
};
