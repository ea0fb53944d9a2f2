/* SPDX-License-Identifier: Apache-2.0 */
/*
 * On the first event of an instrument (its first bar, or its first trade when `on` is "trade")
 * puts `fraction` of the account's equity into it with one market order, and then holds it for
 * good. With several instruments each gets an equal part of that.
 *
 * The order is for whole lots: the most whose value at that event's price plus the fee the venue is
 * expected to charge is not above the budget. While the budget does not pay for the smallest order,
 * it waits for the next event. All in integers and without rounding.
 *
 * What it bought is saved, so that a restart does not buy again. The n-th instrument of the
 * instance has the n-th place in the saved field.
 */
#include <turret/strategy.h>

#define INSTRUMENTS_MAX 64
#define FRACTION_SCALE  1000000000 /* the fraction counts in 10^-9 */

__extension__ typedef __int128 wide;

struct hold {
    turret_instrument instrument[INSTRUMENTS_MAX];
    uint32_t instrument_count;
    int32_t on_trades;
    int64_t fraction_nano;
    int64_t bought[INSTRUMENTS_MAX];
};

/*
 * What an order costs and may cost, as exact fractions of the account's money:
 * cost = qty × price × multiplier × up / down + fee, at most budget / budget_unit.
 */
struct purse {
    const struct turret_instrument_def *def;
    turret_price price;
    wide budget, budget_unit, up, down;
};

static const struct turret_param params[] = {
    TURRET_PARAM_REAL(1, "fraction", 0.9975, 0.000001, 1, "", "part of the equity to invest"),
    TURRET_PARAM_TEXT(2, "on", "bar", "bar|trade", "the event that decides"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD(1, I64, struct hold, bought, INSTRUMENTS_MAX, 0,
                 "quantity ordered, each instrument; 0 = not yet"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct hold *s = turret_self(self);
    uint32_t i;
    if (start->instrument_count > INSTRUMENTS_MAX)
        return turret_fail(err, TURRET_ELIMIT, "on %u instruments, above the limit %d",
                           start->instrument_count, INSTRUMENTS_MAX);
    s->fraction_nano = (int64_t)(turret_param_real(start, 1) * FRACTION_SCALE + 0.5);
    s->on_trades = turret_param_text(start, 2)[0] == 't';
    s->instrument_count = start->instrument_count;
    for (i = 0; i < start->instrument_count; i++)
        s->instrument[i] = start->instruments[i];
    return turret_ok(err);
}

static wide power_of_ten(int32_t exponent)
{
    wide power = 1;
    for (; exponent > 0; exponent--)
        power *= 10;
    return power;
}

/*
 * Whether `qty` with its fee fits into the budget. The fee is only asked for when the value alone
 * fits; a value that leaves 128 bits does not.
 */
static int fits(struct turret_strategy *self, const struct purse *p, turret_qty qty)
{
    wide value = (wide)qty * p->price, left;
    if (__builtin_mul_overflow(value, (wide)p->def->multiplier, &value) ||
        __builtin_mul_overflow(value, p->up, &value) ||
        value / p->down > p->budget / p->budget_unit)
        return 0;
    left = p->budget - (wide)turret_fee(self, p->def->id, qty, p->price) * p->budget_unit;
    if (left < 0 || value / p->down != left / p->budget_unit)
        return left >= 0 && value / p->down < left / p->budget_unit;
    return value % p->down * p->budget_unit <= left % p->budget_unit * p->down;
}

/* The most whole lots that fit, as a quantity; 0 when not even the smallest order does. */
static turret_qty most(struct turret_strategy *self, const struct purse *p)
{
    const struct turret_instrument_def *def = p->def;
    int64_t lots = 0, at_most = (def->max_qty > 0 ? def->max_qty : INT64_MAX) / def->lot_size;
    while (lots < at_most) { /* the cost grows with the lots: at most 63 halvings */
        int64_t middle = at_most - (at_most - lots) / 2;
        if (fits(self, p, middle * def->lot_size))
            lots = middle;
        else
            at_most = middle - 1;
    }
    return lots * def->lot_size < def->min_qty ? 0 : lots * def->lot_size;
}

static void decide(struct turret_strategy *self, turret_instrument instrument, turret_price price)
{
    struct hold *s = turret_self(self);
    struct turret_order_request request = {0};
    struct turret_account account = {0};
    struct purse p = {0};
    int32_t shift;
    uint32_t i = 0;

    while (i < s->instrument_count && s->instrument[i] != instrument)
        i++;
    if (i == s->instrument_count || s->bought[i] || price <= 0)
        return;
    account.struct_size = (uint32_t)sizeof account;
    p.def = turret_instrument_of(self, instrument);
    if (!p.def || turret_account_of(self, instrument, &account) || account.equity <= 0)
        return;
    p.price = price;
    p.budget = (wide)account.equity * s->fraction_nano;
    p.budget_unit = (wide)FRACTION_SCALE * s->instrument_count;
    shift = p.def->price_scale + p.def->qty_scale - account.currency_scale;
    p.up = power_of_ten(-shift);
    p.down = power_of_ten(shift);

    request.struct_size = (uint32_t)sizeof request;
    request.instrument = instrument;
    request.side = TURRET_SIDE_BUY;
    request.type = TURRET_ORDER_MARKET;
    request.qty = most(self, &p);
    (void)snprintf(request.reason, sizeof request.reason, "buy once and hold");
    if (request.qty > 0 && turret_submit(self, &request))
        s->bought[i] = request.qty;
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    const struct hold *s = turret_self(self);
    if (!s->on_trades)
        decide(self, bar->instrument, bar->close);
}

static void on_trade(struct turret_strategy *self, const struct turret_trade *trade)
{
    const struct hold *s = turret_self(self);
    if (s->on_trades)
        decide(self, trade->instrument, trade->price);
}

static const struct turret_strategy_type type = {
    .struct_size = (uint32_t)sizeof(struct turret_strategy_type),
    .state_size = (uint32_t)sizeof(struct hold),
    .id = "turret.buy_and_hold",
    .version = "1.0.0",
    .summary = "Invests a part of the equity once and holds it",
    .params = params,
    .fields = fields,
    .param_count = (uint32_t)(sizeof params / sizeof params[0]),
    .field_count = (uint32_t)(sizeof fields / sizeof fields[0]),
    .state_schema = 1,
    .on_start = on_start,
    .on_bar = on_bar,
    .on_trade = on_trade,
};

TURRET_STRATEGY_TYPE("turret.buy_and_hold", "1.0.0", type);
