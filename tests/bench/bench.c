/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds, medians, spread, and a directory that goes away. */
#include "bench.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct spread {
    double median, low, high;
};

void bench_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fputs("bench: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    exit(1);
}

double bench_now(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        bench_fail("no monotonic clock: %s", strerror(errno));
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

uint64_t bench_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

const char *bench_plugin(const char *name, char path[512])
{
    const char *folder = getenv("TURRET_PLUGINS");
    if (!folder)
        bench_fail("TURRET_PLUGINS names no directory of plugins");
    (void)snprintf(path, 512, "%s/%s.so", folder, name);
    return path;
}

void bench_begin(struct bench *bench, const char *name, int argc, char **argv)
{
    const char *top = getenv("TMPDIR");
    *bench = (struct bench){.name = name, .rounds = 7};
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--json"))
            bench->json = true;
        else if (!strcmp(argv[i], "--smoke"))
            bench->smoke = true;
        else if (!strcmp(argv[i], "--rounds") && i + 1 < argc)
            bench->rounds = (uint32_t)strtoul(argv[++i], NULL, 10);
        else if (!strcmp(argv[i], "--only") && i + 1 < argc)
            bench->only = argv[++i];
        else
            bench_fail("usage: %s [--rounds N] [--smoke] [--json] [--only TEXT]", name);
    }
    if (bench->smoke)
        bench->rounds = 1;
    if (bench->rounds == 0 || bench->rounds > BENCH_ROUNDS_MAX)
        bench_fail("--rounds is from 1 to %d", BENCH_ROUNDS_MAX);
    (void)snprintf(bench->directory, sizeof bench->directory, "%s/turret-bench-XXXXXX",
                   top ? top : P_tmpdir);
    if (!mkdtemp(bench->directory))
        bench_fail("%s: %s", bench->directory, strerror(errno));
}

static void remove_tree(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    if (!folder)
        return;
    while ((entry = readdir(folder)) != NULL) {
        char name[1024];
        struct stat status;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        (void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (lstat(name, &status) == 0 && S_ISDIR(status.st_mode))
            remove_tree(name);
        else
            (void)unlink(name);
    }
    (void)closedir(folder);
    (void)rmdir(path);
}

int bench_end(const struct bench *bench)
{
    remove_tree(bench->directory);
    return 0;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct spread spread_of(const double *values, uint32_t count)
{
    double sorted[BENCH_ROUNDS_MAX];
    memcpy(sorted, values, count * sizeof *values);
    qsort(sorted, count, sizeof *sorted, ascending);
    return (struct spread){(sorted[(count - 1) / 2] + sorted[count / 2]) / 2, sorted[0],
                           sorted[count - 1]};
}

static void print_json(const struct bench *bench, const struct bench_pair *pair,
                       const struct spread *floor, const struct spread *measured,
                       const struct spread *ratio)
{
    (void)printf("{\"bench\": \"%s\", \"what\": \"%s\", \"unit\": \"%s\", \"rounds\": %u, "
                 "\"floor\": \"%s\", "
                 "\"floor_ns\": %.4f, \"floor_ns_low\": %.4f, \"floor_ns_high\": %.4f, "
                 "\"ns\": %.4f, \"ns_low\": %.4f, \"ns_high\": %.4f, "
                 "\"ratio\": %.4f, \"ratio_low\": %.4f, \"ratio_high\": %.4f",
                 bench->name, pair->what, pair->unit, bench->rounds, pair->floor_name,
                 floor->median, floor->low, floor->high, measured->median, measured->low,
                 measured->high, ratio->median, ratio->low, ratio->high);
    if (pair->target > 0 && !bench->smoke)
        (void)printf(", \"target\": %.2f, \"met\": %s", pair->target,
                     ratio->median <= pair->target ? "true" : "false");
    (void)puts("}");
}

void bench_compare(const struct bench *bench, const struct bench_pair *pair)
{
    double floors[BENCH_ROUNDS_MAX], times[BENCH_ROUNDS_MAX], ratios[BENCH_ROUNDS_MAX];
    struct spread floor, measured, ratio;
    if (bench->only && !strstr(pair->what, bench->only))
        return;
    (void)pair->floor(pair->floor_context);
    (void)pair->measured(pair->measured_context);
    for (uint32_t i = 0; i < bench->rounds; i++) {
        floors[i] = pair->floor(pair->floor_context);
        times[i] = pair->measured(pair->measured_context);
        ratios[i] = times[i] / floors[i];
    }
    floor = spread_of(floors, bench->rounds);
    measured = spread_of(times, bench->rounds);
    ratio = spread_of(ratios, bench->rounds);
    if (bench->json) {
        print_json(bench, pair, &floor, &measured, &ratio);
    } else {
        (void)printf("%s: %s\n  floor     %12.2f ns a %s (%.2f … %.2f), %s\n"
                     "  measured  %12.2f ns a %s (%.2f … %.2f)\n  ratio     %12.3f (%.3f … %.3f)",
                     bench->name, pair->what, floor.median, pair->unit, floor.low, floor.high,
                     pair->floor_name, measured.median, pair->unit, measured.low, measured.high,
                     ratio.median, ratio.low, ratio.high);
        if (pair->target > 0 && !bench->smoke)
            (void)printf(", at most %.2f: %s", pair->target,
                         ratio.median <= pair->target ? "met" : "missed");
        (void)putchar('\n');
    }
    (void)fflush(stdout);
}
