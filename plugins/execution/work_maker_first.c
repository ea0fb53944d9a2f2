/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Works orders as a maker first: a post-only part at the best price of its own side, which follows
 * that price; after `patience` seconds it takes what is left, immediate or cancel, at the other
 * side's best price if that is no worse than `slip` per cent from the price when the order came,
 * and no worse than the order's own limit. What is not to be had at that price stays and is tried
 * again with every price.
 *
 * The best prices are those of quotes; without quotes the last close stands for both.
 */
#include "jobs.h"

#define SECOND INT64_C(1000000000)

struct maker {
    struct jobs jobs;
    int64_t price[JOBS_MAX];  /* of the part at work */
    int64_t taking[JOBS_MAX]; /* 1: it is no maker's */
    int64_t patience_ns;
    double slip; /* part of the price */
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "patience", 30, 0, 86400, "s", "how long it waits as a maker"),
    TURRET_PARAM_REAL(2, "slip", 0.5, 0, 50, "%", "worst price, from that when the order came"),
};
static const struct turret_field fields[] = {
    JOBS_FIELDS(struct maker),
    TURRET_FIELD(20, I64, struct maker, price, JOBS_MAX, 0, "price of the part at work"),
    TURRET_FIELD(21, I64, struct maker, taking, JOBS_MAX, 0, "1: that part takes"),
};

/* The price on the tick, rounded so that it is not better for the other side. */
static turret_price on_tick(const struct turret_instrument_def *def, double price, int buys)
{
    turret_price ticks = (turret_price)(price / (double)def->tick_size);
    if (!buys && (double)ticks * (double)def->tick_size < price)
        ticks++;
    return ticks * def->tick_size;
}

/* The worst price it may have. */
static turret_price worst(const struct maker *s, int job, struct turret_strategy *self)
{
    const struct turret_instrument_def *def =
        turret_instrument_of(self, (turret_instrument)s->jobs.instrument[job]);
    int buys = s->jobs.side[job] == TURRET_SIDE_BUY;
    turret_price limit = s->jobs.limit[job];
    turret_price price =
        on_tick(def, (double)s->jobs.arrival[job] * (buys ? 1 + s->slip : 1 - s->slip), buys);
    if (limit == 0)
        return price;
    return (buys ? limit < price : limit > price) ? limit : price;
}

static void work(struct maker *s, struct turret_strategy *self, int job, turret_time_ns now,
                 turret_price bid, turret_price ask)
{
    struct jobs *jobs = &s->jobs;
    int buys = jobs->side[job] == TURRET_SIDE_BUY;
    int takes = now >= jobs->begun[job] + s->patience_ns;
    turret_price best = buys ? bid : ask, most;
    if (jobs->arrival[job] == 0)
        jobs->arrival[job] = buys ? ask : bid;
    most = worst(s, job, self);
    if (buys ? best > most : best < most)
        best = most;
    if (jobs->child[job]) {
        if (!s->taking[job] &&
            (takes || best != s->price[job])) /* the next one comes with its end */
            (void)turret_cancel(self, (uint64_t)jobs->child[job]);
        return;
    }
    if (takes && (buys ? ask > most : bid < most))
        return; /* not to be had */
    s->taking[job] = takes;
    s->price[job] = !takes ? best : buys ? ask : bid;
    (void)job_send(jobs, job, self, job_left(jobs, job), s->price[job],
                   takes ? TURRET_TIF_IOC : TURRET_TIF_GTC, takes ? 0 : TURRET_ORDER_POST_ONLY);
}

static void priced(struct turret_strategy *self, turret_instrument instrument, turret_time_ns now,
                   turret_price bid, turret_price ask)
{
    struct maker *s = turret_self(self);
    int i;
    for (i = 0; i < JOBS_MAX && bid > 0 && ask > 0; i++)
        if (s->jobs.parent[i] && (turret_instrument)s->jobs.instrument[i] == instrument)
            work(s, self, i, now, bid, ask);
}

static void on_quote(struct turret_strategy *self, const struct turret_quote *quote)
{
    priced(self, quote->instrument, quote->time, quote->bid, quote->ask);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    priced(self, bar->instrument, bar->time + bar->timeframe_ns, bar->close, bar->close);
}

static void on_order(struct turret_strategy *self, const struct turret_order *order)
{
    struct maker *s = turret_self(self);
    (void)jobs_told(&s->jobs, self, order); /* it goes on with the next price */
}

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct maker *s = turret_self(self);
    s->patience_ns = turret_param_int(start, 1) * SECOND;
    s->slip = turret_param_real(start, 2) / 100;
    jobs_start(&s->jobs, self);
    return turret_ok(err);
}

static const struct turret_strategy_type maker = {
    .struct_size = sizeof maker,
    .state_size = sizeof(struct maker),
    .id = "turret.work_maker_first",
    .version = "1.0.0",
    .summary = "Works other strategies' orders as a maker first, then as a taker",
    .params = params,
    .fields = fields,
    .param_count = sizeof params / sizeof *params,
    .field_count = sizeof fields / sizeof *fields,
    .state_schema = 1,
    .on_start = on_start,
    .on_bar = on_bar,
    .on_quote = on_quote,
    .on_order = on_order,
};

TURRET_STRATEGY_TYPE("turret.work_maker_first", "1.0.0", maker);
