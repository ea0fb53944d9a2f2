/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buys `qty` with a market order on every bar of every instrument it is on, whatever the market
 * does, until `orders` of them have been placed for that instrument (0: for ever). Made to
 * reproduce published runs that buy a fixed number of shares a day.
 *
 * The n-th instrument of the instance keeps its count in the n-th place of the saved field.
 */
#include <turret/strategy.h>

#define INSTRUMENTS_MAX 64

struct accumulate {
    turret_instrument instrument[INSTRUMENTS_MAX];
    uint32_t instrument_count;
    int32_t orders_max;
    turret_qty qty;
    int64_t orders[INSTRUMENTS_MAX];
};

static const struct turret_param params[] = {
    TURRET_PARAM_QTY(1, "qty", "1", "quantity of each order"),
    TURRET_PARAM_INT(2, "orders", 0, 0, 2147483647, "", "orders at most, each instrument; 0 = any"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD(1, I64, struct accumulate, orders, INSTRUMENTS_MAX, 0,
                 "orders placed so far, each instrument"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct accumulate *s = turret_self(self);
    uint32_t i;
    if (start->instrument_count > INSTRUMENTS_MAX)
        return turret_fail(err, TURRET_ELIMIT, "on %u instruments, above the limit %d",
                           start->instrument_count, INSTRUMENTS_MAX);
    s->qty = turret_param_qty(start, 1);
    if (s->qty <= 0)
        return turret_fail(err, TURRET_EINVAL, "qty is 0; give a quantity above 0");
    s->orders_max = turret_param_int(start, 2);
    s->instrument_count = start->instrument_count;
    for (i = 0; i < start->instrument_count; i++)
        s->instrument[i] = start->instruments[i];
    return turret_ok(err);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct accumulate *s = turret_self(self);
    struct turret_order_request request = {0};
    uint32_t i = 0;
    while (i < s->instrument_count && s->instrument[i] != bar->instrument)
        i++;
    if (i == s->instrument_count || (s->orders_max && s->orders[i] >= s->orders_max))
        return;
    request.struct_size = (uint32_t)sizeof request;
    request.instrument = bar->instrument;
    request.side = TURRET_SIDE_BUY;
    request.type = TURRET_ORDER_MARKET;
    request.qty = s->qty;
    (void)snprintf(request.reason, sizeof request.reason, "order %lld of a fixed quantity",
                   (long long)(s->orders[i] + 1));
    if (turret_submit(self, &request))
        s->orders[i]++;
}

TURRET_STRATEGY(accumulate, "turret.accumulate", "1.0.0", "Buys a fixed quantity on every bar",
                params, fields, on_start, on_bar);
