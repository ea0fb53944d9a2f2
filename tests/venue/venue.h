/* SPDX-License-Identifier: Apache-2.0 */
/* The fake venue's one instance, shared by its files: clients and what they are told. */
#ifndef VENUE_VENUE_H
#define VENUE_VENUE_H

#include "book.h"
#include "faults.h"

#include <stddef.h>

#define CLIENTS_MAX 8
#define IN_ROOM     65536
#define OUT_ROOM    ((size_t)8 << 20)
#define LINE_ROOM   256
#define LATER_MAX   64
#define BAR_NS      INT64_C(1000000000)

struct client {
    int socket;      /* -1: free */
    uint32_t linger; /* ticks until what a dead client left is read */
    bool dead;
    bool closing; /* once everything was sent */
    bool streams; /* it has downloaded: reports are for it, too */
    bool armed;   /* its lines keep the dead-man timer from firing */
    uint64_t sequence;
    uint64_t mute_until; /* tick */
    size_t in_used, out_used;
    char in[IN_ROOM];
    char *out;
};

/* What happens some ticks later. */
struct later {
    uint64_t due; /* tick, 0: a free place */
    enum { LATER_LINE, LATER_ORDER, LATER_BUST, LATER_FILL, LATER_CHANGE } what;
    char line[LINE_ROOM]; /* LATER_LINE */
    struct book_order wanted;
    uint32_t number; /* of the fill or order */
    int64_t qty;
};

struct venue {
    struct book book;
    struct faults faults;
    int listener;
    uint32_t pace_ms, busy;
    uint64_t max_bars, idle_ticks, idle;
    uint32_t told; /* fills the stream has been told of */
    uint64_t closed_until;
    int64_t limited_until_ms, banned_until_ms;
    uint32_t strikes;              /* requests while limited */
    int64_t skew_s;                /* by the script, of its clock */
    int64_t dead_man_ms, heard_ms; /* 0: no timer; the newest line of a client that armed it */
    struct later later[LATER_MAX];
    char held[LINE_ROOM]; /* a report that waits for the next one */
    uint64_t held_since;
    struct client clients[CLIENTS_MAX];
    struct client *current; /* whose stream faults happen to: of those that downloaded */
};

extern struct venue venue;

int64_t now_ms(void); /* monotonic */

/* ---- wire.c: lines out, each with its number in the connection ---- */
void client_drop(struct client *client);
/* The stream's client is gone: another one that downloaded takes its place. */
void client_next(void);
void client_flush(struct client *client);
/* To everybody who downloaded; faults of the connection are those of the current one. */
void tell_stream(const char *line);
void tell(struct client *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* To the stream; what faults do to it happens here. */
void tell_report(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A report that was delayed, as it is. */
void tell_late(const char *line);
void tell_held(void);
void tell_answer(struct client *to, const char *id, const char *kind, uint32_t request, int code,
                 uint32_t number, const char *reason);
void tell_order(const struct book_order *order);
/* Part of a download, or a query's answer. */
void tell_order_snapshot(struct client *to, const struct book_order *order);
void tell_fill_again(struct client *to, const struct book_fill *fill);
void tell_bust_again(struct client *to, const struct book_fill *fill);
void tell_bust(const struct book_fill *fill);
void tell_new_fills(void);

/* ---- changes.c ---- */
/* `MODIFY id request qty limit stop deadline`, without its first word. */
void change_asked(struct client *from, const char *line);
/* A change that was put off. */
void change_late(const struct book_order *wanted);

/* ---- requests.c ---- */
void request_line(struct client *from, const char *line);
/* At the end of every tick: what was put off. */
void requests_tick(void);
/* Nothing was heard for too long: everything of the client is cancelled. */
void requests_dead_man(void);
/* A place to put something off, NULL when there are too many. */
struct later *later_add(uint64_t ticks);
/* A fault happened: a line in the log of a scripted venue. */
void log_fault(enum fault_kind kind, const char *id);
/* True once when this fault is due, which is logged; *argument may be NULL. */
bool fault_due(enum fault_kind kind, int64_t *argument, const char *id);
uint32_t chance(uint32_t below);
/* Queries and downloads do not know it yet. */
bool is_hidden(const struct book_order *order);

#endif
