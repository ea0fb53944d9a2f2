/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every setting of a configuration, in the order people read it, as names and texts that
 * config_parse() reads back to the same values. What showing and comparing have in common.
 */
#ifndef CONFIG_WALK_H
#define CONFIG_WALK_H

#include "config/config.h"

struct walk_visitor {
    void *context;
    /* A mapping or list called `key` begins; a mapping that is an item of a list; either ends. */
    void (*open)(void *context, const char *key);
    void (*open_item)(void *context, uint32_t index);
    void (*close)(void *context);
    /* key: text. `text` is NULL for a limit that is not set. */
    void (*value)(void *context, const char *key, const char *text);
    /* - text */
    void (*item)(void *context, uint32_t index, const char *text);
};

void walk_config(const struct config *config, const struct walk_visitor *visitor);

/* The text of the limit of this name; false when it is not set. Room: 64. */
bool walk_limit(const struct risk_limits *limits, const char *name, char *text, size_t room);

#endif
