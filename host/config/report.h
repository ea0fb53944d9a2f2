/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells mistakes the one way they are told: file:line:column, the value, the line, a caret. What
 * came from the environment is shown as the ${NAME} that stands in the file, never as its value.
 */
#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H

#include "config/config.h"
#include "config/expand.h"

#define REPORT_MAX       20  /* mistakes told in one pass */
#define REPORT_SHOWN     80  /* room for a value as messages show it */
#define REPORT_KNOWN_MAX 480 /* room for the names of all keys of a section */

struct report {
    const char *file;
    const char *text; /* as it stands in the file */
    size_t size_bytes;
    size_t *line_starts; /* in `text` */
    uint32_t line_count;
    const struct expand_spans *spans; /* NULL: the parsed text is the file's */
    FILE *messages;                   /* NULL: nowhere */
    struct turret_error *err;
    uint32_t count;
};

/*
 * owns:  `text` is borrowed until report_finish(), which tells what was left out
 * fails: ENOMEM
 */
int report_init(struct report *report, const char *file, const char *text, size_t size_bytes,
                FILE *messages, struct turret_error *err);
void report_finish(struct report *report);

/* The place in the file of a byte range of the parsed text; length is at least 1. */
struct config_place report_place(const struct report *report, size_t start, size_t end);
/* Whether the line a range begins on holds an expansion, or the range itself holds a secret one. */
bool report_line_expanded(const struct report *report, size_t start);
bool report_secret(const struct report *report, size_t start, size_t end);

/* One mistake. place.line 0: no place in the file; place.length 0: the line is not to be shown. */
TURRET_PRINTF(3, 4)
void report_tell(struct report *report, struct config_place place, const char *format, ...);

/* Text safe to print: one line, no control characters, cut with "..." when it is long. */
const char *report_shown(const char *text, char *shown, size_t room);
/* The same for a value: numbers as they are, anything else in quotes. */
const char *report_value(const char *text, char *shown, size_t room);

#endif
