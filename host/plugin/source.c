/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a plugin file, refuses what is not one, and gives it its build id. */
#include "plugin/source.h"
#include "plugin/abi.h"
#include "plugin/elf_note.h"
#include "plugin/refuse.h"

#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

/* Of the SHA-256 that stands in for a build id, in hex characters. */
#define HASH_DIGITS 40

static void to_hex(const uint8_t *bytes, size_t count, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * count] = '\0';
}

static void name_build(struct source *source, const struct elf_note *found)
{
    struct plugin_file *file = &source->file;
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct sha256_ctx state;
    if (found->build_id) {
        to_hex(found->build_id, found->build_id_size, file->build_id);
        return;
    }
    sha256_init(&state);
    sha256_update(&state, file->size_bytes, source->bytes);
    sha256_digest(&state, sizeof digest, digest);
    to_hex(digest, HASH_DIGITS / 2, file->build_id);
}

static int inspect(struct source *source, struct turret_error *err)
{
    struct plugin_file *file = &source->file;
    struct elf_note found;
    int status = elf_note_find(file->path, source->bytes, file->size_bytes, &found, err);
    if (!status)
        status = abi_read_note(file->path, found.turret, found.turret_size, &file->note, err);
    if (!status)
        name_build(source, &found);
    return status;
}

int source_init(struct source *source, const char *path, const struct plugin_policy *policy,
                struct turret_error *err)
{
    static const struct plugin_policy unsaid = {.signing = PLUGIN_SIGNING_OFF};
    struct plugin_file *file = &source->file;
    size_t length = strlen(path);
    struct signature signature;
    struct whole_file read;
    memset(source, 0, sizeof *source);
    if (length == 0 || length >= sizeof file->path)
        return refuse_file(err, TURRET_EINVAL, path, "a path of %zu characters; 1 to %zu are taken",
                           length, sizeof file->path - 1);
    if (!policy)
        policy = &unsaid;
    memcpy(file->path, path, length + 1);
    int status = whole_file_read(&read, path, "a plugin", SOURCE_SIZE_MAX, err);
    if (status)
        return status;
    source->bytes = read.bytes;
    file->size_bytes = read.size_bytes;
    status = policy_check_file(policy, path, &read, &signature, &file->signature, err);
    if (!status)
        status = inspect(source, err);
    if (!status)
        status = policy_check_note(policy, &signature, file, err);
    if (status)
        source_finish(source);
    return status;
}

void source_finish(struct source *source)
{
    if (!source)
        return;
    free(source->bytes);
    source->bytes = NULL;
}
