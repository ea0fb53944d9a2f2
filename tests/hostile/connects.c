/* SPDX-License-Identifier: Apache-2.0 */
/* Connects to the loopback address at every 50th bar. */
#include "hostile.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct calm *s = turret_self(self);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    int end;
    calm_bar(self, bar);
    if (s->bars % 50)
        return;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    end = socket(AF_INET, SOCK_STREAM, 0);
    if (end < 0)
        return;
    (void)connect(end, (const struct sockaddr *)&to, sizeof to);
    (void)close(end);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
