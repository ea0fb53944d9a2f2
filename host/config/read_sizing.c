/* SPDX-License-Identifier: Apache-2.0 */
/* size: how large a strategy's positions become. The names are those of core/sizing.c. */
#include "config/reader.h"
#include "config/scalar.h"

#include <string.h>

static void read_policy(struct reader *r, const struct yaml_node *value,
                        const struct reader_key *key, void *target)
{
    uint32_t i, count = 0;
    (void)key;
    while (sizing_policy_names[count])
        count++;
    if (!reader_is_text(r, value))
        return;
    for (i = 0; i < count && strcmp(value->text, sizing_policy_names[i]) != 0;)
        i++;
    if (i < count)
        ((struct sizing *)target)->policy = (enum size_policy)i;
    else
        reader_refuse_name(r, value,
                           "not one of as_wished, fixed, percent_of_equity, volatility, kelly",
                           sizing_policy_names, count);
}

static void read_percent(struct reader *r, const struct yaml_node *value,
                         const struct sizing_row *row, int64_t *ppm)
{
    struct scalar_why why;
    int64_t number;
    if (!reader_is_text(r, value))
        return;
    if (!scalar_percent(value->text, &number, &why)) {
        reader_refuse(r, value, why.text);
    } else if (number < row->min || number > row->max) {
        char low[SCALAR_TEXT_MAX], high[SCALAR_TEXT_MAX], text[2 * SCALAR_TEXT_MAX + 32];
        scalar_format_percent(row->min, low, sizeof low);
        scalar_format_percent(row->max, high, sizeof high);
        (void)snprintf(text, sizeof text, "not %s to %s", low, high);
        reader_refuse(r, value, text);
    } else {
        *ppm = number;
    }
}

/* key->offset is the row's number. */
static void read_number(struct reader *r, const struct yaml_node *value,
                        const struct reader_key *key, void *target)
{
    const struct sizing_row *row = &sizing_rows[key->offset];
    int64_t *number = (int64_t *)(void *)((char *)target + row->offset);
    if (row->unit == SIZING_COUNT)
        (void)reader_integer(r, value, row->min, row->max, number);
    else if (row->unit == SIZING_QTY)
        (void)reader_decimal(r, value, 9, row->min, row->max, number);
    else
        read_percent(r, value, row, number);
}

/* Every policy has numbers of its own: which they are has to be known first. */
void read_sizing(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                 void *target)
{
    struct sizing *sizing = (struct sizing *)(void *)((char *)target + key->offset);
    struct reader_key keys[READER_KEYS_MAX] = {{"policy", read_policy, 0, 0, true}};
    const struct yaml_node *policy;
    const struct sizing_row *row;
    uint32_t policies = ~0u, i;
    size_t count = 1;
    if (!reader_is_map(r, value))
        return;
    policy = yaml_find(value, "policy");
    for (i = 0; policy && policy->kind == YAML_SCALAR && sizing_policy_names[i]; i++)
        if (strcmp(policy->text, sizing_policy_names[i]) == 0)
            policies = 1u << i;
    for (row = sizing_rows; row->name; row++)
        if (row->policies & policies) {
            bool required = row->standard == INT64_MIN && policies != ~0u;
            *(int64_t *)(void *)((char *)sizing + row->offset) = required ? 0 : row->standard;
            keys[count++] = (struct reader_key){row->name, read_number, (size_t)(row - sizing_rows),
                                                0, required};
        }
    reader_read(r, value, keys, count, sizing);
}
