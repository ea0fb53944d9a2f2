/* SPDX-License-Identifier: Apache-2.0 */
/* Turns what LMDB and the system answer into our codes and words: what, where, what to do. */
#include "store/internal.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static int code_of(int rc)
{
    switch (rc) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case MDB_MAP_FULL:
        return TURRET_EFULL;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
    case MDB_NOTFOUND:
    case MDB_KEYEXIST:
        return TURRET_ECORRUPT;
    case ENOMEM:
        return TURRET_ENOMEM;
    case MDB_READERS_FULL:
    case MDB_TXN_FULL:
        return TURRET_ELIMIT;
    default:
        return TURRET_EIO;
    }
}

static const char *advice_for(int rc)
{
    switch (rc) {
    case ENOSPC:
        return "the disk is full: free space there, then start again";
    case EDQUOT:
        return "the quota is used up: free space there, then start again";
    case EFBIG:
        return "the file may not grow further: lift the limit (ulimit -f), then start again";
    case MDB_MAP_FULL:
        return "it reached the largest size a store can have: move old bars and journal to a "
               "store of their own";
    case EIO:
        return "the disk failed: look at the kernel log, check the disk, then start again";
    case MDB_READERS_FULL:
        return "too many programs read it at once: end some of them";
    case MDB_MAP_RESIZED:
        return "another program made it larger than this one can map: lift ulimit -v";
    default:
        return code_of(rc) == TURRET_ECORRUPT ? "it is damaged: restore it from a backup" : "";
    }
}

/*
 * LMDB calls a write that stopped half-way EIO, and that is how most full disks show. Less than
 * NEARLY_FULL_BYTES left, on the disk or under the process's own limit, means full.
 */
#define NEARLY_FULL_BYTES (1u << 20)

static int full_or_broken(const struct store *store)
{
    struct statvfs disk;
    struct rlimit limit;
    struct stat file;
    if (fstatvfs(store->file_fd, &disk) == 0 &&
        (uint64_t)disk.f_bavail * disk.f_frsize < NEARLY_FULL_BYTES)
        return ENOSPC;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        fstat(store->file_fd, &file) == 0 &&
        (uint64_t)file.st_size + NEARLY_FULL_BYTES > limit.rlim_cur)
        return EFBIG;
    return EIO;
}

int store_fail(const struct store *store, int rc, const char *what, struct turret_error *err)
{
    const char *advice;
    if (rc == EIO)
        rc = full_or_broken(store);
    advice = advice_for(rc);
    if (err && err->code == 0)
        err->detail = rc;
    return turret_fail(err, code_of(rc), "store %s: %s: %s%s%s", store->path, what,
                       mdb_strerror(rc), *advice ? "; " : "", advice);
}
