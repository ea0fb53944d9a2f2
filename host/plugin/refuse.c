/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the path in front of a refusal and keeps it on one line. */
#include "plugin/refuse.h"

#include <stdarg.h>

int refuse_file(struct turret_error *err, int code, const char *path, const char *format, ...)
{
    char reason[sizeof err->text];
    va_list args;
    if (!err)
        return code;
    va_start(args, format);
    (void)vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    for (char *c = reason; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    return turret_fail(err, code, "%.240s: %s", path, reason);
}
