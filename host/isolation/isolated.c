/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the runner described goes through the checks that every plugin's offers go through. Then the
 * checked copies get the callbacks of this host, where the plugin has one.
 */
#include "isolation/isolated.h"

#include "isolation/channel.h"
#include "plugin/offers.h"
#include "plugin/private_copy.h"
#include "plugin/refuse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX (UINT32_C(16) << 20)

uint32_t isolated_spins = CHANNEL_SPINS;

struct isolated {
    struct description description;
    struct turret_entry entry;
    struct turret_offer offers[PLUGIN_OFFERS_MAX];
    struct isolated_origin origins[PLUGIN_OFFERS_MAX];
    struct plugin plugin; /* last: has memory for as many offers as there are */
};

static struct isolated *isolated_of(const struct plugin *plugin)
{
    return (struct isolated *)(uintptr_t)((const char *)plugin - offsetof(struct isolated, plugin));
}

const struct isolated_origin *isolated_origin(const char *type_id)
{
    return (const void *)(type_id - offsetof(struct isolated_origin, id));
}

int isolated_start(const struct isolated_origin *origin, struct runner **out,
                   struct turret_error *err)
{
    const struct runner_spec spec = {origin->isolated->plugin.private_path, origin->offer,
                                     origin->kind, isolated_spins};
    uint32_t size_bytes;
    return runner_start(out, &spec, &size_bytes, err);
}

/* ---- loading ---- */

/* The bytes leave the shared memory before they are read. */
static int describe(const struct source *source, const char *private_path,
                    struct description *description, struct turret_error *err)
{
    const struct runner_spec spec = {private_path, RUNNER_NO_OFFER, source->file.note.kinds,
                                     isolated_spins};
    struct turret_error why = {0};
    struct runner *runner;
    unsigned char *bytes;
    uint32_t size_bytes;
    int status = runner_start(&runner, &spec, &size_bytes, &why);
    if (status) { /* what plugin_load() says begins with the path already: of the private copy */
        size_t length = strlen(private_path);
        bool named = !strncmp(why.text, private_path, length) && why.text[length] == ':';
        return refuse_file(err, status, source->file.path, "%s",
                           named ? why.text + length + 2 : why.text);
    }
    bytes = size_bytes <= DESCRIBE_MAX ? malloc(size_bytes + 1u) : NULL;
    if (bytes) {
        wire_take(bytes, runner_wire(runner)->answers.body, size_bytes);
        status = describe_unpack(bytes, size_bytes, description, &why);
    } else {
        status = turret_fail(&why, TURRET_ECORRUPT, "describes itself in %u bytes", size_bytes);
    }
    runner_stop(runner);
    free(bytes);
    return status ? refuse_file(err, status, source->file.path, "%s", why.text) : TURRET_OK;
}

/* An entry as the plugin would have it, pointing at what was described. */
static void make_entry(struct isolated *isolated, const struct source *source)
{
    struct description *description = &isolated->description;
    isolated->entry = (struct turret_entry){
        .struct_size = (uint32_t)sizeof isolated->entry,
        .abi_major = TURRET_ABI_MAJOR,
        .abi_minor = TURRET_ABI_MINOR,
        .id = source->file.note.id,
        .version = source->file.note.version,
        .offers = isolated->offers,
        .offer_count = description->count,
    };
    for (uint32_t i = 0; i < description->count; i++) {
        struct described *offer = &description->offers[i];
        isolated->offers[i].kind = offer->kind;
        if (offer->kind == TURRET_KIND_INDICATOR)
            isolated->offers[i].indicator = &offer->indicator;
        else if (offer->kind == TURRET_KIND_STRATEGY)
            isolated->offers[i].strategy = &offer->strategy;
        else
            isolated->offers[i].broker = &offer->broker;
    }
}

/* Our callbacks where the plugin has one. */
static void set_callbacks(void *type, const void *from, const struct described *offer)
{
    uint32_t count;
    size_t first = describe_callbacks(offer->kind, &count);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = first + i * sizeof(void (*)(void));
        if (offer->callbacks >> i & 1u)
            memcpy((char *)type + at, (const char *)from + at, sizeof(void (*)(void)));
        else
            memset((char *)type + at, 0, sizeof(void (*)(void)));
    }
}

static int give_callbacks(struct isolated *isolated, uint32_t index, struct turret_error *err)
{
    struct described *offer = &isolated->description.offers[index];
    struct isolated_origin *origin = &isolated->origins[index];
    const struct turret_indicator_type *indicator;
    const char *id = offer->kind == TURRET_KIND_INDICATOR  ? offer->indicator.id
                     : offer->kind == TURRET_KIND_STRATEGY ? offer->strategy.id
                                                           : offer->broker.id;
    origin->isolated = isolated;
    origin->kind = offer->kind;
    origin->offer = index;
    (void)snprintf(origin->id, sizeof origin->id, "%s", id); /* longer ones are refused */
    if (offer->kind == TURRET_KIND_STRATEGY) {
        set_callbacks(&offer->strategy, &proxy_strategy_type, offer);
        offer->strategy.on_check =
            offer->callbacks & DESCRIBE_CHECKS ? proxy_strategy_type.on_check : NULL;
        offer->strategy.on_stop = proxy_strategy_type.on_stop; /* ends the runner in any case */
        for (uint32_t i = 0; i < offer->strategy.convert_count; i++)
            describe_converts(offer)[i].convert = proxy_convert;
    } else if (offer->kind == TURRET_KIND_BROKER) {
        set_callbacks(&offer->broker, &proxy_broker_type, offer);
        offer->broker.on_fd = proxy_broker_type.on_fd; /* the runner's own bells */
    } else {
        indicator = proxy_indicator_claim(origin, &offer->indicator);
        if (!indicator)
            return refuse_file(err, TURRET_ELIMIT, isolated->plugin.file.path,
                               "no more isolated indicators fit in this host");
        set_callbacks(&offer->indicator, indicator, offer);
    }
    return TURRET_OK;
}

/* Fields may overlap, so that all of them are more than the state; on the wire they are packed. */
static int check_fields(const struct isolated *isolated, uint32_t index, struct turret_error *err)
{
    const struct turret_strategy_type *type = &isolated->plugin.offers[index].strategy;
    uint64_t bytes = 0;
    if (isolated->plugin.offers[index].kind != TURRET_KIND_STRATEGY)
        return TURRET_OK;
    for (uint32_t i = 0; i < type->field_count; i++)
        bytes += (uint64_t)type->fields[i].count *
                 (type->fields[i].type == TURRET_FIELD_TYPE_I32 ? 4 : 8);
    if (bytes <= FIELDS_MAX)
        return TURRET_OK;
    return refuse_file(err, TURRET_ELIMIT, isolated->plugin.file.path,
                       "%s: its fields are %llu bytes, an isolated strategy's at most %u", type->id,
                       (unsigned long long)bytes, FIELDS_MAX);
}

/* The host's copies: an id that leads back here, and room for what a callback has to find. */
static void finish_offer(struct isolated *isolated, uint32_t index)
{
    struct plugin_offer *offer = &isolated->plugin.offers[index];
    const char *id = isolated->origins[index].id;
    if (offer->kind == TURRET_KIND_INDICATOR) {
        offer->indicator.id = id;
    } else if (offer->kind == TURRET_KIND_STRATEGY) {
        offer->strategy.id = id;
        offer->strategy.state_size =
            ((offer->strategy.state_size + 15u) & ~15u) + (uint32_t)sizeof(void *);
    } else {
        offer->broker.id = id;
        offer->broker.state_size = (uint32_t)sizeof(void *); /* its own is in the runner */
    }
}

/* The runner's directory is another. */
static int make_absolute(const struct source *source, char path[PLUGIN_PATH_MAX],
                         struct turret_error *err)
{
    char *whole = realpath(path, NULL);
    int status = TURRET_OK;
    if (!whole || strlen(whole) >= PLUGIN_PATH_MAX)
        status = refuse_file(err, TURRET_EIO, source->file.path, "private copy %.200s: %s", path,
                             whole ? "its path is too long" : strerror(errno));
    else
        memcpy(path, whole, strlen(whole) + 1);
    free(whole);
    return status;
}

int isolated_load(const struct source *source, const char *private_dir, struct plugin **out,
                  struct turret_error *err)
{
    char private_path[PLUGIN_PATH_MAX];
    struct description description;
    struct isolated *isolated;
    size_t head_size = offsetof(struct isolated, plugin) + offsetof(struct plugin, offers);
    int status = private_copy_make(source, private_dir, private_path, NULL, err);
    if (!status)
        status = make_absolute(source, private_path, err);
    if (!status)
        status = describe(source, private_path, &description, err);
    if (status)
        return status;
    isolated = calloc(1, head_size + description.count * sizeof(struct plugin_offer));
    if (!isolated) {
        describe_finish(&description);
        return refuse_file(err, TURRET_ENOMEM, source->file.path, "no memory for its offers");
    }
    isolated->description = description;
    isolated->plugin.file = source->file;
    isolated->plugin.unload = isolated_unload;
    isolated->plugin.entry = &isolated->entry;
    isolated->plugin.offer_count = description.count;
    memcpy(isolated->plugin.private_path, private_path, sizeof private_path);
    make_entry(isolated, source);
    for (uint32_t i = 0; !status && i < description.count; i++)
        status = give_callbacks(isolated, i, err);
    if (!status)
        status = offers_read(&source->file, &isolated->entry, isolated->plugin.offers, err);
    for (uint32_t i = 0; !status && i < description.count; i++)
        status = check_fields(isolated, i, err);
    for (uint32_t i = 0; !status && i < description.count; i++)
        finish_offer(isolated, i);
    if (status)
        isolated_unload(&isolated->plugin);
    else
        *out = &isolated->plugin;
    return status;
}

void isolated_unload(struct plugin *plugin)
{
    struct isolated *isolated = isolated_of(plugin);
    for (uint32_t i = 0; i < isolated->description.count; i++)
        if (isolated->description.offers[i].kind == TURRET_KIND_INDICATOR)
            proxy_indicator_release(&isolated->origins[i]);
    describe_finish(&isolated->description);
    free(isolated);
}
