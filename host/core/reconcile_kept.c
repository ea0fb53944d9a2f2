/* SPDX-License-Identifier: Apache-2.0 */
/* What reconciliation remembers: busts that wait for their fills, snapshots of it, views on it. */
#include "core/snapshot.h"

#include <string.h>

/* ---- busts ahead of their fills ---- */

bool reconcile_keep_bust(struct engine *engine, const struct event *event)
{
    struct reconciliation *r = &engine->reconciliation;
    const struct turret_report_bust *bust = &event->u.bust;
    uint32_t i;
    for (i = 0; i < r->early_count; i++)
        if (r->early[i].venue == event->venue &&
            !strcmp(r->early[i].bust.execution_id, bust->execution_id))
            return !strcmp(r->early[i].bust.new_execution_id, bust->new_execution_id) &&
                   r->early[i].bust.corrected_qty == bust->corrected_qty &&
                   r->early[i].bust.corrected_price == bust->corrected_price; /* said again */
    if (r->early_count == RECONCILE_EARLY || !bust->execution_id[0])
        return false;
    r->early[r->early_count++] = (struct early_bust){event->venue, 0, *bust};
    engine_notice(engine, NOTICE_LOG, ENGINE_NONE,
                  "the venue takes back execution %s, which has not come yet", bust->execution_id);
    return true;
}

bool reconcile_take_bust(struct engine *engine, uint32_t venue, const char *execution_id,
                         struct turret_report_bust *bust)
{
    struct reconciliation *r = &engine->reconciliation;
    uint32_t i;
    for (i = 0; i < r->early_count; i++)
        if (r->early[i].venue == venue && !strcmp(r->early[i].bust.execution_id, execution_id)) {
            *bust = r->early[i].bust;
            r->early_count--;
            memmove(&r->early[i], &r->early[i + 1], (r->early_count - i) * sizeof r->early[i]);
            return true;
        }
    return false;
}

/* ---- differences without room ---- */

void reconcile_overflow(struct engine *engine, const struct difference *given)
{
    struct venue *venue = &engine->venues[given->venue];
    if (given->kind == DIFFERENCE_OF_FILL && given->policy == RECONCILE_HALT)
        trading_halt_venue(engine, given->venue, "an execution of nobody's order had no room");
    if (venue->overflow != RECONCILE_OVERFLOW)
        engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                      "more than %d differences are open; venue %s stands still until a download "
                      "has no more of them",
                      RECONCILE_OPEN, venue->name);
    venue->overflow = RECONCILE_OVERFLOW;
    reconcile_halt(engine, given->venue, 0);
}

void reconcile_whole(struct engine *engine, uint32_t venue)
{
    if (engine->venues[venue].overflow != RECONCILE_OVERFLOW_ASKS)
        return;
    engine->venues[venue].overflow = 0;
    reconcile_stop_again(engine, venue);
}

/* ---- snapshots ---- */

struct kept_head {
    uint64_t config_version, next_id;
    uint32_t open_count, early_count, journal_behind, holds; /* KEPT_…; 0: of an older turret */
};
#define KEPT_TIMES          1u /* the venues' own times end the section */
#define KEPT_ALL_EXECUTIONS 2u /* no execution was forgotten */
struct kept_venue {
    int64_t skew_ns, skew_doubt_ns;
    uint32_t timed;    /* 2 asked for in vain */
    uint32_t complete; /* and twice its overflow */
};
struct kept_instrument {
    turret_time_ns agreed;
    struct suspicion suspect;
};

void reconcile_put(struct pack *pack, const struct engine *engine)
{
    const struct reconciliation *r = &engine->reconciliation;
    struct kept_head head = {
        engine->config_version, r->next_id,
        r->open_count,          r->early_count,
        r->journal_behind,      KEPT_TIMES | (engine->executions.forgot ? 0 : KEPT_ALL_EXECUTIONS)};
    uint32_t i;
    pack_put(pack, &head, sizeof head);
    for (i = 0; i < engine->venue_count; i++) {
        const struct venue *venue = &engine->venues[i];
        struct kept_venue kept = {venue->skew_ns, venue->skew_doubt_ns,
                                  venue->timed    ? 1
                                  : venue->untold ? 2
                                                  : 0,
                                  venue->complete + 2u * venue->overflow};
        pack_put(pack, &kept, sizeof kept);
    }
    for (i = 1; i <= engine->instrument_count; i++) {
        struct kept_instrument kept = {engine->instruments[i].agreed,
                                       engine->instruments[i].suspect};
        pack_put(pack, &kept, sizeof kept);
    }
    pack_put(pack, r->open, r->open_count * sizeof *r->open);
    pack_put(pack, r->early, r->early_count * sizeof *r->early);
    pack_put(pack, r->cash, engine->account_count * sizeof *r->cash);
    for (i = 0; i < engine->venue_count; i++)
        pack_put(pack, &engine->venues[i].told, sizeof engine->venues[i].told);
}

static bool makes_sense(const struct difference *one)
{
    return one->kind >= DIFFERENCE_OF_ORDER && one->kind <= DIFFERENCE_OF_CLOCK &&
           one->policy <= RECONCILE_ALARM && one->halts <= 2 && one->end == DIFFERENCE_OPEN &&
           memchr(one->text, 0, sizeof one->text);
}

/* Its venue has a number already. */
static bool is_gone(struct engine *engine, const struct snapshot_names *names,
                    const struct difference *one)
{
    if (one->kind == DIFFERENCE_OF_CASH)
        return !reconcile_account(engine, one->venue, one->currency);
    return one->instrument && !names->instruments[one->instrument];
}

/* What is of a venue, an instrument or a currency that is gone, is gone, and stops nothing. */
static int take_open(struct engine *engine, struct unpack *in, const struct snapshot_names *names,
                     const struct kept_head *head)
{
    struct reconciliation *r = &engine->reconciliation;
    uint32_t i;
    int status = TURRET_OK;
    for (i = 0; !status && i < head->open_count; i++) {
        struct difference one;
        status = unpack_get(in, &one, sizeof one);
        if (!status && (!makes_sense(&one) || one.id > head->next_id))
            status =
                turret_fail(in->err, TURRET_ECORRUPT, "the snapshot's difference %llu is absurd",
                            (unsigned long long)one.id);
        if (status || one.venue >= names->venue_count || one.instrument > names->instrument_count ||
            names->venues[one.venue] == ENGINE_NONE)
            continue;
        one.venue = names->venues[one.venue];
        if (is_gone(engine, names, &one)) {
            reconcile_stop_again(engine, one.venue);
            continue;
        }
        one.instrument = one.instrument ? names->instruments[one.instrument] : 0;
        r->open[r->open_count++] = one;
        if (one.halts)
            reconcile_halt(engine, one.venue, one.halts == 2 ? 0 : one.instrument);
    }
    return status;
}

static int take_early(struct engine *engine, struct unpack *in, const struct snapshot_names *names,
                      uint32_t count)
{
    struct reconciliation *r = &engine->reconciliation;
    uint32_t i;
    int status = TURRET_OK;
    for (i = 0; !status && i < count; i++) {
        struct early_bust one;
        status = unpack_get(in, &one, sizeof one);
        if (!status && (!memchr(one.bust.execution_id, 0, sizeof one.bust.execution_id) ||
                        !memchr(one.bust.new_execution_id, 0, sizeof one.bust.new_execution_id)))
            status = turret_fail(in->err, TURRET_ECORRUPT, "a bust in the snapshot is absurd");
        if (status || one.venue >= names->venue_count || names->venues[one.venue] == ENGINE_NONE)
            continue;
        one.venue = names->venues[one.venue];
        r->early[r->early_count++] = one;
    }
    return status;
}

static int take_places(struct engine *engine, struct unpack *in, const struct snapshot_names *names)
{
    uint32_t i;
    int status = TURRET_OK;
    for (i = 0; !status && i < names->venue_count; i++) {
        struct kept_venue kept;
        status = unpack_get(in, &kept, sizeof kept);
        if (!status && !reconcile_skew_is_sane(kept.skew_ns, kept.skew_doubt_ns))
            status = turret_fail(in->err, TURRET_ECORRUPT,
                                 "a venue's clock in the snapshot is "
                                 "absurd");
        if (status || names->venues[i] == ENGINE_NONE)
            continue;
        engine->venues[names->venues[i]].skew_ns = kept.skew_ns;
        engine->venues[names->venues[i]].skew_doubt_ns = kept.skew_doubt_ns;
        engine->venues[names->venues[i]].timed = kept.timed == 1;
        engine->venues[names->venues[i]].untold = kept.timed == 2;
        engine->venues[names->venues[i]].complete = kept.complete & 1;
        engine->venues[names->venues[i]].overflow = (uint8_t)(kept.complete >> 1);
    }
    for (i = 1; !status && i <= names->instrument_count; i++) {
        struct kept_instrument kept;
        status = unpack_get(in, &kept, sizeof kept);
        if (!status && (kept.agreed < 0 || kept.agreed > EVENT_TIME_MAX))
            status = turret_fail(in->err, TURRET_ECORRUPT, "a time in the snapshot is absurd");
        if (status || !names->instruments[i])
            continue;
        engine->instruments[names->instruments[i]].agreed = kept.agreed;
        engine->instruments[names->instruments[i]].suspect = kept.suspect;
    }
    return status;
}

/* An older snapshot has none: the times when positions agreed were all venues' then. */
static int take_times(struct engine *engine, struct unpack *in, const struct snapshot_names *names,
                      bool are_there)
{
    uint32_t i;
    int status = TURRET_OK;
    for (i = 1; !are_there && i <= engine->instrument_count; i++)
        engine->instruments[i].agreed = 0;
    for (i = 0; are_there && !status && i < names->venue_count; i++) {
        turret_time_ns told;
        status = unpack_get(in, &told, sizeof told);
        if (!status && (told < 0 || told > EVENT_TIME_MAX))
            status = turret_fail(in->err, TURRET_ECORRUPT,
                                 "a venue's time in the snapshot is "
                                 "absurd");
        if (!status && names->venues[i] != ENGINE_NONE)
            engine->venues[names->venues[i]].told = told;
    }
    return status;
}

int reconcile_take(struct engine *engine, struct unpack *in, const struct snapshot_names *names)
{
    struct reconciliation *r = &engine->reconciliation;
    struct kept_head head;
    uint32_t i;
    int status = unpack_get(in, &head, sizeof head);
    if (!status && (head.open_count > RECONCILE_OPEN || head.early_count > RECONCILE_EARLY))
        status = turret_fail(in->err, TURRET_ECORRUPT, "the snapshot has %u differences",
                             head.open_count);
    if (status)
        return status;
    engine->config_version = head.config_version;
    r->next_id = head.next_id;
    r->journal_behind = head.journal_behind != 0;
    status = take_places(engine, in, names);
    if (!status)
        status = take_open(engine, in, names, &head);
    if (!status)
        status = take_early(engine, in, names, head.early_count);
    for (i = 0; !status && i < names->account_count; i++) {
        struct suspicion suspect;
        status = unpack_get(in, &suspect, sizeof suspect);
        if (!status && names->accounts[i] != ENGINE_NONE)
            r->cash[names->accounts[i]] = suspect;
    }
    if (!(head.holds & KEPT_ALL_EXECUTIONS))
        engine->executions.forgot = true;
    return status ? status : take_times(engine, in, names, head.holds & KEPT_TIMES);
}

/* ---- views ---- */

uint32_t engine_difference_count(const struct engine *engine)
{
    return engine->reconciliation.open_count;
}

const struct difference *engine_difference(const struct engine *engine, uint32_t index)
{
    return &engine->reconciliation.open[index];
}

bool engine_suspects(const struct engine *engine, uint32_t venue)
{
    uint32_t i;
    bool doubt = false;
    for (i = 1; i <= engine->instrument_count && !doubt; i++)
        doubt = engine->instruments[i].venue == venue && engine->instruments[i].suspect.said > 0;
    for (i = 0; i < engine->account_count && !doubt; i++)
        doubt = engine->accounts[i].venue == venue && engine->reconciliation.cash[i].said > 0;
    return doubt;
}

bool engine_needs_position(const struct engine *engine, uint32_t venue)
{
    uint32_t cursor = 0;
    const struct order *order;
    if (engine->venues[venue].unknown == 0)
        return false;
    while ((order = order_table_next(engine->orders, &cursor)) != NULL)
        if (order->venue == venue && order->state == TURRET_STATE_UNKNOWN && order->queries >= 2 &&
            !order_was_there(order) && !reconcile_proves_absence(engine, order))
            return true;
    return false;
}

bool engine_knows_execution(const struct engine *engine, uint32_t venue,
                            const char execution_id[40])
{
    return executions_find(&engine->executions, venue, execution_id) != NULL;
}

bool engine_forgot_executions(const struct engine *engine)
{
    return engine->executions.forgot;
}

bool engine_skew(const struct engine *engine, uint32_t venue, int64_t *skew_ns)
{
    *skew_ns = engine->venues[venue].skew_ns;
    return engine->venues[venue].timed;
}

bool engine_overflows(const struct engine *engine, uint32_t venue)
{
    return engine->venues[venue].overflow != 0;
}

bool engine_venue_complete(const struct engine *engine, uint32_t venue)
{
    return engine->venues[venue].complete;
}
