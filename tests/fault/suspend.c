/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library for LD_PRELOAD that suspends the process as a machine is suspended, each time what an
 * intent waits for has become durable and nobody was told yet:
 *
 *   SUSPEND_EVERY    after each N-th sync of a file that was opened as data.mdb
 *   SUSPEND_TIMES    how often
 *   SUSPEND_SECONDS  how long that seems to last: what calendar and boot time go ahead by
 *
 * The process stops itself; whoever started it sees it stopped and lets it go on.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

static atomic_long ahead_s;
static atomic_ulong syncs, stops;

static unsigned long setting(const char *name)
{
    const char *text = getenv(name);
    return text ? strtoul(text, NULL, 10) : 0;
}

SHOWN int fdatasync(int fd)
{
    int status = (int)syscall(SYS_fdatasync, fd);
    unsigned long every = setting("SUSPEND_EVERY");
    if (status == 0 && every && (atomic_fetch_add(&syncs, 1) + 1) % every == 0 &&
        atomic_load(&stops) < setting("SUSPEND_TIMES")) {
        (void)atomic_fetch_add(&stops, 1);
        (void)atomic_fetch_add(&ahead_s, (long)setting("SUSPEND_SECONDS"));
        (void)kill(getpid(), SIGSTOP);
    }
    return status;
}

SHOWN int clock_gettime(clockid_t which, struct timespec *to)
{
    int status = (int)syscall(SYS_clock_gettime, which, to);
    if (which == CLOCK_REALTIME || which == CLOCK_BOOTTIME)
        to->tv_sec += atomic_load(&ahead_s);
    return status;
}
