/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run produced, in 32 bytes: two equal runs have equal digests, and two that differ have
 * different ones but for a chance of 2^-64. It tells runs apart; it does not stand up to somebody
 * who makes up a run to match.
 */
#ifndef RESEARCH_DIGEST_H
#define RESEARCH_DIGEST_H

#include <turret/core.h>

#define DIGEST_LANES 4

struct digest {
    uint64_t lanes[DIGEST_LANES];
    uint64_t words;
};

void digest_begin(struct digest *digest);
/* size_bytes is a multiple of 8. */
void digest_add(struct digest *digest, const void *bytes, size_t size_bytes);
void digest_end(const struct digest *digest, uint8_t hash[32]);

#endif
