/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plugin files for tests: the built fixtures, changed copies of them, and a temporary directory
 * that is gone afterwards. Every function aborts the test when the operating system says no.
 */
#ifndef TESTS_PLUGIN_FILES_H
#define TESTS_PLUGIN_FILES_H

#include <dirent.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_PATH_MAX 400

static inline void files_must(bool good, const char *what, const char *which)
{
    if (good)
        return;
    (void)fprintf(stderr, "%s: %s\n", what, which);
    abort();
}

/* An environment variable that CTest sets. */
static inline const char *files_environment(const char *name)
{
    const char *value = getenv(name);
    files_must(value && value[0], "environment variable not set", name);
    return value;
}

/* "<directory>/<name>"; checked, so that a test never works on a cut path. */
static inline void files_join(char path[FILES_PATH_MAX], const char *directory, const char *name)
{
    int length = snprintf(path, FILES_PATH_MAX, "%s/%s", directory, name);
    files_must(length > 0 && length < FILES_PATH_MAX, "path too long", name);
}

static inline void files_fixture(char path[FILES_PATH_MAX], const char *name)
{
    char folder[FILES_PATH_MAX];
    files_join(folder, files_environment("TURRET_BUILD"), "fixtures");
    files_join(path, folder, name);
}

static inline uint8_t *files_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    files_must(file != NULL, "cannot open", path);
    files_must(fseek(file, 0, SEEK_END) == 0, "cannot seek", path);
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*size + 1);
    files_must(bytes && fread(bytes, 1, *size, file) == *size, "cannot read", path);
    (void)fclose(file);
    return bytes;
}

static inline void files_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    files_must(file != NULL, "cannot create", path);
    files_must(fwrite(bytes, 1, size, file) == size && fclose(file) == 0, "cannot write", path);
}

/* Where `what` first lies in the bytes. */
static inline uint8_t *files_locate(uint8_t *bytes, size_t size, const void *what, size_t length)
{
    uint8_t *at = memmem(bytes, size, what, length);
    files_must(at != NULL, "bytes not found", "in a fixture");
    return at;
}

/* Puts `to` wherever `from` lies; both have the same length. */
static inline void files_replace(uint8_t *bytes, size_t size, const char *from, const char *to)
{
    size_t length = strlen(from), changes = 0;
    for (size_t i = 0; i + length <= size; i++)
        if (memcmp(bytes + i, from, length) == 0) {
            memcpy(bytes + i, to, length);
            changes++;
        }
    files_must(changes > 0, "text not found", from);
}

static inline void files_make_directory(char path[FILES_PATH_MAX])
{
    const char *base = getenv("TMPDIR");
    files_join(path, base ? base : P_tmpdir, "turret-test-XXXXXX");
    files_must(mkdtemp(path) != NULL, "cannot create", path);
}

/* Removes a directory with everything in it. */
static inline void files_remove_directory(const char *directory)
{
    DIR *open = opendir(directory);
    struct dirent *entry;
    while (open && (entry = readdir(open)) != NULL) {
        char path[FILES_PATH_MAX];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        files_join(path, directory, entry->d_name);
        if (unlink(path) != 0)
            files_remove_directory(path);
    }
    if (open)
        (void)closedir(open);
    (void)rmdir(directory);
}

/* ---- a copy of a good plugin that is changed in place ---- */

struct victim {
    char path[FILES_PATH_MAX];
    uint8_t *bytes; /* as the fixture has them */
    size_t size;
    FILE *file;
};

static inline void victim_open(struct victim *victim, const char *directory)
{
    char path[FILES_PATH_MAX];
    files_fixture(path, "good_strategy.so");
    victim->bytes = files_read(path, &victim->size);
    files_join(victim->path, directory, "victim.so");
    files_write(victim->path, victim->bytes, victim->size);
    victim->file = fopen(victim->path, "r+b");
    files_must(victim->file != NULL, "cannot open", victim->path);
    (void)setvbuf(victim->file, NULL, _IONBF, 0);
}

static inline void victim_close(struct victim *victim)
{
    (void)fclose(victim->file);
    free(victim->bytes);
}

static inline void victim_put(struct victim *victim, size_t at, const void *bytes, size_t size)
{
    files_must(fseek(victim->file, (long)at, SEEK_SET) == 0 &&
                   fwrite(bytes, 1, size, victim->file) == size,
               "cannot write", victim->path);
}

/* Where the Turret note's content begins in the file. */
static inline size_t victim_note(const struct victim *victim)
{
    return (size_t)(files_locate(victim->bytes, victim->size, "Turret\0", 8) - victim->bytes) + 8;
}

#endif
