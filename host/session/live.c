/* SPDX-License-Identifier: Apache-2.0 */
/* The turn of a live session: ingest, record, route; and how it ends. */
#include "session/live.h"

#include "io/clock.h"
#include "session/live_audit.h"
#include "session/live_state.h"
#include "session/live_unguarded.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- ingest ---- */

/* What a venue reports, and whatever else is no market event that makes sense. */
static void take_report(struct live *live, struct event *event)
{
    if (event->type == EVENT_DOWNLOAD && !event->u.download.done) {
        live_trading_arm(live, event->venue);
        live_reconcile_connected(live, event->venue);
    }
    if (event->type == EVENT_STREAM && event->u.stream.status == TURRET_STREAM_DOWNLOADING)
        live_reconcile_connected(live, event->venue);
    if (event->type == EVENT_STREAM && (event->u.stream.status == TURRET_STREAM_CONNECTING ||
                                        event->u.stream.status == TURRET_STREAM_STALE ||
                                        event->u.stream.status == TURRET_STREAM_DOWN))
        live_reconcile_lost(live, event->venue);
    if (event->type == EVENT_STREAM && event->u.stream.status == TURRET_STREAM_FINISHED)
        live->venue_finished[event->venue] = true;
    if ((event->type == EVENT_FILL || event->type == EVENT_BUST) &&
        !live_reconcile_take(live, event))
        return;
    engine_ingest(live->engine, event);
}

/* What was said inside feed() or a command. What a simulated venue makes there is not fed again. */
static void ingest_prompt(struct live *live)
{
    struct event event;
    while (venues_take_prompt(live->venues, &event))
        if (!live_known_refuses(live, &event))
            take_report(live, &event);
}

void live_warm_first(struct live *live, const struct event *event)
{
    turret_instrument id = event->u.bar.instrument;
    const struct assembly assembly = {
        .config = live->config, .registry = live->registry, .venues = live->venues};
    struct turret_error why = {0};
    turret_time_ns until = event->type == EVENT_BAR ? event->u.bar.time : event->time;
    if (engine_mark_time(live->engine, id) == 0 &&
        assemble_warm(&assembly, live->engine, id, until, &why))
        live_say(live, "turret: stored bars were not used to warm up: %s\n", why.text);
}

static void take_market(struct live *live, struct event *event)
{
    live_warm_first(live, event);
    venues_feed(live->venues, engine_venue_of(live->engine, event->u.bar.instrument), event);
    ingest_prompt(live);
    engine_ingest(live->engine, event);
}

/* Splits that the configuration knows happen before the first event at or after their time. */
static void split_first(struct live *live, const struct event *event)
{
    turret_instrument id = event->u.bar.instrument;
    const struct config_instrument *instrument = &live->config->instruments[id - 1];
    turret_time_ns since = engine_mark_time(live->engine, id);
    uint32_t i;
    for (i = 0; i < instrument->split_count; i++) {
        const struct config_split *split = &instrument->splits[i];
        struct event made;
        if (since == 0 || split->time <= since || split->time > event->time)
            continue;
        memset(&made, 0, sizeof made);
        made.type = EVENT_SPLIT;
        made.venue = event->venue;
        made.time = split->time;
        made.u.split.instrument = id;
        made.u.split.numerator = split->numerator;
        made.u.split.denominator = split->denominator;
        made.u.split.time = split->time;
        take_market(live, &made);
    }
}

void live_ingest(struct live *live, struct event *event)
{
    if (live_known_refuses(live, event))
        return;
    if (event->type >= EVENT_BAR && event->type <= EVENT_SPLIT &&
        engine_accepts(live->engine, event)) {
        split_first(live, event);
        take_market(live, event);
        return;
    }
    take_report(live, event);
}

/* A simulated venue has told only a part of what happens at this time. Its market goes on behind
 * the newest event's time, so here is no place to stop or to save. */
static bool mid_moment(const struct live *live)
{
    const struct event *next = venues_next(live->venues);
    return next && venues_simulated(live->venues, next->venue) &&
           next->time <= engine_now(live->engine);
}

bool live_have_batch(struct live *live)
{
    if (!live->batch)
        live->batch = writer_take_batch(live->writer);
    return live->batch && store_batch_room(live->batch) > LIVE_TURN_ROOM;
}

/* Simulated venues run in lockstep: while an order to one waits for the disk, time stands still. */
static void ingest(struct live *live)
{
    struct event event;
    uint32_t taken;
    for (taken = 0; taken < LIVE_TURN_EVENTS && !live->failed && live->simulated_waiting == 0 &&
                    (!live->stopping || mid_moment(live)) && live_have_batch(live) &&
                    venues_take(live->venues, &event);
         taken++) {
        live_ingest(live, &event);
        live_supervise(live);
        if (live_have_batch(live))
            live_swap_judge(live);
    }
    if (venues_waiting(live->venues) > 0 && live->simulated_waiting == 0 && live->batch)
        loop_wake(live->loop);
}

/* ---- record ---- */

static void record(struct live *live)
{
    uint32_t pending;
    bool full;
    live_audit_flush(live);
    if (!live->batch || store_batch_empty(live->batch))
        return;
    full = store_batch_room(live->batch) <= LIVE_TURN_ROOM ||
           live->reconcile.batch_fills >= LIVE_BATCH_FILLS;
    pending = writer_pending(live->writer);
    if (pending > (live->command_count > 0 ? 1u : 0u) && !full)
        return; /* the next commit takes more at once; and a disk that is stuck does not take all */
    if (live->rows_wanted)
        live_put_rows(live);
    writer_give_batch(live->writer, live->batch);
    live->batch = writer_take_batch(live->writer);
    live->reconcile.batch_fills = 0;
}

/* ---- route ---- */

bool live_kept_back(const struct command *command, uint32_t denial, struct event *event)
{
    static const char *const why[DENY_CODES] = {[DENY_DEADLINE] = "its deadline passed",
                                                [DENY_TRADING_STATE] = "trading was halted",
                                                [DENY_NOT_RECONCILED] = "venue not reconciled"};
    if (denial >= DENY_CODES || !why[denial])
        return false;
    memset(event, 0, sizeof *event);
    if (command->kind == COMMAND_SUBMIT) {
        event->type = EVENT_CONTROL;
        event->venue = EVENT_FROM_HOST;
        event->u.control.kind = CONTROL_KEPT_BACK;
        event->u.control.target = denial;
        event->u.control.value = (int64_t)command->order.order_id;
        (void)snprintf(event->u.control.text, sizeof event->u.control.text, "not sent: %s",
                       why[denial]);
    } else {
        event->type = EVENT_ACK;
        event->venue = (uint16_t)command->venue;
        event->u.ack.order_id = command->order.order_id;
        event->u.ack.kind = TURRET_REQUEST_MODIFY;
        event->u.ack.request = command->order.request;
        event->u.ack.outcome = TURRET_OUTCOME_REJECTED;
        (void)snprintf(event->u.ack.reason, sizeof event->u.ack.reason, "not sent: %s",
                       why[denial]);
    }
    return true;
}

/* It never leaves: proven not to have been sent. */
static void keep_back(struct live *live, const struct command *command, uint32_t denial)
{
    struct event event;
    if (live_kept_back(command, denial, &event))
        engine_ingest(live->engine, &event);
}

/*
 * Why an order or a change that passed risk, and waited for the disk, must not leave any more. Of
 * the real world two clocks say so: the venue's, as far as it is heard, and this machine's, which
 * goes on while the machine or the program stands still.
 */
static uint32_t held_by(const struct live *live, const struct live_command *waiting)
{
    const struct command *command = &waiting->command;
    bool late;
    if (live_trading_blocks(live, command))
        return DENY_TRADING_STATE;
    if (command->kind != COMMAND_SUBMIT && command->kind != COMMAND_MODIFY)
        return DENY_NONE;
    late = engine_now(live->engine) > command->order.deadline;
    if (!late && !venues_simulated(live->venues, command->venue))
        late = clock_boot_ns() > waiting->leave_by_ns;
    if (late)
        return DENY_DEADLINE;
    if (!engine_may_send(live->engine, command->order.order_id))
        return DENY_TRADING_STATE;
    return engine_venue_ready(live->engine, command->venue) ? DENY_NONE : DENY_NOT_RECONCILED;
}

bool live_keep_back(struct live *live, const struct command *command)
{
    if (!live_trading_blocks(live, command))
        return false;
    keep_back(live, command, DENY_TRADING_STATE);
    return true;
}

static void route(struct live *live)
{
    uint64_t durable = writer_durable_sequence(live->writer);
    while (live->command_count > 0 && !live->failed) {
        struct live_command next = live->commands[live->command_head];
        uint32_t denial;
        if (next.command.sequence > durable || !live_have_batch(live))
            return;
        live->command_head = (live->command_head + 1) % LIVE_COMMANDS;
        live->command_count--;
        live->simulated_waiting -= venues_simulated(live->venues, next.command.venue);
        denial = held_by(live, &next);
        if (denial)
            keep_back(live, &next.command, denial);
        else if (next.command.kind == COMMAND_QUERY && live->asks &&
                 !venues_simulated(live->venues, next.command.venue))
            live_ask_wanted(live, &next.command);
        else
            venues_command(live->venues, &next.command);
        ingest_prompt(live);
        live_supervise(live);
    }
}

/* When no command is under way. A batch without room for it is tried again. */
static void snapshot(struct live *live)
{
    bool due = engine_sequence(live->engine) - live->snapshot_sequence > LIVE_SNAPSHOT_EVENTS ||
               live->snapshot_wanted;
    if (due && live->command_count == 0 && !mid_moment(live) && !live_swap_busy(live) &&
        live_have_batch(live) && store_batch_room(live->batch) > LIVE_BATCH_BYTES - LIVE_TURN_ROOM)
        live->snapshot_wanted = live_snapshot(live, live->batch, NULL) != TURRET_OK;
}

/* ---- the turn ---- */

static bool feeds_ended(const struct live *live)
{
    uint32_t i;
    for (i = 1; i <= engine_instrument_count(live->engine); i++)
        if (!live->venue_finished[engine_feed_of(live->engine, i)])
            return false;
    return true;
}

static void check_end(struct live *live)
{
    bool recorded = live->command_count == 0 && writer_pending(live->writer) == 0 &&
                    (!live->batch || store_batch_empty(live->batch));
    if (live->failed)
        loop_stop(live->loop);
    else if (recorded && !live->stopping && venues_waiting(live->venues) == 0 && feeds_ended(live))
        live->stopping = true;
    /* what still waits will be said again at the next start */
    if (recorded && live->stopping && !mid_moment(live))
        loop_stop(live->loop);
}

/* What a person decided while the store was behind. */
static void take_controls(struct live *live)
{
    uint32_t i;
    if (live->control_count == 0 || !live_have_batch(live))
        return;
    for (i = 0; i < live->control_count; i++)
        engine_ingest(live->engine, &live->controls[i]);
    live->control_count = 0;
    live->runners_changed = true; /* some may have begun anew; not before all are taken */
    live_supervise(live);
}

void live_turn(void *context)
{
    struct live *live = context;
    uint32_t changed;
    if (!live->writer)
        return;
    if (writer_failed(live->writer, &live->failure))
        live->failed = live->failure.code;
    live_trading_turn(live);
    take_controls(live);
    live_reconcile_turn(live);
    live_streams_turn(live);
    live_supervise(live);
    /* strategies are named by index in decisions: those come first */
    if (live->reload_cause && live->control_count == 0 && live_have_batch(live)) {
        const char *cause = live->reload_cause;
        live->reload_cause = NULL;
        live_swap_take_rollbacks(live); /* builds and strategies as they are now */
        (void)live_reload(live, cause, live->options.messages ? live->options.messages : stderr,
                          &changed, NULL);
    }
    if (!live->stopping || live->command_count > 0)
        route(live);
    if (!live->failed && live_have_batch(live))
        live_swap_judge(live); /* of a session that stops, too */
    if (!live->stopping && !live->failed && live_have_batch(live))
        live_swap_turn(live);
    if (!live->stopping && !live->failed)
        snapshot(live);
    if (!live->failed)
        ingest(live);
    record(live);
    check_end(live);
}

int live_control_event(struct live *live, uint32_t kind, uint32_t target, int64_t value,
                       const char *text)
{
    struct event *event = &live->controls[live->control_count];
    if (live->control_count >= LIVE_CONTROLS)
        return TURRET_ELIMIT;
    memset(event, 0, sizeof *event);
    event->type = EVENT_CONTROL;
    event->venue = EVENT_FROM_HOST;
    event->u.control.kind = kind;
    event->u.control.target = target;
    event->u.control.value = value;
    (void)snprintf(event->u.control.text, sizeof event->u.control.text, "%s", text);
    live->control_count++;
    loop_wake(live->loop);
    return TURRET_OK;
}

/* ---- running ---- */

static void on_signal(void *context, int signal_number)
{
    struct live *live = context;
    if (signal_number == SIGHUP) {
        live->reload_cause = "SIGHUP";
        return;
    }
    if (live->stopping) /* asked twice: do not wait for the disk */
        loop_stop(live->loop);
    live_stop(live);
}

/* Values move with every price: rows that people read follow once a second. */
static void refresh_rows(struct live *live)
{
    if ((live->rows_wanted || engine_sequence(live->engine) != live->rows_sequence) &&
        live_have_batch(live))
        live_put_rows(live);
}

int live_watch_signals(struct live *live)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    size_t i;
    int status = TURRET_OK;
    for (i = 0; !status && i < sizeof signals / sizeof *signals; i++)
        status = loop_signal(live->loop, signals[i], on_signal, live);
    return status;
}

static void on_second(void *context)
{
    struct live *live = context;
    if (live->denials_told > LIVE_DENIALS_TOLD)
        live_say(live, "turret: denied: and %llu more in this second\n",
                 (unsigned long long)(live->denials_told - LIVE_DENIALS_TOLD));
    live->denials_told = 0;
    refresh_rows(live);
    live_audit_second(live);
    live_config_second(live);
    if (live->options.tick)
        live->options.tick(live->options.context, live);
    loop_timer_set(live->second, 1000000000);
}

static void on_time_over(void *context)
{
    live_stop(context);
}

static void on_query(void *context)
{
    struct live *live = context;
    live_ask_round(live);
    live_reconcile_round(live);
    live_unknown_round(live);
    loop_timer_set(live->query, LIVE_UNKNOWN_QUERY_NS);
}

int live_run(struct live *live, struct turret_error *err)
{
    if (loop_timer_create(live->loop, &live->second, on_second, live) ||
        loop_timer_create(live->loop, &live->query, on_query, live) ||
        loop_timer_create(live->loop, &live->time_over, on_time_over, live) || live_ask_open(live))
        return turret_fail(err, TURRET_ENOMEM, "no memory for timers and questions");
    loop_timer_set(live->second, live->options.tick ? 0 : 1000000000);
    loop_timer_set(live->query, LIVE_UNKNOWN_QUERY_NS);
    if (live->options.run_seconds)
        loop_timer_set(live->time_over, live->options.run_seconds * INT64_C(1000000000));
    live->started_ns = clock_monotonic_ns();
    loop_run(live->loop);
    live_say_left(live);
    if (live->failed)
        return turret_fail(err, live->failed, "%s", live->failure.text);
    return TURRET_OK;
}

void live_stop(struct live *live)
{
    live->stopping = true;
    loop_wake(live->loop);
}

/* The last commit. What was not carried out needs the journal at the next start, not a snapshot. */
static int save(struct live *live, struct turret_error *err)
{
    int status = TURRET_OK, committed;
    store_batch_clear(live->opening);
    live->batch = live->opening;
    if (live->command_count == 0)
        status = live_snapshot(live, live->batch, err);
    live_audit_session(live, "ended");
    committed = store_commit(live->store, live->batch, err);
    return status ? status : committed;
}

int live_close(struct live *live, struct turret_error *err)
{
    int status = TURRET_OK;
    uint32_t i;
    if (!live)
        return TURRET_OK;
    control_close(live->control);
    live_swap_close(live);
    if (live->writer) {
        if (live->batch && !store_batch_empty(live->batch)) {
            if (live->rows_wanted)
                live_put_rows(live);
            writer_give_batch(live->writer, live->batch);
        }
        writer_stop(live->writer);
        if (!live->failed)
            status = save(live, err);
    }
    engine_destroy(live->engine, TURRET_REASON_SHUTDOWN);
    live_running_close(live);
    live_trading_close(live);
    venues_close(live->venues);
    loop_destroy(live->loop);
    live_free_losses(live);
    live_ask_close(live);
    if (live->inotify >= 0)
        (void)close(live->inotify);
    store_batch_destroy(live->opening);
    live_copies_close(live);
    store_batch_destroy(live->audits);
    registry_destroy(live->registry);
    store_close(live->store);
    for (i = 0; i < live->retired_count; i++)
        config_destroy(live->retired[i]);
    config_destroy(live->config);
    free(live->retired);
    free(live->commands);
    free(live->awaiting);
    free(live->controls);
    free(live->blob);
    free(live);
    return status;
}

const struct live_recovery *live_recovery(const struct live *live)
{
    return &live->recovery;
}
