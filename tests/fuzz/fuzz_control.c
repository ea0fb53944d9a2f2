/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes on the control socket of a live session: wire, JSON, every command. The session runs in
 * a thread of this process; each input is a connection of its own. Each answer is a line of JSON
 * that says ok or why not, and the session still answers afterwards. A session that an input shut
 * down is opened again on the same store.
 */
#include "fuzz.h"

#include "io/control.h"
#include "session/live.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MAX (2u << 20)

static const char config_text[] =
    "turret: 1\nmode: paper\nstore: %s/store\nplugins: [{path: \"%s/plugins\"}]\n"
    "venues:\n  sim: {adapter: sim, cash: {USD: 1000000}, seed: 7,"
    " params: {market: synthetic, pace_ms: 20}}\n"
    "instruments:\n  AAA.sim: {tick: 0.01, lot: 1, currency: USD}\n"
    "strategies:\n  cross: {plugin: ma_cross, on: AAA.sim@1m, params: {fast: 2, slow: 4}}\n"
    "  buyer: {plugin: accumulate, on: AAA.sim@1m, params: {qty: 1, orders: 10}}\n"
    "risk: {preset: development}\n";

static char folder[64], config_path[80], store_path[80];
static struct live *session;
static pthread_t thread;
static bool open;
static atomic_bool ended;
static FILE *nowhere;

static void *run(void *context)
{
    (void)context;
    (void)live_run(session, NULL);
    atomic_store(&ended, true);
    return NULL;
}

static void start(void)
{
    struct turret_error err = {0, 0, ""};
    struct live_options options = {
        .config_path = config_path, .version = "0", .messages = nowhere, .watch_config = false};
    if (live_open(&session, &options, &err)) {
        (void)fprintf(stderr, "%s\n", err.text);
        abort();
    }
    atomic_store(&ended, false);
    FUZZ_MUST(pthread_create(&thread, NULL, run, NULL) == 0);
    open = true;
}

static void finish(void)
{
    struct turret_error err = {0, 0, ""};
    FUZZ_MUST(pthread_join(thread, NULL) == 0);
    FUZZ_MUST(live_close(session, &err) == TURRET_OK);
    open = false;
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
    json_t *request = json_pack("{s:s}", "command", "shutdown"), *reply = NULL;
    if (open) {
        (void)control_call(store_path, request, 10000, &reply, NULL);
        finish();
    }
    json_decref(reply);
    json_decref(request);
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
    (void)snprintf(store_path, sizeof store_path, "%s/store", folder);
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
    (void)snprintf(to.sun_path, sizeof to.sun_path, "%.80s/control.sock", store_path);
    FUZZ_MUST(fd >= 0);
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    (void)close(fd);
    return -1;
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

/* Sends all, then takes what comes until the other side hangs up or the session has ended. */
static void converse(int fd, const uint8_t *bytes, size_t size)
{
    static char answer[ANSWER_MAX];
    struct timeval patience = {.tv_usec = 20000};
    size_t got = 0;
    FUZZ_MUST(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    FUZZ_MUST(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0);
    for (size_t sent = 0; sent < size;) {
        ssize_t step = send(fd, bytes + sent, size - sent > 777 ? 777 : size - sent, MSG_NOSIGNAL);
        if (step <= 0)
            break;
        sent += (size_t)step;
    }
    (void)shutdown(fd, SHUT_WR);
    while (got < sizeof answer) {
        ssize_t step = recv(fd, answer + got, sizeof answer - got, 0);
        if (step == 0 || (step < 0 && errno != EAGAIN) || (step < 0 && atomic_load(&ended)))
            break;
        got += step > 0 ? (size_t)step : 0;
    }
    check_answers(answer, got);
    (void)close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static const uint8_t again[] = "{\"command\": \"status\"}\n";
    static unsigned inputs;
    int fd;
    if (!config_path[0])
        prepare();
    if (!open)
        start();
    fd = reach();
    FUZZ_MUST(fd >= 0);
    converse(fd, bytes, size_bytes);
    if (++inputs % 16 == 0 && !atomic_load(&ended)) { /* and it still answers */
        fd = reach();
        if (fd >= 0)
            converse(fd, again, sizeof again - 1);
        FUZZ_MUST(fd >= 0 || atomic_load(&ended));
    }
    if (atomic_load(&ended))
        finish();
    return 0;
}
