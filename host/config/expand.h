/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ${VAR} and ${VAR:default} in the text of a configuration.
 *
 * VAR is letters, digits and '_', not beginning with a digit. The default stands up to the next '}'
 * and applies when VAR is not set or empty. A value is taken as it is: nothing in it is expanded
 * again. "$${" gives "${"; any other '$' is itself. Comments are left alone. No value may hold a
 * line break, so line numbers stay what they are in the file.
 */
#ifndef CONFIG_EXPAND_H
#define CONFIG_EXPAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report;

/* One expansion: what stood there, and what stands there now. */
struct expand_span {
    size_t from, size_bytes;         /* in the expanded text */
    size_t original, original_bytes; /* in the file */
    bool secret;                     /* from the environment, not from a default */
};

struct expand_spans {
    struct expand_span *span; /* ascending */
    uint32_t count, capacity;
};

/*
 * owns:  *out (NUL-terminated) and spans->span until free(), also when it fails
 * fails: EINVAL mistakes were told to `report`; ENOMEM
 */
int expand_text(const char *text, size_t size_bytes, struct report *report, char **out,
                size_t *out_bytes, struct expand_spans *spans);

#endif
