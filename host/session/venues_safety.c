/* SPDX-License-Identifier: Apache-2.0 */
/* What venues offer for the case that all goes wrong. */
#include "session/venues_state.h"

int venues_cancel_all(struct venues *venues, uint32_t venue, struct turret_error *err)
{
    struct venue_link *link = venues->links[venue];
    if (!(link->caps.can & TURRET_CAN_CANCEL_ALL) || !link->type->cancel_all)
        return turret_fail(err, TURRET_ENOTSUP, "it does not cancel everything at once");
    return link->type->cancel_all(&link->handle, 0, 0, 0, err);
}
