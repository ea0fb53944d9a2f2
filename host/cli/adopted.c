/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/adopted.h"

#include "cli/clean.h"
#include "cli/records.h"

#include <string.h>

struct counting {
    const char *venue, *about;
    json_t *strategies;
    turret_qty of_strategies, of_account;
    int32_t scale;
};

static bool is_about(const struct counting *counting, const struct row_names *names)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%.31s.%.15s", names->symbol, names->venue);
    return !strncmp(names->venue, counting->venue, sizeof names->venue) &&
           (!strncmp(names->symbol, counting->about, sizeof names->symbol) ||
            !strcmp(name, counting->about));
}

static json_t *qty_json(turret_qty qty, int32_t scale)
{
    char text[RECORDS_DECIMAL_MAX];
    return json_string(records_decimal(qty, scale, text));
}

static int see_position(void *context, const struct row_position *row)
{
    struct counting *counting = context;
    char name[64];
    if (!is_about(counting, &row->names))
        return 0;
    counting->scale = row->names.qty_scale;
    if (row->position.strategy == POSITION_OF_ACCOUNT) {
        counting->of_account = row->position.qty;
        return 0;
    }
    counting->of_strategies += row->position.qty;
    (void)snprintf(name, sizeof name, "%.31s.%.15s", row->names.symbol, row->names.venue);
    if (row->position.qty != 0)
        (void)json_array_append_new(
            counting->strategies,
            json_pack("{s:o, s:s, s:o}", "strategy", records_strategy_json(&row->names),
                      "instrument", name, "qty", qty_json(row->position.qty, counting->scale)));
    return 0;
}

/* Whether the account has less of it than its strategies, all together, hold for theirs. */
static bool is_less(turret_qty account, turret_qty strategies)
{
    return strategies > 0 ? account < strategies : account > strategies;
}

json_t *adopted_still_counted(const struct cli *cli, const char *venue, const char *about,
                              struct turret_error *err)
{
    struct counting counting = {.venue = venue, .about = about, .strategies = json_array()};
    struct store *store;
    json_t *row;
    size_t i;
    if (!records_open(&store, cli, err)) {
        (void)records_positions(store, see_position, &counting, err);
        store_close(store);
    }
    if (!is_less(counting.of_account, counting.of_strategies) || counting.of_strategies == 0)
        (void)json_array_clear(counting.strategies);
    json_array_foreach(counting.strategies, i, row)(void)
        json_object_set_new(row, "account_qty", qty_json(counting.of_account, counting.scale));
    return counting.strategies;
}

static void read_text(const json_t *row, const char *member, char to[64])
{
    const char *text = json_string_value(json_object_get(row, member));
    (void)snprintf(to, 64, "%s", text ? text : "?");
    clean_text(to, 64);
}

void adopted_tell(const struct cli *cli, const json_t *counted)
{
    const json_t *row;
    size_t i;
    json_array_foreach(counted, i, row)
    {
        char strategy[64], instrument[64], qty[64], account[64];
        read_text(row, "strategy", strategy);
        read_text(row, "instrument", instrument);
        read_text(row, "qty", qty);
        read_text(row, "account_qty", account);
        cli_note(cli,
                 "%s still counts %s of %s, and the account has %s: it goes on by its own count; "
                 "to end that: turret stop %s, then give it another name in the configuration and "
                 "list %s in disowned",
                 strategy, qty, instrument, account, strategy, strategy);
    }
}
