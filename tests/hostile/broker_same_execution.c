/* SPDX-License-Identifier: Apache-2.0 */
/* Gives every fill the same execution id. */
#define VENUE_EXECUTION(number) ((number) > 0)

#include "venue.h"
