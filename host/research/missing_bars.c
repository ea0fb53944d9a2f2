/* SPDX-License-Identifier: Apache-2.0 */
#include "research/missing_bars.h"

#include <string.h>

/* The timeframes a series is stored in, "1m, 1d". */
struct stored {
    const char *name;
    char text[128];
};

static int see_series(void *context, const struct store_series *series)
{
    struct stored *stored = context;
    size_t used = strlen(stored->text);
    char timeframe[32];
    if (strcmp(series->name, stored->name) != 0 || used > sizeof stored->text - 40)
        return 0;
    config_format_timeframe(series->timeframe_ns, timeframe, sizeof timeframe);
    (void)snprintf(stored->text + used, sizeof stored->text - used, "%s%s", used ? ", " : "",
                   timeframe);
    return 0;
}

int missing_bars(const struct config *config, const struct config_on *on, const char *name,
                 struct store *store, FILE *messages, struct turret_error *err)
{
    const struct config_instrument *instrument = &config->instruments[on->instrument];
    struct stored stored = {.name = name};
    char timeframe[32];
    (void)store_series_each(store, see_series, &stored, NULL);
    config_format_timeframe(on->timeframe_ns, timeframe, sizeof timeframe);
    return config_refuse(config, on->place, messages, err,
                         "no stored bars %s@%s for instrument %s.%s%s%s; import them: turret data "
                         "import --store %s --series %s --timeframe %s FILE",
                         name, timeframe, instrument->symbol, instrument->venue,
                         stored.text[0] ? "; the store has it in " : "", stored.text,
                         store_path(store), name, timeframe);
}
