/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Known are the strategies whose code a daemon recorded, also before they trade, and those that
 * positions and orders are of, also when the configuration has them no more.
 */
#include "cli/strategy_name.h"

#include "cli/clean.h"
#include "cli/records.h"
#include "ops/suggest.h"

#include <string.h>

#define NAMES_MAX 64
#define NAME_MAX  sizeof(((struct row_names *)NULL)->strategy)

static const char instance[] = "strategy "; /* session/rows.h: keys of STORE_INSTANCE */

struct known {
    const char *wanted;
    char names[NAMES_MAX][NAME_MAX]; /* of others */
    size_t count;
    bool found;
};

static void see(struct known *known, const char *name)
{
    size_t i = 0;
    known->found = known->found || !strcmp(name, known->wanted);
    while (i < known->count && strcmp(known->names[i], name) != 0)
        i++;
    if (i == known->count && i < NAMES_MAX && name[0])
        (void)snprintf(known->names[known->count++], NAME_MAX, "%s", name);
}

static int on_instance(void *context, const void *key, size_t key_bytes, uint16_t version,
                       const void *value, size_t value_bytes)
{
    const size_t prefix = sizeof instance - 1;
    char name[NAME_MAX];
    (void)version;
    (void)value;
    (void)value_bytes;
    if (key_bytes <= prefix || memcmp(key, instance, prefix) != 0)
        return 0;
    (void)snprintf(name, sizeof name, "%.*s", (int)(key_bytes - prefix),
                   (const char *)key + prefix);
    clean_text(name, sizeof name);
    see(context, name);
    return 0;
}

static int on_position(void *context, const struct row_position *row)
{
    see(context, row->names.strategy);
    return 0;
}

static int on_order(void *context, const struct row_order *row)
{
    see(context, row->names.strategy);
    return 0;
}

static int unknown(const struct known *known, struct turret_error *err)
{
    const char *names[NAMES_MAX], *near;
    char all[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < known->count; i++) {
        names[i] = known->names[i];
        if (used < sizeof all)
            used +=
                (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
    }
    near = suggest_nearest(known->wanted, names, known->count);
    if (near)
        return turret_fail(err, TURRET_ENOTFOUND,
                           "no strategy '%.60s' in this store; did you mean '%s'?", known->wanted,
                           near);
    return turret_fail(err, TURRET_ENOTFOUND, "no strategy '%.60s' in this store; %s%s",
                       known->wanted, used ? "it knows " : "it knows none yet", all);
}

int strategy_name_check(struct store *store, const char *name, struct turret_error *err)
{
    struct known known = {.wanted = name};
    struct turret_error damage = {0};
    (void)store_scan(store, STORE_INSTANCE, NULL, 0, on_instance, &known, NULL, &damage);
    (void)records_positions(store, on_position, &known, &damage);
    if (!known.found)
        (void)records_orders(store, on_order, &known, &damage);
    if (known.found)
        return TURRET_OK;
    return damage.code ? turret_fail(err, damage.code, "%s", damage.text) : unknown(&known, err);
}
