/* SPDX-License-Identifier: Apache-2.0 */
/* Dying, hanging, signals, processes and threads. */
#include "attack.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- it breaks by itself ---- */

static int null_write(void)
{
    volatile uintptr_t nowhere = 8;
    *(volatile int *)nowhere = 1;
    return 1;
}

static int wild_jump(void)
{
    void (*nowhere)(void) = NULL;
    const uintptr_t address = 0x1234567000;
    memcpy(&nowhere, &address, sizeof nowhere);
    nowhere();
    return 1;
}

static int aborts(void)
{
    abort();
}

static int exits(void)
{
    exit(3);
}

static int exits_at_once(void)
{
    _exit(4);
}

static int divides(void)
{
    volatile int many = 100, none = 0;
    return many / none;
}

static int bad_instruction(void)
{
    __builtin_trap();
}

int attack_loops(void)
{
    for (volatile int i = 0; i >= 0; i = 1)
        ;
    return 1;
}

static int recurses(void)
{
    volatile char room[4096];
    room[0] = 1;
    return room[0] + recurses() + room[4095];
}

static int double_free(void)
{
    void *volatile memory = malloc(64);
    free(memory);
    free(memory);
    return 1;
}

/* Not each page: that takes about as long as a callback may, so that it may go either way, and a
   replay the other one. */
static int hogs_memory(void)
{
    size_t size = (size_t)64 << 20, total = 0, at;
    for (; total < (size_t)2 << 30; total += size) {
        volatile char *memory = malloc(size);
        if (!memory)
            return 0;
        for (at = 0; at < size; at += (size_t)1 << 20)
            memory[at] = 1;
    }
    return 1;
}

static int maps_much(void)
{
    return mmap(NULL, (size_t)2 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) != MAP_FAILED;
}

/* ---- what harms nobody goes on working ---- */

static int prints(void)
{
    (void)printf("%s", "nobody reads this");
    return fflush(stdout) == 0;
}

static int ascending(const void *a, const void *b)
{
    int left = *(const int *)a, right = *(const int *)b;
    return (left > right) - (left < right);
}

static int sorts(void)
{
    static int numbers[10000];
    for (int i = 0; i < 10000; i++)
        numbers[i] = i * 7919 % 10000;
    qsort(numbers, 10000, sizeof *numbers, ascending);
    return numbers[0] != 0 || numbers[9999] != 9999;
}

/* ---- signals and time ---- */

static int kills_itself(void)
{
    return kill(getpid(), SIGTERM) == 0;
}

static int stops_itself(void)
{
    return raise(SIGSTOP);
}

static int kills_host(void)
{
    return kill(getppid(), SIGKILL) == 0;
}

static int kills_host_thread(void)
{
    return syscall(SYS_tgkill, getppid(), getppid(), SIGKILL) == 0;
}

static int kills_all(void)
{
    return kill(-1, SIGKILL) == 0;
}

static int catches_signal(void)
{
    return signal(SIGSYS, SIG_IGN) != SIG_ERR;
}

static int blocks_signals_and_loops(void)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    return attack_loops();
}

static int sets_timer(void)
{
    return alarm(1) == 0;
}

static int sleeps(void)
{
    return usleep(10000000) == 0;
}

static int pauses(void)
{
    return pause();
}

static int waits_for_ever(void)
{
    static uint32_t word;
    return (int)syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

/* ---- processes and threads ---- */

static int forks(void)
{
    for (int i = 0; i < 50; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        if (child < 0)
            return 0;
        (void)waitpid(child, NULL, 0);
    }
    return 1;
}

static int clones(void)
{
    long child = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0)
        _exit(0);
    return child > 0;
}

static void *idle(void *context)
{
    return context;
}

static int starts_thread(void)
{
    pthread_t thread;
    return pthread_create(&thread, NULL, idle, NULL) == 0;
}

static int runs_shell(void)
{
    char *arguments[] = {(char *)"sh", (char *)"-c", (char *)"true", NULL}, *none[] = {NULL};
    return execve("/bin/sh", arguments, none) == 0;
}

static int runs_memory(void)
{
    char *none[] = {NULL};
    return (int)syscall(SYS_execveat, 3, "", none, none, AT_EMPTY_PATH) == 0;
}

static int outlives(void)
{
    return prctl(PR_SET_PDEATHSIG, 0) == 0;
}

static int becomes_dumpable(void)
{
    return prctl(PR_SET_DUMPABLE, 1) == 0;
}

static int traces_host(void)
{
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
}

static int reads_host(void)
{
    char byte;
    struct iovec own = {&byte, 1}, theirs = {(void *)(uintptr_t)0x400000, 1};
    return process_vm_readv(getppid(), &own, 1, &theirs, 1, 0) > 0;
}

static int writes_host(void)
{
    char byte = 1;
    struct iovec own = {&byte, 1}, theirs = {(void *)(uintptr_t)0x400000, 1};
    return process_vm_writev(getppid(), &own, 1, &theirs, 1, 0) > 0;
}

static int takes_host_descriptor(void)
{
    return syscall(SYS_pidfd_open, getppid(), 0) >= 0;
}

const struct attack_row attacks_on_itself[] = {
    ROW(null_write),
    ROW(wild_jump),
    ROW(aborts),
    ROW(exits),
    ROW(exits_at_once),
    ROW(divides),
    ROW(bad_instruction),
    {"loops", attack_loops},
    ROW(recurses),
    ROW(double_free),
    ROW(hogs_memory),
    ROW(maps_much),
    ROW(kills_itself),
    ROW(stops_itself),
    ROW(kills_host),
    ROW(kills_host_thread),
    ROW(kills_all),
    ROW(catches_signal),
    ROW(blocks_signals_and_loops),
    ROW(sets_timer),
    ROW(sleeps),
    ROW(pauses),
    ROW(waits_for_ever),
    ROW(forks),
    ROW(clones),
    ROW(starts_thread),
    ROW(runs_shell),
    ROW(runs_memory),
    ROW(outlives),
    ROW(becomes_dumpable),
    ROW(traces_host),
    ROW(reads_host),
    ROW(writes_host),
    ROW(takes_host_descriptor),
    ROW(prints),
    ROW(sorts),
    {NULL, NULL},
};
