/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon's lock: an flock on "<store>/lock", which holds the owner's pid as text. The kernel
 * drops it with the process, however that ends; the text is only there to be read by people.
 */
#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static long read_pid(int fd)
{
    char text[24];
    ssize_t length = pread(fd, text, sizeof text - 1, 0);
    if (length <= 0)
        return 0;
    text[length] = '\0';
    return strtol(text, NULL, 10);
}

static int refuse(int fd, const char *path, struct turret_error *err)
{
    long pid = read_pid(fd);
    if (pid > 0)
        return turret_fail(err, TURRET_EBUSY,
                           "store %s is used by the daemon with pid %ld: stop that one first "
                           "(kill -TERM %ld), or use another store",
                           path, pid, pid);
    return turret_fail(err, TURRET_EBUSY,
                       "store %s is used by another daemon that is just starting or stopping: "
                       "try again",
                       path);
}

static int open_lock(const char *path, int flags)
{
    char name[4096];
    int length = snprintf(name, sizeof name, "%s/lock", path);
    if (length < 0 || (size_t)length >= sizeof name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return open(name, flags | O_CLOEXEC, 0600);
}

/*
 * A child that a daemon was just starting when it was killed holds the lock until it runs its own
 * program, which is a matter of milliseconds: for an owner that is dead, the lock is waited for.
 */
static int take_after_dead(int fd)
{
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    uint32_t tries;
    for (tries = 0; tries < 200; tries++) {
        long pid;
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        pid = errno == EWOULDBLOCK ? read_pid(fd) : 0;
        if (pid <= 0 || kill((pid_t)pid, 0) == 0 || errno != ESRCH)
            break;
        (void)nanosleep(&pause, NULL);
    }
    return flock(fd, LOCK_EX | LOCK_NB);
}

int lock_take(int *fd, const char *path, struct turret_error *err)
{
    char text[24];
    int length, code = TURRET_OK;
    *fd = open_lock(path, O_RDWR | O_CREAT);
    if (*fd < 0)
        return turret_fail(err, TURRET_EIO, "lock file %s/lock: %s", path, strerror(errno));
    if (take_after_dead(*fd) != 0) {
        code = errno == EWOULDBLOCK
                   ? refuse(*fd, path, err)
                   : turret_fail(err, TURRET_EIO, "lock file %s/lock: %s", path, strerror(errno));
        (void)close(*fd);
        *fd = -1;
        return code;
    }
    length = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(*fd, 0) != 0 || pwrite(*fd, text, (size_t)length, 0) != length) {
        code = turret_fail(err, errno == ENOSPC ? TURRET_EFULL : TURRET_EIO,
                           "lock file %s/lock cannot be written: %s", path, strerror(errno));
        lock_release(*fd);
        *fd = -1;
    }
    return code;
}

void lock_release(int fd)
{
    if (fd < 0)
        return;
    /* not removed: a second daemon may have it open already and would lock a file without a name */
    if (ftruncate(fd, 0) != 0)
        errno = 0;
    (void)close(fd);
}

bool lock_held(const char *path)
{
    int fd = open_lock(path, O_RDONLY);
    bool held;
    if (fd < 0)
        return errno == EACCES; /* there, but not ours to look at: assume the worse */
    held = flock(fd, LOCK_SH | LOCK_NB) != 0;
    (void)close(fd);
    return held;
}

/* The lock is only touched when a pid is there: a daemon that starts right now is not kept out. */
int64_t store_daemon(const char *path)
{
    int fd = open_lock(path, O_RDONLY);
    long pid = fd < 0 ? 0 : read_pid(fd);
    if (pid > 0 && flock(fd, LOCK_SH | LOCK_NB) == 0)
        pid = 0; /* what a killed one left */
    if (fd >= 0)
        (void)close(fd);
    return pid > 0 ? pid : 0;
}
