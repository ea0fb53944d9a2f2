/* SPDX-License-Identifier: Apache-2.0 */
/* The venue's state as a stream, so that orders outlive the process. */
#ifndef SIM_SAVED_H
#define SIM_SAVED_H

#include "sim.h"

#define SAVED_SCHEMA 1u

/* turret_broker_type.export_state and import_state; see saved.c for the format. */
int32_t saved_export(struct turret_broker *self, struct turret_stream *to,
                     struct turret_error *err);

/*
 * Into a venue that was opened and has taken no order yet.
 *
 * fails:  EVERSION a schema this build does not read; ECORRUPT the bytes are not such a state;
 *         ENOTFOUND it has a position or working order of an instrument the config has no more;
 *         ESTATE there are orders already. The venue is then as empty as open() left it.
 */
int32_t saved_import(struct turret_broker *self, struct turret_stream *from,
                     struct turret_error *err);

#endif
