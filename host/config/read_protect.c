/* SPDX-License-Identifier: Apache-2.0 */
/* protect: what the host guards the positions of a strategy with. */
#include "config/reader.h"
#include "config/scalar.h"

#include <string.h>

#define PERIOD_MAX   10000
#define MULTIPLE_MAX (INT64_C(1000) * 1000000000) /* 10^-9 */
#define PPM_HUNDRED  1000000

static void read_period(struct reader *r, const struct yaml_node *value,
                        const struct reader_key *key, void *target)
{
    int64_t number;
    (void)key;
    if (reader_integer(r, value, 1, PERIOD_MAX, &number))
        ((struct protection *)target)->atr_period = (uint32_t)number;
}

static void read_multiple(struct reader *r, const struct yaml_node *value,
                          const struct reader_key *key, void *target)
{
    int64_t *to = (int64_t *)(void *)((char *)target + key->offset);
    (void)reader_decimal(r, value, 9, 1, MULTIPLE_MAX, to);
}

static const struct reader_key atr_keys[] = {
    {"period", read_period, 0, 0, true},
    {"stop", read_multiple, offsetof(struct protection, atr_stop_nano), 0, true},
    {"target", read_multiple, offsetof(struct protection, atr_target_nano), 0, false},
};

static void read_atr(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                     void *target)
{
    (void)key;
    reader_read(r, value, atr_keys, sizeof atr_keys / sizeof *atr_keys, target);
}

/* "2%" of the price, or a distance. */
static void read_trailing(struct reader *r, const struct yaml_node *value,
                          const struct reader_key *key, void *target)
{
    struct protection *protection = target;
    struct scalar_why why;
    int64_t ppm;
    (void)key;
    if (!reader_is_text(r, value))
        return;
    if (!strchr(value->text, '%')) {
        (void)reader_decimal(r, value, 9, 1, INT64_MAX, &protection->trailing_nano);
        return;
    }
    if (!scalar_percent(value->text, &ppm, &why))
        reader_refuse(r, value, why.text);
    else if (ppm <= 0 || ppm >= PPM_HUNDRED)
        reader_refuse(r, value, "not above 0% and below 100%");
    else
        protection->trailing_ppm = ppm;
}

static void read_max_holding(struct reader *r, const struct yaml_node *value,
                             const struct reader_key *key, void *target)
{
    struct scalar_why why;
    int64_t duration_ns;
    (void)key;
    if (!reader_is_text(r, value))
        return;
    if (!scalar_duration(value->text, &duration_ns, &why))
        reader_refuse(r, value, why.text);
    else if (duration_ns <= 0)
        reader_refuse(r, value, "not above 0");
    else
        ((struct protection *)target)->max_holding_ns = duration_ns;
}

static const struct reader_key keys[] = {
    {"atr", read_atr, 0, 0, false},
    {"trailing_stop", read_trailing, 0, 0, false},
    {"max_holding", read_max_holding, 0, 0, false},
};

void read_protect(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                  void *target)
{
    reader_read(r, value, keys, sizeof keys / sizeof *keys, (char *)target + key->offset);
}
