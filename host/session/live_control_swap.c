/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket's commands about changes of code, and what status says of them. */
#include "session/live_state.h"

#include "ops/suggest.h"
#include "session/blocked.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX (CONFIG_STRATEGIES_MAX + CONFIG_VENUES_MAX)

static const char *text_of(const json_t *request, const char *name)
{
    const char *text = json_string_value(json_object_get(request, name));
    return text ? text : "";
}

/* ---- what runs under a name ---- */

static bool is_instance(const struct live *live, const char *given)
{
    uint32_t i;
    for (i = 0; i < engine_strategy_count(live->engine); i++)
        if (live_swap_names(given, "strategy", engine_strategy_name(live->engine, i)))
            return true;
    for (i = 0; i < live->config->venue_count; i++)
        if (live_swap_names(given, "venue", live->config->venues[i].name))
            return true;
    return registry_find_plugin(live->registry,
                                strncmp(given, "indicators ", 11) ? given : given + 11) != NULL;
}

static json_t *unknown_instance(const struct live *live, const char *given)
{
    const char *names[NAMES_MAX], *near;
    uint32_t i, count = 0;
    for (i = 0; i < engine_strategy_count(live->engine) && count < NAMES_MAX; i++)
        names[count++] = engine_strategy_name(live->engine, i);
    for (i = 0; i < live->config->venue_count && count < NAMES_MAX; i++)
        names[count++] = live->config->venues[i].name;
    near = suggest_nearest(given, names, count);
    if (near)
        return control_error(TURRET_ENOTFOUND, "no instance '%s'; did you mean '%s'?", given, near);
    return control_error(TURRET_ENOTFOUND,
                         "no instance '%s': give a strategy, a venue or a plugin id; turret status "
                         "lists them",
                         given);
}

/* ---- swap, and how it went ---- */

/* The plugin directory a file lies in; UINT32_MAX: none. */
static uint32_t directory_of(const struct live *live, const char *path)
{
    char copy[PLUGIN_PATH_MAX], *folder;
    uint32_t i, found = UINT32_MAX;
    (void)snprintf(copy, sizeof copy, "%s", path);
    folder = realpath(dirname(copy), NULL);
    for (i = 0; folder && found == UINT32_MAX && i < live->config->plugin_dir_count; i++) {
        char *real = realpath(live->config->plugin_dirs[i].path, NULL);
        if (real && !strcmp(real, folder))
            found = i;
        free(real);
    }
    free(folder);
    return found;
}

static json_t *on_swap(struct live *live, const json_t *request)
{
    const char *path = text_of(request, "path"), *only = text_of(request, "instance");
    struct turret_error why = {0};
    uint64_t number;
    uint32_t directory;
    if (path[0] != '/' || strlen(path) >= PLUGIN_PATH_MAX)
        return control_error(TURRET_EINVAL, "'%.100s' is no absolute path", path);
    if (strlen(only) >= 48 || (only[0] && !is_instance(live, only)))
        return unknown_instance(live, only);
    if (live->config->plugin_dir_count == 0)
        return control_error(TURRET_ESTATE, "the configuration names no plugin directory, and so "
                                            "no policy for a new build");
    directory = directory_of(live, path);
    if (live_swap_request(live, path, directory, only, &number, &why))
        return control_error(why.code, "%s", why.text);
    return json_pack(
        "{s:b, s:I, s:b, s:s}", "ok", 1, "number", (json_int_t)number, "inside",
        directory != UINT32_MAX, "directory",
        live->config
            ->plugin_dirs[directory == UINT32_MAX ? live_strictest_directory(live) : directory]
            .path);
}

static json_t *lines_of(const char *text)
{
    json_t *lines = json_array();
    while (*text) {
        size_t length = strcspn(text, "\n");
        json_t *line = json_stringn(text, length);
        (void)json_array_append_new(lines, line ? line : json_string("(not UTF-8)"));
        text += length + (text[length] == '\n');
    }
    return lines;
}

static json_t *on_outcome(struct live *live, const json_t *request)
{
    uint64_t number = (uint64_t)json_integer_value(json_object_get(request, "number"));
    const struct live_outcome *outcome = live_swap_outcome(live, number);
    if (outcome && outcome->same_as && live_swap_outcome(live, outcome->same_as))
        outcome = live_swap_outcome(live, outcome->same_as);
    if (!outcome)
        return control_error(TURRET_ENOTFOUND,
                             "no change of code has the number %llu, or too many "
                             "came after it",
                             (unsigned long long)number);
    return json_pack("{s:b, s:b, s:i, s:i, s:i, s:b, s:b, s:o}", "ok", 1, "settled",
                     live_swap_settled(live, outcome), "code", (int)outcome->code, "moved",
                     (int)outcome->moved, "stayed", (int)outcome->stayed, "file", outcome->of_file,
                     "policy", outcome->by_policy, "lines", lines_of(outcome->text));
}

static json_t *on_rollback(struct live *live, const json_t *request)
{
    const char *instance = text_of(request, "instance"), *reason = text_of(request, "reason");
    struct turret_error why = {0};
    uint64_t number;
    if (!instance[0] || strlen(instance) >= 48 || !is_instance(live, instance))
        return unknown_instance(live, instance);
    if (live_swap_rollback(live, instance, reason[0] ? reason : "by hand", &number, &why))
        return control_error(why.code, "%s", why.text);
    return json_pack("{s:b, s:I}", "ok", 1, "number", (json_int_t)number);
}

/* ---- blocked builds ---- */

static json_t *busy(void)
{
    return control_error(TURRET_EBUSY, "the store is behind; try again");
}

static json_t *set_block(struct live *live, const json_t *request, const char *reason)
{
    struct turret_error why = {0};
    struct blocked_build build;
    char before[BLOCKED_WHY_MAX] = "";
    bool blocked;
    if (blocked_resolve(live->store, text_of(request, "build"), &build, &why))
        return control_error(why.code, "%s", why.text);
    if (!live->batch || store_batch_room(live->batch) <= LIVE_TURN_ROOM)
        return busy();
    blocked = blocked_find(live->store, build.build, before);
    if (!reason && !blocked)
        return control_error(TURRET_ENOTFOUND, "build %.12s is not blocked", build.hex);
    if (blocked_put(live->batch, build.build, reason))
        return busy();
    loop_wake(live->loop);
    return json_pack("{s:b, s:s, s:s, s:s, s:s}", "ok", 1, "build", build.hex, "plugin",
                     build.plugin, "version", build.version, "reason", reason ? reason : before);
}

static json_t *on_block(struct live *live, const json_t *request)
{
    const char *reason = text_of(request, "reason");
    if (!reason[0])
        return control_error(TURRET_EINVAL, "a build is blocked for a reason: give one");
    return set_block(live, request, reason);
}

static json_t *on_unblock(struct live *live, const json_t *request)
{
    return set_block(live, request, NULL);
}

static const struct {
    const char *name;
    json_t *(*answer)(struct live *live, const json_t *request);
} commands[] = {{"swap", on_swap},
                {"swap-outcome", on_outcome},
                {"rollback", on_rollback},
                {"block", on_block},
                {"unblock", on_unblock}};

json_t *live_answer_swap(struct live *live, const char *name, const json_t *request)
{
    size_t i;
    for (i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(commands[i].name, name))
            return commands[i].answer(live, request);
    return NULL;
}

/* ---- status ---- */

static const char *phase_of(const struct live *live, const struct live_move *move, bool strategy,
                            uint32_t index)
{
    if (move->committed)
        return "PROBATION";
    if (!strategy)
        return "PREPARE";
    if (engine_swap_of(live->engine, index)->shadow)
        return "SHADOW";
    return engine_swap_ready(live->engine, index, NULL) ? "WARMING" : "PREPARE";
}

static void add_move(const struct live *live, const struct live_move *move, json_t *list,
                     const char *name, bool strategy, uint32_t index)
{
    uint64_t since = move->committed ? move->committed : move->begun;
    struct engine_shadow shadow = {0};
    const char *phase;
    if (!move->to)
        return;
    phase = phase_of(live, move, strategy, index);
    if (strategy && !move->committed)
        engine_view_shadow(live->engine, index, &shadow);
    (void)json_array_append_new(
        list,
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "instance", name,
                  "plugin", move->to->file.note.id, "from", move->from->file.note.version, "to",
                  move->to->file.note.version, "from_build", move->from->file.build_id, "to_build",
                  move->to->file.build_id, "phase", phase, "events",
                  (json_int_t)(since ? engine_sequence(live->engine) - since : 0), "of",
                  (json_int_t)(move->committed            ? live->config->swap.probation
                               : !strcmp(phase, "SHADOW") ? live->config->swap.shadow
                                                          : 0),
                  "same", (json_int_t)shadow.same, "different", (json_int_t)shadow.different));
}

json_t *live_swap_status(const struct live *live)
{
    const struct live_swaps *swaps = &live->swaps;
    json_t *list = json_array();
    uint32_t i;
    for (i = 0; i < engine_strategy_count(live->engine); i++)
        add_move(live, &swaps->strategies[i], list, engine_strategy_name(live->engine, i), true, i);
    add_move(live, &swaps->indicators, list, "indicators", false, 0);
    for (i = 0; i < live->config->venue_count; i++)
        add_move(live, &swaps->venues[i], list, live->config->venues[i].name, false, i);
    return json_pack("{s:I, s:I, s:I, s:I, s:f, s:f, s:o}", "count", (json_int_t)swaps->swaps,
                     "rollbacks", (json_int_t)swaps->rollbacks, "unloaded",
                     (json_int_t)swaps->unloaded, "still_mapped", (json_int_t)swaps->still_mapped,
                     "pause_us", (double)swaps->pause_ns / 1e3, "pause_most_us",
                     (double)swaps->pause_most_ns / 1e3, "under_way", list);
}
