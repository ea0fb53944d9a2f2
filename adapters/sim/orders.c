/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The venue's orders: one array of slots, an index by order id, a list of working orders for each
 * instrument and one list of finished orders, oldest first. A slot is reused only when all are
 * taken, and then the one whose order finished first.
 */
#include "orders.h"

#include <string.h>

#define INDEX_MASK (SIM_INDEX_SIZE - 1u)

/* Sixteen ids in a row share a cache line: the newest are near, and so is the next. */
static uint16_t index_home(uint64_t id)
{
    uint64_t line = ((id >> 4) * 0x9E3779B97F4A7C15ull) >> 53;
    return (uint16_t)((line << 4 | (id & 15u)) & INDEX_MASK);
}

static void index_insert(struct sim *sim, uint32_t slot)
{
    uint16_t home = index_home(sim->order[slot].id);
    uint32_t at = home;
    while (sim->index[at].slot != 0) {
        at = (at + 1u) & INDEX_MASK;
    }
    sim->index[at].slot = (uint16_t)(slot + 1u);
    sim->index[at].home = home;
}

/* Empties the entry and moves later ones of the same run back, so that no gap hides them. */
static void index_remove(struct sim *sim, uint32_t slot)
{
    uint32_t hole = index_home(sim->order[slot].id);
    while (sim->index[hole].slot != slot + 1u) {
        hole = (hole + 1u) & INDEX_MASK;
    }
    for (uint32_t at = (hole + 1u) & INDEX_MASK; sim->index[at].slot != 0;
         at = (at + 1u) & INDEX_MASK) {
        uint32_t home = sim->index[at].home;
        if (((at - home) & INDEX_MASK) >= ((at - hole) & INDEX_MASK)) {
            sim->index[hole] = sim->index[at];
            hole = at;
        }
    }
    sim->index[hole].slot = 0;
}

void orders_reset(struct sim *sim)
{
    memset(sim->index, 0, SIM_INDEX_SIZE * sizeof *sim->index);
    sim->slots_used = 0;
    sim->working_count = 0;
    sim->finished_head = SIM_NONE;
    sim->finished_tail = SIM_NONE;
    for (uint32_t i = 0; i < sim->instrument_count; i++) {
        sim->instrument[i].head = SIM_NONE;
        sim->instrument[i].tail = SIM_NONE;
    }
}

struct sim_order *orders_find(const struct sim *sim, uint64_t id)
{
    uint32_t home = index_home(id);
    for (uint32_t at = home; sim->index[at].slot != 0; at = (at + 1u) & INDEX_MASK) {
        struct sim_order *order = &sim->order[sim->index[at].slot - 1u];
        if (sim->index[at].home == home && order->id == id) {
            return order;
        }
    }
    return NULL;
}

static void append(struct sim *sim, uint32_t *head, uint32_t *tail, uint32_t slot)
{
    sim->order[slot].next = SIM_NONE;
    sim->order[slot].previous = *tail;
    if (*tail == SIM_NONE) {
        *head = slot;
    } else {
        sim->order[*tail].next = slot;
    }
    *tail = slot;
}

static void remove_from(struct sim *sim, uint32_t *head, uint32_t *tail, uint32_t slot)
{
    struct sim_order *order = &sim->order[slot];
    if (order->previous == SIM_NONE) {
        *head = order->next;
    } else {
        sim->order[order->previous].next = order->next;
    }
    if (order->next == SIM_NONE) {
        *tail = order->previous;
    } else {
        sim->order[order->next].previous = order->previous;
    }
}

void orders_write_name(char *name, uint64_t id)
{
    char digits[20];
    uint32_t count = 0;
    memset(name, 0, ORDERS_NAME_SIZE);
    do {
        digits[count++] = (char)('0' + id % 10u);
        id /= 10u;
    } while (id != 0);
    *name++ = 'S';
    while (count > 0) {
        *name++ = digits[--count];
    }
}

/* The slot that is reused next is long out of the caches: it is fetched before it is needed. */
static void fetch_next(const struct sim *sim)
{
    uint32_t slot = sim->slots_used < SIM_SLOTS ? sim->slots_used : sim->finished_head;
    for (size_t at = 0; slot != SIM_NONE && at < sizeof *sim->order; at += 64) {
        __builtin_prefetch((const char *)&sim->order[slot] + at, 1);
    }
}

struct sim_order *orders_add(struct sim *sim, uint64_t id, uint32_t instrument)
{
    if (sim->working_count >= SIM_WORKING_MAX) {
        return NULL;
    }
    uint32_t slot = sim->slots_used;
    if (slot < SIM_SLOTS) {
        sim->slots_used++;
    } else {
        slot = sim->finished_head;
        remove_from(sim, &sim->finished_head, &sim->finished_tail, slot);
        index_remove(sim, slot);
    }
    fetch_next(sim);
    struct sim_order *order = &sim->order[slot];
    memset(order, 0, sizeof *order);
    order->id = id;
    order->instrument = instrument;
    order->working = 1;
    orders_write_name(order->name, id);
    index_insert(sim, slot);
    append(sim, &sim->instrument[instrument].head, &sim->instrument[instrument].tail, slot);
    sim->working_count++;
    return order;
}

void orders_requeue(struct sim *sim, struct sim_order *order)
{
    struct sim_instrument *instrument = &sim->instrument[order->instrument];
    uint32_t slot = (uint32_t)(order - sim->order);
    remove_from(sim, &instrument->head, &instrument->tail, slot);
    append(sim, &instrument->head, &instrument->tail, slot);
}

void orders_retire(struct sim *sim, struct sim_order *order)
{
    struct sim_instrument *instrument = &sim->instrument[order->instrument];
    uint32_t slot = (uint32_t)(order - sim->order);
    remove_from(sim, &instrument->head, &instrument->tail, slot);
    append(sim, &sim->finished_head, &sim->finished_tail, slot);
    order->working = 0;
    sim->working_count--;
}
