/* SPDX-License-Identifier: Apache-2.0 */
/* Linked with -ffast-math, which changes how the whole process computes. */
#include "hostile.h"

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS);
