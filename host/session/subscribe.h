/* SPDX-License-Identifier: Apache-2.0 */
/* Asking feeds for what the strategies of a configuration are on. */
#ifndef SESSION_SUBSCRIBE_H
#define SESSION_SUBSCRIBE_H

#include "session/venues.h"

/*
 * Asks every instrument's feed that can be asked (TURRET_CAN_SUBSCRIBE) for the reports and bars
 * that the strategies of `config` want; strategies that are not enabled too, for they may be
 * started later. A feed that cannot be asked sends what it sends. What was granted before a refusal
 * stays subscribed: nobody is called for it.
 *
 * fails: EINVAL a feed makes no such thing: told to `messages` at the place of the `on` value
 */
int subscribe_config(struct venues *venues, const struct config *config, struct registry *registry,
                     FILE *messages, struct turret_error *err);

#endif
