/* SPDX-License-Identifier: Apache-2.0 */
/* The tables a plugin publishes: parameters and saved fields, checked once when it is loaded. */
#ifndef PLUGIN_TABLES_H
#define PLUGIN_TABLES_H

#include <turret/core.h>

#define TABLES_ROWS_MAX 256

/* Where a table comes from, for the text of a refusal. */
struct tables_origin {
    const char *path;  /* the file */
    const char *offer; /* the offer's id */
};

/*
 * Ids, names, ranges, and that every default is what its own row allows.
 * fails: EFAULT; ELIMIT too many rows
 */
int tables_check_params(const struct tables_origin *origin, const struct turret_param *params,
                        uint32_t count, struct turret_error *err);

/* Ids, types, and that every field lies inside the state. fails: EFAULT; ELIMIT too many rows */
int tables_check_fields(const struct tables_origin *origin, const struct turret_field *fields,
                        uint32_t count, uint32_t state_size, struct turret_error *err);

/* That each has a function and one side is `schema`. fails: EFAULT; ELIMIT too many rows */
int tables_check_converts(const struct tables_origin *origin, const struct turret_convert *converts,
                          uint32_t count, uint32_t schema, struct turret_error *err);

#endif
