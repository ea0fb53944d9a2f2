/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function a section. Empty sections are left out: they are what is read when nothing is said.
 */
#include "config/walk.h"
#include "config/scalar.h"

#include <inttypes.h>
#include <string.h>

static void put(const struct walk_visitor *v, const char *key, const char *text)
{
    v->value(v->context, key, text);
}

static void put_number(const struct walk_visitor *v, const char *key, int64_t number)
{
    char text[SCALAR_TEXT_MAX];
    money_format(number, 0, text, sizeof text);
    put(v, key, text);
}

static void put_decimal(const struct walk_visitor *v, const char *key, int64_t number,
                        int32_t scale)
{
    char text[SCALAR_TEXT_MAX];
    money_format(number, scale, text, sizeof text);
    put(v, key, text);
}

static void walk_params(const struct walk_visitor *v, const struct config_param *params,
                        uint32_t count)
{
    uint32_t i;
    if (count == 0)
        return;
    v->open(v->context, "params");
    for (i = 0; i < count; i++)
        put(v, params[i].name, params[i].text);
    v->close(v->context);
}

static void walk_plugin_dir(const struct walk_visitor *v, uint32_t index,
                            const struct config_plugin_dir *dir)
{
    static const char *const signatures[] = {[CONFIG_SIGNATURE_OFF] = "off",
                                             [CONFIG_SIGNATURE_WARN] = "warn",
                                             [CONFIG_SIGNATURE_REQUIRE] = "require"};
    uint32_t i;
    v->open_item(v->context, index);
    put(v, "path", dir->path);
    put(v, "isolation", dir->isolated ? "process" : "in-process");
    put(v, "signature", signatures[dir->signature]);
    if (dir->key_count > 0) {
        v->open(v->context, "keys");
        for (i = 0; i < dir->key_count; i++)
            v->item(v->context, i, dir->keys[i]);
        v->close(v->context);
    }
    if (dir->minimum_count > 0) {
        v->open(v->context, "minimum");
        for (i = 0; i < dir->minimum_count; i++)
            put(v, dir->minimums[i].plugin, dir->minimums[i].version);
        v->close(v->context);
    }
    put(v, "writable", dir->allow_writable ? "allow" : "refuse");
    v->close(v->context);
}

static void walk_reconcile(const struct walk_visitor *v, const struct config_reconcile *reconcile)
{
    static const char *const policies[] = {
        [RECONCILE_HALT] = "halt", [RECONCILE_ADOPT] = "adopt", [RECONCILE_ALARM] = "alarm"};
    char text[SCALAR_TEXT_MAX];
    v->open(v->context, "reconcile");
    scalar_format_duration(reconcile->every_ns, text, sizeof text);
    put(v, "every", text);
    put(v, "orders", policies[reconcile->policy.orders]);
    put(v, "fills", policies[reconcile->policy.fills]);
    put(v, "positions", policies[reconcile->policy.positions]);
    put(v, "cash", policies[reconcile->policy.cash]);
    put_decimal(v, "cash_tolerance", reconcile->policy.cash_tolerance, 8);
    v->close(v->context);
}

static void walk_venue(const struct walk_visitor *v, const struct config_venue *venue)
{
    char text[32];
    uint32_t i;
    v->open(v->context, venue->name);
    put(v, "adapter", venue->adapter);
    put(v, "account", venue->account);
    if (*venue->armed)
        put(v, "armed", venue->armed);
    put_number(v, "seed", venue->seed);
    if (venue->cash_count > 0) {
        v->open(v->context, "cash");
        for (i = 0; i < venue->cash_count; i++)
            put_decimal(v, venue->cash[i].currency, venue->cash[i].amount, 8);
        v->close(v->context);
    }
    if (venue->dead_man_ns > 0) {
        scalar_format_duration(venue->dead_man_ns, text, sizeof text);
        put(v, "dead_man", text);
    }
    walk_params(v, venue->params, venue->param_count);
    walk_reconcile(v, &venue->reconcile);
    v->close(v->context);
}

static void walk_instrument(const struct walk_visitor *v, const struct config_instrument *i)
{
    char text[64];
    uint32_t s;
    (void)snprintf(text, sizeof text, "%s.%s", i->symbol, i->venue);
    v->open(v->context, text);
    put_decimal(v, "tick", i->tick_size, i->price_scale);
    put_decimal(v, "lot", i->lot_size, i->qty_scale);
    put(v, "currency", i->currency);
    put(v, "feed", i->feed);
    put(v, "data", i->data);
    if (*i->bid_data)
        put(v, "bid_data", i->bid_data);
    if (*i->ask_data)
        put(v, "ask_data", i->ask_data);
    put_number(v, "price_scale", i->price_scale);
    put_number(v, "qty_scale", i->qty_scale);
    put_number(v, "multiplier", i->multiplier);
    put_decimal(v, "min", i->min_qty, i->qty_scale);
    put_decimal(v, "max", i->max_qty, i->qty_scale);
    if (*i->sector)
        put(v, "sector", i->sector);
    if (i->split_count > 0) {
        v->open(v->context, "splits");
        for (s = 0; s < i->split_count; s++) {
            char ratio[32];
            scalar_format_time(i->splits[s].time, text, sizeof text);
            (void)snprintf(ratio, sizeof ratio, "%" PRIu32 ":%" PRIu32, i->splits[s].numerator,
                           i->splits[s].denominator);
            put(v, text, ratio);
        }
        v->close(v->context);
    }
    v->close(v->context);
}

static int64_t limit_at(const struct risk_limits *limits, uint32_t offset)
{
    return *(const int64_t *)(const void *)((const char *)limits + offset);
}

/* The text of a limit; false when it is not set. */
static bool format_limit(const struct risk_limits *limits, const struct risk_limit_row *row,
                         char *text, size_t room)
{
    int64_t value = limit_at(limits, row->offset);
    enum risk_limit_unit unit = row->unit;
    if (unit == RISK_UNIT_MONEY_OR_PERCENT) {
        unit = value == RISK_UNSET ? RISK_UNIT_PERCENT : RISK_UNIT_MONEY;
        if (value == RISK_UNSET)
            value = limit_at(limits, row->percent_offset);
    }
    if (value == RISK_UNSET)
        return false;
    if (unit == RISK_UNIT_PERCENT || unit == RISK_UNIT_PART)
        scalar_format_percent(value, text, room);
    else if (unit == RISK_UNIT_DURATION)
        scalar_format_duration(value, text, room);
    else if (unit == RISK_UNIT_SELF_TRADE)
        (void)snprintf(text, room, "%s", value == RISK_SELF_TRADE_DENY ? "deny" : "allow");
    else
        money_format(value,
                     unit == RISK_UNIT_QTY     ? 9
                     : unit == RISK_UNIT_MONEY ? 8
                                               : 0,
                     text, room);
    return true;
}

bool walk_limit(const struct risk_limits *limits, const char *name, char *text, size_t room)
{
    const struct risk_limit_row *row = risk_limit_rows;
    while (row->name && strcmp(row->name, name) != 0)
        row++;
    return row->name && format_limit(limits, row, text, room);
}

static void walk_strategy_limits(const struct walk_visitor *v, const struct risk_limits *limits)
{
    const struct risk_limit_row *row;
    char text[SCALAR_TEXT_MAX + 2];
    bool opened = false;
    for (row = risk_limit_rows; row->name; row++) {
        if (!format_limit(limits, row, text, sizeof text))
            continue;
        if (!opened)
            v->open(v->context, "limits");
        opened = true;
        put(v, row->name, text);
    }
    if (opened)
        v->close(v->context);
}

static void walk_sizing(const struct walk_visitor *v, const struct sizing *sizing)
{
    const struct sizing_row *row;
    char text[SCALAR_TEXT_MAX];
    if (sizing->policy == SIZE_AS_WISHED)
        return;
    v->open(v->context, "size");
    put(v, "policy", sizing_policy_names[sizing->policy]);
    for (row = sizing_rows; row->name; row++) {
        int64_t value = *(const int64_t *)(const void *)((const char *)sizing + row->offset);
        if (!(row->policies & (1u << sizing->policy)))
            continue;
        if (row->unit == SIZING_PERCENT)
            scalar_format_percent(value, text, sizeof text);
        else
            money_format(value, row->unit == SIZING_QTY ? 9 : 0, text, sizeof text);
        put(v, row->name, text);
    }
    v->close(v->context);
}

static void walk_protection(const struct walk_visitor *v, const struct protection *p)
{
    char text[SCALAR_TEXT_MAX + 2];
    if ((p->atr_period | p->trailing_ppm | p->trailing_nano | p->max_holding_ns) == 0)
        return;
    v->open(v->context, "protect");
    if (p->atr_period > 0) {
        v->open(v->context, "atr");
        put_number(v, "period", p->atr_period);
        put_decimal(v, "stop", p->atr_stop_nano, 9);
        if (p->atr_target_nano > 0)
            put_decimal(v, "target", p->atr_target_nano, 9);
        v->close(v->context);
    }
    if (p->trailing_ppm > 0) {
        scalar_format_percent(p->trailing_ppm, text, sizeof text);
        put(v, "trailing_stop", text);
    } else if (p->trailing_nano > 0) {
        put_decimal(v, "trailing_stop", p->trailing_nano, 9);
    }
    if (p->max_holding_ns > 0) {
        scalar_format_duration(p->max_holding_ns, text, sizeof text);
        put(v, "max_holding", text);
    }
    v->close(v->context);
}

static void walk_strategy(const struct walk_visitor *v, const struct config *config,
                          const struct config_strategy *strategy)
{
    uint32_t i;
    v->open(v->context, strategy->name);
    put(v, "plugin", strategy->plugin);
    put(v, "enabled", strategy->enabled ? "true" : "false");
    put(v, "on_crash", strategy->keep_orders ? "keep" : "cancel");
    if (strategy->execution[0])
        put(v, "execution", strategy->execution);
    v->open(v->context, "on");
    for (i = 0; i < strategy->on_count; i++) {
        const struct config_instrument *on = &config->instruments[strategy->on[i].instrument];
        char timeframe[SCALAR_TEXT_MAX] = "", text[64 + SCALAR_TEXT_MAX];
        if (strategy->on[i].timeframe_ns > 0)
            config_format_timeframe(strategy->on[i].timeframe_ns, timeframe, sizeof timeframe);
        (void)snprintf(text, sizeof text, "%s.%s%s%s", on->symbol, on->venue, *timeframe ? "@" : "",
                       timeframe);
        v->item(v->context, i, text);
    }
    v->close(v->context);
    walk_params(v, strategy->params, strategy->param_count);
    walk_sizing(v, &strategy->sizing);
    walk_strategy_limits(v, &strategy->limits);
    walk_protection(v, &strategy->protection);
    v->close(v->context);
}

static void walk_risk(const struct walk_visitor *v, const struct config *config)
{
    const struct risk_limit_row *row;
    char text[SCALAR_TEXT_MAX + 2];
    uint32_t i;
    v->open(v->context, "risk");
    put(v, "preset", config->risk_preset);
    for (row = risk_limit_rows; row->name; row++) {
        bool set = format_limit(&config->risk, row, text, sizeof text);
        if (set || !row->alarms)
            put(v, row->name, set ? text : NULL);
    }
    if (config->rule_count > 0) {
        v->open(v->context, "rules");
        for (i = 0; i < config->rule_count; i++)
            v->item(v->context, i, config->rules[i].name);
        v->close(v->context);
    }
    v->close(v->context);
}

static void put_count(const struct walk_visitor *v, const char *key, uint32_t count)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%u", count);
    put(v, key, text);
}

static void walk_swap(const struct walk_visitor *v, const struct config_swap *swap)
{
    char text[SCALAR_TEXT_MAX];
    v->open(v->context, "swap");
    put(v, "watch", swap->watch ? "true" : "false");
    put_count(v, "shadow", swap->shadow);
    put_count(v, "divergence", swap->divergence);
    put_count(v, "probation", swap->probation);
    scalar_format_percent(swap->denials_ppm, text, sizeof text);
    put(v, "denials", text);
    scalar_format_duration(swap->deadline_ns, text, sizeof text);
    put(v, "deadline", text);
    v->close(v->context);
}

/* Its defaults lie in the store, wherever that is. */
static void walk_audit(const struct walk_visitor *v, const struct config_audit *audit)
{
    if (!*audit->key && !*audit->heads)
        return;
    v->open(v->context, "audit");
    if (*audit->key)
        put(v, "key", audit->key);
    if (*audit->heads)
        put(v, "heads", audit->heads);
    v->close(v->context);
}

static void walk_backtest(const struct walk_visitor *v, const struct config_backtest *backtest)
{
    char text[SCALAR_TEXT_MAX];
    v->open(v->context, "backtest");
    scalar_format_time(backtest->from, text, sizeof text);
    put(v, "from", backtest->from > 0 ? text : "first");
    scalar_format_time(backtest->to, text, sizeof text);
    put(v, "to", backtest->to > 0 ? text : "last");
    v->close(v->context);
}

void walk_config(const struct config *config, const struct walk_visitor *v)
{
    uint32_t i;
    put(v, "turret", "1");
    put(v, "mode",
        config->mode == CONFIG_BACKTEST ? "backtest"
        : config->mode == CONFIG_LIVE   ? "live"
                                        : "paper");
    put(v, "store", config->store);
    if (config->plugin_dir_count > 0) {
        v->open(v->context, "plugins");
        for (i = 0; i < config->plugin_dir_count; i++)
            walk_plugin_dir(v, i, &config->plugin_dirs[i]);
        v->close(v->context);
    }
    if (config->venue_count > 0) {
        v->open(v->context, "venues");
        for (i = 0; i < config->venue_count; i++)
            walk_venue(v, &config->venues[i]);
        v->close(v->context);
    }
    if (config->instrument_count > 0) {
        v->open(v->context, "instruments");
        for (i = 0; i < config->instrument_count; i++)
            walk_instrument(v, &config->instruments[i]);
        v->close(v->context);
    }
    if (config->strategy_count > 0) {
        v->open(v->context, "strategies");
        for (i = 0; i < config->strategy_count; i++)
            walk_strategy(v, config, &config->strategies[i]);
        v->close(v->context);
    }
    if (config->disowned_count > 0) {
        v->open(v->context, "disowned");
        for (i = 0; i < config->disowned_count; i++)
            v->item(v->context, i, config->disowned[i]);
        v->close(v->context);
    }
    walk_risk(v, config);
    walk_swap(v, &config->swap);
    walk_audit(v, &config->audit);
    walk_backtest(v, &config->backtest);
}
