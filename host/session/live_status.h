/* SPDX-License-Identifier: Apache-2.0 */
/* What a live session looks like now, as the control socket tells it. */
#ifndef SESSION_LIVE_STATUS_H
#define SESSION_LIVE_STATUS_H

#include "session/live.h"

#include <jansson.h>

/* The caller releases it. */
json_t *live_status(struct live *live);

/* The open differences between the venues' books and ours: an array. */
json_t *live_differences(const struct live *live);
/* Limits of loss that are latched and stop what is in the scope of that index, an array; each of
 * them on a line of its own at a start. */
json_t *live_stops_list(const struct live *live, uint32_t scope, uint32_t index);
void live_stops_say(struct live *live);
/* Answers "resume" without a scope. Losses only: what was decided of scopes stays; with nothing
 * latched the references stay, too. The journal has it behind the "sequence" of the answer. */
json_t *live_stops_resume(struct live *live, const json_t *request);
/* Answers "reconcile": now, adopt, order. */
json_t *live_answer_reconcile(struct live *live, const json_t *request);

#endif
