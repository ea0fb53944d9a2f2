/* SPDX-License-Identifier: Apache-2.0 */
/* What an adapter is told of instruments: those of its venue, and those it brings data of. */
#include "session/venues_state.h"

#include "session/definitions.h"

#include <string.h>

static const struct venue_link *of(const struct turret_broker *self)
{
    return (const struct venue_link *)(const void *)self;
}

enum concern { NEITHER, FED, TRADED };

static enum concern concern_of(const struct venue_link *link, uint32_t id)
{
    const struct config_instrument *instrument = &link->owner->config->instruments[id - 1];
    const char *name = link->owner->config->venues[link->index].name;
    return !strcmp(instrument->venue, name)  ? TRADED
           : !strcmp(instrument->feed, name) ? FED
                                             : NEITHER;
}

/* What the venue says of orders, fills and positions is of its own one. */
turret_instrument venues_find_instrument(struct turret_broker *self, const char *symbol)
{
    const struct venue_link *link = of(self);
    enum concern most = NEITHER;
    turret_instrument found = 0;
    uint32_t id;
    for (id = 1; id <= link->owner->config->instrument_count; id++) {
        enum concern concern = concern_of(link, id);
        if (concern <= most || strcmp(link->owner->defs[id].symbol, symbol) != 0)
            continue;
        most = concern;
        found = id;
    }
    return found;
}

const struct turret_instrument_def *venues_instrument(struct turret_broker *self,
                                                      turret_instrument id)
{
    const struct venues *venues = of(self)->owner;
    return id >= 1 && id <= venues->config->instrument_count ? &venues->defs[id] : NULL;
}

void venues_each_instrument(struct turret_broker *self, void *context,
                            void (*each)(void *context, const struct turret_instrument_def *def))
{
    const struct venue_link *link = of(self);
    uint32_t id;
    for (id = 1; id <= link->owner->config->instrument_count; id++)
        if (concern_of(link, id) != NEITHER)
            each(context, &link->owner->defs[id]);
}

int64_t venues_read_bars(struct turret_broker *self, turret_instrument id, int64_t timeframe_ns,
                         turret_time_ns from, struct turret_bar *bars, uint32_t capacity)
{
    struct venues *venues = of(self)->owner;
    if (!venues->store)
        return TURRET_ENOTSUP;
    if (!venues_instrument(self, id))
        return 0;
    return definitions_read_bars(venues->store, &venues->config->instruments[id - 1], id,
                                 timeframe_ns, from, bars, capacity, NULL);
}
