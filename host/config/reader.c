/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking mappings by tables of keys, and saying where we are when something is wrong.
 */
#include "config/reader.h"
#include "config/scalar.h"
#include "ops/suggest.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct config_place reader_place(const struct reader *r, const struct yaml_node *node)
{
    return report_place(r->report, node->start, node->end);
}

struct config_place reader_key_place(const struct reader *r, const struct yaml_node *value)
{
    return reader_place(r, value->key ? value->key : value);
}

void reader_tell(struct reader *r, const struct yaml_node *node, const char *format, ...)
{
    char text[REPORT_KNOWN_MAX + 120];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    report_tell(r->report, reader_place(r, node), "%s%s%s", r->path, r->path_length > 0 ? " " : "",
                text);
}

/* The value in quotes; for one from the environment what stands in the file. */
static const char *shown_value(const struct reader *r, const struct yaml_node *node, char *shown,
                               size_t room)
{
    if (report_secret(r->report, node->start, node->end)) {
        (void)snprintf(shown, room, "from the environment");
    } else if (node->length == 0) {
        (void)snprintf(shown, room, "empty");
    } else {
        (void)report_value(node->text, shown, room);
    }
    return shown;
}

void reader_refuse(struct reader *r, const struct yaml_node *node, const char *why)
{
    char shown[REPORT_SHOWN + 8];
    reader_tell(r, node, "is %s, %s", shown_value(r, node, shown, sizeof shown), why);
}

void reader_refuse_name(struct reader *r, const struct yaml_node *node, const char *why,
                        const char *const *names, size_t count)
{
    char shown[REPORT_SHOWN + 8];
    const char *near = suggest_nearest(node->text, names, count);
    shown_value(r, node, shown, sizeof shown);
    if (near)
        reader_tell(r, node, "is %s, %s; did you mean '%s'?", shown, why, near);
    else
        reader_tell(r, node, "is %s, %s", shown, why);
}

static size_t extend_path(struct reader *r, const char *format, const char *text)
{
    size_t before = r->path_length, room = sizeof r->path - before;
    int length = snprintf(r->path + before, room, format, text);
    r->path_length =
        length > 0 && (size_t)length < room ? before + (size_t)length : sizeof r->path - 1;
    return before;
}

size_t reader_enter(struct reader *r, const char *name)
{
    char shown[REPORT_SHOWN];
    return extend_path(r, r->path_length > 0 ? ".%s" : "%s",
                       report_shown(name, shown, sizeof shown));
}

size_t reader_enter_index(struct reader *r, uint32_t index)
{
    char number[16];
    (void)snprintf(number, sizeof number, "%u", index);
    return extend_path(r, "[%s]", number);
}

void reader_leave(struct reader *r, size_t path_length)
{
    r->path_length = path_length;
    r->path[path_length] = '\0';
}

static bool is_kind(struct reader *r, const struct yaml_node *node, enum yaml_kind kind)
{
    static const char *const names[] = {[YAML_SCALAR] = "one value",
                                        [YAML_MAP] = "a mapping (name: value)",
                                        [YAML_LIST] = "a list"};
    const struct yaml_node *at = node->kind == YAML_SCALAR || !node->key ? node : node->key;
    if (node->kind == kind)
        return true;
    if (node->kind == YAML_SCALAR && node->length == 0)
        reader_tell(r, at, "is empty; it wants %s", names[kind]);
    else
        reader_tell(r, at, "%sis %s; it wants %s", r->path_length > 0 ? "" : "the configuration ",
                    names[node->kind], names[kind]);
    return false;
}

bool reader_is_map(struct reader *r, const struct yaml_node *node)
{
    return is_kind(r, node, YAML_MAP);
}

bool reader_is_list(struct reader *r, const struct yaml_node *node)
{
    return is_kind(r, node, YAML_LIST);
}

bool reader_is_text(struct reader *r, const struct yaml_node *node)
{
    if (!is_kind(r, node, YAML_SCALAR))
        return false;
    if (node->length > 0)
        return true;
    reader_tell(r, node, "is empty");
    return false;
}

bool reader_within(struct reader *r, const struct yaml_node *node, uint32_t max)
{
    if (node->count <= max)
        return true;
    reader_tell(r, node->key ? node->key : node, "has %u entries, above the limit %u", node->count,
                max);
    return false;
}

void reader_suspect(struct reader *r, const char *name)
{
    if (r->suspect_count < READER_SUSPECTS_MAX)
        r->suspects[r->suspect_count++] = name;
}

bool reader_is_suspect(const struct reader *r, const char *name)
{
    return suggest_nearest(name, r->suspects, r->suspect_count) != NULL;
}

/* Answers the name that was probably meant, NULL when none is near. */
static const char *tell_unknown(struct reader *r, const struct yaml_node *key,
                                const struct reader_key *keys, size_t count)
{
    const char *names[READER_KEYS_MAX];
    char known[REPORT_KNOWN_MAX] = "";
    const char *near;
    size_t i, length = 0, before = reader_enter(r, key->text);
    assert(count <= READER_KEYS_MAX);
    for (i = 0; i < count; i++) {
        names[i] = keys[i].name;
        if (length < sizeof known)
            length += (size_t)snprintf(known + length, sizeof known - length, "%s%s",
                                       i > 0 ? ", " : "", names[i]);
    }
    near = suggest_nearest(key->text, names, count);
    if (near)
        reader_tell(r, key, "is not a known key; did you mean '%s'?", near);
    else
        reader_tell(r, key, "is not a known key; known here: %s", known);
    reader_leave(r, before);
    return near;
}

void reader_read(struct reader *r, const struct yaml_node *map, const struct reader_key *keys,
                 size_t count, void *target)
{
    const struct yaml_node *instead[READER_KEYS_MAX] = {NULL}; /* under a mistyped key */
    const struct yaml_node *entry;
    size_t i;
    if (!reader_is_map(r, map))
        return;
    for (entry = map->first; entry; entry = entry->next) {
        for (i = 0; i < count && strcmp(keys[i].name, entry->key->text) != 0;)
            i++;
        if (i == count && !reader_is_repeat(map, entry)) {
            const char *meant = tell_unknown(r, entry->key, keys, count);
            for (i = 0; meant && i < count; i++)
                if (keys[i].name == meant && !instead[i])
                    instead[i] = entry;
        }
    }
    for (i = 0; i < count; i++) {
        size_t before = reader_enter(r, keys[i].name);
        entry = yaml_find(map, keys[i].name);
        if (!entry)
            entry = instead[i]; /* told already; its value may hold mistakes of its own */
        if (entry)
            keys[i].read(r, entry, &keys[i], target);
        else if (keys[i].required)
            reader_tell(r, map->key ? map->key : map, "is missing");
        reader_leave(r, before);
    }
}

bool reader_is_repeat(const struct yaml_node *map, const struct yaml_node *entry)
{
    const struct yaml_node *other;
    for (other = map->first; other != entry; other = other->next)
        if (other->key->hash == entry->key->hash && strcmp(other->key->text, entry->key->text) == 0)
            return true;
    return false;
}

void reader_check_twice(struct reader *r, const struct yaml_node *node)
{
    const struct yaml_node *entry;
    uint32_t index = 0;
    for (entry = node->first; entry; entry = entry->next, index++) {
        size_t before = node->kind == YAML_MAP ? reader_enter(r, entry->key->text)
                                               : reader_enter_index(r, index);
        if (node->kind == YAML_MAP && reader_is_repeat(node, entry))
            reader_tell(r, entry->key, "is given twice; the first is on line %u",
                        reader_key_place(r, yaml_find(node, entry->key->text)).line);
        else if (entry->kind != YAML_SCALAR)
            reader_check_twice(r, entry);
        reader_leave(r, before);
    }
}

static bool name_fits(const char *name, enum reader_name kind)
{
    static const char *const more[] = {[READER_NAME] = "-_",
                                       [READER_PLUGIN] = "-_.",
                                       [READER_SYMBOL] = "-_./",
                                       [READER_CURRENCY] = "",
                                       [READER_PARAM] = "_"};
    const char *c;
    for (c = name; *c; c++) {
        bool lower = *c >= 'a' && *c <= 'z', upper = *c >= 'A' && *c <= 'Z';
        bool digit = *c >= '0' && *c <= '9';
        if (!(lower && kind != READER_CURRENCY) && !upper && !digit &&
            (c == name || !strchr(more[kind], *c)))
            return false;
    }
    return *name != '\0';
}

/* What keeps a name from being one, NULL when nothing does. */
static const char *name_trouble(const struct yaml_node *node, enum reader_name kind, size_t room,
                                char *why, size_t why_room)
{
    static const char *const allowed[] = {[READER_NAME] = "letters, digits, '-' and '_'",
                                          [READER_PLUGIN] = "letters, digits, '-', '_' and '.'",
                                          [READER_SYMBOL] =
                                              "letters, digits, '-', '_', '.' and '/'",
                                          [READER_CURRENCY] = "capital letters and digits",
                                          [READER_PARAM] = "letters, digits and '_'"};
    if (!name_fits(node->text, kind))
        (void)snprintf(why, why_room, "not a name of %s", allowed[kind]);
    else if (node->length >= room)
        (void)snprintf(why, why_room, "longer than %zu characters", room - 1);
    else
        return NULL;
    return why;
}

bool reader_name(struct reader *r, const struct yaml_node *node, enum reader_name kind, char *to,
                 size_t room)
{
    char why[96];
    if (!reader_is_text(r, node))
        return false;
    if (name_trouble(node, kind, room, why, sizeof why)) {
        reader_refuse(r, node, why);
        return false;
    }
    memcpy(to, node->text, node->length + 1);
    return true;
}

bool reader_key_name(struct reader *r, const struct yaml_node *entry, enum reader_name kind,
                     char *to, size_t room)
{
    char why[96];
    if (name_trouble(entry->key, kind, room, why, sizeof why)) {
        reader_tell(r, entry->key, "is %s", why);
        return false;
    }
    memcpy(to, entry->key->text, entry->key->length + 1);
    return true;
}

bool reader_text(struct reader *r, const struct yaml_node *node, char *to, size_t room)
{
    if (!reader_is_text(r, node))
        return false;
    if (node->length >= room) {
        reader_tell(r, node, "is %zu bytes long, above the limit %zu", node->length, room - 1);
        return false;
    }
    memcpy(to, node->text, node->length + 1);
    return true;
}

bool reader_decimal(struct reader *r, const struct yaml_node *node, int32_t scale, int64_t min,
                    int64_t max, int64_t *value)
{
    struct scalar_why why;
    char bound[SCALAR_TEXT_MAX], text[SCALAR_TEXT_MAX + 40];
    int64_t number;
    if (!reader_is_text(r, node))
        return false;
    if (!scalar_decimal(node->text, scale, &number, &why)) {
        reader_refuse(r, node, why.text);
        return false;
    }
    if (number < min || number > max) {
        money_format(number < min ? min : max, scale, bound, sizeof bound);
        (void)snprintf(text, sizeof text, "%s %s",
                       number < min ? "below its minimum" : "above its maximum", bound);
        reader_refuse(r, node, text);
        return false;
    }
    *value = number;
    return true;
}

bool reader_integer(struct reader *r, const struct yaml_node *node, int64_t min, int64_t max,
                    int64_t *value)
{
    struct scalar_why why;
    if (!reader_is_text(r, node))
        return false;
    if (scalar_integer(node->text, min, max, value, &why))
        return true;
    reader_refuse(r, node, why.text);
    return false;
}

void *reader_allocate(struct reader *r, size_t count, size_t size)
{
    void *memory = count > 0 ? calloc(count, size) : NULL;
    if (count > 0 && !memory)
        r->status = TURRET_ENOMEM;
    return memory;
}
