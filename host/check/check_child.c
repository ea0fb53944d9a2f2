/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runner. The child is this program again (fork and exec), because a fresh process has other
 * addresses and no memory of ours; it answers through one shared page, so that a plugin that closes
 * every descriptor can still be told from one that ends the process.
 */
#include "check/check_child.h"

#include "io/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMORY_MAX_BYTES ((rlim_t)1 << 30) /* address space of the child */
#define RESIDENT_MAX_KB  (256L << 10)      /* what a plugin may really use in a check */
#define FILE_MAX_BYTES   ((rlim_t)64 << 20)
#define FILES_MAX        256
#define NANO             INT64_C(1000000000)
#define REAP_ROUNDS      1000

/* What the parent holds of one child. */
struct child {
    pid_t pid;
    int pidfd, output; /* output: read end of its standard output and error */
    int verdict_fd;
    struct check_verdict *verdict;
};

static void limit(int resource, rlim_t soft, rlim_t hard)
{
    const struct rlimit both = {soft, hard};
    (void)setrlimit(resource, &both);
}

/* After fork: limits, descriptors, and this program again. Never returns. */
static void become_child(const struct check_request *request, const struct child *child, int output)
{
    char verdict[16], seed[24];
    const char *arguments[10 + CHECK_PARAMS_MAX] = {"turret",
                                                    CHECK_CHILD_WORD,
                                                    verdict,
                                                    request->row->id,
                                                    request->file,
                                                    request->private_dir,
                                                    seed,
                                                    request->symbol ? request->symbol : "CHECK",
                                                    request->state ? request->state : ""};
    rlim_t seconds = (rlim_t)(request->timeout_ns / NANO) + 2;
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)setpgid(0, 0);
    limit(RLIMIT_CORE, 0, 0);
    limit(RLIMIT_CPU, seconds, seconds + 1);
    limit(RLIMIT_FSIZE, FILE_MAX_BYTES, FILE_MAX_BYTES);
    limit(RLIMIT_NOFILE, FILES_MAX, FILES_MAX);
    if (!CHECK_SANITIZED)
        limit(RLIMIT_AS, MEMORY_MAX_BYTES, MEMORY_MAX_BYTES);
    (void)snprintf(verdict, sizeof verdict, "%d", child->verdict_fd);
    (void)snprintf(seed, sizeof seed, "%" PRIu64, request->seed);
    (void)dup2(nothing, STDIN_FILENO);
    (void)dup2(output, STDOUT_FILENO);
    (void)dup2(output, STDERR_FILENO);
    (void)fcntl(child->verdict_fd, F_SETFD, 0);
    for (uint32_t i = 0; i < request->param_count; i++)
        arguments[9 + i] = request->params[i];
    (void)execv("/proc/self/exe", (char *const *)(uintptr_t)arguments);
    _exit(127);
}

static bool start(const struct check_request *request, struct child *child)
{
    int ends[2] = {-1, -1};
    child->verdict_fd = memfd_create("verdict", MFD_CLOEXEC);
    if (child->verdict_fd < 0 || ftruncate(child->verdict_fd, sizeof *child->verdict) ||
        pipe2(ends, O_CLOEXEC))
        return false;
    child->output = ends[0];
    child->verdict = mmap(NULL, sizeof *child->verdict, PROT_READ | PROT_WRITE, MAP_SHARED,
                          child->verdict_fd, 0);
    if (child->verdict == MAP_FAILED)
        return false;
    child->pid = fork();
    if (child->pid == 0)
        become_child(request, child, ends[1]);
    (void)close(ends[1]);
    if (child->pid < 0)
        return false;
    (void)setpgid(child->pid, child->pid); /* whoever of the two is first */
    child->pidfd = pidfd_open(child->pid, 0);
    if (child->pidfd >= 0)
        return true;
    (void)kill(child->pid, SIGKILL);
    (void)waitpid(child->pid, NULL, 0);
    return false;
}

/* Takes what it wrote, readable whatever it was; false at the end. */
static bool drain(const struct child *child, struct check_result *result)
{
    char piece[512];
    size_t used = strlen(result->output);
    ssize_t got = read(child->output, piece, sizeof piece);
    if (got <= 0)
        return got < 0 && errno == EINTR;
    for (ssize_t i = 0; i < got && used + 1 < sizeof result->output; i++)
        result->output[used++] =
            piece[i] == '\n' || (piece[i] >= ' ' && piece[i] <= '~') ? piece[i] : '?';
    result->output[used] = '\0';
    return true;
}

/* True when it ended by itself before the deadline. */
static bool wait_for(const struct child *child, int64_t deadline, struct check_result *result)
{
    struct pollfd waits[2] = {{child->pidfd, POLLIN, 0}, {child->output, POLLIN, 0}};
    for (;;) {
        int64_t left = deadline - clock_monotonic_ns();
        if (left <= 0)
            return false;
        if (poll(waits, 2, (int)(left / 1000000) + 1) < 0 && errno != EINTR)
            return false;
        if ((waits[1].revents & (POLLIN | POLLHUP)) && !drain(child, result))
            waits[1].fd = -1;
        if (waits[0].revents & POLLIN)
            return true;
    }
}

/* Orphans come to us (subreaper): ends the ones that left the process group. Answers how many. */
static int end_orphans(void)
{
    int count = 0;
    for (int round = 0; round < REAP_ROUNDS; round++) {
        FILE *children;
        int pid;
        pid_t reaped;
        while ((reaped = waitpid(-1, NULL, WNOHANG)) > 0)
            ;
        if (reaped < 0)
            break; /* none are left */
        children = fopen("/proc/thread-self/children", "re");
        while (children && fscanf(children, "%d", &pid) == 1)
            count += kill(pid, SIGKILL) == 0 && round == 0;
        if (children)
            (void)fclose(children);
        if ((pid = waitpid(-1, NULL, 0)) < 0)
            break;
    }
    return count;
}

static void fail(struct check_result *result, const char *format, ...) TURRET_PRINTF(2, 3);

static void fail(struct check_result *result, const char *format, ...)
{
    va_list args;
    result->outcome = CHECK_FAIL;
    va_start(args, format);
    (void)vsnprintf(result->text, sizeof result->text, format, args);
    va_end(args);
}

/* " in on_bar", or nothing. */
static void place(const struct check_verdict *verdict, char text[CHECK_STAGE_MAX + 8])
{
    char stage[CHECK_STAGE_MAX];
    memcpy(stage, verdict->stage, sizeof stage);
    stage[sizeof stage - 1] = '\0';
    (void)snprintf(text, CHECK_STAGE_MAX + 8, stage[0] ? " in %s" : "%s", stage);
}

/* What its end means, when it did not say itself. */
static void judge(const struct child *child, bool in_time, int status, const struct rusage *used,
                  const struct check_request *request, struct check_result *result)
{
    const struct check_verdict *verdict = child->verdict;
    char where[CHECK_STAGE_MAX + 8];
    bool hungry = !CHECK_SANITIZED && used->ru_maxrss > RESIDENT_MAX_KB;
    place(verdict, where);
    if (!in_time || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
        fail(result, "still running after %.3g s%s", (double)request->timeout_ns / (double)NANO,
             where);
    else if (verdict->outcome == CHECK_FAIL) {
        fail(result, "%.*s", CHECK_TEXT_MAX - 1, verdict->text);
    } else if (hungry) {
        fail(result, "used %ld MiB of memory%s, at most %ld are taken", used->ru_maxrss >> 10,
             where, RESIDENT_MAX_KB >> 10);
    } else if (WIFSIGNALED(status)) {
        const char *name = sigabbrev_np(WTERMSIG(status));
        fail(result, "killed by SIG%s%s", name ? name : "?", where);
    } else if (verdict->outcome == CHECK_NOTHING) {
        fail(result, "called exit(%d)%s", WEXITSTATUS(status), where);
    } else {
        result->outcome =
            verdict->outcome <= CHECK_BLOCKED ? (enum check_outcome)verdict->outcome : CHECK_FAIL;
        (void)snprintf(result->text, sizeof result->text, "%.*s", CHECK_TEXT_MAX - 1,
                       verdict->text);
    }
}

void check_child_run(const struct check_request *request, struct check_result *result)
{
    struct child child = {-1, -1, -1, -1, NULL};
    struct rusage used = {0};
    int64_t begin = clock_monotonic_ns();
    int status = 0, left;
    memset(result, 0, sizeof *result);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (!start(request, &child)) {
        fail(result, "the check's process does not start: %s", strerror(errno));
    } else {
        bool in_time = wait_for(&child, begin + request->timeout_ns, result);
        if (!in_time)
            (void)kill(-child.pid, SIGKILL);
        (void)wait4(child.pid, &status, 0, &used);
        left = kill(-child.pid, SIGKILL) == 0;
        left += end_orphans();
        (void)fcntl(child.output, F_SETFL, O_NONBLOCK);
        while (drain(&child, result))
            ;
        judge(&child, in_time, status, &used, request, result);
        if (left && result->outcome != CHECK_FAIL)
            fail(result, "left a process behind");
    }
    if (child.verdict && child.verdict != MAP_FAILED)
        (void)munmap(child.verdict, sizeof *child.verdict);
    if (child.pidfd >= 0)
        (void)close(child.pidfd);
    if (child.output >= 0)
        (void)close(child.output);
    if (child.verdict_fd >= 0)
        (void)close(child.verdict_fd);
    result->elapsed_ns = clock_monotonic_ns() - begin;
}

int check_child_main(int argc, char **argv)
{
    struct check check = {0};
    int fd = argc >= 9 ? (int)strtol(argv[2], NULL, 10) : -1;
    if (fd < 0)
        return 2;
    check.verdict = mmap(NULL, sizeof *check.verdict, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    check.row = check_row_find(argv[3]);
    if (check.verdict == MAP_FAILED || !check.row)
        return 2;
    (void)close(fd);
    check.file = argv[4];
    check.private_dir = argv[5];
    check.seed = strtoull(argv[6], NULL, 10);
    check.symbol = argv[7];
    check.state = argv[8];
    check.params = argv + 9;
    check_run_child(&check);
}
