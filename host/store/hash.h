/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The links of the journal's chain: SHA-256(link before || header || payload). The only file of
 * the store that knows the crypto library is hash.c.
 */
#ifndef STORE_HASH_H
#define STORE_HASH_H

#include <turret/core.h>

#define HASH_BYTES 32

/* `link` may be the same memory as `before`. */
void hash_link(const uint8_t before[HASH_BYTES], const void *header, size_t header_bytes,
               const void *payload, size_t payload_bytes, uint8_t link[HASH_BYTES]);

#endif
