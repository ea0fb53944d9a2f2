/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a signature file. What parses was written by nobody with the key: it never verifies,
 * and its comment is compared with a plugin's note. The same bytes as a public key.
 */
#include "fuzz.h"

#include "plugin/signature.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static const uint8_t file[] = "what was signed";
    static const struct turret_note note = {.id = "acme.cross", .version = "1.2"};
    struct turret_error err = {0, 0, ""};
    static struct signature signature;
    struct signature_key key = {{1}, {2}};
    char text[256], name[17];
    int code = signature_parse(&signature, bytes, size_bytes, &err);
    if (code == TURRET_OK) {
        FUZZ_MUST(signature.comment_size < SIGNATURE_SIZE_MAX);
        FUZZ_MUST(signature.comment[signature.comment_size] == '\0');
        memcpy(key.id, signature.key_id, sizeof key.id);
        signature_key_name(signature.key_id, name);
        FUZZ_MUST(strlen(name) < sizeof name);
        FUZZ_MUST(signature_verify(&signature, file, sizeof file, &key, 1, &err) != TURRET_OK);
        (void)signature_check_comment(&signature, &note, NULL);
    } else {
        FUZZ_MUST(err.code == code && err.text[0]);
    }
    if (size_bytes < sizeof text &&
        memcmp(bytes, SIGNATURE_KEY_FILE, size_bytes < 5 ? size_bytes : 5)) {
        memcpy(text, bytes, size_bytes);
        text[size_bytes] = '\0';
        (void)signature_read_key(text, &key, NULL);
    }
    return 0;
}
