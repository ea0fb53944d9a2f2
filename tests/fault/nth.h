/* SPDX-License-Identifier: Apache-2.0 */
/* What nth.c lets fail, for a program that is linked with it. */
#ifndef TESTS_FAULT_NTH_H
#define TESTS_FAULT_NTH_H

#include <stdatomic.h>
#include <stdbool.h>

struct nth_failure {
    char kind[16];    /* none memory write sync open accept */
    unsigned long at; /* which call, from 1; 0 none */
    bool sticky;      /* and all after it */
    int number;       /* the errno of calls other than memory's */
};

/* From now on; the calls are counted in *counter. False: there is no such kind. */
bool nth_begin(const struct nth_failure *failure, atomic_ulong *counter);

#endif
