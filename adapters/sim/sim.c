/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret.sim: a simulated venue. The host feeds it every market event before anybody else sees it;
 * the venue matches its orders and reports at once, with the event's time. Nothing in it reads a
 * clock, draws an unseeded number or computes a fill with a double: the same events and requests
 * give the same reports.
 *
 * Optionally it is also the market: see market.c.
 *
 * Its orders live in memory. After a restart without import_state() it knows no order, fill or
 * position of before: it then reports none instead of flat ones, and leaves reduce-only to the
 * host. Cash is counted as the change since the first start; the starting cash is the host's.
 */
#include "sim.h"

#include "events.h"
#include "market.h"
#include "options.h"
#include "orders.h"
#include "reports.h"
#include "requests.h"
#include "saved.h"

#include <stdlib.h>
#include <string.h>

#define SCALE_MAX 12

/* What each_instrument() leaves behind while open() gathers. */
struct gather {
    struct sim *sim;
    struct turret_error *err;
    uint32_t count, id_limit;
    int status;
};

static void release(struct sim *sim)
{
    for (uint32_t i = 0; sim->instrument && i < sim->instrument_count; i++) {
        free(sim->instrument[i].side[0].level);
        free(sim->instrument[i].side[1].level);
    }
    free(sim->instrument);
    free(sim->by_id);
    free(sim->order);
    free(sim->index);
    free(sim->fill);
    free(sim->outbox);
    memset(sim, 0, sizeof *sim);
}

static void count_instrument(void *context, const struct turret_instrument_def *def)
{
    struct gather *g = context;
    int scales = def->price_scale >= 0 && def->price_scale <= SCALE_MAX && def->qty_scale >= 0 &&
                 def->qty_scale <= SCALE_MAX && def->currency_scale >= 0 &&
                 def->currency_scale <= SCALE_MAX;
    if (g->status != TURRET_OK) {
        return;
    }
    if (!scales || def->tick_size <= 0 || def->lot_size <= 0 || def->multiplier < 1) {
        g->status = turret_fail(g->err, TURRET_EINVAL,
                                "instrument %.31s: scales must be 0 to 12, tick and lot above "
                                "zero, multiplier at least 1",
                                def->symbol);
    } else if (def->id > SIM_INSTRUMENT_ID_MAX || g->count == SIM_INSTRUMENTS_MAX) {
        g->status = turret_fail(g->err, TURRET_ELIMIT,
                                "instrument %.31s: a simulated venue takes %u instruments, ids up "
                                "to %u",
                                def->symbol, SIM_INSTRUMENTS_MAX, SIM_INSTRUMENT_ID_MAX);
    }
    g->count++;
    g->id_limit = def->id >= g->id_limit ? def->id + 1u : g->id_limit;
}

static uint32_t currency_index(struct gather *g, const char *code)
{
    struct sim *sim = g->sim;
    uint32_t at = 0;
    while (at < sim->currency_count &&
           memcmp(sim->currency[at].code, code, sizeof sim->currency[at].code) != 0) {
        at++;
    }
    if (at == SIM_CURRENCIES_MAX) {
        g->status = turret_fail(g->err, TURRET_ELIMIT, "a simulated venue takes %u currencies",
                                SIM_CURRENCIES_MAX);
        return 0;
    }
    if (at == sim->currency_count) {
        memcpy(sim->currency[at].code, code, sizeof sim->currency[at].code);
        sim->currency_count++;
    }
    return at;
}

static void adopt_instrument(void *context, const struct turret_instrument_def *def)
{
    struct gather *g = context;
    struct sim *sim = g->sim;
    if (sim->instrument_count == g->count || sim->by_id[def->id] != 0) {
        return;
    }
    struct sim_instrument *to = &sim->instrument[sim->instrument_count++];
    to->def = def;
    to->status = def->status == 0 ? TURRET_STATUS_OPEN : def->status;
    to->currency = currency_index(g, def->currency);
    to->qty_unit = 1;
    to->value_divisor = 1;
    for (int32_t i = 0; i < def->qty_scale; i++) {
        to->qty_unit *= 10;
    }
    for (int32_t i = 0; i < def->qty_scale + def->price_scale; i++) {
        to->value_divisor *= 10;
    }
    sim->by_id[def->id] = (uint16_t)sim->instrument_count;
}

/* Untouched pages of the large arrays cost no memory. */
static int allocate(struct sim *sim, const struct gather *g)
{
    sim->instrument = calloc(g->count + 1u, sizeof *sim->instrument);
    sim->by_id = calloc(g->id_limit + 1u, sizeof *sim->by_id);
    sim->order = calloc(SIM_SLOTS, sizeof *sim->order);
    sim->index = calloc(SIM_INDEX_SIZE, sizeof *sim->index);
    sim->fill = calloc(SIM_FILLS_MAX, sizeof *sim->fill);
    sim->outbox = calloc(SIM_OUTBOX_MAX, sizeof *sim->outbox);
    return sim->instrument && sim->by_id && sim->order && sim->index && sim->fill && sim->outbox;
}

static int32_t sim_open(struct turret_broker *self, const struct turret_broker_open *open,
                        struct turret_error *err)
{
    struct sim *sim = self->state;
    struct gather g = {sim, err, 0, 0, TURRET_OK};
    release(sim);
    int status = options_read(open, &sim->options, err);
    if (status != TURRET_OK) {
        return status;
    }
    self->host->each_instrument(self, &g, count_instrument);
    if (g.status == TURRET_OK && !allocate(sim, &g)) {
        g.status = turret_fail(err, TURRET_ENOMEM, "venue %s: no memory", open->venue);
    }
    if (g.status == TURRET_OK) {
        sim->id_limit = g.id_limit;
        self->host->each_instrument(self, &g, adopt_instrument);
    }
    if (g.status != TURRET_OK) {
        release(sim);
        return g.status;
    }
    sim->self = self;
    sim->seed = open->seed;
    sim->now = open->now;
    sim->until = open->until;
    sim->complete = open->now == 0 || open->reason == TURRET_REASON_FIRST;
    orders_reset(sim);
    sim->resume = 1;
    return TURRET_OK;
}

static int32_t sim_describe(struct turret_broker *self, struct turret_broker_caps *caps,
                            struct turret_error *err)
{
    const struct sim *sim = self->state;
    (void)err;
    caps->can = TURRET_CAN_TRADE | TURRET_CAN_MODIFY | TURRET_CAN_CANCEL_ALL |
                TURRET_CAN_QUERY_POSITIONS | TURRET_CAN_QUERY_BALANCES | TURRET_CAN_QUERY_FILLS |
                TURRET_CAN_SUBSCRIBE | TURRET_CAN_EXPORT | TURRET_CAN_SIMULATE;
    caps->order_types = 1u << TURRET_ORDER_MARKET | 1u << TURRET_ORDER_LIMIT |
                        1u << TURRET_ORDER_STOP | 1u << TURRET_ORDER_STOP_LIMIT;
    caps->times_in_force =
        1u << TURRET_TIF_GTC | 1u << TURRET_TIF_DAY | 1u << TURRET_TIF_IOC | 1u << TURRET_TIF_FOK;
    caps->order_flags = sim->complete ? TURRET_ORDER_REDUCE_ONLY : 0;
    caps->id_length = 39;
    caps->id_characters = TURRET_ID_DIGITS | TURRET_ID_LOWER | TURRET_ID_UPPER | TURRET_ID_DASH;
    caps->idempotency = TURRET_IDEMPOTENT_ALWAYS;
    caps->cancel_filters = TURRET_FILTER_ACCOUNT | TURRET_FILTER_INSTRUMENT | TURRET_FILTER_SIDE;
    caps->fee_min_nano = sim->options.fee_min_nano;
    caps->fee_per_unit_nano = sim->options.fee_per_unit_nano;
    caps->fee_rate_nano = sim->options.fee_rate_nano;
    return TURRET_OK;
}

static int32_t sim_connect(struct turret_broker *self, struct turret_error *err)
{
    struct sim *sim = self->state;
    if (!sim->instrument) {
        return turret_fail(err, TURRET_ESTATE, "connect: the simulated venue is not open");
    }
    sim->connected = 1;
    reports_stream(sim, sim->now, TURRET_STREAM_READY, "simulated venue");
    market_start(sim);
    return TURRET_OK;
}

static int32_t ready(const struct sim *sim, const char *what, struct turret_error *err)
{
    return sim->connected
               ? TURRET_OK
               : turret_fail(err, TURRET_ESTATE, "%s: the simulated venue is not connected", what);
}

static int32_t sim_download(struct turret_broker *self, turret_time_ns since,
                            struct turret_error *err)
{
    int32_t status = ready(self->state, "download", err);
    if (status == TURRET_OK) {
        reports_download(self->state, since);
    }
    return status;
}

static int32_t sim_query_fills(struct turret_broker *self, turret_time_ns since,
                               struct turret_error *err)
{
    int32_t status = ready(self->state, "query_fills", err);
    if (status == TURRET_OK) {
        reports_fills(self->state, since);
    }
    return status;
}

/* A venue that lost its memory has no positions to tell; an empty answer would be a lie. */
static int32_t complete(const struct sim *sim, const char *what, struct turret_error *err)
{
    int32_t status = ready(sim, what, err);
    if (status == TURRET_OK && !sim->complete) {
        return turret_fail(err, TURRET_ESTATE,
                           "%s: the simulated venue restarted without its state", what);
    }
    return status;
}

static int32_t sim_query_positions(struct turret_broker *self, struct turret_error *err)
{
    int32_t status = complete(self->state, "query_positions", err);
    if (status == TURRET_OK) {
        reports_positions(self->state);
    }
    return status;
}

static int32_t sim_query_balances(struct turret_broker *self, struct turret_error *err)
{
    int32_t status = complete(self->state, "query_balances", err);
    if (status == TURRET_OK) {
        reports_balances(self->state);
    }
    return status;
}

static struct sim_instrument *subscribed(struct sim *sim, turret_instrument id,
                                         struct turret_error *err)
{
    struct sim_instrument *instrument = sim_find(sim, id);
    if (!instrument) {
        (void)turret_fail(err, TURRET_ENOTFOUND, "the simulated venue has no instrument %u", id);
    }
    return instrument;
}

/* Bars have one length, and come only when the venue makes a market of its own. */
static int32_t sim_subscribe(struct turret_broker *self, turret_instrument id, uint32_t reports,
                             int64_t timeframe_ns, struct turret_error *err)
{
    struct sim *sim = self->state;
    struct sim_instrument *instrument = subscribed(sim, id, err);
    if (!instrument) {
        return TURRET_ENOTFOUND;
    }
    if (timeframe_ns > 0 && !sim->options.synthetic) {
        return turret_fail(err, TURRET_EINVAL,
                           "it has no market of its own; set market: synthetic, or name a feed");
    }
    if (timeframe_ns > 0 && timeframe_ns != sim->options.bar_ns) {
        return turret_fail(err, TURRET_EINVAL, "its market makes bars of %lld s only (bar_seconds)",
                           (long long)(sim->options.bar_ns / SIM_NANO));
    }
    instrument->muted &= ~reports;
    return TURRET_OK;
}

static int32_t sim_unsubscribe(struct turret_broker *self, turret_instrument id, uint32_t reports,
                               struct turret_error *err)
{
    struct sim_instrument *instrument = subscribed(self->state, id, err);
    if (!instrument) {
        return TURRET_ENOTFOUND;
    }
    instrument->muted |= reports;
    return TURRET_OK;
}

static void sim_on_timer(struct turret_broker *self, uint32_t timer_id)
{
    struct sim *sim = self->state;
    if (!sim->connected) {
        return;
    }
    if (timer_id == SIM_TIMER_MARKET) {
        market_turn(sim);
    } else {
        (void)reports_flush(sim);
    }
}

/* After this nothing is reported until the next connect() or request. */
static int32_t sim_quiesce(struct turret_broker *self, struct turret_error *err)
{
    struct sim *sim = self->state;
    (void)err;
    if (sim->options.synthetic) {
        (void)self->host->timer(self, SIM_TIMER_MARKET, -1);
    }
    return reports_flush(sim) ? TURRET_OK : TURRET_EBUSY;
}

static void sim_close(struct turret_broker *self)
{
    struct sim *sim = self->state;
    if (sim->connected) {
        (void)self->host->timer(self, SIM_TIMER_MARKET, -1);
        (void)self->host->timer(self, SIM_TIMER_OUTBOX, -1);
    }
    release(sim);
}

static const struct turret_broker_type sim_type = {
    .struct_size = (uint32_t)sizeof(struct turret_broker_type),
    .state_size = (uint32_t)sizeof(struct sim),
    .id = "turret.sim",
    .version = "1.0.0",
    .summary = "Simulated venue, with a synthetic market if wanted",
    .params = options_table,
    .param_count = OPTIONS_COUNT,
    .state_schema = SAVED_SCHEMA,
    .describe = sim_describe,
    .open = sim_open,
    .connect = sim_connect,
    .download = sim_download,
    .submit = requests_submit,
    .cancel = requests_cancel,
    .query_order = requests_query,
    .close = sim_close,
    .on_timer = sim_on_timer,
    .modify = requests_modify,
    .cancel_all = requests_cancel_all,
    .query_fills = sim_query_fills,
    .query_positions = sim_query_positions,
    .query_balances = sim_query_balances,
    .subscribe = sim_subscribe,
    .unsubscribe = sim_unsubscribe,
    .quiesce = sim_quiesce,
    .export_state = saved_export,
    .import_state = saved_import,
    .feed = events_feed,
};

TURRET_BROKER("turret.sim", "1.0.0", sim_type);
