/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row's value is a head of fixed size, the diff and the text, each ended by a zero byte. Rows of
 * version 1 are the text alone; their hash is taken again and the rest is not known.
 */
#include "session/versions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROW_TEXT_ONLY 1
#define ROW_VERSION   2
#define ROW_MAX       ((size_t)16 << 20)

struct head {
    uint64_t sequence;
    int64_t time;
    uint8_t hash[32];
    char cause[40];
    uint64_t diff_bytes; /* with its zero byte */
};

static void put_key(uint8_t key[8], uint64_t number)
{
    int i;
    for (i = 0; i < 8; i++)
        key[i] = (uint8_t)(number >> (56 - 8 * i));
}

static uint64_t get_key(const uint8_t key[8])
{
    uint64_t number = 0;
    int i;
    for (i = 0; i < 8; i++)
        number = number << 8 | key[i];
    return number;
}

size_t versions_size(const struct version *version)
{
    return sizeof(struct head) + strlen(version->diff) + 1 + strlen(version->text) + 1;
}

int versions_put(struct store_batch *batch, const struct version *version, struct turret_error *err)
{
    size_t size = versions_size(version);
    struct head head;
    uint8_t key[8], *value = malloc(size);
    int status;
    if (!value)
        return turret_fail(err, TURRET_ENOMEM, "no memory for a configuration of %zu bytes", size);
    memset(&head, 0, sizeof head);
    head.sequence = version->sequence;
    head.time = version->time;
    memcpy(head.hash, version->hash, sizeof head.hash);
    (void)snprintf(head.cause, sizeof head.cause, "%s", version->cause);
    head.diff_bytes = strlen(version->diff) + 1;
    memcpy(value, &head, sizeof head);
    memcpy(value + sizeof head, version->diff, head.diff_bytes);
    memcpy(value + sizeof head + head.diff_bytes, version->text, strlen(version->text) + 1);
    put_key(key, version->number);
    status = store_batch_put(batch, STORE_CONFIG, key, sizeof key, ROW_VERSION, value, size);
    free(value);
    return status
               ? turret_fail(err, status, "configuration of %zu bytes does not fit a batch", size)
               : TURRET_OK;
}

static bool is_text(const char *at, size_t size)
{
    return size > 0 && memchr(at, 0, size) == at + size - 1;
}

static int corrupt(const struct version *version, struct turret_error *err)
{
    return turret_fail(err, TURRET_ECORRUPT, "configuration version %" PRIu64 " is cut short",
                       version->number);
}

static int decode_text_only(struct version *version, const char *value, size_t size,
                            struct turret_error *err)
{
    struct config *config = NULL;
    if (!is_text(value, size))
        return corrupt(version, err);
    version->text = value;
    if (config_parse("stored", value, &config, NULL, NULL) == TURRET_OK)
        memcpy(version->hash, config->hash, sizeof version->hash);
    config_destroy(config);
    return TURRET_OK;
}

static int decode(struct version *version, uint16_t row_version, const char *value, size_t size,
                  struct turret_error *err)
{
    struct head head;
    if (row_version == ROW_TEXT_ONLY)
        return decode_text_only(version, value, size, err);
    if (row_version != ROW_VERSION)
        return turret_fail(err, TURRET_EVERSION,
                           "configuration version %" PRIu64 " is stored in form %u, this turret "
                           "knows %d: use the turret that wrote it",
                           version->number, row_version, ROW_VERSION);
    if (size < sizeof head)
        return corrupt(version, err);
    memcpy(&head, value, sizeof head);
    value += sizeof head;
    size -= sizeof head;
    if (head.diff_bytes > size || !is_text(value, (size_t)head.diff_bytes) ||
        !is_text(value + head.diff_bytes, size - (size_t)head.diff_bytes))
        return corrupt(version, err);
    version->sequence = head.sequence;
    version->time = head.time;
    memcpy(version->hash, head.hash, sizeof version->hash);
    memcpy(version->cause, head.cause, sizeof version->cause);
    version->cause[sizeof version->cause - 1] = '\0';
    version->diff = value;
    version->text = value + head.diff_bytes;
    return TURRET_OK;
}

struct scan {
    versions_fn *each;
    void *context;
    struct turret_error *err;
    int code;
};

static int on_row(void *context, const void *key, size_t key_bytes, uint16_t row_version,
                  const void *value, size_t value_bytes)
{
    struct scan *scan = context;
    struct version version = {.number = key_bytes == 8 ? get_key(key) : 0};
    int code = decode(&version, row_version, value, value_bytes, scan->err);
    if (code) {
        scan->code = code;
        return 0;
    }
    return scan->each(scan->context, &version);
}

int versions_each(struct store *store, versions_fn *each, void *context, struct turret_error *err)
{
    struct scan scan = {each, context, err, TURRET_OK};
    int code = store_scan(store, STORE_CONFIG, NULL, 0, on_row, &scan, NULL, err);
    return code ? code : scan.code;
}

static int see(void *context, const struct version *version)
{
    *(uint64_t *)context = version->number;
    return 0;
}

int versions_get(struct store *store, uint64_t number, struct version *version,
                 struct turret_error *err)
{
    size_t size = ROW_MAX;
    uint64_t newest = 0;
    uint16_t row_version = 0;
    struct turret_error why = {0};
    uint8_t key[8];
    char *value = malloc(size);
    int status;
    memset(version, 0, sizeof *version);
    version->number = number;
    version->memory = value;
    if (!value)
        return turret_fail(err, TURRET_ENOMEM, "no memory for a configuration");
    put_key(key, number);
    status = store_get(store, STORE_CONFIG, key, sizeof key, &row_version, value, &size, &why);
    if (status == TURRET_ENOTFOUND) {
        (void)versions_each(store, see, &newest, NULL);
        status =
            turret_fail(err, status, "no configuration version %" PRIu64 "; the newest is %" PRIu64,
                        number, newest);
    } else if (status) {
        status = turret_fail(err, status, "%s", why.text);
    } else {
        status = decode(version, row_version, value, size, err);
    }
    if (status)
        versions_finish(version);
    return status;
}

void versions_finish(struct version *version)
{
    free(version->memory);
    memset(version, 0, sizeof *version);
}
