/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies between a venue and the host: an adapter (adapter.c) and a line that delays, loses,
 * repeats and reorders. The adapter keeps the contract of <turret/broker.h>: what it answers to a
 * request it sent, that it notices a gap, that each connection begins with a download.
 */
#ifndef SIMULATE_WIRE_H
#define SIMULATE_WIRE_H

#include "exchange.h"

#define WIRE_PENDING 512
#define WIRE_TIMEOUT (3 * SECOND)

/* A message on its way. */
struct message {
    uint32_t session; /* of the connection it belongs to */
    uint32_t next;    /* of those that are free */
    uint32_t kind;    /* TURRET_REQUEST_… of a request */
    uint32_t number;  /* of an order report: the venue's order */
    uint64_t version;
    union {
        struct turret_broker_order request;
        struct turret_report report;
    } u;
};

/* The adapter waits for an answer to this. */
struct pending {
    uint64_t order_id, number;
    uint32_t kind, request;
};

struct wire {
    struct world *world;
    struct exchange *exchange;
    struct turret_broker *broker; /* NULL: no host is there */
    bool up, outage, gap, downloading;
    uint32_t session;
    turret_time_ns told_since; /* everything before was told for certain; by the venue's clock */
    struct message *messages;
    uint32_t message_count, message_room, free;
    struct pending pending[WIRE_PENDING];
    uint32_t pending_count;
    uint64_t pending_number;
    struct ids versions; /* the adapter's: newest report of each order */
    struct ids sent;     /* every client id that ever left the host */
};

int wire_create(struct wire **out, struct world *world, struct exchange *exchange);
void wire_destroy(struct wire *wire);
void wire_start(struct wire *wire);

/* ---- adapter.c ---- */
extern const struct turret_broker_type adapter_type;
/* The line is cut; what was on it is lost. */
void adapter_lost(struct wire *wire, const char *why);
/* A report of the line is here. False: the host's queue is full. */
bool adapter_hear(struct wire *wire, const struct turret_report *report);
void adapter_answer(struct wire *wire, const struct turret_report *report);
void adapter_connect(struct wire *wire);

/* ---- wire.c ---- */
/* False: it is lost before it left. */
bool wire_request(struct wire *wire, uint32_t kind, const struct turret_broker_order *request);
/* What a download consists of, now. */
void wire_download(struct wire *wire, turret_time_ns since);
struct turret_report wire_report(const struct wire *wire, uint32_t type);

#endif
