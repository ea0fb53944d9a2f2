/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a venue of the real world may say of the time. One clock is everybody's in the core, the
 * newest that any of them told: nothing that is heard now happens later than now by this machine's
 * clock, or one wrong stamp would move the time of all of them.
 *
 * That an order never arrived is proven by a stretch on one clock, which nobody sets meanwhile: the
 * venue's own, until it answers without a time or is ahead; from then on this machine's, which goes
 * on from where the venue's was, as time goes on. Never one here and the other there.
 */
#include "session/venues_state.h"

#include "io/clock.h"

#define SECOND INT64_C(1000000000)
/*
 * As far as clocks that are set may be apart; a fixed bound and no limit of risk, because feeds are
 * under it, too, and a limit may be unset or wide. Far below the 30 s in which an order may leave.
 */
#define AHEAD_NS (5 * SECOND)
/* Without such a stamp for so long, it is over. */
#define OVER_NS (60 * SECOND)
/* By one part of so many the time that stands for the venue's is faster, until it is the machine's.
 */
#define CATCH_UP 32

/*
 * This machine's clock as that of the venue. Where it was set forth it is followed no faster than
 * time goes on, and a bit; where it was set back time stands still.
 */
static turret_time_ns paced(struct venue_clock *clock, turret_time_ns machine, int64_t boot_ns)
{
    int64_t since_ns = boot_ns - clock->own_ns;
    turret_time_ns most = clock->own + since_ns + since_ns / CATCH_UP;
    if (clock->own == 0 || machine < most)
        most = machine;
    if (most > clock->own)
        clock->own = most;
    clock->own_ns = boot_ns;
    return clock->own;
}

static void hear_report(struct venue_clock *clock, struct event *event, bool ahead,
                        turret_time_ns machine, int64_t boot_ns)
{
    bool timed = event->time > 0 && event->time <= EVENT_TIME_MAX;
    bool answer = event->type == EVENT_ACK;
    clock->machines = clock->machines || ahead || (answer && !timed);
    if (clock->machines && answer) {
        event->time = paced(clock, machine, boot_ns); /* nothing else says how long it took */
    } else if (clock->machines && timed) {
        event->behind_s = EVENT_UNTIMED;
    } else if (timed) {
        clock->own = event->time > clock->own ? event->time : clock->own;
        clock->own_ns = boot_ns; /* of an older one, too: rather too little goes by than too much */
    }
}

int64_t venues_bound(struct venue_clock *clock, struct event *event, turret_time_ns machine,
                     int64_t boot_ns)
{
    /* the core knows what to do with absurd ones */
    bool absurd = event->time <= 0 || event->time > EVENT_TIME_MAX;
    int64_t ahead_ns = absurd ? 0 : event->time - machine;
    bool ahead = ahead_ns > AHEAD_NS;
    if (ahead)
        event->time = machine;
    if (event->type >= EVENT_STREAM && event->type <= EVENT_GAP)
        hear_report(clock, event, ahead, machine, boot_ns);
    if (!ahead)
        return 0;
    if (boot_ns - clock->last_ns > OVER_NS)
        clock->told_ns = 0;
    clock->last_ns = boot_ns;
    if (clock->told_ns != 0 && ahead_ns / 2 < clock->told_ns)
        return 0;
    clock->told_ns = ahead_ns;
    return ahead_ns;
}

void venues_hear(struct venue_link *link, struct event *event)
{
    const struct venues *venues = link->owner;
    turret_time_ns stamp = event->time;
    int64_t ahead_ns;
    char line[256];
    if (link->caps.can & TURRET_CAN_SIMULATE)
        return; /* its market's time is nobody's clock */
    ahead_ns = venues_bound(&link->clock, event, clock_unix_ns(), clock_boot_ns());
    if (ahead_ns == 0 || !venues->log.line)
        return;
    (void)snprintf(
        line, sizeof line,
        "alarm: venue %s: its event is stamped %lld.%03lld (Unix time), %lld.%03lld s "
        "ahead of this machine's clock; it counts as of now. Set the clock that is wrong",
        venues->config->venues[link->index].name, (long long)(stamp / SECOND),
        (long long)(stamp % SECOND / 1000000), (long long)(ahead_ns / SECOND),
        (long long)(ahead_ns % SECOND / 1000000));
    venues->log.line(venues->log.context, TURRET_LOG_ERROR, line);
}
