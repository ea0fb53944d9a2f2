/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimal numbers as a file writes them, kept exactly: no double is involved between the text and
 * the integer in the store.
 */
#ifndef RESEARCH_DECIMAL_H
#define RESEARCH_DECIMAL_H

#include <turret/core.h>

#include <stdbool.h>

#define DECIMAL_DIGITS_MAX   18
#define DECIMAL_DECIMALS_MAX 30
#define DECIMAL_SCALE_MAX    12 /* of a stored series, as turret_instrument_def says */

/* digits × 10^-decimals, without trailing zeros after the point. |digits| < 10^18 */
struct decimal {
    int64_t digits;
    int32_t decimals;
};

/*
 * "12.50", "-3", "1e-05". fails: EINVAL (text begins with the value: "'12x' is not …")
 */
int decimal_parse(const char *text, struct decimal *value, struct turret_error *err);
/* <0, 0, >0 as a is below, equal to, above b; exact. */
int decimal_compare(struct decimal a, struct decimal b);
/* a × b and a ÷ b as they enter decimal_to_scale(): kept exact as fractions. */
struct decimal_factor {
    struct decimal multiplier, divisor; /* divisor > 0 */
};
/*
 * value × multiplier ÷ divisor in units of 10^-scale. What does not fit the scale is rounded half
 * up (away from zero for negative values) when `round` says so, refused otherwise.
 *
 * fails: EINVAL more decimals than the scale and no rounding; ELIMIT does not fit in 64 bits
 */
int decimal_to_scale(struct decimal value, const struct decimal_factor *factor, int32_t scale,
                     bool round, int64_t *out);

#endif
