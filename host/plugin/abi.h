/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a plugin fit this host? Versions and fingerprint, as its note and its entry tell them; the
 * note itself; the entry behind the exported symbol.
 */
#ifndef PLUGIN_ABI_H
#define PLUGIN_ABI_H

#include <turret/core.h>

#include <stdbool.h>

/* Sizes of the first revision: what every plugin has, however much the structs grow later. */
#define ABI_NOTE_FIRST_SIZE  204u
#define ABI_ENTRY_FIRST_SIZE 72u

/*
 * The Turret note from its bytes, zero-extended or cut to this host's struct and checked.
 * fails: EINVAL truncated, bad id or texts; EVERSION another ABI, older than the first revision, or
 *        another fingerprint; ENOTSUP needs an extension or kind this host does not have
 */
int abi_read_note(const char *path, const uint8_t *bytes, uint32_t size_bytes,
                  struct turret_note *note, struct turret_error *err);

/*
 * Copies the entry and compares it with the note; offers are not looked into.
 * fails: EVERSION as above; EFAULT the two contradict each other, or nothing is offered;
 *        ELIMIT more than PLUGIN_OFFERS_MAX offers
 */
int abi_read_entry(const char *path, const void *symbol, const struct turret_note *note,
                   struct turret_entry *entry, struct turret_error *err);

/* 1…47 of [a-z0-9._-], the first a letter or digit. `room` bytes are there, NUL included. */
bool abi_is_id(const char *id, size_t room);
/* 1…room-1 printable ASCII characters and a NUL. */
bool abi_is_text(const char *text, size_t room);

#endif
