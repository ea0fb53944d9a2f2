// SPDX-License-Identifier: Apache-2.0
// A static of a C++ template, exported: STB_GNU_UNIQUE, which pins the plugin in memory.
#include <turret/strategy.h>

template <typename T> struct counted {
    static int value;
};
template <typename T> int counted<T>::value = 0;

struct calm {
    int64_t bars;
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "every", 7, 1, 100, "bars", "bars between changes"),
};
static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, calm, bars, "bars seen"),
};

static int32_t on_start(turret_strategy *, const turret_start *, turret_error *err)
{
    return turret_ok(err);
}

static void on_bar(turret_strategy *self, const turret_bar *)
{
    counted<calm>::value++;
    static_cast<calm *>(turret_self(self))->bars++;
}

TURRET_STRATEGY(calm, "hostile.unique", "1.0.0", "pins itself in memory", params, fields, on_start,
                on_bar);
