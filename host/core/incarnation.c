/* SPDX-License-Identifier: Apache-2.0 */
/* One build of a strategy's code at work: made, started, stopped. */
#include "core/shadow.h"

#include <stdlib.h>
#include <string.h>

static void put_initial(void *state, const struct turret_field *field)
{
    char *at = (char *)state + field->offset;
    uint32_t i;
    if (field->initial == 0)
        return; /* zeroed already */
    for (i = 0; i < field->count; i++) {
        int64_t whole = field->type == TURRET_FIELD_TYPE_F64 ? 0 : (int64_t)field->initial;
        int32_t narrow = (int32_t)whole;
        if (field->type == TURRET_FIELD_TYPE_F64)
            memcpy(at + i * sizeof(double), &field->initial, sizeof(double));
        else if (field->type == TURRET_FIELD_TYPE_I64)
            memcpy(at + i * sizeof whole, &whole, sizeof whole);
        else
            memcpy(at + i * sizeof narrow, &narrow, sizeof narrow);
    }
}

void incarnation_touch(struct incarnation *incarnation)
{
    const struct turret_strategy_type *type = incarnation->type;
    uint32_t i;
    memset(incarnation->handle.state, 0, type->state_size);
    memset(incarnation->shadow->said, 0, sizeof incarnation->shadow->said);
    for (i = 0; i < type->field_count; i++)
        put_initial(incarnation->handle.state, &type->fields[i]);
}

struct incarnation *incarnation_create(struct strategy *owner,
                                       const struct turret_strategy_type *type,
                                       const struct turret_param_value *params)
{
    struct incarnation *made = calloc(1, sizeof *made);
    uint32_t i;
    if (!made)
        return NULL;
    made->owner = owner;
    made->type = type;
    made->handle.host = &strategy_host;
    made->handle.state = calloc(1, type->state_size ? type->state_size : 1);
    made->params = calloc(type->param_count ? type->param_count : 1, sizeof *made->params);
    if (!made->handle.state || !made->params) {
        incarnation_destroy(made, 0);
        return NULL;
    }
    if (type->param_count)
        memcpy(made->params, params, type->param_count * sizeof *made->params);
    for (i = 0; i < type->field_count; i++)
        put_initial(made->handle.state, &type->fields[i]);
    return made;
}

void incarnation_destroy(struct incarnation *incarnation, uint32_t reason)
{
    if (!incarnation)
        return;
    shadow_silence(incarnation);
    if (incarnation->started && incarnation->type->on_stop && !incarnation->owner->distrusted)
        incarnation->type->on_stop(&incarnation->handle, reason);
    free(incarnation->handle.state);
    free(incarnation->params);
    free(incarnation->shadow);
    free(incarnation);
}

void incarnation_refresh_ready(struct incarnation *incarnation)
{
    uint32_t i;
    for (i = 0; i < incarnation->use_count && incarnation->uses[i]->slot.ready; i++)
        ;
    incarnation->ready = i == incarnation->use_count;
}

int incarnation_start(struct incarnation *incarnation, uint32_t reason, struct turret_error *err)
{
    struct strategy *owner = incarnation->owner;
    struct engine *engine = owner->engine;
    struct turret_error why = {0};
    struct turret_start start = {
        .struct_size = (uint32_t)sizeof start,
        .reason = reason,
        .params = incarnation->params,
        .instruments = owner->instruments,
        .param_count = incarnation->type->param_count,
        .instrument_count = owner->instrument_count,
        .timeframe_ns = owner->on[0].timeframe_ns,
        .now = engine->now,
    };
    int status;
    incarnation->starting = true;
    status = incarnation->type->on_start(&incarnation->handle, &start, &why);
    if (status == TURRET_OK)
        status = why.code;
    if (status == TURRET_OK)
        status = protection_bind(incarnation, &why);
    incarnation->starting = false;
    incarnation->started = incarnation->started || incarnation->lost; /* there is what to stop */
    if (status)
        return turret_fail(err, status, "strategy %s does not start: %s", owner->name,
                           why.text[0] ? why.text : "it gave no reason");
    incarnation->started = true;
    incarnation_refresh_ready(incarnation);
    engine->any_timers = engine->any_timers || incarnation->type->on_timer;
    return TURRET_OK;
}
