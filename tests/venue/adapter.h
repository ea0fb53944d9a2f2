/* SPDX-License-Identifier: Apache-2.0 */
/* The adapter `test.venue`: the connection and requests (adapter.c), the lines (adapter_lines.c).
 */
#ifndef VENUE_ADAPTER_H
#define VENUE_ADAPTER_H

#include <turret/broker.h>

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/un.h>

#define ROOM        65536
#define PENDING_MAX 1024

/* A request that was sent and not answered. */
struct pending {
    uint64_t order_id;
    uint32_t kind, request;
    int64_t sent_ns; /* monotonic */
};

struct state {
    uint32_t subscribed; /* by instrument: its bars are wanted */
    struct sockaddr_un address;
    struct sockaddr_in loopback; /* used when its port is not 0 */
    int socket;                  /* -1: none */
    bool connected, held;
    bool downloading;   /* nothing is known to be whole before it ends well */
    bool syncing;       /* lines were missed: everything up to the download is passed over */
    bool told;          /* a download was asked for since the host wanted one */
    bool pinged;        /* nothing was heard for a heartbeat */
    int64_t heard_ns;   /* monotonic */
    int64_t limited_ns; /* no new order before that */
    int64_t banned_ns;  /* no connection before that */
    int64_t heartbeat_ns, answer_ns;
    uint64_t sequence;            /* of the newest line */
    int32_t odd_answer;           /* 0: none */
    uint32_t attempts;            /* to connect, since the last success */
    int refused;                  /* errno of the last of them, which was reported; 0: none */
    turret_time_ns since;         /* everything before was heard */
    turret_time_ns heard;         /* newest */
    int64_t dead_man_ns, sent_ns; /* 0: no timer at the venue; monotonic */
    uint32_t pending_count;
    struct pending pending[PENDING_MAX];
    size_t in_used, out_used;
    char in[ROOM], out[ROOM];
};

enum line_result { LINE_TAKEN, LINE_WAITS, LINE_MISSED };

/* One line of the venue. WAITS: the host's queue is full; MISSED: others before it are lost. */
enum line_result adapter_line(struct turret_broker *self, const char *line);
/* Says UNKNOWN of the oldest pending request. False: the host's queue is full. */
bool adapter_give_up(struct turret_broker *self, const char *why);

#endif
