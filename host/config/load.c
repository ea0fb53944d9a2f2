/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a file or a text to a configuration that checks, or to all its mistakes.
 */
#include "config/reader.h"

#include <nettle/sha2.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STORE_DEFAULT "var/turret"

static struct config_place whole_file(void)
{
    struct config_place nowhere = {0, 0, 0};
    return nowhere;
}

static int told(struct report *report, int status)
{
    if (status == TURRET_ENOMEM) {
        report_tell(report, whole_file(), "no memory to read it");
        if (report->err)
            report->err->code = TURRET_ENOMEM;
    }
    return status;
}

/* A mistake that ends reading. */
static int tell_trouble(struct report *report, const struct yaml_trouble *trouble)
{
    struct config_place place = report_place(report, trouble->start, trouble->end);
    report_tell(report, place, "%s", trouble->text);
    return TURRET_EINVAL;
}

static void hash_text(const char *text, size_t size_bytes, uint8_t hash[SHA256_DIGEST_SIZE])
{
    struct sha256_ctx state;
    sha256_init(&state);
    sha256_update(&state, size_bytes, (const uint8_t *)text);
    sha256_digest(&state, SHA256_DIGEST_SIZE, hash);
}

static int read_tree(struct report *report, const struct yaml_node *root, struct config *config)
{
    struct reader reader = {.config = config, .report = report};
    (void)snprintf(config->store, sizeof config->store, "%s", STORE_DEFAULT);
    risk_limits_clear(&config->risk);
    read_swap_defaults(&config->swap);
    read_document(&reader, root);
    if (reader.status)
        return reader.status;
    return report->count > 0 ? TURRET_EINVAL : TURRET_OK;
}

/* Takes `text` (NUL-terminated, malloced), which is what `report` maps its places from. */
static int build(struct report *report, char *text, size_t size_bytes, struct config **out)
{
    struct config *config = calloc(1, sizeof *config);
    struct yaml_tree tree = {0};
    struct yaml_trouble trouble;
    int status = TURRET_ENOMEM;
    if (!config) {
        free(text);
        return told(report, status);
    }
    config->text = text;
    (void)snprintf(config->file, sizeof config->file, "%s", report->file);
    hash_text(text, size_bytes, config->hash);
    status = yaml_parse(text, size_bytes, &tree, &trouble);
    if (status == TURRET_EINVAL)
        status = tell_trouble(report, &trouble);
    if (!status)
        status = read_tree(report, tree.root, config);
    yaml_finish(&tree);
    if (status) {
        config_destroy(config);
        return told(report, status);
    }
    *out = config;
    return TURRET_OK;
}

/* Reads at most one byte more than a configuration may have. */
static int read_file(const char *path, char **text, size_t *size_bytes, FILE *messages,
                     struct turret_error *err)
{
    FILE *file = fopen(path, "rb");
    int status = TURRET_OK, detail = file ? 0 : errno;
    *text = calloc(1, YAML_SIZE_MAX + 2);
    *size_bytes = 0;
    if (file && *text) {
        *size_bytes = fread(*text, 1, YAML_SIZE_MAX + 1, file);
        detail = ferror(file) ? errno : 0;
    }
    if (file)
        (void)fclose(file); /* only read */
    if (!*text)
        status = turret_fail(err, TURRET_ENOMEM, "no memory to read %s", path);
    else if (detail)
        status = turret_fail(err, detail == ENOENT ? TURRET_ENOTFOUND : TURRET_EIO,
                             "%s: cannot be read: %s", path, strerror(detail));
    if (!status)
        return status;
    if (err && detail)
        err->detail = detail;
    if (messages)
        (void)fprintf(messages, "%s: error: %s%s\n", path,
                      detail ? "cannot be read: " : "no memory", detail ? strerror(detail) : "");
    free(*text);
    *text = NULL;
    return status;
}

static int check_name(const char *name, FILE *messages, struct turret_error *err)
{
    if (strlen(name) < CONFIG_PATH_MAX)
        return TURRET_OK;
    if (messages)
        (void)fprintf(messages, "%.64s...: error: the path is longer than %d bytes\n", name,
                      CONFIG_PATH_MAX - 1);
    return turret_fail(err, TURRET_EINVAL, "%.64s...: the path is longer than %d bytes", name,
                       CONFIG_PATH_MAX - 1);
}

static int expand_and_build(struct report *report, const char *text, size_t size_bytes,
                            struct config **out)
{
    struct expand_spans spans = {0};
    struct yaml_trouble trouble;
    char *expanded = NULL;
    size_t expanded_bytes = 0;
    int status = yaml_screen(text, size_bytes, &trouble);
    if (status)
        return tell_trouble(report, &trouble);
    status = expand_text(text, size_bytes, report, &expanded, &expanded_bytes, &spans);
    if (status) {
        free(expanded);
        status = told(report, status);
    } else {
        report->spans = &spans;
        status = build(report, expanded, expanded_bytes, out);
        report->spans = NULL;
    }
    free(spans.span);
    return status;
}

int config_load(const char *path, struct config **out, FILE *messages, struct turret_error *err)
{
    struct report report;
    char *text = NULL;
    size_t size_bytes = 0;
    int status;
    *out = NULL;
    status = check_name(path, messages, err);
    if (!status)
        status = read_file(path, &text, &size_bytes, messages, err);
    if (!status)
        status = report_init(&report, path, text, size_bytes, messages, err);
    if (!status) {
        status = expand_and_build(&report, text, size_bytes, out);
        report_finish(&report);
    }
    free(text);
    return status;
}

int config_parse(const char *name, const char *text, struct config **out, FILE *messages,
                 struct turret_error *err)
{
    struct report report;
    size_t size_bytes = strlen(text);
    char *copy;
    int status;
    *out = NULL;
    status = check_name(name, messages, err);
    if (!status)
        status = report_init(&report, name, text, size_bytes, messages, err);
    if (status)
        return status;
    copy = malloc(size_bytes + 1);
    if (copy) {
        memcpy(copy, text, size_bytes + 1);
        status = build(&report, copy, size_bytes, out);
    } else {
        status = told(&report, TURRET_ENOMEM);
    }
    report_finish(&report);
    return status;
}

void config_destroy(struct config *config)
{
    uint32_t i;
    if (!config)
        return;
    for (i = 0; i < config->venue_count; i++)
        free(config->venues[i].params);
    for (i = 0; i < config->strategy_count; i++)
        free(config->strategies[i].params);
    free(config->plugin_dirs);
    free(config->venues);
    free(config->instruments);
    free(config->strategies);
    free(config->text);
    free(config);
}
