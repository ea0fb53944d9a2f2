/* SPDX-License-Identifier: Apache-2.0 */
#include "faults.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    enum fault_event on;
    int64_t argument;
    uint32_t chance;
} kinds[] = {
#define FAULT(kind, name, event, argument, chance) {name, event, argument, chance},
    FAULT_LIST
#undef FAULT
};

static const char *const events[EVENTS] = {
    [ON_ORDER] = "order", [ON_CANCEL] = "cancel",    [ON_CHANGE] = "change",
    [ON_QUERY] = "query", [ON_FILL] = "fill",        [ON_REPORT] = "report",
    [ON_TICK] = "tick",   [ON_DOWNLOAD] = "download"};

static bool read_line(const char *line, struct fault *fault)
{
    char when[16], name[32], event[16] = "";
    uint32_t k = 0, e = 0;
    int used = 0;
    if (sscanf(line, "%15s %15[a-z] %" SCNu64 " : %31s%n", when, event, &fault->number, name,
               &used) != 4) {
        event[0] = 0;
        if (sscanf(line, "%15s %" SCNu64 " : %31s%n", when, &fault->number, name, &used) != 3)
            return false;
    }
    while (k < FAULT_KINDS && strcmp(kinds[k].name, name) != 0)
        k++;
    while (event[0] && e < EVENTS && strcmp(events[e], event) != 0)
        e++;
    fault->every = !strcmp(when, "every");
    if (k == FAULT_KINDS || e == EVENTS || fault->number == 0 ||
        (!fault->every && strcmp(when, "after") != 0))
        return false;
    fault->kind = (enum fault_kind)k;
    fault->on = event[0] ? (enum fault_event)e : kinds[k].on;
    fault->argument = kinds[k].argument;
    (void)sscanf(line + used, "%" SCNd64, &fault->argument);
    return true;
}

bool faults_load(struct faults *faults, const char *path, uint32_t *line)
{
    char text[128];
    bool good = true;
    FILE *file;
    memset(faults, 0, sizeof *faults);
    *line = 0;
    if (!path)
        return true;
    faults->scripted = true;
    file = fopen(path, "re");
    if (!file)
        return false;
    while (good && fgets(text, sizeof text, file)) {
        ++*line;
        text[strcspn(text, "#\n")] = 0;
        if (text[strspn(text, " ")] == 0)
            continue;
        good = faults->count < FAULTS_MAX && read_line(text, &faults->list[faults->count++]);
    }
    (void)fclose(file);
    return good;
}

void faults_count(struct faults *faults, enum fault_event event, fault_random_fn *random)
{
    uint64_t seen = ++faults->seen[event];
    uint32_t i;
    for (i = 0; !faults->scripted && i < FAULT_KINDS; i++)
        if (kinds[i].on == event && kinds[i].chance && random(kinds[i].chance) == 0) {
            faults->due[i] = true;
            faults->argument[i] = kinds[i].argument;
        }
    for (i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->list[i];
        if (fault->on == event &&
            (fault->every ? seen % fault->number == 0 : seen == fault->number)) {
            faults->due[fault->kind] = true;
            faults->argument[fault->kind] = fault->argument;
        }
    }
}

bool faults_take(struct faults *faults, enum fault_kind kind, int64_t *argument)
{
    bool due = faults->due[kind];
    faults->due[kind] = false;
    if (due && argument)
        *argument = faults->argument[kind];
    return due;
}

const char *fault_name(enum fault_kind kind)
{
    return kinds[kind].name;
}
