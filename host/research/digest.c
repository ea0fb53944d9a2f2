/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 over what a run produced. */
#include "research/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct digest {
    EVP_MD_CTX *state;
    int failed;
};

int digest_begin(struct digest **out, struct turret_error *err)
{
    *out = calloc(1, sizeof **out);
    if (*out)
        (*out)->state = EVP_MD_CTX_new();
    if (!*out || !(*out)->state || !EVP_DigestInit_ex((*out)->state, EVP_sha256(), NULL))
        return turret_fail(err, TURRET_ENOMEM, "no SHA-256");
    return TURRET_OK;
}

void digest_add(struct digest *digest, const void *bytes, size_t size_bytes)
{
    if (!EVP_DigestUpdate(digest->state, bytes, size_bytes))
        digest->failed = 1;
}

int digest_end(struct digest *digest, uint8_t hash[32], struct turret_error *err)
{
    if (digest->failed || !EVP_DigestFinal_ex(digest->state, hash, NULL))
        return turret_fail(err, TURRET_EIO, "SHA-256 did not finish");
    return TURRET_OK;
}

void digest_free(struct digest *digest)
{
    if (digest)
        EVP_MD_CTX_free(digest->state);
    free(digest);
}
