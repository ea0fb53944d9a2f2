/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what a caller of the control socket learns when the other side hangs up, answers nonsense,
 * too much, in pieces or never; and that a store's path may be longer than a socket's.
 */
#include "control_rig.h"

#define STEP 1000

/* A daemon that accepts one call, reads its line and sends `bytes` before it hangs up. */
struct script {
    struct rig *rig;
    int listener;
    const char *bytes;
    size_t size;
    size_t piece; /* sent at once; 0: all */
    pthread_t thread;
};

static void *play(void *context)
{
    const struct script *script = context;
    char line[256];
    int fd = accept(script->listener, NULL, NULL);
    size_t at = 0, piece = script->piece ? script->piece : script->size;
    (void)rig_line(fd, line, sizeof line);
    for (; at < script->size; at += piece)
        rig_send(fd, script->bytes + at, piece < script->size - at ? piece : script->size - at);
    (void)close(fd);
    return NULL;
}

static int listen_only(const struct rig *rig)
{
    struct sockaddr_un to = rig_address(rig);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)unlink(rig->socket);
    assert_int_equal(bind(fd, (const struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static int call(const struct rig *rig, int timeout_ms, json_t **reply, struct turret_error *err)
{
    json_t *request = json_pack("{s:s}", "command", "status");
    int code;
    *err = (struct turret_error){0, 0, ""};
    code = control_call(rig->directory, request, timeout_ms, reply, err);
    json_decref(request);
    return code;
}

static int call_script(struct rig *rig, const char *bytes, size_t size, size_t piece,
                       json_t **reply, struct turret_error *err)
{
    struct script script = {
        .rig = rig, .listener = listen_only(rig), .bytes = bytes, .size = size, .piece = piece};
    int code;
    assert_int_equal(pthread_create(&script.thread, NULL, play, &script), 0);
    code = call(rig, RIG_WAIT_MS, reply, err);
    assert_int_equal(pthread_join(script.thread, NULL), 0);
    (void)close(script.listener);
    return code;
}

static void test_no_answer_or_none_to_understand(void **state)
{
    static const struct {
        const char *bytes;
        int detail;
    } cases[] = {
        {"", ECONNRESET},
        {"{\"ok\": tr", ECONNRESET},
        {"\n", EBADMSG},
        {"hello\n", EBADMSG},
        {"[true]\n", EBADMSG},
        {"{\"ok\": 1}\n", EBADMSG},
        {"{\"ok\": false}\n", EBADMSG},
        {"{\"ok\": false, \"error\": {\"code\": \"EIO\"}}\n", EBADMSG},
    };
    struct turret_error err;
    json_t *reply;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(
            call_script(*state, cases[i].bytes, strlen(cases[i].bytes), 0, &reply, &err),
            TURRET_EIO);
        assert_int_equal(err.detail, cases[i].detail);
        assert_null(reply);
        assert_null(strchr(err.text, '\n'));
    }
}

static void test_errors_of_the_daemon(void **state)
{
    static const char known[] =
        "{\"ok\": false, \"error\": {\"code\": \"EBUSY\", \"text\": \"later\"}}\n";
    static const char newer[] =
        "{\"ok\": false, \"error\": {\"code\": \"ENEW\", \"text\": \"what?\"}}\n";
    struct turret_error err;
    json_t *reply;
    assert_int_equal(call_script(*state, known, strlen(known), 0, &reply, &err), TURRET_EBUSY);
    assert_string_equal(err.text, "later");
    assert_int_equal(err.detail, 0);
    assert_int_equal(call_script(*state, newer, strlen(newer), 0, &reply, &err), TURRET_EIO);
    assert_string_equal(err.text, "what?");
}

static void test_pieces(void **state)
{
    static const char answer[] = "{\"ok\": true, \"n\": 12345}\n{\"ok\": false}\n";
    struct turret_error err;
    json_t *reply;
    for (size_t piece = 1; piece < sizeof answer; piece++) {
        assert_int_equal(call_script(*state, answer, strlen(answer), piece, &reply, &err),
                         TURRET_OK);
        assert_int_equal(json_integer_value(json_object_get(reply, "n")), 12345);
        json_decref(reply);
    }
}

static void test_too_much(void **state)
{
    size_t size = CONTROL_LINE_MAX + STEP;
    char *bytes = malloc(size);
    struct turret_error err;
    json_t *reply;
    assert_non_null(bytes);
    memset(bytes, ' ', size);
    assert_int_equal(call_script(*state, bytes, size, 0, &reply, &err), TURRET_EIO);
    assert_int_equal(err.detail, EMSGSIZE);
    free(bytes);
}

/* Nobody accepts: first the answer does not come, then the queue is full. */
static void test_never(void **state)
{
    struct rig *rig = *state;
    int listener = listen_only(rig), waiting[8], count = 0;
    struct sockaddr_un to = rig_address(rig);
    char expected[500];
    struct turret_error err;
    json_t *reply;
    assert_int_equal(call(rig, 20, &reply, &err), TURRET_ETIMEOUT);
    assert_int_equal(err.detail, ETIMEDOUT);
    (void)snprintf(expected, sizeof expected,
                   "the daemon on store %s did not answer within 20 ms; look whether it is busy or "
                   "stuck",
                   rig->directory);
    assert_string_equal(err.text, expected);
    for (; count < 8; count++) {
        waiting[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (connect(waiting[count], (const struct sockaddr *)&to, sizeof to)) {
            assert_int_equal(errno, EAGAIN);
            break;
        }
    }
    assert_true(count < 8);
    assert_int_equal(call(rig, 20, &reply, &err), TURRET_ETIMEOUT);
    assert_int_equal(err.detail, ETIMEDOUT);
    for (; count >= 0; count--)
        (void)close(waiting[count]);
    (void)close(listener);
}

static json_t *answer_yes(struct rig *rig, const json_t *request)
{
    (void)rig;
    (void)request;
    return json_pack("{s:b}", "ok", 1);
}

static void test_long_path(void **state)
{
    struct rig *rig = *state, deep = {.answer = answer_yes};
    struct turret_error err;
    json_t *reply;
    size_t length = strlen(rig->directory);
    memcpy(deep.directory, rig->directory, length);
    deep.directory[length] = '/';
    memset(deep.directory + length + 1, 'd', 150);
    (void)snprintf(deep.socket, sizeof deep.socket, "%s/control.sock", deep.directory);
    assert_int_equal(mkdir(deep.directory, 0700), 0);
    assert_int_equal(call(&deep, RIG_WAIT_MS, &reply, &err), TURRET_ENOTFOUND);
    rig_start(&deep);
    assert_int_equal(call(&deep, RIG_WAIT_MS, &reply, &err), TURRET_OK);
    json_decref(reply);
    assert_int_equal(access(deep.socket, F_OK), 0);
    rig_stop(&deep);
    assert_int_equal(rmdir(deep.directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_answer_or_none_to_understand, rig_setup,
                                        rig_teardown),
        cmocka_unit_test_setup_teardown(test_errors_of_the_daemon, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(test_pieces, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(test_too_much, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(test_never, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(test_long_path, rig_setup, rig_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
