/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A block: a header and six columns of 64-bit numbers (time, open, high, low, close, volume), so
 * laid out that they are used where they lie. LMDB puts a value of more than half a page on pages
 * of its own behind a header of 16 bytes, which keeps the columns aligned.
 */
#include "store/internal.h"

#include "store/crc32c.h"

#include <string.h>

#define VERSION 1
#define SIGN    ((uint64_t)1 << 63) /* turned, so that times before 1970 sort first */

void block_key(unsigned char key[BLOCK_KEY_BYTES], uint32_t series_id, turret_time_ns first)
{
    uint32_t id = __builtin_bswap32(series_id);
    memcpy(key, &id, sizeof id);
    rows_store_be64(key + sizeof id, (uint64_t)first ^ SIGN);
}

uint32_t block_key_series(const MDB_val *key)
{
    uint32_t id = 0;
    if (key->mv_size == BLOCK_KEY_BYTES)
        memcpy(&id, key->mv_data, sizeof id);
    return __builtin_bswap32(id); /* 0 is no series */
}

turret_time_ns block_key_first(const MDB_val *key)
{
    return (turret_time_ns)(rows_load_be64((const unsigned char *)key->mv_data + 4) ^ SIGN);
}

static uint32_t checksum(const struct block_header *header, const void *columns)
{
    struct block_header blank = *header;
    uint32_t crc;
    blank.crc = 0;
    crc = crc32c_update(0, &blank, sizeof blank);
    return crc32c_update(crc, columns, BLOCK_BYTES(header->count) - sizeof *header);
}

void block_write(void *to, const struct series *series, const struct block_columns *columns,
                 size_t from, uint32_t count)
{
    struct block_header header = {.version = VERSION,
                                  .header_bytes = sizeof header,
                                  .count = count,
                                  .series_id = series->id,
                                  .price_scale = series->shown.price_scale,
                                  .qty_scale = series->shown.qty_scale,
                                  .timeframe_ns = series->shown.timeframe_ns,
                                  .first = columns->column[0][from],
                                  .last = columns->column[0][from + count - 1]};
    unsigned char *at = (unsigned char *)to + sizeof header;
    for (unsigned i = 0; i < BLOCK_COLUMNS; i++)
        memcpy(at + (size_t)i * count * 8, columns->column[i] + from, (size_t)count * 8);
    header.crc = checksum(&header, at);
    memcpy(to, &header, sizeof header);
}

const char *block_check_header(const MDB_val *key, const MDB_val *value)
{
    struct block_header header;
    if (key->mv_size != BLOCK_KEY_BYTES)
        return "has a key of wrong length";
    if (value->mv_size < sizeof header)
        return "is too short";
    memcpy(&header, value->mv_data, sizeof header);
    if (header.version != VERSION || header.header_bytes != sizeof header)
        return "is of an unknown version";
    if (header.count == 0 || header.count > BLOCK_BARS ||
        value->mv_size != BLOCK_BYTES(header.count))
        return "has another length than it says";
    if (header.series_id != block_key_series(key) || header.first != block_key_first(key))
        return "does not belong to its key";
    return NULL;
}

const char *block_check(const MDB_val *key, const MDB_val *value)
{
    struct block_header header;
    const char *wrong = block_check_header(key, value);
    if (wrong)
        return wrong;
    memcpy(&header, value->mv_data, sizeof header);
    if (header.crc != checksum(&header, (const unsigned char *)value->mv_data + sizeof header))
        return "has a wrong checksum";
    return NULL;
}

void block_lend(const void *block, struct store_bars *bars)
{
    const struct block_header *header = block;
    const int64_t *column = (const int64_t *)(const void *)(header + 1);
    bars->count = header->count;
    bars->time = column;
    bars->open = column + (size_t)header->count;
    bars->high = column + (size_t)header->count * 2;
    bars->low = column + (size_t)header->count * 3;
    bars->close = column + (size_t)header->count * 4;
    bars->volume = column + (size_t)header->count * 5;
}

uint32_t block_find(const struct store_bars *bars, turret_time_ns time)
{
    uint32_t low = 0, high = bars->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (bars->time[middle] < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int block_fail(const struct store *store, const MDB_val *key, const char *wrong,
               struct turret_error *err)
{
    bool known = key->mv_size == BLOCK_KEY_BYTES;
    return turret_fail(err, TURRET_ECORRUPT,
                       "store %s: block of bars of series number %u from time %lld %s; import "
                       "these bars into a new store, or restore the directory from a backup",
                       store->path, block_key_series(key),
                       known ? (long long)block_key_first(key) : 0LL, wrong);
}
