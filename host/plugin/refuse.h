/* SPDX-License-Identifier: Apache-2.0 */
/* How a plugin file is refused: one line that begins with the file's path. */
#ifndef PLUGIN_REFUSE_H
#define PLUGIN_REFUSE_H

#include <turret/core.h>

/*
 * turret_fail() with "<path>: " in front; control characters of quoted names become '?'. At most
 * 240 characters of the path are shown, so that the reason always fits.
 */
TURRET_PRINTF(4, 5)
int refuse_file(struct turret_error *err, int code, const char *path, const char *format, ...);

#endif
