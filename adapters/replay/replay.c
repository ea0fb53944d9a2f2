/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret.replay: stored bars, or those of a file, as a market, at any pace. One timer sends the
 * bars of one moment, ordered by instrument id; the next timer comes after the time between the
 * two moments, divided by the pace. It takes no orders.
 *
 * A replay that is opened at a later time goes on with the bars that end at that very time: the
 * host may not have taken all of them, and drops those that it has.
 *
 * It advertises TURRET_CAN_SIMULATE for the lockstep that goes with it: no timer fires while an
 * order of an earlier event is not yet durable and sent. What feed() shows has been taken: a
 * session that recovers feeds its journal, and the replay goes on behind it.
 */
#include "replay.h"

#include "source.h"
#include "when.h"

#include <stdlib.h>
#include <string.h>

#define TIMER_NEXT 0u
#define RETRY_NS   1000000

enum { PARAM_TIMEFRAME = 1, PARAM_FILE, PARAM_PACE, PARAM_FROM, PARAM_TO };

static const struct turret_param replay_params[] = {
    TURRET_PARAM_TEXT(PARAM_TIMEFRAME, "timeframe", "1d", "",
                      "length of the bars: 30s, 1m, 4h, 1d, 1w"),
    TURRET_PARAM_TEXT(PARAM_FILE, "file", "", "",
                      "CSV file time,symbol,open,high,low,close,volume; empty: the store's bars"),
    TURRET_PARAM_REAL(PARAM_PACE, "pace", 0, 0, 1000000, "x",
                      "event time over real time: 1 real time, 60 a minute a second, 0 at once"),
    TURRET_PARAM_TEXT(PARAM_FROM, "from", "", "", "first date or time of bars, UTC"),
    TURRET_PARAM_TEXT(PARAM_TO, "to", "", "",
                      "last date of bars, or the time before which they open, UTC"),
};

#define PARAM_COUNT ((uint32_t)(sizeof replay_params / sizeof replay_params[0]))

void replay_fault(struct replay *replay, const char *format, ...)
{
    va_list args;
    if (replay->faulty) {
        return;
    }
    replay->faulty = 1;
    va_start(args, format);
    (void)vsnprintf(replay->fault, sizeof replay->fault, format, args);
    va_end(args);
    replay->self->host->log(replay->self, TURRET_LOG_ERROR, replay->fault);
}

static void release(struct replay *replay)
{
    for (uint32_t i = 0; replay->track && i < replay->track_count; i++) {
        free(replay->track[i].bar);
    }
    free(replay->track);
    free(replay->group);
    if (replay->file) {
        (void)fclose(replay->file);
    }
    memset(replay, 0, sizeof *replay);
}

static const struct turret_param_value *given(const struct turret_broker_open *open, uint32_t id)
{
    for (uint32_t i = 0; i < open->param_count; i++) {
        if (open->params[i].id == id) {
            return &open->params[i];
        }
    }
    return NULL;
}

static const char *text_of(const struct turret_broker_open *open, uint32_t id)
{
    const struct turret_param_value *value = given(open, id);
    return value && value->text ? value->text : replay_params[id - 1].default_text;
}

static int read_range(struct replay *replay, const struct turret_broker_open *open,
                      struct turret_error *err)
{
    const char *from = text_of(open, PARAM_FROM), *to = text_of(open, PARAM_TO);
    int is_date = 0;
    replay->from = INT64_MIN;
    replay->to = INT64_MAX;
    if (from[0] != '\0' && !when_time(from, &replay->from, &is_date)) {
        return turret_fail(err, TURRET_EINVAL, "venue %s: from is \"%s\", must be like 2024-01-31",
                           open->venue, from);
    }
    if (to[0] != '\0' && !when_time(to, &replay->to, &is_date)) {
        return turret_fail(err, TURRET_EINVAL, "venue %s: to is \"%s\", must be like 2024-01-31",
                           open->venue, to);
    }
    replay->to += to[0] != '\0' && is_date ? REPLAY_DAY_NS : 0;
    return TURRET_OK;
}

static int read_options(struct replay *replay, const struct turret_broker_open *open,
                        struct turret_error *err)
{
    const struct turret_param_value *pace = given(open, PARAM_PACE);
    const char *file = text_of(open, PARAM_FILE);
    const char *timeframe = text_of(open, PARAM_TIMEFRAME);
    if (!when_timeframe(timeframe, &replay->timeframe_ns)) {
        return turret_fail(err, TURRET_EINVAL,
                           "venue %s: timeframe is \"%s\", must be like 30s, 1m, 4h, 1d, 1w",
                           open->venue, timeframe);
    }
    if (pace && !(pace->f >= 0 && pace->f <= 1e6)) {
        return turret_fail(err, TURRET_EINVAL, "venue %s: pace is %g, must be 0 to 1000000",
                           open->venue, pace->f);
    }
    if (pace && pace->f > 0) {
        replay->pace_milli = (int64_t)(pace->f * 1000 + 0.5);
        replay->pace_milli += replay->pace_milli == 0;
    }
    if (strlen(file) >= sizeof replay->path) {
        return turret_fail(err, TURRET_ELIMIT, "venue %s: file has a path of %zu bytes, at most %d",
                           open->venue, strlen(file), REPLAY_PATH_MAX - 1);
    }
    memcpy(replay->path, file, strlen(file) + 1);
    replay->after = open->now;
    replay->until = open->until;
    return read_range(replay, open, err);
}

static void count_instrument(void *context, const struct turret_instrument_def *def)
{
    uint32_t *count = context;
    (void)def;
    (*count)++;
}

static void adopt_instrument(void *context, const struct turret_instrument_def *def)
{
    struct replay *replay = context;
    struct replay_track *track = &replay->track[replay->track_count];
    turret_time_ns from = replay->from > 0 ? replay->from : 0;
    turret_time_ns next = replay->after - replay->timeframe_ns;
    track->def = def;
    track->next_from = next > from ? next : from;
    replay->track_count++;
}

static int gather(struct replay *replay, const struct turret_broker_open *open,
                  struct turret_error *err)
{
    uint32_t count = 0;
    replay->self->host->each_instrument(replay->self, &count, count_instrument);
    if (count > REPLAY_INSTRUMENTS_MAX) {
        return turret_fail(err, TURRET_ELIMIT, "venue %s: %u instruments, a replay takes %u",
                           open->venue, count, REPLAY_INSTRUMENTS_MAX);
    }
    replay->track = calloc(count + 1u, sizeof *replay->track);
    replay->group = calloc(count + 1u, sizeof *replay->group);
    if (!replay->track || !replay->group) {
        return turret_fail(err, TURRET_ENOMEM, "venue %s: no memory", open->venue);
    }
    replay->self->host->each_instrument(replay->self, replay, adopt_instrument);
    for (uint32_t i = 0; replay->path[0] == '\0' && i < replay->track_count; i++) {
        replay->track[i].bar = calloc(REPLAY_CHUNK, sizeof *replay->track[i].bar);
        if (!replay->track[i].bar) {
            return turret_fail(err, TURRET_ENOMEM, "venue %s: no memory", open->venue);
        }
    }
    return TURRET_OK;
}

static int32_t replay_open(struct turret_broker *self, const struct turret_broker_open *open,
                           struct turret_error *err)
{
    struct replay *replay = self->state;
    release(replay);
    replay->self = self;
    int status = read_options(replay, open, err);
    if (status == TURRET_OK) {
        status = gather(replay, open, err);
    }
    if (status == TURRET_OK && replay->path[0] != '\0') {
        status = rows_open(replay, err);
    }
    if (status != TURRET_OK) {
        release(replay);
    }
    return status;
}

static int32_t replay_describe(struct turret_broker *self, struct turret_broker_caps *caps,
                               struct turret_error *err)
{
    (void)self;
    (void)err;
    caps->can = TURRET_CAN_SUBSCRIBE | TURRET_CAN_SIMULATE;
    return TURRET_OK;
}

static int say(struct replay *replay, uint32_t status, const char *text)
{
    struct turret_report report = {0};
    report.struct_size = (uint32_t)sizeof report;
    report.type = TURRET_REPORT_STREAM;
    report.u.stream.status = status;
    (void)snprintf(report.u.stream.text, sizeof report.u.stream.text, "%.87s", text);
    return replay->self->host->report(replay->self, &report) != TURRET_ELIMIT;
}

static void arm(struct replay *replay, int64_t delay_ns)
{
    (void)replay->self->host->timer(replay->self, TIMER_NEXT, delay_ns);
}

static int32_t replay_connect(struct turret_broker *self, struct turret_error *err)
{
    struct replay *replay = self->state;
    if (!replay->track) {
        return turret_fail(err, TURRET_ESTATE, "connect: the replay is not open");
    }
    replay->connected = 1;
    replay->finished = 0;
    if (!say(replay, TURRET_STREAM_READY, "replay")) {
        return turret_fail(err, TURRET_ELIMIT, "connect: the host takes no reports now");
    }
    arm(replay, 0);
    return TURRET_OK;
}

static void read_group(struct replay *replay)
{
    replay->group_count = 0;
    replay->cursor = 0;
    if (replay->ended && !replay->has_row) {
        return;
    }
    if (replay->file) {
        rows_next(replay);
    } else {
        stored_next(replay);
    }
}

/* Everything was sent: says so once, or why it stopped. */
static void finish(struct replay *replay)
{
    char text[96];
    if (replay->finished) {
        return;
    }
    if (replay->faulty ? !say(replay, TURRET_STREAM_DOWN, replay->fault)
                       : !say(replay, TURRET_STREAM_FINISHED, "the replay has no more bars")) {
        arm(replay, RETRY_NS);
        return;
    }
    replay->finished = 1;
    if (replay->foreign_rows > 0) {
        (void)snprintf(text, sizeof text, "%llu row%s of symbols that are not configured",
                       (unsigned long long)replay->foreign_rows,
                       replay->foreign_rows == 1 ? "" : "s");
        replay->self->host->log(replay->self, TURRET_LOG_NOTICE, text);
    }
}

/* Sends what is left of the group; 0 when the host's queue is full. */
static int send_group(struct replay *replay)
{
    uint32_t at = 0; /* group and tracks are both in id order */
    for (; replay->cursor < replay->group_count; replay->cursor++) {
        struct turret_report report = {0};
        const struct turret_bar *bar = &replay->group[replay->cursor];
        while (replay->track[at].def->id != bar->instrument) {
            at++;
        }
        if (replay->track[at].muted & 1u << TURRET_REPORT_BAR) {
            continue;
        }
        report.struct_size = (uint32_t)sizeof report;
        report.type = TURRET_REPORT_BAR;
        report.time = bar->time + bar->timeframe_ns;
        report.u.bar = *bar;
        if (replay->self->host->report(replay->self, &report) == TURRET_ELIMIT) {
            return 0;
        }
    }
    return 1;
}

static void replay_on_timer(struct turret_broker *self, uint32_t timer_id)
{
    struct replay *replay = self->state;
    if (!replay->connected || timer_id != TIMER_NEXT) {
        return;
    }
    if (replay->group_count == 0) {
        read_group(replay);
    }
    if (replay->group_count == 0) {
        finish(replay);
        return;
    }
    if (!send_group(replay)) {
        arm(replay, RETRY_NS);
        return;
    }
    turret_time_ns sent = replay->group[0].time;
    int64_t delay = 0;
    read_group(replay);
    if (replay->group_count > 0 && replay->pace_milli > 0) {
        __extension__ __int128 wait = (__int128)(replay->group[0].time - sent) * 1000;
        wait /= replay->pace_milli;
        delay = wait > INT64_MAX ? INT64_MAX : (int64_t)wait;
    }
    arm(replay, delay);
}

static struct replay_track *find(struct replay *replay, turret_instrument id,
                                 struct turret_error *err)
{
    for (uint32_t i = 0; i < replay->track_count; i++) {
        if (replay->track[i].def->id == id) {
            return &replay->track[i];
        }
    }
    (void)turret_fail(err, TURRET_ENOTFOUND, "the replay has no instrument %u", id);
    return NULL;
}

static int stored_any(struct replay *replay, const struct replay_track *track)
{
    struct turret_bar bar;
    return replay->self->host->read_bars(replay->self, track->def->id, replay->timeframe_ns, 0,
                                         &bar, 1) != 0;
}

static int32_t replay_subscribe(struct turret_broker *self, turret_instrument id, uint32_t reports,
                                int64_t timeframe_ns, struct turret_error *err)
{
    struct replay *replay = self->state;
    struct replay_track *track = find(replay, id, err);
    if (!track) {
        return TURRET_ENOTFOUND;
    }
    if (timeframe_ns > 0 && timeframe_ns != replay->timeframe_ns) {
        return turret_fail(err, TURRET_EINVAL, "it replays bars of %lld s only (timeframe)",
                           (long long)(replay->timeframe_ns / 1000000000));
    }
    if (timeframe_ns > 0 && !replay->file && !stored_any(replay, track)) {
        return turret_fail(err, TURRET_EINVAL, "the store has no such bars of %.31s to replay",
                           track->def->symbol);
    }
    track->muted &= ~reports;
    return TURRET_OK;
}

static int32_t replay_unsubscribe(struct turret_broker *self, turret_instrument id,
                                  uint32_t reports, struct turret_error *err)
{
    struct replay_track *track = find(self->state, id, err);
    if (!track) {
        return TURRET_ENOTFOUND;
    }
    track->muted |= reports;
    return TURRET_OK;
}

static void replay_feed(struct turret_broker *self, const struct turret_report *event)
{
    struct replay *replay = self->state;
    if (event->type == TURRET_REPORT_BAR && event->time > replay->after)
        replay->after = event->time;
}

static void replay_close(struct turret_broker *self)
{
    struct replay *replay = self->state;
    if (replay->connected) {
        arm(replay, -1);
    }
    release(replay);
}

static const struct turret_broker_type replay_type = {
    .struct_size = (uint32_t)sizeof(struct turret_broker_type),
    .state_size = (uint32_t)sizeof(struct replay),
    .id = "turret.replay",
    .version = "1.0.0",
    .summary = "Stored bars or a CSV file as a market, at any pace",
    .params = replay_params,
    .param_count = PARAM_COUNT,
    .describe = replay_describe,
    .open = replay_open,
    .connect = replay_connect,
    .close = replay_close,
    .on_timer = replay_on_timer,
    .subscribe = replay_subscribe,
    .unsubscribe = replay_unsubscribe,
    .feed = replay_feed,
};

TURRET_BROKER("turret.replay", "1.0.0", replay_type);
