/* SPDX-License-Identifier: Apache-2.0 */
/* What the audit's records are about, and the fields their texts are made of (docs/audit.md). */
#ifndef SESSION_AUDIT_H
#define SESSION_AUDIT_H

#include "store/audit.h"

/* In the store's directory, when the configuration says nothing else. */
#define AUDIT_KEY_NAME   "audit.key"
#define AUDIT_HEADS_NAME "audit.heads"

/* Codes are permanent. */
enum audit_kind {
    AUDIT_HEAD = AUDIT_KIND_HEAD,
    AUDIT_SESSION,  /* the daemon started or ended */
    AUDIT_COMMAND,  /* what somebody asked for, and what was answered */
    AUDIT_CONFIG,   /* a configuration came into force, or was refused */
    AUDIT_LIMIT,    /* a limit that it changed */
    AUDIT_CODE,     /* what runs under a name, a step of a change of it, or a refused build */
    AUDIT_DENIAL,   /* risk said no */
    AUDIT_DECISION, /* a control event: of a person, or of the host */
    AUDIT_SHADOW,   /* what a build in the shadow would have done otherwise */
    AUDIT_HEADS,    /* the heads file had lost heads */
    AUDIT_KINDS
};

/* "?" for one that nobody knows. */
const char *audit_kind_name(uint16_t kind);
/* AUDIT_KINDS when there is none of this name. */
uint16_t audit_kind_of(const char *name);

/* A record's text: names and values in turns, each ended by a zero byte. */
struct audit_text {
    uint32_t size_bytes;
    char bytes[AUDIT_TEXT_MAX];
};

void audit_begin(struct audit_text *text);
/* A value that is too long, or for which there is no room left, ends with "...". */
void audit_add(struct audit_text *text, const char *name, const char *format, ...)
    TURRET_PRINTF(3, 4);

/* The next field of a record; *at begins with 0. False at the end, or where it makes no sense. */
bool audit_next(const struct audit_record *record, uint32_t *at, const char **name,
                const char **value);
/* The value of a field, NULL when there is none of this name. */
const char *audit_find(const struct audit_record *record, const char *name);

/* `given`, or `name` in the store's directory. */
void audit_path(char *path, size_t room, const char *given, const char *store, const char *name);

#endif
