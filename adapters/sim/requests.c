/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Submit, modify, cancel, cancel_all and query at the venue. Every request is acknowledged at once
 * or, for a modify or cancel with latency, at the first event of its instrument by which it has
 * arrived; if the order ended first, the answer is REJECTED "too late". A refused submit leaves
 * nothing behind: its id stays unknown. An id is refused as a duplicate while the venue remembers
 * it: as long as the order works, and for at least the SIM_FINISHED_MAX orders that finished last.
 */
#include "requests.h"

#include "depth.h"
#include "fills.h"
#include "match.h"
#include "orders.h"
#include "reports.h"

static int has_limit(uint8_t type)
{
    return type == TURRET_ORDER_LIMIT || type == TURRET_ORDER_STOP_LIMIT;
}

static int has_stop(uint8_t type)
{
    return type == TURRET_ORDER_STOP || type == TURRET_ORDER_STOP_LIMIT;
}

/* Why quantity and prices are not acceptable, NULL when they are. */
static const char *refuse_numbers(const struct turret_instrument_def *def, uint8_t type,
                                  const struct turret_broker_order *request)
{
    if (request->qty <= 0) {
        return "quantity is not above zero";
    }
    if (request->qty % def->lot_size != 0) {
        return "quantity is not a multiple of the lot";
    }
    if (request->qty < def->min_qty) {
        return "quantity is below the minimum";
    }
    if (def->max_qty > 0 && request->qty > def->max_qty) {
        return "quantity is above the maximum";
    }
    if (has_limit(type) && request->limit_price <= 0) {
        return "limit price is not above zero";
    }
    if (has_limit(type) && request->limit_price % def->tick_size != 0) {
        return "limit price is off the tick";
    }
    if (has_stop(type) && request->stop_price <= 0) {
        return "stop price is not above zero";
    }
    if (has_stop(type) && request->stop_price % def->tick_size != 0) {
        return "stop price is off the tick";
    }
    return NULL;
}

static const char *refuse_submit(const struct sim *sim, const struct sim_instrument *instrument,
                                 const struct turret_broker_order *request)
{
    if (orders_find(sim, request->order_id)) {
        return "duplicate client id";
    }
    if (!instrument) {
        return "unknown instrument";
    }
    if (request->side != TURRET_SIDE_BUY && request->side != TURRET_SIDE_SELL) {
        return "side is neither buy nor sell";
    }
    if (request->type < TURRET_ORDER_MARKET || request->type > TURRET_ORDER_STOP_LIMIT) {
        return "order type is not supported";
    }
    if (request->tif > TURRET_TIF_FOK) {
        return "time in force is not supported";
    }
    if (request->flags & ~TURRET_ORDER_REDUCE_ONLY) {
        return "flag is not supported";
    }
    const char *reason = refuse_numbers(instrument->def, request->type, request);
    if (reason) {
        return reason;
    }
    if ((request->flags & TURRET_ORDER_REDUCE_ONLY) && sim->complete &&
        (request->side == TURRET_SIDE_BUY ? instrument->position >= 0
                                          : instrument->position <= 0)) {
        return "reduce only: nothing to reduce";
    }
    return NULL;
}

static int check_call(const struct sim *sim, const struct turret_broker_order *request,
                      const char *what, struct turret_error *err)
{
    if (!sim->connected) {
        return turret_fail(err, TURRET_ESTATE, "%s: the simulated venue is not connected", what);
    }
    if (request->struct_size < sizeof *request || request->order_id == 0) {
        return turret_fail(err, TURRET_EINVAL, "%s: order id %llu, struct size %u: not an order",
                           what, (unsigned long long)request->order_id, request->struct_size);
    }
    return TURRET_OK;
}

/* What can fill without waiting for another event, does. */
static void try_now(struct sim *sim, struct sim_order *order)
{
    const struct sim_instrument *instrument = &sim->instrument[order->instrument];
    uint32_t mode = sim->options.market_fill;
    if (instrument->status != TURRET_STATUS_OPEN) {
        if (order->tif == TURRET_TIF_IOC || order->tif == TURRET_TIF_FOK) {
            fills_finish(sim, order, TURRET_STATE_CANCELED, TURRET_ORIGIN_VENUE,
                         "market is not open");
        }
        return;
    }
    if (sim->now < order->active_at) {
        return;
    }
    if (mode == SIM_FILL_THIS_CLOSE && order->type == TURRET_ORDER_MARKET) {
        match_at_last(sim, order);
    } else if (mode == SIM_FILL_QUOTE ||
               (instrument->booked && order->type == TURRET_ORDER_LIMIT)) {
        depth_try(sim, order);
    }
}

static int is_immediate(const struct sim_order *order)
{
    return order->tif == TURRET_TIF_IOC || order->tif == TURRET_TIF_FOK;
}

/*
 * The day a DAY order lives on. At exactly midnight, where daily bars end, and while the market is
 * not open, it is the day of the next event the order meets.
 */
static int32_t first_day(const struct sim *sim, const struct sim_instrument *instrument)
{
    if (instrument->status != TURRET_STATUS_OPEN || sim->now % SIM_DAY_NS == 0) {
        return SIM_NO_DAY;
    }
    return (int32_t)(sim->now / SIM_DAY_NS);
}

int32_t requests_submit(struct turret_broker *self, const struct turret_broker_order *request,
                        struct turret_error *err)
{
    struct sim *sim = self->state;
    int status = check_call(sim, request, "submit", err);
    if (status != TURRET_OK) {
        return status;
    }
    struct sim_instrument *instrument = sim_find(sim, request->instrument);
    const char *reason = refuse_submit(sim, instrument, request);
    struct sim_order *order = NULL;
    if (!reason) {
        order = orders_add(sim, request->order_id, (uint32_t)(instrument - sim->instrument));
        reason = order ? NULL : "too many working orders";
    }
    if (!order) {
        reports_ack(sim, request->order_id, TURRET_REQUEST_SUBMIT, request->request,
                    TURRET_OUTCOME_REJECTED, reason);
        return TURRET_OK;
    }
    order->qty = request->qty;
    order->limit = has_limit(request->type) ? request->limit_price : 0;
    order->stop = has_stop(request->type) ? request->stop_price : 0;
    order->active_at = sim->now + sim->options.latency_ns;
    order->updated = sim->now;
    order->flags = request->flags;
    order->side = request->side;
    order->type = request->type;
    order->tif = request->tif == 0 ? TURRET_TIF_GTC : request->tif;
    order->state = TURRET_STATE_ACCEPTED;
    order->day = first_day(sim, instrument);
    order->rested = !is_immediate(order) && depth_rests(instrument, order);
    reports_ack(sim, order->id, TURRET_REQUEST_SUBMIT, request->request, TURRET_OUTCOME_OK, NULL);
    reports_order(sim, order, TURRET_ORIGIN_HOST, 0);
    try_now(sim, order);
    return TURRET_OK;
}

static void refuse(struct sim *sim, const struct turret_broker_order *request, uint32_t kind,
                   const char *reason)
{
    reports_ack(sim, request->order_id, kind, request->request, TURRET_OUTCOME_REJECTED, reason);
}

static void apply_modify(struct sim *sim, struct sim_order *order, turret_time_ns at)
{
    uint32_t request = order->pending_request;
    order->pending_kind = 0;
    if (order->pending_qty <= order->filled) {
        reports_ack(sim, order->id, TURRET_REQUEST_MODIFY, request, TURRET_OUTCOME_REJECTED,
                    "too late: quantity already filled");
        return;
    }
    int keeps_place = order->pending_limit == order->limit && order->pending_stop == order->stop &&
                      order->pending_qty <= order->qty;
    order->qty = order->pending_qty;
    order->limit = order->pending_limit;
    order->stop = order->pending_stop;
    order->updated = sim->now;
    if (!keeps_place) {
        orders_requeue(sim, order);
        order->active_at = at > order->active_at ? at : order->active_at;
        order->rested =
            !is_immediate(order) && depth_rests(&sim->instrument[order->instrument], order);
    }
    reports_ack(sim, order->id, TURRET_REQUEST_MODIFY, request, TURRET_OUTCOME_OK, NULL);
    reports_order(sim, order, TURRET_ORIGIN_HOST, 0);
}

void requests_arrive(struct sim *sim, struct sim_order *order, turret_time_ns at)
{
    if (order->pending_kind == TURRET_REQUEST_MODIFY) {
        apply_modify(sim, order, at);
        return;
    }
    order->pending_kind = 0;
    if (order->pending_request != 0) {
        reports_ack(sim, order->id, TURRET_REQUEST_CANCEL, order->pending_request,
                    TURRET_OUTCOME_OK, NULL);
    }
    fills_finish(sim, order, TURRET_STATE_CANCELED, TURRET_ORIGIN_HOST, NULL);
}

/* Puts a request on its way to the order; without latency it is there. */
static void dispatch(struct sim *sim, struct sim_order *order, uint32_t kind, uint32_t request)
{
    order->pending_kind = kind;
    order->pending_request = request;
    order->pending_at = sim->now + sim->options.latency_ns;
    if (sim->options.latency_ns == 0) {
        requests_arrive(sim, order, sim->now);
        if (order->working) {
            try_now(sim, order);
        }
    }
}

/* The working order a modify or cancel means; NULL after refusing the request. */
static struct sim_order *target(struct sim *sim, const struct turret_broker_order *request,
                                uint32_t kind)
{
    struct sim_order *order = orders_find(sim, request->order_id);
    if (!order) {
        refuse(sim, request, kind, "unknown order");
        return NULL;
    }
    if (!order->working) {
        refuse(sim, request, kind, fills_too_late(order->state));
        return NULL;
    }
    if (order->pending_kind == TURRET_REQUEST_CANCEL) {
        refuse(sim, request, kind, "a cancel is under way");
        return NULL;
    }
    return order;
}

int32_t requests_modify(struct turret_broker *self, const struct turret_broker_order *request,
                        struct turret_error *err)
{
    struct sim *sim = self->state;
    int status = check_call(sim, request, "modify", err);
    if (status != TURRET_OK) {
        return status;
    }
    struct sim_order *order = target(sim, request, TURRET_REQUEST_MODIFY);
    if (!order) {
        return TURRET_OK;
    }
    const struct turret_instrument_def *def = sim->instrument[order->instrument].def;
    const char *reason = refuse_numbers(def, order->type, request);
    if (request->side != order->side || request->type != order->type ||
        request->instrument != def->id) {
        reason = "side, type and instrument cannot change";
    } else if (order->pending_kind == TURRET_REQUEST_MODIFY) {
        reason = "a modify is under way";
    } else if (!reason && request->qty <= order->filled) {
        reason = "quantity is not above what filled";
    }
    if (reason) {
        refuse(sim, request, TURRET_REQUEST_MODIFY, reason);
        return TURRET_OK;
    }
    order->pending_qty = request->qty;
    order->pending_limit = has_limit(order->type) ? request->limit_price : 0;
    order->pending_stop = has_stop(order->type) ? request->stop_price : 0;
    dispatch(sim, order, TURRET_REQUEST_MODIFY, request->request);
    return TURRET_OK;
}

static void supersede(struct sim *sim, struct sim_order *order)
{
    if (order->pending_kind == TURRET_REQUEST_MODIFY) {
        reports_ack(sim, order->id, TURRET_REQUEST_MODIFY, order->pending_request,
                    TURRET_OUTCOME_REJECTED, "a cancel came after it");
        order->pending_kind = 0;
    }
}

int32_t requests_cancel(struct turret_broker *self, const struct turret_broker_order *request,
                        struct turret_error *err)
{
    struct sim *sim = self->state;
    int status = check_call(sim, request, "cancel", err);
    if (status != TURRET_OK) {
        return status;
    }
    struct sim_order *order = target(sim, request, TURRET_REQUEST_CANCEL);
    if (order) {
        supersede(sim, order);
        dispatch(sim, order, TURRET_REQUEST_CANCEL, request->request);
    }
    return TURRET_OK;
}

int32_t requests_cancel_all(struct turret_broker *self, uint32_t filter,
                            turret_instrument instrument, uint32_t side, struct turret_error *err)
{
    struct sim *sim = self->state;
    const uint32_t known = TURRET_FILTER_ACCOUNT | TURRET_FILTER_INSTRUMENT | TURRET_FILTER_SIDE;
    if (!sim->connected) {
        return turret_fail(err, TURRET_ESTATE, "cancel_all: the simulated venue is not connected");
    }
    if (filter == 0 || (filter & ~known)) {
        return turret_fail(err, TURRET_EINVAL, "cancel_all: filter %u is not known", filter);
    }
    for (uint32_t i = 0; i < sim->instrument_count; i++) {
        struct sim_instrument *at = &sim->instrument[i];
        if ((filter & TURRET_FILTER_INSTRUMENT) && at->def->id != instrument) {
            continue;
        }
        for (uint32_t slot = at->head, next; slot != SIM_NONE; slot = next) {
            struct sim_order *order = &sim->order[slot];
            next = order->next;
            if (((filter & TURRET_FILTER_SIDE) && order->side != side) ||
                order->pending_kind == TURRET_REQUEST_CANCEL) {
                continue;
            }
            supersede(sim, order);
            dispatch(sim, order, TURRET_REQUEST_CANCEL, 0);
        }
    }
    return TURRET_OK;
}

int32_t requests_query(struct turret_broker *self, const struct turret_broker_order *request,
                       struct turret_error *err)
{
    struct sim *sim = self->state;
    int status = check_call(sim, request, "query_order", err);
    if (status != TURRET_OK) {
        return status;
    }
    const struct sim_order *order = orders_find(sim, request->order_id);
    if (order) {
        reports_order(sim, order, TURRET_ORIGIN_HOST, 1);
    } else {
        reports_ack(sim, request->order_id, TURRET_REQUEST_QUERY, request->request,
                    TURRET_OUTCOME_NOT_FOUND, NULL);
    }
    return TURRET_OK;
}
