/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket's address and the names of codes on it. */
#include "io/control_wire.h"

#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const struct {
    int code;
    const char *name;
} codes[] = {
    {TURRET_EINVAL, "EINVAL"},     {TURRET_ENOTFOUND, "ENOTFOUND"}, {TURRET_EEXIST, "EEXIST"},
    {TURRET_ESTATE, "ESTATE"},     {TURRET_ENOTSUP, "ENOTSUP"},     {TURRET_ELIMIT, "ELIMIT"},
    {TURRET_EDENIED, "EDENIED"},   {TURRET_EVERSION, "EVERSION"},   {TURRET_ECORRUPT, "ECORRUPT"},
    {TURRET_EIO, "EIO"},           {TURRET_EFULL, "EFULL"},         {TURRET_ENOMEM, "ENOMEM"},
    {TURRET_ETIMEOUT, "ETIMEOUT"}, {TURRET_EUNKNOWN, "EUNKNOWN"},   {TURRET_EFAULT, "EFAULT"},
    {TURRET_EBUSY, "EBUSY"},
};
#define CODES (sizeof codes / sizeof codes[0])

const char *control_code_name(int code)
{
    for (size_t i = 0; i < CODES; i++)
        if (codes[i].code == code)
            return codes[i].name;
    return "EIO";
}

int control_code_of(const char *name)
{
    for (size_t i = 0; i < CODES; i++)
        if (!strcmp(codes[i].name, name))
            return codes[i].code;
    return TURRET_EIO;
}

/* A socket's path has room for 107 bytes; a longer one is reached through the open directory. */
int control_address_open(struct control_address *address, const char *directory)
{
    struct sockaddr_un *to = &address->socket;
    memset(address, 0, sizeof *address);
    to->sun_family = AF_UNIX;
    address->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (address->directory < 0)
        return errno;
    if (snprintf(to->sun_path, sizeof to->sun_path, "%s/" CONTROL_SOCKET_NAME, directory) >=
        (int)sizeof to->sun_path)
        (void)snprintf(to->sun_path, sizeof to->sun_path, "/proc/self/fd/%d/" CONTROL_SOCKET_NAME,
                       address->directory);
    return 0;
}

void control_address_close(struct control_address *address)
{
    if (address->directory >= 0)
        (void)close(address->directory);
    address->directory = -1;
}
