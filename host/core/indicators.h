/* SPDX-License-Identifier: Apache-2.0 */
/* Indicators by blocks: what runs of bars use beside the ways of state.h. */
#ifndef CORE_INDICATORS_H
#define CORE_INDICATORS_H

#include "core/state.h"

/* Computes a block of at most ENGINE_BLOCK bars ahead; indicators_step() then makes bar i current.
 */
void indicators_block(struct engine *engine, struct stream *stream, const struct engine_bars *bars,
                      uint32_t first, uint32_t count);
void indicators_step(struct engine *engine, struct stream *stream, uint32_t i);
/* Values of a block that only have to be copied, bar by bar; not plain: indicators_step() does it.
 */
#define INDICATOR_STEPS_MAX 64
struct indicator_steps {
    uint32_t count;
    bool plain;
    struct {
        const double *from;
        double *to;
    } of[INDICATOR_STEPS_MAX];
};
/* After indicators_block(), for this block. */
void indicators_plan(struct engine *engine, const struct stream *stream,
                     struct indicator_steps *steps);
static inline void indicators_take(const struct indicator_steps *steps, uint32_t i)
{
    uint32_t s;
    for (s = 0; s < steps->count; s++)
        *steps->of[s].to = steps->of[s].from[i];
}

#endif
