/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is wrong with this one: what the others are made from. */
#include "venue.h"
