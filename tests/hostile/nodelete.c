/* SPDX-License-Identifier: Apache-2.0 */
/* Linked with -z nodelete: it never leaves memory. */
#include "hostile.h"

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS);
