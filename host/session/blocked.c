/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of blocked builds, and what the first digits of a build id mean on a store. */
#include "session/blocked.h"

#include "plugin/loader.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define KEY       "blocked "
#define KEY_BYTES (sizeof KEY - 1)
#define HEX_MAX   64

static size_t key_of(const uint8_t build[32], char key[80])
{
    char hex[65];
    rows_build_hex(build, hex);
    return (size_t)snprintf(key, 80, KEY "%s", hex);
}

int blocked_put(struct store_batch *batch, const uint8_t build[32], const char *why)
{
    char key[80], text[BLOCKED_WHY_MAX];
    size_t length = key_of(build, key);
    if (!why)
        return store_batch_delete(batch, STORE_META, key, length);
    (void)snprintf(text, sizeof text, "%s", why);
    return store_batch_put(batch, STORE_META, key, length, ROWS_VERSION, text, strlen(text) + 1);
}

bool blocked_find(struct store *store, const uint8_t build[32], char why[BLOCKED_WHY_MAX])
{
    char key[80], text[BLOCKED_WHY_MAX];
    size_t length = key_of(build, key), size = sizeof text;
    uint16_t version;
    if (store_get(store, STORE_META, key, length, &version, text, &size, NULL))
        return false;
    text[size < sizeof text ? size : sizeof text - 1] = 0;
    if (why)
        memcpy(why, text, sizeof text);
    return true;
}

struct walk {
    blocked_fn *each;
    void *context;
    int stopped;
};

static int on_meta(void *context, const void *key, size_t key_bytes, uint16_t version,
                   const void *value, size_t value_bytes)
{
    struct walk *walk = context;
    char build[65], why[BLOCKED_WHY_MAX];
    if (key_bytes < KEY_BYTES || memcmp(key, KEY, KEY_BYTES) != 0)
        return 1; /* they lie together */
    if (version != ROWS_VERSION || key_bytes > KEY_BYTES + HEX_MAX)
        return 0;
    (void)snprintf(build, sizeof build, "%.*s", (int)(key_bytes - KEY_BYTES),
                   (const char *)key + KEY_BYTES);
    (void)snprintf(why, sizeof why, "%.*s", (int)value_bytes, (const char *)value);
    return walk->stopped = walk->each(walk->context, build, why);
}

int blocked_each(struct store *store, blocked_fn *each, void *context, struct turret_error *err)
{
    struct walk walk = {each, context, 0};
    int status = store_scan(store, STORE_META, KEY, KEY_BYTES, on_meta, &walk, NULL, err);
    return walk.stopped ? walk.stopped : status;
}

/* ---- the first digits of a build id ---- */

struct search {
    char prefix[65];
    struct blocked_build *found;
    char other[65]; /* "": the only one so far */
};

static void consider(struct search *search, const char *hex, const char *plugin,
                     const char *version)
{
    struct blocked_build *found = search->found;
    if (strncmp(hex, search->prefix, strlen(search->prefix)) != 0)
        return;
    if (found->hex[0] && strcmp(found->hex, hex) != 0) {
        (void)snprintf(search->other, sizeof search->other, "%s", hex);
        return;
    }
    (void)snprintf(found->hex, sizeof found->hex, "%s", hex);
    if (!found->plugin[0])
        (void)snprintf(found->plugin, sizeof found->plugin, "%s", plugin);
    if (!found->version[0])
        (void)snprintf(found->version, sizeof found->version, "%s", version);
}

static int see_swap(void *context, const void *key, size_t key_bytes, uint16_t version,
                    const void *value, size_t value_bytes)
{
    struct row_swap row;
    char hex[65];
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION || value_bytes != sizeof row)
        return 0;
    memcpy(&row, value, sizeof row);
    rows_build_hex(row.from_build, hex);
    consider(context, hex, row.plugin, row.from_version);
    rows_build_hex(row.to_build, hex);
    consider(context, hex, row.plugin, row.to_version);
    return 0;
}

static int see_instance(void *context, const void *key, size_t key_bytes, uint16_t version,
                        const void *value, size_t value_bytes)
{
    struct row_instance row;
    char hex[65];
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION || value_bytes < sizeof row)
        return 0;
    memcpy(&row, value, sizeof row);
    rows_build_hex(row.build, hex);
    consider(context, hex, row.plugin, row.version);
    return 0;
}

static int see_blocked(void *context, const char *build, const char *why)
{
    (void)why;
    consider(context, build, "", "");
    return 0;
}

/* "<id>-<build id>.so" and "<id>-<build id>.2.so" */
static void see_copies(struct search *search, const char *store)
{
    char directory[PLUGIN_PATH_MAX];
    const struct dirent *entry;
    DIR *listing;
    (void)snprintf(directory, sizeof directory, "%.400s/plugins", store);
    listing = opendir(directory);
    while (listing && (entry = readdir(listing)) != NULL) {
        const char *dash = strrchr(entry->d_name, '-');
        size_t length = dash ? strspn(dash + 1, "0123456789abcdef") : 0;
        char hex[65], id[48];
        if (length < BLOCKED_PREFIX_MIN || length > HEX_MAX || dash[1 + length] != '.')
            continue;
        (void)snprintf(hex, sizeof hex, "%.*s", (int)length, dash + 1);
        (void)snprintf(id, sizeof id, "%.*s", (int)(dash - entry->d_name), entry->d_name);
        consider(search, hex, id, "");
    }
    if (listing)
        (void)closedir(listing);
}

static void to_bytes(struct blocked_build *build)
{
    struct plugin_file file;
    memset(&file, 0, sizeof file);
    memcpy(file.build_id, build->hex, sizeof build->hex);
    plugin_build_bytes(&file, build->build);
}

int blocked_resolve(struct store *store, const char *prefix, struct blocked_build *found,
                    struct turret_error *err)
{
    struct search search = {.found = found};
    size_t i, length = strlen(prefix);
    memset(found, 0, sizeof *found);
    if (length < BLOCKED_PREFIX_MIN || length > HEX_MAX ||
        strspn(prefix, "0123456789abcdefABCDEF") != length)
        return turret_fail(err, TURRET_EINVAL,
                           "'%.70s' is no build id: give its first %d hex digits or more; turret "
                           "plugin history shows them",
                           prefix, BLOCKED_PREFIX_MIN);
    for (i = 0; i <= length; i++)
        search.prefix[i] = (char)tolower((unsigned char)prefix[i]);
    (void)store_scan(store, STORE_SWAP, NULL, 0, see_swap, &search, NULL, NULL);
    (void)store_scan(store, STORE_INSTANCE, NULL, 0, see_instance, &search, NULL, NULL);
    (void)blocked_each(store, see_blocked, &search, NULL);
    see_copies(&search, store_path(store));
    if (search.other[0])
        return turret_fail(err, TURRET_EEXIST,
                           "%s begins more than one build id: %s and %s; give more digits", prefix,
                           found->hex, search.other);
    if (!found->hex[0])
        return turret_fail(err, TURRET_ENOTFOUND,
                           "no build %s ran on this store or was loaded for it; turret plugin "
                           "history shows those that did",
                           prefix);
    to_bytes(found);
    return TURRET_OK;
}
