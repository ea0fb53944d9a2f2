/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row a kind says where its common members and required callbacks lie, so that all kinds go
 * through the same checks.
 */
#include "plugin/offers.h"
#include "plugin/abi.h"
#include "plugin/refuse.h"
#include "plugin/tables.h"

#include <string.h>

#define STATE_SIZE_MAX (16u << 20)
#define REQUIRED_MAX   4

/* The members that every kind's type begins with or has, by value. */
struct common {
    const char *id, *version, *summary;
    const struct turret_param *params;
    uint32_t param_count;
};

/* A kind: how much of its type the first revision required, and which callbacks. */
struct kind {
    uint32_t kind, size_bytes, first_size_bytes;
    const char *name;
    struct {
        const char *name;
        size_t offset;
    } required[REQUIRED_MAX];
};

#define CALLBACK(type, member)                                                                     \
    {                                                                                              \
#member, offsetof(struct type, member)                                                     \
    }

/* The first revision's size ends after the last callback that it required. */
static const struct kind kinds[] = {
    {TURRET_KIND_INDICATOR,
     sizeof(struct turret_indicator_type),
     offsetof(struct turret_indicator_type, update_block),
     "indicator",
     {CALLBACK(turret_indicator_type, state_size), CALLBACK(turret_indicator_type, start),
      CALLBACK(turret_indicator_type, lookback), CALLBACK(turret_indicator_type, update)}},
    {TURRET_KIND_STRATEGY,
     sizeof(struct turret_strategy_type),
     offsetof(struct turret_strategy_type, on_stop),
     "strategy",
     {CALLBACK(turret_strategy_type, on_start)}},
    {TURRET_KIND_BROKER,
     sizeof(struct turret_broker_type),
     offsetof(struct turret_broker_type, on_timer),
     "broker",
     {CALLBACK(turret_broker_type, describe), CALLBACK(turret_broker_type, open),
      CALLBACK(turret_broker_type, connect), CALLBACK(turret_broker_type, close)}},
};

static const struct kind *find_kind(uint32_t kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].kind == kind)
            return &kinds[i];
    return NULL;
}

/* Where the host keeps the copy of this kind's type. */
static void *place(struct plugin_offer *offer)
{
    if (offer->kind == TURRET_KIND_INDICATOR)
        return &offer->indicator;
    return offer->kind == TURRET_KIND_STRATEGY ? (void *)&offer->strategy : (void *)&offer->broker;
}

static struct common common_of(const struct plugin_offer *offer)
{
    struct common common = {.id = plugin_offer_id(offer),
                            .version = plugin_offer_version(offer),
                            .summary = plugin_offer_summary(offer)};
    common.params = plugin_offer_params(offer, &common.param_count);
    return common;
}

/* Kind and pointers of offer `index`; *from is the one pointer. */
static int check_shape(const struct plugin_file *file, const struct turret_offer *offer,
                       uint32_t index, const void **from, struct turret_error *err)
{
    const struct kind *kind = find_kind(offer->kind);
    const struct {
        uint32_t kind;
        const void *type;
    } pointers[] = {{TURRET_KIND_INDICATOR, offer->indicator},
                    {TURRET_KIND_STRATEGY, offer->strategy},
                    {TURRET_KIND_BROKER, offer->broker}};
    if (!kind)
        return refuse_file(err, TURRET_EFAULT, file->path,
                           "offer %u is of kind %u, which is none that this host knows", index,
                           offer->kind);
    if (!(file->note.kinds & kind->kind))
        return refuse_file(err, TURRET_EFAULT, file->path,
                           "offer %u is of kind %s, the note says kinds 0x%x", index, kind->name,
                           file->note.kinds);
    *from = NULL;
    for (size_t i = 0; i < sizeof pointers / sizeof pointers[0]; i++) {
        if (pointers[i].kind == kind->kind)
            *from = pointers[i].type;
        else if (pointers[i].type)
            return refuse_file(err, TURRET_EFAULT, file->path,
                               "offer %u is of kind %s, but points to a type of kind %s too", index,
                               kind->name, find_kind(pointers[i].kind)->name);
    }
    if (!*from)
        return refuse_file(err, TURRET_EFAULT, file->path, "offer %u has no %s type", index,
                           kind->name);
    return TURRET_OK;
}

/* min(their size, ours) bytes into the zeroed place. */
static int copy_type(const struct plugin_file *file, const struct kind *kind, const void *from,
                     struct plugin_offer *to, uint32_t index, struct turret_error *err)
{
    uint32_t struct_size;
    memcpy(&struct_size, from, sizeof struct_size);
    if (struct_size < kind->first_size_bytes)
        return refuse_file(err, TURRET_EVERSION, file->path,
                           "offer %u: %s struct_size %u is below %u; rebuild against this SDK",
                           index, kind->name, struct_size, kind->first_size_bytes);
    memcpy(place(to), from, struct_size < kind->size_bytes ? struct_size : kind->size_bytes);
    return TURRET_OK;
}

static int check_common(const struct plugin_file *file, const struct plugin_offer *offer,
                        uint32_t index, struct turret_error *err)
{
    const struct kind *kind = find_kind(offer->kind);
    const struct common common = common_of(offer);
    if (!common.id || !abi_is_id(common.id, sizeof file->note.id))
        return refuse_file(err, TURRET_EFAULT, file->path,
                           "offer %u: id '%.60s' is not 1 to %zu of [a-z0-9._-]", index,
                           common.id ? common.id : "NULL", sizeof file->note.id - 1);
    if (!common.version || !abi_is_text(common.version, sizeof file->note.version))
        return refuse_file(err, TURRET_EFAULT, file->path,
                           "%s: version '%.60s' is not 1 to %zu printable characters", common.id,
                           common.version ? common.version : "NULL", sizeof file->note.version - 1);
    if (!common.summary)
        return refuse_file(err, TURRET_EFAULT, file->path, "%s: summary is NULL", common.id);
    for (size_t i = 0; i < REQUIRED_MAX && kind->required[i].name; i++) {
        void (*callback)(void) = NULL;
        memcpy(&callback,
               (const char *)place((struct plugin_offer *)offer) + kind->required[i].offset,
               sizeof callback);
        if (!callback)
            return refuse_file(err, TURRET_EFAULT, file->path, "%s: missing required callback %s",
                               common.id, kind->required[i].name);
    }
    return TURRET_OK;
}

static int check_state_size(const struct tables_origin *origin, uint32_t size_bytes,
                            struct turret_error *err)
{
    if (size_bytes <= STATE_SIZE_MAX)
        return TURRET_OK;
    return refuse_file(err, TURRET_ELIMIT, origin->path,
                       "%s: state_size %u is above %u bytes (16 MiB)", origin->offer, size_bytes,
                       STATE_SIZE_MAX);
}

static int check_indicator(const struct tables_origin *origin,
                           const struct turret_indicator_type *type, struct turret_error *err)
{
    if (type->output_count < 1 || type->output_count > TURRET_OUTPUTS_MAX)
        return refuse_file(err, TURRET_EFAULT, origin->path, "%s: output_count %u is not 1 to %d",
                           origin->offer, type->output_count, TURRET_OUTPUTS_MAX);
    if (type->handover > TURRET_HANDOVER_RECOMPUTE)
        return refuse_file(err, TURRET_EFAULT, origin->path, "%s: handover %u is not known",
                           origin->offer, type->handover);
    for (uint32_t i = 0; i < type->output_count; i++)
        if (!type->output_names || !type->output_names[i] || type->output_names[i][0] == '\0')
            return refuse_file(err, TURRET_EFAULT, origin->path, "%s: output %u has no name",
                               origin->offer, i);
    return TURRET_OK;
}

static int check_strategy(const struct tables_origin *origin,
                          const struct turret_strategy_type *type, struct turret_error *err)
{
    if (!type->save != !type->load)
        return refuse_file(err, TURRET_EFAULT, origin->path,
                           "%s: missing required callback %s: save and load come together",
                           origin->offer, type->save ? "load" : "save");
    int status = check_state_size(origin, type->state_size, err);
    if (status)
        return status;
    status = tables_check_fields(origin, type->fields, type->field_count, type->state_size, err);
    return status ? status
                  : tables_check_converts(origin, type->converts, type->convert_count,
                                          type->state_schema, err);
}

static int read_offer(const struct plugin_file *file, const struct turret_offer *from,
                      uint32_t index, struct plugin_offer *to, struct turret_error *err)
{
    const void *type = NULL;
    int status = check_shape(file, from, index, &type, err);
    if (status)
        return status;
    to->kind = from->kind;
    status = copy_type(file, find_kind(from->kind), type, to, index, err);
    if (!status)
        status = check_common(file, to, index, err);
    if (status)
        return status;
    const struct common common = common_of(to);
    const struct tables_origin origin = {file->path, common.id};
    if (to->kind == TURRET_KIND_INDICATOR)
        status = check_indicator(&origin, &to->indicator, err);
    else if (to->kind == TURRET_KIND_STRATEGY)
        status = check_strategy(&origin, &to->strategy, err);
    else
        status = check_state_size(&origin, to->broker.state_size, err);
    if (status)
        return status;
    return tables_check_params(&origin, common.params, common.param_count, err);
}

int offers_read(const struct plugin_file *file, const struct turret_entry *entry,
                struct plugin_offer *offers, struct turret_error *err)
{
    uint32_t kinds_seen = 0;
    for (uint32_t i = 0; i < entry->offer_count; i++) {
        int status = read_offer(file, &entry->offers[i], i, &offers[i], err);
        if (status)
            return status;
        kinds_seen |= offers[i].kind;
        for (uint32_t before = 0; before < i; before++)
            if (offers[before].kind == offers[i].kind &&
                strcmp(plugin_offer_id(&offers[before]), plugin_offer_id(&offers[i])) == 0)
                return refuse_file(err, TURRET_EFAULT, file->path, "offers %u and %u are both %s",
                                   before, i, plugin_offer_id(&offers[i]));
    }
    if (kinds_seen != file->note.kinds)
        return refuse_file(err, TURRET_EFAULT, file->path,
                           "the note says kinds 0x%x, but only 0x%x are offered", file->note.kinds,
                           kinds_seen);
    return TURRET_OK;
}
