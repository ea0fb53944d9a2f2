/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the text with just enough knowledge of YAML to leave comments alone.
 */
#include "config/expand.h"
#include "config/report.h"
#include "config/yaml.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES    64
#define DEFAULT_MAX_BYTES 512
#define SPANS_MAX         1000

struct expander {
    const char *text;
    size_t size_bytes, at;
    struct report *report;
    char *out;
    size_t out_bytes, capacity;
    struct expand_spans *spans;
    char quote; /* the quote we are inside of, 0 */
    int status;
};

static void emit(struct expander *x, const char *text, size_t length)
{
    if (x->status == TURRET_ENOMEM)
        return;
    if (x->capacity - x->out_bytes <= length) {
        size_t capacity = (x->capacity + length) * 2 + 256;
        char *grown = realloc(x->out, capacity);
        if (!grown) {
            x->status = TURRET_ENOMEM;
            return;
        }
        x->out = grown;
        x->capacity = capacity;
    }
    if (length > 0)
        memcpy(x->out + x->out_bytes, text, length);
    x->out_bytes += length;
    x->out[x->out_bytes] = '\0';
}

static void add_span(struct expander *x, struct expand_span span)
{
    struct expand_spans *spans = x->spans;
    if (spans->count == SPANS_MAX) {
        if (!x->status)
            report_tell(x->report, report_place(x->report, x->at, x->at + 2),
                        "more than %d ${...} in one file", SPANS_MAX);
        x->status = TURRET_EINVAL;
        x->at = x->size_bytes;
        return;
    }
    if (spans->count == spans->capacity) {
        uint32_t capacity = spans->capacity * 2 + 16;
        struct expand_span *grown = realloc(spans->span, capacity * sizeof *grown);
        if (!grown) {
            x->status = TURRET_ENOMEM;
            return;
        }
        spans->span = grown;
        spans->capacity = capacity;
    }
    spans->span[spans->count++] = span;
}

static bool name_character(char c, bool first)
{
    return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (!first && c >= '0' && c <= '9');
}

static const char *environment_trouble(const char *value)
{
    struct yaml_trouble trouble;
    const char *c;
    for (c = value; *c; c++)
        if ((unsigned char)*c < 0x20)
            return "holds a line break or a control character";
    return yaml_screen(value, strlen(value), &trouble) ? "is not plain UTF-8 text" : NULL;
}

/* What `name` stands for, or NULL after telling why it cannot be used. */
static const char *look_up(struct expander *x, const char *name, bool has_default,
                           struct config_place place)
{
    const char *value = getenv(name), *trouble;
    if ((!value || !*value) && has_default)
        return "";
    if (!value) {
        report_tell(x->report, place,
                    "the environment variable %s is not set; set it, or write ${%s:default}", name,
                    name);
        return NULL;
    }
    trouble = environment_trouble(value);
    if (trouble) {
        report_tell(x->report, place, "the value of the environment variable %s %s", name, trouble);
        return NULL;
    }
    return value;
}

static bool holds_reference(const char *text, size_t length)
{
    size_t i;
    for (i = 1; i < length; i++)
        if (text[i - 1] == '$' && text[i] == '{')
            return true;
    return false;
}

/* Everything between "${" and "}" checked; the length of the name, 0 after telling a mistake. */
static size_t check_reference(struct expander *x, const char *body, size_t length)
{
    struct config_place place = report_place(x->report, x->at, x->at + length + 3);
    size_t name = 0;
    while (name < length && name_character(body[name], name == 0))
        name++;
    if (name == 0 || name > NAME_MAX_BYTES || (name < length && body[name] != ':'))
        report_tell(x->report, place,
                    "${...} wants a name of letters, digits and '_', then '}' or ':default}'");
    else if (length - name > DEFAULT_MAX_BYTES)
        report_tell(x->report, place, "the default in ${...} is longer than %d bytes",
                    DEFAULT_MAX_BYTES);
    else if (holds_reference(body + name, length - name))
        report_tell(x->report, place, "a default may not hold another ${...}");
    else
        return name;
    return 0;
}

/* At "${": emits what it stands for and steps behind it. */
static void expand_reference(struct expander *x)
{
    const char *body = x->text + x->at + 2;
    size_t left = x->size_bytes - x->at - 2, length = 0, name_length;
    char name[NAME_MAX_BYTES + 1] = {0};
    struct expand_span span = {.from = x->out_bytes, .original = x->at};
    const char *value;
    bool has_default;
    while (length < left && body[length] != '}' && body[length] != '\n')
        length++;
    if (length == left || body[length] == '\n') {
        report_tell(x->report, report_place(x->report, x->at, x->at + 2),
                    "'${' has no '}' on its line; write '$${' for a plain '${'");
        x->status = x->status ? x->status : TURRET_EINVAL;
        x->at += 2;
        return;
    }
    name_length = check_reference(x, body, length);
    value = NULL;
    has_default = name_length < length;
    if (name_length > 0) {
        memcpy(name, body, name_length);
        value = look_up(x, name, has_default, report_place(x->report, x->at, x->at + length + 3));
    }
    if (!value)
        x->status = x->status ? x->status : TURRET_EINVAL;
    else if (*value || !has_default)
        emit(x, value, strlen(value));
    else
        emit(x, body + name_length + 1, length - name_length - 1);
    span.secret = value && *value;
    span.size_bytes = x->out_bytes - span.from;
    span.original_bytes = length + 3;
    add_span(x, span);
    x->at += length + 3;
}

static bool opens_quote(const struct expander *x)
{
    char before = x->at > 0 ? x->text[x->at - 1] : '\n';
    return strchr(" \t\n[{,:", before) != NULL;
}

static void skip_comment(struct expander *x)
{
    size_t from = x->at;
    while (x->at < x->size_bytes && x->text[x->at] != '\n')
        x->at++;
    emit(x, x->text + from, x->at - from);
}

/* One character that is not part of a reference. */
static void copy_character(struct expander *x)
{
    char c = x->text[x->at];
    if (!x->quote && c == '#' && (x->at == 0 || strchr(" \t\n", x->text[x->at - 1]))) {
        skip_comment(x);
        return;
    }
    if (c == '\n' || (x->quote && x->quote == c))
        x->quote = 0; /* at a line's end too: an apostrophe in plain text opens nothing */
    else if (!x->quote && (c == '"' || c == '\'') && opens_quote(x))
        x->quote = c;
    else if (x->quote == '"' && c == '\\' && x->at + 1 < x->size_bytes &&
             x->text[x->at + 1] != '$') {
        emit(x, x->text + x->at, 2);
        x->at += 2;
        return;
    }
    emit(x, &x->text[x->at], 1);
    x->at++;
}

int expand_text(const char *text, size_t size_bytes, struct report *report, char **out,
                size_t *out_bytes, struct expand_spans *spans)
{
    struct expander x = {.text = text, .size_bytes = size_bytes, .report = report, .spans = spans};
    emit(&x, "", 0);
    while (x.at < size_bytes && x.status != TURRET_ENOMEM && x.out_bytes <= YAML_SIZE_MAX) {
        if (strncmp(text + x.at, "$${", 3) == 0) {
            struct expand_span span = {x.out_bytes, 2, x.at, 3, false};
            add_span(&x, span);
            emit(&x, "${", 2);
            x.at += 3;
        } else if (strncmp(text + x.at, "${", 2) == 0) {
            expand_reference(&x);
        } else {
            copy_character(&x);
        }
    }
    *out = x.out;
    *out_bytes = x.out_bytes;
    return x.status;
}
