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

int venues_export_link(struct venue_link *link, void *to, size_t room, size_t *size,
                       struct turret_error *err)
{
    int status = TURRET_OK;
    struct bytes bytes = {to, 0, room};
    struct turret_stream stream = {(uint32_t)sizeof stream, link->type->state_schema, &bytes, NULL,
                                   stream_write};
    if ((link->caps.can & TURRET_CAN_EXPORT) && link->type->export_state)
        status = link->type->export_state(&link->handle, &stream, err);
    *size = status ? 0 : bytes.used;
    return status;
}

int venues_import_link(struct venue_link *link, uint32_t schema, const void *from,
                       size_t size_bytes, struct turret_error *err)
{
    struct bytes bytes = {(uint8_t *)(uintptr_t)from, 0, size_bytes};
    struct turret_stream stream = {(uint32_t)sizeof stream, schema, &bytes, stream_read, NULL};
    if (!(link->caps.can & TURRET_CAN_EXPORT) || !link->type->import_state)
        return TURRET_OK;
    return link->type->import_state(&link->handle, &stream, err);
}

int venues_export(struct venues *venues, uint32_t venue, void *to, size_t room, size_t *size,
                  struct turret_error *err)
{
    return venues_export_link(venues->links[venue], to, room, size, err);
}

int venues_import(struct venues *venues, uint32_t venue, const void *from, size_t size_bytes,
                  struct turret_error *err)
{
    struct venue_link *link = venues->links[venue];
    return venues_import_link(link, link->type->state_schema, from, size_bytes, err);
}
