/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads plugins. What the file says is checked before any of its code runs (source.c), what runs is
 * a private copy (private_copy.c), and what it then offers is checked before it is used (offers.c).
 */
#include "plugin/loader.h"
#include "plugin/abi.h"
#include "plugin/offers.h"
#include "plugin/private_copy.h"
#include "plugin/refuse.h"
#include "plugin/source.h"

#include <assert.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Sanitizers lose the names of unloaded code, and a leak in it then looks like one of ours. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KEEP_LOADED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KEEP_LOADED 1
#endif
#endif
#ifndef KEEP_LOADED
#define KEEP_LOADED 0
#endif

/* A plugin and the zero-extended copy of its entry. */
struct loaded {
    struct turret_entry entry;
    bool initialised;
    struct plugin plugin; /* last: has memory for as many offers as there are, not for 32 */
};

/* What dlopen gave, before there is a plugin to keep it. */
struct opened {
    char path[PLUGIN_PATH_MAX];
    void *handle;
    const void *symbol;
    struct turret_entry entry;
};

static struct loaded *loaded_of(struct plugin *plugin)
{
    return (struct loaded *)(void *)((char *)plugin - offsetof(struct loaded, plugin));
}

int plugin_inspect(const char *path, struct plugin_file *file, struct turret_error *err)
{
    /* Nothing of it will run, so nothing is asked of it. */
    static const struct plugin_policy nothing = {.allow_writable = true};
    struct source source;
    int status = source_init(&source, path, &nothing, err);
    if (status)
        return status;
    *file = source.file;
    source_finish(&source);
    return TURRET_OK;
}

static void close_handle(void *handle)
{
    if (handle && !KEEP_LOADED)
        (void)dlclose(handle);
}

static int open_copy(const struct plugin_file *file, struct opened *opened,
                     struct turret_error *err)
{
    opened->handle = dlopen(opened->path, RTLD_NOW | RTLD_LOCAL);
    if (!opened->handle) {
        const char *text = dlerror();
        size_t length = strlen(opened->path);
        if (!text)
            text = "dlopen gives no reason";
        /* People know the file they gave, not its copy. */
        if (strncmp(text, opened->path, length) == 0 && text[length] == ':')
            text += length + 1 + (text[length + 1] == ' ');
        return refuse_file(err, TURRET_EIO, file->path, "%s", text);
    }
    opened->symbol = dlsym(opened->handle, TURRET_ENTRY_SYMBOL);
    if (!opened->symbol)
        return refuse_file(err, TURRET_EINVAL, file->path, "exports no %s", TURRET_ENTRY_SYMBOL);
    return TURRET_OK;
}

static int call_init(struct loaded *loaded, struct turret_error *err)
{
    struct turret_error why = {0};
    const struct plugin_file *file = &loaded->plugin.file;
    int status = loaded->entry.init ? loaded->entry.init(&why) : TURRET_OK;
    why.text[sizeof why.text - 1] = '\0';
    if (status == TURRET_OK)
        status = why.code;
    if (status == TURRET_OK) {
        loaded->initialised = true;
        return TURRET_OK;
    }
    if (status > 0 || status < TURRET_EBUSY)
        return refuse_file(err, TURRET_EFAULT, file->path, "init of %s answered %d, no status: %s",
                           file->note.id, status, why.text[0] ? why.text : "no reason given");
    return refuse_file(err, status, file->path, "init of %s refused: %s (status %d)", file->note.id,
                       why.text[0] ? why.text : "no reason given", status);
}

/*
 * Makes the plugin of an opened file, with exactly the memory it needs: the dynamic linker walks a
 * list of all loaded objects at every load, and 17 KB holes between them make that walk slow.
 */
static int make_plugin(const struct source *source, const struct opened *opened,
                       struct loaded **out, struct turret_error *err)
{
    size_t offers_size = opened->entry.offer_count * sizeof(struct plugin_offer);
    size_t head_size = offsetof(struct loaded, plugin) + offsetof(struct plugin, offers);
    struct loaded *loaded = malloc(head_size + offers_size);
    if (!loaded)
        return refuse_file(err, TURRET_ENOMEM, source->file.path, "no memory for its %zu bytes",
                           head_size + offers_size);
    memset(loaded, 0, head_size + offers_size);
    loaded->entry = opened->entry;
    loaded->plugin.file = source->file;
    loaded->plugin.entry = &loaded->entry;
    loaded->plugin.offer_count = loaded->entry.offer_count;
    int status = offers_read(&source->file, &loaded->entry, loaded->plugin.offers, err);
    if (!status)
        status = call_init(loaded, err);
    if (status) {
        free(loaded);
        return status;
    }
    *out = loaded;
    return TURRET_OK;
}

/* From the copy at opened->path. */
static int load_copy(const struct source *source, struct opened *opened, struct plugin **out,
                     struct turret_error *err)
{
    const struct plugin_file *file = &source->file;
    struct loaded *loaded = NULL;
    int status = open_copy(file, opened, err);
    if (!status)
        status = abi_read_entry(file->path, opened->symbol, &file->note, &opened->entry, err);
    if (!status)
        status = make_plugin(source, opened, &loaded, err);
    if (status || !loaded) {
        close_handle(opened->handle);
        return status;
    }
    loaded->plugin.handle = opened->handle;
    memcpy(loaded->plugin.private_path, opened->path, sizeof opened->path);
    *out = &loaded->plugin;
    return TURRET_OK;
}

int plugin_load_source(const struct source *source, const char *private_dir, struct plugin **out,
                       struct turret_error *err)
{
    struct opened opened = {.handle = NULL};
    assert(out);
    int status = private_copy_make(source, private_dir, opened.path, NULL, err);
    return status ? status : load_copy(source, &opened, out, err);
}

int plugin_load_in_place(const char *path, struct plugin **out, struct turret_error *err)
{
    static const struct plugin_policy asked_before = {.allow_writable = true};
    struct opened opened = {.handle = NULL};
    struct source source;
    int status = source_init(&source, path, &asked_before, err);
    if (status)
        return status;
    memcpy(opened.path, source.file.path, sizeof opened.path);
    status = load_copy(&source, &opened, out, err);
    source_finish(&source);
    return status;
}

int plugin_load(const char *path, const char *private_dir, struct plugin **out,
                struct turret_error *err)
{
    struct source source;
    int status = source_init(&source, path, NULL, err);
    if (status)
        return status;
    status = plugin_load_source(&source, private_dir, out, err);
    source_finish(&source);
    return status;
}

void plugin_unload(struct plugin *plugin)
{
    if (!plugin)
        return;
    if (plugin->unload) {
        plugin->unload(plugin);
        return;
    }
    struct loaded *loaded = loaded_of(plugin);
    if (loaded->initialised && loaded->entry.deinit)
        loaded->entry.deinit();
    close_handle(plugin->handle);
    free(loaded);
}

bool plugin_is_mapped(const char *private_path)
{
    void *handle = dlopen(private_path, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
    if (handle)
        (void)dlclose(handle);
    return handle != NULL;
}

bool plugin_unload_proven(struct plugin *plugin)
{
    char path[PLUGIN_PATH_MAX];
    if (!plugin)
        return true;
    if (plugin->unload) { /* it never was here */
        plugin_unload(plugin);
        return true;
    }
    memcpy(path, plugin->private_path, sizeof path);
    plugin_unload(plugin);
    return !plugin_is_mapped(path);
}

const char *plugin_offer_id(const struct plugin_offer *offer)
{
    if (offer->kind == TURRET_KIND_INDICATOR)
        return offer->indicator.id;
    return offer->kind == TURRET_KIND_STRATEGY ? offer->strategy.id : offer->broker.id;
}

const char *plugin_offer_version(const struct plugin_offer *offer)
{
    if (offer->kind == TURRET_KIND_INDICATOR)
        return offer->indicator.version;
    return offer->kind == TURRET_KIND_STRATEGY ? offer->strategy.version : offer->broker.version;
}

const char *plugin_offer_summary(const struct plugin_offer *offer)
{
    if (offer->kind == TURRET_KIND_INDICATOR)
        return offer->indicator.summary;
    return offer->kind == TURRET_KIND_STRATEGY ? offer->strategy.summary : offer->broker.summary;
}

const struct turret_param *plugin_offer_params(const struct plugin_offer *offer, uint32_t *count)
{
    if (offer->kind == TURRET_KIND_INDICATOR) {
        *count = offer->indicator.param_count;
        return offer->indicator.params;
    }
    if (offer->kind == TURRET_KIND_STRATEGY) {
        *count = offer->strategy.param_count;
        return offer->strategy.params;
    }
    *count = offer->broker.param_count;
    return offer->broker.params;
}
