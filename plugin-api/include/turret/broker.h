/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a broker or market-data adapter. The host calls the functions of turret_broker_type; the
 * adapter answers later through turret_broker_host.report(). Nothing here blocks.
 *
 * The contract both sides keep:
 *  1. The host makes the intent and a never-reused client id durable before it calls submit(); a
 *     retry of the same request reuses that id.
 *  2. Each request ends in exactly one definite TURRET_REPORT_ACK, or in one that says UNKNOWN.
 *  3. Only proven non-acceptance is REJECTED. Anything else is UNKNOWN.
 *  4. Fills may be reported more than once, early, late or out of order; the host removes
 *     duplicates by (account, execution_id).
 *  5. Payloads are immutable and live until the call returns; numbers are scaled integers.
 *  6. Every connect or reconnect begins with a download. Nothing trades before it is reconciled.
 *  7. Absent is not flat and not cancelled; a query that failed is not an empty answer.
 *  8. An operation that was not advertised returns TURRET_ENOTSUP. No silent no-ops.
 *  9. close() can be called twice.
 */
#ifndef TURRET_BROKER_H
#define TURRET_BROKER_H

#include <turret/orders.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what an adapter can do ---- */

#define TURRET_CAN_TRADE           (1u << 0) /* submit, cancel, query_order */
#define TURRET_CAN_MODIFY          (1u << 1)
#define TURRET_CAN_BATCH           (1u << 2) /* submit_batch, cancel_batch */
#define TURRET_CAN_CANCEL_ALL      (1u << 3)
#define TURRET_CAN_QUERY_FILLS     (1u << 4)
#define TURRET_CAN_QUERY_POSITIONS (1u << 5)
#define TURRET_CAN_QUERY_BALANCES  (1u << 6)
#define TURRET_CAN_SUBSCRIBE       (1u << 7)
#define TURRET_CAN_HISTORY         (1u << 8)
#define TURRET_CAN_DEAD_MAN        (1u << 9) /* set_cancel_on_disconnect */
#define TURRET_CAN_SERVER_TIME     (1u << 10)
#define TURRET_CAN_COMMAND         (1u << 11)
#define TURRET_CAN_EXPORT          (1u << 12) /* quiesce, export_state, import_state */
/*
 * A simulated venue: the host feeds it every market event of its instruments through feed(), before
 * anybody else sees that event, and runs it in lockstep: no timer fires while an order of an
 * earlier event is not yet durable and sent. Paper, replay and backtest then fill alike.
 */
#define TURRET_CAN_SIMULATE (1u << 13)
#define TURRET_CAN_ICEBERG  (1u << 14) /* display_qty */

#define TURRET_ID_DIGITS (1u << 0)
#define TURRET_ID_LOWER  (1u << 1)
#define TURRET_ID_UPPER  (1u << 2)
#define TURRET_ID_DASH   (1u << 3)

#define TURRET_IDEMPOTENT_NEVER  0 /* the same client id twice makes two orders */
#define TURRET_IDEMPOTENT_OPEN   1 /* refused while the first is open */
#define TURRET_IDEMPOTENT_ALWAYS 2 /* refused for the life of the account */

#define TURRET_FILTER_ACCOUNT    (1u << 0)
#define TURRET_FILTER_INSTRUMENT (1u << 1)
#define TURRET_FILTER_SIDE       (1u << 2)

/* What describe() answers. Host memory, zeroed; grows at the end. */
struct turret_broker_caps {
    uint32_t struct_size;
    uint32_t can;                 /* TURRET_CAN_… */
    uint32_t order_types;         /* 1u << TURRET_ORDER_… */
    uint32_t times_in_force;      /* 1u << TURRET_TIF_… */
    uint32_t order_flags;         /* TURRET_ORDER_… that the venue enforces itself */
    uint32_t id_length;           /* longest client id it takes, at most 39 */
    uint32_t id_characters;       /* TURRET_ID_… */
    uint32_t idempotency;         /* TURRET_IDEMPOTENT_… */
    uint32_t cancel_filters;      /* TURRET_FILTER_… */
    uint32_t history_bars;        /* most bars one history() gives, 0 none */
    uint32_t requests_per_second; /* 0 = not limited */
    uint32_t reserved;
    /* What an order's fills cost at most: max(min, qty × per_unit + notional × rate), all 10^-9. */
    int64_t fee_min_nano, fee_per_unit_nano, fee_rate_nano;
};

/* ---- what the host sends ---- */

/* Grows at the end: those of a batch lie orders[0].struct_size bytes apart. */
struct turret_broker_order {
    uint32_t struct_size;
    turret_instrument instrument;
    uint64_t order_id;
    char client_id[40]; /* order_id in the venue's alphabet, NUL-terminated */
    uint8_t side, type, tif, reserved;
    uint32_t flags;
    turret_qty qty;
    turret_price limit_price, stop_price;
    turret_time_ns deadline; /* not to be sent after this */
    uint32_t request;        /* version of the request; grows with each modify */
    uint32_t reserved2;
    turret_time_ns expires; /* GTD; else 0 */
    turret_price trail;     /* TRAILING_STOP; stop_price is where it stands now */
    turret_qty display_qty; /* with TURRET_CAN_ICEBERG: shown at a time; 0 all of it */
};

/* ---- what the adapter reports ---- */

#define TURRET_REPORT_STREAM     1
#define TURRET_REPORT_DOWNLOAD   2
#define TURRET_REPORT_INSTRUMENT 3
#define TURRET_REPORT_STATUS     4
#define TURRET_REPORT_ACK        5
#define TURRET_REPORT_ORDER      6
#define TURRET_REPORT_FILL       7
#define TURRET_REPORT_BUST       8
#define TURRET_REPORT_POSITION   9
#define TURRET_REPORT_BALANCE    10
#define TURRET_REPORT_RATE_LIMIT 11
#define TURRET_REPORT_GAP        12
#define TURRET_REPORT_BAR        13
#define TURRET_REPORT_TRADE      14
#define TURRET_REPORT_QUOTE      15
#define TURRET_REPORT_LEVEL      16
#define TURRET_REPORT_SPLIT      17
#define TURRET_REPORT_TIME       18

#define TURRET_STREAM_CONNECTING  1
#define TURRET_STREAM_LOGIN       2
#define TURRET_STREAM_DOWNLOADING 3
#define TURRET_STREAM_READY       4
#define TURRET_STREAM_STALE       5
#define TURRET_STREAM_DOWN        6
#define TURRET_STREAM_FINISHED    7 /* a finite feed has nothing more */

#define TURRET_REQUEST_SUBMIT 1
#define TURRET_REQUEST_MODIFY 2
#define TURRET_REQUEST_CANCEL 3
#define TURRET_REQUEST_QUERY  4

#define TURRET_OUTCOME_OK        1
#define TURRET_OUTCOME_REJECTED  2 /* proven: the venue did not take it */
#define TURRET_OUTCOME_UNKNOWN   3 /* sent, outcome not known */
#define TURRET_OUTCOME_NOT_FOUND 4 /* a query's answer: the venue knows no such order now */

#define TURRET_ORIGIN_HOST    0 /* answers a request of ours */
#define TURRET_ORIGIN_VENUE   1 /* the venue did it by itself: expiry, bust, halt */
#define TURRET_ORIGIN_FOREIGN 2 /* another session or a person on the same account */

struct turret_report_stream {
    uint32_t status; /* TURRET_STREAM_… */
    uint32_t reserved;
    char text[88];
};

struct turret_report_download {
    uint32_t done;  /* 0 begins, 1 ends */
    int32_t result; /* TURRET_OK or why the download is not complete */
};

struct turret_report_ack {
    uint64_t order_id;
    uint32_t kind;    /* TURRET_REQUEST_… */
    uint32_t request; /* version of the request answered */
    uint32_t outcome; /* TURRET_OUTCOME_… */
    uint32_t origin;  /* TURRET_ORIGIN_… */
    int64_t round_trip_ns;
    char venue_order_id[40];
    char reason[40];
};

/* An order as the venue has it. Quantities are totals, not changes. */
struct turret_report_order {
    uint64_t order_id; /* 0 when it is not ours */
    turret_instrument instrument;
    uint8_t state; /* TURRET_STATE_…, ACCEPTED and later */
    uint8_t side, type, tif;
    uint32_t origin;   /* TURRET_ORIGIN_… */
    uint32_t snapshot; /* 1 part of a download or a query's answer */
    turret_qty qty, filled_qty;
    turret_price limit_price, stop_price;
    uint64_t venue_sequence; /* rises with its changes; a lower one is older news; 0: has none */
    char venue_order_id[40];
    char reason[40];
};

struct turret_report_fill {
    uint64_t order_id; /* 0 when it is not ours */
    turret_instrument instrument;
    uint8_t side, maker;
    uint8_t reserved[2];
    turret_qty qty;
    turret_price price;
    turret_money fee;      /* in the instrument's currency, negative is a rebate */
    char execution_id[40]; /* unique in the account */
    char venue_order_id[40];
};

/* Takes an execution back; with corrected_qty > 0 puts another in its place. */
struct turret_report_bust {
    char execution_id[40];
    char new_execution_id[40];
    turret_qty corrected_qty;
    turret_price corrected_price;
};

struct turret_report_position {
    turret_instrument instrument;
    uint32_t reserved;
    turret_qty qty;
    turret_price average_price;
};

struct turret_report_balance {
    char currency[8];
    turret_money cash;
};

struct turret_report_rate_limit {
    turret_time_ns until;
    uint32_t banned; /* 1: the venue closed the door; 0: slow down */
    uint32_t reserved;
};

struct turret_report_gap {
    turret_instrument instrument; /* 0: the order stream */
    uint32_t reserved;
    uint64_t expected, received; /* sequence numbers */
};

/* The answer to server_time(): the venue's clock when it answered, Unix time. */
struct turret_report_time {
    turret_time_ns time;
};

/* One report. Only the member that `type` names is read. Borrowed for the call. */
struct turret_report {
    uint32_t struct_size;
    uint32_t type;       /* TURRET_REPORT_… */
    turret_time_ns time; /* the venue's time of it; 0 when it gave none */
    union {
        struct turret_report_stream stream;
        struct turret_report_download download;
        struct turret_instrument_def instrument;
        struct turret_status status;
        struct turret_report_ack ack;
        struct turret_report_order order;
        struct turret_report_fill fill;
        struct turret_report_bust bust;
        struct turret_report_position position;
        struct turret_report_balance balance;
        struct turret_report_rate_limit rate_limit;
        struct turret_report_gap gap;
        struct turret_bar bar;
        struct turret_trade trade;
        struct turret_quote quote;
        struct turret_level level;
        struct turret_split split;
        struct turret_report_time server_time;
    } u;
};

struct turret_broker;

#define TURRET_WATCH_READ  1u
#define TURRET_WATCH_WRITE 2u

/*
 * What the host offers an adapter. when: core thread, any time between open() and close().
 */
struct turret_broker_host {
    uint32_t struct_size;
    uint32_t reserved;
    /* fails: EINVAL the report is malformed and dropped; ELIMIT the ingest queue is full, try later
     */
    int32_t (*report)(struct turret_broker *self, const struct turret_report *report);
    /* on_fd() when the descriptor is ready; events 0 ends it. At most 16 descriptors. */
    int32_t (*watch)(struct turret_broker *self, int32_t descriptor, uint32_t events);
    /* on_timer(timer_id) after delay_ns; negative clears it. timer_id 0…7. */
    int32_t (*timer)(struct turret_broker *self, uint32_t timer_id, int64_t delay_ns);
    /* The instrument with this symbol at this venue; 0 when the config has none. */
    turret_instrument (*find_instrument)(struct turret_broker *self, const char *symbol);
    const struct turret_instrument_def *(*instrument)(struct turret_broker *self,
                                                      turret_instrument instrument);
    /* Calls `each` for every instrument routed to this venue or fed by it, in id order. */
    void (*each_instrument)(struct turret_broker *self, void *context,
                            void (*each)(void *context, const struct turret_instrument_def *def));
    /*
     * Stored bars of an instrument from `from` on, oldest first; answers how many were copied.
     * ENOTSUP: nothing is stored here (turret config check without a store).
     */
    int64_t (*read_bars)(struct turret_broker *self, turret_instrument instrument,
                         int64_t timeframe_ns, turret_time_ns from, struct turret_bar *bars,
                         uint32_t capacity);
    /* Monotonic time, for round trips and time-outs. */
    int64_t (*monotonic_ns)(struct turret_broker *self);
    void (*log)(struct turret_broker *self, uint32_t level, const char *text);
    const void *(*get_extension)(struct turret_broker *self, const char *name_and_revision);
};

/* Why and with what an adapter opens. Borrowed for open(). */
struct turret_broker_open {
    uint32_t struct_size;
    uint32_t reason; /* TURRET_REASON_… */
    const struct turret_param_value *params;
    uint32_t param_count;
    uint32_t seed;        /* the config's market seed; 0 when it has none */
    const char *venue;    /* the config's name of this venue, "sim" */
    const char *account;  /* "demo" */
    turret_time_ns now;   /* time of the last event, 0 on a first start */
    turret_time_ns until; /* 0, or where a finite session ends */
};

/* One open adapter. The host's; `state` is zeroed before open(). */
struct turret_broker {
    void *state;
    const struct turret_broker_host *host;
};

/*
 * An adapter's type. Static, read-only. Required: describe, open, connect, close, and with
 * TURRET_CAN_TRADE download, submit, cancel, query_order; every other one only with its
 * TURRET_CAN_.
 *
 * when (all): core thread; nothing blocks.
 * returns:    TURRET_OK the request was taken, its answer comes by report(); EUNKNOWN it may have
 * been sent, and the host asks. Any other error proves that nothing was sent, not a byte: EIO may
 * not follow a part of a write. A number above 0 and EFAULT prove nothing and are EUNKNOWN.
 */
struct turret_broker_type {
    uint32_t struct_size;
    uint32_t state_size;
    const char *id; /* "turret.sim" */
    const char *version;
    const char *summary;
    const struct turret_param *params;
    uint32_t param_count;
    uint32_t state_schema;

    int32_t (*describe)(struct turret_broker *self, struct turret_broker_caps *caps,
                        struct turret_error *err); /* after open() */
    int32_t (*open)(struct turret_broker *self, const struct turret_broker_open *open,
                    struct turret_error *err);
    int32_t (*connect)(struct turret_broker *self, struct turret_error *err);
    /* Orders, fills, positions, balances since then; between DOWNLOAD begin and end. */
    int32_t (*download)(struct turret_broker *self, turret_time_ns since, struct turret_error *err);
    int32_t (*submit)(struct turret_broker *self, const struct turret_broker_order *order,
                      struct turret_error *err);
    int32_t (*cancel)(struct turret_broker *self, const struct turret_broker_order *order,
                      struct turret_error *err);
    int32_t (*query_order)(struct turret_broker *self, const struct turret_broker_order *order,
                           struct turret_error *err);
    void (*close)(struct turret_broker *self);

    void (*on_timer)(struct turret_broker *self, uint32_t timer_id);
    void (*on_fd)(struct turret_broker *self, int32_t descriptor, uint32_t events);

    int32_t (*modify)(struct turret_broker *self, const struct turret_broker_order *order,
                      struct turret_error *err);
    int32_t (*submit_batch)(struct turret_broker *self, const struct turret_broker_order *orders,
                            uint32_t count, struct turret_error *err);
    int32_t (*cancel_batch)(struct turret_broker *self, const struct turret_broker_order *orders,
                            uint32_t count, struct turret_error *err);
    int32_t (*cancel_all)(struct turret_broker *self, uint32_t filter, turret_instrument instrument,
                          uint32_t side, struct turret_error *err);
    int32_t (*query_fills)(struct turret_broker *self, turret_time_ns since,
                           struct turret_error *err);
    int32_t (*query_positions)(struct turret_broker *self, struct turret_error *err);
    int32_t (*query_balances)(struct turret_broker *self, struct turret_error *err);
    /*
     * From open() on; remembered when not connected. Data a strategy needs: reports are
     * 1u << TURRET_REPORT_…, timeframe_ns is that of the bars, 0 none. EINVAL: never to come from
     * here, and err says what comes (which timeframes there are).
     */
    int32_t (*subscribe)(struct turret_broker *self, turret_instrument instrument, uint32_t reports,
                         int64_t timeframe_ns, struct turret_error *err);
    int32_t (*unsubscribe)(struct turret_broker *self, turret_instrument instrument,
                           uint32_t reports, struct turret_error *err);
    int32_t (*history)(struct turret_broker *self, turret_instrument instrument,
                       int64_t timeframe_ns, turret_time_ns from, turret_time_ns to,
                       struct turret_error *err);
    int32_t (*set_cancel_on_disconnect)(struct turret_broker *self, int64_t after_ns,
                                        struct turret_error *err); /* 0 turns it off */
    /* Answered by TURRET_REPORT_TIME; one question at a time. */
    int32_t (*server_time)(struct turret_broker *self, struct turret_error *err);
    int32_t (*command)(struct turret_broker *self, const char *name, const char *json,
                       struct turret_error *err);
    int32_t (*quiesce)(struct turret_broker *self, struct turret_error *err);
    int32_t (*export_state)(struct turret_broker *self, struct turret_stream *to,
                            struct turret_error *err);
    int32_t (*import_state)(struct turret_broker *self, struct turret_stream *from,
                            struct turret_error *err);
    /* With TURRET_CAN_SIMULATE: BAR, TRADE, QUOTE, LEVEL, STATUS or SPLIT; may report at once. */
    void (*feed)(struct turret_broker *self, const struct turret_report *event);
};

/* Makes this file a plugin that offers the adapter type `type_object`. */
#define TURRET_BROKER(id_text, version_text, type_object)                                          \
    static const struct turret_offer turret_offers[] = {                                           \
        {TURRET_KIND_BROKER, 0, NULL, NULL, &type_object}};                                        \
    TURRET_PLUGIN(id_text, version_text, TURRET_KIND_BROKER, turret_offers)

TURRET_STATIC_ASSERT(sizeof(struct turret_broker_caps) == 72, "turret_broker_caps");
TURRET_STATIC_ASSERT(offsetof(struct turret_broker_caps, fee_min_nano) == 48, "caps.fee_min_nano");
TURRET_STATIC_ASSERT(sizeof(struct turret_broker_order) == 128, "turret_broker_order");
TURRET_STATIC_ASSERT(offsetof(struct turret_broker_order, client_id) == 16, "order.client_id");
TURRET_STATIC_ASSERT(offsetof(struct turret_broker_order, qty) == 64, "order.qty");
TURRET_STATIC_ASSERT(offsetof(struct turret_broker_order, expires) == 104, "order.expires");
TURRET_STATIC_ASSERT(sizeof(struct turret_report_ack) == 112, "turret_report_ack");
TURRET_STATIC_ASSERT(sizeof(struct turret_report_order) == 144, "turret_report_order");
TURRET_STATIC_ASSERT(sizeof(struct turret_report_fill) == 120, "turret_report_fill");
TURRET_STATIC_ASSERT(sizeof(struct turret_report_bust) == 96, "turret_report_bust");
TURRET_STATIC_ASSERT(offsetof(struct turret_report, u) == 16, "turret_report.u");
TURRET_STATIC_ASSERT(sizeof(struct turret_report) == 160, "turret_report");
TURRET_STATIC_ASSERT(sizeof(struct turret_broker_open) == 56, "turret_broker_open");
TURRET_STATIC_ASSERT(offsetof(struct turret_broker_type, describe) == 48, "broker_type.describe");
TURRET_STATIC_ASSERT(offsetof(struct turret_broker_type, feed) == 256, "broker_type.feed");
TURRET_STATIC_ASSERT(sizeof(struct turret_report_stream) == 96, "turret_report_stream");
TURRET_STATIC_ASSERT(sizeof(struct turret_report_download) == 8, "turret_report_download");
TURRET_STATIC_ASSERT(sizeof(struct turret_report_position) == 24, "turret_report_position");
TURRET_STATIC_ASSERT(sizeof(struct turret_report_balance) == 16, "turret_report_balance");
TURRET_STATIC_ASSERT(sizeof(struct turret_report_rate_limit) == 16, "turret_report_rate_limit");
TURRET_STATIC_ASSERT(sizeof(struct turret_report_gap) == 24, "turret_report_gap");
TURRET_STATIC_ASSERT(sizeof(struct turret_report_time) == 8, "turret_report_time");
TURRET_STATIC_ASSERT(sizeof(struct turret_broker_host) == 88, "turret_broker_host");
TURRET_STATIC_ASSERT(sizeof(struct turret_broker) == 16, "turret_broker");
TURRET_STATIC_ASSERT(sizeof(struct turret_broker_type) == 264, "turret_broker_type");

#ifdef __cplusplus
}
#endif

#endif
