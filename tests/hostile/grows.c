/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps 100 bytes of every bar until it stops. */
#include "hostile.h"
#include <stdlib.h>
#include <string.h>

struct piece {
    struct piece *next;
    char room[92];
};

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    struct piece *piece = malloc(sizeof *piece);
    if (piece) {
        memcpy(&piece->next, s->more, sizeof piece->next);
        memcpy(s->more, &piece, sizeof piece);
    }
    calm_bar(self, bar);
}

static void on_stop(struct turret_strategy *self, uint32_t reason)
{
    struct calm *s = turret_self(self);
    struct piece *piece;
    (void)reason;
    for (memcpy(&piece, s->more, sizeof piece); piece;) {
        struct piece *next = piece->next;
        free(piece);
        piece = next;
    }
    memset(s->more, 0, sizeof s->more);
}

HOSTILE_STRATEGY(calm_start, on_bar, .on_stop = on_stop, CALM_FIELDS);
