/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plugins in the order they were loaded, their offers in the order of their ids, and the scan of a
 * directory. Looking something up is registry_find.c, instances and services registry_names.c.
 */
#include "isolation/isolated.h"
#include "plugin/registry_state.h"
#include "ops/suggest.h"
#include "plugin/ownership.h"
#include "plugin/refuse.h"
#include "plugin/source.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCAN_FILES_MAX 4096

int registry_create(struct registry **out, const char *private_dir, struct turret_error *err)
{
    size_t length = strlen(private_dir);
    assert(out);
    if (length == 0 || length >= sizeof(*out)->private_dir)
        return turret_fail(err, TURRET_EINVAL,
                           "private directory '%.100s' has %zu characters; 1 to %zu are taken",
                           private_dir, length, sizeof(*out)->private_dir - 1);
    /* Where others can write, what was checked need not be what is loaded. */
    if (ownership_check_directory(private_dir, "", err))
        return TURRET_EDENIED;
    struct registry *registry = calloc(1, sizeof *registry);
    if (!registry)
        return turret_fail(err, TURRET_ENOMEM, "no memory for the plugin registry (%zu bytes)",
                           sizeof *registry);
    memcpy(registry->private_dir, private_dir, length + 1);
    *out = registry;
    return TURRET_OK;
}

void registry_destroy(struct registry *registry)
{
    if (!registry)
        return;
    while (registry->plugin_count > 0)
        plugin_unload(registry->plugins[--registry->plugin_count]);
    while (registry->build_count > 0)
        plugin_unload(registry->builds[--registry->build_count]);
    free(registry->offers);
    free(registry);
}

/* FNV-1a (G. Fowler, L. Noll, K.-P. Vo), so that 1,000 loads need not compare 500,000 strings. */
static uint64_t hash_of(const char *id)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *id; id++)
        hash = (hash ^ (unsigned char)*id) * UINT64_C(0x100000001b3);
    return hash;
}

static int check_new(const struct registry *registry, const struct plugin_file *file, uint64_t hash,
                     struct turret_error *err)
{
    for (uint32_t i = 0; i < registry->plugin_count; i++) {
        const struct plugin_file *other = &registry->plugins[i]->file;
        if (registry->id_hashes[i] == hash && strcmp(other->note.id, file->note.id) == 0)
            return refuse_file(err, TURRET_EEXIST, file->path,
                               "duplicate plugin id %s in %.100s and %.100s; remove one",
                               file->note.id, other->path, file->path);
    }
    if (registry->plugin_count == REGISTRY_PLUGINS_MAX)
        return refuse_file(err, TURRET_ELIMIT, file->path, "%d plugins are loaded, no more fit",
                           REGISTRY_PLUGINS_MAX);
    return TURRET_OK;
}

/* Room for `more` offers. */
static int reserve_offers(struct registry *registry, uint32_t more)
{
    uint32_t capacity = registry->offer_capacity;
    if (registry->offer_count + more <= capacity)
        return TURRET_OK;
    capacity = capacity * 2 + PLUGIN_OFFERS_MAX;
    struct registry_offer *offers = realloc(registry->offers, capacity * sizeof *offers);
    if (!offers)
        return TURRET_ENOMEM;
    registry->offers = offers;
    registry->offer_capacity = capacity;
    return TURRET_OK;
}

static int compare(const struct registry_offer *a, const struct registry_offer *b)
{
    int order = strcmp(plugin_offer_id(a->offer), plugin_offer_id(b->offer));
    if (order == 0)
        order = (a->offer->kind > b->offer->kind) - (a->offer->kind < b->offer->kind);
    return order != 0 ? order : strcmp(a->plugin->file.note.id, b->plugin->file.note.id);
}

static void insert_offer(struct registry *registry, const struct registry_offer *offer)
{
    uint32_t low = 0, high = registry->offer_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare(&registry->offers[middle], offer) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    memmove(&registry->offers[low + 1], &registry->offers[low],
            (registry->offer_count - low) * sizeof *offer);
    registry->offers[low] = *offer;
    registry->offer_count++;
}

int registry_list_plugin(struct registry *registry, struct plugin *plugin)
{
    if (reserve_offers(registry, plugin->offer_count))
        return TURRET_ENOMEM;
    registry->id_hashes[registry->plugin_count] = hash_of(plugin->file.note.id);
    registry->plugins[registry->plugin_count++] = plugin;
    for (uint32_t i = 0; i < plugin->offer_count; i++) {
        const struct registry_offer offer = {plugin, &plugin->offers[i]};
        insert_offer(registry, &offer);
    }
    return TURRET_OK;
}

/* A second file with a known id is refused before any of its code runs. */
static int load_source(struct registry *registry, const struct source *source, bool isolated,
                       struct turret_error *err)
{
    struct plugin *plugin = NULL;
    uint64_t hash = hash_of(source->file.note.id);
    int status = check_new(registry, &source->file, hash, err);
    if (status)
        return status;
    if (reserve_offers(registry, PLUGIN_OFFERS_MAX)) /* listing it cannot fail then */
        return refuse_file(err, TURRET_ENOMEM, source->file.path, "no memory to list its offers");
    status = (isolated ? isolated_load : plugin_load_source)(source, registry->private_dir, &plugin,
                                                             err);
    if (status)
        return status;
    return registry_list_plugin(registry, plugin);
}

/* *signature is what is known of the file's, once it is loaded. */
static int load_file(struct registry *registry, const char *path,
                     const struct plugin_policy *policy, struct signature_status *signature,
                     struct turret_error *err)
{
    struct source source;
    int status = source_init(&source, path, policy, err);
    if (status)
        return status;
    *signature = source.file.signature;
    status = load_source(registry, &source, policy && policy->isolated, err);
    source_finish(&source);
    return status;
}

static const struct plugin_policy unsaid = {.signing = PLUGIN_SIGNING_OFF};

int registry_load(struct registry *registry, const char *path, const struct plugin_policy *policy,
                  struct turret_error *err)
{
    struct signature_status signature;
    return load_file(registry, path, policy, &signature, err);
}

static int is_plugin_name(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 3 && strcmp(entry->d_name + length - 3, ".so") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* False when "<directory>/<name>" is too long; as much as fits is there even then. */
static bool join(char path[PLUGIN_PATH_MAX], const char *directory, const char *name)
{
    size_t length = strlen(directory);
    const char *slash = length > 0 && directory[length - 1] == '/' ? "" : "/";
    int needed = snprintf(path, PLUGIN_PATH_MAX, "%s%s%s", directory, slash, name);
    return needed >= 0 && needed < PLUGIN_PATH_MAX;
}

static void tell_signature(const char *path, const struct signature_status *signature,
                           registry_refused_fn *refused, void *context)
{
    struct turret_error said = {0};
    (void)refuse_file(&said, TURRET_EDENIED, path, "%s; loaded, as only signature: warn is asked",
                      signature->text);
    said.code = TURRET_OK;
    refused(context, path, &said);
}

static int load_named(struct registry *registry, const char *directory, const char *name,
                      const struct plugin_policy *policy, registry_refused_fn *refused,
                      void *context)
{
    char path[PLUGIN_PATH_MAX];
    struct turret_error why = {0};
    struct signature_status signature;
    int status = join(path, directory, name)
                     ? load_file(registry, path, policy, &signature, &why)
                     : refuse_file(&why, TURRET_EINVAL, path, "a path of more than %d characters",
                                   PLUGIN_PATH_MAX - 1);
    if (status && refused)
        refused(context, path, &why);
    if (!status && refused && policy->signing == PLUGIN_SIGNING_WARN &&
        signature.state != SIGNATURE_GOOD)
        tell_signature(path, &signature, refused, context);
    return status;
}

/* A mistyped id would silently protect nothing: tells minimums that nearly name a plugin. */
static void tell_mistyped_minimums(const struct registry *registry,
                                   const struct plugin_policy *policy, registry_refused_fn *refused,
                                   void *context)
{
    const char *ids[REGISTRY_PLUGINS_MAX];
    for (uint32_t i = 0; i < registry->plugin_count; i++)
        ids[i] = registry->plugins[i]->file.note.id;
    for (uint32_t i = 0; i < policy->minimum_count; i++) {
        const struct plugin_minimum *minimum = &policy->minimums[i];
        const char *near = suggest_nearest(minimum->id, ids, registry->plugin_count);
        struct turret_error said = {0};
        if (!near || strcmp(near, minimum->id) == 0)
            continue;
        (void)turret_fail(&said, TURRET_ENOTFOUND,
                          "%.240s:%u: the minimum of %s is for no plugin that is loaded; did you "
                          "mean '%s'?",
                          policy->file, minimum->line, minimum->id, near);
        said.code = TURRET_OK;
        refused(context, policy->file, &said);
    }
}

int registry_scan(struct registry *registry, const char *directory,
                  const struct plugin_policy *policy, registry_refused_fn *refused, void *context,
                  uint32_t *loaded, struct turret_error *err)
{
    struct dirent **entries = NULL;
    policy = policy ? policy : &unsaid;
    *loaded = 0;
    int status = policy_check_directory(policy, directory, err);
    if (status)
        return status;
    int count = scandir(directory, &entries, is_plugin_name, by_name);
    if (count < 0) {
        int number = errno;
        int code = number == ENOENT || number == ENOTDIR ? TURRET_ENOTFOUND : TURRET_EIO;
        code = refuse_file(err, code, directory, "plugin directory: %s", strerror(number));
        if (err)
            err->detail = number;
        return code;
    }
    if (count > SCAN_FILES_MAX)
        status = refuse_file(err, TURRET_ELIMIT, directory, "%d plugin files, at most %d are taken",
                             count, SCAN_FILES_MAX);
    for (int i = 0; i < count; i++) {
        if (!status &&
            load_named(registry, directory, entries[i]->d_name, policy, refused, context) == 0)
            (*loaded)++;
        free(entries[i]);
    }
    free(entries);
    if (!status && refused)
        tell_mistyped_minimums(registry, policy, refused, context);
    return status;
}
