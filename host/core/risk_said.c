/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Risk: the values of a denial. Which check says no is a code and a text; where that is about a
 * number, what was found and what is allowed stand behind it.
 */
#include "core/risk.h"

#include <assert.h>
#include <string.h>

#define OF_QTY   (-1) /* the scale of the instrument's quantities, … */
#define OF_PRICE (-2) /* … of its prices */

static const char over[] = " > ", under[] = " < ", seconds[] = " s", percent[] = " %";

/* How the values of a denial are written. */
static const struct kind {
    uint32_t denial;
    int32_t scale;
    const char *relation, *unit; /* unit NULL: the account's currency */
} kinds[] = {
    {DENY_TICK, OF_PRICE, ", tick ", ""},
    {DENY_LOT, OF_QTY, ", lot ", ""},
    {DENY_MIN_QTY, OF_QTY, under, ""},
    {DENY_MAX_QTY, OF_QTY, over, ""},
    {DENY_STALE_REFERENCE, 9, over, seconds},
    {DENY_COLLAR, 4, over, percent},
    {DENY_COLLAR_WINDOW, 4, over, percent},
    {DENY_ORDER_QTY, 9, over, ""},
    {DENY_ORDER_NOTIONAL, MONEY_SCALE, over, NULL},
    {DENY_OPEN_ORDERS, 0, over, ""},
    {DENY_UNEXECUTED, MONEY_SCALE, over, NULL},
    {DENY_POSITION, 9, over, ""},
    {DENY_POSITION_NOTIONAL, MONEY_SCALE, over, NULL},
    {DENY_GROSS_EXPOSURE, MONEY_SCALE, over, NULL},
    {DENY_NET_EXPOSURE, MONEY_SCALE, over, NULL},
    {DENY_CONCENTRATION, MONEY_SCALE, over, NULL},
    {DENY_SECTOR, MONEY_SCALE, over, NULL},
    {DENY_CORRELATION, MONEY_SCALE, over, NULL},
    {DENY_BUYING_POWER, MONEY_SCALE, over, NULL},
    {DENY_REDUCE_ONLY, OF_QTY, over, ""},
    {DENY_MESSAGE_RATE, 0, over, ""},
    {DENY_ORDER_TO_TRADE, 0, over, ""},
    {DENY_CLOCK_SKEW, 9, over, seconds},
};

static const struct kind *kind_of(uint32_t denial)
{
    uint32_t i = 0;
    while (kinds[i].denial != denial) {
        i++;
        assert(i < sizeof kinds / sizeof *kinds);
    }
    return &kinds[i];
}

static struct money_text written(const struct candidate *c, const struct kind *kind,
                                 money_wide value)
{
    const struct turret_instrument_def *def = &c->instrument->def;
    return money_text(money_clamped(value), kind->scale == OF_QTY     ? def->qty_scale
                                            : kind->scale == OF_PRICE ? def->price_scale
                                                                      : kind->scale);
}

money_wide risk_nano(turret_qty units, int32_t scale)
{
    money_wide one = money_power10(scale), nano = (money_wide)units * MONEY_NANO;
    return (nano + one - 1) / one;
}

money_wide risk_part(money_wide distance, turret_price price)
{
    return (distance * MONEY_PPM + price - 1) / price;
}

uint32_t risk_beyond(const struct candidate *c, uint32_t denial, money_wide found,
                     money_wide allowed)
{
    const struct kind *kind = kind_of(denial);
    const char *currency = c->engine->accounts[c->account_index].currency;
    struct risk_said *said = &c->engine->said;
    char values[2 * MONEY_TEXT_MAX + 16];
    (void)snprintf(values, sizeof values, "%s%s%s%s%.7s", written(c, kind, found).text,
                   kind->relation, written(c, kind, allowed).text, kind->unit ? kind->unit : " ",
                   kind->unit ? "" : currency);
    (void)snprintf(said->text, sizeof said->text, "%s: %s", denial_text(denial), values);
    if (snprintf(said->values, sizeof said->values, "%s", values) >= (int)sizeof said->values)
        said->values[0] = '\0';
    said->denial = denial;
    return denial;
}

uint32_t risk_words(struct engine *engine, uint32_t denial, const char *who, const char *why)
{
    struct risk_said *said = &engine->said;
    (void)snprintf(said->text, sizeof said->text, "%s: %.100s", who, why);
    said->values[0] = '\0';
    said->denial = denial;
    return denial;
}

const char *risk_said_values(const struct engine *engine, uint32_t denial)
{
    return engine->said.denial == denial ? engine->said.values : "";
}

const char *engine_denial_text(const struct engine *engine, uint32_t denial)
{
    return engine->said.denial == denial ? engine->said.text : denial_text(denial);
}
