/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durations come from the monotonic clock; nothing but what people see depends on it.
 */
#include "cli/progress.h"

#include <string.h>
#include <time.h>

#define SECOND_NS INT64_C(1000000000)
#define PAUSE_NS  (SECOND_NS / 10)

static int64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_NS + (int64_t)now.tv_nsec;
}

void progress_begin(struct progress *progress, const struct cli *cli, const char *what,
                    const char *unit)
{
    *progress = (struct progress){.shown = cli->progress, .what = what, .unit = unit};
    progress->begun_ns = progress->shown ? now_ns() : 0;
}

static void print_duration(int64_t seconds)
{
    if (seconds >= 3600)
        (void)fprintf(stderr, "%lldh%02lldm", (long long)(seconds / 3600),
                      (long long)(seconds / 60 % 60));
    else if (seconds >= 60)
        (void)fprintf(stderr, "%lldm%02llds", (long long)(seconds / 60), (long long)(seconds % 60));
    else
        (void)fprintf(stderr, "%llds", (long long)seconds);
}

void progress_step(struct progress *progress, uint64_t count, uint64_t done, uint64_t total)
{
    int64_t now, elapsed;
    double seconds;
    if (!progress->shown)
        return;
    now = now_ns();
    if (progress->on_line && now - progress->printed_ns < PAUSE_NS)
        return;
    elapsed = now - progress->begun_ns;
    seconds = (double)elapsed / (double)SECOND_NS;
    (void)fprintf(stderr, "\r\033[K%s: %llu %.*s", progress->what, (unsigned long long)count,
                  (int)strlen(progress->unit) - (count == 1), progress->unit); /* without the s */
    if (seconds > 0.05)
        (void)fprintf(stderr, ", %.0f %s/s", (double)count / seconds, progress->unit);
    if (total)
        (void)fprintf(stderr, ", %.0f%%", 100.0 * (double)done / (double)total);
    if (total && done && seconds > 0.5) {
        (void)fputs(", ETA ", stderr);
        print_duration(
            (int64_t)(seconds * (double)(total - (done < total ? done : total)) / (double)done) +
            1);
    }
    (void)fflush(stderr);
    progress->on_line = true;
    progress->printed_ns = now;
}

void progress_end(struct progress *progress)
{
    if (progress->on_line)
        (void)fputs("\r\033[K", stderr);
    progress->on_line = false;
}
