/* SPDX-License-Identifier: Apache-2.0 */
/* The venue's parameter table and its reading into integers. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "sim.h"

#define OPTIONS_COUNT 16u
extern const struct turret_param options_table[OPTIONS_COUNT];

/*
 * Turns parameter values into integers, once; parameters not given have their defaults.
 *
 * fails:  EINVAL a value is out of the range of the table
 */
int options_read(const struct turret_broker_open *open, struct sim_options *options,
                 struct turret_error *err);

#endif
