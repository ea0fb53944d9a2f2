/* SPDX-License-Identifier: Apache-2.0 */
/* Seeded changes of an input: the same seed makes the same inputs. */
#ifndef TESTS_FUZZ_MUTATE_H
#define TESTS_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

struct input {
    uint8_t *bytes;
    size_t size;
};

/* Words of the target's language, each "like this"; owned by the caller. */
struct dictionary {
    struct input *words;
    size_t count;
};

uint64_t mutate_draw(uint64_t *state, uint64_t below);
/* Changes `size` bytes in place, in room for `room`; `other` may give pieces. Answers the size. */
size_t mutate(uint64_t *state, uint8_t *bytes, size_t size, size_t room, const struct input *other,
              const struct dictionary *dictionary);

#endif
