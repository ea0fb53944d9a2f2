/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/state_row.h"

#include "cli/decision.h"
#include "cli/records.h"
#include "cli/remote.h"
#include "core/event.h"
#include "session/latch.h"
#include "session/trading_rows.h"

#include <poll.h>
#include <string.h>

#define LOOK_MS 5

static bool is_row(const struct state_row *wanted, const struct trading_latch *latch)
{
    return !strcmp(trading_scope_name(latch->scope), wanted->scope) &&
           !strncmp(latch->name, wanted->name, sizeof latch->name - 1);
}

static bool is_stored(struct store *store, const struct state_row *wanted)
{
    static struct trading_latch latches[TRADING_LATCHES_MAX];
    uint32_t i, count = 0;
    if (trading_rows_get(store, latches, &count, NULL))
        return false;
    for (i = 0; i < count && !is_row(wanted, &latches[i]);)
        i++;
    if (!wanted->reason)
        return i == count;
    return i < count && !strcmp(trading_state_name(latches[i].state), wanted->state) &&
           !strcmp(latches[i].reason, wanted->reason) && !strcmp(latches[i].who, decision_who());
}

/* Only what leaves KILLED lifts it, right after its record is on the disk. */
static bool is_lifted(const struct latch *latch, const struct state_row *wanted)
{
    uint32_t slot = !strcmp(wanted->scope, "all")     ? LATCH_ALL
                    : !strcmp(wanted->scope, "venue") ? latch_find(latch, wanted->name)
                                                      : LATCH_NONE;
    return (wanted->reason && !strcmp(wanted->state, trading_state_name(TRADING_KILLED))) ||
           slot == LATCH_NONE || latch_word(latch, slot) == 0;
}

static int tell_late(const struct cli *cli, const char *shown_by)
{
    cli_note(cli,
             "the daemon took it, but it is not on the disk after %d s; %s shows it once it is",
             REMOTE_TIMEOUT_MS / 1000, shown_by);
    return CLI_PARTLY;
}

int state_row_wait(const struct cli *cli, const struct state_row *wanted)
{
    struct store *store = NULL;
    struct latch *latch = NULL;
    struct turret_error err = {0};
    bool seen = false;
    int round;
    if (records_open(&store, cli, &err))
        return cli_error(cli, &err);
    (void)latch_open(&latch, store_path(store), false, NULL);
    for (round = 0; round < REMOTE_TIMEOUT_MS / LOOK_MS && !seen; round++) {
        seen = is_stored(store, wanted) && (!latch || is_lifted(latch, wanted));
        if (!seen)
            (void)poll(NULL, 0, LOOK_MS);
    }
    latch_close(latch);
    store_close(store);
    return seen ? CLI_DONE : tell_late(cli, "turret state");
}

/* ---- a decision ---- */

struct decided {
    uint64_t next; /* record to read */
    uint32_t kind;
    bool seen;
};

static int see_record(void *context, const struct store_record *record)
{
    struct decided *decided = context;
    struct event_control control;
    decided->next = record->sequence + 1;
    if (record->type != EVENT_CONTROL || record->size_bytes != 8 + sizeof control)
        return 0;
    memcpy(&control, (const uint8_t *)record->payload + 8, sizeof control);
    decided->seen = control.kind == decided->kind;
    return decided->seen;
}

/* Its rows are in the transaction of its record; that none is there may be older than that. */
int state_row_wait_control(const struct cli *cli, uint32_t kind, uint64_t sequence,
                           const char *shown_by)
{
    struct decided decided = {.next = sequence + 1, .kind = kind};
    struct store *store = NULL;
    struct turret_error err = {0};
    int round;
    if (records_open(&store, cli, &err))
        return cli_error(cli, &err);
    for (round = 0; round < REMOTE_TIMEOUT_MS / LOOK_MS && !decided.seen && !err.code; round++) {
        (void)store_journal_read(store, decided.next, see_record, &decided, &err);
        if (!decided.seen)
            (void)poll(NULL, 0, LOOK_MS);
    }
    store_close(store);
    if (err.code)
        return cli_error(cli, &err);
    return decided.seen ? CLI_DONE : tell_late(cli, shown_by);
}

int state_row_wait_losses(const struct cli *cli, uint64_t sequence)
{
    return state_row_wait_control(cli, CONTROL_RESET_STOPS, sequence, "turret state");
}
