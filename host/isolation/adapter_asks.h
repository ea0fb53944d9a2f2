/* SPDX-License-Identifier: Apache-2.0 */
/* An isolated adapter, and the host's answers to what its code asks inside a call. */
#ifndef ISOLATION_ADAPTER_ASKS_H
#define ISOLATION_ADAPTER_ASKS_H

#include "isolation/runner.h"

struct adapter {
    struct turret_broker *self;
    const struct turret_broker_type *type;
    struct runner *runner; /* NULL: lost */
    struct turret_broker_caps caps;
    unsigned char *open; /* struct wire_open and parameters: what a new runner is opened with */
    uint32_t open_bytes;
    turret_time_ns since;        /* of the last download */
    struct wire_numbers *wishes; /* what it took of subscribe(), each once */
    uint32_t wish_count;
    struct turret_stream *stream; /* of the export or import under way */
    int wake;                     /* timerfd: time for a new runner */
    uint32_t losses;
    int64_t lost_ns;
    bool closing;
};

/* runner_ask_fn; context is the adapter. */
void adapter_answer(void *context, const struct wire_head *ask, struct wire_head *reply);

#endif
