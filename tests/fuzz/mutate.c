/* SPDX-License-Identifier: Apache-2.0 */
#include "mutate.h"

#include "trace.h"

#include <string.h>

/* SplitMix64. */
uint64_t mutate_draw(uint64_t *state, uint64_t below)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    z ^= z >> 31;
    return below ? z % below : z;
}

static size_t place(uint64_t *state, size_t size)
{
    return (size_t)mutate_draw(state, size ? size : 1);
}

/* Puts a piece over what is there, or between. */
static size_t put(uint64_t *state, uint8_t *bytes, size_t size, size_t room, const uint8_t *piece,
                  size_t length)
{
    size_t at = place(state, size + 1);
    if (length > room)
        length = room;
    if (mutate_draw(state, 2) && at + length <= size) {
        memcpy(bytes + at, piece, length);
        return size;
    }
    if (size + length > room)
        return size;
    memmove(bytes + at + length, bytes + at, size - at);
    memcpy(bytes + at, piece, length);
    return size + length;
}

static size_t cut(uint64_t *state, uint8_t *bytes, size_t size)
{
    size_t at = place(state, size), length = place(state, 1 + (size - at));
    if (mutate_draw(state, 4) == 0)
        return at; /* everything behind */
    if (length > 32)
        length %= 32;
    memmove(bytes + at, bytes + at + length, size - at - length);
    return size - length;
}

/* A number at the edges, in 1, 2, 4 or 8 bytes. */
static size_t number(uint64_t *state, uint8_t *bytes, size_t size, size_t room)
{
    const uint64_t edges[] = {0,
                              1,
                              UINT64_MAX,
                              INT64_MAX,
                              UINT64_C(1) << 63,
                              UINT32_MAX,
                              INT32_MAX,
                              size,
                              mutate_draw(state, 256),
                              mutate_draw(state, 0),
                              trace_constant(mutate_draw(state, 0)),
                              trace_constant(mutate_draw(state, 0))};
    uint64_t value = edges[mutate_draw(state, sizeof edges / sizeof *edges)];
    uint8_t piece[8];
    memcpy(piece, &value, sizeof piece);
    return put(state, bytes, size, room, piece, (size_t)1 << mutate_draw(state, 4));
}

static void add_to_number(uint64_t *state, uint8_t *bytes, size_t size)
{
    size_t width = (size_t)1 << mutate_draw(state, 4), at = place(state, size);
    uint64_t value = 0;
    if (at + width > size)
        return;
    memcpy(&value, bytes + at, width);
    value += mutate_draw(state, 33) - 16;
    memcpy(bytes + at, &value, width);
}

static size_t change(uint64_t *state, uint8_t *bytes, size_t size, size_t room,
                     const struct input *other, const struct dictionary *dictionary)
{
    switch (mutate_draw(state, 9)) {
    case 0:
        if (size)
            bytes[place(state, size)] ^= (uint8_t)(1u << mutate_draw(state, 8));
        return size;
    case 1:
        if (size)
            bytes[place(state, size)] = (uint8_t)mutate_draw(state, 256);
        return size;
    case 2:
        return cut(state, bytes, size);
    case 3:
        return number(state, bytes, size, room);
    case 4:
        add_to_number(state, bytes, size);
        return size;
    case 5: { /* of itself, elsewhere */
        uint8_t piece[64];
        size_t at = place(state, size), length = 1 + place(state, sizeof piece);
        if (at + length > size)
            return size;
        memcpy(piece, bytes + at, length);
        return put(state, bytes, size, room, piece, length);
    }
    case 6: { /* of another */
        size_t at = place(state, other->size), length = 1 + place(state, 256);
        if (at + length > other->size)
            length = other->size - at;
        return put(state, bytes, size, room, other->bytes + at, length);
    }
    default:
        if (dictionary->count) {
            const struct input *word = &dictionary->words[mutate_draw(state, dictionary->count)];
            return put(state, bytes, size, room, word->bytes, word->size);
        }
        return number(state, bytes, size, room);
    }
}

size_t mutate(uint64_t *state, uint8_t *bytes, size_t size, size_t room, const struct input *other,
              const struct dictionary *dictionary)
{
    uint64_t changes = 1 + mutate_draw(state, 1 + mutate_draw(state, 8));
    while (changes-- > 0)
        size = change(state, bytes, size, room, other, dictionary);
    return size;
}
