/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text from outside (a venue's reason, a plugin's words) made safe for a terminal and for JSON.
 */
#ifndef CLI_CLEAN_H
#define CLI_CLEAN_H

#include <stddef.h>

/*
 * In place: control characters become '?', and so does every byte that is not part of UTF-8. Ends
 * the text within `room` when it has no end.
 */
void clean_text(char *text, size_t room);

/*
 * Into `to`, cut at its room: "\r", "\n", "\t", other control characters and what is not UTF-8 as
 * "\xNN", a backslash and a quotation mark with a backslash before them. One line in any case.
 */
void clean_escape(const char *text, char *to, size_t room);

#endif
