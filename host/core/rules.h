/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Risk rules. A rule is a strategy that is asked: once the host's own checks have let an order
 * pass, each rule says whether it may be sent. Rules can only tighten, and what cannot be asked
 * denies. Orders that only close are not asked about: a broken rule locks nobody in.
 */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include "core/engine.h"

/* The engine's. */
struct rules {
    uint32_t count;
    uint32_t strategy[ENGINE_RULES_MAX]; /* in the order they are asked */
    bool asking;                         /* one is: it may ask for nothing itself */
};

/* strategies.c: an order as strategies see it. */
void strategy_view_order(const struct engine *engine, const struct order *order,
                         struct turret_order *view);

struct candidate;
/* DENY_NONE, or DENY_RULE with the rule's name and words in engine->said. */
uint32_t rules_ask(const struct candidate *c);

#endif
