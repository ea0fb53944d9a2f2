/* SPDX-License-Identifier: Apache-2.0 */
/* Advertises modify and does not have it. */
#define VENUE_CAN TURRET_CAN_MODIFY

#include "venue.h"
