/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plugin does besides thinking. Calls of its own to the allocator and to locks are counted
 * in its import table; system calls are trapped by a filter that lets the check's child do nothing
 * but end; memory that is kept shows as growth.
 */
#include "check/check_groups.h"
#include "check/check_hooks.h"
#include "check/check_indicator.h"
#include "check/check_strategy.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WARM         100
#define EVENTS       400
#define GROWTH       20000
#define GROWTH_BYTES 65536

/* An instance that has started and seen some bars, so that first times are over. */
struct subject {
    struct strategy_bench strategy;
    struct indicator_bench indicator;
    struct check_tape tape;
    uint32_t kind;
};

static void run(struct subject *subject, uint32_t count)
{
    if (subject->kind == TURRET_KIND_STRATEGY)
        strategy_bench_run(&subject->strategy, &subject->tape, count);
    else
        indicator_bench_run(&subject->indicator, &subject->tape, count);
}

static struct subject *prepare(struct check *check, const struct plugin_offer *offer)
{
    static struct subject subject;
    static struct check_values values;
    subject.kind = offer->kind;
    check_values_begin(&values, check, offer);
    check_tape_begin(&subject.tape, check->seed, SCENE_ORDINARY);
    if (offer->kind == TURRET_KIND_STRATEGY) {
        strategy_bench_init(&subject.strategy, check, offer, &values);
        strategy_bench_start(&subject.strategy, TURRET_REASON_FIRST);
    } else {
        indicator_bench_begin(&subject.indicator, check, offer, &values);
    }
    run(&subject, WARM);
    return &subject;
}

void check_discipline_imports(struct check *check, const struct plugin_offer *offer)
{
    struct subject *subject = prepare(check, offer);
    struct check_hooks counted;
    bool locks = check->row->variant == CHECK_COUNT_LOCKS;
    uint64_t count;
    check_hooks_install(check, check->plugin);
    run(subject, EVENTS);
    counted = check_hooks_take();
    count = locks ? counted.locks : counted.allocations;
    if (count > 0)
        check_fail(check, "%s %llu times in %d events (%s)",
                   locks ? "takes a lock" : "allocates or frees", (unsigned long long)count, EVENTS,
                   counted.last);
}

/* ---- system calls ---- */

static struct check *trapped_check;

static const char *call_name(int number)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {{SYS_write, "write"},
                 {SYS_read, "read"},
                 {SYS_openat, "openat"},
                 {SYS_close, "close"},
                 {SYS_brk, "brk"},
                 {SYS_mmap, "mmap"},
                 {SYS_munmap, "munmap"},
                 {SYS_futex, "futex"},
                 {SYS_socket, "socket"},
                 {SYS_connect, "connect"},
                 {SYS_clone, "clone"},
                 {SYS_clone3, "clone3"},
                 {SYS_kill, "kill"},
                 {SYS_getpid, "getpid"},
                 {SYS_nanosleep, "nanosleep"},
                 {SYS_ioctl, "ioctl"},
                 {SYS_getrandom, "getrandom"},
                 {SYS_execve, "execve"},
                 {SYS_ptrace, "ptrace"},
                 {SYS_rt_sigaction, "rt_sigaction"},
                 {SYS_clock_gettime, "clock_gettime"},
                 {SYS_clock_nanosleep, "clock_nanosleep"},
                 {SYS_fstat, "fstat"},
                 {SYS_newfstatat, "newfstatat"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].number == number)
            return names[i].name;
    return "a system call";
}

static void on_trap(int signal_number, siginfo_t *what, void *context)
{
    char stage[CHECK_STAGE_MAX];
    (void)signal_number;
    (void)context;
    memcpy(stage, trapped_check->verdict->stage, sizeof stage);
    stage[sizeof stage - 1] = '\0';
    check_fail(trapped_check, "%s makes a system call: %s (number %d)",
               stage[0] ? stage : "the check", call_name(what->si_syscall), what->si_syscall);
}

/* Everything traps but ending the process. */
static bool install_filter(void)
{
    static struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    static const struct sock_fprog program = {sizeof rules / sizeof rules[0], rules};
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_NODEFER};
    return sigaction(SIGSYS, &action, NULL) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

/*
 * The bench itself makes no system call while it runs. The filter stays on a process for ever, so
 * that every offer gets one of its own; the verdict is shared memory there, too.
 */
void check_discipline_syscalls(struct check *check, const struct plugin_offer *offer)
{
    struct subject *subject;
    int status = 0;
    pid_t pid;
    if (CHECK_SANITIZED) {
        check_skip(check, "a sanitizer makes system calls of its own");
        return;
    }
    subject = prepare(check, offer);
    pid = fork();
    if (pid == 0) {
        trapped_check = check;
        if (!install_filter()) {
            check_skip(check, "this kernel takes no filter: %s", strerror(errno));
            _exit(0);
        }
        run(subject, EVENTS);
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        check_fail(check, "no process for the filter: %s", strerror(errno));
    if (check->verdict->outcome == CHECK_FAIL)
        _exit(0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        check_fail(check, "ends its process (status 0x%x) where system calls are trapped", status);
}

void check_discipline_growth(struct check *check, const struct plugin_offer *offer)
{
    struct subject *subject;
    size_t before, after;
    if (CHECK_SANITIZED) {
        check_skip(check, "this build's allocator does not count");
        return;
    }
    subject = prepare(check, offer);
    before = mallinfo2().uordblks + mallinfo2().hblkhd;
    run(subject, GROWTH);
    after = mallinfo2().uordblks + mallinfo2().hblkhd;
    if (after > before + GROWTH_BYTES)
        check_fail(check, "keeps %zu bytes more after %d events", after - before, GROWTH);
}
