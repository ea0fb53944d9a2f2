/* SPDX-License-Identifier: Apache-2.0 */
/* What a loaded plugin offers: copied out of it, zero-extended, every promise checked. */
#ifndef PLUGIN_OFFERS_H
#define PLUGIN_OFFERS_H

#include "plugin/loader.h"

/*
 * Copies and checks every offer of the entry into as many zeroed places. A pointer that is neither
 * NULL nor valid cannot be told from a good one here.
 *
 * fails: EFAULT the plugin contradicts itself or misses a required callback; EVERSION a type older
 *        than its first revision; ELIMIT more state or table rows than this host takes
 */
int offers_read(const struct plugin_file *file, const struct turret_entry *entry,
                struct plugin_offer *offers, struct turret_error *err);

#endif
