/* SPDX-License-Identifier: Apache-2.0 */
/* The newest fills in a ring, found by venue and execution id. */
#include "core/state.h"

#include <stdlib.h>
#include <string.h>

int executions_init(struct executions *executions, uint32_t capacity)
{
    uint32_t places = places_for(capacity);
    executions->capacity = capacity;
    executions->mask = places - 1;
    executions->ring = calloc(capacity, sizeof *executions->ring);
    executions->places = calloc(places, sizeof *executions->places);
    return executions->ring && executions->places ? TURRET_OK : TURRET_ENOMEM;
}

void executions_finish(struct executions *executions)
{
    free(executions->ring);
    free(executions->places);
    memset(executions, 0, sizeof *executions);
}

#define LOWS  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* By words, little endian as the store is; the last one without what follows the end. */
static uint32_t hash_of(uint32_t venue, const char id[40])
{
    uint64_t hash = venue, word, ends = 0;
    uint32_t i;
    for (i = 0; i < 40 && ends == 0; i += sizeof word) {
        memcpy(&word, id + i, sizeof word);
        ends = (word - LOWS) & ~word & HIGHS; /* the lowest bit is that of the first zero byte */
        if (ends)
            word &= ((ends & (0 - ends)) >> 7) - 1;
        hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 32;
    }
    return (uint32_t)hash;
}

struct fill *executions_find(const struct executions *executions, uint32_t venue,
                             const char execution_id[40])
{
    uint32_t hash = hash_of(venue, execution_id), at = hash, slot;
    for (; (slot = places_seek(executions->places, executions->mask, hash, &at)) != 0; at++) {
        struct fill *fill = &executions->ring[slot - 1];
        if (fill->venue == venue && !fill->by_host && !strcmp(fill->execution_id, execution_id))
            return fill;
    }
    return NULL;
}

void executions_add(struct executions *executions, const struct fill *fill)
{
    uint32_t slot;
    if (executions->count == executions->capacity) {
        const struct fill *oldest = &executions->ring[executions->head];
        slot = executions->head;
        executions->forgot = true;
        places_remove(executions->places, executions->mask,
                      hash_of(oldest->venue, oldest->execution_id), slot);
        executions->head = (executions->head + 1) % executions->capacity;
    } else {
        slot = (executions->head + executions->count++) % executions->capacity;
    }
    executions->ring[slot] = *fill;
    places_add(executions->places, executions->mask, hash_of(fill->venue, fill->execution_id),
               slot);
}

static struct fill *nth(const struct executions *executions, uint32_t i)
{
    return &executions->ring[(executions->head + i) % executions->capacity];
}

/* It was added right after what took the other one back, and both after that one. */
struct fill *executions_replacement(const struct executions *executions,
                                    const struct fill *corrected)
{
    uint32_t slot = (uint32_t)(corrected - executions->ring);
    uint32_t i = (slot + executions->capacity - executions->head) % executions->capacity;
    char reverse[40];
    (void)snprintf(reverse, sizeof reverse, "busted-%llu", (unsigned long long)corrected->id);
    for (i++; i + 1 < executions->count; i++)
        if (nth(executions, i)->by_host && !strcmp(nth(executions, i)->execution_id, reverse))
            return nth(executions, i + 1);
    return NULL;
}

void executions_sum(const struct executions *executions, struct order *order)
{
    uint32_t i;
    for (i = 0; i < executions->count; i++) {
        const struct fill *fill = nth(executions, i);
        if (fill->order_id != order->id || fill->venue != order->venue || fill->busted ||
            fill->side != order->side) /* it cannot be of this order, whatever the venue says */
            continue;
        order_add_filled(order, fill->qty);
        money_add(&order->filled_value, fill->value);
        money_add(&order->fees, fill->fee);
    }
}

void executions_split(struct executions *executions, turret_instrument instrument,
                      const struct turret_split *split)
{
    uint32_t i;
    for (i = 0; i < executions->count; i++) {
        struct fill *fill = nth(executions, i);
        money_wide qty = (money_wide)fill->qty * split->numerator / split->denominator;
        if (fill->instrument == instrument) /* 0: nobody knows any more what it was */
            fill->qty = qty <= ORDER_QTY_MAX ? (turret_qty)qty : 0;
    }
}
