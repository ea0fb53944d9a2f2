/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIMULATE_MISCHIEF_H
#define SIMULATE_MISCHIEF_H

#include "host.h"

const char *mischief_name(enum bug bug);
void mischief_turn(struct host *host);
void mischief_start(struct host *host);

#endif
