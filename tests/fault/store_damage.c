/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Damages the data file of a small store in many ways, one at a time, and has a child process open
 * and read all of it each time. Prints one line of counts:
 *
 *   unaffected  everything was read as it was written (the byte means nothing), and after a write
 * on top it still was corrupt     ECORRUPT was answered, and whatever else was read was right
 *   silent      something was read that was never written, or was missing without a word
 *   other       another status code than ECORRUPT
 *   died        the process ended by a signal, or hung
 *
 * usage: store_damage DIRECTORY SEED COUNT   (COUNT changed bytes, 0 = every byte of the file)
 */
#include "store/audit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE    4096u
#define ROWS    40u
#define RECORDS 150u
#define BARS    3000u
#define MINUTE  INT64_C(60000000000)
#define SECONDS 20 /* a child that takes longer hangs */

enum verdict { UNAFFECTED, CORRUPT, SILENT, OTHER, DIED, VERDICTS };

static const char *directory;
static char data_file[4096];
static enum verdict worst; /* in a child */

static uint64_t next_random(uint64_t *seed)
{
    uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    return x ^ (x >> 32);
}

static void must(int code, const struct turret_error *err)
{
    if (code == TURRET_OK)
        return;
    (void)fprintf(stderr, "store_damage: %s\n", err->text);
    exit(2);
}

/* ---- what the store holds: everything follows from where it stands ---- */

static size_t row_value(unsigned table, unsigned i, unsigned char *to)
{
    uint64_t seed = table * 1000 + i;
    size_t size = table == STORE_SNAPSHOT && i < 3 ? 5000 : (size_t)(seed * 13 % 90);
    for (size_t k = 0; k < size; k++)
        to[k] = (unsigned char)next_random(&seed);
    return size;
}

static size_t row_key(unsigned i, char *to)
{
    return (size_t)snprintf(to, 16, "key%03u", i * 7);
}

static uint32_t record_payload(uint64_t sequence, unsigned char *to)
{
    uint64_t seed = sequence;
    uint32_t size = (uint32_t)(sequence * 11 % 250);
    for (uint32_t k = 0; k < size; k++)
        to[k] = (unsigned char)next_random(&seed);
    return size;
}

static int64_t bar_value(uint32_t i, unsigned column)
{
    int64_t price = 1000 + i % 97 * 3;
    const int64_t values[6] = {(int64_t)i * MINUTE, price, price + 4, price - 3, price + 1, i};
    return values[column];
}

static void merge_bars(struct store *store, const char *name, uint32_t from, uint32_t step,
                       uint32_t end)
{
    static int64_t memory[6][BARS + 1];
    struct turret_error err = {0, 0, ""};
    struct store_series series;
    struct store_bars bars = {0, memory[0], memory[1], memory[2], memory[3], memory[4], memory[5]};
    memset(&series, 0, sizeof series);
    (void)snprintf(series.name, sizeof series.name, "%s", name);
    series.timeframe_ns = MINUTE;
    for (uint32_t i = from; i < end; i += step) {
        for (unsigned column = 0; column < 6; column++)
            memory[column][bars.count] = bar_value(i, column);
        bars.count++;
    }
    must(store_bars_merge(store, &series, &bars, NULL, &err), &err);
}

/* Of the journal and of the audit. */
static void add_record(struct store_batch *batch, uint64_t sequence)
{
    unsigned char payload[256];
    uint32_t size = record_payload(sequence, payload);
    struct store_record record = {sequence, (int64_t)sequence, 5, 1, size, payload};
    struct audit_record told = {.time = (int64_t)sequence, .kind = 3, .text_bytes = size};
    struct turret_error err = {0, 0, "no room in the batch"};
    told.text = (const char *)payload;
    must(store_batch_record(batch, &record), &err);
    must(store_batch_audit(batch, &told), &err);
}

/* Several commits with deletions, so that free pages, and older copies of pages, are there too. */
static void make_store(void)
{
    static unsigned char value[8192];
    struct turret_error err = {0, 0, ""};
    struct store_batch *batch;
    struct store *store;
    char key[16];
    must(store_open(&store, directory, STORE_CREATE, &err), &err);
    must(store_batch_create(&batch, 1 << 20, &err), &err);
    merge_bars(store, "ONE", 0, 2, BARS);
    for (unsigned pass = 0; pass < 3; pass++) {
        store_batch_clear(batch);
        for (unsigned table = 0; table < STORE_ROW_TABLES; table++)
            for (unsigned i = pass % 2; i < ROWS + 20 && table != STORE_AUDIT; i++) {
                size_t size = row_value(table, i, value), key_size = row_key(i, key);
                must(i < ROWS || pass == 0
                         ? store_batch_put(batch, table, key, key_size, 1, value, size)
                         : store_batch_delete(batch, table, key, key_size),
                     &err);
            }
        for (uint64_t i = 0; i < RECORDS / 3; i++)
            add_record(batch, (uint64_t)pass * (RECORDS / 3) + i + 1);
        must(store_commit(store, batch, &err), &err);
    }
    merge_bars(store, "ONE", 1, 2, BARS);
    merge_bars(store, "TWO", 0, 1, 30); /* a small block, in a page with its key */
    store_batch_destroy(batch);
    store_close(store);
}

/* ---- reading it ---- */

static void note(enum verdict verdict)
{
    if (verdict > worst)
        worst = verdict;
}

/* An answer that is not "all is well": right only when it says so. True when all is well. */
static bool answered(int code)
{
    if (code == TURRET_ECORRUPT)
        note(CORRUPT);
    else if (code == TURRET_ENOTFOUND)
        note(SILENT);
    else if (code != TURRET_OK)
        note(OTHER);
    return code == TURRET_OK;
}

static void expect(bool right)
{
    if (!right)
        note(SILENT);
}

struct scan {
    unsigned table, count;
};

static int on_row(void *context, const void *key, size_t key_bytes, uint16_t version,
                  const void *value, size_t value_bytes)
{
    struct scan *scan = context;
    unsigned char wanted[8192];
    char name[16];
    unsigned i = 0;
    while (i < ROWS && (row_key(i, name) != key_bytes || memcmp(name, key, key_bytes) != 0))
        i++;
    expect(i < ROWS && version == 1 && row_value(scan->table, i, wanted) == value_bytes &&
           memcmp(wanted, value, value_bytes) == 0);
    scan->count++;
    return 0;
}

static void read_rows(struct store *store)
{
    unsigned char value[8192], wanted[8192];
    for (unsigned table = 0; table < STORE_ROW_TABLES; table++) {
        struct scan scan = {table, 0};
        uint64_t damaged = 0;
        if (table == STORE_AUDIT)
            continue; /* read_audit() */
        int code = store_scan(store, table, NULL, 0, on_row, &scan, &damaged, NULL);
        expect((code == TURRET_ECORRUPT) == (damaged > 0) || scan.count < ROWS);
        if (answered(code))
            expect(scan.count == ROWS);
        for (unsigned i = 0; i < ROWS; i++) {
            char key[16];
            size_t key_size = row_key(i, key), size = sizeof value;
            uint16_t version = 0;
            if (answered(store_get(store, table, key, key_size, &version, value, &size, NULL)))
                expect(version == 1 && size == row_value(table, i, wanted) &&
                       memcmp(value, wanted, size) == 0);
        }
    }
}

static int on_record(void *context, const struct store_record *record)
{
    unsigned char wanted[256];
    uint64_t *next = context;
    expect(record->sequence == *next && record->time == (int64_t)*next && record->type == 5 &&
           record->version == 1 && record->size_bytes == record_payload(*next, wanted) &&
           memcmp(record->payload, wanted, record->size_bytes) == 0);
    ++*next;
    return 0;
}

static void read_journal(struct store *store, uint64_t last)
{
    static const uint64_t from[] = {1, 20, RECORDS};
    struct store_journal_head head;
    uint64_t checked = 0;
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
        uint64_t next = from[i];
        if (answered(store_journal_read(store, from[i], on_record, &next, NULL)))
            expect(next == last + 1);
    }
    if (answered(store_journal_head(store, &head, NULL)))
        expect(head.first == 1 && head.last == last);
    if (answered(store_journal_verify(store, &checked, NULL)))
        expect(checked == last);
}

static int on_audit(void *context, const struct audit_record *record)
{
    unsigned char wanted[256];
    uint64_t *next = context;
    expect(record->number == *next && record->time == (int64_t)*next && record->kind == 3 &&
           record->text_bytes == record_payload(*next, wanted) &&
           memcmp(record->text, wanted, record->text_bytes) == 0);
    ++*next;
    return 0;
}

static void read_audit(struct store *store, uint64_t last)
{
    struct audit_checked checked;
    uint64_t next = 1;
    if (answered(store_audit_verify(store, NULL, NULL, &checked, NULL)))
        expect(checked.records == last && checked.heads == 0);
    else
        return; /* a record that lost its name is found by the chain alone */
    if (answered(store_audit_read(store, 1, on_audit, &next, NULL)))
        expect(next == last + 1);
}

static void read_range(struct store *store, const char *name, uint32_t from, uint32_t end)
{
    struct store_cursor *cursor;
    struct store_bars bars;
    uint32_t next = from;
    int code = store_cursor_open(&cursor, store, name, MINUTE, (int64_t)from * MINUTE,
                                 (int64_t)end * MINUTE, NULL);
    if (!answered(code))
        return;
    while ((code = store_cursor_next(cursor, &bars, NULL)) == 1)
        for (uint32_t i = 0; i < bars.count; i++, next++)
            expect(next < end && bars.time[i] == bar_value(next, 0) &&
                   bars.open[i] == bar_value(next, 1) && bars.high[i] == bar_value(next, 2) &&
                   bars.low[i] == bar_value(next, 3) && bars.close[i] == bar_value(next, 4) &&
                   bars.volume[i] == bar_value(next, 5));
    if (answered(code))
        expect(next == end);
    store_cursor_close(cursor);
}

static int on_series(void *context, const struct store_series *series)
{
    unsigned *count = context;
    bool one = strcmp(series->name, "ONE") == 0;
    expect((one || strcmp(series->name, "TWO") == 0) && series->timeframe_ns == MINUTE &&
           series->bar_count == (one ? BARS : 30) && series->first == 0);
    ++*count;
    return 0;
}

static void read_bars(struct store *store)
{
    struct store_series series;
    unsigned count = 0;
    uint64_t checked = 0;
    for (uint32_t from = 0; from < BARS; from += 130)
        read_range(store, "ONE", from, from + 100 < BARS ? from + 100 : BARS);
    read_range(store, "ONE", 0, BARS);
    read_range(store, "TWO", 0, 30);
    read_range(store, "TWO", 10, 20);
    if (answered(store_series_find(store, "TWO", MINUTE, &series, NULL)))
        expect(series.bar_count == 30 && series.last == 29 * MINUTE);
    if (answered(store_series_each(store, on_series, &count, NULL)))
        expect(count == 2);
    if (answered(store_bars_verify(store, NULL, &checked, NULL)))
        expect(checked == BARS + 30);
}

/* Writes into every tree what is there already, and a record. */
static void write_on_top(struct store *store)
{
    static unsigned char value[8192];
    struct turret_error err = {0, 0, ""};
    struct store_batch *batch;
    must(store_batch_create(&batch, 1 << 20, &err), &err);
    for (unsigned pass = 0; pass < 3; pass++) {
        for (unsigned table = 0; table < STORE_ROW_TABLES; table++)
            for (unsigned i = pass; i < ROWS && table != STORE_AUDIT; i += 3) {
                char key[16];
                size_t key_size = row_key(i, key), size = row_value(table, i, value);
                (void)store_batch_delete(batch, table, key, key_size);
                (void)store_batch_put(batch, table, key, key_size, 1, value, size);
            }
        add_record(batch, RECORDS + 1 + pass);
        if (!answered(store_commit(store, batch, NULL)))
            break;
        store_batch_clear(batch);
    }
    store_batch_destroy(batch);
}

/* In a child. */
static enum verdict examine(void)
{
    struct store *store;
    worst = UNAFFECTED;
    (void)alarm(SECONDS);
    for (int pass = 0; pass < 2; pass++) {
        if (!answered(store_open(&store, directory, pass == 0 ? 0 : STORE_READ_ONLY, NULL)))
            return worst;
        read_rows(store);
        read_journal(store, pass == 0 ? RECORDS : RECORDS + 3);
        read_audit(store, pass == 0 ? RECORDS : RECORDS + 3);
        read_bars(store);
        if (pass == 0 && worst == UNAFFECTED)
            write_on_top(store);
        store_close(store);
        if (worst != UNAFFECTED)
            return worst;
    }
    return worst;
}

/* ---- damaging it ---- */

struct damage {
    unsigned char *good, *bytes;
    size_t size;
    unsigned count[VERDICTS];
    unsigned shown;
};

static void write_file(const unsigned char *bytes, size_t size)
{
    FILE *file = fopen(data_file, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        (void)fprintf(stderr, "store_damage: %s cannot be written\n", data_file);
        exit(2);
    }
}

/* Has a child look at the bytes as they are now, and mends them. */
static void try_out(struct damage *damage, size_t size, const char *how, size_t where,
                    unsigned what)
{
    enum verdict verdict = DIED;
    int status = 0;
    pid_t child;
    write_file(damage->bytes, size);
    child = fork();
    if (child == 0)
        _exit((int)examine());
    if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
        WEXITSTATUS(status) < DIED)
        verdict = (enum verdict)WEXITSTATUS(status);
    damage->count[verdict]++;
    if (verdict > CORRUPT && damage->shown++ < 20)
        (void)fprintf(stderr, "%s at %zu (page %zu, byte %zu), %u: verdict %d, status %d\n", how,
                      where, where / PAGE, where % PAGE, what, (int)verdict, status);
    memcpy(damage->bytes, damage->good, damage->size);
}

static void flip(struct damage *damage, size_t where, unsigned bits)
{
    damage->bytes[where] ^= (unsigned char)bits;
    try_out(damage, damage->size, "changed byte", where, bits);
}

/* Half of them anywhere, half where pages keep their headers and offsets. */
static void flip_some(struct damage *damage, uint64_t seed, unsigned count)
{
    for (size_t i = 0; i < 2; i++)
        for (size_t at = 0; at < 152; at++) /* both meta pages, each bit */
            for (unsigned bit = 0; bit < 8; bit++)
                flip(damage, i * PAGE + at, 1u << bit);
    for (unsigned i = 0; i < count; i++) {
        size_t where = next_random(&seed) % damage->size;
        unsigned bits =
            i % 3 == 0 ? 1 + (unsigned)(next_random(&seed) % 255) : 1u << next_random(&seed) % 8;
        if (i % 2 == 0)
            where = where / PAGE * PAGE + next_random(&seed) % 48;
        flip(damage, where, bits);
    }
}

static void flip_all(struct damage *damage, uint64_t seed)
{
    for (size_t where = 0; where < damage->size; where++)
        flip(damage, where, 1u << next_random(&seed) % 8);
}

/* Pages lost, doubled or filled, and the end cut off. */
static void whole_pages(struct damage *damage, uint64_t seed)
{
    size_t pages = damage->size / PAGE;
    for (size_t page = 0; page < pages; page++) {
        size_t other = next_random(&seed) % pages;
        memset(damage->bytes + page * PAGE, 0, PAGE);
        try_out(damage, damage->size, "emptied page", page * PAGE, 0);
        memset(damage->bytes + page * PAGE, 0xff, PAGE);
        try_out(damage, damage->size, "filled page", page * PAGE, 0xff);
        memcpy(damage->bytes + page * PAGE, damage->good + other * PAGE, PAGE);
        try_out(damage, damage->size, "page instead of another", page * PAGE, (unsigned)other);
        try_out(damage, page * PAGE + next_random(&seed) % PAGE, "cut off", page * PAGE, 0);
    }
}

static void load(struct damage *damage)
{
    struct stat size_of;
    FILE *file = fopen(data_file, "rb");
    memset(damage, 0, sizeof *damage);
    if (file && fstat(fileno(file), &size_of) == 0) {
        damage->size = (size_t)size_of.st_size;
        damage->good = malloc(damage->size);
        damage->bytes = malloc(damage->size);
        if (damage->good && damage->bytes &&
            fread(damage->good, 1, damage->size, file) == damage->size) {
            memcpy(damage->bytes, damage->good, damage->size);
            (void)fclose(file);
            return;
        }
    }
    (void)fprintf(stderr, "store_damage: %s cannot be read\n", data_file);
    exit(2);
}

int main(int argc, char **argv)
{
    struct damage damage;
    uint64_t seed;
    unsigned count;
    int status = 0;
    pid_t child;
    if (argc != 4)
        return 64;
    directory = argv[1];
    (void)snprintf(data_file, sizeof data_file, "%s/data.mdb", directory);
    seed = strtoull(argv[2], NULL, 10);
    count = (unsigned)strtoul(argv[3], NULL, 10);
    child = fork(); /* LMDB does not survive a fork: this process never opens the store */
    if (child == 0) {
        make_store();
        exit(0);
    }
    if (waitpid(child, &status, 0) != child || status != 0)
        return 2;
    load(&damage);
    try_out(&damage, damage.size, "nothing changed", 0, 0);
    if (damage.count[UNAFFECTED] != 1)
        exit(2);
    if (count > 0)
        flip_some(&damage, seed, count);
    else
        flip_all(&damage, seed);
    whole_pages(&damage, seed);
    (void)printf("size=%zu unaffected=%u corrupt=%u silent=%u other=%u died=%u\n", damage.size,
                 damage.count[UNAFFECTED], damage.count[CORRUPT], damage.count[SILENT],
                 damage.count[OTHER], damage.count[DIED]);
    free(damage.good);
    free(damage.bytes);
    return 0;
}
