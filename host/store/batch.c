/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch is one flat piece of memory: what is to be written, one after the other in the order it
 * was added. The core fills it without touching LMDB; commit.c carries it out.
 */
#include "store/internal.h"

#include <stdlib.h>
#include <string.h>

struct store_batch {
    size_t capacity_bytes, used_bytes;
    uint64_t last_sequence;
    unsigned char *memory; /* directly behind this struct, aligned to 8 */
};

_Static_assert(sizeof(struct batch_op) == 32, "with padding below the 64 bytes promised");
_Static_assert(sizeof(struct store_batch) % 8 == 0, "what follows is aligned");

int store_batch_create(struct store_batch **out, size_t capacity_bytes, struct turret_error *err)
{
    struct store_batch *batch = NULL;
    if (capacity_bytes <= UINT32_MAX)
        batch = malloc(sizeof *batch + capacity_bytes);
    *out = batch;
    if (!batch)
        return turret_fail(err, TURRET_ENOMEM, "no memory for a batch of %zu bytes",
                           capacity_bytes);
    memset(batch, 0, sizeof *batch);
    batch->capacity_bytes = capacity_bytes;
    batch->memory = (unsigned char *)(batch + 1);
    return TURRET_OK;
}

void store_batch_destroy(struct store_batch *batch)
{
    free(batch);
}

void store_batch_clear(struct store_batch *batch)
{
    batch->used_bytes = 0;
    batch->last_sequence = 0;
}

bool store_batch_empty(const struct store_batch *batch)
{
    return batch->used_bytes == 0;
}

size_t store_batch_room(const struct store_batch *batch)
{
    return batch->capacity_bytes - batch->used_bytes;
}

uint64_t store_batch_last_sequence(const struct store_batch *batch)
{
    return batch->last_sequence;
}

const struct batch_op *batch_next(const struct store_batch *batch, const struct batch_op *op)
{
    size_t at = 0;
    if (op)
        at = (size_t)((const unsigned char *)op - batch->memory) + op->span_bytes;
    return at < batch->used_bytes ? (const struct batch_op *)(const void *)(batch->memory + at)
                                  : NULL;
}

/* Inline: the op's fields then go to their place one by one, and not by way of the stack. */
static inline __attribute__((always_inline)) int add(struct store_batch *batch, struct batch_op op,
                                                     const void *key, const void *value)
{
    size_t size = sizeof op + op.key_bytes + op.value_bytes;
    unsigned char *to = batch->memory + batch->used_bytes;
    size_t room = store_batch_room(batch);
    size_t span = (size + 7) & ~(size_t)7;
    if (span > room)
        return TURRET_EFULL;
    op.span_bytes = (uint32_t)span;
    *(struct batch_op *)(void *)to = op;
    if (op.key_bytes > 0)
        memcpy(to + sizeof op, key, op.key_bytes);
    if (op.value_bytes > 0)
        memcpy(to + sizeof op + op.key_bytes, value, op.value_bytes);
    batch->used_bytes += span;
    return TURRET_OK;
}

static bool key_fits(enum store_table table, const void *key, size_t key_bytes)
{
    size_t own = sizeof STORE_OWN_PREFIX - 1;
    if (table >= STORE_ROW_TABLES || key_bytes == 0 || key_bytes > STORE_KEY_MAX)
        return false;
    if (table == STORE_AUDIT)
        return false; /* by store_batch_audit() */
    return table != STORE_META || key_bytes < own || memcmp(key, STORE_OWN_PREFIX, own) != 0;
}

int store_batch_put(struct store_batch *batch, enum store_table table, const void *key,
                    size_t key_bytes, uint16_t version, const void *value, size_t value_bytes)
{
    struct batch_op op = {.kind = BATCH_PUT, .table = (uint16_t)table, .version = version};
    if (!key_fits(table, key, key_bytes))
        return TURRET_EINVAL;
    if (value_bytes > store_batch_room(batch))
        return TURRET_EFULL;
    op.key_bytes = (uint16_t)key_bytes;
    op.value_bytes = (uint32_t)value_bytes;
    return add(batch, op, key, value);
}

int store_batch_delete(struct store_batch *batch, enum store_table table, const void *key,
                       size_t key_bytes)
{
    struct batch_op op = {.kind = BATCH_DELETE, .table = (uint16_t)table};
    if (!key_fits(table, key, key_bytes))
        return TURRET_EINVAL;
    op.key_bytes = (uint16_t)key_bytes;
    return add(batch, op, key, NULL);
}

int store_batch_record(struct store_batch *batch, const struct store_record *record)
{
    struct batch_op op = {.kind = BATCH_RECORD,
                          .table = record->type,
                          .version = record->version,
                          .value_bytes = record->size_bytes,
                          .sequence = record->sequence,
                          .time = record->time};
    int code = add(batch, op, NULL, record->payload);
    if (code == TURRET_OK)
        batch->last_sequence = record->sequence;
    return code;
}

int store_batch_audit(struct store_batch *batch, const struct audit_record *record)
{
    struct batch_op op = {.kind = BATCH_AUDIT,
                          .table = record->kind,
                          .value_bytes = record->text_bytes,
                          .sequence = record->sequence,
                          .time = record->time};
    if (record->text_bytes > AUDIT_TEXT_MAX || record->kind == AUDIT_KIND_HEAD)
        return TURRET_EINVAL;
    return add(batch, op, NULL, record->text);
}

int store_batch_head(struct store_batch *batch, turret_time_ns time)
{
    struct batch_op op = {.kind = BATCH_HEAD, .time = time};
    return add(batch, op, NULL, NULL);
}

int store_batch_append(struct store_batch *batch, const struct store_batch *from)
{
    if (from->used_bytes > store_batch_room(batch))
        return TURRET_EFULL;
    memcpy(batch->memory + batch->used_bytes, from->memory, from->used_bytes);
    batch->used_bytes += from->used_bytes;
    if (from->last_sequence > batch->last_sequence)
        batch->last_sequence = from->last_sequence;
    return TURRET_OK;
}
