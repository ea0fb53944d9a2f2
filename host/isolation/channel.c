/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who waits announces it before it looks a last time, who posts looks for that after posting: one
 * of the two sees the other, so no wake-up is lost.
 */
#include "isolation/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int channel_create(struct wire_channel **out)
{
    int descriptor = memfd_create("turret-runner", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int number = 0;
    *out = NULL;
    if (descriptor < 0)
        return -errno;
    if (ftruncate(descriptor, (off_t)sizeof **out) != 0 ||
        fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        number = errno;
    if (!number && !(*out = channel_map(descriptor)))
        number = errno;
    if (number) {
        (void)close(descriptor);
        return -number;
    }
    return descriptor;
}

struct wire_channel *channel_map(int descriptor)
{
    void *at =
        mmap(NULL, sizeof(struct wire_channel), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return at == MAP_FAILED ? NULL : at;
}

void channel_unmap(struct wire_channel *channel)
{
    if (channel)
        (void)munmap(channel, sizeof *channel);
}

int64_t channel_now_ns(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void channel_post(struct wire_lane *lane, uint32_t number, const struct wire_head *head,
                  _Atomic uint32_t *sleeps)
{
    lane->kind = head->kind;
    lane->status = head->status;
    lane->size = head->size;
    lane->a = head->a;
    lane->b = head->b;
    atomic_store_explicit(&lane->posted, number, memory_order_seq_cst);
    if (atomic_load_explicit(sleeps, memory_order_seq_cst) == 1)
        (void)syscall(SYS_futex, &lane->posted, FUTEX_WAKE, 1, NULL, NULL, 0);
}

bool channel_sleep(struct wire_lane *lane, uint32_t seen, _Atomic uint32_t *sleeps, int64_t most_ns)
{
    const struct timespec most = {most_ns / 1000000000, most_ns % 1000000000};
    bool came;
    atomic_store_explicit(sleeps, 1, memory_order_seq_cst);
    came = atomic_load_explicit(&lane->posted, memory_order_seq_cst) != seen;
    if (!came) {
        (void)syscall(SYS_futex, &lane->posted, FUTEX_WAIT, seen, &most, NULL, 0);
        came = atomic_load_explicit(&lane->posted, memory_order_acquire) != seen;
    }
    atomic_store_explicit(sleeps, 0, memory_order_relaxed);
    return came;
}
