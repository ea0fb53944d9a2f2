/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that brings new builds up, and the child process in which each is tried first. */
#include "plugin/stage.h"
#include "isolation/isolated.h"

#include "io/clock.h"
#include "plugin/private_copy.h"
#include "plugin/refuse.h"
#include "plugin/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_MAX 400 /* of what a child says, kept for the message */

/* Jobs in a ring. */
struct jobs {
    struct stage_job *at[STAGE_JOBS_MAX];
    uint32_t head, count;
};

struct stage {
    struct stage_options options;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stopping;
    pid_t child; /* of the trial under way; 0 none */
    struct jobs waiting, done;
    uint32_t under_way;
};

static void jobs_push(struct jobs *jobs, struct stage_job *job)
{
    jobs->at[(jobs->head + jobs->count++) % STAGE_JOBS_MAX] = job;
}

static struct stage_job *jobs_take(struct jobs *jobs)
{
    struct stage_job *job = jobs->at[jobs->head];
    if (jobs->count == 0)
        return NULL;
    jobs->head = (jobs->head + 1) % STAGE_JOBS_MAX;
    jobs->count--;
    return job;
}

/* ---- the child ---- */

/* Reads what the child says until it closes its end or the time is over; keeps the last line. */
static bool listen_to(int descriptor, int process, uint32_t timeout_ms, char said[SAID_MAX])
{
    size_t used = 0;
    struct pollfd watched[2] = {{descriptor, POLLIN, 0}, {process, POLLIN, 0}};
    int64_t end_ns = clock_monotonic_ns() + (int64_t)timeout_ms * 1000000, left_ns;
    uint32_t rounds;
    /* at most so many pieces of text; then it is not listened to any more */
    for (rounds = 0; rounds < 64; rounds++) {
        char chunk[256];
        ssize_t got;
        left_ns = end_ns - clock_monotonic_ns();
        if (left_ns <= 0 || poll(watched, process >= 0 ? 2 : 1, (int)(left_ns / 1000000) + 1) <= 0)
            return false;
        got = watched[0].revents ? read(descriptor, chunk, sizeof chunk) : 0;
        if (got <= 0)
            return true;
        if (used + (size_t)got >= SAID_MAX)
            continue;
        memcpy(said + used, chunk, (size_t)got);
        used += (size_t)got;
        said[used] = 0;
    }
    return true;
}

/* Lines become clauses; columns that were padded for a terminal lose their blanks. */
static void one_line(char *text)
{
    size_t used = 0;
    bool gap = false, line = false;
    for (const char *c = text; *c; c++) {
        if (*c == ' ' || *c == '\n') {
            gap = true;
            line = line || *c == '\n';
            continue;
        }
        if (gap && used > 0)
            text[used++] = line ? ';' : ' ';
        gap = line = false;
        text[used++] = *c;
    }
    text[used] = 0;
}

/* The child that stage_stop() may end: never one that was waited for. */
static void set_child(struct stage *stage, pid_t child)
{
    (void)pthread_mutex_lock(&stage->mutex);
    stage->child = child;
    if (child && stage->stopping)
        (void)kill(child, SIGKILL);
    (void)pthread_mutex_unlock(&stage->mutex);
}

/* Waits for the end of the child, at most timeout_ms; kills it then. */
static int reap(struct stage *stage, pid_t child, int process, uint32_t timeout_ms, bool in_time)
{
    struct pollfd watched = {process, POLLIN, 0};
    int status = 0;
    if (!in_time || (process >= 0 && poll(&watched, 1, (int)timeout_ms) <= 0)) {
        (void)kill(child, SIGKILL);
        in_time = false;
    }
    set_child(stage, 0);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return in_time ? status : -1;
}

static int judge(const struct stage_job *job, int status, uint32_t timeout_ms, const char *said,
                 struct turret_error *err)
{
    if (status == -1)
        return refuse_file(err, TURRET_ETIMEOUT, job->path,
                           "its trial in a child process took more than %u ms; not loaded",
                           timeout_ms);
    if (WIFSIGNALED(status))
        return refuse_file(err, TURRET_EFAULT, job->path,
                           "its trial in a child process ended by %s; not loaded",
                           strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) != 0)
        return refuse_file(err, TURRET_EFAULT, job->path, "its trial in a child process: %s",
                           said[0] ? said : "it failed and said nothing");
    return TURRET_OK;
}

/* A child gets nothing of ours but its standard streams. */
static int spawn(const struct stage *stage, char *const arguments[], int output, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    int rc;
    (void)sigemptyset(&none);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, output, 1);
    (void)posix_spawn_file_actions_adddup2(&actions, output, 2);
    (void)posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    rc = posix_spawn(child, stage->options.program, &actions, &attributes, arguments, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return rc;
}

/* posix_spawn() does not change its arguments. */
static char *text(const char *constant)
{
    return (char *)(uintptr_t)constant;
}

static int run_child(struct stage *stage, const struct stage_job *job, const char *copy,
                     const char *state_path, struct turret_error *err)
{
    char *arguments[] = {text(stage->options.program),
                         text("plugin"),
                         text("check"),
                         text(copy),
                         text("--only"),
                         text("probe"),
                         state_path[0] ? text("--state") : NULL,
                         text(state_path),
                         NULL};
    char said[SAID_MAX] = "";
    uint32_t timeout_ms = stage->options.probe_timeout_ms;
    int ends[2], process, rc, status;
    bool in_time;
    pid_t child;
    if (!stage->options.program[0])
        return TURRET_OK;
    if (pipe2(ends, O_CLOEXEC))
        return refuse_file(err, TURRET_EIO, job->path, "no pipe for its trial: %s",
                           strerror(errno));
    rc = spawn(stage, arguments, ends[1], &child);
    (void)close(ends[1]);
    if (rc) {
        (void)close(ends[0]);
        return refuse_file(err, TURRET_EIO, job->path, "no child process for its trial: %s: %s",
                           stage->options.program, strerror(rc));
    }
    set_child(stage, child);
    process = (int)syscall(SYS_pidfd_open, child, 0);
    in_time = listen_to(ends[0], process, timeout_ms, said);
    status = reap(stage, child, process, timeout_ms, in_time);
    (void)close(ends[0]);
    if (process >= 0)
        (void)close(process);
    one_line(said);
    return judge(job, status, timeout_ms, said, err);
}

/* The state in a file that nobody else can read. */
static int write_state(const struct stage *stage, const struct stage_job *job,
                       char path[PLUGIN_PATH_MAX], struct turret_error *err)
{
    size_t written = 0;
    int descriptor;
    (void)snprintf(path, PLUGIN_PATH_MAX, "%.480s/state-XXXXXX", stage->options.private_dir);
    descriptor = mkostemp(path, O_CLOEXEC);
    while (descriptor >= 0 && written < job->state_bytes) {
        ssize_t wrote =
            write(descriptor, (const char *)job->state + written, job->state_bytes - written);
        if (wrote <= 0 && errno != EINTR)
            break;
        written += wrote > 0 ? (size_t)wrote : 0;
    }
    if (descriptor >= 0)
        (void)close(descriptor);
    if (descriptor >= 0 && written == job->state_bytes)
        return TURRET_OK;
    return refuse_file(err, TURRET_EIO, job->path, "the state for its trial, %s: %s", path,
                       strerror(errno));
}

static int try_in_child(struct stage *stage, const struct stage_job *job, const char *copy,
                        struct turret_error *err)
{
    char state_path[PLUGIN_PATH_MAX] = "";
    int status = TURRET_OK;
    if (job->state && stage->options.program[0])
        status = write_state(stage, job, state_path, err);
    if (!status)
        status = run_child(stage, job, copy, state_path, err);
    if (state_path[0])
        (void)unlink(state_path);
    return status;
}

/* ---- the jobs ---- */

static int sync_file(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    int rc = descriptor < 0 ? -1 : fsync(descriptor);
    if (descriptor >= 0)
        (void)close(descriptor);
    return rc;
}

/* Where a test may end the process. */
static void tell_step(const struct stage *stage, const char *step)
{
    if (stage->options.at_step)
        stage->options.at_step(stage->options.step_context, step);
}

/* Builds are told apart by their build id alone: two contents under one would be mixed up. */
static bool is_first_copy(const struct plugin_file *file, const char *copy)
{
    size_t length = strlen(copy), id_length = strlen(file->build_id);
    return length > id_length + 3 &&
           !strncmp(copy + length - id_length - 3, file->build_id, id_length);
}

static void bring_up(struct stage *stage, struct stage_job *job)
{
    char copy[PLUGIN_PATH_MAX];
    struct source source;
    bool made = false;
    int status = source_init(&source, job->path, &job->policy, &job->error);
    if (status) {
        job->unfinished = status == TURRET_EINVAL || status == TURRET_ECORRUPT;
        job->by_policy = status == TURRET_EDENIED || job->error.detail == POLICY_TOO_OLD;
        return;
    }
    (void)snprintf(job->id, sizeof job->id, "%s", source.file.note.id);
    plugin_build_bytes(&source.file, job->build);
    if (job->look) {
        source_finish(&source);
        return;
    }
    status = private_copy_make(&source, stage->options.private_dir, copy, &made, &job->error);
    if (!status && (sync_file(copy) || sync_file(stage->options.private_dir)))
        status = refuse_file(&job->error, TURRET_EIO, job->path, "its private copy: %s",
                             strerror(errno));
    if (!status && !is_first_copy(&source.file, copy))
        status = refuse_file(&job->error, TURRET_EEXIST, job->path,
                             "another file had build id %.12s… before; link it with --build-id",
                             source.file.build_id);
    tell_step(stage, "stage");
    /* what a runner runs is never mapped here */
    job->known = !status && !job->force && !job->policy.isolated && plugin_is_mapped(copy);
    if (!status && (!job->known || job->try_known) &&
        !job->policy.isolated) /* else a runner tries it */
        status = try_in_child(stage, job, copy, &job->error);
    tell_step(stage, "probe");
    if (!status && !job->known)
        (void)(job->policy.isolated ? isolated_load : plugin_load_source)(
            &source, stage->options.private_dir, &job->plugin, &job->error);
    if (job->error.code && made) /* one that was there before is somebody's */
        (void)unlink(copy);
    tell_step(stage, "load");
    source_finish(&source);
}

/* The linker finds code that stays mapped by the name of its file. */
static void take_out(struct stage_job *job)
{
    job->still_mapped = !plugin_unload_proven(job->unload);
    if (job->discard && !job->still_mapped)
        (void)unlink(job->path);
}

static void *run(void *context)
{
    struct stage *stage = context;
    (void)pthread_mutex_lock(&stage->mutex);
    while (!stage->stopping) {
        struct stage_job *job = jobs_take(&stage->waiting);
        if (!job) {
            (void)pthread_cond_wait(&stage->wake, &stage->mutex);
            continue;
        }
        stage->under_way = 1;
        (void)pthread_mutex_unlock(&stage->mutex);
        if (job->unload)
            take_out(job);
        else
            bring_up(stage, job);
        free(job->state);
        job->state = NULL;
        (void)pthread_mutex_lock(&stage->mutex);
        stage->under_way = 0;
        jobs_push(&stage->done, job);
        stage->options.notify(stage->options.context);
    }
    (void)pthread_mutex_unlock(&stage->mutex);
    return NULL;
}

int stage_start(struct stage **out, const struct stage_options *options, struct turret_error *err)
{
    struct stage *stage = calloc(1, sizeof *stage);
    sigset_t all, before;
    int rc;
    *out = NULL;
    if (!stage)
        return turret_fail(err, TURRET_ENOMEM, "no memory to stage plugins");
    stage->options = *options;
    (void)pthread_mutex_init(&stage->mutex, NULL);
    (void)pthread_cond_init(&stage->wake, NULL);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&stage->thread, NULL, run, stage);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc) {
        free(stage);
        return turret_fail(err, TURRET_EIO, "no thread to stage plugins: %s", strerror(rc));
    }
    *out = stage;
    return TURRET_OK;
}

static void drop(struct jobs *jobs)
{
    struct stage_job *job;
    while ((job = jobs_take(jobs)) != NULL) {
        plugin_unload(job->plugin);
        free(job);
    }
}

void stage_stop(struct stage *stage)
{
    struct stage_job *job;
    if (!stage)
        return;
    (void)pthread_mutex_lock(&stage->mutex);
    stage->stopping = true;
    if (stage->child)
        (void)kill(stage->child, SIGKILL);
    (void)pthread_cond_signal(&stage->wake);
    (void)pthread_mutex_unlock(&stage->mutex);
    (void)pthread_join(stage->thread, NULL);
    while ((job = jobs_take(&stage->waiting)) != NULL) {
        plugin_unload(job->unload);
        free(job->state);
        free(job);
    }
    drop(&stage->done);
    (void)pthread_mutex_destroy(&stage->mutex);
    (void)pthread_cond_destroy(&stage->wake);
    free(stage);
}

int stage_submit(struct stage *stage, const struct stage_job *job, struct turret_error *err)
{
    struct stage_job *copy = malloc(sizeof *copy);
    bool full;
    if (!copy) {
        free(job->state);
        return turret_fail(err, TURRET_ENOMEM, "%s: no memory to stage it", job->path);
    }
    *copy = *job;
    (void)pthread_mutex_lock(&stage->mutex);
    full = stage->waiting.count + stage->done.count + stage->under_way >= STAGE_JOBS_MAX;
    if (!full)
        jobs_push(&stage->waiting, copy);
    (void)pthread_cond_signal(&stage->wake);
    (void)pthread_mutex_unlock(&stage->mutex);
    if (!full)
        return TURRET_OK;
    free(job->state);
    free(copy);
    return turret_fail(err, TURRET_ELIMIT, "%s: %d new builds wait already", job->path,
                       STAGE_JOBS_MAX);
}

bool stage_take(struct stage *stage, struct stage_job *job)
{
    struct stage_job *done;
    (void)pthread_mutex_lock(&stage->mutex);
    done = jobs_take(&stage->done);
    (void)pthread_mutex_unlock(&stage->mutex);
    if (!done)
        return false;
    *job = *done;
    free(done);
    return true;
}
