/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what is made of an adapter's status: an error proves that nothing was sent, and is a
 * refusal or an order that goes later; a number that is no error, EFAULT and EUNKNOWN prove
 * nothing, and what became of the request is not known, never refused.
 */
#include "session/venues_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct venues venues;
static struct venue_link place;
static struct turret_broker_type type;
static struct event slots[4];
static int32_t status;
static const char *text;

static int32_t request(struct turret_broker *self, const struct turret_broker_order *order,
                       struct turret_error *err)
{
    (void)self;
    assert_int_equal(order->order_id, 7);
    if (text)
        (void)turret_fail(err, status < 0 ? status : TURRET_EIO, "%s", text);
    return status;
}

static int set_up(void **state)
{
    (void)state;
    memset(&venues, 0, sizeof venues);
    memset(&place, 0, sizeof place);
    type = (struct turret_broker_type){.struct_size = (uint32_t)sizeof type,
                                       .submit = request,
                                       .cancel = request,
                                       .modify = request,
                                       .query_order = request};
    place.owner = &venues;
    place.type = &type;
    place.caps.can = TURRET_CAN_TRADE | TURRET_CAN_MODIFY;
    venues.count = 1;
    venues.links[0] = &place;
    venues.prompt = (struct event_ring){0, 0, 4, slots};
    text = "the wire broke";
    return 0;
}

/* False: nothing was said in the adapter's place. */
static bool answered(enum command_kind kind, int32_t with, struct event *event)
{
    struct command command;
    memset(&command, 0, sizeof command);
    command.kind = kind;
    command.order.struct_size = (uint32_t)sizeof command.order;
    command.order.order_id = 7;
    command.order.request = 3;
    status = with;
    venues_command(&venues, &command);
    return venues_take_prompt(&venues, event);
}

static void expect_ack(enum command_kind kind, int32_t with, uint32_t outcome, const char *reason)
{
    static const uint32_t requests[] = {[COMMAND_SUBMIT] = TURRET_REQUEST_SUBMIT,
                                        [COMMAND_CANCEL] = TURRET_REQUEST_CANCEL,
                                        [COMMAND_MODIFY] = TURRET_REQUEST_MODIFY,
                                        [COMMAND_QUERY] = TURRET_REQUEST_QUERY};
    struct event event;
    assert_true(answered(kind, with, &event));
    assert_int_equal(event.type, EVENT_ACK);
    assert_int_equal(event.u.ack.order_id, 7);
    assert_int_equal(event.u.ack.request, 3);
    assert_int_equal(event.u.ack.kind, requests[kind]);
    if (event.u.ack.outcome != outcome)
        fail_msg("kind %d, status %d: outcome %u, not %u", (int)kind, (int)with,
                 event.u.ack.outcome, outcome);
    assert_string_equal(event.u.ack.reason, reason);
}

static void what_proves_nothing_is_not_known(void **state)
{
    static const int32_t proofless[] = {1, 15, INT32_MAX, TURRET_EFAULT, TURRET_EUNKNOWN};
    static const enum command_kind kinds[] = {COMMAND_SUBMIT, COMMAND_MODIFY, COMMAND_CANCEL};
    size_t i, k;
    (void)state;
    for (i = 0; i < sizeof proofless / sizeof *proofless; i++)
        for (k = 0; k < 3; k++) {
            text = "the wire broke";
            expect_ack(kinds[k], proofless[i], TURRET_OUTCOME_UNKNOWN, "sent?: the wire broke");
            text = NULL;
            expect_ack(kinds[k], proofless[i], TURRET_OUTCOME_UNKNOWN,
                       "sent?: the adapter does not say");
        }
}

static void an_error_proves_that_nothing_was_sent(void **state)
{
    (void)state;
    expect_ack(COMMAND_SUBMIT, TURRET_EINVAL, TURRET_OUTCOME_REJECTED, "not sent: the wire broke");
    expect_ack(COMMAND_MODIFY, TURRET_EIO, TURRET_OUTCOME_REJECTED, "not sent: the wire broke");
    expect_ack(COMMAND_CANCEL, TURRET_ENOTSUP, TURRET_OUTCOME_REJECTED, "not sent: the wire broke");
    expect_ack(COMMAND_CANCEL, TURRET_EIO, TURRET_OUTCOME_UNKNOWN, "not sent: the wire broke");
    type.submit = NULL;
    text = NULL;
    expect_ack(COMMAND_SUBMIT, 0, TURRET_OUTCOME_REJECTED, "not sent: the adapter cannot do this");
}

static void what_passes_is_kept_back(void **state)
{
    static const int32_t passing[] = {TURRET_ELIMIT, TURRET_EIO, TURRET_ESTATE, TURRET_EBUSY,
                                      TURRET_ENOMEM};
    struct event event;
    size_t i;
    (void)state;
    for (i = 0; i < sizeof passing / sizeof *passing; i++) {
        assert_true(answered(COMMAND_SUBMIT, passing[i], &event));
        assert_int_equal(event.type, EVENT_CONTROL);
        assert_int_equal(event.u.control.kind, CONTROL_KEPT_BACK);
        assert_int_equal(event.u.control.target, DENY_NOT_SENT);
        assert_string_equal(event.u.control.text, "not sent: the wire broke");
    }
}

static void what_was_taken_is_answered_by_the_adapter(void **state)
{
    struct event event;
    (void)state;
    text = NULL;
    assert_false(answered(COMMAND_SUBMIT, TURRET_OK, &event));
    assert_false(answered(COMMAND_QUERY, 1, &event)); /* no answer, no news */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_proves_nothing_is_not_known, set_up),
        cmocka_unit_test_setup(an_error_proves_that_nothing_was_sent, set_up),
        cmocka_unit_test_setup(what_passes_is_kept_back, set_up),
        cmocka_unit_test_setup(what_was_taken_is_answered_by_the_adapter, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
