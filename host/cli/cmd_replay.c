/* SPDX-License-Identifier: Apache-2.0 */
/* turret replay: the journal through the core again, compared with what was recorded. */
#include "cli/cli.h"
#include "cli/json.h"
#include "config/config.h"
#include "ops/plural.h"
#include "session/replay.h"

static json_t *hash_text(const uint8_t hash[32])
{
    char text[65];
    int i;
    for (i = 0; i < 32; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", hash[i]);
    return json_string(text);
}

static void print(const struct cli *cli, const struct replay_result *result, bool same)
{
    if (cli->json) {
        (void)cli_json_print(
            json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:b, s:o}", "same", same, "records",
                      (json_int_t)result->records, "fills", (json_int_t)result->fills,
                      "intent_mismatches", (json_int_t)result->intent_mismatches,
                      "report_mismatches", (json_int_t)result->report_mismatches,
                      "snapshot_sequence", (json_int_t)result->snapshot_sequence, "snapshot_equal",
                      result->snapshot_equal, "journal_hash", hash_text(result->journal_hash)));
        return;
    }
    (void)printf("%llu %s replayed, %llu %s; %llu %s and %llu %s differ\n",
                 (unsigned long long)result->records, plural(result->records, "record", "records"),
                 (unsigned long long)result->fills, plural(result->fills, "fill", "fills"),
                 (unsigned long long)result->intent_mismatches,
                 plural(result->intent_mismatches, "intent", "intents"),
                 (unsigned long long)result->report_mismatches,
                 plural(result->report_mismatches, "venue answer", "venue answers"));
    if (result->snapshot_sequence == 0)
        (void)printf("no snapshot lies in the journal's range: states were not compared\n");
    else if (result->snapshot_equal)
        (void)printf("state at record %llu: the same %zu bytes as the live run's\n",
                     (unsigned long long)result->snapshot_sequence, result->snapshot_bytes);
    else
        (void)printf("state at record %llu differs from the live run's from byte %zu on\n",
                     (unsigned long long)result->snapshot_sequence, result->first_difference);
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct replay_result result;
    char path[CONFIG_PATH_MAX];
    bool same;
    if (cli_store_there(cli, path, sizeof path, &err) ||
        replay_run(path, cli->json ? NULL : stderr, &result, &err))
        return cli_error(cli, &err);
    same = result.intent_mismatches == 0 && result.report_mismatches == 0 &&
           (result.snapshot_equal || result.snapshot_sequence == 0);
    print(cli, &result, same);
    return same ? CLI_DONE : CLI_FAILED;
}

static const char *const examples[] = {"turret replay --store var/turret", NULL};

const struct cli_command cmd_replay = {
    .path = "replay",
    .summary = "run the journal through the core again and compare",
    .details =
        "Feeds every record of the journal to the same core and the same plugins, from the first. "
        "The intents the strategies ask for this time, the answers of simulated venues, and the "
        "state at the newest snapshot must be those of the live run, byte for byte. Nothing is "
        "written. Exit code 1: something differs.",
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
