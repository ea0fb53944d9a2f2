/* SPDX-License-Identifier: Apache-2.0 */
/* Stored bars, quotes and splits, merged by time through a heap of their next times. */
#include "research/feed.h"

#include "research/missing_bars.h"
#include "research/when.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum feed_kind { FEED_SPLITS, FEED_QUOTES, FEED_BARS }; /* also their order at one time */

#define BLOCK_BARS 1400 /* a stored block holds fewer */

struct series {
    struct store_cursor *cursor;
    struct store_bars run;
    uint32_t at;
    struct definitions_scale scale;
    int64_t *scaled; /* 5 × BLOCK_BARS when the scale is not 1 */
};

struct feed {
    enum feed_kind kind;
    turret_instrument instrument;
    int64_t timeframe_ns;
    const struct config_instrument *config;
    struct series series, ask; /* bars, or bid and ask */
    uint32_t split;
    turret_time_ns next;    /* when its next thing happens */
    struct turret_bar last; /* newest bar handed out before the present run */
    uint32_t handed_from;   /* the present run: [handed_from, series.at) */
};

struct feeds {
    struct feed *feeds;
    uint32_t count, alive, capacity;
    uint32_t *heap;
    uint64_t total;
    uint32_t current; /* its run was handed out last */
};

struct opening {
    const struct config *config;
    struct store *store;
    FILE *messages;
    struct turret_error *err;
};

/* ---- one series ---- */

static int advance(struct series *series, struct turret_error *err)
{
    const int64_t *from[5];
    uint32_t c, i;
    int status = store_cursor_next(series->cursor, &series->run, err);
    series->at = 0;
    if (status != 1 || (series->scale.price == 1 && series->scale.qty == 1))
        return status;
    assert(series->run.count <= BLOCK_BARS);
    if (!series->scaled)
        series->scaled = malloc(5 * BLOCK_BARS * sizeof *series->scaled);
    if (!series->scaled)
        return turret_fail(err, TURRET_ENOMEM, "no memory to rescale bars");
    from[0] = series->run.open;
    from[1] = series->run.high;
    from[2] = series->run.low;
    from[3] = series->run.close;
    from[4] = series->run.volume;
    for (c = 0; c < 5; c++)
        for (i = 0; i < series->run.count; i++)
            series->scaled[c * BLOCK_BARS + i] =
                from[c][i] * (c == 4 ? series->scale.qty : series->scale.price);
    series->run.open = series->scaled;
    series->run.high = series->scaled + BLOCK_BARS;
    series->run.low = series->scaled + 2 * BLOCK_BARS;
    series->run.close = series->scaled + 3 * BLOCK_BARS;
    series->run.volume = series->scaled + 4 * BLOCK_BARS;
    return status;
}

static int open_series(const struct opening *opening, struct series *series,
                       const struct config_on *on, const char *name, uint64_t *total)
{
    const struct config_backtest *range = &opening->config->backtest;
    struct turret_error *err = opening->err;
    struct store_series found;
    struct turret_error why = {0};
    int status = store_series_find(opening->store, name, on->timeframe_ns, &found, &why);
    if (status == TURRET_ENOTFOUND)
        return missing_bars(opening->config, on, name, opening->store, opening->messages, err);
    if (status)
        return turret_fail(err, status, "%s", why.text);
    status = definitions_scale(&opening->config->instruments[on->instrument], &found,
                               &series->scale, err);
    if (!status)
        status = store_cursor_open(&series->cursor, opening->store, name, on->timeframe_ns,
                                   range->from, range->to ? range->to : INT64_MAX, err);
    *total += found.bar_count;
    if (!status)
        status = advance(series, err);
    return status < 0 ? status : TURRET_OK;
}

static void close_series(struct series *series)
{
    if (series->cursor)
        store_cursor_close(series->cursor);
    free(series->scaled);
}

static bool has_bar(const struct series *series)
{
    return series->at < series->run.count;
}

/* ---- which feed is next ---- */

/* Sets feed->next; false when it has nothing more. */
static bool schedule(struct feed *feed)
{
    switch (feed->kind) {
    case FEED_SPLITS:
        if (feed->split >= feed->config->split_count)
            return false;
        feed->next = feed->config->splits[feed->split].time;
        return true;
    case FEED_QUOTES:
        if (!has_bar(&feed->series) || !has_bar(&feed->ask))
            return false;
        feed->next = feed->series.run.time[feed->series.at] + feed->timeframe_ns;
        return true;
    default:
        if (!has_bar(&feed->series))
            return false;
        feed->next = feed->series.run.time[feed->series.at] + feed->timeframe_ns;
        return true;
    }
}

static bool before(const struct feed *a, const struct feed *b)
{
    if (a->next != b->next)
        return a->next < b->next;
    if (a->kind != b->kind)
        return a->kind < b->kind;
    return a->instrument != b->instrument ? a->instrument < b->instrument
                                          : a->timeframe_ns < b->timeframe_ns;
}

static void sift_down(struct feeds *feeds, uint32_t at)
{
    for (;;) {
        uint32_t child = 2 * at + 1, moved = feeds->heap[at];
        if (child >= feeds->alive)
            return;
        if (child + 1 < feeds->alive &&
            before(&feeds->feeds[feeds->heap[child + 1]], &feeds->feeds[feeds->heap[child]]))
            child++;
        if (!before(&feeds->feeds[feeds->heap[child]], &feeds->feeds[moved]))
            return;
        feeds->heap[at] = feeds->heap[child];
        feeds->heap[child] = moved;
        at = child;
    }
}

/* The root's next time changed, or it ended. */
static void reorder(struct feeds *feeds)
{
    if (!schedule(&feeds->feeds[feeds->heap[0]]))
        feeds->heap[0] = feeds->heap[--feeds->alive];
    if (feeds->alive)
        sift_down(feeds, 0);
}

/* ---- opening ---- */

static struct feed *add(struct feeds *feeds, enum feed_kind kind, const struct config *config,
                        uint32_t instrument, int64_t timeframe_ns)
{
    struct feed *feed;
    uint32_t i;
    for (i = 0; i < feeds->count; i++)
        if (feeds->feeds[i].kind == kind && feeds->feeds[i].instrument == instrument + 1 &&
            feeds->feeds[i].timeframe_ns == timeframe_ns)
            return NULL;
    assert(feeds->count < feeds->capacity);
    feed = &feeds->feeds[feeds->count++];
    feed->kind = kind;
    feed->instrument = instrument + 1;
    feed->timeframe_ns = timeframe_ns;
    feed->config = &config->instruments[instrument];
    feed->series.scale = feed->ask.scale = (struct definitions_scale){1, 1};
    return feed;
}

static int add_for(struct feeds *feeds, const struct opening *opening, const struct config_on *on)
{
    const struct config *config = opening->config;
    const struct config_instrument *instrument = &config->instruments[on->instrument];
    struct feed *feed = add(feeds, FEED_BARS, config, on->instrument, on->timeframe_ns);
    uint64_t ignored = 0;
    int status = TURRET_OK;
    if (feed)
        status = open_series(opening, &feed->series, on, instrument->data, &feeds->total);
    if (status || !feed)
        return status;
    if (instrument->bid_data[0] && instrument->ask_data[0]) {
        feed = add(feeds, FEED_QUOTES, config, on->instrument, on->timeframe_ns);
        status = open_series(opening, &feed->series, on, instrument->bid_data, &ignored);
        if (!status)
            status = open_series(opening, &feed->ask, on, instrument->ask_data, &ignored);
    }
    if (!status && instrument->split_count) {
        feed = add(feeds, FEED_SPLITS, config, on->instrument, 0);
        while (feed && feed->split < instrument->split_count &&
               instrument->splits[feed->split].time < config->backtest.from)
            feed->split++;
    }
    return status;
}

/* A run over no bars at all is a mistake in the configuration. */
static int check_range(const struct feeds *feeds, const struct config *config, struct store *store,
                       struct turret_error *err)
{
    const struct config_backtest *range = &config->backtest;
    const struct feed *feed = NULL;
    struct store_series series = {.name = ""};
    char timeframe[32], from[WHEN_TEXT_MAX], to[WHEN_TEXT_MAX];
    char first[WHEN_TEXT_MAX], last[WHEN_TEXT_MAX];
    uint32_t i;
    for (i = 0; i < feeds->count; i++) {
        if (feeds->feeds[i].kind != FEED_BARS)
            continue;
        if (has_bar(&feeds->feeds[i].series))
            return TURRET_OK;
        feed = feed ? feed : &feeds->feeds[i];
    }
    if (!feed)
        return turret_fail(err, TURRET_EINVAL,
                           "no strategy is on bars, so there is nothing to run; give one a "
                           "timeframe, like on: SPY.sim@1d");
    (void)store_series_find(store, feed->config->data, feed->timeframe_ns, &series, NULL);
    config_format_timeframe(feed->timeframe_ns, timeframe, sizeof timeframe);
    when_print(range->from, from, sizeof from);
    when_print(range->to, to, sizeof to);
    when_print(series.first, first, sizeof first);
    when_print(series.last, last, sizeof last);
    return turret_fail(err, TURRET_EINVAL,
                       "no stored bars of %s@%s lie in backtest: from %s, to %s; the store has "
                       "%s to %s",
                       feed->config->data, timeframe, range->from ? from : "first",
                       range->to ? to : "last", first, last);
}

int feeds_open(struct feeds **out, const struct config *config, struct store *store, FILE *messages,
               struct turret_error *err)
{
    const struct opening opening = {config, store, messages, err};
    struct feeds *feeds = calloc(1, sizeof *feeds);
    uint32_t s, i;
    int status = TURRET_OK;
    *out = feeds;
    if (!feeds)
        return turret_fail(err, TURRET_ENOMEM, "no memory for feeds");
    for (s = 0; s < config->strategy_count; s++)
        feeds->capacity += 3 * config->strategies[s].on_count;
    feeds->feeds = calloc(feeds->capacity + 1, sizeof *feeds->feeds);
    feeds->heap = calloc(feeds->capacity + 1, sizeof *feeds->heap);
    if (!feeds->feeds || !feeds->heap)
        return turret_fail(err, TURRET_ENOMEM, "no memory for %u feeds", feeds->capacity);
    for (s = 0; !status && s < config->strategy_count; s++)
        for (i = 0; !status && i < config->strategies[s].on_count; i++)
            if (config->strategies[s].on[i].timeframe_ns)
                status = add_for(feeds, &opening, &config->strategies[s].on[i]);
    for (i = 0; i < feeds->count; i++)
        if (schedule(&feeds->feeds[i]))
            feeds->heap[feeds->alive++] = i;
    for (i = feeds->alive / 2; i-- > 0;)
        sift_down(feeds, i);
    return status ? status : check_range(feeds, config, store, err);
}

void feeds_close(struct feeds *feeds)
{
    uint32_t i;
    if (!feeds)
        return;
    for (i = 0; feeds->feeds && i < feeds->count; i++) {
        close_series(&feeds->feeds[i].series);
        close_series(&feeds->feeds[i].ask);
    }
    free(feeds->feeds);
    free(feeds->heap);
    free(feeds);
}

uint64_t feeds_total(const struct feeds *feeds)
{
    return feeds->total;
}

/* ---- taking ---- */

static void row(const struct feed *feed, uint32_t i, struct turret_bar *bar)
{
    const struct store_bars *run = &feed->series.run;
    *bar = (struct turret_bar){
        feed->instrument, 0,           feed->timeframe_ns, run->time[i],  run->open[i],
        run->high[i],     run->low[i], run->close[i],      run->volume[i]};
}

/* Bars of the root's run that come before everything else. */
static int take_bars(struct feeds *feeds, struct feed *feed, struct engine_bars *bars)
{
    const struct store_bars *run = &feed->series.run;
    uint32_t from = feed->series.at, end = from + 1, rival;
    struct feed probe = {
        .kind = feed->kind, .instrument = feed->instrument, .timeframe_ns = feed->timeframe_ns};
    if (feeds->alive == 1) {
        end = run->count;
    } else {
        rival = 1;
        if (feeds->alive > 2 &&
            before(&feeds->feeds[feeds->heap[2]], &feeds->feeds[feeds->heap[1]]))
            rival = 2;
        for (; end < run->count; end++) {
            probe.next = run->time[end] + feed->timeframe_ns;
            if (!before(&probe, &feeds->feeds[feeds->heap[rival]]))
                break;
        }
    }
    *bars = (struct engine_bars){feed->instrument, end - from,        feed->timeframe_ns,
                                 run->time + from, run->open + from,  run->high + from,
                                 run->low + from,  run->close + from, run->volume + from};
    feed->handed_from = from;
    feed->series.at = end;
    return 1;
}

static void take_quote(const struct feed *feed, struct event *event)
{
    const struct series *bid = &feed->series, *ask = &feed->ask;
    event->type = EVENT_QUOTE;
    event->time = feed->next;
    event->u.quote.instrument = feed->instrument;
    event->u.quote.time = feed->next;
    event->u.quote.bid = bid->run.close[bid->at];
    event->u.quote.bid_qty = bid->run.volume[bid->at];
    if (ask->run.time[ask->at] == bid->run.time[bid->at]) {
        event->u.quote.ask = ask->run.close[ask->at];
        event->u.quote.ask_qty = ask->run.volume[ask->at];
    }
}

/* Goes on to the next bar of both sides; a side that lacks a time is passed over. */
static int step_quote(struct feed *feed, struct turret_error *err)
{
    struct series *sides[2] = {&feed->series, &feed->ask};
    turret_time_ns done = feed->next - feed->timeframe_ns;
    int i, status;
    for (i = 0; i < 2; i++)
        while (has_bar(sides[i]) && sides[i]->run.time[sides[i]->at] <= done) {
            if (++sides[i]->at < sides[i]->run.count)
                continue;
            status = advance(sides[i], err);
            if (status < 0)
                return status;
        }
    return TURRET_OK;
}

static void take_split(struct feed *feed, struct event *event)
{
    const struct config_split *split = &feed->config->splits[feed->split++];
    event->type = EVENT_SPLIT;
    event->time = split->time;
    event->u.split.instrument = feed->instrument;
    event->u.split.numerator = split->numerator;
    event->u.split.denominator = split->denominator;
    event->u.split.time = split->time;
}

/* The run handed out last is over: remember its newest bar, read on, find the next feed. */
static int finish_run(struct feeds *feeds, struct turret_error *err)
{
    struct feed *feed = &feeds->feeds[feeds->current];
    int status;
    if (feed->kind != FEED_BARS || feed->series.at == feed->handed_from)
        return TURRET_OK;
    row(feed, feed->series.at - 1, &feed->last);
    if (!has_bar(&feed->series)) {
        status = advance(&feed->series, err);
        if (status < 0)
            return status;
        if (status == 0)
            feed->series.run.count = 0;
    }
    feed->handed_from = feed->series.at;
    reorder(feeds);
    return TURRET_OK;
}

int feeds_next(struct feeds *feeds, struct engine_bars *bars, struct event *event,
               struct turret_error *err)
{
    struct feed *feed;
    int status = feeds->count ? finish_run(feeds, err) : TURRET_OK;
    memset(bars, 0, sizeof *bars);
    if (status)
        return status;
    if (feeds->alive == 0)
        return 0;
    feeds->current = feeds->heap[0];
    feed = &feeds->feeds[feeds->current];
    if (feed->kind == FEED_BARS)
        return take_bars(feeds, feed, bars);
    memset(event, 0, sizeof *event);
    if (feed->kind == FEED_SPLITS) {
        take_split(feed, event);
    } else {
        take_quote(feed, event);
        status = step_quote(feed, err);
        if (status)
            return status;
    }
    reorder(feeds);
    return 1;
}

/* The place behind the last bar of the present run that ended at `until` or before. */
static uint32_t ended_until(const struct feed *feed, turret_time_ns until)
{
    const turret_time_ns *time = feed->series.run.time;
    uint32_t low = feed->handed_from, high = feed->series.at;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (time[middle] + feed->timeframe_ns <= until)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool feeds_last_bar(const struct feeds *feeds, turret_instrument instrument, turret_time_ns until,
                    struct turret_bar *bar)
{
    uint32_t f, end;
    bool found = false;
    for (f = 0; f < feeds->count; f++) {
        const struct feed *feed = &feeds->feeds[f];
        struct turret_bar newest = feed->last;
        if (feed->kind != FEED_BARS || feed->instrument != instrument)
            continue;
        end = ended_until(feed, until);
        if (end > feed->handed_from)
            row(feed, end - 1, &newest);
        if (newest.instrument &&
            (!found || newest.time + newest.timeframe_ns > bar->time + bar->timeframe_ns)) {
            *bar = newest;
            found = true;
        }
    }
    return found;
}
