/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration versions: stored before they are in force, applied between two events through the
 * same snapshot that restarts use, refused whole when anything does not fit.
 */
#include "session/live_state.h"

#include "io/clock.h"
#include "ops/plural.h"
#include "session/live_audit.h"
#include "session/subscribe.h"
#include "session/versions.h"

#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* What `to` changes, as text to be freed. NULL: no memory. */
static char *diff_text(const struct config *from, const struct config *to, uint32_t *changed)
{
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    *changed = 0;
    if (!memory)
        return NULL;
    if (from)
        *changed = config_diff(from, to, memory);
    (void)fclose(memory);
    return text;
}

int live_store_config(struct live *live, const struct config *before, const char *cause,
                      struct turret_error *err)
{
    struct event event;
    uint32_t changed;
    char *diff = diff_text(before, live->config, &changed);
    struct version version = {.number = live->config_version + 1,
                              .sequence = engine_sequence(live->engine) + 1,
                              .time = clock_unix_ns(),
                              .diff = diff,
                              .text = live->config->text};
    int status;
    if (!diff)
        return turret_fail(err, TURRET_ENOMEM, "no memory to compare configurations");
    memcpy(version.hash, live->config->hash, sizeof version.hash);
    (void)snprintf(version.cause, sizeof version.cause, "%s", cause);
    status = versions_put(live->batch, &version, err);
    if (!status)
        live_audit_config(live, &version);
    free(diff);
    if (status)
        return status;
    live->config_version = version.number;
    memset(&event, 0, sizeof event);
    event.type = EVENT_CONFIG;
    event.venue = EVENT_FROM_HOST;
    event.u.config.version = version.number;
    memcpy(event.u.config.config_hash, version.hash, sizeof event.u.config.config_hash);
    engine_ingest(live->engine, &event);
    return TURRET_OK;
}

int live_load_config(struct store *store, uint64_t number, struct config **out,
                     struct turret_error *err)
{
    struct version version;
    char name[48];
    int status = versions_get(store, number, &version, err);
    *out = NULL;
    if (status)
        return status;
    (void)snprintf(name, sizeof name, "configuration version %llu", (unsigned long long)number);
    status = config_parse(name, version.text, out, NULL, err);
    versions_finish(&version);
    return status;
}

int live_switch(struct live *live, struct config *config, FILE *messages, struct turret_error *err)
{
    struct sink sink = live_sink(live);
    struct engine *fresh = NULL;
    size_t bytes = engine_snapshot(live->engine, NULL, 0);
    uint8_t *state = malloc(bytes);
    struct assembly assembly = {.config = config,
                                .before = live->config,
                                .registry = live->registry,
                                .venues = live->venues,
                                .messages = messages,
                                .reason = TURRET_REASON_PARAMS,
                                .recorded = live->replaying,
                                .losses = live->losses,
                                .loss_count = live->loss_count,
                                .calling = live_running_calling(live),
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
    live_put_disowned(live, config);
    engine_destroy(live->engine, TURRET_REASON_PARAMS);
    live->engine = fresh;
    live->runners_changed = true;
    live_running_name(live, config);
    live_retire_config(live);
    live->config = config;
    return TURRET_OK;
}

static void no_command(void *context, const struct command *command)
{
    (void)context;
    (void)command;
}

/* Whether live_switch() would work, as far as an engine tells that nobody listens to. */
static int try_switch(struct live *live, const struct config *config, struct turret_error *err)
{
    const struct sink nobody = {.command = no_command};
    struct engine *fresh = NULL;
    size_t bytes = engine_snapshot(live->engine, NULL, 0);
    uint8_t *state = malloc(bytes);
    const struct assembly assembly = {.config = config,
                                      .before = live->config,
                                      .registry = live->registry,
                                      .venues = live->venues,
                                      .reason = TURRET_REASON_PARAMS,
                                      .snapshot = state,
                                      .snapshot_bytes = bytes};
    int status;
    if (!state)
        return turret_fail(err, TURRET_ENOMEM, "no memory to change the configuration");
    (void)engine_snapshot(live->engine, state, bytes);
    status = assemble_engine(&assembly, &nobody, &fresh, err);
    free(state);
    engine_destroy(fresh, TURRET_REASON_SHUTDOWN);
    return status;
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

/* Names the first of the settings in `diff`, whose lines are "- path: value". */
static int needs_restart(const struct config *to, const char *diff, uint32_t count,
                         struct turret_error *err)
{
    char more[48] = "";
    if (count > 1)
        (void)snprintf(more, sizeof more, " and %u %s", count - 1,
                       plural(count - 1, "other setting", "other settings"));
    return turret_fail(err, TURRET_EINVAL,
                       "%s changes %.*s%s, which needs a restart (strategies, risk and swap may "
                       "change while it runs); the running configuration stays",
                       to->file, (int)strcspn(diff + 2, ":"), diff + 2, more);
}

int live_check_reloadable(const struct config *from, const struct config *to,
                          struct turret_error *err)
{
    struct config left = *from, right = *to;
    uint32_t count;
    char *diff;
    int status;
    left.strategy_count = right.strategy_count = 0;
    left.rule_count = right.rule_count = 0;
    left.disowned_count = right.disowned_count = 0;
    left.risk = right.risk = from->risk;
    left.swap = right.swap;
    memcpy(right.risk_preset, left.risk_preset, sizeof right.risk_preset);
    diff = diff_text(&left, &right, &count);
    if (!diff)
        return turret_fail(err, TURRET_ENOMEM, "no memory to compare configurations");
    status = count > 0 ? needs_restart(to, diff, count, err) : TURRET_OK;
    free(diff);
    return status;
}

/* Checks a changed configuration and puts it in force. */
static int apply(struct live *live, struct config *fresh, const char *cause, const char *diff,
                 struct turret_error *err)
{
    const struct config *before = live->config; /* kept until the end */
    size_t needed = strlen(fresh->text) + strlen(diff) + LIVE_TURN_ROOM / 2;
    int status = live_check_reloadable(live->config, fresh, err);
    if (status)
        return status;
    status = assemble_check(fresh, live->registry, live->options.messages, err);
    if (!status)
        status = live_refuse_blocked(live, fresh, true, err);
    if (status)
        return status;
    status = subscribe_config(live->venues, fresh, live->registry, live->options.messages, err);
    if (status)
        return status;
    if (!live->batch || store_batch_room(live->batch) < needed)
        return turret_fail(err, TURRET_EBUSY, "the store is behind; try again");
    if (live_swap_busy(live)) { /* a refusal must leave the swaps under way as they are */
        status = try_switch(live, fresh, err);
        if (status)
            return status;
        live_swap_finish(live);
    }
    status = live_switch(live, fresh, live->options.messages, err);
    if (status)
        return status;
    venues_warn_preset(live->venues, live->config, live->options.messages);
    status = live_store_config(live, before, cause, err);
    if (!status && live_copies_name_running(live))
        status = turret_fail(err, TURRET_EFULL, "no room for the rows of its builds");
    if (!status)
        (void)live_record_instances(live); /* what finds no room now, the next start writes */
    if (status && !live->failed)           /* in force and not on record: nothing may follow */
        live->failed = turret_fail(&live->failure, status, "%s", err->text);
    return TURRET_OK;
}

int live_reload(struct live *live, const char *cause, FILE *diff, uint32_t *changed,
                struct turret_error *err)
{
    struct config *fresh = NULL;
    struct turret_error why = {0};
    char *lines = NULL;
    int status = config_load(live->options.config_path, &fresh, live->options.messages, &why);
    *changed = 0;
    live->config_refused = (struct turret_error){0};
    if (!status && live->options.store) {
        (void)snprintf(fresh->store, sizeof fresh->store, "%s", live->options.store);
        (void)snprintf(live->config->store, sizeof live->config->store, "%s", live->options.store);
    }
    if (!status && !memcmp(fresh->hash, live->config->hash, sizeof fresh->hash)) {
        config_destroy(fresh);
        return TURRET_OK;
    }
    if (!status)
        lines = diff_text(live->config, fresh, changed);
    if (!status && !lines)
        status = turret_fail(&why, TURRET_ENOMEM, "no memory to compare configurations");
    if (!status)
        status = apply(live, fresh, cause, lines, &why);
    if (status) {
        config_destroy(fresh);
        live->config_refused = why;
        live_audit_refused_config(live, cause, why.text);
        live_say(live, "turret: the changed configuration is refused: %s\n", why.text);
        (void)turret_fail(err, status, "refused, the running configuration stays: %s", why.text);
    } else {
        (void)fputs(lines, diff);
        live_say(live, "turret: configuration version %llu is in force: %u %s\n",
                 (unsigned long long)live->config_version, *changed,
                 plural(*changed, "change", "changes"));
    }
    free(lines);
    return status;
}

/* ---- watching the file: its directory, because editors replace files ---- */

static void on_change(void *context, int descriptor, unsigned events)
{
    struct live *live = context;
    char buffer[4096] __attribute__((aligned(8)));
    const char *name = strrchr(live->options.config_path, '/');
    bool written = false;
    ssize_t got, at = 0;
    (void)events;
    name = name ? name + 1 : live->options.config_path;
    got = read(descriptor, buffer, sizeof buffer);
    while (at < got) {
        const struct inotify_event *event = (const void *)(buffer + at);
        if (event->len && !strcmp(event->name, name)) {
            live->config_gone = event->mask & (IN_DELETE | IN_MOVED_FROM);
            written = written || !live->config_gone;
        }
        at += (ssize_t)(sizeof *event + event->len);
    }
    if (written) {
        live->reload_cause = "file changed";
        loop_wake(live->loop);
    }
}

void live_config_second(struct live *live)
{
    if (live->config_gone && access(live->options.config_path, F_OK) != 0)
        live->reload_cause = "file gone";
    live->config_gone = false;
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
        inotify_add_watch(live->inotify, slash ? directory : ".",
                          IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM) < 0)
        return turret_fail(err, TURRET_EIO, "%s cannot be watched for changes",
                           live->options.config_path);
    if (loop_watch_create(live->loop, &live->config_watch, live->inotify, LOOP_READ, on_change,
                          live))
        return turret_fail(err, TURRET_ENOMEM, "no memory to watch %s", live->options.config_path);
    return TURRET_OK;
}
