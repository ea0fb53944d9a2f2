/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Indicators: "sma(20)" becomes a type and parameters; equal ones on the same bars are one. Values
 * go into slots that strategies read. A value that is not finite never reaches a strategy: its
 * indicator is disabled, and with it the strategies that use it.
 */
#include "core/columns.h"
#include "core/indicators.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- sharing ---- */

static int prepare(struct indicator *indicator, struct turret_error *err)
{
    const struct turret_indicator_type *type = indicator->type;
    struct turret_error why = {0};
    uint64_t size = type->state_size(indicator->params);
    int status;
    if (size > ENGINE_STATE_MAX)
        return turret_fail(err, TURRET_EFAULT, "%s wants %llu bytes of state, more than 16 MiB",
                           indicator->key, (unsigned long long)size);
    indicator->state_size = size;
    indicator->state = engine_state_create(size);
    indicator->block = calloc((size_t)type->output_count * ENGINE_BLOCK, sizeof(double));
    if (!indicator->state || !indicator->block)
        return turret_fail(err, TURRET_ENOMEM, "no memory for %s", indicator->key);
    status = type->start(indicator->state, indicator->params, &why);
    if (status)
        return turret_fail(err, status, "%s: %s", indicator->key, why.text);
    indicator->lookback = type->lookback(indicator->params);
    return TURRET_OK;
}

static struct indicator *shared(struct engine *engine, const struct stream *stream,
                                const struct indicator *wanted)
{
    uint32_t at = stream->first_indicator;
    while (at != ENGINE_NONE && (strcmp(engine->indicators[at].key, wanted->key) != 0 ||
                                 engine->indicators[at].build != wanted->build))
        at = engine->indicators[at].next;
    return at == ENGINE_NONE ? NULL : &engine->indicators[at];
}

/* A place in the table: one that was given up, or the next. */
static struct indicator *free_place(struct engine *engine)
{
    uint32_t i;
    for (i = 0; i < engine->indicator_count && engine->indicators[i].type; i++)
        ;
    return &engine->indicators[i];
}

static void join(struct engine *engine, struct stream *stream, struct indicator *fresh)
{
    uint32_t index = (uint32_t)(fresh - engine->indicators);
    fresh->stream = (uint32_t)(stream - engine->streams);
    fresh->next = stream->first_indicator;
    stream->first_indicator = index;
    stream->indicator_count++;
    if (index == engine->indicator_count)
        engine->indicator_count++;
}

static bool uses(const struct incarnation *incarnation, const struct indicator *indicator)
{
    uint32_t u;
    for (u = 0; incarnation && u < incarnation->use_count; u++)
        if (incarnation->uses[u] == indicator)
            return true;
    return false;
}

static bool is_used(const struct engine *engine, const struct indicator *indicator)
{
    uint32_t s;
    for (s = 0; s < engine->strategy_count; s++) {
        const struct strategy *strategy = &engine->strategies[s];
        if (uses(strategy->acting, indicator) || uses(strategy->beside, indicator) ||
            uses(strategy->spare, indicator))
            return true;
    }
    return false;
}

void indicators_sweep(struct engine *engine)
{
    uint32_t t;
    for (t = 0; t < engine->stream_count; t++) {
        struct stream *stream = &engine->streams[t];
        uint32_t *link = &stream->first_indicator;
        while (*link != ENGINE_NONE) {
            struct indicator *indicator = &engine->indicators[*link];
            if (is_used(engine, indicator)) {
                link = &indicator->next;
                continue;
            }
            *link = indicator->next;
            stream->indicator_count--;
            swap_indicator_finish(indicator);
            engine_state_destroy(indicator->state);
            free(indicator->block);
            memset(indicator, 0, sizeof *indicator);
        }
    }
}

int indicator_use(struct engine *engine, struct incarnation *incarnation,
                  turret_instrument instrument, int64_t timeframe_ns, const char *expression,
                  turret_indicator *slot, struct turret_error *err)
{
    struct stream *stream = market_stream(engine, instrument, timeframe_ns);
    struct indicator *found, *fresh = free_place(engine);
    uint32_t i;
    int status;
    if (!stream)
        return turret_fail(err, TURRET_ENOTFOUND,
                           "indicator %s: this strategy gets no such bars; add them to its `on`",
                           expression);
    memset(fresh, 0, sizeof *fresh);
    status = indicator_parse(engine, fresh, expression, err);
    if (status) {
        memset(fresh, 0, sizeof *fresh);
        return status;
    }
    found = shared(engine, stream, fresh);
    if (incarnation->use_count >= ENGINE_USES_MAX ||
        (!found && (uint32_t)(fresh - engine->indicators) >= engine->options.indicators_max)) {
        memset(fresh, 0, sizeof *fresh);
        return turret_fail(err, TURRET_ELIMIT,
                           "indicator %s: a strategy may use %u, all together %u", expression,
                           ENGINE_USES_MAX, engine->options.indicators_max);
    }
    if (found) {
        memset(fresh, 0, sizeof *fresh);
    } else {
        status = prepare(fresh, err);
        if (status) {
            engine_state_destroy(fresh->state);
            free(fresh->block);
            memset(fresh, 0, sizeof *fresh);
            return status;
        }
        join(engine, stream, fresh);
        found = fresh;
    }
    for (i = 0; i < incarnation->use_count && incarnation->uses[i] != found; i++)
        ;
    if (i == incarnation->use_count)
        incarnation->uses[incarnation->use_count++] = found;
    *slot = &found->slot;
    return TURRET_OK;
}

/* ---- computing ---- */

#define NOT_READY    "was ready and no longer is"
#define ERROR_ANSWER "answered an error"
#define NOT_FINITE   "gave a value that is not a number"

static void indicator_fault(struct engine *engine, struct indicator *indicator, const char *what)
{
    uint32_t s, u;
    indicator->fault = true;
    indicator->slot.ready = 0;
    indicator->fed = 0; /* what it reached differs between blocks and bars; nobody reads it again */
    memset(indicator->state, 0, (size_t)indicator->state_size);
    for (s = 0; s < engine->strategy_count; s++) {
        struct incarnation *acting = engine->strategies[s].acting;
        for (u = 0; u < acting->use_count; u++)
            if (acting->uses[u] == indicator)
                strategy_fault(engine, &engine->strategies[s], "indicator %s %s", indicator->key,
                               what);
    }
    strategies_refresh_ready(engine);
}

static void take_ready(struct engine *engine, struct indicator *indicator)
{
    indicator->slot.ready = 1;
    strategies_refresh_ready(engine);
}

static double to_double(turret_price price, double unit)
{
    return (double)price / unit; /* a power of ten: correctly rounded */
}

bool indicator_may_show(const struct turret_slot *slot)
{
    uint32_t o = 0;
    while (o < TURRET_OUTPUTS_MAX && isfinite(slot->value[o]))
        o++;
    return !slot->ready || o == TURRET_OUTPUTS_MAX;
}

int indicator_judge(const struct turret_indicator_type *type, int32_t answer, bool ready,
                    const double *out, const char **what)
{
    uint32_t o;
    if (answer == 0 && !ready)
        return 0;
    *what = answer == 0 ? NOT_READY : ERROR_ANSWER;
    if (answer != 1)
        return TURRET_EFAULT;
    *what = NOT_FINITE;
    for (o = 0; o < type->output_count; o++)
        if (!isfinite(out[o]))
            return TURRET_EFAULT;
    return 1;
}

static void update_one(struct engine *engine, struct indicator *indicator,
                       const struct turret_candle *candle)
{
    double out[TURRET_OUTPUTS_MAX] = {0};
    const char *what = NULL;
    int verdict;
    if (indicator->fault)
        return;
    verdict =
        indicator_judge(indicator->type, indicator->type->update(indicator->state, candle, out),
                        indicator->slot.ready, out, &what);
    indicator->fed++;
    if (verdict == TURRET_EFAULT && !swap_indicator_fall_back(engine, indicator, what))
        indicator_fault(engine, indicator, what);
    if (verdict != 1)
        return;
    memcpy(indicator->slot.value, out, sizeof out);
    if (!indicator->slot.ready)
        take_ready(engine, indicator);
}

static void update_each(struct engine *engine, struct stream *stream, const struct turret_bar *bar,
                        bool warming)
{
    const struct instrument *instrument = &engine->instruments[bar->instrument];
    double price_unit, qty_unit;
    struct turret_candle candle;
    uint32_t at;
    if (stream->indicator_count == 0)
        return;
    price_unit = (double)money_power10(instrument->def.price_scale);
    qty_unit = (double)money_power10(instrument->def.qty_scale);
    candle.open = to_double(bar->open, price_unit);
    candle.high = to_double(bar->high, price_unit);
    candle.low = to_double(bar->low, price_unit);
    candle.close = to_double(bar->close, price_unit);
    candle.volume = to_double(bar->volume, qty_unit);
    candle.time = bar->time;
    for (at = stream->first_indicator; at != ENGINE_NONE; at = engine->indicators[at].next) {
        if (engine->indicators_moving)
            swap_indicator_update(&engine->indicators[at], &candle, warming);
        if (!warming || engine->indicators[at].warming)
            update_one(engine, &engine->indicators[at], &candle);
    }
}

void indicators_bar(struct engine *engine, struct stream *stream, const struct turret_bar *bar)
{
    update_each(engine, stream, bar, false);
}

void indicators_warm(struct engine *engine, struct stream *stream, const struct turret_bar *bar)
{
    update_each(engine, stream, bar, true);
}

#define COLUMNS 5 /* in the order of their bits, TURRET_COLUMN_… */

/* What an indicator's block form reads. */
static uint32_t columns_of(const struct indicator *indicator)
{
    const struct turret_indicator_type *type = indicator->type;
    return type->update_block && type->columns ? type->columns : UINT32_MAX;
}

static void fill_columns(struct engine *engine, const struct stream *stream,
                         const struct engine_bars *bars, uint32_t first, uint32_t count)
{
    const struct turret_instrument_def *def = &engine->instruments[stream->instrument].def;
    double price_unit = (double)money_power10(def->price_scale);
    double qty_unit = (double)money_power10(def->qty_scale);
    const int64_t *from[COLUMNS] = {bars->open, bars->high, bars->low, bars->close, bars->volume};
    uint32_t at, c, wanted = 0;
    for (at = stream->first_indicator; at != ENGINE_NONE; at = engine->indicators[at].next)
        wanted |= columns_of(&engine->indicators[at]);
    for (c = 0; c < COLUMNS; c++)
        if (wanted & 1u << c)
            columns_to_doubles(engine->columns + (size_t)c * ENGINE_BLOCK, from[c] + first, count,
                               1u << c == TURRET_COLUMN_VOLUME ? qty_unit : price_unit);
}

/* Where the block form is missing, one update per bar gives the same. */
static int32_t block_by_updates(struct indicator *indicator, const struct turret_block *block,
                                double *const *out)
{
    int32_t warming = 0;
    bool ready = indicator->slot.ready;
    uint32_t i, o;
    for (i = 0; i < block->count; i++) {
        struct turret_candle candle = {block->open[i],  block->high[i],   block->low[i],
                                       block->close[i], block->volume[i], block->time[i]};
        double values[TURRET_OUTPUTS_MAX] = {0};
        int32_t answer = indicator->type->update(indicator->state, &candle, values);
        if (answer == 0 && !ready) {
            warming++;
        } else if (answer != 1) {
            indicator->block_bad = i;
            indicator->block_what = answer == 0 ? NOT_READY : ERROR_ANSWER;
            break;
        } else {
            ready = true;
        }
        for (o = 0; o < indicator->type->output_count; o++)
            out[o][i] = values[o];
    }
    return warming;
}

/* An exponent of ones is infinite or not a number; adding one to it reaches the sign bit. */
static bool all_finite(const double *values, uint32_t count)
{
    const uint64_t exponent = UINT64_C(0x7ff) << 52;
    uint64_t carried = 0, bits;
    uint32_t i;
    for (i = 0; i < count; i++) {
        memcpy(&bits, &values[i], sizeof bits);
        carried |= (bits & exponent) + (UINT64_C(1) << 52);
    }
    return carried >> 63 == 0;
}

/* The fault is told at its own bar, as it would be bar by bar. */
static uint32_t first_bad(const double *values, uint32_t from, uint32_t until)
{
    while (from < until && isfinite(values[from]))
        from++;
    return from;
}

static void block_one(struct engine *engine, struct indicator *indicator,
                      const struct turret_block *block)
{
    double *out[TURRET_OUTPUTS_MAX];
    uint32_t o, count = block->count;
    int32_t warming;
    if (indicator->fault)
        return;
    for (o = 0; o < TURRET_OUTPUTS_MAX; o++)
        out[o] =
            o < indicator->type->output_count ? indicator->block + (size_t)o * ENGINE_BLOCK : NULL;
    indicator->block_bad = UINT32_MAX;
    warming = indicator->type->update_block
                  ? indicator->type->update_block(indicator->state, block, out)
                  : block_by_updates(indicator, block, out);
    indicator->fed += count;
    indicator->block_warming = warming;
    if (warming < 0 || (uint32_t)warming > count || (warming > 0 && indicator->slot.ready)) {
        indicator_fault(engine, indicator, "answered its block with an impossible count");
        return;
    }
    for (o = 0; o < indicator->type->output_count; o++) {
        uint32_t bad;
        if (all_finite(out[o] + warming, count - (uint32_t)warming))
            continue;
        bad = first_bad(out[o], (uint32_t)warming,
                        indicator->block_bad < count ? indicator->block_bad : count);
        if (bad < indicator->block_bad && bad < count) {
            indicator->block_bad = bad;
            indicator->block_what = NOT_FINITE;
        }
    }
}

/* The block as an indicator gets it. */
static void take_columns(const struct engine *engine, uint32_t wanted, struct turret_block *block)
{
    const double **to[COLUMNS] = {&block->open, &block->high, &block->low, &block->close,
                                  &block->volume};
    uint32_t c;
    for (c = 0; c < COLUMNS; c++)
        *to[c] = wanted & 1u << c ? engine->columns + (size_t)c * ENGINE_BLOCK : NULL;
}

void indicators_block(struct engine *engine, struct stream *stream, const struct engine_bars *bars,
                      uint32_t first, uint32_t count)
{
    struct turret_block block = {.struct_size = (uint32_t)sizeof block, .count = count};
    uint32_t at;
    if (stream->indicator_count == 0)
        return;
    fill_columns(engine, stream, bars, first, count);
    block.time = bars->time + first;
    for (at = stream->first_indicator; at != ENGINE_NONE; at = engine->indicators[at].next) {
        take_columns(engine, columns_of(&engine->indicators[at]), &block);
        block_one(engine, &engine->indicators[at], &block);
    }
}

void indicators_step(struct engine *engine, struct stream *stream, uint32_t i)
{
    uint32_t at, o;
    for (at = stream->first_indicator; at != ENGINE_NONE; at = engine->indicators[at].next) {
        struct indicator *indicator = &engine->indicators[at];
        const double *value = indicator->block + i;
        if ((int32_t)i < indicator->block_warming || indicator->fault)
            continue;
        if (i >= indicator->block_bad) {
            indicator_fault(engine, indicator, indicator->block_what);
            continue;
        }
        for (o = 0; o < indicator->type->output_count; o++, value += ENGINE_BLOCK)
            indicator->slot.value[o] = *value;
        if (!indicator->slot.ready)
            take_ready(engine, indicator);
    }
}

void indicators_plan(struct engine *engine, const struct stream *stream,
                     struct indicator_steps *steps)
{
    uint32_t at, o;
    steps->count = 0;
    steps->plain = true;
    for (at = stream->first_indicator; at != ENGINE_NONE; at = engine->indicators[at].next) {
        struct indicator *indicator = &engine->indicators[at];
        if (indicator->fault)
            continue;
        if (!indicator->slot.ready || indicator->block_warming != 0 ||
            indicator->block_bad != UINT32_MAX ||
            steps->count + indicator->type->output_count > INDICATOR_STEPS_MAX) {
            steps->plain = false;
            return;
        }
        for (o = 0; o < indicator->type->output_count; o++) {
            steps->of[steps->count].from = indicator->block + (size_t)o * ENGINE_BLOCK;
            steps->of[steps->count++].to = &indicator->slot.value[o];
        }
    }
}
