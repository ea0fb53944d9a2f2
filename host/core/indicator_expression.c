/* SPDX-License-Identifier: Apache-2.0 */
/* What strategies write, name(arg, name=arg, …), into a type, its parameters and a normal form. */
#include "core/state.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int set_param(const struct turret_param *row, struct turret_param_value *value,
                     const char *text, struct indicator *indicator, uint32_t *text_count,
                     struct turret_error *err)
{
    char *end;
    value->id = row->id;
    value->type = row->type;
    if (row->type == TURRET_PARAM_TYPE_TEXT) {
        size_t length = strlen(text);
        const char *found = row->unit ? strstr(row->unit, text) : NULL;
        bool whole = false;
        for (; found && length && !whole; found = strstr(found + 1, text))
            whole = (found == row->unit || found[-1] == '|') &&
                    (found[length] == '|' || found[length] == 0);
        if (length == 0 || length >= 32 || *text_count >= 4 || (row->unit && *row->unit && !whole))
            return turret_fail(err, TURRET_EINVAL, "%s is '%s'; it may be %s", row->name, text,
                               row->unit);
        memcpy(indicator->texts[*text_count], text, length + 1);
        value->text = indicator->texts[(*text_count)++];
        return TURRET_OK;
    }
    if (row->type == TURRET_PARAM_TYPE_BOOL && (!strcmp(text, "true") || !strcmp(text, "false")))
        value->f = text[0] == 't';
    else {
        value->f = strtod(text, &end);
        if (end == text || *end || !isfinite(value->f) ||
            (row->type != TURRET_PARAM_TYPE_REAL && value->f != floor(value->f)))
            return turret_fail(err, TURRET_EINVAL, "%s is '%s', which is not %s", row->name, text,
                               row->type == TURRET_PARAM_TYPE_REAL ? "a number" : "a whole number");
    }
    if (value->f < row->min || value->f > row->max)
        return turret_fail(err, TURRET_EINVAL, "%s is %s, outside %g to %g", row->name, text,
                           row->min, row->max);
    value->i = (int64_t)value->f;
    return TURRET_OK;
}

static char *trimmed(char *text)
{
    char *end;
    while (isspace((unsigned char)*text))
        text++;
    end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1]))
        *--end = 0;
    return text;
}

/* Fills params[] from the comma-separated arguments in `args`, defaults first. */
static int parse_arguments(struct indicator *indicator, char *args, struct turret_error *err)
{
    const struct turret_indicator_type *type = indicator->type;
    uint32_t i, position = 0, text_count = 0;
    const char *given[16] = {0};
    char *next = args, *arg;
    while (next && *trimmed(next)) {
        char *equals;
        arg = next;
        next = strchr(arg, ',');
        if (next)
            *next++ = 0;
        arg = trimmed(arg);
        equals = strchr(arg, '=');
        if (equals) {
            *equals = 0;
            for (i = 0; i < type->param_count; i++)
                if (!strcmp(type->params[i].name, trimmed(arg)))
                    break;
            if (i == type->param_count)
                return turret_fail(err, TURRET_EINVAL, "has no parameter '%s'", arg);
            if (given[i])
                return turret_fail(err, TURRET_EINVAL, "gives '%s' twice", type->params[i].name);
            given[i] = trimmed(equals + 1);
        } else if (position < type->param_count) {
            if (given[position])
                return turret_fail(err, TURRET_EINVAL, "gives '%s' twice",
                                   type->params[position].name);
            given[position++] = arg;
        } else {
            return turret_fail(err, TURRET_EINVAL, "takes at most %u argument%s", type->param_count,
                               type->param_count == 1 ? "" : "s");
        }
    }
    for (i = 0; i < type->param_count; i++) {
        int status = set_param(&type->params[i], &indicator->params[i],
                               given[i] ? given[i] : type->params[i].default_text, indicator,
                               &text_count, err);
        if (status)
            return status;
    }
    return TURRET_OK;
}

/* The normal form: id and every parameter, so that sma(20) and sma(period=20) are one. */
static int make_key(struct indicator *indicator, struct turret_error *err)
{
    size_t used =
        (size_t)snprintf(indicator->key, sizeof indicator->key, "%s(", indicator->type->id);
    uint32_t i;
    for (i = 0; i < indicator->type->param_count && used < sizeof indicator->key; i++) {
        const struct turret_param_value *value = &indicator->params[i];
        const char *comma = i ? "," : "";
        size_t room = sizeof indicator->key - used;
        char *to = indicator->key + used;
        if (value->type == TURRET_PARAM_TYPE_TEXT)
            used += (size_t)snprintf(to, room, "%s%s", comma, value->text);
        else
            used += (size_t)snprintf(to, room, "%s%.17g", comma, value->f);
    }
    if (used + 2 > sizeof indicator->key) /* cut, two different ones could be taken for one */
        return turret_fail(err, TURRET_ELIMIT, "indicator %s: its parameters take too many digits",
                           indicator->type->id);
    indicator->key[used] = ')';
    return TURRET_OK;
}

int indicator_parse(struct engine *engine, struct indicator *indicator, const char *expression,
                    struct turret_error *err)
{
    char text[128], *open, *close, *args = NULL;
    size_t length = strlen(expression);
    struct turret_error why = {0};
    int status;
    if (length >= sizeof text)
        return turret_fail(err, TURRET_EINVAL, "indicator '%.40s…' is too long", expression);
    memcpy(text, expression, length + 1);
    open = strchr(text, '(');
    if (open) {
        close = strrchr(open, ')');
        if (!close || *trimmed(close + 1))
            return turret_fail(err, TURRET_EINVAL,
                               "indicator '%s' is not written like name(arguments)", expression);
        *open = 0;
        *close = 0;
        args = open + 1;
    }
    if (!engine->find_indicator)
        return turret_fail(err, TURRET_ENOTFOUND, "this host has no indicators");
    indicator->type =
        engine->find_indicator(engine->find_context, trimmed(text), &indicator->build, err);
    if (!indicator->type)
        return turret_ok(err) ? turret_ok(err) : TURRET_ENOTFOUND;
    if (indicator->type->param_count > 16)
        return turret_fail(err, TURRET_ELIMIT, "indicator %s has more than 16 parameters", text);
    status = parse_arguments(indicator, args, &why);
    if (status)
        return turret_fail(err, status, "indicator %s: %s", expression, why.text);
    return make_key(indicator, err);
}
