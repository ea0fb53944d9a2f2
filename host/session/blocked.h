/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds that may not run, as rows of the store: "blocked <build id>" with the reason. A daemon
 * writes them when it takes a build back, people with turret plugin block; only people lift them.
 */
#ifndef SESSION_BLOCKED_H
#define SESSION_BLOCKED_H

#include "session/rows.h"

#include <stdbool.h>

#define BLOCKED_WHY_MAX    160
#define BLOCKED_PREFIX_MIN 8 /* digits of a build id that name a build */

/* `why` NULL lifts it. fails: EFULL the batch has no room */
int blocked_put(struct store_batch *batch, const uint8_t build[32], const char *why);
/* `why` may be NULL. */
bool blocked_find(struct store *store, const uint8_t build[32], char why[BLOCKED_WHY_MAX]);
typedef int blocked_fn(void *context, const char *build, const char *why);
/* In the order of build ids; non-zero from the callback stops. */
int blocked_each(struct store *store, blocked_fn *each, void *context, struct turret_error *err);

/* A build that the store knows of: by its swaps, its instances, its blocks, its private copies. */
struct blocked_build {
    char hex[65];
    uint8_t build[32];
    char plugin[48], version[24]; /* "" where only the build id is known */
};
/*
 * The one whose build id begins with `prefix` (hex digits, either case).
 * fails: EINVAL no hex digits or fewer than BLOCKED_PREFIX_MIN; ENOTFOUND; EEXIST several: the text
 *        names two
 */
int blocked_resolve(struct store *store, const char *prefix, struct blocked_build *found,
                    struct turret_error *err);

#endif
