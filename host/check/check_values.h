/* SPDX-License-Identifier: Apache-2.0 */
/* Parameter values for an instance, always said as text first and bound as a configuration's are.
 */
#ifndef CHECK_CHECK_VALUES_H
#define CHECK_CHECK_VALUES_H

#include "check/check.h"
#include "config/config.h"

#define CHECK_QTY_SCALE 8 /* of the instruments that checks trade */

struct check_values {
    struct check *check;
    const struct turret_param *table;
    uint32_t count;
    struct config_param given[CONFIG_PARAMS_MAX];
    struct turret_param_value bound[CONFIG_PARAMS_MAX + 2]; /* two more, for unknown ids */
};

/* Which value of a row's range. */
enum check_value { CHECK_VALUE_DEFAULT, CHECK_VALUE_MIN, CHECK_VALUE_MAX, CHECK_VALUE_RANDOM };

/* Every row at its default, bound. */
void check_values_begin(struct check_values *values, struct check *check,
                        const struct plugin_offer *offer);
/* Says one row's value; what the host would refuse fails the check. */
void check_values_set(struct check_values *values, uint32_t row, enum check_value which,
                      uint64_t *random);

#endif
