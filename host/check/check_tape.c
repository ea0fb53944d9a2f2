/* SPDX-License-Identifier: Apache-2.0 */
/* The bars of a scene. */
#include "check/check_tape.h"

#define PRICE_FIRST 6000
#define PRICE_LOW   3000
#define PRICE_HIGH  12000
#define PRICE_UNIT  100.0
#define ABSURD_HIGH (INT64_MAX / 4) /* what four of can still be added */

void check_tape_begin(struct check_tape *tape, uint64_t seed, enum check_scene scene)
{
    *tape = (struct check_tape){
        .random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1, .scene = scene, .close = PRICE_FIRST};
    if (tape->random == 0)
        tape->random = 1;
}

static turret_price step(struct check_tape *tape)
{
    turret_price next = tape->close + check_between(&tape->random, -60, 60);
    switch (tape->scene) {
    case SCENE_FLAT:
        return PRICE_FIRST;
    case SCENE_GAP:
        if (tape->count % 40 == 39)
            return tape->close > PRICE_FIRST / 2 ? PRICE_FIRST / 5 : PRICE_FIRST;
        return next < 100 ? 100 : next;
    case SCENE_ABSURD:
        return tape->count % 3 == 0 ? 1 : tape->count % 3 == 1 ? ABSURD_HIGH : PRICE_FIRST;
    default:
        return next < PRICE_LOW || next > PRICE_HIGH ? PRICE_FIRST : next;
    }
}

static turret_time_ns time_of(const struct check_tape *tape, uint32_t number)
{
    turret_time_ns time = TAPE_START + (int64_t)number * TAPE_MINUTE;
    if (tape->scene == SCENE_BACKWARD)
        return TAPE_START - (int64_t)number * TAPE_MINUTE;
    if (tape->scene == SCENE_GAP)
        return time + (int64_t)(number / 40) * 14 * 24 * 60 * TAPE_MINUTE;
    return time;
}

static struct turret_bar make(struct check_tape *tape, turret_instrument instrument)
{
    struct turret_bar bar = {.instrument = instrument, .timeframe_ns = TAPE_MINUTE};
    turret_price room = tape->scene == SCENE_FLAT ? 0 : check_between(&tape->random, 0, 40);
    bar.open = tape->count == 0 ? PRICE_FIRST : tape->close;
    tape->close = step(tape);
    bar.close = tape->close;
    bar.high = (bar.open > bar.close ? bar.open : bar.close) + room;
    bar.low = bar.open < bar.close ? bar.open : bar.close;
    bar.low = bar.low > room ? bar.low - room : bar.low;
    bar.volume = check_between(&tape->random, 1, 5000);
    if (tape->scene == SCENE_ZERO_VOLUME)
        bar.volume = 0;
    if (tape->scene == SCENE_ABSURD && tape->count % 2)
        bar.volume = INT64_MAX;
    bar.time = time_of(tape, tape->count++);
    return bar;
}

struct turret_bar check_tape_next(struct check_tape *tape, turret_instrument instrument)
{
    struct turret_bar bar;
    if (tape->holds) {
        tape->holds = false;
        tape->held.instrument = instrument;
        return tape->held;
    }
    bar = make(tape, instrument);
    if (tape->scene == SCENE_DUPLICATE) {
        tape->held = bar;
        tape->holds = true;
    }
    if (tape->scene == SCENE_SHUFFLED) {
        tape->held = bar;
        tape->holds = true;
        return make(tape, instrument);
    }
    return bar;
}

struct turret_candle check_tape_candle(const struct turret_bar *bar)
{
    struct turret_candle candle = {(double)bar->open / PRICE_UNIT,
                                   (double)bar->high / PRICE_UNIT,
                                   (double)bar->low / PRICE_UNIT,
                                   (double)bar->close / PRICE_UNIT,
                                   (double)bar->volume,
                                   bar->time};
    return candle;
}
