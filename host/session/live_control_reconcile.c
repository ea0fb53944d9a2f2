/* SPDX-License-Identifier: Apache-2.0 */
/* What people ask and decide about differences between the venues' books and ours. */
#include "ops/person.h"
#include "session/live_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
    [DIFFERENCE_OF_ORDER] = "order",       [DIFFERENCE_OF_FILL] = "fill",
    [DIFFERENCE_OF_POSITION] = "position", [DIFFERENCE_OF_CASH] = "cash",
    [DIFFERENCE_OF_CLOCK] = "clock",
};

static json_t *amount(const struct live *live, const struct difference *one, int64_t value)
{
    const struct turret_instrument_def *def = engine_instrument(live->engine, one->instrument);
    char text[48];
    money_format(value,
                 one->kind == DIFFERENCE_OF_CASH    ? MONEY_SCALE
                 : one->kind == DIFFERENCE_OF_CLOCK ? 9
                 : def                              ? def->qty_scale
                                                    : 0,
                 text, sizeof text);
    return json_string(text);
}

json_t *live_differences(const struct live *live)
{
    json_t *list = json_array();
    uint32_t i;
    for (i = 0; i < engine_difference_count(live->engine); i++) {
        const struct difference *one = engine_difference(live->engine, i);
        const struct turret_instrument_def *def = engine_instrument(live->engine, one->instrument);
        (void)json_array_append_new(
            list, json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:I, s:b, s:s}", "id",
                            (json_int_t)one->id, "kind", kinds[one->kind], "venue",
                            engine_venue_name(live->engine, one->venue), "about",
                            def ? def->symbol : one->currency, "ours", amount(live, one, one->ours),
                            "theirs", amount(live, one, one->theirs), "order_id",
                            (json_int_t)one->order_id, "halts", difference_stops(one), "text",
                            one->text));
    }
    return list;
}

static uint32_t venue_named(const struct live *live, const char *name)
{
    uint32_t v = 0;
    while (v < live->config->venue_count && (!name || strcmp(live->config->venues[v].name, name)))
        v++;
    return v;
}

/* Whether it has books of its own. */
static bool is_outside(const struct live *live, uint32_t venue)
{
    return venues_trades(live->venues, venue) && !venues_simulated(live->venues, venue);
}

static json_t *none_is_asked(json_t *take_asked, json_t *take_left)
{
    char text[400] = "none has books outside the daemon";
    size_t i, used = 0;
    const json_t *row;
    json_array_foreach(take_left, i, row)
    {
        const char *venue = json_string_value(json_object_get(row, "venue"));
        const char *why = json_string_value(json_object_get(row, "why"));
        if (used < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s: %s", i > 0 ? "; " : "",
                                     venue ? venue : "?", why ? why : "?");
    }
    json_decref(take_asked);
    json_decref(take_left);
    return control_error(TURRET_ESTATE, "no venue can be compared now: %s", text);
}

static json_t *compare_now(struct live *live, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "venue"));
    uint32_t v, only = venue_named(live, name);
    json_t *asked, *left;
    if (name && only == live->config->venue_count)
        return control_error(TURRET_ENOTFOUND, "no venue '%s'", name);
    asked = json_array();
    left = json_array();
    for (v = 0; v < live->config->venue_count; v++) {
        const char *own = live->config->venues[v].name;
        if ((name && v != only) || !is_outside(live, v))
            continue;
        if (live_reconcile_now(live, v))
            (void)json_array_append_new(asked, json_string(own));
        else
            (void)json_array_append_new(
                left, json_pack("{s:s, s:o}", "venue", own, "why", live_streams_waits(live, v)));
    }
    if (json_array_size(asked) == 0)
        return none_is_asked(asked, left);
    return json_pack("{s:b, s:o, s:o}", "ok", 1, "asked", asked, "left_out", left);
}

/* The control's text says who and why; NULL: no reason was given, or it is too long. */
static const char *words(const json_t *request, char text[64])
{
    const char *by = json_string_value(json_object_get(request, "by"));
    const char *why = json_string_value(json_object_get(request, "reason"));
    if (!why || !*why || strlen(why) > PERSON_REASON_MAX)
        return NULL;
    (void)snprintf(text, 64, "%.*s: %s", PERSON_NAME_MAX, by ? by : "?", why);
    return text;
}

/* The journal has it behind the "sequence" of the answer. */
static json_t *record(struct live *live, struct event *event)
{
    if (live->control_count >= LIVE_CONTROLS)
        return control_error(TURRET_EBUSY, "too many decisions wait for the store; try again");
    event->type = EVENT_CONTROL;
    event->venue = EVENT_FROM_HOST;
    live->controls[live->control_count++] = *event;
    loop_wake(live->loop);
    return json_pack("{s:b, s:I}", "ok", 1, "sequence", (json_int_t)engine_sequence(live->engine));
}

/* AAA, or AAA.fake as elsewhere; or a currency. */
static bool is_about(const struct live *live, const struct difference *one, const char *about)
{
    const struct turret_instrument_def *def = engine_instrument(live->engine, one->instrument);
    const char *name = def ? def->symbol : one->currency;
    size_t length = strlen(name);
    return !strncmp(name, about, length) &&
           (!about[length] ||
            (def && about[length] == '.' &&
             !strcmp(about + length + 1, engine_venue_name(live->engine, one->venue))));
}

/* Whether ours is another since they were compared last. */
static bool is_stale(const struct live *live, const struct difference *one)
{
    uint32_t i;
    for (i = 0; one->kind == DIFFERENCE_OF_POSITION && i < engine_position_count(live->engine);
         i++) {
        const struct position *position = engine_position(live->engine, i);
        if (position->strategy == POSITION_OF_ACCOUNT && position->instrument == one->instrument)
            return position->qty != one->ours;
    }
    for (i = 0; one->kind == DIFFERENCE_OF_CASH && i < engine_account_count(live->engine); i++) {
        const struct account *account = engine_account(live->engine, i);
        if (account->venue == one->venue &&
            !strncmp(account->currency, one->currency, sizeof account->currency))
            return account->cash != one->ours;
    }
    return false;
}

/* Of all that is adopted with this one. Where trade goes on they are another all the time. */
static bool any_stale(const struct live *live, const struct difference *with)
{
    bool stale = false;
    uint32_t i;
    for (i = 0; i < engine_difference_count(live->engine) && !stale; i++) {
        const struct difference *one = engine_difference(live->engine, i);
        stale = one->halts && one->venue == with->venue && one->instrument == with->instrument &&
                !strncmp(one->currency, with->currency, sizeof one->currency) &&
                is_stale(live, one);
    }
    return stale;
}

/* Of an instrument, or of a currency's cash. */
static json_t *adopt(struct live *live, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "venue"));
    const char *about = json_string_value(json_object_get(request, "about"));
    uint32_t i, venue = venue_named(live, name);
    struct event event;
    memset(&event, 0, sizeof event);
    if (venue == live->config->venue_count || !about)
        return control_error(TURRET_ENOTFOUND, "no venue '%s'", name ? name : "");
    if (!words(request, event.u.control.text))
        return control_error(TURRET_EINVAL, "a reason of at most %d bytes is needed",
                             PERSON_REASON_MAX);
    event.u.control.kind = CONTROL_ADOPT;
    event.u.control.target = venue;
    for (i = 0; i < engine_difference_count(live->engine); i++) {
        const struct difference *one = engine_difference(live->engine, i);
        if (one->venue != venue || !is_about(live, one, about) ||
            (one->kind != DIFFERENCE_OF_POSITION && one->kind != DIFFERENCE_OF_FILL &&
             one->kind != DIFFERENCE_OF_CASH))
            continue;
        if (any_stale(live, one))
            return control_error(TURRET_EBUSY,
                                 "our books of %s changed since they were compared; they are "
                                 "compared again within seconds: try again",
                                 about);
        event.u.control.value = one->instrument;
        memcpy(event.u.control.currency, one->currency, sizeof event.u.control.currency);
        return record(live, &event);
    }
    return control_error(TURRET_ENOTFOUND, "nothing of %s at %s differs; turret reconcile lists it",
                         about, name);
}

static json_t *resolve(struct live *live, const json_t *request)
{
    const char *state = json_string_value(json_object_get(request, "state"));
    uint64_t id = (uint64_t)json_integer_value(json_object_get(request, "id"));
    const struct order *order = engine_order(live->engine, id);
    struct event event;
    memset(&event, 0, sizeof event);
    if (!order)
        return control_error(TURRET_ENOTFOUND, "no order %" PRIu64, id);
    if (order->state != TURRET_STATE_UNKNOWN)
        return control_error(TURRET_ESTATE,
                             "order %" PRIu64 " is %s: only what is UNKNOWN is "
                             "for a person to decide",
                             id, order_state_name(order->state));
    if (!words(request, event.u.control.text))
        return control_error(TURRET_EINVAL, "a reason of at most %d bytes is needed",
                             PERSON_REASON_MAX);
    if (state && !strcmp(state, "never-arrived"))
        event.u.control.target = TURRET_STATE_REJECTED;
    else if (state && !strcmp(state, "canceled"))
        event.u.control.target = TURRET_STATE_CANCELED;
    else
        return control_error(TURRET_EINVAL, "'%s' is not never-arrived or canceled",
                             state ? state : "");
    event.u.control.kind = CONTROL_RESOLVE_ORDER;
    event.u.control.value = (int64_t)id;
    return record(live, &event);
}

json_t *live_answer_reconcile(struct live *live, const json_t *request)
{
    static const struct {
        const char *name;
        json_t *(*answer)(struct live *live, const json_t *request);
    } actions[] = {{"now", compare_now}, {"adopt", adopt}, {"order", resolve}};
    const char *action = json_string_value(json_object_get(request, "action"));
    size_t i;
    for (i = 0; action && i < sizeof actions / sizeof *actions; i++)
        if (!strcmp(actions[i].name, action))
            return actions[i].answer(live, request);
    return control_error(TURRET_EINVAL, "reconcile does not know '%s'", action ? action : "");
}
