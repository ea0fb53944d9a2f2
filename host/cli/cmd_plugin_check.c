/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret plugin check: the conformance kit over one file.
 */
#include "check/check_run.h"
#include "cli/json.h"
#include "cli/plugins.h"
#include "cli/text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_S     5.0
#define TIMEOUT_MAX_S 600.0
#define NANO          1e9

static const struct cli_argument arguments[] = {
    {"FILE", "the plugin, an .so file", true, false},
    {NULL, NULL, false, false},
};

static const struct cli_option options[] = {
    {"level", 0, "N", "run the checks up to this level, 1 to 4 (default: 4)", NULL, false},
    {"only", 0, "ID", "only these checks: an id, a group (elf) or a glob; several times", NULL,
     false},
    {"skip", 0, "ID", "not these checks; as --only", NULL, false},
    {"seed", 0, "N", "of everything random; the same seed repeats a run (default: 1)", NULL, false},
    {"state", 0, "FILE",
     "a strategy's saved state, as a hot swap hands it over; the check probe-state loads it", NULL,
     false},
    {"timeout", 0, "SECONDS", "time limit of one check (default: 5)", NULL, false},
    {"param", 0, "NAME=VALUE", "a parameter's value in place of its default; several times", NULL,
     false},
    {"instrument", 0, "SYMBOL", "what an adapter's cards trade (default: CHECK)", NULL, false},
    {"list", 0, NULL, "list the checks instead of running them", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {
    "turret plugin check build/acme.so", "turret plugin check build/acme.so --only state",
    "turret plugin check build/acme.so --param socket=/run/acme.test", "turret plugin check --list",
    NULL};

static const char *outcome_name(enum check_outcome outcome)
{
    static const char *const names[] = {"", "PASS", "FAIL", "SKIP", "SKIP"};
    return names[outcome];
}

/* ---- the list ---- */

static void kinds_text(uint32_t kinds, char text[40])
{
    static const uint32_t all[] = {TURRET_KIND_INDICATOR, TURRET_KIND_STRATEGY, TURRET_KIND_BROKER};
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < 3; i++)
        if (kinds & all[i])
            used += (size_t)snprintf(text + used, 40 - used, "%s%s", used ? ", " : "",
                                     plugins_kind_name(all[i]));
    if (kinds == (all[0] | all[1] | all[2]))
        (void)snprintf(text, 40, "all");
}

static int list(const struct cli *cli)
{
    static const char *const headings[] = {"check", "level", "kinds", "shows"};
    struct text_table table;
    json_t *array = json_array();
    if (text_table_begin(&table, 4, 1u << 1, headings))
        return CLI_FAILED;
    for (uint32_t i = 0; i < check_row_count; i++) {
        const struct check_row *row = &check_rows[i];
        char kinds[40], level[12];
        const char *cells[] = {row->id, level, kinds, row->shows};
        kinds_text(row->kinds, kinds);
        (void)snprintf(level, sizeof level, row->level ? "%u" : "probe", row->level);
        if (cli->json)
            (void)json_array_append_new(array, json_pack("{s:s, s:i, s:s, s:s}", "id", row->id,
                                                         "level", (int)row->level, "kinds", kinds,
                                                         "shows", row->shows));
        else if (text_table_row(&table, cells))
            break;
    }
    text_table_end(&table, cli);
    if (cli->json)
        return cli_json_print(array) ? CLI_FAILED : CLI_DONE;
    json_decref(array);
    return CLI_DONE;
}

/* ---- a run ---- */

struct telling {
    const struct cli *cli;
    bool quiet; /* the probe: only what is wrong */
};

static void tell_line(void *context, const struct check_line *line)
{
    const struct telling *telling = context;
    const struct check_result *result = &line->result;
    if (telling->cli->json || (telling->quiet && result->outcome != CHECK_FAIL))
        return;
    (void)printf("%-24s %s%s%s\n", line->row->id, outcome_name(result->outcome),
                 result->text[0] ? "  " : "", result->text);
    if (result->outcome == CHECK_FAIL && result->output[0]) {
        const char *at = result->output;
        while (*at) { /* what the plugin itself wrote, indented */
            int length = (int)strcspn(at, "\n");
            (void)printf("    | %.*s\n", length, at);
            at += length + (at[length] == '\n');
        }
    }
    (void)fflush(stdout);
}

static json_t *summary_json(const char *file, const struct check_options *chosen,
                            const struct check_summary *summary)
{
    json_t *checks = json_array();
    for (uint32_t i = 0; i < summary->count; i++) {
        const struct check_line *line = &summary->lines[i];
        (void)json_array_append_new(
            checks, json_pack("{s:s, s:i, s:s, s:s, s:s, s:f}", "id", line->row->id, "level",
                              (int)line->row->level, "outcome", outcome_name(line->result.outcome),
                              "text", line->result.text, "output", line->result.output, "seconds",
                              (double)line->result.elapsed_ns / NANO));
    }
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:I, s:o}", "file", file, "level",
                     (int)summary->level, "levels", CHECK_LEVELS, "passed", (int)summary->passed,
                     "failed", (int)summary->failed, "skipped", (int)summary->skipped, "seed",
                     (json_int_t)chosen->seed, "checks", checks);
}

static void tell_summary(const struct check_summary *summary)
{
    (void)printf("%u passed, %u failed, %u skipped; level %u of %d\n", summary->passed,
                 summary->failed, summary->skipped, summary->level, CHECK_LEVELS);
}

/* Every pattern must choose something. */
static int read_patterns(const struct cli *cli, const char *option, const char **patterns,
                         uint32_t *count, struct turret_error *err)
{
    const char *pattern;
    for (*count = 0; (pattern = cli_get_nth(cli, option, (int)*count)); (*count)++) {
        uint32_t i = 0;
        if (*count == CHECK_PATTERNS_MAX)
            return turret_fail(err, TURRET_ELIMIT, "--%s is given more than %d times", option,
                               CHECK_PATTERNS_MAX);
        while (i < check_row_count && !check_matches(check_rows[i].id, pattern))
            i++;
        if (i == check_row_count)
            return turret_fail(err, TURRET_EINVAL,
                               "--%s '%.60s' is no check, group or glob of checks; see "
                               "'turret plugin check --list'",
                               option, pattern);
        patterns[*count] = pattern;
    }
    return TURRET_OK;
}

static int read_params(const struct cli *cli, struct check_options *chosen,
                       struct turret_error *err)
{
    const char *text;
    while ((text = cli_get_nth(cli, "param", (int)chosen->param_count))) {
        if (chosen->param_count == CHECK_PARAMS_MAX || !strchr(text, '=') || text[0] == '=')
            return turret_fail(err, TURRET_EINVAL,
                               "--param is '%.60s'; expected NAME=VALUE, at most %d of them", text,
                               CHECK_PARAMS_MAX);
        chosen->params[chosen->param_count++] = text;
    }
    return TURRET_OK;
}

static int read_options(const struct cli *cli, struct check_options *chosen,
                        struct turret_error *err)
{
    const char *text = cli_get(cli, "timeout");
    double seconds = TIMEOUT_S;
    int64_t level, seed;
    char *end;
    if (cli_get_int(cli, "level", 1, CHECK_LEVELS, CHECK_LEVELS, &level, err) ||
        cli_get_int(cli, "seed", 0, INT64_MAX, 1, &seed, err) ||
        read_patterns(cli, "only", chosen->only, &chosen->only_count, err) ||
        read_patterns(cli, "skip", chosen->skip, &chosen->skip_count, err) ||
        read_params(cli, chosen, err))
        return turret_ok(err);
    if (text) {
        seconds = strtod(text, &end);
        if (end == text || *end || !(seconds >= 0.01 && seconds <= TIMEOUT_MAX_S))
            return turret_fail(err, TURRET_EINVAL,
                               "--timeout is '%.60s'; expected 0.01 to %.0f seconds", text,
                               TIMEOUT_MAX_S);
    }
    chosen->symbol = cli_get(cli, "instrument") ? cli_get(cli, "instrument") : "CHECK";
    chosen->state = cli_get(cli, "state");
    chosen->level = (uint32_t)level;
    chosen->seed = (uint64_t)seed;
    chosen->timeout_ns = (int64_t)(seconds * NANO);
    return TURRET_OK;
}

/* The probe's checks say nothing when all is well. */
static bool is_probe(const struct check_options *chosen)
{
    bool probe = chosen->only_count > 0;
    for (uint32_t i = 0; i < chosen->only_count; i++)
        probe = probe && !strncmp(chosen->only[i], "probe", 5);
    return probe;
}

static int run_file(struct cli *cli, const struct check_options *chosen)
{
    static struct check_summary summary;
    const char *file = cli->arguments[0];
    struct telling telling = {cli, is_probe(chosen)};
    struct turret_error err = {0};
    struct plugins plugins = {0};
    int code;
    if (plugins_begin(&plugins, cli, &err)) {
        code = cli_error(cli, &err);
    } else if (check_run(file, plugins.private_dir, chosen, tell_line, &telling, &summary, &err)) {
        (void)cli_error(cli, &err);
        code = CLI_INVALID;
    } else {
        if (cli->json)
            (void)cli_json_print(summary_json(file, chosen, &summary));
        else if (!telling.quiet || !summary.failed) /* a probe's failure is all there is to say */
            tell_summary(&summary);
        code = summary.failed ? CLI_FAILED : CLI_DONE;
    }
    plugins_close(&plugins);
    return code;
}

static int run(struct cli *cli)
{
    struct check_options chosen = {0};
    struct turret_error err = {0};
    if (cli_flag(cli, "list"))
        return list(cli);
    if (read_options(cli, &chosen, &err))
        return cli_usage(cli, "%s", err.text);
    if (cli->argument_count == 0)
        return cli_usage(cli, "'turret plugin check' needs a FILE");
    return run_file(cli, &chosen);
}

const struct cli_command cmd_plugin_check = {
    .path = "plugin check",
    .summary = "show that a plugin keeps the contract",
    .details =
        "Runs the conformance checks that apply to the plugin's kinds, each in a process of its "
        "own with limits on time and memory, so that a crash, a hang or an exit is a result. One "
        "line a check: PASS, FAIL with the reason, or SKIP where it does not apply or could not "
        "be shown, because it stands on a check that did not pass or the venue does not answer.\n\n"
        "Levels: 1 loads and behaves; 2 saves its state and can be swapped; 3 stands hostile "
        "markets and is deterministic and disciplined; 4 fits older and newer hosts and survives "
        "random events. A level holds when every check of it and of those below that applies has "
        "passed.\n\n"
        "Exits with 0 when no check failed, 1 when one did, 2 for wrong usage, 3 when the file is "
        "no plugin at all. '--only probe' is the quick look that a hot swap takes before it loads "
        "a new build.\n\n"
        "An adapter that must be told where its venue is gets it by --param, as the configuration "
        "would say it. Use a venue without money: its cards submit and cancel orders.",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .run = run,
};
