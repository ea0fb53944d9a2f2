/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves the core in a live session: records and rows into the batch, commands into a queue.
 */
#include "session/live_state.h"

#include "io/clock.h"
#include "session/live_audit.h"
#include "session/rows.h"
#include "session/trading_rows.h"

#include <stdarg.h>
#include <string.h>

void live_say(struct live *live, const char *format, ...)
{
    va_list args;
    if (!live->options.messages)
        return;
    va_start(args, format);
    (void)vfprintf(live->options.messages, format, args);
    va_end(args);
    (void)fflush(live->options.messages);
}

/* The batch is sized so that a turn always fits; if not, stop rather than lose a record. */
static void put_failed(struct live *live, const char *what)
{
    if (!live->failed)
        live->failed = turret_fail(&live->failure, TURRET_EFULL,
                                   "a turn's %s did not fit its batch; trading stops", what);
}

static struct store_batch *batch_of(struct live *live)
{
    return live->replaying ? NULL : live->batch;
}

/* Who owns what changes in the same transaction as the step itself. */
static void record_swap(struct live *live, const struct event *event)
{
    struct live_swaps *swaps = &live->swaps;
    if (live_swap_record(live, event))
        put_failed(live, "change of code");
    if (!swaps->stepping && swaps->rolled_back_count < LIVE_SWAP_ROLLED)
        swaps->rolled_back[swaps->rolled_back_count++] = event->u.swap;
}

static void on_journal(void *context, const struct event *event)
{
    struct live *live = context;
    struct store_batch *batch = batch_of(live);
    uint8_t payload[sizeof *event];
    struct store_record record = {event->sequence,
                                  event->time,
                                  event->type,
                                  EVENT_VERSION,
                                  8 + event_payload_size(event->type),
                                  payload};
    if (!batch)
        return;
    memset(payload, 0, 8);
    memcpy(payload, &event->venue, sizeof event->venue);
    memcpy(payload + 4, &event->behind_s, sizeof event->behind_s);
    memcpy(payload + 8, &event->u, event_payload_size(event->type));
    if (store_batch_record(batch, &record))
        put_failed(live, "journal record");
    if (event->type == EVENT_SWAP)
        record_swap(live, event);
    if (event->type == EVENT_STREAM)
        live_streams_hear(live, event);
    if (event->type == EVENT_CONTROL)
        live_audit_decision(live, event);
}

static void on_order(void *context, const struct order *order)
{
    struct live *live = context;
    live_known_made(live, order);
    if (batch_of(live) && rows_put_order(live->batch, live->engine, order))
        put_failed(live, "order");
}

static void on_fill(void *context, const struct fill *fill)
{
    struct live *live = context;
    if (batch_of(live) && rows_put_fill(live->batch, live->engine, fill))
        put_failed(live, "fill");
    live->reconcile.batch_fills++;
}

static void on_difference(void *context, const struct difference *difference)
{
    struct live *live = context;
    if (batch_of(live) && rows_put_difference(live->batch, live->engine, difference))
        put_failed(live, "difference");
}

/* Rows of positions and accounts are written together: one alone would be valued at a newer mark
   than the others, and they would not add up. */
static void on_position(void *context, const struct position *position)
{
    struct live *live = context;
    (void)position;
    live->rows_wanted = true;
}

static void on_cash(void *context, const struct account *account)
{
    struct live *live = context;
    (void)account;
    live->rows_wanted = true;
}

void live_put_rows(struct live *live)
{
    uint32_t positions = engine_position_count(live->engine);
    uint32_t accounts = engine_account_count(live->engine);
    uint32_t i;
    int status = TURRET_OK;
    if (store_batch_room(live->batch) < (size_t)(positions + accounts) * LIVE_ROW_ROOM)
        return; /* wanted still: the next batch has room */
    live->rows_wanted = false;
    live->rows_sequence = engine_sequence(live->engine);
    for (i = 0; !status && i < positions; i++)
        status = rows_put_position(live->batch, live->engine, engine_position(live->engine, i));
    for (i = 0; !status && i < accounts; i++)
        status = rows_put_account(live->batch, live->engine, engine_account(live->engine, i));
    if (status)
        put_failed(live, "positions");
}

static bool disowns(const struct config *config, const char *name)
{
    uint32_t i = 0;
    while (i < config->disowned_count && strcmp(config->disowned[i], name) != 0)
        i++;
    return i < config->disowned_count;
}

void live_put_disowned(struct live *live, const struct config *next)
{
    uint32_t i;
    for (i = 0; batch_of(live) && i < engine_position_count(live->engine); i++) {
        struct position row = *engine_position(live->engine, i);
        if (row.strategy == POSITION_OF_ACCOUNT || row.qty == 0 ||
            !disowns(next, engine_strategy_name(live->engine, row.strategy)))
            continue;
        row.qty = 0;
        row.cost = row.value = 0;
        if (rows_put_position(live->batch, live->engine, &row))
            put_failed(live, "positions");
    }
}

static void on_command(void *context, const struct command *command)
{
    struct live *live = context;
    bool simulated = venues_simulated(live->venues, command->venue);
    int64_t left_ns;
    if (live->replaying && !simulated)
        return; /* carried out, or not, before: reconciling finds out */
    if (live->command_count >= LIVE_COMMANDS) {
        if (!live->failed)
            live->failed = turret_fail(&live->failure, TURRET_ELIMIT,
                                       "more than %d commands wait for the disk; trading stops",
                                       LIVE_COMMANDS);
        return;
    }
    left_ns = command->order.deadline - engine_now(live->engine);
    if (command->kind != COMMAND_SUBMIT && command->kind != COMMAND_MODIFY)
        left_ns = LIVE_LEAVE_NS;
    live->commands[(live->command_head + live->command_count++) % LIVE_COMMANDS] =
        (struct live_command){*command, clock_boot_ns() + left_ns};
    live->simulated_waiting += simulated;
}

static void on_denied(void *context, const struct order *order, uint32_t denial)
{
    live_audit_denial(context, order, denial);
}

static void on_notice(void *context, enum notice_kind kind, uint32_t strategy, const char *text)
{
    struct live *live = context;
    static const char *const names[] = {
        [NOTICE_LOG] = "log",        [NOTICE_DENIED] = "denied",   [NOTICE_FAULT] = "fault",
        [NOTICE_ALARM] = "alarm",    [NOTICE_DROPPED] = "dropped", [NOTICE_SHADOW] = "shadow",
        [NOTICE_DIVERGED] = "replay"};
    (void)strategy;
    live->runners_changed = live->runners_changed || kind == NOTICE_FAULT;
    if (live->replaying && kind != NOTICE_DIVERGED)
        return;
    if (kind == NOTICE_DENIED && ++live->denials_told > LIVE_DENIALS_TOLD)
        return; /* counted; told in one line when the second is over */
    if (kind == NOTICE_DROPPED && ++live->dropped > LIVE_DROPPED_TOLD) {
        if (live->dropped == LIVE_DROPPED_TOLD + 1)
            live_say(live, "turret: further dropped events are counted, not told\n");
        return;
    }
    if (kind == NOTICE_SHADOW)
        live_audit_shadow(live, text);
    live_say(live, "turret: %s: %s\n", names[kind], text);
}

static void on_trading(void *context)
{
    struct live *live = context;
    if (batch_of(live) && trading_rows_put(live->batch, live->engine))
        put_failed(live, "trading states");
}

struct sink live_sink(struct live *live)
{
    return (struct sink){.context = live,
                         .journal = on_journal,
                         .order = on_order,
                         .fill = on_fill,
                         .position = on_position,
                         .cash = on_cash,
                         .command = on_command,
                         .denied = on_denied,
                         .notice = on_notice,
                         .difference = on_difference,
                         .trading = on_trading};
}
