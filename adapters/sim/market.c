/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The synthetic market: an endless random walk for each instrument that changes between four
 * regimes: trend up, trend down, range, volatile. Integers only and a generator of its own, so the
 * same seed and symbol give the same bars on every machine.
 *
 * A price is kept in 10^-9 and rounded to the tick when a bar is built. A bar is a small gap and
 * four steps; open and close are its ends, high and low the extremes. Steps are drawn from a sum of
 * twelve uniform numbers, nearly normal and bounded at six deviations. A price is kept between
 * a sixteenth and the sixteenfold of the start, and bars and quotes above one tick.
 *
 * After open() the place in the market is found at the first turn, from the newest event: a host
 * that recovers has fed its journal again by then. Bars it fed are not sent again, so the market
 * goes on exactly where the journal ends, also in the middle of one bar time. Without such events,
 * bars up to open()'s `now` count as sent.
 *
 * Random numbers: SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
 * OOPSLA 2014). The start is the config's seed and the FNV-1a hash of the symbol.
 */
#include "market.h"

#include "money.h"
#include "reports.h"

#define REGIME_UP       0u
#define REGIME_DOWN     1u
#define REGIME_RANGE    2u
#define REGIME_VOLATILE 3u

#define STEPS         4
#define NORMAL_ONE    65536 /* one standard deviation of draw_normal() */
#define REACH         16    /* price between start / REACH and start × REACH */
#define LEAST_TICKS   3
#define RETRY_NS      1000000
#define UNITS_A_BAR   500 /* volume of a bar: this to three times this, in whole units */
#define UNITS_A_QUOTE 100

static uint64_t draw(struct sim_path *path)
{
    uint64_t z = path->random += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

/* The sum of twelve 16-bit numbers has a deviation of 65536 and a mean of 393210. */
static int64_t draw_normal(struct sim_path *path)
{
    int64_t sum = -393210;
    for (int i = 0; i < 3; i++) {
        uint64_t bits = draw(path);
        sum += (int64_t)(bits & 0xFFFFu) + (int64_t)(bits >> 16 & 0xFFFFu) +
               (int64_t)(bits >> 32 & 0xFFFFu) + (int64_t)(bits >> 48);
    }
    return sum;
}

static uint64_t hash_symbol(const char *symbol)
{
    uint64_t hash = 0xCBF29CE484222325ull;
    for (; *symbol; symbol++) {
        hash = (hash ^ (uint8_t)*symbol) * 0x100000001B3ull;
    }
    return hash;
}

static void reset_path(const struct sim *sim, struct sim_instrument *instrument)
{
    struct sim_path *path = &instrument->path;
    path->random = hash_symbol(instrument->def->symbol) ^ ((uint64_t)sim->seed << 32 | sim->seed);
    path->price_nano = sim->options.start_nano;
    path->anchor_nano = path->price_nano;
    path->regime = REGIME_RANGE;
    path->bars_left = 0;
}

static void change_regime(const struct sim *sim, struct sim_path *path)
{
    uint32_t next = (uint32_t)(draw(path) % 3u);
    next += next >= path->regime; /* one of the other three */
    if (path->price_nano > sim->options.start_nano * (REACH / 4)) {
        next = REGIME_DOWN;
    } else if (path->price_nano < sim->options.start_nano / (REACH / 4)) {
        next = REGIME_UP;
    }
    path->regime = next;
    path->anchor_nano = path->price_nano;
    path->bars_left = 40u + (uint32_t)(draw(path) % 161u);
}

/* Deviation and drift of one bar in the present regime, in 10^-9 of the price. */
static void regime_motion(const struct sim *sim, const struct sim_path *path, int64_t *deviation,
                          int64_t *drift)
{
    int64_t usual = sim->options.volatility_ppb;
    *deviation = usual;
    *drift = 0;
    if (path->regime == REGIME_UP) {
        *drift = usual / 4;
    } else if (path->regime == REGIME_DOWN) {
        *drift = -usual / 4;
    } else if (path->regime == REGIME_VOLATILE) {
        *deviation = usual * 5 / 2;
    } else {
        sim_wide away = (sim_wide)(path->anchor_nano - path->price_nano) * SIM_NANO;
        sim_wide pull = away / path->price_nano / 16;
        *deviation = usual * 3 / 5;
        *drift = pull > usual ? usual : pull < -usual ? -usual : (int64_t)pull;
    }
}

static void move(const struct sim *sim, struct sim_path *path, int64_t deviation, int64_t drift)
{
    int64_t change = drift + deviation * draw_normal(path) / NORMAL_ONE;
    int64_t price = path->price_nano + (int64_t)((sim_wide)path->price_nano * change / SIM_NANO);
    int64_t floor = sim->options.start_nano / REACH + 1;
    int64_t ceiling = sim->options.start_nano * REACH;
    path->price_nano = price < floor ? floor : price > ceiling ? ceiling : price;
}

/* The path's price in the instrument's units, on the tick. */
static turret_price on_tick(const struct sim_instrument *instrument)
{
    const struct turret_instrument_def *def = instrument->def;
    sim_wide units = (sim_wide)instrument->path.price_nano * money_power(def->price_scale);
    sim_wide ticks = (units / SIM_NANO + def->tick_size / 2) / def->tick_size;
    ticks = ticks < LEAST_TICKS ? LEAST_TICKS : ticks;
    sim_wide most = INT64_MAX / def->tick_size - 1;
    return (turret_price)(ticks > most ? most : ticks) * def->tick_size;
}

/* Whole units as a quantity, in lots, at least one. */
static turret_qty in_lots(const struct sim_instrument *instrument, uint64_t units)
{
    sim_wide qty = (sim_wide)units * instrument->qty_unit;
    turret_qty lots = (turret_qty)(qty / instrument->def->lot_size);
    return (lots < 1 ? 1 : lots) * instrument->def->lot_size;
}

static turret_time_ns begin_of(const struct sim *sim, int64_t number)
{
    return MARKET_FIRST_OPEN_NS + number * sim->options.bar_ns;
}

/* Builds the bar of `number` and the quote around its close; draws as often in every case. */
static void generate(const struct sim *sim, struct sim_instrument *instrument, int64_t number)
{
    struct sim_path *path = &instrument->path;
    struct turret_bar *bar = &path->bar;
    struct turret_quote *quote = &path->quote;
    turret_price tick = instrument->def->tick_size;
    int64_t deviation, drift;

    if (path->bars_left == 0) {
        change_regime(sim, path);
    }
    path->bars_left--;
    regime_motion(sim, path, &deviation, &drift);
    move(sim, path, deviation / 8, 0);
    bar->open = on_tick(instrument);
    bar->high = bar->open;
    bar->low = bar->open;
    for (int i = 0; i < STEPS; i++) {
        move(sim, path, deviation / 2, drift / STEPS);
        bar->close = on_tick(instrument);
        bar->high = bar->close > bar->high ? bar->close : bar->high;
        bar->low = bar->close < bar->low ? bar->close : bar->low;
    }
    bar->instrument = instrument->def->id;
    bar->flags = 0;
    bar->timeframe_ns = sim->options.bar_ns;
    bar->time = begin_of(sim, number);
    bar->volume = in_lots(instrument, UNITS_A_BAR + draw(path) % (2u * UNITS_A_BAR + 1u));

    quote->instrument = instrument->def->id;
    quote->flags = 0;
    quote->time = bar->time + bar->timeframe_ns;
    quote->bid = bar->close - tick;
    quote->ask = bar->close + tick;
    quote->bid_qty = in_lots(instrument, UNITS_A_QUOTE * (1u + draw(path) % 10u));
    quote->ask_qty = in_lots(instrument, UNITS_A_QUOTE * (1u + draw(path) % 10u));
}

static void generate_all(struct sim *sim, int64_t number)
{
    for (uint32_t i = 0; i < sim->instrument_count; i++) {
        generate(sim, &sim->instrument[i], number);
    }
}

/*
 * Puts every path where the uninterrupted run has it before bar `number`, by generating all bars
 * before it. Costs a tenth of a microsecond to one a bar and instrument.
 */
static void seek(struct sim *sim, int64_t number)
{
    for (uint32_t i = 0; i < sim->instrument_count; i++) {
        reset_path(sim, &sim->instrument[i]);
    }
    for (int64_t at = 0; at < number; at++) {
        generate_all(sim, at);
    }
    sim->bar_number = number;
    sim->bar_ready = 0;
    sim->cursor = 0;
    sim->quote_sent = 0;
}

/* The first bar that ends after `now`: what a run that was interrupted then sends next. */
static int64_t number_after(const struct sim *sim, turret_time_ns now)
{
    if (now < begin_of(sim, 1)) {
        return 0;
    }
    int64_t number = (now - MARKET_FIRST_OPEN_NS) / sim->options.bar_ns;
    int64_t bars = sim->options.bars;
    return bars > 0 && number > bars ? bars : number;
}

/* Whether of the bar time before `number` some instruments were fed and others not. */
static int is_torn(const struct sim *sim, int64_t number)
{
    int known = 0, missing = 0;
    turret_time_ns last = begin_of(sim, number - 1);
    for (uint32_t i = 0; number > 0 && i < sim->instrument_count; i++) {
        const struct sim_instrument *instrument = &sim->instrument[i];
        int had = instrument->bar_timeframe_ns == sim->options.bar_ns;
        known |= had;
        missing |= !had || instrument->bar_time < last;
    }
    return known && missing;
}

static void resume(struct sim *sim)
{
    int64_t number = number_after(sim, sim->now);
    seek(sim, is_torn(sim, number) ? number - 1 : number);
    sim->resume = 0;
}

void market_start(struct sim *sim)
{
    sim->finished = 0;
    if (sim->options.synthetic) {
        (void)sim->self->host->timer(sim->self, SIM_TIMER_MARKET, sim->options.pace_ns);
    }
}

/* Hands over one market report; 0 when the host's queue is full. */
static int emit(struct sim *sim, struct turret_report *report, turret_time_ns time)
{
    report->struct_size = (uint32_t)sizeof *report;
    report->time = time;
    return sim->self->host->report(sim->self, report) != TURRET_ELIMIT;
}

/* Whether the host fed the present bar of this instrument already, in this process or before. */
static int was_fed(const struct sim *sim, const struct sim_instrument *instrument)
{
    return instrument->bar_timeframe_ns == sim->options.bar_ns &&
           instrument->bar_time >= instrument->path.bar.time;
}

static int is_muted(const struct sim_instrument *instrument, uint32_t type)
{
    return (instrument->muted & 1u << type) != 0;
}

/* Sends what is wanted and was not fed of an instrument; 0 when the host's queue is full. */
static int emit_instrument(struct sim *sim, const struct sim_instrument *instrument)
{
    struct turret_report report = {0};
    turret_time_ns time = instrument->path.quote.time;
    if (was_fed(sim, instrument)) {
        sim->quote_sent = 0;
        return 1;
    }
    if (sim->options.quotes && !sim->quote_sent && instrument->quote.time < time &&
        !is_muted(instrument, TURRET_REPORT_QUOTE)) {
        report.type = TURRET_REPORT_QUOTE;
        report.u.quote = instrument->path.quote;
        if (!emit(sim, &report, time)) {
            return 0;
        }
    }
    sim->quote_sent = 1;
    if (!is_muted(instrument, TURRET_REPORT_BAR)) {
        report.type = TURRET_REPORT_BAR;
        report.u.bar = instrument->path.bar;
        if (!emit(sim, &report, time)) {
            return 0;
        }
    }
    sim->quote_sent = 0;
    return 1;
}

/* Sends the present bar time; 0 when the host's queue is full: then again from where it was. */
static int emit_all(struct sim *sim)
{
    for (; sim->cursor < sim->instrument_count; sim->cursor++) {
        if (!emit_instrument(sim, &sim->instrument[sim->cursor])) {
            return 0;
        }
    }
    sim->cursor = 0;
    sim->bar_ready = 0;
    sim->bar_number++;
    return 1;
}

static int is_over(const struct sim *sim)
{
    const struct sim_options *o = &sim->options;
    turret_time_ns end = begin_of(sim, sim->bar_number + 1);
    return (o->bars > 0 && sim->bar_number >= o->bars) || (sim->until > 0 && end > sim->until);
}

void market_turn(struct sim *sim)
{
    int64_t delay_ns = sim->options.pace_ns;
    if (!reports_flush(sim)) {
        (void)sim->self->host->timer(sim->self, SIM_TIMER_MARKET, RETRY_NS);
        return;
    }
    if (sim->resume) {
        resume(sim);
    }
    if (is_over(sim)) {
        if (!sim->finished) {
            sim->finished = 1;
            /* by the market's time: how much of it the host has fed is this machine's affair */
            reports_stream(sim, begin_of(sim, sim->bar_number), TURRET_STREAM_FINISHED,
                           "the synthetic market has no more bars");
        }
        return;
    }
    if (!sim->bar_ready) {
        generate_all(sim, sim->bar_number);
        sim->bar_ready = 1;
    }
    if (!emit_all(sim)) {
        delay_ns = RETRY_NS;
    }
    (void)sim->self->host->timer(sim->self, SIM_TIMER_MARKET, delay_ns);
}
