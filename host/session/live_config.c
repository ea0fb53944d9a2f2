/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration versions: stored before they are in force, applied between two events through the
 * same snapshot that restarts use, refused whole when anything does not fit.
 */
#include "session/live_state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define CONFIG_ROW_VERSION 1
#define CONFIG_TEXT_MAX    ((size_t)8 << 20)

static void put_key(uint8_t key[8], uint64_t value)
{
    int i;
    for (i = 0; i < 8; i++)
        key[i] = (uint8_t)(value >> (56 - 8 * i));
}

int live_store_config(struct live *live, struct turret_error *err)
{
    struct event event;
    uint8_t key[8];
    int status;
    live->config_version++;
    put_key(key, live->config_version);
    status = store_batch_put(live->batch, STORE_CONFIG, key, sizeof key, CONFIG_ROW_VERSION,
                             live->config->text, strlen(live->config->text) + 1);
    if (status)
        return turret_fail(err, status, "configuration of %zu bytes does not fit a batch",
                           strlen(live->config->text));
    memset(&event, 0, sizeof event);
    event.type = EVENT_CONFIG;
    event.venue = EVENT_FROM_HOST;
    event.u.config.version = live->config_version;
    memcpy(event.u.config.config_hash, live->config->hash, sizeof event.u.config.config_hash);
    engine_ingest(live->engine, &event);
    return TURRET_OK;
}

int live_load_config(struct store *store, uint64_t version, struct config **out,
                     struct turret_error *err)
{
    char *text = malloc(CONFIG_TEXT_MAX), name[48];
    size_t size = CONFIG_TEXT_MAX;
    uint8_t key[8];
    uint16_t row_version;
    int status;
    *out = NULL;
    if (!text)
        return turret_fail(err, TURRET_ENOMEM, "no memory for a configuration");
    put_key(key, version);
    status = store_get(store, STORE_CONFIG, key, sizeof key, &row_version, text, &size, err);
    (void)snprintf(name, sizeof name, "configuration version %llu", (unsigned long long)version);
    if (!status && (size == 0 || text[size - 1] != 0))
        status = turret_fail(err, TURRET_ECORRUPT, "%s has no end", name);
    if (!status)
        status = config_parse(name, text, out, NULL, err);
    free(text);
    return status;
}

int live_switch(struct live *live, struct config *config, FILE *messages, struct turret_error *err)
{
    struct sink sink = live_sink(live);
    struct engine *fresh = NULL;
    size_t bytes = engine_snapshot(live->engine, NULL, 0);
    uint8_t *state = malloc(bytes);
    struct assembly assembly = {.config = config,
                                .registry = live->registry,
                                .venues = live->venues,
                                .store = live->store,
                                .messages = messages,
                                .reason = TURRET_REASON_PARAMS,
                                .recorded = live->replaying,
                                .snapshot = state,
                                .snapshot_bytes = bytes};
    int status;
    if (!state)
        return turret_fail(err, TURRET_ENOMEM, "no memory to change the configuration");
    (void)engine_snapshot(live->engine, state, bytes);
    status = assemble_engine(&assembly, &sink, &fresh, err);
    if (!status)
        status = assemble_warm(&assembly, fresh, 0, engine_now(live->engine), err);
    free(state);
    if (status) {
        engine_destroy(fresh, TURRET_REASON_SHUTDOWN);
        return status;
    }
    engine_destroy(live->engine, TURRET_REASON_PARAMS);
    live->engine = fresh;
    live->runners_changed = true;
    live_retire_config(live);
    live->config = config;
    return TURRET_OK;
}

void live_retire_config(struct live *live)
{
    struct config **grown =
        realloc(live->retired, (live->retired_count + 1) * sizeof *live->retired);
    if (!grown)
        return; /* leaked rather than pulled from under an adapter */
    live->retired = grown;
    live->retired[live->retired_count++] = live->config;
}

int live_check_reloadable(const struct config *from, const struct config *to,
                          struct turret_error *err)
{
    char *a = NULL, *b = NULL;
    size_t a_size, b_size;
    FILE *af, *bf;
    struct config left = *from, right = *to;
    bool same;
    left.strategy_count = right.strategy_count = 0;
    left.risk = right.risk = from->risk;
    memcpy(right.risk_preset, left.risk_preset, sizeof right.risk_preset);
    af = open_memstream(&a, &a_size);
    bf = open_memstream(&b, &b_size);
    if (!af || !bf)
        return turret_fail(err, TURRET_ENOMEM, "no memory to compare configurations");
    config_show(&left, af);
    config_show(&right, bf);
    (void)fclose(af);
    (void)fclose(bf);
    same = a_size == b_size && !memcmp(a, b, a_size);
    free(a);
    free(b);
    return same ? TURRET_OK
                : turret_fail(
                      err, TURRET_EINVAL,
                      "%s changes mode, store, plugins, venues or instruments, which needs a "
                      "restart; the running configuration stays",
                      to->file);
}

int live_reload(struct live *live, FILE *diff, uint32_t *changed, struct turret_error *err)
{
    struct config *fresh = NULL;
    struct turret_error why = {0};
    int status = config_load(live->options.config_path, &fresh, live->options.messages, &why);
    *changed = 0;
    if (!status && live->options.store) {
        (void)snprintf(fresh->store, sizeof fresh->store, "%s", live->options.store);
        (void)snprintf(live->config->store, sizeof live->config->store, "%s", live->options.store);
    }
    if (!status && !memcmp(fresh->hash, live->config->hash, sizeof fresh->hash)) {
        config_destroy(fresh);
        return TURRET_OK;
    }
    if (!status)
        status = live_check_reloadable(live->config, fresh, &why);
    if (!status)
        *changed = config_diff(live->config, fresh, diff);
    if (!status)
        status = live_switch(live, fresh, live->options.messages, &why);
    if (status) {
        config_destroy(fresh);
        live_say(live, "turret: the changed configuration is refused: %s\n", why.text);
        return turret_fail(err, status, "refused, the running configuration stays: %s", why.text);
    }
    status = live_store_config(live, err);
    live_say(live, "turret: configuration version %llu is in force: %u changes\n",
             (unsigned long long)live->config_version, *changed);
    return status;
}

/* ---- watching the file: its directory, because editors replace files ---- */

static void on_change(void *context, int descriptor, unsigned events)
{
    struct live *live = context;
    char buffer[4096] __attribute__((aligned(8)));
    const char *name = strrchr(live->options.config_path, '/');
    bool ours = false;
    ssize_t got, at = 0;
    (void)events;
    name = name ? name + 1 : live->options.config_path;
    got = read(descriptor, buffer, sizeof buffer);
    while (at < got) {
        const struct inotify_event *event = (const void *)(buffer + at);
        ours = ours || (event->len && !strcmp(event->name, name));
        at += (ssize_t)(sizeof *event + event->len);
    }
    if (ours) {
        live->reload_wanted = true;
        loop_wake(live->loop);
    }
}

int live_watch_config(struct live *live, struct turret_error *err)
{
    char directory[CONFIG_PATH_MAX];
    char *slash;
    (void)snprintf(directory, sizeof directory, "%s", live->options.config_path);
    slash = strrchr(directory, '/');
    if (slash)
        *slash = 0;
    live->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (live->inotify < 0 ||
        inotify_add_watch(live->inotify, slash ? directory : ".", IN_CLOSE_WRITE | IN_MOVED_TO) < 0)
        return turret_fail(err, TURRET_EIO, "%s cannot be watched for changes",
                           live->options.config_path);
    return loop_watch_create(live->loop, &live->config_watch, live->inotify, LOOP_READ, on_change,
                             live);
}
