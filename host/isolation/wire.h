/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host and a runner share: one sealed memory file with a lane in each direction. A lane
 * holds one message; `posted` counts them. A call is a message to the runner, which answers with
 * asks (each of which the host replies to) and then with WIRE_DONE.
 *
 * The runner may write anything at any time: the host reads each number once, into memory of its
 * own, and checks that copy.
 */
#ifndef ISOLATION_WIRE_H
#define ISOLATION_WIRE_H

#include <turret/broker.h>
#include <turret/indicator.h>
#include <turret/strategy.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#define WIRE_BODY    (UINT32_C(17) << 20) /* a state of 16 MiB and what goes with it */
#define WIRE_REPLY   (UINT32_C(64) << 10)
#define WIRE_SLOTS   32 /* indicators one strategy binds */
#define WIRE_BLOCK   512
#define WIRE_REPORTS 1024
#define WIRE_FD      3 /* the memory file in the runner */
#define WIRE_BELL_FD 4 /* an eventfd that wakes the host's loop; adapters only */

/* Calls, host to runner. Callbacks of a kind follow the order of its type. */
enum wire_call_kind {
    WIRE_QUIT = 1,
    WIRE_START, /* strategy: on_start */
    WIRE_STOP,
    WIRE_BAR,
    WIRE_TRADE,
    WIRE_QUOTE,
    WIRE_LEVEL,
    WIRE_STATUS,
    WIRE_ORDER,
    WIRE_FILL,
    WIRE_TIMER,
    WIRE_SAVE,
    WIRE_LOAD,
    WIRE_STATE_SIZE, /* indicator */
    WIRE_BEGIN,
    WIRE_LOOKBACK,
    WIRE_UPDATE,
    WIRE_UPDATE_BLOCK,
    WIRE_OPEN, /* adapter */
    WIRE_DESCRIBE,
    WIRE_CONNECT,
    WIRE_DOWNLOAD,
    WIRE_SUBMIT,
    WIRE_CANCEL,
    WIRE_QUERY_ORDER,
    WIRE_CLOSE,
    WIRE_MODIFY,
    WIRE_FEED,
    WIRE_EXPORT,
    WIRE_IMPORT,
    WIRE_REPLIED = 1000 /* the reply to an ask */
};

/* Runner to host. */
enum wire_answer_kind {
    WIRE_DONE = 1, /* the call returned: status, and what it is about in the body */
    WIRE_READY,    /* the plugin is loaded: its description in the body */
    WIRE_REFUSED,  /* it is not, or on_start() said no: struct turret_error in the body */
    WIRE_ASK_USE,
    WIRE_ASK_TARGET,
    WIRE_ASK_SUBMIT,
    WIRE_ASK_CANCEL,
    WIRE_ASK_MODIFY,
    WIRE_ASK_POSITION,
    WIRE_ASK_ACCOUNT,
    WIRE_ASK_INSTRUMENT,
    WIRE_ASK_FEE,
    WIRE_ASK_SCORE,
    WIRE_ASK_TIMER,
    WIRE_ASK_LOG,
    WIRE_ASK_WRITE, /* a piece of a stream */
    WIRE_ASK_READ,
    WIRE_ASK_REPORT, /* adapter */
    WIRE_ASK_BROKER_TIMER,
    WIRE_ASK_FIND,
    WIRE_ASK_NEXT, /* the first instrument of this venue after `a` */
    WIRE_ASK_BARS
};

/* The first half line: a small message is one cache line with its word. */
struct wire_head {
    uint32_t kind;
    int32_t status;
    uint32_t size; /* bytes of the body */
    uint64_t a, b; /* what the kind says */
};

struct wire_lane {
    _Alignas(64) _Atomic uint32_t posted;
    uint32_t kind;
    int32_t status;
    uint32_t size;
    uint64_t a, b;
    unsigned char body[WIRE_BODY];
};

struct wire_channel {
    _Alignas(64) _Atomic uint32_t host_sleeps; /* the host waits in the kernel for `answers` */
    _Alignas(64) _Atomic uint32_t runner_sleeps;
    _Alignas(64) _Atomic uint32_t trapped; /* 1 + the system call that was not allowed */
    _Alignas(64) struct turret_slot slots[WIRE_SLOTS];
    struct wire_lane calls;
    struct wire_lane answers;
    _Alignas(64) unsigned char reply[WIRE_REPLY]; /* bodies of replies: a call's stays as it is */
};

/* ---- bodies of more than one number ---- */

struct wire_start {
    uint32_t reason, param_count, instrument_count;
    uint32_t fields_bytes; /* packed fields, 0 for a fresh state */
    int64_t timeframe_ns;
    turret_time_ns now;
    /* then parameters, instruments, fields */
};

struct wire_param {
    uint32_t id, type;
    int64_t i;
    double f;
    uint32_t has_text, reserved;
    char text[128];
};

struct wire_use {
    turret_instrument instrument;
    uint32_t reserved;
    int64_t timeframe_ns;
    char expression[256];
};

struct wire_target {
    turret_qty qty;
    char reason[56];
};

struct wire_modify {
    uint64_t order_id;
    turret_qty qty;
    turret_price limit_price, stop_price;
};

struct wire_fee {
    turret_qty qty;
    turret_price price;
};

struct wire_score {
    double score;
    char reason[96];
};

#endif
