/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A venue that tells of an order of this host, by its number, which the store has never made: the
 * store was put back from an old backup, or another host trades the account. Its ids would be given
 * twice, and what it believes is old. Nothing of it is taken, nothing is sent, and the daemon ends
 * with the highest such number, until a person starts it with that number.
 *
 * An id is known when it is not above the highest of the table of orders: an order's row is in the
 * transaction of its intent, and nothing is sent before that is durable.
 */
#include "session/live_state.h"

#define IDS_OF_HOSTS (UINT64_C(1) << 62) /* at and above are orders of others */

struct first {
    uint64_t id; /* 0: none */
};

static int take_first(void *context, const void *key, size_t key_bytes, uint16_t version,
                      const void *value, size_t value_bytes)
{
    struct first *first = context;
    (void)version;
    (void)value;
    (void)value_bytes;
    first->id = store_key_number(key, key_bytes);
    return 1;
}

/* Whether there is an order of this host with this id or a higher one. */
static bool any_from(struct live *live, uint64_t id)
{
    struct first first = {0};
    uint8_t key[STORE_NUMBER_KEY];
    store_number_key(key, id);
    (void)store_scan(live->store, STORE_ORDER, key, sizeof key, take_first, &first, NULL, NULL);
    return first.id >= id && first.id < IDS_OF_HOSTS;
}

void live_known_open(struct live *live)
{
    uint64_t highest = 0, bit;
    for (bit = IDS_OF_HOSTS >> 1; bit > 0; bit >>= 1)
        if (any_from(live, highest | bit))
            highest |= bit;
    live->known_order = live->options.known_order > highest ? live->options.known_order : highest;
}

void live_known_made(struct live *live, const struct order *order)
{
    if (order->strategy != ORDER_NO_STRATEGY && order->id > live->known_order)
        live->known_order = order->id;
}

static uint64_t id_in(const struct event *event)
{
    if (event->type == EVENT_ORDER)
        return event->u.order.order_id;
    return event->type == EVENT_FILL ? event->u.fill.order_id : 0;
}

bool live_known_refuses(struct live *live, const struct event *event)
{
    uint64_t id = id_in(event);
    bool ends = event->type == EVENT_DOWNLOAD && event->u.download.done;
    if (live->replaying || event->venue == EVENT_FROM_HOST ||
        venues_simulated(live->venues, event->venue))
        return live->strange_order != 0;
    if (id < IDS_OF_HOSTS && id > live->known_order && id > live->strange_order)
        live->strange_order = id;
    if (live->strange_order == 0)
        return false;
    if (!live->failed && (ends || engine_venue_ready(live->engine, event->venue)))
        live->failed = turret_fail(
            &live->failure, TURRET_ESTATE,
            "venue %s has order %llu of this host, which this store never made: the store was put "
            "back from an old backup, or another host trades there. Nothing was sent; look, then "
            "start with --known-order %llu",
            live->config->venues[event->venue].name, (unsigned long long)live->strange_order,
            (unsigned long long)live->strange_order);
    return true;
}
