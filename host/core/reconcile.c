/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a venue's books and ours are not the same: found, told, kept until it is settled. The
 * venue's word is never written over ours in silence: it is adopted by a record that says who and
 * why, or nothing trades there.
 */
#include "core/held.h"
#include "core/risk.h"

#include <string.h>

/* A difference outside a download: said so often in a row, or so often while nothing changed here.
 */
#define SAID_MOVING  6
#define SAID_AT_REST 3

/* ---- stopping ---- */

/* Whether nothing is known of its clock yet that risk will ask for. */
static bool waits_for_time(const struct engine *engine, const struct venue *venue)
{
    return (venue->caps.can & TURRET_CAN_SERVER_TIME) && !venue->timed && !venue->untold &&
           engine->options.risk.max_clock_skew_ns != RISK_UNSET;
}

void reconcile_settle(struct engine *engine, uint32_t v)
{
    struct venue *venue = &engine->venues[v];
    venue->ready = venue->complete && !venue->differs && !waits_for_time(engine, venue);
}

void reconcile_halt(struct engine *engine, uint32_t venue, turret_instrument instrument)
{
    if (instrument)
        engine->instruments[instrument].differs = true;
    else
        engine->venues[venue].differs = true;
    reconcile_settle(engine, venue);
}

void reconcile_release(struct engine *engine, uint32_t venue, turret_instrument instrument)
{
    if (instrument)
        engine->instruments[instrument].differs = false;
    else
        engine->venues[venue].differs = false;
    reconcile_settle(engine, venue);
}

/* ---- the list ---- */

static struct difference *find(struct engine *engine, uint8_t kind, uint32_t venue,
                               turret_instrument instrument, uint64_t order_id,
                               const char *currency)
{
    struct reconciliation *r = &engine->reconciliation;
    uint32_t i;
    for (i = 0; i < r->open_count; i++) {
        struct difference *one = &r->open[i];
        if (one->kind == kind && one->venue == venue && one->order_id == order_id &&
            (kind == DIFFERENCE_OF_ORDER || one->instrument == instrument) &&
            !strncmp(one->currency, currency, sizeof one->currency))
            return one;
    }
    return NULL;
}

void reconcile_stop_again(struct engine *engine, uint32_t venue)
{
    struct reconciliation *r = &engine->reconciliation;
    uint32_t i;
    reconcile_release(engine, venue, 0);
    for (i = 1; i <= engine->instrument_count; i++)
        if (engine->instruments[i].venue == venue)
            reconcile_release(engine, venue, i);
    if (engine->venues[venue].overflow)
        reconcile_halt(engine, venue, 0);
    for (i = 0; i < r->open_count; i++)
        if (r->open[i].venue == venue && r->open[i].halts)
            reconcile_halt(engine, venue, r->open[i].halts == 2 ? 0 : r->open[i].instrument);
}

static void tell(struct engine *engine, const struct difference *one)
{
    if (engine->sink.difference)
        engine->sink.difference(engine->sink.context, one);
}

static void end(struct engine *engine, struct difference *one, uint8_t how, const char *text)
{
    struct reconciliation *r = &engine->reconciliation;
    uint32_t venue = one->venue;
    one->end = how;
    one->until = engine->now;
    memset(one->text, 0, sizeof one->text);
    (void)snprintf(one->text, sizeof one->text, "%s", text);
    tell(engine, one);
    r->open_count--;
    memmove(one, one + 1, (size_t)(&r->open[r->open_count] - one) * sizeof *one);
    reconcile_stop_again(engine, venue);
}

/* `wide`: the whole venue stops, because a download showed it. NULL: there are too many. */
static struct difference *begin(struct engine *engine, const struct difference *given, bool wide)
{
    struct reconciliation *r = &engine->reconciliation;
    struct difference *one = find(engine, given->kind, given->venue, given->instrument,
                                  given->order_id, given->currency);
    bool known = one != NULL;
    if (known && one->ours == given->ours && one->theirs == given->theirs && !wide)
        return one;
    if (!known && r->open_count == RECONCILE_OPEN) {
        reconcile_overflow(engine, given);
        return NULL;
    }
    if (!known) {
        one = &r->open[r->open_count++];
        *one = *given;
        one->id = ++r->next_id;
        one->sequence = engine->sequence;
        one->since = engine->now;
    }
    one->ours = given->ours;
    one->theirs = given->theirs;
    one->policy = given->policy;
    one->halts = given->policy != RECONCILE_HALT ? 0 : wide || !given->instrument ? 2 : 1;
    if (one->halts)
        reconcile_halt(engine, one->venue, one->halts == 2 ? 0 : one->instrument);
    tell(engine, one);
    return one;
}

static struct difference made(uint8_t kind, uint32_t venue, turret_instrument instrument,
                              uint8_t policy)
{
    struct difference one;
    memset(&one, 0, sizeof one);
    one.kind = kind;
    one.venue = venue;
    one.instrument = instrument;
    one.policy = policy;
    return one;
}

static const char *stops(const struct difference *one)
{
    return one->halts ? "; nothing trades there until they agree" : "";
}

/* ---- the venue's books are taken ---- */

struct account *reconcile_account(struct engine *engine, uint32_t venue, const char currency[8])
{
    uint32_t i;
    for (i = 0; i < engine->account_count; i++)
        if (engine->accounts[i].venue == venue &&
            !strncmp(engine->accounts[i].currency, currency, sizeof engine->accounts[i].currency))
            return &engine->accounts[i];
    return NULL;
}

static struct money_text amount(const struct engine *engine, const struct difference *one,
                                int64_t value)
{
    return one->kind == DIFFERENCE_OF_CASH ? money_text(value, MONEY_SCALE)
                                           : market_qty_text(engine, one->instrument, value);
}

static bool adopt(struct engine *engine, struct difference *one, const char *why)
{
    if (!adopt_difference(engine, one)) {
        engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                      "difference %llu: the venue's %s does not fit and is not adopted",
                      (unsigned long long)one->id, amount(engine, one, one->theirs).text);
        one->policy = RECONCILE_HALT;
        if (!one->halts) {
            one->halts = one->instrument ? 1 : 2;
            reconcile_halt(engine, one->venue, one->instrument);
            tell(engine, one);
        }
        return false;
    }
    engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                  "difference %llu: the venue's %s is taken for %s: %s",
                  (unsigned long long)one->id, amount(engine, one, one->theirs).text,
                  amount(engine, one, one->ours).text, why);
    end(engine, one, DIFFERENCE_ADOPTED, why);
    return true;
}

/* ---- positions and cash ---- */

/* Whether this is a difference; `sure`: said with the whole of a download. */
static bool confirmed(struct suspicion *suspect, int64_t ours, int64_t difference, bool sure)
{
    bool same = suspect->said > 0 && suspect->difference == difference;
    suspect->at_rest = same && suspect->ours == ours ? suspect->at_rest + 1 : 1;
    suspect->said = same ? suspect->said + 1 : 1;
    suspect->difference = difference;
    suspect->ours = ours;
    return sure || suspect->said >= SAID_MOVING || suspect->at_rest >= SAID_AT_REST;
}

/* Beyond 64 bits it is as far as they go. */
static int64_t less(int64_t theirs, int64_t ours)
{
    money_wide by = (money_wide)theirs - ours;
    return by > INT64_MAX ? INT64_MAX : by < -INT64_MAX ? -INT64_MAX : (int64_t)by;
}

void reconcile_position(struct engine *engine, const struct event *event)
{
    const struct turret_report_position *report = &event->u.position;
    const struct venue *venue = &engine->venues[event->venue];
    struct instrument *instrument;
    const struct position *ours;
    struct difference given, *one;
    char theirs[MONEY_TEXT_MAX], own[MONEY_TEXT_MAX];
    if (report->instrument == 0 || report->instrument > engine->instrument_count ||
        engine->instruments[report->instrument].venue != event->venue)
        return;
    instrument = &engine->instruments[report->instrument];
    ours = &engine->positions[instrument->account_position];
    one = find(engine, DIFFERENCE_OF_POSITION, event->venue, report->instrument, 0, "");
    if (ours->qty == report->qty) {
        instrument->agreed = absence_time_of(engine, event);
        memset(&instrument->suspect, 0, sizeof instrument->suspect);
        if (one)
            end(engine, one, DIFFERENCE_AGREED, "the venue's books and ours agree again");
        return;
    }
    if (!confirmed(&instrument->suspect, ours->qty, less(report->qty, ours->qty),
                   venue->downloading))
        return;
    given =
        made(DIFFERENCE_OF_POSITION, event->venue, report->instrument, venue->reconcile.positions);
    given.ours = ours->qty;
    given.theirs = report->qty;
    (void)snprintf(given.text, sizeof given.text,
                   "the account's position: reconcile adopt takes theirs");
    if (one && one->ours == given.ours && one->theirs == given.theirs && !venue->downloading)
        return; /* told before */
    one = begin(engine, &given, venue->downloading);
    if (!one)
        return;
    money_format(report->qty, instrument->def.qty_scale, theirs, sizeof theirs);
    money_format(ours->qty, instrument->def.qty_scale, own, sizeof own);
    engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                  "%s.%s: the venue says position %s, the books say %s%s", instrument->def.symbol,
                  instrument->def.venue, theirs, own, stops(one));
    if (one->policy == RECONCILE_ADOPT)
        (void)adopt(engine, one, "policy adopt");
}

void reconcile_balance(struct engine *engine, const struct event *event)
{
    const struct turret_report_balance *report = &event->u.balance;
    struct venue *venue = &engine->venues[event->venue];
    struct account *account = reconcile_account(engine, event->venue, report->currency);
    struct difference given, *one;
    struct suspicion *suspect;
    char theirs[MONEY_TEXT_MAX], own[MONEY_TEXT_MAX];
    money_wide by;
    if (!account || (venue->caps.can & TURRET_CAN_SIMULATE))
        return; /* a simulated one counts from 0, not from what the account began with */
    suspect = &engine->reconciliation.cash[account - engine->accounts];
    one = find(engine, DIFFERENCE_OF_CASH, event->venue, 0, 0, account->currency);
    by = (money_wide)report->cash - account->cash;
    if ((by < 0 ? -by : by) <= venue->reconcile.cash_tolerance) {
        memset(suspect, 0, sizeof *suspect);
        if (one)
            end(engine, one, DIFFERENCE_AGREED, "the venue's books and ours agree again");
        return;
    }
    if (!confirmed(suspect, account->cash, less(report->cash, account->cash), venue->downloading))
        return;
    given = made(DIFFERENCE_OF_CASH, event->venue, 0, venue->reconcile.cash);
    memcpy(given.currency, account->currency, sizeof given.currency);
    given.ours = account->cash;
    given.theirs = report->cash;
    (void)snprintf(given.text, sizeof given.text,
                   "the account's cash: reconcile adopt takes theirs");
    if (one && one->ours == given.ours && one->theirs == given.theirs && !venue->downloading)
        return;
    one = begin(engine, &given, venue->downloading);
    if (!one)
        return;
    money_format(report->cash, MONEY_SCALE, theirs, sizeof theirs);
    money_format(account->cash, MONEY_SCALE, own, sizeof own);
    engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                  "%s: the venue says cash %s %.7s, the books say %s%s", venue->name, theirs,
                  account->currency, own, stops(one));
    if (one->policy == RECONCILE_ADOPT)
        (void)adopt(engine, one, "policy adopt");
}

/* ---- orders and fills ---- */

void reconcile_order(struct engine *engine, const struct order *order, const char *what)
{
    struct difference given = made(DIFFERENCE_OF_ORDER, order->venue, order->instrument,
                                   engine->venues[order->venue].reconcile.orders);
    given.order_id = order->id;
    given.ours = order->filled_qty;
    (void)snprintf(given.text, sizeof given.text, "%s", what);
    if (find(engine, given.kind, given.venue, 0, order->id, ""))
        return;
    (void)begin(engine, &given, false);
}

void reconcile_order_known(struct engine *engine, const struct order *order)
{
    struct difference *one = engine->reconciliation.open_count
                                 ? find(engine, DIFFERENCE_OF_ORDER, order->venue, 0, order->id, "")
                                 : NULL;
    char text[64];
    if (!one)
        return;
    (void)snprintf(text, sizeof text, "it is %s", order_state_name(order->state));
    end(engine, one, DIFFERENCE_AGREED, text);
}

void reconcile_foreign_fill(struct engine *engine, const struct fill *fill)
{
    struct difference given = made(DIFFERENCE_OF_FILL, fill->venue, fill->instrument,
                                   engine->venues[fill->venue].reconcile.fills);
    struct difference *one;
    given.order_id = fill->id;
    given.theirs = fill->side == TURRET_SIDE_BUY ? fill->qty : -fill->qty;
    (void)snprintf(given.text, sizeof given.text, "execution %.39s is of nobody's order",
                   fill->execution_id);
    one = begin(engine, &given, false);
    if (one && given.policy != RECONCILE_HALT)
        end(engine, one, DIFFERENCE_ADOPTED, "booked to the account");
}

bool reconcile_proves_absence(const struct engine *engine, const struct order *order)
{
    const struct instrument *instrument = &engine->instruments[order->instrument];
    return absence_is_late(engine, order, instrument->agreed) && instrument->suspect.said == 0 &&
           !instrument->differs;
}

void reconcile_begin(struct engine *engine, uint32_t venue)
{
    uint32_t i;
    for (i = 1; i <= engine->instrument_count; i++)
        if (engine->instruments[i].venue == venue)
            memset(&engine->instruments[i].suspect, 0, sizeof engine->instruments[i].suspect);
    for (i = 0; i < engine->account_count; i++)
        if (engine->accounts[i].venue == venue)
            memset(&engine->reconciliation.cash[i], 0, sizeof engine->reconciliation.cash[i]);
    if (engine->venues[venue].overflow)
        engine->venues[venue].overflow = RECONCILE_OVERFLOW_ASKS;
}

/* ---- what the session found, and what people decide ---- */

static void take_silence(struct engine *engine, uint32_t v)
{
    struct venue *venue = &engine->venues[v];
    if (venue->timed || venue->untold)
        return;
    venue->untold = true;
    reconcile_settle(engine, v);
    engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                  "venue %s does not tell its time; orders are denied there until %s", venue->name,
                  engine->options.risk.max_clock_skew_ns == RISK_UNSET
                      ? "max_clock_skew is set (LIMIT_UNSET) and it does"
                      : "it does (CLOCK_SKEW: max_clock_skew is set)");
}

static void take_clock(struct engine *engine, const struct event *event)
{
    struct venue *venue = &engine->venues[event->venue];
    int64_t limit = engine->options.risk.max_clock_skew_ns;
    struct difference given = made(DIFFERENCE_OF_CLOCK, event->venue, 0, RECONCILE_ALARM);
    struct difference *one = find(engine, given.kind, event->venue, 0, 0, "");
    if (event->u.difference.doubt == DIFFERENCE_CLOCK_UNTOLD) {
        take_silence(engine, event->venue);
        return;
    }
    if (!reconcile_skew_is_sane(event->u.difference.value, event->u.difference.doubt))
        return;
    venue->skew_ns = event->u.difference.value;
    venue->skew_doubt_ns = event->u.difference.doubt;
    venue->timed = true;
    venue->untold = false;
    reconcile_settle(engine, event->venue);
    given.theirs = venue->skew_ns;
    (void)snprintf(given.text, sizeof given.text,
                   "seconds from this machine's clock, beyond max_clock_skew");
    if (risk_clock_is_off(venue, limit)) {
        if (!one)
            engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                          "venue %s: its clock is %lld ms away from this machine's; nothing trades "
                          "there",
                          venue->name, (long long)(venue->skew_ns / 1000000));
        (void)begin(engine, &given, false);
    } else if (one) {
        end(engine, one, DIFFERENCE_AGREED, "the clocks agree again");
    }
}

static void take_journal(struct engine *engine, bool behind)
{
    if (behind != engine->reconciliation.journal_behind)
        engine_notice(engine, NOTICE_ALARM, ENGINE_NONE,
                      behind ? "the journal is behind: no new orders until it is on the disk"
                             : "the journal is on the disk again");
    engine->reconciliation.journal_behind = behind;
}

static void take_fill(struct engine *engine, const struct event *event)
{
    const struct fill *fill = &event->u.difference.fill;
    if (event->venue < engine->venue_count && fill->venue == event->venue &&
        fill->instrument >= 1 && fill->instrument <= engine->instrument_count &&
        fill_is_whole(fill) &&
        !executions_find(&engine->executions, fill->venue, fill->execution_id))
        executions_add(&engine->executions, fill);
}

void reconcile_event(struct engine *engine, const struct event *event)
{
    switch (event->u.difference.kind) {
    case DIFFERENCE_CLOCK:
        if (event->venue < engine->venue_count)
            take_clock(engine, event);
        break;
    case DIFFERENCE_JOURNAL:
        take_journal(engine, event->u.difference.value != 0);
        break;
    case DIFFERENCE_RECALL:
        take_fill(engine, event);
        break;
    default:
        break;
    }
}

static void decide_order(struct engine *engine, const struct event_control *control)
{
    struct order *order = order_table_find(engine->orders, (uint64_t)control->value);
    struct difference *one;
    if (!order || order->state != TURRET_STATE_UNKNOWN ||
        (control->target != TURRET_STATE_REJECTED && control->target != TURRET_STATE_CANCELED))
        return;
    one = find(engine, DIFFERENCE_OF_ORDER, order->venue, 0, order->id, "");
    if (one)
        end(engine, one, DIFFERENCE_DECIDED, control->text);
    engine_notice(engine, NOTICE_ALARM, order->strategy, "order %llu is %s: %s",
                  (unsigned long long)order->id, order_state_name((uint8_t)control->target),
                  control->text);
    (void)order_change(engine, order, (uint8_t)control->target, control->text);
}

static void keep_back(struct engine *engine, const struct event_control *control)
{
    struct order *order = order_table_find(engine->orders, (uint64_t)control->value);
    bool doubted = order && order->state == TURRET_STATE_UNKNOWN &&
                   !order_was_there(order); /* a download went by while it waited */
    if (!order || (order->state != TURRET_STATE_SENT && !doubted))
        return;
    order->denial = control->target < DENY_CODES ? control->target : DENY_NONE;
    held_kept_back(engine, order, control->text);
}

/* Those that are open of this instrument, or of this currency. */
static void adopt_all(struct engine *engine, const struct event_control *control)
{
    struct reconciliation *r = &engine->reconciliation;
    uint32_t i = 0;
    while (i < r->open_count) {
        struct difference *one = &r->open[i];
        bool cash = one->kind == DIFFERENCE_OF_CASH && control->value == 0 &&
                    !strncmp(one->currency, control->currency, sizeof one->currency);
        bool held = (one->kind == DIFFERENCE_OF_POSITION || one->kind == DIFFERENCE_OF_FILL) &&
                    control->value != 0 && (int64_t)one->instrument == control->value;
        if (one->venue != control->target || !(cash || held) ||
            !adopt(engine, one, control->text)) /* it leaves the list */
            i++;
    }
}

void reconcile_control(struct engine *engine, const struct event_control *control)
{
    if (control->kind == CONTROL_RESOLVE_ORDER)
        decide_order(engine, control);
    else if (control->kind == CONTROL_ADOPT)
        adopt_all(engine, control);
    else
        keep_back(engine, control);
}
