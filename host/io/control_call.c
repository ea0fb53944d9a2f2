/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's side of the control socket. When no answer came, err->detail is the errno that says
 * why; it is 0 when the daemon itself answered with an error.
 */
#include "io/control.h"

#include "io/clock.h"
#include "io/control_wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define MS_NS 1000000

struct call {
    const char *directory;
    int timeout_ms;
    int64_t deadline_ns;
    int fd;
    char *answer;
    size_t size, room;
    struct turret_error *err;
};

/* No answer: says what `number` means here. */
static int unanswered(const struct call *call, int number)
{
    struct turret_error *err = call->err;
    bool first = err && err->code == 0;
    int code;
    if (number == ENOENT || number == ENOTDIR || number == ECONNREFUSED)
        code =
            turret_fail(err, TURRET_ENOTFOUND,
                        "no daemon runs on store %.300s; start one: turret run", call->directory);
    else if (number == EACCES || number == EPERM)
        code = turret_fail(err, TURRET_EIO,
                           "the daemon on store %.300s is another user's: only its owner may "
                           "command it",
                           call->directory);
    else if (number == ETIMEDOUT)
        code = turret_fail(err, TURRET_ETIMEOUT,
                           "the daemon on store %.300s did not answer within %d ms; look whether "
                           "it is busy or stuck",
                           call->directory, call->timeout_ms);
    else if (number == ECONNRESET || number == EPIPE)
        code = turret_fail(err, TURRET_EIO,
                           "the daemon on store %.300s ended the connection without an answer",
                           call->directory);
    else if (number == EINTR)
        code =
            turret_fail(err, TURRET_EIO, "interrupted before the daemon on store %.300s answered",
                        call->directory);
    else
        code = turret_fail(err, TURRET_EIO, "asking the daemon on store %.300s: %s",
                           call->directory, strerror(number));
    if (first)
        err->detail = number;
    return code;
}

/* 0 when it is ready for `events`, or an errno. */
static int wait_for(const struct call *call, short events)
{
    struct pollfd descriptor = {.fd = call->fd, .events = events};
    int64_t left_ns = call->deadline_ns - clock_monotonic_ns();
    int ready = left_ns > 0 ? poll(&descriptor, 1, (int)(left_ns / MS_NS) + 1) : 0;
    return ready > 0 ? 0 : ready == 0 ? ETIMEDOUT : errno;
}

/* A full queue of a local socket is waited for in connect() itself, as long as SO_SNDTIMEO says. */
static int reach(struct call *call)
{
    struct timeval limit = {.tv_sec = call->timeout_ms / 1000,
                            .tv_usec = (suseconds_t)(call->timeout_ms % 1000) * 1000};
    struct control_address address;
    int number = control_address_open(&address, call->directory);
    if (number)
        return number;
    call->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (call->fd < 0 || setsockopt(call->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) ||
        connect(call->fd, (const struct sockaddr *)&address.socket, sizeof address.socket))
        number = errno == EAGAIN ? ETIMEDOUT : errno;
    control_address_close(&address);
    return number;
}

/* A daemon that refuses the rest has said why: that is read then. */
static int send_line(const struct call *call, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(call->fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        int number = errno;
        if (sent < 0 && (number == EPIPE || number == ECONNRESET))
            return 0;
        if (sent < 0 && number != EAGAIN && number != EWOULDBLOCK)
            return number;
        if (sent < 0) {
            number = wait_for(call, POLLOUT);
            if (number)
                return number;
            continue;
        }
        text += sent;
        size -= (size_t)sent;
    }
    return 0;
}

static int receive_line(struct call *call)
{
    for (;;) {
        const char *end;
        ssize_t got;
        int number;
        if (call->size == call->room) {
            size_t room = call->room ? call->room * 2 : 4096;
            char *grown = room <= CONTROL_LINE_MAX ? realloc(call->answer, room) : NULL;
            if (!grown)
                return room <= CONTROL_LINE_MAX ? ENOMEM : EMSGSIZE;
            call->answer = grown;
            call->room = room;
        }
        number = wait_for(call, POLLIN);
        if (number)
            return number;
        got = recv(call->fd, call->answer + call->size, call->room - call->size, MSG_DONTWAIT);
        if (got == 0)
            return ECONNRESET;
        if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
            return errno;
        if (got > 0 && (end = memchr(call->answer + call->size, '\n', (size_t)got))) {
            call->size = (size_t)(end - call->answer);
            return 0;
        }
        call->size += got > 0 ? (size_t)got : 0;
    }
}

/* The answer's value, or the error it carries. */
static int read_answer(const struct call *call, json_t **reply)
{
    json_t *answer = json_loadb(call->answer, call->size, 0, NULL), *error;
    const char *name, *text;
    int code;
    if (json_is_true(json_object_get(answer, "ok"))) {
        *reply = answer;
        return TURRET_OK;
    }
    error = json_object_get(answer, "error");
    name = json_string_value(json_object_get(error, "code"));
    text = json_string_value(json_object_get(error, "text"));
    if (text)
        code = turret_fail(call->err, name ? control_code_of(name) : TURRET_EIO, "%s", text);
    else
        code = unanswered(call, EBADMSG);
    json_decref(answer);
    return code;
}

int control_call(const char *directory, const json_t *request, int timeout_ms, json_t **reply,
                 struct turret_error *err)
{
    struct call call = {.directory = directory,
                        .timeout_ms = timeout_ms > 0 ? timeout_ms : 1,
                        .fd = -1,
                        .err = err};
    char *line = json_dumps(request, JSON_COMPACT);
    size_t size = line ? strlen(line) : 0;
    int code, number;
    *reply = NULL;
    call.deadline_ns = clock_monotonic_ns() + (int64_t)call.timeout_ms * MS_NS;
    number = line ? reach(&call) : ENOMEM;
    if (!number) {
        line[size] = '\n';
        number = send_line(&call, line, size + 1);
    }
    if (!number)
        number = receive_line(&call);
    code = number ? unanswered(&call, number) : read_answer(&call, reply);
    if (call.fd >= 0)
        (void)close(call.fd);
    free(call.answer);
    free(line);
    return code;
}
