/* SPDX-License-Identifier: Apache-2.0 */
/* Adapters and the host's side of the broker ABI. */
#include "session/venues_state.h"

#include "io/clock.h"
#include "session/definitions.h"
#include "session/services.h"

#include <stdlib.h>
#include <string.h>

static struct event *ring_push(struct event_ring *ring)
{
    return ring->count < ring->capacity ? &ring->events[(ring->head + ring->count) % ring->capacity]
                                        : NULL;
}

/* The oldest. An empty ring begins anew, in memory that is still near. */
static void ring_drop(struct event_ring *ring)
{
    ring->head = --ring->count ? (ring->head + 1) % ring->capacity : 0;
}

static bool ring_take(struct event_ring *ring, struct event *event)
{
    if (ring->count == 0)
        return false;
    *event = ring->events[ring->head];
    ring_drop(ring);
    return true;
}

static struct venue_link *of(struct turret_broker *self)
{
    return (struct venue_link *)(void *)self;
}

/* ---- what the host offers an adapter ---- */

/* What a simulated venue says of itself is true before the market events that wait, which it has
   not been fed yet; also when it had no room to say it in feed(). Its market's end comes in turn.
   So do the market data of others, which one that is simulated may have to be fed. */
static bool comes_first(const struct venue_link *link, const struct turret_report *given)
{
    static const bool own[] = {
        [TURRET_REPORT_DOWNLOAD] = true, [TURRET_REPORT_ACK] = true,
        [TURRET_REPORT_ORDER] = true,    [TURRET_REPORT_FILL] = true,
        [TURRET_REPORT_BUST] = true,     [TURRET_REPORT_POSITION] = true,
        [TURRET_REPORT_BALANCE] = true,
    };
    bool prompting = link->owner->prompting;
    if (!(link->caps.can & TURRET_CAN_SIMULATE))
        return prompting && given->type != TURRET_REPORT_STATUS &&
               (given->type < TURRET_REPORT_BAR || given->type > TURRET_REPORT_SPLIT);
    if (given->type == TURRET_REPORT_STREAM)
        return prompting || given->u.stream.status != TURRET_STREAM_FINISHED;
    return prompting || (given->type < sizeof own / sizeof *own && own[given->type]);
}

static int32_t report(struct turret_broker *self, const struct turret_report *given)
{
    struct venue_link *link = of(self);
    struct venues *venues = link->owner;
    struct turret_error why; /* larger than the report: not cleared as a whole */
    struct event_ring *ring = comes_first(link, given) ? &venues->prompt : &venues->waiting;
    struct event *slot;
    why.code = 0;
    if (given->type == TURRET_REPORT_TIME)
        return venues_hear_time(link, given);
    slot = ring_push(ring);
    if (!slot)
        return TURRET_ELIMIT;
    if (event_from_report(slot, (uint16_t)link->index, given, &why)) {
        if (venues->log.line)
            venues->log.line(venues->log.context, TURRET_LOG_ERROR, why.text);
        return TURRET_EINVAL;
    }
    venues_hear(link, slot);
    ring->count++;
    return TURRET_OK;
}

static int32_t watch(struct turret_broker *self, int32_t descriptor, uint32_t events)
{
    return venue_io_watch(&of(self)->io, descriptor, events);
}

static int32_t timer(struct turret_broker *self, uint32_t timer_id, int64_t delay_ns)
{
    return venue_io_timer(&of(self)->io, timer_id, delay_ns);
}

static int64_t monotonic_ns(struct turret_broker *self)
{
    (void)self;
    return clock_monotonic_ns();
}

static void say(struct turret_broker *self, uint32_t level, const char *text)
{
    const struct venues_log *log = &of(self)->owner->log;
    char line[256];
    if (!log->line)
        return;
    (void)snprintf(line, sizeof line, "venue %s: %.200s",
                   of(self)->owner->config->venues[of(self)->index].name, text);
    log->line(log->context, level, line);
}

static const void *get_extension(struct turret_broker *self, const char *name_and_revision)
{
    (void)self;
    (void)name_and_revision;
    return NULL; /* none are offered yet */
}

static const struct turret_broker_host broker_host = {
    (uint32_t)sizeof(struct turret_broker_host),
    0,
    report,
    watch,
    timer,
    venues_find_instrument,
    venues_instrument,
    venues_each_instrument,
    venues_read_bars,
    monotonic_ns,
    say,
    get_extension,
};

/* ---- opening and closing ---- */

static int check_caps(const struct venue_link *link, const char *name, struct turret_error *err)
{
    if ((link->caps.can & TURRET_CAN_TRADE) && (!link->type->download || !link->type->submit ||
                                                !link->type->cancel || !link->type->query_order))
        return turret_fail(err, TURRET_EFAULT,
                           "venue %s: adapter %s says it can trade and lacks download, submit, "
                           "cancel or query_order",
                           name, link->type->id);
    if ((link->caps.can & TURRET_CAN_SUBSCRIBE) && !link->type->subscribe)
        return turret_fail(err, TURRET_EFAULT,
                           "venue %s: adapter %s says it can subscribe and lacks subscribe", name,
                           link->type->id);
    return TURRET_OK;
}

/* An adapter of this venue, open and described, and nobody's yet. */
int venues_make_link(struct venues *venues, uint32_t index, const struct plugin_offer *offer,
                     turret_time_ns now, uint32_t reason, FILE *messages, struct venue_link **out,
                     struct turret_error *err)
{
    const struct config_venue *given = &venues->config->venues[index];
    struct turret_broker_open open = {.struct_size = (uint32_t)sizeof open, .reason = reason};
    struct venue_link *link = calloc(1, sizeof *link);
    char where[64];
    int status;
    *out = link;
    if (!link)
        return turret_fail(err, TURRET_ENOMEM, "venue %s: no memory", given->name);
    link->type = &offer->broker;
    link->index = index;
    link->owner = venues;
    link->handle.host = &broker_host;
    if (venue_io_init(&link->io, venues->loop, venues, index))
        return turret_fail(err, TURRET_ENOMEM, "venue %s: no memory for its timers", given->name);
    link->handle.state = calloc(1, offer->broker.state_size ? offer->broker.state_size : 1);
    if (!link->handle.state || offer->broker.param_count > CONFIG_PARAMS_MAX)
        return turret_fail(err, TURRET_ENOMEM, "venue %s: no room for its state", given->name);
    (void)snprintf(where, sizeof where, "venues.%s.params", given->name);
    status = config_bind_params(venues->config, where, given->params, given->param_count,
                                offer->broker.params, offer->broker.param_count, 0, link->params,
                                messages, err);
    if (status)
        return status;
    open.params = link->params;
    open.param_count = offer->broker.param_count;
    open.seed = given->seed;
    open.venue = given->name;
    open.account = given->account;
    open.now = now;
    status = link->type->open(&link->handle, &open, err);
    if (status)
        return turret_fail(err, status, "venue %s does not open", given->name);
    link->open = true;
    link->caps.struct_size = (uint32_t)sizeof link->caps;
    status = link->type->describe(&link->handle, &link->caps, err);
    if (!status)
        status = check_caps(link, given->name, err);
    return status ? status : venues_check_dead_man(link, given, err);
}

void venues_drop_link(struct venue_link *link)
{
    if (!link)
        return;
    if (link->open)
        link->type->close(&link->handle);
    venue_io_finish(&link->io);
    free(link->handle.state);
    free(link);
}

static int open_venue(struct venues *venues, struct registry *registry, uint32_t index,
                      turret_time_ns now, uint32_t reason, FILE *messages, struct turret_error *err)
{
    const struct config_venue *given = &venues->config->venues[index];
    const struct plugin_offer *offer;
    const struct plugin *plugin;
    struct registry_instance *instance;
    char name[48];
    int status;
    (void)snprintf(name, sizeof name, "venue %s", given->name);
    status =
        registry_find_for(registry, name, TURRET_KIND_BROKER, given->adapter, &offer, &plugin, err);
    if (status)
        return status;
    instance = registry_find_instance(registry, name); /* of the configuration before */
    if (!instance)
        status = registry_add_instance(registry, name, plugin, offer, &instance, err);
    if (status)
        return status;
    instance->plugin = plugin;
    instance->offer = offer;
    status =
        venues_make_link(venues, index, offer, now, reason, messages, &venues->links[index], err);
    registry_set_health(instance, status ? HEALTH_FAULT : HEALTH_READY, "");
    return status;
}

int venues_open(struct venues **out, const struct config *config, struct registry *registry,
                turret_time_ns now, uint32_t reason, const struct venues_log *log, FILE *messages,
                struct turret_error *err)
{
    struct venues *venues = calloc(1, sizeof *venues);
    uint32_t i;
    int status = TURRET_OK;
    *out = venues;
    if (venues) {
        venues->defs = calloc(config->instrument_count + 1, sizeof *venues->defs);
        venues->waiting.events = calloc(VENUE_QUEUE, sizeof *venues->waiting.events);
        venues->prompt.events = calloc(VENUE_PROMPT, sizeof *venues->prompt.events);
        venues->waiting.capacity = VENUE_QUEUE;
        venues->prompt.capacity = VENUE_PROMPT;
    }
    if (!venues || !venues->defs || !venues->waiting.events || !venues->prompt.events)
        return turret_fail(err, TURRET_ENOMEM, "no memory for %u venues", config->venue_count);
    venues->config = config;
    venues->store = services_store(registry);
    venues->loop = services_loop(registry);
    if (log)
        venues->log = *log;
    for (i = 0; i < config->instrument_count; i++)
        definitions_fill(&config->instruments[i], i + 1, &venues->defs[i + 1]);
    for (i = 0; !status && i < config->venue_count; i++) {
        venues->count = i + 1;
        status = open_venue(venues, registry, i, now, reason, messages, err);
    }
    return status;
}

void venues_close(struct venues *venues)
{
    uint32_t i;
    if (!venues)
        return;
    for (i = 0; i < venues->count; i++)
        venues_drop_link(venues->links[i]);
    free(venues->waiting.events);
    free(venues->prompt.events);
    free(venues->wishes);
    free(venues->defs);
    free(venues);
}

const struct turret_broker_type *venues_type(const struct venues *venues, uint32_t venue)
{
    return venues->links[venue]->type;
}

const struct turret_broker_type *venues_type_of(const struct turret_broker *self)
{
    return ((const struct venue_link *)(const void *)self)->type;
}

const struct turret_broker_caps *venues_caps(const struct venues *venues, uint32_t venue)
{
    return &venues->links[venue]->caps;
}

bool venues_trades(const struct venues *venues, uint32_t venue)
{
    return (venues->links[venue]->caps.can & TURRET_CAN_TRADE) != 0;
}

bool venues_simulated(const struct venues *venues, uint32_t venue)
{
    return (venues->links[venue]->caps.can & TURRET_CAN_SIMULATE) != 0;
}

/* Reports may be late by so much: a download that begins where the last one was heard misses them.
 */
#define DOWNLOAD_OVERLAP_NS (INT64_C(600) * 1000000000)

int venues_connect_link(struct venue_link *link, turret_time_ns since, struct turret_error *err)
{
    int status = link->type->connect(&link->handle, err);
    if (!(link->caps.can & TURRET_CAN_SIMULATE))
        since = since > DOWNLOAD_OVERLAP_NS ? since - DOWNLOAD_OVERLAP_NS : 0;
    if (!status && (link->caps.can & TURRET_CAN_TRADE))
        status = link->type->download(&link->handle, since, err);
    return status ? turret_fail(err, status, "venue %s does not connect",
                                link->owner->config->venues[link->index].name)
                  : TURRET_OK;
}

int venues_connect(struct venues *venues, turret_time_ns since, struct turret_error *err)
{
    uint32_t i;
    int status = TURRET_OK;
    for (i = 0; !status && i < venues->count; i++)
        status = venues_connect_link(venues->links[i], since, err);
    return status;
}

int venues_connect_simulated(struct venues *venues, turret_time_ns since, struct turret_error *err)
{
    uint32_t i;
    int status = TURRET_OK;
    for (i = 0; !status && i < venues->count; i++)
        if (venues_simulated(venues, i))
            status = venues_connect_link(venues->links[i], since, err);
    return status;
}

/* ---- commands ---- */

/* The adapter did not take it: say so in its place. No venue told a time. */
static void answer(struct venues *venues, const struct command *command, int status,
                   const char *text)
{
    struct turret_report made;
    struct event *event = ring_push(&venues->prompt);
    if (!event)
        return;
    if (!venues_kept_back(venues, command, status, text, event)) {
        venues_refusal(command, status, text, &made);
        (void)event_from_report(event, (uint16_t)command->venue, &made, NULL);
    }
    venues->prompt.count++;
}

void venues_command(struct venues *venues, const struct command *command)
{
    struct venue_link *link = venues->links[command->venue];
    const struct turret_broker_type *type = link->type;
    struct turret_error why; /* of its text nothing is read but what was written */
    int status;
    why.code = why.detail = 0;
    why.text[0] = 0;
    venues->prompting = true;
    switch (command->kind) {
    case COMMAND_SUBMIT:
        status = type->submit ? type->submit(&link->handle, &command->order, &why) : TURRET_ENOTSUP;
        break;
    case COMMAND_CANCEL:
        status = type->cancel ? type->cancel(&link->handle, &command->order, &why) : TURRET_ENOTSUP;
        break;
    case COMMAND_MODIFY:
        status = (link->caps.can & TURRET_CAN_MODIFY) && type->modify
                     ? type->modify(&link->handle, &command->order, &why)
                     : TURRET_ENOTSUP;
        break;
    default:
        status = type->query_order ? type->query_order(&link->handle, &command->order, &why)
                                   : TURRET_ENOTSUP;
        status = status && status != TURRET_EUNKNOWN ? TURRET_OK : status; /* no answer, no news */
        break;
    }
    if (status)
        answer(venues, command, status, why.text);
    venues->prompting = false;
}

void venues_feed(struct venues *venues, uint32_t venue, const struct event *event)
{
    static const uint32_t types[EVENT_TYPES] = {
        [EVENT_BAR] = TURRET_REPORT_BAR,       [EVENT_TRADE] = TURRET_REPORT_TRADE,
        [EVENT_QUOTE] = TURRET_REPORT_QUOTE,   [EVENT_LEVEL] = TURRET_REPORT_LEVEL,
        [EVENT_STATUS] = TURRET_REPORT_STATUS, [EVENT_SPLIT] = TURRET_REPORT_SPLIT,
    };
    struct venue_link *link = venues->links[venue];
    struct turret_report made;
    if (!link->type->feed || !types[event->type])
        return;
    made.struct_size = (uint32_t)sizeof made;
    made.type = types[event->type];
    made.time = event->time;
    memcpy(&made.u, &event->u, event_payload_size(event->type));
    venues->prompting = true;
    link->type->feed(&link->handle, &made);
    venues->prompting = false;
}

bool venues_take_prompt(struct venues *venues, struct event *event)
{
    return ring_take(&venues->prompt, event);
}

bool venues_take(struct venues *venues, struct event *event)
{
    return ring_take(&venues->prompt, event) || ring_take(&venues->waiting, event);
}

struct event *venues_next(const struct venues *venues)
{
    const struct event_ring *ring = venues->prompt.count ? &venues->prompt : &venues->waiting;
    return ring->count ? &ring->events[ring->head] : NULL;
}

void venues_drop_next(struct venues *venues)
{
    ring_drop(venues->prompt.count ? &venues->prompt : &venues->waiting);
}

void venues_discard(struct venues *venues)
{
    venues->prompt.count = venues->waiting.count = 0;
}

uint32_t venues_waiting(const struct venues *venues)
{
    return venues->waiting.count + venues->prompt.count;
}

bool venues_have_room(const struct venues *venues)
{
    return venues->waiting.count < VENUE_QUEUE / 2;
}

void venues_fire_timer(struct venues *venues, uint32_t venue, uint32_t timer_id)
{
    struct venue_link *link = venues->links[venue];
    if (link->open && link->type->on_timer)
        link->type->on_timer(&link->handle, timer_id);
}

void venues_fire_fd(struct venues *venues, uint32_t venue, int descriptor, uint32_t events)
{
    struct venue_link *link = venues->links[venue];
    if (link->open && link->type->on_fd)
        link->type->on_fd(&link->handle, descriptor, events);
}
