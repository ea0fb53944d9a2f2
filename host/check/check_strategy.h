/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One strategy instance on a bench: a host table that writes down what it asks for, indicators with
 * made-up values, orders that fill at the next bar. A breach of the contract fails the check.
 */
#ifndef CHECK_CHECK_STRATEGY_H
#define CHECK_CHECK_STRATEGY_H

#include "check/check_tape.h"
#include "check/check_values.h"

#include <turret/strategy.h>

#include <pthread.h>

#define BENCH_SLOTS       256
#define BENCH_ORDERS      512
#define BENCH_INSTRUMENTS 2
#define BENCH_INTENTS_MAX 256  /* of one event, as the host has it */
#define BENCH_FLOOD       1024 /* who asks this often in one event does not listen */

struct bench_order {
    struct turret_order order;
    bool fresh; /* not yet told */
    bool working;
    bool canceling;
};

struct strategy_bench {
    struct turret_strategy handle; /* first: host calls get here from it */
    struct turret_strategy_host host;
    struct check *check;
    pthread_t thread; /* who may call the host */
    const struct turret_strategy_type *type;
    struct check_values *values;
    struct turret_instrument_def defs[BENCH_INSTRUMENTS];
    turret_instrument instruments[BENCH_INSTRUMENTS];
    uint8_t *block;         /* state with guards before and behind */
    const char *calling;    /* the callback that runs, NULL none */
    bool starting, lenient; /* lenient: its state was made up, breaches are no surprise */
    bool running, checking; /* checking: within on_check, which may ask for nothing */
    bool any_quantity;      /* extremes of a parameter may lead to orders that risk denies */
    struct {
        char expression[128];
        turret_instrument instrument;
        struct turret_slot slot;
    } slots[BENCH_SLOTS];
    uint32_t slot_count;
    turret_qty wish[BENCH_INSTRUMENTS], position[BENCH_INSTRUMENTS];
    struct bench_order orders[BENCH_ORDERS];
    uint32_t order_count;
    uint64_t next_order, fills;
    turret_time_ns timers[8], now;
    uint32_t asked;           /* in this event */
    uint64_t intents, digest; /* of all it asked for */
    struct turret_bar bar;    /* the last */
};

struct bench_bytes {
    uint8_t *bytes;
    size_t used, room, piece_max; /* piece_max: most bytes of one read or write, 0 any */
};

/* Bytes of state, zeroed, with guards. Ends the check when there is no memory. */
void strategy_bench_init(struct strategy_bench *bench, struct check *check,
                         const struct plugin_offer *offer, struct check_values *values);
/* on_stop when it runs, looks at the guards, frees. */
void strategy_bench_finish(struct strategy_bench *bench, uint32_t reason);
/* on_start; answers its status. A refusal without a text fails the check. */
int strategy_bench_try_start(struct strategy_bench *bench, uint32_t reason,
                             struct turret_error *why);
/* The same; a refusal fails the check. */
void strategy_bench_start(struct strategy_bench *bench, uint32_t reason);
/* One bar with all that belongs to it: fills, timers, quote, trade, a question of another's order.
 */
void strategy_bench_bar(struct strategy_bench *bench, const struct turret_bar *bar);
/* on_check, where it has one, about a sound order; `number` says which. A bad answer fails. */
void strategy_bench_ask(struct strategy_bench *bench, uint32_t number);
/* `count` bars of the tape, on both instruments in turn. */
void strategy_bench_run(struct strategy_bench *bench, struct check_tape *tape, uint32_t count);

/* Saved fields and stream, one behind the other; fields_size is where the stream begins. */
void strategy_bench_save(struct strategy_bench *bench, struct bench_bytes *to, size_t *fields_size);
size_t strategy_bench_fields_size(const struct turret_strategy_type *type);
/* Zeroes the state, puts the fields in place, loads the stream; answers load()'s status. */
int strategy_bench_restore(struct strategy_bench *bench, const struct bench_bytes *from,
                           size_t fields_size, struct turret_error *why);
/* What the host keeps through a restart: positions, wishes, orders, timers, clock. */
void strategy_bench_take_over(struct strategy_bench *bench, const struct strategy_bench *from);

#endif
