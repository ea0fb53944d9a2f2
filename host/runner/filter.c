/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allow-lists in rows: a call, in which filters, and one condition on an argument where the call
 * alone says too little. No descriptor is open in a computing runner, so read() and write() only
 * fail there, as a stray printf() must be able to.
 */
#include "runner/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOADING   FILTER_LOADING
#define COMPUTING FILTER_COMPUTING
#define ADAPTER   FILTER_ADAPTER
#define ALL       (LOADING | COMPUTING | ADAPTER)
#define FILES     (LOADING | ADAPTER)

#define CALL(name) SCMP_SYS(name)
#define WRITES     (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | O_TMPFILE)

static const struct {
    int call;
    uint32_t filters;
} plain[] = {
    {CALL(futex), ALL},
    {CALL(read), ALL},
    {CALL(write), ALL},
    {CALL(writev), ALL},
    {CALL(close), ALL},
    {CALL(fstat), ALL},
    {CALL(lseek), ALL},
    {CALL(munmap), ALL},
    {CALL(mremap), ALL},
    {CALL(brk), ALL},
    {CALL(madvise), ALL},
    {CALL(clock_gettime), ALL},
    {CALL(gettimeofday), ALL},
    {CALL(time), ALL},
    {CALL(clock_getres), ALL},
    {CALL(exit), ALL},
    {CALL(exit_group), ALL},
    {CALL(rt_sigreturn), ALL},
    {CALL(rt_sigprocmask), ALL},
    {CALL(sched_yield), ALL},
    {CALL(getpid), ALL},
    {CALL(gettid), ALL},
    {CALL(getppid), ALL},
    {CALL(getrandom), ALL},
    {CALL(getrusage), ALL},
    {CALL(restart_syscall), ALL},
    {CALL(sched_getaffinity), ALL},
    {CALL(sysinfo), ALL}, /* qsort() */
    {CALL(pread64), FILES},
    {CALL(newfstatat), FILES},
    {CALL(statx), FILES},
    {CALL(stat), FILES},
    {CALL(access), FILES},
    {CALL(faccessat2), FILES},
    {CALL(readlink), FILES},
    {CALL(getcwd), FILES},
    {CALL(fstatfs), FILES},
    {CALL(seccomp), LOADING},
    {CALL(uname), FILES},
    {CALL(getdents64), FILES},
    {CALL(geteuid), FILES},
    {CALL(getuid), FILES},
    {CALL(getegid), FILES},
    {CALL(getgid), FILES},
    {CALL(connect), ADAPTER},
    {CALL(sendto), ADAPTER},
    {CALL(recvfrom), ADAPTER},
    {CALL(sendmsg), ADAPTER},
    {CALL(recvmsg), ADAPTER},
    {CALL(sendmmsg), ADAPTER},
    {CALL(recvmmsg), ADAPTER},
    {CALL(shutdown), ADAPTER},
    {CALL(getsockopt), ADAPTER},
    {CALL(setsockopt), ADAPTER},
    {CALL(getsockname), ADAPTER},
    {CALL(getpeername), ADAPTER},
    {CALL(poll), ADAPTER},
    {CALL(ppoll), ADAPTER},
    {CALL(epoll_create1), ADAPTER},
    {CALL(epoll_ctl), ADAPTER},
    {CALL(epoll_wait), ADAPTER},
    {CALL(epoll_pwait), ADAPTER},
    {CALL(eventfd2), ADAPTER},
    {CALL(timerfd_create), ADAPTER},
    {CALL(timerfd_settime), ADAPTER},
    {CALL(timerfd_gettime), ADAPTER},
    {CALL(pipe2), ADAPTER},
    {CALL(clock_nanosleep), ADAPTER},
    {CALL(ioctl), COMPUTING},
};

/* Allowed when the argument's masked bits are this value. */
struct condition {
    int call;
    uint32_t filters;
    unsigned argument;
    uint64_t mask, value;
};

static int add(scmp_filter_ctx context, const struct condition *c)
{
    return seccomp_rule_add(context, SCMP_ACT_ALLOW, c->call, 1,
                            SCMP_CMP(c->argument, SCMP_CMP_MASKED_EQ, c->mask, c->value));
}

static int add_conditions(scmp_filter_ctx context, uint32_t filters)
{
    const uint64_t self = (uint64_t)getpid();
    const struct condition conditions[] = {
        {CALL(mmap), filters & LOADING ? 0 : ALL, 2, PROT_EXEC, 0},
        {CALL(mprotect), ALL, 2, PROT_EXEC, 0},
        {CALL(openat), FILES, 2, WRITES, O_RDONLY},
        {CALL(open), FILES, 1, WRITES, O_RDONLY},
        /* without those that name who gets a descriptor's signals: that could be the host */
        {CALL(fcntl), FILES, 1, UINT32_MAX, F_GETFL},
        {CALL(fcntl), FILES, 1, UINT32_MAX, F_SETFL},
        {CALL(fcntl), FILES, 1, UINT32_MAX, F_GETFD},
        {CALL(fcntl), FILES, 1, UINT32_MAX, F_SETFD},
        {CALL(fcntl), FILES, 1, UINT32_MAX, F_DUPFD_CLOEXEC},
        {CALL(ioctl), FILES, 1, UINT32_MAX, FIONBIO},
        {CALL(ioctl), FILES, 1, UINT32_MAX, FIONREAD},
        {CALL(ioctl), FILES, 1, UINT32_MAX, TCGETS},
        {CALL(tgkill), ALL, 0, UINT64_MAX, self}, /* abort() */
        {CALL(socket), ADAPTER, 0, UINT64_MAX, AF_INET},
        {CALL(socket), ADAPTER, 0, UINT64_MAX, AF_INET6},
    };
    int number = 0;
    for (size_t i = 0; !number && i < sizeof conditions / sizeof *conditions; i++)
        if (conditions[i].filters & filters)
            number = add(context, &conditions[i]);
    if (!number && (filters & LOADING))
        number = seccomp_rule_add(context, SCMP_ACT_ALLOW, CALL(mmap), 0);
    if (!number && !(filters & FILES)) /* the first printf() asks what its output is */
        number = seccomp_rule_add(context, SCMP_ACT_ERRNO(EBADF), CALL(newfstatat), 0);
    if (!number && (filters & ADAPTER)) /* a look-up tries and goes on without */
        number = seccomp_rule_add(context, SCMP_ACT_ERRNO(EAFNOSUPPORT), CALL(socket), 1,
                                  SCMP_A0(SCMP_CMP_EQ, AF_NETLINK));
    if (!number && (filters & ADAPTER))
        number = seccomp_rule_add(context, SCMP_ACT_ERRNO(EACCES), CALL(socket), 1,
                                  SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
    return number;
}

int filter_apply(uint32_t filters, struct turret_error *err)
{
    scmp_filter_ctx context;
    int number = 0;
    if (FILTER_SANITIZED)
        return TURRET_OK;
    context = seccomp_init(SCMP_ACT_TRAP);
    if (!context)
        return turret_fail(err, TURRET_ENOMEM, "sandbox: no memory for its filter");
    (void)seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    (void)seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0); /* is set already */
    for (size_t i = 0; !number && i < sizeof plain / sizeof *plain; i++)
        if (plain[i].filters & filters)
            number = seccomp_rule_add(context, SCMP_ACT_ALLOW, plain[i].call, 0);
    if (!number)
        number = add_conditions(context, filters);
    if (!number)
        number = seccomp_load(context);
    seccomp_release(context);
    return number ? turret_fail(err, TURRET_EIO, "sandbox: seccomp: %s", strerror(-number))
                  : TURRET_OK;
}
