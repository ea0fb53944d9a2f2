/* SPDX-License-Identifier: Apache-2.0 */
/* Bars in, expected values out: drives the indicator the way the host does. */
#include <turret/indicator.h>

#include <assert.h>
#include <math.h>
#include <stdlib.h>

extern const struct turret_entry turret_entry;

static const struct {
    double high, low, close, expected;
} cases[] = {
    {11, 9, 10, 10}, /* the first bar's mean */
    {14, 12, 13, 11.5},
    {14, 12, 13, 12.25},
    {9, 7, 8, 10.125},
};

int main(void)
{
    const struct turret_indicator_type *type = turret_entry.offers[0].indicator;
    struct turret_param_value period = {1, TURRET_PARAM_TYPE_INT, 2, 0, NULL};
    uint32_t count = sizeof cases / sizeof cases[0], warming = 0;
    void *state = calloc(1, type->state_size(&period));
    assert(state && type->start(state, &period, NULL) == TURRET_OK);
    for (uint32_t i = 0; i < count; i++) {
        struct turret_candle bar = {
            cases[i].low, cases[i].high, cases[i].low, cases[i].close, 1, 0};
        double out = 0;
        warming += !type->update(state, &bar, &out);
        if (i >= type->lookback(&period) && fabs(out - cases[i].expected) > 1e-12)
            return printf("bar %u gave %.17g, expected %g\n", i, out, cases[i].expected), 1;
    }
    free(state);
    if (warming != type->lookback(&period))
        return printf("warmed up for %u bars, lookback() says otherwise\n", warming), 1;
    return 0;
}
