/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the tree to structs, by tables of keys. A reader goes on after a mistake, so that one pass
 * tells them all; what it could not read stays at its default.
 */
#ifndef CONFIG_READER_H
#define CONFIG_READER_H

#include "config/report.h"
#include "config/yaml.h"

#define READER_PATH_MAX     256
#define READER_KEYS_MAX     64
#define READER_SUSPECTS_MAX 16

struct reader {
    struct config *config;
    struct report *report;
    int status;                             /* TURRET_ENOMEM, otherwise report->count says */
    bool venues_unread, instruments_unread; /* there are some, but not readable */
    uint32_t suspect_count;
    const char *suspects[READER_SUSPECTS_MAX]; /* see reader_suspect() */
    size_t path_length;
    char path[READER_PATH_MAX]; /* "strategies.spy-cross.params" */
};

struct reader_key;
typedef void reader_fn(struct reader *r, const struct yaml_node *value,
                       const struct reader_key *key, void *target);

/* One key of a section and where its value goes. */
struct reader_key {
    const char *name;
    reader_fn *read;
    size_t offset; /* in the target */
    size_t size;   /* of the member, or what its reader says */
    bool required;
};

/* What names may be made of; all begin with a letter or digit. */
enum reader_name {
    READER_NAME,     /* letters, digits, '-', '_' */
    READER_PLUGIN,   /* and '.' */
    READER_SYMBOL,   /* and '.', '/' */
    READER_CURRENCY, /* capitals and digits */
    READER_PARAM     /* letters, digits, '_' */
};

/* The place of a value; of its key. */
struct config_place reader_place(const struct reader *r, const struct yaml_node *node);
struct config_place reader_key_place(const struct reader *r, const struct yaml_node *value);

/* A mistake about the thing at the current path: "<path> <text>". `node` may be a key. */
TURRET_PRINTF(3, 4)
void reader_tell(struct reader *r, const struct yaml_node *node, const char *format, ...);
/* "<path> is '<value>', <why>", or the ${NAME} in its place. */
void reader_refuse(struct reader *r, const struct yaml_node *node, const char *why);
/* The same and, when one of the names is near, "; did you mean 'x'?" */
void reader_refuse_name(struct reader *r, const struct yaml_node *node, const char *why,
                        const char *const *names, size_t count);

/* Goes into `name` and back out. Answers what reader_leave() wants. */
size_t reader_enter(struct reader *r, const char *name);
size_t reader_enter_index(struct reader *r, uint32_t index);
void reader_leave(struct reader *r, size_t path_length);

/* Whether it is one; tells the mistake when it is not. */
bool reader_is_map(struct reader *r, const struct yaml_node *node);
bool reader_is_list(struct reader *r, const struct yaml_node *node);
bool reader_is_text(struct reader *r, const struct yaml_node *node);
/* Whether a mapping or list has at most `max` entries; tells the mistake when it has more. */
bool reader_within(struct reader *r, const struct yaml_node *node, uint32_t max);

/* Reads a mapping by its table: unknown and missing keys are told. */
void reader_read(struct reader *r, const struct yaml_node *map, const struct reader_key *keys,
                 size_t count, void *target);
/* Tells every key that is given twice, anywhere below. */
void reader_check_twice(struct reader *r, const struct yaml_node *node);
/* Whether an earlier entry of the same mapping has this entry's key. */
bool reader_is_repeat(const struct yaml_node *map, const struct yaml_node *entry);

/*
 * Remembers a name that was told to be wrong (`name` lives as long as the tree), so that what
 * refers to it is not told as a mistake of its own; and asks whether `name` could be meant for one
 * of them.
 */
void reader_suspect(struct reader *r, const char *name);
bool reader_is_suspect(const struct reader *r, const char *name);

/* Copies a name after checking it; false after telling what is wrong with it. */
bool reader_name(struct reader *r, const struct yaml_node *node, enum reader_name kind, char *to,
                 size_t room);
/* The same for the key of an entry. */
bool reader_key_name(struct reader *r, const struct yaml_node *entry, enum reader_name kind,
                     char *to, size_t room);
/* Copies any text that fits. */
bool reader_text(struct reader *r, const struct yaml_node *node, char *to, size_t room);
bool reader_decimal(struct reader *r, const struct yaml_node *node, int32_t scale, int64_t min,
                    int64_t max, int64_t *value);
bool reader_integer(struct reader *r, const struct yaml_node *node, int64_t min, int64_t max,
                    int64_t *value);
/* Zeroed memory for `count` things; NULL when count is 0, or with r->status set. */
void *reader_allocate(struct reader *r, size_t count, size_t size);

/* For tables: into char[key->size] … and a `const struct yaml_node *`, to be read later. */
reader_fn read_text, read_name, read_plugin, read_symbol, read_currency;
reader_fn read_bool, read_u32, read_node;

/* The sections, each with its own file. */
reader_fn read_plugins, read_venues, read_instruments, read_strategies, read_risk, read_limits,
    read_sizing, read_swap, read_audit, read_protect, read_reconcile, read_disowned;
void read_reconcile_defaults(struct config_reconcile *reconcile);
void read_swap_defaults(struct config_swap *swap);
/* `params: {name: value}`; the target is a struct read_params. */
struct read_params {
    struct config_param **params;
    uint32_t *count;
};
void read_params(struct reader *r, const struct yaml_node *value, struct read_params to);
/* The whole document. */
void read_document(struct reader *r, const struct yaml_node *root);

#endif
