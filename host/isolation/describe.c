/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts are a length and bytes, tables a count and rows. Reading never goes beyond the bytes, and
 * what it makes lies in one block that is larger than anything they can describe.
 */
#include "isolation/describe.h"
#include "plugin/tables.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 4096

struct writer {
    unsigned char *at, *end;
    bool full;
};

struct reader {
    const unsigned char *at, *end;
    unsigned char *free, *free_end;
    bool bad;
};

size_t describe_callbacks(uint32_t kind, uint32_t *count)
{
    static const struct {
        uint32_t kind;
        size_t first, size;
    } kinds[] = {
        {TURRET_KIND_INDICATOR, offsetof(struct turret_indicator_type, state_size),
         offsetof(struct turret_indicator_type, handover)},
        {TURRET_KIND_STRATEGY, offsetof(struct turret_strategy_type, on_start),
         offsetof(struct turret_strategy_type, converts)},
        {TURRET_KIND_BROKER, offsetof(struct turret_broker_type, describe),
         sizeof(struct turret_broker_type)},
    };
    size_t i = 0;
    while (i < 2 && kinds[i].kind != kind)
        i++;
    *count = (uint32_t)((kinds[i].size - kinds[i].first) / sizeof(void (*)(void)));
    return kinds[i].first;
}

/* ---- telling ---- */

static void put(struct writer *to, const void *from, size_t size)
{
    if ((size_t)(to->end - to->at) < size) {
        to->full = true;
        return;
    }
    memcpy(to->at, from, size);
    to->at += size;
}

static void put_number(struct writer *to, uint32_t number)
{
    put(to, &number, sizeof number);
}

static void put_text(struct writer *to, const char *text)
{
    uint32_t length = text ? (uint32_t)strnlen(text, TEXT_MAX) : 0;
    put_number(to, length);
    put(to, text ? text : "", length);
}

static void put_params(struct writer *to, const struct turret_param *params, uint32_t count)
{
    put_number(to, count);
    for (uint32_t i = 0; i < count; i++) {
        const double numbers[3] = {params[i].min, params[i].max, params[i].step};
        put_number(to, params[i].id);
        put_number(to, params[i].type);
        put(to, numbers, sizeof numbers);
        put_text(to, params[i].name);
        put_text(to, params[i].default_text);
        put_text(to, params[i].unit);
        put_text(to, params[i].help);
    }
}

static void put_fields(struct writer *to, const struct turret_strategy_type *type)
{
    put_number(to, type->field_count);
    for (uint32_t i = 0; i < type->field_count; i++) {
        const uint32_t numbers[4] = {type->fields[i].id, type->fields[i].type,
                                     type->fields[i].offset, type->fields[i].count};
        put(to, numbers, sizeof numbers);
        put(to, &type->fields[i].initial, sizeof type->fields[i].initial);
        put_text(to, type->fields[i].name);
        put_text(to, type->fields[i].help);
    }
}

static void put_converts(struct writer *to, const struct turret_strategy_type *type)
{
    put_number(to, type->convert_count);
    for (uint32_t i = 0; i < type->convert_count; i++) {
        put_number(to, type->converts[i].from_schema);
        put_number(to, type->converts[i].to_schema);
    }
}

static uint32_t mask_of(const struct plugin_offer *offer)
{
    uint32_t count, mask = 0;
    size_t first = describe_callbacks(offer->kind, &count);
    const char *type = offer->kind == TURRET_KIND_INDICATOR  ? (const char *)&offer->indicator
                       : offer->kind == TURRET_KIND_STRATEGY ? (const char *)&offer->strategy
                                                             : (const char *)&offer->broker;
    for (uint32_t i = 0; i < count; i++) {
        void (*callback)(void) = NULL;
        memcpy(&callback, type + first + i * sizeof callback, sizeof callback);
        mask |= callback ? 1u << i : 0;
    }
    if (offer->kind == TURRET_KIND_STRATEGY && offer->strategy.on_check)
        mask |= DESCRIBE_CHECKS;
    return mask;
}

static void put_offer(struct writer *to, const struct plugin_offer *offer)
{
    uint32_t count;
    const struct turret_param *params = plugin_offer_params(offer, &count);
    put_number(to, offer->kind);
    put_number(to, mask_of(offer));
    put_text(to, plugin_offer_id(offer));
    put_text(to, plugin_offer_version(offer));
    put_text(to, plugin_offer_summary(offer));
    put_params(to, params, count);
    if (offer->kind == TURRET_KIND_INDICATOR) {
        put_number(to, offer->indicator.state_schema);
        put_number(to, offer->indicator.handover);
        put_number(to, offer->indicator.output_count);
        for (uint32_t i = 0; i < offer->indicator.output_count; i++)
            put_text(to, offer->indicator.output_names[i]);
    } else if (offer->kind == TURRET_KIND_STRATEGY) {
        put_number(to, offer->strategy.state_schema);
        put_number(to, offer->strategy.state_size);
        put_fields(to, &offer->strategy);
        put_converts(to, &offer->strategy);
    } else {
        put_number(to, offer->broker.state_schema);
        put_number(to, offer->broker.state_size);
    }
}

uint32_t describe_pack(const struct plugin *plugin, unsigned char *to, uint32_t room)
{
    struct writer writer = {to, to + room, false};
    put_number(&writer, plugin->offer_count);
    for (uint32_t i = 0; i < plugin->offer_count; i++)
        put_offer(&writer, &plugin->offers[i]);
    return writer.full ? 0 : (uint32_t)(writer.at - to);
}

/* ---- believing nothing ---- */

static void take(struct reader *from, void *to, size_t size)
{
    memset(to, 0, size);
    if (from->bad || (size_t)(from->end - from->at) < size) {
        from->bad = true;
        return;
    }
    memcpy(to, from->at, size);
    from->at += size;
}

static uint32_t take_number(struct reader *from)
{
    uint32_t number;
    take(from, &number, sizeof number);
    return number;
}

/* A count of at most `most`; 0 when it is not. */
static uint32_t take_count(struct reader *from, uint32_t most)
{
    uint32_t count = take_number(from);
    if (count > most)
        from->bad = true;
    return from->bad ? 0 : count;
}

static void *reserve(struct reader *from, size_t size)
{
    unsigned char *at = from->free;
    size = (size + 15) & ~(size_t)15;
    if ((size_t)(from->free_end - from->free) < size) {
        from->bad = true;
        return NULL;
    }
    from->free += size;
    return at;
}

static const char *take_text(struct reader *from)
{
    uint32_t length = take_count(from, TEXT_MAX);
    char *text = reserve(from, length + 1u);
    if (!text)
        return "";
    take(from, text, length);
    text[length] = '\0';
    return text;
}

static const struct turret_param *take_params(struct reader *from, uint32_t *count)
{
    struct turret_param *params;
    *count = take_count(from, TABLES_ROWS_MAX);
    params = reserve(from, *count * sizeof *params);
    if (!params)
        *count = 0;
    for (uint32_t i = 0; i < *count; i++) {
        double numbers[3];
        params[i].id = take_number(from);
        params[i].type = take_number(from);
        take(from, numbers, sizeof numbers);
        params[i].min = numbers[0];
        params[i].max = numbers[1];
        params[i].step = numbers[2];
        params[i].name = take_text(from);
        params[i].default_text = take_text(from);
        params[i].unit = take_text(from);
        params[i].help = take_text(from);
    }
    return params;
}

static const struct turret_field *take_fields(struct reader *from, uint32_t *count)
{
    struct turret_field *fields;
    *count = take_count(from, TABLES_ROWS_MAX);
    fields = reserve(from, *count * sizeof *fields);
    if (!fields)
        *count = 0;
    for (uint32_t i = 0; i < *count; i++) {
        uint32_t numbers[4];
        take(from, numbers, sizeof numbers);
        fields[i].id = numbers[0];
        fields[i].type = numbers[1];
        fields[i].offset = numbers[2];
        fields[i].count = numbers[3];
        take(from, &fields[i].initial, sizeof fields[i].initial);
        fields[i].name = take_text(from);
        fields[i].help = take_text(from);
    }
    return fields;
}

static const struct turret_convert *take_converts(struct reader *from, uint32_t *count)
{
    struct turret_convert *converts;
    *count = take_count(from, TABLES_ROWS_MAX);
    converts = reserve(from, *count * sizeof *converts);
    if (!converts)
        *count = 0;
    for (uint32_t i = 0; i < *count; i++) {
        converts[i].from_schema = take_number(from);
        converts[i].to_schema = take_number(from);
    }
    return converts;
}

static const char *const *take_outputs(struct reader *from, uint32_t *count)
{
    const char **names;
    *count = take_count(from, TURRET_OUTPUTS_MAX);
    names = reserve(from, TURRET_OUTPUTS_MAX * sizeof *names);
    for (uint32_t i = 0; names && i < *count; i++)
        names[i] = take_text(from);
    return names;
}

static void take_offer(struct reader *from, struct described *offer)
{
    const char *id, *version, *summary;
    const struct turret_param *params;
    uint32_t param_count;
    offer->kind = take_number(from);
    offer->callbacks = take_number(from);
    id = take_text(from);
    version = take_text(from);
    summary = take_text(from);
    params = take_params(from, &param_count);
    if (offer->kind == TURRET_KIND_INDICATOR) {
        offer->indicator = (struct turret_indicator_type){
            .struct_size = (uint32_t)sizeof offer->indicator,
            .id = id,
            .version = version,
            .summary = summary,
            .params = params,
            .param_count = param_count,
            .state_schema = take_number(from),
        };
        offer->indicator.handover = take_number(from);
        offer->indicator.output_names = take_outputs(from, &offer->indicator.output_count);
    } else if (offer->kind == TURRET_KIND_STRATEGY) {
        offer->strategy = (struct turret_strategy_type){
            .struct_size = (uint32_t)sizeof offer->strategy,
            .id = id,
            .version = version,
            .summary = summary,
            .params = params,
            .param_count = param_count,
            .state_schema = take_number(from),
        };
        offer->strategy.state_size = take_number(from);
        offer->strategy.fields = take_fields(from, &offer->strategy.field_count);
        offer->strategy.converts = take_converts(from, &offer->strategy.convert_count);
    } else if (offer->kind == TURRET_KIND_BROKER) {
        offer->broker = (struct turret_broker_type){
            .struct_size = (uint32_t)sizeof offer->broker,
            .id = id,
            .version = version,
            .summary = summary,
            .params = params,
            .param_count = param_count,
            .state_schema = take_number(from),
        };
        offer->broker.state_size = take_number(from);
    } else {
        from->bad = true;
    }
}

int describe_unpack(const unsigned char *bytes, uint32_t size_bytes, struct description *out,
                    struct turret_error *err)
{
    size_t room = (size_t)size_bytes * 8 + 65536;
    struct reader reader = {.at = bytes, .end = bytes + size_bytes};
    memset(out, 0, sizeof *out);
    out->memory = calloc(1, room);
    if (!out->memory)
        return turret_fail(err, TURRET_ENOMEM, "no memory for what a plugin offers");
    reader.free = out->memory;
    reader.free_end = out->memory + room;
    out->count = take_count(&reader, PLUGIN_OFFERS_MAX);
    for (uint32_t i = 0; i < out->count && !reader.bad; i++)
        take_offer(&reader, &out->offers[i]);
    if (!reader.bad && reader.at == reader.end && out->count > 0)
        return TURRET_OK;
    describe_finish(out);
    return turret_fail(err, TURRET_ECORRUPT, "the runner's description of the plugin is malformed");
}

void describe_finish(struct description *description)
{
    free(description->memory);
    description->memory = NULL;
    description->count = 0;
}
