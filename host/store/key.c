/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

void store_number_key(uint8_t key[STORE_NUMBER_KEY], uint64_t number)
{
    int i;
    for (i = 0; i < STORE_NUMBER_KEY; i++)
        key[i] = (uint8_t)(number >> (56 - 8 * i));
}

uint64_t store_key_number(const void *key, size_t key_bytes)
{
    const uint8_t *at = key;
    uint64_t number = 0;
    int i;
    for (i = 0; i < STORE_NUMBER_KEY && key_bytes == STORE_NUMBER_KEY; i++)
        number = number << 8 | at[i];
    return number;
}
