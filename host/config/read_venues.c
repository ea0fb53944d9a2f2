/* SPDX-License-Identifier: Apache-2.0 */
/*
 * venues: where orders go and data comes from.
 */
#include "config/reader.h"
#include "config/scalar.h"
#include "core/ledger.h"

#define DEAD_MAN_MIN (INT64_C(1) * 1000000000)
#define DEAD_MAN_MAX (INT64_C(86400) * 1000000000)

#include <string.h>

static void read_cash(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                      void *target)
{
    struct config_venue *venue = target;
    const struct yaml_node *entry;
    (void)key;
    if (!reader_is_map(r, value) || !reader_within(r, value, CONFIG_CASH_MAX))
        return;
    for (entry = value->first; entry; entry = entry->next) {
        struct config_cash *cash = &venue->cash[venue->cash_count];
        size_t before;
        if (reader_is_repeat(value, entry))
            continue;
        before = reader_enter(r, entry->key->text);
        if (reader_key_name(r, entry, READER_CURRENCY, cash->currency, sizeof cash->currency) &&
            reader_decimal(r, entry, 8, 0, AMOUNT_MAX, &cash->amount)) {
            cash->place = reader_key_place(r, entry);
            venue->cash_count++;
        }
        reader_leave(r, before);
    }
}

static void read_venue_params(struct reader *r, const struct yaml_node *value,
                              const struct reader_key *key, void *target)
{
    struct config_venue *venue = target;
    (void)key;
    read_params(r, value, (struct read_params){&venue->params, &venue->param_count});
}

/* Who arms a venue says whose money it is. */
static void check_armed(struct reader *r, const struct yaml_node *value,
                        const struct config_venue *venue)
{
    const struct yaml_node *armed = yaml_find(value, "armed"); /* NULL: misspelt, which was told */
    size_t before;
    if (!armed || !venue->armed[0] || !strcmp(venue->armed, venue->account))
        return;
    before = reader_enter(r, "armed");
    reader_refuse(r, armed, "not the account of this venue");
    reader_leave(r, before);
}

static void read_dead_man(struct reader *r, const struct yaml_node *value,
                          const struct reader_key *key, void *target)
{
    struct config_venue *venue = target;
    struct scalar_why why;
    int64_t duration_ns;
    (void)key;
    if (!reader_is_text(r, value))
        return;
    if (!scalar_duration(value->text, &duration_ns, &why))
        reader_refuse(r, value, why.text);
    else if (duration_ns < DEAD_MAN_MIN || duration_ns > DEAD_MAN_MAX)
        reader_refuse(r, value, "not 1s to 1d");
    else
        venue->dead_man_ns = duration_ns;
}

static const struct reader_key venue_keys[] = {
    {"adapter", read_plugin, offsetof(struct config_venue, adapter), CONFIG_NAME_MAX, true},
    {"account", read_name, offsetof(struct config_venue, account), CONFIG_NAME_MAX, false},
    {"cash", read_cash, 0, 0, false},
    {"armed", read_name, offsetof(struct config_venue, armed), CONFIG_NAME_MAX, false},
    {"reconcile", read_reconcile, offsetof(struct config_venue, reconcile), 0, false},
    {"seed", read_u32, offsetof(struct config_venue, seed), 0, false},
    {"dead_man", read_dead_man, 0, 0, false},
    {"params", read_venue_params, 0, 0, false},
};

void read_venues(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                 void *target)
{
    struct config *config = target;
    const struct yaml_node *entry;
    (void)key;
    r->venues_unread = true;
    if (!reader_is_map(r, value) || !reader_within(r, value, CONFIG_VENUES_MAX))
        return;
    r->venues_unread = false;
    config->venues = reader_allocate(r, value->count, sizeof *config->venues);
    for (entry = value->first; config->venues && entry; entry = entry->next) {
        struct config_venue *venue = &config->venues[config->venue_count];
        size_t before;
        if (reader_is_repeat(value, entry))
            continue;
        config->venue_count++; /* even with mistakes in it: others may refer to it */
        (void)snprintf(venue->account, sizeof venue->account, "default");
        read_reconcile_defaults(&venue->reconcile);
        venue->place = reader_key_place(r, entry);
        before = reader_enter(r, entry->key->text);
        if (!reader_key_name(r, entry, READER_NAME, venue->name, sizeof venue->name))
            reader_suspect(r, entry->key->text);
        reader_read(r, entry, venue_keys, sizeof venue_keys / sizeof *venue_keys, venue);
        check_armed(r, entry, venue);
        reader_leave(r, before);
    }
}
