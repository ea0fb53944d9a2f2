/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cryptography of the audit: BLAKE2b-256 links, and Ed25519 signatures with a key that lies in
 * a file of its own. Of the store only seal.c includes <sodium.h>.
 */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include <turret/core.h>

#include <stdbool.h>

#define SEAL_HASH_BYTES      32
#define SEAL_KEY_BYTES       32
#define SEAL_SIGNATURE_BYTES 64
#define SEAL_HEX(bytes)      (2 * (bytes) + 1) /* room for them as text */

/* Before anything else here, as often as one likes. fails: ENOMEM the library does not start */
int seal_start(struct turret_error *err);

/* The link of a record: the hash over the link before, its header and its text. */
void seal_link(const uint8_t before[SEAL_HASH_BYTES], const void *header, size_t header_bytes,
               const void *text, size_t text_bytes, uint8_t link[SEAL_HASH_BYTES]);

/* A secret key, in memory that is not swapped or dumped, and its public one. */
struct seal_key;

/*
 * Reads the key from `path`; with `make` a file that is not there is made (mode 0600) and is on the
 * disk when this returns.
 * fails: ENOTFOUND there is none; EDENIED others can read it; EINVAL it holds no key; EIO, EFULL
 */
int seal_key_open(struct seal_key **out, const char *path, bool make, struct turret_error *err);
void seal_key_close(struct seal_key *key); /* NULL is allowed */
const uint8_t *seal_key_public(const struct seal_key *key);

void seal_sign(const struct seal_key *key, const void *message, size_t size_bytes,
               uint8_t signature[SEAL_SIGNATURE_BYTES]);
bool seal_is_by(const uint8_t key[SEAL_KEY_BYTES], const void *message, size_t size_bytes,
                const uint8_t signature[SEAL_SIGNATURE_BYTES]);

/* Lower case, and nothing else, is read back. */
void seal_to_hex(const uint8_t *bytes, size_t size_bytes, char *text);
bool seal_from_hex(const char *text, uint8_t *bytes, size_t size_bytes);

#endif
