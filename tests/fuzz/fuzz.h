/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzz target is one file that defines LLVMFuzzerTestOneInput(), as libFuzzer calls it: it takes
 * any bytes, and what must never happen aborts. driver.c runs it; what follows is optional and is
 * for targets whose good inputs are not text.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

/* Good input `number`, 0 and up; answers its size, 0 after the last. */
size_t fuzz_seed(unsigned number, uint8_t *to, size_t room);

/* What must hold whatever the input is. */
#define FUZZ_MUST(condition)                                                                       \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);   \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
