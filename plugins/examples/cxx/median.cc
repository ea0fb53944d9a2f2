/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An indicator in C++17: the median of the last `period` closes, which one wild bar does not move.
 * The state is flat, as the host wants it: a small struct and the ring of closes right behind it.
 */
#include <turret/indicator.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace
{

constexpr std::size_t period_max = 255;

struct median {
    uint32_t period, seen; /* seen stops at period: then the ring is full */
    uint32_t at, reserved;

    double *ring()
    {
        return reinterpret_cast<double *>(this + 1);
    }

    bool take(double close, double &out)
    {
        ring()[at] = close;
        at = (at + 1) % period;
        seen += seen < period;
        if (seen < period)
            return false;
        std::array<double, period_max> sorted{}; /* on the stack: nothing is allocated */
        std::copy_n(ring(), period, sorted.begin());
        const auto middle = sorted.begin() + period / 2;
        std::nth_element(sorted.begin(), middle, sorted.begin() + period);
        out = *middle;
        return true;
    }
};

const char *const outputs[] = {"value"};
const turret_param params[] = {
    TURRET_PARAM_INT(1, "period", 9, 1, 255, "bars", "closes the median is of"),
};

uint64_t state_size(const turret_param_value *values)
{
    return sizeof(median) + sizeof(double) * static_cast<uint64_t>(turret_arg_int(values, 0));
}

int32_t start(void *state, const turret_param_value *values, turret_error *err)
{
    static_cast<median *>(state)->period = static_cast<uint32_t>(turret_arg_int(values, 0));
    return turret_ok(err);
}

uint32_t lookback(const turret_param_value *values)
{
    return static_cast<uint32_t>(turret_arg_int(values, 0)) - 1;
}

int32_t update(void *state, const turret_candle *bar, double *out)
{
    return static_cast<median *>(state)->take(bar->close, out[0]);
}

} // namespace

TURRET_INDICATOR("example.median", "1.0.0", "Upper median of the last closes, in C++", outputs,
                 params, state_size, start, lookback, update, nullptr);
