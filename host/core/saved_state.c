/* SPDX-License-Identifier: Apache-2.0 */
/* The state of an incarnation as bytes, and how one schema becomes another. */
#include "core/saved_state.h"

#include <string.h>

#define FIELDS_MAX 256 /* as the loader allows */

/* The fields of a state: where each lies, in saved bytes or in an incarnation. */
struct field_set {
    struct turret_saved saved;                    /* what a converter holds */
    const struct turret_strategy_type *converter; /* whose it is, while it is called */
    uint32_t count;
    struct field_place {
        uint32_t id, type, count;
        uint8_t *at;
    } of[FIELDS_MAX];
};

int unpack_get(struct unpack *in, void *to, size_t size)
{
    memset(to, 0, size);
    if ((size_t)(in->end - in->at) < size)
        return turret_fail(in->err, TURRET_ECORRUPT, "the saved state ends too early");
    memcpy(to, in->at, size);
    in->at += size;
    return TURRET_OK;
}

static size_t element_size(uint32_t type)
{
    return type == TURRET_FIELD_TYPE_I32 ? sizeof(int32_t) : sizeof(int64_t);
}

size_t saved_field_size(const struct turret_field *field)
{
    return element_size(field->type) * field->count;
}

/* ---- writing ---- */

static int64_t stream_write(struct turret_stream *stream, const void *from, uint64_t size_bytes)
{
    pack_put(stream->context, from, (size_t)size_bytes);
    return (int64_t)size_bytes;
}

int saved_state_put(struct pack *pack, const struct incarnation *from, struct turret_error *err)
{
    const struct turret_strategy_type *type = from->type;
    struct turret_stream stream = {(uint32_t)sizeof stream, type->state_schema, pack, NULL,
                                   stream_write};
    uint32_t head[2] = {type->state_schema, type->field_count}, i;
    size_t length_at;
    uint64_t length = 0;
    int status = TURRET_OK;
    pack_put(pack, head, sizeof head);
    for (i = 0; i < type->field_count; i++) {
        const struct turret_field *field = &type->fields[i];
        uint32_t about[3] = {field->id, field->type, field->count};
        pack_put(pack, about, sizeof about);
        pack_put(pack, (const char *)from->handle.state + field->offset, saved_field_size(field));
    }
    length_at = pack->used;
    pack_put(pack, &length, sizeof length);
    if (!type->save)
        return TURRET_OK;
    status = type->save((struct turret_strategy *)(uintptr_t)&from->handle, &stream, err);
    if (status) {
        pack->used = length_at + sizeof length;
        return turret_fail(err, status, "strategy %s does not save its state", from->owner->name);
    }
    length = pack->used - length_at - sizeof length;
    if (pack->used <= pack->room)
        memcpy(pack->bytes + length_at, &length, sizeof length);
    return TURRET_OK;
}

/* ---- reading ---- */

static int64_t stream_read(struct turret_stream *stream, void *to, uint64_t size_bytes)
{
    struct unpack *in = stream->context;
    size_t left = (size_t)(in->end - in->at);
    size_t size = size_bytes < left ? (size_t)size_bytes : left;
    memcpy(to, in->at, size);
    in->at += size;
    return (int64_t)size;
}

static const struct field_place *find_place(const struct turret_saved *saved, uint32_t id,
                                            uint32_t index)
{
    const struct field_set *set = saved->context;
    uint32_t i;
    for (i = 0; i < set->count; i++)
        if (set->of[i].id == id)
            return index < set->of[i].count ? &set->of[i] : NULL;
    return NULL;
}

static int32_t get_int(const struct turret_saved *saved, uint32_t id, uint32_t index,
                       int64_t *value)
{
    const struct field_place *place = find_place(saved, id, index);
    int32_t narrow;
    if (!place)
        return TURRET_ENOTFOUND;
    if (place->type == TURRET_FIELD_TYPE_F64)
        return TURRET_EINVAL;
    if (place->type == TURRET_FIELD_TYPE_I64) {
        memcpy(value, place->at + index * sizeof *value, sizeof *value);
    } else {
        memcpy(&narrow, place->at + index * sizeof narrow, sizeof narrow);
        *value = narrow;
    }
    return TURRET_OK;
}

static int32_t get_real(const struct turret_saved *saved, uint32_t id, uint32_t index,
                        double *value)
{
    const struct field_place *place = find_place(saved, id, index);
    if (!place)
        return TURRET_ENOTFOUND;
    if (place->type != TURRET_FIELD_TYPE_F64)
        return TURRET_EINVAL;
    memcpy(value, place->at + index * sizeof *value, sizeof *value);
    return TURRET_OK;
}

static int32_t set_int(struct turret_saved *saved, uint32_t id, uint32_t index, int64_t value)
{
    const struct field_place *place = find_place(saved, id, index);
    int32_t narrow = (int32_t)value;
    if (!place)
        return TURRET_ENOTFOUND;
    if (place->type == TURRET_FIELD_TYPE_F64 ||
        (place->type == TURRET_FIELD_TYPE_I32 && narrow != value))
        return TURRET_EINVAL;
    if (place->type == TURRET_FIELD_TYPE_I64)
        memcpy(place->at + index * sizeof value, &value, sizeof value);
    else
        memcpy(place->at + index * sizeof narrow, &narrow, sizeof narrow);
    return TURRET_OK;
}

static int32_t set_real(struct turret_saved *saved, uint32_t id, uint32_t index, double value)
{
    const struct field_place *place = find_place(saved, id, index);
    if (!place)
        return TURRET_ENOTFOUND;
    if (place->type != TURRET_FIELD_TYPE_F64)
        return TURRET_EINVAL;
    memcpy(place->at + index * sizeof value, &value, sizeof value);
    return TURRET_OK;
}

static void set_init(struct field_set *set, uint32_t schema)
{
    set->count = 0;
    set->saved = (struct turret_saved){
        (uint32_t)sizeof set->saved, schema, set, get_int, get_real, set_int, set_real};
}

/* The fields of saved bytes; `in` then stands behind them. */
static int read_fields(struct unpack *in, struct field_set *set)
{
    uint32_t head[2], i;
    int status = unpack_get(in, head, sizeof head);
    if (!status && head[1] > FIELDS_MAX)
        status = turret_fail(in->err, TURRET_ECORRUPT, "the saved state says %u of at most %d",
                             head[1], FIELDS_MAX);
    set_init(set, head[0]);
    for (i = 0; !status && i < head[1]; i++) {
        struct field_place *place = &set->of[i];
        uint32_t about[3];
        size_t size;
        status = unpack_get(in, about, sizeof about);
        if (status)
            break;
        *place = (struct field_place){about[0], about[1], about[2], (uint8_t *)(uintptr_t)in->at};
        size = element_size(place->type);
        if ((size_t)(in->end - in->at) / size < place->count)
            return turret_fail(in->err, TURRET_ECORRUPT, "the saved state ends too early");
        in->at += size * place->count;
        set->count++;
    }
    return status;
}

static void own_fields(struct incarnation *incarnation, struct field_set *set)
{
    const struct turret_strategy_type *type = incarnation->type;
    uint32_t i;
    set_init(set, type->state_schema);
    for (i = 0; i < type->field_count && i < FIELDS_MAX; i++)
        set->of[set->count++] =
            (struct field_place){type->fields[i].id, type->fields[i].type, type->fields[i].count,
                                 (uint8_t *)incarnation->handle.state + type->fields[i].offset};
}

static void widen(const struct field_place *from, const struct field_place *to)
{
    uint32_t i;
    for (i = 0; i < from->count; i++) {
        int32_t narrow;
        int64_t whole;
        double real;
        memcpy(&narrow, from->at + i * sizeof narrow, sizeof narrow);
        whole = narrow;
        real = narrow;
        memcpy(to->at + i * sizeof whole,
               to->type == TURRET_FIELD_TYPE_I64 ? (const void *)&whole : (const void *)&real,
               sizeof whole);
    }
}

/*
 * Every field both have. A narrower type or fewer elements would lose what was saved: a converter
 * may do that (`lossy`), nobody else.
 */
static int copy_fields(const struct field_set *from, struct field_set *to, bool lossy,
                       const struct incarnation *about, struct turret_error *err)
{
    uint32_t f, t;
    for (t = 0; t < to->count; t++) {
        for (f = 0; f < from->count && from->of[f].id != to->of[t].id; f++)
            ;
        if (f == from->count)
            continue;
        if (from->of[f].count > to->of[t].count ||
            (from->of[f].type != to->of[t].type && from->of[f].type != TURRET_FIELD_TYPE_I32)) {
            if (lossy)
                continue;
            return turret_fail(err, TURRET_EVERSION,
                               "strategy %s: field %s was saved as another or larger type; raise "
                               "state_schema and give a converter",
                               about->owner->name, about->type->fields[t].name);
        }
        if (from->of[f].type == to->of[t].type)
            memcpy(to->of[t].at, from->of[f].at,
                   element_size(from->of[f].type) * from->of[f].count);
        else
            widen(&from->of[f], &to->of[t]);
    }
    return TURRET_OK;
}

static const struct turret_convert *find_convert(const struct turret_strategy_type *type,
                                                 uint32_t from, uint32_t to)
{
    uint32_t i;
    for (i = 0; type && i < type->convert_count; i++)
        if (type->converts[i].from_schema == from && type->converts[i].to_schema == to)
            return &type->converts[i];
    return NULL;
}

const struct turret_strategy_type *saved_state_converter(const struct turret_saved *to)
{
    const struct field_set *set = to->context;
    return set->converter;
}

static int take_fields(const struct field_set *from, struct incarnation *to,
                       const struct turret_strategy_type *saved_by, bool has_stream,
                       struct turret_error *err)
{
    const uint32_t own = to->type->state_schema;
    const struct turret_strategy_type *converter = to->type;
    const struct turret_convert *convert = NULL;
    struct turret_error why = {0};
    struct field_set set;
    int status;
    if (from->saved.schema != own && !(has_stream && to->type->load)) {
        convert = find_convert(to->type, from->saved.schema, own);
        if (!convert) {
            converter = saved_by;
            convert = find_convert(saved_by, from->saved.schema, own);
        }
        if (!convert)
            return turret_fail(err, TURRET_EVERSION,
                               "strategy %s: its state has schema %u, build %s of %s reads schema "
                               "%u and no converter leads there",
                               to->owner->name, from->saved.schema, to->type->version, to->type->id,
                               own);
    }
    own_fields(to, &set);
    set.converter = converter;
    status = copy_fields(from, &set, convert != NULL, to, err);
    if (status || !convert)
        return status;
    status = convert->convert(&from->saved, &set.saved, &why);
    if (!status)
        status = why.code;
    return status ? turret_fail(err, status, "strategy %s: converter from schema %u to %u: %s",
                                to->owner->name, from->saved.schema, own,
                                why.text[0] ? why.text : "it gave no reason")
                  : TURRET_OK;
}

static int take_stream(const struct unpack *in, struct incarnation *to, uint32_t schema,
                       uint64_t length, struct turret_error *err)
{
    struct unpack own = {in->at, in->at + length, NULL};
    struct turret_stream stream = {(uint32_t)sizeof stream, schema, &own, stream_read, NULL};
    struct turret_error why = {0};
    int status;
    if (length == 0)
        return TURRET_OK;
    if (!to->type->load)
        return turret_fail(err, TURRET_EVERSION,
                           "strategy %s: %llu bytes of a state of its own shape were saved, build "
                           "%s of %s has no load() for them",
                           to->owner->name, (unsigned long long)length, to->type->version,
                           to->type->id);
    status = to->type->load(&to->handle, &stream, &why);
    return status ? turret_fail(err, status, "strategy %s does not take its saved state: %s",
                                to->owner->name, why.text)
                  : TURRET_OK;
}

int saved_state_take(struct unpack *in, struct incarnation *to,
                     const struct turret_strategy_type *saved_by, struct turret_error *err)
{
    struct field_set set;
    uint64_t length = 0;
    int status = read_fields(in, &set);
    if (!status)
        status = unpack_get(in, &length, sizeof length);
    if (!status && (uint64_t)(in->end - in->at) < length)
        status = turret_fail(in->err, TURRET_ECORRUPT, "the saved state ends too early");
    if (!status && to)
        status = take_fields(&set, to, saved_by, length > 0, err);
    if (!status && to)
        status = take_stream(in, to, set.saved.schema, length, err);
    if (!status)
        in->at += length;
    return status;
}

/* ---- from one to the other ---- */

bool saved_state_alike(const struct turret_strategy_type *a, const struct turret_strategy_type *b)
{
    uint32_t i;
    bool alike = a->state_schema == b->state_schema && a->field_count == b->field_count &&
                 !a->save && !b->save && !a->load && !b->load;
    for (i = 0; alike && i < a->field_count; i++)
        alike = a->fields[i].id == b->fields[i].id && a->fields[i].type == b->fields[i].type &&
                a->fields[i].count == b->fields[i].count;
    return alike;
}

void saved_state_copy(const struct incarnation *from, struct incarnation *to)
{
    uint32_t i;
    for (i = 0; i < from->type->field_count; i++)
        memcpy((char *)to->handle.state + to->type->fields[i].offset,
               (const char *)from->handle.state + from->type->fields[i].offset,
               saved_field_size(&from->type->fields[i]));
}

static int changed(const struct incarnation *incarnation, const struct turret_field *field,
                   struct turret_error *err)
{
    return turret_fail(err, TURRET_EFAULT,
                       "strategy %s: build %s changed its saved field %s while it started",
                       incarnation->owner->name, incarnation->type->version, field->name);
}

int saved_state_same(const struct incarnation *incarnation, const struct incarnation *expected,
                     struct turret_error *err)
{
    uint32_t i;
    for (i = 0; i < incarnation->type->field_count; i++) {
        const struct turret_field *field = &incarnation->type->fields[i];
        if (memcmp((const char *)incarnation->handle.state + field->offset,
                   (const char *)expected->handle.state + expected->type->fields[i].offset,
                   saved_field_size(field)) != 0)
            return changed(incarnation, field, err);
    }
    return TURRET_OK;
}

int saved_state_compare(const struct incarnation *incarnation, const struct unpack *expected,
                        struct turret_error *err)
{
    struct unpack in = *expected;
    struct field_set set;
    uint32_t i, k;
    int status = read_fields(&in, &set);
    for (i = 0; !status && i < incarnation->type->field_count; i++) {
        const struct turret_field *field = &incarnation->type->fields[i];
        const uint8_t *now = (const uint8_t *)incarnation->handle.state + field->offset;
        for (k = 0; k < set.count && set.of[k].id != field->id; k++)
            ;
        if (k < set.count && memcmp(set.of[k].at, now, saved_field_size(field)) != 0)
            status = changed(incarnation, field, err);
    }
    return status;
}
