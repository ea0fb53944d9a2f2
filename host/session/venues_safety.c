/* SPDX-License-Identifier: Apache-2.0 */
/* What venues offer for the case that all goes wrong. */
#include "ops/plural.h"
#include "session/venues_state.h"

#include <string.h>

int venues_cancel_all(struct venues *venues, uint32_t venue, struct turret_error *err)
{
    struct venue_link *link = venues->links[venue];
    if (!(link->caps.can & TURRET_CAN_CANCEL_ALL) || !link->type->cancel_all)
        return turret_fail(err, TURRET_ENOTSUP, "it does not cancel everything at once");
    return link->type->cancel_all(&link->handle, 0, 0, 0, err);
}

int venues_arm_dead_man(struct venues *venues, uint32_t venue, struct turret_error *err)
{
    struct venue_link *link = venues->links[venue];
    int64_t after_ns = venues->config->venues[venue].dead_man_ns;
    if (after_ns == 0)
        return TURRET_OK;
    if (!(link->caps.can & TURRET_CAN_DEAD_MAN) || !link->type->set_cancel_on_disconnect)
        return turret_fail(err, TURRET_ENOTSUP, "it has no dead-man timer");
    return link->type->set_cancel_on_disconnect(&link->handle, after_ns, err);
}

int venues_check_dead_man(const struct venue_link *link, const struct config_venue *given,
                          struct turret_error *err)
{
    if (given->dead_man_ns == 0 ||
        ((link->caps.can & TURRET_CAN_DEAD_MAN) && link->type->set_cancel_on_disconnect))
        return TURRET_OK;
    return turret_fail(
        err, TURRET_ENOTSUP,
        "venue %s: dead_man is set and adapter %s has no dead-man timer; take it out, "
        "and see to the orders some other way when the daemon dies",
        given->name, link->type->id);
}

static bool is_traded(const struct config *config, const char *venue)
{
    uint32_t i;
    for (i = 0; i < config->instrument_count; i++)
        if (!strcmp(config->instruments[i].venue, venue))
            return true;
    return false;
}

/* Whether orders of this configuration leave this machine for it. */
static bool is_real(const struct venues *venues, uint32_t venue)
{
    return venues_trades(venues, venue) && !venues_simulated(venues, venue) &&
           is_traded(venues->config, venues->config->venues[venue].name);
}

bool venues_unarmed(const struct venues *venues, uint32_t venue, char *what, size_t room)
{
    const struct config_venue *given = &venues->config->venues[venue];
    if (venues->config->mode != CONFIG_LIVE || given->armed[0] || !is_real(venues, venue))
        return false;
    (void)snprintf(what, room,
                   "venues.%s is not armed: with mode: live every order to it is denied "
                   "(NOT_ARMED); to trade its money add armed: %s, its account's name",
                   given->name, given->account);
    return true;
}

void venues_warn_real(const struct venues *venues, FILE *messages)
{
    const struct config *config = venues->config;
    uint32_t i;
    for (i = 0; messages && config->mode == CONFIG_PAPER && i < venues->count; i++)
        if (is_real(venues, i))
            (void)fprintf(messages,
                          "%s: warning: mode is paper, but venue %s is not simulated: orders leave "
                          "this machine for account %s there\n",
                          config->file, config->venues[i].name, config->venues[i].account);
}

void venues_warn_preset(const struct venues *venues, const struct config *config, FILE *messages)
{
    char names[480];
    uint32_t i, count;
    for (i = 0; messages && config->mode == CONFIG_LIVE && i < venues->count; i++) {
        const struct config_venue *given = &venues->config->venues[i];
        bool timed = venues->links[i]->type->server_time != NULL;
        count = config_preset_limits(config, timed, names, sizeof names);
        if (count > 0 && given->armed[0] && is_real(venues, i))
            (void)fprintf(messages,
                          "%s: warning: mode is live, venue %s trades the money of account %s, and "
                          "risk.preset is development, which is for simulated money; still the "
                          "preset's: %s; set %s, and say preset: none, with which a limit that is "
                          "not set is refused\n",
                          config->file, given->name, given->armed, names,
                          plural(count, "it", "them"));
    }
}

static bool gives_cash(const struct config_venue *venue, const char *currency)
{
    uint32_t i = 0;
    while (i < venue->cash_count && strcmp(venue->cash[i].currency, currency) != 0)
        i++;
    return i < venue->cash_count;
}

/* Whether the instrument is the first of its venue in its currency. */
static bool is_first(const struct config *config, const struct config_instrument *instrument)
{
    const struct config_instrument *at = config->instruments;
    while (strcmp(at->venue, instrument->venue) != 0 ||
           strcmp(at->currency, instrument->currency) != 0)
        at++;
    return at == instrument;
}

void venues_warn_unfunded(const struct venues *venues, FILE *messages)
{
    const uint32_t simulated = TURRET_CAN_TRADE | TURRET_CAN_SIMULATE;
    const struct config *config = venues->config;
    uint32_t v, i;
    for (v = 0; messages && v < venues->count; v++) {
        const struct config_venue *given = &config->venues[v];
        if ((venues->links[v]->caps.can & simulated) != simulated)
            continue;
        for (i = 0; i < config->instrument_count; i++) {
            const struct config_instrument *instrument = &config->instruments[i];
            if (strcmp(instrument->venue, given->name) != 0 || !is_first(config, instrument) ||
                gives_cash(given, instrument->currency))
                continue;
            (void)fprintf(messages,
                          "%s: warning: venues.%s.cash has no %s, in which %s.%s is traded; while "
                          "its account has none, every order that opens something there is denied "
                          "(BUYING_POWER)\n",
                          config->file, given->name, instrument->currency, instrument->symbol,
                          given->name);
        }
    }
}
