/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key file is one line, "turret audit key 1 HEX": the 32 bytes an Ed25519 pair is made from. It
 * is written under another name and renamed, so that it is there whole or not at all.
 */
#include "store/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_START "turret audit key 1 "
#define FILE_BYTES (sizeof FILE_START - 1 + 2 * (size_t)SEAL_KEY_BYTES + 1)
#define PATH_ROOM  4096

_Static_assert(SEAL_HASH_BYTES == crypto_generichash_BYTES, "BLAKE2b-256");
_Static_assert(SEAL_KEY_BYTES == crypto_sign_PUBLICKEYBYTES &&
                   SEAL_KEY_BYTES == crypto_sign_SEEDBYTES &&
                   SEAL_SIGNATURE_BYTES == crypto_sign_BYTES,
               "Ed25519");

struct seal_key {
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    uint8_t public[SEAL_KEY_BYTES];
};

int seal_start(struct turret_error *err)
{
    if (sodium_init() >= 0)
        return TURRET_OK;
    return turret_fail(err, TURRET_ENOMEM, "libsodium does not start");
}

void seal_link(const uint8_t before[SEAL_HASH_BYTES], const void *header, size_t header_bytes,
               const void *text, size_t text_bytes, uint8_t link[SEAL_HASH_BYTES])
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, SEAL_HASH_BYTES);
    (void)crypto_generichash_update(&state, before, SEAL_HASH_BYTES);
    (void)crypto_generichash_update(&state, header, header_bytes);
    (void)crypto_generichash_update(&state, text, text_bytes);
    (void)crypto_generichash_final(&state, link, SEAL_HASH_BYTES);
}

void seal_to_hex(const uint8_t *bytes, size_t size_bytes, char *text)
{
    (void)sodium_bin2hex(text, SEAL_HEX(size_bytes), bytes, size_bytes);
}

bool seal_from_hex(const char *text, uint8_t *bytes, size_t size_bytes)
{
    const char *end = text;
    size_t got = 0;
    if (strspn(text, "0123456789abcdef") != 2 * size_bytes)
        return false;
    return sodium_hex2bin(bytes, size_bytes, text, 2 * size_bytes, NULL, &got, &end) == 0 &&
           got == size_bytes && text[2 * size_bytes] == '\0';
}

/* ---- the key's file ---- */

static int bad_file(int code, const char *path, const char *what, struct turret_error *err)
{
    return turret_fail(err, code, "audit key %s: %s", path, what);
}

static int failed(const char *path, const char *what, struct turret_error *err)
{
    return turret_fail(err, errno == ENOSPC || errno == EDQUOT ? TURRET_EFULL : TURRET_EIO,
                       "audit key %s: %s: %s", path, what, strerror(errno));
}

static int write_line(int fd, const char *line)
{
    size_t done = 0;
    while (done < FILE_BYTES) {
        ssize_t wrote = write(fd, line + done, FILE_BYTES - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return -1;
        done += (size_t)wrote;
    }
    return fsync(fd);
}

static int sync_directory(const char *path)
{
    char copy[PATH_ROOM];
    int fd, rc;
    (void)snprintf(copy, sizeof copy, "%s", path);
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    rc = fsync(fd);
    (void)close(fd);
    return rc;
}

static int make_file(const char *path, struct turret_error *err)
{
    char made[PATH_ROOM], line[FILE_BYTES + 1];
    uint8_t seed[SEAL_KEY_BYTES];
    int fd, rc, length = snprintf(made, sizeof made, "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof made)
        return bad_file(TURRET_EINVAL, path, "its path is too long", err);
    (void)unlink(made); /* of a start that was interrupted */
    fd = open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed(path, "it cannot be made", err);
    randombytes_buf(seed, sizeof seed);
    memcpy(line, FILE_START, sizeof FILE_START);
    seal_to_hex(seed, sizeof seed, line + sizeof FILE_START - 1);
    line[FILE_BYTES - 1] = '\n';
    rc = write_line(fd, line);
    sodium_memzero(line, sizeof line);
    sodium_memzero(seed, sizeof seed);
    (void)close(fd);
    if (rc == 0)
        rc = rename(made, path);
    if (rc == 0)
        rc = sync_directory(path);
    return rc == 0 ? TURRET_OK : failed(path, "it cannot be written", err);
}

static int read_file(const char *path, uint8_t seed[SEAL_KEY_BYTES], struct turret_error *err)
{
    char text[FILE_BYTES + 1] = "";
    struct stat file;
    ssize_t got = -1;
    bool good;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return bad_file(TURRET_ENOTFOUND, path, "there is no such file", err);
    if (fd < 0 || fstat(fd, &file) != 0 || (got = read(fd, text, sizeof text)) < 0) {
        int code = failed(path, "it cannot be read", err);
        if (fd >= 0)
            (void)close(fd);
        return code;
    }
    (void)close(fd);
    good = got == (ssize_t)FILE_BYTES && text[FILE_BYTES - 1] == '\n' &&
           memcmp(text, FILE_START, sizeof FILE_START - 1) == 0;
    text[FILE_BYTES - 1] = '\0';
    good = good && seal_from_hex(text + sizeof FILE_START - 1, seed, SEAL_KEY_BYTES);
    sodium_memzero(text, sizeof text);
    if ((file.st_mode & 077) != 0)
        return bad_file(TURRET_EDENIED, path, "others can read it; chmod 600 it", err);
    return good ? TURRET_OK : bad_file(TURRET_EINVAL, path, "it holds no key of an audit", err);
}

int seal_key_open(struct seal_key **out, const char *path, bool make, struct turret_error *err)
{
    struct turret_error why = {0, 0, ""};
    uint8_t seed[SEAL_KEY_BYTES];
    struct seal_key *key;
    int code = seal_start(err);
    *out = NULL;
    if (code != TURRET_OK)
        return code;
    code = read_file(path, seed, &why);
    if (code == TURRET_ENOTFOUND && make) {
        code = make_file(path, err);
        if (code != TURRET_OK)
            return code;
        code = read_file(path, seed, err);
    } else if (code != TURRET_OK) {
        (void)turret_fail(err, code, "%s", why.text);
    }
    if (code != TURRET_OK)
        return code;
    key = sodium_malloc(sizeof *key);
    if (key)
        (void)crypto_sign_seed_keypair(key->public, key->secret, seed);
    sodium_memzero(seed, sizeof seed);
    *out = key;
    return key ? TURRET_OK : turret_fail(err, TURRET_ENOMEM, "no memory for the audit's key");
}

void seal_key_close(struct seal_key *key)
{
    sodium_free(key);
}

const uint8_t *seal_key_public(const struct seal_key *key)
{
    return key->public;
}

void seal_sign(const struct seal_key *key, const void *message, size_t size_bytes,
               uint8_t signature[SEAL_SIGNATURE_BYTES])
{
    (void)crypto_sign_detached(signature, NULL, message, size_bytes, key->secret);
}

bool seal_is_by(const uint8_t key[SEAL_KEY_BYTES], const void *message, size_t size_bytes,
                const uint8_t signature[SEAL_SIGNATURE_BYTES])
{
    return crypto_sign_verify_detached(signature, message, size_bytes, key) == 0;
}
