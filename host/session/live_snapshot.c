/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshots: the engine's bytes and those of adapters that export state, one value under the
 * sequence they were taken at. The newest two are kept.
 *
 * Value: u64 config version, u64 engine bytes, the engine's bytes, then for each exporting venue
 * name[16], u64 size, bytes.
 */
#include "session/live_state.h"

#include "session/rows.h"

#include <stdlib.h>
#include <string.h>

#define SNAPSHOT_ROW_VERSION 1
#define VENUE_STATE_MAX      ((size_t)4 << 20)

/* What a batch holds is reserved at once: it grows with the orders that are remembered. */
static int reserve(struct live *live, size_t size_bytes)
{
    uint8_t *grown;
    if (size_bytes <= live->blob_bytes)
        return TURRET_OK;
    if (size_bytes < LIVE_BATCH_BYTES)
        size_bytes = LIVE_BATCH_BYTES;
    grown = realloc(live->blob, size_bytes);
    if (!grown)
        return TURRET_ENOMEM;
    live->blob = grown;
    live->blob_bytes = size_bytes;
    return TURRET_OK;
}

/* Engine and venues into live->blob. A snapshot without a venue's state would start it anew. */
static int pack(struct live *live, size_t *bytes, struct turret_error *err)
{
    size_t engine_bytes = engine_snapshot(live->engine, NULL, 0), used;
    uint64_t head[2] = {live->config_version, engine_bytes};
    uint32_t v;
    if (reserve(live,
                sizeof head + engine_bytes + live->config->venue_count * 24u + VENUE_STATE_MAX))
        return turret_fail(err, TURRET_ENOMEM, "no memory for a snapshot");
    memcpy(live->blob, head, sizeof head);
    used = sizeof head;
    used += engine_snapshot(live->engine, live->blob + used, engine_bytes);
    for (v = 0; v < live->config->venue_count; v++) {
        size_t size;
        int status = venues_export(live->venues, v, live->blob + used + 24,
                                   live->blob_bytes - used - 24, &size, err);
        if (status)
            return turret_fail(err, status, "venue %s does not hand its state over",
                               live->config->venues[v].name);
        if (size == 0)
            continue;
        memcpy(live->blob + used, live->config->venues[v].name, 16);
        memcpy(live->blob + used + 16, &(uint64_t){size}, sizeof(uint64_t));
        used += 24 + size;
    }
    *bytes = used;
    return TURRET_OK;
}

static void describe(const uint8_t *blob, size_t size, uint64_t sequence, struct live_saved *saved)
{
    uint64_t head[2];
    memcpy(head, blob, sizeof head);
    *saved = (struct live_saved){sequence,
                                 head[0],
                                 blob + sizeof head,
                                 (size_t)head[1],
                                 blob + sizeof head + head[1],
                                 size - sizeof head - (size_t)head[1]};
}

int live_pack(struct live *live, struct live_saved *saved, struct turret_error *err)
{
    size_t used;
    int status = pack(live, &used, err);
    if (status)
        return status;
    describe(live->blob, used, engine_sequence(live->engine), saved);
    return TURRET_OK;
}

struct keys {
    uint64_t below;          /* later ones are not looked at */
    uint64_t newest, oldest; /* 0: none */
    uint32_t count;
};

static int see_key(void *context, const void *key, size_t key_bytes, uint16_t version,
                   const void *value, size_t value_bytes)
{
    struct keys *keys = context;
    uint64_t sequence = store_key_number(key, key_bytes);
    (void)version;
    (void)value;
    (void)value_bytes;
    if (sequence == 0 || sequence >= keys->below)
        return 0;
    if (keys->count++ == 0)
        keys->oldest = sequence;
    keys->newest = sequence;
    return 0;
}

int live_snapshot(struct live *live, struct store_batch *batch, struct turret_error *err)
{
    uint64_t sequence = engine_sequence(live->engine);
    struct keys keys = {.below = UINT64_MAX};
    uint8_t key[STORE_NUMBER_KEY];
    uint32_t i;
    size_t used;
    int status = pack(live, &used, err);
    if (status)
        return status;
    (void)store_scan(live->store, STORE_SNAPSHOT, NULL, 0, see_key, &keys, NULL, NULL);
    store_number_key(key, sequence);
    status = store_batch_put(batch, STORE_SNAPSHOT, key, sizeof key, SNAPSHOT_ROW_VERSION,
                             live->blob, used);
    if (!status && keys.count >= 2 && keys.newest != sequence) {
        store_number_key(key, keys.oldest);
        status = store_batch_delete(batch, STORE_SNAPSHOT, key, sizeof key);
    }
    for (i = 0; !status && i < engine_position_count(live->engine); i++)
        status = rows_put_position(batch, live->engine, engine_position(live->engine, i));
    for (i = 0; !status && i < engine_account_count(live->engine); i++)
        status = rows_put_account(batch, live->engine, engine_account(live->engine, i));
    if (status)
        return turret_fail(err, status, "a snapshot of %zu bytes does not fit a batch", used);
    live->snapshot_sequence = sequence;
    return TURRET_OK;
}

static int read_snapshot(struct live *live, uint64_t sequence, struct live_saved *saved,
                         struct turret_error *err)
{
    uint8_t key[STORE_NUMBER_KEY];
    uint16_t version;
    uint64_t head[2];
    size_t size;
    int status;
    if (reserve(live, LIVE_BATCH_BYTES))
        return turret_fail(err, TURRET_ENOMEM, "no memory for a snapshot");
    store_number_key(key, sequence);
    size = live->blob_bytes;
    status =
        store_get(live->store, STORE_SNAPSHOT, key, sizeof key, &version, live->blob, &size, err);
    if (status)
        return status;
    if (version != SNAPSHOT_ROW_VERSION || size < sizeof head)
        return turret_fail(err, TURRET_EVERSION, "snapshot %llu has version %u",
                           (unsigned long long)sequence, version);
    memcpy(head, live->blob, sizeof head);
    if (head[1] > size - sizeof head)
        return turret_fail(err, TURRET_ECORRUPT, "snapshot %llu is cut short",
                           (unsigned long long)sequence);
    describe(live->blob, size, sequence, saved);
    return TURRET_OK;
}

int live_load_snapshot(struct live *live, uint64_t below, struct live_saved *saved,
                       struct turret_error *err)
{
    struct turret_error first = {0};
    for (;;) {
        struct keys keys = {.below = below};
        struct turret_error why = {0};
        int status = store_scan(live->store, STORE_SNAPSHOT, NULL, 0, see_key, &keys, NULL, &why);
        if (status && status != TURRET_ECORRUPT)
            return turret_fail(err, status, "%s", why.text);
        if (status && !first.code) { /* a damaged row has no key: it was the newest, or is not */
            first = why;
            live_say(live, "turret: %s\n", why.text);
        }
        if (keys.count == 0)
            return first.code ? turret_fail(err, first.code, "%s", first.text)
                              : turret_fail(err, TURRET_ENOTFOUND, "no good snapshot");
        memset(&why, 0, sizeof why);
        status = read_snapshot(live, keys.newest, saved, &why);
        if (status == TURRET_OK)
            return TURRET_OK;
        if (status == TURRET_ENOMEM) /* which says nothing about the snapshot */
            return turret_fail(err, status, "%s", why.text);
        live_say(live, "turret: %s; the one before is used\n", why.text);
        first = first.code ? first : why;
        below = keys.newest;
    }
}

int live_import_venues(struct live *live, const struct live_saved *saved, struct turret_error *err)
{
    const uint8_t *at = saved->venues, *end = saved->venues + saved->venues_bytes;
    int status = TURRET_OK;
    while (!status && end - at >= 24) {
        uint64_t size;
        uint32_t v;
        memcpy(&size, at + 16, sizeof size);
        if (size > (uint64_t)(end - at) - 24)
            return turret_fail(err, TURRET_ECORRUPT, "the snapshot's venue state is cut short");
        for (v = 0; v < live->config->venue_count; v++)
            if (!strncmp(live->config->venues[v].name, (const char *)at, 16))
                status = venues_import(live->venues, v, at + 24, (size_t)size, err);
        at += 24 + size;
    }
    return status;
}
