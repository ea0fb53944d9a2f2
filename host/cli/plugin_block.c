/* SPDX-License-Identifier: Apache-2.0 */
/* Blocking and unblocking a build. */
#include "cli/plugin_block.h"

#include "cli/json.h"
#include "cli/plugin_swap.h"
#include "cli/records.h"
#include "config/config.h"
#include "io/clock.h"
#include "session/audit.h"
#include "session/blocked.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#define BATCH_BYTES 16384
#define ROW_ROUNDS  500
#define ROW_MS      10

static int print(const struct cli *cli, const json_t *done, bool blocks)
{
    const char *build = json_string_value(json_object_get(done, "build"));
    const char *plugin = json_string_value(json_object_get(done, "plugin"));
    const char *version = json_string_value(json_object_get(done, "version"));
    const char *reason = json_string_value(json_object_get(done, "reason"));
    char digits[16];
    if (!build || !plugin || !version || !reason)
        return CLI_FAILED;
    if (cli->json)
        return cli_json_print(json_pack("{s:s, s:s, s:s, s:b, s:s}", "build", build, "plugin",
                                        plugin, "version", version, "blocked", blocks, "reason",
                                        reason))
                   ? CLI_FAILED
                   : CLI_DONE;
    cli_note(cli, "build %s%s%s%s%s is %s: %s", plugin_swap_short(build, digits),
             plugin[0] ? " of " : "", plugin, version[0] ? " " : "", version,
             blocks ? "blocked" : "no longer blocked", blocks ? reason : "put it in place again");
    return CLI_DONE;
}

/* As the daemon does it for what it is asked. Its next start signs it. */
static int put_audit(struct store_batch *batch, const struct blocked_build *build,
                     const char *reason)
{
    struct audit_text text;
    struct audit_record record = {
        .time = clock_unix_ns(), .kind = AUDIT_COMMAND, .text = text.bytes};
    audit_begin(&text);
    audit_add(&text, "command", "%s", reason ? "block" : "unblock");
    audit_add(&text, "by", "uid %u pid %d, without a daemon", (unsigned)getuid(), (int)getpid());
    audit_add(&text, "asked", "build %s%s%s", build->hex, reason ? ": " : "", reason ? reason : "");
    audit_add(&text, "answer", "done");
    record.text_bytes = text.size_bytes;
    return store_batch_audit(batch, &record);
}

static int write_row(struct store *store, const struct blocked_build *build, const char *reason,
                     struct turret_error *err)
{
    struct store_batch *batch;
    int status = store_batch_create(&batch, BATCH_BYTES, err);
    if (status)
        return status;
    status = blocked_put(batch, build->build, reason);
    if (!status)
        status = put_audit(batch, build, reason);
    status = status ? turret_fail(err, status, "the row does not fit") : TURRET_OK;
    if (!status)
        status = store_commit(store, batch, err);
    store_batch_destroy(batch);
    return status;
}

/* Under the store's lock: a daemon that does not answer is named by its pid. */
static int on_store(const struct cli *cli, const char *prefix, const char *reason)
{
    struct turret_error err = {0};
    struct blocked_build build;
    struct store *store = NULL;
    char path[CONFIG_PATH_MAX], why[BLOCKED_WHY_MAX] = "";
    json_t *done;
    int status = cli_store_there(cli, path, sizeof path, &err);
    if (!status)
        status = store_open(&store, path, STORE_EXCLUSIVE, &err);
    if (!status)
        status = blocked_resolve(store, prefix, &build, &err);
    if (!status && !blocked_find(store, build.build, why) && !reason)
        status = turret_fail(&err, TURRET_ENOTFOUND, "build %.12s is not blocked", build.hex);
    if (!status)
        status = write_row(store, &build, reason, &err);
    store_close(store);
    if (status)
        return cli_error(cli, &err);
    done = json_pack("{s:s, s:s, s:s, s:s}", "build", build.hex, "plugin", build.plugin, "version",
                     build.version, "reason", reason ? reason : why);
    status = print(cli, done, reason != NULL);
    json_decref(done);
    return status;
}

/* The daemon has decided; done is done when it is on the disk. A bounded number of looks. */
static void wait_for_row(const struct cli *cli, const char *hex, bool blocks)
{
    struct turret_error none = {0};
    struct blocked_build build;
    struct store *store = NULL;
    bool there = !blocks;
    if (!hex || records_open(&store, cli, &none))
        return;
    for (int round = 0; round < ROW_ROUNDS && there != blocks; round++) {
        there = blocked_resolve(store, hex, &build, NULL) == TURRET_OK &&
                blocked_find(store, build.build, NULL);
        if (there != blocks)
            (void)poll(NULL, 0, ROW_MS);
    }
    store_close(store);
}

int plugin_block_run(const struct cli *cli, const char *build, const char *reason)
{
    struct turret_error err = {0};
    bool unreachable = false;
    json_t *reply, *request = json_pack("{s:s, s:s, s:s}", "command", reason ? "block" : "unblock",
                                        "build", build, "reason", reason ? reason : "");
    int code;
    if (!request)
        return cli_usage(cli, "the build or the reason is not UTF-8");
    if (plugin_swap_ask(cli, request, &reply, &unreachable, &err))
        return unreachable && err.code == TURRET_ENOTFOUND ? on_store(cli, build, reason)
                                                           : remote_error(cli, unreachable, &err);
    wait_for_row(cli, json_string_value(json_object_get(reply, "build")), reason != NULL);
    code = print(cli, reply, reason != NULL);
    json_decref(reply);
    return code;
}
