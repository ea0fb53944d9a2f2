/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret audit: what people and the daemon decided, oldest first.
 */
#include "cli/clean.h"
#include "cli/json.h"
#include "cli/records.h"
#include "research/when.h"
#include "session/audit.h"

#include <inttypes.h>
#include <string.h>

#define VALUE_ROOM 8300 /* a value of a record, escaped, is cut here */

struct listing {
    const struct cli *cli;
    uint16_t kind; /* AUDIT_KINDS: all */
    turret_time_ns since;
    uint64_t limit, matched, skip; /* the first pass counts, the second leaves out the oldest */
    bool counts;
    json_t *array;
    bool has_key;
    uint8_t key[SEAL_KEY_BYTES]; /* of the newest head */
};

static void print_field(const char *name, const char *value)
{
    char text[VALUE_ROOM];
    clean_escape(value, text, sizeof text);
    (void)printf(*value && !strpbrk(value, " \t=") ? " %s=%s" : " %s=\"%s\"", name, text);
}

static void print_record(const struct listing *listing, const struct audit_record *record)
{
    const char *name, *value;
    char when[WHEN_TEXT_MAX];
    uint32_t at = 0;
    when_print(record->time, when, sizeof when);
    (void)printf(listing->cli->plain ? "%" PRIu64 "\t%s\t%s\t" : "%6" PRIu64 "  %-30s  %-8s ",
                 record->number, when, audit_kind_name(record->kind));
    if (record->kind == AUDIT_HEAD) {
        struct audit_head head;
        memcpy(&head, record->text, sizeof head);
        (void)printf(" signs audit=%" PRIu64 " journal=%" PRIu64, head.number - 1,
                     head.journal_last);
    }
    while (audit_next(record, &at, &name, &value))
        print_field(name, value);
    (void)putchar('\n');
}

static json_t *any_json(const char *value)
{
    char text[VALUE_ROOM];
    json_t *whole = json_string(value);
    if (whole)
        return whole;
    clean_escape(value, text, sizeof text); /* not UTF-8 */
    return json_string(text);
}

static void add_head(json_t *fields, const struct audit_record *record)
{
    char audit[SEAL_HEX(SEAL_HASH_BYTES)], journal[SEAL_HEX(SEAL_HASH_BYTES)];
    char key[SEAL_HEX(SEAL_KEY_BYTES)], signature[SEAL_HEX(SEAL_SIGNATURE_BYTES)];
    struct audit_head head;
    memcpy(&head, record->text, sizeof head);
    seal_to_hex(head.audit_hash, sizeof head.audit_hash, audit);
    seal_to_hex(head.journal_hash, sizeof head.journal_hash, journal);
    seal_to_hex(head.key, sizeof head.key, key);
    seal_to_hex(head.signature, sizeof head.signature, signature);
    (void)json_object_update_new(
        fields, json_pack("{s:I, s:s, s:I, s:s, s:s, s:s}", "audit", (json_int_t)head.number - 1,
                          "audit_hash", audit, "journal", (json_int_t)head.journal_last,
                          "journal_hash", journal, "key", key, "signature", signature));
}

static json_t *record_json(const struct audit_record *record)
{
    const char *name, *value;
    json_t *fields = json_object();
    uint32_t at = 0;
    if (record->kind == AUDIT_HEAD)
        add_head(fields, record);
    while (audit_next(record, &at, &name, &value))
        (void)json_object_set_new(fields, name, any_json(value));
    return json_pack("{s:I, s:o, s:I, s:s, s:o}", "number", (json_int_t)record->number, "time",
                     cli_json_time(record->time), "sequence", (json_int_t)record->sequence, "kind",
                     audit_kind_name(record->kind), "fields", fields);
}

static int take(void *context, const struct audit_record *record)
{
    struct listing *listing = context;
    if (record->kind == AUDIT_HEAD && record->text_bytes == sizeof(struct audit_head)) {
        listing->has_key = true;
        memcpy(listing->key, record->text + offsetof(struct audit_head, key), sizeof listing->key);
    } else if (record->kind == AUDIT_HEAD) {
        return 0;
    }
    if (record->time < listing->since ||
        (listing->kind != AUDIT_KINDS && record->kind != listing->kind))
        return 0;
    if (listing->counts)
        listing->matched++;
    else if (listing->skip > 0)
        listing->skip--;
    else if (listing->array)
        return json_array_append_new(listing->array, record_json(record));
    else
        print_record(listing, record);
    return 0;
}

static int print_key(const struct listing *listing)
{
    char hex[SEAL_HEX(SEAL_KEY_BYTES)];
    if (!listing->has_key) {
        cli_note(listing->cli, "nothing is signed yet: a daemon makes the key");
        return CLI_INVALID;
    }
    seal_to_hex(listing->key, sizeof listing->key, hex);
    if (listing->cli->json)
        return cli_json_print(json_pack("{s:s}", "key", hex)) ? CLI_FAILED : CLI_DONE;
    (void)printf("%s\n", hex);
    return CLI_DONE;
}

static int list(struct listing *listing, struct store *store, struct turret_error *err)
{
    if (listing->matched > listing->limit)
        listing->skip = listing->matched - listing->limit;
    listing->counts = false;
    if (listing->skip > 0 && !cli_get(listing->cli, "limit"))
        cli_note(listing->cli, "%" PRIu64 " older records are left out; --all shows them",
                 listing->skip);
    (void)store_audit_read(store, 1, take, listing, err);
    if (listing->array)
        (void)cli_json_print(json_incref(listing->array));
    else if (listing->matched == 0)
        cli_note(listing->cli, "no records");
    return turret_ok(err) ? cli_error(listing->cli, err) : CLI_DONE;
}

static int run(struct cli *cli)
{
    struct listing listing = {.cli = cli, .kind = AUDIT_KINDS, .counts = true};
    struct turret_error err = {0};
    struct store *store = NULL;
    const struct when_format any_form = {.kind = WHEN_AUTO};
    struct when since;
    int64_t limit;
    int code;
    if (cli_get(cli, "kind"))
        listing.kind = audit_kind_of(cli_get(cli, "kind"));
    if (cli_get(cli, "kind") && listing.kind == AUDIT_KINDS)
        return cli_usage(cli,
                         "--kind is head, session, command, config, limit, code, denial, decision, "
                         "shadow or heads, not '%.40s'",
                         cli_get(cli, "kind"));
    if (cli_get(cli, "since")) {
        if (when_parse(&any_form, cli_get(cli, "since"), &since, &err))
            return cli_usage(cli, "--since '%.40s' is no time such as 2026-10-07T14:30:00Z",
                             cli_get(cli, "since"));
        listing.since = since.time;
    }
    if (cli_get_int(cli, "limit", 1, RECORDS_LIMIT_MAX,
                    cli_flag(cli, "all") ? INT64_MAX : RECORDS_LIMIT_DEFAULT, &limit, &err))
        return cli_usage(cli, "%s", err.text);
    listing.limit = (uint64_t)limit;
    if (records_open(&store, cli, &err) || store_audit_read(store, 1, take, &listing, &err)) {
        code = cli_error(cli, &err);
    } else if (cli_flag(cli, "key")) {
        code = print_key(&listing);
    } else {
        listing.array = cli->json ? json_array() : NULL;
        code = list(&listing, store, &err);
        json_decref(listing.array);
    }
    store_close(store);
    return code;
}

static const struct cli_option options[] = {
    {"since", 0, "TIME", "from this moment on, 2026-10-07 or 2026-10-07T14:30:00Z", NULL, false},
    {"kind", 'k', "KIND", "records of this kind only: denial, command …", NULL, false},
    {"limit", 'n', "N", "the newest N (default: 50)", NULL, false},
    {"all", 'a', NULL, "all that are recorded", NULL, false},
    {"key", 0, NULL, "print only the public key that signed heads are checked with", NULL, false},
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {"turret audit --kind denial --limit 10",
                                       "turret audit --since 2026-10-07 --json",
                                       "turret audit --key", NULL};

const struct cli_command cmd_audit = {
    .path = "audit",
    .summary = "list what was asked, changed and denied",
    .details =
        "Every command, configuration, changed limit, change of code, denial and start is a record "
        "in a chain of its own; signed heads make a change or a cut of it known. The oldest comes "
        "first. Control characters are shown as \\xNN, ends of lines as \\r and \\n. 'turret "
        "journal verify' checks chain and signatures.",
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
