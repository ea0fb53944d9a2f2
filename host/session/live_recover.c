/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a former daemon left: the newest snapshot, then every journal record after it through the
 * same core. Strategies run again so that their state is right, but the journal's intents are the
 * ones applied. Simulated venues are taken along in lockstep; what they say is compared.
 */
#include "session/live_state.h"

#include <stdlib.h>
#include <string.h>

static struct command take_command(struct live *live)
{
    struct command command = live->commands[live->command_head].command;
    live->command_head = (live->command_head + 1) % LIVE_COMMANDS;
    live->command_count--;
    live->simulated_waiting--;
    return command;
}

/*
 * The oldest command to a simulated venue. It is carried out when the journal shows that it was:
 * before an answer that only it can have caused, or where time did not go on without it. Until then
 * the record that it was kept back may still come.
 */
static void carry_out_next(struct live *live)
{
    struct command command = take_command(live);
    venues_command(live->venues, &command);
}

static void carry_out(struct live *live)
{
    while (live->command_count > 0)
        carry_out_next(live);
}

static bool is_kept_back(const struct command *command, const struct event *event)
{
    struct event kept;
    uint32_t denial;
    for (denial = 0; denial < DENY_CODES; denial++)
        if (live_kept_back(command, denial, &kept) && kept.type == event->type &&
            !memcmp(&kept.u, &event->u, event_payload_size(event->type)))
            return true;
    return false;
}

/* True: it says that one of the commands never left. Those before it had left by then. */
static bool drop_kept_back(struct live *live, const struct event *event)
{
    bool change = event->type == EVENT_ACK && event->u.ack.kind == TURRET_REQUEST_MODIFY;
    bool submit = event->type == EVENT_CONTROL && event->u.control.kind == CONTROL_KEPT_BACK;
    uint64_t id = change ? event->u.ack.order_id : (uint64_t)event->u.control.value;
    uint32_t before = 0;
    if (!change && !submit)
        return false;
    for (; before < live->command_count; before++) {
        const struct command *command =
            &live->commands[(live->command_head + before) % LIVE_COMMANDS].command;
        if (command->order.order_id == id &&
            command->kind == (change ? COMMAND_MODIFY : COMMAND_SUBMIT) &&
            is_kept_back(command, event))
            break;
    }
    if (before == live->command_count)
        return false;
    for (; before > 0; before--)
        carry_out_next(live);
    (void)take_command(live);
    return true;
}

/*
 * What a simulated venue said then (awaiting, in the journal) and says now (prompt) must be the
 * same, in the same order. Of a market event's answers the journal has the answers first.
 */
static void compare_reports(struct live *live)
{
    struct event again;
    while (live->awaiting_count > 0 && venues_take_prompt(live->venues, &again)) {
        const struct event *then = &live->awaiting[live->awaiting_head];
        if (again.type != then->type || again.venue != then->venue ||
            memcmp(&again.u, &then->u, event_payload_size(then->type)) != 0)
            live->recovery.report_mismatches++;
        live->awaiting_head = (live->awaiting_head + 1) % VENUE_PROMPT;
        live->awaiting_count--;
    }
}

/*
 * It answers the oldest commands, or, when those have no answer, the market event that comes next;
 * what the answers to that one caused came behind its feed.
 */
static void await_report(struct live *live, const struct event *event)
{
    bool of_market = live->awaiting_count > 0;
    if (!venues_simulated(live->venues, event->venue) || event->type == EVENT_STREAM ||
        event->type == EVENT_DOWNLOAD || event->type == EVENT_POSITION ||
        event->type == EVENT_BALANCE || (event->type == EVENT_ORDER && event->u.order.snapshot))
        return; /* said when connecting, or not simulated */
    if (live->awaiting_count < VENUE_PROMPT)
        live->awaiting[(live->awaiting_head + live->awaiting_count++) % VENUE_PROMPT] = *event;
    else
        live->recovery.report_mismatches++;
    compare_reports(live);
    while (!of_market && live->awaiting_count > 0 && live->command_count > 0) {
        carry_out_next(live);
        compare_reports(live);
    }
}

uint64_t live_replay_end(struct live *live)
{
    compare_reports(live);
    live->recovery.report_mismatches += live->awaiting_count;
    live->awaiting_count = 0;
    return live->recovery.report_mismatches;
}

/* What venues say when they are connected is in the journal: here it only wakes the simulated ones.
 */
int live_replay_connect(struct live *live, struct turret_error *err)
{
    int status = venues_connect_simulated(live->venues, engine_now(live->engine), err);
    venues_discard(live->venues);
    return status;
}

static bool is_market(uint16_t type)
{
    return type >= EVENT_BAR && type <= EVENT_SPLIT;
}

static int apply_config(struct replay *replay, const struct event *event)
{
    struct config *config;
    int status;
    if (event->u.config.version == replay->live->config_version)
        return TURRET_OK;
    status = live_load_config(replay->live->store, event->u.config.version, &config, replay->err);
    if (status)
        return status;
    replay->live->config_version = event->u.config.version;
    if (live_check_reloadable(replay->live->config, config, NULL) == TURRET_OK) {
        status = live_switch(replay->live, config, NULL, replay->err); /* the venues went on */
        if (status)
            config_destroy(config);
        return status;
    }
    carry_out(replay->live); /* the start before it did */
    status = replay->change(replay->live, config, replay->err);
    return status ? status : live_replay_connect(replay->live, replay->err);
}

static int replay_event(struct replay *replay, struct event *event)
{
    struct live *live = replay->live;
    bool kept_back = drop_kept_back(live, event);
    if (is_market(event->type)) {
        uint32_t venue = engine_venue_of(live->engine, event->u.bar.instrument);
        uint32_t feed = engine_feed_of(live->engine, event->u.bar.instrument);
        if (live->awaiting_count == 0)
            carry_out(live);
        live_warm_first(live, event);
        venues_feed(live->venues, venue, event);
        if (feed != venue) /* so that it knows how far it came */
            venues_feed(live->venues, feed, event);
        compare_reports(live);
    } else if (event->type >= EVENT_STREAM && event->type <= EVENT_GAP) {
        if (!kept_back)
            await_report(live, event);
    } else if (event->type == EVENT_SESSION) {
        int status;
        carry_out(live);
        status = live_replay_connect(live, replay->err);
        if (status)
            return status;
        live_swap_abandon(live);
    }
    if (event->type == EVENT_SWAP && event->u.swap.kind == TURRET_KIND_BROKER)
        carry_out(live); /* a venue changes builds only when nothing waits for it */
    if (event->type == EVENT_SWAP)
        return live_swap_step(live, event, replay->err);
    engine_ingest(live->engine, event);
    return event->type == EVENT_CONFIG ? apply_config(replay, event) : TURRET_OK;
}

int live_replay_record(struct replay *replay, const struct store_record *record)
{
    struct event *event = &replay->live->expected;
    uint64_t wanted = record->sequence;
    memset(event, 0, sizeof *event);
    if (record->version != EVENT_VERSION ||
        record->size_bytes != 8 + event_payload_size(record->type))
        return replay->status = turret_fail(
                   replay->err, TURRET_EVERSION,
                   "journal record %llu of type %u, version %u is not this host's; use the turret "
                   "that wrote it",
                   (unsigned long long)wanted, record->type, record->version);
    event->time = record->time;
    event->type = record->type;
    memcpy(&event->venue, record->payload, sizeof event->venue);
    memcpy(&event->behind_s, (const uint8_t *)record->payload + 4, sizeof event->behind_s);
    memcpy(&event->u, (const uint8_t *)record->payload + 8, record->size_bytes - 8);
    replay->status = replay_event(replay, event);
    if (!replay->status && engine_sequence(replay->live->engine) != wanted)
        replay->status = turret_fail(
            replay->err, TURRET_ECORRUPT, "replaying record %llu led to sequence %llu",
            (unsigned long long)wanted, (unsigned long long)engine_sequence(replay->live->engine));
    replay->live->recovery.replayed++;
    return replay->status;
}

static int on_record(void *context, const struct store_record *record)
{
    return live_replay_record(context, record);
}

/* Engine and venues as the snapshot has them, under the configuration that wrote it. */
static int take_up(struct live *live, const struct live_saved *saved, struct turret_error *err)
{
    int status;
    config_destroy(live->config);
    live->config = NULL;
    status = live_load_config(live->store, saved->config_version, &live->config, err);
    if (status)
        return status == TURRET_ENOTFOUND ? TURRET_ECORRUPT : status;
    live->config_version = saved->config_version;
    status = live_recall_builds(live, saved->sequence, err);
    if (!status)
        status = live_read_losses(live, saved->sequence + 1, err);
    return status ? status : live_assemble(live, saved, TURRET_REASON_RESTART, err);
}

static void put_down(struct live *live)
{
    engine_destroy(live->engine, TURRET_REASON_SHUTDOWN);
    venues_close(live->venues);
    live->engine = NULL;
    live->venues = NULL;
    live->command_count = live->simulated_waiting = 0;
}

/* The newest snapshot whose content makes sense. */
static int take_newest(struct live *live, struct live_saved *saved, struct turret_error *err)
{
    uint64_t below = UINT64_MAX;
    struct turret_error first = {0};
    for (;;) {
        struct turret_error why = {0};
        int status = live_load_snapshot(live, below, saved, &why);
        if (status && first.code)
            return turret_fail(err, first.code, "%s", first.text);
        if (!status)
            status = take_up(live, saved, &why);
        if (status != TURRET_ECORRUPT && status != TURRET_EVERSION)
            return status ? turret_fail(err, status, "%s", why.text) : TURRET_OK;
        put_down(live);
        below = saved->sequence;
        if (!first.code) {
            first = why;
            first.code = status;
        }
        live_say(live, "turret: snapshot %llu is not used: %s; trying the one before\n",
                 (unsigned long long)saved->sequence, why.text);
    }
}

int live_recover(struct live *live, struct turret_error *err)
{
    struct replay replay = {live, err, TURRET_OK, live_change};
    struct store_journal_head head;
    struct live_saved saved;
    uint32_t i;
    int status = store_journal_head(live->store, &head, err);
    if (status || head.last == 0)
        return status;
    live->replaying = true;
    status = take_newest(live, &saved, err);
    if (status)
        return status;
    live->recovery.recovered = true;
    live->recovery.snapshot_sequence = saved.sequence;
    status = live_replay_connect(live, err);
    if (status)
        return status;
    status = store_journal_read(live->store, saved.sequence + 1, on_record, &replay, err);
    if (replay.status)
        return replay.status;
    if (status)
        return status;
    if (engine_sequence(live->engine) != head.last)
        return turret_fail(err, TURRET_ECORRUPT, "the journal ends at %llu, replaying it at %llu",
                           (unsigned long long)head.last,
                           (unsigned long long)engine_sequence(live->engine));
    live->recovery.intent_mismatches = engine_intent_mismatches(live->engine);
    (void)live_replay_end(live);
    engine_end_recorded(live->engine);
    live->replaying = false;
    for (i = 0; i < live->config->venue_count; i++)
        live->recovery.working_orders += engine_working(live->engine, i);
    for (i = 0; i < engine_position_count(live->engine); i++)
        live->recovery.positions +=
            engine_position(live->engine, i)->strategy == POSITION_OF_ACCOUNT &&
            engine_position(live->engine, i)->qty != 0;
    return TURRET_OK;
}
