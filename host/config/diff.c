/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two configurations, setting by setting. Each is flattened to "path: value"; the paths are
 * compared, so that the order in the file makes no difference.
 */
#include "config/walk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PATH_ROOM 256
#define DEPTH_MAX 8

struct setting {
    char *path; /* the value follows its NUL */
    const char *value;
    uint32_t order;
};

/* A configuration as a list of settings; without memory `broken` is set and the rest left out. */
struct settings {
    struct setting *list;
    uint32_t count, capacity;
    bool broken;
    char path[PATH_ROOM];
    size_t ends[DEPTH_MAX]; /* of the path at each level */
    uint32_t depth;
};

static void add(struct settings *s, const char *separator, const char *key, const char *value)
{
    char path[PATH_ROOM + 64];
    size_t path_size, value_size = strlen(value) + 1;
    struct setting *setting;
    (void)snprintf(path, sizeof path, "%s%s%s", s->path, s->depth > 0 ? separator : "", key);
    path_size = strlen(path) + 1;
    if (s->count == s->capacity && !s->broken) {
        uint32_t capacity = s->capacity * 2 + 64;
        struct setting *grown = realloc(s->list, capacity * sizeof *grown);
        s->broken = !grown;
        s->list = grown ? grown : s->list;
        s->capacity = grown ? capacity : s->capacity;
    }
    if (s->broken)
        return;
    setting = &s->list[s->count];
    setting->path = malloc(path_size + value_size);
    if (!setting->path) {
        s->broken = true;
        return;
    }
    memcpy(setting->path, path, path_size);
    memcpy(setting->path + path_size, value, value_size);
    setting->value = setting->path + path_size;
    setting->order = s->count++;
}

static void on_open(void *context, const char *key)
{
    struct settings *s = context;
    size_t end = strlen(s->path);
    assert(s->depth < DEPTH_MAX);
    s->ends[s->depth] = end;
    (void)snprintf(s->path + end, sizeof s->path - end, "%s%s", s->depth > 0 ? "." : "", key);
    s->depth++;
}

static void on_open_item(void *context, uint32_t index)
{
    struct settings *s = context;
    size_t end = strlen(s->path);
    assert(s->depth < DEPTH_MAX);
    s->ends[s->depth++] = end;
    (void)snprintf(s->path + end, sizeof s->path - end, "[%u]", index);
}

static void on_close(void *context)
{
    struct settings *s = context;
    s->path[s->ends[--s->depth]] = '\0';
}

static void on_value(void *context, const char *key, const char *text)
{
    add(context, ".", key, text ? text : "not set");
}

static void on_item(void *context, uint32_t index, const char *text)
{
    char name[16];
    (void)snprintf(name, sizeof name, "[%u]", index);
    add(context, "", name, text);
}

static int by_path(const void *left, const void *right)
{
    return strcmp(((const struct setting *)left)->path, ((const struct setting *)right)->path);
}

static int by_order(const void *left, const void *right)
{
    uint32_t a = ((const struct setting *)left)->order, b = ((const struct setting *)right)->order;
    return a < b ? -1 : a > b;
}

static void flatten(const struct config *config, struct settings *s)
{
    struct walk_visitor visitor = {s, on_open, on_open_item, on_close, on_value, on_item};
    memset(s, 0, sizeof *s);
    walk_config(config, &visitor);
}

static void release(struct settings *s)
{
    uint32_t i;
    for (i = 0; i < s->count; i++)
        free(s->list[i].path);
    free(s->list);
}

static void sort(struct settings *s, int (*order)(const void *, const void *))
{
    if (s->count > 0)
        qsort(s->list, s->count, sizeof *s->list, order);
}

static const struct setting *find(const struct settings *s, const struct setting *setting)
{
    return s->count > 0 ? bsearch(setting, s->list, s->count, sizeof *s->list, by_path) : NULL;
}

/* What is gone or changed, in the order of `from`; answers how many. `to` is sorted by path. */
static uint32_t tell_changed(const struct settings *from, const struct settings *to, FILE *out)
{
    uint32_t i, count = 0;
    for (i = 0; i < from->count; i++) {
        const struct setting *now = find(to, &from->list[i]);
        if (now && strcmp(now->value, from->list[i].value) == 0)
            continue;
        (void)fprintf(out, "- %s: %s\n", from->list[i].path, from->list[i].value);
        if (now)
            (void)fprintf(out, "+ %s: %s\n", now->path, now->value);
        count++;
    }
    return count;
}

/* What is new, in the order of `to`. `from` is sorted by path. */
static uint32_t tell_new(const struct settings *from, const struct settings *to, FILE *out)
{
    uint32_t i, count = 0;
    for (i = 0; i < to->count; i++) {
        if (find(from, &to->list[i]))
            continue;
        (void)fprintf(out, "+ %s: %s\n", to->list[i].path, to->list[i].value);
        count++;
    }
    return count;
}

uint32_t config_diff(const struct config *from, const struct config *to, FILE *out)
{
    struct settings before, after;
    uint32_t count = 0;
    flatten(from, &before);
    flatten(to, &after);
    if (before.broken || after.broken) {
        (void)fprintf(out, "no memory to compare\n");
        count = 1; /* never "nothing differs" when nobody looked */
    } else {
        sort(&after, by_path);
        count = tell_changed(&before, &after, out);
        sort(&after, by_order);
        sort(&before, by_path);
        count += tell_new(&before, &after, out);
    }
    release(&before);
    release(&after);
    return count;
}
