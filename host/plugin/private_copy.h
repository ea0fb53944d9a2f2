/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private copy that is really loaded: the plugin directory may then change at any time without
 * touching running code. Several hosts can share the directory.
 */
#ifndef PLUGIN_PRIVATE_COPY_H
#define PLUGIN_PRIVATE_COPY_H

#include "plugin/source.h"

/*
 * Makes sure that a file with exactly the source's bytes exists in `directory` (made when missing,
 * 0700) and gives its path: "<id>-<build id>.so", or "<id>-<build id>.2.so" and so on when another
 * content already has that name, or one that others can change. A file that once has its name is
 * never changed, and one that is there already is read and compared whole. *made (may be NULL):
 * nothing was there before.
 *
 * fails: EIO, EFULL; EDENIED others can write to the directory; ELIMIT 100 contents under one build
 *        id; EINVAL the path is too long
 */
int private_copy_make(const struct source *source, const char *directory,
                      char path[PLUGIN_PATH_MAX], bool *made, struct turret_error *err);

#endif
