/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the indicators do not drift: after ten million bars their values are those of the
 * definition, written out in long double over the last bars (or, for sums over everything, over all
 * bars). Long windows as well as short ones; fractional volumes.
 */
#include "indicators_cases.h"

#define BARS_TOTAL 10000000u
#define CHUNK      20000u /* the last one is what the definitions are computed from */
#define CHECKED    500u   /* of it */
#define TOLERANCE  1e-13  /* relative */

static struct bars last;
static long double all_value, all_volume, all_balance;

struct subject {
    const char *name, *arguments;
    uint32_t period;
    long double (*definition)(uint32_t i, uint32_t n); /* of output `output` at bar i of `last` */
    uint32_t output;
    double tolerance; /* 0: TOLERANCE */
    struct probe probe;
    struct run run;
};

static long double mean(const double *x, uint32_t i, uint32_t n)
{
    long double sum = 0;
    for (uint32_t j = i + 1 - n; j <= i; j++)
        sum += x[j];
    return sum / n;
}

static long double sma(uint32_t i, uint32_t n)
{
    return mean(last.close, i, n);
}

static long double volume_sma(uint32_t i, uint32_t n)
{
    return mean(last.volume, i, n);
}

static long double wma(uint32_t i, uint32_t n)
{
    long double sum = 0;
    for (uint32_t j = 0; j < n; j++)
        sum += (long double)(n - j) * last.close[i - j];
    return sum / ((long double)n * (n + 1) / 2);
}

static long double upper_band(uint32_t i, uint32_t n)
{
    long double middle = sma(i, n), squares = 0;
    for (uint32_t j = i + 1 - n; j <= i; j++)
        squares += (last.close[j] - middle) * (last.close[j] - middle);
    return middle + 2 * sqrtl(squares / n);
}

/* From the chunk's first bar: what was before has faded by e^-1000 or more. */
static long double ema(uint32_t i, uint32_t n)
{
    long double value = last.close[0];
    for (uint32_t j = 1; j <= i; j++)
        value += (last.close[j] - value) * 2 / (n + 1);
    return value;
}

static long double macd(uint32_t i, uint32_t n)
{
    (void)n;
    return ema(i, 12) - ema(i, 26);
}

static long double rsi(uint32_t i, uint32_t n)
{
    long double gain = 0, loss = 0;
    for (uint32_t j = 1; j <= i; j++) {
        long double change = (long double)last.close[j] - last.close[j - 1];
        gain += ((change > 0 ? change : 0) - gain) / n;
        loss += ((change < 0 ? -change : 0) - loss) / n;
    }
    return 100 - 100 / (1 + gain / loss);
}

static long double atr(uint32_t i, uint32_t n)
{
    long double value = 0;
    for (uint32_t j = 1; j <= i; j++) {
        long double range = last.high[j] - last.low[j];
        range = fmaxl(range, fabsl((long double)last.high[j] - last.close[j - 1]));
        range = fmaxl(range, fabsl((long double)last.low[j] - last.close[j - 1]));
        value += (range - value) / n;
    }
    return value;
}

static long double adx(uint32_t i, uint32_t n)
{
    long double plus = 0, minus = 0, value = 0;
    for (uint32_t j = 1; j <= i; j++) {
        long double up = (long double)last.high[j] - last.high[j - 1];
        long double down = (long double)last.low[j - 1] - last.low[j];
        plus += ((up > down && up > 0 ? up : 0) - plus) / n;
        minus += ((down > up && down > 0 ? down : 0) - minus) / n;
        if (plus + minus > 0)
            value += (100 * fabsl(plus - minus) / (plus + minus) - value) / n;
    }
    return value;
}

static long double fast_k(uint32_t i, uint32_t n)
{
    double high = -DBL_MAX, low = DBL_MAX;
    for (uint32_t j = i + 1 - n; j <= i; j++) {
        high = last.high[j] > high ? last.high[j] : high;
        low = last.low[j] < low ? last.low[j] : low;
    }
    return high > low ? 100 * ((long double)last.close[i] - low) / ((long double)high - low) : 0;
}

static long double stoch(uint32_t i, uint32_t n)
{
    return (fast_k(i, n) + fast_k(i - 1, n) + fast_k(i - 2, n)) / 3;
}

static long double stochrsi(uint32_t i, uint32_t n)
{
    long double high = 0, low = 100, now = 0;
    for (uint32_t j = i + 1 - n; j <= i; j++) {
        now = rsi(j, n);
        high = fmaxl(high, now);
        low = fminl(low, now);
    }
    return 100 * (now - low) / (high - low);
}

static long double typical(uint32_t i)
{
    return ((long double)last.high[i] + last.low[i] + last.close[i]) / 3;
}

static long double vwap(uint32_t i, uint32_t n)
{
    long double value = 0, volume = 0;
    for (uint32_t j = i + 1 - n; j <= i; j++) {
        value += typical(j) * last.volume[j];
        volume += last.volume[j];
    }
    return value / volume;
}

/* Only the very last bar's is kept. */
static long double vwap_of_all(uint32_t i, uint32_t n)
{
    (void)n;
    return i == CHUNK - 1 ? all_value / all_volume : NAN;
}

static long double obv(uint32_t i, uint32_t n)
{
    (void)n;
    return i == CHUNK - 1 ? all_balance : NAN;
}

static struct subject subjects[] = {
    {.name = "sma", .arguments = "20", .period = 20, .definition = sma},
    {.name = "sma", .arguments = "5000", .period = 5000, .definition = sma},
    {.name = "volume_sma", .arguments = "50", .period = 50, .definition = volume_sma},
    {.name = "ema", .arguments = "20", .period = 20, .definition = ema},
    {.name = "wma", .arguments = "20", .period = 20, .definition = wma},
    {.name = "wma", .arguments = "2000", .period = 2000, .definition = wma},
    {.name = "bbands", .arguments = "20,2", .period = 20, .definition = upper_band},
    {.name = "bbands", .arguments = "2000,2", .period = 2000, .definition = upper_band},
    {.name = "macd", .arguments = "12,26,9", .definition = macd},
    {.name = "rsi", .arguments = "14", .period = 14, .definition = rsi},
    {.name = "atr", .arguments = "14", .period = 14, .definition = atr},
    {.name = "adx", .arguments = "14", .period = 14, .definition = adx},
    {.name = "stoch", .arguments = "14,3,3", .period = 14, .definition = stoch},
    {.name = "stochrsi", .arguments = "14,14,1,1", .period = 14, .definition = stochrsi},
    {.name = "vwap", .arguments = "30", .period = 30, .definition = vwap},
    {.name = "vwap", .arguments = "0", .definition = vwap_of_all, .tolerance = 1e-15},
    {.name = "obv", .arguments = "zero", .definition = obv, .tolerance = 1e-15},
};

#define SUBJECTS (sizeof subjects / sizeof subjects[0])

static void add_to_everything(double close_before, int first)
{
    for (uint32_t i = 0; i < CHUNK; i++) {
        double before = i > 0 ? last.close[i - 1] : close_before;
        int sign = first && i == 0 ? 0 : (last.close[i] > before) - (last.close[i] < before);
        all_balance += (long double)sign * last.volume[i];
        all_value += typical(i) * last.volume[i];
        all_volume += last.volume[i];
    }
}

static void run_everything(void)
{
    uint64_t seed = 99;
    double price = 100, close_before = 0;
    for (uint32_t done = 0; done < BARS_TOTAL; done += CHUNK) {
        for (uint32_t i = 0; i < CHUNK; i++)
            walk_bar(&last, i, &price, &seed);
        add_to_everything(close_before, done == 0);
        close_before = last.close[CHUNK - 1];
        for (size_t s = 0; s < SUBJECTS; s++) {
            struct probe *p = &subjects[s].probe;
            struct turret_block block = bars_block(&last, 0, CHUNK);
            (void)p->type->update_block(p->state, &block, subjects[s].run.out);
        }
    }
}

static void ten_million_bars(void **state)
{
    (void)state;
    for (size_t s = 0; s < SUBJECTS; s++) {
        assert_int_equal(probe_open(&subjects[s].probe, subjects[s].name, subjects[s].arguments),
                         0);
        subjects[s].run = run_create(CHUNK);
    }
    run_everything();
    for (size_t s = 0; s < SUBJECTS; s++) {
        struct subject *subject = &subjects[s];
        double worst = 0;
        uint32_t compared = 0;
        for (uint32_t i = CHUNK - 1; i >= CHUNK - CHECKED; i -= 7) {
            long double expected = subject->definition(i, subject->period);
            if (isnan(expected))
                continue;
            double off = (double)fabsl(subject->run.out[subject->output][i] - expected);
            worst = fmax(worst, off / fmax(1, (double)fabsl(expected)));
            compared++;
        }
        printf("  %-10s(%s): %u values, worst %.2g\n", subject->name, subject->arguments, compared,
               worst);
        assert_true(compared > 0);
        if (!(worst < (subject->tolerance > 0 ? subject->tolerance : TOLERANCE)))
            fail_msg("%s(%s) has drifted by %g", subject->name, subject->arguments, worst);
        probe_close(&subject->probe);
        run_destroy(&subject->run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ten_million_bars)};
    last = bars_create(CHUNK);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bars_destroy(&last);
    return failed;
}
