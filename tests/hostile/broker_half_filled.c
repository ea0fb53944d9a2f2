/* SPDX-License-Identifier: Apache-2.0 */
/* Reports a filled order with less filled than it has. */
#define VENUE_SHOWN(filled) ((filled)-10)

#include "venue.h"
