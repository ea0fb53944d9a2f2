/* SPDX-License-Identifier: Apache-2.0 */
/* Which builds the journal names, and whether they ran apart from this process. */
#include "session/live_state.h"

#include "session/blocked.h"

#include <stdlib.h>
#include <string.h>

#define KEY      "isolation "
#define GROWS_BY 64

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

void live_copies_open(struct live *live)
{
    if (store_scan(live->store, STORE_SWAP, NULL, 0, see_swap, live, NULL, NULL) ||
        store_scan(live->store, STORE_INSTANCE, NULL, 0, see_instance, live, NULL, NULL))
        live->copies.partly = true;
}

void live_copies_close(struct live *live)
{
    free(live->copies.of);
    live->copies = (struct live_copies){.of = NULL};
}
