/* SPDX-License-Identifier: Apache-2.0 */
/* The only place that reads a clock. */
#ifndef IO_CLOCK_H
#define IO_CLOCK_H

#include <turret/core.h>

/* Unix time, for what people read: it may jump. */
int64_t clock_unix_ns(void);
/* For durations: never goes back. */
int64_t clock_monotonic_ns(void);
/* The same, and it goes on while the machine sleeps. */
int64_t clock_boot_ns(void);

#endif
