/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The heads file: "turret audit heads 1 KEY", then one line a head, "NUMBER TIME AUDIT-HASH
 * JOURNAL-LAST JOURNAL-HASH SIGNATURE", bytes in hex. It is only ever added to.
 */
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_START  "turret audit heads 1 "
#define START_BYTES (sizeof FILE_START - 1 + 2 * (size_t)SEAL_KEY_BYTES + 1)
#define END_BYTES   ((size_t)2 * HEADS_LINE_MAX) /* holds the last line whole */

static int failed(const char *path, const char *what, struct turret_error *err)
{
    bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    return turret_fail(err, full ? TURRET_EFULL : TURRET_EIO,
                       "heads file %s %s: %s; without it the audit is not durable and trading "
                       "stops",
                       path, what, strerror(errno));
}

static int bad_line(const char *path, uint64_t line, const char *wrong, struct turret_error *err)
{
    return turret_fail(err, TURRET_ECORRUPT, "heads file %s: line %" PRIu64 " %s", path, line,
                       wrong);
}

static void start_line(const uint8_t key[SEAL_KEY_BYTES], char line[HEADS_LINE_MAX])
{
    char hex[SEAL_HEX(SEAL_KEY_BYTES)];
    seal_to_hex(key, SEAL_KEY_BYTES, hex);
    (void)snprintf(line, HEADS_LINE_MAX, FILE_START "%s\n", hex);
}

static void head_line(const struct audit_head *head, char line[HEADS_LINE_MAX])
{
    char audit[SEAL_HEX(SEAL_HASH_BYTES)], journal[SEAL_HEX(SEAL_HASH_BYTES)];
    char signature[SEAL_HEX(SEAL_SIGNATURE_BYTES)];
    seal_to_hex(head->audit_hash, sizeof head->audit_hash, audit);
    seal_to_hex(head->journal_hash, sizeof head->journal_hash, journal);
    seal_to_hex(head->signature, sizeof head->signature, signature);
    (void)snprintf(line, HEADS_LINE_MAX, "%" PRIu64 " %" PRId64 " %s %" PRIu64 " %s %s\n",
                   head->number, head->time, audit, head->journal_last, journal, signature);
}

/* ---- writing ---- */

static bool write_all(int fd, const char *text)
{
    size_t size = strlen(text);
    while (size > 0) {
        ssize_t wrote = write(fd, text, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        text += wrote;
        size -= (size_t)wrote;
    }
    return true;
}

/* A file that was moved away or exchanged is no longer the one that people read. */
static int check_place(const struct store *store, struct turret_error *err)
{
    struct stat named, open_one;
    if (stat(store->heads_path, &named) != 0 || fstat(store->heads_fd, &open_one) != 0)
        return failed(store->heads_path, "cannot be found", err);
    if (named.st_dev == open_one.st_dev && named.st_ino == open_one.st_ino)
        return TURRET_OK;
    return turret_fail(err, TURRET_EIO,
                       "heads file %s was exchanged while it was in use: put it back",
                       store->heads_path);
}

int heads_append(const struct store *store, const struct audit_head *head, struct turret_error *err)
{
    char line[HEADS_LINE_MAX];
    int code = check_place(store, err);
    if (code != TURRET_OK)
        return code;
    head_line(head, line);
    if (!write_all(store->heads_fd, line) || fdatasync(store->heads_fd) != 0)
        return failed(store->heads_path, "cannot be written", err);
    return TURRET_OK;
}

/* ---- opening ---- */

/* The last whole line; what is behind it, of a write that was cut short, is taken away. */
static int last_line(const char *path, int fd, const struct stat *file, char line[END_BYTES + 1],
                     struct turret_error *err)
{
    size_t want = file->st_size < (off_t)END_BYTES ? (size_t)file->st_size : END_BYTES;
    ssize_t got = pread(fd, line, want, file->st_size - (off_t)want);
    char *end, *start;
    if (got != (ssize_t)want)
        return failed(path, "cannot be read", err);
    line[want] = '\0';
    end = memrchr(line, '\n', want);
    if (!end)
        return bad_line(path, 1, "has no end, and is no line of a heads file", err);
    if (end + 1 < line + want && ftruncate(fd, file->st_size - (line + want - end - 1)) != 0)
        return failed(path, "cannot be mended", err);
    end[1] = '\0';
    start = memrchr(line, '\n', (size_t)(end - line));
    start = start ? start + 1 : line;
    memmove(line, start, strlen(start) + 1);
    return TURRET_OK;
}

/* The number of the newest head the file has: one that the store has too. */
static int newest_in(const struct store *store, MDB_txn *txn, int fd, const struct stat *file,
                     uint64_t *number, struct turret_error *err)
{
    char wanted[HEADS_LINE_MAX], first[START_BYTES + 1] = "", line[END_BYTES + 1];
    struct audit_head head;
    int code;
    *number = 0;
    start_line(seal_key_public(store->seal), wanted);
    if (pread(fd, first, START_BYTES, 0) != (ssize_t)START_BYTES || strcmp(first, wanted) != 0)
        return bad_line(store->heads_path, 1,
                        "does not name the key of this store's audit: it is another store's; name "
                        "another file, or move this one away",
                        err);
    code = last_line(store->heads_path, fd, file, line, err);
    if (code != TURRET_OK || strcmp(line, wanted) == 0)
        return code;
    *number = strtoull(line, NULL, 10);
    code = audit_find_head(store, txn, *number, &head, err);
    if (code == TURRET_ENOTFOUND)
        return turret_fail(err, TURRET_ECORRUPT,
                           "store %s has no audit record %" PRIu64 ", the newest head in %s: the "
                           "store lost its end, or is an old copy; nothing trades on it",
                           store->path, *number, store->heads_path);
    if (code != TURRET_OK)
        return code;
    head_line(&head, wanted);
    if (strcmp(line, wanted) != 0)
        return turret_fail(err, TURRET_ECORRUPT,
                           "the last line of %s is not the head in audit record %" PRIu64
                           " of store %s: one of them was changed",
                           store->heads_path, *number, store->path);
    return TURRET_OK;
}

/* The heads behind `number` that the store has. */
static int add_missing(const struct store *store, MDB_txn *txn, int fd, uint64_t number,
                       uint64_t *added, struct turret_error *err)
{
    unsigned char name[8];
    MDB_val key = {sizeof name, name}, stored;
    MDB_cursor *cursor;
    int rc, code = TURRET_OK;
    rows_store_be64(name, number + 1);
    rc = mdb_cursor_open(txn, store->rows[STORE_AUDIT], &cursor);
    if (rc != 0)
        return store_fail(store, rc, "reading the audit", err);
    rc = mdb_cursor_get(cursor, &key, &stored, MDB_SET_RANGE);
    for (; rc == 0 && code == TURRET_OK; rc = mdb_cursor_get(cursor, &key, &stored, MDB_NEXT)) {
        struct audit_header header;
        const unsigned char *text;
        struct audit_head head;
        char line[HEADS_LINE_MAX];
        if (audit_decode(&key, &stored, &header, &text)) {
            code = turret_fail(err, TURRET_ECORRUPT,
                               "store %s: its audit is damaged; turret journal verify tells where",
                               store->path);
        } else if (header.kind == AUDIT_KIND_HEAD) {
            memcpy(&head, text, sizeof head);
            head_line(&head, line);
            ++*added;
            if (!write_all(fd, line))
                code = failed(store->heads_path, "cannot be written", err);
        }
    }
    mdb_cursor_close(cursor);
    if (code == TURRET_OK && rc != MDB_NOTFOUND)
        code = store_fail(store, rc, "reading the audit", err);
    return code;
}

static int sync_new(const char *path, int fd)
{
    char copy[4096], *slash;
    int directory, rc;
    (void)snprintf(copy, sizeof copy, "%s", path);
    slash = strrchr(copy, '/');
    if (slash)
        slash[slash == copy] = '\0';
    directory = open(slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return -1;
    rc = fsync(fd) != 0 ? -1 : fsync(directory);
    (void)close(directory);
    return rc;
}

static int open_file(struct store *store, struct stat *file, struct turret_error *err)
{
    store->heads_fd =
        open(store->heads_path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
    if (store->heads_fd < 0 || fstat(store->heads_fd, file) != 0)
        return failed(store->heads_path, "cannot be opened", err);
    if (!S_ISREG(file->st_mode))
        return turret_fail(err, TURRET_EIO, "heads file %s is not a file", store->heads_path);
    return TURRET_OK;
}

int heads_open(struct store *store, MDB_txn *txn, const struct audit_tail *tail, uint64_t *added,
               struct turret_error *err)
{
    const char *path = store->heads_path;
    char line[HEADS_LINE_MAX];
    uint64_t number = 0;
    struct stat file;
    bool fresh;
    int fd, code = open_file(store, &file, err);
    if (code != TURRET_OK)
        return code;
    fd = store->heads_fd;
    fresh = file.st_size < (off_t)START_BYTES; /* its first write was cut short */
    if (!fresh) {
        code = newest_in(store, txn, fd, &file, &number, err);
    } else {
        start_line(seal_key_public(store->seal), line);
        if (ftruncate(fd, 0) != 0 || !write_all(fd, line))
            code = failed(path, "cannot be written", err);
    }
    if (code == TURRET_OK && number < tail->head_number)
        code = add_missing(store, txn, fd, number, added, err);
    if (code == TURRET_OK && (fresh ? sync_new(path, fd) : fdatasync(fd)) != 0)
        code = failed(path, "cannot be written", err);
    return code;
}

/* ---- reading ---- */

/* The next whole line; false at the end. */
static int next_line(struct heads_reader *reader, char line[HEADS_LINE_MAX], bool *ended,
                     struct turret_error *err)
{
    size_t size;
    *ended = reader->left == 0;
    if (*ended)
        return TURRET_OK;
    reader->line++;
    if (!fgets(line, HEADS_LINE_MAX, reader->file))
        return bad_line(reader->path, reader->line, "cannot be read", err);
    size = strlen(line);
    if (size == 0 || line[size - 1] != '\n' || size > reader->left)
        return bad_line(reader->path, reader->line,
                        "is cut off, or no head; after a crash the daemon's next start mends that",
                        err);
    reader->left -= size;
    return TURRET_OK;
}

int heads_read_begin(struct heads_reader *reader, const char *path, struct turret_error *err)
{
    char line[HEADS_LINE_MAX];
    struct stat file;
    bool ended;
    int fd, code;
    *reader = (struct heads_reader){.path = path};
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return TURRET_OK;
    if (fd < 0 || fstat(fd, &file) != 0 || !S_ISREG(file.st_mode) ||
        !(reader->file = fdopen(fd, "r"))) {
        code = turret_fail(err, TURRET_EIO, "heads file %s cannot be read: %s", path,
                           errno ? strerror(errno) : "it is not a file");
        if (fd >= 0)
            (void)close(fd);
        return code;
    }
    reader->size = reader->left = (size_t)file.st_size;
    code = next_line(reader, line, &ended, err);
    if (code != TURRET_OK)
        return code;
    if (!ended)
        line[strlen(line) - 1] = '\0';
    if (ended || strncmp(line, FILE_START, sizeof FILE_START - 1) != 0 ||
        !seal_from_hex(line + sizeof FILE_START - 1, reader->key, sizeof reader->key))
        return bad_line(path, 1, "does not name a key: this is no heads file", err);
    return TURRET_OK;
}

/* A running daemon may have added lines: of heads that the store has, seen after the file. */
static void look_again(struct heads_reader *reader)
{
    struct stat file;
    if (fstat(fileno(reader->file), &file) != 0 || file.st_size <= (off_t)reader->size)
        return;
    reader->left = (size_t)file.st_size - reader->size;
    reader->size = (size_t)file.st_size;
    reader->grown = true;
    clearerr(reader->file);
}

int heads_read_next(struct heads_reader *reader, const struct audit_head *head, bool *ended,
                    struct turret_error *err)
{
    char line[HEADS_LINE_MAX], wanted[HEADS_LINE_MAX], text[80];
    int code;
    *ended = !reader->file;
    if (!*ended && reader->left == 0)
        look_again(reader);
    code = *ended ? TURRET_OK : next_line(reader, line, ended, err);
    if (code != TURRET_OK || *ended)
        return code;
    head_line(head, wanted);
    if (strcmp(line, wanted) == 0)
        return TURRET_OK;
    (void)snprintf(text, sizeof text,
                   "is not the head in audit record %" PRIu64 ": one of them was changed",
                   head->number);
    return bad_line(reader->path, reader->line, text, err);
}

int heads_read_rest(struct heads_reader *reader, uint64_t *number, struct turret_error *err)
{
    char line[HEADS_LINE_MAX];
    bool ended = !reader->file || reader->grown;
    int code = ended ? TURRET_OK : next_line(reader, line, &ended, err);
    *number = 0;
    if (code == TURRET_OK && !ended) {
        *number = strtoull(line, NULL, 10);
        if (*number == 0)
            code = bad_line(reader->path, reader->line, "is no head", err);
    }
    return code;
}

void heads_read_end(struct heads_reader *reader)
{
    if (reader->file)
        (void)fclose(reader->file);
    reader->file = NULL;
}
