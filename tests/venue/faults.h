/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the venue does wrong, and when. A script has one fault a line, `#` begins a comment:
 *
 *   after order 5: lost-ack            once, at the fifth order
 *   every 7: duplicate-report          at each seventh of what the fault happens to
 *   every cancel 2: 5xx-placed         at each second cancel
 *   after fill 1: delay-report 20      with an argument: here ticks
 *
 * What is counted: order cancel change query fill report tick download. Without a script each fault
 * of the list that has a chance happens by it.
 */
#ifndef VENUE_FAULTS_H
#define VENUE_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#define FAULTS_MAX 32

/* What happens, and is counted. */
enum fault_event {
    ON_ORDER,
    ON_CANCEL,
    ON_CHANGE,
    ON_QUERY,
    ON_FILL,
    ON_REPORT,
    ON_TICK,
    ON_DOWNLOAD,
    EVENTS
};

/* name, what it counts by itself, argument without one, chance 1 in … without a script (0 never) */
#define FAULT_LIST                                                                                 \
    FAULT(REFUSE, "refuse", ON_ORDER, 0, 16)              /* a proven refusal: margin */           \
    FAULT(LOST_ACK, "lost-ack", ON_ORDER, 0, 20)          /* done, never answered */               \
    FAULT(PLACED_5XX, "5xx-placed", ON_ORDER, 503, 20)    /* done, answered 5xx */                 \
    FAULT(DROPPED_5XX, "5xx-dropped", ON_ORDER, 503, 0)   /* not done, answered 5xx */             \
    FAULT(PLACED_4XX, "4xx-placed-later", ON_ORDER, 8, 0) /* answered 400, done N ticks later */   \
    FAULT(TRUNCATED, "truncated", ON_ORDER, 12, 0) /* done, the answer ends after N bytes */       \
    FAULT(RESET, "reset", ON_ORDER, 0, 0)          /* done, the connection ends N bytes into it */ \
    FAULT(RESET_UNREAD, "reset-unread", ON_ORDER, 0, 0) /* not done, the connection ends */        \
    FAULT(FILL_FIRST, "fill-before-ack", ON_ORDER, 0, 10)                                          \
    FAULT(QUERY_LAG, "query-lag", ON_ORDER, 20, 0) /* queries find it N ticks later */             \
    FAULT(NOT_FOUND, "not-found", ON_QUERY, 0, 8)  /* of an order whose deadline runs */           \
    FAULT(TOO_LATE, "too-late", ON_CANCEL, 0, 0)   /* it fills before its cancel */                \
    FAULT(LATE_FILL, "late-fill", ON_CANCEL, 0, 0) /* it fills after its cancel */                 \
    FAULT(LOST, "lost", ON_CANCEL, 0, 0)           /* not done, never answered */                  \
    FAULT(DUPLICATE, "duplicate-report", ON_REPORT, 0, 10)                                         \
    FAULT(REORDER, "reorder-report", ON_REPORT, 0, 0) /* after the next one */                     \
    FAULT(DELAY, "delay-report", ON_REPORT, 20, 0)    /* N ticks */                                \
    FAULT(GAP, "gap", ON_REPORT, 0, 0)                /* numbered, never sent */                   \
    FAULT(BUST, "bust", ON_FILL, 0, 0)                /* N ticks later */                          \
    FAULT(CORRECT, "correct", ON_FILL, 0, 0)          /* N ticks later: one less */                \
    FAULT(MUTE, "mute", ON_TICK, 0, 0)                /* the stream says nothing any more */       \
    FAULT(FOREIGN, "foreign-order", ON_TICK, 5, 0)    /* somebody's order that rests, of N */      \
    FAULT(MANUAL, "foreign-trade", ON_TICK, 5, 0)     /* somebody's market order, of N */          \
    FAULT(LIMIT, "rate-limit", ON_ORDER, 300, 0)      /* 429 for N ms; thrice more: a ban */       \
    FAULT(BAN, "ban", ON_ORDER, 200, 0)               /* 418, and no connection for N ms */        \
    FAULT(DRIFT, "drift", ON_TICK, 5, 0)              /* the position is N more, unsaid */         \
    FAULT(DEPOSIT, "deposit", ON_TICK, 1000, 0)       /* the cash is N more, unsaid */             \
    FAULT(SESSION_END, "session-end", ON_TICK, 20, 0) /* closed for N ticks, orders expire */      \
    FAULT(SKEW, "clock-skew", ON_TICK, 60, 0)         /* the venue's clock jumps N seconds */      \
    FAULT(FAILED_DOWNLOAD, "failed-download", ON_DOWNLOAD, 0, 0) /* ends early, and says so */     \
    FAULT(HANG_UP, "hang-up", ON_TICK, 0, 1000)                  /* what was not read is lost */

enum fault_kind {
#define FAULT(kind, name, event, argument, chance) FAULT_##kind,
    FAULT_LIST
#undef FAULT
        FAULT_KINDS
};

struct fault {
    enum fault_kind kind;
    enum fault_event on;
    bool every;
    uint64_t number;
    int64_t argument;
};

struct faults {
    bool scripted;
    uint32_t count;
    struct fault list[FAULTS_MAX];
    uint64_t seen[EVENTS];
    bool due[FAULT_KINDS]; /* until it is taken */
    int64_t argument[FAULT_KINDS];
};

/* path NULL: by chance. False: *line is the number of the first line that is wrong, 0 no file. */
bool faults_load(struct faults *faults, const char *path, uint32_t *line);
typedef uint32_t fault_random_fn(uint32_t below);
/* One more of `event`: the faults that this makes due wait until they are taken. */
void faults_count(struct faults *faults, enum fault_event event, fault_random_fn *random);
/* True once when it is due; *argument may be NULL. */
bool faults_take(struct faults *faults, enum fault_kind kind, int64_t *argument);
const char *fault_name(enum fault_kind kind);

#endif
