/* SPDX-License-Identifier: Apache-2.0 */
/* Checks parameter and field tables row by row; the first wrong thing is named with its value. */
#include "plugin/tables.h"
#include "plugin/refuse.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* [a-z][a-z0-9_]*, as configurations write it. */
static bool is_name(const char *name)
{
    size_t length = strnlen(name, 48);
    if (length == 0 || length >= 48 || name[0] < 'a' || name[0] > 'z')
        return false;
    for (size_t i = 1; i < length; i++)
        if (!(name[i] >= 'a' && name[i] <= 'z') && !(name[i] >= '0' && name[i] <= '9') &&
            name[i] != '_')
            return false;
    return true;
}

/* One of "a|b|c"? */
static bool is_choice(const char *text, const char *choices)
{
    size_t length = strlen(text);
    for (const char *at = choices;; at++) {
        size_t next = strcspn(at, "|");
        if (next == length && memcmp(at, text, length) == 0)
            return true;
        at += next;
        if (*at == '\0')
            return false;
    }
}

/* A whole decimal number, the text's every character. */
static bool is_whole(const char *text, double *value)
{
    char *end = NULL;
    size_t sign = text[0] == '-' || text[0] == '+';
    if (strspn(text + sign, "0123456789") == 0)
        return false;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    *value = (double)number;
    return *end == '\0' && errno == 0 && number >= INT32_MIN && number <= INT32_MAX;
}

static bool is_decimal(const char *text, const char *characters, double *value)
{
    char *end = NULL;
    if (text[0] == '\0' || strspn(text, characters) != strlen(text))
        return false;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*value);
}

/* What a default has to be, or NULL when it is that. */
static const char *wrong_default(const struct turret_param *param, double *value)
{
    const char *text = param->default_text;
    *value = param->min;
    switch (param->type) {
    case TURRET_PARAM_TYPE_INT:
        return is_whole(text, value) ? NULL : "a whole number of 32 bits";
    case TURRET_PARAM_TYPE_REAL:
        return is_decimal(text, "0123456789+-.eE", value) ? NULL : "a finite number";
    case TURRET_PARAM_TYPE_QTY:
        return is_decimal(text, "0123456789-.", value) ? NULL : "a decimal number";
    case TURRET_PARAM_TYPE_BOOL:
        *value = strcmp(text, "true") == 0;
        return *value > 0 || strcmp(text, "false") == 0 ? NULL : "true or false";
    default:
        return param->unit[0] == '\0' || is_choice(text, param->unit) ? NULL : "one of its choices";
    }
}

static int check_range(const struct tables_origin *origin, const struct turret_param *param,
                       struct turret_error *err)
{
    double value;
    if (param->type != TURRET_PARAM_TYPE_TEXT) {
        if (isnan(param->min) || isnan(param->max))
            return refuse_file(err, TURRET_EFAULT, origin->path,
                               "%s: parameter %s: min or max is not a number", origin->offer,
                               param->name);
        if (param->min > param->max)
            return refuse_file(err, TURRET_EFAULT, origin->path,
                               "%s: parameter %s: min %.17g is above max %.17g", origin->offer,
                               param->name, param->min, param->max);
        if (!isfinite(param->step) || param->step < 0)
            return refuse_file(err, TURRET_EFAULT, origin->path,
                               "%s: parameter %s: step %.17g is not 0 or more", origin->offer,
                               param->name, param->step);
    }
    const char *wanted = wrong_default(param, &value);
    if (wanted)
        return refuse_file(err, TURRET_EFAULT, origin->path,
                           "%s: parameter %s: default %.60s is not %s", origin->offer, param->name,
                           param->default_text, wanted);
    if (param->type != TURRET_PARAM_TYPE_TEXT && (value < param->min || value > param->max))
        return refuse_file(err, TURRET_EFAULT, origin->path,
                           "%s: parameter %s: default %.60s is outside %.17g to %.17g",
                           origin->offer, param->name, param->default_text, param->min, param->max);
    return TURRET_OK;
}

static int check_row(const struct tables_origin *origin, const struct turret_param *params,
                     uint32_t index, struct turret_error *err)
{
    const struct turret_param *param = &params[index];
    if (!param->name || !is_name(param->name))
        return refuse_file(err, TURRET_EFAULT, origin->path,
                           "%s: parameter name '%.60s' is not [a-z][a-z0-9_]* of at most 47",
                           origin->offer, param->name ? param->name : "NULL");
    if (param->id == 0)
        return refuse_file(err, TURRET_EFAULT, origin->path, "%s: parameter %s: id is 0",
                           origin->offer, param->name);
    if (param->type < TURRET_PARAM_TYPE_INT || param->type > TURRET_PARAM_TYPE_TEXT)
        return refuse_file(err, TURRET_EFAULT, origin->path,
                           "%s: parameter type %u of %s is not known", origin->offer, param->type,
                           param->name);
    if (!param->default_text || !param->unit || !param->help)
        return refuse_file(err, TURRET_EFAULT, origin->path, "%s: parameter %s: its %s is NULL",
                           origin->offer, param->name,
                           !param->default_text ? "default"
                           : !param->unit       ? "unit"
                                                : "help");
    for (uint32_t before = 0; before < index; before++) {
        if (params[before].id == param->id)
            return refuse_file(err, TURRET_EFAULT, origin->path,
                               "%s: duplicate parameter id %u: %s and %s", origin->offer, param->id,
                               params[before].name, param->name);
        if (strcmp(params[before].name, param->name) == 0)
            return refuse_file(err, TURRET_EFAULT, origin->path,
                               "%s: duplicate parameter name %s: ids %u and %u", origin->offer,
                               param->name, params[before].id, param->id);
    }
    return check_range(origin, param, err);
}

/* The table itself: there when it has rows, and not too many of them. */
static int check_table(const struct tables_origin *origin, const char *what, const void *table,
                       uint32_t count, struct turret_error *err)
{
    if (count > TABLES_ROWS_MAX)
        return refuse_file(err, TURRET_ELIMIT, origin->path,
                           "%s: its %s table has %u rows, at most %d are taken", origin->offer,
                           what, count, TABLES_ROWS_MAX);
    if (count > 0 && !table)
        return refuse_file(err, TURRET_EFAULT, origin->path, "%s: no %s table, though it counts %u",
                           origin->offer, what, count);
    return TURRET_OK;
}

int tables_check_params(const struct tables_origin *origin, const struct turret_param *params,
                        uint32_t count, struct turret_error *err)
{
    int status = check_table(origin, "parameter", params, count, err);
    for (uint32_t i = 0; !status && i < count; i++)
        status = check_row(origin, params, i, err);
    return status;
}

static uint64_t field_size(const struct turret_field *field)
{
    return (uint64_t)field->count * (field->type == TURRET_FIELD_TYPE_I32 ? 4 : 8);
}

/* Whether a field of this type holds the number exactly. */
static bool holds(uint32_t type, double number)
{
    const double most = type == TURRET_FIELD_TYPE_I32 ? 2147483647.0 : 9007199254740992.0;
    if (!isfinite(number))
        return false;
    return type == TURRET_FIELD_TYPE_F64 ||
           (number >= -most && number <= most && number == (double)(int64_t)number);
}

static int check_field(const struct tables_origin *origin, const struct turret_field *fields,
                       uint32_t index, uint32_t state_size, struct turret_error *err)
{
    const struct turret_field *field = &fields[index];
    if (!field->name || field->name[0] == '\0' || !field->help)
        return refuse_file(err, TURRET_EFAULT, origin->path, "%s: field %u: its %s is missing",
                           origin->offer, field->id,
                           !field->name || field->name[0] == '\0' ? "name" : "help");
    if (field->id == 0)
        return refuse_file(err, TURRET_EFAULT, origin->path, "%s: field %.60s: id is 0",
                           origin->offer, field->name);
    if (field->type < TURRET_FIELD_TYPE_I64 || field->type > TURRET_FIELD_TYPE_I32)
        return refuse_file(err, TURRET_EFAULT, origin->path,
                           "%s: field type %u of %.60s is not known", origin->offer, field->type,
                           field->name);
    if (field->count == 0 || field->offset + field_size(field) > state_size)
        return refuse_file(err, TURRET_EFAULT, origin->path,
                           "%s: field %.60s is outside the state: %llu bytes at %u of %u",
                           origin->offer, field->name, (unsigned long long)field_size(field),
                           field->offset, state_size);
    if (!holds(field->type, field->initial))
        return refuse_file(err, TURRET_EFAULT, origin->path,
                           "%s: field %.60s cannot begin as %g: not a value of its type",
                           origin->offer, field->name, field->initial);
    for (uint32_t before = 0; before < index; before++)
        if (fields[before].id == field->id)
            return refuse_file(err, TURRET_EFAULT, origin->path,
                               "%s: duplicate field id %u: %.60s and %.60s", origin->offer,
                               field->id, fields[before].name, field->name);
    return TURRET_OK;
}

int tables_check_fields(const struct tables_origin *origin, const struct turret_field *fields,
                        uint32_t count, uint32_t state_size, struct turret_error *err)
{
    int status = check_table(origin, "field", fields, count, err);
    for (uint32_t i = 0; !status && i < count; i++)
        status = check_field(origin, fields, i, state_size, err);
    return status;
}

int tables_check_converts(const struct tables_origin *origin, const struct turret_convert *converts,
                          uint32_t count, uint32_t schema, struct turret_error *err)
{
    int status = check_table(origin, "converter", converts, count, err);
    for (uint32_t i = 0; !status && i < count; i++) {
        const struct turret_convert *convert = &converts[i];
        if (!convert->convert || convert->from_schema == convert->to_schema ||
            (convert->from_schema != schema && convert->to_schema != schema))
            return refuse_file(err, TURRET_EFAULT, origin->path,
                               "%s: converter from schema %u to %u: has no function, or neither "
                               "side is the build's own schema %u",
                               origin->offer, convert->from_schema, convert->to_schema, schema);
    }
    return status;
}
