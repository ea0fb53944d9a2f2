/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In a build of the simulated venue (--wrap=saved_import): it takes over no session, so that the
 * swap fails after the venue before it was made quiet.
 */
#include <turret/broker.h>

int32_t __wrap_saved_import(struct turret_broker *self, struct turret_stream *from,
                            struct turret_error *err);

int32_t __wrap_saved_import(struct turret_broker *self, struct turret_stream *from,
                            struct turret_error *err)
{
    (void)self;
    (void)from;
    return turret_fail(err, TURRET_EINVAL, "takes no session over");
}
