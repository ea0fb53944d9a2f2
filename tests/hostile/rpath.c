/* SPDX-License-Identifier: Apache-2.0 */
/* Linked with a library search path. */
#include "hostile.h"

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS);
