/* SPDX-License-Identifier: Apache-2.0 */
/* What a strategy on the bench may ask, and how its orders fare. */
#include "check/check_strategy_host.h"

#include <math.h>
#include <string.h>

#define MONEY_ONE    INT64_C(100000000)
#define CASH         (INT64_C(100000) * MONEY_ONE)
#define MONEY_SCALE  8
#define REASON_SHOWN 40

/* Breaches are told once, with the callback that did it. */
#define BREACH(bench, ...)                                                                         \
    do {                                                                                           \
        char breach[200];                                                                          \
        (void)snprintf(breach, sizeof breach, __VA_ARGS__);                                        \
        if (!(bench)->lenient)                                                                     \
            check_fail((bench)->check, "%s: %s", (bench)->calling ? (bench)->calling : "outside",  \
                       breach);                                                                    \
    } while (0)

/* The bench behind the handle; the host is called on its own thread only. */
static struct strategy_bench *of(struct turret_strategy *self)
{
    struct strategy_bench *bench = (struct strategy_bench *)(void *)self;
    if (!pthread_equal(bench->thread, pthread_self()))
        BREACH(bench, "calls the host from a thread of its own");
    return bench;
}

void strategy_bench_enter(struct strategy_bench *bench, const char *name)
{
    bench->calling = name;
    bench->asked = 0;
    check_stage(bench->check, name);
}

void strategy_bench_leave(struct strategy_bench *bench)
{
    bench->calling = NULL;
    check_stage(bench->check, "");
}

/* Counts one request of this event; false when the queue is full. */
static bool ask(struct strategy_bench *bench, const void *what, size_t size)
{
    if (bench->checking)
        BREACH(bench, "asks for something while it is asked");
    bench->digest = check_digest(bench->digest, what, size);
    bench->intents++;
    if (++bench->asked > BENCH_FLOOD)
        BREACH(bench, "asked for something %u times in one event, the queue takes %d", bench->asked,
               BENCH_INTENTS_MAX);
    return bench->asked <= BENCH_INTENTS_MAX;
}

static int index_of(const struct strategy_bench *bench, turret_instrument instrument)
{
    for (int i = 0; i < BENCH_INSTRUMENTS; i++)
        if (bench->instruments[i] == instrument)
            return i;
    return -1;
}

static turret_indicator use(struct turret_strategy *self, turret_instrument instrument,
                            int64_t timeframe_ns, const char *expression, struct turret_error *err)
{
    struct strategy_bench *bench = of(self);
    (void)timeframe_ns;
    if (!bench->starting) {
        BREACH(bench, "turret_use() is for on_start() only");
        (void)turret_fail(err, TURRET_ESTATE, "turret_use() is for on_start() only");
        return NULL;
    }
    if (instrument == 0)
        instrument = bench->instruments[0];
    if (bench->slot_count == BENCH_SLOTS) {
        (void)turret_fail(err, TURRET_ELIMIT, "a strategy may use %d indicators", BENCH_SLOTS);
        return NULL;
    }
    if (strlen(expression) >= sizeof bench->slots[0].expression) {
        (void)turret_fail(err, TURRET_EINVAL, "an expression of %zu characters",
                          strlen(expression));
        return NULL;
    }
    memset(&bench->slots[bench->slot_count], 0, sizeof bench->slots[0]);
    (void)snprintf(bench->slots[bench->slot_count].expression, sizeof bench->slots[0].expression,
                   "%s", expression);
    bench->slots[bench->slot_count].instrument = instrument;
    return &bench->slots[bench->slot_count++].slot;
}

void strategy_bench_set_slots(struct strategy_bench *bench, uint32_t bar_number)
{
    for (uint32_t i = 0; i < bench->slot_count; i++) {
        const char *expression = bench->slots[i].expression;
        uint64_t start = check_digest(CHECK_DIGEST_START, &bench->check->seed, sizeof(uint64_t));
        uint64_t noise = check_digest(start, expression, strlen(expression)) + bar_number / 7;
        noise |= 1;
        for (uint32_t o = 0; o < TURRET_OUTPUTS_MAX; o++) {
            (void)check_random(&noise);
            bench->slots[i].slot.value[o] = (double)check_between(&noise, 500, 11500) / 100.0;
        }
        bench->slots[i].slot.ready = 1;
    }
}

static struct bench_order *add_order(struct strategy_bench *bench, turret_instrument instrument)
{
    struct bench_order *order = &bench->orders[bench->order_count % BENCH_ORDERS];
    bench->order_count++;
    memset(order, 0, sizeof *order);
    order->order.struct_size = (uint32_t)sizeof order->order;
    order->order.instrument = instrument;
    order->order.id = bench->next_order++;
    order->order.created = order->order.updated = bench->now;
    order->order.state = TURRET_STATE_ACCEPTED;
    order->fresh = order->working = true;
    return order;
}

static int32_t target(struct turret_strategy *self, turret_instrument instrument, turret_qty qty,
                      const char *reason)
{
    struct strategy_bench *bench = of(self);
    int at = index_of(bench, instrument);
    const int64_t said[3] = {1, (int64_t)instrument, qty};
    struct bench_order *order;
    turret_qty difference;
    (void)reason;
    if (at < 0 || bench->wish[at] == qty || !ask(bench, said, sizeof said) ||
        __builtin_sub_overflow(qty, bench->position[at], &difference) || difference == INT64_MIN)
        return 0;
    bench->wish[at] = qty;
    if (difference == 0)
        return 1;
    order = add_order(bench, instrument);
    order->order.type = TURRET_ORDER_MARKET;
    order->order.tif = TURRET_TIF_GTC;
    order->order.side = difference > 0 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
    order->order.qty = difference > 0 ? difference : -difference;
    return 1;
}

static void look_at_request(struct strategy_bench *bench, const struct turret_order_request *r)
{
    if (r->struct_size != sizeof *r &&
        r->struct_size != offsetof(struct turret_order_request, expires))
        BREACH(bench, "a request of struct_size %u, it has %zu bytes", r->struct_size, sizeof *r);
    if (r->side != TURRET_SIDE_BUY && r->side != TURRET_SIDE_SELL)
        BREACH(bench, "a request for side %u", r->side);
    if (r->type < TURRET_ORDER_MARKET || r->type > TURRET_ORDER_TRAILING_STOP)
        BREACH(bench, "a request of order type %u", r->type);
    if (r->tif > TURRET_TIF_GTD)
        BREACH(bench, "a request with time in force %u", r->tif);
    if (r->qty <= 0 && !bench->any_quantity)
        BREACH(bench, "a request for quantity %lld", (long long)r->qty);
    if (!memchr(r->reason, 0, sizeof r->reason))
        BREACH(bench, "a request whose reason has no end: '%.*s'", REASON_SHOWN, r->reason);
}

static uint64_t submit(struct turret_strategy *self, const struct turret_order_request *request)
{
    struct strategy_bench *bench = of(self);
    struct bench_order *order;
    look_at_request(bench, request);
    if (!ask(bench, request, offsetof(struct turret_order_request, reason)))
        return 0;
    if (index_of(bench, request->instrument) < 0)
        return bench->next_order++; /* the host denies it later */
    order = add_order(bench, request->instrument);
    order->order.side = request->side;
    order->order.type = request->type;
    order->order.tif = request->tif ? request->tif : TURRET_TIF_GTC;
    order->order.flags = request->flags;
    order->order.qty = request->qty;
    order->order.limit_price = request->limit_price;
    order->order.stop_price = request->stop_price;
    return order->order.id;
}

static struct bench_order *find(struct strategy_bench *bench, uint64_t id)
{
    for (uint32_t i = 0; i < BENCH_ORDERS && i < bench->order_count; i++)
        if (bench->orders[i].order.id == id)
            return &bench->orders[i];
    return NULL;
}

static int32_t cancel(struct turret_strategy *self, uint64_t order_id)
{
    struct bench_order *order = find(of(self), order_id);
    const uint64_t said[2] = {2, order_id};
    if (!order)
        return TURRET_ENOTFOUND;
    if (!order->working)
        return TURRET_ESTATE;
    if (!ask(of(self), said, sizeof said))
        return TURRET_ELIMIT;
    order->canceling = true;
    return TURRET_OK;
}

static int32_t modify(struct turret_strategy *self, uint64_t order_id, turret_qty qty,
                      turret_price limit_price, turret_price stop_price)
{
    struct bench_order *order = find(of(self), order_id);
    const int64_t said[5] = {3, (int64_t)order_id, qty, limit_price, stop_price};
    if (!order)
        return TURRET_ENOTFOUND;
    if (!order->working)
        return TURRET_ESTATE;
    if (!ask(of(self), said, sizeof said))
        return TURRET_ELIMIT;
    order->order.qty = qty > 0 ? qty : order->order.qty;
    order->order.limit_price = limit_price ? limit_price : order->order.limit_price;
    order->order.stop_price = stop_price ? stop_price : order->order.stop_price;
    return TURRET_OK;
}

static turret_qty position(struct turret_strategy *self, turret_instrument instrument)
{
    int at = index_of(of(self), instrument);
    return at < 0 ? 0 : of(self)->position[at];
}

static int32_t account(struct turret_strategy *self, turret_instrument instrument,
                       struct turret_account *out)
{
    if (index_of(of(self), instrument) < 0)
        return TURRET_ENOTFOUND;
    *out = (struct turret_account){.struct_size = (uint32_t)sizeof *out,
                                   .currency_scale = MONEY_SCALE,
                                   .currency = "USD",
                                   .cash = CASH,
                                   .equity = CASH,
                                   .buying_power = CASH};
    return TURRET_OK;
}

static const struct turret_instrument_def *instrument(struct turret_strategy *self,
                                                      turret_instrument id)
{
    int at = index_of(of(self), id);
    return at < 0 ? NULL : &of(self)->defs[at];
}

static turret_money fee(struct turret_strategy *self, turret_instrument id, turret_qty qty,
                        turret_price price)
{
    (void)price;
    return index_of(of(self), id) < 0 || qty == 0 ? 0 : MONEY_ONE;
}

static void score(struct turret_strategy *self, turret_instrument id, double value,
                  const char *reason)
{
    struct strategy_bench *bench = of(self);
    (void)id;
    (void)reason;
    if (!isfinite(value))
        BREACH(bench, "a score that is not a number");
    bench->digest = check_digest(bench->digest, &value, sizeof value);
}

static int32_t timer(struct turret_strategy *self, uint32_t timer_id, turret_time_ns at)
{
    if (timer_id >= 8 || at < 0)
        return TURRET_EINVAL;
    of(self)->timers[timer_id] = at;
    return TURRET_OK;
}

static void say(struct turret_strategy *self, uint32_t level, const char *text)
{
    (void)self;
    (void)level;
    (void)text;
}

static const void *get_extension(struct turret_strategy *self, const char *name_and_revision)
{
    (void)self;
    (void)name_and_revision;
    return NULL;
}

void strategy_bench_offer_host(struct strategy_bench *bench)
{
    bench->host = (struct turret_strategy_host){(uint32_t)sizeof bench->host,
                                                0,
                                                use,
                                                target,
                                                submit,
                                                cancel,
                                                modify,
                                                position,
                                                account,
                                                instrument,
                                                fee,
                                                score,
                                                timer,
                                                say,
                                                get_extension};
    bench->handle.host = &bench->host;
}

/* ---- what becomes of orders ---- */

static void tell(struct strategy_bench *bench, struct bench_order *order, uint8_t state)
{
    struct turret_order view;
    order->order.state = state;
    order->order.updated = bench->now;
    view = order->order;
    if (!bench->type->on_order)
        return;
    strategy_bench_enter(bench, "on_order");
    bench->type->on_order(&bench->handle, &view);
    strategy_bench_leave(bench);
}

/* Does the bar trade where this order wants to? */
static bool reached(const struct turret_order *order, const struct turret_bar *bar)
{
    bool buy = order->side == TURRET_SIDE_BUY;
    if (order->type == TURRET_ORDER_MARKET)
        return true;
    if (order->type == TURRET_ORDER_LIMIT)
        return buy ? bar->low <= order->limit_price : bar->high >= order->limit_price;
    return buy ? bar->high >= order->stop_price : bar->low <= order->stop_price;
}

static void fill(struct strategy_bench *bench, struct bench_order *order,
                 const struct turret_bar *bar)
{
    int at = index_of(bench, order->order.instrument);
    turret_qty change = order->order.side == TURRET_SIDE_BUY ? order->order.qty : -order->order.qty;
    struct turret_fill view = {.struct_size = (uint32_t)sizeof view,
                               .instrument = order->order.instrument,
                               .order_id = order->order.id,
                               .side = order->order.side,
                               .qty = order->order.qty,
                               .price = bar->open,
                               .fee = MONEY_ONE,
                               .time = bench->now};
    order->working = false;
    if (at < 0 || __builtin_add_overflow(bench->position[at], change, &bench->position[at])) {
        tell(bench, order, TURRET_STATE_REJECTED);
        return;
    }
    view.fill_id = ++bench->fills;
    order->order.filled_qty = order->order.qty;
    order->order.average_price = bar->open;
    if (bench->type->on_fill) {
        strategy_bench_enter(bench, "on_fill");
        bench->type->on_fill(&bench->handle, &view);
        strategy_bench_leave(bench);
    }
    tell(bench, order, TURRET_STATE_FILLED);
}

void strategy_bench_settle(struct strategy_bench *bench, const struct turret_bar *bar)
{
    for (uint32_t i = 0; i < BENCH_ORDERS && i < bench->order_count; i++) {
        struct bench_order *order = &bench->orders[i];
        if (!order->working)
            continue;
        if (order->fresh) {
            order->fresh = false;
            tell(bench, order, TURRET_STATE_ACCEPTED);
        } else if (order->canceling) {
            order->working = false;
            tell(bench, order, TURRET_STATE_CANCELED);
        } else if (bar && order->order.instrument == bar->instrument &&
                   reached(&order->order, bar)) {
            fill(bench, order, bar);
        }
    }
}
