/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a length from the stream and believes it. */
#include "hostile.h"

#define MAGIC INT64_C(0x7475727265740001)

static int32_t save(struct turret_strategy *self, struct turret_stream *to,
                    struct turret_error *err)
{
    const struct calm *s = turret_self(self);
    const int64_t words[2] = {8, s->bars};
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
    for (uint64_t at = 0; at < sizeof words;) {
        int64_t got = from->read(from, (char *)words + at, sizeof words - at);
        if (got <= 0)
            return turret_fail(err, TURRET_ECORRUPT, "ends at byte %d of 16", (int)at);
        at += (uint64_t)got;
    }
    for (int64_t i = 0; i < words[0]; i += 8) /* as long as the stream says */
        ((volatile int64_t *)&s->bars)[i] = words[1];
    return TURRET_OK;
}

HOSTILE_STRATEGY(calm_start, calm_bar, .save = save, .load = load);
