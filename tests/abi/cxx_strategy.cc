/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest strategy in C++: holds `size` after a bar that rose, nothing after one that fell.
 * Shows that the headers and macros make a plugin from C++ source too.
 */
#include <turret/strategy.h>

struct follow {
    turret_qty size;
    int64_t bars;
};

static const turret_param params[] = {
    TURRET_PARAM_QTY(1, "size", "1", "position to hold"),
    TURRET_PARAM_BOOL(2, "always", 0, "hold it after every bar"),
    TURRET_PARAM_REAL(3, "part", 1.0, 0, 1, "", "unused part of the size"),
    TURRET_PARAM_TEXT(4, "on", "close", "close|open", "which price counts"),
};

static const turret_field fields[] = {
    TURRET_FIELD_I64(1, follow, bars, "bars seen"),
};

static int32_t on_start(turret_strategy *self, const turret_start *start, turret_error *err)
{
    follow *f = static_cast<follow *>(turret_self(self));
    f->size = turret_param_qty(start, 1);
    return turret_ok(err);
}

static void on_bar(turret_strategy *self, const turret_bar *bar)
{
    follow *f = static_cast<follow *>(turret_self(self));
    f->bars++;
    (void)turret_target(self, bar->instrument, bar->close > bar->open ? f->size : 0, "follows");
}

TURRET_STRATEGY(follow, "fixture.cxx_strategy", "1.0.0", "follows the last bar", params, fields,
                on_start, on_bar);
