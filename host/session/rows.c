/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the store's tables, with the names of what they are about. */
#include "session/rows.h"

#include <stdlib.h>
#include <string.h>

static void fill_names(struct row_names *names, const struct engine *engine, uint32_t strategy,
                       turret_instrument instrument)
{
    const struct turret_instrument_def *def = engine_instrument(engine, instrument);
    memset(names, 0, sizeof *names);
    if (strategy < engine_strategy_count(engine))
        (void)snprintf(names->strategy, sizeof names->strategy, "%s",
                       engine_strategy_name(engine, strategy));
    if (!def)
        return;
    memcpy(names->symbol, def->symbol, sizeof names->symbol);
    memcpy(names->venue, def->venue, sizeof names->venue);
    memcpy(names->currency, def->currency, sizeof names->currency);
    names->price_scale = def->price_scale;
    names->qty_scale = def->qty_scale;
}

int rows_put_order(struct store_batch *batch, const struct engine *engine,
                   const struct order *order)
{
    struct row_order row;
    uint8_t key[STORE_NUMBER_KEY];
    fill_names(&row.names, engine, order->strategy, order->instrument);
    row.order = *order;
    store_number_key(key, order->id);
    return store_batch_put(batch, STORE_ORDER, key, sizeof key, ROWS_VERSION, &row, sizeof row);
}

static size_t execution_key(char *key, size_t room, const char *venue, const char *execution_id)
{
    return (size_t)snprintf(key, room, "%.15s|%.39s", venue, execution_id);
}

int rows_find_execution(struct store *store, const char *venue, const char *execution_id,
                        struct row_fill *row, struct turret_error *err)
{
    struct row_execution execution;
    size_t size = sizeof execution;
    uint16_t version;
    uint8_t number[STORE_NUMBER_KEY];
    char key[64];
    size_t length = execution_key(key, sizeof key, venue, execution_id);
    int status = store_get(store, STORE_EXECUTION, key, length, &version, &execution, &size, err);
    if (status)
        return status;
    store_number_key(number, execution.fill_id);
    size = sizeof *row;
    status = store_get(store, STORE_FILL, number, sizeof number, &version, row, &size, err);
    if (!status && (size != sizeof *row || version != ROWS_VERSION))
        status = turret_fail(err, TURRET_EVERSION, "fill %llu is of another version",
                             (unsigned long long)execution.fill_id);
    return status;
}

static int put_execution(struct store_batch *batch, const struct row_fill *row)
{
    const struct row_execution execution = {row->fill.id};
    char key[64];
    size_t length = execution_key(key, sizeof key, row->names.venue, row->fill.execution_id);
    return store_batch_put(batch, STORE_EXECUTION, key, length, ROWS_VERSION, &execution,
                           sizeof execution);
}

int rows_put_difference(struct store_batch *batch, const struct engine *engine,
                        const struct difference *difference)
{
    struct row_difference row;
    uint8_t key[STORE_NUMBER_KEY];
    fill_names(&row.names, engine, ENGINE_NONE, difference->instrument);
    (void)snprintf(row.names.venue, sizeof row.names.venue, "%s",
                   engine_venue_name(engine, difference->venue));
    row.difference = *difference;
    store_number_key(key, difference->id);
    return store_batch_put(batch, STORE_DIFFERENCE, key, sizeof key, ROWS_VERSION, &row,
                           sizeof row);
}

int rows_put_fill(struct store_batch *batch, const struct engine *engine, const struct fill *fill)
{
    struct row_fill row;
    uint8_t key[STORE_NUMBER_KEY];
    int status;
    fill_names(&row.names, engine, fill->strategy, fill->instrument);
    row.fill = *fill;
    store_number_key(key, fill->id);
    status = store_batch_put(batch, STORE_FILL, key, sizeof key, ROWS_VERSION, &row, sizeof row);
    return status || fill->by_host ? status : put_execution(batch, &row); /* the venue's names */
}

int rows_put_position(struct store_batch *batch, const struct engine *engine,
                      const struct position *position)
{
    struct row_position row;
    char key[128];
    int length;
    memset(&row, 0, sizeof row);
    fill_names(&row.names, engine, position->strategy, position->instrument);
    row.position = *position;
    row.mark = engine_mark(engine, position->instrument);
    length = snprintf(key, sizeof key, "%s|%s.%s", row.names.strategy, row.names.symbol,
                      row.names.venue);
    return store_batch_put(batch, STORE_POSITION, key, (size_t)length, ROWS_VERSION, &row,
                           sizeof row);
}

int rows_put_account(struct store_batch *batch, const struct engine *engine,
                     const struct account *account)
{
    struct row_account row;
    char key[64];
    int length;
    memset(&row, 0, sizeof row);
    (void)snprintf(row.venue, sizeof row.venue, "%s", engine_venue_name(engine, account->venue));
    row.account = *account;
    length = snprintf(key, sizeof key, "%s|%.8s", row.venue, account->currency);
    return store_batch_put(batch, STORE_LEDGER, key, (size_t)length, ROWS_VERSION, &row,
                           sizeof row);
}

int rows_put_swap(struct store_batch *batch, const struct row_swap *swap)
{
    uint8_t key[8];
    store_number_key(key, swap->sequence);
    return store_batch_put(batch, STORE_SWAP, key, sizeof key, ROWS_VERSION, swap, sizeof *swap);
}

int rows_put_instance(struct store_batch *batch, const char *name,
                      const struct row_instance *instance, const void *state)
{
    size_t size = sizeof *instance + (size_t)instance->state_bytes;
    uint8_t *row = malloc(size);
    int status;
    if (!row)
        return TURRET_ENOMEM;
    memcpy(row, instance, sizeof *instance);
    if (instance->state_bytes)
        memcpy(row + sizeof *instance, state, (size_t)instance->state_bytes);
    status = store_batch_put(batch, STORE_INSTANCE, name, strlen(name), ROWS_VERSION, row, size);
    free(row);
    return status;
}

void rows_build_hex(const uint8_t build[32], char text[65])
{
    static const char digits[] = "0123456789abcdef";
    uint32_t i, used = 32;
    while (used > 0 && build[used - 1] == 0)
        used--;
    for (i = 0; i < used; i++) {
        text[2 * i] = digits[build[i] >> 4];
        text[2 * i + 1] = digits[build[i] & 15];
    }
    text[2 * used] = 0;
}
