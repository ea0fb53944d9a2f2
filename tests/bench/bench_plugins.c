/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading plugins: plugin_load() and plugin_unload() with every check, the private copy already
 * there, against bare dlopen, dlsym and dlclose of the same file; then 1,000 distinct files, kept
 * loaded together.
 */
#include "bench.h"

#include "plugin/loader.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LOADS 200
#define MANY  1000

struct loads {
    const char *path;
    char private_dir[512];
    uint32_t count;
    /* many files */
    char directory[300];
    uint32_t many;
    struct plugin **plugins;
    void **handles;
};

static double bare(void *context)
{
    struct loads *loads = context;
    double started = bench_now();
    for (uint32_t i = 0; i < loads->count; i++) {
        void *handle = dlopen(loads->path, RTLD_NOW | RTLD_LOCAL);
        if (!handle || !dlsym(handle, TURRET_ENTRY_SYMBOL))
            bench_fail("%s", dlerror());
        (void)dlclose(handle);
    }
    return (bench_now() - started) / loads->count;
}

static double checked(void *context)
{
    struct loads *loads = context;
    struct turret_error err = {0};
    double started = bench_now();
    for (uint32_t i = 0; i < loads->count; i++) {
        struct plugin *plugin;
        if (plugin_load(loads->path, loads->private_dir, &plugin, &err))
            bench_fail("%s", err.text);
        plugin_unload(plugin);
    }
    return (bench_now() - started) / loads->count;
}

/* ---- many ---- */

static char *name_of(const struct loads *loads, uint32_t i, char name[400])
{
    (void)snprintf(name, 400, "%s/%04u.so", loads->directory, i);
    return name;
}

/* The same plugin under many build ids: the note's bytes are counted up. */
static void make_many(struct loads *loads, const char *build_id)
{
    char name[400];
    unsigned char id[20], *bytes, *at;
    FILE *file = fopen(loads->path, "rbe");
    size_t size;
    if (!file || fseek(file, 0, SEEK_END) != 0)
        bench_fail("%s cannot be read", loads->path);
    size = (size_t)ftell(file);
    rewind(file);
    bytes = malloc(size);
    if (!bytes || fread(bytes, 1, size, file) != size)
        bench_fail("%s cannot be read", loads->path);
    (void)fclose(file);
    for (unsigned i = 0; i < sizeof id; i++) {
        char digits[3] = {build_id[2 * i], build_id[2 * i + 1], 0};
        id[i] = (unsigned char)strtoul(digits, NULL, 16);
    }
    at = memmem(bytes, size, id, sizeof id);
    if (!at)
        bench_fail("%s has no build id of 20 bytes", loads->path);
    for (uint32_t i = 0; i < loads->many; i++) {
        memcpy(at, &i, sizeof i);
        file = fopen(name_of(loads, i, name), "wbe");
        if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
            bench_fail("%s cannot be written", name);
    }
    free(bytes);
}

static double bare_many(void *context)
{
    struct loads *loads = context;
    char name[400];
    double started = bench_now(), took;
    for (uint32_t i = 0; i < loads->many; i++) {
        loads->handles[i] = dlopen(name_of(loads, i, name), RTLD_NOW | RTLD_LOCAL);
        if (!loads->handles[i] || !dlsym(loads->handles[i], TURRET_ENTRY_SYMBOL))
            bench_fail("%s", dlerror());
    }
    took = bench_now() - started;
    for (uint32_t i = 0; i < loads->many; i++)
        (void)dlclose(loads->handles[i]);
    return took / loads->many;
}

static double checked_many(void *context)
{
    struct loads *loads = context;
    struct turret_error err = {0};
    char name[400];
    double started = bench_now(), took;
    for (uint32_t i = 0; i < loads->many; i++)
        if (plugin_load(name_of(loads, i, name), loads->private_dir, &loads->plugins[i], &err))
            bench_fail("%s", err.text);
    took = bench_now() - started;
    for (uint32_t i = 0; i < loads->many; i++)
        plugin_unload(loads->plugins[i]);
    return took / loads->many;
}

int main(int argc, char **argv)
{
    struct bench bench;
    struct loads loads = {.count = LOADS, .many = MANY};
    struct turret_error err = {0};
    struct plugin_file file;
    char path[512], what[64];
    static const char *const names[] = {"sma", "sim"};
    struct bench_pair pair = {.what = what,
                              .unit = "load",
                              .target = 1.5,
                              .floor_name = "bare dlopen, dlsym, dlclose",
                              .floor = bare,
                              .measured = checked,
                              .floor_context = &loads,
                              .measured_context = &loads};
    bench_begin(&bench, "plugin load", argc, argv);
    if (bench.smoke)
        loads.count = loads.many = 4;
    (void)snprintf(loads.private_dir, sizeof loads.private_dir, "%s/private", bench.directory);
    (void)snprintf(loads.directory, sizeof loads.directory, "%s/many", bench.directory);
    for (size_t i = 0; i < 2; i++) {
        loads.path = bench_plugin(names[i], path);
        if (plugin_inspect(path, &file, &err))
            bench_fail("%s", err.text);
        (void)snprintf(what, sizeof what, "%s.so, %llu KB", names[i],
                       (unsigned long long)file.size_bytes / 1024);
        bench_compare(&bench, &pair);
    }
    loads.path = bench_plugin("sma", path);
    loads.plugins = calloc(loads.many, sizeof(struct plugin *));
    loads.handles = calloc(loads.many, sizeof(void *));
    if (!loads.plugins || !loads.handles || mkdir(loads.directory, 0700) != 0 ||
        plugin_inspect(path, &file, &err))
        bench_fail("cannot prepare %u files", loads.many);
    make_many(&loads, file.build_id);
    (void)snprintf(what, sizeof what, "%u distinct files", loads.many);
    pair.floor_name = "bare dlopen, dlsym";
    pair.target = 2;
    pair.floor = bare_many;
    pair.measured = checked_many;
    bench_compare(&bench, &pair);
    free(loads.plugins);
    free(loads.handles);
    return bench_end(&bench);
}
