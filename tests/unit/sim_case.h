/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated venue of its own for each test, in `b`: options first, then bench_start(). */
#ifndef SIM_CASE_H
#define SIM_CASE_H

#include "sim_bench.h"

static struct bench *b;

static inline int setup(void **state)
{
    (void)state;
    b = bench_load("sim");
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    bench_free(b);
    return 0;
}

#endif
