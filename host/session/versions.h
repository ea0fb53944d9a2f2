/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration versions in the store's config table, numbered from 1: the text that was in force,
 * what it changed, and why and when it was taken.
 */
#ifndef SESSION_VERSIONS_H
#define SESSION_VERSIONS_H

#include "config/config.h"
#include "store/store.h"

struct version {
    uint64_t number;
    uint64_t sequence;   /* journal record that put it in force; 0 is not known */
    turret_time_ns time; /* Unix time it was stored; 0 is not known */
    uint8_t hash[32];    /* SHA-256 of the text */
    char cause[40];      /* "first start", "file changed" …; "" is not known */
    const char *diff;    /* as config_diff() tells it, against the one before; NULL is not known */
    const char *text;
    void *memory; /* of diff and text, when versions_get() made it */
};

/* Bytes the version needs in a batch. */
size_t versions_size(const struct version *version);
/* fails: EFULL no room in the batch; ENOMEM */
int versions_put(struct store_batch *batch, const struct version *version,
                 struct turret_error *err);

/*
 * owns:  *version until versions_finish(), on success
 * fails: ENOTFOUND (text says which there are), ECORRUPT, EVERSION, ENOMEM
 */
int versions_get(struct store *store, uint64_t number, struct version *version,
                 struct turret_error *err);
void versions_finish(struct version *version); /* a zeroed one is allowed */

/* Borrowed for the call; non-zero stops. */
typedef int versions_fn(void *context, const struct version *version);
/* Oldest first. fails: ECORRUPT, EVERSION some were left out, the first is named */
int versions_each(struct store *store, versions_fn *each, void *context, struct turret_error *err);

#endif
