/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of indicators' states. Callbacks are given a state and no word of how much it is; one that
 * has to send it elsewhere finds that ahead of it. So a state is the same bytes wherever its
 * indicator runs, and a snapshot fits when that has changed.
 */
#include "core/state.h"

#include <stdlib.h>

struct state_head {
    uint64_t size;
    uint64_t unused; /* the state behind it lies as malloc()'s memory does */
};

void *engine_state_create(uint64_t size)
{
    struct state_head *head = calloc(1, sizeof *head + (size_t)size);
    if (!head)
        return NULL;
    head->size = size;
    return head + 1;
}

void engine_state_destroy(void *state)
{
    if (state)
        free((struct state_head *)state - 1);
}

uint64_t engine_state_size(const void *state)
{
    return ((const struct state_head *)state - 1)->size;
}
