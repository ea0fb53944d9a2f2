/* SPDX-License-Identifier: Apache-2.0 */
/*
 * risk: a preset and limits on top of it; and the limits of a strategy. The names are those of
 * risk_limit_rows, so a new limit needs nothing here.
 */
#include "config/reader.h"
#include "config/scalar.h"
#include "ops/suggest.h"

#include <string.h>

#define PPM_MAX   1000000000LL /* 100000% */
#define PPM_WHOLE 1000000LL
#define COUNT_MAX 1000000000LL

static int64_t *limit_at(struct risk_limits *limits, uint32_t offset)
{
    return (int64_t *)(void *)((char *)limits + offset);
}

static void read_percent(struct reader *r, const struct yaml_node *value, int64_t max, int64_t *ppm)
{
    struct scalar_why why;
    int64_t number = 0;
    if (!scalar_percent(value->text, &number, &why))
        reader_refuse(r, value, why.text);
    else if (number < 0)
        reader_refuse(r, value, "below its minimum 0%");
    else if (number > max)
        reader_refuse(r, value,
                      max == PPM_WHOLE ? "above its maximum 100%" : "above its maximum 100000%");
    else
        *ppm = number;
}

static void read_duration(struct reader *r, const struct yaml_node *value, int64_t *duration_ns)
{
    struct scalar_why why;
    if (!scalar_duration(value->text, duration_ns, &why))
        reader_refuse(r, value, why.text);
}

static void read_self_trade(struct reader *r, const struct yaml_node *value, int64_t *choice)
{
    static const char *const choices[] = {"allow", "deny"};
    if (strcmp(value->text, choices[0]) == 0)
        *choice = RISK_SELF_TRADE_ALLOW;
    else if (strcmp(value->text, choices[1]) == 0)
        *choice = RISK_SELF_TRADE_DENY;
    else
        reader_refuse_name(r, value, "not one of allow, deny", choices, 2);
}

/* Whichever of the two is written; the other is no longer said. */
static void read_money_or_percent(struct reader *r, const struct yaml_node *value, int64_t *money,
                                  int64_t *ppm)
{
    int64_t number = RISK_UNSET;
    if (value->length > 0 && value->text[value->length - 1] == '%') {
        read_percent(r, value, PPM_WHOLE, &number);
        *ppm = number;
        *money = RISK_UNSET;
    } else if (reader_decimal(r, value, 8, 0, INT64_MAX, &number)) {
        *money = number;
        *ppm = RISK_UNSET;
    }
}

/* key->offset is the row's number. */
static void read_limit(struct reader *r, const struct yaml_node *value,
                       const struct reader_key *key, void *target)
{
    const struct risk_limit_row *row = &risk_limit_rows[key->offset];
    int64_t *limit = limit_at(target, row->offset);
    if (!reader_is_text(r, value))
        return;
    switch (row->unit) {
    case RISK_UNIT_QTY:
        (void)reader_decimal(r, value, 9, 0, INT64_MAX, limit);
        break;
    case RISK_UNIT_MONEY:
        (void)reader_decimal(r, value, 8, 0, INT64_MAX, limit);
        break;
    case RISK_UNIT_COUNT:
        (void)reader_integer(r, value, 0, COUNT_MAX, limit);
        break;
    case RISK_UNIT_PERCENT:
        read_percent(r, value, PPM_MAX, limit);
        break;
    case RISK_UNIT_PART:
        read_percent(r, value, PPM_WHOLE, limit);
        break;
    case RISK_UNIT_DURATION:
        read_duration(r, value, limit);
        break;
    case RISK_UNIT_SELF_TRADE:
        read_self_trade(r, value, limit);
        break;
    case RISK_UNIT_MONEY_OR_PERCENT:
        read_money_or_percent(r, value, limit, limit_at(target, row->percent_offset));
        break;
    }
}

/* Below a strategy it would bind nothing. */
static void refuse_limit(struct reader *r, const struct yaml_node *value,
                         const struct reader_key *key, void *target)
{
    (void)target;
    reader_tell(r, value->key, "is a limit of the account only; set risk.%s", key->name);
}

static void apply_development(struct risk_limits *limits)
{
    const struct risk_limit_row *row;
    for (row = risk_limit_rows; row->name; row++) {
        bool percent = row->unit == RISK_UNIT_MONEY_OR_PERCENT;
        *limit_at(limits, percent ? row->percent_offset : row->offset) = row->development;
    }
}

static void read_preset(struct reader *r, const struct yaml_node *value,
                        const struct reader_key *key, void *target)
{
    static const char *const presets[] = {"development", "none"};
    (void)key;
    if (!reader_is_text(r, value))
        return;
    if (strcmp(value->text, presets[0]) == 0)
        apply_development(target);
    else if (strcmp(value->text, presets[1]) != 0) {
        reader_refuse_name(r, value, "not one of development, none", presets, 2);
        return;
    }
    r->config->risk_place = reader_place(r, value);
    if (report_line_expanded(r->report, value->start))
        r->config->risk_place.length = 0; /* that line is not to be shown */
    (void)snprintf(r->config->risk_preset, sizeof r->config->risk_preset, "%s", value->text);
}

/* Names of strategies, which are all read by now, each once. */
static void read_rules(struct reader *r, const struct yaml_node *value,
                       const struct reader_key *key, void *target)
{
    struct config *config = r->config;
    const char *names[CONFIG_STRATEGIES_MAX];
    const struct yaml_node *item;
    uint32_t i, k, index = 0;
    (void)key;
    (void)target;
    if (!reader_is_list(r, value) || !reader_within(r, value, CONFIG_RULES_MAX))
        return;
    for (i = 0; i < config->strategy_count; i++)
        names[i] = config->strategies[i].name;
    for (item = value->first; item; item = item->next) {
        struct config_rule *rule = &config->rules[config->rule_count];
        size_t before = reader_enter_index(r, index++);
        if (reader_name(r, item, READER_NAME, rule->name, sizeof rule->name)) {
            for (i = 0; i < config->strategy_count && strcmp(names[i], rule->name) != 0;)
                i++;
            for (k = 0; k < config->rule_count && strcmp(config->rules[k].name, rule->name) != 0;)
                k++;
            rule->place = reader_place(r, item);
            if (report_line_expanded(r->report, item->start))
                rule->place.length = 0;
            if (i == config->strategy_count)
                reader_refuse_name(r, item, "not the name of a strategy", names, i);
            else if (k < config->rule_count)
                reader_refuse(r, item, "there already");
            else
                config->rule_count++;
        }
        reader_leave(r, before);
    }
}

/* The preset comes first, so that limits apply on top of it. */
static void read_rows(struct reader *r, const struct yaml_node *value, struct risk_limits *limits,
                      bool with_preset)
{
    struct reader_key keys[READER_KEYS_MAX] = {{"preset", read_preset, 0, 0, true}};
    size_t count = with_preset ? 1 : 0, row;
    if (with_preset)
        keys[count++] = (struct reader_key){"rules", read_rules, 0, 0, false};
    for (row = 0; risk_limit_rows[row].name; row++) {
        bool refused = !with_preset && risk_limit_rows[row].of == RISK_OF_ACCOUNT;
        struct reader_key key = {risk_limit_rows[row].name, refused ? refuse_limit : read_limit,
                                 row, 0, false};
        keys[count++] = key;
    }
    reader_read(r, value, keys, count, limits);
}

void read_limits(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                 void *target)
{
    struct risk_limits *limits = (struct risk_limits *)(void *)((char *)target + key->offset);
    read_rows(r, value, limits, false);
}

void read_risk(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
               void *target)
{
    struct config *config = target;
    (void)key;
    read_rows(r, value, &config->risk, true);
}
