/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trading.h"

#include "core/execution.h"

#include <ctype.h>
#include <string.h>

static const char *const states[TRADING_STATES] = {
    [TRADING_ACTIVE] = "ACTIVE",           [TRADING_REDUCING] = "REDUCING",
    [TRADING_CANCEL_ONLY] = "CANCEL_ONLY", [TRADING_HALTED] = "HALTED",
    [TRADING_KILLED] = "KILLED",
};
static const char *const scopes[TRADING_SCOPES] = {
    [TRADING_ALL] = "all",
    [TRADING_VENUE] = "venue",
    [TRADING_ACCOUNT] = "account",
    [TRADING_STRATEGY] = "strategy",
    [TRADING_INSTRUMENT] = "instrument",
};

const char *trading_state_name(uint32_t state)
{
    return state < TRADING_STATES ? states[state] : "?";
}

const char *trading_scope_name(uint32_t scope)
{
    return scope < TRADING_SCOPES ? scopes[scope] : "?";
}

static char plain(char c)
{
    return c == '-' ? '_' : (char)toupper((unsigned char)c);
}

int trading_find_state(const char *name)
{
    int i;
    for (i = 0; i < TRADING_STATES; i++) {
        const char *a = states[i], *b = name;
        while (*a && *a == plain(*b)) {
            a++;
            b++;
        }
        if (!*a && !*b)
            return i;
    }
    return -1;
}

int trading_find_scope(const char *name)
{
    int i;
    for (i = 0; i < TRADING_SCOPES; i++)
        if (!strcmp(scopes[i], name))
            return i;
    return -1;
}

bool trading_latch_is_whole(const struct trading_latch *latch)
{
    return latch->scope < TRADING_SCOPES && latch->state > TRADING_ACTIVE &&
           latch->state < TRADING_STATES && memchr(latch->name, 0, sizeof latch->name) &&
           memchr(latch->reason, 0, sizeof latch->reason) &&
           memchr(latch->who, 0, sizeof latch->who);
}

/* ---- what a name means ---- */

static bool is_account(const struct engine *engine, const struct account *account, const char *name)
{
    char text[48];
    (void)snprintf(text, sizeof text, "%.15s/%.7s", engine->venues[account->venue].name,
                   account->currency);
    return !strcmp(text, name);
}

static bool is_instrument(const struct turret_instrument_def *def, const char *name)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%.31s.%.15s", def->symbol, def->venue);
    return !strncmp(text, name, sizeof((struct trading_latch *)0)->name - 1);
}

static bool is_named(const struct engine *engine, uint32_t scope, uint32_t index, const char *name)
{
    switch (scope) {
    case TRADING_VENUE:
        return !strcmp(engine->venues[index].name, name);
    case TRADING_ACCOUNT:
        return is_account(engine, &engine->accounts[index], name);
    case TRADING_STRATEGY:
        return !strcmp(engine->strategies[index].name, name);
    case TRADING_INSTRUMENT:
        return index > 0 && is_instrument(&engine->instruments[index].def, name);
    default:
        return true;
    }
}

uint32_t engine_trading_find(const struct engine *engine, uint32_t scope, const char *name)
{
    const uint32_t counts[TRADING_SCOPES] = {1, engine->venue_count, engine->account_count,
                                             engine->strategy_count, engine->instrument_count + 1};
    uint32_t i;
    for (i = 0; scope < TRADING_SCOPES && i < counts[scope]; i++)
        if (is_named(engine, scope, i, name))
            return i;
    return ENGINE_NONE;
}

/* ---- what it says of an order ---- */

bool engine_trading_concerns(const struct engine *engine, uint32_t scope, uint32_t index,
                             uint32_t strategy, turret_instrument id)
{
    const struct instrument *instrument =
        id >= 1 && id <= engine->instrument_count ? &engine->instruments[id] : NULL;
    switch (scope) {
    case TRADING_ALL:
        return true;
    case TRADING_VENUE:
        return instrument && instrument->venue == index;
    case TRADING_ACCOUNT:
        return instrument && instrument->account == index;
    case TRADING_STRATEGY:
        return strategy == index && index != ENGINE_NONE;
    default:
        return instrument && id == index;
    }
}

static bool concerns(const struct engine *engine, uint32_t at, uint32_t strategy,
                     turret_instrument id)
{
    return engine_trading_concerns(engine, engine->trading.latches[at].scope,
                                   engine->trading.index[at], strategy, id);
}

enum trading_state trading_of(const struct engine *engine, uint32_t strategy, turret_instrument id)
{
    uint32_t i, strictest = TRADING_ACTIVE;
    for (i = 0; i < engine->trading.count; i++)
        if (engine->trading.latches[i].state > strictest && concerns(engine, i, strategy, id))
            strictest = engine->trading.latches[i].state;
    return (enum trading_state)strictest;
}

enum trading_state trading_of_order(const struct engine *engine, const struct order *order)
{
    enum trading_state own = trading_of(engine, order->strategy, order->instrument);
    uint32_t algorithm = execution_algorithm(engine, order);
    enum trading_state works = algorithm == ENGINE_NONE
                                   ? TRADING_ACTIVE
                                   : trading_of(engine, algorithm, order->instrument);
    return works > own ? works : own;
}

void trading_tell(const struct engine *engine, const struct order *order,
                  char text[TRADING_TEXT_MAX])
{
    enum trading_state state = trading_of_order(engine, order);
    uint32_t algorithm = execution_algorithm(engine, order), i;
    text[0] = '\0';
    for (i = 0; i < engine->trading.count && state != TRADING_ACTIVE && !text[0]; i++) {
        const struct trading_latch *latch = &engine->trading.latches[i];
        bool all = latch->scope == TRADING_ALL;
        if (latch->state == state && (concerns(engine, i, order->strategy, order->instrument) ||
                                      concerns(engine, i, algorithm, order->instrument)))
            (void)snprintf(text, TRADING_TEXT_MAX, "%s%s%s is %s",
                           all ? "everything" : trading_scope_name(latch->scope), all ? "" : " ",
                           latch->name, states[state]);
    }
}

static bool is_killed(const struct engine *engine, const struct order *order)
{
    return order_is_working(order) && order->strategy != ORDER_NO_STRATEGY &&
           trading_of_order(engine, order) == TRADING_KILLED;
}

static void cancel_killed(struct engine *engine)
{
    uint32_t cursor = 0;
    struct order *order;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL)
        if (is_killed(engine, order))
            held_let_go(engine, order, ORDER_LET_GO_KILLED);
}

void trading_reported(struct engine *engine, uint64_t order_id)
{
    struct order *order;
    if (engine->trading.count == 0)
        return;
    order = order_table_find(engine->orders, order_id);
    if (order && order->let_go != ORDER_LET_GO_KILLED && is_killed(engine, order))
        held_let_go(engine, order, ORDER_LET_GO_KILLED);
}

/* Whether it protects a position and is the host's to send. */
static bool protects(const struct order *order)
{
    return order->state == TURRET_STATE_HELD && order_protects(order);
}

/* `killed`: they are cancelled next, else they wait. */
static void tell_unprotected(struct engine *engine, bool killed)
{
    const struct order *order;
    uint32_t cursor = 0, count = 0;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL)
        count += protects(order) && trading_of_order(engine, order) >= TRADING_CANCEL_ONLY;
    if (count > 0)
        engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                      "%u protective order%s that the host holds %s %s: %s unprotected", count,
                      count == 1 ? "" : "s", count == 1 ? "is" : "are",
                      killed ? "cancelled" : "not sent while this state lasts",
                      count == 1 ? "its position is" : "their positions are");
}

/* ---- decisions ---- */

static uint32_t find_latch(const struct trading *trading, uint32_t scope, const char *name)
{
    uint32_t i = 0;
    while (i < trading->count &&
           (trading->latches[i].scope != scope || strcmp(trading->latches[i].name, name) != 0))
        i++;
    return i;
}

static void remove_latch(struct trading *trading, uint32_t at)
{
    uint32_t i;
    trading->count--;
    for (i = at; i < trading->count; i++) {
        trading->latches[i] = trading->latches[i + 1];
        trading->index[i] = trading->index[i + 1];
    }
    memset(&trading->latches[trading->count], 0, sizeof trading->latches[0]);
}

/* A table that is full takes the state for everything: too strict is the safe side. */
static struct trading_latch *add_latch(struct engine *engine, uint32_t scope, const char *name)
{
    struct trading *trading = &engine->trading;
    struct trading_latch *latch;
    uint32_t at;
    if (scope != TRADING_ALL && trading->count >= TRADING_LATCHES_MAX - 1) {
        scope = TRADING_ALL;
        name = "";
    }
    at = find_latch(trading, scope, name);
    latch = &trading->latches[at];
    if (at == trading->count) {
        trading->count++;
        memset(latch, 0, sizeof *latch);
        latch->scope = (uint8_t)scope;
        (void)snprintf(latch->name, sizeof latch->name, "%s", name);
        trading->index[at] = engine_trading_find(engine, scope, latch->name);
    }
    return latch;
}

/* What the word of a decision may leave at most. */
static uint32_t most_left(uint32_t kind)
{
    return kind == CONTROL_TRADING_REVIVE   ? TRADING_KILLED
           : kind == CONTROL_TRADING_RESUME ? TRADING_HALTED
                                            : TRADING_CANCEL_ONLY;
}

bool trading_decide(struct engine *engine, const struct event_control *control)
{
    struct trading *trading = &engine->trading;
    struct trading_latch *latch;
    uint32_t at, before;
    char name[sizeof control->name];
    if (control->target >= TRADING_SCOPES || control->value < TRADING_ACTIVE ||
        control->value >= TRADING_STATES)
        return false;
    (void)snprintf(name, sizeof name, "%.47s", control->target == TRADING_ALL ? "" : control->name);
    at = find_latch(trading, control->target, name);
    before = at < trading->count ? trading->latches[at].state : TRADING_ACTIVE;
    if (control->value < before && before > most_left(control->kind))
        return false;
    if (control->value == TRADING_ACTIVE) {
        if (at < trading->count)
            remove_latch(trading, at);
    } else {
        latch = add_latch(engine, control->target, name);
        if (latch->scope == control->target || control->value > latch->state)
            latch->state = (uint8_t)control->value;
        latch->since = engine->now;
        latch->sequence = engine->sequence;
        (void)snprintf(latch->who, sizeof latch->who, "%.15s", control->who);
        (void)snprintf(latch->reason, sizeof latch->reason, "%.63s", control->text);
    }
    if (engine->sink.trading)
        engine->sink.trading(engine->sink.context);
    if (control->value >= TRADING_CANCEL_ONLY)
        tell_unprotected(engine, control->value == TRADING_KILLED);
    if (control->value == TRADING_KILLED)
        cancel_killed(engine);
    return true;
}

static void halt(struct engine *engine, uint32_t scope, const char *name, const char *reason)
{
    struct event_control control;
    memset(&control, 0, sizeof control);
    control.kind = CONTROL_TRADING_STATE;
    control.target = scope;
    control.value = TRADING_HALTED;
    (void)snprintf(control.name, sizeof control.name, "%.47s", name);
    (void)snprintf(control.who, sizeof control.who, "host");
    (void)snprintf(control.text, sizeof control.text, "%.63s", reason);
    (void)trading_decide(engine, &control); /* a stricter state stays */
}

void trading_halt(struct engine *engine, const char *reason)
{
    halt(engine, TRADING_ALL, "", reason);
}

void trading_halt_strategy(struct engine *engine, const char *name, const char *reason)
{
    halt(engine, TRADING_STRATEGY, name, reason);
}

void trading_halt_venue(struct engine *engine, uint32_t venue, const char *reason)
{
    halt(engine, TRADING_VENUE, engine->venues[venue].name, reason);
}

void trading_resolve(struct engine *engine)
{
    struct trading *trading = &engine->trading;
    uint32_t i;
    for (i = 0; i < trading->count; i++)
        trading->index[i] =
            engine_trading_find(engine, trading->latches[i].scope, trading->latches[i].name);
}

/* ---- looking at it ---- */

uint32_t engine_trading_count(const struct engine *engine)
{
    return engine->trading.count;
}

const struct trading_latch *engine_trading_latch(const struct engine *engine, uint32_t index)
{
    return &engine->trading.latches[index];
}

enum trading_state engine_trading_state(const struct engine *engine, uint32_t scope,
                                        const char *name)
{
    uint32_t at = find_latch(&engine->trading, scope, scope == TRADING_ALL ? "" : name);
    return at < engine->trading.count ? (enum trading_state)engine->trading.latches[at].state
                                      : TRADING_ACTIVE;
}

static bool trades_unready(const struct engine *engine, uint32_t venue)
{
    return (engine->venues[venue].caps.can & TURRET_CAN_TRADE) && !engine->venues[venue].ready;
}

uint32_t engine_trading_unready(const struct engine *engine, uint32_t scope, uint32_t index)
{
    const struct strategy *strategy;
    uint32_t i, venue;
    switch (scope) {
    case TRADING_VENUE:
        return trades_unready(engine, index) ? index : ENGINE_NONE;
    case TRADING_ACCOUNT:
        venue = engine->accounts[index].venue;
        return trades_unready(engine, venue) ? venue : ENGINE_NONE;
    case TRADING_INSTRUMENT:
        venue = engine->instruments[index].venue;
        return trades_unready(engine, venue) ? venue : ENGINE_NONE;
    case TRADING_STRATEGY:
        strategy = &engine->strategies[index];
        for (i = 0; i < strategy->instrument_count; i++)
            if (trades_unready(engine, engine->instruments[strategy->instruments[i]].venue))
                return engine->instruments[strategy->instruments[i]].venue;
        return ENGINE_NONE;
    default:
        for (i = 0; i < engine->venue_count; i++)
            if (trades_unready(engine, i))
                return i;
        return ENGINE_NONE;
    }
}

/* No scope as a whole: the name of the strictest, and that it is not everything. */
static const char *name_of_some(uint32_t state)
{
    static const char *const some[TRADING_STATES] = {
        "ACTIVE", "REDUCING (in part: turret state)", "CANCEL_ONLY (in part: turret state)",
        "HALTED (in part: turret state)", "KILLED (in part: turret state)"};
    return some[state];
}

static bool clock_waits(const struct engine *engine)
{
    char text[ENGINE_CLOCK_TEXT_MAX];
    uint32_t i = 0;
    while (i < engine->venue_count && !engine_clock_waits(engine, i, text))
        i++;
    return i < engine->venue_count;
}

const char *engine_trading_name(const struct engine *engine)
{
    uint32_t i, strictest = TRADING_ACTIVE, all = engine_trading_state(engine, TRADING_ALL, "");
    for (i = 0; i < engine->trading.count; i++)
        if (engine->trading.latches[i].state > strictest)
            strictest = engine->trading.latches[i].state;
    if (strictest > all)
        return name_of_some(strictest);
    if (all != TRADING_ACTIVE)
        return states[all];
    for (i = 0; i < engine->account_count; i++) {
        if (engine->account_stopped_by_loss[i])
            return "REDUCING (daily loss reached; turret resume lifts it)";
        if (engine->account_stopped_by_drawdown[i])
            return "REDUCING (drawdown reached; turret resume lifts it)";
    }
    i = engine_trading_unready(engine, TRADING_ALL, 0);
    if (i != ENGINE_NONE && !engine->venues[i].downloading && !engine->venues[i].complete)
        return "STARTING";
    return i != ENGINE_NONE || clock_waits(engine) ? "RECONCILING" : "ACTIVE";
}
