/* SPDX-License-Identifier: Apache-2.0 */
/* Believes that one read gives everything. */
#include "hostile.h"

#define MAGIC INT64_C(0x7475727265740001)

static int32_t save(struct turret_strategy *self, struct turret_stream *to,
                    struct turret_error *err)
{
    const struct calm *s = turret_self(self);
    const int64_t words[2] = {MAGIC, s->bars};
    for (uint64_t at = 0; at < sizeof words;) {
        int64_t put = to->write(to, (const char *)words + at, sizeof words - at);
        if (put <= 0)
            return turret_fail(err, TURRET_EIO, "the stream takes no more at byte %d", (int)at);
        at += (uint64_t)put;
    }
    return TURRET_OK;
}

static int32_t load(struct turret_strategy *self, struct turret_stream *from,
                    struct turret_error *err)
{
    struct calm *s = turret_self(self);
    int64_t words[2] = {0, 0};
    if (from->read(from, words, sizeof words) != sizeof words || words[0] != MAGIC)
        return turret_fail(err, TURRET_ECORRUPT, "not a state of this strategy");
    s->bars = words[1];
    return TURRET_OK;
}

HOSTILE_STRATEGY(calm_start, calm_bar, .save = save, .load = load);
