/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a strategy. The host calls you with events and gives you state; you answer with intents.
 * Nothing is sent from inside a callback: intents are checked and processed after it returns.
 */
#ifndef TURRET_STRATEGY_H
#define TURRET_STRATEGY_H

#include <turret/orders.h>

#ifdef __cplusplus
extern "C" {
#endif

struct turret_strategy;

/* Where the values of an indicator appear; valid from turret_use() until on_stop(). */
typedef const struct turret_slot *turret_indicator;

/* Why and with what an instance starts. Borrowed for on_start(). */
struct turret_start {
    uint32_t struct_size;
    uint32_t reason; /* TURRET_REASON_… */
    const struct turret_param_value *params;
    const turret_instrument *instruments; /* what the config puts this instance on, >= 1 */
    uint32_t param_count, instrument_count;
    int64_t timeframe_ns; /* of the bars it gets; 0 when it asked for none */
    turret_time_ns now;   /* time of the last event, 0 before the first */
};

/* The account as this instance may see it. Money in 10^-currency_scale of its currency. */
struct turret_account {
    uint32_t struct_size;
    int32_t currency_scale;
    char currency[8];
    turret_money cash;
    turret_money equity;       /* cash + market value of all positions in this currency */
    turret_money buying_power; /* what new orders may still cost */
};

/*
 * What the host offers a strategy. Use the inline functions below, not the table.
 * when:  core thread, inside a callback of this instance
 */
struct turret_strategy_host {
    uint32_t struct_size;
    uint32_t reserved;
    turret_indicator (*use)(struct turret_strategy *self, turret_instrument instrument,
                            int64_t timeframe_ns, const char *expression, struct turret_error *err);
    int32_t (*target)(struct turret_strategy *self, turret_instrument instrument, turret_qty qty,
                      const char *reason);
    uint64_t (*submit)(struct turret_strategy *self, const struct turret_order_request *request);
    int32_t (*cancel)(struct turret_strategy *self, uint64_t order_id);
    int32_t (*modify)(struct turret_strategy *self, uint64_t order_id, turret_qty qty,
                      turret_price limit_price, turret_price stop_price);
    turret_qty (*position)(struct turret_strategy *self, turret_instrument instrument);
    int32_t (*account)(struct turret_strategy *self, turret_instrument instrument,
                       struct turret_account *account);
    const struct turret_instrument_def *(*instrument)(struct turret_strategy *self,
                                                      turret_instrument instrument);
    turret_money (*fee)(struct turret_strategy *self, turret_instrument instrument, turret_qty qty,
                        turret_price price);
    void (*score)(struct turret_strategy *self, turret_instrument instrument, double score,
                  const char *reason);
    int32_t (*timer)(struct turret_strategy *self, uint32_t timer_id, turret_time_ns at);
    void (*log)(struct turret_strategy *self, uint32_t level, const char *text);
    const void *(*get_extension)(struct turret_strategy *self, const char *name_and_revision);
};

/* One running instance. The host's; `state` is zeroed before the first start. */
struct turret_strategy {
    void *state;
    const struct turret_strategy_host *host;
};

/*
 * A strategy's type. Static, read-only. Callbacks that are NULL are not called.
 * on_bar and the like are not called before every indicator the instance uses is ready.
 * when (all): core thread; nothing may block.
 */
struct turret_strategy_type {
    uint32_t struct_size;
    uint32_t state_size; /* bytes of *state, at most 16 MiB */
    const char *id;      /* "acme.cross" */
    const char *version;
    const char *summary;
    const struct turret_param *params;
    const struct turret_field *fields;
    uint32_t param_count, field_count;
    uint32_t state_schema;
    uint32_t reserved;

    /* Binds indicators, checks parameters. fails: any status with a text; the instance stays out.
     */
    int32_t (*on_start)(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err);
    void (*on_stop)(struct turret_strategy *self, uint32_t reason);
    void (*on_bar)(struct turret_strategy *self, const struct turret_bar *bar);
    void (*on_trade)(struct turret_strategy *self, const struct turret_trade *trade);
    void (*on_quote)(struct turret_strategy *self, const struct turret_quote *quote);
    void (*on_level)(struct turret_strategy *self, const struct turret_level *level);
    void (*on_status)(struct turret_strategy *self, const struct turret_status *status);
    void (*on_order)(struct turret_strategy *self, const struct turret_order *order);
    void (*on_fill)(struct turret_strategy *self, const struct turret_fill *fill);
    void (*on_timer)(struct turret_strategy *self, uint32_t timer_id, turret_time_ns now);
    /* Only for state of a shape that fields cannot tell; both or neither. */
    int32_t (*save)(struct turret_strategy *self, struct turret_stream *to,
                    struct turret_error *err);
    int32_t (*load)(struct turret_strategy *self, struct turret_stream *from,
                    struct turret_error *err);
    /* Schemas this build converts fields from and to; none when no field changed its meaning. */
    const struct turret_convert *converts;
    uint32_t convert_count;
    uint32_t reserved2;
    /*
     * For one that risk.rules names: whether an order, or an order as a change would make it, may
     * be sent. It is asked last, of what can add exposure, with order->updated the time it is; it
     * can ask for nothing meanwhile.
     * fails: any status with a text denies, and the text is told
     */
    int32_t (*on_check)(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err);
};

/* ---- what a strategy says ---- */

static inline void *turret_self(struct turret_strategy *self)
{
    return self->state;
}

/*
 * Asks for an indicator by name and arguments, "sma(%d)", on the instance's first instrument and
 * timeframe. Equal ones are shared and computed once; warmed up from stored bars.
 *
 * when:   on_start() only
 * fails:  NULL, with the reason in *err: unknown name, bad argument, limit reached
 */
TURRET_PRINTF(3, 4)
static inline turret_indicator turret_use(struct turret_strategy *self, struct turret_error *err,
                                          const char *format, ...)
{
    char expression[128];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(expression, sizeof expression, format, args);
    va_end(args);
    return self->host->use(self, 0, 0, expression, err);
}

/* The same on an instrument and timeframe of your choice (0 = the instance's own). */
static inline turret_indicator turret_use_on(struct turret_strategy *self, struct turret_error *err,
                                             turret_instrument instrument, int64_t timeframe_ns,
                                             const char *expression)
{
    return self->host->use(self, instrument, timeframe_ns, expression, err);
}

/* The indicator's first output; 0 before it is ready. Never NaN. */
static inline double turret_value(turret_indicator indicator)
{
    return indicator->value[0];
}

/* Output number `output`, as the indicator's type lists them. */
static inline double turret_output(turret_indicator indicator, uint32_t output)
{
    return indicator->value[output];
}

static inline int turret_ready(turret_indicator indicator)
{
    return indicator->ready != 0;
}

/*
 * Says what position this instance wants to hold; the host trades the difference, counting what is
 * still open. Long is positive. Answers 1 when the wish changed, 0 when it stands already.
 */
static inline int turret_target(struct turret_strategy *self, turret_instrument instrument,
                                turret_qty qty, const char *reason)
{
    return self->host->target(self, instrument, qty, reason);
}

/*
 * Asks for an order. Answers its id at once; its fate comes by on_order(), a denial too.
 * fails:  0 when the intent queue of this turn is full (256 per instance); nothing is recorded
 */
static inline uint64_t turret_submit(struct turret_strategy *self,
                                     const struct turret_order_request *request)
{
    return self->host->submit(self, request);
}

/* fails: ENOTFOUND no such order of this instance; ESTATE already at its end; ELIMIT queue full */
static inline int turret_cancel(struct turret_strategy *self, uint64_t order_id)
{
    return self->host->cancel(self, order_id);
}

/*
 * New total quantity and prices for a working order; 0 leaves that one. The stop price of a
 * trailing stop is where it stands now: it goes on from there. fails: as cancel
 */
static inline int turret_modify(struct turret_strategy *self, uint64_t order_id, turret_qty qty,
                                turret_price limit_price, turret_price stop_price)
{
    return self->host->modify(self, order_id, qty, limit_price, stop_price);
}

/* What this instance holds; the account may hold more. */
static inline turret_qty turret_position(struct turret_strategy *self, turret_instrument instrument)
{
    return self->host->position(self, instrument);
}

/* The account of the instrument's venue and currency. fails: ENOTFOUND */
static inline int turret_account_of(struct turret_strategy *self, turret_instrument instrument,
                                    struct turret_account *account)
{
    return self->host->account(self, instrument, account);
}

static inline const struct turret_instrument_def *turret_instrument_of(struct turret_strategy *self,
                                                                       turret_instrument instrument)
{
    return self->host->instrument(self, instrument);
}

/* What the venue is expected to charge for this fill, in the instrument's currency. */
static inline turret_money turret_fee(struct turret_strategy *self, turret_instrument instrument,
                                      turret_qty qty, turret_price price)
{
    return self->host->fee(self, instrument, qty, price);
}

/* Shows people what the strategy thinks: -1 (sell) … +1 (buy), with a reason. Not journaled. */
static inline void turret_score(struct turret_strategy *self, turret_instrument instrument,
                                double score, const char *reason)
{
    self->host->score(self, instrument, score, reason);
}

/* on_timer(timer_id) once event time reaches `at`; 0 clears it. timer_id 0…7. fails: EINVAL */
static inline int turret_timer(struct turret_strategy *self, uint32_t timer_id, turret_time_ns at)
{
    return self->host->timer(self, timer_id, at);
}

/* One line for the log, at most 200 characters; rate-limited per instance. */
static inline void turret_log(struct turret_strategy *self, uint32_t level, const char *text)
{
    self->host->log(self, level, text);
}

/* ---- parameters by their permanent id; an id that is not in the table answers 0 ---- */

static inline const struct turret_param_value *turret_param_find(const struct turret_start *start,
                                                                 uint32_t id)
{
    uint32_t i;
    for (i = 0; i < start->param_count; i++)
        if (start->params[i].id == id)
            return &start->params[i];
    return NULL;
}

static inline int32_t turret_param_int(const struct turret_start *start, uint32_t id)
{
    const struct turret_param_value *value = turret_param_find(start, id);
    return value ? (int32_t)value->i : 0;
}

static inline double turret_param_real(const struct turret_start *start, uint32_t id)
{
    const struct turret_param_value *value = turret_param_find(start, id);
    return value ? value->f : 0.0;
}

static inline turret_qty turret_param_qty(const struct turret_start *start, uint32_t id)
{
    const struct turret_param_value *value = turret_param_find(start, id);
    return value ? value->i : 0;
}

static inline const char *turret_param_text(const struct turret_start *start, uint32_t id)
{
    const struct turret_param_value *value = turret_param_find(start, id);
    return value && value->text ? value->text : "";
}

/* ---- making the file a plugin ---- */

/* A plugin that offers the strategy type `type_object`, for those who fill the struct themselves.
 */
#define TURRET_STRATEGY_TYPE(id_text, version_text, type_object)                                   \
    static const struct turret_offer turret_offers[] = {                                           \
        {TURRET_KIND_STRATEGY, 0, NULL, &type_object, NULL}};                                      \
    TURRET_PLUGIN(id_text, version_text, TURRET_KIND_STRATEGY, turret_offers)

/* The short form: a strategy on bars. `type` is the struct that holds its state. */
#define TURRET_STRATEGY(type, id_text, version_text, summary_text, params, fields, start_fn,       \
                        bar_fn)                                                                    \
    static const struct turret_strategy_type turret_offered_strategy = {                           \
        (uint32_t)sizeof(struct turret_strategy_type),                                             \
        (uint32_t)sizeof(struct type),                                                             \
        id_text,                                                                                   \
        version_text,                                                                              \
        summary_text,                                                                              \
        params,                                                                                    \
        fields,                                                                                    \
        (uint32_t)(sizeof(params) / sizeof((params)[0])),                                          \
        (uint32_t)(sizeof(fields) / sizeof((fields)[0])),                                          \
        1,                                                                                         \
        0,                                                                                         \
        start_fn,                                                                                  \
        NULL,                                                                                      \
        bar_fn,                                                                                    \
        NULL,                                                                                      \
        NULL,                                                                                      \
        NULL,                                                                                      \
        NULL,                                                                                      \
        NULL,                                                                                      \
        NULL,                                                                                      \
        NULL,                                                                                      \
        NULL,                                                                                      \
        NULL,                                                                                      \
        NULL,                                                                                      \
        0,                                                                                         \
        0,                                                                                         \
        NULL};                                                                                     \
    TURRET_STRATEGY_TYPE(id_text, version_text, turret_offered_strategy)

TURRET_STATIC_ASSERT(sizeof(struct turret_start) == 48, "turret_start");
TURRET_STATIC_ASSERT(offsetof(struct turret_start, timeframe_ns) == 32, "start.timeframe_ns");
TURRET_STATIC_ASSERT(sizeof(struct turret_account) == 40, "turret_account");
TURRET_STATIC_ASSERT(sizeof(struct turret_strategy) == 16, "turret_strategy");
TURRET_STATIC_ASSERT(offsetof(struct turret_strategy_type, params) == 32, "strategy.params");
TURRET_STATIC_ASSERT(offsetof(struct turret_strategy_type, on_start) == 64, "strategy.on_start");
TURRET_STATIC_ASSERT(offsetof(struct turret_strategy_type, load) == 152, "strategy.load");
TURRET_STATIC_ASSERT(offsetof(struct turret_strategy_type, converts) == 160, "strategy.converts");
TURRET_STATIC_ASSERT(offsetof(struct turret_strategy_type, on_check) == 176, "strategy.on_check");
TURRET_STATIC_ASSERT(sizeof(struct turret_strategy_type) == 184, "turret_strategy_type");
TURRET_STATIC_ASSERT(offsetof(struct turret_strategy_host, use) == 8, "strategy_host.use");
TURRET_STATIC_ASSERT(sizeof(struct turret_strategy_host) == 112, "turret_strategy_host");

#ifdef __cplusplus
}
#endif

#endif
