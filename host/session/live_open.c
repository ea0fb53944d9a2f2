/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a live session: store, plugins, what a former daemon left, a changed configuration, and
 * only then the venues of the real world. What is written here is committed before anything else.
 */
#include "session/live_audit.h"
#include "session/live_state.h"
#include "session/live_status.h"
#include "session/live_unguarded.h"
#include "session/services.h"
#include "session/subscribe.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static void on_log(void *context, uint32_t level, const char *text)
{
    struct live *live = context;
    if (level <= TURRET_LOG_NOTICE && !live->replaying)
        live_say(live, "turret: %s\n", text);
}

int live_assemble(struct live *live, const struct live_saved *saved, uint32_t reason,
                  struct turret_error *err)
{
    const struct venues_log log = {live, on_log};
    const struct sink sink = live_sink(live);
    struct assembly assembly = {.config = live->config,
                                .registry = live->registry,
                                .messages = live->options.messages,
                                .reason = reason,
                                .recorded = live->replaying,
                                .losses = live->losses,
                                .loss_count = live->loss_count,
                                .calling = live_running_calling(live)};
    turret_time_ns now = 0;
    int status;
    if (reason == TURRET_REASON_RESTART)
        assembly.before = live->config;
    else if (reason == TURRET_REASON_PARAMS && live->retired_count > 0)
        assembly.before = live->retired[live->retired_count - 1];
    if (saved) {
        assembly.snapshot = saved->engine;
        assembly.snapshot_bytes = saved->engine_bytes;
        now = engine_snapshot_time(saved->engine, saved->engine_bytes);
    }
    status = venues_open(&live->venues, live->config, live->registry, now, reason, &log,
                         live->options.messages, err);
    if (status)
        return status;
    assembly.venues = live->venues;
    live_running_name(live, live->config);
    status = assemble_engine(&assembly, &sink, &live->engine, err);
    if (!status && saved)
        status = live_import_venues(live, saved, err);
    if (status && live->engine && reason == TURRET_REASON_RESTART && status != TURRET_ENOMEM)
        status = TURRET_ECORRUPT; /* as assemble_engine() does it */
    return status;
}

static int commit(struct live *live, struct turret_error *err)
{
    int status = TURRET_OK;
    if (!store_batch_empty(live->batch))
        status = store_commit(live->store, live->batch, err);
    store_batch_clear(live->batch);
    return status;
}

/* Answers and commands that the former daemon did not get to. */
static int drain(struct live *live, struct turret_error *err)
{
    struct event event;
    int status = TURRET_OK;
    while (!status) {
        while (venues_take(live->venues, &event))
            live_ingest(live, &event);
        status = commit(live, err);
        if (status || live->command_count == 0)
            return status;
        while (live->command_count > 0) {
            struct command command = live->commands[live->command_head].command;
            live->command_head = (live->command_head + 1) % LIVE_COMMANDS;
            live->command_count--;
            live->simulated_waiting -= venues_simulated(live->venues, command.venue);
            if (!live_keep_back(live, &command))
                venues_command(live->venues, &command);
        }
    }
    return status;
}

int live_leave(struct live *live, struct config *config, struct live_saved *saved,
               struct turret_error *err)
{
    int status = live_pack(live, saved, err);
    if (status)
        return status;
    live_swap_abandon(live);
    live_put_disowned(live, config);
    engine_destroy(live->engine, TURRET_REASON_PARAMS);
    venues_close(live->venues);
    live->engine = NULL;
    live->venues = NULL;
    live_retire_config(live);
    live->config = config;
    return TURRET_OK;
}

int live_change(struct live *live, struct config *config, struct turret_error *err)
{
    struct live_saved saved;
    int status = live_leave(live, config, &saved, err);
    return status ? status : live_assemble(live, &saved, TURRET_REASON_PARAMS, err);
}

/* The file's configuration takes over from the one the store remembers. */
static int take_config(struct live *live, struct config *wanted, struct turret_error *err)
{
    const struct config *before;
    int status;
    if (!memcmp(live->config->hash, wanted->hash, sizeof wanted->hash)) {
        config_destroy(wanted);
        return TURRET_OK;
    }
    if (live->options.store)
        (void)snprintf(live->config->store, sizeof live->config->store, "%s", live->options.store);
    before = live->config; /* kept until the end */
    status = live_change(live, wanted, err);
    if (!status)
        status = live_store_config(live, before, "changed while stopped", err);
    if (!status)
        live_say(
            live,
            "turret: the configuration was changed while stopped: it is version %llu from here "
            "on; turret config history says what changed\n",
            (unsigned long long)live->config_version);
    return status;
}

static void say_unarmed(struct live *live)
{
    char what[300];
    uint32_t i;
    for (i = 0; i < live->config->venue_count; i++)
        if (venues_unarmed(live->venues, i, what, sizeof what))
            live_say(live, "turret: %s\n", what);
}

static int begin_session(struct live *live, struct turret_error *err)
{
    struct event event;
    if (engine_epoch(live->engine) + 1 >= ORDER_EPOCH_END)
        return turret_fail(
            err, TURRET_ELIMIT,
            "store %s has seen %u starts: no order id is left; use another store and "
            "another account",
            live->store_path, engine_epoch(live->engine));
    memset(&event, 0, sizeof event);
    event.type = EVENT_SESSION;
    live_swap_abandon(live);
    event.venue = EVENT_FROM_HOST;
    event.u.session.epoch = engine_epoch(live->engine) + 1;
    if (event.u.session.epoch <= live->options.known_order >> 32)
        event.u.session.epoch = (uint32_t)(live->options.known_order >> 32) + 1;
    event.u.session.mode = (uint32_t)live->config->mode;
    memcpy(event.u.session.config_hash, live->config->hash, sizeof event.u.session.config_hash);
    engine_ingest(live->engine, &event);
    return TURRET_OK;
}

static int start_engine(struct live *live, struct config *wanted, struct turret_error *err)
{
    struct store_journal_head head;
    struct assembly assembly;
    int status = store_journal_head(live->store, &head, err);
    if (status)
        return status;
    if (head.last == 0) {
        live->config = wanted;
        status = live_refuse_blocked(live, wanted, false, err);
        if (!status)
            status = live_assemble(live, NULL, TURRET_REASON_FIRST, err);
        if (!status)
            status = live_store_config(live, NULL, "first start", err);
    } else {
        status = live_recover(live, err);
        if (!status) {
            live_running_judge(live);
            status = drain(live, err);
        }
        if (!status)
            status = live_refuse_blocked(live, wanted, false, err);
        if (status)
            config_destroy(wanted);
        else
            status = take_config(live, wanted, err);
    }
    if (status)
        return status;
    /* before the first commit: a refused start leaves nothing behind */
    status =
        subscribe_config(live->venues, live->config, live->registry, live->options.messages, err);
    if (!status)
        status = live_refuse_blocked(live, live->config, false, err); /* its indicators too */
    if (status)
        return status;
    status = begin_session(live, err);
    if (status)
        return status;
    say_unarmed(live);
    venues_warn_real(live->venues, live->options.messages);
    venues_warn_preset(live->venues, live->config, live->options.messages);
    venues_warn_unfunded(live->venues, live->options.messages);
    live_stops_say(live);
    live_protective_say(live);
    live_running_trust(live);
    if (live_record_instances(live))
        return turret_fail(err, TURRET_ENOMEM, "no room for the rows of the strategies");
    live->runners_changed = true;
    assembly = (struct assembly){
        .config = live->config, .registry = live->registry, .venues = live->venues};
    assemble_cash(&assembly, live->engine, engine_now(live->engine));
    status = assemble_warm(&assembly, live->engine, 0, engine_now(live->engine), err);
    if (!status)
        status = live_snapshot(live, live->batch, err);
    if (!status) /* behind the snapshot, which does not hold the cancels that a kill asks for */
        status = live_trading_begin(live, err);
    live_audit_session(live, "started");
    return status ? status : commit(live, err);
}

static void on_durable(void *context)
{
    loop_wake(context);
}

static int open_store(struct live *live, struct config *config, struct turret_error *err)
{
    char private_dir[CONFIG_PATH_MAX + 16];
    int status = store_open(&live->store, config->store, STORE_CREATE | STORE_EXCLUSIVE, err);
    if (status)
        return status;
    live_copies_open(live);
    (void)snprintf(private_dir, sizeof private_dir, "%s/plugins", config->store);
    status = live_audit_open(live, config, err);
    if (!status)
        status = live_trading_open(live, err);
    if (!status)
        status = live_running_open(live, err);
    if (!status)
        status =
            assemble_plugins(config, private_dir, &live->registry, live->options.messages, err);
    if (!status) {
        live_pass_blocked(live);
        status = services_offer_store(live->registry, live->store, err);
    }
    if (!status)
        status = services_offer_loop(live->registry, live->loop, err);
    if (!status)
        status = store_batch_create(&live->opening, LIVE_BATCH_BYTES, err);
    live->batch = live->opening;
    return status;
}

static int check_mode(const struct live_options *options, const struct config *config,
                      struct turret_error *err)
{
    if (config->mode == CONFIG_BACKTEST)
        return turret_fail(
            err, TURRET_EINVAL,
            "%.200s says mode: backtest, which turret backtest runs; turret run takes "
            "mode: paper or live",
            options->config_path);
    if (options->paper_only && config->mode == CONFIG_LIVE)
        return turret_fail(err, TURRET_EINVAL,
                           "%.200s says mode: live, which turret run trades; a paper session takes "
                           "mode: paper",
                           options->config_path);
    return TURRET_OK;
}

int live_open(struct live **out, const struct live_options *options, struct turret_error *err)
{
    struct live *live = calloc(1, sizeof *live);
    struct config *config = NULL;
    int status;
    *out = live;
    if (!live)
        return turret_fail(err, TURRET_ENOMEM, "no memory for a session");
    /* Large arrays then stay on pages of their own, which cost nothing until they are used. */
    (void)mallopt(M_MMAP_THRESHOLD, LIVE_OWN_PAGES_BYTES);
    live->options = *options;
    live->inotify = live->swaps.watch = -1;
    live->commands = calloc(LIVE_COMMANDS, sizeof *live->commands);
    live->awaiting = calloc(VENUE_PROMPT, sizeof *live->awaiting);
    live->controls = calloc(LIVE_CONTROLS, sizeof *live->controls);
    if (!live->commands || !live->awaiting || !live->controls)
        return turret_fail(err, TURRET_ENOMEM, "no memory for commands");
    status = config_load(options->config_path, &config, options->messages, err);
    if (!status)
        status = check_mode(options, config, err);
    if (status) {
        config_destroy(config);
        return status;
    }
    if (options->store)
        (void)snprintf(config->store, sizeof config->store, "%s", options->store);
    (void)snprintf(live->store_path, sizeof live->store_path, "%s", config->store);
    status = loop_create(&live->loop, live_turn, live, err);
    if (!status)
        status = live_watch_signals(live);
    if (!status)
        status = open_store(live, config, err);
    if (status) {
        config_destroy(config);
        return status;
    }
    live_known_open(live);
    status = assemble_check(config, live->registry, options->messages, err);
    if (status) {
        config_destroy(config);
        return status;
    }
    status = start_engine(live, config, err);
    live->batch = NULL;
    if (!status)
        status = writer_start(&live->writer, live->store, LIVE_BATCHES, LIVE_BATCH_BYTES,
                              on_durable, live->loop, err);
    if (!status)
        status = control_open(&live->control, live->loop, live->store_path, live_answer, live, err);
    if (!status && options->watch_config)
        status = live_watch_config(live, err);
    if (!status)
        live_copies_collect(live);
    if (!status)
        status = live_swap_open(live, err);
    if (!status && live->config->swap.watch)
        status = live_watch_plugins(live, err);
    if (!status) {
        live_swap_catch_up(live);
        live->batch = writer_take_batch(live->writer);
        status = venues_connect(live->venues, engine_now(live->engine), err);
    }
    (void)malloc_trim(0); /* what only the start needed goes back to the system */
    return status;
}
