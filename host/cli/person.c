/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/person.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

void person_name(char *name, size_t room)
{
    struct passwd entry, *found = NULL;
    char memory[1024];
    if (getpwuid_r(getuid(), &entry, memory, sizeof memory, &found) == 0 && found)
        (void)snprintf(name, room, "%s", found->pw_name);
    else
        (void)snprintf(name, room, "uid %u", (unsigned)getuid());
}
