/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One adapter on a bench: a host table that looks at every report, timers on a clock of its own,
 * real descriptors, one ledger of requests and their answers. A breach fails the check.
 */
#ifndef CHECK_CHECK_BROKER_H
#define CHECK_CHECK_BROKER_H

#include "check/check_tape.h"
#include "check/check_values.h"

#include <turret/broker.h>

#include <pthread.h>

#define BROKER_INSTRUMENTS 2
#define BROKER_REPORTS     8192
#define BROKER_REQUESTS    256
#define BROKER_WATCHES     16

/* One request and what answered it. */
struct broker_request {
    uint64_t order_id;
    uint32_t kind, request;
    uint32_t definite, unknown; /* answers */
    uint32_t outcome;           /* of the last definite one */
    bool shown; /* the order was reported: a query's answer, and a lost one of a submit */
};

struct broker_bench {
    struct turret_broker handle; /* first: host calls get here from it */
    struct turret_broker_host host;
    struct check *check;
    pthread_t thread; /* who may call the host */
    const struct turret_broker_type *type;
    struct check_values *values;
    struct turret_broker_caps caps;
    struct turret_instrument_def defs[BROKER_INSTRUMENTS];
    struct turret_report reports[BROKER_REPORTS];
    uint32_t report_count;
    uint32_t status; /* newest TURRET_STREAM_… */
    char status_text[96];
    uint32_t downloads_begun, downloads_done;
    int32_t download_result;
    struct broker_request requests[BROKER_REQUESTS];
    uint32_t request_count;
    int64_t timers[8]; /* on the bench's clock; -1 not armed */
    int64_t clock_ns;
    int32_t watched[BROKER_WATCHES];
    uint32_t watch_events[BROKER_WATCHES];
    turret_time_ns now;
    uint64_t next_order;
    struct check_tape tape;
    uint64_t digest; /* of all reports */
    bool open;
};

void broker_bench_init(struct broker_bench *bench, struct check *check,
                       const struct plugin_offer *offer, struct check_values *values);
/* open() and describe(); answers open()'s status. A refusal without a text fails the check. */
int broker_bench_open(struct broker_bench *bench, uint32_t reason, struct turret_error *why);
/*
 * Opens, connects, downloads. False when its venue is not there (skipped with its own words), which
 * a simulated venue may not say.
 */
bool broker_bench_begin(struct broker_bench *bench, struct check *check,
                        const struct plugin_offer *offer);
/* connect(), and download() where it trades; runs until it is ready. Answers whether it is. */
bool broker_bench_connect(struct broker_bench *bench);
/* Lets timers and descriptors come, at most `rounds` of them. */
void broker_bench_pump(struct broker_bench *bench, uint32_t rounds);
/* Shows a simulated venue `count` bars of the tape on every instrument; pumps. */
void broker_bench_feed(struct broker_bench *bench, uint32_t count);
/* close() twice, every request answered. */
void broker_bench_end(struct broker_bench *bench);

/* An order of one lot (ten of the smallest) at this limit; 0 is a market order. */
struct turret_broker_order broker_bench_order(struct broker_bench *bench, uint8_t side,
                                              turret_price limit_price);
/* Carries a request out and enters it in the ledger; answers the adapter's status. */
int broker_bench_request(struct broker_bench *bench, uint32_t kind,
                         const struct turret_broker_order *order);
/* The ledger's newest row of this order and kind; NULL when there is none. */
struct broker_request *broker_bench_answer(struct broker_bench *bench, uint64_t order_id,
                                           uint32_t kind);
/* The newest ORDER report of this order; NULL when there is none. */
const struct turret_report_order *broker_bench_state(const struct broker_bench *bench,
                                                     uint64_t order_id);
/* Fills of this order, each execution counted once. */
turret_qty broker_bench_filled(const struct broker_bench *bench, uint64_t order_id);

/*
 * What became of a submitted order: TURRET_OUTCOME_…, UNKNOWN when it cannot be found out. At a
 * real venue an answer may be lost, so that it is asked for as the host would.
 */
uint32_t broker_bench_fate(struct broker_bench *bench, const struct turret_broker_order *order);

/* A whole short life; whether open() took these values. For checks of every kind. */
void broker_bench_live(struct check *check, const struct plugin_offer *offer,
                       struct check_values *values);
bool broker_bench_try(struct check *check, const struct plugin_offer *offer,
                      struct check_values *values);

#endif
