/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bars from the host's store, read in chunks and merged by their end, then by instrument id. All
 * have the same timeframe, so the order of their ends is the order of their times.
 */
#include "source.h"

int source_wants(const struct replay *replay, turret_time_ns time, int *past)
{
    turret_time_ns end = time + replay->timeframe_ns;
    *past = time >= replay->to || (replay->until > 0 && end > replay->until);
    return !*past && time >= replay->from && end >= replay->after;
}

/* Has the track's next wanted bar at hand, or ends the track. */
static void refill(struct replay *replay, struct replay_track *track)
{
    while (!track->ended) {
        int past = 0;
        if (track->at < track->count) {
            if (source_wants(replay, track->bar[track->at].time, &past)) {
                return;
            }
            track->ended = (uint32_t)past;
            track->at++;
            continue;
        }
        int64_t count =
            replay->self->host->read_bars(replay->self, track->def->id, replay->timeframe_ns,
                                          track->next_from, track->bar, REPLAY_CHUNK);
        if (count < 0 || count > (int64_t)REPLAY_CHUNK) {
            replay_fault(replay, "stored bars of %.31s could not be read: status %lld",
                         track->def->symbol, (long long)count);
        }
        for (int64_t i = 0; i < count && !replay->faulty; i++) {
            if (track->bar[i].time < track->next_from) {
                replay_fault(replay, "stored bars of %.31s are not in order of time",
                             track->def->symbol);
            }
            track->next_from = track->bar[i].time + 1;
        }
        track->at = 0;
        track->count = count > 0 ? (uint32_t)count : 0;
        track->ended = count <= 0 || replay->faulty;
    }
}

void stored_next(struct replay *replay)
{
    turret_time_ns next = INT64_MAX;
    replay->group_count = 0;
    replay->cursor = 0;
    for (uint32_t i = 0; i < replay->track_count; i++) {
        struct replay_track *track = &replay->track[i];
        refill(replay, track);
        if (!track->ended && track->bar[track->at].time < next) {
            next = track->bar[track->at].time;
        }
    }
    for (uint32_t i = 0; i < replay->track_count && !replay->faulty; i++) {
        struct replay_track *track = &replay->track[i];
        if (!track->ended && track->bar[track->at].time == next) {
            struct turret_bar *bar = &replay->group[replay->group_count++];
            *bar = track->bar[track->at++];
            bar->instrument = track->def->id;
            bar->flags = 0;
            bar->timeframe_ns = replay->timeframe_ns;
        }
    }
    replay->ended = replay->group_count == 0;
}
