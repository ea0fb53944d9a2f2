/* SPDX-License-Identifier: Apache-2.0 */
/* Which builds the journal names, whether they ran apart, and whose copies nobody needs. */
#include "session/live_state.h"

#include "session/blocked.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY       "isolation "
#define KEY_BYTES (sizeof KEY - 1)
#define GROWS_BY  64

static const char *const texts[] = {"", "in-process", "process"};

static size_t key_of(const uint8_t build[32], char key[80])
{
    char hex[65];
    rows_build_hex(build, hex);
    return (size_t)snprintf(key, 80, KEY "%s", hex);
}

enum copy_isolation live_copies_isolation(struct live *live, const uint8_t build[32])
{
    char key[80], text[16] = "";
    size_t length = key_of(build, key), size = sizeof text;
    uint16_t version;
    if (store_get(live->store, STORE_META, key, length, &version, text, &size, NULL) ||
        version != ROWS_VERSION)
        return COPY_UNKNOWN;
    text[sizeof text - 1] = 0;
    return !strcmp(text, texts[COPY_ISOLATED])     ? COPY_ISOLATED
           : !strcmp(text, texts[COPY_IN_PROCESS]) ? COPY_IN_PROCESS
                                                   : COPY_UNKNOWN;
}

static struct live_copy *find(const struct live_copies *copies, const uint8_t build[32])
{
    uint32_t i;
    for (i = 0; i < copies->count; i++)
        if (!memcmp(copies->of[i].build, build, sizeof copies->of[i].build))
            return &copies->of[i];
    return NULL;
}

/* NULL: there is no memory, and so not all are known. */
static struct live_copy *add(struct live_copies *copies, const uint8_t build[32])
{
    struct live_copy *copy = find(copies, build);
    if (copy)
        return copy;
    if (copies->count == copies->room) {
        size_t room = copies->room + GROWS_BY;
        struct live_copy *more = realloc(copies->of, room * sizeof *more);
        if (!more) {
            copies->partly = true;
            return NULL;
        }
        copies->of = more;
        copies->room = (uint32_t)room;
    }
    copy = &copies->of[copies->count++];
    memset(copy, 0, sizeof *copy);
    memcpy(copy->build, build, sizeof copy->build);
    return copy;
}

int live_copies_name(struct live *live, const struct plugin *plugin)
{
    enum copy_isolation now = plugin->unload ? COPY_ISOLATED : COPY_IN_PROCESS;
    struct live_copy *copy;
    uint8_t build[32];
    char key[80];
    size_t length;
    int status;
    plugin_build_bytes(&plugin->file, build);
    copy = add(&live->copies, build);
    if (copy && copy->isolation == now)
        return TURRET_OK;
    length = key_of(build, key);
    status = store_batch_put(live->batch, STORE_META, key, length, ROWS_VERSION, texts[now],
                             strlen(texts[now]) + 1);
    if (!status && copy)
        copy->isolation = now;
    return status;
}

static int name_instance(void *context, const struct registry_instance *instance)
{
    return instance->plugin ? live_copies_name(context, instance->plugin) : 0;
}

static int name_indicators(void *context, const struct plugin *plugin,
                           const struct plugin_offer *offer)
{
    struct live *live = context;
    (void)offer;
    return engine_uses_indicators(live->engine, plugin) ? live_copies_name(live, plugin) : 0;
}

int live_copies_name_running(struct live *live)
{
    int status = registry_each_instance(live->registry, name_instance, live);
    return status ? status
                  : registry_each(live->registry, TURRET_KIND_INDICATOR, name_indicators, live);
}

/* ---- what the store knows ---- */

static void see(struct live *live, const uint8_t build[32])
{
    struct live_copy *copy = find(&live->copies, build);
    if (!copy && (copy = add(&live->copies, build)) != NULL)
        copy->isolation = live_copies_isolation(live, build);
}

static int see_swap(void *context, const void *key, size_t key_bytes, uint16_t version,
                    const void *value, size_t value_bytes)
{
    struct row_swap row;
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION || value_bytes != sizeof row)
        return 1; /* of another host: not all are known */
    memcpy(&row, value, sizeof row);
    see(context, row.from_build);
    see(context, row.to_build);
    return 0;
}

static int see_instance(void *context, const void *key, size_t key_bytes, uint16_t version,
                        const void *value, size_t value_bytes)
{
    struct row_instance row;
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION || value_bytes < sizeof row)
        return 1;
    memcpy(&row, value, sizeof row);
    see(context, row.build);
    return 0;
}

/* Also of what ran under a name that something else runs under now. */
static int see_isolation(void *context, const void *key, size_t key_bytes, uint16_t version,
                         const void *value, size_t value_bytes)
{
    struct plugin_file file = {.build_id = ""};
    uint8_t build[32];
    (void)version;
    (void)value;
    (void)value_bytes;
    if (key_bytes <= KEY_BYTES || key_bytes - KEY_BYTES >= sizeof file.build_id ||
        memcmp(key, KEY, KEY_BYTES) != 0)
        return 1; /* they lie together */
    memcpy(file.build_id, (const char *)key + KEY_BYTES, key_bytes - KEY_BYTES);
    plugin_build_bytes(&file, build);
    see(context, build);
    return 0;
}

void live_copies_open(struct live *live)
{
    if (store_scan(live->store, STORE_SWAP, NULL, 0, see_swap, live, NULL, NULL) ||
        store_scan(live->store, STORE_INSTANCE, NULL, 0, see_instance, live, NULL, NULL) ||
        store_scan(live->store, STORE_META, KEY, KEY_BYTES, see_isolation, live, NULL, NULL))
        live->copies.partly = true;
}

/* ---- what nobody needs ---- */

bool live_copies_unneeded(const struct live *live, const struct plugin *plugin)
{
    uint8_t build[32];
    plugin_build_bytes(&plugin->file, build);
    return !live->copies.partly && !find(&live->copies, build);
}

static bool is_loaded(const struct live *live, const uint8_t build[32])
{
    return registry_find_build(live->registry, build) != NULL;
}

/* "<id>-<build id>.so", and "<id>-<build id>.2.so" of another content under the same build id. */
static bool is_copy(const char *name, uint8_t build[32])
{
    const char *dash = strrchr(name, '-');
    size_t length = dash ? strspn(dash + 1, "0123456789abcdef") : 0, all = strlen(name);
    struct plugin_file file = {.build_id = ""};
    if (length == 0 || length >= sizeof file.build_id || dash[1 + length] != '.' || all < 3 ||
        strcmp(name + all - 3, ".so") != 0)
        return false;
    memcpy(file.build_id, dash + 1, length);
    plugin_build_bytes(&file, build);
    return true;
}

/* What is made under these names gets another one, or is removed, before anybody else sees it. */
static bool is_half_made(const char *name)
{
    return !strncmp(name, ".loading-", 9) || !strncmp(name, "state-", 6);
}

void live_copies_collect(struct live *live)
{
    DIR *listing = opendir(registry_private_dir(live->registry));
    const struct dirent *entry;
    while (listing && (entry = readdir(listing)) != NULL) {
        uint8_t build[32];
        bool copy = is_copy(entry->d_name, build);
        if (copy ? !live->copies.partly && !find(&live->copies, build) && !is_loaded(live, build)
                 : is_half_made(entry->d_name))
            (void)unlinkat(dirfd(listing), entry->d_name, 0);
    }
    if (listing)
        (void)closedir(listing);
}

void live_copies_close(struct live *live)
{
    free(live->copies.of);
    live->copies = (struct live_copies){.of = NULL};
}
