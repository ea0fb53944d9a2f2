/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns count characters, not bytes, from 1, in the file as its author sees it.
 */
#include "config/report.h"
#include "config/yaml.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SHOWN 120 /* characters of a line; of a longer one the part around the caret */

int report_init(struct report *report, const char *file, const char *text, size_t size_bytes,
                FILE *messages, struct turret_error *err)
{
    uint32_t lines = 1;
    size_t i;
    memset(report, 0, sizeof *report);
    report->file = file;
    report->text = text;
    report->size_bytes = size_bytes;
    report->messages = messages;
    report->err = err;
    for (i = 0; i < size_bytes; i++)
        lines += text[i] == '\n';
    report->line_starts = calloc(lines, sizeof *report->line_starts);
    if (!report->line_starts)
        return turret_fail(err, TURRET_ENOMEM, "no memory to read %s", file);
    report->line_count = 1;
    for (i = 0; i < size_bytes; i++)
        if (text[i] == '\n')
            report->line_starts[report->line_count++] = i + 1;
    return TURRET_OK;
}

void report_finish(struct report *report)
{
    if (report->messages && report->count > REPORT_MAX)
        (void)fprintf(report->messages, "%s: %u more not shown\n", report->file,
                      report->count - REPORT_MAX);
    free(report->line_starts);
    report->line_starts = NULL;
}

/* The last span that begins at or before `at`, NULL when there is none. */
static const struct expand_span *span_before(const struct report *report, size_t at)
{
    uint32_t low = 0, high = report->spans ? report->spans->count : 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (report->spans->span[middle].from <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &report->spans->span[low - 1] : NULL;
}

/* A byte of the parsed text → of the file; inside an expansion its first or, for an end, its last.
 */
static size_t to_file(const struct report *report, size_t at, bool is_end)
{
    const struct expand_span *span = span_before(report, is_end && at > 0 ? at - 1 : at);
    size_t behind;
    if (!span)
        return at;
    behind = at - span->from;
    if (behind < span->size_bytes || (is_end && behind == span->size_bytes))
        return is_end ? span->original + span->original_bytes : span->original;
    return span->original + span->original_bytes + (behind - span->size_bytes);
}

static uint32_t line_of(const struct report *report, size_t at)
{
    uint32_t low = 0, high = report->line_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (report->line_starts[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Where a line's text ends, without its line break. */
static size_t line_end(const struct report *report, uint32_t line)
{
    size_t end =
        line + 1 < report->line_count ? report->line_starts[line + 1] - 1 : report->size_bytes;
    if (end > report->line_starts[line] && report->text[end - 1] == '\r')
        end--;
    return end;
}

static uint32_t characters(const char *text, size_t from, size_t to)
{
    uint32_t count = 0;
    for (; from < to; from++)
        count += ((unsigned char)text[from] & 0xC0) != 0x80;
    return count;
}

struct config_place report_place(const struct report *report, size_t start, size_t end)
{
    struct config_place place = {0};
    size_t from = to_file(report, start, false), to = to_file(report, end, true), last;
    uint32_t line;
    if (from > report->size_bytes)
        from = report->size_bytes;
    line = line_of(report, from);
    last = line_end(report, line);
    if (from > last)
        from = last;
    if (to > last)
        to = last;
    place.line = line + 1;
    place.column = 1 + characters(report->text, report->line_starts[line], from);
    place.length = to > from ? characters(report->text, from, to) : 0;
    if (place.length == 0)
        place.length = 1;
    return place;
}

bool report_line_expanded(const struct report *report, size_t start)
{
    uint32_t i, count = report->spans ? report->spans->count : 0;
    uint32_t line = line_of(report, to_file(report, start, false));
    size_t from = report->line_starts[line], to = line_end(report, line);
    for (i = 0; i < count; i++)
        if (report->spans->span[i].original >= from && report->spans->span[i].original < to)
            return true;
    return false;
}

bool report_secret(const struct report *report, size_t start, size_t end)
{
    uint32_t i, count = report->spans ? report->spans->count : 0;
    for (i = 0; i < count; i++) {
        const struct expand_span *span = &report->spans->span[i];
        if (span->secret && span->from < end && span->from + span->size_bytes > start)
            return true;
    }
    return false;
}

const char *report_shown(const char *text, char *shown, size_t room)
{
    size_t length = 0, limit = room - 4;
    while (text[length] && length < limit) {
        char c = text[length];
        shown[length++] = (unsigned char)c < 0x20 || c == 0x7F ? '?' : c;
    }
    if (text[length]) {
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--; /* not inside a character */
        shown[length++] = '.';
        shown[length++] = '.';
        shown[length++] = '.';
    }
    shown[length] = '\0';
    return shown;
}

const char *report_value(const char *text, char *shown, size_t room)
{
    char plain[REPORT_SHOWN];
    const char *quote = "'";
    size_t length = strlen(text);
    if (length > 0 && length < 32 && strspn(text, "-0123456789.%") == length)
        quote = "";
    (void)snprintf(shown, room, "%s%s%s", quote, report_shown(text, plain, sizeof plain), quote);
    return shown;
}

/* The byte `count` characters behind `from`, at most `end`. */
static size_t step(const char *text, size_t from, size_t end, uint32_t count)
{
    while (from < end && count > 0) {
        from++;
        while (from < end && ((unsigned char)text[from] & 0xC0) == 0x80)
            from++;
        count--;
    }
    return from;
}

/* The line and its caret; of a long line the part around the caret. */
static void show_line(const struct report *report, struct config_place place)
{
    size_t from = report->line_starts[place.line - 1], to = line_end(report, place.line - 1), i,
           bytes;
    uint32_t column = place.column, length = place.length;
    if (characters(report->text, from, to) > LINE_SHOWN) {
        uint32_t skip = column > LINE_SHOWN / 2 ? column - LINE_SHOWN / 2 : 0;
        from = step(report->text, from, to, skip);
        to = step(report->text, from, to, LINE_SHOWN);
        column -= skip;
    }
    if (length > LINE_SHOWN + 1 - column)
        length = LINE_SHOWN + 1 - column;
    (void)fprintf(report->messages, "%5u | ", place.line);
    for (i = from; i < to; i += bytes) {
        const char *c = report->text + i;
        bytes = yaml_character(c, to - i);
        if (*c == '\t')
            (void)fputc(' ', report->messages);
        else if (bytes == 0 || (unsigned char)*c < 0x20 || *c == 0x7F)
            (void)fputc('?', report->messages);
        else
            (void)fwrite(c, 1, bytes, report->messages);
        bytes += bytes == 0;
    }
    (void)fprintf(report->messages, "\n      | %*s^", (int)column - 1, "");
    for (; length > 1; length--)
        (void)fputc('~', report->messages);
    (void)fputc('\n', report->messages);
}

void report_tell(struct report *report, struct config_place place, const char *format, ...)
{
    char text[REPORT_KNOWN_MAX + 240], where[CONFIG_PATH_MAX + 32];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (place.line > 0)
        (void)snprintf(where, sizeof where, "%s:%u:%u", report->file, place.line, place.column);
    else
        (void)snprintf(where, sizeof where, "%s", report->file);
    (void)turret_fail(report->err, TURRET_EINVAL, "%s: %s", where, text);
    if (report->count++ >= REPORT_MAX || !report->messages)
        return;
    (void)fprintf(report->messages, "%s: error: %s\n", where, text);
    if (place.length > 0 && place.line > 0 && place.line <= report->line_count)
        show_line(report, place);
}
