/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes on the control socket of a live session: wire, JSON, every command. Each input is a
 * connection of its own, watched by the session's own loop, which runs until that has ended. Each
 * answer is a line of JSON that says ok or why not, and the session still answers afterwards. A
 * session that an input shut down is opened again on the same store.
 */
#include "fuzz.h"

#include "io/loop.h"
#include "session/live_state.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MAX (2u << 20)
#define SEND_MAX   777u /* bytes in a round of the loop: requests come in pieces */

static const char config_text[] =
    "turret: 1\nmode: paper\nstore: %s/store\nplugins: [{path: \"%s/plugins\"}]\n"
    "venues:\n  sim: {adapter: sim, cash: {USD: 1000000}, seed: 7,"
    " params: {market: synthetic, pace_ms: 20}}\n"
    "instruments:\n  AAA.sim: {tick: 0.01, lot: 1, currency: USD}\n"
    "strategies:\n  cross: {plugin: ma_cross, on: AAA.sim@1m, params: {fast: 2, slow: 4}}\n"
    "  buyer: {plugin: accumulate, on: AAA.sim@1m, params: {qty: 1, orders: 10}}\n"
    "risk: {preset: development}\n";

static char folder[64], config_path[80], store[80];
static struct live *session;
static bool running; /* its timers are there: live_run() was called */
static FILE *nowhere;

static struct client {
    struct loop_watch *watch;
    const uint8_t *bytes;
    size_t size, sent;
    char answer[ANSWER_MAX];
    size_t got;
    bool ended;
} client;

static void start(void)
{
    struct turret_error err = {0, 0, ""};
    struct live_options options = {
        .config_path = config_path, .version = "0", .messages = nowhere, .watch_config = false};
    if (live_open(&session, &options, &err)) {
        (void)fprintf(stderr, "%s\n", err.text);
        abort();
    }
    running = false;
}

/* Until the loop is stopped: by the client's end or by the session's. */
static void go_on(void)
{
    struct turret_error err = {0, 0, ""};
    if (running)
        loop_run(session->loop);
    else
        FUZZ_MUST(live_run(session, &err) == TURRET_OK);
    running = true;
}

static void finish(void)
{
    struct turret_error err = {0, 0, ""};
    FUZZ_MUST(live_close(session, &err) == TURRET_OK);
    session = NULL;
}

static void empty(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    char name[512];
    while (directory && (entry = readdir(directory))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        (void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (unlink(name)) {
            empty(name);
            (void)rmdir(name);
        }
    }
    if (directory)
        (void)closedir(directory);
}

static void clean(void)
{
    if (session) {
        live_stop(session);
        go_on();
        finish();
    }
    (void)fclose(nowhere);
    empty(folder);
    (void)rmdir(folder);
}

static void prepare(void)
{
    static const char memory[] = "/dev/shm"; /* nothing is learnt from waiting for a disk */
    const char *build = getenv("TURRET_BUILD");
    const char *where = access(memory, W_OK) ? getenv("TMPDIR") : memory;
    FILE *file;
    (void)snprintf(folder, sizeof folder, "%.40s/turret-fuzz-XXXXXX", where ? where : P_tmpdir);
    FUZZ_MUST(build && mkdtemp(folder));
    (void)snprintf(config_path, sizeof config_path, "%s/turret.yaml", folder);
    (void)snprintf(store, sizeof store, "%s/store", folder);
    file = fopen(config_path, "w");
    nowhere = fopen("/dev/null", "w");
    FUZZ_MUST(file && nowhere);
    (void)fprintf(file, config_text, folder, build);
    FUZZ_MUST(fclose(file) == 0);
    FUZZ_MUST(atexit(clean) == 0);
}

static int reach(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(to.sun_path, sizeof to.sun_path, "%.80s/control.sock", store);
    FUZZ_MUST(fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) == 0);
    return fd;
}

/* Every line that came is an answer. */
static void check_answers(char *text, size_t size)
{
    char *end;
    for (char *line = text;
         line < text + size && (end = memchr(line, '\n', size - (size_t)(line - text)));
         line = end + 1) {
        json_t *answer = json_loadb(line, (size_t)(end - line), 0, NULL);
        const json_t *error = json_object_get(answer, "error");
        FUZZ_MUST(json_is_true(json_object_get(answer, "ok")) ||
                  (json_string_length(json_object_get(error, "text")) > 0 &&
                   json_is_string(json_object_get(error, "code"))));
        json_decref(answer);
    }
}

/* Sends a piece, takes what has come. */
static void on_ready(void *context, int fd, unsigned events)
{
    ssize_t step;
    (void)context;
    if (events & LOOP_WRITE) {
        size_t rest = client.size - client.sent;
        step = send(fd, client.bytes + client.sent, rest < SEND_MAX ? rest : SEND_MAX,
                    MSG_NOSIGNAL | MSG_DONTWAIT);
        client.sent =
            step < 0 && errno != EAGAIN ? client.size : client.sent + (step > 0 ? (size_t)step : 0);
        if (client.sent == client.size) {
            (void)shutdown(fd, SHUT_WR);
            loop_watch_set(client.watch, LOOP_READ);
        }
    }
    step = recv(fd, client.answer + client.got, ANSWER_MAX - client.got, MSG_DONTWAIT);
    client.got += step > 0 ? (size_t)step : 0;
    client.ended = step == 0 || (step < 0 && errno != EAGAIN);
    if (client.ended)
        loop_stop(session->loop);
}

/* False: the session has ended, which then may not have answered. */
static bool converse(const uint8_t *bytes, size_t size)
{
    int fd = reach();
    client.bytes = bytes;
    client.size = size;
    client.sent = client.got = 0;
    client.ended = false;
    FUZZ_MUST(loop_watch_create(session->loop, &client.watch, fd, LOOP_READ | LOOP_WRITE, on_ready,
                                NULL) == 0);
    go_on();
    loop_watch_destroy(client.watch);
    check_answers(client.answer, client.got);
    (void)close(fd);
    return client.ended && !session->stopping;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static const uint8_t again[] = "{\"command\": \"status\"}\n";
    static unsigned inputs;
    bool lives;
    if (!config_path[0])
        prepare();
    if (!session)
        start();
    lives = converse(bytes, size_bytes);
    if (lives && ++inputs % 16 == 0) { /* and it still answers */
        lives = converse(again, sizeof again - 1);
        FUZZ_MUST(!lives || client.got > 0);
    }
    if (!lives) {
        if (client.ended)
            go_on();
        finish();
    }
    return 0;
}
