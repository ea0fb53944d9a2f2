/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Risk: losses that stop. A limit is looked at when the line of equity it is about has a new low;
 * what is reached latches, is told once, and stays until a person lifts it.
 */
#include "core/risk_stops.h"

#include "core/risk.h"

#include <string.h>

/* A line of equity, what it is held to, and what has latched on it. */
struct line {
    uint32_t scope, index;
    const struct equity *equity;
    const struct risk_limits *limits;
    bool *loss, *drawdown;
    struct stop *stops; /* by kind */
};

static struct line line_of_account(struct engine *engine, uint32_t account)
{
    return (struct line){.scope = TRADING_ACCOUNT,
                         .index = account,
                         .equity = &engine->accounts[account].equity,
                         .limits = &engine->options.risk,
                         .loss = &engine->account_stopped_by_loss[account],
                         .drawdown = &engine->account_stopped_by_drawdown[account],
                         .stops = engine->account_stops[account]};
}

static struct line line_of_strategy(struct engine *engine, uint32_t index)
{
    struct strategy *strategy = &engine->strategies[index];
    return (struct line){.scope = TRADING_STRATEGY,
                         .index = index,
                         .equity = &strategy->equity,
                         .limits = &strategy->limits,
                         .loss = &strategy->stopped_by_loss,
                         .drawdown = &strategy->stopped_by_drawdown,
                         .stops = strategy->stops};
}

static struct line line_of(struct engine *engine, const struct position *position)
{
    return position->strategy == POSITION_OF_ACCOUNT ? line_of_account(engine, position->account)
                                                     : line_of_strategy(engine, position->strategy);
}

/* A loss won back was reached, too: the lowest of the day counts. */
static bool loss_reached(const struct line *line, struct stop *stop)
{
    const struct equity *equity = line->equity;
    const struct risk_limits *limits = line->limits;
    bool money = risk_is_set(limits->daily_loss), part = risk_is_set(limits->daily_loss_ppm);
    *stop = (struct stop){.lost = money_clamped((money_wide)equity->day_start - equity->day_low),
                          .from = equity->day_start};
    money = money && stop->lost >= limits->daily_loss;
    part = part && (money_wide)stop->lost * MONEY_PPM >=
                       (money_wide)equity->day_start * limits->daily_loss_ppm;
    stop->limit = money ? limits->daily_loss : limits->daily_loss_ppm;
    stop->is_part = !money;
    return stop->lost > 0 && (money || part);
}

static bool drawdown_reached(const struct line *line, struct stop *stop)
{
    const struct equity *equity = line->equity;
    *stop = (struct stop){.lost = money_clamped((money_wide)equity->peak - equity->trough),
                          .from = equity->peak,
                          .limit = line->limits->drawdown_ppm,
                          .is_part = 1};
    return risk_is_set(stop->limit) && equity_fell(equity, stop->limit);
}

/* ---- what is latched, for people ---- */

static void describe_account(const struct engine *engine, uint32_t index, struct engine_stop *to)
{
    const struct account *account = &engine->accounts[index];
    to->scope = TRADING_ACCOUNT;
    memcpy(to->currency, account->currency, sizeof to->currency);
    (void)snprintf(to->name, sizeof to->name, "%.15s/%.7s", engine->venues[account->venue].name,
                   account->currency);
}

static void describe_strategy(const struct engine *engine, uint32_t index, struct engine_stop *to)
{
    const struct strategy *strategy = &engine->strategies[index];
    const struct instrument *first = &engine->instruments[strategy->instruments[0]];
    to->scope = TRADING_STRATEGY;
    memcpy(to->currency, engine->accounts[first->account].currency, sizeof to->currency);
    memcpy(to->name, strategy->name, sizeof to->name);
}

static void describe(const struct engine *engine, uint32_t scope, uint32_t index,
                     struct engine_stop *to)
{
    memset(to, 0, sizeof *to);
    if (scope == TRADING_ACCOUNT)
        describe_account(engine, index, to);
    else
        describe_strategy(engine, index, to);
}

const char *engine_stop_name(uint32_t kind)
{
    static const char *const names[STOP_KINDS] = {[STOP_DAILY_LOSS] = "daily_loss",
                                                  [STOP_DRAWDOWN] = "drawdown",
                                                  [STOP_FILLS] = "fills_per_minute"};
    return kind < STOP_KINDS ? names[kind] : "?";
}

void engine_stop_tell(const struct engine_stop *stop, char text[ENGINE_STOP_TEXT_MAX])
{
    const char *what = stop->kind == STOP_DAILY_LOSS ? "daily loss" : "drawdown";
    const struct stop *of = &stop->stop;
    if (stop->kind == STOP_FILLS && of->since > 0)
        (void)snprintf(text, ENGINE_STOP_TEXT_MAX, "more than %lld %s in a minute",
                       (long long)of->limit, of->limit == 1 ? "execution" : "executions");
    else if (stop->kind == STOP_FILLS)
        (void)snprintf(text, ENGINE_STOP_TEXT_MAX, "fills_per_minute reached");
    else if (of->since == 0)
        (void)snprintf(text, ENGINE_STOP_TEXT_MAX, "%s reached", what);
    else
        (void)snprintf(
            text, ENGINE_STOP_TEXT_MAX, "%s reached: %s of %s %.7s lost, the limit is %s%s", what,
            money_text(of->lost, MONEY_SCALE).text, money_text(of->from, MONEY_SCALE).text,
            stop->currency, money_text(of->limit, of->is_part ? 4 : MONEY_SCALE).text,
            of->is_part ? "%" : "");
}

bool engine_stop_is_whole(const struct engine_stop *stop)
{
    return (stop->scope == TRADING_ACCOUNT || stop->scope == TRADING_STRATEGY) &&
           stop->kind < STOP_KINDS && memchr(stop->name, 0, sizeof stop->name);
}

struct list {
    struct engine_stop *to;
    uint32_t room, count;
};

static void add(struct list *list, const struct engine *engine, uint32_t scope, uint32_t index,
                enum stop_kind kind, bool latched)
{
    struct engine_stop *to = &list->to[list->count];
    if (!latched || list->count == list->room)
        return;
    list->count++;
    describe(engine, scope, index, to);
    to->kind = (uint8_t)kind;
    to->stop = scope == TRADING_ACCOUNT ? engine->account_stops[index][kind]
                                        : engine->strategies[index].stops[kind];
}

uint32_t engine_stops(const struct engine *engine, struct engine_stop *to, uint32_t room)
{
    struct list list = {to, room, 0};
    uint32_t i;
    for (i = 0; i < engine->account_count; i++) {
        add(&list, engine, TRADING_ACCOUNT, i, STOP_DAILY_LOSS, engine->account_stopped_by_loss[i]);
        add(&list, engine, TRADING_ACCOUNT, i, STOP_DRAWDOWN,
            engine->account_stopped_by_drawdown[i]);
    }
    for (i = 0; i < engine->strategy_count; i++) {
        const struct strategy *strategy = &engine->strategies[i];
        add(&list, engine, TRADING_STRATEGY, i, STOP_DAILY_LOSS, strategy->stopped_by_loss);
        add(&list, engine, TRADING_STRATEGY, i, STOP_DRAWDOWN, strategy->stopped_by_drawdown);
        add(&list, engine, TRADING_STRATEGY, i, STOP_FILLS,
            strategy->conduct.stopped_by_fills != 0);
    }
    return list.count;
}

/* ---- latching ---- */

static void latch(struct engine *engine, const struct line *line, enum stop_kind kind,
                  const struct stop *stop)
{
    char text[ENGINE_STOP_TEXT_MAX];
    struct engine_stop told;
    line->stops[kind] = *stop;
    line->stops[kind].since = engine->now;
    engine->stops_changed = true;
    describe(engine, line->scope, line->index, &told);
    told.kind = (uint8_t)kind;
    told.stop = line->stops[kind];
    engine_stop_tell(&told, text);
    engine_notice(engine, NOTICE_ALARM, line->scope == TRADING_STRATEGY ? line->index : ENGINE_NONE,
                  "%s %s: %s; it may only close until turret resume --reason TEXT",
                  trading_scope_name(line->scope), told.name, text);
}

static void look_at_loss(struct engine *engine, const struct line *line)
{
    struct stop stop;
    if (*line->loss || !loss_reached(line, &stop))
        return;
    *line->loss = true;
    latch(engine, line, STOP_DAILY_LOSS, &stop);
}

static void look_at_drawdown(struct engine *engine, const struct line *line)
{
    struct stop stop;
    if (*line->drawdown || !drawdown_reached(line, &stop))
        return;
    *line->drawdown = true;
    latch(engine, line, STOP_DRAWDOWN, &stop);
}

static void look(struct engine *engine, const struct line *line)
{
    look_at_loss(engine, line);
    look_at_drawdown(engine, line);
}

void risk_lowered(struct engine *engine, const struct position *position)
{
    struct line line = line_of(engine, position);
    look(engine, &line);
}

void risk_look_again(struct engine *engine)
{
    uint32_t i;
    for (i = 0; i < engine->position_count; i++) {
        struct line line = line_of(engine, &engine->positions[i]);
        look_at_loss(engine, &line);
        if (line.equity->trough < line.equity->peak) /* a drawdown of nothing is the gate's */
            look_at_drawdown(engine, &line);
    }
}

/* Less than the part, without a division; nothing of what is not positive. */
static turret_money nearly(turret_money of, int64_t ppm)
{
    return of <= 0 ? 0 : money_clamped((money_wide)(of >> 20) * ppm);
}

struct risk_near risk_near(struct engine *engine, const struct position *position)
{
    struct line line = line_of(engine, position);
    const struct risk_limits *limits = line.limits;
    struct risk_near near = {INT64_MIN, UINT64_MAX};
    turret_money loss = INT64_MAX;
    if (risk_is_set(limits->daily_loss))
        loss = limits->daily_loss;
    if (risk_is_set(limits->daily_loss_ppm) &&
        nearly(line.equity->day_start, limits->daily_loss_ppm) < loss)
        loss = nearly(line.equity->day_start, limits->daily_loss_ppm);
    if (!*line.loss)
        near.floor = money_clamped((money_wide)line.equity->day_start - loss);
    if (!*line.drawdown && risk_is_set(limits->drawdown_ppm))
        near.depth = (uint64_t)nearly(line.equity->peak, limits->drawdown_ppm);
    return near;
}

/* ---- the gate ---- */

/* Latched: once reached, only closing orders pass until a person lifts it. */
uint32_t risk_stops(const struct candidate *c)
{
    struct line account = line_of_account(c->engine, c->account_index);
    struct line own = line_of_strategy(c->engine, c->strategy->index);
    const struct risk_limits *all = account.limits;
    if ((!risk_is_set(all->daily_loss) && !risk_is_set(all->daily_loss_ppm)) ||
        !risk_is_set(all->drawdown_ppm))
        return DENY_LIMIT_UNSET;
    look(c->engine, &account);
    look(c->engine, &own);
    if (!risk_opens(c))
        return DENY_NONE;
    if (*account.loss || *own.loss)
        return DENY_DAILY_LOSS;
    return *account.drawdown || *own.drawdown ? DENY_DRAWDOWN : DENY_NONE;
}
