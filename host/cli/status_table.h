/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the daemon says of itself (the answer to {"command": "status"}) as tables, once or drawn
 * again and again in the same place of a terminal.
 */
#ifndef CLI_STATUS_TABLE_H
#define CLI_STATUS_TABLE_H

#include "cli/cli.h"

#include <jansson.h>

/* Members that are missing are shown as "-". */
void status_table_print(const struct cli *cli, const json_t *status, FILE *out);

/* Where the last drawing stands, and what it is. */
struct status_screen {
    bool terminal; /* standard output can be drawn on; else tables follow each other */
    unsigned lines;
    char *text;     /* of the last drawing; NULL before the first */
    FILE *messages; /* its lines appear above the drawing; NULL: nobody asked for it */
};

void status_screen_begin(struct status_screen *screen, const struct cli *cli);
/*
 * Draws on standard output, over the drawing before; what does not fit the terminal is left out.
 * fails: ENOMEM, EIO
 */
int status_screen_draw(struct status_screen *screen, const struct cli *cli, const json_t *status);
/*
 * Where to write what people have to read while the screen is drawn: each line goes to standard
 * error, above the drawing, where it stays. Standard error itself when they are not one terminal.
 * owns: the stream is the screen's, until status_screen_end()
 */
FILE *status_screen_messages(struct status_screen *screen);
void status_screen_end(struct status_screen *screen);

#endif
