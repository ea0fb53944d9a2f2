/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens and closes the store: directory, lock, LMDB environment, structure check, tables, format.
 * And the ends of a write: a commit that fails latches the store, because LMDB alone would carry on
 * after a disk error as if nothing had happened.
 *
 * One open store per process and directory (LMDB's own rule); none is carried across fork().
 *
 * STORE_FAST leaves out every sync until store_close. A killed process loses nothing; a power cut
 * may damage the file as a whole, which the check at the next open names. It is for stores that can
 * be made again. Imports into a store that trades leave it out: they commit durably in chunks.
 */
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TABLES_MAX 24
#define FORMAT_KEY STORE_OWN_PREFIX "format"

/* ---- the ends of a transaction ---- */

void store_latch(struct store *store, int code, const struct turret_error *why)
{
    if (atomic_load(&store->failed) != TURRET_OK)
        return;
    if (why)
        store->failure = *why;
    atomic_store(&store->failed, code);
}

int store_write_begin(struct store *store, MDB_txn **txn, struct turret_error *err)
{
    int code = atomic_load(&store->failed);
    int rc;
    *txn = NULL;
    if (code != TURRET_OK)
        return turret_fail(err, code, "store %s takes no writes until it is opened again: %.300s",
                           store->path, store->failure.text);
    if (store->flags & STORE_READ_ONLY)
        return turret_fail(err, TURRET_ESTATE, "store %s was opened for reading only", store->path);
    rc = mdb_txn_begin(store->env, NULL, 0, txn);
    if (rc != 0) {
        code = store_fail(store, rc, "beginning a write", err);
        store_latch(store, code, err);
    }
    return code;
}

int store_write_commit(struct store *store, MDB_txn *txn, const struct store_journal_head *head,
                       struct turret_error *err)
{
    struct turret_error own = {0, 0, ""};
    struct store_journal_head same;
    struct pages_kept before;
    int rc, code = TURRET_OK, dead = 0;
    if (!head) {
        code = journal_load_head(store, txn, &same, &own);
        head = &same;
    }
    if (code == TURRET_OK)
        code = journal_save_head(store, txn, head, &own);
    if (code != TURRET_OK) {
        if (err && err->code == 0)
            *err = own;
        return store_write_abort(store, txn, code, &own);
    }
    pages_keep(store, mdb_txn_id(txn), &before);
    rc = mdb_txn_commit(txn);
    if (rc != 0) {
        code = store_fail(store, rc, "writing a commit", &own);
        pages_put_back(store, &before);
        store_latch(store, code, &own);
        if (err && err->code == 0)
            *err = own;
        return code;
    }
    if (++store->commit_count % STORE_SWEEP_COMMITS == 0)
        (void)mdb_reader_check(store->env, &dead);
    return code;
}

int store_write_abort(struct store *store, MDB_txn *txn, int code, const struct turret_error *err)
{
    mdb_txn_abort(txn);
    if (code != TURRET_ESTATE && code != TURRET_EINVAL && code != TURRET_ENOTFOUND)
        store_latch(store, code, err);
    return code;
}

int store_read_begin(const struct store *store, MDB_txn **txn, struct turret_error *err)
{
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, txn);
    if (rc == 0)
        return TURRET_OK;
    *txn = NULL;
    return store_fail(store, rc, "beginning to read", err);
}

/* ---- opening ---- */

/* Makes the directory and those above it. */
static int make_directory(const char *path, struct turret_error *err)
{
    char part[4096];
    size_t length = strlen(path);
    if (length >= sizeof part)
        return turret_fail(err, TURRET_EINVAL, "the store's path is longer than %zu bytes",
                           sizeof part - 1);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST)
            return turret_fail(err, errno == ENOSPC ? TURRET_EFULL : TURRET_EIO,
                               "making directory %s for the store: %s", part, strerror(errno));
    }
    return TURRET_OK;
}

bool store_is_there(const char *path)
{
    char name[4096];
    (void)snprintf(name, sizeof name, "%.4000s/data.mdb", path);
    return access(name, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* Opens data.mdb for the check. *empty: there is none, or nothing in it. */
static int find_file(struct store *store, bool *empty, struct turret_error *err)
{
    char name[4096];
    struct stat file;
    int length = snprintf(name, sizeof name, "%s/data.mdb", store->path);
    if (length < 0 || (size_t)length >= sizeof name)
        return turret_fail(err, TURRET_EINVAL, "the store's path is too long");
    *empty = true;
    store->file_fd = open(name, O_RDONLY | O_CLOEXEC);
    if (store->file_fd < 0) {
        if (errno == ENOTDIR)
            return turret_fail(err, TURRET_ECORRUPT, "%s is not a store: it is not a directory",
                               store->path);
        if (errno != ENOENT)
            return turret_fail(err, TURRET_EIO, "store %s: data.mdb cannot be opened: %s",
                               store->path, strerror(errno));
    } else if (fstat(store->file_fd, &file) != 0 || !S_ISREG(file.st_mode)) {
        return turret_fail(err, TURRET_ECORRUPT, "store %s: data.mdb is not a file", store->path);
    } else {
        *empty = file.st_size == 0;
    }
    if (*empty && !(store->flags & STORE_CREATE))
        return turret_fail(err, TURRET_ENOTFOUND,
                           "there is no store in %s: look at the path, or let the daemon or an "
                           "import make it",
                           store->path);
    return TURRET_OK;
}

static int try_environment(struct store *store, unsigned flags, size_t map_bytes)
{
    int rc = mdb_env_create(&store->env);
    if (rc != 0)
        return rc;
    rc = mdb_env_set_mapsize(store->env, map_bytes);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(store->env, TABLES_MAX);
    if (rc == 0)
        rc = mdb_env_open(store->env, store->path, flags, 0600);
    if (rc != 0) {
        mdb_env_close(store->env);
        store->env = NULL;
    }
    return rc;
}

static int open_environment(struct store *store, struct turret_error *err)
{
    size_t map_bytes = STORE_MAP_BYTES;
    unsigned flags = MDB_NOTLS;
    int dead = 0, rc;
    if (store->flags & STORE_READ_ONLY)
        flags |= MDB_RDONLY;
    if (store->flags & STORE_FAST)
        flags |= MDB_NOSYNC;
    rc = try_environment(store, flags, map_bytes);
    if (rc == ENOMEM) {
        map_bytes = STORE_MAP_SMALL_BYTES;
        rc = try_environment(store, flags, map_bytes);
    }
    if ((rc == EACCES || rc == EPERM || rc == EROFS) && (store->flags & STORE_READ_ONLY)) {
        /* lock.mdb cannot be written, so readers cannot announce themselves to a writer */
        if (lock_held(store->path))
            return turret_fail(err, TURRET_EIO,
                               "store %s is in use and its lock.mdb is not writable for this "
                               "user: read it as the daemon's user",
                               store->path);
        store->unlocked = true;
        rc = try_environment(store, flags | MDB_NOLOCK, map_bytes);
    }
    if (rc != 0)
        return store_fail(store, rc, "opening it", err);
    if (!store->unlocked)
        (void)mdb_reader_check(store->env, &dead);
    return TURRET_OK;
}

static int open_tables(struct store *store, MDB_txn *txn, unsigned flags, struct turret_error *err)
{
    for (int i = 0; i < STORE_ROW_TABLES + 3; i++) {
        MDB_dbi *dbi = i < STORE_ROW_TABLES        ? &store->rows[i]
                       : i == STORE_ROW_TABLES     ? &store->journal
                       : i == STORE_ROW_TABLES + 1 ? &store->bars
                                                   : &store->series;
        const char *name = i < STORE_ROW_TABLES        ? rows_table_name(i)
                           : i == STORE_ROW_TABLES     ? "journal"
                           : i == STORE_ROW_TABLES + 1 ? "bars"
                                                       : rows_table_name(STORE_SERIES_TABLE);
        int rc = mdb_dbi_open(txn, name, flags, dbi);
        if (rc == MDB_NOTFOUND)
            return turret_fail(err, TURRET_ECORRUPT,
                               "store %s has no table %s: restore the directory from a backup",
                               store->path, name);
        if (rc != 0)
            return store_fail(store, rc, "opening its tables", err);
    }
    return TURRET_OK;
}

static int create_tables(struct store *store, struct turret_error *err)
{
    static const struct store_journal_head no_records;
    uint32_t format = STORE_FORMAT;
    MDB_val key = {strlen(FORMAT_KEY), (void *)(uintptr_t)FORMAT_KEY};
    MDB_val value = {sizeof format, &format};
    MDB_txn *txn;
    struct row row;
    bool made = false;
    int code = store_write_begin(store, &txn, err);
    if (code != TURRET_OK)
        return code;
    code = open_tables(store, txn, MDB_CREATE, err);
    if (code == TURRET_OK && rows_find(store, txn, store->rows[STORE_META], STORE_META, &key, &row,
                                       NULL) == TURRET_ENOTFOUND) {
        code = rows_put(store, txn, store->rows[STORE_META], STORE_META, &key, 1, &value, err);
        made = true;
    }
    if (code != TURRET_OK)
        return store_write_abort(store, txn, code, err);
    return store_write_commit(store, txn, made ? &no_records : NULL, err);
}

/* Only the table "meta" is open; it is all that a newer format has in common with ours. */
static int check_format(struct store *store, MDB_txn *txn, struct turret_error *err)
{
    MDB_val key = {strlen(FORMAT_KEY), (void *)(uintptr_t)FORMAT_KEY};
    uint32_t format;
    struct row row;
    int rc, code;
    rc = mdb_dbi_open(txn, rows_table_name(STORE_META), 0, &store->rows[STORE_META]);
    if (rc != 0 && rc != MDB_NOTFOUND)
        return store_fail(store, rc, "opening its tables", err);
    code = rc != 0 ? TURRET_ENOTFOUND
                   : rows_find(store, txn, store->rows[STORE_META], STORE_META, &key, &row, err);
    if (code == TURRET_ENOTFOUND || (code == TURRET_OK && row.size_bytes < sizeof format))
        return turret_fail(err, TURRET_ECORRUPT,
                           "%s is an LMDB directory but not a store of Turret: name another one",
                           store->path);
    if (code != TURRET_OK)
        return code;
    memcpy(&format, row.value, sizeof format);
    if (format < STORE_FORMAT)
        return turret_fail(err, TURRET_EVERSION,
                           "store %s was written in format %u by an older turret, this one writes "
                           "%u: close what it holds with that one, and begin another store",
                           store->path, format, STORE_FORMAT);
    if (format > STORE_FORMAT)
        return turret_fail(err, TURRET_EVERSION,
                           "store %s was written in format %u, this host knows %u: use the newer "
                           "turret, or another store",
                           store->path, format, STORE_FORMAT);
    return TURRET_OK;
}

static int bad_number(const struct store *store, struct turret_error *err)
{
    return turret_fail(err, TURRET_ECORRUPT,
                       "store %s: data.mdb has a meta page of another transaction than its tables; "
                       "restore the directory from a backup",
                       store->path);
}

/*
 * Whether the older meta page really is the older one: with a changed number the newest commit
 * would be forgotten without a word. What lies below it may be overwritten by a daemon any time, so
 * it only counts while the meta pages stay as they are; when it cannot be read that is no harm.
 */
static int check_older(struct store *store, const struct pages_meta meta[2],
                       struct turret_error *err)
{
    struct pages_meta now[2];
    uint64_t sealed = 0;
    if (meta[1].tables.root == PAGES_NONE ||
        check_structure(store, &meta[1], CHECK_META_TABLE, &sealed, NULL) != TURRET_OK ||
        sealed == 0 || sealed == meta[1].txnid)
        return TURRET_OK;
    if (pages_read_meta(store->file_fd, store->path, now, err) != TURRET_OK)
        return turret_ok(err) != TURRET_OK ? turret_ok(err) : TURRET_ECORRUPT;
    if (now[0].txnid + now[1].txnid != meta[0].txnid + meta[1].txnid)
        return TURRET_OK;
    return bad_number(store, err);
}

/* Looks at pages first, follows them then. */
static int check_then_open(struct store *store, MDB_txn *txn, const struct pages_meta meta[2],
                           struct turret_error *err)
{
    uint64_t sealed = 0;
    int code = check_structure(store, &meta[0], CHECK_META_TABLE, &sealed, err);
    if (code == TURRET_OK)
        code = check_format(store, txn, err);
    if (code == TURRET_OK && sealed != meta[0].txnid)
        code = bad_number(store, err);
    if (code == TURRET_OK)
        code = check_older(store, meta, err);
    if (code == TURRET_OK)
        code = check_structure(store, &meta[0], 0, NULL, err);
    if (code == TURRET_OK)
        code = open_tables(store, txn, 0, err);
    return code;
}

static int open_checked(struct store *store, struct turret_error *err)
{
    struct pages_meta meta[2];
    MDB_txn *txn = NULL;
    int rc, code = pages_pin(store, &txn, meta, err);
    if (code == TURRET_OK && meta[0].tables.root == PAGES_NONE) {
        /* whoever made the file was interrupted before the tables were there */
        mdb_txn_abort(txn);
        if (!(store->flags & STORE_CREATE))
            return turret_fail(err, TURRET_ENOTFOUND, "there is no store in %s yet", store->path);
        code = create_tables(store, err);
        if (code == TURRET_OK)
            code = pages_pin(store, &txn, meta, err);
    }
    if (code != TURRET_OK)
        return code;
    code = check_then_open(store, txn, meta, err);
    if (code != TURRET_OK) {
        mdb_txn_abort(txn);
        return code;
    }
    rc = mdb_txn_commit(txn); /* keeps the tables open */
    return rc == 0 ? TURRET_OK : store_fail(store, rc, "opening its tables", err);
}

static int open_parts(struct store *store, struct turret_error *err)
{
    struct pages_meta meta[2];
    bool empty = true;
    int code = TURRET_OK;
    if (store->flags & STORE_CREATE)
        code = make_directory(store->path, err);
    if (code == TURRET_OK)
        code = find_file(store, &empty, err);
    if (code == TURRET_OK && (store->flags & STORE_EXCLUSIVE))
        code = lock_take(&store->lock_fd, store->path, err);
    /* before LMDB sees it: it divides by the page size it finds there */
    if (code == TURRET_OK && !empty)
        code = pages_read_meta(store->file_fd, store->path, meta, err);
    if (code == TURRET_OK)
        code = open_environment(store, err);
    if (code == TURRET_OK && store->file_fd < 0)
        code = find_file(store, &empty, err);
    if (code == TURRET_OK)
        code = open_checked(store, err);
    return code;
}

int store_open(struct store **out, const char *path, unsigned flags, struct turret_error *err)
{
    struct store *store;
    size_t length = strlen(path);
    int code;
    *out = NULL;
    while (length > 1 && path[length - 1] == '/')
        length--;
    if (length == 0)
        return turret_fail(err, TURRET_EINVAL, "the store's path is empty");
    if ((flags & STORE_READ_ONLY) && (flags & ~STORE_READ_ONLY))
        return turret_fail(err, TURRET_EINVAL,
                           "store %s cannot be opened for reading only and written", path);
    store = calloc(1, sizeof *store);
    if (!store || !(store->path = strndup(path, length))) {
        free(store);
        return turret_fail(err, TURRET_ENOMEM, "no memory to open store %s", path);
    }
    store->flags = flags;
    store->lock_fd = store->file_fd = store->heads_fd = -1;
    code = open_parts(store, err);
    if (code != TURRET_OK) {
        store_close(store);
        return code;
    }
    *out = store;
    return TURRET_OK;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    if (store->env && (store->flags & STORE_FAST) && atomic_load(&store->failed) == TURRET_OK)
        (void)mdb_env_sync(store->env, 1);
    if (store->env)
        mdb_env_close(store->env);
    seal_key_close(store->seal);
    free(store->heads_path);
    if (store->heads_fd >= 0)
        (void)close(store->heads_fd);
    if (store->file_fd >= 0)
        (void)close(store->file_fd);
    lock_release(store->lock_fd);
    free(store->path);
    free(store);
}

const char *store_path(const struct store *store)
{
    return store->path;
}
