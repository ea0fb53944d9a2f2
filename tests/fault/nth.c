/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets the n-th call of one kind fail, once or from then on. Linked into nth_server.c, which says
 * what through nth.h, or as a library for LD_PRELOAD, for which the environment does:
 *
 *   NTH_KIND    memory, write, sync, open, accept
 *   NTH_AT      which call fails, from 1; 0 none
 *   NTH_STICKY  1: all after it, too
 *   NTH_ERRNO   what the calls other than memory's answer
 *   NTH_COUNT   file that the number of calls is written to at exit
 *
 * A crash within a library that is known for it ends with exit code 86. Standard error is left
 * alone: it is where a failure has to be told. The kernel and the C library's own allocator are
 * called directly, so that nothing here allocates.
 */
#include "nth.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXIT_LIBRARY 86
#define SHOWN        __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

enum kind { KIND_NONE, KIND_MEMORY, KIND_WRITE, KIND_SYNC, KIND_OPEN, KIND_ACCEPT };

static enum kind kind;
static unsigned long at;
static bool sticky;
static int number = EIO;
static atomic_ulong own_calls;
static atomic_ulong *calls = &own_calls;

static const char *const names[] = {"none", "memory", "write", "sync", "open", "accept"};

static bool kind_named(const char *name)
{
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name)) {
            kind = (enum kind)i;
            return true;
        }
    return false;
}

/*
 * libfyaml follows a null pointer when memory is missing for an input. That is not ours to mend,
 * and nothing has begun then; it is told apart from a crash of our own by its exit code.
 */
static void on_crash(int signal_number)
{
    void *frames[16];
    int count = backtrace(frames, 16);
    Dl_info where;
    for (int i = 2; i < count && i < 4; i++) /* behind this and the kernel's own */
        if (dladdr(frames[i], &where) && where.dli_fname && strstr(where.dli_fname, "libfyaml"))
            _exit(EXIT_LIBRARY);
    backtrace_symbols_fd(frames, count, 2);
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

static void tell_crashes(void)
{
    void *frame;
    (void)backtrace(&frame, 1); /* loads what it needs now */
    (void)signal(SIGSEGV, on_crash);
}

bool nth_begin(const struct nth_failure *failure, atomic_ulong *counter)
{
    at = failure->at;
    sticky = failure->sticky;
    number = failure->number;
    calls = counter;
    tell_crashes();
    atomic_store(calls, 0);
    return kind_named(failure->kind);
}

static unsigned long setting(const char *name)
{
    const char *text = getenv(name);
    return text ? strtoul(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *wanted = getenv("NTH_KIND");
    at = setting("NTH_AT");
    sticky = setting("NTH_STICKY") == 1;
    if (getenv("NTH_ERRNO"))
        number = (int)setting("NTH_ERRNO");
    if (wanted)
        (void)kind_named(wanted);
    if (kind == KIND_MEMORY)
        tell_crashes();
    atomic_store(calls, 0);
}

__attribute__((destructor)) static void finish(void)
{
    const char *path = getenv("NTH_COUNT");
    char text[24];
    int fd =
        path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (fd < 0)
        return;
    (void)snprintf(text, sizeof text, "%lu\n", atomic_load(calls));
    (void)syscall(SYS_write, fd, text, strlen(text));
    (void)syscall(SYS_close, fd);
}

static bool fails(enum kind now)
{
    unsigned long call;
    if (now != kind)
        return false;
    call = atomic_fetch_add(calls, 1) + 1;
    if (at == 0 || (sticky ? call < at : call != at))
        return false;
    errno = now == KIND_MEMORY ? ENOMEM : number;
    return true;
}

/* ---- memory ---- */

SHOWN void *malloc(size_t size)
{
    return fails(KIND_MEMORY) ? NULL : __libc_malloc(size);
}

SHOWN void *calloc(size_t count, size_t size)
{
    return fails(KIND_MEMORY) ? NULL : __libc_calloc(count, size);
}

SHOWN void *realloc(void *old, size_t size)
{
    return fails(KIND_MEMORY) ? NULL : __libc_realloc(old, size);
}

SHOWN int posix_memalign(void **to, size_t alignment, size_t size)
{
    if (fails(KIND_MEMORY))
        return ENOMEM;
    *to = __libc_memalign(alignment, size);
    return *to ? 0 : ENOMEM;
}

/* ---- files ---- */

/* The event loop wakes itself through a descriptor without a file behind it: no disk can fail it.
 */
static bool writes_fail(int fd)
{
    struct stat what;
    if (kind != KIND_WRITE || fd == 2 || fstat(fd, &what) || !(what.st_mode & S_IFMT))
        return false;
    return fails(KIND_WRITE);
}

SHOWN ssize_t write(int fd, const void *from, size_t size)
{
    return writes_fail(fd) ? -1 : syscall(SYS_write, fd, from, size);
}

SHOWN ssize_t writev(int fd, const struct iovec *from, int count)
{
    return writes_fail(fd) ? -1 : syscall(SYS_writev, fd, from, count);
}

SHOWN ssize_t pwrite(int fd, const void *from, size_t size, off_t offset)
{
    return writes_fail(fd) ? -1 : syscall(SYS_pwrite64, fd, from, size, offset);
}

SHOWN ssize_t pwrite64(int fd, const void *from, size_t size, off64_t offset)
{
    return writes_fail(fd) ? -1 : syscall(SYS_pwrite64, fd, from, size, offset);
}

SHOWN int fdatasync(int fd)
{
    return fails(KIND_SYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

SHOWN int fsync(int fd)
{
    return fails(KIND_SYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

static int open_at(int directory, const char *path, int flags, va_list more)
{
    unsigned mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, unsigned) : 0;
    return fails(KIND_OPEN) ? -1 : (int)syscall(SYS_openat, directory, path, flags, mode);
}

#define OPEN(name)                                                                                 \
    SHOWN int name(const char *path, int flags, ...)                                               \
    {                                                                                              \
        va_list more;                                                                              \
        int fd;                                                                                    \
        va_start(more, flags);                                                                     \
        fd = open_at(AT_FDCWD, path, flags, more);                                                 \
        va_end(more);                                                                              \
        return fd;                                                                                 \
    }
OPEN(open)
OPEN(open64)

SHOWN int openat(int directory, const char *path, int flags, ...)
{
    va_list more;
    int fd;
    va_start(more, flags);
    fd = open_at(directory, path, flags, more);
    va_end(more);
    return fd;
}

/* ---- sockets ---- */

SHOWN int accept(int fd, struct sockaddr *from, socklen_t *size)
{
    return fails(KIND_ACCEPT) ? -1 : (int)syscall(SYS_accept, fd, from, size);
}

SHOWN int accept4(int fd, struct sockaddr *from, socklen_t *size, int flags)
{
    return fails(KIND_ACCEPT) ? -1 : (int)syscall(SYS_accept4, fd, from, size, flags);
}
