/* SPDX-License-Identifier: Apache-2.0 */
#include "core/closable.h"

/* What an order of this side closes of it; negative: of that side itself. */
static turret_qty against(const struct position *position, uint8_t side)
{
    return side == TURRET_SIDE_BUY ? -position->qty : position->qty;
}

turret_qty closable_qty(const struct engine *engine, const struct position *own, uint8_t side)
{
    const struct instrument *instrument = &engine->instruments[own->instrument];
    const uint32_t *holder = engine->holders + instrument->first_holder;
    turret_qty most = against(own, side);
    money_wide room = against(&engine->positions[instrument->account_position], side);
    uint32_t i;
    for (i = 0; i < instrument->holder_count; i++) {
        const struct position *other = &engine->positions[holder[i]];
        turret_qty theirs = against(other, side);
        turret_qty open = side == TURRET_SIDE_BUY ? other->open_buy : other->open_sell;
        if (other != own && other->strategy != POSITION_OF_ACCOUNT)
            room -= open < theirs ? open : theirs; /* one of the other side makes room */
    }
    if (room > most)
        room = most; /* always, as long as the account has all that its strategies count */
    return room > 0 ? (turret_qty)room : 0;
}
