/* SPDX-License-Identifier: Apache-2.0 */
/* Exports a second symbol: linked without the SDK's plugin.map. */
#include "hostile.h"

extern TURRET_EXPORT int hostile_more;
int hostile_more = 1;

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS);
