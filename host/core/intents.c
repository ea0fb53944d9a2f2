/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strategies asked for, collected while they run and processed after they return: journaled,
 * checked by risk, turned into orders and commands.
 */
#include "core/execution.h"

#include <assert.h>
#include <string.h>

#define NO_ID "no order id is left before the next start"

static void tell_denied(struct engine *engine, struct strategy *strategy, const char *what,
                        uint32_t denial, const char *why);

struct event_intent *intents_add(struct engine *engine, struct strategy *strategy, uint8_t kind)
{
    struct event_intent *intent;
    uint32_t at;
    if (strategy->turn != engine->turn) {
        strategy->turn = engine->turn;
        strategy->turn_intents = 0;
    }
    if (strategy->run != STRATEGY_RUNNING || engine->rules.asking ||
        strategy->turn_intents >= ENGINE_TURN_INTENTS ||
        engine->intent_count >= engine->options.intents_max)
        return NULL;
    if ((kind == INTENT_TARGET || kind == INTENT_SUBMIT) &&
        !order_id_is_given(engine->next_order_id)) {
        strategy->denials++;
        tell_denied(engine, strategy, NO_ID, DENY_CAPACITY, denial_text(DENY_CAPACITY));
        return NULL;
    }
    at = engine->intent_head + engine->intent_count++;
    if (at >= engine->options.intents_max)
        at -= engine->options.intents_max;
    strategy->turn_intents++;
    intent = &engine->intents[at];
    memset(intent, 0, sizeof *intent);
    intent->strategy = strategy->index;
    intent->kind = kind;
    return intent;
}

void intents_forget(struct engine *engine, struct strategy *strategy, uint32_t count)
{
    while (count-- > 0 && engine->intent_count > 0) {
        uint32_t at = (engine->intent_head + --engine->intent_count) % engine->options.intents_max;
        const struct event_intent *intent = &engine->intents[at];
        struct position *position = strategy_position(engine, strategy, intent->instrument);
        assert(intent->strategy == strategy->index);
        strategy->turn_intents--;
        if (intent->kind == INTENT_TARGET || intent->kind == INTENT_SUBMIT)
            engine->next_order_id--; /* nobody has seen it */
        if (intent->kind == INTENT_TARGET && position)
            position->has_target = 0;
    }
}

/* What a request was before it grew: as much is always there. */
#define REQUEST_FIRST_SIZE offsetof(struct turret_order_request, expires)

static void copy_text(char *to, const char *from, size_t room)
{
    memcpy(to, from, strnlen(from, room - 1)); /* into zeroed bytes */
}

void intent_of_request(struct event_intent *intent, const struct turret_order_request *request)
{
    struct turret_order_request whole;
    size_t size = request->struct_size;
    memset(&whole, 0, sizeof whole);
    if (size < REQUEST_FIRST_SIZE)
        size = REQUEST_FIRST_SIZE;
    memcpy(&whole, request, size < sizeof whole ? size : sizeof whole);
    intent->instrument = whole.instrument;
    intent->side = whole.side;
    intent->type = whole.type;
    intent->tif = whole.tif ? whole.tif : TURRET_TIF_GTC;
    intent->flags = whole.flags;
    intent->qty = whole.qty;
    intent->limit_price = whole.limit_price;
    intent->stop_price = whole.stop_price;
    intent->expires = whole.expires;
    intent->trail = whole.trail;
    intent->display_qty = whole.display_qty;
    intent->take_profit = whole.take_profit;
    intent->stop_loss = whole.stop_loss;
    intent->stop_trail = whole.stop_trail;
    intent->oco = whole.oco;
    intent->parent = whole.parent;
    copy_text(intent->reason, whole.reason, sizeof intent->reason);
    copy_text(intent->execution, whole.execution, sizeof intent->execution);
}

/* ---- orders from intents ---- */

/* `way`: of a target, what is to be traded to get there; by a market order. */
static void order_of(const struct engine *engine, struct order *order,
                     const struct event_intent *intent, turret_qty way)
{
    order->by_target = intent->kind == INTENT_TARGET;
    order->instrument = intent->instrument;
    order->side = intent->side;
    order->type = intent->type;
    order->tif = intent->tif;
    order->flags = intent->flags;
    order->qty = intent->qty;
    if (order->by_target) {
        order->side = way > 0 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
        order->type = TURRET_ORDER_MARKET;
        order->tif = TURRET_TIF_GTC;
        order->qty = way > 0 ? way : -way;
    }
    order->limit_price = intent->limit_price;
    order->stop_price = intent->stop_price;
    order->expires = intent->expires;
    order->trail = intent->trail;
    order->display_qty = intent->display_qty;
    order->take_profit = intent->take_profit;
    order->stop_loss = intent->stop_loss;
    order->stop_trail = intent->stop_trail;
    order->oco = intent->oco;
    order->parent = intent->parent;
    order->role = execution_parent(engine, intent) ? ORDER_SLICE : ORDER_OWN;
    order->created = order->updated = engine->now;
    order->deadline = engine->now + ORDER_DEADLINE_NS;
    order->sequence = engine->sequence;
    order->request_version = 1;
    order->config_version = engine->config_version;
    memcpy(order->build, engine->strategies[intent->strategy].acting->build, sizeof order->build);
    memcpy(order->reason, intent->reason, sizeof order->reason);
    if (intent->instrument >= 1 && intent->instrument <= engine->instrument_count)
        order->venue = (uint16_t)engine->instruments[intent->instrument].venue;
    else
        order->instrument = 0; /* a number of nobody's: another configuration may give it away */
}

void intent_forget_target(struct engine *engine, const struct order *order)
{
    struct position *position;
    if (!order->by_target || order->strategy >= engine->strategy_count)
        return;
    position = strategy_position(engine, &engine->strategies[order->strategy], order->instrument);
    if (position && position->has_target == POSITION_TARGET_WAITS)
        return; /* it is a newer one */
    if (position)
        position->has_target = 0;
    shadow_forget_target(&engine->strategies[order->strategy], order->instrument);
}

/* A wish is often repeated with every bar: it is told the first time, and whenever the number of
   times has doubled. `what`: of which order; `why` as why_denied() has it. */
static void tell_denied(struct engine *engine, struct strategy *strategy, const char *what,
                        uint32_t denial, const char *why)
{
    uint64_t times = ++strategy->denied[denial];
    char count[48] = "";
    strategy->was_denied = true;
    if ((times & (times - 1)) != 0)
        return;
    if (times > 1)
        (void)snprintf(count, sizeof count, ", %llu times by now", (unsigned long long)times);
    engine_notice(engine, NOTICE_DENIED, strategy->index, "%s: %s: %s (%s)%s", strategy->name, what,
                  why, denial_name(denial), count);
}

static const char *why_denied(const struct engine *engine, const struct order *order,
                              uint32_t denial, char text[TRADING_TEXT_MAX])
{
    const char *late = denial == DENY_PARENT ? execution_comes_late(engine, order) : NULL;
    text[0] = '\0';
    if (denial == DENY_TRADING_STATE)
        trading_tell(engine, order, text);
    return text[0] ? text : late ? late : engine_denial_text(engine, denial);
}

static void deny(struct engine *engine, struct strategy *strategy, struct order *order,
                 uint32_t denial)
{
    char what[64], text[TRADING_TEXT_MAX];
    const char *why = why_denied(engine, order, denial, text);
    const char *values = risk_said_values(engine, denial);
    order->denial = denial;
    strategy->denials++;
    (void)order_change(engine, order, TURRET_STATE_DENIED, values[0] ? values : why);
    engine_denied(engine, order, denial);
    (void)snprintf(what, sizeof what, "%s %s %s", order_side_name(order->side),
                   order_type_name(order->type),
                   market_qty_text(engine, order->instrument, order->qty).text);
    tell_denied(engine, strategy, what, denial, why);
}

/* Whose order it becomes: a part is its parent's strategy's. */
static struct strategy *owner_of(const struct engine *engine, const struct event_intent *intent)
{
    const struct order *parent = execution_parent(engine, intent);
    return &engine->strategies[parent && parent->strategy < engine->strategy_count
                                   ? parent->strategy
                                   : intent->strategy];
}

static void place(struct engine *engine, const struct event_intent *intent, turret_qty way)
{
    struct strategy *strategy = owner_of(engine, intent);
    struct order *order = order_table_add(engine->orders, intent->order_id), lost;
    const char *name = execution_of(strategy, intent);
    uint32_t denial = DENY_NONE, algorithm = ENGINE_NONE;
    strategy->orders++;
    if (!order) {
        memset(&lost, 0, sizeof lost);
        lost.id = intent->order_id;
        lost.state = TURRET_STATE_INIT;
        order_of(engine, &lost, intent, way);
        lost.strategy = strategy->index;
        deny(engine, strategy, &lost, DENY_CAPACITY);
        return;
    }
    order_of(engine, order, intent, way);
    order->strategy = strategy->index;
    if (name[0]) {
        algorithm = execution_find(engine, name, order->instrument);
        if (algorithm == ENGINE_NONE || algorithm == strategy->index || !execution_takes(order))
            denial = DENY_EXECUTION;
    }
    if (!denial && intent->parent)
        denial = execution_may(engine, intent);
    if (!denial && intent->parent) /* what only reduces, or may not take, is worked by such parts */
        order->flags |= order_table_find(engine->orders, intent->parent)->flags;
    if (!denial && !intent->parent)
        denial = protection_attach(engine, strategy, order);
    if (!denial)
        denial = held_check(engine, strategy, order);
    if (denial != DENY_NONE) {
        deny(engine, strategy, order, denial);
        return;
    }
    if (strategy->was_denied)
        memset(strategy->denied, 0, sizeof strategy->denied);
    strategy->was_denied = false;
    gap_asked(engine, order, order->qty);
    held_pair_up(engine, order);
    if (algorithm != ENGINE_NONE)
        execution_begin(engine, order, algorithm);
    else
        held_place(engine, order);
}

/* An order of the strategy's whose fate nobody knows: what it holds is not known either. */
static bool has_unknown(const struct engine *engine, const struct strategy *strategy,
                        turret_instrument instrument)
{
    const struct order *order;
    uint32_t cursor = 0;
    if (engine->venues[engine->instruments[instrument].venue].unknown == 0)
        return false;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL)
        if (order->state == TURRET_STATE_UNKNOWN && order->strategy == strategy->index &&
            order->instrument == instrument)
            return true;
    return false;
}

/* From where the strategy stands to where it wants to be; beyond the range it is the largest there
   is, which risk denies. */
static turret_qty way_to(const struct position *position, turret_qty target)
{
    money_wide wide = (money_wide)target - position->qty - position->open_buy + position->open_sell;
    return wide > INT64_MAX ? INT64_MAX : wide < -INT64_MAX ? -INT64_MAX : (turret_qty)wide;
}

/* A wish that waited, and nobody will ask for any more: silence would look like it were met. */
static void give_up(struct engine *engine, struct strategy *strategy,
                    const struct position *position)
{
    const struct turret_instrument_def *def = &engine->instruments[position->instrument].def;
    char target[MONEY_TEXT_MAX];
    const char *why = strategy->run != STRATEGY_RUNNING           ? "the strategy does not run"
                      : !order_id_is_given(engine->next_order_id) ? NO_ID
                                                                  : "too many intents at once";
    money_format(position->target, def->qty_scale, target, sizeof target);
    engine_notice(
        engine, NOTICE_DENIED, strategy->index,
        "%s: its wish to hold %s of %s, which waited for an order to end, is given up: %s",
        strategy->name, target, def->symbol, why);
    shadow_forget_target(strategy, position->instrument);
}

void intents_resume(struct engine *engine)
{
    uint32_t s, i;
    engine->targets_waiting = 0;
    for (s = 0; s < engine->strategy_count; s++)
        for (i = 0; i < engine->strategies[s].instrument_count; i++) {
            struct strategy *strategy = &engine->strategies[s];
            struct position *position = &engine->positions[strategy->first_position + i];
            struct event_intent *intent;
            if (position->has_target != POSITION_TARGET_WAITS)
                continue;
            if (strategy->run == STRATEGY_PAUSED ||
                execution_gives_way(engine, strategy, position->instrument, 0)) {
                engine->targets_waiting++;
                continue;
            }
            position->has_target = POSITION_NO_TARGET;
            intent = intents_add(engine, strategy, INTENT_TARGET);
            if (!intent) {
                give_up(engine, strategy, position);
                continue;
            }
            intent->instrument = position->instrument;
            intent->order_id = engine->next_order_id++;
            intent->qty = position->target;
            copy_text(intent->reason, "its last order has ended", sizeof intent->reason);
            position->has_target = POSITION_TARGET;
        }
}

/* The market order that leads there. */
static void place_target(struct engine *engine, const struct event_intent *intent)
{
    struct strategy *strategy = &engine->strategies[intent->strategy];
    struct position *position = strategy_position(engine, strategy, intent->instrument);
    const struct turret_instrument_def *def;
    turret_qty difference;
    if (!position)
        return;
    if (has_unknown(engine, strategy, intent->instrument)) {
        position->has_target = 0; /* not now: it may be said again */
        shadow_forget_target(strategy, intent->instrument);
        return;
    }
    position->target = amount_clamped(intent->qty); /* a journal may say anything */
    position->has_target = POSITION_TARGET_WAITS;
    def = &engine->instruments[intent->instrument].def;
    difference = way_to(position, intent->qty);
    if (execution_gives_way(engine, strategy, intent->instrument,
                            difference > 0   ? TURRET_SIDE_BUY
                            : difference < 0 ? TURRET_SIDE_SELL
                                             : 0)) {
        engine->targets_waiting++;
        return;
    }
    position->has_target = POSITION_TARGET;
    difference = way_to(position, intent->qty);
    difference -= difference % def->lot_size;
    if (difference == 0 || (difference < 0 ? -difference : difference) < def->min_qty)
        return;
    place(engine, intent, difference);
}

/* Closing by time or by a person is not the strategy's to change. */
static bool is_the_hosts(struct engine *engine, const struct order *order)
{
    if (order->role != ORDER_EXIT || order->parent != 0)
        return false;
    engine_notice(
        engine, NOTICE_LOG, order->strategy, "%s: order %llu is the host's (%s) and stays as it is",
        engine->strategies[order->strategy].name, (unsigned long long)order->id, order->reason);
    return true;
}

static void request_cancel(struct engine *engine, const struct event_intent *intent)
{
    struct order *order = order_table_find(engine->orders, intent->order_id);
    if (!order || !order_is_working(order) || is_the_hosts(engine, order))
        return;
    if (order->let_go < ORDER_LET_GO_BY_PERSON)
        order->let_go = ORDER_LET_GO;
    held_cancel(engine, order, "cancelled before sending");
}

static void request_modify(struct engine *engine, const struct event_intent *intent)
{
    struct order *order = order_table_find(engine->orders, intent->order_id);
    struct strategy *strategy; /* whose order it is: an algorithm changes another's */
    struct order wanted;
    char what[64], text[TRADING_TEXT_MAX];
    uint32_t denial;
    if (!order || order->strategy >= engine->strategy_count || !order_is_working(order) ||
        order->request != TURRET_REQUEST_NONE ||
        order->pending_qty > 0 || /* nobody knows yet what the change before came to */
        is_the_hosts(engine, order))
        return;
    strategy = &engine->strategies[order->strategy];
    wanted = *order;
    if (intent->qty > 0)
        wanted.qty = intent->qty;
    if (intent->limit_price > 0)
        wanted.limit_price = intent->limit_price;
    if (intent->stop_price > 0)
        wanted.stop_price = intent->stop_price;
    order_count(engine, order, -1); /* it is not one more */
    denial = held_check(engine, strategy, &wanted);
    order_count(engine, order, 1);
    if (denial != DENY_NONE) {
        strategy->denials++;
        engine_denied(engine, &wanted, denial);
        (void)snprintf(what, sizeof what, "change of order %llu", (unsigned long long)order->id);
        tell_denied(engine, strategy, what, denial, why_denied(engine, &wanted, denial, text));
        return;
    }
    gap_asked(engine, order, wanted.qty);
    if (order->state == TURRET_STATE_HELD) {
        held_modify(engine, order, &wanted);
        return;
    }
    order_reserve(engine, order, -1);
    order->pending_qty = wanted.qty; /* reserved until the venue says which it is */
    order_reserve(engine, order, 1);
    order->request = TURRET_REQUEST_PENDING_MODIFY;
    order->request_version++;
    order->deadline = wanted.deadline = engine->now + ORDER_DEADLINE_NS;
    order->updated = engine->now;
    order_publish(engine, order);
    wanted.request_version = order->request_version;
    engine_command(engine, COMMAND_MODIFY, &wanted);
}

void intent_apply(struct engine *engine, const struct event_intent *intent)
{
    bool orders = intent->kind == INTENT_TARGET || intent->kind == INTENT_SUBMIT;
    if (intent->strategy >= engine->strategy_count ||
        (orders && !order_id_is_given(intent->order_id))) /* a journal may say anything */
        return;
    if (orders && intent->order_id >= engine->next_order_id)
        engine->next_order_id = intent->order_id + 1;
    switch (intent->kind) {
    case INTENT_TARGET:
        place_target(engine, intent);
        break;
    case INTENT_SUBMIT:
        place(engine, intent, 0);
        break;
    case INTENT_CANCEL:
        request_cancel(engine, intent);
        break;
    case INTENT_MODIFY:
        request_modify(engine, intent);
        break;
    default:
        break;
    }
}

/*
 * Processes what was collected. A denial or an ended order may make a strategy ask again; those
 * intents join the same queue, which is bounded by ENGINE_TURN_INTENTS a strategy.
 */
void intents_process(struct engine *engine)
{
    if (engine->recorded || engine->intent_count == 0)
        return;
    while (engine->intent_count > 0) {
        struct event event;
        memset(&event, 0, offsetof(struct event, u));
        event.type = EVENT_INTENT;
        event.venue = EVENT_FROM_HOST;
        event.time = engine->now;
        event.u.intent = engine->intents[engine->intent_head];
        /* an empty queue begins anew, in memory that is still near */
        engine->intent_head =
            --engine->intent_count ? (engine->intent_head + 1) % engine->options.intents_max : 0;
        engine_record(engine, &event);
        intent_apply(engine, &event.u.intent);
    }
    engine->turn++;
}
