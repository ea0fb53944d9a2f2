/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor of bench_halt.py: a bare client that connects and sends 1,000 cancels, one send() each.
 *
 * usage: halt_floor SOCKET COUNT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int send_all(int to, const char *line, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(to, line, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return -1;
        line += sent;
        size -= (size_t)sent;
    }
    return 0;
}

int main(int argument_count, char **arguments)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char line[64];
    unsigned long i, count;
    int to = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (argument_count != 3 || to < 0)
        return 2;
    count = strtoul(arguments[2], NULL, 10);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", arguments[1]);
    if (connect(to, (const struct sockaddr *)&address, sizeof address))
        return 1;
    for (i = 0; i < count; i++) {
        int size = snprintf(line, sizeof line, "CANCEL %lu 1001\n", (1ul << 32) + 1 + i);
        if (send_all(to, line, (size_t)size))
            return 1;
    }
    (void)close(to);
    return 0;
}
