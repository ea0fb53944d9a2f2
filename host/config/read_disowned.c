/* SPDX-License-Identifier: Apache-2.0 */
/* disowned: names of strategies that are gone, each once, and none that is still there. */
#include "config/reader.h"

#include <string.h>

static bool is_strategy(const struct config *config, const char *name)
{
    uint32_t i = 0;
    while (i < config->strategy_count && strcmp(config->strategies[i].name, name) != 0)
        i++;
    return i < config->strategy_count;
}

static bool is_there(const struct config *config, const char *name)
{
    uint32_t i = 0;
    while (i < config->disowned_count && strcmp(config->disowned[i], name) != 0)
        i++;
    return i < config->disowned_count;
}

void read_disowned(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                   void *target)
{
    struct config *config = target;
    const struct yaml_node *item;
    uint32_t index = 0;
    (void)key;
    if (!reader_is_list(r, value) || !reader_within(r, value, CONFIG_DISOWNED_MAX))
        return;
    for (item = value->first; item; item = item->next) {
        char *name = config->disowned[config->disowned_count];
        size_t before = reader_enter_index(r, index++);
        if (reader_name(r, item, READER_NAME, name, CONFIG_NAME_MAX)) {
            if (is_strategy(config, name))
                reader_refuse(r, item, "which is still among the strategies; take it out of one");
            else if (is_there(config, name))
                reader_refuse(r, item, "there already");
            else
                config->disowned_count++;
        }
        reader_leave(r, before);
    }
}
