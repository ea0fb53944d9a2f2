/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A temporary directory with files written from memory, for the tests of the readers of data files.
 */
#ifndef TESTS_CSV_FIXTURE_H
#define TESTS_CSV_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char fixture_folder[128];
static char fixture_path[200];

static inline int fixture_begin(void **unused)
{
    const char *folder = getenv("TMPDIR");
    (void)unused;
    (void)snprintf(fixture_folder, sizeof fixture_folder, "%.90s/turret-csv-XXXXXX",
                   folder ? folder : "/tmp");
    return mkdtemp(fixture_folder) ? 0 : -1;
}

static inline int fixture_end(void **unused)
{
    (void)unused;
    (void)unlink(fixture_path);
    return rmdir(fixture_folder);
}

/* Replaces the one file there is; answers its path. */
static inline const char *fixture_write(const char *name, const void *bytes, size_t size_bytes)
{
    FILE *file;
    if (fixture_path[0])
        (void)unlink(fixture_path);
    (void)snprintf(fixture_path, sizeof fixture_path, "%s/%s", fixture_folder, name);
    file = fopen(fixture_path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size_bytes, file), size_bytes);
    assert_int_equal(fclose(file), 0);
    return fixture_path;
}

static inline const char *fixture_text(const char *text)
{
    return fixture_write("file.csv", text, strlen(text));
}

#endif
