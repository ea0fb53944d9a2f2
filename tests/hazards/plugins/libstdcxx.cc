// SPDX-License-Identifier: Apache-2.0
// A plugin that uses the C++ library: statics of templates, streams, strings.
#include <turret/strategy.h>

#include <map>
#include <sstream>
#include <string>

template <typename T> struct counted {
    static int value;
};
template <typename T> int counted<T>::value = 0;

struct state {
    int64_t mark;
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "every", 7, 1, 100, "bars", "not used"),
};
static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, state, mark, "how often it was started"),
};

static int32_t on_start(turret_strategy *self, const turret_start *, turret_error *err)
{
    std::map<std::string, int> names;
    std::ostringstream text;
    text << "instance " << ++counted<state>::value;
    names[text.str()] = counted<state>::value;
    static_cast<state *>(turret_self(self))->mark = names.begin()->second;
    return turret_ok(err);
}

static void on_bar(turret_strategy *, const turret_bar *) {}

TURRET_STRATEGY(state, "hazard.libstdcxx", "1.0.0", "uses the C++ library", params, fields,
                on_start, on_bar);
