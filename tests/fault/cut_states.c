/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power cuts made from a log of cut_log.c. A state is a moment of the log: all that was synced
 * before is there; of what was written since, and of the write under way, any subset of 512-byte
 * sectors. Each state is opened and its journal verified: it has to be that of the last commit that
 * was acknowledged before the moment, or of the one under way, record for record by the hash.
 *
 *   cut_states LOG FOLDER STATES SEED
 */
#include "store/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR      512u
#define WRITES_MAX  200000u
#define FILE_MAX    (64u << 20)
#define TOUCHED_MAX 65536u

enum { CUT_WRITE = 1, CUT_DURABLE, CUT_SYNC };

struct step {
    uint64_t kind, offset, size;
    const uint8_t *bytes;
};

static struct step steps[WRITES_MAX];
static struct store_journal_head heads[WRITES_MAX]; /* after each step, all of it on the disk */
static uint32_t step_count;
static uint8_t *disk; /* what is synced before the present moment */
static uint64_t disk_bytes, state_bytes;
static uint64_t touched[TOUCHED_MAX]; /* sectors of the file that differ from `disk` */
static uint32_t touched_count;
static const char *folder;
static int file;
static uint64_t random_state;

static void must(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(2);
}

/* SplitMix64. */
static uint64_t draw(uint64_t below)
{
    uint64_t z = random_state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (z ^ (z >> 31)) % below;
}

static void read_log(const char *path)
{
    struct stat what;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t *all;
    must(fd >= 0 && fstat(fd, &what) == 0, path);
    all = malloc((size_t)what.st_size + 1);
    must(all != NULL, "memory");
    for (off_t at = 0, got; at < what.st_size; at += got) {
        got = read(fd, all + at, (size_t)(what.st_size - at));
        must(got > 0, path);
    }
    (void)close(fd);
    for (const uint8_t *at = all; at < all + what.st_size;) {
        struct step *step = &steps[step_count++];
        must(step_count < WRITES_MAX, "the log is too long");
        memcpy(step, at, 24);
        step->bytes = at + 24;
        must(step->offset + step->size <= FILE_MAX, "the store is too large");
        at += 24 + step->size;
    }
}

/* Copies it to the disk, where it stays. */
static void settle(const struct step *step)
{
    memcpy(disk + step->offset, step->bytes, step->size);
    if (step->offset + step->size > disk_bytes)
        disk_bytes = step->offset + step->size;
    must(pwrite(file, step->bytes, step->size, (off_t)step->offset) == (ssize_t)step->size,
         "writing the state");
}

static int look(struct store_journal_head *head, struct turret_error *err)
{
    struct store *store;
    uint64_t checked = 0;
    int code = store_open(&store, folder, STORE_READ_ONLY, err);
    memset(head, 0, sizeof *head);
    if (code)
        return code;
    code = store_journal_verify(store, &checked, err);
    if (!code)
        code = store_journal_head(store, head, err);
    store_close(store);
    return code;
}

/* The journal after each commit that went well. */
static void learn(void)
{
    struct store_journal_head head = {0};
    struct turret_error err = {0};
    for (uint32_t i = 0; i < step_count; i++) {
        if (steps[i].kind != CUT_SYNC)
            settle(&steps[i]);
        if (steps[i].kind == CUT_DURABLE && look(&head, &err) != TURRET_OK)
            memset(&head, 0, sizeof head); /* the tables are being made */
        err = (struct turret_error){0};
        heads[i] = head;
    }
}

/* Some of its sectors arrive: all, none, or each by chance. */
static void arrive(const struct step *step)
{
    uint64_t how = draw(4);
    for (uint64_t at = 0; how > 0 && at < step->size; at += SECTOR) {
        uint64_t size = step->size - at < SECTOR ? step->size - at : SECTOR;
        if (how > 1 && draw(2))
            continue;
        must(touched_count < TOUCHED_MAX, "too many sectors");
        touched[touched_count++] = step->offset + at;
        must(pwrite(file, step->bytes + at, size, (off_t)(step->offset + at)) == (ssize_t)size,
             "writing the state");
        if (step->offset + at + size > state_bytes)
            state_bytes = step->offset + at + size;
    }
}

static void undo(void)
{
    for (uint32_t i = 0; i < touched_count; i++)
        must(pwrite(file, disk + touched[i], SECTOR, (off_t)touched[i]) == SECTOR, "undoing");
    touched_count = 0;
    must(ftruncate(file, (off_t)disk_bytes) == 0, "undoing");
}

static bool same(const struct store_journal_head *a, const struct store_journal_head *b)
{
    return a->last == b->last && !memcmp(a->hash, b->hash, sizeof a->hash);
}

/* The power goes while step `at` is under way. Answers 0, or 1 with words. */
static int cut(uint32_t from, uint32_t at, uint64_t number)
{
    const struct store_journal_head none = {0};
    const struct store_journal_head *before = at > 0 ? &heads[at - 1] : &none;
    struct store_journal_head found;
    struct turret_error err = {0};
    int code;
    state_bytes = disk_bytes;
    for (uint32_t i = from; i <= at; i++)
        if (steps[i].kind == CUT_WRITE || (steps[i].kind == CUT_DURABLE && i == at))
            arrive(&steps[i]);
    code = look(&found, &err);
    undo();
    if (code ? before->last == 0 : same(&found, before) || same(&found, &heads[at]))
        return 0;
    (void)printf("state %llu, cut at step %u of %u: acknowledged up to %llu, found %llu: %s\n",
                 (unsigned long long)number, at, step_count, (unsigned long long)before->last,
                 (unsigned long long)found.last, code ? err.text : "another journal");
    return 1;
}

/* Moments in their order, so that the disk only grows; as many states at each as it takes. */
static uint64_t run(uint64_t states)
{
    uint64_t harms = 0, made = 0;
    uint32_t from = 0; /* first step that no sync has settled */
    for (uint32_t at = 0; at < step_count; at++) {
        uint64_t wanted = states * (at + 1) / step_count;
        for (; made < wanted; made++)
            harms += (uint64_t)cut(from, at, made);
        if (steps[at].kind == CUT_DURABLE)
            settle(&steps[at]);
        for (uint32_t i = from; steps[at].kind == CUT_SYNC && i < at; i++)
            if (steps[i].kind == CUT_WRITE)
                settle(&steps[i]);
        if (steps[at].kind == CUT_SYNC)
            from = at + 1;
    }
    return harms;
}

int main(int argc, char **argv)
{
    char path[4096];
    uint64_t harms, states;
    if (argc != 5) {
        (void)fprintf(stderr, "usage: %s LOG FOLDER STATES SEED\n", argv[0]);
        return 2;
    }
    folder = argv[2];
    states = strtoull(argv[3], NULL, 10);
    random_state = strtoull(argv[4], NULL, 10);
    read_log(argv[1]);
    disk = calloc(1, FILE_MAX + SECTOR);
    must(disk != NULL, "memory");
    (void)snprintf(path, sizeof path, "%s/data.mdb", folder);
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    must(file >= 0, path);
    learn();
    must(ftruncate(file, 0) == 0, path);
    memset(disk, 0, FILE_MAX);
    disk_bytes = 0;
    harms = run(states);
    (void)printf("cut: states=%llu steps=%u records=%llu harms=%llu\n", (unsigned long long)states,
                 step_count, (unsigned long long)heads[step_count - 1].last,
                 (unsigned long long)harms);
    return harms > 0;
}
