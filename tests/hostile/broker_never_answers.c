/* SPDX-License-Identifier: Apache-2.0 */
/* Takes orders and never answers. */
#define VENUE_ACKS 0

#include "venue.h"
