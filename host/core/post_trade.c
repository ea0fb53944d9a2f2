/* SPDX-License-Identifier: Apache-2.0 */
/* What is looked at once an execution is booked. */
#include "core/post_trade.h"

/* A venue that says what it charges may not charge more. Told whenever the count has doubled. */
void post_trade_fee(struct engine *engine, const struct fill *fill)
{
    struct venue *venue = &engine->venues[fill->venue];
    const struct turret_instrument_def *def = &engine->instruments[fill->instrument].def;
    const struct money_fees *said = &venue->fees;
    turret_money most;
    char fee[MONEY_TEXT_MAX];
    if ((venue->caps.can & TURRET_CAN_SIMULATE) ||
        (!said->min_nano && !said->per_unit_nano && !said->rate_nano))
        return; /* it said nothing */
    if (money_fee(said, fill->qty, def->qty_scale, fill->value, &most) && fill->fee <= most)
        return;
    venue->fees_above++;
    money_format(fill->fee, MONEY_SCALE, fee, sizeof fee);
    if ((venue->fees_above & (venue->fees_above - 1)) == 0)
        engine_notice(engine, NOTICE_ALARM, fill->strategy,
                      "execution %s cost %s %.7s, more than venue %s says it charges; %u so far",
                      fill->execution_id, fee, def->currency, venue->name, venue->fees_above);
}
