/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of bench_ticks: indicator, strategy and risk as three bare functions of a .so file. */
#include "tick_chain.h"

double chain_indicator(struct chain_state *state, int64_t price)
{
    state->average += ((double)price - state->average) * 0.0625;
    return state->average;
}

int64_t chain_strategy(struct chain_state *state, double average, int64_t price)
{
    if (state->eager)
        state->wanted = !state->wanted;
    else
        state->wanted = (double)price < average;
    return state->wanted;
}

int chain_risk(struct chain_state *state, int64_t wanted, int64_t price)
{
    return wanted <= state->largest && price * wanted <= state->dearest;
}
