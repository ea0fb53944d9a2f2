/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which build owns what: in the registry now, in the store at any sequence. A build that left its
 * directory is found among the private copies, so that a journal can be run again with the code
 * that made it.
 */
#include "session/live_state.h"

#include "isolation/isolated.h"
#include "plugin/source.h"
#include "session/blocked.h"
#include "session/live_audit.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- builds ---- */

/* "<id>-<build id>.so" among the private copies. */
static bool find_copy(const char *directory, const char *hex, char path[PLUGIN_PATH_MAX])
{
    DIR *listing = opendir(directory);
    const struct dirent *entry;
    bool found = false;
    while (listing && !found && (entry = readdir(listing)) != NULL) {
        const char *at = strstr(entry->d_name, hex);
        found =
            at && at > entry->d_name && at[-1] == '-' && !strcmp(at + strlen(hex), ".so") &&
            snprintf(path, PLUGIN_PATH_MAX, "%s/%s", directory, entry->d_name) < PLUGIN_PATH_MAX;
    }
    if (listing)
        (void)closedir(listing);
    return found;
}

/*
 * Whether a build runs apart from this process: as its plugin does now; of one that is in no
 * directory any more, as it did last. Stores of before do not know that: then it does where any
 * directory asks for it.
 */
static bool is_isolated(struct live *live, const struct plugin_file *file)
{
    const struct plugin *named = registry_find_plugin(live->registry, file->note.id);
    enum copy_isolation last;
    uint8_t build[32];
    uint32_t i;
    if (named)
        return named->unload != NULL;
    plugin_build_bytes(file, build);
    last = live_copies_isolation(live, build);
    if (last != COPY_UNKNOWN)
        return last == COPY_ISOLATED;
    for (i = 0; i < live->config->plugin_dir_count; i++)
        if (live->config->plugin_dirs[i].isolated)
            return true;
    return false;
}

static int load_copy(struct live *live, const char *path, struct plugin **out,
                     struct turret_error *err)
{
    struct source source;
    int status = source_init(&source, path, NULL, err);
    if (status)
        return status;
    status = (is_isolated(live, &source.file) ? isolated_load : plugin_load_source)(
        &source, registry_private_dir(live->registry), out, err);
    source_finish(&source);
    return status;
}

int live_bring_build(struct live *live, const uint8_t build[32], const struct plugin **plugin,
                     struct turret_error *err)
{
    char hex[65], path[PLUGIN_PATH_MAX], directory[PLUGIN_PATH_MAX];
    struct plugin *loaded;
    int status;
    *plugin = registry_find_build(live->registry, build);
    if (*plugin)
        return TURRET_OK;
    rows_build_hex(build, hex);
    (void)snprintf(directory, sizeof directory, "%.400s/plugins", live->store_path);
    if (!hex[0] || !find_copy(directory, hex, path))
        return turret_fail(err, TURRET_ENOTFOUND,
                           "build %.12s… is neither in a plugin directory nor in %s", hex,
                           directory);
    status = load_copy(live, path, &loaded, err);
    if (status)
        return status;
    status = registry_keep_build(live->registry, loaded, err);
    if (status)
        plugin_unload(loaded);
    else
        *plugin = loaded;
    return status;
}

const struct plugin_offer *live_offer_of(const struct plugin *plugin, uint32_t kind, const char *id)
{
    uint32_t i;
    for (i = 0; i < plugin->offer_count; i++)
        if (plugin->offers[i].kind == kind && !strcmp(plugin_offer_id(&plugin->offers[i]), id))
            return &plugin->offers[i];
    return NULL;
}

static const struct turret_indicator_type *indicator_of(const void *to, const char *id)
{
    const struct plugin_offer *offer = live_offer_of(to, TURRET_KIND_INDICATOR, id);
    return offer ? &offer->indicator : NULL;
}

static void name_of(const struct live *live, const struct event_swap *swap, char name[48])
{
    if (swap->kind == TURRET_KIND_STRATEGY)
        (void)snprintf(name, 48, "strategy %.38s",
                       engine_strategy_name(live->engine, swap->target));
    else if (swap->kind == TURRET_KIND_BROKER)
        (void)snprintf(name, 48, "venue %.41s", engine_venue_name(live->engine, swap->target));
    else
        (void)snprintf(name, 48, "indicators");
}

/* ---- one step ---- */

static int strategy_build(struct live *live, const struct event_swap *step,
                          const struct plugin *plugin, struct engine_build *with,
                          struct turret_param_value *values, struct turret_error *err)
{
    const struct config_strategy *given = &live->config->strategies[step->target];
    struct engine_view view;
    const struct plugin_offer *offer;
    engine_view_strategy(live->engine, step->target, &view);
    offer = live_offer_of(plugin, TURRET_KIND_STRATEGY, view.type->id);
    if (!offer)
        return turret_fail(err, TURRET_ENOTFOUND, "%s offers no strategy %s", plugin->file.path,
                           view.type->id);
    with->strategy = &offer->strategy;
    with->params = values;
    return assemble_bind(live->config, given, offer, values, live->options.messages, err);
}

/* Names lead to this build. */
static void lead_names(struct live *live, const struct plugin *plugin)
{
    if (plugin && registry_find_plugin(live->registry, plugin->file.note.id) != plugin)
        (void)registry_promote(live->registry, plugin, NULL);
}

/* Where the build is kept that names led to before a swap was prepared. */
static const struct plugin **named_before(struct live *live, const struct event_swap *step)
{
    return &live->swaps.named_before[step->kind == TURRET_KIND_STRATEGY ? step->target
                                                                        : LIVE_INSTANCES_MAX];
}

static bool leads_there(const struct event_swap *swap, const struct event_swap *step)
{
    return swap->phase == SWAP_PREPARE &&
           !memcmp(swap->to_build, step->to_build, sizeof swap->to_build);
}

/* What names led to before the first of all the swaps that bring this build in. */
static void keep_names(struct live *live, const struct event_swap *step, const struct plugin *to)
{
    const struct plugin *named = registry_find_plugin(live->registry, to->file.note.id);
    uint32_t i;
    if (named == to && leads_there(engine_swap_of_indicators(live->engine), step))
        named = live->swaps.named_before[LIVE_INSTANCES_MAX];
    for (i = 0; named == to && i < engine_strategy_count(live->engine); i++)
        if (leads_there(engine_swap_of(live->engine, i), step))
            named = live->swaps.named_before[i];
    *named_before(live, step) = named;
}

/* What the registry tells and what names lead to follow the core. */
static void follow(struct live *live, const struct event_swap *step, const struct plugin *plugin)
{
    struct registry_instance *instance;
    char name[48];
    const char *id;
    name_of(live, step, name);
    instance = registry_find_instance(live->registry, name);
    lead_names(live, plugin);
    if (!instance || step->phase == SWAP_PREPARE)
        return;
    id = plugin_offer_id(instance->offer);
    instance->offer = live_offer_of(plugin, step->kind, id);
    instance->plugin = plugin;
}

void live_swap_follow(struct live *live, const struct event_swap *step)
{
    const struct plugin *to = registry_find_build(live->registry, step->to_build);
    if (to)
        follow(live, step, to);
}

static void abandon(struct live *live, const struct event_swap *swap)
{
    if (swap->phase == SWAP_PREPARE)
        lead_names(live, *named_before(live, swap));
}

void live_swap_abandon(struct live *live)
{
    uint32_t i;
    for (i = 0; i < engine_strategy_count(live->engine); i++)
        abandon(live, engine_swap_of(live->engine, i));
    abandon(live, engine_swap_of_indicators(live->engine));
}

static int swap_venue(struct live *live, struct event *event, const struct plugin *plugin,
                      struct turret_error *err)
{
    const struct event_swap *step = &event->u.swap;
    const char *id = venues_type(live->venues, step->target)->id;
    const struct plugin_offer *offer = live_offer_of(plugin, TURRET_KIND_BROKER, id);
    struct engine_build with = {0};
    int status;
    if (!offer)
        return turret_fail(err, TURRET_ENOTFOUND, "%s offers no adapter %s", plugin->file.path, id);
    status = venues_swap(live->venues, step->target, offer, engine_now(live->engine),
                         live->replaying, live->options.messages, err);
    if (status)
        return status;
    with.caps = *venues_caps(live->venues, step->target);
    return engine_swap(live->engine, event, &with, err);
}

/* A strategy or an indicator that was just prepared may need bars from before. */
static void warm(struct live *live)
{
    const struct assembly assembly = {
        .config = live->config, .registry = live->registry, .venues = live->venues};
    struct turret_error why = {0};
    if (assemble_warm(&assembly, live->engine, 0, engine_now(live->engine), &why))
        live_say(live, "turret: stored bars were not used to warm up: %s\n", why.text);
}

int live_swap_step(struct live *live, struct event *event, struct turret_error *err)
{
    const struct event_swap step = event->u.swap;
    struct turret_param_value values[CONFIG_PARAMS_MAX];
    struct engine_build with = {0};
    const struct plugin *to, *from;
    int status = live_bring_build(live, step.to_build, &to, err);
    if (!status)
        status = live_bring_build(live, step.from_build, &from, err);
    if (status)
        return status;
    if (step.kind == TURRET_KIND_BROKER) {
        status = swap_venue(live, event, to, err);
    } else {
        with.from = from;
        with.to = to;
        with.indicator = indicator_of;
        if (step.phase == SWAP_PREPARE) {
            if (step.kind == TURRET_KIND_STRATEGY)
                status = strategy_build(live, &step, to, &with, values, err);
            keep_names(live, &step, to);
            if (!status) /* what it asks for is looked up by name */
                follow(live, &step, to);
        }
        if (!status)
            status = engine_swap(live->engine, event, &with, err);
    }
    if (step.phase == SWAP_ABORT || (status && step.phase == SWAP_PREPARE))
        lead_names(live, *named_before(live, &step));
    if (status)
        return status;
    if (step.phase == SWAP_PREPARE)
        warm(live);
    else if (step.phase == SWAP_COMMIT || step.phase == SWAP_ROLLBACK)
        follow(live, &step, to);
    return TURRET_OK;
}

/* ---- the store ---- */

static void describe(const struct plugin *plugin, char id[48], char version[24])
{
    (void)snprintf(id, 48, "%s", plugin ? plugin->file.note.id : "");
    (void)snprintf(version, 24, "%s", plugin ? plugin->file.note.version : "");
}

static int put_instance(struct live *live, const char *name, const struct plugin *plugin,
                        uint32_t strategy)
{
    struct row_instance row;
    uint8_t *state = NULL;
    int status;
    memset(&row, 0, sizeof row);
    describe(plugin, row.plugin, row.version);
    plugin_build_bytes(&plugin->file, row.build);
    row.sequence = engine_sequence(live->engine);
    if (strategy < engine_strategy_count(live->engine)) {
        row.state_bytes = engine_save_state(live->engine, strategy, NULL, 0);
        state = malloc((size_t)row.state_bytes + 1);
        if (!state)
            return TURRET_ENOMEM;
        (void)engine_save_state(live->engine, strategy, state, (size_t)row.state_bytes);
    }
    status = rows_put_instance(live->batch, name, &row, state);
    free(state);
    return status;
}

int live_swap_record(struct live *live, const struct event *event)
{
    const struct event_swap *step = &event->u.swap;
    const struct plugin *to = registry_find_build(live->registry, step->to_build);
    const struct plugin *from = registry_find_build(live->registry, step->from_build);
    struct row_swap row;
    char id[48], name[64];
    int status;
    memset(&row, 0, sizeof row);
    row.sequence = event->sequence;
    row.time = event->time;
    row.kind = step->kind;
    row.phase = step->phase;
    name_of(live, step, row.instance);
    describe(from, row.plugin, row.from_version);
    describe(to, id, row.to_version);
    memcpy(row.from_build, step->from_build, sizeof row.from_build);
    memcpy(row.to_build, step->to_build, sizeof row.to_build);
    memcpy(row.reason, step->reason, sizeof row.reason);
    status = rows_put_swap(live->batch, &row);
    if (!status && from)
        status = live_copies_name(live, from);
    if (!status && to)
        status = live_copies_name(live, to);
    live_audit_swap(live, &row);
    (void)snprintf(name, sizeof name, "%s", row.instance);
    if (to && step->kind == TURRET_KIND_INDICATOR)
        (void)snprintf(name, sizeof name, "indicators %.36s", to->file.note.id);
    if (!status && to && (step->phase == SWAP_COMMIT || step->phase == SWAP_ROLLBACK))
        status = put_instance(live, name, to,
                              step->kind == TURRET_KIND_STRATEGY ? step->target : UINT32_MAX);
    return status;
}

static int record_one(void *context, const struct registry_instance *instance)
{
    struct live *live = context;
    struct row_instance row;
    uint8_t build[32], *stored;
    uint16_t version;
    size_t size = LIVE_BATCH_BYTES;
    uint32_t i, strategy = UINT32_MAX;
    int status;
    if (!instance->plugin)
        return 0;
    stored = malloc(size);
    if (!stored)
        return TURRET_ENOMEM;
    plugin_build_bytes(&instance->plugin->file, build);
    status = store_get(live->store, STORE_INSTANCE, instance->name, strlen(instance->name),
                       &version, stored, &size, NULL);
    if (!status && size >= sizeof row)
        memcpy(&row, stored, sizeof row);
    free(stored);
    if (!status && size >= sizeof row && !memcmp(row.build, build, sizeof build))
        return 0;
    for (i = 0; i < engine_strategy_count(live->engine); i++)
        if (!strncmp(instance->name, "strategy ", 9) &&
            !strcmp(instance->name + 9, engine_strategy_name(live->engine, i)))
            strategy = i;
    return put_instance(live, instance->name, instance->plugin, strategy);
}

static int record_indicators(void *context, const struct plugin *plugin,
                             const struct plugin_offer *offer)
{
    struct live *live = context;
    struct registry_instance one = {.plugin = plugin};
    (void)offer;
    if (!engine_uses_indicators(live->engine, plugin))
        return 0;
    (void)snprintf(one.name, sizeof one.name, "indicators %.36s", plugin->file.note.id);
    return record_one(live, &one);
}

int live_record_instances(struct live *live)
{
    int status = live_copies_name_running(live);
    if (!status)
        status = registry_each_instance(live->registry, record_one, live);
    return status ? status
                  : registry_each(live->registry, TURRET_KIND_INDICATOR, record_indicators, live);
}
