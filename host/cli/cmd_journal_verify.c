/* SPDX-License-Identifier: Apache-2.0 */
/* turret journal verify: checksums and chain of the journal. */
#include "cli/cli.h"
#include "cli/json.h"
#include "config/config.h"
#include "store/store.h"

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct store *store = NULL;
    struct store_journal_head head = {0};
    char path[CONFIG_PATH_MAX], hash[65];
    uint64_t checked = 0;
    int status = cli_store_path(cli, path, sizeof path, &err), i;
    if (!status)
        status = store_open(&store, path, STORE_READ_ONLY, &err);
    if (!status)
        status = store_journal_head(store, &head, &err);
    if (!status)
        status = store_journal_verify(store, &checked, &err);
    store_close(store);
    if (status)
        return cli_error(cli, &err);
    for (i = 0; i < 32; i++)
        (void)snprintf(hash + 2 * i, 3, "%02x", head.hash[i]);
    if (cli->json)
        return cli_json_print(json_pack("{s:b, s:I, s:I, s:I, s:s}", "good", 1, "records",
                                        (json_int_t)checked, "first", (json_int_t)head.first,
                                        "last", (json_int_t)head.last, "hash", hash))
                   ? CLI_FAILED
                   : CLI_DONE;
    (void)printf("%llu records, %llu to %llu, every checksum and link is good\nhead %s\n",
                 (unsigned long long)checked, (unsigned long long)head.first,
                 (unsigned long long)head.last, hash);
    return CLI_DONE;
}

static const char *const examples[] = {"turret journal verify --store var/turret", NULL};

const struct cli_command cmd_journal_verify = {
    .path = "journal verify",
    .summary = "check every record and link of the journal",
    .details =
        "Every record has a CRC-32C and the SHA-256 of the record before it and itself; the "
        "head is kept apart. An edit, a deletion, a truncation or a change of order is found "
        "and the first bad record named.",
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
