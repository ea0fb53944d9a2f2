/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes rows of working orders in the store of an ended daemon unreadable, a different one each:
 *
 *   order_damage STORE version|cut|bytes ...   prints the id of each
 *
 * version: as another turret would write it; cut: too short; bytes: a byte in the file is changed.
 */
#include "session/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KINDS_MAX 8

struct wanted {
    struct row_order rows[KINDS_MAX];
    uint32_t count, most;
};

static void stop(const char *what)
{
    (void)fprintf(stderr, "order_damage: %s\n", what);
    exit(1);
}

static int see(void *context, const void *key, size_t key_bytes, uint16_t version,
               const void *value, size_t value_bytes)
{
    struct wanted *wanted = context;
    struct row_order row;
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION || value_bytes != sizeof row)
        return 0;
    memcpy(&row, value, sizeof row);
    if (order_is_working(&row.order))
        wanted->rows[wanted->count++] = row;
    return wanted->count == wanted->most;
}

/* Wherever it stands, older pages included. */
static void change_bytes(const char *directory, const struct row_order *row)
{
    char path[4200], *text, *at;
    FILE *file;
    long size;
    (void)snprintf(path, sizeof path, "%.4096s/data.mdb", directory);
    file = fopen(path, "r+b");
    if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) <= 0)
        stop("no data file");
    rewind(file);
    text = malloc((size_t)size);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size)
        stop("the data file cannot be read");
    for (at = text; (at = memmem(at, (size_t)(text + size - at), row, sizeof *row)); at++) {
        if (fseek(file, at - text + 5, SEEK_SET) || fputc(at[5] ^ 0x10, file) == EOF)
            stop("the data file cannot be written");
    }
    free(text);
    if (fclose(file))
        stop("the data file cannot be written");
}

int main(int argc, char **argv)
{
    struct turret_error err = {0};
    struct store *store = NULL;
    struct store_batch *batch = NULL;
    struct wanted wanted = {.most = argc > 2 ? (uint32_t)argc - 2 : 0};
    uint32_t i;
    if (wanted.most < 1 || wanted.most > KINDS_MAX ||
        store_open(&store, argv[1], STORE_EXCLUSIVE, &err) ||
        store_scan(store, STORE_ORDER, NULL, 0, see, &wanted, NULL, &err) ||
        wanted.count < wanted.most || store_batch_create(&batch, 1 << 16, &err))
        stop(err.text[0] ? err.text : "usage: order_damage STORE version|cut|bytes ...");
    for (i = 0; i < wanted.count; i++) {
        const struct row_order *row = &wanted.rows[i];
        bool version = !strcmp(argv[2 + i], "version"), cut = !strcmp(argv[2 + i], "cut");
        uint8_t key[8];
        store_number_key(key, row->order.id);
        if ((version || cut) &&
            store_batch_put(batch, STORE_ORDER, key, sizeof key, ROWS_VERSION + version, row,
                            sizeof *row - (cut ? 8 : 0)))
            stop("no room");
        (void)printf("%llu\n", (unsigned long long)row->order.id);
    }
    if (store_commit(store, batch, &err))
        stop(err.text);
    store_batch_destroy(batch);
    store_close(store);
    for (i = 0; i < wanted.count; i++)
        if (!strcmp(argv[2 + i], "bytes"))
            change_bytes(argv[1], &wanted.rows[i]);
    return 0;
}
