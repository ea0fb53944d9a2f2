/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret plugin info: what one plugin is, the parameters of what it offers, and of an adapter what
 * its venue offers.
 */
#include "cli/adapter_offers.h"
#include "cli/json.h"
#include "cli/plugins.h"
#include "cli/text.h"

#include <string.h>

static const struct cli_argument arguments[] = {
    {"PLUGIN", "id, its last part when that is unique, or a file (with a / or .so in it)", false,
     false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    PLUGINS_OPTION,
    {"key", 'k', "KEY",
     "load the file only if this key signed it: the base64 line of a minisign .pub file, or "
     "file:PATH of one",
     NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {
    "turret plugin info ma_cross", "turret plugin info ./acme.so --key file:keys/acme.pub", NULL};

#define ALL_KINDS (TURRET_KIND_STRATEGY | TURRET_KIND_INDICATOR | TURRET_KIND_BROKER)

/* What was asked for: one offer, or everything in a file. */
struct wish {
    const struct cli *cli;
    const struct plugin_offer *offer; /* NULL: all of the file */
    struct config *config;            /* NULL: none */
    struct registry *registry;
    json_t *array;
    bool headed;
};

static const char *type_name(uint32_t type)
{
    static const char *const names[] = {"?", "int", "real", "bool", "quantity", "text"};
    return type < sizeof names / sizeof names[0] ? names[type] : names[0];
}

static void range_text(const struct turret_param *param, char *text, size_t room)
{
    text[0] = '\0';
    if (param->type == TURRET_PARAM_TYPE_TEXT)
        (void)snprintf(text, room, "%s", param->unit);
    else if (param->type != TURRET_PARAM_TYPE_BOOL)
        (void)snprintf(text, room, "%.10g to %.10g%s%s", param->min, param->max,
                       param->unit[0] ? " " : "", param->unit);
}

static void print_params(const struct cli *cli, const struct plugin_offer *offer)
{
    static const char *const headings[] = {"parameter", "type", "default", "range", "what"};
    struct text_table table;
    uint32_t count = 0;
    const struct turret_param *params = plugin_offer_params(offer, &count);
    if (text_table_begin(&table, 5, 0, headings))
        return;
    for (uint32_t i = 0; i < count; i++) {
        char range[160];
        const char *cells[] = {params[i].name, type_name(params[i].type), params[i].default_text,
                               range, params[i].help};
        range_text(&params[i], range, sizeof range);
        if (text_table_row(&table, cells))
            break;
    }
    text_table_end(&table, cli);
}

static void print_signature(const struct signature_status *signature)
{
    switch (signature->state) {
    case SIGNATURE_GOOD:
        (void)printf("signature: good, by key %s (%s)\n", signature->key_name, signature->text);
        break;
    case SIGNATURE_UNCHECKED:
        (void)printf("signature: says key %s, not checked; check it with --key\n",
                     signature->key_name);
        break;
    case SIGNATURE_MISSING:
        (void)printf("signature: none\n");
        break;
    case SIGNATURE_BAD:
        (void)printf("signature: bad, %s\n", signature->text);
        break;
    }
}

static void print_file(const struct plugin_file *file)
{
    struct signature_status signature;
    plugins_look_at_signature(file, &signature);
    (void)printf("%s %s, plugin ABI %u.%u\nfile: %s\nbuild id: %s\n", file->note.id,
                 file->note.version, file->note.abi_major, file->note.abi_minor, file->path,
                 file->build_id);
    print_signature(&signature);
}

static json_t *offer_json(const struct plugin *plugin, const struct plugin_offer *offer)
{
    json_t *params = json_array();
    uint32_t count = 0;
    const struct turret_param *rows = plugin_offer_params(offer, &count);
    struct signature_status signature;
    plugins_look_at_signature(&plugin->file, &signature);
    for (uint32_t i = 0; i < count; i++) {
        bool number = rows[i].type != TURRET_PARAM_TYPE_TEXT;
        json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", rows[i].name, "type",
                                type_name(rows[i].type), "default", rows[i].default_text, "unit",
                                rows[i].unit, "help", rows[i].help);
        if (number) {
            (void)json_object_set_new(row, "min", json_real(rows[i].min));
            (void)json_object_set_new(row, "max", json_real(rows[i].max));
        }
        (void)json_array_append_new(params, row);
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s*, s:s*, s:o}", "kind",
                     plugins_kind_name(offer->kind), "id", plugin_offer_id(offer), "version",
                     plugin_offer_version(offer), "summary", plugin_offer_summary(offer), "file",
                     plugin->file.path, "build_id", plugin->file.build_id, "signature",
                     plugins_signature_word(signature.state), "key",
                     signature.key_name[0] ? signature.key_name : NULL, "trusted_comment",
                     signature.state == SIGNATURE_GOOD ? signature.text : NULL, "parameters",
                     params);
}

static int tell_offer(void *context, const struct plugin *plugin, const struct plugin_offer *offer)
{
    struct wish *wish = context;
    const bool adapter = offer->kind == TURRET_KIND_BROKER;
    struct adapter_offers offers;
    json_t *value;
    if (wish->offer && wish->offer != offer)
        return 0;
    if (adapter)
        adapter_offers_ask(&offers, wish->registry, plugin, offer, wish->config);
    if (wish->cli->json) {
        value = offer_json(plugin, offer);
        if (adapter)
            (void)json_object_set_new(value, "offers", adapter_offers_json(&offers));
        return json_array_append_new(wish->array, value);
    }
    if (!wish->headed)
        print_file(&plugin->file);
    wish->headed = true;
    (void)printf("\n%s %s %s\n", plugins_kind_name(offer->kind), plugin_offer_id(offer),
                 plugin_offer_version(offer));
    text_wrap(stdout, plugin_offer_summary(offer), 0, 2);
    print_params(wish->cli, offer);
    if (adapter)
        adapter_offers_print(&offers, wish->cli);
    return 0;
}

/* By name: strategies first, then indicators, then brokers. The last error is the one told. */
static int find_offer(struct plugins *plugins, const char *name, const struct plugin_offer **offer,
                      struct turret_error *err)
{
    static const uint32_t kinds[] = {TURRET_KIND_STRATEGY, TURRET_KIND_INDICATOR,
                                     TURRET_KIND_BROKER};
    struct turret_error why = {0};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct plugin *plugin;
        struct turret_error one = {0};
        int code = registry_find(plugins->registry, kinds[i], name, offer, &plugin, &one);
        if (!code)
            return TURRET_OK;
        /* "did you mean" is worth more than a list of what there is. */
        if (!why.code || code == TURRET_EEXIST || strstr(one.text, "did you mean"))
            why = one;
    }
    if (why.code == TURRET_ENOTFOUND && !strstr(why.text, "did you mean"))
        return turret_fail(err, why.code,
                           "no strategy, indicator or broker '%.60s'; turret plugin list shows "
                           "what there is",
                           name);
    return turret_fail(err, why.code, "%s", why.text);
}

/* One file, under the policy of --key. */
static int open_file(const struct cli *cli, struct plugins *plugins, const char *path,
                     struct turret_error *err)
{
    struct plugin_policy policy = {.signing = PLUGIN_SIGNING_OFF};
    const char *key = cli_get(cli, "key");
    if (key) {
        policy.signing = PLUGIN_SIGNING_REQUIRE;
        policy.key_count = 1;
        if (signature_read_key(key, &policy.keys[0], err))
            return turret_ok(err);
    }
    if (plugins_begin(plugins, cli, err))
        return turret_ok(err);
    return registry_load(plugins->registry, path, &policy, err);
}

static int open_wish(const struct cli *cli, struct plugins *plugins, struct wish *wish,
                     struct turret_error *err)
{
    const char *name = cli->arguments[0];
    size_t length = strlen(name);
    if (cli_get(cli, "config") && config_load(cli_get(cli, "config"), &wish->config, NULL, err))
        return turret_ok(err);
    if (strchr(name, '/') || (length > 3 && !strcmp(name + length - 3, ".so")))
        return open_file(cli, plugins, name, err);
    if (cli_get(cli, "key"))
        return turret_fail(err, TURRET_EINVAL, "--key is for a file; '%s' is a name", name);
    if (!plugins_open(plugins, cli, wish->config, err))
        (void)find_offer(plugins, name, &wish->offer, err);
    return turret_ok(err);
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct plugins plugins = {0};
    struct wish wish = {.cli = cli, .array = json_array()};
    int code = CLI_DONE;
    if (open_wish(cli, &plugins, &wish, &err)) {
        code = cli_error(cli, &err);
    } else {
        wish.registry = plugins.registry;
        (void)registry_each(plugins.registry, ALL_KINDS, tell_offer, &wish);
        if (cli->json)
            (void)cli_json_print(json_incref(wish.array));
    }
    json_decref(wish.array);
    plugins_close(&plugins);
    config_destroy(wish.config);
    return code;
}

const struct cli_command cmd_plugin_info = {
    .path = "plugin info",
    .summary = "tell what a plugin is and which parameters it takes",
    .details =
        "Of a broker adapter also what its venue offers by itself; what it does not, the host "
        "does or denies (docs/orders.md). For that it is opened, which connects to nothing: "
        "with the parameters of its venue in the configuration of -C, else with their "
        "defaults. With --json a venue of which that is not known has null.",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG,
    .run = run,
};
