/* SPDX-License-Identifier: Apache-2.0 */
/*
 * instruments: what is traded, where, and in which steps. The key is "SYMBOL.venue".
 */
#include "config/reader.h"
#include "config/scalar.h"
#include "core/orders.h"
#include "ops/suggest.h"

#include <string.h>

#define SCALE_MAX      12
#define QTY_MAX        ORDER_QTY_MAX /* also what "max: 0" or no max means */
#define MULTIPLIER_MAX 1000000000LL
#define SPLIT_MAX      1000000

/* What can only be read once the scales are known. */
struct draft {
    struct config_instrument *instrument;
    const struct yaml_node *entry;
    const struct yaml_node *feed, *tick, *lot, *price_scale, *qty_scale, *min, *max, *multiplier;
    const struct yaml_node *splits;
    char data[CONFIG_NAME_MAX], bid_data[CONFIG_NAME_MAX], ask_data[CONFIG_NAME_MAX];
    char currency[8];
    char sector[32];
};

static const struct reader_key instrument_keys[] = {
    {"tick", read_node, offsetof(struct draft, tick), 0, true},
    {"lot", read_node, offsetof(struct draft, lot), 0, false},
    {"currency", read_currency, offsetof(struct draft, currency), 8, true},
    {"feed", read_node, offsetof(struct draft, feed), 0, false},
    {"data", read_symbol, offsetof(struct draft, data), CONFIG_NAME_MAX, false},
    {"bid_data", read_symbol, offsetof(struct draft, bid_data), CONFIG_NAME_MAX, false},
    {"ask_data", read_symbol, offsetof(struct draft, ask_data), CONFIG_NAME_MAX, false},
    {"price_scale", read_node, offsetof(struct draft, price_scale), 0, false},
    {"qty_scale", read_node, offsetof(struct draft, qty_scale), 0, false},
    {"multiplier", read_node, offsetof(struct draft, multiplier), 0, false},
    {"min", read_node, offsetof(struct draft, min), 0, false},
    {"max", read_node, offsetof(struct draft, max), 0, false},
    {"sector", read_symbol, offsetof(struct draft, sector), 32, false},
    {"splits", read_node, offsetof(struct draft, splits), 0, false},
};

/* Whether `name` is a venue's; otherwise *near is the venue probably meant, or NULL. */
static bool is_venue(const struct reader *r, const char *name, const char **near)
{
    const char *names[CONFIG_VENUES_MAX];
    uint32_t i;
    for (i = 0; i < r->config->venue_count; i++) {
        names[i] = r->config->venues[i].name;
        if (strcmp(names[i], name) == 0)
            return true;
    }
    *near = suggest_nearest(name, names, r->config->venue_count);
    return false;
}

static void tell_no_venue(struct reader *r, const struct yaml_node *node, const char *name,
                          const char *near)
{
    if (r->venues_unread || reader_is_suspect(r, name))
        return;
    if (near)
        reader_tell(r, node, "refers to the venue '%s', which does not exist; did you mean '%s'?",
                    name, near);
    else
        reader_tell(r, node, "refers to the venue '%s', which does not exist; add it to venues",
                    name);
}

/* "BRK.B.sim" → "BRK.B" at "sim". */
static bool split_key(struct reader *r, const struct yaml_node *entry,
                      struct config_instrument *instrument)
{
    char name[sizeof instrument->symbol + sizeof instrument->venue];
    char *dot;
    if (!reader_key_name(r, entry, READER_SYMBOL, name, sizeof name))
        return false;
    dot = strrchr(name, '.');
    if (!dot || dot == name || !dot[1]) {
        reader_tell(r, entry->key, "is not written as SYMBOL.venue");
        return false;
    }
    *dot = '\0';
    if (strlen(name) >= sizeof instrument->symbol) {
        reader_tell(r, entry->key, "has a symbol of more than %zu characters",
                    sizeof instrument->symbol - 1);
        return false;
    }
    if (strlen(dot + 1) >= sizeof instrument->venue) {
        reader_tell(r, entry->key, "has a venue of more than %zu characters",
                    sizeof instrument->venue - 1);
        return false;
    }
    memcpy(instrument->symbol, name, strlen(name) + 1);
    memcpy(instrument->venue, dot + 1, strlen(dot + 1) + 1);
    return true;
}

/* The scale as given, or as many decimals as the step has; at least those. */
static int32_t find_scale(struct reader *r, const struct yaml_node *given, const char *given_name,
                          const struct yaml_node *step, const char *step_name)
{
    int64_t scale = 0, decimals = 0;
    if (step && step->kind == YAML_SCALAR)
        decimals = scalar_decimals(step->text);
    if (decimals > SCALE_MAX)
        decimals = SCALE_MAX; /* reading the step will say that it is finer */
    if (given) {
        size_t before = reader_enter(r, given_name);
        if (reader_integer(r, given, 0, SCALE_MAX, &scale) && scale < decimals) {
            reader_tell(r, given, "is %d, too small for the %d decimals of %s", (int)scale,
                        (int)decimals, step_name);
        }
        reader_leave(r, before);
    }
    return (int32_t)(scale > decimals ? scale : decimals);
}

static void read_step(struct reader *r, const struct yaml_node *node, const char *name,
                      int32_t scale, int64_t most, int64_t *step)
{
    size_t before = reader_enter(r, name);
    int64_t number;
    if (node && reader_decimal(r, node, scale, -most, most, &number)) {
        if (number > 0)
            *step = number;
        else
            reader_refuse(r, node, "not above 0");
    }
    reader_leave(r, before);
}

static void read_quantity(struct reader *r, const struct yaml_node *node, const char *name,
                          int32_t scale, int64_t *qty)
{
    size_t before = reader_enter(r, name);
    if (node)
        (void)reader_decimal(r, node, scale, 0, QTY_MAX, qty);
    reader_leave(r, before);
}

static bool read_ratio(const char *text, struct config_split *split)
{
    char part[16];
    const char *colon = strchr(text, ':');
    struct scalar_why why;
    int64_t numerator, denominator;
    if (!colon || (size_t)(colon - text) >= sizeof part)
        return false;
    memcpy(part, text, (size_t)(colon - text));
    part[colon - text] = '\0';
    if (!scalar_integer(part, 1, SPLIT_MAX, &numerator, &why) ||
        !scalar_integer(colon + 1, 1, SPLIT_MAX, &denominator, &why))
        return false;
    split->numerator = (uint32_t)numerator;
    split->denominator = (uint32_t)denominator;
    return true;
}

/* Keeps the splits in the order of time. */
static void insert_split(struct config_instrument *instrument, struct config_split split)
{
    uint32_t at = instrument->split_count++;
    for (; at > 0 && instrument->splits[at - 1].time > split.time; at--)
        instrument->splits[at] = instrument->splits[at - 1];
    instrument->splits[at] = split;
}

static void read_splits(struct reader *r, const struct yaml_node *value,
                        struct config_instrument *instrument)
{
    const struct yaml_node *entry;
    if (!reader_is_map(r, value) || !reader_within(r, value, CONFIG_SPLITS_MAX))
        return;
    for (entry = value->first; entry; entry = entry->next) {
        struct config_split split = {0};
        struct scalar_why why;
        size_t before;
        if (reader_is_repeat(value, entry))
            continue;
        before = reader_enter(r, entry->key->text);
        if (entry->key->length != 10 || !scalar_time(entry->key->text, &split.time, &why))
            reader_tell(r, entry->key, "is not the day of a split, like 2014-06-09");
        else if (reader_is_text(r, entry)) {
            if (read_ratio(entry->text, &split))
                insert_split(instrument, split);
            else
                reader_refuse(r, entry, "not a ratio of new to old units like \"7:1\"");
        }
        reader_leave(r, before);
    }
}

static void read_feed(struct reader *r, const struct draft *draft)
{
    struct config_instrument *instrument = draft->instrument;
    const char *near = NULL;
    size_t before = reader_enter(r, "feed");
    (void)snprintf(instrument->feed, sizeof instrument->feed, "%s", instrument->venue);
    if (draft->feed &&
        reader_name(r, draft->feed, READER_NAME, instrument->feed, sizeof instrument->feed) &&
        !is_venue(r, instrument->feed, &near))
        tell_no_venue(r, draft->feed, instrument->feed, near);
    reader_leave(r, before);
}

static void read_sizes(struct reader *r, const struct draft *draft)
{
    struct config_instrument *instrument = draft->instrument;
    struct scalar_why why;
    size_t before;
    instrument->price_scale = find_scale(r, draft->price_scale, "price_scale", draft->tick, "tick");
    instrument->qty_scale = find_scale(r, draft->qty_scale, "qty_scale", draft->lot, "lot");
    instrument->tick_size = 1;
    (void)scalar_decimal("1", instrument->qty_scale, &instrument->lot_size, &why);
    read_step(r, draft->tick, "tick", instrument->price_scale, PRICE_MAX, &instrument->tick_size);
    read_step(r, draft->lot, "lot", instrument->qty_scale, QTY_MAX, &instrument->lot_size);
    instrument->min_qty = instrument->lot_size;
    read_quantity(r, draft->min, "min", instrument->qty_scale, &instrument->min_qty);
    read_quantity(r, draft->max, "max", instrument->qty_scale, &instrument->max_qty);
    before = reader_enter(r, "min");
    if (draft->min && instrument->min_qty % instrument->lot_size != 0)
        reader_refuse(r, draft->min, "not a multiple of lot");
    reader_leave(r, before);
    if (instrument->max_qty == 0)
        instrument->max_qty = QTY_MAX;
    before = reader_enter(r, draft->max ? "max" : "lot");
    if (instrument->max_qty < instrument->min_qty)
        reader_refuse(r, draft->max ? draft->max : draft->lot, "below min");
    reader_leave(r, before);
}

/* Quotes are made from both sides or not at all. */
static void read_quote_data(struct reader *r, const struct draft *draft)
{
    struct config_instrument *instrument = draft->instrument;
    memcpy(instrument->bid_data, draft->bid_data, sizeof instrument->bid_data);
    memcpy(instrument->ask_data, draft->ask_data, sizeof instrument->ask_data);
    if (!yaml_find(draft->entry, "bid_data") != !yaml_find(draft->entry, "ask_data"))
        reader_tell(r, draft->entry->key,
                    "has only one of bid_data and ask_data; quotes need both");
}

static void finish_instrument(struct reader *r, const struct draft *draft)
{
    struct config_instrument *instrument = draft->instrument;
    size_t before;
    read_sizes(r, draft);
    instrument->multiplier = 1;
    before = reader_enter(r, "multiplier");
    if (draft->multiplier)
        (void)reader_integer(r, draft->multiplier, 1, MULTIPLIER_MAX, &instrument->multiplier);
    reader_leave(r, before);
    before = reader_enter(r, "splits");
    if (draft->splits)
        read_splits(r, draft->splits, instrument);
    reader_leave(r, before);
    read_feed(r, draft);
    (void)snprintf(instrument->currency, sizeof instrument->currency, "%s", draft->currency);
    (void)snprintf(instrument->data, sizeof instrument->data, "%s",
                   *draft->data ? draft->data : instrument->symbol);
    memcpy(instrument->sector, draft->sector, sizeof instrument->sector);
    read_quote_data(r, draft);
}

static void read_instrument(struct reader *r, const struct yaml_node *entry,
                            struct config_instrument *instrument)
{
    struct draft draft = {.instrument = instrument, .entry = entry};
    const char *near = NULL;
    size_t before = reader_enter(r, entry->key->text);
    instrument->place = reader_key_place(r, entry);
    if (!split_key(r, entry, instrument)) {
        reader_suspect(r, entry->key->text);
    } else if (!is_venue(r, instrument->venue, &near)) {
        tell_no_venue(r, entry->key, instrument->venue, near);
        reader_suspect(r, entry->key->text);
    }
    if (reader_is_map(r, entry)) {
        reader_read(r, entry, instrument_keys, sizeof instrument_keys / sizeof *instrument_keys,
                    &draft);
        finish_instrument(r, &draft);
    }
    reader_leave(r, before);
}

void read_instruments(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                      void *target)
{
    struct config *config = target;
    const struct yaml_node *entry;
    (void)key;
    r->instruments_unread = true;
    if (!reader_is_map(r, value) || !reader_within(r, value, CONFIG_INSTRUMENTS_MAX))
        return;
    r->instruments_unread = false;
    config->instruments = reader_allocate(r, value->count, sizeof *config->instruments);
    for (entry = value->first; config->instruments && entry; entry = entry->next)
        if (!reader_is_repeat(value, entry))
            read_instrument(r, entry, &config->instruments[config->instrument_count++]);
}
