/* SPDX-License-Identifier: Apache-2.0 */
#include "session/subscribe.h"

#include <string.h>

/* 1u << TURRET_REPORT_… that the strategy has callbacks for; bars where it names a timeframe. */
static uint32_t wanted_reports(const struct turret_strategy_type *type, const struct config_on *on)
{
    uint32_t reports = 1u << TURRET_REPORT_STATUS | 1u << TURRET_REPORT_SPLIT;
    if (on->timeframe_ns)
        reports |= 1u << TURRET_REPORT_BAR;
    if (type->on_trade)
        reports |= 1u << TURRET_REPORT_TRADE;
    if (type->on_quote)
        reports |= 1u << TURRET_REPORT_QUOTE;
    if (type->on_level)
        reports |= 1u << TURRET_REPORT_LEVEL;
    return reports;
}

static int refuse(const struct config *config, const struct config_strategy *strategy,
                  const struct config_on *on, const char *why, FILE *messages,
                  struct turret_error *err)
{
    const struct config_instrument *instrument = &config->instruments[on->instrument];
    char timeframe[32] = "";
    if (on->timeframe_ns)
        config_format_timeframe(on->timeframe_ns, timeframe, sizeof timeframe);
    return config_refuse(
        config, on->place, messages, err,
        "strategies.%s.on asks for %s.%s%s%s, which venue %s does not make: %.200s", strategy->name,
        instrument->symbol, instrument->venue, timeframe[0] ? "@" : "", timeframe, instrument->feed,
        why);
}

static int subscribe_strategy(struct venues *venues, const struct config *config,
                              const struct config_strategy *strategy,
                              const struct turret_strategy_type *type, FILE *messages,
                              struct turret_error *err)
{
    uint32_t i;
    for (i = 0; i < strategy->on_count; i++) {
        const struct config_on *on = &strategy->on[i];
        struct turret_error why = {0};
        if (venues_subscribe(venues, on->instrument + 1, wanted_reports(type, on), on->timeframe_ns,
                             &why))
            (void)refuse(config, strategy, on, why.text, messages, err);
    }
    return turret_ok(err);
}

int subscribe_config(struct venues *venues, const struct config *config, struct registry *registry,
                     FILE *messages, struct turret_error *err)
{
    const struct plugin_offer *offer;
    const struct plugin *plugin;
    uint32_t s;
    for (s = 0; s < config->strategy_count; s++) {
        if (registry_find(registry, TURRET_KIND_STRATEGY, config->strategies[s].plugin, &offer,
                          &plugin, err))
            return turret_ok(err);
        (void)subscribe_strategy(venues, config, &config->strategies[s], &offer->strategy, messages,
                                 err);
    }
    return turret_ok(err);
}
