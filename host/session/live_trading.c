/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The latch file and the core's states: a slot that is set and whose scope is not KILLED becomes so
 * by a record of the journal. A resume lifts the core's state first and clears the slot when that
 * is on the disk: whatever dies between, the next start is KILLED.
 */
#include "session/live_trading.h"

#include "ops/person.h"
#include "session/live_state.h"
#include "session/live_status.h"
#include "session/live_unguarded.h"

#include <stdlib.h>
#include <string.h>

int live_trading_open(struct live *live, struct turret_error *err)
{
    int status = latch_open(&live->trading.latch, live->store_path, true, err);
    if (!status)
        latch_on_signal(live->trading.latch);
    return status;
}

void live_trading_close(struct live *live)
{
    latch_close(live->trading.latch);
    live->trading.latch = NULL;
}

static void scope_of(const struct live *live, uint32_t slot, uint32_t *scope, char name[32])
{
    latch_name(live->trading.latch, slot, name);
    *scope = slot == LATCH_ALL ? TRADING_ALL : TRADING_VENUE;
}

/* A table of states that is full has a venue's for everything. */
static bool is_killed(const struct live *live, uint32_t slot)
{
    uint32_t scope;
    char name[32];
    scope_of(live, slot, &scope, name);
    return engine_trading_state(live->engine, scope, name) == TRADING_KILLED ||
           (engine_trading_count(live->engine) >= TRADING_LATCHES_MAX - 1 &&
            engine_trading_state(live->engine, TRADING_ALL, "") == TRADING_KILLED);
}

/* Whether the state is to follow the slot; a resume under way is seen to its end instead. */
static bool is_new(struct live *live, uint32_t slot)
{
    struct live_lift *lift = &live->trading.lift;
    uint64_t word = latch_word(live->trading.latch, slot);
    if (word == 0 || is_killed(live, slot))
        return false;
    if (!lift->active || lift->slot != slot || lift->word != word)
        return true;
    if (lift->sequence == 0)
        lift->sequence = engine_sequence(live->engine);
    if (live->writer && writer_durable_sequence(live->writer) >= lift->sequence) {
        (void)latch_clear(live->trading.latch, slot, word);
        lift->active = false;
    }
    return false;
}

/* True: its reason was given by a person. */
static bool fill_kill(const struct live *live, uint32_t slot, struct event *event)
{
    struct event_control *control = &event->u.control;
    struct latch_mark mark;
    char name[32];
    memset(event, 0, sizeof *event);
    event->type = EVENT_CONTROL;
    event->venue = EVENT_FROM_HOST;
    control->kind = CONTROL_TRADING_STATE;
    control->value = TRADING_KILLED;
    scope_of(live, slot, &control->target, name);
    (void)latch_mark(live->trading.latch, slot, &mark);
    (void)snprintf(control->name, sizeof control->name, "%s", name);
    (void)snprintf(control->text, sizeof control->text, "%s", mark.reason);
    (void)snprintf(control->who, sizeof control->who, "%s", mark.who);
    return mark.told;
}

static bool is_queued(const struct live *live, const struct event *event)
{
    uint32_t i;
    for (i = 0; i < live->control_count; i++)
        if (!memcmp(&live->controls[i].u.control, &event->u.control, sizeof event->u.control))
            return true;
    return false;
}

/* The switch was set again, or somebody's KILLED came behind the resume: it lifts nothing more. */
static bool is_overtaken(const struct live *live)
{
    const struct live_lift *lift = &live->trading.lift;
    return latch_word(live->trading.latch, lift->slot) != lift->word ||
           (live->control_count == 0 && is_killed(live, lift->slot)); /* it was decided */
}

void live_trading_turn(struct live *live)
{
    struct event event;
    uint32_t i;
    for (i = 0; live->trading.latch && i < LATCH_SLOTS; i++) {
        bool told;
        if (!is_new(live, i))
            continue;
        told = fill_kill(live, i, &event);
        if (is_queued(live, &event) || live->control_count >= LIVE_CONTROLS)
            continue;
        live->controls[live->control_count++] = event;
        live_say(live, "turret: alarm: the kill switch is set (%s%s%s): nothing new is sent%s%s\n",
                 event.u.control.who, told ? ": " : "", told ? event.u.control.text : "",
                 event.u.control.name[0] ? " to venue " : "", event.u.control.name);
    }
    if (live->trading.lift.active && is_overtaken(live))
        live->trading.lift.active = false;
}

int live_trading_begin(struct live *live, struct turret_error *err)
{
    const char *venues[CONFIG_VENUES_MAX];
    uint32_t i;
    int status;
    for (i = 0; i < live->config->venue_count; i++)
        venues[i] = live->config->venues[i].name;
    status = latch_name_venues(live->trading.latch, venues, live->config->venue_count, err);
    for (i = 0; !status && i < live->config->venue_count; i++)
        live->trading.slots[i] = latch_find(live->trading.latch, venues[i]);
    if (status)
        return status;
    live_trading_turn(live);
    for (i = 0; i < live->control_count; i++)
        engine_ingest(live->engine, &live->controls[i]);
    live->control_count = 0;
    return TURRET_OK;
}

bool live_trading_blocks(const struct live *live, const struct command *command)
{
    const struct latch *latch = live->trading.latch;
    if (!latch || (command->kind != COMMAND_SUBMIT && command->kind != COMMAND_MODIFY))
        return false;
    return latch_word(latch, LATCH_ALL) != 0 ||
           latch_word(latch, live->trading.slots[command->venue]) != 0;
}

void live_trading_arm(struct live *live, uint32_t venue)
{
    struct turret_error why = {0};
    struct event *event = &live->controls[live->control_count];
    int status = live->replaying ? TURRET_OK : venues_arm_dead_man(live->venues, venue, &why);
    if (status == TURRET_OK || status == TURRET_ESTATE)
        return; /* one that is not connected any more downloads again */
    live_say(live, "turret: alarm: venue %s does not take the dead-man timer and is halted: %s\n",
             live->config->venues[venue].name, why.text);
    if (live_control_event(live, CONTROL_TRADING_STATE, TRADING_VENUE, TRADING_HALTED,
                           "its dead-man timer is not set"))
        return;
    (void)snprintf(event->u.control.name, sizeof event->u.control.name, "%s",
                   live->config->venues[venue].name);
    (void)snprintf(event->u.control.who, sizeof event->u.control.who, "host");
}

/* ---- control socket ---- */

static json_t *text_json(const char *text)
{
    json_t *value = json_string(text);
    return value ? value : json_string("(not UTF-8)");
}

static json_t *latch_json(const struct trading_latch *latch)
{
    return json_pack("{s:s, s:o, s:s, s:I, s:o, s:o}", "scope", trading_scope_name(latch->scope),
                     "name", text_json(latch->name), "state", trading_state_name(latch->state),
                     "since_ns", (json_int_t)latch->since, "who", text_json(latch->who), "reason",
                     text_json(latch->reason));
}

json_t *live_trading_list(const struct live *live)
{
    json_t *list = json_array();
    uint32_t i;
    for (i = 0; i < engine_trading_count(live->engine); i++)
        (void)json_array_append_new(list, latch_json(engine_trading_latch(live->engine, i)));
    return list;
}

/* Whether a state of this scope binds orders on one of a strategy's instruments. */
static bool binds(const struct config *config, const struct config_strategy *strategy,
                  const struct trading_latch *latch)
{
    char name[sizeof latch->name];
    uint32_t i;
    for (i = 0; i < strategy->on_count; i++) {
        const struct config_instrument *on = &config->instruments[strategy->on[i].instrument];
        (void)snprintf(name, sizeof name, "%s%s%s",
                       latch->scope == TRADING_INSTRUMENT ? on->symbol : on->venue,
                       latch->scope == TRADING_INSTRUMENT ? "."
                       : latch->scope == TRADING_ACCOUNT  ? "/"
                                                          : "",
                       latch->scope == TRADING_INSTRUMENT ? on->venue
                       : latch->scope == TRADING_ACCOUNT  ? on->currency
                                                          : "");
        if (!strncmp(name, latch->name, sizeof name))
            return true;
    }
    return false;
}

json_t *live_trading_binding(const struct live *live, uint32_t strategy)
{
    const struct config_strategy *given = &live->config->strategies[strategy];
    json_t *list = json_array();
    uint32_t i;
    for (i = 0; i < engine_trading_count(live->engine); i++) {
        const struct trading_latch *latch = engine_trading_latch(live->engine, i);
        if (latch->scope == TRADING_ALL ||
            (latch->scope == TRADING_STRATEGY
                 ? !strncmp(latch->name, given->name, sizeof latch->name)
                 : binds(live->config, given, latch)))
            (void)json_array_append_new(list, latch_json(latch));
    }
    return list;
}

struct wish {
    uint32_t scope, index, slot; /* of the latch, LATCH_NONE: it has none */
    const char *name, *reason, *who;
};

static const char *text_of(const json_t *request, const char *member)
{
    const char *text = json_string_value(json_object_get(request, member));
    return text ? text : "";
}

/* It was set since the last turn: what is decided now would be of a state that is none any more. */
static bool is_unrecorded(const struct live *live, const struct wish *wish)
{
    return wish->slot != LATCH_NONE && !live->trading.lift.active &&
           latch_word(live->trading.latch, wish->slot) != 0 && !is_killed(live, wish->slot);
}

/* NULL: *wish is good. A name of nothing may be given when a state waits for it. */
static json_t *read_wish(const struct live *live, const json_t *request, struct wish *wish)
{
    const char *scope_name = text_of(request, "scope");
    int scope = trading_find_scope(scope_name);
    wish->name = scope == TRADING_ALL ? "" : text_of(request, "name");
    wish->reason = text_of(request, "reason");
    wish->who = text_of(request, "who");
    if (scope < 0)
        return control_error(TURRET_EINVAL,
                             "no scope '%.40s'; there are all, venue, account, strategy and "
                             "instrument",
                             scope_name);
    if (!wish->reason[0] || strlen(wish->reason) > PERSON_REASON_MAX)
        return control_error(TURRET_EINVAL,
                             "a change of the trading state needs a reason of at most %d bytes",
                             PERSON_REASON_MAX);
    wish->scope = (uint32_t)scope;
    wish->slot = wish->scope == TRADING_ALL     ? LATCH_ALL
                 : wish->scope == TRADING_VENUE ? latch_find(live->trading.latch, wish->name)
                                                : LATCH_NONE;
    wish->index = engine_trading_find(live->engine, wish->scope, wish->name);
    if (wish->index == ENGINE_NONE &&
        engine_trading_state(live->engine, wish->scope, wish->name) == TRADING_ACTIVE)
        return control_error(TURRET_ENOTFOUND,
                             "no %s '%.60s'; accounts are named as in sim/USD, instruments as in "
                             "SPY.sim; turret %s lists them",
                             trading_scope_name(wish->scope), wish->name,
                             wish->scope == TRADING_INSTRUMENT ? "config show" : "status");
    if (is_unrecorded(live, wish))
        return control_error(TURRET_EBUSY,
                             "the kill switch is set and not recorded yet; ask again");
    return NULL;
}

static json_t *decide(struct live *live, const struct wish *wish, uint32_t kind, uint32_t state)
{
    struct event *event = &live->controls[live->control_count];
    if (live_control_event(live, kind, wish->scope, state, wish->reason))
        return control_error(TURRET_EBUSY, "too many decisions wait for the store; try again");
    (void)snprintf(event->u.control.name, sizeof event->u.control.name, "%.47s", wish->name);
    (void)snprintf(event->u.control.who, sizeof event->u.control.who, "%.15s", wish->who);
    return json_pack("{s:b, s:s, s:o, s:s}", "ok", 1, "scope", trading_scope_name(wish->scope),
                     "name", text_json(wish->name), "state", trading_state_name(state));
}

json_t *live_answer_state(struct live *live, const json_t *request)
{
    const char *name = text_of(request, "state");
    int state = trading_find_state(name);
    enum trading_state now;
    struct wish wish;
    json_t *answer = read_wish(live, request, &wish);
    if (answer)
        return answer;
    if (state < 0)
        return control_error(TURRET_EINVAL,
                             "no trading state '%.40s'; there are active, reducing, cancel-only, "
                             "halted and killed",
                             name);
    now = engine_trading_state(live->engine, wish.scope, wish.name);
    if ((int)now > state && now >= TRADING_HALTED)
        return control_error(TURRET_EDENIED, "it is %s: only turret resume leaves that",
                             trading_state_name(now));
    answer = decide(live, &wish, CONTROL_TRADING_STATE, (uint32_t)state);
    if (state == TRADING_ACTIVE && json_is_true(json_object_get(answer, "ok"))) {
        (void)json_object_set_new(answer, "before", json_string(trading_state_name(now)));
        (void)json_object_set_new(answer, "stops", live_stops_list(live, wish.scope, wish.index));
    }
    if (state >= TRADING_CANCEL_ONLY && json_is_true(json_object_get(answer, "ok")))
        (void)json_object_set_new(answer, "not_sent",
                                  live_protective(live, wish.scope, wish.index, false));
    return answer;
}

/* What is decided of a scope out of the state it has; KILLED only where the request says so. */
static json_t *leave(struct live *live, const json_t *request, const struct wish *wish,
                     const uint32_t kinds[2], uint32_t to)
{
    struct live_lift *lift = &live->trading.lift;
    enum trading_state now = engine_trading_state(live->engine, wish->scope, wish->name);
    json_t *answer;
    uint32_t venue;
    if (now == TRADING_KILLED && !json_is_true(json_object_get(request, "killed")))
        return control_error(TURRET_EDENIED,
                             "it is KILLED; look at the venue first, then say --killed, too");
    venue = wish->index == ENGINE_NONE
                ? ENGINE_NONE
                : engine_trading_unready(live->engine, wish->scope, wish->index);
    if (venue != ENGINE_NONE)
        return control_error(TURRET_EDENIED, "venue %s is not ready (%s); nothing is %s before",
                             engine_venue_name(live->engine, venue),
                             engine_venue_waits(live->engine, venue),
                             to == TRADING_ACTIVE ? "resumed" : "closed");
    if (lift->active)
        return control_error(TURRET_EBUSY, "another resume is not on the disk yet; try again");
    answer = decide(live, wish, kinds[now == TRADING_KILLED], to);
    if (now == TRADING_KILLED && wish->slot != LATCH_NONE &&
        latch_word(live->trading.latch, wish->slot) &&
        json_is_true(json_object_get(answer, "ok"))) {
        latch_spend(live->trading.latch, wish->slot);
        *lift =
            (struct live_lift){true, wish->slot, latch_word(live->trading.latch, wish->slot), 0};
    }
    (void)json_object_set_new(answer, "before", json_string(trading_state_name(now)));
    (void)json_object_set_new(answer, "kill_switch", json_boolean(lift->active));
    return answer;
}

/* Whether what a strategy trades may be in both. */
static bool meets(const struct live *live, const struct wish *wish,
                  const struct trading_latch *latch)
{
    uint32_t index = engine_trading_find(live->engine, latch->scope, latch->name), s, i;
    if (wish->scope == TRADING_ALL || latch->scope == TRADING_ALL)
        return true;
    for (s = 0; s < live->config->strategy_count; s++)
        for (i = 0; i < live->config->strategies[s].on_count; i++) {
            turret_instrument id = live->config->strategies[s].on[i].instrument + 1;
            if (engine_trading_concerns(live->engine, wish->scope, wish->index, s, id) &&
                engine_trading_concerns(live->engine, latch->scope, index, s, id))
                return true;
        }
    return false;
}

/* Other scopes that keep it back until they are resumed. */
static json_t *still_bound(const struct live *live, const struct wish *wish)
{
    json_t *list = json_array();
    uint32_t i;
    for (i = 0; i < engine_trading_count(live->engine); i++) {
        const struct trading_latch *latch = engine_trading_latch(live->engine, i);
        bool own = latch->scope == wish->scope && !strcmp(latch->name, wish->name);
        if (latch->state >= TRADING_HALTED && !own && meets(live, wish, latch))
            (void)json_array_append_new(list, latch_json(latch));
    }
    return list;
}

json_t *live_answer_resume(struct live *live, const json_t *request)
{
    static const uint32_t kinds[2] = {CONTROL_TRADING_RESUME, CONTROL_TRADING_REVIVE};
    struct wish wish = {.scope = TRADING_ALL};
    bool of_scope = json_object_get(request, "scope") != NULL;
    json_t *answer = of_scope ? read_wish(live, request, &wish) : live_stops_resume(live, request);
    if (!answer)
        answer = leave(live, request, &wish, kinds, TRADING_ACTIVE);
    if (!json_is_true(json_object_get(answer, "ok")))
        return answer;
    if (of_scope) { /* those it does not lift */
        (void)json_object_set_new(answer, "stops", live_stops_list(live, wish.scope, wish.index));
        (void)json_object_set_new(answer, "still", still_bound(live, &wish));
    }
    (void)json_object_set_new(answer, "unprotected",
                              live_unprotected(live, wish.scope, wish.index));
    return answer;
}

/* ---- flatten ---- */

/* What keeps its closing back: the strictest state of another scope ("venue sim is HALTED"), else
 * that nothing trades there. */
static void bound_by(const struct live *live, const struct wish *wish,
                     const struct position *position, char text[LIVE_STREAMS_TEXT_MAX])
{
    uint32_t i, strictest = TRADING_REDUCING;
    text[0] = '\0';
    for (i = 0; i < engine_trading_count(live->engine); i++) {
        const struct trading_latch *latch = engine_trading_latch(live->engine, i);
        uint32_t index = engine_trading_find(live->engine, latch->scope, latch->name);
        if ((latch->scope == wish->scope && !strcmp(latch->name, wish->name)) ||
            latch->state <= strictest || index == ENGINE_NONE ||
            !engine_trading_concerns(live->engine, latch->scope, index, position->strategy,
                                     position->instrument))
            continue;
        strictest = latch->state;
        (void)snprintf(text, LIVE_STREAMS_TEXT_MAX, "%s%s%s is %s",
                       trading_scope_name(latch->scope), latch->name[0] ? " " : "", latch->name,
                       trading_state_name(latch->state));
    }
    if (!text[0])
        (void)live_streams_keep(live, position->instrument, text);
}

static json_t *position_json(const struct live *live, const struct wish *wish,
                             const struct position *position, turret_qty qty)
{
    const struct turret_instrument_def *def = engine_instrument(live->engine, position->instrument);
    bool whole = position->strategy == POSITION_OF_ACCOUNT;
    char text[48], name[64], waits[LIVE_STREAMS_TEXT_MAX] = "";
    money_format(qty, def->qty_scale, text, sizeof text);
    (void)snprintf(name, sizeof name, "%.31s.%.15s", def->symbol, def->venue);
    if (!whole)
        bound_by(live, wish, position, waits);
    return json_pack("{s:s, s:s, s:s, s:o}", "strategy",
                     whole ? "" : engine_strategy_name(live->engine, position->strategy),
                     "instrument", name, "qty", text, "waits", text_json(waits));
}

/* Of the account's position what no strategy holds. */
static turret_qty of_nobody(const struct engine *engine, const struct position *whole)
{
    turret_qty qty = whole->qty;
    uint32_t i;
    for (i = 0; i < engine_position_count(engine); i++) {
        const struct position *own = engine_position(engine, i);
        if (own->strategy != POSITION_OF_ACCOUNT && own->instrument == whole->instrument)
            qty -= own->qty;
    }
    return qty;
}

/* What is held in the scope: by strategies, and by nobody of this host. */
static json_t *add_positions(const struct live *live, const struct wish *wish, json_t *answer)
{
    json_t *held = json_array(), *left = json_array();
    uint32_t i;
    for (i = 0; i < engine_position_count(live->engine); i++) {
        const struct position *position = engine_position(live->engine, i);
        bool whole = position->strategy == POSITION_OF_ACCOUNT;
        turret_qty qty = whole ? of_nobody(live->engine, position) : position->qty;
        if (qty != 0 && engine_trading_concerns(live->engine, wish->scope, wish->index,
                                                position->strategy, position->instrument))
            (void)json_array_append_new(whole ? left : held,
                                        position_json(live, wish, position, qty));
    }
    (void)json_object_set_new(answer, "held", held);
    (void)json_object_set_new(answer, "left", left);
    return answer;
}

json_t *live_answer_flatten(struct live *live, const json_t *request)
{
    static const uint32_t kinds[2] = {CONTROL_FLATTEN, CONTROL_FLATTEN_KILLED};
    struct wish wish;
    json_t *answer = read_wish(live, request, &wish);
    if (answer)
        return answer;
    if (wish.index == ENGINE_NONE)
        return control_error(TURRET_ENOTFOUND, "no %s '%.60s' in the configuration in force",
                             trading_scope_name(wish.scope), wish.name);
    if (json_is_true(json_object_get(request, "look"))) /* what became of it */
        return add_positions(live, &wish,
                             json_pack("{s:b, s:b, s:I, s:I}", "ok", 1, "decided",
                                       live->control_count == 0, "sequence",
                                       (json_int_t)engine_sequence(live->engine), "durable",
                                       (json_int_t)writer_durable_sequence(live->writer)));
    answer = leave(live, request, &wish, kinds, TRADING_REDUCING);
    return json_is_true(json_object_get(answer, "ok")) ? add_positions(live, &wish, answer)
                                                       : answer;
}
