/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash chain over what a strategy saw, link by link: bars and fills in their order. The plugin
 * (chain.c) keeps its newest link in its state; swap_audit.c forges the same chain from the journal
 * and the rows of fills. An event lost, doubled or out of order changes every later link.
 */
#ifndef SWAP_CHAIN_H
#define SWAP_CHAIN_H

#include <stdint.h>

#define CHAIN_BAR      1
#define CHAIN_FILL     2
#define CHAIN_BASIS    UINT64_C(0x9e3779b97f4a7c15)
#define CHAIN_MULTIPLY UINT64_C(0xbf58476d1ce4e5b9)

static inline uint64_t chain_value(uint64_t link, int64_t value)
{
    link = (link ^ (uint64_t)value) * CHAIN_MULTIPLY;
    return link ^ link >> 29;
}

static inline uint64_t chain_link(uint64_t link, int64_t kind, const int64_t value[3])
{
    int i;
    link = chain_value(link, kind);
    for (i = 0; i < 3; i++)
        link = chain_value(link, value[i]);
    return link;
}

#endif
