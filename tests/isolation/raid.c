/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An adapter that attacks its host while it connects, in one of many ways. One that succeeds says
 * "escaped" in the log, one that is refused and survives says "held".
 */
#include "attack.h"

#include <turret/broker.h>

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

char attack_folder[128];
int attack_port;

static const struct turret_param params[] = {
    TURRET_PARAM_TEXT(1, "what", "none", "", "which attack"),
    TURRET_PARAM_TEXT(2, "folder", "nowhere", "", "where the canaries are"),
    TURRET_PARAM_INT(3, "port", 0, 0, 65535, "", "where somebody listens"),
};

/* What comes in on the socket would be a signal for the host. */
static int owns_by_fcntl(void)
{
    int made = socket(AF_INET, SOCK_DGRAM, 0);
    return made >= 0 && fcntl(made, F_SETOWN, getppid()) == 0;
}

static int owns_by_ioctl(void)
{
    int made = socket(AF_INET, SOCK_DGRAM, 0), host = getppid();
    return made >= 0 && ioctl(made, FIOSETOWN, &host) == 0;
}

static int signals_by_fcntl(void)
{
    int made = socket(AF_INET, SOCK_DGRAM, 0);
    return made >= 0 && fcntl(made, F_SETSIG, SIGKILL) == 0;
}

static const struct attack_row attacks_of_adapters[] = {
    ROW(owns_by_fcntl),
    ROW(owns_by_ioctl),
    ROW(signals_by_fcntl),
    {NULL, NULL},
};

static char what[64];

static int32_t raid_open(struct turret_broker *self, const struct turret_broker_open *open,
                         struct turret_error *err)
{
    (void)self;
    (void)snprintf(what, sizeof what, "%s", open->params[0].text);
    (void)snprintf(attack_folder, sizeof attack_folder, "%s", open->params[1].text);
    attack_port = (int)open->params[2].i;
    return turret_ok(err);
}

static int32_t raid_describe(struct turret_broker *self, struct turret_broker_caps *caps,
                             struct turret_error *err)
{
    (void)self;
    caps->can = 0;
    return turret_ok(err);
}

static int32_t raid_connect(struct turret_broker *self, struct turret_error *err)
{
    static const struct attack_row *const tables[] = {attacks_on_itself, attacks_on_system,
                                                      attacks_of_adapters};
    char text[96];
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct attack_row *row = tables[t]; row->name; row++)
            if (!strcmp(row->name, what)) {
                bool escaped = row->run() != 0;
                (void)snprintf(text, sizeof text, "%s: %s", escaped ? "escaped" : "held", what);
                self->host->log(self, TURRET_LOG_NOTICE, text);
            }
    return turret_ok(err);
}

static void raid_close(struct turret_broker *self)
{
    (void)self;
}

static const struct turret_broker_type raid = {
    .struct_size = (uint32_t)sizeof(struct turret_broker_type),
    .state_size = 8,
    .id = "test.raid",
    .version = "1.0.0",
    .summary = "attacks its host",
    .params = params,
    .param_count = 3,
    .state_schema = 1,
    .describe = raid_describe,
    .open = raid_open,
    .connect = raid_connect,
    .close = raid_close,
};

TURRET_BROKER("test.raid", "1.0.0", raid);
