/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 over what a run produced: two equal runs have equal digests. */
#ifndef RESEARCH_DIGEST_H
#define RESEARCH_DIGEST_H

#include <turret/core.h>

struct digest;

int digest_begin(struct digest **out, struct turret_error *err);
void digest_add(struct digest *digest, const void *bytes, size_t size_bytes);
int digest_end(struct digest *digest, uint8_t hash[32], struct turret_error *err);
void digest_free(struct digest *digest); /* NULL is allowed */

#endif
