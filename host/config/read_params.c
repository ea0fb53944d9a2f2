/* SPDX-License-Identifier: Apache-2.0 */
/*
 * params: names and values as written. What they mean is the plugin's to say (config_bind_params).
 */
#include "config/reader.h"

/* A place as messages made later may use it: see config_bind_params(). */
static void keep_places(const struct reader *r, const struct yaml_node *value,
                        struct config_param *param)
{
    const struct report *report = r->report;
    param->name_place = reader_place(r, value->key);
    param->place = reader_place(r, value);
    if (report_line_expanded(report, value->start) ||
        report_line_expanded(report, value->key->start))
        param->name_place.length = 0; /* that line is not to be shown */
    if (report_secret(report, value->start, value->end))
        param->place.length = 0; /* that value is not to be shown */
}

void read_params(struct reader *r, const struct yaml_node *value, struct read_params to)
{
    const struct yaml_node *entry;
    struct config_param *param;
    if (!reader_is_map(r, value) || !reader_within(r, value, CONFIG_PARAMS_MAX))
        return;
    param = *to.params = reader_allocate(r, value->count, sizeof *param);
    for (entry = value->first; param && entry; entry = entry->next) {
        size_t before;
        if (reader_is_repeat(value, entry))
            continue;
        before = reader_enter(r, entry->key->text);
        if (reader_key_name(r, entry, READER_PARAM, param->name, sizeof param->name) &&
            (entry->kind == YAML_SCALAR && entry->length == 0 /* empty text is a value */
                 ? true
                 : reader_text(r, entry, param->text, sizeof param->text))) {
            keep_places(r, entry, param);
            param++;
            ++*to.count;
        }
        reader_leave(r, before);
    }
}
