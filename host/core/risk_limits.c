/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits and what they are called. The preset is generous, for trying things out on simulated
 * venues, but every limit in it is finite.
 */
#include "core/risk_limits.h"

#include <stddef.h>

#define NANO    1000000000LL
#define MONEY   100000000LL /* 10^-8 */
#define PERCENT 10000LL     /* parts per million */
#define DAY_NS  (86400LL * NANO)

#define AT(member) ((uint32_t)offsetof(struct risk_limits, member))

const struct risk_limit_row risk_limit_rows[] = {
    {"max_order_qty", RISK_UNIT_QTY, RISK_OF_EACH, AT(max_order_qty_nano), 0, 1000000 * NANO,
     "largest quantity of one order", false},
    {"max_order", RISK_UNIT_MONEY, RISK_OF_EACH, AT(max_order_notional), 0, 1000000 * MONEY,
     "largest value of one order, a market or stop buy with the collar on top; closing is free",
     false},
    {"max_position", RISK_UNIT_QTY, RISK_OF_EACH, AT(max_position_nano), 0, 1000000 * NANO,
     "largest position in one instrument, with everything that may still fill", false},
    {"max_position_value", RISK_UNIT_MONEY, RISK_OF_EACH, AT(max_position_notional), 0,
     10000000 * MONEY, "largest value of such a position", false},
    {"max_open_orders", RISK_UNIT_COUNT, RISK_OF_EACH, AT(max_open_orders), 0, 1000,
     "orders open at one time", false},
    {"orders_per_minute", RISK_UNIT_COUNT, RISK_OF_EACH, AT(max_orders_per_minute), 0, 6000,
     "orders and changes in one minute; cancels are never held back", false},
    {"collar", RISK_UNIT_PART, RISK_OF_ACCOUNT, AT(collar_ppm), 0, 10 * PERCENT,
     "how far a price may be from the reference price", false},
    {"reference_age", RISK_UNIT_DURATION, RISK_OF_ACCOUNT, AT(reference_age_ns), 0, 7 * DAY_NS,
     "how old the reference price may be; daily bars need days, weekends included", false},
    {"daily_loss", RISK_UNIT_MONEY_OR_PERCENT, RISK_OF_EACH, AT(daily_loss), AT(daily_loss_ppm),
     50 * PERCENT, "loss since the day began, as money or as part of the equity it began with",
     false},
    {"drawdown", RISK_UNIT_PART, RISK_OF_EACH, AT(drawdown_ppm), 0, 90 * PERCENT,
     "loss from the highest equity so far", false},
    {"leverage", RISK_UNIT_PERCENT, RISK_OF_ACCOUNT, AT(leverage_ppm), 0, 100 * PERCENT,
     "gross exposure over equity; 100% borrows nothing", false},
    {"duplicate_window", RISK_UNIT_DURATION, RISK_OF_EACH, AT(duplicate_ns), 0, 0,
     "how long a strategy may not repeat an order that is the same in everything; 0s: it may",
     false},
    {"self_trade", RISK_UNIT_SELF_TRADE, RISK_OF_EACH, AT(self_trade), 0, RISK_SELF_TRADE_ALLOW,
     "allow or deny an order that would meet one of another strategy of the same account", false},
    {"gross_exposure", RISK_UNIT_MONEY, RISK_OF_EACH, AT(gross_exposure), 0, 100000000 * MONEY,
     "largest value of all positions of a currency, long and short added up", false},
    {"net_exposure", RISK_UNIT_MONEY, RISK_OF_EACH, AT(net_exposure), 0, 100000000 * MONEY,
     "largest value of long less short positions, at the worst that may still fill", false},
    {"concentration", RISK_UNIT_PERCENT, RISK_OF_EACH, AT(concentration_ppm), 0, 1000 * PERCENT,
     "largest value of one instrument over equity", false},
    {"loss_streak", RISK_UNIT_COUNT, RISK_OF_EACH, AT(loss_streak), 0, 1000,
     "losing round trips of a strategy in a row after which it cools down", false},
    {"cool_down", RISK_UNIT_DURATION, RISK_OF_EACH, AT(cool_down_ns), 0, 3600 * NANO,
     "how long a strategy may only close after such a streak", false},
    {"fills_per_minute", RISK_UNIT_COUNT, RISK_OF_EACH, AT(fills_per_minute), 0, 6000,
     "executions of one strategy in one minute; more of them stop it until turret resume", false},
    {"max_unexecuted", RISK_UNIT_MONEY, RISK_OF_EACH, AT(max_unexecuted), 0, 100000000 * MONEY,
     "largest value of all orders that may still fill, added up", false},
    {"messages_per_fill", RISK_UNIT_COUNT, RISK_OF_EACH, AT(messages_per_fill), 0, 10000,
     "orders, changes and cancels of a strategy in a day for each execution, and as many before "
     "the first",
     false},
    {"collar_window", RISK_UNIT_DURATION, RISK_OF_ACCOUNT, AT(collar_window_ns), 0, 0,
     "how long prices are held to the reference price at the first order on an instrument; 0s: "
     "not",
     false},
    {"collar_drift", RISK_UNIT_PART, RISK_OF_ACCOUNT, AT(collar_drift_ppm), 0, 20 * PERCENT,
     "how far a price may be from that reference within collar_window", false},
    {"sector", RISK_UNIT_PERCENT, RISK_OF_EACH, AT(sector_ppm), 0, 1000 * PERCENT,
     "largest value of all instruments of one sector over equity", false},
    {"correlation", RISK_UNIT_PERCENT, RISK_OF_ACCOUNT, AT(correlation_ppm), 0, 1000 * PERCENT,
     "largest value over equity of all instruments that move together, either way, by the closes "
     "of the last 63 days; one with fewer than 20 returns counts with every other",
     false},
    {"correlation_from", RISK_UNIT_PART, RISK_OF_ACCOUNT, AT(correlation_from_ppm), 0, 80 * PERCENT,
     "the correlation from which instruments move together", false},
    {"max_clock_skew", RISK_UNIT_DURATION, RISK_OF_ACCOUNT, AT(max_clock_skew_ns), 0, 5 * NANO,
     "how far the clock of a venue that tells its time may be from this machine's", false},
    {"max_slippage", RISK_UNIT_PART, RISK_OF_EACH, AT(max_slippage_ppm), 0, 10 * PERCENT,
     "how much worse than the price when its order went out a fill may be without an alarm", true},
    {"max_rejects", RISK_UNIT_PART, RISK_OF_EACH, AT(max_rejects_ppm), 0, 50 * PERCENT,
     "orders of a strategy in a day, of at least 10, that venues may refuse without an alarm",
     true},
    {NULL, RISK_UNIT_COUNT, RISK_OF_EACH, 0, 0, 0, NULL, false},
};

void risk_limits_clear(struct risk_limits *limits)
{
    limits->max_order_qty_nano = RISK_UNSET;
    limits->max_order_notional = RISK_UNSET;
    limits->max_position_nano = RISK_UNSET;
    limits->max_position_notional = RISK_UNSET;
    limits->max_open_orders = RISK_UNSET;
    limits->max_orders_per_minute = RISK_UNSET;
    limits->collar_ppm = RISK_UNSET;
    limits->reference_age_ns = RISK_UNSET;
    limits->daily_loss = RISK_UNSET;
    limits->daily_loss_ppm = RISK_UNSET;
    limits->drawdown_ppm = RISK_UNSET;
    limits->leverage_ppm = RISK_UNSET;
    limits->duplicate_ns = RISK_UNSET;
    limits->self_trade = RISK_UNSET;
    limits->gross_exposure = RISK_UNSET;
    limits->net_exposure = RISK_UNSET;
    limits->concentration_ppm = RISK_UNSET;
    limits->loss_streak = RISK_UNSET;
    limits->cool_down_ns = RISK_UNSET;
    limits->fills_per_minute = RISK_UNSET;
    limits->max_unexecuted = RISK_UNSET;
    limits->messages_per_fill = RISK_UNSET;
    limits->collar_window_ns = RISK_UNSET;
    limits->collar_drift_ppm = RISK_UNSET;
    limits->max_clock_skew_ns = RISK_UNSET;
    limits->sector_ppm = RISK_UNSET;
    limits->correlation_ppm = RISK_UNSET;
    limits->correlation_from_ppm = RISK_UNSET;
    limits->max_slippage_ppm = RISK_UNSET;
    limits->max_rejects_ppm = RISK_UNSET;
}
