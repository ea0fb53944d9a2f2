/* SPDX-License-Identifier: Apache-2.0 */
/* Fills one unit less than whole lots. */
#define VENUE_FILLS(qty) ((qty)-1)

#include "venue.h"
