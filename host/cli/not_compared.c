/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/not_compared.h"

#include "cli/clean.h"
#include "cli/remote.h"
#include "store/store.h"

#include <string.h>

static const char *text_of(const json_t *row, const char *member)
{
    const char *text = json_string_value(json_object_get(row, member));
    return text ? text : "";
}

static void add(struct not_compared *to, const json_t *venue)
{
    struct not_compared_venue *one = &to->venues[to->venue_count];
    const char *name = text_of(venue, "name"), *since = text_of(venue, "not_ready_since");
    const char *reason = text_of(venue, "stream");
    if (to->venue_count == CONFIG_VENUES_MAX)
        return;
    to->venue_count++;
    (void)snprintf(one->name, sizeof one->name, "%s", name);
    (void)snprintf(one->since, sizeof one->since, "%s", since);
    if (json_is_true(json_object_get(venue, "connected")))
        (void)snprintf(one->text, sizeof one->text, "venue %s is being compared since %s", name,
                       since);
    else
        (void)snprintf(one->text, sizeof one->text,
                       "venue %s is not connected: not compared since %s%s%s%s", name, since,
                       reason[0] ? " (" : "", reason, reason[0] ? ")" : "");
    clean_text(one->name, sizeof one->name);
    clean_text(one->since, sizeof one->since);
    clean_text(one->text, sizeof one->text);
}

void not_compared_read(const struct cli *cli, const char *store, struct not_compared *to)
{
    struct turret_error err = {0};
    json_t *status = remote_status(cli, &err);
    const json_t *venue;
    size_t i;
    memset(to, 0, sizeof *to);
    if (!status) {
        to->venue_count = 1;
        (void)snprintf(to->venues[0].text, sizeof to->venues[0].text, "%s",
                       store_daemon(store) == 0
                           ? "no daemon runs: nothing is compared"
                           : "the daemon does not answer: what is compared is not known");
        return;
    }
    json_array_foreach(json_object_get(status, "venues"), i, venue)
    {
        if (json_is_true(json_object_get(venue, "trades")) &&
            json_is_false(json_object_get(venue, "compared")))
            add(to, venue);
    }
    json_decref(status);
}
