/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fake venue for tests, a program of its own:
 *
 *   venue SOCKET LOG SEED PACE_MS MAX_BARS IDLE_TICKS [SCRIPT]
 *
 * It keeps the account, matches orders (book.h), survives clients that come and go, and writes
 * every accepted order, cancel and fill to LOG before it answers. A client order id that it has
 * ever seen is refused and logged as DUPLICATE. A tick (one bar of each instrument) is a poll that
 * waited PACE_MS in vain, or every eighth that did not. It ends by itself after MAX_BARS ticks, or
 * IDLE_TICKS without a client.
 *
 * What it does wrong is in faults.h: by SCRIPT, or without one some of it by chance. With a script
 * the log also has lines for faults, queries, and what only faults bring about:
 *
 *   ORDER id V# symbol side type qty limit time tif
 *   FILL X# id symbol side qty price fee time
 *   CANCEL id time      REJECT id why time          DUPLICATE id
 *   MODIFY id qty limit time: the terms from there on
 *   EXPIRE id time      BUST X# X#, of the fill instead, or X0      CLOSED time
 *   LIMITED id          BAN ms                      KNOCK: a connection while banned
 *   FAULT name id tick  QUERY id ms       DEADMAN ms: the timer fired, everything is cancelled
 *   LATER, DONE: something was put off to a later tick; is done
 *
 * Lines from the client:
 *   DOWNLOAD since | SUBMIT id symbol side type tif qty limit stop deadline | CANCEL id request |
 *   MODIFY id request qty limit stop deadline | QUERY id request | POSITIONS | BALANCES | FILLS
 * since | TIME | PING | DEADMAN ms (0: off; every line of who said it begins it anew) Lines to it,
 * each after its number in the connection: BAR ANSWER ORDER FILL BUST POS BAL BEGIN END RATE TIME
 * PONG; see wire.c and requests.c.
 */
#include "venue.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct venue venue; /* too big for a stack */

int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- clients ---- */

static void take_lines(struct client *client)
{
    char *start = client->in, *end;
    size_t left = client->in_used;
    while ((end = memchr(start, '\n', left)) != NULL) {
        *end = 0;
        request_line(client, start);
        if (client->socket < 0)
            return; /* it was dropped meanwhile */
        left -= (size_t)(end + 1 - start);
        start = end + 1;
    }
    memmove(client->in, start, left);
    client->in_used = left;
}

static void receive(struct client *client)
{
    ssize_t got;
    while (client->socket >= 0 && client->in_used < IN_ROOM &&
           (got = recv(client->socket, client->in + client->in_used, IN_ROOM - client->in_used,
                       MSG_DONTWAIT)) != -1) {
        client->in_used += (size_t)got;
        take_lines(client);
        if (got == 0 && client->socket >= 0)
            client_drop(client);
    }
    if (client->socket >= 0 && client->in_used < IN_ROOM && errno != EAGAIN && errno != EINTR)
        client_drop(client);
}

static void accept_one(void)
{
    int got = accept4(venue.listener, NULL, NULL, SOCK_CLOEXEC);
    uint32_t i;
    if (got >= 0 && venue.banned_until_ms > now_ms()) {
        book_log(&venue.book, "KNOCK");
        (void)close(got);
        return;
    }
    for (i = 0; got >= 0 && i < CLIENTS_MAX; i++)
        if (venue.clients[i].socket < 0) {
            venue.clients[i].socket = got;
            return;
        }
    if (got >= 0)
        (void)close(got);
}

/* ---- ticks ---- */

static void tell_bar(uint32_t symbol)
{
    char line[LINE_ROOM];
    struct book *book = &venue.book;
    int64_t open = book_walk(book, symbol), close = book->price[symbol];
    int64_t low = open < close ? open : close;
    if (book->closed)
        return;
    (void)snprintf(line, sizeof line,
                   "BAR %" PRId64 " %s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %d",
                   book->now - BAR_NS, book_symbols[symbol], open,
                   (open > close ? open : close) + 2, low - 2, close, 1000);
    tell_stream(line);
}

static void tick(void)
{
    uint32_t i;
    venue.book.tick++;
    venue.book.now += BAR_NS;
    for (i = 0; i < BOOK_SYMBOLS; i++)
        tell_bar(i);
    requests_tick();
    venue.idle = venue.current ? 0 : venue.idle + 1;
}

/* ---- serving ---- */

/* Half open: it neither hears nor speaks. */
static bool is_mute(const struct client *client)
{
    return client->mute_until > venue.book.tick && !client->dead;
}

static void serve(struct client *client, short events)
{
    if (client->socket < 0 || !events)
        return;
    if ((events & (POLLHUP | POLLERR)) && !client->dead) {
        client->dead = true;
        client->linger = book_random(&venue.book, 4);
        if (venue.current == client)
            client_next();
    }
    if (is_mute(client))
        return;
    if (!client->dead || client->linger-- == 0)
        receive(client);
    client_flush(client);
}

static void turn(void)
{
    struct pollfd polls[CLIENTS_MAX + 1] = {{venue.listener, POLLIN, 0}};
    bool lingering = false;
    int ready;
    uint32_t i;
    for (i = 0; i < CLIENTS_MAX; i++) {
        const struct client *client = &venue.clients[i];
        short events = (short)(POLLIN | (client->out_used ? POLLOUT : 0));
        lingering = lingering || (client->socket >= 0 && client->dead);
        /* what a mute one says stays unread: it would end each wait, and time would race */
        polls[i + 1] =
            (struct pollfd){client->dead ? -1 : client->socket, is_mute(client) ? 0 : events, 0};
    }
    ready = poll(polls, CLIENTS_MAX + 1, (int)venue.pace_ms);
    if (polls[0].revents)
        accept_one();
    for (i = 0; i < CLIENTS_MAX; i++)
        serve(&venue.clients[i],
              lingering && venue.clients[i].dead ? POLLIN : polls[i + 1].revents);
    if (ready == 0 || ++venue.busy >= 8) {
        venue.busy = 0;
        tick();
    }
    requests_dead_man();
    for (i = 0; i < CLIENTS_MAX; i++)
        client_flush(&venue.clients[i]);
}

/* A path, or tcp:PORT on the loopback address. */
static bool listen_at(const char *where, const struct sockaddr_un *path)
{
    const bool tcp = !strncmp(where, "tcp:", 4);
    const int again = 1;
    struct sockaddr_in port = {.sin_family = AF_INET};
    int bound;
    venue.listener = socket(tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (venue.listener < 0)
        return false;
    if (tcp) {
        port.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        port.sin_port = htons((uint16_t)strtoul(where + 4, NULL, 10));
        (void)setsockopt(venue.listener, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
        bound = bind(venue.listener, (const struct sockaddr *)&port, sizeof port);
    } else {
        bound = bind(venue.listener, (const struct sockaddr *)path, sizeof *path);
    }
    return bound == 0 && listen(venue.listener, CLIENTS_MAX) == 0;
}

static bool start(char **arguments)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    uint32_t i, line;
    if (!faults_load(&venue.faults, arguments[7], &line)) {
        (void)fprintf(stderr, "venue: %s:%u: not a fault\n", arguments[7], line);
        return false;
    }
    for (i = 0; i < CLIENTS_MAX; i++) {
        venue.clients[i].socket = -1;
        venue.clients[i].out = malloc(OUT_ROOM);
        if (!venue.clients[i].out)
            return false;
    }
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s", arguments[1]) >=
        (int)sizeof address.sun_path)
        return false;
    venue.pace_ms = (uint32_t)strtoul(arguments[4], NULL, 10);
    venue.max_bars = strtoull(arguments[5], NULL, 10);
    venue.idle_ticks = strtoull(arguments[6], NULL, 10);
    if (!book_create(&venue.book, arguments[2], strtoull(arguments[3], NULL, 10)))
        return false;
    return listen_at(arguments[1], &address);
}

int main(int argument_count, char **arguments)
{
    uint32_t i;
    if (argument_count < 7 || argument_count > 8 || !start(arguments)) {
        (void)fprintf(stderr, "venue SOCKET LOG SEED PACE_MS MAX_BARS IDLE_TICKS [SCRIPT]: %s\n",
                      strerror(errno));
        return 1;
    }
    while (venue.book.tick < venue.max_bars && venue.idle < venue.idle_ticks)
        turn();
    for (i = 0; i < CLIENTS_MAX; i++) {
        if (venue.clients[i].socket >= 0)
            (void)close(venue.clients[i].socket);
        free(venue.clients[i].out);
    }
    (void)close(venue.listener);
    book_finish(&venue.book);
    return 0;
}
