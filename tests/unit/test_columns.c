/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that loops over columns give what one number at a time gives, to the bit: quotients of
 * small and large integers, and one wrong number anywhere in a block of sane bars; and that an
 * index of places finds what is in it and nothing else while slots come and go.
 */
#include "core/columns.h"
#include "core/places.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BARS 67 /* not a multiple of any vector */

static uint64_t seed = 1;

static uint64_t dice(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return seed >> 16;
}

static void quotients_are_rounded_once(void **state)
{
    static const double units[] = {1, 100, 1e8, 1e12};
    int64_t from[BARS];
    double to[BARS];
    (void)state;
    for (uint32_t round = 0; round < 4000; round++) {
        double unit = units[round % 4];
        uint32_t count = 1 + round % BARS;
        for (uint32_t i = 0; i < count; i++)
            from[i] = (int64_t)(dice() >> (round % 40));
        if (round % 3 == 0)
            from[count / 2] = INT64_MAX - (int64_t)round;
        columns_to_doubles(to, from, count, unit);
        for (uint32_t i = 0; i < count; i++)
            assert_true(to[i] == (double)from[i] / unit);
    }
}

/* ---- sane bars ---- */

static int64_t column[6][BARS]; /* time, open, high, low, close, volume */

static struct engine_bars make_bars(void)
{
    for (uint32_t i = 0; i < BARS; i++) {
        column[0][i] = 1000 + i * 60;
        column[1][i] = 100 + i % 3;
        column[2][i] = 105;
        column[3][i] = 95;
        column[4][i] = 101;
        column[5][i] = i;
    }
    return (struct engine_bars){1,         BARS,      60,        column[0], column[1],
                                column[2], column[3], column[4], column[5]};
}

static void one_wrong_number_is_seen_anywhere(void **state)
{
    static const struct {
        uint32_t column;
        int64_t value;
    } wrong[] = {
        {0, 0},         {0, -1}, {1, 94}, {1, 106}, {1, -1},        {2, 100},
        {2, INT64_MAX}, {3, 0},  {3, -5}, {4, 94},  {4, INT64_MIN}, {5, -1},
    };
    int64_t highs;
    (void)state;
    for (uint32_t w = 0; w < sizeof wrong / sizeof *wrong; w++)
        for (uint32_t i = 0; i < BARS; i++) {
            struct engine_bars bars = make_bars();
            assert_true(columns_sane(&bars, 0, BARS, 999, &highs));
            assert_true(highs >= 105);
            column[wrong[w].column][i] = wrong[w].value;
            assert_false(columns_sane(&bars, 0, BARS, 999, &highs));
            if (i > 0)
                assert_true(columns_sane(&bars, 0, i, 999, &highs));
        }
    {
        struct engine_bars bars = make_bars();
        assert_false(columns_sane(&bars, 0, BARS, 1000, &highs)); /* not after the last */
        assert_true(columns_sane(&bars, 1, BARS - 1, 1000, &highs));
    }
}

/* ---- places ---- */

#define SLOTS 64

static uint32_t search(const struct place *places, uint32_t mask, uint32_t hash, uint32_t slot)
{
    uint32_t at = hash, found, times = 0;
    for (; (found = places_seek(places, mask, hash, &at)) != 0; at++)
        times += found == slot + 1;
    return times;
}

static void places_follow_their_slots(void **state)
{
    struct place places[8 * SLOTS] = {{0, 0}};
    uint32_t mask = places_for(SLOTS) - 1, hashes[SLOTS], range = 1;
    bool there[SLOTS] = {false};
    (void)state;
    assert_true(mask < 8 * SLOTS && mask >= SLOTS);
    for (uint32_t round = 0; round < 200000; round++) {
        uint32_t slot = (uint32_t)(dice() % SLOTS);
        if (there[slot]) {
            places_remove(places, mask, hashes[slot], slot);
        } else {
            range = round % 1000 ? range : 1u << dice() % 32; /* many equal ones, or few */
            hashes[slot] = (uint32_t)(dice() % range);
            places_add(places, mask, hashes[slot], slot);
        }
        there[slot] = !there[slot];
        slot = (uint32_t)(dice() % SLOTS);
        if (there[slot])
            assert_int_equal(search(places, mask, hashes[slot], slot), 1);
    }
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        if (there[slot])
            places_remove(places, mask, hashes[slot], slot);
    for (uint32_t at = 0; at <= mask; at++)
        assert_int_equal(places[at].slot, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotients_are_rounded_once),
        cmocka_unit_test(one_wrong_number_is_seen_anywhere),
        cmocka_unit_test(places_follow_their_slots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
