/* SPDX-License-Identifier: Apache-2.0 */
/* swap: how a new build takes over. Every key has a default. */
#include "config/reader.h"
#include "config/scalar.h"

#define EVENTS_MAX   1000000000
#define DEADLINE_MAX (INT64_C(86400) * 1000000000)
#define PPM_HUNDRED  1000000

static void read_events(struct reader *r, const struct yaml_node *value,
                        const struct reader_key *key, void *target)
{
    int64_t number;
    if (reader_integer(r, value, 0, EVENTS_MAX, &number))
        *(uint32_t *)(void *)((char *)target + key->offset) = (uint32_t)number;
}

static void read_denials(struct reader *r, const struct yaml_node *value,
                         const struct reader_key *key, void *target)
{
    struct config_swap *swap = target;
    struct scalar_why why;
    int64_t ppm;
    (void)key;
    if (!reader_is_text(r, value))
        return;
    if (!scalar_percent(value->text, &ppm, &why))
        reader_refuse(r, value, why.text);
    else if (ppm < 0 || ppm > PPM_HUNDRED)
        reader_refuse(r, value, "not 0% to 100%");
    else
        swap->denials_ppm = ppm;
}

static void read_deadline(struct reader *r, const struct yaml_node *value,
                          const struct reader_key *key, void *target)
{
    struct config_swap *swap = target;
    struct scalar_why why;
    int64_t duration_ns;
    (void)key;
    if (!reader_is_text(r, value))
        return;
    if (!scalar_duration(value->text, &duration_ns, &why))
        reader_refuse(r, value, why.text);
    else if (duration_ns <= 0 || duration_ns > DEADLINE_MAX)
        reader_refuse(r, value, "not above 0 and at most 1d");
    else
        swap->deadline_ns = duration_ns;
}

static const struct reader_key keys[] = {
    {"watch", read_bool, offsetof(struct config_swap, watch), 0, false},
    {"shadow", read_events, offsetof(struct config_swap, shadow), 0, false},
    {"divergence", read_events, offsetof(struct config_swap, divergence), 0, false},
    {"probation", read_events, offsetof(struct config_swap, probation), 0, false},
    {"denials", read_denials, 0, 0, false},
    {"deadline", read_deadline, 0, 0, false},
};

void read_swap_defaults(struct config_swap *swap)
{
    *swap = (struct config_swap){.watch = true,
                                 .probation = 1000,
                                 .denials_ppm = PPM_HUNDRED / 2,
                                 .deadline_ns = INT64_C(30) * 1000000000};
}

void read_swap(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
               void *target)
{
    struct config *config = target;
    (void)key;
    reader_read(r, value, keys, sizeof keys / sizeof *keys, &config->swap);
}
