/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Four lines: untrusted comment; base64 of algorithm, key id, signature; trusted comment; base64 of
 * the signature over the first one's 64 bytes and the trusted comment. (minisign(1), "Signature
 * format" of its documentation; a reference test signs with the stock tool.)
 */
#include "plugin/signature.h"
#include "plugin/loader.h"
#include "plugin/ownership.h"
#include "plugin/refuse.h"
#include "plugin/whole_file.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define KEY_FILE_SIZE_MAX 1024
#define DECODED_MAX       74 /* bytes: algorithm, key id, signature */

static const char untrusted_line[] = "untrusted comment: signature from minisign secret key";
static const char untrusted_start[] = "untrusted comment: ";
static const char trusted_start[] = "trusted comment: ";
static const char plain[] = "Ed", prehashed[] = "ED";

struct line {
    const char *at;
    size_t size; /* without its end */
};

/* The next line that has an end; false when there is none. */
static bool next_line(const char **at, const char *end, struct line *line)
{
    const char *stop = memchr(*at, '\n', (size_t)(end - *at));
    if (!stop)
        return false;
    *line = (struct line){*at, (size_t)(stop - *at)};
    *at = stop + 1;
    return true;
}

static bool starts_with(const struct line *line, const char *start)
{
    size_t size = strlen(start);
    return line->size >= size && memcmp(line->at, start, size) == 0;
}

/*
 * Exactly `size` bytes in canonical base64, nothing before, between or behind. The library's reader
 * takes some characters above 0x7f for letters, so what it read is written again and compared.
 */
static bool decode(const struct line *line, uint8_t *bytes, size_t size)
{
    char again[sodium_base64_ENCODED_LEN(DECODED_MAX, sodium_base64_VARIANT_ORIGINAL)];
    size_t got = 0;
    assert(size <= DECODED_MAX);
    if (sodium_base642bin(bytes, size, line->at, line->size, NULL, &got, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        got != size)
        return false;
    (void)sodium_bin2base64(again, sizeof again, bytes, size, sodium_base64_VARIANT_ORIGINAL);
    return strlen(again) == line->size && memcmp(again, line->at, line->size) == 0;
}

void signature_key_name(const uint8_t id[8], char name[17])
{
    uint64_t number = 0;
    for (int i = 8; i-- > 0;)
        number = number << 8 | id[i];
    (void)snprintf(name, 17, "%" PRIX64, number);
}

/* ---- keys ---- */

static bool decode_key(const struct line *line, struct signature_key *key)
{
    uint8_t raw[2 + sizeof key->id + sizeof key->bytes];
    if (!decode(line, raw, sizeof raw) || memcmp(raw, plain, 2) != 0)
        return false;
    memcpy(key->id, raw + 2, sizeof key->id);
    memcpy(key->bytes, raw + 2 + sizeof key->id, sizeof key->bytes);
    return true;
}

/* Who can change the file can pin a key of their own. */
static int read_key_file(const char *path, struct signature_key *key, struct turret_error *err)
{
    struct whole_file file;
    struct line comment, line;
    int status = whole_file_read(&file, path, "a public key", KEY_FILE_SIZE_MAX, err);
    if (status)
        return status;
    const char *at = (const char *)file.bytes, *end = at + file.size_bytes;
    status = ownership_check(path, file.owner, file.group, file.mode, "", err);
    if (!status && (!next_line(&at, end, &comment) || !starts_with(&comment, untrusted_start) ||
                    !next_line(&at, end, &line) || at != end || !decode_key(&line, key)))
        status = refuse_file(err, TURRET_EINVAL, path, "not a minisign public key file (a .pub)");
    free(file.bytes);
    return status;
}

int signature_read_key(const char *text, struct signature_key *key, struct turret_error *err)
{
    size_t prefix = strlen(SIGNATURE_KEY_FILE);
    const struct line line = {text, strlen(text)};
    memset(key, 0, sizeof *key);
    if (strncmp(text, SIGNATURE_KEY_FILE, prefix) == 0)
        return read_key_file(text + prefix, key, err);
    if (decode_key(&line, key))
        return TURRET_OK;
    return turret_fail(err, TURRET_EINVAL,
                       "'%.80s' is not a public key: give the second line of the .pub file "
                       "(56 characters, RW...), or file:PATH of that file",
                       text);
}

/* ---- signature files ---- */

static int bad_line(int number, const char *why, struct turret_error *err)
{
    return turret_fail(err, TURRET_EINVAL, "line %d of its signature file is %s; sign it again",
                       number, why);
}

int signature_parse(struct signature *signature, const uint8_t *bytes, uint64_t size_bytes,
                    struct turret_error *err)
{
    const char *at = (const char *)bytes, *end = at + size_bytes;
    uint8_t raw[2 + sizeof signature->key_id + sizeof signature->bytes];
    struct line lines[4];
    int count = 0;
    memset(signature, 0, sizeof *signature);
    if (size_bytes == 0)
        return turret_fail(err, TURRET_EINVAL, "its signature file is empty; sign it again");
    while (count < 4 && next_line(&at, end, &lines[count]))
        count++;
    if (count > 0 && (lines[0].size != strlen(untrusted_line) ||
                      memcmp(lines[0].at, untrusted_line, lines[0].size) != 0))
        return bad_line(1, "not minisign's own untrusted comment", err);
    if (count > 1 && !decode(&lines[1], raw, sizeof raw))
        return bad_line(2, "not a signature in base64", err);
    if (count > 1 && memcmp(raw, plain, 2) != 0 && memcmp(raw, prehashed, 2) != 0)
        return bad_line(2, "a signature of an unknown algorithm", err);
    if (count > 2 && !starts_with(&lines[2], trusted_start))
        return bad_line(3, "not a trusted comment", err);
    if (count > 3 && !decode(&lines[3], signature->global, sizeof signature->global))
        return bad_line(4, "not a signature in base64", err);
    if (count < 4)
        return turret_fail(err, TURRET_EINVAL,
                           "its signature file is cut off in line %d of 4; sign it again",
                           count + 1);
    if (at != end || size_bytes > SIGNATURE_SIZE_MAX)
        return turret_fail(err, TURRET_EINVAL,
                           "its signature file has more than 4 lines or %d bytes; sign it again",
                           SIGNATURE_SIZE_MAX);
    memcpy(signature->algorithm, raw, 2);
    memcpy(signature->key_id, raw + 2, sizeof signature->key_id);
    memcpy(signature->bytes, raw + 2 + sizeof signature->key_id, sizeof signature->bytes);
    signature->comment_size = (uint32_t)(lines[2].size - strlen(trusted_start));
    memcpy(signature->comment, lines[2].at + strlen(trusted_start), signature->comment_size);
    return TURRET_OK;
}

int signature_read(struct signature *signature, const char *path, struct turret_error *err)
{
    char beside[PLUGIN_PATH_MAX + sizeof SIGNATURE_SUFFIX];
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    struct turret_error why = {0};
    struct whole_file file;
    int length = snprintf(beside, sizeof beside, "%s" SIGNATURE_SUFFIX, path);
    memset(signature, 0, sizeof *signature);
    if (length < 0 || (size_t)length >= sizeof beside)
        return turret_fail(err, TURRET_EINVAL, "its path is too long for a signature beside it");
    int status = whole_file_read(&file, beside, "a signature", SIGNATURE_SIZE_MAX, &why);
    if (status == TURRET_ENOTFOUND)
        return turret_fail(err, status,
                           "not signed: there is no %.80s" SIGNATURE_SUFFIX
                           " beside it; its author makes one with minisign -Sm %.80s",
                           name, name);
    if (status)
        return turret_fail(err, status, "its signature cannot be read: %s", why.text);
    status = signature_parse(signature, file.bytes, file.size_bytes, err);
    free(file.bytes);
    return status;
}

/* ---- verification ---- */

/* What is signed: the bytes or, in `digest`, their hash. */
static const uint8_t *signed_bytes(const struct signature *signature, const uint8_t *bytes,
                                   uint64_t *size_bytes, uint8_t digest[64])
{
    if (memcmp(signature->algorithm, prehashed, 2) != 0)
        return bytes;
    (void)crypto_generichash(digest, 64, bytes, *size_bytes, NULL, 0); /* fails on bad sizes only */
    *size_bytes = 64;
    return digest;
}

/* The global signature covers the first signature and the trusted comment behind it. */
static bool covers_comment(const struct signature *signature, const struct signature_key *key)
{
    uint8_t covered[sizeof signature->bytes + SIGNATURE_SIZE_MAX];
    memcpy(covered, signature->bytes, sizeof signature->bytes);
    memcpy(covered + sizeof signature->bytes, signature->comment, signature->comment_size);
    return crypto_sign_ed25519_verify_detached(signature->global, covered,
                                               sizeof signature->bytes + signature->comment_size,
                                               key->bytes) == 0;
}

int signature_verify(const struct signature *signature, const uint8_t *bytes, uint64_t size_bytes,
                     const struct signature_key *keys, uint32_t key_count, struct turret_error *err)
{
    char name[17];
    uint8_t digest[64];
    bool known = false, file = false, comment = false;
    if (sodium_init() < 0)
        return turret_fail(err, TURRET_ENOMEM, "libsodium does not start");
    const uint8_t *content = signed_bytes(signature, bytes, &size_bytes, digest);
    for (uint32_t i = 0; i < key_count; i++) {
        if (memcmp(keys[i].id, signature->key_id, sizeof keys[i].id) != 0)
            continue;
        known = true;
        file = crypto_sign_ed25519_verify_detached(signature->bytes, content, size_bytes,
                                                   keys[i].bytes) == 0;
        comment = covers_comment(signature, &keys[i]);
        if (file && comment)
            return TURRET_OK;
    }
    signature_key_name(signature->key_id, name);
    if (!known)
        return turret_fail(err, TURRET_EDENIED,
                           "signed with key %s, which is not pinned; if you trust it, add it to "
                           "the directory's keys",
                           name);
    /* The global signature fits what was made with the key; so what does not fit was changed. */
    if (file)
        return turret_fail(err, TURRET_EDENIED,
                           "the trusted comment of its signature was changed after key %s "
                           "signed it; get both files again",
                           name);
    return turret_fail(err, TURRET_EDENIED,
                       comment ? "the file was changed after key %s signed it; get it again"
                               : "its signature was changed, or is not by the pinned key %s; "
                                 "get both files again",
                       name);
}

/* ---- the trusted comment ---- */

int signature_check_comment(const struct signature *signature, const struct turret_note *note,
                            struct turret_error *err)
{
    char abi[16];
    (void)snprintf(abi, sizeof abi, "%u.%u", note->abi_major, note->abi_minor);
    const struct {
        const char *field, *value;
    } wanted[] = {{"name:", note->id}, {"version:", note->version}, {"abi:", abi}};
    const char *at = signature->comment, *end = at + signature->comment_size;
    while (at < end) {
        const char *stop = at;
        while (stop < end && *stop != ' ' && *stop != '\t')
            stop++;
        const struct line word = {at, (size_t)(stop - at)};
        for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
            size_t field = strlen(wanted[i].field), value = strlen(wanted[i].value);
            if (starts_with(&word, wanted[i].field) &&
                (word.size != field + value ||
                 memcmp(word.at + field, wanted[i].value, value) != 0))
                return turret_fail(err, TURRET_EDENIED,
                                   "its signature is for %.*s, but the file's %s is %s; "
                                   "get the signature of this file",
                                   (int)(word.size < 80 ? word.size : 80), word.at,
                                   i == 0   ? "id"
                                   : i == 1 ? "version"
                                            : "plugin ABI",
                                   wanted[i].value);
        }
        at = stop + 1;
    }
    return TURRET_OK;
}
