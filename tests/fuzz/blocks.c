/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's large tables, allocated afresh for every input: calloc() of those is answered from
 * blocks that stay mapped, because mapping, faulting in and unmapping megabytes took most of the
 * time of a target. A block is poisoned around what was asked for, and whole once it is freed; it
 * is used again after all others. Of its pages only those that are there are made zero again; when
 * they are many, they are given back. When all are taken, calloc() answers: what a target leaks is
 * found by the sanitizer.
 */
#include "fuzz.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* Of the address sanitizer, where there is one; this file is built without. */
extern void __asan_poison_memory_region(const volatile void *at, size_t size) __attribute__((weak));
extern void __asan_unpoison_memory_region(const volatile void *at, size_t size)
    __attribute__((weak));
extern void __lsan_register_root_region(const void *at, size_t size) __attribute__((weak));

#define BLOCKS      16u
#define BLOCK_ROOM  ((size_t)4 << 20)
#define BLOCK_LEAST ((size_t)128 << 10) /* what is smaller is left to calloc() */
#define PAGE        4096u
#define MARGIN      PAGE /* before and behind what is given */
#define PAGES_KEPT  32u  /* of a block; zeroing those is cheaper than faulting them in again */

extern void *__real_calloc(size_t count, size_t size);
extern void __real_free(void *at);
extern void *__real_realloc(void *at, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *at);
void *__wrap_realloc(void *at, size_t size);

static struct {
    pthread_mutex_t lock;
    uint8_t *base;
    bool taken[BLOCKS];
    size_t used[BLOCKS];                            /* bytes, of the last one who had it */
    unsigned char there[BLOCKS][BLOCK_ROOM / PAGE]; /* as mincore() says it */
    size_t looked[BLOCKS], last[BLOCKS];            /* pages: asked for, behind the last there */
    long faults[BLOCKS];                            /* of the process, when it was asked for */
    unsigned next;
} blocks = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void forbid(const void *at, size_t size)
{
    if (__asan_poison_memory_region)
        __asan_poison_memory_region(at, size);
}

static void allow(const void *at, size_t size)
{
    if (__asan_unpoison_memory_region)
        __asan_unpoison_memory_region(at, size);
}

static void begin(void)
{
    blocks.base = mmap(NULL, BLOCKS * BLOCK_ROOM, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    FUZZ_MUST(blocks.base != MAP_FAILED);
    forbid(blocks.base, BLOCKS * BLOCK_ROOM);
    if (__lsan_register_root_region)
        __lsan_register_root_region(blocks.base, BLOCKS * BLOCK_ROOM);
}

static bool is_block(const void *at)
{
    return blocks.base && (const uint8_t *)at >= blocks.base &&
           (const uint8_t *)at < blocks.base + BLOCKS * BLOCK_ROOM;
}

/* NULL: all are taken. */
static uint8_t *take(size_t size)
{
    unsigned tried = 0;
    uint8_t *given;
    if (!blocks.base)
        begin();
    while (blocks.taken[blocks.next % BLOCKS] && tried++ <= BLOCKS)
        blocks.next++;
    if (tried > BLOCKS)
        return NULL;
    blocks.taken[blocks.next % BLOCKS] = true;
    blocks.used[blocks.next % BLOCKS] = size;
    given = blocks.base + blocks.next++ % BLOCKS * BLOCK_ROOM + MARGIN;
    allow(given, size);
    return given;
}

/* Of this process so far. */
static long page_faults(void)
{
    struct rusage usage;
    FUZZ_MUST(getrusage(RUSAGE_SELF, &usage) == 0);
    return usage.ru_minflt;
}

/* Which pages are there is asked for only when some have come to any block. */
static void make_zero(size_t block, uint8_t *at, size_t size)
{
    unsigned char *there = blocks.there[block];
    const size_t pages = (size + PAGE - 1) / PAGE;
    size_t count = 0;
    if (blocks.faults[block] != page_faults() || blocks.looked[block] < pages) {
        FUZZ_MUST(mincore(at, pages * PAGE, there) == 0);
        blocks.looked[block] = pages;
        blocks.last[block] = 0;
        for (size_t i = 0; i < pages; i++) {
            if (there[i] & 1u) {
                count++;
                blocks.last[block] = i + 1;
            }
        }
        if (count > PAGES_KEPT) {
            FUZZ_MUST(madvise(at, pages * PAGE, MADV_DONTNEED) == 0);
            blocks.last[block] = 0;
        }
        blocks.faults[block] = page_faults();
    }
    for (size_t i = 0; i < blocks.last[block] && i < pages; i++) {
        size_t rest = size - i * PAGE;
        if (there[i] & 1u)
            memset(at + i * PAGE, 0, rest < PAGE ? rest : PAGE);
    }
}

void *__wrap_calloc(size_t count, size_t size)
{
    void *given;
    if (!count || !size || size > BLOCK_ROOM || count > BLOCK_ROOM || count * size < BLOCK_LEAST ||
        count * size > BLOCK_ROOM - 2 * MARGIN)
        return __real_calloc(count, size);
    (void)pthread_mutex_lock(&blocks.lock);
    given = take(count * size);
    (void)pthread_mutex_unlock(&blocks.lock);
    return given ? given : __real_calloc(count, size);
}

void __wrap_free(void *at)
{
    size_t block, used;
    if (!is_block(at)) {
        __real_free(at);
        return;
    }
    (void)pthread_mutex_lock(&blocks.lock);
    block = (size_t)((uint8_t *)at - blocks.base) / BLOCK_ROOM;
    used = blocks.used[block];
    FUZZ_MUST(at == blocks.base + block * BLOCK_ROOM + MARGIN && blocks.taken[block]);
    make_zero(block, at, used);
    forbid(at, used);
    blocks.taken[block] = false;
    (void)pthread_mutex_unlock(&blocks.lock);
}

/* Tables do not grow. */
void *__wrap_realloc(void *at, size_t size)
{
    FUZZ_MUST(!is_block(at));
    return __real_realloc(at, size);
}
