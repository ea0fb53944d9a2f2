/* SPDX-License-Identifier: Apache-2.0 */
#include "session/audit.h"

#include <string.h>

#define NAME_MAX_BYTES  24
#define VALUE_MAX_BYTES 2048

static const char *const kind_names[AUDIT_KINDS] = {
    [AUDIT_HEAD] = "head",     [AUDIT_SESSION] = "session",   [AUDIT_COMMAND] = "command",
    [AUDIT_CONFIG] = "config", [AUDIT_LIMIT] = "limit",       [AUDIT_CODE] = "code",
    [AUDIT_DENIAL] = "denial", [AUDIT_DECISION] = "decision", [AUDIT_SHADOW] = "shadow",
    [AUDIT_HEADS] = "heads"};

const char *audit_kind_name(uint16_t kind)
{
    return kind < AUDIT_KINDS ? kind_names[kind] : "?";
}

uint16_t audit_kind_of(const char *name)
{
    uint16_t kind = 0;
    while (kind < AUDIT_KINDS && strcmp(kind_names[kind], name) != 0)
        kind++;
    return kind;
}

void audit_begin(struct audit_text *text)
{
    text->size_bytes = 0;
}

void audit_add(struct audit_text *text, const char *name, const char *format, ...)
{
    size_t name_size = strlen(name) + 1;
    size_t room = sizeof text->bytes - text->size_bytes;
    char *value = text->bytes + text->size_bytes + name_size;
    va_list args;
    int length;
    if (name_size > NAME_MAX_BYTES || room < NAME_MAX_BYTES + sizeof "...")
        return; /* its place is taken by fields that were cut already */
    room -= name_size;
    room = room < VALUE_MAX_BYTES ? room : VALUE_MAX_BYTES;
    memcpy(value - name_size, name, name_size);
    va_start(args, format);
    length = vsnprintf(value, room, format, args);
    va_end(args);
    if (length < 0)
        value[0] = '\0';
    else if ((size_t)length >= room)
        memcpy(value + room - sizeof "...", "...", sizeof "...");
    text->size_bytes += (uint32_t)(name_size + strlen(value) + 1);
}

/* The text at `at`, when it ends within the record. */
static const char *text_at(const struct audit_record *record, uint32_t *at)
{
    const char *text = record->text + *at, *end;
    if (*at >= record->text_bytes)
        return NULL;
    end = memchr(text, '\0', record->text_bytes - *at);
    if (!end)
        return NULL;
    *at += (uint32_t)(end - text) + 1;
    return text;
}

bool audit_next(const struct audit_record *record, uint32_t *at, const char **name,
                const char **value)
{
    if (record->kind == AUDIT_HEAD)
        return false;
    *name = text_at(record, at);
    *value = *name ? text_at(record, at) : NULL;
    return *value != NULL;
}

const char *audit_find(const struct audit_record *record, const char *name)
{
    const char *found, *value;
    uint32_t at = 0;
    while (audit_next(record, &at, &found, &value))
        if (strcmp(found, name) == 0)
            return value;
    return NULL;
}

void audit_path(char *path, size_t room, const char *given, const char *store, const char *name)
{
    if (*given)
        (void)snprintf(path, room, "%s", given);
    else
        (void)snprintf(path, room, "%s/%s", store, name);
}
