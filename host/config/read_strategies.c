/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strategies: instances of plugins, what they are on and how far they may go. Read after the
 * instruments they refer to.
 */
#include "config/reader.h"
#include "config/scalar.h"
#include "ops/suggest.h"

#include <stdlib.h>
#include <string.h>

#define INSTRUMENT_NAME_MAX 48
/* The registry knows an instance as "strategy <name>" in 48 bytes. */
#define NAME_ROOM (CONFIG_NAME_MAX - sizeof "strategy " + 1)

static void instrument_name(const struct config_instrument *instrument, char *name)
{
    (void)snprintf(name, INSTRUMENT_NAME_MAX, "%s.%s", instrument->symbol, instrument->venue);
}

static void tell_no_instrument(struct reader *r, const struct yaml_node *value, const char *name)
{
    uint32_t i, count = r->config->instrument_count;
    char(*names)[INSTRUMENT_NAME_MAX] = reader_allocate(r, count + 1, sizeof *names);
    const char **list = reader_allocate(r, count + 1, sizeof *list);
    const char *near = NULL;
    char shown[REPORT_SHOWN];
    for (i = 0; names && list && i < count; i++) {
        instrument_name(&r->config->instruments[i], names[i]);
        list[i] = names[i];
    }
    if (names && list)
        near = suggest_nearest(name, list, count);
    report_shown(name, shown, sizeof shown);
    if (near)
        reader_tell(r, value, "names the instrument '%s', which does not exist; did you mean '%s'?",
                    shown, near);
    else
        reader_tell(r, value,
                    "names the instrument '%s', which does not exist; add it to instruments",
                    shown);
    free(names);
    free(list);
}

static bool find_instrument(const struct config *config, const char *name, uint32_t *index)
{
    char other[INSTRUMENT_NAME_MAX];
    for (*index = 0; *index < config->instrument_count; ++*index) {
        instrument_name(&config->instruments[*index], other);
        if (strcmp(name, other) == 0)
            return true;
    }
    return false;
}

/* One "SPY.sim@1m". */
static void read_one_on(struct reader *r, const struct yaml_node *value,
                        struct config_strategy *strategy)
{
    struct config_on on = {.place = reader_place(r, value)};
    struct scalar_why why;
    char name[128];
    char *at;
    uint32_t i;
    if (!reader_text(r, value, name, sizeof name))
        return;
    if (report_line_expanded(r->report, value->start))
        on.place.length = 0; /* that line is not to be shown */
    at = strchr(name, '@');
    if (at) {
        *at = '\0';
        if (!scalar_timeframe(at + 1, &on.timeframe_ns, &why)) {
            char text[200];
            (void)snprintf(text, sizeof text, "what follows '@' is %s", why.text);
            reader_refuse(r, value, text);
            return;
        }
    }
    if (!find_instrument(r->config, name, &on.instrument)) {
        if (!r->instruments_unread && !reader_is_suspect(r, name))
            tell_no_instrument(r, value, name);
        return;
    }
    for (i = 0; i < strategy->on_count; i++)
        if (strategy->on[i].instrument == on.instrument &&
            strategy->on[i].timeframe_ns == on.timeframe_ns) {
            reader_refuse(r, value, "in the list already");
            return;
        }
    strategy->on[strategy->on_count++] = on;
}

static void read_on(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                    void *target)
{
    const struct yaml_node *entry;
    uint32_t index = 0;
    (void)key;
    if (value->kind == YAML_SCALAR) {
        read_one_on(r, value, target);
        return;
    }
    if (!reader_is_list(r, value) || !reader_within(r, value, CONFIG_ON_MAX))
        return;
    if (value->count == 0)
        reader_tell(r, value, "is an empty list; name at least one instrument");
    for (entry = value->first; entry; entry = entry->next) {
        size_t before = reader_enter_index(r, index++);
        read_one_on(r, entry, target);
        reader_leave(r, before);
    }
}

static void read_strategy_params(struct reader *r, const struct yaml_node *value,
                                 const struct reader_key *key, void *target)
{
    struct config_strategy *strategy = target;
    (void)key;
    read_params(r, value, (struct read_params){&strategy->params, &strategy->param_count});
}

/* What becomes of its orders when its runner is lost. */
static void read_on_crash(struct reader *r, const struct yaml_node *value,
                          const struct reader_key *key, void *target)
{
    static const char *const words[] = {"cancel", "keep"};
    char text[16];
    (void)key;
    if (!reader_text(r, value, text, sizeof text))
        return;
    if (strcmp(text, words[0]) != 0 && strcmp(text, words[1]) != 0)
        reader_refuse_name(r, value, "not one of cancel, keep", words, 2);
    ((struct config_strategy *)target)->keep_orders = strcmp(text, words[1]) == 0;
}

static void read_execution(struct reader *r, const struct yaml_node *value,
                           const struct reader_key *key, void *target)
{
    struct config_strategy *strategy = target;
    (void)key;
    (void)reader_name(r, value, READER_NAME, strategy->execution, sizeof strategy->execution);
}

/* The first instrument that a strategy is on and the one that works its orders is not. */
static const struct config_on *find_unworked(const struct config_strategy *strategy,
                                             const struct config_strategy *algorithm)
{
    uint32_t i, k;
    for (i = 0; i < strategy->on_count && algorithm->on_count > 0; i++) {
        for (k = 0; k < algorithm->on_count; k++)
            if (algorithm->on[k].instrument == strategy->on[i].instrument)
                break;
        if (k == algorithm->on_count)
            return &strategy->on[i];
    }
    return NULL;
}

/* An execution names another strategy that is on the same instruments. */
static void check_execution(struct reader *r, const struct yaml_node *value,
                            const struct config_strategy *strategy)
{
    const struct config *config = r->config;
    const char *names[CONFIG_STRATEGIES_MAX];
    const struct config_on *on;
    char instrument[INSTRUMENT_NAME_MAX];
    uint32_t k, count = config->strategy_count;
    for (k = 0; k < count; k++) /* itself is none of them */
        names[k] = &config->strategies[k] == strategy ? "" : config->strategies[k].name;
    for (k = 0; k < count && strcmp(names[k], strategy->execution) != 0;)
        k++;
    if (k == count) {
        reader_refuse_name(r, value, "not the name of another strategy", names, count);
        return;
    }
    on = find_unworked(strategy, &config->strategies[k]);
    if (!on)
        return;
    instrument_name(&config->instruments[on->instrument], instrument);
    reader_tell(r, value, "is '%s', which is not on %s; add that to strategies.%s.on",
                strategy->execution, instrument, strategy->execution);
}

static void check_executions(struct reader *r, const struct yaml_node *strategies)
{
    uint32_t i;
    for (i = 0; i < r->config->strategy_count; i++) {
        struct config_strategy *strategy = &r->config->strategies[i];
        const struct yaml_node *entry = yaml_find(strategies, strategy->name), *value;
        size_t before, inner;
        value = entry ? yaml_find(entry, "execution") : NULL;
        if (!strategy->execution[0] || !value)
            continue;
        strategy->execution_place = reader_place(r, value);
        if (report_line_expanded(r->report, value->start))
            strategy->execution_place.length = 0; /* that line is not to be shown */
        before = reader_enter(r, strategy->name);
        inner = reader_enter(r, "execution");
        check_execution(r, value, strategy);
        reader_leave(r, inner);
        reader_leave(r, before);
    }
}

static const struct reader_key strategy_keys[] = {
    {"plugin", read_plugin, offsetof(struct config_strategy, plugin), CONFIG_NAME_MAX, true},
    {"on", read_on, 0, 0, true},
    {"enabled", read_bool, offsetof(struct config_strategy, enabled), 0, false},
    {"on_crash", read_on_crash, 0, 0, false},
    {"execution", read_execution, 0, 0, false},
    {"params", read_strategy_params, 0, 0, false},
    {"size", read_sizing, offsetof(struct config_strategy, sizing), 0, false},
    {"limits", read_limits, offsetof(struct config_strategy, limits), 0, false},
    {"protect", read_protect, offsetof(struct config_strategy, protection), 0, false},
};

void read_strategies(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                     void *target)
{
    struct config *config = target;
    const struct yaml_node *entry;
    (void)key;
    if (!reader_is_map(r, value) || !reader_within(r, value, CONFIG_STRATEGIES_MAX))
        return;
    config->strategies = reader_allocate(r, value->count, sizeof *config->strategies);
    for (entry = value->first; config->strategies && entry; entry = entry->next) {
        struct config_strategy *strategy = &config->strategies[config->strategy_count];
        size_t before;
        if (reader_is_repeat(value, entry))
            continue;
        config->strategy_count++;
        strategy->enabled = true;
        risk_limits_clear(&strategy->limits);
        strategy->place = reader_key_place(r, entry);
        before = reader_enter(r, entry->key->text);
        (void)reader_key_name(r, entry, READER_NAME, strategy->name, NAME_ROOM);
        reader_read(r, entry, strategy_keys, sizeof strategy_keys / sizeof *strategy_keys,
                    strategy);
        reader_leave(r, before);
    }
    if (config->strategies)
        check_executions(r, value);
}
