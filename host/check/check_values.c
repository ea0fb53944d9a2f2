/* SPDX-License-Identifier: Apache-2.0 */
/* Texts from a parameter table, bound by the code that binds configurations. */
#include "check/check_values.h"

#include <math.h>
#include <string.h>

#define QTY_MAX 9e9 /* fits 64 bits at CHECK_QTY_SCALE */

static void bind(struct check_values *values)
{
    static const struct config nowhere; /* messages have no file to point into */
    struct turret_error err = {0};
    char said[256] = "";
    FILE *messages = fmemopen(said, sizeof said - 1, "w");
    int status = config_bind_params(&nowhere, "params", values->given, values->count, values->table,
                                    values->count, CHECK_QTY_SCALE, values->bound, messages, &err);
    if (messages)
        (void)fclose(messages);
    if (status)
        check_fail(values->check, "the host refuses a value of its table: %s",
                   said[0] ? said : err.text);
}

/* The text that was said for this parameter, else its default. */
static const char *said(const struct check_values *values, uint32_t row)
{
    const struct turret_param *param = &values->table[row];
    size_t length = strlen(param->name);
    for (char *const *at = values->check->params; at && *at; at++)
        if (!strncmp(*at, param->name, length) && (*at)[length] == '=')
            return *at + length + 1;
    return param->default_text;
}

/* A name that nothing in this plugin has is a mistake of whoever said it. */
static void check_said(struct check *check)
{
    for (char *const *at = check->params; at && *at; at++) {
        size_t length = strcspn(*at, "=");
        bool known = false;
        for (uint32_t i = 0; check->plugin && i < check->plugin->offer_count; i++) {
            uint32_t count;
            const struct turret_param *table =
                plugin_offer_params(&check->plugin->offers[i], &count);
            for (uint32_t row = 0; row < count; row++)
                known = known || (strlen(table[row].name) == length &&
                                  !memcmp(table[row].name, *at, length));
        }
        if (!known)
            check_fail(check, "has no parameter %.*s", (int)length, *at);
    }
}

void check_values_begin(struct check_values *values, struct check *check,
                        const struct plugin_offer *offer)
{
    memset(values, 0, sizeof *values);
    values->check = check;
    check_said(check);
    values->table = plugin_offer_params(offer, &values->count);
    if (values->count > CONFIG_PARAMS_MAX)
        check_fail(check, "%u parameters, a configuration takes %d", values->count,
                   CONFIG_PARAMS_MAX);
    for (uint32_t i = 0; i < values->count; i++) {
        struct config_param *given = &values->given[i];
        (void)snprintf(given->name, sizeof given->name, "%s", values->table[i].name);
        (void)snprintf(given->text, sizeof given->text, "%s", said(values, i));
    }
    bind(values);
}

/* The number on the row's grid nearest below a share of its range. */
static double pick(const struct turret_param *row, enum check_value which, uint64_t *random)
{
    double max = row->type == TURRET_PARAM_TYPE_QTY ? fmin(row->max, QTY_MAX) : row->max;
    double min = row->type == TURRET_PARAM_TYPE_QTY ? fmax(row->min, -QTY_MAX) : row->min;
    double value = max;
    if (which == CHECK_VALUE_MIN)
        return min;
    if (which == CHECK_VALUE_RANDOM)
        value = min + (max - min) * ((double)(check_random(random) >> 12) / (double)(1ULL << 52));
    if (row->step > 0)
        value = row->min + floor((value - row->min) / row->step + 1e-9) * row->step;
    return value;
}

static void say_choice(const struct turret_param *row, enum check_value which, uint64_t *random,
                       char *text, size_t room)
{
    uint64_t wanted, count = 1;
    const char *at = row->unit;
    for (const char *c = at; *c; c++)
        count += *c == '|';
    wanted = which == CHECK_VALUE_MIN   ? 0
             : which == CHECK_VALUE_MAX ? count - 1
                                        : check_random(random) % count;
    while (wanted-- > 0)
        at += strcspn(at, "|") + 1;
    (void)snprintf(text, room, "%.*s", (int)strcspn(at, "|"), at);
}

static void say(const struct turret_param *row, enum check_value which, uint64_t *random,
                char *text, size_t room)
{
    switch (row->type) {
    case TURRET_PARAM_TYPE_INT:
        (void)snprintf(text, room, "%.0f", trunc(pick(row, which, random)));
        break;
    case TURRET_PARAM_TYPE_REAL:
        (void)snprintf(text, room, "%.17g", pick(row, which, random));
        break;
    case TURRET_PARAM_TYPE_QTY:
        (void)snprintf(text, room, "%.0f", trunc(pick(row, which, random)));
        break;
    case TURRET_PARAM_TYPE_BOOL:
        (void)snprintf(text, room, "%s", pick(row, which, random) >= 0.5 ? "true" : "false");
        break;
    default:
        if (row->unit[0])
            say_choice(row, which, random, text, room);
        else if (which == CHECK_VALUE_MIN)
            text[0] = '\0';
        else
            (void)snprintf(text, room, "%.*s", which == CHECK_VALUE_MAX ? 120 : 9,
                           "abcdefghijklmnopqrstuvwxyz/abcdefghijklmnopqrstuvwxyz/abcdefghijklm"
                           "nopqrstuvwxyz/abcdefghijklmnopqrstuvwxyz/abcdefghijklmnopqrstuvwxyz");
        break;
    }
}

/* A number must come back from its text as it was: what people see is what runs. */
static void check_round_trip(struct check_values *values, uint32_t row)
{
    struct turret_param_value before = values->bound[row];
    char *text = values->given[row].text;
    size_t room = sizeof values->given[row].text;
    if (before.type == TURRET_PARAM_TYPE_REAL) {
        (void)snprintf(text, room, "%.17g", before.f);
        bind(values);
        if (memcmp(&values->bound[row].f, &before.f, sizeof before.f) != 0)
            check_fail(values->check, "parameter %s: %.17g does not come back from its text",
                       values->given[row].name, before.f);
    }
}

void check_values_set(struct check_values *values, uint32_t row, enum check_value which,
                      uint64_t *random)
{
    struct config_param *given = &values->given[row];
    if (which == CHECK_VALUE_DEFAULT)
        (void)snprintf(given->text, sizeof given->text, "%s", said(values, row));
    else
        say(&values->table[row], which, random, given->text, sizeof given->text);
    bind(values);
    check_round_trip(values, row);
}
