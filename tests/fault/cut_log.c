/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library for LD_PRELOAD that writes down, in order, what a process does to the store's data
 * file: to CUT_LOG, records of three uint64 (kind, offset, size) and the bytes. Kinds: 1 a write
 * that lies in the page cache; 2 a write that is on the disk when it returns (O_DSYNC); 3 a sync of
 * all before.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

enum { CUT_WRITE = 1, CUT_DURABLE, CUT_SYNC };

static int log_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("CUT_LOG");
    if (path)
        log_fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                              0600);
}

/* The data file by its name; a descriptor may be any other file's a moment later. */
static int is_store(int fd)
{
    char link[64], path[4096];
    ssize_t length;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length < 9)
        return 0;
    path[length] = '\0';
    return !strcmp(path + length - 9, "/data.mdb");
}

static void note(uint64_t kind, uint64_t offset, const struct iovec *from, int count)
{
    uint64_t head[3] = {kind, offset, 0};
    for (int i = 0; i < count; i++)
        head[2] += from[i].iov_len;
    (void)syscall(SYS_write, log_fd, head, sizeof head);
    if (count)
        (void)syscall(SYS_writev, log_fd, from, count);
}

/* The write itself happens under the lock, so that the log has the order of the disk. */
static ssize_t logged(int fd, const struct iovec *from, int count, off_t offset)
{
    ssize_t done;
    int number;
    if (log_fd < 0 || !is_store(fd))
        return offset < 0 ? syscall(SYS_writev, fd, from, count)
                          : syscall(SYS_pwritev, fd, from, count, offset, 0);
    (void)pthread_mutex_lock(&lock);
    if (offset < 0)
        offset = (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR);
    done = syscall(SYS_pwritev, fd, from, count, offset, 0);
    number = errno;
    if (done > 0) {
        int flags = (int)syscall(SYS_fcntl, fd, F_GETFL);
        note(flags & O_DSYNC ? CUT_DURABLE : CUT_WRITE, (uint64_t)offset, from, count);
        (void)syscall(SYS_lseek, fd, offset + done, SEEK_SET);
    }
    (void)pthread_mutex_unlock(&lock);
    errno = number;
    return done;
}

SHOWN ssize_t pwrite64(int fd, const void *from, size_t size, off64_t offset)
{
    struct iovec one = {(void *)(uintptr_t)from, size};
    return logged(fd, &one, 1, offset);
}

SHOWN ssize_t pwrite(int fd, const void *from, size_t size, off_t offset)
{
    return pwrite64(fd, from, size, offset);
}

SHOWN ssize_t pwritev(int fd, const struct iovec *from, int count, off_t offset)
{
    return logged(fd, from, count, offset);
}

SHOWN ssize_t writev(int fd, const struct iovec *from, int count)
{
    return logged(fd, from, count, -1);
}

SHOWN ssize_t write(int fd, const void *from, size_t size)
{
    struct iovec one = {(void *)(uintptr_t)from, size};
    return fd <= 2 || log_fd < 0 || !is_store(fd) ? syscall(SYS_write, fd, from, size)
                                                  : logged(fd, &one, 1, -1);
}

static int synced(int number, int fd)
{
    int done = (int)syscall(number, fd);
    if (done == 0 && log_fd >= 0 && is_store(fd)) {
        (void)pthread_mutex_lock(&lock);
        note(CUT_SYNC, 0, NULL, 0);
        (void)pthread_mutex_unlock(&lock);
    }
    return done;
}

SHOWN int fdatasync(int fd)
{
    return synced(SYS_fdatasync, fd);
}

SHOWN int fsync(int fd)
{
    return synced(SYS_fsync, fd);
}
