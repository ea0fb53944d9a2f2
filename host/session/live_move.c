/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One strategy's, the indicators', or a venue's way to another build: prepared, perhaps in the
 * shadow, committed, on probation, retired or taken back.
 */
#include "session/live_move.h"

#include "io/clock.h"
#include "session/blocked.h"
#include "session/live_audit.h"

#include <stdarg.h>
#include <string.h>

void move_tell(struct live *live, uint64_t number, int code, const char *format, ...)
{
    struct live_outcome *outcome = live_swap_outcome(live, number);
    char text[512];
    size_t used;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    live_say(live, "turret: %s\n", text);
    if (code)
        live_audit_code(live, "refused", text);
    if (!outcome)
        return;
    if (outcome->code == TURRET_EBUSY || code)
        outcome->code = code;
    outcome->moved += !code;
    outcome->stayed += code != 0;
    outcome->told_ns = clock_monotonic_ns();
    used = strlen(outcome->text);
    (void)snprintf(outcome->text + used, sizeof outcome->text - used, "%s%s", used ? "\n" : "",
                   text);
}

/* "1.2.0 (3f2a91c0)": the version its author gave it, and which build of it. */
struct build_text {
    char at[48];
};
static struct build_text build_text(const struct plugin *plugin)
{
    struct build_text text;
    (void)snprintf(text.at, sizeof text.at, "%.24s (%.8s)", plugin->file.note.version,
                   plugin->file.build_id);
    return text;
}

/* ---- steps ---- */

/* Where a test may end the process. */
static void tell_step(const struct live *live, const char *step)
{
    if (live->options.at_step)
        live->options.at_step(live->options.context, step);
}

static int step(struct live *live, uint32_t kind, uint32_t target, uint32_t phase,
                const struct plugin *from, const struct plugin *to, const char *reason,
                struct turret_error *err)
{
    struct event event;
    int status;
    memset(&event, 0, sizeof event);
    event.type = EVENT_SWAP;
    event.venue = EVENT_FROM_HOST;
    event.u.swap.kind = kind;
    event.u.swap.target = target;
    event.u.swap.phase = phase;
    event.u.swap.shadow = phase == SWAP_PREPARE && live->config->swap.shadow > 0;
    plugin_build_bytes(&from->file, event.u.swap.from_build);
    plugin_build_bytes(&to->file, event.u.swap.to_build);
    (void)snprintf(event.u.swap.reason, sizeof event.u.swap.reason, "%s", reason);
    if (phase == SWAP_PREPARE || phase == SWAP_COMMIT)
        live_running_moving(live, event.u.swap.to_build);
    live->swaps.stepping = true;
    status = live_swap_step(live, &event, err);
    live->swaps.stepping = false;
    live_running_moving(live, NULL);
    return status;
}

static void name_move(const struct live *live, const struct live_move *move, char name[48])
{
    const struct live_swaps *swaps = &live->swaps;
    if (move == &swaps->indicators)
        (void)snprintf(name, 48, "indicators of %.30s", move->to->file.note.id);
    else if (move >= swaps->venues && move < swaps->venues + CONFIG_VENUES_MAX)
        (void)snprintf(name, 48, "venue %.41s",
                       engine_venue_name(live->engine, (uint32_t)(move - swaps->venues)));
    else
        (void)snprintf(name, 48, "strategy %.38s",
                       engine_strategy_name(live->engine, (uint32_t)(move - swaps->strategies)));
}

/* "strategy x", "indicators of x". */
static const char *is_or_are(const struct live *live, const struct live_move *move)
{
    return move == &live->swaps.indicators ? "are" : "is";
}

static uint32_t kind_of(const struct live *live, const struct live_move *move, uint32_t *target)
{
    const struct live_swaps *swaps = &live->swaps;
    *target = 0;
    if (move == &swaps->indicators)
        return TURRET_KIND_INDICATOR;
    *target = (uint32_t)(move - swaps->strategies);
    return TURRET_KIND_STRATEGY;
}

void move_begin(struct live *live, struct live_move *move, const struct plugin *from,
                const struct plugin *to)
{
    struct turret_error why = {0};
    char name[48];
    uint32_t target, kind = kind_of(live, move, &target);
    *move = (struct live_move){.from = from, .to = to};
    memcpy(move->back, live->swaps.current.back, sizeof move->back);
    name_move(live, move, name);
    if (step(live, kind, target, SWAP_PREPARE, from, to, "", &why)) {
        move_tell(live, live->swaps.current.number, why.code, "%s stays at %s: %s", name,
                  build_text(from).at, why.text);
        move->to = NULL;
        return;
    }
    tell_step(live, "shadow");
    move->begun = engine_sequence(live->engine);
    move->deadline_ns = clock_monotonic_ns() + live->config->swap.deadline_ns;
}

void move_abort(struct live *live, struct live_move *move, int code, const char *why)
{
    char name[48];
    uint32_t target, kind = kind_of(live, move, &target);
    name_move(live, move, name);
    (void)step(live, kind, target, SWAP_ABORT, move->from, move->to, why, NULL);
    move_tell(live, live->swaps.current.number, code, "%s stays at %s: %s", name,
              build_text(move->from).at, why);
    move->to = NULL;
}

static void count_swap(struct live_swaps *swaps, int64_t pause_ns)
{
    swaps->swaps++;
    swaps->pause_ns = pause_ns;
    if (pause_ns > swaps->pause_most_ns)
        swaps->pause_most_ns = pause_ns;
}

/* By hand, after the probation: what it ran until now is blocked. */
static void went_back(struct live *live, const struct live_move *move)
{
    live->swaps.rollbacks++;
    move_block_build(live, move->from, move->back);
    live_say(live, "turret: build %.12s of %s %s is blocked: %s\n", move->from->file.build_id,
             move->from->file.note.id, build_text(move->from).at, move->back);
}

static void commit_move(struct live *live, struct live_move *move)
{
    struct turret_error why = {0};
    struct engine_view view;
    int64_t before = clock_monotonic_ns();
    char name[48];
    uint32_t target, kind = kind_of(live, move, &target);
    name_move(live, move, name);
    tell_step(live, "gate");
    if (step(live, kind, target, SWAP_COMMIT, move->from, move->to, move->back, &why)) {
        if (why.code != TURRET_EBUSY || clock_monotonic_ns() > move->deadline_ns)
            move_abort(live, move, why.code, why.text);
        return;
    }
    count_swap(&live->swaps, clock_monotonic_ns() - before);
    tell_step(live, "commit");
    move->committed = engine_sequence(live->engine);
    if (kind == TURRET_KIND_STRATEGY) {
        engine_view_strategy(live->engine, target, &view);
        move->orders = view.orders;
        move->denials = view.denials;
    }
    if (move->back[0])
        went_back(live, move);
    move_tell(
        live, live->swaps.current.number, TURRET_OK, "%s %s now %s, was %s; event %llu is %s first",
        name, is_or_are(live, move), build_text(move->to).at, build_text(move->from).at,
        (unsigned long long)move->committed + 1, kind == TURRET_KIND_INDICATOR ? "their" : "its");
    if (move->back[0]) /* what it left is blocked and cannot take over again */
        move_retire(live, move);
}

/* Never comes back by itself: a person lifts it. */
void move_block_build(struct live *live, const struct plugin *plugin, const char *why)
{
    uint8_t build[32];
    char text[160];
    plugin_build_bytes(&plugin->file, build);
    (void)snprintf(text, sizeof text, "%s %s: %.100s", plugin->file.note.id, build_text(plugin).at,
                   why);
    (void)blocked_put(live->batch, build, text);
    live_audit_code(live, "blocked", text);
}

void move_rolled_back(struct live *live, struct live_move *move, const char *why)
{
    char name[48];
    name_move(live, move, name);
    live->swaps.rollbacks++;
    move_block_build(live, move->to, why);
    move_tell(live, live->swaps.current.number, TURRET_EFAULT,
              "%s is back at %s; %s is blocked: %s", name, build_text(move->from).at,
              build_text(move->to).at, why);
    move->to = NULL;
}

int move_roll_back(struct live *live, struct live_move *move, const char *why,
                   struct turret_error *err)
{
    uint32_t target, kind = kind_of(live, move, &target);
    int status = step(live, kind, target, SWAP_ROLLBACK, move->to, move->from, why, err);
    tell_step(live, "rollback");
    if (!status)
        move_rolled_back(live, move, why);
    return status;
}

void move_retire(struct live *live, struct live_move *move)
{
    uint32_t target, kind = kind_of(live, move, &target);
    (void)step(live, kind, target, SWAP_RETIRE, move->from, move->to, "", NULL);
    tell_step(live, "retire");
    move->to = NULL;
}

/* ---- what happens to a move in a turn ---- */

static bool shadow_done(struct live *live, struct live_move *move, uint32_t target)
{
    const struct config_swap *policy = &live->config->swap;
    struct engine_shadow shadow;
    char why[160];
    if (!engine_swap_of(live->engine, target)->shadow)
        return true;
    engine_view_shadow(live->engine, target, &shadow);
    if (shadow.different > policy->divergence) {
        (void)snprintf(why, sizeof why, "in the shadow %llu of its %llu wishes differed; %u may",
                       (unsigned long long)shadow.different,
                       (unsigned long long)(shadow.different + shadow.same), policy->divergence);
        move_abort(live, move, TURRET_EDENIED, why);
        return false;
    }
    return engine_sequence(live->engine) - move->begun >= policy->shadow;
}

static void advance_prepared(struct live *live, struct live_move *move)
{
    struct turret_error why = {0};
    uint32_t target, kind = kind_of(live, move, &target);
    if (kind == TURRET_KIND_STRATEGY && !shadow_done(live, move, target)) {
        if (move->to && clock_monotonic_ns() > move->deadline_ns &&
            engine_sequence(live->engine) == move->begun)
            move_abort(live, move, TURRET_ETIMEOUT, "no event came for the shadow run");
        return;
    }
    if (kind == TURRET_KIND_STRATEGY && engine_swap_ready(live->engine, target, &why)) {
        if (clock_monotonic_ns() > move->deadline_ns)
            move_abort(live, move, TURRET_ETIMEOUT, why.text);
        return;
    }
    commit_move(live, move);
}

bool move_judge(struct live *live, struct live_move *move)
{
    struct engine_view view;
    uint32_t target, kind = kind_of(live, move, &target);
    uint64_t orders, denials;
    char why[56];
    if (!move->to || !move->committed || kind != TURRET_KIND_STRATEGY ||
        engine_swap_of(live->engine, target)->phase != SWAP_COMMIT)
        return false;
    engine_view_strategy(live->engine, target, &view);
    orders = view.orders - move->orders;
    denials = view.denials - move->denials;
    if (orders < LIVE_DENIALS_LEAST ||
        (double)denials * 1e6 <= (double)orders * (double)live->config->swap.denials_ppm)
        return false;
    (void)snprintf(why, sizeof why, "%llu of %llu orders denied", (unsigned long long)denials,
                   (unsigned long long)orders);
    return move_roll_back(live, move, why, NULL) == TURRET_OK;
}

static void advance_committed(struct live *live, struct live_move *move)
{
    tell_step(live, "probation");
    if (!move_judge(live, move) &&
        engine_sequence(live->engine) - move->committed >= live->config->swap.probation)
        move_retire(live, move);
}

void move_advance(struct live *live, struct live_move *move)
{
    const struct event_swap *swap;
    uint32_t target, kind;
    if (!move->to)
        return;
    kind = kind_of(live, move, &target);
    swap = kind == TURRET_KIND_STRATEGY ? engine_swap_of(live->engine, target)
                                        : engine_swap_of_indicators(live->engine);
    if (swap->phase == SWAP_PREPARE)
        advance_prepared(live, move);
    else if (swap->phase == SWAP_COMMIT)
        advance_committed(live, move);
}

/* ---- venues: one step, when nothing is on its way to them ---- */

void move_venues(struct live *live)
{
    struct live_swaps *swaps = &live->swaps;
    uint32_t v;
    for (v = 0; v < live->config->venue_count; v++) {
        struct live_move *move = &swaps->venues[v];
        struct turret_error why = {0};
        int64_t before = clock_monotonic_ns();
        if (!move->to || live->command_count > 0)
            continue;
        tell_step(live, "gate");
        if (step(live, TURRET_KIND_BROKER, v, SWAP_COMMIT, move->from, move->to, move->back,
                 &why)) {
            move_tell(live, swaps->current.number, why.code, "venue %s stays at %s: %s",
                      engine_venue_name(live->engine, v), build_text(move->from).at, why.text);
        } else {
            count_swap(swaps, clock_monotonic_ns() - before);
            tell_step(live, "commit");
            if (move->back[0])
                went_back(live, move);
            move_tell(live, swaps->current.number, TURRET_OK, "venue %s is now %s, was %s",
                      engine_venue_name(live->engine, v), build_text(move->to).at,
                      build_text(move->from).at);
        }
        move->to = NULL;
    }
}
