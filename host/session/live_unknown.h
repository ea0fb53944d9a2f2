/* SPDX-License-Identifier: Apache-2.0 */
/* Orders that stay UNKNOWN, told to people. */
#ifndef SESSION_LIVE_UNKNOWN_H
#define SESSION_LIVE_UNKNOWN_H

#include <stdint.h>

struct live;

/* Of a venue. */
struct live_unknown {
    uint64_t oldest;  /* the order that is waited for; 0: none */
    int64_t since_ns; /* monotonic: since when it was seen to be UNKNOWN */
    uint32_t told;    /* how many there were when it was last told; 0: it was not */
};

/* Every LIVE_UNKNOWN_QUERY_NS. */
void live_unknown_round(struct live *live);

#endif
