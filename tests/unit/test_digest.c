/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the digest of a run is the same for the same items in the same order, and another one
 * when any bit of any item, their order or their number differs.
 */
#include "research/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ITEM  264
#define ITEMS 3

struct hash {
    uint8_t bytes[32];
};

static struct hash of(uint8_t (*items)[ITEM], size_t count, size_t size_bytes)
{
    struct digest digest;
    struct hash hash;
    digest_begin(&digest);
    for (size_t i = 0; i < count; i++)
        digest_add(&digest, items[i], size_bytes);
    digest_end(&digest, hash.bytes);
    return hash;
}

static void fill(uint8_t (*items)[ITEM])
{
    for (size_t i = 0; i < ITEMS; i++)
        for (size_t b = 0; b < ITEM; b++)
            items[i][b] = (uint8_t)(i * 31 + b * 7);
}

static void every_bit_counts(void **state)
{
    uint8_t items[ITEMS][ITEM];
    struct hash good, other;
    (void)state;
    fill(items);
    good = of(items, ITEMS, ITEM);
    other = of(items, ITEMS, ITEM);
    assert_memory_equal(&good, &other, sizeof good);
    for (size_t i = 0; i < ITEMS; i++)
        for (size_t bit = 0; bit < ITEM * (size_t)8; bit++) {
            items[i][bit / 8] ^= (uint8_t)(1u << bit % 8);
            other = of(items, ITEMS, ITEM);
            assert_memory_not_equal(&good, &other, sizeof good);
            items[i][bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
}

static void order_and_number_count(void **state)
{
    uint8_t items[ITEMS][ITEM], moved[ITEMS][ITEM], zeros[ITEMS][ITEM];
    struct hash good, other;
    (void)state;
    fill(items);
    good = of(items, ITEMS, ITEM);
    memcpy(moved, items, sizeof moved);
    memcpy(moved[0], items[1], ITEM);
    memcpy(moved[1], items[0], ITEM);
    other = of(moved, ITEMS, ITEM);
    assert_memory_not_equal(&good, &other, sizeof good);
    other = of(items, ITEMS - 1, ITEM);
    assert_memory_not_equal(&good, &other, sizeof good);
    memset(zeros, 0, sizeof zeros);
    good = of(zeros, 0, ITEM);
    other = of(zeros, 1, 8);
    assert_memory_not_equal(&good, &other, sizeof good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(order_and_number_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
