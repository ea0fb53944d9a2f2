/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One market event through the venue: requests that have arrived, DAY orders whose day is over,
 * then matching. Only events of an order's own instrument move it.
 *
 * DAY orders expire when an event shows that their UTC day is over, or with STATUS CLOSED. A bar
 * belongs to the day it opens on: it is matched first, and its end may then be the next day.
 *
 * A bar that comes twice, or ends before newer events of its instrument, is ignored.
 *
 * While the status is not OPEN nothing is matched; cancels and expiry go on.
 */
#include "events.h"

#include "depth.h"
#include "fills.h"
#include "match.h"
#include "orders.h"
#include "reports.h"
#include "requests.h"

/* What must be done before the orders meet an event that begins at `at`, or after one ended. */
static void settle(struct sim *sim, struct sim_instrument *instrument, turret_time_ns at,
                   int before)
{
    for (uint32_t slot = instrument->head, next; slot != SIM_NONE; slot = next) {
        struct sim_order *order = &sim->order[slot];
        next = order->next;
        if (order->untold) {
            order->untold = 0;
            reports_order(sim, order, TURRET_ORIGIN_VENUE, 0);
        }
        if (order->pending_kind != 0 && order->pending_at <= at) {
            requests_arrive(sim, order, order->pending_at);
        }
        if (!order->working || order->tif != TURRET_TIF_DAY) {
            continue;
        }
        int32_t day = (int32_t)(at / SIM_DAY_NS);
        if (order->day == SIM_NO_DAY) {
            int meets = before && at >= order->active_at;
            order->day = meets && instrument->status == TURRET_STATUS_OPEN ? day : SIM_NO_DAY;
        } else if (day > order->day) {
            fills_finish(sim, order, TURRET_STATE_EXPIRED, TURRET_ORIGIN_VENUE, "end of the day");
        }
    }
}

/* Time goes on, never back; the instrument is NULL when the venue has none such. */
static struct sim_instrument *begin(struct sim *sim, turret_instrument id, turret_time_ns time)
{
    sim->now = time > sim->now ? time : sim->now;
    return sim_find(sim, id);
}

/* What every event but a bar does first. */
static struct sim_instrument *begin_tick(struct sim *sim, turret_instrument id, turret_time_ns time)
{
    struct sim_instrument *instrument = begin(sim, id, time);
    if (instrument && time > instrument->event_time) {
        instrument->event_time = time;
    }
    return instrument;
}

/* A bar the venue has had, or older than what it had since: nothing can fill on it. */
static int is_stale(const struct sim_instrument *instrument, const struct turret_bar *bar)
{
    return bar->time + bar->timeframe_ns < instrument->event_time ||
           (bar->timeframe_ns == instrument->bar_timeframe_ns && bar->time <= instrument->bar_time);
}

static void feed_bar(struct sim *sim, const struct turret_bar *bar)
{
    turret_time_ns end = bar->time + bar->timeframe_ns;
    struct sim_instrument *instrument = begin(sim, bar->instrument, end);
    if (!instrument || is_stale(instrument, bar)) {
        return;
    }
    instrument->event_time = end;
    instrument->bar_time = bar->time;
    instrument->bar_timeframe_ns = bar->timeframe_ns;
    instrument->last_price = bar->close;
    instrument->last_volume = bar->volume;
    instrument->last_taken = 0;
    instrument->last_was_trade = 0;
    if (instrument->head == SIM_NONE) {
        return;
    }
    settle(sim, instrument, bar->time, 1);
    if (instrument->status == TURRET_STATUS_OPEN) {
        match_bar(sim, instrument, bar);
    }
    settle(sim, instrument, end, 0);
}

static void feed_trade(struct sim *sim, const struct turret_trade *trade)
{
    struct sim_instrument *instrument = begin_tick(sim, trade->instrument, trade->time);
    if (!instrument) {
        return;
    }
    instrument->last_price = trade->price;
    instrument->last_volume = trade->qty;
    instrument->last_taken = 0;
    instrument->last_was_trade = 1;
    settle(sim, instrument, trade->time, 1);
    if (instrument->status == TURRET_STATUS_OPEN) {
        match_trade(sim, instrument, trade);
    }
}

static void feed_quote(struct sim *sim, const struct turret_quote *quote)
{
    struct sim_instrument *instrument = begin_tick(sim, quote->instrument, quote->time);
    if (!instrument) {
        return;
    }
    depth_quote(instrument, quote);
    settle(sim, instrument, quote->time, 1);
    if (instrument->status == TURRET_STATUS_OPEN && !instrument->booked) {
        depth_match(sim, instrument, quote->time);
    }
}

static void feed_level(struct sim *sim, const struct turret_level *level)
{
    struct sim_instrument *instrument = begin_tick(sim, level->instrument, level->time);
    if (!instrument) {
        return;
    }
    if (depth_level(instrument, level) == TURRET_ENOMEM) {
        sim->self->host->log(sim->self, TURRET_LOG_ERROR, "no memory for an order book");
    }
    if (!level->last) {
        return;
    }
    settle(sim, instrument, level->time, 1);
    if (instrument->status == TURRET_STATUS_OPEN) {
        depth_match(sim, instrument, level->time);
    }
}

static void feed_status(struct sim *sim, const struct turret_status *status)
{
    struct sim_instrument *instrument = begin_tick(sim, status->instrument, status->time);
    if (!instrument) {
        return;
    }
    settle(sim, instrument, status->time, 1);
    instrument->status = status->status;
    for (uint32_t slot = instrument->head, next; slot != SIM_NONE; slot = next) {
        struct sim_order *order = &sim->order[slot];
        next = order->next;
        if (status->status == TURRET_STATUS_CLOSED && order->tif == TURRET_TIF_DAY) {
            fills_finish(sim, order, TURRET_STATE_EXPIRED, TURRET_ORIGIN_VENUE,
                         "end of the session");
        }
    }
}

/* value × top / bottom rounded down to a multiple of `step`, or up; never above the range. */
static int64_t rescale(int64_t value, uint32_t top, uint32_t bottom, int64_t step, int up)
{
    sim_wide scaled = (sim_wide)value * top;
    sim_wide unit = (sim_wide)bottom * step;
    sim_wide steps = scaled / unit + (up && scaled % unit != 0);
    if (steps * step > INT64_MAX || steps * step < -INT64_MAX) {
        return (steps > 0 ? 1 : -1) * (INT64_MAX / step * step);
    }
    return (int64_t)(steps * step);
}

/* Prices of one order after a split: never zero, limits not looser, stops not earlier. */
static int64_t split_price(int64_t price, const struct turret_split *split, int64_t tick, int up)
{
    int64_t moved = rescale(price, split->denominator, split->numerator, tick, up);
    return price > 0 && moved < tick ? tick : moved;
}

static void split_order(struct sim *sim, struct sim_order *order, const struct turret_split *split)
{
    const struct turret_instrument_def *def = sim->instrument[order->instrument].def;
    uint32_t top = split->numerator, bottom = split->denominator;
    int buys = order->side == TURRET_SIDE_BUY;
    turret_qty left = rescale(order->qty - order->filled, top, bottom, def->lot_size, 0);
    turret_qty filled = rescale(order->filled, top, bottom, 1, 0);
    if (left == 0 || __builtin_add_overflow(filled, left, &left)) {
        fills_finish(sim, order, TURRET_STATE_CANCELED, TURRET_ORIGIN_VENUE,
                     "split: no quantity is left");
        return;
    }
    order->filled = filled;
    order->qty = left;
    order->limit = split_price(order->limit, split, def->tick_size, !buys);
    order->stop = split_price(order->stop, split, def->tick_size, buys);
    order->pending_qty = rescale(order->pending_qty, top, bottom, def->lot_size, 0);
    order->pending_limit = split_price(order->pending_limit, split, def->tick_size, !buys);
    order->pending_stop = split_price(order->pending_stop, split, def->tick_size, buys);
    order->updated = sim->now;
    order->untold = 1;
}

/*
 * A split: working orders' open and filled quantities become × n/d, rounded down to the lot and the
 * unit; limit prices × d/n, rounded away from the market, stops rounded to trigger later; the
 * position × n/d, rounded towards zero, its average price × d/n. Quotes and books are forgotten.
 * The host changes its orders with the same event; what they became here is told at the next one:
 * told at once, the host could change it twice.
 */
static void feed_split(struct sim *sim, const struct turret_split *split)
{
    struct sim_instrument *instrument = begin_tick(sim, split->instrument, split->time);
    if (!instrument || split->numerator == 0 || split->denominator == 0) {
        return;
    }
    uint32_t top = split->numerator, bottom = split->denominator;
    settle(sim, instrument, split->time, 1);
    depth_clear(instrument);
    instrument->last_price = rescale(instrument->last_price, bottom, top, 1, 0);
    instrument->last_volume = rescale(instrument->last_volume, top, bottom, 1, 0);
    instrument->last_taken = 0;
    instrument->average_price = rescale(instrument->average_price, bottom, top, 1, 0);
    instrument->position = rescale(instrument->position, top, bottom, 1, 0);
    for (uint32_t slot = instrument->head, next; slot != SIM_NONE; slot = next) {
        next = sim->order[slot].next;
        split_order(sim, &sim->order[slot], split);
    }
}

void events_feed(struct turret_broker *self, const struct turret_report *event)
{
    struct sim *sim = self->state;
    if (sim->outbox_count > 0) {
        (void)reports_flush(sim);
    }
    switch (event->type) {
    case TURRET_REPORT_BAR:
        feed_bar(sim, &event->u.bar);
        break;
    case TURRET_REPORT_TRADE:
        feed_trade(sim, &event->u.trade);
        break;
    case TURRET_REPORT_QUOTE:
        feed_quote(sim, &event->u.quote);
        break;
    case TURRET_REPORT_LEVEL:
        feed_level(sim, &event->u.level);
        break;
    case TURRET_REPORT_STATUS:
        feed_status(sim, &event->u.status);
        break;
    case TURRET_REPORT_SPLIT:
        feed_split(sim, &event->u.split);
        break;
    default:
        break;
    }
}
