/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a stream that ends too early for a good one. */
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
    for (uint64_t at = 0; at < sizeof words;) {
        int64_t got = from->read(from, (char *)words + at, sizeof words - at);
        if (got <= 0)
            break;
        at += (uint64_t)got;
    }
    (void)err;
    s->bars = words[1];
    return TURRET_OK;
}

HOSTILE_STRATEGY(calm_start, calm_bar, .save = save, .load = load);
