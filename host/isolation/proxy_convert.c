/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A converter between schemas whose code runs in a runner of its own, which ends with it. What it
 * reads and sets it asks for: the fields themselves never leave the host.
 */
#include "core/saved_state.h"
#include "isolation/isolated.h"
#include "isolation/program.h"

struct conversion {
    struct runner *runner;
    const struct turret_saved *from;
    struct turret_saved *to;
};

static void answer(void *context, const struct wire_head *ask, struct wire_head *reply)
{
    struct conversion *conversion = context;
    struct turret_saved *to = conversion->to;
    const struct turret_saved *saved;
    struct wire_saved body;
    if (ask->kind != WIRE_ASK_SAVED || ask->size != sizeof body) {
        runner_breach(conversion->runner, "a question that no converter asks");
        return;
    }
    wire_take(&body, runner_wire(conversion->runner)->answers.body, sizeof body);
    saved = body.of_new ? to : conversion->from;
    if (body.set && !body.of_new)
        reply->status = TURRET_EINVAL;
    else if (body.set)
        reply->status = body.real ? to->set_real(to, body.field, body.index, body.f)
                                  : to->set_int(to, body.field, body.index, body.i);
    else
        reply->status = body.real ? saved->get_real(saved, body.field, body.index, &body.f)
                                  : saved->get_int(saved, body.field, body.index, &body.i);
    reply->size = (uint32_t)sizeof body;
    memcpy(runner_wire(conversion->runner)->reply, &body, sizeof body);
}

/* What the call came to, as the converter's own answer. */
static int outcome(const struct conversion *conversion, const struct wire_head *done,
                   struct turret_error *err)
{
    struct turret_error why;
    if (done->kind == WIRE_DONE)
        return done->status;
    memset(&why, 0, sizeof why);
    if (done->size == sizeof why)
        wire_take(&why, runner_wire(conversion->runner)->answers.body, sizeof why);
    program_clean_text(why.text, sizeof why.text);
    return turret_fail(err, done->status < 0 ? done->status : TURRET_EFAULT, "%s",
                       why.text[0] ? why.text : "it gave no reason");
}

int32_t proxy_convert(const struct turret_saved *from, struct turret_saved *to,
                      struct turret_error *err)
{
    const struct turret_strategy_type *type = saved_state_converter(to);
    struct conversion conversion = {NULL, from, to};
    const struct wire_head call = {.kind = WIRE_CONVERT, .a = from->schema, .b = to->schema};
    struct wire_head done;
    int status = isolated_start(isolated_origin(type->id), &conversion.runner, err);
    if (status)
        return status;
    if (runner_call(conversion.runner, &call, answer, &conversion, &done))
        status = turret_fail(err, TURRET_EFAULT, "its runner was lost: %s",
                             runner_why(conversion.runner));
    else
        status = outcome(&conversion, &done, err);
    runner_stop(conversion.runner);
    return status;
}
