/* SPDX-License-Identifier: Apache-2.0 */
/* Fills twice what was asked. */
#define VENUE_FILLS(qty) ((qty)*2)

#include "venue.h"
