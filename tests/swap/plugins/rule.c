/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A risk rule that turns every EVERY-th order away that it is asked about, and says which one it
 * was. A build without EVERY has no on_check.
 */
#include <turret/strategy.h>

struct rule {
    int64_t asked;
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct rule, asked, "orders it was asked about"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    (void)self;
    (void)start;
    return turret_ok(err);
}

#ifdef EVERY
static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    struct rule *s = turret_self(self);
    (void)order;
    (void)account;
    if (++s->asked % EVERY != 0)
        return TURRET_OK;
    return turret_fail(err, TURRET_EDENIED, BUILD_VERSION " turns away number %lld",
                       (long long)s->asked);
}
#endif

static const struct turret_strategy_type rule_type = {
    .struct_size = (uint32_t)sizeof(struct turret_strategy_type),
    .state_size = (uint32_t)sizeof(struct rule),
    .id = "swap.rule",
    .version = BUILD_VERSION,
    .summary = "turns orders away and counts",
    .fields = fields,
    .field_count = 1,
    .state_schema = 1,
    .on_start = on_start,
#ifdef EVERY
    .on_check = on_check,
#endif
};

TURRET_STRATEGY_TYPE("swap.rule", BUILD_VERSION, rule_type);
