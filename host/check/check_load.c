/* SPDX-License-Identifier: Apache-2.0 */
/* Loading and unloading: how long it takes, what it leaves behind, whether it really goes. */
#include "check/check_groups.h"

#include "io/clock.h"
#include "ops/plural.h"

#include <dirent.h>
#include <fenv.h>
#include <float.h>
#include <link.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOADS        20
#define LOAD_MAX_NS  INT64_C(100000000) /* of one load: a daemon loads hundreds at its start */
#define SIGNALS      64
#define NANO_PER_MS  1e6
#define SUMMARY_SIZE 300

void check_load_opens(struct check *check)
{
    const struct plugin *plugin = check_load(check);
    for (uint32_t i = 0; i < plugin->offer_count; i++) {
        const char *summary = plugin_offer_summary(&plugin->offers[i]);
        if (summary[0] == '\0' || strlen(summary) > SUMMARY_SIZE || strchr(summary, '\n'))
            check_fail(check, "summary of %s is not one line of 1 to %d characters",
                       plugin_offer_id(&plugin->offers[i]), SUMMARY_SIZE);
    }
    check_remark(check, "%u offered", plugin->offer_count);
}

void check_load_time(struct check *check)
{
    int64_t best = INT64_MAX;
    for (int i = 0; i < LOADS; i++) {
        int64_t begin = clock_monotonic_ns();
        struct plugin *plugin = check_load(check);
        int64_t took = clock_monotonic_ns() - begin;
        best = took < best ? took : best;
        check_stage(check, "deinit");
        plugin_unload(plugin);
    }
    if (best > LOAD_MAX_NS)
        check_fail(check, "the quickest of %d loads took %.0f ms, at most %.0f are taken", LOADS,
                   (double)best / NANO_PER_MS, (double)LOAD_MAX_NS / NANO_PER_MS);
}

void check_load_again(struct check *check)
{
    struct plugin *plugin = check_load(check);
    uint32_t count = plugin->offer_count;
    char id[64];
    (void)snprintf(id, sizeof id, "%s", plugin_offer_id(&plugin->offers[0]));
    check_stage(check, "deinit");
    plugin_unload(plugin);
    plugin = check_load(check);
    if (plugin->offer_count != count || strcmp(plugin_offer_id(&plugin->offers[0]), id) != 0)
        check_fail(check, "offers %u the second time it is loaded, %u the first",
                   plugin->offer_count, count);
    check_stage(check, "deinit");
    plugin_unload(plugin);
}

struct search {
    const char *path;
    bool found;
};

static int look(struct dl_phdr_info *object, size_t size, void *context)
{
    struct search *search = context;
    (void)size;
    search->found = search->found || !strcmp(object->dlpi_name, search->path);
    return 0;
}

void check_load_unload(struct check *check)
{
    struct plugin *plugin = check_load(check);
    char path[PLUGIN_PATH_MAX];
    struct search search = {path, false};
    (void)snprintf(path, sizeof path, "%s", plugin->private_path);
    check_stage(check, "deinit");
    plugin_unload(plugin);
    check_stage(check, "");
    (void)dl_iterate_phdr(look, &search);
    if (search.found)
        check_remark(check, "stays mapped after it is unloaded");
}

/* ---- what a load must not change ---- */

struct trace {
    struct sigaction actions[SIGNALS + 1];
    sigset_t mask;
    unsigned threads, descriptors;
    uint64_t variables; /* digest of the environment */
    char locale[256], folder[1024];
    mode_t umask;
    int rounding;
    bool denormals;
};

static unsigned count_entries(const char *path)
{
    DIR *folder = opendir(path);
    unsigned count = 0;
    while (folder && readdir(folder))
        count++;
    if (folder)
        (void)closedir(folder);
    return count;
}

extern char **environ;

static void take_trace(struct trace *trace)
{
    volatile double tiny = DBL_MIN;
    char **variable;
    memset(trace, 0, sizeof *trace);
    for (int i = 1; i <= SIGNALS; i++)
        (void)sigaction(i, NULL, &trace->actions[i]);
    (void)sigprocmask(SIG_BLOCK, NULL, &trace->mask);
    trace->threads = count_entries("/proc/self/task");
    trace->descriptors = count_entries("/proc/self/fd");
    trace->variables = CHECK_DIGEST_START;
    for (variable = environ; variable && *variable; variable++)
        trace->variables = check_digest(trace->variables, *variable, strlen(*variable) + 1);
    (void)snprintf(trace->locale, sizeof trace->locale, "%s", setlocale(LC_ALL, NULL));
    if (!getcwd(trace->folder, sizeof trace->folder))
        trace->folder[0] = '\0';
    trace->umask = umask(0);
    (void)umask(trace->umask);
    trace->rounding = fegetround();
    trace->denormals = tiny / 2 > 0;
}

static void compare_signals(struct check *check, const struct trace *a, const struct trace *b)
{
    for (int i = 1; i <= SIGNALS; i++)
        if (a->actions[i].sa_handler != b->actions[i].sa_handler) {
            const char *name = sigabbrev_np(i);
            check_fail(check, "installs a handler for SIG%s", name ? name : "?");
        }
    if (memcmp(&a->mask, &b->mask, sizeof a->mask) != 0)
        check_fail(check, "changes which signals are blocked");
}

static void compare_surroundings(struct check *check, const struct trace *a, const struct trace *b)
{
    if (a->variables != b->variables)
        check_fail(check, "changes the environment variables of the process");
    if (strcmp(a->locale, b->locale) != 0)
        check_fail(check, "changes the locale to %.60s", b->locale);
    if (strcmp(a->folder, b->folder) != 0)
        check_fail(check, "changes the working directory to %.200s", b->folder);
    if (a->umask != b->umask)
        check_fail(check, "changes the umask to %03o", (unsigned)b->umask);
    if (a->rounding != b->rounding || a->denormals != b->denormals)
        check_fail(check,
                   "changes how the process computes with floating point (%s); "
                   "link without -ffast-math",
                   a->rounding != b->rounding ? "rounding" : "denormals become zero");
}

static void compare(struct check *check, const struct trace *before, const struct trace *after)
{
    switch (check->row->variant) {
    case CHECK_TRACE_SIGNALS:
        compare_signals(check, before, after);
        break;
    case CHECK_TRACE_THREADS:
        if (after->threads > before->threads)
            check_fail(check, "leaves %u %s running", after->threads - before->threads,
                       plural(after->threads - before->threads, "thread", "threads"));
        break;
    case CHECK_TRACE_DESCRIPTORS:
        if (after->descriptors != before->descriptors)
            check_fail(check, "%s %d file %s",
                       after->descriptors > before->descriptors ? "leaves open" : "closes",
                       abs((int)after->descriptors - (int)before->descriptors),
                       plural((uint64_t)abs((int)after->descriptors - (int)before->descriptors),
                              "descriptor", "descriptors"));
        break;
    default:
        compare_surroundings(check, before, after);
        break;
    }
}

/* While it is loaded; and again when it is gone. */
void check_load_trace(struct check *check)
{
    static struct trace before, after;
    struct plugin *plugin;
    take_trace(&before);
    plugin = check_load(check);
    take_trace(&after);
    compare(check, &before, &after);
    check_stage(check, "deinit");
    plugin_unload(plugin);
    check_stage(check, "");
    take_trace(&after);
    compare(check, &before, &after);
}
