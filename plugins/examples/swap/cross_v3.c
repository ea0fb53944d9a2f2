/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving-average cross, version 3.0.0: field 2 means something else. It was 1 above and 0 below; it
 * is 1 above, -1 below, 0 not known yet. Copied as it is, an old 0 would now say "not known", so
 * the schema is 2 and this build converts both ways: up from version 1 and 2, and down when a
 * person goes back. The older builds need to know nothing of it.
 */
#include <turret/strategy.h>

struct cross {
    turret_indicator fast, slow;
    turret_qty size;
    int64_t crossings;
    int32_t side;       /* 1 above, -1 below, 0 not known yet */
    int32_t quiet_bars; /* since the last crossing; -1: not known */
};

#define FIELD_SIDE 2

static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "fast", 10, 2, 200, "bars", "length of the fast average"),
    TURRET_PARAM_INT(2, "slow", 30, 3, 500, "bars", "length of the slow average"),
    TURRET_PARAM_QTY(3, "size", "1", "position to hold"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct cross, crossings, "averages crossed so far"),
    TURRET_FIELD_I32(FIELD_SIDE, struct cross, side, "1 above, -1 below, 0 not known yet"),
    TURRET_FIELD(3, I32, struct cross, quiet_bars, 1, -1, "bars since the last crossing, or -1"),
};

/* Everything else has been copied by the host already. */
static int32_t convert_up(const struct turret_saved *from, struct turret_saved *to,
                          struct turret_error *err)
{
    int64_t above;
    if (from->get_int(from, FIELD_SIDE, 0, &above) || above < 0 || above > 1)
        return turret_fail(err, TURRET_ECORRUPT, "above is neither 0 nor 1");
    return to->set_int(to, FIELD_SIDE, 0, above ? 1 : -1);
}

/* "Not known yet" is what version 1 and 2 begin with, too: below. */
static int32_t convert_down(const struct turret_saved *from, struct turret_saved *to,
                            struct turret_error *err)
{
    int64_t side;
    if (from->get_int(from, FIELD_SIDE, 0, &side) || side < -1 || side > 1)
        return turret_fail(err, TURRET_ECORRUPT, "side is not -1, 0 or 1");
    return to->set_int(to, FIELD_SIDE, 0, side > 0);
}

static const struct turret_convert converts[] = {{1, 2, convert_up}, {2, 1, convert_down}};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct cross *s = turret_self(self);
    s->size = turret_param_qty(start, 3);
    s->fast = turret_use(self, err, "sma(%d)", turret_param_int(start, 1));
    s->slow = turret_use(self, err, "sma(%d)", turret_param_int(start, 2));
    return turret_ok(err);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct cross *s = turret_self(self);
    int32_t side = turret_value(s->fast) > turret_value(s->slow) ? 1 : -1;
    int crossed = s->side == 0 ? side > 0 : side != s->side;
    if (crossed)
        s->quiet_bars = 0;
    else if (s->quiet_bars >= 0 && s->quiet_bars < INT32_MAX)
        s->quiet_bars++;
    s->crossings += crossed;
    s->side = side;
    (void)turret_target(self, bar->instrument, side > 0 ? s->size : 0, side > 0 ? "up" : "down");
}

static const struct turret_strategy_type type = {
    .struct_size = (uint32_t)sizeof(struct turret_strategy_type),
    .state_size = (uint32_t)sizeof(struct cross),
    .id = "example.cross",
    .version = "3.0.0",
    .summary = "Moving-average cross, by side",
    .params = params,
    .fields = fields,
    .param_count = sizeof params / sizeof params[0],
    .field_count = sizeof fields / sizeof fields[0],
    .state_schema = 2,
    .on_start = on_start,
    .on_bar = on_bar,
    .converts = converts,
    .convert_count = sizeof converts / sizeof converts[0],
};

TURRET_STRATEGY_TYPE("example.cross", "3.0.0", type);
