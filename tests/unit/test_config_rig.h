/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the configuration share: a configuration without mistakes, messages caught as
 * text, files in a directory of the test's own.
 */
#ifndef TEST_CONFIG_RIG_H
#define TEST_CONFIG_RIG_H

#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char rig_good[] =
    "turret: 1\n"
    "mode: paper\n"
    "store: var/turret\n"
    "plugins:\n"
    "  - path: build/plugins\n"
    "venues:\n"
    "  sim: {adapter: sim, account: demo, cash: {USD: 100000}, seed: 7}\n"
    "instruments:\n"
    "  SPY.sim: {tick: 0.01, lot: 1, currency: USD}\n"
    "strategies:\n"
    "  spy-cross:\n"
    "    plugin: ma_cross\n"
    "    on: SPY.sim@1m\n"
    "    params:\n"
    "      fast: 10\n"
    "    limits: {max_position: 500}\n"
    "risk:\n"
    "  preset: development\n";

/* The answer of one load or parse; free with rig_clear(). */
struct rig {
    int status;
    struct config *config;
    struct turret_error err;
    char *messages;
    size_t messages_size;
};

static inline void rig_clear(struct rig *rig)
{
    config_destroy(rig->config);
    free(rig->messages);
    memset(rig, 0, sizeof *rig);
}

static inline void rig_check_answer(const struct rig *rig)
{
    assert_int_equal(rig->status, rig->err.code);
    if (rig->status) {
        assert_null(rig->config);
        assert_true(rig->messages_size > 0);
        assert_non_null(strstr(rig->messages, "error: "));
        assert_null(strchr(rig->err.text, '\n'));
    } else {
        assert_non_null(rig->config);
        assert_string_equal(rig->messages, "");
    }
}

static inline void rig_parse(struct rig *rig, const char *text)
{
    FILE *messages;
    memset(rig, 0, sizeof *rig);
    messages = open_memstream(&rig->messages, &rig->messages_size);
    assert_non_null(messages);
    rig->status = config_parse("a.yaml", text, &rig->config, messages, &rig->err);
    assert_int_equal(fclose(messages), 0);
    rig_check_answer(rig);
}

static inline void rig_load(struct rig *rig, const char *path)
{
    FILE *messages;
    memset(rig, 0, sizeof *rig);
    messages = open_memstream(&rig->messages, &rig->messages_size);
    assert_non_null(messages);
    rig->status = config_load(path, &rig->config, messages, &rig->err);
    assert_int_equal(fclose(messages), 0);
    rig_check_answer(rig);
}

/* Parses what must be right. */
static inline void rig_parse_good(struct rig *rig, const char *text)
{
    rig_parse(rig, text);
    assert_int_equal(rig->status, TURRET_OK);
}

/* `text` with the first `from` replaced by `to`; malloced. */
static inline char *rig_replace(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    size_t before;
    char *out;
    assert_non_null(at);
    before = (size_t)(at - text);
    out = malloc(strlen(text) + strlen(to) + 1);
    assert_non_null(out);
    memcpy(out, text, before);
    (void)snprintf(out + before, strlen(text) + strlen(to) + 1 - before, "%s%s", to,
                   at + strlen(from));
    return out;
}

/* Writes a file below the current directory, which each test program makes its own. */
static inline void rig_write(const char *path, const void *bytes, size_t size_bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size_bytes, file), size_bytes);
    assert_int_equal(fclose(file), 0);
}

static inline char *rig_read(const char *path, size_t *size_bytes)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1024 * 1024);
    assert_non_null(text);
    if (!file)
        fail_msg("%s cannot be opened", path);
    *size_bytes = fread(text, 1, 1024 * 1024 - 1, file);
    assert_int_equal(fclose(file), 0);
    return text;
}

/* A file of the source tree; malloced. */
static inline char *rig_source(const char *path)
{
    const char *root = getenv("TURRET_SOURCE");
    char *out = NULL;
    assert_true(asprintf(&out, "%s/%s", root ? root : ".", path) > 0);
    return out;
}

#endif
