/* SPDX-License-Identifier: Apache-2.0 */
/* A growing table from 64-bit ids, never 0, to numbers. */
#ifndef SIMULATE_IDS_H
#define SIMULATE_IDS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct ids {
    uint64_t *keys;
    int64_t *values;
    uint32_t room, count; /* room: a power of two, 0 before the first */
};

static inline int64_t *ids_find(const struct ids *ids, uint64_t id)
{
    uint32_t at;
    if (ids->room == 0)
        return NULL;
    for (at = (uint32_t)((id * UINT64_C(0x9e3779b97f4a7c15)) >> 32);; at++) {
        uint32_t place = at & (ids->room - 1);
        if (ids->keys[place] == id)
            return &ids->values[place];
        if (ids->keys[place] == 0)
            return NULL;
    }
}

static inline void ids_finish(struct ids *ids)
{
    free(ids->keys);
    free(ids->values);
    memset(ids, 0, sizeof *ids);
}

static inline void ids_clear(struct ids *ids)
{
    if (ids->room)
        memset(ids->keys, 0, ids->room * sizeof *ids->keys);
    ids->count = 0;
}

static inline void ids_place(struct ids *ids, uint64_t id, int64_t value)
{
    uint32_t at = (uint32_t)((id * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
    while (ids->keys[at & (ids->room - 1)] != 0 && ids->keys[at & (ids->room - 1)] != id)
        at++;
    at &= ids->room - 1;
    ids->count += ids->keys[at] == 0;
    ids->keys[at] = id;
    ids->values[at] = value;
}

/* Without memory the simulation cannot go on. */
static inline void ids_put(struct ids *ids, uint64_t id, int64_t value)
{
    if (ids->count * 2 >= ids->room) {
        struct ids grown = {NULL, NULL, ids->room ? ids->room * 2 : 256, 0};
        uint32_t i;
        grown.keys = calloc(grown.room, sizeof *grown.keys);
        grown.values = calloc(grown.room, sizeof *grown.values);
        if (!grown.keys || !grown.values)
            abort();
        for (i = 0; i < ids->room; i++)
            if (ids->keys[i])
                ids_place(&grown, ids->keys[i], ids->values[i]);
        ids_finish(ids);
        *ids = grown;
    }
    ids_place(ids, id, value);
}

#endif
