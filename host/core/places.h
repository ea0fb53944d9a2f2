/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An open-addressed index into an array of slots. A place keeps the hash of what it points to, so
 * that neither a search nor a removal reads a slot that is not the one looked for: most of them
 * have long left the caches.
 */
#ifndef CORE_PLACES_H
#define CORE_PLACES_H

#include <assert.h>
#include <stdint.h>

struct place {
    uint32_t slot; /* + 1; 0 is empty */
    uint32_t hash;
};

/* Places for that many slots: a power of two, at least four times as many. */
static inline uint32_t places_for(uint32_t slots)
{
    uint32_t count = 8;
    while (count < 4 * slots)
        count *= 2;
    return count;
}

/*
 * Goes from place *at (a search begins with the hash itself) to the next one with this hash and
 * answers its slot + 1; 0: there is none.
 */
static inline uint32_t places_seek(const struct place *places, uint32_t mask, uint32_t hash,
                                   uint32_t *at)
{
    for (*at &= mask; places[*at].slot != 0; *at = (*at + 1) & mask)
        if (places[*at].hash == hash)
            return places[*at].slot;
    return 0;
}

static inline void places_add(struct place *places, uint32_t mask, uint32_t hash, uint32_t slot)
{
    uint32_t at = hash & mask;
    while (places[at].slot != 0)
        at = (at + 1) & mask;
    places[at].slot = slot + 1;
    places[at].hash = hash;
}

/* Moves the ones behind it up, so that no search ends too early. The slot must be there. */
static inline void places_remove(struct place *places, uint32_t mask, uint32_t hash, uint32_t slot)
{
    uint32_t hole = hash & mask, next;
    while (places[hole].slot != slot + 1) {
        assert(places[hole].slot != 0);
        hole = (hole + 1) & mask;
    }
    for (next = (hole + 1) & mask; places[next].slot != 0; next = (next + 1) & mask)
        if (((next - places[next].hash) & mask) >= ((next - hole) & mask)) {
            places[hole] = places[next];
            hole = next;
        }
    places[hole].slot = 0;
}

#endif
