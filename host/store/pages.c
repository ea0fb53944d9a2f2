/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LMDB's two meta pages, read by ourselves. LMDB keeps no checksum of them and believes what they
 * say; their redundancy is enough to notice a changed byte in every field that matters: the newer
 * and the older transaction follow each other and each lies on the page of its parity, all counts
 * are compared with the trees afterwards (check.c), and the tables carry the transaction's number
 * themselves. The last would make a copy by `mdb_copy -c`, which numbers anew, unreadable: back up
 * with plain `mdb_copy`.
 */
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#define MAGIC        0xbeefc0deu
#define DATA_VERSION 1u
#define PAGE_HEADER  16u
#define PAGE_META    0x08u
#define KEY_IS_INT   0x08u /* flag of the free list's tree */

#define PAGE_SIZE_MIN 512u
#define PAGE_SIZE_MAX 65536u

/* A running daemon may write a meta page while it is read: look again so often. */
#define READ_ATTEMPTS 64

_Static_assert(sizeof(struct pages_tree) == 48, "as LMDB has it");
_Static_assert(sizeof(struct pages_meta) == 136, "as LMDB has it");

struct meta_page {
    uint64_t number;
    uint16_t pad, flags;
    uint32_t bounds;
    struct pages_meta meta;
};

static const char *check_one(const struct meta_page *page, unsigned index)
{
    const struct pages_meta *meta = &page->meta;
    uint64_t page_size = meta->free_list.pad;
    if (meta->magic != MAGIC || page->flags != PAGE_META)
        return "is not a store's data file";
    if (meta->version != DATA_VERSION)
        return "has another LMDB format than 0.9";
    if (page->number != index)
        return "has a meta page of another place";
    if (meta->address != 0 || meta->free_list.flags != KEY_IS_INT || meta->tables.flags != 0)
        return "has a meta page with unknown flags";
    if (page_size < PAGE_SIZE_MIN || page_size > PAGE_SIZE_MAX ||
        (page_size & (page_size - 1)) != 0)
        return "has a meta page with an impossible page size";
    if (meta->last_page < 1 || meta->last_page >= STORE_MAP_BYTES / page_size)
        return "has a meta page with an impossible number of pages";
    /* the first transaction makes the tables: there are none exactly before it */
    if ((meta->txnid == 0) != (meta->tables.root == PAGES_NONE) ||
        (meta->txnid != 0 && (meta->txnid & 1u) != index))
        return "has a meta page of another transaction";
    return NULL;
}

static const char *check_pair(const struct meta_page page[2])
{
    uint64_t even = page[0].meta.txnid, odd = page[1].meta.txnid;
    if (page[0].meta.free_list.pad != page[1].meta.free_list.pad)
        return "has meta pages with two page sizes";
    if (!(even == 0 && odd == 0) && even != odd + 1 && odd != even + 1)
        return "has meta pages whose transactions do not follow each other";
    return NULL;
}

/* Sets *wrong when the pages could be read and say nonsense. */
static int read_pages(int fd, const char *path, struct meta_page page[2], const char **wrong,
                      struct turret_error *err)
{
    off_t second;
    ssize_t length = pread(fd, &page[0], sizeof page[0], 0);
    *wrong = NULL;
    if (length == 0)
        return turret_fail(err, TURRET_ENOTFOUND, "there is no store in %s: data.mdb is empty",
                           path);
    if (length == (ssize_t)sizeof page[0]) {
        *wrong = check_one(&page[0], 0);
        if (*wrong)
            return TURRET_OK;
        second = (off_t)page[0].meta.free_list.pad;
        length = pread(fd, &page[1], sizeof page[1], second);
        if (length == (ssize_t)sizeof page[1]) {
            *wrong = check_one(&page[1], 1);
            if (!*wrong)
                *wrong = check_pair(page);
            return TURRET_OK;
        }
    }
    if (length < 0)
        return turret_fail(err, TURRET_EIO, "store %s: data.mdb cannot be read: %s", path,
                           strerror(errno));
    *wrong = "is too short for a store's data file";
    return TURRET_OK;
}

int pages_read_meta(int fd, const char *path, struct pages_meta meta[2], struct turret_error *err)
{
    struct meta_page page[2];
    const char *wrong = NULL;
    memset(page, 0, sizeof page);
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        int code = read_pages(fd, path, page, &wrong, err);
        if (code != TURRET_OK)
            return code;
        if (!wrong) {
            meta[0] = page[0].meta;
            meta[1] = page[1].meta;
            return TURRET_OK;
        }
        (void)sched_yield();
    }
    return turret_fail(err, TURRET_ECORRUPT,
                       "store %s: data.mdb %s; restore the directory from a backup, or name "
                       "another store",
                       path, wrong);
}

int pages_pin(struct store *store, MDB_txn **txn, struct pages_meta meta[2],
              struct turret_error *err)
{
    struct pages_meta pair[2];
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        int code = store_read_begin(store, txn, err);
        if (code != TURRET_OK)
            return code;
        code = pages_read_meta(store->file_fd, store->path, pair, err);
        if (code != TURRET_OK) {
            mdb_txn_abort(*txn);
            *txn = NULL;
            return code;
        }
        for (int i = 1; i >= 0; i--)
            if (pair[i].txnid == mdb_txn_id(*txn)) {
                meta[0] = pair[i];
                meta[1] = pair[1 - i];
                return TURRET_OK;
            }
        mdb_txn_abort(*txn); /* two commits went by in between */
        *txn = NULL;
        (void)sched_yield();
    }
    return turret_fail(err, TURRET_EBUSY,
                       "store %s is being written so fast that it cannot be checked: try again",
                       store->path);
}

void pages_keep(const struct store *store, uint64_t txnid, struct pages_kept *kept)
{
    struct meta_page page;
    kept->good = pread(store->file_fd, &page, sizeof page, 0) == (ssize_t)sizeof page;
    kept->place = txnid & 1u ? (off_t)page.meta.free_list.pad : 0;
    if (kept->good && kept->place)
        kept->good = pread(store->file_fd, &page, sizeof page, kept->place) == (ssize_t)sizeof page;
    kept->meta = page.meta;
}

/* A commit of another process in between has put its own number there. */
void pages_put_back(const struct store *store, const struct pages_kept *kept)
{
    char name[4096];
    struct meta_page now;
    int fd;
    if (!kept->good ||
        pread(store->file_fd, &now, sizeof now, kept->place) != (ssize_t)sizeof now ||
        now.meta.txnid != kept->meta.txnid || !memcmp(&now.meta, &kept->meta, sizeof now.meta))
        return;
    (void)snprintf(name, sizeof name, "%s/data.mdb", store->path);
    fd = open(name, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    /* a disk that refuses this, too, leaves what the check at the next open names */
    if (pwrite(fd, &kept->meta, sizeof kept->meta,
               kept->place + (off_t)offsetof(struct meta_page, meta)) > 0)
        (void)fdatasync(fd);
    (void)close(fd);
}
