/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/state_row.h"

#include "cli/decision.h"
#include "cli/records.h"
#include "cli/remote.h"
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
           slot == LATCH_NONE || latch_word(latch, slot, NULL) == 0;
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
    if (seen)
        return CLI_DONE;
    cli_note(cli,
             "the daemon took it, but it is not on the disk after %d s; turret state shows it "
             "once it is",
             REMOTE_TIMEOUT_MS / 1000);
    return CLI_PARTLY;
}
