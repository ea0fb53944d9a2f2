/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the benchmarks share: a measured thing and its floor run in turn, round by round, and only
 * the ratio of the two is judged. Nothing here asserts a time.
 *
 * usage of every program: bench_x [--rounds N] [--smoke] [--json] [--only TEXT]
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_ROUNDS_MAX 101

struct bench {
    const char *name;
    uint32_t rounds;     /* 7 unless told otherwise; 1 with --smoke */
    bool smoke;          /* a tiny dose: shows that it works, figures mean nothing */
    bool json;           /* one object a line */
    const char *only;    /* what has to be in a pair's name for it to run; NULL: all */
    char directory[256]; /* its own, removed at the end */
};

/* Runs once; answers nanoseconds per unit. */
typedef double bench_fn(void *context);

struct bench_pair {
    const char *what, *unit; /* "sma(10) against sma(30)", "bar" */
    const char *floor_name;
    double target; /* largest ratio that is good; 0: none is stated */
    bench_fn *floor, *measured;
    void *floor_context, *measured_context;
};

void bench_begin(struct bench *bench, const char *name, int argc, char **argv);
/* Warms both once, then rounds of floor, measured, floor, measured …; prints medians and spread. */
void bench_compare(const struct bench *bench, const struct bench_pair *pair);
/* Removes the directory. Answers main's exit code. */
int bench_end(const struct bench *bench);

double bench_now(void);            /* ns, monotonic */
uint64_t bench_random(uint64_t *); /* xorshift64*: the same numbers everywhere */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Keeps the compiler from leaving out work whose result nobody uses. */
static inline void bench_keep(double value)
{
    __asm__ volatile("" : : "x"(value) : "memory");
}
/* $TURRET_PLUGINS/<name>.so */
const char *bench_plugin(const char *name, char path[512]);

#endif
