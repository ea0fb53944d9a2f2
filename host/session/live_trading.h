/* SPDX-License-Identifier: Apache-2.0 */
/* Trading states in a live session: what people decide of them, and the kill switch's latch. */
#ifndef SESSION_LIVE_TRADING_H
#define SESSION_LIVE_TRADING_H

#include "core/engine.h"
#include "core/trading.h"
#include "session/latch.h"

#include <jansson.h>

struct live;

struct live_trading {
    struct latch *latch;
    uint32_t slots[16]; /* of each venue */
    /* A resume under way: cleared once the record that lifts the state is on the disk. */
    struct live_lift {
        bool active;
        uint32_t slot;
        uint64_t word, sequence; /* 0: not in the journal yet */
    } lift;
};

/* Opens the latch; SIGUSR1 sets it from here on. fails: as latch_open() */
int live_trading_open(struct live *live, struct turret_error *err);
/* Venues get their slots, and what is set becomes KILLED: before anything is sent. */
int live_trading_begin(struct live *live, struct turret_error *err);
void live_trading_close(struct live *live);
/* Each turn, before what people decided: a latch that was set since becomes KILLED. */
void live_trading_turn(struct live *live);
/* Right before anything is sent to the venue: whether the kill switch is set. */
bool live_trading_blocks(const struct live *live, const struct command *command);

/* A download begins: the venue's dead-man timer is set; a venue that does not take it is halted. */
void live_trading_arm(struct live *live, uint32_t venue);

/* ---- control socket ---- */
json_t *live_trading_list(const struct live *live);
/* Of those the ones that bind orders of a strategy of the configuration. */
json_t *live_trading_binding(const struct live *live, uint32_t strategy);
json_t *live_answer_state(struct live *live, const json_t *request);
json_t *live_answer_resume(struct live *live, const json_t *request);
/* The scope becomes REDUCING and what strategies hold in it is closed. */
json_t *live_answer_flatten(struct live *live, const json_t *request);

#endif
