/* SPDX-License-Identifier: Apache-2.0 */
/* Venues whose books nobody compares with ours now: of those no difference proves nothing. */
#ifndef CLI_NOT_COMPARED_H
#define CLI_NOT_COMPARED_H

#include "cli/cli.h"
#include "config/config.h"

struct not_compared {
    struct not_compared_venue {
        char name[32];  /* "": all of them */
        char since[32]; /* as the daemon says it; "" not known */
        char text[256]; /* a line for people */
    } venues[CONFIG_VENUES_MAX];
    uint32_t venue_count;
};

/* Asks the daemon on the store; where none runs or answers, that is what keeps all of them. */
void not_compared_read(const struct cli *cli, const char *store, struct not_compared *to);

#endif
