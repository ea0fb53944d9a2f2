/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The links of the journal's chain: SHA-256(link before || header || payload). The only file of
 * the store that knows the crypto library is hash.c.
 */
#ifndef STORE_HASH_H
#define STORE_HASH_H

#include <turret/core.h>

#define HASH_BYTES 32

struct hash;

/* Fetched once, used for every record. One thread at a time. fails: ENOMEM, ENOTSUP */
int hash_create(struct hash **out, struct turret_error *err);
/* NULL is allowed. */
void hash_destroy(struct hash *hash);

/* `link` may be the same memory as `before`. fails: EIO the crypto library refused */
int hash_link(struct hash *hash, const uint8_t before[HASH_BYTES], const void *header,
              size_t header_bytes, const void *payload, size_t payload_bytes,
              uint8_t link[HASH_BYTES]);

#endif
