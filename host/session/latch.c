/* SPDX-License-Identifier: Apache-2.0 */
#include "session/latch.h"

#include "io/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC      "TRTHALT1"
#define PAGE_BYTES 4096

/* As it lies in the file. */
struct page {
    char magic[8];
    struct slot {
        char name[32];
        _Atomic uint64_t word;
        _Atomic uint32_t uid;   /* of who set it first */
        _Atomic uint32_t spent; /* it is being lifted: who sets it now is the first */
    } slots[LATCH_SLOTS];
    char reasons[LATCH_SLOTS][LATCH_REASON]; /* of the same; of a signal there is none */
    _Atomic int64_t times[LATCH_SLOTS];      /* Unix time; 0: an older turret set it */
};
TURRET_STATIC_ASSERT(sizeof(struct page) <= PAGE_BYTES, "one page");
TURRET_STATIC_ASSERT(ATOMIC_LLONG_LOCK_FREE == 2, "a signal handler stores it");

struct latch {
    int file;
    struct page *page;
};

/* What the signal's handler sets: a handler is given nothing but the number. */
static struct latch *_Atomic signalled;

static int make(int file, const char *path, struct turret_error *err)
{
    static const uint8_t zeros[PAGE_BYTES - 8];
    uint8_t bytes[PAGE_BYTES] = MAGIC;
    ssize_t written;
    memcpy(bytes + 8, zeros, sizeof zeros);
    written = pwrite(file, bytes, sizeof bytes, 0);
    if (written != (ssize_t)sizeof bytes || fsync(file))
        return turret_fail(err, errno == ENOSPC || errno == EDQUOT ? TURRET_EFULL : TURRET_EIO,
                           "the kill switch's latch %.300s: %s", path,
                           written >= 0 && written != (ssize_t)sizeof bytes ? "cut short"
                                                                            : strerror(errno));
    return TURRET_OK;
}

static int map(struct latch *latch, const char *path, struct turret_error *err)
{
    void *at = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, latch->file, 0);
    if (at == MAP_FAILED)
        return turret_fail(err, TURRET_EIO, "the kill switch's latch %.300s: %s", path,
                           strerror(errno));
    latch->page = at;
    return memcmp(latch->page->magic, MAGIC, sizeof latch->page->magic) == 0
               ? TURRET_OK
               : turret_fail(err, TURRET_ECORRUPT,
                             "%.300s is not the kill switch's latch; move it away and start the "
                             "daemon again",
                             path);
}

static int open_file(struct latch *latch, const char *path, bool create, struct turret_error *err)
{
    struct stat about;
    int status;
    latch->file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0), 0600);
    if (latch->file < 0)
        return turret_fail(err, errno == ENOENT ? TURRET_ENOTFOUND : TURRET_EIO,
                           "the kill switch's latch %.300s: %s", path, strerror(errno));
    if (fstat(latch->file, &about))
        return turret_fail(err, TURRET_EIO, "the kill switch's latch %.300s: %s", path,
                           strerror(errno));
    if (about.st_size != PAGE_BYTES) {
        if (!create || about.st_size > PAGE_BYTES)
            return turret_fail(err, TURRET_ECORRUPT, "%.300s has %lld bytes, not %d", path,
                               (long long)about.st_size, PAGE_BYTES);
        status = make(latch->file, path, err);
        if (status)
            return status;
    }
    return map(latch, path, err);
}

int latch_open(struct latch **out, const char *store, bool create, struct turret_error *err)
{
    struct latch *latch = calloc(1, sizeof *latch);
    char path[4200];
    int status;
    *out = NULL;
    if (!latch)
        return turret_fail(err, TURRET_ENOMEM, "no memory for the kill switch's latch");
    (void)snprintf(path, sizeof path, "%.4096s/halt", store);
    status = open_file(latch, path, create, err);
    if (status)
        latch_close(latch);
    else
        *out = latch;
    return status;
}

void latch_close(struct latch *latch)
{
    if (!latch)
        return;
    if (atomic_load(&signalled) == latch)
        latch_on_signal(NULL);
    if (latch->page)
        (void)munmap(latch->page, PAGE_BYTES);
    if (latch->file >= 0)
        (void)close(latch->file);
    free(latch);
}

/* ---- slots ---- */

void latch_name(const struct latch *latch, uint32_t slot, char name[32])
{
    (void)snprintf(name, 32, "%.31s", slot ? latch->page->slots[slot].name : "");
}

uint32_t latch_find(const struct latch *latch, const char *venue)
{
    uint32_t i;
    for (i = 1; i < LATCH_SLOTS; i++)
        if (venue[0] && !strncmp(latch->page->slots[i].name, venue, 32))
            return i;
    return LATCH_NONE;
}

int latch_name_venues(struct latch *latch, const char *const *venues, uint32_t count,
                      struct turret_error *err)
{
    uint32_t v, i;
    for (v = 0; v < count; v++) {
        struct slot *slot = NULL;
        if (latch_find(latch, venues[v]) != LATCH_NONE)
            continue;
        for (i = LATCH_SLOTS - 1; i > 0; i--)
            if (!latch->page->slots[i].name[0])
                slot = &latch->page->slots[i];
        for (i = LATCH_SLOTS - 1; i > 0 && !slot; i--) { /* of a venue there is no more */
            uint32_t w = 0;
            while (w < count && strncmp(latch->page->slots[i].name, venues[w], 32) != 0)
                w++;
            if (w == count && atomic_load(&latch->page->slots[i].word) == 0)
                slot = &latch->page->slots[i];
        }
        if (!slot)
            return turret_fail(err, TURRET_ELIMIT, "no slot of the kill switch for venue %s",
                               venues[v]);
        memset(slot->name, 0, sizeof slot->name);
        (void)snprintf(slot->name, sizeof slot->name, "%.31s", venues[v]);
    }
    return TURRET_OK;
}

/* Whether it is not set yet, so that the record will be of who sets it now. */
static bool is_first(const struct slot *slot)
{
    return atomic_load(&slot->word) == 0 || atomic_load(&slot->spent) != 0;
}

static void put_mark(struct page *page, uint32_t at, uint32_t uid)
{
    atomic_store(&page->slots[at].uid, uid);
    atomic_store(&page->times[at], clock_unix_ns());
    atomic_store(&page->slots[at].spent, 0);
}

int latch_set(struct latch *latch, uint32_t slot, const char *reason, struct turret_error *err)
{
    if (is_first(&latch->page->slots[slot])) {
        (void)snprintf(latch->page->reasons[slot], LATCH_REASON, "%s", reason);
        put_mark(latch->page, slot, (uint32_t)getuid());
    }
    (void)atomic_fetch_add(&latch->page->slots[slot].word, 1);
    return fdatasync(latch->file) == 0
               ? TURRET_OK
               : turret_fail(err, TURRET_EIO,
                             "the latch is set, but not on the disk (%s): it may not outlive a "
                             "power cut",
                             strerror(errno));
}

uint64_t latch_word(const struct latch *latch, uint32_t slot)
{
    return atomic_load(&latch->page->slots[slot].word);
}

bool latch_mark(const struct latch *latch, uint32_t slot, struct latch_mark *mark)
{
    uint32_t uid = atomic_load(&latch->page->slots[slot].uid);
    bool signal = uid == UINT32_MAX;
    memset(mark, 0, sizeof *mark);
    if (latch_word(latch, slot) == 0)
        return false;
    mark->time = atomic_load(&latch->page->times[slot]);
    mark->spent = atomic_load(&latch->page->slots[slot].spent) != 0;
    if (signal)
        (void)snprintf(mark->who, sizeof mark->who, "signal");
    else
        person_name(uid, mark->who);
    mark->told = !signal && latch->page->reasons[slot][0];
    (void)snprintf(mark->reason, sizeof mark->reason, "%.*s", LATCH_REASON - 1,
                   mark->told ? latch->page->reasons[slot]
                   : signal   ? "kill switch: SIGUSR1"
                              : "kill switch: turret halt");
    return true;
}

void latch_spend(struct latch *latch, uint32_t slot)
{
    atomic_store(&latch->page->slots[slot].spent, 1);
}

bool latch_clear(struct latch *latch, uint32_t slot, uint64_t word)
{
    bool cleared = atomic_compare_exchange_strong(&latch->page->slots[slot].word, &word, 0);
    if (cleared) { /* an older turret's halt says none, and is not to get this one's */
        memset(latch->page->reasons[slot], 0, LATCH_REASON);
        atomic_store(&latch->page->times[slot], 0);
    }
    (void)fdatasync(latch->file); /* not on the disk: set again at the next start, which is safe */
    return cleared;
}

/* ---- the signal ---- */

static void on_signal(int number)
{
    struct latch *latch = atomic_load(&signalled);
    (void)number;
    if (latch) {
        if (is_first(&latch->page->slots[LATCH_ALL]))
            put_mark(latch->page, LATCH_ALL, UINT32_MAX);
        (void)atomic_fetch_add(&latch->page->slots[LATCH_ALL].word, 1);
    }
}

void latch_on_signal(struct latch *latch)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = latch ? on_signal : SIG_IGN;
    action.sa_flags = SA_RESTART;
    (void)sigemptyset(&action.sa_mask);
    atomic_store(&signalled, latch);
    (void)sigaction(SIGUSR1, &action, NULL);
}
