/* SPDX-License-Identifier: Apache-2.0 */
/* The process is a child without anything of ours: no environment, no descriptors, no directory. */
#include "isolation/runner.h"

#include "isolation/channel.h"
#include "isolation/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLICE_NS        INT64_C(1000000) /* of waiting, between looks whether it still lives */
#define STARVED         8                /* times its time for one that does not get to run */
#define ASKS_UNMEASURED 64               /* asks between looks at the clock */

struct runner {
    struct wire_channel *wire;
    pid_t pid;                  /* 0: reaped */
    uint32_t spins, spins_most; /* looks before sleeping: now, and at most */
    uint32_t calls_posted, answers_seen;
    bool again;             /* runner_again() */
    int calls, bell, ended; /* eventfds and a pidfd of adapters, otherwise -1 */
    char why[RUNNER_WHY_MAX];
};

/* ---- ending ---- */

static void tell_death(struct runner *runner, int status)
{
    uint32_t trapped = atomic_load_explicit(&runner->wire->trapped, memory_order_relaxed);
    if (runner->why[0])
        return;
    if (trapped)
        (void)snprintf(runner->why, sizeof runner->why,
                       "used the system call %s, which its sandbox does not allow",
                       program_syscall_name(trapped - 1));
    else if (WIFSIGNALED(status))
        (void)snprintf(runner->why, sizeof runner->why, "ended by SIG%s",
                       sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status)) : "?");
    else
        (void)snprintf(runner->why, sizeof runner->why, "ended by itself with exit code %d",
                       WEXITSTATUS(status));
}

/* True when it is gone; *why then is known. */
static bool reap(struct runner *runner, int flags)
{
    int status = 0;
    pid_t got;
    if (runner->pid == 0)
        return true;
    do
        got = waitpid(runner->pid, &status, flags);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        return false;
    if (got < 0)
        status = 0; /* somebody else reaped it: it is gone all the same */
    runner->pid = 0;
    tell_death(runner, status);
    return true;
}

static void end(struct runner *runner)
{
    if (runner->pid && !reap(runner, WNOHANG)) {
        (void)kill(runner->pid, SIGKILL);
        (void)reap(runner, 0);
    }
}

void runner_breach(struct runner *runner, const char *what)
{
    if (!runner->pid)
        return;
    if (!reap(runner, WNOHANG)) /* a death explains more than what it left behind */
        (void)snprintf(runner->why, sizeof runner->why, "broke the runner protocol: %s", what);
    end(runner);
}

/* ---- calling ---- */

static void post(struct runner *runner, const struct wire_head *head)
{
    struct wire_channel *wire = runner->wire;
    const uint64_t one = 1;
    channel_post(&wire->calls, ++runner->calls_posted, head, &wire->runner_sleeps);
    if (runner->calls >= 0 && atomic_load_explicit(&wire->runner_sleeps, memory_order_seq_cst) == 2)
        (void)!write(runner->calls, &one, sizeof one);
}

static int32_t no_answer(struct runner *runner, int64_t most_ns)
{
    (void)snprintf(runner->why, sizeof runner->why, "gave no answer for %lld ms",
                   (long long)(most_ns / 1000000));
    end(runner);
    return TURRET_EFAULT;
}

/* ---- patience ---- */

/* How long a call lasts; times are 0 before they were measured, which fast calls never are. */
struct patience {
    int64_t most_ns;
    int64_t since;  /* the call, or its first slow moment */
    int64_t cpu_ns; /* what the runner had used then */
};

static int64_t cpu_of(pid_t pid)
{
    struct timespec used = {0, 0};
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) == 0)
        (void)clock_gettime(clock, &used);
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

static void measure(const struct runner *runner, struct patience *patience, int64_t now)
{
    if (patience->since)
        return;
    patience->since = now;
    patience->cpu_ns = cpu_of(runner->pid);
}

/* It would run if it had a core: the letter after the name in parentheses. */
static bool wants_to_run(pid_t pid)
{
    char path[32], text[256];
    const char *name_end;
    size_t got;
    FILE *file;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    file = fopen(path, "re");
    got = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        (void)fclose(file);
    text[got] = '\0';
    name_end = strrchr(text, ')');
    return name_end && name_end[1] == ' ' && name_end[2] == 'R';
}

/* On a busy machine a plugin that was not let run is not one that hangs. */
static bool starved(const struct runner *runner, const struct patience *patience, int64_t now)
{
    return now - patience->since < STARVED * patience->most_ns &&
           cpu_of(runner->pid) - patience->cpu_ns < patience->most_ns / 2;
}

/* The next answer's head, copied. */
static int32_t next_answer(struct runner *runner, struct patience *patience, struct wire_head *head)
{
    struct wire_channel *wire = runner->wire;
    struct wire_lane *lane = &wire->answers;
    uint32_t seen = runner->answers_seen;
    if (!channel_spin(lane, seen, &runner->spins, runner->spins_most)) {
        int64_t began = channel_now_ns(), now;
        while (!channel_sleep(lane, seen, &wire->host_sleeps, SLICE_NS)) {
            /* what it posted before it died still counts */
            if (reap(runner, WNOHANG) &&
                atomic_load_explicit(&lane->posted, memory_order_acquire) == seen)
                return TURRET_EFAULT;
            now = channel_now_ns();
            measure(runner, patience, began);
            if (now - began > patience->most_ns &&
                !(starved(runner, patience, now) && wants_to_run(runner->pid)))
                return no_answer(runner, patience->most_ns);
        }
    }
    if (atomic_load_explicit(&lane->posted, memory_order_acquire) != seen + 1) {
        runner_breach(runner, "an answer out of turn");
        return TURRET_EFAULT;
    }
    runner->answers_seen = seen + 1;
    wire_take_head(head, lane);
    if (head->size > WIRE_BODY) {
        runner_breach(runner, "an answer larger than its lane");
        return TURRET_EFAULT;
    }
    return TURRET_OK;
}

/* Reading stored bars is the host's time, not the plugin's. */
static void answer(runner_ask_fn *ask, void *context, const struct wire_head *head,
                   struct wire_head *reply, struct patience *patience)
{
    int64_t before = head->kind == WIRE_ASK_BARS ? channel_now_ns() : 0;
    ask(context, head, reply);
    if (before && patience->since)
        patience->since += channel_now_ns() - before;
}

int runner_call(struct runner *runner, const struct wire_head *call, runner_ask_fn *ask,
                void *context, struct wire_head *done)
{
    struct patience patience = {.most_ns = RUNNER_CALL_NS * (runner->again ? RUNNER_AGAIN : 1)};
    uint32_t asks = 0;
    if (!runner->pid)
        return TURRET_EFAULT;
    post(runner, call);
    for (;;) {
        struct wire_head reply = {.kind = WIRE_REPLIED};
        if (next_answer(runner, &patience, done))
            return TURRET_EFAULT;
        if (done->kind == WIRE_DONE || done->kind == WIRE_REFUSED)
            return TURRET_OK;
        if (!ask) {
            runner_breach(runner, "a question where none may be");
            return TURRET_EFAULT;
        }
        answer(ask, context, done, &reply, &patience);
        if (!runner->pid)
            return TURRET_EFAULT; /* what it asked was a breach */
        if (asks++ % ASKS_UNMEASURED == ASKS_UNMEASURED - 1 || patience.since) {
            int64_t now = channel_now_ns();
            measure(runner, &patience, now);
            if (now - patience.since > patience.most_ns && !starved(runner, &patience, now))
                return no_answer(runner, patience.most_ns);
        }
        post(runner, &reply);
    }
}

/* ---- starting ---- */

static int spawn(struct runner *runner, const struct runner_spec *spec, int memory,
                 struct turret_error *err)
{
    char program[PROGRAM_PATH_MAX], numbers[4][24], *arguments[7];
    char *environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    int number;
    if (program_find(program, err))
        return turret_ok(err);
    (void)snprintf(numbers[0], sizeof numbers[0], "%ld", (long)getpid());
    (void)snprintf(numbers[1], sizeof numbers[1], "%u", spec->offer);
    (void)snprintf(numbers[2], sizeof numbers[2], "%u", spec->kind);
    (void)snprintf(numbers[3], sizeof numbers[3], "%u", spec->spins);
    arguments[0] = program;
    for (int i = 0; i < 4; i++)
        arguments[1 + i] = numbers[i];
    arguments[5] = (char *)(uintptr_t)spec->path;
    arguments[6] = NULL;
    (void)sigfillset(&all);
    (void)sigemptyset(&none);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    number = posix_spawn_file_actions_adddup2(&actions, memory, WIRE_FD);
    if (!number && runner->calls >= 0)
        number = posix_spawn_file_actions_adddup2(&actions, runner->calls, WIRE_CALL_FD);
    if (!number && runner->bell >= 0)
        number = posix_spawn_file_actions_adddup2(&actions, runner->bell, WIRE_BELL_FD);
    if (!number)
        number = posix_spawn(&runner->pid, program, &actions, &attributes, arguments, environment);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    if (number) {
        runner->pid = 0;
        return turret_fail(err, TURRET_EIO, "%s does not start: %s", program, strerror(number));
    }
    return TURRET_OK;
}

/* What the plugin said, made safe to show. */
static int refused(struct runner *runner, const struct wire_head *head, struct turret_error *err)
{
    struct turret_error why = {0};
    if (head->size != sizeof why) {
        runner_breach(runner, "a refusal of another size");
        return turret_fail(err, TURRET_EFAULT, "its runner %s", runner->why);
    }
    wire_take(&why, runner->wire->answers.body, sizeof why);
    program_clean_text(why.text, sizeof why.text);
    return turret_fail(err, why.code < 0 ? why.code : TURRET_EFAULT, "%s", why.text);
}

/* Above the numbers that they get in the runner, so that none is overwritten on the way there. */
static int raise_descriptor(int descriptor)
{
    int raised = fcntl(descriptor, F_DUPFD_CLOEXEC, WIRE_BELL_FD + 1);
    (void)close(descriptor);
    return raised;
}

static int open_bells(struct runner *runner, const struct runner_spec *spec)
{
    if (spec->kind != TURRET_KIND_BROKER || spec->offer == RUNNER_NO_OFFER)
        return TURRET_OK;
    runner->calls = raise_descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    runner->bell = raise_descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    return runner->calls < 0 || runner->bell < 0 ? TURRET_EIO : TURRET_OK;
}

int runner_start(struct runner **out, const struct runner_spec *spec, uint32_t *size_bytes,
                 struct turret_error *err)
{
    struct runner *runner = calloc(1, sizeof *runner);
    struct wire_head head = {0};
    struct patience patience = {.most_ns = RUNNER_LOAD_NS};
    int status, memory;
    *out = NULL;
    if (!runner)
        return turret_fail(err, TURRET_ENOMEM, "no memory for a runner");
    runner->calls = runner->bell = runner->ended = -1;
    memory = channel_create(&runner->wire);
    if (memory < 0) {
        free(runner);
        return turret_fail(err, TURRET_EIO, "no memory file for a runner: %s", strerror(-memory));
    }
    runner->spins = runner->spins_most = spec->spins;
    memory = raise_descriptor(memory);
    status = open_bells(runner, spec) || memory < 0
                 ? turret_fail(err, TURRET_EIO, "no descriptors for a runner: %s", strerror(errno))
                 : spawn(runner, spec, memory, err);
    if (memory >= 0)
        (void)close(memory);
    if (!status && runner->bell >= 0)
        runner->ended = (int)syscall(SYS_pidfd_open, runner->pid, 0);
    if (!status && next_answer(runner, &patience, &head))
        status = turret_fail(err, TURRET_EFAULT, "loading it in a runner: it %s", runner->why);
    if (!status && head.kind == WIRE_REFUSED)
        status = refused(runner, &head, err);
    else if (!status && head.kind != WIRE_READY)
        status = turret_fail(err, TURRET_EFAULT, "its runner began with message %u", head.kind);
    if (status) {
        runner_stop(runner);
        return status;
    }
    *size_bytes = head.size;
    *out = runner;
    return TURRET_OK;
}

static void close_own(int descriptor)
{
    if (descriptor >= 0)
        (void)close(descriptor);
}

void runner_stop(struct runner *runner)
{
    if (!runner)
        return;
    if (runner->pid)
        (void)snprintf(runner->why, sizeof runner->why, "was stopped");
    end(runner);
    close_own(runner->calls);
    close_own(runner->bell);
    close_own(runner->ended);
    channel_unmap(runner->wire);
    free(runner);
}

void runner_again(struct runner *runner, bool again)
{
    runner->again = again;
}

int runner_bell(const struct runner *runner)
{
    return runner->bell;
}

int runner_end_watch(const struct runner *runner)
{
    return runner->ended;
}

struct wire_channel *runner_wire(const struct runner *runner)
{
    return runner->wire;
}

bool runner_alive(const struct runner *runner)
{
    return runner && runner->pid != 0;
}

const char *runner_why(const struct runner *runner)
{
    return runner->why;
}
