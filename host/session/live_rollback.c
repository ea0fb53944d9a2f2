/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rollbacks that people ask for: checked when they are asked for, carried out between two events
 * when nothing is on its way to a simulated venue.
 */
#include "session/live_move.h"

#include <string.h>

/* What `given` names: the row name of the instance, its move, and the build it runs. */
static struct live_move *find_move(struct live *live, const char *given, char row[48],
                                   const struct plugin **now)
{
    struct live_swaps *swaps = &live->swaps;
    uint32_t i;
    for (i = 0; i < engine_strategy_count(live->engine); i++) {
        const char *name = engine_strategy_name(live->engine, i);
        if (!live_swap_names(given, "strategy", name))
            continue;
        (void)snprintf(row, 48, "strategy %.38s", name);
        *now = live_plugin_of(live, "strategy", name);
        return &swaps->strategies[i];
    }
    for (i = 0; i < live->config->venue_count; i++) {
        const char *name = live->config->venues[i].name;
        if (!live_swap_names(given, "venue", name))
            continue;
        (void)snprintf(row, 48, "venue %.41s", name);
        *now = live_plugin_of(live, "venue", name);
        return &swaps->venues[i];
    }
    *now = registry_find_plugin(live->registry,
                                strncmp(given, "indicators ", 11) ? given : given + 11);
    (void)snprintf(row, 48, "indicators");
    return *now && engine_uses_indicators(live->engine, *now) ? &swaps->indicators : NULL;
}

/* The probation is over: the build before moves in as a new one would, with the state as it is. */
static int queue_before(struct live *live, const char *row, const struct plugin *now,
                        const struct live_wanted *wanted, struct turret_error *err)
{
    struct live_next next = {.number = wanted->number};
    uint8_t build[32];
    int status = live_build_before(live, row, now, build, err);
    if (!status)
        status = live_bring_build(live, build, &next.plugin, err);
    if (strcmp(row, "indicators") != 0)
        (void)snprintf(next.only, sizeof next.only, "%s", row);
    else
        (void)snprintf(next.only, sizeof next.only, "indicators %.36s", now->file.note.id);
    memcpy(next.back, wanted->why, sizeof next.back);
    return status ? status : live_swap_queue(live, &next, err);
}

static int carry_out(struct live *live, const struct live_wanted *wanted, struct turret_error *err)
{
    const struct live_swaps *swaps = &live->swaps;
    const struct plugin *now = NULL;
    char row[48];
    struct live_move *move = find_move(live, wanted->instance, row, &now);
    int status;
    if (!move || !now)
        return turret_fail(err, TURRET_ENOTFOUND, "'%s' is no longer in use", wanted->instance);
    if (!move->to || (move == &swaps->indicators && move->to != now))
        return queue_before(live, row, now, wanted, err);
    if (move->committed) {
        status = move_roll_back(live, move, wanted->why, err);
        if (!status)
            move_tell(live, wanted->number, TURRET_OK, "%s is rolled back: %s", row, wanted->why);
        return status;
    }
    if (move >= swaps->venues && move < swaps->venues + CONFIG_VENUES_MAX)
        return turret_fail(err, TURRET_ESTATE, "%s changes its build at this moment; try again",
                           row);
    move_tell(live, wanted->number, TURRET_OK, "%s keeps %s: %s", row,
              move->from->file.note.version, wanted->why);
    move_abort(live, move, TURRET_EDENIED, wanted->why);
    return TURRET_OK;
}

void live_take_rollbacks(struct live *live)
{
    struct live_swaps *swaps = &live->swaps;
    uint32_t i;
    for (i = 0; i < swaps->wanted_count; i++) {
        struct turret_error why = {0};
        if (carry_out(live, &swaps->wanted[i], &why))
            move_tell(live, swaps->wanted[i].number, why.code, "%s", why.text);
    }
    swaps->wanted_count = 0;
}

int live_swap_rollback(struct live *live, const char *instance, const char *why, uint64_t *number,
                       struct turret_error *err)
{
    struct live_swaps *swaps = &live->swaps;
    struct live_wanted *wanted = &swaps->wanted[swaps->wanted_count];
    const struct plugin *now = NULL;
    uint8_t build[32];
    char row[48];
    struct live_move *move = instance[0] ? find_move(live, instance, row, &now) : NULL;
    int status = TURRET_OK;
    if (!move || !now)
        return turret_fail(err, TURRET_ENOTFOUND, "'%s' is no strategy, venue or plugin in use",
                           instance);
    if (swaps->wanted_count == LIVE_ROLLBACKS_MAX)
        return turret_fail(err, TURRET_ELIMIT, "%d rollbacks wait already", LIVE_ROLLBACKS_MAX);
    if (!move->to)
        status = live_build_before(live, row, now, build, err);
    if (!status)
        status = live_new_outcome(live, instance, instance, number, err);
    if (status)
        return status;
    *wanted = (struct live_wanted){.number = *number};
    (void)snprintf(wanted->instance, sizeof wanted->instance, "%s", instance);
    (void)snprintf(wanted->why, sizeof wanted->why, "%s", why);
    swaps->wanted_count++;
    loop_wake(live->loop);
    return TURRET_OK;
}
