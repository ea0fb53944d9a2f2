/* SPDX-License-Identifier: Apache-2.0 */
/* State that adapters export into a snapshot and take back. */
#include "session/venues_state.h"

#include <string.h>

struct bytes {
    uint8_t *at;
    size_t used, room;
};

static int64_t stream_write(struct turret_stream *stream, const void *from, uint64_t size_bytes)
{
    struct bytes *to = stream->context;
    if (size_bytes > to->room - to->used)
        return TURRET_EFULL;
    memcpy(to->at + to->used, from, (size_t)size_bytes);
    to->used += (size_t)size_bytes;
    return (int64_t)size_bytes;
}

static int64_t stream_read(struct turret_stream *stream, void *to, uint64_t size_bytes)
{
    struct bytes *from = stream->context;
    size_t left = from->room - from->used;
    size_t size = size_bytes < left ? (size_t)size_bytes : left;
    memcpy(to, from->at + from->used, size);
    from->used += size;
    return (int64_t)size;
}

size_t venues_export(struct venues *venues, uint32_t venue, void *to, size_t room)
{
    struct venue_link *link = &venues->links[venue];
    struct bytes bytes = {to, 0, room};
    struct turret_stream stream = {(uint32_t)sizeof stream, link->type->state_schema, &bytes, NULL,
                                   stream_write};
    if (!(link->caps.can & TURRET_CAN_EXPORT) || !link->type->export_state ||
        link->type->export_state(&link->handle, &stream, NULL))
        return 0;
    return bytes.used;
}

int venues_import(struct venues *venues, uint32_t venue, const void *from, size_t size_bytes,
                  struct turret_error *err)
{
    struct venue_link *link = &venues->links[venue];
    struct bytes bytes = {(uint8_t *)(uintptr_t)from, 0, size_bytes};
    struct turret_stream stream = {(uint32_t)sizeof stream, link->type->state_schema, &bytes,
                                   stream_read, NULL};
    if (!(link->caps.can & TURRET_CAN_EXPORT) || !link->type->import_state)
        return TURRET_OK;
    return link->type->import_state(&link->handle, &stream, err);
}
