/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest indicator in C++: the highest close so far. Shows that the headers and macros make a
 * plugin from C++ source too.
 */
#include <turret/indicator.h>

namespace
{

struct highest {
    double close;
    int64_t bars;
};

const char *const outputs[] = {"highest"};

const turret_param params[] = {
    TURRET_PARAM_INT(1, "warm_up", 1, 1, 500, "bars", "bars before the first answer"),
};

uint64_t state_size(const turret_param_value *)
{
    return sizeof(highest);
}

int32_t start(void *, const turret_param_value *, turret_error *err)
{
    return turret_ok(err);
}

uint32_t lookback(const turret_param_value *values)
{
    return static_cast<uint32_t>(turret_arg_int(values, 0));
}

int32_t update(void *state, const turret_candle *bar, double *out)
{
    highest *h = static_cast<highest *>(state);
    if (h->bars++ == 0 || bar->close > h->close)
        h->close = bar->close;
    out[0] = h->close;
    return 1;
}

} // namespace

TURRET_INDICATOR("fixture.cxx_indicator", "1.0.0", "highest close so far", outputs, params,
                 state_size, start, lookback, update, nullptr);
