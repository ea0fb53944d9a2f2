/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin file read into memory once: the bytes that are inspected are the bytes that are copied
 * and loaded, whatever happens to the file meanwhile.
 */
#ifndef PLUGIN_SOURCE_H
#define PLUGIN_SOURCE_H

#include "plugin/policy.h"

#define SOURCE_SIZE_MAX (UINT64_C(256) << 20)

struct source {
    struct plugin_file file;
    uint8_t *bytes; /* file.size_bytes of them */
};

/*
 * Reads, checks the policy (NULL: zeroed) and inspects.
 *
 * fails: as plugin_inspect(); as policy_check_file(), policy_check_note(). Then there is nothing to
 *        finish
 */
int source_init(struct source *source, const char *path, const struct plugin_policy *policy,
                struct turret_error *err);
void source_finish(struct source *source);

/*
 * The rest of plugin_load(): private copy, dlopen, checks, init.
 * owns: *out until plugin_unload(); the source stays the caller's
 */
int plugin_load_source(const struct source *source, const char *private_dir, struct plugin **out,
                       struct turret_error *err);

#endif
