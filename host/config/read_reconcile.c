/* SPDX-License-Identifier: Apache-2.0 */
/* venues.….reconcile: how often the books are compared, and what a difference does. */
#include "config/reader.h"
#include "config/scalar.h"

#include <string.h>

#define SECOND    INT64_C(1000000000)
#define EVERY_MAX (86400 * SECOND)

/* By enum reconcile_policy. */
static const char *const policies[] = {"halt", "adopt", "alarm"};

static void read_policy(struct reader *r, const struct yaml_node *value,
                        const struct reader_key *key, void *target)
{
    uint8_t *policy = (uint8_t *)target + key->offset, i;
    if (!reader_is_text(r, value))
        return;
    for (i = 0; i < 3; i++)
        if (!strcmp(value->text, policies[i]) && (i != RECONCILE_ADOPT || key->size)) {
            *policy = i;
            return;
        }
    if (key->size)
        reader_refuse_name(r, value, "not one of halt, adopt, alarm", policies, 3);
    else
        reader_refuse_name(r, value, "not one of halt, alarm", policies, 3);
}

static void read_every(struct reader *r, const struct yaml_node *value,
                       const struct reader_key *key, void *target)
{
    struct config_reconcile *reconcile = target;
    struct scalar_why why;
    int64_t every_ns;
    (void)key;
    if (!reader_is_text(r, value))
        return;
    if (!scalar_duration(value->text, &every_ns, &why))
        reader_refuse(r, value, why.text);
    else if (every_ns < SECOND || every_ns > EVERY_MAX)
        reader_refuse(r, value, "not 1s to 1d");
    else
        reconcile->every_ns = every_ns;
}

static void read_tolerance(struct reader *r, const struct yaml_node *value,
                           const struct reader_key *key, void *target)
{
    struct config_reconcile *reconcile = target;
    (void)key;
    (void)reader_decimal(r, value, 8, 0, INT64_MAX, &reconcile->policy.cash_tolerance);
}

/* key->size: whether it may be adopted */
#define POLICY(name, adopts)                                                                       \
    {                                                                                              \
#name, read_policy, offsetof(struct config_reconcile, policy.name), adopts, false          \
    }
static const struct reader_key keys[] = {
    {"every", read_every, 0, 0, false},
    POLICY(orders, 0),
    POLICY(fills, 1),
    POLICY(positions, 1),
    POLICY(cash, 1),
    {"cash_tolerance", read_tolerance, 0, 0, false},
};

void read_reconcile_defaults(struct config_reconcile *reconcile)
{
    memset(reconcile, 0, sizeof *reconcile);
    reconcile->every_ns = 60 * SECOND;
    reconcile->policy.orders = RECONCILE_HALT;
    reconcile->policy.fills = RECONCILE_ADOPT;
    reconcile->policy.positions = RECONCILE_HALT;
    reconcile->policy.cash = RECONCILE_HALT;
}

void read_reconcile(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                    void *target)
{
    reader_read(r, value, keys, sizeof keys / sizeof *keys, (char *)target + key->offset);
}
