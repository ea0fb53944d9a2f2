/* SPDX-License-Identifier: Apache-2.0 */
/* Acknowledges every order twice. */
#define VENUE_ACKS 2

#include "venue.h"
