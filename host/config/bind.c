/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin's parameters: what the configuration says, checked against the plugin's own table.
 *
 * Of the places kept in a param two lengths carry more: place.length 0 means that the value came
 * from the environment, name_place.length 0 that its line holds an expansion. Neither is shown.
 */
#include "config/report.h"
#include "config/scalar.h"
#include "ops/suggest.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* One row with the text that applies to it. */
struct binding {
    const struct turret_param *row;
    const char *text;
    int32_t qty_scale;
    struct turret_param_value *value;
    struct scalar_why why;
};

static bool because(struct binding *b, const char *why, double bound)
{
    bool whole = fabs(bound) < 1e18 && nearbyint(bound) == bound;
    (void)snprintf(b->why.text, sizeof b->why.text, whole ? "%s%.0f" : "%s%.15g", why, bound);
    return false;
}

static bool in_range(struct binding *b, double number)
{
    const struct turret_param *row = b->row;
    double steps;
    if (number < row->min)
        return because(b, "below its minimum ", row->min);
    if (number > row->max)
        return because(b, "above its maximum ", row->max);
    if (row->step <= 0)
        return true;
    steps = (number - row->min) / row->step;
    if (fabs(steps - nearbyint(steps)) > 1e-6)
        return because(b, "not its minimum plus a multiple of ", row->step);
    return true;
}

static bool bind_int(struct binding *b)
{
    const struct turret_param *row = b->row;
    int64_t min = row->min > INT32_MIN && row->min < INT32_MAX ? (int64_t)row->min : INT32_MIN;
    int64_t max = row->max > INT32_MIN && row->max < INT32_MAX ? (int64_t)row->max : INT32_MAX;
    return scalar_integer(b->text, min, max, &b->value->i, &b->why) &&
           in_range(b, (double)b->value->i);
}

/* A number as C writes it, without hexadecimal, infinity and NaN. */
static bool bind_real(struct binding *b)
{
    char *end = NULL;
    double number = 0;
    size_t length = strlen(b->text);
    if (length > 0 && length < 64 && strspn(b->text, "-+0123456789.eE") == length &&
        strchr("-0123456789", *b->text))
        number = strtod(b->text, &end);
    if (!end || *end || !isfinite(number)) {
        (void)snprintf(b->why.text, sizeof b->why.text, "not a number like 0.5");
        return false;
    }
    b->value->f = number + 0.0; /* "-0" is 0 */
    return in_range(b, number);
}

static bool bind_bool(struct binding *b)
{
    bool answer = false;
    bool good = scalar_bool(b->text, &answer, &b->why);
    b->value->i = answer;
    return good;
}

static bool bind_qty(struct binding *b)
{
    double unit = 1;
    int32_t i;
    if (!scalar_decimal(b->text, b->qty_scale, &b->value->i, &b->why))
        return false;
    for (i = 0; i < b->qty_scale; i++)
        unit *= 10;
    return in_range(b, (double)b->value->i / unit);
}

/* The choices stand in `unit`, separated by '|'. */
static bool bind_text(struct binding *b)
{
    const char *choice = b->row->unit;
    size_t length = strlen(b->text);
    b->value->text = b->text;
    if (!choice || !*choice)
        return true;
    while (*choice) {
        size_t size = strcspn(choice, "|");
        if (size == length && memcmp(choice, b->text, size) == 0)
            return true;
        choice += size + (choice[size] == '|');
    }
    (void)snprintf(b->why.text, sizeof b->why.text, "not one of %.100s", b->row->unit);
    return false;
}

static bool bind_row(struct binding *b)
{
    b->value->id = b->row->id;
    b->value->type = b->row->type;
    switch (b->row->type) {
    case TURRET_PARAM_TYPE_INT:
        return bind_int(b);
    case TURRET_PARAM_TYPE_REAL:
        return bind_real(b);
    case TURRET_PARAM_TYPE_BOOL:
        return bind_bool(b);
    case TURRET_PARAM_TYPE_QTY:
        return bind_qty(b);
    case TURRET_PARAM_TYPE_TEXT:
        return bind_text(b);
    default:
        (void)snprintf(b->why.text, sizeof b->why.text, "of a type this host does not know");
        return false;
    }
}

static void tell_value(struct report *report, const char *where, const struct config_param *param,
                       const struct scalar_why *why)
{
    struct config_place place = param->place;
    char shown[REPORT_SHOWN + 8];
    if (place.length == 0 && place.line > 0)
        (void)snprintf(shown, sizeof shown, "from the environment");
    else if (!*param->text)
        (void)snprintf(shown, sizeof shown, "empty");
    else
        (void)report_value(param->text, shown, sizeof shown);
    if (param->name_place.length == 0)
        place.length = 0;
    report_tell(report, place, "%s.%s is %s, %s", where, param->name, shown, why->text);
}

static void tell_unknown(struct report *report, const char *where, const struct config_param *param,
                         const struct turret_param *table, uint32_t table_count)
{
    const char *names[CONFIG_PARAMS_MAX], *near;
    char known[200] = "";
    size_t length = 0;
    uint32_t i, count = table_count < CONFIG_PARAMS_MAX ? table_count : CONFIG_PARAMS_MAX;
    for (i = 0; i < count; i++) {
        names[i] = table[i].name;
        if (length < sizeof known)
            length += (size_t)snprintf(known + length, sizeof known - length, "%s%s",
                                       i > 0 ? ", " : "", names[i]);
    }
    near = suggest_nearest(param->name, names, count);
    if (near)
        report_tell(report, param->name_place,
                    "%s.%s is not a parameter of this plugin; did you mean '%s'?", where,
                    param->name, near);
    else
        report_tell(report, param->name_place,
                    "%s.%s is not a parameter of this plugin; it has: %s", where, param->name,
                    count > 0 ? known : "none");
}

static const struct config_param *find_param(const struct config_param *params, uint32_t count,
                                             const char *name)
{
    uint32_t i;
    for (i = 0; i < count; i++)
        if (strcmp(params[i].name, name) == 0)
            return &params[i];
    return NULL;
}

static void check_known(struct report *report, const char *where, const struct config_param *params,
                        uint32_t param_count, const struct turret_param *table,
                        uint32_t table_count)
{
    uint32_t i, row;
    for (i = 0; i < param_count; i++) {
        for (row = 0; row < table_count && strcmp(table[row].name, params[i].name) != 0;)
            row++;
        if (row == table_count)
            tell_unknown(report, where, &params[i], table, table_count);
    }
}

int config_refuse(const struct config *config, struct config_place place, FILE *messages,
                  struct turret_error *err, const char *format, ...)
{
    struct report report;
    const char *text = config->text ? config->text : "";
    char what[400];
    va_list args;
    int status = report_init(&report, config->file, text, strlen(text), messages, err);
    if (status)
        return status;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    report_tell(&report, place, "%s", what);
    report_finish(&report);
    return TURRET_EINVAL;
}

int config_bind_params(const struct config *config, const char *where,
                       const struct config_param *params, uint32_t param_count,
                       const struct turret_param *table, uint32_t table_count, int32_t qty_scale,
                       struct turret_param_value *values, FILE *messages, struct turret_error *err)
{
    struct report report;
    const char *text = config->text ? config->text : "";
    uint32_t row, count;
    int status = report_init(&report, config->file, text, strlen(text), messages, err);
    assert(qty_scale >= 0 && qty_scale <= SCALAR_SCALE_MAX);
    if (status)
        return status;
    check_known(&report, where, params, param_count, table, table_count);
    for (row = 0; row < table_count; row++) {
        const struct config_param *param = find_param(params, param_count, table[row].name);
        struct binding b = {.row = &table[row], .qty_scale = qty_scale, .value = &values[row]};
        memset(&values[row], 0, sizeof values[row]);
        b.text = param ? param->text : table[row].default_text ? table[row].default_text : "";
        if (bind_row(&b))
            continue;
        if (param)
            tell_value(&report, where, param, &b.why);
        else
            report_tell(&report, (struct config_place){0, 0, 0},
                        "%s.%s is not set, and the plugin's own default '%.60s' is %s", where,
                        table[row].name, b.text, b.why.text);
    }
    count = report.count;
    report_finish(&report);
    return count > 0 ? TURRET_EINVAL : TURRET_OK;
}
