/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_FLATTEN_H
#define CORE_FLATTEN_H

#include "core/state.h"

/*
 * A person's decision about the scope: it becomes REDUCING; everything that strategies have working
 * in it is cancelled, until it ends, but what closes by time or by a person already; what those
 * leave of each position is closed at market by one exit of the host. Nothing when the name is of
 * nothing any more, or when a state was set that this kind of decision does not leave (told).
 */
void flatten_decide(struct engine *engine, const struct event_control *control);

#endif
