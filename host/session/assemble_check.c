/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration says and its plugins cannot do, and what would deny every order without a
 * word: found before anything starts, by all that take a configuration from a file.
 */
#include "session/assemble.h"

#include <string.h>

/* Goes on after a mistake; the first one is in *err. */
struct check {
    const struct config *config;
    struct registry *registry;
    FILE *messages;
    struct turret_error *err;
};

/* Whether an adapter can be asked for its venue's time. */
static bool is_timed(const struct check *check)
{
    const struct config *config = check->config;
    const struct plugin_offer *offer;
    const struct plugin *plugin;
    uint32_t i;
    for (i = 0; i < config->venue_count; i++)
        if (!registry_find(check->registry, TURRET_KIND_BROKER, config->venues[i].adapter, &offer,
                           &plugin, NULL) &&
            offer->broker.server_time)
            return true;
    return false;
}

static void check_limits(const struct check *check)
{
    const struct config *config = check->config;
    struct turret_error one = {0};
    char names[200];
    uint32_t count = config_unset_limits(config, is_timed(check), names, sizeof names);
    if (count == 0 || config->strategy_count == 0)
        return;
    (void)config_refuse(
        config, config->risk_place, check->messages, &one,
        "risk.preset is '%s' and leaves %u limit%s unset, which denies every order: "
        "%s; set %s, or say preset: development, which is for simulated money",
        config->risk_preset, count, count == 1 ? "" : "s", names, count == 1 ? "it" : "them");
    (void)turret_fail(check->err, one.code, "%s", one.text);
}

/* Of 0 these deny whatever opens something. Others let some of it pass, or are off then. */
static const char *const deny_at_zero[] = {
    "max_order_qty",     "max_order",      "max_position", "max_position_value", "max_open_orders",
    "orders_per_minute", "drawdown",       "leverage",     "gross_exposure",     "net_exposure",
    "concentration",     "max_unexecuted", "correlation",  "messages_per_fill"};

static void warn_of_zero(const struct check *check, const struct risk_limits *limits,
                         const char *where)
{
    const struct risk_limit_row *row;
    size_t i;
    for (row = risk_limit_rows; check->messages && row->name; row++) {
        const int64_t *limit = (const void *)((const char *)limits + row->offset);
        for (i = 0; i < sizeof deny_at_zero / sizeof deny_at_zero[0]; i++)
            if (*limit == 0 && !strcmp(row->name, deny_at_zero[i]))
                (void)fprintf(check->messages,
                              "%s: warning: %s.%s is 0, which denies every order that opens "
                              "something\n",
                              check->config->file, where, row->name);
    }
}

/* NULL: there is none of that name. */
static const struct config_strategy *strategy_of(const struct check *check, const char *name)
{
    const struct config *config = check->config;
    uint32_t i;
    for (i = 0; i < config->strategy_count; i++)
        if (!strcmp(config->strategies[i].name, name))
            return &config->strategies[i];
    return NULL;
}

/* The type behind a strategy of the configuration; NULL: others tell that there is none. */
static const struct turret_strategy_type *type_of(const struct check *check, const char *name)
{
    const struct config_strategy *strategy = strategy_of(check, name);
    const struct plugin_offer *offer;
    const struct plugin *plugin;
    return strategy && registry_find(check->registry, TURRET_KIND_STRATEGY, strategy->plugin,
                                     &offer, &plugin, NULL) == TURRET_OK
               ? &offer->strategy
               : NULL;
}

/* One that is paused denies what it is given. */
static void warn_of_idle_execution(const struct check *check,
                                   const struct config_strategy *strategy)
{
    const struct config_strategy *works = strategy_of(check, strategy->execution);
    if (check->messages && works && !works->enabled && strategy->enabled)
        (void)fprintf(check->messages,
                      "%s: warning: strategies.%s.execution is '%s', which is not enabled: every "
                      "order of %s that it is to work is denied until turret start %s\n",
                      check->config->file, strategy->name, works->name, strategy->name,
                      works->name);
}

static void check_execution(const struct check *check, const struct config_strategy *strategy)
{
    const struct turret_strategy_type *type =
        strategy->execution[0] ? type_of(check, strategy->execution) : NULL;
    struct turret_error one = {0};
    if (!type || type->on_order)
        return;
    (void)config_refuse(check->config, strategy->execution_place, check->messages, &one,
                        "strategies.%s.execution is '%s', whose plugin %s works no orders (it has "
                        "no on_order); name an execution algorithm such as work_twap",
                        strategy->name, strategy->execution, type->id);
    (void)turret_fail(check->err, one.code, "%s", one.text);
}

static void check_rule(const struct check *check, const struct config_rule *rule)
{
    const struct turret_strategy_type *type = type_of(check, rule->name);
    struct turret_error one = {0};
    if (!type || type->on_check)
        return;
    (void)config_refuse(check->config, rule->place, check->messages, &one,
                        "risk.rules names '%s', whose plugin %s checks no orders (it has no "
                        "on_check); take it out of the list",
                        rule->name, type->id);
    (void)turret_fail(check->err, one.code, "%s", one.text);
}

/* Cash that no instrument is bought with binds nothing: a misspelt currency. */
static void check_cash(const struct check *check, const struct config_venue *venue)
{
    const struct config *config = check->config;
    struct turret_error one = {0};
    uint32_t c, i;
    for (c = 0; c < venue->cash_count; c++) {
        const struct config_instrument *other = NULL; /* what the venue has instead */
        for (i = 0; i < config->instrument_count; i++) {
            const struct config_instrument *instrument = &config->instruments[i];
            if (strcmp(instrument->venue, venue->name) != 0)
                continue;
            other = instrument;
            if (!strcmp(instrument->currency, venue->cash[c].currency))
                break;
        }
        if (i < config->instrument_count || !other)
            continue;
        (void)config_refuse(config, venue->cash[c].place, check->messages, &one,
                            "venues.%s.cash is in %s, and no instrument of the venue is (%s.%s is "
                            "in %s); correct the currency, or take it out",
                            venue->name, venue->cash[c].currency, other->symbol, other->venue,
                            other->currency);
        (void)turret_fail(check->err, one.code, "%s", one.text);
    }
}

int assemble_check(const struct config *config, struct registry *registry, FILE *messages,
                   struct turret_error *err)
{
    struct turret_error why = {0};
    const struct check check = {config, registry, messages, &why};
    uint32_t i;
    check_limits(&check);
    warn_of_zero(&check, &config->risk, "risk");
    for (i = 0; i < config->strategy_count; i++) {
        char where[CONFIG_NAME_MAX + 24];
        (void)snprintf(where, sizeof where, "strategies.%s.limits", config->strategies[i].name);
        warn_of_zero(&check, &config->strategies[i].limits, where);
        check_execution(&check, &config->strategies[i]);
        warn_of_idle_execution(&check, &config->strategies[i]);
    }
    for (i = 0; i < config->venue_count; i++)
        check_cash(&check, &config->venues[i]);
    return why.code ? turret_fail(err, why.code, "%s", why.text) : TURRET_OK;
}

int assemble_check_rules(const struct config *config, struct registry *registry, FILE *messages,
                         struct turret_error *err)
{
    struct turret_error why = {0};
    const struct check check = {config, registry, messages, &why};
    uint32_t i;
    for (i = 0; i < config->rule_count; i++)
        check_rule(&check, &config->rules[i]);
    return why.code ? turret_fail(err, why.code, "%s", why.text) : TURRET_OK;
}
