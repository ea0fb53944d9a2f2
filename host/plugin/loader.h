/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a file to a plugin: reads the ELF note without running anything, refuses what does not fit
 * with the reason, loads a private copy named after the build id. Only loader.c calls dlopen.
 */
#ifndef PLUGIN_LOADER_H
#define PLUGIN_LOADER_H

#include "plugin/signature.h"

#include <turret/broker.h>
#include <turret/indicator.h>
#include <turret/strategy.h>

#include <stdbool.h>

#define PLUGIN_OFFERS_MAX 32
#define PLUGIN_PATH_MAX   512

/* What the file says about itself before it runs. */
struct plugin_file {
    char path[PLUGIN_PATH_MAX];
    char build_id[65]; /* hex, never empty: SHA-256 of the file when the linker left none */
    uint64_t size_bytes;
    struct turret_note note;
    struct signature_status signature; /* UNCHECKED unless a policy asked */
};

/*
 * Reads the ELF headers and notes of a file. Bounds are checked on every step; any bytes are fine.
 * fails: ENOTFOUND, EIO; EINVAL not a regular file, not an ELF, truncated, other machine or class,
 *        no note, no turret_entry in the dynamic symbols or further exports; EVERSION another ABI,
 *        or another fingerprint (text names the field and both values)
 */
int plugin_inspect(const char *path, struct plugin_file *file, struct turret_error *err);

/* One thing a loaded plugin offers; the type is a copy, zero-extended to this host's size. */
struct plugin_offer {
    uint32_t kind; /* TURRET_KIND_… */
    struct turret_indicator_type indicator;
    struct turret_strategy_type strategy;
    struct turret_broker_type broker;
};

/* Never copied by value: only the offers that exist have memory. */
struct plugin {
    struct plugin_file file;
    char private_path[PLUGIN_PATH_MAX];
    void *handle; /* dlopen's; NULL when it is isolated: its code runs in runners only */
    void (*unload)(struct plugin *plugin); /* of an isolated one */
    const struct turret_entry *entry;
    uint32_t offer_count;
    struct plugin_offer offers[PLUGIN_OFFERS_MAX];
};

/*
 * Inspects `path`, copies it to "<private_dir>/<id>-<build id>.so", dlopens the copy (RTLD_NOW,
 * RTLD_LOCAL), checks entry, offers, required callbacks and parameter tables, calls init.
 *
 * owns:  *out until plugin_unload()
 * fails: as plugin_inspect(); ENOTSUP an extension or kind this host lacks; ELIMIT; EFULL, EIO the
 *        copy or dlopen; EFAULT the plugin contradicts itself (text says how); what init said
 */
int plugin_load(const char *path, const char *private_dir, struct plugin **out,
                struct turret_error *err);
/*
 * The same without a copy: `path` is one already. For the runner, which must not write.
 */
int plugin_load_in_place(const char *path, struct plugin **out, struct turret_error *err);
/* deinit, dlclose, free. NULL is allowed. */
void plugin_unload(struct plugin *plugin);
/* The same, and answers whether its code is really gone from memory (false: it stays mapped). */
bool plugin_unload_proven(struct plugin *plugin);

/* Whether the code of this very file is in memory. */
bool plugin_is_mapped(const char *private_path);

/* The build id as raw bytes, zero-padded: how journal and store name a build. */
void plugin_build_bytes(const struct plugin_file *file, uint8_t build[32]);

/* The offer's id, version, summary and parameter table, whatever its kind. */
const char *plugin_offer_id(const struct plugin_offer *offer);
const char *plugin_offer_version(const struct plugin_offer *offer);
const char *plugin_offer_summary(const struct plugin_offer *offer);
const struct turret_param *plugin_offer_params(const struct plugin_offer *offer, uint32_t *count);

#endif
