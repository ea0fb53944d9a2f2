/* SPDX-License-Identifier: Apache-2.0 */
/* Where the venues' books and ours differ: what the core remembers of it. Part of state.h. */
#ifndef CORE_DIFFERENCES_H
#define CORE_DIFFERENCES_H

#include "core/engine.h"

#define ENGINE_ACCOUNTS_MAX 64

/*
 * A venue says something else than the books, which a fill on its way explains: only the same
 * difference said again and again is one.
 */
struct suspicion {
    int64_t difference, ours;
    uint32_t said;    /* times in a row */
    uint32_t at_rest; /* of them with the same number here */
};

/* Busts that came ahead of their fills. */
struct early_bust {
    uint32_t venue; /* ENGINE_NONE: a free place */
    uint32_t reserved;
    struct turret_report_bust bust;
};

#define RECONCILE_EARLY 64
#define RECONCILE_OPEN  256
/* venue.overflow: there is one that had no room in the list; the download under way had room. */
#define RECONCILE_OVERFLOW      1
#define RECONCILE_OVERFLOW_ASKS 2
struct reconciliation {
    uint64_t next_id;
    uint32_t open_count;
    uint32_t early_count; /* oldest first */
    struct difference open[RECONCILE_OPEN];
    struct early_bust early[RECONCILE_EARLY];
    struct suspicion cash[ENGINE_ACCOUNTS_MAX];
    bool journal_behind;
};

/* ---- adopt.c: false: it does not fit, and nothing changed ---- */
bool adopt_position(struct engine *engine, turret_instrument id, turret_qty theirs);
bool adopt_cash(struct engine *engine, struct account *account, turret_money theirs);
/* What the venue has more or less than we; *one says what for what, then. */
bool adopt_difference(struct engine *engine, struct difference *one);

/* ---- absence.c: whether an order that its venue does not find can still arrive ---- */
/* A report, before it is recorded: its time becomes the core's, and it says how far before that the
   venue's own lies. */
void absence_hear(struct engine *engine, struct event *event);
/* The venue's own time of its report; its newest one when it told none of this. 0: it never did. */
turret_time_ns absence_time_of(const struct engine *engine, const struct event *event);
/* The venue does not find it: from the first time on its clock is watched. */
void absence_begin(const struct engine *engine, struct order *order);
/* Whether this time of the venue lies behind the order's deadline, and behind the first time that
   the venue did not find it by as long as an order may take to leave. */
bool absence_is_late(const struct engine *engine, const struct order *order, turret_time_ns told);
/* Whether it counts that the venue does not find it. */
bool absence_counts(const struct engine *engine, const struct order *order);

/* ---- reconcile.c: where the venue's books and ours are not the same ---- */
/* The venue says so. Outside a download only what it says again and again is a difference. */
void reconcile_position(struct engine *engine, const struct event *event);
void reconcile_balance(struct engine *engine, const struct event *event);
/* A working order that the whole download did not have, or one that ended here and works there. */
void reconcile_order(struct engine *engine, const struct order *order, const char *what);
/* What was wrong with the order is over. */
void reconcile_order_known(struct engine *engine, const struct order *order);
/* An execution of nobody's order was booked. */
void reconcile_foreign_fill(struct engine *engine, const struct fill *fill);
/* A download begins: what it says is compared anew. */
void reconcile_begin(struct engine *engine, uint32_t venue);
/* There is one more than the list has room for. Nobody will tell that it ended: a download of all
   of them has to; of an execution none does, so that a person has to resume the venue. */
void reconcile_overflow(struct engine *engine, const struct difference *given);
/* A download ended well: had all of its differences room, the list is whole again. */
void reconcile_whole(struct engine *engine, uint32_t venue);
/* Whether the venue's position of this order's instrument agreed once it could not arrive any more.
 */
bool reconcile_proves_absence(const struct engine *engine, const struct order *order);
/* Nothing trades there: instrument 0 the whole venue. The one place that stops and lets go. */
void reconcile_halt(struct engine *engine, uint32_t venue, turret_instrument instrument);
void reconcile_release(struct engine *engine, uint32_t venue, turret_instrument instrument);
/* Stops what the open ones of this venue still demand, or one that had no room, and nothing else.
 */
void reconcile_stop_again(struct engine *engine, uint32_t venue);
/* NULL: the venue has none in this currency. */
struct account *reconcile_account(struct engine *engine, uint32_t venue, const char currency[8]);
/* Ready is what is complete, agrees, and has told its time if that is asked for. */
void reconcile_settle(struct engine *engine, uint32_t venue);
/* Differences of times that can be added to times. */
static inline bool reconcile_skew_is_sane(int64_t skew_ns, int64_t doubt_ns)
{
    return skew_ns <= EVENT_TIME_MAX && skew_ns >= -EVENT_TIME_MAX && doubt_ns >= 0 &&
           doubt_ns <= EVENT_TIME_MAX / 4;
}
void reconcile_event(struct engine *engine, const struct event *event);
void reconcile_control(struct engine *engine, const struct event_control *control);
/* A bust whose fill has not come is kept for it. False: there are too many. */
bool reconcile_keep_bust(struct engine *engine, const struct event *event);
/* The bust that waited for this execution, once. */
bool reconcile_take_bust(struct engine *engine, uint32_t venue, const char *execution_id,
                         struct turret_report_bust *bust);

#endif
