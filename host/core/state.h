/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's own structures, shared by the files of core/ and by nobody else. All arrays are
 * reserved at start; indexes, not pointers, join them.
 */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include "core/daily.h"
#include "core/differences.h"
#include "core/engine.h"
#include "core/executions.h"
#include "core/losses.h"
#include "core/places.h"
#include "core/post_trade.h"
#include "core/risk_said.h"
#include "core/rules.h"
#include "core/trading.h"

#define ENGINE_VENUES_MAX      16
#define ENGINE_INSTRUMENTS_MAX 1024
#define ENGINE_STRATEGIES_MAX  512
#define ENGINE_STREAMS_MAX     2048
#define ENGINE_USES_MAX        32  /* indicators one strategy binds */
#define ENGINE_BLOCK           512 /* bars per indicator block */
#define ENGINE_STATE_MAX       (16u << 20)
#define ENGINE_TURN_INTENTS    256 /* of one strategy in one event */
/* An indicator computed again sees so much more history, to agree with one that ran long. */
#define ENGINE_RECOMPUTE_LOOKBACKS 10

struct rate_window {
    int64_t minute;
    int64_t count;
};

/* What makes two orders of a strategy the same. */
struct recent_order {
    turret_time_ns time;
    turret_instrument instrument;
    uint8_t side, type, tif, reserved;
    turret_qty qty;
    turret_price limit_price, stop_price;
};
#define CONDUCT_RECENT 32

/* What risk remembers of one strategy. */
struct conduct {
    uint32_t recent_count, recent_next; /* orders kept, and where the next one goes */
    struct recent_order recent[CONDUCT_RECENT];
    turret_time_ns last_loss;
    uint32_t losses;           /* round trips that lost, in a row */
    uint32_t stopped_by_fills; /* 1: latched */
    struct rate_window filled;
    int64_t day; /* what these are of */
    int64_t day_messages, day_fills;
};

/* The round trips of a strategy that ended. */
struct sizing_record {
    uint64_t wins, losses;
    turret_money won, lost; /* sums, both >= 0 */
};

struct venue {
    char name[16];
    struct turret_broker_caps caps;
    struct money_fees fees;
    uint32_t working;        /* orders */
    uint32_t unknown;        /* of them */
    uint32_t fees_above;     /* executions that cost more than it says; only told */
    bool ready, downloading; /* ready: connected and reconciled */
    bool differs;            /* the venue's books and ours: nothing trades */
    uint8_t overflow;        /* RECONCILE_OVERFLOW…: 0 every difference is in the list */
    bool complete;           /* the last download ended well, and the stream lives since */
    bool armed;              /* orders may leave to where there is real money */
    bool timed, untold; /* skew_ns is known; it is not, and was asked for in vain: risk denies */
    int64_t skew_ns, skew_doubt_ns;
    char stream_said[88]; /* why it was lost, as last told; only told, so in no snapshot */
    turret_time_ns told;  /* the newest time of its own reports; 0 none */
    struct engine_reconcile reconcile;
};

struct instrument {
    struct turret_instrument_def def;
    struct money_rate rate;
    uint32_t venue, feed, account;
    char sector_name[32];
    turret_instrument sector; /* the first instrument of the same one; 0 it has none */
    uint32_t account_position;
    turret_price mark; /* last trade or bar close */
    turret_time_ns mark_time;
    turret_price bid, ask;
    turret_time_ns quote_time;
    struct collar_anchor {
        turret_price price; /* the mark at the first order of a window; 0 none */
        turret_time_ns time;
    } anchor;
    bool differs;                        /* the venue's position and ours: nothing trades on it */
    turret_time_ns agreed;               /* the venue's time when its position was last the same */
    struct suspicion suspect;            /* of its position */
    uint32_t first_holder, holder_count; /* into engine.holders: positions on it */
    uint32_t first_watcher, watcher_count; /* into engine.watchers: strategies on it */
};

/* Bars of one instrument and timeframe: who computes and who listens. */
struct stream {
    turret_instrument instrument;
    uint32_t next; /* next stream of the same instrument, ENGINE_NONE */
    int64_t timeframe_ns;
    turret_time_ns last_time; /* opening of the newest bar; older ones are dropped */
    uint32_t indicator_count, strategy_count;
    uint32_t first_strategy;  /* into engine.listeners */
    uint32_t first_indicator; /* head of a list through indicator.next */
};

/* Another build of an indicator, with a state of its own. */
struct indicator_code {
    const struct turret_indicator_type *type;
    const void *build;
    void *state, *scratch[2]; /* scratch: to try both on */
    uint64_t state_size;
    uint32_t fed;
    bool warming, fault;
    bool fell_back; /* it was in place and broke its contract */
    struct turret_slot slot;
};

struct indicator {
    const struct turret_indicator_type *type; /* NULL: a place nobody uses */
    const void *build;
    uint32_t stream, next;
    char key[256]; /* "sma(20)": normal form, what makes two equal */
    struct turret_param_value params[16];
    char texts[4][32];
    void *state;
    uint64_t state_size;
    uint32_t lookback, fed;
    bool warming; /* fed stored bars, before its first live one */
    bool fault;
    struct turret_slot slot;
    double *block; /* output_count × ENGINE_BLOCK */
    int32_t block_warming;
    struct indicator_code *incoming; /* prepared: takes over at the next commit */
    struct indicator_code *outgoing; /* on probation: what ran before goes on beside */
    uint32_t block_bad;              /* first bar of the block that breaks the contract … */
    const char *block_what;          /* … and how */
};

/*
 * One build of a strategy's code at work, with the state that is its own. Everything else belongs
 * to the logical strategy and outlives the code.
 */
struct incarnation {
    struct turret_strategy handle; /* first: plugins hold a pointer to it */
    struct strategy *owner;
    const struct turret_strategy_type *type;
    struct turret_param_value *params;
    struct indicator *uses[ENGINE_USES_MAX];
    turret_indicator range[ENGINE_ON_MAX]; /* protect.atr, by place in instruments */
    uint32_t use_count;
    bool ready;                         /* all uses are */
    bool starting, started, lost;       /* engine_lose() */
    struct runner_call call;            /* engine_enter_runner() */
    uint8_t build[32];                  /* raw id, zero-padded; zeros: not known */
    struct turret_strategy_host silent; /* what it holds in on_stop() */
    struct shadow *shadow;              /* not NULL: it runs beside the acting one and cannot act */
};

/* Since when the strategy holds something of an instrument. */
struct holding {
    turret_time_ns since;
    int32_t side;    /* 1 long, -1 short, 0 nothing */
    int32_t closing; /* 1: the host closes it */
};

struct strategy {
    struct engine *engine;
    uint32_t index;
    char name[ENGINE_NAME_MAX];
    struct incarnation *acting;
    struct incarnation *beside; /* muted: the next build before a swap, the last one after it */
    struct incarnation *spare;  /* made and rehearsed, takes over at the next commit */
    bool faulted_before;        /* the swap on probation found it disabled */
    struct event_swap swap;     /* the one under way or on probation; phase 0 when there is none */
    char execution[ENGINE_NAME_MAX]; /* who works its orders; "" they go as they are */
    struct engine_subscription on[ENGINE_ON_MAX];
    turret_instrument instruments[ENGINE_ON_MAX];
    uint32_t on_count, instrument_count;
    uint32_t first_position; /* instrument_count positions from here */
    enum strategy_run run;
    uint32_t turn_intents; /* asked for in turn `turn` of the engine's */
    struct risk_limits limits;
    struct protection protection;
    struct holding holdings[ENGINE_ON_MAX]; /* by place in instruments */
    struct post_trade post_trade;
    struct equity equity;
    struct rate_window rate;
    bool stopped_by_loss, stopped_by_drawdown, no_stake; /* Kelly's formula leaves it nothing */
    struct stop stops[STOP_KINDS];                       /* of what is latched */
    bool distrusted; /* builds that leave are not called any more */
    struct conduct conduct;
    struct sizing sizing;
    struct sizing_record record;
    uint32_t open_orders;
    uint64_t orders, fills, denials, turn;
    uint64_t denied[DENY_CODES]; /* by code, since an order passed the gate: what is told of them */
    bool was_denied;             /* they may not all be 0 */
    turret_time_ns timers[ENGINE_SESSION_TIMERS];
    struct engine_score score;
    char fault[160];
    uint64_t logged; /* lines in this minute */
    int64_t logged_minute;
};

struct engine {
    struct engine_options options;
    struct sink sink;
    turret_time_ns now;
    int64_t day;
    uint64_t sequence, next_order_id, next_fill_id, mismatches, turn; /* until no intent is left */
    uint64_t config_version;                                          /* as EVENT_CONFIG said */
    uint32_t epoch;
    struct trading trading;
    struct rules rules;
    struct risk_said said;
    bool started, recorded, commanded, any_timers, stops_changed; /* which is to be told */
    bool rollback_due;          /* a build on probation broke its contract in this event */
    uint32_t indicators_moving; /* of them have an incoming or outgoing code */
    struct event_swap indicator_swap;
    struct swap_bytes {
        uint8_t *at;
        size_t room;
    } swap_state, swap_given;   /* states are exported here */
    volatile uint32_t *calling; /* index + 1 of the strategy whose code runs, 0 none */
    volatile uint32_t calling_nobody;
    bool preloaded; /* the strategies' fields are in place */

    struct venue venues[ENGINE_VENUES_MAX];
    struct account accounts[ENGINE_ACCOUNTS_MAX];
    bool account_stopped_by_loss[ENGINE_ACCOUNTS_MAX];
    bool account_stopped_by_drawdown[ENGINE_ACCOUNTS_MAX];
    struct stop account_stops[ENGINE_ACCOUNTS_MAX][STOP_KINDS]; /* of what is latched */
    struct rate_window account_rate[ENGINE_ACCOUNTS_MAX];
    uint32_t account_open_orders[ENGINE_ACCOUNTS_MAX];
    uint32_t venue_count, account_count, instrument_count, strategy_count, stream_count,
        indicator_count, position_count, listener_count, watcher_count;
    struct instrument *instruments; /* [0] unused: 0 is none */
    struct stream *streams;
    uint32_t *first_stream; /* by instrument */
    struct strategy *strategies;
    struct indicator *indicators;
    struct position *positions;
    uint32_t *holders, *listeners, *watchers;
    struct order_table *orders;
    uint64_t *watched; /* ids of orders that the host has something to do for: held.c */
    uint32_t watched_count, targets_waiting; /* at most so many are POSITION_TARGET_WAITS */
    turret_time_ns next_expiry;              /* of the watched ones */
    turret_time_ns next_timer;               /* of strategies that run; 0: to be looked for */
    turret_time_ns next_holding;             /* when a position is held too long: protection.c */
    struct event_intent *intents;
    uint32_t intent_head, intent_count; /* collected, not yet processed */
    struct executions executions;
    struct sending *sendings; /* orders_max: by slot */
    struct daily daily;
    struct reconciliation reconciliation;

    engine_indicator_fn *find_indicator;
    void *find_context;
    double *columns;         /* 5 × ENGINE_BLOCK */
    struct turret_bar *rows; /* ENGINE_BLOCK */
};

/* ---- market.c ---- */
void market_mark(struct engine *engine, struct instrument *instrument, turret_price price);
/* Revalues a position that changed. */
void market_revalue(struct engine *engine, struct position *position);
/* A quantity of the instrument as people write it; of none: as it is. */
struct money_text market_qty_text(const struct engine *engine, turret_instrument instrument,
                                  turret_qty qty);
int market_check_bar(const struct turret_bar *bar);
bool market_event(struct engine *engine, struct event *event);
struct stream *market_stream(const struct engine *engine, turret_instrument instrument,
                             int64_t timeframe_ns);

/* ---- indicator_expression.c ---- */
/* Fills type, build, parameters and key of a zeroed indicator. */
int indicator_parse(struct engine *engine, struct indicator *indicator, const char *expression,
                    struct turret_error *err);

/* ---- indicators.c ---- */
int indicator_use(struct engine *engine, struct incarnation *incarnation,
                  turret_instrument instrument, int64_t timeframe_ns, const char *expression,
                  turret_indicator *slot, struct turret_error *err);
void indicators_bar(struct engine *engine, struct stream *stream, const struct turret_bar *bar);
/* Only those that are warming. */
void indicators_warm(struct engine *engine, struct stream *stream, const struct turret_bar *bar);
/* Those that no build uses any more go. */
void indicators_sweep(struct engine *engine);
/* Whether what the indicator's code said is good: 1 ready, 0 still warming, else *what is wrong. */
int indicator_judge(const struct turret_indicator_type *type, int32_t answer, bool ready,
                    const double *out, const char **what);

/* Of values kept elsewhere: strategies rely on finite ones once it is ready. */
bool indicator_may_show(const struct turret_slot *slot);

/* ---- incarnation.c ---- */
/* Its fields have their initial values. NULL without memory. */
struct incarnation *incarnation_create(struct strategy *owner,
                                       const struct turret_strategy_type *type,
                                       const struct turret_param_value *params);
/* on_start(). fails: what it said, with the strategy's name */
int incarnation_start(struct incarnation *incarnation, uint32_t reason, struct turret_error *err);
/* Frees it; on_stop() first when it was started. NULL is allowed. */
void incarnation_destroy(struct incarnation *incarnation, uint32_t reason);
/* Before its first start: its memory is in place from here on, a commit waits for no page. */
void incarnation_touch(struct incarnation *incarnation);
void incarnation_refresh_ready(struct incarnation *incarnation);

/* ---- strategy_host.c ---- */
extern const struct turret_strategy_host strategy_host;

/* ---- shadow.c: a build that runs and cannot act ---- */
/* From here on it cannot act. fails: ENOMEM */
int shadow_mute(struct incarnation *incarnation);
/* From here on it can ask for nothing: it is about to end. */
void shadow_silence(struct incarnation *incarnation);
/* From here on it acts. Orders it asked for and nobody placed are told as canceled. */
void shadow_lift(struct incarnation *incarnation);
/* `from` acts from here on, with the timers it asked for while it started; `to` is muted. */
void shadow_pass(struct incarnation *from, struct incarnation *to);
typedef void incarnation_call_fn(struct incarnation *incarnation, const void *payload);
/* The same callback to the one beside; what it asks for is compared, from intent `first` on. */
void shadow_give(struct strategy *strategy, incarnation_call_fn *call, const void *payload,
                 uint32_t first);
/* A wish of the strategy's may be said again. */
void shadow_forget_target(const struct strategy *strategy, turret_instrument instrument);

/* ---- swap.c ---- */
/* Whether the build before still runs beside and could take over again. */
bool swap_can_roll_back(const struct strategy *strategy);
/* At the end of an event: what broke its contract on probation is rolled back. */
void swaps_settle(struct engine *engine);
/* Nothing is under way or on probation any more. */
void swaps_forget(struct engine *engine);

/* ---- swap_indicators.c ---- */
int swap_indicators(struct engine *engine, struct event *event, const struct engine_build *with,
                    struct turret_error *err);
/* A bar also goes to the code that comes in and that went out. */
void swap_indicator_update(struct indicator *indicator, const struct turret_candle *candle,
                           bool warming);
/* The new code broke its contract: the old one, which ran beside, goes on. False: there is none. */
bool swap_indicator_fall_back(struct engine *engine, struct indicator *indicator, const char *what);
bool swap_indicators_fell_back(const struct engine *engine);
void swap_indicator_finish(struct indicator *indicator);

/* ---- strategies.c ---- */
/* Calls the acting build and the one beside it. */
void strategy_give(struct strategy *strategy, incarnation_call_fn *call, const void *payload);
void strategies_event(struct engine *engine, const struct instrument *instrument,
                      const struct event *event);
void strategies_bar(struct engine *engine, const struct stream *stream,
                    const struct turret_bar *bar);
/* 0: not any more. */
void strategy_set_timer(struct strategy *strategy, uint32_t timer_id, turret_time_ns at);
/* Calls those that are due, and finds out when the next one is. */
void strategies_call_timers(struct engine *engine);
/* With nearly every event none is due. */
static inline void strategies_timers(struct engine *engine)
{
    if (engine->any_timers && engine->next_timer <= engine->now)
        strategies_call_timers(engine);
}
void strategy_fault(struct engine *engine, struct strategy *strategy, const char *format, ...)
    TURRET_PRINTF(3, 4);
/* Its own on an instrument; NULL: it is not on that one. */
static inline struct position *strategy_position(struct engine *engine,
                                                 const struct strategy *strategy,
                                                 turret_instrument instrument)
{
    uint32_t i;
    for (i = 0; i < strategy->instrument_count; i++)
        if (strategy->instruments[i] == instrument)
            return &engine->positions[strategy->first_position + i];
    return NULL;
}
void strategy_told_order(struct engine *engine, const struct order *order);
void strategy_told_fill(struct engine *engine, const struct fill *fill);
/* All builds of all strategies, after an indicator became ready or was taken over. */
void strategies_refresh_ready(struct engine *engine);

/* ---- setup.c ---- */
/* Strategies not among the known ones begin with what their account began with. */
void strategies_start_lines(struct engine *engine, const uint32_t *known, uint32_t known_count);

/* ---- intents.c ---- */
/*
 * A place for what a strategy asks for, zeroed but for who and what, to be filled in at once: a
 * copy of a struct just written stalls. NULL: it may ask for no more in this turn.
 */
struct event_intent *intents_add(struct engine *engine, struct strategy *strategy, uint8_t kind);
void intents_process(struct engine *engine);
void intents_resume(struct engine *engine); /* wishes that waited for an order to end */
/* What a request asks for, into a zeroed intent; of an older build's request what it has. */
void intent_of_request(struct event_intent *intent, const struct turret_order_request *request);
void intent_apply(struct engine *engine, const struct event_intent *intent);
/* Takes the newest `count` back, which are this strategy's. */
void intents_forget(struct engine *engine, struct strategy *strategy, uint32_t count);
/* The order ended unfilled: the same wish said again is a new one. */
void intent_forget_target(struct engine *engine, const struct order *order);

/* ---- risk.c ---- */
/* DENY_NONE or why not. Also counts the message when it passes. */
uint32_t risk_check(struct engine *engine, struct strategy *strategy, struct order *order);
/* What one order like this may be at most, in whole lots; 0: nothing may. */
turret_qty risk_most_qty(const struct engine *engine, const struct order *order);

/* ---- risk_conduct.c ---- */
/* A round trip of the strategy ended. */
void risk_trade_ended(struct engine *engine, struct strategy *strategy, bool won);
/* It sent an order, a change or a cancel. */
void risk_sent(const struct engine *engine, struct strategy *strategy);
/* An order of it was executed, once. */
void risk_executed(struct engine *engine, struct strategy *strategy);
/* A person lifts what latched. */
void risk_forgive(struct strategy *strategy);

/* ---- sizing.c ---- */
/* What the strategy's policy makes of a wish; the wish itself when it has none. */
turret_qty sizing_target(struct strategy *strategy, const struct position *position,
                         turret_qty wished);
/* A round trip of it ended with this profit, fees taken off. */
void sizing_trade_ended(struct strategy *strategy, turret_money profit);

/* ---- reports.c ---- */
bool report_event(struct engine *engine, struct event *event);
/* Orders change state here and nowhere else. False when the table has no such move. */
bool order_change(struct engine *engine, struct order *order, uint8_t state, const char *why);
/* The order's open quantity enters (sign +1) or leaves (-1) positions and counters. */
void order_reserve(struct engine *engine, const struct order *order, int sign);
void order_publish(struct engine *engine, const struct order *order);
/* The order a report is about; one of nobody's goes by the venue's id. NULL: not known. */
struct order *order_reported(struct engine *engine, uint16_t venue, uint64_t order_id,
                             const char *venue_order_id);
/* The id of an order that is not this host's. */
uint64_t order_foreign_id(uint16_t venue, const char *venue_order_id);
/* A working order enters (1) or leaves (-1) the counters and reservations. */
void order_count(struct engine *engine, const struct order *order, int sign);
/* The venue has it working after a cancel that was lost: it is said again. */
void order_cancel_again(struct engine *engine, struct order *order);

/* ---- downloads.c ---- */
void download_event(struct engine *engine, const struct event *event);
void stream_event(struct engine *engine, const struct event *event);

/* ---- trading.c ---- */
/* The strictest of the scopes that an order of this strategy on this instrument is in. */
enum trading_state trading_of(const struct engine *engine, uint32_t strategy, turret_instrument id);
/* Of this order: what the strategy that works it may, too. */
enum trading_state trading_of_order(const struct engine *engine, const struct order *order);
/* The scope and state that deny this order: "venue sim is HALTED"; "": none does. */
void trading_tell(const struct engine *engine, const struct order *order,
                  char text[TRADING_TEXT_MAX]);
/* A decision from the journal. False: it is not one, or may not leave the state there is. */
bool trading_decide(struct engine *engine, const struct event_control *control);
/* The host itself halts everything, one strategy, one venue. */
void trading_halt(struct engine *engine, const char *reason);
void trading_halt_strategy(struct engine *engine, const char *name, const char *reason);
void trading_halt_venue(struct engine *engine, uint32_t venue, const char *reason);
/* The venue spoke of an order: one that works although all is killed is cancelled. */
void trading_reported(struct engine *engine, uint64_t order_id);
/* Names mean what they mean in this configuration. */
void trading_resolve(struct engine *engine);

/* ---- fills.c ---- */
bool fill_check(struct engine *engine, const struct event *event);
void fill_event(struct engine *engine, const struct event *event);
void bust_event(struct engine *engine, const struct event *event);

/* ---- views.c ---- */
uint32_t engine_find_venue(const struct engine *engine, const char name[16]);
/* 0 when there is none. */
uint32_t engine_find_instrument(const struct engine *engine, const char symbol[32],
                                const char venue[16]);

/* ---- engine.c ---- */
/* Cold: what leads to it is laid out of the way of what happens with every order. */
void engine_notice(struct engine *engine, enum notice_kind kind, uint32_t strategy,
                   const char *format, ...) TURRET_PRINTF(4, 5) __attribute__((cold));
void engine_denied(struct engine *engine, const struct order *order, uint32_t denial);
void engine_record(struct engine *engine, struct event *event);
/* Replay: intents that the journal does not have are counted and forgotten. */
void engine_drop_unrecorded(struct engine *engine);
#define ENGINE_DAY_NS (INT64_C(86400) * MONEY_NANO)
int64_t engine_day_of(turret_time_ns time);
/* Equities of the day before are told, this one begins. */
void engine_new_day(struct engine *engine, int64_t day);
void engine_command(struct engine *engine, enum command_kind kind, const struct order *order);

#endif
