/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private copies of builds in the store: which of them the journal names, and how each ran
 * last, as rows "isolation <build id>". live_bring_build() finds them. A copy of a build that no
 * record names can be needed by nobody once it is out of memory, and is removed.
 */
#ifndef SESSION_LIVE_COPIES_H
#define SESSION_LIVE_COPIES_H

#include "plugin/loader.h"

#include <stdbool.h>
#include <stdint.h>

struct live;

enum copy_isolation { COPY_UNKNOWN, COPY_IN_PROCESS, COPY_ISOLATED };

struct live_copies {
    struct live_copy {
        uint8_t build[32];
        enum copy_isolation isolation; /* as its row says, or will once the batch is durable */
    } * of;                            /* builds that the journal names */
    uint32_t count, room;
    bool partly; /* not all of them are known */
};

/* What the store knows of them. `store` is open. */
void live_copies_open(struct live *live);
void live_copies_close(struct live *live);
/* A record or a row of this batch says that the build ran, or was to. fails: EFULL */
int live_copies_name(struct live *live, const struct plugin *plugin);
/* The same of everything that runs. */
int live_copies_name_running(struct live *live);
/* No record names this build, and it is certain. */
bool live_copies_unneeded(const struct live *live, const struct plugin *plugin);
/*
 * Removes what is not needed, and what a daemon that died left of copies half-made. Once: nobody
 * else makes copies meanwhile, and all rows are in the store.
 */
void live_copies_collect(struct live *live);
/* How it ran when it was named last, by the store alone. */
enum copy_isolation live_copies_isolation(struct live *live, const uint8_t build[32]);

#endif
