/* SPDX-License-Identifier: Apache-2.0 */
/* Plugin files in a plugin directory: which one holds a plugin, and putting another in its place.
 */
#ifndef CLI_PLUGIN_FILES_H
#define CLI_PLUGIN_FILES_H

#include <turret/core.h>

#include <stdbool.h>
#include <stddef.h>

/* The file in `directory` with this plugin id; its name. False: none. */
bool plugin_files_find(const char *directory, const char *id, char name[256]);
typedef void plugin_files_fn(void *context, const char *id);
void plugin_files_each(const char *directory, plugin_files_fn *each, void *context);

/*
 * Puts bytes in place in one step: a temporary name in the same directory, synced, renamed.
 * fails: EIO, EFULL
 */
int plugin_files_put(const char *directory, const char *name, const void *bytes, size_t size_bytes,
                     struct turret_error *err);

#endif
