/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that a signature in minisign's format is accepted with both of its algorithms, and that
 * every single-bit flip of the signature file and of the signed plugin is refused, as are every
 * truncation, other keys, comments that do not fit; each with a text that says what is wrong.
 */
#include "signing.h"

#include <setjmp.h>

#include <cmocka.h>

static char directory[FILES_PATH_MAX];
static struct signer ours, theirs;
static uint8_t *plugin;
static size_t plugin_size;

#define COMMENT "name:turret.wma version:1.0.0"

static int prepare(void **unused)
{
    char path[FILES_PATH_MAX];
    (void)unused;
    files_make_directory(directory);
    files_join(path, files_environment("TURRET_PLUGINS"), "wma.so");
    plugin = files_read(path, &plugin_size);
    signer_init(&ours, 1);
    signer_init(&theirs, 2);
    return 0;
}

static int clean_up(void **unused)
{
    (void)unused;
    free(plugin);
    files_remove_directory(directory);
    return 0;
}

/* Reads and verifies; the text of *why is "" when both went well. */
static int check(const void *text, size_t size, const uint8_t *bytes, size_t size_bytes,
                 struct turret_error *why)
{
    struct signature signature;
    memset(why, 0, sizeof *why);
    int status = signature_parse(&signature, text, size, why);
    if (!status)
        status = signature_verify(&signature, bytes, size_bytes, &ours.key, 1, why);
    assert_int_equal(status, why->code);
    assert_true(status == TURRET_OK || status == TURRET_EINVAL || status == TURRET_EDENIED);
    return status;
}

static void both_algorithms_are_accepted(void **unused)
{
    static const char *const algorithms[] = {"Ed", "ED"};
    struct turret_error why;
    (void)unused;
    for (size_t i = 0; i < 2; i++) {
        size_t size;
        char *text = signer_sign(&ours, algorithms[i], plugin, plugin_size, COMMENT, &size);
        assert_int_equal(check(text, size, plugin, plugin_size, &why), TURRET_OK);
        free(text);
        text = signer_sign(&ours, algorithms[i], "", 0, "", &size); /* nothing is fine, too */
        assert_int_equal(check(text, size, plugin, 0, &why), TURRET_OK);
        free(text);
    }
}

static void every_bit_of_the_signature_counts(void **unused)
{
    static const char *const algorithms[] = {"Ed", "ED"};
    size_t flips = 0;
    (void)unused;
    for (size_t i = 0; i < 2; i++) {
        size_t size;
        struct turret_error why;
        char *text = signer_sign(&ours, algorithms[i], "plugin", 6, COMMENT, &size);
        for (size_t bit = 0; bit < size * 8; bit++, flips++) {
            text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
            if (check(text, size, (const uint8_t *)"plugin", 6, &why) == TURRET_OK)
                fail_msg("%s: bit %zu of byte %zu may change", algorithms[i], bit % 8, bit / 8);
            text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
        }
        assert_int_equal(check(text, size, (const uint8_t *)"plugin", 6, &why), TURRET_OK);
        free(text);
    }
    print_message("%zu single-bit flips of signature files, all refused\n", flips);
}

/* Under sanitizers, which are slow at this and look for other things, every 11th bit. */
#ifdef __SANITIZE_ADDRESS__
#define BIT_STEP 11
#else
#define BIT_STEP 1
#endif

static void every_bit_of_the_plugin_counts(void **unused)
{
    size_t size, flips = 0, refused = 0;
    struct signature signature;
    char *text = signer_sign(&ours, "ED", plugin, plugin_size, COMMENT, &size);
    (void)unused;
    assert_int_equal(signature_parse(&signature, (uint8_t *)text, size, NULL), TURRET_OK);
    for (size_t bit = 0; bit < plugin_size * 8; bit += BIT_STEP, flips++) {
        plugin[bit / 8] = (uint8_t)(plugin[bit / 8] ^ 1 << bit % 8);
        refused +=
            signature_verify(&signature, plugin, plugin_size, &ours.key, 1, NULL) == TURRET_EDENIED;
        plugin[bit / 8] = (uint8_t)(plugin[bit / 8] ^ 1 << bit % 8);
    }
    assert_true(flips >= plugin_size * 8 / BIT_STEP);
    assert_int_equal(refused, flips);
    assert_int_equal(signature_verify(&signature, plugin, plugin_size, &ours.key, 1, NULL),
                     TURRET_OK);
    print_message("%zu single-bit flips of a plugin of %zu bytes, all refused\n", refused,
                  plugin_size);
    free(text);
}

static void every_truncation_is_refused(void **unused)
{
    size_t size;
    struct turret_error why;
    char *text = signer_sign(&ours, "ED", plugin, plugin_size, COMMENT, &size);
    (void)unused;
    for (size_t length = 0; length < size; length++)
        assert_int_equal(check(text, length, plugin, plugin_size, &why), TURRET_EINVAL);
    assert_int_equal(check(text, size + 1, plugin, plugin_size, &why), TURRET_EINVAL); /* a NUL */
    for (size_t length = 0; length < plugin_size; length += 97)
        assert_int_equal(check(text, size, plugin, length, &why), TURRET_EDENIED);
    free(text);
}

/* A signature file with one text in it replaced. */
static void check_text(const char *from, const char *to, const char *says)
{
    size_t size;
    struct turret_error why;
    char *text = signer_sign(&ours, "ED", plugin, plugin_size, COMMENT, &size), *changed = NULL;
    char *at = strstr(text, from);
    assert_non_null(at);
    *at = '\0';
    assert_true(asprintf(&changed, "%s%s%s", text, to, at + strlen(from)) >= 0);
    assert_int_not_equal(check(changed, strlen(changed), plugin, plugin_size, &why), TURRET_OK);
    assert_string_equal(why.text, says);
    free(changed);
    free(text);
}

static void what_is_wrong_with_the_form_is_said(void **unused)
{
    char first[16] = "", cut[16] = "";
    size_t size;
    char *text = signer_sign(&ours, "ED", plugin, plugin_size, COMMENT, &size);
    (void)unused;
    memcpy(first, strchr(text, '\n') + 1, 8);
    memcpy(cut, strchr(text, '\n') + 1, 7);
    free(text);
    check_text("minisign secret", "my own secret",
               "line 1 of its signature file is not minisign's own untrusted comment; sign it "
               "again");
    check_text(first, cut,
               "line 2 of its signature file is not a signature in base64; sign it again");
    check_text("\nRU", "\nSU",
               "line 2 of its signature file is a signature of an unknown algorithm; sign it "
               "again");
    check_text("\ntrusted comment: ", "\ntrusted: ",
               "line 3 of its signature file is not a trusted comment; sign it again");
    check_text("==\n", "=\n",
               "line 4 of its signature file is not a signature in base64; sign it again");
    check_text("==\n", "==\n\n",
               "its signature file has more than 4 lines or 4096 bytes; sign it again");
    check_text("==\n", "==", "its signature file is cut off in line 4 of 4; sign it again");
}

static void what_was_changed_is_said(void **unused)
{
    size_t size;
    struct turret_error why;
    char *text = signer_sign(&ours, "ED", plugin, plugin_size, COMMENT, &size);
    char *foreign = signer_sign(&theirs, "ED", plugin, plugin_size, COMMENT, &size);
    (void)unused;
    check_text("version:1.0.0", "version:1.0.1",
               "the trusted comment of its signature was changed after key 1716151413121110 "
               "signed it; get both files again");
    plugin[100] ^= 1;
    assert_int_equal(check(text, size, plugin, plugin_size, &why), TURRET_EDENIED);
    assert_string_equal(why.text, "the file was changed after key 1716151413121110 signed it; get "
                                  "it again");
    plugin[100] ^= 1;
    text[100] = text[100] == 'A' ? 'B' : 'A';
    assert_int_equal(check(text, size, plugin, plugin_size, &why), TURRET_EDENIED);
    assert_string_equal(why.text, "its signature was changed, or is not by the pinned key "
                                  "1716151413121110; get both files again");
    assert_int_equal(check(foreign, size, plugin, plugin_size, &why), TURRET_EDENIED);
    assert_string_equal(why.text, "signed with key 2726252423222120, which is not pinned; if you "
                                  "trust it, add it to the directory's keys");
    free(text);
    free(foreign);
}

/* Somebody else's key that borrows the id of ours. */
static void an_id_is_not_a_key(void **unused)
{
    struct signer impostor = theirs;
    struct signature_key keys[2] = {theirs.key, ours.key};
    struct signature signature;
    struct turret_error why;
    size_t size;
    (void)unused;
    memcpy(impostor.key.id, ours.key.id, sizeof impostor.key.id);
    char *text = signer_sign(&impostor, "ED", plugin, plugin_size, COMMENT, &size);
    assert_int_equal(check(text, size, plugin, plugin_size, &why), TURRET_EDENIED);
    free(text);
    text = signer_sign(&ours, "ED", plugin, plugin_size, COMMENT, &size);
    assert_int_equal(signature_parse(&signature, (uint8_t *)text, size, NULL), TURRET_OK);
    assert_int_equal(signature_verify(&signature, plugin, plugin_size, keys, 2, NULL), TURRET_OK);
    assert_int_equal(signature_verify(&signature, plugin, plugin_size, keys, 1, NULL),
                     TURRET_EDENIED);
    assert_int_equal(signature_verify(&signature, plugin, plugin_size, keys, 0, NULL),
                     TURRET_EDENIED);
    keys[0] = impostor.key; /* two pinned keys of one id: each gets its chance */
    assert_int_equal(signature_verify(&signature, plugin, plugin_size, keys, 2, NULL), TURRET_OK);
    free(text);
}

static void a_trusted_comment_has_to_fit(void **unused)
{
    static const struct {
        const char *comment, *says; /* NULL: fits */
    } cases[] = {
        {"", NULL},
        {"timestamp:1700000000\tfile:acme.so\thashed", NULL},
        {"name:acme.cross version:1.2.0 abi:0.1", NULL},
        {"  version:1.2.0\tname:acme.cross  ", NULL},
        {"acme.cross 9.9", NULL},
        {"rename:other xversion:9", NULL},
        {"name:acme.cros", "its signature is for name:acme.cros, but the file's id is acme.cross; "
                           "get the signature of this file"},
        {"name:acme.crosss", "its signature is for name:acme.crosss, but the file's id is "
                             "acme.cross; get the signature of this file"},
        {"x name: y", "its signature is for name:, but the file's id is acme.cross; get the "
                      "signature of this file"},
        {"version:1.2", "its signature is for version:1.2, but the file's version is 1.2.0; get "
                        "the signature of this file"},
        {"version:1.2.0 version:1.2.1", "its signature is for version:1.2.1, but the file's "
                                        "version is 1.2.0; get the signature of this file"},
        {"abi:1.0", "its signature is for abi:1.0, but the file's plugin ABI is 0.1; get the "
                    "signature of this file"},
    };
    struct turret_note note = {.abi_major = 0, .abi_minor = 1};
    (void)unused;
    memcpy(note.id, "acme.cross", sizeof "acme.cross");
    memcpy(note.version, "1.2.0", sizeof "1.2.0");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct signature signature;
        struct turret_error why = {0};
        size_t size;
        char *text = signer_sign(&ours, "ED", "x", 1, cases[i].comment, &size);
        assert_int_equal(signature_parse(&signature, (uint8_t *)text, size, NULL), TURRET_OK);
        assert_int_equal(signature_check_comment(&signature, &note, &why),
                         cases[i].says ? TURRET_EDENIED : TURRET_OK);
        assert_string_equal(why.text, cases[i].says ? cases[i].says : "");
        free(text);
    }
}

/* ---- keys ---- */

static void check_key(const char *text, int status, const char *phrase)
{
    struct signature_key key;
    struct turret_error why = {0};
    assert_int_equal(signature_read_key(text, &key, &why), status);
    assert_int_equal(why.code, status);
    if (status)
        assert_non_null(strstr(why.text, phrase));
    else
        assert_memory_equal(&key, &ours.key, sizeof key);
}

static void keys_are_lines_or_files(void **unused)
{
    char path[FILES_PATH_MAX], text[FILES_PATH_MAX + 8], file[200];
    (void)unused;
    static const uint8_t small[8] = {0xcd, 0xab, 0x0e};
    char name[17];
    signature_key_name(ours.key.id, name);
    assert_string_equal(name, "1716151413121110");
    signature_key_name(small, name);
    assert_string_equal(name, "EABCD");
    check_key(ours.line, TURRET_OK, NULL);
    check_key("", TURRET_EINVAL, "is not a public key");
    (void)snprintf(text, sizeof text, "%s=", ours.line);
    check_key(text, TURRET_EINVAL, "is not a public key");
    (void)snprintf(text, sizeof text, "SW%s", ours.line + 2);
    check_key(text, TURRET_EINVAL, "is not a public key");
    (void)snprintf(text, sizeof text, "%.55s", ours.line);
    check_key(text, TURRET_EINVAL, "is not a public key");
    files_join(path, directory, "acme.pub");
    (void)snprintf(text, sizeof text, "file:%s", path);
    check_key(text, TURRET_ENOTFOUND, "acme.pub: open: no such file");
    int length = snprintf(file, sizeof file, "untrusted comment: ours\n%s\n", ours.line);
    files_write(path, file, (size_t)length);
    check_key(text, TURRET_OK, NULL);
    for (int size = 0; size < length; size++) {
        files_write(path, file, (size_t)size);
        check_key(text, TURRET_EINVAL, "acme.pub: not a minisign public key file");
    }
    files_write(path, file, (size_t)length);
    assert_int_equal(chmod(path, 0666), 0);
    check_key(text, TURRET_EDENIED, "acme.pub: everybody can write to it (mode 666); chmod go-w");
    assert_int_equal(chmod(path, 0600), 0);
    check_key(text, TURRET_OK, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_algorithms_are_accepted),
        cmocka_unit_test(every_bit_of_the_signature_counts),
        cmocka_unit_test(every_bit_of_the_plugin_counts),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(what_is_wrong_with_the_form_is_said),
        cmocka_unit_test(what_was_changed_is_said),
        cmocka_unit_test(an_id_is_not_a_key),
        cmocka_unit_test(a_trusted_comment_has_to_fit),
        cmocka_unit_test(keys_are_lines_or_files),
    };
    return cmocka_run_group_tests(tests, prepare, clean_up);
}
