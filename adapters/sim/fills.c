/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executions and the ends of orders: position, cash and fee of a fill, the fill log, and the
 * reports that follow: first every FILL, then one ORDER with the totals.
 */
#include "fills.h"

#include "money.h"
#include "orders.h"
#include "reports.h"

#include <string.h>

turret_qty fills_room(const struct sim *sim, const struct sim_order *order)
{
    turret_qty left = order->qty - order->filled;
    if (!(order->flags & TURRET_ORDER_REDUCE_ONLY) || !sim->complete) {
        return left;
    }
    turret_qty held = sim->instrument[order->instrument].position;
    turret_qty opposite = order->side == TURRET_SIDE_BUY ? -held : held;
    if (opposite <= 0) {
        return 0;
    }
    return left < opposite ? left : opposite;
}

static void log_fill(struct sim *sim, const struct sim_order *order, turret_qty qty,
                     turret_price price, turret_money fee, int maker)
{
    struct sim_fill *fill = &sim->fill[sim->fill_count % SIM_FILLS_MAX];
    memset(fill, 0, sizeof *fill);
    fill->order_id = order->id;
    fill->qty = qty;
    fill->price = price;
    fill->fee = fee;
    fill->time = sim->now;
    fill->instrument = order->instrument;
    fill->number = order->fills;
    fill->side = order->side;
    fill->maker = (uint8_t)(maker != 0);
    sim->fill_count++;
    __builtin_prefetch(&sim->fill[sim->fill_count % SIM_FILLS_MAX], 1);
    reports_fill(sim, fill, order->name);
}

int fills_execute(struct sim *sim, struct sim_order *order, turret_qty qty, turret_price price,
                  int maker)
{
    struct sim_instrument *instrument = &sim->instrument[order->instrument];
    turret_qty change = order->side == TURRET_SIDE_BUY ? qty : -qty;
    turret_qty position = 0;
    turret_money value = 0, fee = 0, cash = sim->currency[instrument->currency].change;

    if (money_value(instrument, order->side, qty, price, &value) != TURRET_OK ||
        money_fee(sim, instrument, qty, price, order->fills == 0, &fee) != TURRET_OK ||
        __builtin_add_overflow(instrument->position, change, &position) ||
        __builtin_add_overflow(cash, change > 0 ? -value : value, &cash) ||
        __builtin_sub_overflow(cash, fee, &cash)) {
        fills_finish(sim, order, TURRET_STATE_CANCELED, TURRET_ORIGIN_VENUE,
                     "value beyond the range of money");
        return 0;
    }
    sim->currency[instrument->currency].change = cash;
    instrument->average_price =
        money_average(instrument->position, instrument->average_price, change, price);
    instrument->position = position;
    order->filled += qty;
    order->fills++;
    order->updated = sim->now;
    log_fill(sim, order, qty, price, fee, maker);
    return 1;
}

const char *fills_too_late(uint8_t state)
{
    switch (state) {
    case TURRET_STATE_FILLED:
        return "too late: filled";
    case TURRET_STATE_EXPIRED:
        return "too late: expired";
    default:
        return "too late: canceled";
    }
}

void fills_finish(struct sim *sim, struct sim_order *order, uint8_t state, uint32_t origin,
                  const char *reason)
{
    uint32_t kind = order->pending_kind;
    size_t length = reason ? strlen(reason) : 0;
    if (length >= sizeof order->reason) {
        length = sizeof order->reason - 1;
    }
    memset(order->reason, 0, sizeof order->reason);
    if (length > 0) {
        memcpy(order->reason, reason, length);
    }
    order->state = state;
    order->updated = sim->now;
    order->pending_kind = 0;
    orders_retire(sim, order);
    reports_order(sim, order, origin, 0);
    if (kind != 0 && order->pending_request != 0) {
        reports_ack(sim, order->id, kind, order->pending_request, TURRET_OUTCOME_REJECTED,
                    fills_too_late(state));
    }
}

void fills_conclude(struct sim *sim, struct sim_order *order, turret_qty filled_before,
                    int triggered_before)
{
    if (!order->working) {
        return;
    }
    order->rested = 1;
    if (order->filled == order->qty) {
        fills_finish(sim, order, TURRET_STATE_FILLED, TURRET_ORIGIN_HOST, NULL);
    } else if (order->tif == TURRET_TIF_IOC) {
        fills_finish(sim, order, TURRET_STATE_CANCELED, TURRET_ORIGIN_HOST, "immediate or cancel");
    } else if (order->tif == TURRET_TIF_FOK) {
        fills_finish(sim, order, TURRET_STATE_CANCELED, TURRET_ORIGIN_HOST, "fill or kill");
    } else if (fills_room(sim, order) == 0) {
        fills_finish(sim, order, TURRET_STATE_CANCELED, TURRET_ORIGIN_VENUE,
                     "reduce only: nothing left to reduce");
    } else if (order->filled != filled_before) {
        order->state = TURRET_STATE_PARTIAL;
        reports_order(sim, order, TURRET_ORIGIN_HOST, 0);
    } else if (order->triggered != triggered_before) {
        order->state = TURRET_STATE_TRIGGERED;
        order->updated = sim->now;
        reports_order(sim, order, TURRET_ORIGIN_HOST, 0);
    }
}
