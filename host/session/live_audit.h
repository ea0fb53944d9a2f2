/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A live session's audit: what is recorded of what it does. Nothing is recorded while the journal
 * is replayed. A record goes into the turn's batch; while no batch is free it waits for the next
 * one. When even that has no room left, trading stops.
 *
 * when: core thread, from live_audit_open() on
 */
#ifndef SESSION_LIVE_AUDIT_H
#define SESSION_LIVE_AUDIT_H

#include "session/audit.h"
#include "session/live_state.h"
#include "session/rows.h"
#include "session/versions.h"

#define LIVE_AUDIT_WAIT_BYTES ((size_t)256 << 10)
#define LIVE_HEAD_NS          INT64_C(60000000000) /* between two signed heads, at most */

/* Key and heads file as the configuration says. fails: as store_audit_open() */
int live_audit_open(struct live *live, const struct config *config, struct turret_error *err);
/* What waited goes into the turn's batch, if there is one. */
void live_audit_flush(struct live *live);
/* Once a second: a signed head when it is time. */
void live_audit_second(struct live *live);

/* "started" or "ended", in the batch, with a signed head. */
void live_audit_session(struct live *live, const char *what);
void live_audit_config(struct live *live, const struct version *version);
void live_audit_refused_config(struct live *live, const char *cause, const char *why);
void live_audit_swap(struct live *live, const struct row_swap *row);
/* what: "refused", "blocked" */
void live_audit_code(struct live *live, const char *what, const char *why);
void live_audit_denial(struct live *live, const struct order *order, uint32_t denial);
void live_audit_decision(struct live *live, const struct event *event);
void live_audit_shadow(struct live *live, const char *text);

/* Answers a request of the control socket by `answer` and records both; those that only look are
   not recorded. */
typedef json_t *live_answer_fn(struct live *live, const json_t *request);
json_t *live_audit_command(struct live *live, const json_t *request, live_answer_fn *answer);

#endif
