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
    /* A mapping or list called `key` begins; ends. */
    void (*open)(void *context, const char *key);
    void (*close)(void *context);
    /* key: text. `text` is NULL for a limit that is not set. */
    void (*value)(void *context, const char *key, const char *text);
    /* "- text", or "- key: text" when key is not NULL. */
    void (*item)(void *context, uint32_t index, const char *key, const char *text);
};

void walk_config(const struct config *config, const struct walk_visitor *visitor);

#endif
