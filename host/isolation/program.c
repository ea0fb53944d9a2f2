/* SPDX-License-Identifier: Apache-2.0 */
#include "isolation/program.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BESIDE "../libexec/turret/turret-runner"

int program_find(char path[PROGRAM_PATH_MAX], struct turret_error *err)
{
    const char *named = getenv("TURRET_RUNNER");
    ssize_t length;
    char *slash;
    if (named && named[0]) {
        (void)snprintf(path, PROGRAM_PATH_MAX, "%s", named);
    } else {
        length = readlink("/proc/self/exe", path, PROGRAM_PATH_MAX - sizeof BESIDE);
        path[length > 0 ? length : 0] = '\0';
        slash = strrchr(path, '/');
        if (slash)
            memcpy(slash + 1, BESIDE, sizeof BESIDE);
    }
    if (path[0] == '/' && access(path, X_OK) == 0)
        return TURRET_OK;
    return turret_fail(err, TURRET_ENOTFOUND,
                       "isolation: process needs the program %s, which is not there; install "
                       "turret whole or name it in TURRET_RUNNER",
                       path);
}

/* What plugins try; the rest go by number. */
static const struct {
    long number;
    const char *name;
} names[] = {
#define NAME(name)                                                                                 \
    {                                                                                              \
        SYS_##name, #name                                                                          \
    }
    NAME(openat),
    NAME(socket),
    NAME(connect),
    NAME(bind),
    NAME(listen),
    NAME(sendto),
    NAME(clone),
    NAME(clone3),
    NAME(execve),
    NAME(execveat),
    NAME(ptrace),
    NAME(kill),
    NAME(tkill),
    NAME(tgkill),
    NAME(unlinkat),
    NAME(renameat2),
    NAME(mkdirat),
    NAME(linkat),
    NAME(symlinkat),
    NAME(fchmodat),
    NAME(rt_sigaction),
    NAME(setitimer),
    NAME(timer_create),
    NAME(process_vm_readv),
    NAME(process_vm_writev),
    NAME(memfd_create),
    NAME(mmap),
    NAME(mprotect),
    NAME(prctl),
    NAME(seccomp),
    NAME(setrlimit),
    NAME(prlimit64),
    NAME(unshare),
    NAME(setns),
    NAME(mount),
    NAME(bpf),
    NAME(io_uring_setup),
    NAME(userfaultfd),
    NAME(perf_event_open),
    NAME(nanosleep),
    NAME(clock_nanosleep),
    NAME(ioctl),
    NAME(fcntl),
    NAME(dup),
    NAME(dup3),
    NAME(setuid),
    NAME(reboot),
    NAME(init_module),
    NAME(keyctl),
    NAME(sched_setaffinity),
    NAME(shmget),
    NAME(pidfd_open),
    NAME(getdents64),
#ifdef SYS_open
    NAME(open),
    NAME(fork),
    NAME(vfork),
    NAME(unlink),
    NAME(poll),
    NAME(pause),
    NAME(alarm),
    NAME(dup2),
#endif
};
#undef NAME

const char *program_syscall_name(uint32_t number)
{
    static char text[24];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].number == (long)number)
            return names[i].name;
    (void)snprintf(text, sizeof text, "number %u", number);
    return text;
}

void program_clean_text(char *text, size_t room)
{
    text[room - 1] = '\0';
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}
