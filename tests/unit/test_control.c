/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that the control socket answers, is its owner's only, replaces the socket of a dead daemon,
 * tells and drops clients that send garbage or too much, goes on beside clients that stop half-way
 * or crowd it, and that a caller learns why there is no answer. One test lasts as long as the
 * socket's patience: about five seconds.
 */
#include "control_rig.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define LINE_MAX_BYTES ((size_t)CONTROL_LINE_MAX)

/* echo: the request; pad: how long its "pad" is; big: a megabyte; huge: too much; broken: nothing
 */
static json_t *answer_any(struct rig *rig, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "command"));
    static char text[LINE_MAX_BYTES + 1];
    (void)rig;
    memset(text, 'x', sizeof text - 1);
    if (!name)
        return control_error(TURRET_EINVAL, "no command");
    if (!strcmp(name, "missing"))
        return control_error(TURRET_ENOTFOUND, "no strategy '%s'; did you mean 'spy'?", "spi");
    if (!strcmp(name, "binary"))
        return control_error(TURRET_EDENIED, "bytes \xff\x01 in it");
    if (!strcmp(name, "broken"))
        return NULL;
    if (!strcmp(name, "pad"))
        return json_pack("{s:b, s:i}", "ok", 1, "length",
                         (int)json_string_length(json_object_get(request, "pad")));
    if (!strcmp(name, "big"))
        text[sizeof text - 1000] = '\0';
    if (!strcmp(name, "big") || !strcmp(name, "huge"))
        return json_pack("{s:b, s:s}", "ok", 1, "text", text);
    return json_pack("{s:b, s:O}", "ok", 1, "echo", request);
}

static int start(void **state)
{
    struct rig *rig;
    if (rig_setup(state))
        return -1;
    rig = *state;
    rig->answer = answer_any;
    rig_start(rig);
    return 0;
}

static int call(const struct rig *rig, const char *text, json_t **reply, struct turret_error *err)
{
    json_t *request = json_loads(text, 0, NULL);
    int code;
    assert_non_null(request);
    *err = (struct turret_error){0, 0, ""};
    code = control_call(rig->directory, request, RIG_WAIT_MS, reply, err);
    json_decref(request);
    return code;
}

/* The daemon still answers. */
static void expect_alive(const struct rig *rig)
{
    struct turret_error err;
    json_t *reply;
    if (call(rig, "{\"command\": \"echo\", \"n\": [1, \"\\n\", null]}", &reply, &err))
        fail_msg("%s", err.text);
    char *text = json_dumps(reply, JSON_COMPACT);
    assert_string_equal(text,
                        "{\"ok\":true,\"echo\":{\"command\":\"echo\",\"n\":[1,\"\\n\",null]}}");
    free(text);
    json_decref(reply);
}

static void test_answers(void **state)
{
    struct turret_error err;
    json_t *reply;
    expect_alive(*state);
    assert_int_equal(call(*state, "{\"command\": \"missing\"}", &reply, &err), TURRET_ENOTFOUND);
    assert_null(reply);
    assert_int_equal(err.detail, 0); /* the daemon's own word */
    assert_string_equal(err.text, "no strategy 'spi'; did you mean 'spy'?");
    assert_int_equal(call(*state, "{\"command\": \"binary\"}", &reply, &err), TURRET_EDENIED);
    assert_string_equal(err.text, "bytes ?? in it");
    assert_int_equal(call(*state, "{\"command\": \"broken\"}", &reply, &err), TURRET_ENOMEM);
    assert_int_equal(call(*state, "{\"command\": \"huge\"}", &reply, &err), TURRET_ELIMIT);
    assert_int_equal(call(*state, "{\"command\": \"big\"}", &reply, &err), TURRET_OK);
    assert_int_equal(json_string_length(json_object_get(reply, "text")), LINE_MAX_BYTES - 999);
    json_decref(reply);
}

static void test_garbage_is_told_and_dropped(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {
        {"hello\n", 6},
        {"\n", 1},
        {"[1, 2]\n", 7},
        {"{\"command\": \"echo\"\n", 19},
        {"{\"command\": 1, \"command\": 2}\n", 29},
        {"{\"command\": \"\xff\"}\n", 17},
        {"{\"command\": \"a\0b\"}\n", 19},
        {"\x7f"
         "ELF\0\0\0\1\n",
         9},
    };
    char text[600];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int fd = rig_connect(*state);
        rig_send(fd, cases[i].bytes, cases[i].size);
        rig_send(fd, "{\"command\": \"echo\"}\n", 20); /* is not heard any more */
        rig_expect_error(fd, "EINVAL", text, sizeof text);
        rig_expect_end(fd);
        expect_alive(*state);
    }
    rig_stop(*state);
    assert_int_equal(((struct rig *)*state)->asked, sizeof cases / sizeof cases[0] + 1);
}

static void test_longest_and_too_long_line(void **state)
{
    static const char begin[] = "{\"command\":\"pad\",\"pad\":\"", end[] = "\"}\n";
    char *line = malloc(LINE_MAX_BYTES + 1), answer[600];
    size_t pad = LINE_MAX_BYTES - strlen(begin) - strlen(end);
    int fd = rig_connect(*state);
    assert_non_null(line);
    memset(line, 'a', LINE_MAX_BYTES + 1);
    memcpy(line, begin, strlen(begin));
    memcpy(line + LINE_MAX_BYTES - strlen(end), end, strlen(end));
    rig_send(fd, line, LINE_MAX_BYTES);
    assert_true(rig_line(fd, answer, sizeof answer) > 0);
    char expected[64];
    (void)snprintf(expected, sizeof expected, "{\"ok\":true,\"length\":%zu}\n", pad);
    assert_string_equal(answer, expected);
    memset(line, 'a', LINE_MAX_BYTES + 1);
    rig_send(fd, line, LINE_MAX_BYTES + 1);
    rig_expect_error(fd, "ELIMIT", answer, sizeof answer);
    assert_string_equal(answer, "the request is longer than 1048576 bytes");
    rig_expect_end(fd);
    free(line);
    expect_alive(*state);
}

/* More of them than there are places: each gives its place back. */
static void test_half_a_line_then_close(void **state)
{
    for (int i = 0; i < 3 * CONTROL_CLIENTS_MAX; i++) {
        int fd = rig_connect(*state);
        rig_send(fd, "{\"command\": \"ec", 15);
        (void)close(fd);
        if (i % 8 == 7) /* who hangs up is noticed in a round of its own */
            expect_alive(*state);
    }
    expect_alive(*state);
    rig_stop(*state);
    assert_int_equal(((struct rig *)*state)->asked, 3 * CONTROL_CLIENTS_MAX / 8 + 2);
}

static void test_pieces_and_pipelines(void **state)
{
    static const char request[] = "{\"command\": \"pad\", \"pad\": \"abc\"}\n";
    static const char expected[] = "{\"ok\":true,\"length\":3}\n";
    char line[64], many[1000 * (sizeof request - 1)];
    int fd = rig_connect(*state);
    for (size_t i = 0; request[i]; i++)
        rig_send(fd, &request[i], 1);
    assert_true(rig_line(fd, line, sizeof line) > 0);
    assert_string_equal(line, expected);
    for (size_t i = 0; i < 1000; i++)
        memcpy(many + i * strlen(request), request, strlen(request));
    rig_send(fd, many, sizeof many);
    rig_send(fd, "{\"command\"", 10); /* and half of one more */
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    for (int i = 0; i < 1000; i++) {
        assert_true(rig_line(fd, line, sizeof line) > 0);
        assert_string_equal(line, expected);
    }
    rig_expect_end(fd);
    rig_stop(*state);
    assert_int_equal(((struct rig *)*state)->asked, 1002);
}

static void ask(int fd)
{
    char line[64];
    rig_send(fd, "{\"command\":\"pad\"}\n", 18);
    assert_true(rig_line(fd, line, sizeof line) > 0);
    assert_string_equal(line, "{\"ok\":true,\"length\":0}\n");
}

static void test_many_clients(void **state)
{
    int clients[CONTROL_CLIENTS_MAX];
    struct turret_error err;
    json_t *reply;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        clients[i] = rig_connect(*state);
        ask(clients[i]);
    }
    assert_int_equal(call(*state, "{\"command\": \"echo\"}", &reply, &err), TURRET_EBUSY);
    assert_string_equal(err.text, "32 clients are connected already; try again");
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        ask(clients[i]);
    (void)close(clients[0]);
    expect_alive(*state);
    for (size_t i = 1; i < CONTROL_CLIENTS_MAX; i++)
        (void)close(clients[i]);
}

/* One stops in the middle of a request, one does not read; others are served meanwhile. */
static void test_patience_ends(void **state)
{
    int half = rig_connect(*state), deaf = rig_connect(*state);
    char text[600], *answers = malloc(2 * LINE_MAX_BYTES);
    struct pollfd ready = {.fd = half, .events = POLLIN};
    assert_non_null(answers);
    rig_send(half, "{\"command\": ", 12);
    rig_send(deaf, "{\"command\": \"big\"}\n{\"command\": \"big\"}\n", 38);
    expect_alive(*state);
    assert_int_equal(poll(&ready, 1, 2000), 0); /* not at once */
    expect_alive(*state);
    rig_expect_error(half, "ETIMEOUT", text, sizeof text);
    assert_string_equal(text, "no whole request came within 5 s");
    rig_expect_end(half);
    ready.fd = deaf; /* a hang-up is seen without reading */
    ready.events = 0;
    assert_int_equal(poll(&ready, 1, RIG_WAIT_MS), 1);
    assert_true(ready.revents & POLLHUP);
    assert_true(rig_line(deaf, answers, 2 * LINE_MAX_BYTES) < LINE_MAX_BYTES - 1000);
    rig_expect_end(deaf);
    free(answers);
    expect_alive(*state);
}

/* accept() without a free descriptor: the daemon looks again after a while. */
static void test_out_of_descriptors(void **state)
{
    struct rlimit before, none;
    int lowest, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un to = rig_address(*state);
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    lowest = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    assert_int_equal(close(lowest), 0);
    none = before;
    none.rlim_cur = (rlim_t)lowest;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    rig_send(fd, "{\"command\":\"pad\"}\n", 18);
    assert_int_equal(poll(&ready, 1, 200), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    char line[64];
    assert_true(rig_line(fd, line, sizeof line) > 0);
    assert_string_equal(line, "{\"ok\":true,\"length\":0}\n");
    (void)close(fd);
}

static void expect_mode_0600(const struct rig *rig)
{
    struct stat made;
    assert_int_equal(lstat(rig->socket, &made), 0);
    assert_true(S_ISSOCK(made.st_mode));
    assert_int_equal(made.st_mode & 0777, 0600);
}

static void test_owner_only(void **state)
{
    static const mode_t masks[] = {0, 022, 0777};
    struct rig *rig = *state;
    rig->answer = answer_any;
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        mode_t before = umask(masks[i]);
        rig_start(rig);
        assert_int_equal(umask(before), masks[i]);
        expect_mode_0600(rig);
        expect_alive(rig);
        rig_stop(rig);
    }
}

/* As another user, who reaches the directory but not the socket. */
static void test_others_are_refused(void **state)
{
    struct rig *rig = *state;
    pid_t child;
    int status;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(rig->directory, 0755), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct turret_error err = {0, 0, ""};
        json_t *request = json_pack("{s:s}", "command", "echo"), *reply;
        int code = setgid(65534) || setuid(65534)
                       ? 100
                       : control_call(rig->directory, request, RIG_WAIT_MS, &reply, &err);
        _exit(code == TURRET_EIO && err.detail == EACCES ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* What a killed daemon leaves behind. */
static void leave_socket(const struct rig *rig)
{
    struct sockaddr_un to = rig_address(rig);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&to, sizeof to), 0);
    (void)close(fd);
}

static void expect_nobody(const char *directory)
{
    struct turret_error err = {0, 0, ""};
    json_t *request = json_pack("{s:s}", "command", "status"), *reply = request;
    char expected[400];
    assert_int_equal(control_call(directory, request, RIG_WAIT_MS, &reply, &err), TURRET_ENOTFOUND);
    assert_null(reply);
    assert_int_not_equal(err.detail, 0);
    (void)snprintf(expected, sizeof expected, "no daemon runs on store %s; start one: turret run",
                   directory);
    assert_string_equal(err.text, expected);
    json_decref(request);
}

static void test_no_daemon_and_a_stale_socket(void **state)
{
    struct rig *rig = *state;
    char below[400];
    rig->answer = answer_any;
    (void)snprintf(below, sizeof below, "%s/not/there", rig->directory);
    expect_nobody(rig->directory);
    expect_nobody(below);
    leave_socket(rig);
    expect_nobody(rig->directory);
    rig_start(rig);
    expect_mode_0600(rig);
    expect_alive(rig);
    rig_stop(rig);
    expect_nobody(rig->directory);
}

static void test_what_is_no_socket_stays(void **state)
{
    struct rig *rig = *state;
    struct turret_error err = {0, 0, ""};
    struct control *control = (struct control *)rig;
    char expected[400];
    int fd = open(rig->socket, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(loop_create(&rig->loop, rig_turn, rig, NULL), TURRET_OK);
    assert_int_equal(control_open(&control, rig->loop, rig->directory, rig_answer, rig, &err),
                     TURRET_EIO);
    assert_null(control);
    (void)snprintf(expected, sizeof expected, "%s is not a socket; move it away", rig->socket);
    assert_string_equal(err.text, expected);
    assert_int_equal(access(rig->socket, F_OK), 0);
    assert_int_equal(unlink(rig->socket), 0);
    assert_int_equal(control_open(&control, rig->loop, rig->directory, rig_answer, rig, NULL),
                     TURRET_OK);
    assert_int_equal(unlink(rig->socket), 0);
    leave_socket(rig); /* somebody else's now */
    control_close(control);
    assert_int_equal(access(rig->socket, F_OK), 0);
    control_close(NULL);
    loop_destroy(rig->loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_answers, start, rig_teardown),
        cmocka_unit_test_setup_teardown(test_garbage_is_told_and_dropped, start, rig_teardown),
        cmocka_unit_test_setup_teardown(test_longest_and_too_long_line, start, rig_teardown),
        cmocka_unit_test_setup_teardown(test_half_a_line_then_close, start, rig_teardown),
        cmocka_unit_test_setup_teardown(test_pieces_and_pipelines, start, rig_teardown),
        cmocka_unit_test_setup_teardown(test_many_clients, start, rig_teardown),
        cmocka_unit_test_setup_teardown(test_patience_ends, start, rig_teardown),
        cmocka_unit_test_setup_teardown(test_out_of_descriptors, start, rig_teardown),
        cmocka_unit_test_setup_teardown(test_owner_only, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(test_others_are_refused, start, rig_teardown),
        cmocka_unit_test_setup_teardown(test_no_daemon_and_a_stale_socket, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_socket_stays, rig_setup, rig_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
