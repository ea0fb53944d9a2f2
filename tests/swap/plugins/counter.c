/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strategy that trades at every bar and counts, in many builds. It shows what it counted as its
 * score's reason. BUILD_VERSION and BUILD_SCHEMA say which build it is; TROUBLE is what is wrong
 * with it, once its parameter `trouble` is set, so that the trial before the swap finds nothing.
 */
#include <turret/strategy.h>

#include <stdlib.h>

#ifndef TROUBLE
#define TROUBLE 0
#endif
#define CONVERTER_FAILS 1
#define REFUSES         2
#define WIPES           3
#define NAN_SCORE       4
#define INFINITE_SCORE  5
#define DENIED          6
#define DIVERGES        7
#define CRASHES         8
#define HANGS           9
#define CONVERTER_DIES  10
#define FLOODS          11
#define FLOOD           1000 /* of orders at one bar */

/* Schema 1 has a level of 2 a bar; schema 2 counts it in hundredths. */
#define LEVEL_PER_BAR (BUILD_SCHEMA == 2 ? 200 : 2)

struct counter {
    int64_t bars, level;
#ifdef BUILD_PEAK
    int64_t peak;
#endif
    turret_instrument instrument;
    int32_t trouble, on_start_bars;
    turret_indicator mean;
};

static const struct turret_param params[] = {
    TURRET_PARAM_BOOL(1, "trouble", 0, "be in trouble, if this build can"),
    TURRET_PARAM_BOOL(2, "mean", 0, "use the indicator swap.mean"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct counter, bars, "bars seen"),
    TURRET_FIELD_I64(2, struct counter, level, "what the schema says"),
#ifdef BUILD_PEAK
    TURRET_FIELD_I64(3, struct counter, peak, "the highest level"),
#endif
};

#ifdef BUILD_CONVERTS
static int32_t times_hundred(const struct turret_saved *from, struct turret_saved *to,
                             struct turret_error *err)
{
    int64_t level = 0;
    (void)from->get_int(from, 2, 0, &level);
    (void)to->set_int(to, 1, 0, 0); /* half of it is done */
    if (TROUBLE == CONVERTER_FAILS)
        return turret_fail(err, TURRET_EINVAL, "a level of %lld is not convertible",
                           (long long)level);
    if (TROUBLE == CONVERTER_DIES)
        abort();
    (void)from->get_int(from, 1, 0, &level);
    (void)to->set_int(to, 1, 0, level);
    (void)from->get_int(from, 2, 0, &level);
    (void)to->set_int(to, 2, 0, level * 100);
    return TURRET_OK;
}

static int32_t by_hundred(const struct turret_saved *from, struct turret_saved *to,
                          struct turret_error *err)
{
    int64_t level = 0;
    (void)err;
    (void)from->get_int(from, 2, 0, &level);
    (void)to->set_int(to, 2, 0, level / 100);
    return TURRET_OK;
}

static const struct turret_convert converts[] = {{1, 2, times_hundred}, {2, 1, by_hundred}};
#endif

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct counter *s = turret_self(self);
    s->instrument = start->instruments[0];
    s->trouble = turret_param_int(start, 1) ? TROUBLE : 0;
    s->on_start_bars = (int32_t)s->bars;
    if (TROUBLE == CRASHES)
        __builtin_trap();
    for (volatile int forever = 1; TROUBLE == HANGS && forever;)
        ;
    if (s->trouble == REFUSES)
        return turret_fail(err, TURRET_EINVAL, "not on this market");
    if (s->trouble == WIPES)
        s->bars = 0;
    if (turret_param_int(start, 2))
        s->mean = turret_use(self, err, "mean(3)");
    return turret_ok(err);
}

static void trade(struct turret_strategy *self, const struct counter *s)
{
    struct turret_order_request request = {0};
    int i;
    turret_qty lots = s->bars % 2 ? 1 : 0;
    if (s->trouble == DIVERGES)
        lots = s->bars % 2 ? 3 : 2;
    if (s->trouble == FLOODS ? s->bars < s->on_start_bars + 3
                             : s->trouble != DENIED || s->bars % 5 < 2) {
        (void)turret_target(self, s->instrument, lots, "every second bar");
        return;
    }
    request.struct_size = (uint32_t)sizeof request;
    request.instrument = s->instrument;
    request.side = TURRET_SIDE_BUY;
    request.type = TURRET_ORDER_MARKET;
    request.qty = 100000;
    for (i = 0; i < (s->trouble == FLOODS ? FLOOD : 1); i++)
        (void)turret_submit(self, &request);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct counter *s = turret_self(self);
    char said[80];
    double score = 0.5;
    if (bar->instrument != s->instrument)
        return;
    s->bars++;
    s->level += LEVEL_PER_BAR;
#ifdef BUILD_PEAK
    s->peak = s->level > s->peak ? s->level : s->peak;
#endif
    if (s->bars > s->on_start_bars + 3 && s->trouble == NAN_SCORE)
        score = __builtin_nan("");
    if (s->bars > s->on_start_bars + 3 && s->trouble == INFINITE_SCORE)
        score = __builtin_inf();
    trade(self, s);
    (void)snprintf(said, sizeof said, BUILD_VERSION " bars %lld level %lld", (long long)s->bars,
                   (long long)s->level);
    turret_score(self, s->instrument, score, said);
}

static const struct turret_strategy_type counter_type = {
    .struct_size = (uint32_t)sizeof(struct turret_strategy_type),
    .state_size = (uint32_t)sizeof(struct counter),
    .id = "swap.counter",
    .version = BUILD_VERSION,
    .summary = "trades at every bar and counts",
    .params = params,
    .fields = fields,
    .param_count = (uint32_t)(sizeof params / sizeof *params),
    .field_count = (uint32_t)(sizeof fields / sizeof *fields),
    .state_schema = BUILD_SCHEMA,
    .on_start = on_start,
    .on_bar = on_bar,
#ifdef BUILD_CONVERTS
    .converts = converts,
    .convert_count = 2,
#endif
};

TURRET_STRATEGY_TYPE("swap.counter", BUILD_VERSION, counter_type);
