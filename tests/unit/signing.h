/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes keys and signature files in minisign's format, so that tests can sign what they change. The
 * stock tool signs in tests/cli/test_signature.py.
 */
#ifndef TESTS_SIGNING_H
#define TESTS_SIGNING_H

#include "plugin/signature.h"
#include "plugin_files.h"

#include <sodium.h>

struct signer {
    struct signature_key key; /* the public half */
    uint8_t secret[64];
    char line[57]; /* of the .pub file */
};

/* The same number makes the same key pair. */
static inline void signer_init(struct signer *signer, uint8_t number)
{
    uint8_t seed[32] = {number}, raw[42] = {'E', 'd'};
    files_must(sodium_init() >= 0, "sodium_init", "");
    (void)crypto_sign_ed25519_seed_keypair(signer->key.bytes, signer->secret, seed);
    for (size_t i = 0; i < sizeof signer->key.id; i++)
        signer->key.id[i] = (uint8_t)(number * 16 + i);
    memcpy(raw + 2, signer->key.id, 8);
    memcpy(raw + 10, signer->key.bytes, 32);
    (void)sodium_bin2base64(signer->line, sizeof signer->line, raw, sizeof raw,
                            sodium_base64_VARIANT_ORIGINAL);
}

/* A signature file; `algorithm` is "Ed" or "ED". Malloced, ends with a NUL behind *size. */
static inline char *signer_sign(const struct signer *signer, const char *algorithm,
                                const void *bytes, size_t size_bytes, const char *comment,
                                size_t *size)
{
    uint8_t raw[74], covered[64 + 1024], global[64], digest[64];
    char first[128], second[128];
    size_t length = strlen(comment);
    files_must(length <= 1024, "comment too long", comment);
    memcpy(raw, algorithm, 2);
    memcpy(raw + 2, signer->key.id, 8);
    if (strcmp(algorithm, "ED") == 0) {
        (void)crypto_generichash(digest, sizeof digest, bytes, size_bytes, NULL, 0);
        bytes = digest;
        size_bytes = sizeof digest;
    }
    (void)crypto_sign_ed25519_detached(raw + 10, NULL, bytes, size_bytes, signer->secret);
    memcpy(covered, raw + 10, 64);
    memcpy(covered + 64, comment, length);
    (void)crypto_sign_ed25519_detached(global, NULL, covered, 64 + length, signer->secret);
    (void)sodium_bin2base64(first, sizeof first, raw, sizeof raw, sodium_base64_VARIANT_ORIGINAL);
    (void)sodium_bin2base64(second, sizeof second, global, sizeof global,
                            sodium_base64_VARIANT_ORIGINAL);
    size_t room = length + 512;
    char *text = malloc(room);
    files_must(text != NULL, "no memory", "");
    int made = snprintf(text, room,
                        "untrusted comment: signature from minisign secret key\n%s\n"
                        "trusted comment: %s\n%s\n",
                        first, comment, second);
    *size = (size_t)made;
    return text;
}

/* The same, written beside `path`. */
static inline void signer_write(const struct signer *signer, const char *path, const void *bytes,
                                size_t size_bytes, const char *comment)
{
    char beside[FILES_PATH_MAX + sizeof SIGNATURE_SUFFIX];
    size_t size;
    char *text = signer_sign(signer, "ED", bytes, size_bytes, comment, &size);
    (void)snprintf(beside, sizeof beside, "%s" SIGNATURE_SUFFIX, path);
    files_write(beside, text, size);
    free(text);
}

#endif
