/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fake venue for tests, a program of its own: venue SOCKET LOG SEED PACE_MS MAX_BARS IDLE_TICKS.
 * It keeps the account, survives clients that come and go, and writes every accepted order, cancel
 * and fill to LOG before it answers. A client order id that it has ever seen is refused and logged
 * as DUPLICATE. A tick (one bar of each instrument, and the fills that are due) is a poll that
 * waited PACE_MS in vain, or every eighth that did not. It ends by itself after MAX_BARS ticks, or
 * IDLE_TICKS without a client.
 *
 * Lines from the client:   DOWNLOAD since | SUBMIT id symbol side type qty limit deadline |
 *                          CANCEL id request | QUERY id request
 * Lines to it:             see tell_… below; each becomes one report of the adapter
 * What it does on purpose: refuses (proven), answers UNKNOWN, loses an answer, answers after the
 * fill, tells a fill twice, does not find a young order, reads late what a dead client sent, hangs
 * up.
 */
#include "book.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS_MAX 8
#define IN_ROOM     65536
#define OUT_ROOM    ((size_t)8 << 20)
#define BAR_NS      INT64_C(1000000000)

struct client {
    int socket;      /* -1: free */
    uint32_t linger; /* ticks until what a dead client left is read */
    bool dead;
    size_t in_used, out_used;
    char in[IN_ROOM];
    char *out;
};

struct venue {
    struct book book;
    int listener;
    uint32_t pace_ms, busy;
    uint64_t max_bars, idle_ticks, idle;
    struct client clients[CLIENTS_MAX];
    struct client *current; /* who gets the stream: the newest that downloaded */
};

static struct venue venue; /* too big for a stack */

static void drop(struct client *client)
{
    (void)close(client->socket);
    client->socket = -1;
    client->in_used = client->out_used = 0;
    client->dead = false;
    if (venue.current == client)
        venue.current = NULL;
}

__attribute__((format(printf, 2, 3))) static void tell(struct client *to, const char *format, ...)
{
    va_list args;
    int size;
    if (!to || to->socket < 0 || to->dead)
        return;
    va_start(args, format);
    size = vsnprintf(to->out + to->out_used, OUT_ROOM - to->out_used, format, args);
    va_end(args);
    if (size < 0 || (size_t)size >= OUT_ROOM - to->out_used)
        drop(to); /* it does not read: it can come back and download */
    else
        to->out_used += (size_t)size;
}

static void tell_ack(struct client *to, const char *id, const char *kind, uint32_t request,
                     const char *outcome, uint32_t number, const char *reason)
{
    tell(to, "ACK %" PRId64 " %s %s %u %s V%u %s\n", venue.book.now, id, kind, request, outcome,
         number, reason);
}

static void tell_order(struct client *to, const struct book_order *order, int snapshot)
{
    tell(to, "ORDER %" PRId64 " %s %s %s %c %c %" PRId64 " %" PRId64 " %" PRId64 " %d V%u\n",
         venue.book.now, order->client_id, book_symbols[order->symbol], book_states[order->state],
         order->side, order->type, order->qty, order->filled, order->limit, snapshot,
         book_order_number(&venue.book, order));
}

static void tell_fill(struct client *to, const struct book_fill *fill)
{
    const struct book_order *order = &venue.book.orders[fill->order];
    tell(to, "FILL %" PRId64 " %s %s %c %" PRId64 " %" PRId64 " %" PRId64 " X%u V%u\n", fill->time,
         order->client_id, book_symbols[order->symbol], order->side, fill->qty, fill->price,
         fill->fee, (uint32_t)(fill - venue.book.fills) + 1, fill->order + 1);
}

/* ---- requests ---- */

static void on_download(struct client *from, int64_t since)
{
    struct book *book = &venue.book;
    uint32_t i, first = book->fill_count;
    venue.current = from;
    tell(from, "BEGIN %" PRId64 "\n", book->now);
    while (first > 0 && book->fills[first - 1].time >= since)
        first--;
    for (i = first; i < book->fill_count; i++)
        tell_fill(from, &book->fills[i]);
    for (i = 0; i < book->order_count; i++)
        if (book->orders[i].state <= BOOK_PARTIAL || book->orders[i].updated >= since)
            tell_order(from, &book->orders[i], 1);
    for (i = 0; i < BOOK_SYMBOLS; i++)
        tell(from, "POS %" PRId64 " %s %" PRId64 "\n", book->now, book_symbols[i],
             book->position[i]);
    tell(from, "BAL %" PRId64 " %" PRId64 "\n", book->now, book->cash);
    tell(from, "END %" PRId64 "\n", book->now);
}

static void on_submit(struct client *from, const char *line)
{
    struct book *book = &venue.book;
    struct book_order wanted = {.parts = 0}, *order;
    char symbol[8];
    const char *why;
    uint32_t luck;
    if (sscanf(line, "%23s %7s %c %c %" SCNd64 " %" SCNd64 " %" SCNd64, wanted.client_id, symbol,
               &wanted.side, &wanted.type, &wanted.qty, &wanted.limit, &wanted.deadline) != 7)
        return;
    while (wanted.symbol < BOOK_SYMBOLS && strcmp(book_symbols[wanted.symbol], symbol) != 0)
        wanted.symbol++;
    if (book_find(book, wanted.client_id) || wanted.symbol == BOOK_SYMBOLS) {
        book_log(book, "DUPLICATE %s", wanted.client_id);
        tell_ack(from, wanted.client_id, "SUBMIT", 1, "REJECTED", 0, "duplicate");
        return;
    }
    order = book_submit(book, &wanted, &why);
    if (!order) {
        tell_ack(from, wanted.client_id, "SUBMIT", 1, "REJECTED", 0, why);
        return;
    }
    luck = book_random(book, 20);
    if (from != venue.current) /* a dead client's: the living one hears of it on the stream */
        tell_order(venue.current, order, 0);
    else if (luck == 1)
        tell_ack(from, order->client_id, "SUBMIT", 1, "UNKNOWN", 0, "503");
    else if (luck > 1 && !order->ack_after_fill)
        tell_ack(from, order->client_id, "SUBMIT", 1, "OK", book_order_number(book, order), "-");
}

static void on_cancel(struct client *from, const char *id, uint32_t request)
{
    struct book_order *order = book_find(&venue.book, id);
    if (!order || !book_cancel(&venue.book, order)) {
        tell_ack(from, id, "CANCEL", request, "REJECTED", 0, order ? "too-late" : "no-such-order");
        return;
    }
    tell_ack(from, id, "CANCEL", request, "OK", book_order_number(&venue.book, order), "-");
    tell_order(venue.current, order, 0);
}

static void on_query(struct client *from, const char *id, uint32_t request)
{
    const struct book_order *order = book_find(&venue.book, id);
    bool young = order && venue.book.now <= order->deadline && book_random(&venue.book, 8) == 0;
    if (!order || young)
        tell_ack(from, id, "QUERY", request, "NOT_FOUND", 0, "-");
    else
        tell_order(from, order, 1);
}

static void on_line(struct client *from, const char *line)
{
    char id[24];
    uint32_t request;
    int64_t since;
    if (sscanf(line, "DOWNLOAD %" SCNd64, &since) == 1)
        on_download(from, since);
    else if (!strncmp(line, "SUBMIT ", 7))
        on_submit(from, line + 7);
    else if (sscanf(line, "CANCEL %23s %u", id, &request) == 2)
        on_cancel(from, id, request);
    else if (sscanf(line, "QUERY %23s %u", id, &request) == 2)
        on_query(from, id, request);
}

/* ---- clients ---- */

static void take_lines(struct client *client)
{
    char *start = client->in, *end;
    size_t left = client->in_used;
    while ((end = memchr(start, '\n', left)) != NULL) {
        *end = 0;
        on_line(client, start);
        left -= (size_t)(end + 1 - start);
        start = end + 1;
    }
    if (client->socket < 0)
        return; /* it was dropped meanwhile */
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
            drop(client);
    }
    if (client->socket >= 0 && client->in_used < IN_ROOM && errno != EAGAIN && errno != EINTR)
        drop(client);
}

static void flush(struct client *client)
{
    ssize_t sent;
    if (client->socket < 0 || client->out_used == 0 || client->dead)
        return;
    sent = send(client->socket, client->out, client->out_used, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
        client->out_used -= (size_t)sent;
        memmove(client->out, client->out + sent, client->out_used);
    }
}

static void accept_one(void)
{
    int got = accept4(venue.listener, NULL, NULL, SOCK_CLOEXEC);
    uint32_t i;
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
    struct book *book = &venue.book;
    int64_t open = book->price[symbol], step = (int64_t)book_random(book, 41) - 20, close, low;
    if (open > 12000 || open < 8000)
        step = open > 12000 ? -20 : 20;
    close = open + step;
    low = open < close ? open : close;
    book->price[symbol] = close;
    tell(venue.current, "BAR %" PRId64 " %s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %d\n",
         book->now - BAR_NS, book_symbols[symbol], open, (open > close ? open : close) + 2, low - 2,
         close, 1000);
}

static void tell_due(struct book_order *order)
{
    struct book *book = &venue.book;
    const struct book_fill *fill = book_fill_due(book, order);
    if (!fill)
        return;
    tell_fill(venue.current, fill);
    if (book_random(book, 10) == 0)
        tell_fill(venue.current, fill);
    if (order->ack_after_fill)
        tell_ack(venue.current, order->client_id, "SUBMIT", 1, "OK", book_order_number(book, order),
                 "-");
    order->ack_after_fill = false;
    if (book_random(book, 3) == 0)
        tell_order(venue.current, order, 0);
}

static void tick(void)
{
    struct book *book = &venue.book;
    uint32_t i;
    book->tick++;
    book->now += BAR_NS;
    for (i = 0; i < book->open_count; i++)
        tell_due(&book->orders[book->open[i]]);
    book_sweep(book);
    for (i = 0; i < BOOK_SYMBOLS; i++)
        tell_bar(i);
    if (venue.current && book_random(book, 1000) == 0)
        drop(venue.current); /* what it sent and was not read is lost */
    venue.idle = venue.current ? 0 : venue.idle + 1;
}

/* ---- serving ---- */

static void serve(struct client *client, short events)
{
    if (client->socket < 0 || !events)
        return;
    if ((events & (POLLHUP | POLLERR)) && !client->dead) {
        client->dead = true;
        client->linger = book_random(&venue.book, 4);
        if (venue.current == client)
            venue.current = NULL;
    }
    if (!client->dead || client->linger-- == 0)
        receive(client);
    flush(client);
}

static void turn(void)
{
    struct pollfd polls[CLIENTS_MAX + 1] = {{venue.listener, POLLIN, 0}};
    bool lingering = false;
    int ready;
    uint32_t i;
    for (i = 0; i < CLIENTS_MAX; i++) {
        const struct client *client = &venue.clients[i];
        lingering = lingering || (client->socket >= 0 && client->dead);
        polls[i + 1] = (struct pollfd){client->dead ? -1 : client->socket,
                                       (short)(POLLIN | (client->out_used ? POLLOUT : 0)), 0};
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
    for (i = 0; i < CLIENTS_MAX; i++)
        flush(&venue.clients[i]);
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
    uint32_t i;
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
    if (argument_count != 7 || !start(arguments)) {
        (void)fprintf(stderr, "venue SOCKET LOG SEED PACE_MS MAX_BARS IDLE_TICKS: %s\n",
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
