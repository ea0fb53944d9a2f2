/* SPDX-License-Identifier: Apache-2.0 */
/* A converter in its runner: each value it reads or sets is a question. */
#include "runner/serve.h"

static int32_t ask(const struct turret_saved *saved, struct wire_saved *body)
{
    const struct wire_head head = {.kind = WIRE_ASK_SAVED, .size = sizeof *body};
    struct wire_head reply;
    body->of_new = saved->context != NULL;
    memcpy(serve.wire->answers.body, body, sizeof *body);
    serve_ask(&head, &reply);
    memcpy(body, serve.wire->reply, sizeof *body);
    return reply.status;
}

static int32_t get_int(const struct turret_saved *saved, uint32_t field, uint32_t index,
                       int64_t *value)
{
    struct wire_saved body = {.field = field, .index = index};
    int32_t status = ask(saved, &body);
    if (status == TURRET_OK)
        *value = body.i;
    return status;
}

static int32_t get_real(const struct turret_saved *saved, uint32_t field, uint32_t index,
                        double *value)
{
    struct wire_saved body = {.field = field, .index = index, .real = 1};
    int32_t status = ask(saved, &body);
    if (status == TURRET_OK)
        *value = body.f;
    return status;
}

static int32_t set_int(struct turret_saved *saved, uint32_t field, uint32_t index, int64_t value)
{
    struct wire_saved body = {.field = field, .index = index, .set = 1, .i = value};
    return ask(saved, &body);
}

static int32_t set_real(struct turret_saved *saved, uint32_t field, uint32_t index, double value)
{
    struct wire_saved body = {.field = field, .index = index, .set = 1, .real = 1, .f = value};
    return ask(saved, &body);
}

void serve_convert(const struct wire_head *call, struct wire_head *done)
{
    static char new_one; /* the context of what is set */
    const struct turret_strategy_type *type = &serve.offer->strategy;
    struct turret_saved saved = {
        (uint32_t)sizeof saved, (uint32_t)call->a, NULL, get_int, get_real, set_int, set_real};
    struct turret_saved fresh = saved;
    struct turret_error why = {0};
    uint32_t i = 0;
    int status;
    fresh.schema = (uint32_t)call->b;
    fresh.context = &new_one;
    while (i < type->convert_count && (type->converts[i].from_schema != saved.schema ||
                                       type->converts[i].to_schema != fresh.schema))
        i++;
    status = i < type->convert_count ? type->converts[i].convert(&saved, &fresh, &why)
                                     : TURRET_ENOTFOUND;
    if (status || why.code)
        serve_refuse(&why, status, done);
}
