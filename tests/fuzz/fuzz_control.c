/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes on the control socket of a live session: wire, JSON, every command. The client is
 * watched by the session's own loop, which runs until the input is answered. An input that ends
 * with a line leaves its connection to the next one, until the session drops it; another is the
 * last of its connection. Each answer is a line of JSON that says ok or why not, there is one for
 * each line that was sent and none before it; only behind a refusal that ends the connection there
 * may be fewer, and that one is the last. The session still answers afterwards. One that was shut
 * down is opened again on the same store.
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
#define SEND_MAX   777u  /* bytes in a round of the loop: requests come in pieces */
#define SHUTDOWNS  1024u /* one of so many is carried out: starts would be most of a run */

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
    struct loop_watch *watch; /* NULL: not connected */
    int fd;
    const uint8_t *bytes;
    size_t size, sent;
    size_t lines, asked, answers; /* of the connection: to be sent, sent, answered */
    char answer[ANSWER_MAX];      /* the rest of an answer that has not come whole */
    size_t got;
    bool last, done; /* of its connection; with the input */
    bool refused;    /* its last answer has come */
    bool ended;      /* by the session */
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

static void hang_up(void)
{
    if (!client.watch)
        return;
    loop_watch_destroy(client.watch);
    (void)close(client.fd);
    client.watch = NULL;
}

static void finish(void)
{
    struct turret_error err = {0, 0, ""};
    hang_up();
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

static size_t count_lines(const void *bytes, size_t size)
{
    const char *at = bytes, *end = at + size;
    size_t count = 0;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        at++;
        count++;
    }
    return count;
}

/* Refusals that end the connection; of those before 2 no line was read. */
static bool ends_it(const char *text, bool *unasked)
{
    static const char *const refusals[] = {"the request is longer than ",
                                           "no whole request came within ",
                                           "a request is one JSON object", "a request is one line"};
    size_t i = 0;
    while (i < 4 && strncmp(text, refusals[i], strlen(refusals[i])) != 0)
        i++;
    *unasked = i < 2;
    return i < 4;
}

/* A whole line that came. */
static void take_answer(const char *line, size_t size)
{
    json_t *answer = json_loadb(line, size, 0, NULL);
    const json_t *error = json_object_get(answer, "error");
    const char *text = json_string_value(json_object_get(error, "text"));
    bool ok = json_is_true(json_object_get(answer, "ok")), unasked = false;
    FUZZ_MUST(ok || (text && *text && json_is_string(json_object_get(error, "code"))));
    FUZZ_MUST(!client.refused); /* that one was the last */
    client.refused = !ok && ends_it(text, &unasked);
    client.answers += !unasked;
    FUZZ_MUST(client.answers <= client.asked);
    json_decref(answer);
}

static void take_answers(void)
{
    char *line = client.answer, *end;
    size_t left = client.got;
    while ((end = memchr(line, '\n', left)) != NULL) {
        take_answer(line, (size_t)(end - line));
        left -= (size_t)(end + 1 - line);
        line = end + 1;
    }
    memmove(client.answer, line, left);
    client.got = left;
}

/* Sends a piece, takes what has come. */
static void on_ready(void *context, int fd, unsigned events)
{
    ssize_t step = -1;
    (void)context;
    if (events & LOOP_WRITE) {
        size_t rest = client.size - client.sent;
        step = send(fd, client.bytes + client.sent, rest < SEND_MAX ? rest : SEND_MAX,
                    MSG_NOSIGNAL | MSG_DONTWAIT);
        if (step > 0)
            client.asked += count_lines(client.bytes + client.sent, (size_t)step);
        client.sent =
            step < 0 && errno != EAGAIN ? client.size : client.sent + (step > 0 ? (size_t)step : 0);
        if (client.sent == client.size) {
            loop_watch_set(client.watch, LOOP_READ);
            if (client.last)
                (void)shutdown(fd, SHUT_WR);
        }
    }
    errno = EAGAIN;
    while ((events & LOOP_READ) && (step = recv(fd, client.answer + client.got,
                                                ANSWER_MAX - client.got, MSG_DONTWAIT)) > 0) {
        client.got += (size_t)step;
        take_answers();
    }
    client.done = !client.last && !client.refused && client.answers == client.lines;
    if (step == 0 || errno != EAGAIN) {
        hang_up();
        client.done = client.ended = true;
    }
    if (client.done)
        loop_stop(session->loop);
}

static void reach(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    client.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(to.sun_path, sizeof to.sun_path, "%.80s/control.sock", store);
    FUZZ_MUST(client.fd >= 0 && connect(client.fd, (const struct sockaddr *)&to, sizeof to) == 0);
    FUZZ_MUST(loop_watch_create(session->loop, &client.watch, client.fd, LOOP_READ | LOOP_WRITE,
                                on_ready, NULL) == 0);
}

/* Whether the session goes on: most of its shutdowns are called off. */
static bool goes_on(void)
{
    static unsigned shutdowns;
    if (session->stopping && ++shutdowns % SHUTDOWNS)
        session->stopping = false;
    return !session->stopping && !session->failed;
}

static void begin(const uint8_t *bytes, size_t size)
{
    char early;
    client.bytes = bytes;
    client.size = size;
    client.last = size == 0 || bytes[size - 1] != '\n';
    client.sent = 0;
    client.done = client.ended = false;
    if (client.watch) {
        FUZZ_MUST(recv(client.fd, &early, 1, MSG_PEEK | MSG_DONTWAIT) <= 0);
        loop_watch_set(client.watch, LOOP_READ | LOOP_WRITE);
    } else {
        client.lines = client.asked = client.answers = client.got = 0;
        client.refused = false;
        reach();
    }
    client.lines += count_lines(bytes, size);
}

/* False: the session has ended, which then may not have answered. */
static bool converse(const uint8_t *bytes, size_t size)
{
    bool lives;
    begin(bytes, size);
    do {
        go_on();
        lives = goes_on();
    } while (lives && !client.done);
    FUZZ_MUST(!client.done || client.got == 0); /* no half an answer */
    FUZZ_MUST(!lives || client.refused || client.answers == client.lines);
    FUZZ_MUST(!lives || !client.ended || client.last || client.refused);
    return lives;
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
    if (lives && ++inputs % 64 == 0) /* and it still answers */
        lives = converse(again, sizeof again - 1);
    if (!lives) {
        if (client.done)
            go_on();
        finish();
    }
    return 0;
}
