/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strategies whose runner is gone: their orders are cancelled, the loss enters the journal, a new
 * runner is started after a while that doubles each time. After too many a person has to do it.
 */
#include "session/live_state.h"

#include "io/clock.h"

#include <stdlib.h>
#include <string.h>

#define RESTARTS_MAX 5
#define WINDOW_NS    INT64_C(600000000000) /* ten minutes */
#define BACK_OFF_NS  INT64_C(1000000000)

struct live_lost {
    struct live_lost *next;
    struct live *live;
    char name[ENGINE_NAME_MAX];
    uint32_t times; /* since window_ns */
    int64_t window_ns;
    bool waiting, quarantined; /* for the restart, for a person */
    bool asked;                /* the restart's decision is on its way */
    struct event_loss call;    /* the loss that is recorded */
    char reason[160];
    struct loop_timer *timer;
};

static struct live_lost *find(const struct live *live, const char *name)
{
    struct live_lost *lost = live->lost;
    while (lost && strcmp(lost->name, name) != 0)
        lost = lost->next;
    return lost;
}

static uint32_t index_of(const struct live *live, const char *name)
{
    uint32_t i = 0, count = engine_strategy_count(live->engine);
    while (i < count && strcmp(engine_strategy_name(live->engine, i), name) != 0)
        i++;
    return i;
}

static void set_health(struct live *live, const char *name, enum registry_health health,
                       const char *reason)
{
    struct registry_instance *instance;
    char where[ENGINE_NAME_MAX + 16];
    (void)snprintf(where, sizeof where, "strategy %s", name);
    instance = registry_find_instance(live->registry, where);
    if (instance)
        registry_set_health(instance, health, reason);
}

/* The engine begins it anew when it takes this event. */
static void restart(void *context)
{
    struct live_lost *lost = context;
    struct live *live = lost->live;
    uint32_t index = index_of(live, lost->name);
    if (index >= engine_strategy_count(live->engine)) {
        lost->waiting = false; /* it left the configuration */
        return;
    }
    lost->asked = !live_control_event(live, CONTROL_RESTART_STRATEGY, index, 0,
                                      "its runner is started again");
    if (!lost->asked)
        loop_timer_set(lost->timer, BACK_OFF_NS); /* decisions wait for the store */
}

static struct live_lost *add(struct live *live, const char *name)
{
    struct live_lost *lost = calloc(1, sizeof *lost);
    if (!lost || loop_timer_create(live->loop, &lost->timer, restart, lost)) {
        free(lost);
        return NULL;
    }
    lost->live = live;
    (void)snprintf(lost->name, sizeof lost->name, "%s", name);
    lost->next = live->lost;
    live->lost = lost;
    return lost;
}

/* So that replaying the journal loses it there too, and its orders do not outlive it unless they
 * may. */
static void record_loss(struct live *live, uint32_t strategy, const struct engine_view *view)
{
    struct event event;
    memset(&event, 0, sizeof event);
    event.type = EVENT_LOSS;
    event.venue = EVENT_FROM_HOST;
    event.u.loss = view->call;
    engine_ingest(live->engine, &event);
    memset(&event, 0, sizeof event);
    event.type = EVENT_CONTROL;
    event.venue = EVENT_FROM_HOST;
    event.u.control.kind = CONTROL_FAULT_STRATEGY;
    event.u.control.target = strategy;
    event.u.control.value = !live->config->strategies[strategy].keep_orders;
    (void)snprintf(event.u.control.text, sizeof event.u.control.text, "%.63s", view->fault);
    engine_ingest(live->engine, &event);
    live->snapshot_wanted = true; /* a recovery need not lose it again */
}

static void plan_restart(struct live *live, struct live_lost *lost, const char *orders)
{
    int64_t now = clock_monotonic_ns();
    if (lost->times == 0 || now - lost->window_ns > WINDOW_NS) {
        lost->window_ns = now;
        lost->times = 0;
    }
    if (lost->times++ < RESTARTS_MAX) {
        int64_t delay = BACK_OFF_NS << (lost->times - 1);
        lost->waiting = true;
        loop_timer_set(lost->timer, delay);
        set_health(live, lost->name, HEALTH_DEGRADED, lost->reason);
        live_say(live, "turret: strategy %s: its orders %s; it starts again in %d s\n", lost->name,
                 orders, (int)(delay / 1000000000));
        return;
    }
    lost->quarantined = true;
    set_health(live, lost->name, HEALTH_FAULT, lost->reason);
    live_say(live,
             "turret: strategy %s was lost %u times in ten minutes and stays out; "
             "`turret start %s` starts it again\n",
             lost->name, lost->times, lost->name);
}

/* The restart may still wait for its turn; an engine under another configuration counts anew. */
static bool is_recorded(const struct live_lost *lost, const struct event_loss *call)
{
    return !memcmp(&lost->call, call, sizeof *call) ||
           (!lost->asked && (lost->waiting || lost->quarantined));
}

static void look_at(struct live *live, uint32_t strategy)
{
    struct engine_view view;
    struct live_lost *lost;
    engine_view_strategy(live->engine, strategy, &view);
    lost = find(live, view.name);
    if (lost && (!view.lost || view.run != STRATEGY_FAULT)) { /* it runs, or a person stopped it */
        loop_timer_set(lost->timer, -1);
        lost->waiting = lost->quarantined = lost->asked = false;
        memset(&lost->call, 0, sizeof lost->call);
        if (!view.lost)
            set_health(live, view.name, HEALTH_READY, "");
    }
    if (!view.lost || view.run != STRATEGY_FAULT || (lost && is_recorded(lost, &view.call)))
        return;
    if (!lost)
        lost = add(live, view.name);
    if (!lost)
        return;
    lost->call = view.call;
    lost->asked = false;
    (void)snprintf(lost->reason, sizeof lost->reason, "%s", view.fault);
    record_loss(live, strategy, &view);
    plan_restart(live, lost,
                 live->config->strategies[strategy].keep_orders ? "stay as they are"
                                                                : "are cancelled");
}

void live_supervise(struct live *live)
{
    uint32_t i;
    if (!live->runners_changed || live->replaying || !live->batch)
        return;
    live->runners_changed = false;
    for (i = 0; i < engine_strategy_count(live->engine); i++)
        look_at(live, i);
}

void live_forget_loss(struct live *live, const char *name)
{
    struct live_lost *lost = find(live, name);
    if (!lost)
        return;
    loop_timer_set(lost->timer, -1);
    lost->waiting = lost->quarantined = false;
    lost->times = 0;
    live->runners_changed = true;
}

const char *live_loss(const struct live *live, const char *name, const char **reason)
{
    const struct live_lost *lost = find(live, name);
    *reason = lost && (lost->waiting || lost->quarantined) ? lost->reason : "";
    return !lost ? NULL : lost->quarantined ? "QUARANTINED" : lost->waiting ? "DEGRADED" : NULL;
}

struct told_losses {
    struct event_loss **losses;
    uint32_t *count;
    bool starved;
};

static int take_loss(void *context, const struct store_record *record)
{
    struct told_losses *told = context;
    struct event_loss *bigger;
    if (record->type != EVENT_LOSS || record->size_bytes != 8 + event_payload_size(EVENT_LOSS))
        return 0;
    bigger = realloc(*told->losses, (*told->count + 1) * sizeof *bigger);
    told->starved = !bigger;
    if (!bigger)
        return 1;
    memcpy(&bigger[(*told->count)++], (const uint8_t *)record->payload + 8, sizeof *bigger);
    *told->losses = bigger;
    return 0;
}

int live_read_losses(struct live *live, uint64_t from, struct turret_error *err)
{
    struct told_losses told = {&live->losses, &live->loss_count, false};
    int status;
    live->loss_count = 0;
    status = store_journal_read(live->store, from, take_loss, &told, err);
    engine_sort_losses(live->losses, live->loss_count);
    return told.starved ? turret_fail(err, TURRET_ENOMEM, "no memory for losses of runners")
                        : status;
}

void live_free_losses(struct live *live)
{
    free(live->losses);
    while (live->lost) {
        struct live_lost *next = live->lost->next;
        free(live->lost);
        live->lost = next;
    }
}
