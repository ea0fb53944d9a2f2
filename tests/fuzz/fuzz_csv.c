/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a file to import: plain, gzip or zip; every field is then read as a time and as a
 * decimal number. Each is taken or refused with a text.
 */
#include "fuzz.h"

#include "research/csv.h"
#include "research/decimal.h"
#include "research/when.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void read_field(const char *text)
{
    static const char *const formats[] = {"auto", "epoch_ms", "midnight_ms",
                                          "%Y-%m-%d %I:%M:%S.%f %p", "%d %b %y %H:%M %z"};
    static const struct decimal_factor factor = {{3, 1}, {7, 0}};
    struct turret_error err = {0, 0, ""};
    struct decimal value;
    int64_t scaled;
    if (decimal_parse(text, &value, &err) == TURRET_OK) {
        for (int32_t scale = 0; scale <= DECIMAL_SCALE_MAX; scale += 4)
            (void)decimal_to_scale(value, &factor, scale, true, &scaled);
        FUZZ_MUST(decimal_compare(value, value) == 0);
    }
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct when_format format = {.kind = WHEN_AUTO};
        struct when when;
        char printed[WHEN_TEXT_MAX];
        err = (struct turret_error){0, 0, ""};
        FUZZ_MUST(when_format_set(&format, formats[i], &err) == TURRET_OK);
        if (when_parse(&format, text, &when, &err) == TURRET_OK)
            when_print(when.time, printed, sizeof printed);
        else
            FUZZ_MUST(err.text[0]);
    }
}

static void read_all(struct csv *csv)
{
    struct turret_error err = {0, 0, ""};
    struct csv_record record;
    uint64_t fields = 0, line = 0;
    int got;
    while ((got = csv_next(csv, &record, &err)) == 1) {
        FUZZ_MUST(record.count >= 1 && record.count <= CSV_FIELDS_MAX && record.line > line);
        line = record.line;
        for (uint32_t i = 0; i < record.count && fields < 200; i++, fields++)
            read_field(record.field[i]);
    }
    FUZZ_MUST(got == 0 || (got < 0 && err.text[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct turret_error err = {0, 0, ""};
    struct csv *csv;
    static int fd = -1; /* one file for all: what is opened anew is its path */
    char path[64];
    if (fd < 0)
        fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_MUST(fd >= 0 && pwrite(fd, bytes, size_bytes, 0) == (ssize_t)size_bytes);
    FUZZ_MUST(ftruncate(fd, (off_t)size_bytes) == 0);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (csv_open(&csv, path, 0, NULL, &err) == TURRET_OK) {
        read_all(csv);
        csv_close(csv);
    } else {
        FUZZ_MUST(err.text[0]);
    }
    return 0;
}
