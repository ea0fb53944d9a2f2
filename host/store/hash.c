/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 by libcrypto. The algorithm is fetched once: looking it up by name for every record
 * costs more than hashing it.
 */
#include "store/hash.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct hash {
    EVP_MD *algorithm;
    EVP_MD_CTX *state;
};

int hash_create(struct hash **out, struct turret_error *err)
{
    struct hash *hash = calloc(1, sizeof *hash);
    *out = NULL;
    if (!hash)
        return turret_fail(err, TURRET_ENOMEM, "no memory for the journal's hash");
    hash->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    hash->state = EVP_MD_CTX_new();
    if (!hash->algorithm || !hash->state) {
        hash_destroy(hash);
        return turret_fail(err, TURRET_ENOTSUP,
                           "libcrypto offers no SHA-256, which the journal needs: look at "
                           "OPENSSL_CONF and the installed providers");
    }
    *out = hash;
    return TURRET_OK;
}

void hash_destroy(struct hash *hash)
{
    if (!hash)
        return;
    EVP_MD_CTX_free(hash->state);
    EVP_MD_free(hash->algorithm);
    free(hash);
}

int hash_link(struct hash *hash, const uint8_t before[HASH_BYTES], const void *header,
              size_t header_bytes, const void *payload, size_t payload_bytes,
              uint8_t link[HASH_BYTES])
{
    unsigned length = 0;
    if (!EVP_DigestInit_ex2(hash->state, hash->algorithm, NULL) ||
        !EVP_DigestUpdate(hash->state, before, HASH_BYTES) ||
        !EVP_DigestUpdate(hash->state, header, header_bytes) ||
        (payload_bytes > 0 && !EVP_DigestUpdate(hash->state, payload, payload_bytes)) ||
        !EVP_DigestFinal_ex(hash->state, link, &length) || length != HASH_BYTES)
        return TURRET_EIO;
    return TURRET_OK;
}
