/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three indicators vote with weights. Each gives a score from -1 (sell) to +1 (buy); the weighted
 * sum, divided by the sum of the weights that take part, is the score of the bar:
 *
 *   rsi    (50 - RSI) / 20                                  mean reversion: low RSI says buy
 *   ma     (fast average / slow average - 1) / ma_full      trend; ma_full is 2 % by default
 *   macd   (MACD histogram / close) / macd_full             momentum; macd_full is 0.5 % by default
 *
 * each clamped to -1…+1. At or above `buy` it holds `size`; at or below `sell` it holds nothing,
 * or minus `size` when `allow_short` is true; in between it keeps what it has. With `enabled` false
 * it still shows its score and asks for nothing. The scales are this strategy's own choice.
 *
 * The last score is saved. The n-th instrument of the instance has the n-th place in that field.
 */
#include <turret/strategy.h>

#define INSTRUMENTS_MAX 64
#define REASON_SIZE     56
#define MACD_HISTOGRAM  2 /* output of macd(): line, signal, histogram */

enum part { PART_RSI, PART_MA, PART_MACD, PART_COUNT };

struct watch {
    turret_instrument instrument;
    turret_indicator rsi, fast, slow, macd;
    double price_unit; /* whole currency in one unit of price */
};

struct weighted {
    struct watch watch[INSTRUMENTS_MAX];
    uint32_t watch_count;
    int32_t enabled;
    double weight[PART_COUNT]; /* 0 when that part is off */
    double weight_sum;
    double buy, sell, ma_full, macd_full;
    turret_qty above, below;
    double score[INSTRUMENTS_MAX];
};

static const char *const part_names[PART_COUNT] = {"rsi", "ma", "macd"};

static const struct turret_param params[] = {
    TURRET_PARAM_BOOL(1, "enabled", 1, "false: show scores, ask for nothing"),
    TURRET_PARAM_QTY(2, "size", "1", "position to hold"),
    TURRET_PARAM_BOOL(3, "allow_short", 0, "hold minus size at or below sell"),
    TURRET_PARAM_REAL(4, "buy", 0.05, -1, 1, "", "score at or above which it buys"),
    TURRET_PARAM_REAL(5, "sell", -0.05, -1, 1, "", "score at or below which it sells"),
    TURRET_PARAM_BOOL(10, "rsi_enabled", 1, "whether the RSI votes"),
    TURRET_PARAM_REAL(11, "rsi_weight", 1, 0, 100, "", "weight of the RSI"),
    TURRET_PARAM_INT(12, "rsi_period", 14, 2, 500, "bars", "length of the RSI"),
    TURRET_PARAM_BOOL(20, "ma_enabled", 1, "whether the moving averages vote"),
    TURRET_PARAM_REAL(21, "ma_weight", 1, 0, 100, "", "weight of the moving averages"),
    TURRET_PARAM_INT(22, "ma_fast", 10, 2, 500, "bars", "length of the fast average"),
    TURRET_PARAM_INT(23, "ma_slow", 30, 3, 1000, "bars", "length of the slow average"),
    TURRET_PARAM_REAL(24, "ma_full", 2, 0.0001, 100, "%", "distance that scores 1"),
    TURRET_PARAM_BOOL(30, "macd_enabled", 1, "whether the MACD votes"),
    TURRET_PARAM_REAL(31, "macd_weight", 1, 0, 100, "", "weight of the MACD"),
    TURRET_PARAM_INT(32, "macd_fast", 12, 2, 500, "bars", "length of the MACD's fast average"),
    TURRET_PARAM_INT(33, "macd_slow", 26, 3, 1000, "bars", "length of the MACD's slow average"),
    TURRET_PARAM_INT(34, "macd_signal", 9, 1, 500, "bars", "length of the MACD's signal line"),
    TURRET_PARAM_REAL(35, "macd_full", 0.5, 0.0001, 100, "%",
                      "histogram, in % of the price, that scores 1"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD(1, F64, struct weighted, score, INSTRUMENTS_MAX, 0,
                 "score of the last bar, each instrument"),
};

/* Parameters that contradict each other are refused here. */
static int32_t read_params(struct weighted *s, const struct turret_start *start,
                           struct turret_error *err)
{
    static const struct {
        uint32_t fast, slow;
        const char *name;
    } pairs[] = {{22, 23, "ma"}, {32, 33, "macd"}};
    uint32_t i;
    for (i = 0; i < 2; i++) {
        int32_t fast = turret_param_int(start, pairs[i].fast);
        int32_t slow = turret_param_int(start, pairs[i].slow);
        if (fast >= slow)
            return turret_fail(err, TURRET_EINVAL, "%s_fast is %d, not below %s_slow %d",
                               pairs[i].name, fast, pairs[i].name, slow);
    }
    s->buy = turret_param_real(start, 4);
    s->sell = turret_param_real(start, 5);
    if (s->sell >= s->buy)
        return turret_fail(err, TURRET_EINVAL, "sell is %g, not below buy %g", s->sell, s->buy);
    s->enabled = turret_param_int(start, 1);
    s->above = turret_param_qty(start, 2);
    s->below = turret_param_int(start, 3) ? -s->above : 0;
    s->ma_full = turret_param_real(start, 24) / 100;
    s->macd_full = turret_param_real(start, 35) / 100;
    s->weight_sum = 0;
    for (i = 0; i < PART_COUNT; i++) { /* a part's flag and weight have ids 10n and 10n + 1 */
        uint32_t id = 10 * (i + 1);
        s->weight[i] = turret_param_int(start, id) ? turret_param_real(start, id + 1) : 0;
        s->weight_sum += s->weight[i];
    }
    if (!(s->weight_sum > 0))
        return turret_fail(err, TURRET_EINVAL, "rsi, ma and macd are all off or of weight 0");
    return TURRET_OK;
}

__attribute__((format(printf, 4, 5))) static turret_indicator use(struct turret_strategy *self,
                                                                  struct turret_error *err,
                                                                  turret_instrument instrument,
                                                                  const char *format, ...)
{
    char expression[64];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(expression, sizeof expression, format, args);
    va_end(args);
    return turret_use_on(self, err, instrument, 0, expression);
}

static int32_t start_watch(struct turret_strategy *self, struct watch *w,
                           const struct turret_start *start, struct turret_error *err)
{
    const struct weighted *s = turret_self(self);
    const struct turret_instrument_def *def = turret_instrument_of(self, w->instrument);
    int32_t scale;
    if (!def)
        return turret_fail(err, TURRET_ENOTFOUND, "instrument %u is not known", w->instrument);
    w->price_unit = 1;
    for (scale = 0; scale < def->price_scale; scale++)
        w->price_unit /= 10;
    if (s->weight[PART_RSI] > 0)
        w->rsi = use(self, err, w->instrument, "rsi(%d)", turret_param_int(start, 12));
    if (s->weight[PART_MA] > 0) {
        w->fast = use(self, err, w->instrument, "sma(%d)", turret_param_int(start, 22));
        w->slow = use(self, err, w->instrument, "sma(%d)", turret_param_int(start, 23));
    }
    if (s->weight[PART_MACD] > 0)
        w->macd = use(self, err, w->instrument, "macd(%d,%d,%d)", turret_param_int(start, 32),
                      turret_param_int(start, 33), turret_param_int(start, 34));
    return turret_ok(err);
}

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct weighted *s = turret_self(self);
    uint32_t i;
    int32_t status;
    if (start->instrument_count > INSTRUMENTS_MAX)
        return turret_fail(err, TURRET_ELIMIT, "on %u instruments, above the limit %d",
                           start->instrument_count, INSTRUMENTS_MAX);
    status = read_params(s, start, err);
    s->watch_count = start->instrument_count;
    for (i = 0; i < s->watch_count && !status; i++) {
        s->watch[i] = (struct watch){.instrument = start->instruments[i]};
        status = start_watch(self, &s->watch[i], start, err);
    }
    return status;
}

/* x / full within -1…+1; 0 when the division has no meaning. */
static double score_of(double x, double full)
{
    double score = full > 0 ? x / full : 0;
    if (score > 1)
        return 1;
    return score < -1 ? -1 : score;
}

/* The score of one bar and what it is made of, "rsi +0.20 ma +1.00 macd -0.31". */
static double weigh(const struct weighted *s, const struct watch *w, double close, char *reason)
{
    double part[PART_COUNT] = {0}, sum = 0;
    size_t length = 0;
    uint32_t i;
    if (w->rsi)
        part[PART_RSI] = score_of(50 - turret_value(w->rsi), 20);
    if (w->fast && turret_value(w->slow) > 0)
        part[PART_MA] = score_of(turret_value(w->fast) / turret_value(w->slow) - 1, s->ma_full);
    if (w->macd)
        part[PART_MACD] = score_of(turret_output(w->macd, MACD_HISTOGRAM), s->macd_full * close);
    reason[0] = '\0';
    for (i = 0; i < PART_COUNT; i++) {
        if (!(s->weight[i] > 0))
            continue;
        sum += s->weight[i] * part[i];
        length += (size_t)snprintf(reason + length, REASON_SIZE - length, "%s%s %+.2f",
                                   length ? " " : "", part_names[i], part[i]);
    }
    return sum / s->weight_sum;
}

static int ready(const struct watch *w)
{
    return (!w->rsi || turret_ready(w->rsi)) && (!w->macd || turret_ready(w->macd)) &&
           (!w->fast || (turret_ready(w->fast) && turret_ready(w->slow)));
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct weighted *s = turret_self(self);
    const struct watch *w;
    char reason[REASON_SIZE];
    uint32_t i = 0;
    while (i < s->watch_count && s->watch[i].instrument != bar->instrument)
        i++;
    if (i == s->watch_count)
        return;
    w = &s->watch[i];
    if (!ready(w))
        return;
    s->score[i] = weigh(s, w, (double)bar->close * w->price_unit, reason);
    turret_score(self, bar->instrument, s->score[i], reason);
    if (!s->enabled)
        return;
    if (s->score[i] >= s->buy)
        (void)turret_target(self, bar->instrument, s->above, reason);
    else if (s->score[i] <= s->sell)
        (void)turret_target(self, bar->instrument, s->below, reason);
}

TURRET_STRATEGY(weighted, "turret.weighted_signals", "1.0.0",
                "RSI, moving averages and MACD vote with weights", params, fields, on_start,
                on_bar);
