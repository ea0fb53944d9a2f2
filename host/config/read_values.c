/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The readers of single values that tables of keys name.
 */
#include "config/reader.h"
#include "config/scalar.h"

static void *member(void *target, const struct reader_key *key)
{
    return (char *)target + key->offset;
}

void read_text(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
               void *target)
{
    (void)reader_text(r, value, member(target, key), key->size);
}

void read_name(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
               void *target)
{
    (void)reader_name(r, value, READER_NAME, member(target, key), key->size);
}

void read_plugin(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                 void *target)
{
    (void)reader_name(r, value, READER_PLUGIN, member(target, key), key->size);
}

void read_symbol(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                 void *target)
{
    (void)reader_name(r, value, READER_SYMBOL, member(target, key), key->size);
}

void read_currency(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                   void *target)
{
    (void)reader_name(r, value, READER_CURRENCY, member(target, key), key->size);
}

void read_bool(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
               void *target)
{
    struct scalar_why why;
    bool answer;
    if (!reader_is_text(r, value))
        return;
    if (scalar_bool(value->text, &answer, &why))
        *(bool *)member(target, key) = answer;
    else
        reader_refuse(r, value, why.text);
}

void read_u32(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
              void *target)
{
    int64_t number;
    if (reader_integer(r, value, 0, UINT32_MAX, &number))
        *(uint32_t *)member(target, key) = (uint32_t)number;
}

void read_node(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
               void *target)
{
    (void)r;
    *(const struct yaml_node **)member(target, key) = value;
}
