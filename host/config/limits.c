/* SPDX-License-Identifier: Apache-2.0 */
/* Which limits of the account nobody set, or the preset alone. */
#include "config/config.h"
#include "config/scalar.h"
#include "config/walk.h"

#include <stddef.h>
#include <string.h>

/* Names, as many as there is room for, and how many there are. */
struct list {
    char *names;
    size_t room, length;
    uint32_t count, more;
};

static void add(struct list *list, const char *name)
{
    if (list->more > 0 || list->length + strlen(name) + sizeof ", and 100 more" > list->room)
        list->more++;
    else
        list->length += (size_t)snprintf(list->names + list->length, list->room - list->length,
                                         "%s%s", list->count > 0 ? ", " : "", name);
    list->count++;
}

static uint32_t end(const struct list *list)
{
    if (list->more > 0)
        (void)snprintf(list->names + list->length, list->room - list->length, " and %u more",
                       list->more);
    return list->count;
}

/* Where no venue tells its time nothing is measured by this one. */
static bool is_idle(const struct risk_limit_row *row, bool timed)
{
    return !timed && row->offset == offsetof(struct risk_limits, max_clock_skew_ns);
}

uint32_t config_unset_limits(const struct config *config, bool timed, char *names, size_t room)
{
    const struct risk_limit_row *row;
    struct list list = {.names = names, .room = room};
    char text[SCALAR_TEXT_MAX + 2];
    *names = '\0';
    for (row = risk_limit_rows; row->name; row++)
        if (!row->alarms && !is_idle(row, timed) &&
            !walk_limit(&config->risk, row->name, text, sizeof text))
            add(&list, row->name);
    return end(&list);
}

/* The same written by hand counts, too: `turret config show` writes every limit. */
static bool is_of_preset(const struct risk_limits *limits, const struct risk_limit_row *row)
{
    bool percent = row->unit == RISK_UNIT_MONEY_OR_PERCENT;
    const char *at = (const char *)limits + (percent ? row->percent_offset : row->offset);
    return *(const int64_t *)(const void *)at == row->development;
}

uint32_t config_preset_limits(const struct config *config, bool timed, char *names, size_t room)
{
    const struct risk_limit_row *row;
    struct list list = {.names = names, .room = room};
    *names = '\0';
    for (row = risk_limit_rows; row->name && !strcmp(config->risk_preset, "development"); row++)
        if (!is_idle(row, timed) && is_of_preset(&config->risk, row))
            add(&list, row->name);
    return end(&list);
}
