/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indicators in a runner: state comes with the call and goes back with the answer, so one process
 * serves all instances and loses nothing when it dies.
 */
#include "runner/serve.h"

#include "isolation/params.h"

#include <stdlib.h>

static struct turret_param_value params[16];
static struct wire_param given[16];

static void take_params(uint32_t count)
{
    if (count > 16)
        abort();
    memcpy(given, serve.wire->calls.body, count * sizeof *given);
    params_unpack(given, count, params);
}

/* A state that outlives no call; aligned for anything. */
static void *state_of(uint64_t size)
{
    static void *state;
    static uint64_t room;
    if (size > room || !state) {
        free(state);
        state = malloc(size ? size : 1);
        room = size;
    }
    if (!state)
        abort();
    return state;
}

static void begin(const struct turret_indicator_type *type, const struct wire_head *call,
                  struct wire_head *done)
{
    void *state = state_of(call->b);
    struct turret_error why = {0};
    int status;
    take_params((uint32_t)call->a);
    memset(state, 0, call->b);
    status = type->start(state, params, &why);
    if (status) {
        serve_refuse(&why, status, done);
        return;
    }
    done->size = (uint32_t)call->b;
    memcpy(serve.wire->answers.body, state, call->b);
}

/* a: bytes of state, after the candle; the answer has the outputs before them. */
static void update(const struct turret_indicator_type *type, const struct wire_head *call,
                   struct wire_head *done)
{
    const unsigned char *from = serve.wire->calls.body;
    unsigned char *to = serve.wire->answers.body;
    void *state = state_of(call->a);
    struct turret_candle candle;
    double out[TURRET_OUTPUTS_MAX] = {0};
    memcpy(&candle, from, sizeof candle);
    memcpy(state, from + sizeof candle, call->a);
    done->status = type->update(state, &candle, out);
    memcpy(to, out, sizeof out);
    memcpy(to + sizeof out, state, call->a);
    done->size = (uint32_t)(sizeof out + call->a);
}

/* b: bars; five columns of doubles and one of times, then the state. */
static void update_block(const struct turret_indicator_type *type, const struct wire_head *call,
                         struct wire_head *done)
{
    static double columns[6][WIRE_BLOCK], outputs[TURRET_OUTPUTS_MAX][WIRE_BLOCK];
    static turret_time_ns times[WIRE_BLOCK];
    const uint32_t count = (uint32_t)call->b;
    const size_t column = count * sizeof(double);
    const unsigned char *from = serve.wire->calls.body;
    unsigned char *to = serve.wire->answers.body;
    void *state = state_of(call->a);
    double *const out[TURRET_OUTPUTS_MAX] = {outputs[0], outputs[1], outputs[2], outputs[3]};
    struct turret_block block = {(uint32_t)sizeof block,
                                 count,
                                 columns[0],
                                 columns[1],
                                 columns[2],
                                 columns[3],
                                 columns[4],
                                 times};
    if (count > WIRE_BLOCK)
        abort();
    for (uint32_t i = 0; i < 5; i++, from += column)
        memcpy(columns[i], from, column);
    memcpy(times, from, column);
    memcpy(state, from + column, call->a);
    done->status = type->update_block(state, &block, out);
    for (uint32_t i = 0; i < type->output_count; i++, to += column)
        memcpy(to, outputs[i], column);
    memcpy(to, state, call->a);
    done->size = (uint32_t)((size_t)(to - serve.wire->answers.body) + call->a);
}

void serve_indicator(const struct wire_head *call, struct wire_head *done)
{
    const struct turret_indicator_type *type = &serve.offer->indicator;
    switch (call->kind) {
    case WIRE_STATE_SIZE:
        take_params((uint32_t)call->a);
        done->a = type->state_size(params);
        break;
    case WIRE_BEGIN:
        begin(type, call, done);
        break;
    case WIRE_LOOKBACK:
        take_params((uint32_t)call->a);
        done->a = type->lookback(params);
        break;
    case WIRE_UPDATE:
        update(type, call, done);
        break;
    case WIRE_UPDATE_BLOCK:
        update_block(type, call, done);
        break;
    default:
        abort();
    }
}
