/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of an incarnation as bytes: what snapshots keep and what one build hands to the next.
 * Layout: u32 schema, u32 field count, for each field u32 id, type, count and its values, then
 * u64 length and the bytes of save().
 */
#ifndef CORE_SAVED_STATE_H
#define CORE_SAVED_STATE_H

#include "core/state.h"

#include <string.h>

/* A place bytes are appended to; `used` goes on counting past `room`. */
struct pack {
    uint8_t *bytes;
    size_t used, room;
};

struct unpack {
    const uint8_t *at, *end;
    struct turret_error *err;
};

static inline void pack_put(struct pack *pack, const void *from, size_t size)
{
    if (pack->used + size <= pack->room && size)
        memcpy(pack->bytes + pack->used, from, size);
    pack->used += size;
}

/* fails: ECORRUPT the bytes end before */
int unpack_get(struct unpack *in, void *to, size_t size);

size_t saved_field_size(const struct turret_field *field);

/*
 * Appends the state. fails: what save() said; then it is there with its fields and no bytes of
 * save(), which a snapshot may keep and a swap may not.
 */
int saved_state_put(struct pack *pack, const struct incarnation *from, struct turret_error *err);

/*
 * Reads a state into `to`, which is new and not yet started; passes over it when `to` is NULL. The
 * same field takes its value, a wider one converts it; another schema goes through a converter of
 * the new build, or of `saved_by` (the build that saved it; NULL when it is not loaded).
 *
 * fails: ECORRUPT; EVERSION no way from that schema, or a field that became narrower; what a
 *        converter or load() said. `to` is then to be thrown away.
 */
int saved_state_take(struct unpack *in, struct incarnation *to,
                     const struct turret_strategy_type *saved_by, struct turret_error *err);

/* Whose converter is being called. `to` is what it was given to fill. */
const struct turret_strategy_type *saved_state_converter(const struct turret_saved *to);

/*
 * Whether a state of one type is one of the other as it is: the same schema and fields, and no
 * stream. Then it need not become bytes in between.
 */
bool saved_state_alike(const struct turret_strategy_type *a, const struct turret_strategy_type *b);
/* Between two that are alike. */
void saved_state_copy(const struct incarnation *from, struct incarnation *to);
/* As saved_state_compare(), with one that is alike. */
int saved_state_same(const struct incarnation *incarnation, const struct incarnation *expected,
                     struct turret_error *err);

/* Whether both hold the same values in every declared field; names the first that differs. */
int saved_state_compare(const struct incarnation *incarnation, const struct unpack *expected,
                        struct turret_error *err);

#endif
