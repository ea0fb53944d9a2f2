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

/* Whether the state is to follow the slot; a resume under way is seen to its end instead. */
static bool is_new(struct live *live, uint32_t slot)
{
    struct live_lift *lift = &live->trading.lift;
    uint64_t word = latch_word(live->trading.latch, slot, NULL);
    uint32_t scope;
    char name[32];
    scope_of(live, slot, &scope, name);
    if (word == 0 || engine_trading_state(live->engine, scope, name) == TRADING_KILLED)
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

static void fill_kill(const struct live *live, uint32_t slot, struct event *event)
{
    struct event_control *control = &event->u.control;
    uint32_t uid;
    char name[32], reason[LATCH_REASON];
    memset(event, 0, sizeof *event);
    event->type = EVENT_CONTROL;
    event->venue = EVENT_FROM_HOST;
    control->kind = CONTROL_TRADING_STATE;
    control->value = TRADING_KILLED;
    scope_of(live, slot, &control->target, name);
    (void)latch_word(live->trading.latch, slot, &uid);
    (void)snprintf(control->name, sizeof control->name, "%s", name);
    latch_reason(live->trading.latch, slot, reason);
    (void)snprintf(control->text, sizeof control->text, "%s",
                   reason[0]           ? reason
                   : uid == UINT32_MAX ? "kill switch: SIGUSR1"
                                       : "kill switch: turret halt");
    if (uid == UINT32_MAX)
        (void)snprintf(control->who, sizeof control->who, "signal");
    else
        person_name(uid, control->who);
}

static bool is_queued(const struct live *live, const struct event *event)
{
    uint32_t i;
    for (i = 0; i < live->control_count; i++)
        if (!memcmp(&live->controls[i].u.control, &event->u.control, sizeof event->u.control))
            return true;
    return false;
}

void live_trading_turn(struct live *live)
{
    struct event event;
    uint32_t i;
    for (i = 0; live->trading.latch && i < LATCH_SLOTS; i++) {
        if (!is_new(live, i))
            continue;
        fill_kill(live, i, &event);
        if (is_queued(live, &event) || live->control_count >= LIVE_CONTROLS)
            continue;
        live->controls[live->control_count++] = event;
        live_say(live, "turret: alarm: the kill switch is set (%s): nothing new is sent%s%s\n",
                 event.u.control.who, event.u.control.name[0] ? " to venue " : "",
                 event.u.control.name);
    }
    if (live->trading.lift.active &&
        latch_word(live->trading.latch, live->trading.lift.slot, NULL) != live->trading.lift.word)
        live->trading.lift.active = false; /* it was set again */
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
    return latch_word(latch, LATCH_ALL, NULL) != 0 ||
           latch_word(latch, live->trading.slots[command->venue], NULL) != 0;
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
           latch_word(live->trading.latch, wish->slot, NULL) != 0 &&
           engine_trading_state(live->engine, wish->scope, wish->name) != TRADING_KILLED;
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
                             "SPY.sim; turret status lists them",
                             trading_scope_name(wish->scope), wish->name);
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
    json_t *refused = read_wish(live, request, &wish);
    if (refused)
        return refused;
    if (state < 0)
        return control_error(TURRET_EINVAL,
                             "no trading state '%.40s'; there are active, reducing, cancel-only, "
                             "halted and killed",
                             name);
    now = engine_trading_state(live->engine, wish.scope, wish.name);
    if ((int)now > state && now >= TRADING_HALTED)
        return control_error(TURRET_EDENIED, "it is %s: only turret resume leaves that",
                             trading_state_name(now));
    return decide(live, &wish, CONTROL_TRADING_STATE, (uint32_t)state);
}

/* From where its losses were counted, and from where they are now. */
static void add_reference(json_t *list, const char *kind, const char *name,
                          const struct equity *equity)
{
    char day[48], peak[48], now[48];
    money_format(equity->day_start, MONEY_SCALE, day, sizeof day);
    money_format(equity->peak, MONEY_SCALE, peak, sizeof peak);
    money_format(equity->now, MONEY_SCALE, now, sizeof now);
    (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "of", kind, "name",
                                                name, "day_start", day, "peak", peak, "now", now));
}

static json_t *references(const struct live *live)
{
    json_t *list = json_array();
    uint32_t i;
    for (i = 0; i < engine_account_count(live->engine); i++) {
        const struct account *account = engine_account(live->engine, i);
        char name[32];
        (void)snprintf(name, sizeof name, "%.16s/%.8s",
                       engine_venue_name(live->engine, account->venue), account->currency);
        add_reference(list, "account", name, &account->equity);
    }
    for (i = 0; i < engine_strategy_count(live->engine); i++) {
        struct engine_view view;
        engine_view_strategy(live->engine, i, &view);
        add_reference(list, "strategy", view.name, &view.equity);
    }
    return list;
}

/* Losses only: what was decided of scopes stays. Nothing latched: the references stay, too. */
static json_t *resume_losses(struct live *live, const json_t *request)
{
    const char *reason = text_of(request, "reason");
    bool latched = engine_is_stopped(live->engine);
    json_t *from;
    if (!latched)
        return json_pack("{s:b, s:b, s:o, s:[]}", "ok", 1, "latched", 0, "states",
                         live_trading_list(live), "references");
    if (!reason[0] || strlen(reason) > PERSON_REASON_MAX)
        return control_error(
            TURRET_EINVAL,
            "a stop is latched; lifting it counts loss and drawdown anew and needs "
            "--reason TEXT of at most %d bytes",
            PERSON_REASON_MAX);
    from = references(live);
    if (live_control_event(live, CONTROL_RESET_STOPS, 0, 0, reason)) {
        json_decref(from);
        return control_error(TURRET_EBUSY, "too many decisions wait for the store; try again");
    }
    (void)snprintf(live->controls[live->control_count - 1].u.control.who,
                   sizeof live->controls[0].u.control.who, "%.15s", text_of(request, "who"));
    return json_pack("{s:b, s:b, s:o, s:o}", "ok", 1, "latched", 1, "states",
                     live_trading_list(live), "references", from);
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
        return control_error(
            TURRET_EDENIED, "venue %s is not connected and reconciled; nothing is %s before",
            engine_venue_name(live->engine, venue), to == TRADING_ACTIVE ? "resumed" : "closed");
    if (lift->active)
        return control_error(TURRET_EBUSY, "another resume is not on the disk yet; try again");
    answer = decide(live, wish, kinds[now == TRADING_KILLED], to);
    if (now == TRADING_KILLED && wish->slot != LATCH_NONE &&
        latch_word(live->trading.latch, wish->slot, NULL) &&
        json_is_true(json_object_get(answer, "ok")))
        *lift = (struct live_lift){true, wish->slot,
                                   latch_word(live->trading.latch, wish->slot, NULL), 0};
    (void)json_object_set_new(answer, "before", json_string(trading_state_name(now)));
    (void)json_object_set_new(answer, "kill_switch", json_boolean(lift->active));
    return answer;
}

json_t *live_answer_resume(struct live *live, const json_t *request)
{
    static const uint32_t kinds[2] = {CONTROL_TRADING_RESUME, CONTROL_TRADING_REVIVE};
    struct wish wish = {.scope = TRADING_ALL};
    bool of_scope = json_object_get(request, "scope") != NULL;
    json_t *answer = of_scope ? read_wish(live, request, &wish) : resume_losses(live, request);
    if (!answer)
        answer = leave(live, request, &wish, kinds, TRADING_ACTIVE);
    if (!json_is_true(json_object_get(answer, "ok")))
        return answer;
    if (of_scope) /* those it does not lift */
        (void)json_object_set_new(answer, "stops", live_stops_list(live, wish.scope, wish.index));
    (void)json_object_set_new(answer, "unprotected",
                              live_unprotected(live, wish.scope, wish.index));
    return answer;
}

/* ---- flatten ---- */

/* The strictest state of another scope that keeps its closing back: "venue sim is HALTED". */
static void bound_by(const struct live *live, const struct wish *wish,
                     const struct position *position, char text[96])
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
        (void)snprintf(text, 96, "%s%s%s is %s", trading_scope_name(latch->scope),
                       latch->name[0] ? " " : "", latch->name, trading_state_name(latch->state));
    }
}

static json_t *position_json(const struct live *live, const struct wish *wish,
                             const struct position *position, turret_qty qty)
{
    const struct turret_instrument_def *def = engine_instrument(live->engine, position->instrument);
    bool whole = position->strategy == POSITION_OF_ACCOUNT;
    char text[48], name[64], waits[96] = "";
    money_format(qty, def->qty_scale, text, sizeof text);
    (void)snprintf(name, sizeof name, "%.31s.%.15s", def->symbol, def->venue);
    if (!whole)
        bound_by(live, wish, position, waits);
    return json_pack("{s:s, s:s, s:s, s:s}", "strategy",
                     whole ? "" : engine_strategy_name(live->engine, position->strategy),
                     "instrument", name, "qty", text, "waits", waits);
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
