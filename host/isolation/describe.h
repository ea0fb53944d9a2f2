/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plugin offers, as bytes: the runner loads it and tells, the host builds types of its own
 * from that and believes nothing.
 */
#ifndef ISOLATION_DESCRIBE_H
#define ISOLATION_DESCRIBE_H

#include "plugin/loader.h"

#define DESCRIBE_MAX (UINT32_C(1) << 20)

/* Answers the bytes, 0 when they do not fit. */
uint32_t describe_pack(const struct plugin *plugin, unsigned char *to, uint32_t room);

/* Callbacks of an offer are told as a mask, bit 0 the first of its type. */
struct described {
    uint32_t kind, callbacks;
    struct turret_indicator_type indicator; /* callbacks are NULL */
    struct turret_strategy_type strategy;
    struct turret_broker_type broker;
};
struct description {
    uint32_t count;
    struct described offers[PLUGIN_OFFERS_MAX];
    unsigned char *memory; /* what the types point into */
};

/*
 * Any bytes are fine. owns: *out until describe_finish()
 * fails: ECORRUPT; ENOMEM. Whether the offers make sense is for offers_read().
 */
int describe_unpack(const unsigned char *bytes, uint32_t size_bytes, struct description *out,
                    struct turret_error *err);
void describe_finish(struct description *description);

/* A described strategy's converters, which have no function yet. */
static inline struct turret_convert *describe_converts(const struct described *offer)
{
    return (struct turret_convert *)(uintptr_t)offer->strategy.converts;
}

/* The first callback of a kind's type, and how many there are. */
size_t describe_callbacks(uint32_t kind, uint32_t *count);
/* Bit of a strategy that has on_check, which does not follow the others. */
#define DESCRIBE_CHECKS (1u << 31)

#endif
