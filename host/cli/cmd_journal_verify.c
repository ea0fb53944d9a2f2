/* SPDX-License-Identifier: Apache-2.0 */
/* turret journal verify: checksums and chains of journal and audit, and the audit's signed heads.
 */
#include "cli/cli.h"
#include "cli/json.h"
#include "config/config.h"
#include "ops/plural.h"
#include "session/audit.h"

#include <inttypes.h>
#include <string.h>

struct verified {
    struct store_journal_head head;
    uint64_t records;
    struct audit_checked audit;
};

/* --heads, or what -C says, or the file in the store. */
static int find_heads(const struct cli *cli, const char *store, char *path, size_t room,
                      struct turret_error *err)
{
    const char *given = cli_get(cli, "heads");
    struct config *config = NULL;
    if (!given && cli_get(cli, "config") && config_load(cli_get(cli, "config"), &config, NULL, err))
        return turret_ok(err);
    audit_path(path, room,
               given    ? given
               : config ? config->audit.heads
                        : "",
               store, AUDIT_HEADS_NAME);
    config_destroy(config);
    return TURRET_OK;
}

static int verify(const struct cli *cli, const uint8_t *key, struct verified *verified,
                  struct turret_error *err)
{
    struct store *store = NULL;
    char path[CONFIG_PATH_MAX], heads[CONFIG_PATH_MAX + 16];
    int status = cli_store_there(cli, path, sizeof path, err);
    if (!status)
        status = find_heads(cli, path, heads, sizeof heads, err);
    if (!status)
        status = store_open(&store, path, STORE_READ_ONLY, err);
    if (!status)
        status = store_journal_head(store, &verified->head, err);
    if (!status)
        status = store_journal_verify(store, &verified->records, err);
    if (!status)
        status = store_audit_verify(store, heads, key, &verified->audit, err);
    store_close(store);
    return status;
}

static int print_json(const struct verified *verified, const char *hash, const char *key)
{
    const struct audit_checked *audit = &verified->audit;
    return cli_json_print(
               json_pack("{s:b, s:I, s:I, s:I, s:s, s:{s:I, s:I, s:I, s:I, s:s}}", "good", 1,
                         "records", (json_int_t)verified->records, "first",
                         (json_int_t)verified->head.first, "last", (json_int_t)verified->head.last,
                         "hash", hash, "audit", "records", (json_int_t)audit->records, "heads",
                         (json_int_t)audit->heads, "signed_record", (json_int_t)audit->head_number,
                         "signed_sequence", (json_int_t)audit->head_sequence, "key", key))
               ? CLI_FAILED
               : CLI_DONE;
}

static void print_audit(const struct verified *verified, const char *key)
{
    const struct audit_checked *audit = &verified->audit;
    (void)printf("%" PRIu64 " audit %s, every checksum and link is good\n", audit->records,
                 plural(audit->records, "record", "records"));
    if (audit->heads == 0) {
        (void)printf("no signed head yet\n");
        return;
    }
    (void)printf("%" PRIu64 " signed %s good; not signed yet: %" PRIu64 " audit %s and %" PRIu64
                 " of the journal\nkey %s\n",
                 audit->heads, plural(audit->heads, "head is", "heads are"),
                 audit->records - audit->head_number,
                 plural(audit->records - audit->head_number, "record", "records"),
                 verified->head.last - audit->head_sequence, key);
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct verified verified;
    char hash[SEAL_HEX(32)], key_text[SEAL_HEX(SEAL_KEY_BYTES)];
    const char *given = cli_get(cli, "key");
    uint8_t key[SEAL_KEY_BYTES];
    memset(&verified, 0, sizeof verified);
    if (given && !seal_from_hex(given, key, sizeof key))
        return cli_usage(cli, "'%.80s' is no public key: 'turret audit --key' prints one", given);
    if (verify(cli, given ? key : NULL, &verified, &err))
        return cli_error(cli, &err);
    seal_to_hex(verified.head.hash, sizeof verified.head.hash, hash);
    seal_to_hex(verified.audit.key, sizeof verified.audit.key, key_text);
    if (cli->json)
        return print_json(&verified, hash, verified.audit.heads ? key_text : "");
    (void)printf("%" PRIu64 " %s, %" PRIu64 " to %" PRIu64
                 ", every checksum and link is good\nhead %s\n",
                 verified.records, plural(verified.records, "record", "records"),
                 verified.head.first, verified.head.last, hash);
    print_audit(&verified, key_text);
    return CLI_DONE;
}

static const struct cli_option options[] = {
    {"heads", 0, "FILE",
     "signed heads to check against (default: the configuration's when -C names one, or "
     "audit.heads in the store)",
     NULL, false},
    {"key", 0, "PUBLIC", "the key the heads are signed with (default: the one in the heads file)",
     NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {
    "turret journal verify --store var/turret",
    "turret journal verify --heads /mnt/elsewhere/audit.heads --key 6f0c…", NULL};

const struct cli_command cmd_journal_verify = {
    .path = "journal verify",
    .summary = "check every record and link of journal and audit",
    .details =
        "Every record of the journal has a CRC-32C and the SHA-256 of the record before it and "
        "itself; the audit is a chain of BLAKE2b-256 with signed heads over both. An edit, a "
        "deletion, a truncation or a change of order is found and the first bad record named. Who "
        "can write to the store can also sign when the key lies there: heads and key kept "
        "elsewhere "
        "(--heads, --key) find that too.",
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
