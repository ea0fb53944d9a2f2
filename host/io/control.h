/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket: "<store>/control.sock", for its owner only. A request is one line of JSON,
 * {"command": "status", …}; so is the answer, {"ok": true, …} or {"ok": false, "error": {…}}.
 */
#ifndef IO_CONTROL_H
#define IO_CONTROL_H

#include "io/loop.h"

#include <jansson.h>
#include <sys/types.h>

#define CONTROL_LINE_MAX    (1u << 20)
#define CONTROL_CLIENTS_MAX 32
/* A request's member: after this moment of clock_monotonic_ns() nobody waits for it, it is not
 * done. */
#define CONTROL_UNTIL "until_ns"

struct control;

/* Answers a request; the reply is released by the caller. Core thread, never NULL. */
typedef json_t *control_fn(void *context, const json_t *request);

/*
 * Listens. A stale socket of a dead daemon is replaced (the store's lock proves that it is dead).
 * A client that sends no JSON, too long a line, or does not read is told and dropped.
 * fails: EIO
 */
int control_open(struct control **out, struct loop *loop, const char *directory, control_fn *answer,
                 void *context, struct turret_error *err);
void control_close(struct control *control); /* removes the socket; NULL is allowed */

/* Who sent the request that is being answered. */
struct control_asker {
    uid_t uid;
    pid_t pid;
};
/* False when none is being answered, or nobody can tell. */
bool control_asker(const struct control *control, struct control_asker *asker);

/* {"ok": false, "error": {"code": …, "text": …}} */
TURRET_PRINTF(2, 3) json_t *control_error(int code, const char *format, ...);

/*
 * The client's side: sends one request and waits for the answer, at most timeout_ms.
 * fails: ENOTFOUND no daemon runs on this store; ETIMEOUT; EIO; or the code the daemon answered
 */
int control_call(const char *directory, const json_t *request, int timeout_ms, json_t **reply,
                 struct turret_error *err);

#endif
