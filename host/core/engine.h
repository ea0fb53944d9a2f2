/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core: a deterministic state machine. Events go in, records and commands come out through the
 * sink. No clock, no I/O, no thread; time is what the last event says. A process may hold many.
 *
 * Order of use: engine_create, engine_add_… , engine_start (strategies bind their indicators),
 * optionally engine_restore, then events. One thread at a time.
 */
#ifndef CORE_ENGINE_H
#define CORE_ENGINE_H

#include "core/event.h"
#include "core/ledger.h"
#include "core/orders.h"
#include "core/protection.h"
#include "core/reconcile.h"
#include "core/risk_limits.h"
#include "core/sizing.h"

#include <turret/indicator.h>
#include <turret/strategy.h>

#include <stdbool.h>

#define ENGINE_NAME_MAX       48
#define ENGINE_NONE           UINT32_MAX
#define ENGINE_SESSION_TIMERS 8

/* What leaves the core. Pointers are borrowed for the call. Only `command` is required. */
enum command_kind { COMMAND_SUBMIT = 1, COMMAND_CANCEL, COMMAND_MODIFY, COMMAND_QUERY };
struct command {
    enum command_kind kind;
    uint32_t venue;
    uint64_t sequence; /* durable once the journal holds this sequence */
    struct turret_broker_order order;
};

enum notice_kind {
    NOTICE_LOG,      /* a strategy said something */
    NOTICE_DENIED,   /* risk said no */
    NOTICE_FAULT,    /* a plugin broke its contract and was disabled */
    NOTICE_ALARM,    /* books and venue differ, a late fill, an overfill */
    NOTICE_DROPPED,  /* an event made no sense and was not used */
    NOTICE_DIVERGED, /* a replay lost a runner that the session had */
    NOTICE_SHADOW    /* a build in the shadow would have asked for something else */
};

/* What the books of a venue and ours do not agree on. */
enum difference_kind {
    DIFFERENCE_OF_ORDER = 1,
    DIFFERENCE_OF_FILL,
    DIFFERENCE_OF_POSITION,
    DIFFERENCE_OF_CASH,
    DIFFERENCE_OF_CLOCK
};
enum difference_end { DIFFERENCE_OPEN, DIFFERENCE_AGREED, DIFFERENCE_ADOPTED, DIFFERENCE_DECIDED };
/* Written byte for byte, so padding is explicit. */
struct difference {
    uint64_t id;                 /* 1, 2, 3 … */
    uint64_t sequence;           /* of the event that showed it */
    uint64_t order_id;           /* of an order or fill, else 0 */
    turret_time_ns since, until; /* until 0: it is open */
    uint32_t venue;
    turret_instrument instrument;     /* 0 none */
    uint8_t kind, policy, end, halts; /* halts: nothing trades there meanwhile */
    uint32_t reserved;
    char currency[8];
    int64_t ours, theirs; /* quantity, money, or ns */
    char text[64];        /* what; once it has ended, how */
};
TURRET_STATIC_ASSERT(sizeof(struct difference) == 144, "struct difference has no hidden padding");
/* Whether nothing trades there while it is open: by itself, or a limit of risk sees to it. */
static inline bool difference_stops(const struct difference *one)
{
    return one->halts || one->kind == DIFFERENCE_OF_CLOCK;
}

struct sink {
    void *context;
    void (*journal)(void *context, const struct event *event);
    void (*order)(void *context, const struct order *order);
    void (*fill)(void *context, const struct fill *fill);
    void (*position)(void *context, const struct position *position);
    void (*cash)(void *context, const struct account *account);
    void (*command)(void *context, const struct command *command);
    void (*notice)(void *context, enum notice_kind kind, uint32_t strategy, const char *text);
    /* The UTC day changed: equities stand as of the last event of the day before. */
    void (*day)(void *context, int64_t day);
    /* A simulated venue has working orders: called before the bars of a run are dispatched. */
    void (*match)(void *context, const struct event *event);
    /* In a run of bars: the bar just dispatched caused commands; their answers belong before the
     * next. */
    void (*settle)(void *context);
    /* Risk said no: to a new order (order->state DENIED), or to a change of one. */
    void (*denied)(void *context, const struct order *order, uint32_t denial);
    /* One began, or ended. */
    void (*difference)(void *context, const struct difference *difference);
    /* A trading state or a latched stop changed, or a session began: engine_trading_latch(),
     * engine_stops(). */
    void (*trading)(void *context);
};

/* Capacities; everything is reserved at engine_create(). 0 takes the default beside it. */
struct engine_options {
    uint32_t orders_max;     /* 16384: working and recently ended orders */
    uint32_t intents_max;    /* 4096: of one event */
    uint32_t executions_max; /* 8192: newest fills remembered against duplicates and for busts */
    uint32_t indicators_max; /* 1024 */
    bool recorded_intents;   /* replay: strategies' intents are compared, the journal's are used */
    struct risk_limits risk; /* the account's */
    /* Names of strategies that are gone on purpose: what they held stays with the account. Borrowed
     * until engine_restore() is over. */
    const char (*disowned)[ENGINE_NAME_MAX];
    uint32_t disowned_count;
    /*
     * Holds index + 1 of the strategy whose code runs, 0 in between, so that a crash can be told;
     * with ENGINE_CALLING_BESIDE when it is a build that does not act. NULL: nobody wants to know.
     */
    volatile uint32_t *calling;
    /* Replay: what the journal says was lost, sorted (engine_sort_losses()); borrowed while
     * recorded intents are taken. */
    const struct event_loss *losses;
    uint32_t loss_count;
};
#define ENGINE_CALLING_BESIDE (1u << 31)

struct engine;

int engine_create(struct engine **out, const struct engine_options *options,
                  const struct sink *sink, struct turret_error *err);
/* Stops the strategies with `reason`, frees everything. NULL is allowed. */
void engine_destroy(struct engine *engine, uint32_t reason);

struct engine_venue {
    char name[16];
    struct turret_broker_caps caps;
    bool unarmed; /* every order to it is denied: real money, and nobody said so */
    struct engine_reconcile reconcile;
};
/* Answers the index by *venue. fails: ELIMIT, EEXIST */
int engine_add_venue(struct engine *engine, const struct engine_venue *venue, uint32_t *index,
                     struct turret_error *err);

struct engine_instrument {
    struct turret_instrument_def def; /* id is given by the engine: 1, 2, 3 … */
    uint32_t venue, feed;             /* indexes: where orders go, whose data it follows */
    char sector[32];                  /* what counts together; "" none */
};
int engine_add_instrument(struct engine *engine, const struct engine_instrument *instrument,
                          turret_instrument *id, struct turret_error *err);

/* Finds an indicator's type by the name a strategy used; the registry behind it is the host's. */
typedef const struct turret_indicator_type *
engine_indicator_fn(void *context, const char *name, const void **build, struct turret_error *err);
void engine_set_indicators(struct engine *engine, engine_indicator_fn *find, void *context);

struct engine_subscription {
    turret_instrument instrument;
    int64_t timeframe_ns;
};
struct engine_strategy {
    char name[ENGINE_NAME_MAX];
    const struct turret_strategy_type *type;
    const struct turret_param_value *params; /* type->param_count values, copied */
    const struct engine_subscription *on;
    uint32_t on_count;
    bool enabled;
    char execution[ENGINE_NAME_MAX]; /* the strategy that works its orders; "" none */
    struct risk_limits limits;
    struct sizing sizing;
    struct protection protection;
    uint8_t build[32]; /* raw build id, zero-padded: its orders carry it */
};
int engine_add_strategy(struct engine *engine, const struct engine_strategy *strategy,
                        uint32_t *index, struct turret_error *err);

#define ENGINE_RULES_MAX 16
/*
 * The strategy of that name is asked about orders, after those added before. `known`: it was a rule
 * before and its build may have lost on_check by a swap; then it denies what it would be asked.
 * fails: ENOTFOUND; EINVAL its type has no on_check; ELIMIT
 */
int engine_add_rule(struct engine *engine, const char *name, bool known, struct turret_error *err);
/* denial_text(), with values where the check that said no last had some, or in a rule's words. */
const char *engine_denial_text(const struct engine *engine, uint32_t denial);

/*
 * Calls on_start of every strategy. A strategy that refuses fails the whole start: the config is
 * wrong. One that is lost meanwhile (engine_lose()) is disabled, the others start. fails: what
 * on_start said, prefixed by the strategy's name
 */
int engine_start(struct engine *engine, uint32_t reason, struct turret_error *err);

/* Bars that an indicator of (instrument, timeframe) still needs to be ready; 0 none. */
uint32_t engine_lookback(const struct engine *engine, turret_instrument instrument,
                         int64_t timeframe_ns);
/* Feeds stored bars to the indicators only: nothing is dispatched or journaled. */
void engine_warm(struct engine *engine, const struct turret_bar *bar);
/* Before a series of engine_warm(): those that have seen no bar yet are the ones to be fed. */
void engine_begin_warm(struct engine *engine);

/*
 * Takes one event: gives it the next sequence, journals, dispatches, processes the intents it
 * caused. An event that makes no sense is dropped with a notice and takes no sequence.
 */
void engine_ingest(struct engine *engine, struct event *event);

/* Columns of bars of one (instrument, timeframe), opening times ascending. */
struct engine_bars {
    turret_instrument instrument;
    uint32_t count;
    int64_t timeframe_ns;
    const turret_time_ns *time;
    const turret_price *open, *high, *low, *close;
    const turret_qty *volume;
};
/*
 * The same as one engine_ingest() per bar, for backtests: indicators run by blocks, nothing is
 * journaled. Results are the same to the bit.
 */
void engine_run_bars(struct engine *engine, const struct engine_bars *bars);

/* ---- for types whose instances live somewhere else, in a process of their own ---- */

/*
 * Zeroed memory for an indicator's state, aligned for anything; NULL: none is left. What an
 * indicator's callbacks are given is always such memory, and engine_state_size() answers `size`.
 */
void *engine_state_create(uint64_t size);
void engine_state_destroy(void *state); /* NULL: nothing happens */
uint64_t engine_state_size(const void *state);

const struct turret_strategy_type *engine_type_of(const struct turret_strategy *self);
/*
 * What is behind the instance is gone: it is disabled and counts as lost. What it asked for in this
 * callback, the last `intents`, timers, scores, is as if it had not. A start
 * (CONTROL_START_STRATEGY, CONTROL_RESTART_STRATEGY) then begins it anew by
 * on_start(TURRET_REASON_RESTART), with the fields as they were after the last whole callback.
 *
 * when:   inside a callback of this instance, behind engine_enter_runner()
 */
void engine_lose(struct turret_strategy *self, uint32_t intents, const char *why);
enum engine_call {
    ENGINE_CALL,       /* go on */
    ENGINE_CALL_AGAIN, /* a replay: it was answered then, so however long it takes */
    ENGINE_CALL_LOST   /* a replay: it was lost then; not to be made, but engine_lose() */
};
/* Of a call that leaves this process, before it is made; of an on_start() ENGINE_CALL. */
enum engine_call engine_enter_runner(struct turret_strategy *self);
void engine_sort_losses(struct event_loss *losses, uint32_t count);
/* ---- another build of a plugin's code, between two events ---- */

/* What a swap's events bring into force. Types are borrowed as long as an incarnation of them is.
 */
struct engine_build {
    const struct turret_strategy_type *strategy;
    const struct turret_param_value *params; /* as the type's table says, copied */
    /* Indicators: their builds, and the new type by id (NULL: not offered any more). */
    const void *from, *to;
    const struct turret_indicator_type *(*indicator)(const void *to, const char *id);
    struct turret_broker_caps caps; /* a venue's, as its new adapter describes it */
};
/*
 * One step of a swap (event->u.swap); `with` is needed by PREPARE, and by a venue's COMMIT. The
 * event is recorded when, and only when, the step succeeded; otherwise nothing changed.
 *
 * PREPARE makes an instance of the new build, gives it the present state and starts it, muted; what
 *   it answers and whether it keeps the state is checked. Indicators it asks for begin to warm up.
 * COMMIT hands over the state as it is now: the next event goes to the new build. The old one keeps
 *   running beside it, muted, until RETIRE; ROLLBACK puts it back, with everything seen meanwhile.
 *
 * fails: ESTATE no such step now; EBUSY not ready yet (text names what is missing); EVERSION the
 *        state does not convert; EFAULT, or what the build's own functions said
 */
int engine_swap(struct engine *engine, struct event *event, const struct engine_build *with,
                struct turret_error *err);
/* OK when a COMMIT of this strategy would not be EBUSY; else as there. */
int engine_swap_ready(const struct engine *engine, uint32_t strategy, struct turret_error *err);
/* The swap under way (phase PREPARE) or on probation (COMMIT) of a strategy; phase 0: none. */
const struct event_swap *engine_swap_of(const struct engine *engine, uint32_t strategy);
/* The same of the indicators. */
const struct event_swap *engine_swap_of_indicators(const struct engine *engine);
/*
 * As long as it is distrusted, builds of this strategy that leave are not called any more (no
 * on_stop): their code ended the daemon before.
 */
void engine_distrust(struct engine *engine, uint32_t strategy, bool distrusted);
/* What the build beside asked for so far, intent by intent. */
struct engine_shadow {
    uint64_t callbacks, same, different;
};
void engine_view_shadow(const struct engine *engine, uint32_t strategy, struct engine_shadow *view);
/* Whether an indicator of this build computes, or did and may again. */
bool engine_uses_indicators(const struct engine *engine, const void *build);
/* The declared state of a strategy as bytes (core/saved_state.h). Answers the size. */
size_t engine_save_state(const struct engine *engine, uint32_t strategy, void *to, size_t room);

/* ---- looking at it; pointers are the engine's, valid until the next event ---- */

struct engine_score {
    turret_instrument instrument;
    uint32_t reserved;
    double score;
    char reason[96];
};
struct engine_view {
    char name[ENGINE_NAME_MAX];
    const struct turret_strategy_type *type;
    const void *state;
    enum strategy_run { STRATEGY_RUNNING, STRATEGY_PAUSED, STRATEGY_STOPPED, STRATEGY_FAULT } run;
    bool ready;             /* its indicators are */
    bool lost;              /* FAULT because what is behind it is gone: engine_lose() */
    struct event_loss call; /* the last one into its runner: where it was, if it is lost */
    const char *stopped;    /* which latched stop lets it only close; NULL none */
    uint32_t open_orders;
    uint64_t orders, fills, denials;
    struct equity equity; /* the account's starting cash and its own profit and loss */
    struct engine_score score;
    char fault[160];
};

turret_time_ns engine_now(const struct engine *engine);
uint64_t engine_sequence(const struct engine *engine);
uint32_t engine_strategy_count(const struct engine *engine);
const char *engine_strategy_name(const struct engine *engine, uint32_t strategy);
const char *engine_venue_name(const struct engine *engine, uint32_t venue);
void engine_view_strategy(const struct engine *engine, uint32_t strategy, struct engine_view *view);
uint32_t engine_account_count(const struct engine *engine);
const struct account *engine_account(const struct engine *engine, uint32_t account);
uint32_t engine_position_count(const struct engine *engine);
const struct position *engine_position(const struct engine *engine, uint32_t position);
/*
 * Of each position (engine_position_count() of them) what its strategy asked a stop for, by
 * `protect` or with the order that opened it last, and no working stop closes.
 */
void engine_unprotected(const struct engine *engine, turret_qty *to);
uint32_t engine_instrument_count(const struct engine *engine);
const struct turret_instrument_def *engine_instrument(const struct engine *engine,
                                                      turret_instrument instrument);
/* Last price an instrument is valued at; 0 before the first. */
turret_price engine_mark(const struct engine *engine, turret_instrument instrument);
/* When that was, or its newest quote if nothing traded yet; 0 before the first. */
turret_time_ns engine_mark_time(const struct engine *engine, turret_instrument instrument);
/* Where an instrument's orders go and whose data it follows. */
uint32_t engine_venue_of(const struct engine *engine, turret_instrument instrument);
uint32_t engine_feed_of(const struct engine *engine, turret_instrument instrument);
/* Working orders at a venue. */
uint32_t engine_working(const struct engine *engine, uint32_t venue);
/* Of them those of which nobody knows whether they work. */
uint32_t engine_unknown(const struct engine *engine, uint32_t venue);
/* Since when the oldest of those is: what was last heard or asked of it; 0 there is none. */
turret_time_ns engine_unknown_since(const struct engine *engine, uint32_t venue);
typedef int engine_order_fn(void *context, const struct order *order);
/* Orders known (working and recent), oldest first; non-zero from the callback stops. */
int engine_each_order(const struct engine *engine, engine_order_fn *each, void *context);
const struct order *engine_order(const struct engine *engine, uint64_t order_id);
/* Whether engine_ingest() would take this market event rather than drop it. */
bool engine_accepts(const struct engine *engine, const struct event *event);
bool engine_venue_ready(const struct engine *engine, uint32_t venue);
/* Why not, and what to do, for a person; NULL: it is, or trades nothing anyway. */
const char *engine_venue_waits(const struct engine *engine, uint32_t venue);
#define ENGINE_CLOCK_TEXT_MAX 96
/* One that is ready, and no order passes because of its clock (CLOCK_SKEW, LIMIT_UNSET): the text
 * says why. Of one that is not ready it says nothing of use. */
bool engine_clock_waits(const struct engine *engine, uint32_t venue,
                        char text[ENGINE_CLOCK_TEXT_MAX]);
/* Its last download ended well and the stream lives since, whether it trades or not. */
bool engine_venue_complete(const struct engine *engine, uint32_t venue);
/* A download of it is under way. */
bool engine_venue_downloading(const struct engine *engine, uint32_t venue);
/* Whether orders work there, or a position is held: what must not be left unwatched. */
bool engine_venue_exposed(const struct engine *engine, uint32_t venue);
/* Open differences, oldest first. */
uint32_t engine_difference_count(const struct engine *engine);
const struct difference *engine_difference(const struct engine *engine, uint32_t index);
/* Whether something a venue said has to be asked again soon, to know if it differs. */
bool engine_suspects(const struct engine *engine, uint32_t venue);
/* Whether more differs than the list of differences has room for: a download is to tell. */
bool engine_overflows(const struct engine *engine, uint32_t venue);
/* Whether an UNKNOWN order waits for nothing but an agreeing position to be given up. */
bool engine_needs_position(const struct engine *engine, uint32_t venue);
/* Whether the execution is among those the core remembers. */
bool engine_knows_execution(const struct engine *engine, uint32_t venue,
                            const char execution_id[40]);
/* Whether it had to forget any. */
bool engine_forgot_executions(const struct engine *engine);
/* The venue's clock less this machine's; false: not known. */
bool engine_skew(const struct engine *engine, uint32_t venue, int64_t *skew_ns);
uint32_t engine_epoch(const struct engine *engine);
/* The strictest state of all scopes; without any, what venues and loss stops come to. */
const char *engine_trading_name(const struct engine *engine);
/* Whether CONTROL_RESET_STOPS has something to lift, now: a loss, a drawdown, fills, a streak. */
bool engine_is_stopped(const struct engine *engine);
/* What is behind a limit that latched. */
enum stop_kind { STOP_DAILY_LOSS, STOP_DRAWDOWN, STOP_FILLS, STOP_KINDS };
struct stop {
    turret_time_ns since;    /* of the event; 0 not known, then neither is the rest */
    turret_money lost, from; /* since the day began or from the peak, and the equity then */
    int64_t limit;           /* as is_part says; of STOP_FILLS executions */
    uint32_t is_part;        /* 1: parts per million of `from`, else money */
    uint32_t reserved;
};
TURRET_STATIC_ASSERT(sizeof(struct stop) == 40, "no hidden padding");
/* One that is latched, of an account or a strategy; in the store byte for byte. */
struct engine_stop {
    char name[ENGINE_NAME_MAX]; /* "sim/USD", "spy-cross" */
    char currency[8];
    uint8_t scope, kind; /* TRADING_ACCOUNT or TRADING_STRATEGY; enum stop_kind */
    uint8_t reserved[6];
    struct stop stop;
};
TURRET_STATIC_ASSERT(sizeof(struct engine_stop) == 104, "no hidden padding");
/* All that CONTROL_RESET_STOPS lifts and that does not end by itself; answers how many of them. */
uint32_t engine_stops(const struct engine *engine, struct engine_stop *to, uint32_t room);
#define ENGINE_STOPS_MAX     256 /* that are kept as a row; accounts' come first */
#define ENGINE_STOP_TEXT_MAX 160
/* "daily loss reached: 1003.5 of 1000000 USD lost, the limit is 1000" */
void engine_stop_tell(const struct engine_stop *stop, char text[ENGINE_STOP_TEXT_MAX]);
/* The limit's name in the configuration; "?" for a number that is none. */
const char *engine_stop_name(uint32_t kind);
/* Whether texts end and numbers are known. */
bool engine_stop_is_whole(const struct engine_stop *stop);
/* Whether people let new orders leave: an order may have passed risk before they halted. */
bool engine_may_send(const struct engine *engine, uint64_t order_id);
/* Intents that differed from the journal's in recorded mode. */
uint64_t engine_intent_mismatches(const struct engine *engine);
/* From here on intents count as new (recovery is over). */
void engine_end_recorded(struct engine *engine);

/* ---- snapshots: the whole state as bytes; the same state gives the same bytes ---- */

/* Answers the size; writes when it fits `room`. */
size_t engine_snapshot(const struct engine *engine, void *to, size_t room);
/* Time of the newest event in a snapshot; 0 when it is not one. */
turret_time_ns engine_snapshot_time(const void *from, size_t size_bytes);
/*
 * Before engine_start(): puts the strategies' saved fields in place, so that on_start() sees them.
 * fails: as engine_restore()
 */
int engine_preload(struct engine *engine, const void *from, size_t size_bytes,
                   struct turret_error *err);
/*
 * After engine_start(): takes over what belongs to the same names; indicator state only from the
 * same parameters and schema.
 * fails: ECORRUPT; EVERSION; EINVAL an instrument or a strategy with a position or working order is
 *        gone from the configuration (named). In recorded mode a strategy's position is let go: the
 *        journal has it that the configuration came into force.
 */
int engine_restore(struct engine *engine, const void *from, size_t size_bytes,
                   struct turret_error *err);

#endif
