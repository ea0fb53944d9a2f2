/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_FLATTEN_H
#define CORE_FLATTEN_H

#include "core/state.h"

/*
 * A person's decision about the scope: everything that strategies have working in it is cancelled,
 * but what closes at market already; what they hold is closed at market, each position by one exit
 * of the host. Nothing when the name is of nothing any more. The trading state is another decision.
 */
void flatten_decide(struct engine *engine, const struct event_control *control);

#endif
