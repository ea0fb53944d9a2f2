/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strategy `test.chain`: keeps orders working and a hash chain (chain.h) of all bars and fills
 * it saw, in fields that every build hands to the next. It checks by itself what must hold whatever
 * build runs: the indicator it shares the bars with has seen each of them, each of its orders ends
 * once. At the first bar of a build, and at every 32nd, it says how far it is.
 *
 * -DBUILD=n makes another build of it; -DQUIET=1 one that only cancels; -DBREAKS=BREAKS_… one that
 * breaks its contract on purpose.
 */
#include "chain.h"

#include <turret/strategy.h>

#include <errno.h>

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#ifndef BUILD
#define BUILD 1
#endif
#ifndef QUIET
#define QUIET 0
#endif

#define BREAKS_NOTHING     0
#define BREAKS_PROBE       1  /* crashes when it is described */
#define BREAKS_PROBE_HANGS 2  /* never comes back then */
#define BREAKS_START       3  /* refuses to start on a swap */
#define BREAKS_COMMIT      4  /* refuses to start the second time: rehearsed well, then not */
#define BREAKS_SAVE        5  /* save() says no */
#define BREAKS_LOAD        6  /* load() stops half-way */
#define BREAKS_STATE       7  /* forgets a field while it starts */
#define BREAKS_CRASH       9  /* crashes at its fifth bar */
#define BREAKS_STOP        10 /* crashes in on_stop() when it is taken out */
#define BREAKS_DENIED      11 /* asks for orders that are all denied */
#define BREAKS_KILL_SAVE   12 /* crashes in the daemon, inside save() … */
#define BREAKS_KILL_LOAD   13 /* … load() … */
#define BREAKS_KILL_START  14 /* … on_start() of a swap */
#define BREAKS_CRASH_START 15 /* crashes when it starts on a swap */
#ifndef BREAKS
#define BREAKS BREAKS_NOTHING
#endif

#define TEXT_OF(x) #x
#define TEXT(x)    TEXT_OF(x)
#define ORDERS     8
#define SAID_EVERY 32

struct chain {
    /* fields, handed over */
    int64_t events, link, bars, fills, sent, ended, wrong, tally_base, sum, build;
    int64_t ids[ORDERS];
    /* this build's own */
    int32_t every;
    int64_t first;
    turret_indicator tally;
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "every", 2, 1, 1000, "bars", "bars between orders"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct chain, events, "links of the chain"),
    TURRET_FIELD_I64(2, struct chain, link, "the newest"),
    TURRET_FIELD_I64(3, struct chain, bars, "bars seen"),
    TURRET_FIELD_I64(4, struct chain, fills, "fills seen"),
    TURRET_FIELD_I64(5, struct chain, sent, "orders asked for"),
    TURRET_FIELD_I64(6, struct chain, ended, "orders that ended"),
    TURRET_FIELD_I64(7, struct chain, wrong, "what did not hold"),
    TURRET_FIELD_I64(8, struct chain, tally_base, "the indicator's bars before the first"),
    TURRET_FIELD_I64(9, struct chain, sum, "the indicator's second output, by itself"),
    TURRET_FIELD_I64(10, struct chain, build, "the build that ran last"),
    TURRET_FIELD(11, I64, struct chain, ids, ORDERS, 0, "newest orders"),
};

/*
 * Only in the daemon, which tests start by another name than the turret that tries a build; and not
 * before it has seen something.
 */
static bool breaks(const struct chain *s, int how)
{
    return BREAKS == how && s->bars > 100 && strcmp(program_invocation_short_name, "turret") != 0;
}

static void end(const struct chain *s, int how)
{
    if (breaks(s, how))
        __builtin_trap();
}

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct chain *s = turret_self(self);
    static int started;
    s->every = turret_param_int(start, 1);
    s->first = s->bars;
    s->tally = turret_use(self, err, "test.tally()");
    if (!s->tally)
        return err->code;
    started++;
    if (start->reason == TURRET_REASON_SWAP_IN) {
        end(s, BREAKS_KILL_START);
        end(s, BREAKS_CRASH_START);
    }
    if (breaks(s, BREAKS_START))
        return turret_fail(err, TURRET_EINVAL, "build %d does not want to start", BUILD);
    /* three strategies rehearse before the first commits */
    if (breaks(s, BREAKS_COMMIT) && started > 3)
        return turret_fail(err, TURRET_EINVAL, "build %d changed its mind", BUILD);
    s->fills += breaks(s, BREAKS_STATE);
    return turret_ok(err);
}

static void say(struct turret_strategy *self)
{
    const struct chain *s = turret_self(self);
    char text[200];
    (void)snprintf(text, sizeof text,
                   "chain %" PRId64 " %016" PRIx64 " bars %" PRId64 " fills %" PRId64
                   " sent %" PRId64 " ended %" PRId64 " wrong %" PRId64 " build %d",
                   s->events, (uint64_t)s->link, s->bars, s->fills, s->sent, s->ended, s->wrong,
                   BUILD);
    turret_log(self, TURRET_LOG_NOTICE, text);
}

static void add(struct chain *s, int64_t kind, int64_t a, int64_t b, int64_t c)
{
    const int64_t values[3] = {a, b, c};
    uint64_t before = s->events ? (uint64_t)s->link : CHAIN_BASIS;
    s->link = (int64_t)chain_link(before, kind, values);
    s->events++;
}

/* The indicator has seen the very same bars. */
static void check_tally(struct chain *s, const struct turret_bar *bar)
{
    int64_t count = llround(turret_output(s->tally, 0)), sum = llround(turret_output(s->tally, 1));
    if (s->bars == 1) {
        s->tally_base = count - 1;
        s->sum = sum;
        return;
    }
    s->sum = (s->sum * 31 + bar->close) % 1000003;
    s->wrong += count != s->tally_base + s->bars;
    s->wrong += sum != s->sum;
}

static void ask(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct chain *s = turret_self(self);
    struct turret_order_request request = {.struct_size = (uint32_t)sizeof request,
                                           .instrument = bar->instrument};
    int64_t turn = s->bars / s->every, *slot = &s->ids[turn % ORDERS];
    if (*slot) /* until it ends: a cancel may get lost on its way */
        (void)turret_cancel(self, (uint64_t)*slot);
    if (QUIET || *slot)
        return;
    request.side = turn % 2 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
    request.type = turn % 4 < 2 ? TURRET_ORDER_MARKET : TURRET_ORDER_LIMIT;
    request.qty = BREAKS == BREAKS_DENIED ? INT64_C(1000000000) : 10 + turn % 7;
    if (request.type == TURRET_ORDER_LIMIT)
        request.limit_price = bar->close + (turn % 2 ? -3 : 3);
    (void)snprintf(request.reason, sizeof request.reason, "order %" PRId64, s->sent + 1);
    *slot = (int64_t)turret_submit(self, &request);
    s->sent += *slot != 0;
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct chain *s = turret_self(self);
    s->bars++;
    s->build = BUILD;
    add(s, CHAIN_BAR, bar->time, bar->close, bar->volume);
    check_tally(s, bar);
    if (s->bars % s->every == 0)
        ask(self, bar);
    if (s->bars == s->first + 5)
        end(s, BREAKS_CRASH);
    if (s->bars == s->first + 1 || s->bars % SAID_EVERY == 0)
        say(self);
}

static void on_fill(struct turret_strategy *self, const struct turret_fill *fill)
{
    struct chain *s = turret_self(self);
    s->fills++;
    add(s, CHAIN_FILL, (int64_t)fill->order_id,
        fill->side == TURRET_SIDE_BUY ? fill->qty : -fill->qty, fill->price);
}

static void on_order(struct turret_strategy *self, const struct turret_order *order)
{
    struct chain *s = turret_self(self);
    int i;
    if (order->state != TURRET_STATE_FILLED && order->state != TURRET_STATE_CANCELED &&
        order->state != TURRET_STATE_EXPIRED && order->state != TURRET_STATE_REJECTED &&
        order->state != TURRET_STATE_DENIED)
        return;
    s->ended++;
    for (i = 0; i < ORDERS; i++)
        if (s->ids[i] == (int64_t)order->id)
            s->ids[i] = 0;
}

static void on_stop(struct turret_strategy *self, uint32_t reason)
{
    const struct chain *s = turret_self(self);
    if (reason != TURRET_REASON_SHUTDOWN && s->bars > s->first)
        end(s, BREAKS_STOP);
}

static int32_t save(struct turret_strategy *self, struct turret_stream *to,
                    struct turret_error *err)
{
    static const char mark[64] = "a state of its own shape";
    end(turret_self(self), BREAKS_KILL_SAVE);
    if (breaks(turret_self(self), BREAKS_SAVE))
        return turret_fail(err, TURRET_EIO, "build %d does not save", BUILD);
    return to->write(to, mark, sizeof mark) == (int64_t)sizeof mark
               ? turret_ok(err)
               : turret_fail(err, TURRET_EIO, "not written");
}

static int32_t load(struct turret_strategy *self, struct turret_stream *from,
                    struct turret_error *err)
{
    struct chain *s = turret_self(self);
    char mark[64];
    if (from->read(from, mark, 16) != 16)
        return turret_fail(err, TURRET_ECORRUPT, "cut short");
    end(s, BREAKS_KILL_LOAD);
    if (breaks(s, BREAKS_LOAD)) {
        s->link = 0; /* half a state */
        return turret_fail(err, TURRET_ECORRUPT, "build %d stops half-way", BUILD);
    }
    return from->read(from, mark + 16, 48) == 48 && !strncmp(mark, "a state", 7)
               ? turret_ok(err)
               : turret_fail(err, TURRET_ECORRUPT, "cut short");
}

static const struct turret_strategy_type type = {
    .struct_size = (uint32_t)sizeof(struct turret_strategy_type),
    .state_size = (uint32_t)sizeof(struct chain),
    .id = "test.chain",
    .version = "1." TEXT(BUILD) ".0",
    .summary = "Keeps a chain of what it saw",
    .params = params,
    .fields = fields,
    .param_count = 1,
    .field_count = (uint32_t)(sizeof fields / sizeof *fields),
    .state_schema = 1,
    .on_start = on_start,
    .on_stop = on_stop,
    .on_bar = on_bar,
    .on_order = on_order,
    .on_fill = on_fill,
    .save = save,
    .load = load,
};

#if BREAKS == BREAKS_PROBE || BREAKS == BREAKS_PROBE_HANGS
__attribute__((constructor)) static void arrive(void)
{
    if (BREAKS == BREAKS_PROBE)
        __builtin_trap();
    for (;;)
        (void)pause();
}
#endif

TURRET_STRATEGY_TYPE("test.chain", "1." TEXT(BUILD) ".0", type);
