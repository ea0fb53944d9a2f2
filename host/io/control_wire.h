/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both ends of the control socket share: where it is, and how an error is written.
 * Between control.c and control_call.c.
 */
#ifndef IO_CONTROL_WIRE_H
#define IO_CONTROL_WIRE_H

#include <turret/core.h>

#include <sys/un.h>

#define CONTROL_SOCKET_NAME "control.sock"

/* Where the socket is. `directory` stays open as long as `socket` is used: it may go through it. */
struct control_address {
    int directory;
    struct sockaddr_un socket;
};

/* fails: answers an errno; `directory` is -1 then */
int control_address_open(struct control_address *address, const char *directory);
void control_address_close(struct control_address *address);

/* "ENOTFOUND" ↔ TURRET_ENOTFOUND. What is not known is EIO. */
const char *control_code_name(int code);
int control_code_of(const char *name);

#endif
