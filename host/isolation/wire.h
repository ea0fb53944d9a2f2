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
#define WIRE_REPORTS 64 /* an adapter sends at once */
#define WIRE_FD      3  /* the memory file in the runner */
/* Adapters have descriptors to wait for, so calls and the host's attention go by eventfd too. */
#define WIRE_CALL_FD 4 /* written by the host when the runner sleeps in poll() */
#define WIRE_BELL_FD 5 /* written by the runner when a descriptor of the adapter is ready */

/* Calls, host to runner. Callbacks of a kind follow the order of its type. */
enum wire_call_kind {
    WIRE_START = 1, /* strategy: on_start */
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
    WIRE_CONVERT,       /* strategy: from schema a to b */
    WIRE_CHECK,         /* strategy: on_check; a status that is not OK denies */
    WIRE_ADAPTER = 100, /* and the place of the callback in turret_broker_type */
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
    WIRE_ASK_REPORT, /* adapter: at most WIRE_REPORTS of them; the reply's `a` were taken */
    WIRE_ASK_DELAY,  /* its timer(): a which, b how long */
    WIRE_ASK_FIND,
    WIRE_ASK_NEXT, /* the first instrument of this venue after `a` */
    WIRE_ASK_BARS,
    WIRE_ASK_SAVED, /* converter: reads or sets a value */
    WIRE_ASK_DENY   /* strategy, once a check: why it says no */
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
    _Alignas(64) _Atomic uint32_t host_sleeps;   /* the host waits in the kernel for `answers` */
    _Alignas(64) _Atomic uint32_t runner_sleeps; /* 1 in the kernel for `calls`, 2 in poll() */
    _Alignas(64) _Atomic uint32_t trapped;       /* 1 + the system call that was not allowed */
    _Alignas(64) struct turret_slot slots[WIRE_SLOTS];
    struct wire_lane calls;
    struct wire_lane answers;
    _Alignas(64) unsigned char reply[WIRE_REPLY]; /* bodies of replies: a call's stays as it is */
};

/* Callbacks of an adapter by their place in its type. */
enum wire_adapter_call {
    ADAPTER_DESCRIBE,
    ADAPTER_OPEN,
    ADAPTER_CONNECT,
    ADAPTER_DOWNLOAD,
    ADAPTER_SUBMIT,
    ADAPTER_CANCEL,
    ADAPTER_QUERY_ORDER,
    ADAPTER_CLOSE,
    ADAPTER_ON_TIMER,
    ADAPTER_ON_FD, /* all that are ready: the host does not know them */
    ADAPTER_MODIFY,
    ADAPTER_SUBMIT_BATCH,
    ADAPTER_CANCEL_BATCH,
    ADAPTER_CANCEL_ALL,
    ADAPTER_QUERY_FILLS,
    ADAPTER_QUERY_POSITIONS,
    ADAPTER_QUERY_BALANCES,
    ADAPTER_SUBSCRIBE,
    ADAPTER_UNSUBSCRIBE,
    ADAPTER_HISTORY,
    ADAPTER_DEAD_MAN,
    ADAPTER_SERVER_TIME,
    ADAPTER_COMMAND,
    ADAPTER_QUIESCE,
    ADAPTER_EXPORT,
    ADAPTER_IMPORT,
    ADAPTER_FEED,
    ADAPTER_CALLS
};

/*
 * The host's way to read: what follows works on the copy, and the compiler may not think that the
 * original still is the same.
 */
static inline void wire_take(void *to, const void *from, size_t size)
{
    memcpy(to, from, size);
    __asm__ volatile("" : : : "memory");
}

static inline void wire_take_head(struct wire_head *to, const struct wire_lane *from)
{
    *to = (struct wire_head){from->kind, from->status, from->size, from->a, from->b};
    __asm__ volatile("" : : : "memory");
}

/* ---- bodies of more than one number ---- */

struct wire_open {
    uint32_t reason, param_count, seed, reserved;
    turret_time_ns now, until;
    char venue[48], account[48];
    /* then parameters */
};

/* The arguments of an adapter's callbacks that take only numbers, in order. */
struct wire_numbers {
    int64_t n[4];
};

struct wire_command {
    char name[256];
    char json[65536];
};

struct wire_bars {
    int64_t timeframe_ns;
    turret_time_ns from;
    uint32_t capacity, reserved;
};
#define WIRE_BARS_MAX (WIRE_REPLY / (uint32_t)sizeof(struct turret_bar))

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

struct wire_check {
    struct turret_order order;
    struct turret_account account;
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

struct wire_saved {
    uint32_t field, index;
    uint32_t of_new, set,
        real; /* of what is saved or of what it becomes; turret_saved's callback */
    uint32_t reserved;
    int64_t i;
    double f;
};

struct wire_score {
    double score;
    char reason[96];
};

#endif
