/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host does for orders because their venue does not: triggers, expiry, icebergs, brackets
 * and one-cancels-other. Everything it knows of an order stands in the order, so that a snapshot of
 * the orders is a snapshot of this; the list of watched orders is found again from them.
 *
 * Turns: prices reach held orders before strategies hear of them; what is due by time, and what
 * waits, is looked at after the strategies and before their intents, of every event but an intent.
 */
#ifndef CORE_HELD_H
#define CORE_HELD_H

#include "core/state.h"

/* order.held: what the host has to do. */
#define HELD_TRIGGER   1u   /* to be sent when its price trades */
#define HELD_TRIGGERED 2u   /* it traded, or a slice is due: it goes as soon as it may */
#define HELD_EXPIRY    4u   /* to be ended at `expires` */
#define HELD_PARENT    8u   /* worked by slices; it is never sent itself */
#define HELD_ICEBERG   16u  /* by those of held.c */
#define HELD_EXEMPT    32u  /* only reduces: reserves nothing before it is sent */
#define HELD_NEXT      64u  /* its slice is being cancelled, another one follows */
#define HELD_RETURNS   128u /* it was EXEMPT, and sent: should it never leave, it is due again */

/* order.unwanted: what the host wants of an order at its venue because of another one. */
#define HELD_UNWANTED_PART 1 /* less of it: the change is under way */
#define HELD_UNWANTED      2 /* nothing of it: its cancel is asked for until it ends */

/* An end that the venue refused, by time or of slices, is asked for again after so long. */
#define HELD_AGAIN_NS MONEY_NANO

/* Why an order ended that the host ends at its date. */
#define HELD_RAN_OUT "its time is over"

/* After a restore, in a new engine: the watched ones are found again. */
void held_restore(struct engine *engine);

/* risk_check(), for a slice without counting it twice. */
uint32_t held_check(struct engine *engine, struct strategy *strategy, struct order *order);
/* The order that one which passed risk names as the other of its pair names it, too. */
void held_pair_up(struct engine *engine, const struct order *order);
/* An order that passed risk: sent, or held and watched. */
void held_place(struct engine *engine, struct order *order);
/* ---- held_again.c ---- */
/* An order that passed risk never left. What only reduces is due again, as is an iceberg's next
   slice, each later than the last time; everything else is REJECTED. */
void held_kept_back(struct engine *engine, struct order *order, const char *why);
/* One more: order.tries of what is tried again. */
uint8_t held_next_try(const struct order *order);
/* Whether it did not leave a moment ago. */
bool held_backs_off(const struct engine *engine, const struct order *order);
/* It may not fill any more: cancelled, again and later each time when the venue refuses that. */
void held_drop(struct engine *engine, struct order *order, const char *why);
/* The same for a person's word: `by` is an ORDER_LET_GO…, and nobody follows an exit. */
void held_let_go(struct engine *engine, struct order *order, uint8_t by);
/* Why an unwanted one is cancelled once more. */
const char *held_unwanted_why(struct engine *engine, const struct order *order);
/* Its strategy's change of it is in force: that is what it is to close. */
void held_changed(struct order *order);
/* A change of it ended, and it is as large as before. */
void held_not_less(struct engine *engine, struct order *order);
/* Cancels an order, wherever it is. Nothing when a cancel is under way or it ended. */
void held_cancel(struct engine *engine, struct order *order, const char *why);
/* A held order takes terms that passed risk. */
void held_modify(struct engine *engine, struct order *order, const struct order *wanted);
/* How an order goes to its venue. */
void held_terms(const struct engine *engine, const struct order *order,
                struct turret_broker_order *to);

/* Prices between low and high traded from `open_time` on, `close` last. */
void held_prices(struct engine *engine, turret_instrument instrument, turret_time_ns open_time,
                 turret_price low, turret_price high, turret_price close);
/* Once an event, before intents; with nearly every event there is nothing to do. */
void held_do_turn(struct engine *engine);
static inline void held_turn(struct engine *engine)
{
    if (engine->watched_count > 0 || engine->targets_waiting > 0 ||
        engine->next_holding <= engine->now || engine->next_expiry <= engine->now)
        held_do_turn(engine);
}

/* A slice enters (1) or leaves (-1) what its parent has given away. */
void held_share(struct engine *engine, const struct order *slice, int sign);
/* The order a part is of; NULL: it is no part, or was denied for naming one it cannot be of. */
struct order *held_whole(struct engine *engine, const struct order *order);
/* A fill of the order is in its own numbers: into the parent's. */
void held_slice_filled(struct engine *engine, const struct order *order, turret_qty qty,
                       turret_money value, turret_money fee);
/* The order was told: exits for an entry, less for the other of a pair. `replaced`: of a fill that
   stands in place of one taken back, which counted that much; else 0. */
void held_filled(struct engine *engine, struct order *order, const struct fill *fill,
                 turret_qty replaced);
/* It had ended, and a fill proves that it works: it is watched as after a restart. */
void held_works_again(struct engine *engine, const struct order *order);
/* The order came to its end. */
void held_ended(struct engine *engine, struct order *order);

/* An exit of the strategy's position, of `most` of it, which goes at once or as soon as it may. */
void held_close(struct engine *engine, struct strategy *strategy, turret_instrument instrument,
                turret_qty most, const char *why);

/* ---- held_exits.c ---- */
/* Exits for what so much of the entry opened; a trail goes from `price`. */
void held_bracket(struct engine *engine, const struct order *entry, turret_qty filled,
                  turret_price price);
/* Neither set off nor at its venue. */
bool held_rests(const struct order *order);
/* Of an exit that rests. */
void held_enlarge(struct engine *engine, struct order *exit, turret_qty qty);
/* The other exit of the same bracket, also one that ended; NULL: there is none, or the other of its
   pair is an order of the strategy's own. */
struct order *held_partner(struct engine *engine, const struct order *exit);
/* What filled of one is taken off the other. */
void held_pair(struct engine *engine, struct order *order, turret_qty qty);
/* Also off what it is to close in all. Of one that ended nothing. */
void held_take_off(struct engine *engine, struct order *order, turret_qty qty, const char *why);
/* An exit ended: what it leaves open is told, and gets a new exit when the host took it back or the
   venue refused it. */
void held_exit_ended(struct engine *engine, struct order *order);
/* Exits without a position to reduce end, larger ones shrink. */
void held_fit_exits(struct engine *engine, uint32_t strategy, turret_instrument instrument);

/* ---- held_busts.c ---- */
/* So much of what this execution had filled is taken back: its strategy's position is booked. */
void held_taken_back(struct engine *engine, const struct fill *fill, turret_qty qty);

/* ---- unprotected.c ---- */
/* What of the position no stop closes, nor anything that closes at once. */
turret_qty held_unguarded(const struct engine *engine, const struct position *position);

/* ---- shared by the files of held ---- */
/* What every order has that the host places for a strategy, into `draft`. */
void held_draft(const struct engine *engine, struct order *draft, uint32_t strategy,
                turret_instrument instrument, const char *reason);
/* Puts it into the table, under an id of its own. NULL: the table is full, which is told. */
struct order *held_add(struct engine *engine, const struct order *draft);
void held_watch(struct engine *engine, const struct order *order);
/* When its end by time is to be asked for; from the order alone, so that a restart asks then. */
turret_time_ns held_expiry(const struct order *order);
void held_unwatch(struct engine *engine, const struct order *order);
/* The watched order with the next higher id; NULL behind the last. */
struct order *held_next(struct engine *engine, uint64_t after);
/* Also one that was set off, and what closes at once: a market order waits for no price. */
bool held_is_stop(const struct order *order);
/* A take-profit whose pair is due or at its venue: that one goes first. */
bool held_is_second(struct engine *engine, const struct order *order);
void held_send(struct engine *engine, struct order *order, const char *why);
void held_set_qty(struct engine *engine, struct order *order, turret_qty qty);
/* Whether a cancel is under way and the last news of it is from after its date: it ends EXPIRED. */
bool held_ran_out(const struct order *order);
/* It is due, and denied for what does not pass by itself. */
bool held_is_stuck(const struct order *order);
/* Risk said no at release: what passes by itself is waited for, true; else it is denied. */
bool held_denied(struct engine *engine, struct order *order, uint32_t denial);
/* The next part of an iceberg, or it waits or ends. */
void held_slice(struct engine *engine, struct order *parent);
void held_slice_ended(struct engine *engine, const struct order *slice);
/* It did not leave once more, which is told the first time. */
void held_count_try(struct engine *engine, struct order *order, const char *why);
void held_cancel_slices(struct engine *engine, const struct order *parent);
/* Cancels of its slices that were refused are said again, now and then. */
void held_cancel_again(struct engine *engine, struct order *parent);
/* From INIT: kept here from now on. */
void held_keep(struct engine *engine, struct order *order, uint32_t held, const char *why);
/* Less of a working order; nothing left: it is cancelled. */
void held_reduce(struct engine *engine, struct order *order, turret_qty qty, const char *why);

#endif
