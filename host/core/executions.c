/* SPDX-License-Identifier: Apache-2.0 */
/* The newest fills in a ring, found by venue and execution id. */
#include "core/state.h"

#include <stdlib.h>
#include <string.h>

int executions_init(struct executions *executions, uint32_t capacity)
{
    uint32_t places = 4;
    while (places < 2 * capacity)
        places *= 2;
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

/* FNV-1a over the venue and the id. */
static uint32_t hash_of(uint32_t venue, const char *execution_id)
{
    uint32_t hash = 2166136261u ^ venue;
    while (*execution_id)
        hash = (hash ^ (uint8_t)*execution_id++) * 16777619u;
    return hash ^ hash >> 15;
}

static uint32_t place_of(const struct executions *executions, uint32_t venue, const char *id)
{
    uint32_t place = hash_of(venue, id) & executions->mask;
    while (executions->places[place]) {
        const struct fill *fill = &executions->ring[executions->places[place] - 1];
        if (fill->venue == venue && !strcmp(fill->execution_id, id))
            break;
        place = (place + 1) & executions->mask;
    }
    return place;
}

static void forget(struct executions *executions, const struct fill *fill)
{
    uint32_t hole = place_of(executions, fill->venue, fill->execution_id), next = hole;
    for (;;) {
        uint32_t home;
        const struct fill *other;
        next = (next + 1) & executions->mask;
        if (!executions->places[next])
            break;
        other = &executions->ring[executions->places[next] - 1];
        home = hash_of(other->venue, other->execution_id) & executions->mask;
        if (((next - home) & executions->mask) >= ((next - hole) & executions->mask)) {
            executions->places[hole] = executions->places[next];
            hole = next;
        }
    }
    executions->places[hole] = 0;
}

struct fill *executions_find(const struct executions *executions, uint32_t venue,
                             const char *execution_id)
{
    uint32_t slot = executions->places[place_of(executions, venue, execution_id)];
    return slot ? &executions->ring[slot - 1] : NULL;
}

void executions_add(struct executions *executions, const struct fill *fill)
{
    uint32_t slot;
    if (executions->count == executions->capacity) {
        slot = executions->head;
        forget(executions, &executions->ring[slot]);
        executions->head = (executions->head + 1) % executions->capacity;
    } else {
        slot = (executions->head + executions->count++) % executions->capacity;
    }
    executions->ring[slot] = *fill;
    executions->places[place_of(executions, fill->venue, fill->execution_id)] = slot + 1;
}

void executions_split(struct executions *executions, turret_instrument instrument,
                      const struct turret_split *split)
{
    uint32_t i;
    for (i = 0; i < executions->count; i++) {
        struct fill *fill = &executions->ring[(executions->head + i) % executions->capacity];
        money_wide qty = (money_wide)fill->qty * split->numerator / split->denominator;
        if (fill->instrument == instrument && qty > 0)
            (void)money_fits(qty, &fill->qty);
    }
}
