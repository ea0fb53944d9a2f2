/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 as RFC 3629 defines it: the shortest form only, no surrogates, nothing above U+10FFFF.
 */
#include "cli/clean.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool is_printable(uint32_t point, size_t length)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < smallest[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return false;
    return point >= 0x20 && (point < 0x7f || point > 0x9f);
}

/* Bytes of the printable character at `text`; 0: there is none. */
static size_t character(const unsigned char *text, size_t room)
{
    size_t length = text[0] < 0x80   ? 1
                    : text[0] < 0xc0 ? 0
                    : text[0] < 0xe0 ? 2
                    : text[0] < 0xf0 ? 3
                    : text[0] < 0xf8 ? 4
                                     : 0;
    uint32_t point;
    if (length == 0 || length > room)
        return 0;
    point = length == 1 ? text[0] : text[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0u) != 0x80u)
            return 0;
        point = point << 6 | (text[i] & 0x3fu);
    }
    return is_printable(point, length) ? length : 0;
}

void clean_text(char *text, size_t room)
{
    size_t at = 0;
    text[room - 1] = '\0';
    while (text[at]) {
        size_t length = character((const unsigned char *)text + at, room - 1 - at);
        if (length == 0)
            text[at] = '?';
        at += length ? length : 1;
    }
}

static size_t escape(unsigned char byte, char to[5])
{
    static const char plain[] = "\r\n\t\\\"", letters[] = "rnt\\\"";
    const char *found = memchr(plain, byte, sizeof plain - 1);
    if (found)
        return (size_t)snprintf(to, 5, "\\%c", letters[found - plain]);
    return (size_t)snprintf(to, 5, "\\x%02x", byte);
}

void clean_escape(const char *text, char *to, size_t room)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t left = strlen(text), used = 0;
    while (left > 0) {
        char escaped[5];
        size_t length = character(at, left);
        bool plain = length > 0 && *at != '\\' && *at != '"';
        size_t size = plain ? length : escape(*at, escaped);
        if (used + size >= room)
            break;
        memcpy(to + used, plain ? (const char *)at : escaped, size);
        used += size;
        at += plain ? length : 1;
        left -= plain ? length : 1;
    }
    to[used] = '\0';
}
