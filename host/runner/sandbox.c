/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Order matters: what needs rights happens first, each step takes some away, and system calls go
 * last. Sanitizers need more memory, files and calls than any plugin: with them only the limits
 * that they can live with apply.
 */
#include "runner/sandbox.h"

#include "isolation/wire.h"
#include "runner/filter.h"
#include "runner/landlock.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEMORY_BYTES (UINT64_C(1) << 30)
#define STACK_BYTES  (UINT64_C(8) << 20)
#define FILES        64 /* while loading, and an adapter's */
#define TRAP_STACK   ((size_t)16 << 10)

static _Atomic uint32_t *trapped;

bool sandbox_tie(int32_t host)
{
    (void)setsid();
    return chdir("/") == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == host;
}

/* A call that is not allowed: tells which, and ends. */
static void on_trap(int number, siginfo_t *about, void *context)
{
    (void)number;
    (void)context;
    atomic_store(trapped, (uint32_t)about->si_syscall + 1);
    _exit(128 + SIGSYS);
}

static int catch_traps(void)
{
    stack_t stack = {.ss_sp = malloc(TRAP_STACK), .ss_size = TRAP_STACK};
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
    action.sa_sigaction = on_trap;
    (void)sigfillset(&action.sa_mask);
    return stack.ss_sp && sigaltstack(&stack, NULL) == 0 && sigaction(SIGSYS, &action, NULL) == 0;
}

static bool limit(void)
{
    static const struct {
        int what;
        rlim_t most;
    } limits[] = {
#if !FILTER_SANITIZED
        {RLIMIT_AS, MEMORY_BYTES},
#endif
        {RLIMIT_STACK, STACK_BYTES},
        {RLIMIT_CORE, 0},
        {RLIMIT_NOFILE, FILES},
        {RLIMIT_FSIZE, 0},
        {RLIMIT_NPROC, 0},
        {RLIMIT_MEMLOCK, 0},
        {RLIMIT_MSGQUEUE, 0},
        {RLIMIT_SIGPENDING, 16},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const struct rlimit both = {limits[i].most, limits[i].most};
        if (setrlimit((__rlimit_resource_t)limits[i].what, &both) != 0)
            return false;
    }
    return true;
}

static bool drop_capabilities(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2];
    memset(none, 0, sizeof none);
    return syscall(SYS_capset, &head, none) == 0;
}

static uint32_t served(const struct sandbox *sandbox)
{
    return sandbox->kind & TURRET_KIND_BROKER ? FILTER_ADAPTER : FILTER_COMPUTING;
}

int sandbox_enter(const struct sandbox *sandbox, struct turret_error *err)
{
    bool bells = sandbox->kind == TURRET_KIND_BROKER && sandbox->serves;
    trapped = sandbox->trapped;
    if (close_range(0, bells ? WIRE_CALL_FD - 1 : ~0u, 0) != 0 ||
        (bells && close_range(WIRE_BELL_FD + 1, ~0u, 0) != 0))
        return turret_fail(err, TURRET_EIO, "sandbox: close_range: %s", strerror(errno));
    if (!catch_traps())
        return turret_fail(err, TURRET_EIO, "sandbox: SIGSYS: %s", strerror(errno));
    if (!limit())
        return turret_fail(err, TURRET_EIO, "sandbox: setrlimit: %s", strerror(errno));
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return turret_fail(err, TURRET_EIO, "sandbox: prctl: %s", strerror(errno));
    if (landlock_apply(sandbox->path, (sandbox->kind & TURRET_KIND_BROKER) != 0, err))
        return turret_ok(err);
    if (!drop_capabilities())
        return turret_fail(err, TURRET_EIO, "sandbox: capset: %s", strerror(errno));
    return filter_apply(FILTER_LOADING | served(sandbox), err);
}

int sandbox_close(const struct sandbox *sandbox, struct turret_error *err)
{
    return filter_apply(served(sandbox), err);
}
