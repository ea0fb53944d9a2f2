// SPDX-License-Identifier: Apache-2.0
// A thread_local object with a destructor, built when a callback runs: it pins the plugin in memory
// while that thread lives.
#include <turret/strategy.h>

#include <cstdlib>

struct cache {
    void *room;
    cache() : room(std::malloc(64)) {}
    ~cache() { std::free(room); }
};

static thread_local cache mine;

struct state {
    int64_t mark;
};

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "every", 7, 1, 100, "bars", "not used"),
};
static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, state, mark, "1 once it has room"),
};

static int32_t on_start(turret_strategy *self, const turret_start *, turret_error *err)
{
    static_cast<state *>(turret_self(self))->mark = mine.room != nullptr;
    return turret_ok(err);
}

static void on_bar(turret_strategy *, const turret_bar *) {}

TURRET_STRATEGY(state, "hazard.thread_local", "1.0.0", "keeps a thread_local object", params,
                fields, on_start, on_bar);
