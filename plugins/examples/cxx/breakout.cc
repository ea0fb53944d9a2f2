/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strategy in C++17: holds `size` after a close above the highest of the last `length` closes,
 * until one below the lowest. A class does the thinking; the functions the host calls are a thin
 * edge around it that no exception passes.
 */
#include <turret/strategy.h>

#include <algorithm>
#include <exception>
#include <string>

namespace
{

constexpr int32_t length_max = 64;

/* The state: plain values that the host keeps. What lives here is zeroed and copied by bytes, so
 * nothing with a constructor or a pointer of its own may be a saved field. */
struct breakout_state {
    turret_qty size;
    int32_t length;
    int32_t held;
    int64_t seen;
    turret_price closes[length_max];
};

class Breakout
{
  public:
    explicit Breakout(turret_strategy *self)
        : self_(self), s_(*static_cast<breakout_state *>(turret_self(self)))
    {
    }

    void take(const turret_bar &bar)
    {
        if (s_.seen >= s_.length)
            decide(bar);
        s_.closes[s_.seen++ % s_.length] = bar.close;
    }

  private:
    void decide(const turret_bar &bar)
    {
        const auto [low, high] = std::minmax_element(s_.closes, s_.closes + s_.length);
        if (bar.close > *high)
            s_.held = 1;
        else if (bar.close < *low)
            s_.held = 0;
        const std::string reason = (s_.held ? "above " : "not above ") + std::to_string(*high);
        (void)turret_target(self_, bar.instrument, s_.held ? s_.size : 0, reason.c_str());
    }

    turret_strategy *self_;
    breakout_state &s_;
};

const turret_param params[] = {
    TURRET_PARAM_INT(1, "length", 20, 2, 64, "bars", "closes that are looked back on"),
    TURRET_PARAM_QTY(2, "size", "1", "position to hold"),
};

const turret_field fields[] = {
    TURRET_FIELD_I32(1, breakout_state, held, "1 while a breakout is held"),
    TURRET_FIELD_I64(2, breakout_state, seen, "bars seen"),
    TURRET_FIELD(3, I64, breakout_state, closes, length_max, 0, "the last closes"),
    TURRET_FIELD_I32(4, breakout_state, length, "closes that are looked back on"),
};

int32_t on_start(turret_strategy *self, const turret_start *start, turret_error *err) noexcept
{
    auto &s = *static_cast<breakout_state *>(turret_self(self));
    const int32_t length = turret_param_int(start, 1);
    if (length != s.length)
        s.seen = 0; /* the kept closes were of another length: begin anew */
    s.length = length;
    s.size = turret_param_qty(start, 2);
    return turret_ok(err);
}

void on_bar(turret_strategy *self, const turret_bar *bar) noexcept
{
    try {
        Breakout(self).take(*bar);
    } catch (const std::exception &e) { /* no memory for a text: said, and nothing was asked for */
        turret_log(self, TURRET_LOG_ERROR, e.what());
    }
}

} // namespace

TURRET_STRATEGY(breakout_state, "example.breakout", "1.0.0", "Breakout of the last closes, in C++",
                params, fields, on_start, on_bar);
