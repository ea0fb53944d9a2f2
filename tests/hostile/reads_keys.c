/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for a private key in the home directory and reads it. */
#include "hostile.h"
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    char path[256], key[64];
    const char *home = getenv("HOME");
    int file;
    (void)snprintf(path, sizeof path, "%s/.ssh/id_ed25519", home ? home : "");
    file = open(path, O_RDONLY);
    if (file >= 0) {
        (void)!read(file, key, sizeof key);
        (void)close(file);
    }
    calm_bar(self, bar);
}

HOSTILE_STRATEGY(calm_start, on_bar, CALM_FIELDS);
