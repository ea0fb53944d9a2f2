/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the control socket's tests share: a directory of their own and a daemon's loop in a thread
 * that answers by a function, until it is told {"command": "shutdown"}.
 */
#ifndef TESTS_CONTROL_RIG_H
#define TESTS_CONTROL_RIG_H

#include "io/control.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define RIG_WAIT_MS 30000 /* nothing here takes that long; a test that hangs ends */

struct rig {
    char directory[300]; /* removed at the end */
    char socket[340];
    struct loop *loop;
    struct control *control;
    pthread_t thread;
    json_t *(*answer)(struct rig *rig, const json_t *request);
    bool running;
    unsigned asked; /* by the daemon's thread only; read after rig_stop() */
};

static inline void rig_turn(void *context)
{
    (void)context;
}

static inline json_t *rig_answer(void *context, const json_t *request)
{
    struct rig *rig = context;
    const char *name = json_string_value(json_object_get(request, "command"));
    rig->asked++;
    if (name && !strcmp(name, "shutdown")) {
        loop_stop(rig->loop);
        return json_pack("{s:b}", "ok", 1);
    }
    return rig->answer(rig, request);
}

static inline void *rig_main(void *context)
{
    struct rig *rig = context;
    loop_run(rig->loop);
    control_close(rig->control);
    loop_destroy(rig->loop);
    return NULL;
}

static inline void rig_start(struct rig *rig)
{
    struct turret_error err = {0, 0, ""};
    assert_int_equal(loop_create(&rig->loop, rig_turn, rig, &err), TURRET_OK);
    if (control_open(&rig->control, rig->loop, rig->directory, rig_answer, rig, &err))
        fail_msg("%s", err.text);
    assert_int_equal(pthread_create(&rig->thread, NULL, rig_main, rig), 0);
    rig->running = true;
}

/* The daemon has ended, or does so by itself. */
static inline void rig_join(struct rig *rig)
{
    assert_int_equal(pthread_join(rig->thread, NULL), 0);
    rig->running = false;
    assert_int_not_equal(access(rig->socket, F_OK), 0);
}

/* The answer to "shutdown" has to arrive although the loop ends with it. */
static inline void rig_stop(struct rig *rig)
{
    struct turret_error err = {0, 0, ""};
    json_t *request, *reply = NULL;
    if (!rig->running)
        return;
    request = json_pack("{s:s}", "command", "shutdown");
    if (control_call(rig->directory, request, RIG_WAIT_MS, &reply, &err))
        fail_msg("%s", err.text);
    json_decref(request);
    json_decref(reply);
    rig_join(rig);
}

static inline int rig_setup(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    const char *where = getenv("TMPDIR");
    if (!rig)
        return -1;
    (void)snprintf(rig->directory, sizeof rig->directory, "%s/turret-test-XXXXXX",
                   where ? where : P_tmpdir);
    if (!mkdtemp(rig->directory))
        return -1;
    (void)snprintf(rig->socket, sizeof rig->socket, "%s/control.sock", rig->directory);
    *state = rig;
    return 0;
}

static inline int rig_teardown(void **state)
{
    struct rig *rig = *state;
    rig_stop(rig);
    (void)unlink(rig->socket);
    (void)rmdir(rig->directory);
    free(rig);
    return 0;
}

/* ---- a client that does as it likes ---- */

static inline struct sockaddr_un rig_address(const struct rig *rig)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    assert_true(strlen(rig->socket) < sizeof to.sun_path);
    (void)snprintf(to.sun_path, sizeof to.sun_path, "%s", rig->socket);
    return to;
}

static inline int rig_connect(const struct rig *rig)
{
    struct sockaddr_un to = rig_address(rig);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* As much as the other side takes before it hangs up. */
static inline void rig_send(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent < 0)
            return;
        at += sent;
        size -= (size_t)sent;
    }
}

/* Bytes until a newline (kept) or the end; answers how many. */
static inline size_t rig_line(int fd, char *line, size_t room)
{
    size_t size = 0;
    while (size + 1 < room && (size == 0 || line[size - 1] != '\n')) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&ready, 1, RIG_WAIT_MS), 1);
        ssize_t got = recv(fd, line + size, 1, 0);
        if (got <= 0)
            break;
        size++;
    }
    line[size] = '\0';
    return size;
}

static inline void rig_expect_end(int fd)
{
    char line[8];
    assert_int_equal(rig_line(fd, line, sizeof line), 0);
    (void)close(fd);
}

/* "{"ok":false,…}" with this code; answers a copy of its text in `text`. */
static inline void rig_expect_error(int fd, const char *code, char *text, size_t room)
{
    char line[2048];
    json_t *answer, *error;
    assert_true(rig_line(fd, line, sizeof line) > 0);
    answer = json_loads(line, 0, NULL);
    assert_true(json_is_false(json_object_get(answer, "ok")));
    error = json_object_get(answer, "error");
    assert_string_equal(json_string_value(json_object_get(error, "code")), code);
    (void)snprintf(text, room, "%s", json_string_value(json_object_get(error, "text")));
    json_decref(answer);
}

#endif
