/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows when the kill switch takes an order that its venue does not find for one that never
 * arrived: after three such answers past its deadline, and never when the venue has had it.
 */
#include "session/halt.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#define DEADLINE 1000

static enum halt_proof after(uint8_t seen, const turret_time_ns heard[], uint32_t count)
{
    struct halt_order one;
    struct halt_result *result = calloc(1, sizeof *result);
    struct event event;
    uint32_t i;
    enum halt_proof proof;
    assert_non_null(result);
    memset(&one, 0, sizeof one);
    one.order.id = 7;
    one.order.state = TURRET_STATE_UNKNOWN;
    one.order.qty = 10;
    one.order.seen = seen;
    one.order.deadline = DEADLINE;
    one.stored = true;
    result->orders = &one;
    result->count = result->room = result->venue_count = 1;
    memset(&event, 0, sizeof event);
    event.type = EVENT_ACK;
    event.u.ack.order_id = 7;
    event.u.ack.kind = TURRET_REQUEST_QUERY;
    event.u.ack.outcome = TURRET_OUTCOME_NOT_FOUND;
    for (i = 0; i < count; i++)
        halt_hear(result, 0, &event, heard[i], 0);
    proof = one.proof;
    free(result);
    return proof;
}

static void never_arrived_is_proven_like_in_the_daemon(void **state)
{
    static const turret_time_ns late[] = {DEADLINE + 1, DEADLINE + 1, DEADLINE + 2};
    static const turret_time_ns early[] = {DEADLINE - 1, DEADLINE, DEADLINE + 1, DEADLINE + 1};
    (void)state;
    assert_int_equal(after(0, late, 3), HALT_NEVER);
    assert_int_not_equal(after(0, late, 2), HALT_NEVER);
    assert_int_not_equal(after(0, early, 4), HALT_NEVER);
    assert_int_not_equal(after(ORDER_SEEN_AT_VENUE, late, 3), HALT_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_arrived_is_proven_like_in_the_daemon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
