/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses, runs and counts. A check whose ground has failed is not run: it would say it again. */
#include "check/check_run.h"
#include "check/check_image.h"

#include <fnmatch.h>
#include <string.h>

bool check_matches(const char *id, const char *pattern)
{
    size_t group = strcspn(id, "-");
    return fnmatch(pattern, id, 0) == 0 ||
           (strlen(pattern) == group && strncmp(id, pattern, group) == 0);
}

static bool is_listed(const char *id, const char *const *patterns, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (check_matches(id, patterns[i]))
            return true;
    return false;
}

/* The probe's checks repeat others: they run when they are named. */
static bool is_chosen(const struct check_row *row, const struct check_options *options)
{
    if (row->level > options->level || is_listed(row->id, options->skip, options->skip_count))
        return false;
    if (options->only_count == 0)
        return row->level > 0;
    return is_listed(row->id, options->only, options->only_count);
}

static const struct check_line *find_line(const struct check_summary *summary, const char *id)
{
    for (uint32_t i = 0; i < summary->count; i++)
        if (!strcmp(summary->lines[i].row->id, id))
            return &summary->lines[i];
    return NULL;
}

/*
 * Whether the check it stands on leaves it something to show. Where that one does not apply, this
 * one does not either.
 */
static bool has_ground(const struct check_summary *summary, const struct check_row *row,
                       struct check_result *result)
{
    const struct check_line *line = row->needs ? find_line(summary, row->needs) : NULL;
    if (!line || line->result.outcome == CHECK_PASS)
        return true;
    if (line->result.outcome == CHECK_SKIP) {
        result->outcome = CHECK_SKIP;
        (void)snprintf(result->text, sizeof result->text, "%s does not apply", row->needs);
    } else {
        result->outcome = CHECK_BLOCKED;
        (void)snprintf(result->text, sizeof result->text, "%s did not pass", row->needs);
    }
    return false;
}

static void run_one(const struct check_request *request, struct check_result *result)
{
    struct check_result again;
    check_child_run(request, result);
    if (!request->row->twice || result->outcome != CHECK_PASS)
        return;
    check_child_run(request, &again);
    if (again.outcome != CHECK_PASS) {
        *result = again;
    } else if (strcmp(result->text, again.text) != 0) {
        result->outcome = CHECK_FAIL;
        (void)snprintf(result->text, sizeof result->text,
                       "the same events in another process, and it did something else there");
    }
}

/*
 * A level holds when each of its checks that apply has passed or does not apply to this plugin.
 * What was not chosen has not been shown.
 */
static bool level_holds(const struct check_summary *summary, uint32_t level)
{
    for (uint32_t i = 0; i < check_row_count; i++) {
        const struct check_row *row = &check_rows[i];
        const struct check_line *line;
        if (row->level != level || !(row->kinds & summary->kinds))
            continue;
        line = find_line(summary, row->id);
        if (!line || (line->result.outcome != CHECK_PASS && line->result.outcome != CHECK_SKIP))
            return false;
    }
    return true;
}

/* What the note says it is; every kind when it cannot be read, so that checks tell why. */
static int read_kinds(const char *file, uint32_t *kinds, struct turret_error *err)
{
    struct check_image image;
    struct plugin_file inspected;
    struct turret_error why = {0};
    *kinds = TURRET_KIND_INDICATOR | TURRET_KIND_STRATEGY | TURRET_KIND_BROKER;
    if (plugin_inspect(file, &inspected, &why) == TURRET_OK) {
        *kinds = inspected.note.kinds;
        return TURRET_OK;
    }
    if (check_image_init(&image, file, NULL) == TURRET_OK) {
        check_image_finish(&image);
        return TURRET_OK;
    }
    return turret_fail(err, why.code, "%s", why.text);
}

int check_run(const char *file, const char *private_dir, const struct check_options *options,
              check_line_fn *ended, void *context, struct check_summary *summary,
              struct turret_error *err)
{
    int status;
    memset(summary, 0, sizeof *summary);
    status = read_kinds(file, &summary->kinds, err);
    for (uint32_t i = 0; status == TURRET_OK && i < check_row_count; i++) {
        const struct check_row *row = &check_rows[i];
        struct check_line *line = &summary->lines[summary->count];
        const struct check_request request = {row,
                                              file,
                                              private_dir,
                                              options->symbol,
                                              options->params,
                                              options->param_count,
                                              options->state,
                                              options->seed,
                                              options->timeout_ns};
        if (!(row->kinds & summary->kinds) || !is_chosen(row, options))
            continue;
        line->row = row;
        if (has_ground(summary, row, &line->result))
            run_one(&request, &line->result);
        summary->count++;
        summary->passed += line->result.outcome == CHECK_PASS;
        summary->failed += line->result.outcome == CHECK_FAIL;
        summary->skipped += line->result.outcome >= CHECK_SKIP;
        ended(context, line);
    }
    summary->level_max = options->level < CHECK_LEVELS ? options->level : CHECK_LEVELS;
    while (summary->level < summary->level_max && level_holds(summary, summary->level + 1))
        summary->level++;
    return status;
}
