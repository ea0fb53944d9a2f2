/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bars from a file of rows `time,symbol,open,high,low,close,volume`, one file for all symbols,
 * sorted by time. Time is the bar's opening. Prices and volumes are rounded to the instrument's
 * scales. Rows of symbols that the configuration does not have are skipped and counted. A row that
 * is anything else ends the replay with its file and line, after all rows before it.
 */
#include "source.h"
#include "when.h"

#include <errno.h>
#include <string.h>

#define COLUMNS 7
#define HEADER  "time,symbol,open,high,low,close,volume"

enum { TIME, SYMBOL, OPEN, HIGH, LOW, CLOSE, VOLUME };

/* Reads one line without its end. Returns 1, 0 at the end of the file, -1 when it is too long. */
static int read_line(struct replay *replay, char *line)
{
    if (!fgets(line, REPLAY_LINE_MAX, replay->file)) {
        return 0;
    }
    replay->line++;
    size_t length = strlen(line);
    if (length > 0 && line[length - 1] != '\n' && !feof(replay->file)) {
        return -1;
    }
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) {
        line[--length] = '\0';
    }
    return 1;
}

int rows_open(struct replay *replay, struct turret_error *err)
{
    char line[REPLAY_LINE_MAX] = {0};
    replay->file = fopen(replay->path, "rb");
    if (!replay->file) {
        return turret_fail(err, errno == ENOENT ? TURRET_ENOTFOUND : TURRET_EIO, "%s: %s",
                           replay->path, strerror(errno));
    }
    if (read_line(replay, line) != 1 || strcmp(line, HEADER) != 0) {
        return turret_fail(err, TURRET_EINVAL, "%s:1: the first line is \"%.80s\", must be \"%s\"",
                           replay->path, line, HEADER);
    }
    replay->row_time = INT64_MIN;
    return TURRET_OK;
}

/* Cuts the line at its commas; returns how many fields there are, at most COLUMNS + 1. */
static int split(char *line, char **field)
{
    int count = 0;
    while (line && count < COLUMNS) {
        field[count++] = line;
        line = strchr(line, ',');
        if (line) {
            *line++ = '\0';
        }
    }
    return line ? COLUMNS + 1 : count;
}

static uint32_t find_track(const struct replay *replay, const char *symbol)
{
    for (uint32_t i = 0; i < replay->track_count; i++) {
        if (strcmp(replay->track[i].def->symbol, symbol) == 0) {
            return i;
        }
    }
    return replay->track_count;
}

/* Why the numbers of a row are no bar, NULL when they are. */
static const char *read_numbers(const struct turret_instrument_def *def, char **field,
                                struct turret_bar *bar)
{
    if (!when_decimal(field[OPEN], def->price_scale, &bar->open) ||
        !when_decimal(field[HIGH], def->price_scale, &bar->high) ||
        !when_decimal(field[LOW], def->price_scale, &bar->low) ||
        !when_decimal(field[CLOSE], def->price_scale, &bar->close)) {
        return "a price is not a number";
    }
    if (!when_decimal(field[VOLUME], def->qty_scale, &bar->volume) || bar->volume < 0) {
        return "the volume is not a number of at least zero";
    }
    if (bar->low <= 0) {
        return "a price is not above zero";
    }
    if (bar->high < bar->open || bar->high < bar->close || bar->low > bar->open ||
        bar->low > bar->close) {
        return "open or close is outside low and high";
    }
    return NULL;
}

/* Why a row is not usable, NULL when it is; row_track is track_count for a symbol not wanted. */
static const char *read_row(struct replay *replay, char *line)
{
    char *field[COLUMNS] = {0};
    int is_date;
    if (split(line, field) != COLUMNS) {
        return "a row has 7 columns";
    }
    if (!when_time(field[TIME], &replay->row.time, &is_date)) {
        return "the time is neither ISO 8601 nor nanoseconds";
    }
    if (replay->row.time > INT64_MAX - replay->timeframe_ns) {
        return "the time is out of range";
    }
    if (replay->row.time < replay->row_time) {
        return "the time is before that of the row above";
    }
    replay->row_time = replay->row.time;
    replay->row_track = find_track(replay, field[SYMBOL]);
    if (replay->row_track == replay->track_count) {
        return NULL;
    }
    const struct turret_instrument_def *def = replay->track[replay->row_track].def;
    replay->row.instrument = def->id;
    replay->row.flags = 0;
    replay->row.timeframe_ns = replay->timeframe_ns;
    return read_numbers(def, field, &replay->row);
}

/* Reads on to the next row that is wanted. Returns 1, 0 when none is left. */
static int next_row(struct replay *replay)
{
    char line[REPLAY_LINE_MAX];
    while (!replay->has_row && !replay->ended) {
        int past = 0;
        int got = read_line(replay, line);
        const char *why = got < 0 ? "the row is too long" : NULL;
        if (got == 0) {
            replay->ended = 1;
            if (ferror(replay->file)) {
                replay_fault(replay, "%s: %s", replay->path, strerror(errno));
            }
            break;
        }
        if (got == 1 && line[0] == '\0') {
            continue;
        }
        why = why ? why : read_row(replay, line);
        if (why) {
            replay->ended = 1;
            replay_fault(replay, "%s:%llu: %s", replay->path, (unsigned long long)replay->line,
                         why);
        } else if (replay->row_track == replay->track_count) {
            replay->foreign_rows++;
        } else {
            replay->has_row = (uint32_t)source_wants(replay, replay->row.time, &past);
            replay->ended = (uint32_t)past;
        }
    }
    return replay->has_row != 0;
}

/* Puts the row into the group by id; 0 when that instrument is there already. */
static int insert_row(struct replay *replay)
{
    uint32_t at = replay->group_count;
    for (uint32_t i = 0; i < replay->group_count; i++) {
        if (replay->group[i].instrument == replay->row.instrument) {
            return 0;
        }
    }
    for (; at > 0 && replay->group[at - 1].instrument > replay->row.instrument; at--) {
        replay->group[at] = replay->group[at - 1];
    }
    replay->group[at] = replay->row;
    replay->group_count++;
    return 1;
}

void rows_next(struct replay *replay)
{
    replay->group_count = 0;
    replay->cursor = 0;
    while (next_row(replay) &&
           (replay->group_count == 0 || replay->group[0].time == replay->row.time)) {
        replay->has_row = 0;
        if (!insert_row(replay)) {
            replay->ended = 1;
            replay_fault(replay, "%s:%llu: that symbol has a row of this time already",
                         replay->path, (unsigned long long)replay->line);
            return;
        }
    }
}
