/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The adapters of one session and the host's side of their ABI: opening them, carrying commands to
 * them, collecting what they report as events. Backtest and live use the same.
 */
#ifndef SESSION_VENUES_H
#define SESSION_VENUES_H

#include "config/config.h"
#include "core/engine.h"
#include "plugin/registry.h"

#define VENUE_QUEUE 8192 /* reports not yet ingested; full answers ELIMIT */
/*
 * Of one feed or command. The simulated venue says less of a market event: of each of its 4096
 * orders that it is set off, filled and ended, and one fill more of each level of both sides. All
 * of it comes before the event; what has no room comes behind it, which no replay can repeat.
 */
#define VENUE_PROMPT 32768

struct venues;

/* Hears what adapters log. */
struct venues_log {
    void *context;
    void (*line)(void *context, uint32_t level, const char *text);
};

/*
 * Opens the adapter of every venue of the configuration, in its order, and asks for capabilities.
 * Stored bars, timers and descriptors come from the services the registry has (services.h). `log`
 * may be NULL.
 *
 * owns:  config and registry are borrowed until venues_close()
 * fails: what the adapter said, prefixed by the venue; parameters that do not check are told to
 *        `messages` in the configuration's own form
 */
int venues_open(struct venues **out, const struct config *config, struct registry *registry,
                turret_time_ns now, uint32_t reason, const struct venues_log *log, FILE *messages,
                struct turret_error *err);
/* NULL is allowed. */
void venues_close(struct venues *venues);

/*
 * Another build of a venue's adapter takes over, between two events and with no command on its way.
 * The new one is opened beside the old; the session is handed over when both can export theirs and
 * is then the same, to the byte; otherwise the swap happens across a reconnect. It is asked for the
 * market data that is subscribed before it connects. `replaying`: the real world is left alone.
 *
 * fails: the old adapter goes on. EVERSION it can do less; EFAULT what it exports is not what it
 *        was given; what its own functions said
 */
int venues_swap(struct venues *venues, uint32_t venue, const struct plugin_offer *offer,
                turret_time_ns now, bool replaying, FILE *messages, struct turret_error *err);
const struct turret_broker_type *venues_type(const struct venues *venues, uint32_t venue);
/* For types whose instances live in another process: the type of an open adapter. */
const struct turret_broker_type *venues_type_of(const struct turret_broker *self);

const struct turret_broker_caps *venues_caps(const struct venues *venues, uint32_t venue);
bool venues_trades(const struct venues *venues, uint32_t venue);
bool venues_simulated(const struct venues *venues, uint32_t venue);
/* Whether all its orders will be denied because nobody armed it; then what to do about that. */
bool venues_unarmed(const struct venues *venues, uint32_t venue, char *what, size_t room);
/* To which venues orders leave this machine although mode is paper; NULL: to nobody. */
void venues_warn_real(const struct venues *venues, FILE *messages);
/* Which venues that are armed trade real money by limits for simulated money; NULL: to nobody. */
void venues_warn_preset(const struct venues *venues, const struct config *config, FILE *messages);
/* Which simulated venues begin without cash in a currency that they trade in; NULL: to nobody. */
void venues_warn_unfunded(const struct venues *venues, FILE *messages);

/* connect(), then download() where it trades. fails: as the adapter said */
int venues_connect(struct venues *venues, turret_time_ns since, struct turret_error *err);
/* connect() and download() of the simulated ones only: recovery. */
int venues_connect_simulated(struct venues *venues, turret_time_ns since, struct turret_error *err);
/*
 * Asks the instrument's feed, when it can be asked, for reports (1u << TURRET_REPORT_…) and bars of
 * this timeframe (0: none). A feed that is none of these venues is not asked. fails: as the adapter
 * said
 */
int venues_subscribe(struct venues *venues, turret_instrument id, uint32_t reports,
                     int64_t timeframe_ns, struct turret_error *err);
/*
 * Carries a command out. What the adapter proves it did not send comes back as a REJECTED answer
 * in the queue; EUNKNOWN as UNKNOWN.
 */
void venues_command(struct venues *venues, const struct command *command);
/* ---- venues_safety.c ---- */
/* Every order of the account at once. fails: ENOTSUP it does not offer that; as the adapter said */
/*
 * As the configuration's dead_man says, the venue is to cancel everything when it hears nothing for
 * so long; asked at every download, so after each connect. OK when nothing is asked. fails: as the
 * adapter said; ENOTSUP
 */
int venues_arm_dead_man(struct venues *venues, uint32_t venue, struct turret_error *err);
int venues_cancel_all(struct venues *venues, uint32_t venue, struct turret_error *err);

/* Shows a market event to the simulated venue that the instrument's orders go to. */
void venues_feed(struct venues *venues, uint32_t venue, const struct event *event);
/*
 * The oldest report not yet taken; false when there is none. What an adapter said inside
 * venues_feed() or venues_command() comes first: it belongs before everything that waits. Not
 * market data of a venue that is not simulated.
 */
bool venues_take(struct venues *venues, struct event *event);
/* Only of those. */
bool venues_take_prompt(struct venues *venues, struct event *event);
/* Forgets every report not yet taken. */
void venues_discard(struct venues *venues);
/* What venues_take() would give next, where it waits; NULL when nothing does. Valid until then. */
struct event *venues_next(const struct venues *venues);
/* Takes it without a copy. No adapter may have been called since. */
void venues_drop_next(struct venues *venues);
uint32_t venues_waiting(const struct venues *venues);
/* Room for at least half a queue: adapters may go on. */
bool venues_have_room(const struct venues *venues);

void venues_fire_timer(struct venues *venues, uint32_t venue, uint32_t timer_id);
void venues_fire_fd(struct venues *venues, uint32_t venue, int descriptor, uint32_t events);

/* What can be asked of a venue besides an order; it answers by reports. */
enum venues_question {
    VENUES_FILLS,
    VENUES_POSITIONS,
    VENUES_BALANCES,
    VENUES_TIME,
    VENUES_DOWNLOAD
};
/* fails: ENOTSUP it does not offer that; else as the adapter said */
int venues_ask(struct venues *venues, uint32_t venue, enum venues_question question,
               turret_time_ns since, struct turret_error *err);
/* The venue's clock against this machine's, as it was when the answer came. */
struct venues_time {
    bool known;
    int64_t skew_ns, doubt_ns; /* venue less machine; half the round trip */
};
/* Takes the newest answer, once. */
bool venues_take_time(struct venues *venues, uint32_t venue, struct venues_time *time);

/* State of adapters that export it; *size is 0 when this one does not. fails: what the adapter says
 */
int venues_export(struct venues *venues, uint32_t venue, void *to, size_t room, size_t *size,
                  struct turret_error *err);
int venues_import(struct venues *venues, uint32_t venue, const void *from, size_t size_bytes,
                  struct turret_error *err);

#endif
