/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that records and fields come out as written whatever the line ends, quotes, byte order mark
 * and wrapping (plain, gzip, zip, zip64), at every size around the buffers; and that damaged,
 * cut-off or foreign files are refused by name instead of being read wrongly.
 */
#include "csv_fixture.h"

#include "research/csv.h"

#include <zlib.h>

/* All records as "line:a|b|c\n". Answers the last code of csv_next(). */
static int read_all(const char *path, char delimiter, char *out, size_t room,
                    struct turret_error *err)
{
    struct csv *csv = NULL;
    struct csv_record record;
    size_t used = 0;
    int code;
    out[0] = '\0';
    if (csv_open(&csv, path, delimiter, NULL, err))
        return turret_ok(err);
    while ((code = csv_next(csv, &record, err)) > 0) {
        used += (size_t)snprintf(out + used, room - used, "%llu:", (unsigned long long)record.line);
        for (uint32_t i = 0; i < record.count; i++)
            used +=
                (size_t)snprintf(out + used, room - used, "%s%s", i ? "|" : "", record.field[i]);
        used += (size_t)snprintf(out + used, room - used, "\n");
        assert_true(used < room);
    }
    csv_close(csv);
    return code;
}

static void expect(const char *text, char delimiter, const char *wanted)
{
    struct turret_error err = {0};
    char out[2048];
    assert_int_equal(read_all(fixture_text(text), delimiter, out, sizeof out, &err), 0);
    assert_string_equal(out, wanted);
}

static void test_records(void **unused)
{
    (void)unused;
    expect("a,b\nc,d\n", 0, "1:a|b\n2:c|d\n");
    expect("a,b\r\nc,d", 0, "1:a|b\n2:c|d\n");
    expect("a,b\rc,d\r", 0, "1:a|b\n2:c|d\n");
    expect("\xef\xbb\xbf"
           "a;b\n\n  \nc;d\n\n",
           0, "1:a|b\n4:c|d\n");
    expect("a\tb;c,d\n", 0, "1:a|b;c,d\n");
    expect("a b , c  d ,\n", 0, "1:a b|c  d|\n");
    expect("a|b,c\n", '|', "1:a|b,c\n");
    expect(",,\n", 0, "1:||\n");
    expect("", 0, "");
    expect("\n\n", 0, "");
    expect("x", 0, "1:x\n");
}

static void test_quotes(void **unused)
{
    (void)unused;
    expect("\"a,1\",\"b \"\"x\"\" \" ,c\n", 0, "1:a,1|b \"x\" |c\n");
    expect("\"two\nlines\",b\nc,d\n", 0, "1:two\nlines|b\n3:c|d\n");
    expect("a\"b,c\n", 0, "1:a\"b|c\n");
    expect("\"\",x\n", 0, "1:|x\n");
}

static void refuse(const void *bytes, size_t size_bytes, const char *phrase)
{
    struct turret_error err = {0};
    static char out[1 << 17];
    assert_int_equal(
        read_all(fixture_write("bad.csv", bytes, size_bytes), 0, out, sizeof out, &err),
        TURRET_EINVAL);
    assert_non_null(strstr(err.text, phrase));
    assert_non_null(strstr(err.text, "bad.csv"));
}

static void test_refused(void **unused)
{
    static char longest[CSV_RECORD_MAX + 64];
    (void)unused;
    refuse("a,\"b\nc,d\n", 9, "bad.csv:1: quote is not closed");
    refuse("a,b\nc\0d,e\n", 10, "bad.csv:2: has a NUL byte");
    refuse("\xff\xfe"
           "a\0,\0",
           6, "UTF-16");
    memset(longest, ',', sizeof longest);
    refuse(longest, 300, "more than 256 fields");
    memset(longest, 'x', sizeof longest);
    refuse(longest, sizeof longest, "longer than 65536 bytes");
    {
        struct turret_error err = {0};
        struct csv *csv = NULL;
        assert_int_equal(csv_open(&csv, "absent/file.csv", 0, NULL, &err), TURRET_ENOTFOUND);
        assert_null(csv);
        err.code = 0;
        assert_int_equal(csv_open(&csv, fixture_folder, 0, NULL, &err), TURRET_EINVAL);
        assert_non_null(strstr(err.text, "directory"));
    }
}

/* A record of exactly the limit, 256 fields of it empty: the buffer's edge. */
static void test_largest_record(void **unused)
{
    static char text[CSV_RECORD_MAX + 300];
    static char out[1 << 17];
    struct turret_error err = {0};
    (void)unused;
    memset(text, 'x', CSV_RECORD_MAX);
    memset(text + CSV_RECORD_MAX, ',', CSV_FIELDS_MAX - 1);
    text[CSV_RECORD_MAX + CSV_FIELDS_MAX - 1] = '\n';
    assert_int_equal(read_all(fixture_write("max.csv", text, CSV_RECORD_MAX + CSV_FIELDS_MAX), ',',
                              out, sizeof out, &err),
                     0);
    assert_int_equal(strlen(out), 2 + CSV_RECORD_MAX + CSV_FIELDS_MAX - 1 + 1);
}

/* Rows "n,n" up to `rows`; checks that they come back, through any wrapping. */
static size_t many_rows(char *text, size_t room, int rows)
{
    size_t used = 0;
    for (int i = 0; i < rows; i++)
        used += (size_t)snprintf(text + used, room - used, "%d,\"%d\"\r\n", i, i * 7);
    return used;
}

static void check_rows(const char *path, int rows)
{
    struct turret_error err = {0};
    struct csv_record record;
    struct csv *csv = NULL;
    int code, count = 0;
    assert_int_equal(csv_open(&csv, path, 0, NULL, &err), TURRET_OK);
    while ((code = csv_next(csv, &record, &err)) > 0) {
        assert_int_equal(record.count, 2);
        assert_int_equal(record.line, count + 1);
        assert_int_equal(strtol(record.field[0], NULL, 10), count);
        assert_int_equal(strtol(record.field[1], NULL, 10), count * 7L);
        count++;
    }
    assert_int_equal(code, 0);
    assert_int_equal(count, rows);
    csv_close(csv);
}

static size_t deflate_to(unsigned char *to, size_t room, const void *from, size_t size_bytes,
                         int window)
{
    z_stream stream = {0};
    size_t packed;
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)from;
    stream.avail_in = (uInt)size_bytes;
    stream.next_out = to;
    stream.avail_out = (uInt)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed = room - stream.avail_out;
    assert_int_equal(deflateEnd(&stream), Z_OK);
    return packed;
}

static void test_gzip(void **unused)
{
    static char text[1 << 20];
    static unsigned char packed[1 << 20];
    (void)unused;
    for (int rows = 1; rows < 60000; rows = rows * 5 + 1) {
        size_t size = many_rows(text, sizeof text, rows), half = size / 2, first, second;
        check_rows(fixture_write("rows.csv", text, size), rows);
        first = deflate_to(packed, sizeof packed, text, size, 31);
        check_rows(fixture_write("rows.csv.gz", packed, first), rows);
        first = deflate_to(packed, sizeof packed, text, half, 31);
        second = deflate_to(packed + first, sizeof packed - first, text + half, size - half, 31);
        check_rows(fixture_write("two-members.gz", packed, first + second), rows);
    }
    {
        size_t size = deflate_to(packed, sizeof packed, text, 5000, 31);
        for (size_t cut = 19; cut < size; cut += 7) {
            struct turret_error err = {0};
            char out[16384];
            assert_int_equal(
                read_all(fixture_write("cut.gz", packed, cut), 0, out, sizeof out, &err),
                TURRET_EINVAL);
        }
        packed[size - 6] ^= 1; /* the checksum */
        refuse(packed, size, "damaged");
    }
}

static void put(unsigned char **at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *(*at)++ = (unsigned char)(i < 8 ? value >> (8 * i) : 0);
}

/* A zip of one member; `wide` writes its sizes in 64-bit fields as some programs always do. */
static size_t make_zip(unsigned char *zip, const char *text, size_t size, int method, int wide,
                       int members)
{
    static unsigned char packed[1 << 20];
    size_t packed_bytes = method ? deflate_to(packed, sizeof packed, text, size, -15) : size;
    uint32_t crc = (uint32_t)crc32(0, (const Bytef *)text, (uInt)size);
    unsigned char *at = zip, *central;
    if (!method)
        memcpy(packed, text, size);
    for (int part = 0; part < 2; part++) {
        central = at;
        put(&at, part ? 0x02014b50u : 0x04034b50u, 4);
        put(&at, 45, part ? 4 : 2);
        put(&at, 0, 2);
        put(&at, (uint64_t)method, 2);
        put(&at, 0, 4);
        put(&at, crc, 4);
        put(&at, wide ? UINT32_MAX : packed_bytes, 4);
        put(&at, wide ? UINT32_MAX : size, 4);
        put(&at, 5, 2);
        put(&at, wide ? 20 : 0, 2);
        if (part) {
            put(&at, 0, 10); /* comment, disk, attributes */
            put(&at, 0, 2);
            put(&at, 0, 2);
            at -= 4;
            put(&at, 0, 4); /* offset of the member */
        }
        memcpy(at, "a.csv", 5);
        at += 5;
        if (wide) {
            put(&at, 1, 2);
            put(&at, 16, 2);
            put(&at, size, 8);
            put(&at, packed_bytes, 8);
        }
        if (!part) {
            memcpy(at, packed, packed_bytes);
            at += packed_bytes;
        }
    }
    put(&at, 0x06054b50u, 4);
    put(&at, 0, 4);
    put(&at, (uint64_t)members, 2);
    put(&at, (uint64_t)members, 2);
    put(&at, (uint64_t)(at - central - 12), 4);
    put(&at, (uint64_t)(central - zip), 4);
    put(&at, 3, 2);
    memcpy(at, "hey", 3);
    return (size_t)(at + 3 - zip);
}

static void test_zip(void **unused)
{
    static char text[1 << 20];
    static unsigned char zip[1 << 21], broken[1 << 12];
    size_t size, zip_size;
    (void)unused;
    for (int rows = 1; rows < 60000; rows = rows * 9 + 1) {
        size = many_rows(text, sizeof text, rows);
        for (int form = 0; form < 4; form++) {
            zip_size = make_zip(zip, text, size, form & 1 ? 8 : 0, form & 2, 1);
            check_rows(fixture_write("rows.zip", zip, zip_size), rows);
        }
    }
    size = many_rows(text, sizeof text, 20);
    zip_size = make_zip(zip, text, size, 8, 0, 2);
    refuse(zip, zip_size, "holds 2 files");
    zip_size = make_zip(zip, text, size, 12, 0, 1);
    refuse(zip, zip_size, "method 12");
    /* No byte of a small zip may be changed or cut unnoticed in a way that crashes or hangs. */
    zip_size = make_zip(zip, text, size, 8, 2, 1);
    for (size_t i = 0; i < zip_size; i++) {
        struct turret_error err = {0};
        char out[8192];
        memcpy(broken, zip, zip_size);
        broken[i] ^= 0x41;
        (void)read_all(fixture_write("broken.zip", broken, zip_size), 0, out, sizeof out, &err);
        err.code = 0;
        if (i >= 4)
            assert_int_equal(read_all(fixture_write("cut.zip", zip, i), 0, out, sizeof out, &err),
                             i + 3 >= zip_size ? 0 : TURRET_EINVAL);
    }
}

static void test_stop(void **unused)
{
    volatile sig_atomic_t stop = 1;
    struct turret_error err = {0};
    struct csv *csv = NULL;
    (void)unused;
    assert_int_equal(csv_open(&csv, fixture_text("a,b\n"), 0, &stop, &err), TURRET_ESTATE);
    assert_null(csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_refused),        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_largest_record), cmocka_unit_test(test_zip),
        cmocka_unit_test(test_stop),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
