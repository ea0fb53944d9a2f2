/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A risk rule, to be named in risk.rules: orders may add exposure within hours of the day only, by
 * the events' time in UTC. From 22 to 6 is the night, from 0 to 24 the whole day.
 */
#include <turret/strategy.h>

struct rule_hours {
    int32_t from, to; /* minutes of the day */
    int64_t turned_away;
};

static const struct turret_param params[] = {
    TURRET_PARAM_REAL(1, "from", 8, 0, 24, "h", "hour of the day it begins, UTC; 9.5 is 09:30"),
    TURRET_PARAM_REAL(2, "to", 16.5, 0, 24, "h", "hour of the day it ends"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD(1, I64, struct rule_hours, turned_away, 1, 0, "orders turned away so far"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct rule_hours *s = turret_self(self);
    s->from = (int32_t)(turret_param_real(start, 1) * 60) % 1440;
    s->to = (int32_t)(turret_param_real(start, 2) * 60) % 1440;
    return turret_ok(err);
}

static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    struct rule_hours *s = turret_self(self);
    int32_t now = (int32_t)(order->updated / INT64_C(60000000000) % 1440);
    int within = s->from < s->to ? now >= s->from && now < s->to : now >= s->from || now < s->to;
    (void)account;
    if (within)
        return TURRET_OK;
    s->turned_away++;
    return turret_fail(err, TURRET_EDENIED, "%02d:%02d is not in %02d:%02d-%02d:%02d UTC", now / 60,
                       now % 60, s->from / 60, s->from % 60, s->to / 60, s->to % 60);
}

static const struct turret_strategy_type rule_hours = {
    .struct_size = (uint32_t)sizeof(struct turret_strategy_type),
    .state_size = (uint32_t)sizeof(struct rule_hours),
    .id = "turret.rule_hours",
    .version = "1.0.0",
    .summary = "Lets orders add exposure within hours of the day only",
    .params = params,
    .param_count = 2,
    .fields = fields,
    .field_count = 1,
    .state_schema = 1,
    .on_start = on_start,
    .on_check = on_check,
};
TURRET_STRATEGY_TYPE("turret.rule_hours", "1.0.0", rule_hours);
