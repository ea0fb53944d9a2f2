/* SPDX-License-Identifier: Apache-2.0 */
/* The attacks, in three tables. Each answers whether it succeeded, if it comes back at all. */
#ifndef TESTS_ATTACK_H
#define TESTS_ATTACK_H

#include <turret/strategy.h>

struct attack_row {
    const char *name;
    int (*run)(void);
};
#define ROW(name)                                                                                  \
    {                                                                                              \
#name, name                                                                                \
    }

/* The last row has no name. */
extern const struct attack_row attacks_on_itself[], attacks_on_system[];

extern char attack_folder[128]; /* where the canaries are */
extern int attack_port;         /* where somebody listens */

int attack_loops(void);

#endif
