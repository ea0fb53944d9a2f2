/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs `turret` many times, with a failing call each: everything is loaded once, a run is a fork.
 * Built from what `turret` is built from, its main() included. A request is a line, its answer too:
 *
 *   FOLDER KIND AT STICKY ERRNO argument…       without blanks in any of them
 *   exit CODE CALLS    or    signal NUMBER CALLS
 *
 * The run happens in FOLDER; its output is in the files `out` and `said` there. Calendar time
 * stands still, so that runs that did the same leave the same bytes.
 */
#include "nth.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES    4096
#define ARGUMENTS_MAX 32
#define PATIENCE_S    60
#define STANDS_AT     1767225600 /* s */

extern int turret_main(int argc, char **argv);

int clock_gettime(clockid_t which, struct timespec *to)
{
    int status = (int)syscall(SYS_clock_gettime, which, to);
    if (which == CLOCK_REALTIME)
        *to = (struct timespec){.tv_sec = STANDS_AT};
    return status;
}

static void redirect(int descriptor, const char *path, int flags)
{
    int opened = open(path, flags | O_CLOEXEC, 0600);
    if (opened < 0 || dup2(opened, descriptor) < 0) {
        perror(path);
        _exit(99);
    }
    (void)close(opened);
}

static void child(const char *folder, const struct nth_failure *failure, atomic_ulong *calls,
                  char **words)
{
    int count = 0;
    if (chdir(folder)) {
        perror(folder);
        _exit(99);
    }
    redirect(0, "/dev/null", O_RDONLY);
    redirect(1, "out", O_WRONLY | O_CREAT | O_TRUNC);
    redirect(2, "said", O_WRONLY | O_CREAT | O_TRUNC);
    while (words[count])
        count++;
    if (!nth_begin(failure, calls))
        _exit(99);
    (void)alarm(PATIENCE_S);
    exit(turret_main(count, words));
}

static bool serve(char *line, atomic_ulong *calls)
{
    struct nth_failure failure = {0};
    char *words[ARGUMENTS_MAX + 1] = {0}, *rest = NULL;
    int count = 0, status = 0;
    pid_t pid;
    for (char *word = strtok_r(line, " \n", &rest); word && count < ARGUMENTS_MAX;
         word = strtok_r(NULL, " \n", &rest))
        words[count++] = word;
    if (count < 6)
        return false;
    (void)snprintf(failure.kind, sizeof failure.kind, "%s", words[1]);
    failure.at = strtoul(words[2], NULL, 10);
    failure.sticky = words[3][0] == '1';
    failure.number = (int)strtol(words[4], NULL, 10);
    pid = fork();
    if (pid == 0) {
        words[4] = strdup("turret");
        child(words[0], &failure, calls, words + 4);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return false;
    (void)printf("%s %d %lu\n", WIFSIGNALED(status) ? "signal" : "exit",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), atomic_load(calls));
    return fflush(stdout) == 0;
}

int main(void)
{
    static char line[LINE_BYTES];
    atomic_ulong *calls =
        mmap(NULL, sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (calls == MAP_FAILED)
        return 1;
    while (fgets(line, sizeof line, stdin))
        if (!serve(line, calls))
            return 1;
    return 0;
}
