/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buys a dip below the mean when it holds nothing, with a bracket: the host places stop and profit
 * for what fills, and one cancels the other.
 */
#include <turret/strategy.h>

struct dip {
    turret_indicator mean, range;
    turret_qty size;
    int64_t entries; /* asked for so far */
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "period", 20, 2, 500, "bars", "bars of mean and range"),
    TURRET_PARAM_QTY(2, "size", "1", "quantity of an entry"),
};
static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct dip, entries, "entries asked for"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct dip *s = turret_self(self);
    s->size = turret_param_qty(start, 2);
    s->mean = turret_use(self, err, "sma(%d)", turret_param_int(start, 1));
    s->range = turret_use(self, err, "atr(%d)", turret_param_int(start, 1));
    return s->mean && s->range ? TURRET_OK : err->code;
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct dip *s = turret_self(self);
    const struct turret_instrument_def *def = turret_instrument_of(self, bar->instrument);
    struct turret_order_request request = {0};
    double unit = 1;
    int32_t i;
    turret_price range;
    for (i = 0; i < def->price_scale; i++)
        unit *= 10;
    range = (turret_price)(turret_value(s->range) * unit);
    range += def->tick_size - range % def->tick_size;
    if (turret_position(self, bar->instrument) != 0 || bar->close <= 2 * range ||
        (double)bar->close > turret_value(s->mean) * unit - (double)range)
        return;
    request.struct_size = (uint32_t)sizeof request;
    request.instrument = bar->instrument;
    request.side = TURRET_SIDE_BUY;
    request.type = TURRET_ORDER_MARKET;
    request.qty = s->size;
    request.stop_loss = bar->close - bar->close % def->tick_size - 2 * range;
    request.take_profit = bar->close - bar->close % def->tick_size + 3 * range;
    s->entries += turret_submit(self, &request) != 0;
}

TURRET_STRATEGY(dip, "example.dip_bracket", "1.0.0", "Buys dips, with a bracket", params, fields,
                on_start, on_bar);
