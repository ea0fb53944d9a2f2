/* SPDX-License-Identifier: Apache-2.0 */
/* Who types a command, for the journal. */
#ifndef CLI_PERSON_H
#define CLI_PERSON_H

#include <stddef.h>

/* The login name of this process's user, or "uid 1000". */
void person_name(char *name, size_t room);

#endif
