/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a broker adapter says that its venue offers, as people and programs read it.
 */
#ifndef CLI_ADAPTER_OFFERS_H
#define CLI_ADAPTER_OFFERS_H

#include "cli/cli.h"
#include "config/config.h"
#include "plugin/registry.h"

#include <jansson.h>

struct adapter_offers {
    bool known;
    struct turret_broker_caps caps;
    char why[200]; /* when it is not known */
};

/*
 * Opens the adapter, which connects to nothing, and asks it: with the parameters of the first venue
 * of the configuration (NULL: none) that names it, else with their defaults. One that runs in a
 * process of its own is not asked.
 */
void adapter_offers_ask(struct adapter_offers *offers, struct registry *registry,
                        const struct plugin *plugin, const struct plugin_offer *offer,
                        const struct config *config);
void adapter_offers_print(const struct adapter_offers *offers, const struct cli *cli);
/* An object, or null when it is not known. */
json_t *adapter_offers_json(const struct adapter_offers *offers);

#endif
