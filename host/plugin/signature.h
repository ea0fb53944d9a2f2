/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ed25519 signatures in minisign's format, FILE.minisig beside FILE: both of its algorithms, and
 * the second signature that covers the first and the trusted comment. What is verified are bytes in
 * memory. Only signature.c includes <sodium.h>.
 *
 * Stricter than the format: the untrusted comment is the one minisign writes by itself, and base64
 * is canonical, so that no bit of a signature file can change without notice.
 */
#ifndef PLUGIN_SIGNATURE_H
#define PLUGIN_SIGNATURE_H

#include <turret/core.h>

#define SIGNATURE_SUFFIX   ".minisig"
#define SIGNATURE_SIZE_MAX 4096 /* of the file */

#define SIGNATURE_KEY_FILE "file:" /* starts a key that is the path of a .pub file */

struct signature_key {
    uint8_t id[8];
    uint8_t bytes[32];
};

struct signature {
    uint8_t algorithm[2]; /* "Ed": of the file; "ED": of its BLAKE2b-512 */
    uint8_t key_id[8];
    uint8_t bytes[64];
    uint8_t global[64]; /* of `bytes` and the comment */
    uint32_t comment_size;
    char comment[SIGNATURE_SIZE_MAX]; /* the trusted one; ends with a NUL too */
};

enum signature_state {
    SIGNATURE_UNCHECKED, /* nobody asked */
    SIGNATURE_GOOD,
    SIGNATURE_MISSING,
    SIGNATURE_BAD
};

/* What is known of a file's signature. */
struct signature_status {
    enum signature_state state;
    char key_name[17]; /* as minisign prints the key's id; "" when no signature can be read */
    char text[240];    /* GOOD: the trusted comment, printable; otherwise why not */
};

/* As minisign prints it: a number in hex, without leading zeros. */
void signature_key_name(const uint8_t id[8], char name[17]);

/*
 * `text` is the base64 line of a .pub file or "file:PATH" of one.
 * fails: EINVAL no such key; ENOTFOUND, EIO the file; EDENIED others can change the file
 */
int signature_read_key(const char *text, struct signature_key *key, struct turret_error *err);

/* Reads "<path>.minisig". fails: ENOTFOUND not signed; EINVAL, EIO unreadable; as parse */
int signature_read(struct signature *signature, const char *path, struct turret_error *err);
/* Any bytes are fine. fails: EINVAL empty, truncated, not in the format (text says which line) */
int signature_parse(struct signature *signature, const uint8_t *bytes, uint64_t size_bytes,
                    struct turret_error *err);

/*
 * Whether one of the keys made this signature of these bytes.
 * fails: EDENIED another key, changed file, changed signature, changed trusted comment (text says
 *        which); ENOMEM the library does not start
 */
int signature_verify(const struct signature *signature, const uint8_t *bytes, uint64_t size_bytes,
                     const struct signature_key *keys, uint32_t key_count,
                     struct turret_error *err);

/*
 * A verified trusted comment is words between blanks. name:ID, version:VERSION and abi:MAJOR.MINOR
 * have to be the note's, wherever they stand; other words are not looked at.
 *
 * fails: EDENIED it speaks of another plugin
 */
int signature_check_comment(const struct signature *signature, const struct turret_note *note,
                            struct turret_error *err);

#endif
