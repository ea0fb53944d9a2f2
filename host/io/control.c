/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server's side of the control socket. Each round of the loop does a bounded piece of work for
 * a client: one read, one request, as much of its answer as the socket takes. While an answer waits
 * nothing more is read from that client. Who neither finishes a request nor takes an answer within
 * PATIENCE_NS is dropped; so an idle connection does not keep its place either.
 */
#include "io/control.h"

#include "io/clock.h"
#include "io/control_wire.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_NS       INT64_C(5000000000)
#define ACCEPT_PAUSE_NS   INT64_C(1000000000) /* out of descriptors: look again after this */
#define ACCEPTS_PER_ROUND 8
#define READ_FIRST_BYTES  4096u
#define SPARE_DESCRIPTORS 8 /* no client is taken that leaves fewer to the venues' connections */

struct client {
    struct control *control;
    struct loop_watch *watch;
    int fd; /* -1: the place is free */
    char *in;
    size_t in_room, in_begin, in_end;
    size_t line_end; /* behind the newline of the first whole line; 0: there is none */
    char *out;       /* the answer under way, NULL when there is none */
    size_t out_sent, out_size;
    int64_t deadline_ns;
    bool ended;   /* sends no more */
    bool closing; /* dropped after its answer */
};

struct control {
    struct loop *loop;
    struct loop_watch *watch;
    struct loop_timer *timer;
    control_fn *answer;
    void *context;
    struct control_address address;
    int fd;
    ino_t inode;                 /* of the socket's file, 0 while there is none */
    bool paused;                 /* accepts nobody until the timer fires */
    const struct client *asking; /* its request is being answered */
    struct client clients[CONTROL_CLIENTS_MAX];
};

json_t *control_error(int code, const char *format, ...)
{
    char text[sizeof((struct turret_error *)NULL)->text];
    json_t *value;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    value = json_string(text);
    for (size_t i = 0; !value && text[i]; i++)
        if (text[i] < ' ' || text[i] > '~')
            text[i] = '?'; /* not UTF-8: a path, or a character that was cut */
    value = value ? value : json_string(text);
    return json_pack("{s:b, s:{s:s, s:o}}", "ok", 0, "error", "code", control_code_name(code),
                     "text", value);
}

/* Sets the timer to the first moment at which somebody's patience ends. */
static void arm(struct control *control)
{
    int64_t now = clock_monotonic_ns(), first = INT64_MAX;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (control->clients[i].fd >= 0 && control->clients[i].deadline_ns < first)
            first = control->clients[i].deadline_ns;
    if (control->paused && now + ACCEPT_PAUSE_NS < first)
        first = now + ACCEPT_PAUSE_NS;
    if (first == INT64_MAX)
        loop_timer_set(control->timer, -1);
    else
        loop_timer_set(control->timer, first > now ? first - now : 0);
}

static void drop(struct client *client)
{
    loop_watch_destroy(client->watch);
    (void)close(client->fd);
    free(client->in);
    free(client->out);
    *client = (struct client){.control = client->control, .fd = -1};
}

/* Makes `take` the client's answer. False: no memory. */
static bool queue(struct client *client, json_t *take)
{
    char *text = take ? json_dumps(take, JSON_COMPACT) : NULL;
    size_t length = text ? strlen(text) : 0;
    json_decref(take);
    assert(!client->out);
    if (length >= CONTROL_LINE_MAX) {
        free(text);
        return queue(client, control_error(TURRET_ELIMIT,
                                           "the answer has %zu bytes, more than the %u of a line",
                                           length, CONTROL_LINE_MAX));
    }
    if (!text)
        return false;
    text[length] = '\n'; /* in place of the NUL: from here on the size counts */
    client->out = text;
    client->out_size = length + 1;
    client->out_sent = 0;
    return true;
}

static bool refuse(struct client *client, json_t *take)
{
    client->closing = true;
    return queue(client, take);
}

/* Sends what the socket takes. False: the client is gone, or has had its last answer. */
static bool flush(struct client *client)
{
    while (client->out_sent < client->out_size) {
        ssize_t sent = send(client->fd, client->out + client->out_sent,
                            client->out_size - client->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        client->out_sent += (size_t)sent;
    }
    free(client->out);
    client->out = NULL;
    client->deadline_ns = clock_monotonic_ns() + PATIENCE_NS;
    return !client->closing;
}

static void find_line(struct client *client, size_t from)
{
    const char *end = memchr(client->in + from, '\n', client->in_end - from);
    client->line_end = end ? (size_t)(end - client->in) + 1 : 0;
}

/* Room for at least one more byte. False: no memory, or the line is too long (refused then). */
static bool make_room(struct client *client)
{
    size_t room = client->in_room ? client->in_room * 2 : READ_FIRST_BYTES;
    char *grown;
    if (client->in_begin > 0) {
        client->in_end -= client->in_begin;
        memmove(client->in, client->in + client->in_begin, client->in_end);
        client->in_begin = 0;
    }
    if (client->in_end < client->in_room)
        return true;
    if (room > CONTROL_LINE_MAX) {
        (void)refuse(client, control_error(TURRET_ELIMIT, "the request is longer than %u bytes",
                                           CONTROL_LINE_MAX));
        return false;
    }
    grown = realloc(client->in, room);
    if (!grown)
        return false;
    client->in = grown;
    client->in_room = room;
    return true;
}

/* One read. False: the client is gone. */
static bool receive(struct client *client)
{
    ssize_t got;
    if (!make_room(client))
        return client->out != NULL;
    got = recv(client->fd, client->in + client->in_end, client->in_room - client->in_end,
               MSG_DONTWAIT);
    if (got < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    client->ended = got == 0;
    client->in_end += (size_t)got;
    find_line(client, client->in_end - (size_t)got);
    return true;
}

/* Answers the first line in the buffer. False: no memory. */
static bool answer_line(struct client *client)
{
    const char *line = client->in + client->in_begin;
    size_t length = client->line_end - client->in_begin;
    json_error_t where;
    json_t *request = json_loadb(line, length, JSON_REJECT_DUPLICATES, &where), *reply = NULL;
    bool queued;
    client->control->asking = client;
    if (json_is_object(request))
        reply = client->control->answer(client->control->context, request);
    client->control->asking = NULL;
    if (json_is_object(request))
        queued = queue(client, reply ? reply : control_error(TURRET_ENOMEM, "no memory to answer"));
    else if (request)
        queued = refuse(client, control_error(TURRET_EINVAL, "a request is one JSON object"));
    else
        queued = refuse(
            client, control_error(TURRET_EINVAL, "a request is one line of JSON: %s", where.text));
    json_decref(request);
    client->in_begin = client->line_end;
    find_line(client, client->in_begin);
    return queued;
}

bool control_asker(const struct control *control, struct control_asker *asker)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (!control->asking ||
        getsockopt(control->asking->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return false;
    *asker = (struct control_asker){.uid = peer.uid, .pid = peer.pid};
    return true;
}

static void on_client(void *context, int fd, unsigned events)
{
    struct client *client = context;
    bool alive = true;
    (void)fd;
    if (!client->out && !client->line_end && !client->ended && (events & LOOP_READ))
        alive = receive(client);
    if (alive && !client->out && client->line_end)
        alive = answer_line(client);
    else if (alive && !client->out)
        alive = !client->ended;
    if (alive && client->out)
        alive = flush(client);
    if (!alive)
        drop(client);
    else /* writable: the next round goes on with this client */
        loop_watch_set(client->watch,
                       client->out || client->line_end || client->ended ? LOOP_WRITE : LOOP_READ);
    arm(client->control);
}

/* A last word, if the socket takes it at once. */
static void tell(int fd, json_t *take)
{
    struct client client = {.fd = fd};
    if (queue(&client, take))
        (void)flush(&client);
    free(client.out);
}

/* Nothing is left to do for it; its end waits in the same round as the newcomer. */
static bool has_hung_up(const struct client *client)
{
    char byte;
    return !client->out && !client->line_end &&
           recv(client->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static struct client *find_place(struct control *control)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (control->clients[i].fd < 0)
            return &control->clients[i];
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (has_hung_up(&control->clients[i])) {
            drop(&control->clients[i]);
            return &control->clients[i];
        }
    return NULL;
}

static void take_client(struct control *control, int fd)
{
    struct client *client = find_place(control);
    if (!client) {
        tell(fd, control_error(TURRET_EBUSY, "%d clients are connected already; try again",
                               CONTROL_CLIENTS_MAX));
        (void)close(fd);
        return;
    }
    client->fd = fd;
    client->deadline_ns = clock_monotonic_ns() + PATIENCE_NS;
    if (loop_watch_create(control->loop, &client->watch, fd, LOOP_READ, on_client, client))
        drop(client);
    else /* in the order they came: a halt is not overtaken by what was asked before it */
        on_client(client, fd, LOOP_READ);
}

/* Whether others find so many descriptors when they need them. */
static bool leaves_spare(int fd)
{
    int copies[SPARE_DESCRIPTORS], count = 0;
    while (count < SPARE_DESCRIPTORS && (copies[count] = fcntl(fd, F_DUPFD_CLOEXEC, 0)) >= 0)
        count++;
    for (int i = 0; i < count; i++)
        (void)close(copies[i]);
    return count == SPARE_DESCRIPTORS;
}

static void on_listener(void *context, int listener, unsigned events)
{
    struct control *control = context;
    (void)events;
    for (int i = 0; i < ACCEPTS_PER_ROUND; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0 && !leaves_spare(fd)) {
            (void)close(fd);
            control->paused = true;
            break;
        }
        if (fd >= 0) {
            take_client(control, fd);
        } else if (errno != EINTR && errno != ECONNABORTED) {
            control->paused = errno != EAGAIN && errno != EWOULDBLOCK;
            break;
        }
    }
    if (control->paused)
        loop_watch_set(control->watch, 0);
    arm(control);
}

static void on_timer(void *context)
{
    struct control *control = context;
    int64_t now = clock_monotonic_ns();
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        struct client *client = &control->clients[i];
        if (client->fd < 0 || client->deadline_ns > now)
            continue;
        if (!client->out)
            tell(client->fd, control_error(TURRET_ETIMEOUT, "no whole request came within %d s",
                                           (int)(PATIENCE_NS / 1000000000)));
        drop(client);
    }
    if (control->paused) {
        control->paused = false;
        loop_watch_set(control->watch, LOOP_READ);
    }
    arm(control);
}

/* The store's lock is ours, so nobody listens on a socket that is there. */
static int remove_stale(const struct control *control, const char *directory,
                        struct turret_error *err)
{
    struct stat old;
    if (fstatat(control->address.directory, CONTROL_SOCKET_NAME, &old, AT_SYMLINK_NOFOLLOW))
        return TURRET_OK;
    if (!S_ISSOCK(old.st_mode))
        return turret_fail(err, TURRET_EIO,
                           "%s/" CONTROL_SOCKET_NAME " is not a socket; move it away", directory);
    if (unlinkat(control->address.directory, CONTROL_SOCKET_NAME, 0))
        return turret_fail(err, TURRET_EIO,
                           "the old %s/" CONTROL_SOCKET_NAME " cannot be removed: %s", directory,
                           strerror(errno));
    return TURRET_OK;
}

/* Nobody can connect before listen(): until then the mode is put right, whatever the umask is. */
static int bind_owner_only(struct control *control, const char *directory, struct turret_error *err)
{
    int in = control->address.directory;
    struct stat made;
    control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (control->fd < 0 || fchmod(control->fd, 0600) ||
        bind(control->fd, (const struct sockaddr *)&control->address.socket,
             sizeof control->address.socket) ||
        fchmodat(in, CONTROL_SOCKET_NAME, 0600, 0) ||
        fstatat(in, CONTROL_SOCKET_NAME, &made, AT_SYMLINK_NOFOLLOW))
        return turret_fail(err, TURRET_EIO, "control socket %s/" CONTROL_SOCKET_NAME ": %s",
                           directory, strerror(errno));
    control->inode = made.st_ino;
    if ((made.st_mode & 0777) != 0600)
        return turret_fail(err, TURRET_EIO,
                           "control socket %s/" CONTROL_SOCKET_NAME " got mode %03o: its file "
                           "system cannot keep it to its owner; use a store elsewhere",
                           directory, (unsigned)(made.st_mode & 0777));
    if (listen(control->fd, CONTROL_CLIENTS_MAX))
        return turret_fail(err, TURRET_EIO, "control socket %s/" CONTROL_SOCKET_NAME ": %s",
                           directory, strerror(errno));
    return TURRET_OK;
}

static int open_parts(struct control *control, const char *directory, struct turret_error *err)
{
    int code, wrong = control_address_open(&control->address, directory);
    if (wrong)
        return turret_fail(err, TURRET_EIO, "directory %s of the control socket: %s", directory,
                           strerror(wrong));
    code = remove_stale(control, directory, err);
    if (!code)
        code = bind_owner_only(control, directory, err);
    if (!code && (loop_timer_create(control->loop, &control->timer, on_timer, control) ||
                  loop_watch_create(control->loop, &control->watch, control->fd, LOOP_READ,
                                    on_listener, control)))
        code = turret_fail(err, TURRET_EIO, "no memory for the control socket");
    return code;
}

int control_open(struct control **out, struct loop *loop, const char *directory, control_fn *answer,
                 void *context, struct turret_error *err)
{
    struct control *control = calloc(1, sizeof *control);
    int code;
    *out = NULL;
    if (!control)
        return turret_fail(err, TURRET_EIO, "no memory for the control socket");
    control->loop = loop;
    control->answer = answer;
    control->context = context;
    control->fd = -1;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        control->clients[i] = (struct client){.control = control, .fd = -1};
    code = open_parts(control, directory, err);
    if (code) {
        control_close(control);
        return code;
    }
    *out = control;
    return TURRET_OK;
}

/* Only the file that is ours: somebody may have put another one in its place. */
static void remove_own(const struct control *control)
{
    struct stat now;
    if (control->inode &&
        !fstatat(control->address.directory, CONTROL_SOCKET_NAME, &now, AT_SYMLINK_NOFOLLOW) &&
        S_ISSOCK(now.st_mode) && now.st_ino == control->inode)
        (void)unlinkat(control->address.directory, CONTROL_SOCKET_NAME, 0);
}

void control_close(struct control *control)
{
    if (!control)
        return;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (control->clients[i].fd >= 0)
            drop(&control->clients[i]);
    if (control->timer)
        loop_timer_set(control->timer, -1);
    loop_watch_destroy(control->watch);
    remove_own(control);
    if (control->fd >= 0)
        (void)close(control->fd);
    control_address_close(&control->address);
    free(control);
}
