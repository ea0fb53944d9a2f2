/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The adapter `test.prompt`: its venue answers while it is asked. It tells of the execution `first`
 * of an order that is nobody's, then of so many others that the core forgets it, then a bar at a
 * time. Each order is taken and filled inside submit(); inside the first of them it says, too, what
 * `says` names: the fill `first` again, that `first` is taken back, or an order of this host that
 * was never made. `bar`: a bar of BBB inside each of them.
 */
#include <turret/broker.h>

#include <stdio.h>
#include <string.h>

#define OTHERS    8400 /* an even number: they end where they began */
#define FIRST_QTY 5
#define PRICE     10000
#define SECOND    INT64_C(1000000000)
#define BEGIN     (INT64_C(1700000000) * SECOND)
#define EVERY_NS  INT64_C(2000000)

struct venue {
    char says[16];
    turret_instrument instrument, other;
    int64_t others, bars, orders;
};

static const struct turret_param params[] = {
    TURRET_PARAM_TEXT(1, "says", "fill", "fill|bust|strange|bar", "inside the first submit()"),
};

static struct venue *of(struct turret_broker *self)
{
    return self->state;
}

static struct turret_report made(uint32_t type)
{
    struct turret_report report;
    memset(&report, 0, sizeof report);
    report.struct_size = (uint32_t)sizeof report;
    report.type = type;
    return report;
}

static int32_t tell_fill(struct turret_broker *self, const char *name, int64_t number,
                         uint64_t order_id, uint8_t side, turret_qty qty)
{
    struct turret_report report = made(TURRET_REPORT_FILL);
    struct turret_report_fill *fill = &report.u.fill;
    fill->order_id = order_id;
    fill->instrument = of(self)->instrument;
    fill->side = side;
    fill->qty = qty;
    fill->price = PRICE;
    (void)snprintf(fill->execution_id, sizeof fill->execution_id, "%s-%lld", name,
                   (long long)number);
    (void)snprintf(fill->venue_order_id, sizeof fill->venue_order_id, "%s", name);
    return self->host->report(self, &report);
}

static void tell_first(struct turret_broker *self)
{
    (void)tell_fill(self, "first", 0, 0, TURRET_SIDE_BUY, FIRST_QTY);
}

static void tell_bust(struct turret_broker *self)
{
    struct turret_report report = made(TURRET_REPORT_BUST);
    (void)snprintf(report.u.bust.execution_id, sizeof report.u.bust.execution_id, "first-0");
    (void)self->host->report(self, &report);
}

static void tell_strange(struct turret_broker *self, const struct turret_broker_order *order)
{
    (void)tell_fill(self, "strange", 0, order->order_id + 1000, TURRET_SIDE_BUY, 1);
}

static void tell_download(struct turret_broker *self, uint32_t done)
{
    struct turret_report report = made(TURRET_REPORT_DOWNLOAD);
    report.u.download.done = done;
    (void)self->host->report(self, &report);
}

static void tell_bar(struct turret_broker *self, turret_instrument instrument)
{
    struct venue *s = of(self);
    struct turret_report report = made(TURRET_REPORT_BAR);
    struct turret_bar *bar = &report.u.bar;
    bar->instrument = instrument;
    bar->timeframe_ns = SECOND;
    bar->time = BEGIN + s->bars * SECOND;
    bar->open = bar->high = bar->low = bar->close = PRICE;
    bar->volume = 1000;
    report.time = bar->time + SECOND;
    s->bars += self->host->report(self, &report) == TURRET_OK;
}

/* ---- what the host calls ---- */

static int32_t prompt_describe(struct turret_broker *self, struct turret_broker_caps *caps,
                               struct turret_error *err)
{
    (void)self;
    (void)err;
    caps->can = TURRET_CAN_TRADE;
    caps->order_types = 1u << TURRET_ORDER_MARKET;
    caps->times_in_force = 1u << TURRET_TIF_DAY | 1u << TURRET_TIF_GTC | 1u << TURRET_TIF_IOC;
    return TURRET_OK;
}

static int32_t prompt_open(struct turret_broker *self, const struct turret_broker_open *open,
                           struct turret_error *err)
{
    (void)err;
    (void)snprintf(of(self)->says, sizeof of(self)->says, "%s", open->params[0].text);
    return TURRET_OK;
}

static int32_t prompt_connect(struct turret_broker *self, struct turret_error *err)
{
    (void)err;
    of(self)->instrument = self->host->find_instrument(self, "AAA");
    of(self)->other = self->host->find_instrument(self, "BBB"); /* of another venue, fed by this */
    return self->host->timer(self, 0, EVERY_NS);
}

static int32_t prompt_download(struct turret_broker *self, turret_time_ns since,
                               struct turret_error *err)
{
    (void)since;
    (void)err;
    tell_download(self, 0);
    tell_first(self);
    tell_download(self, 1);
    return TURRET_OK;
}

static void prompt_on_timer(struct turret_broker *self, uint32_t timer_id)
{
    struct venue *s = of(self);
    while (s->others < OTHERS && !tell_fill(self, "other", s->others, 0,
                                            s->others % 2 ? TURRET_SIDE_SELL : TURRET_SIDE_BUY, 1))
        s->others++;
    if (s->others == OTHERS)
        tell_bar(self, s->instrument);
    (void)self->host->timer(self, timer_id, EVERY_NS);
}

static int32_t prompt_submit(struct turret_broker *self, const struct turret_broker_order *order,
                             struct turret_error *err)
{
    struct venue *s = of(self);
    struct turret_report report = made(TURRET_REPORT_ACK);
    (void)err;
    report.u.ack.order_id = order->order_id;
    report.u.ack.kind = TURRET_REQUEST_SUBMIT;
    report.u.ack.request = order->request;
    report.u.ack.outcome = TURRET_OUTCOME_OK;
    (void)self->host->report(self, &report);
    (void)tell_fill(self, "own", s->orders, order->order_id, order->side, order->qty);
    if (!strcmp(s->says, "bar"))
        tell_bar(self, s->other);
    if (s->orders++ > 0)
        return TURRET_OK;
    if (!strcmp(s->says, "fill"))
        tell_first(self);
    else if (!strcmp(s->says, "bust"))
        tell_bust(self);
    else if (!strcmp(s->says, "strange"))
        tell_strange(self, order);
    return TURRET_OK;
}

static int32_t prompt_nothing(struct turret_broker *self, const struct turret_broker_order *order,
                              struct turret_error *err)
{
    (void)self;
    (void)order;
    (void)err;
    return TURRET_OK;
}

static void prompt_close(struct turret_broker *self)
{
    (void)self;
}

static const struct turret_broker_type type = {
    .struct_size = sizeof type,
    .state_size = sizeof(struct venue),
    .id = "test.prompt",
    .version = "1.0.0",
    .summary = "A venue that answers while it is asked",
    .params = params,
    .param_count = sizeof params / sizeof *params,
    .describe = prompt_describe,
    .open = prompt_open,
    .connect = prompt_connect,
    .download = prompt_download,
    .submit = prompt_submit,
    .cancel = prompt_nothing,
    .query_order = prompt_nothing,
    .close = prompt_close,
    .on_timer = prompt_on_timer,
};

TURRET_BROKER("test.prompt", "1.0.0", type);
