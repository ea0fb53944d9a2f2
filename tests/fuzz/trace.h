/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compiler tells of comparisons (-fsanitize-coverage=trace-cmp, sanitizer builds only):
 * where, and how many bits differed. An input that shows something new is worth changing further.
 */
#ifndef TESTS_FUZZ_TRACE_H
#define TESTS_FUZZ_TRACE_H

#include <stdbool.h>
#include <stdint.h>

/* Before each input. */
void trace_begin(void);
/* After it: whether it showed anything that none before did. */
bool trace_news(void);
/* Things seen so far; 0 in a build that does not tell. */
uint32_t trace_seen(void);
/* A constant that something was compared with; 0 when there was none. */
uint64_t trace_constant(uint64_t choice);

#endif
