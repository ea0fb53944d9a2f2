/* SPDX-License-Identifier: Apache-2.0 */
/* audit: where its key and its heads lie. Both have a default, in the store. */
#include "config/reader.h"

static const struct reader_key keys[] = {
    {"key", read_text, offsetof(struct config_audit, key), CONFIG_PATH_MAX, false},
    {"heads", read_text, offsetof(struct config_audit, heads), CONFIG_PATH_MAX, false},
};

void read_audit(struct reader *r, const struct yaml_node *value, const struct reader_key *key,
                void *target)
{
    struct config *config = target;
    (void)key;
    reader_read(r, value, keys, sizeof keys / sizeof *keys, &config->audit);
}
