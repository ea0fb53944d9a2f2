/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/adapter_offers.h"

#include "cli/text.h"
#include "core/orders.h"
#include "session/venues.h"

#include <string.h>

/* What there is or is not, beside order types and times in force. */
static const struct yes_or_no {
    const char *key, *what;
    uint32_t can, flag; /* one of both: TURRET_CAN_…, TURRET_ORDER_… */
} rows[] = {
    {"post_only", "post-only", 0, TURRET_ORDER_POST_ONLY},
    {"reduce_only", "reduce-only", 0, TURRET_ORDER_REDUCE_ONLY},
    {"iceberg", "iceberg", TURRET_CAN_ICEBERG, 0},
    {"modify", "modify", TURRET_CAN_MODIFY, 0},
    {"batch", "orders in batches", TURRET_CAN_BATCH, 0},
    {"cancel_all", "cancel all", TURRET_CAN_CANCEL_ALL, 0},
    {"dead_man", "dead man's timer", TURRET_CAN_DEAD_MAN, 0},
    {"server_time", "its time", TURRET_CAN_SERVER_TIME, 0},
    {"subscribe", "market data", TURRET_CAN_SUBSCRIBE, 0},
    {"history", "past bars", TURRET_CAN_HISTORY, 0},
    {"simulated", "simulated", TURRET_CAN_SIMULATE, 0},
};
#define ROWS (sizeof rows / sizeof rows[0])

static bool has(const struct turret_broker_caps *caps, const struct yes_or_no *row)
{
    return (caps->can & row->can) != 0 || (caps->order_flags & row->flag) != 0;
}

void adapter_offers_ask(struct adapter_offers *offers, struct registry *registry,
                        const struct plugin *plugin, const struct plugin_offer *offer,
                        const struct config *config)
{
    struct config alone = {.venue_count = 1};
    struct config_venue venue = {0};
    const struct plugin_offer *named;
    const struct plugin *of;
    struct venues *venues = NULL;
    struct turret_error err = {0};
    uint32_t i;
    *offers = (struct adapter_offers){0};
    if (plugin->unload) {
        (void)snprintf(offers->why, sizeof offers->why, "it runs in a process of its own");
        return;
    }
    (void)snprintf(venue.name, sizeof venue.name, "NAME");
    (void)snprintf(venue.adapter, sizeof venue.adapter, "%s", plugin_offer_id(offer));
    for (i = 0; config && i < config->venue_count; i++)
        if (!registry_find(registry, TURRET_KIND_BROKER, config->venues[i].adapter, &named, &of,
                           NULL) &&
            named == offer)
            break;
    if (config && i < config->venue_count) {
        alone = *config;
        alone.venue_count = 1;
        venue = config->venues[i];
    }
    alone.venues = &venue;
    offers->known =
        !venues_open(&venues, &alone, registry, 0, TURRET_REASON_FIRST, NULL, NULL, &err);
    if (offers->known)
        offers->caps = *venues_caps(venues, 0);
    else
        (void)snprintf(offers->why, sizeof offers->why, "%.190s", err.text);
    venues_close(venues);
}

/* The names of the bits that are set, from 1 on. */
static void put_names(uint32_t bits, const char *(*name)(uint8_t), char *text, size_t room)
{
    text[0] = '\0';
    for (uint8_t i = 1; i < 32; i++) {
        size_t used = strlen(text);
        if (bits >> i & 1)
            (void)snprintf(text + used, room - used, "%s%s", used ? ", " : "", name(i));
    }
}

void adapter_offers_print(const struct adapter_offers *offers, const struct cli *cli)
{
    static const char *const headings[] = {"offer", "by the venue itself"};
    const struct turret_broker_caps *caps = &offers->caps;
    char types[200], times[200];
    struct text_table table;
    if (!offers->known) {
        (void)printf("what its venue offers is not known: %s\n", offers->why);
        return;
    }
    put_names(caps->order_types, order_type_name, types, sizeof types);
    put_names(caps->times_in_force, order_tif_name, times, sizeof times);
    if (text_table_begin(&table, 2, 0, headings))
        return;
    (void)text_table_row(&table, (const char *[]){"orders", types[0] ? types : "none"});
    (void)text_table_row(&table, (const char *[]){"times in force", times[0] ? times : "none"});
    for (size_t i = 0; i < ROWS; i++)
        (void)text_table_row(&table,
                             (const char *[]){rows[i].what, has(caps, &rows[i]) ? "yes" : "no"});
    text_table_end(&table, cli);
}

static json_t *names_json(uint32_t bits, const char *(*name)(uint8_t))
{
    json_t *names = json_array();
    for (uint8_t i = 1; i < 32; i++)
        if (bits >> i & 1)
            (void)json_array_append_new(names, json_string(name(i)));
    return names;
}

json_t *adapter_offers_json(const struct adapter_offers *offers)
{
    json_t *value;
    if (!offers->known)
        return json_null();
    value = json_pack("{s:o, s:o}", "order_types",
                      names_json(offers->caps.order_types, order_type_name), "times_in_force",
                      names_json(offers->caps.times_in_force, order_tif_name));
    for (size_t i = 0; i < ROWS; i++)
        (void)json_object_set_new(value, rows[i].key, json_boolean(has(&offers->caps, &rows[i])));
    return value;
}
