/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 by nettle, which uses the processor's own instructions. libcrypto is as fast and takes
 * 3 MB more of every process.
 */
#include "store/hash.h"

#include <nettle/sha2.h>

_Static_assert(HASH_BYTES == SHA256_DIGEST_SIZE, "SHA-256");

void hash_link(const uint8_t before[HASH_BYTES], const void *header, size_t header_bytes,
               const void *payload, size_t payload_bytes, uint8_t link[HASH_BYTES])
{
    struct sha256_ctx state;
    sha256_init(&state);
    sha256_update(&state, HASH_BYTES, before);
    sha256_update(&state, header_bytes, header);
    sha256_update(&state, payload_bytes, payload);
    sha256_digest(&state, HASH_BYTES, link);
}
