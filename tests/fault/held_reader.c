/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a store and does not end: what it reads cannot be written over while it lives, nor after it
 * was killed until somebody removes it from the readers.
 *
 *   held_reader STORE      says "held", then waits for the end of its standard input
 */
#include "store/store.h"

#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct turret_error err = {0};
    struct store *store = NULL;
    char byte;
    if (argc != 2 || store_open(&store, argv[1], STORE_READ_ONLY, &err) ||
        store_hold(store, &err)) {
        (void)fprintf(stderr, "held_reader STORE: %s\n", err.text);
        return 1;
    }
    (void)printf("held\n");
    (void)fflush(stdout);
    while (read(0, &byte, 1) > 0)
        ;
    store_release(store);
    store_close(store);
    return 0;
}
