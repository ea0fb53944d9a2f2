/* SPDX-License-Identifier: Apache-2.0 */
/* The whole journal through the core again. */
#include "session/replay.h"

#include "session/live_state.h"
#include "session/services.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct whole {
    struct replay replay;
    struct replay_result *result;
    struct live_saved saved; /* newest snapshot; its engine bytes are copied below */
    bool starved;            /* for the comparison with it */
    uint8_t *saved_engine;
    uint64_t first_config;
};

static int find_first_config(void *context, const struct store_record *record)
{
    struct whole *whole = context;
    if (record->type != EVENT_CONFIG || record->size_bytes != 8 + event_payload_size(EVENT_CONFIG))
        return 1;
    memcpy(&whole->first_config,
           (const uint8_t *)record->payload + 8 + offsetof(struct event_config, version),
           sizeof whole->first_config);
    return 1;
}

static void compare_snapshot(struct whole *whole)
{
    struct replay_result *result = whole->result;
    size_t bytes = engine_snapshot(whole->replay.live->engine, NULL, 0), i;
    uint8_t *now = malloc(bytes);
    whole->starved = !now;
    if (!now)
        return;
    (void)engine_snapshot(whole->replay.live->engine, now, bytes);
    result->snapshot_sequence = whole->saved.sequence;
    result->snapshot_bytes = bytes;
    for (i = 0; i < bytes && i < whole->saved.engine_bytes && now[i] == whole->saved_engine[i]; i++)
        ;
    result->first_difference = i;
    result->snapshot_equal = bytes == whole->saved.engine_bytes && i == bytes;
    free(now);
}

static int on_record(void *context, const struct store_record *record)
{
    struct whole *whole = context;
    int status = live_replay_record(&whole->replay, record);
    whole->result->records++;
    whole->result->fills += record->type == EVENT_FILL;
    if (!status && whole->saved_engine && record->sequence == whole->saved.sequence)
        compare_snapshot(whole);
    return status;
}

/* As the configuration says: each in this process or in one of its own. */
static int load_plugins(struct live *live, const char *private_dir, uint64_t sequence,
                        struct turret_error *err)
{
    int status =
        assemble_plugins(live->config, private_dir, &live->registry, live->options.messages, err);
    if (!status)
        status = services_offer_store(live->registry, live->store, err);
    if (!status)
        status = services_offer_loop(live->registry, live->loop, err);
    return status ? status : live_recall_builds(live, sequence, err);
}

/* What crashed in a process of its own may not do it in this one, and the other way round. */
static int start_again(struct live *live, struct config *config, struct turret_error *err)
{
    char private_dir[CONFIG_PATH_MAX];
    uint64_t sequence = engine_sequence(live->engine);
    struct live_saved saved;
    int status = live_leave(live, config, &saved, err);
    if (status)
        return status;
    (void)snprintf(private_dir, sizeof private_dir, "%s", registry_private_dir(live->registry));
    registry_destroy(live->registry);
    live->registry = NULL;
    status = load_plugins(live, private_dir, sequence, err);
    return status ? status : live_assemble(live, &saved, TURRET_REASON_PARAMS, err);
}

static int prepare(struct whole *whole, char *private_dir, struct turret_error *err)
{
    struct live *live = whole->replay.live;
    struct turret_error none = {0}; /* there need not be a good snapshot */
    int status = store_journal_read(live->store, 1, find_first_config, whole, err);
    if (status)
        return status;
    if (whole->first_config == 0)
        return turret_fail(err, TURRET_ENOTFOUND,
                           "%s: the journal does not begin with a "
                           "configuration",
                           live->store_path);
    status = live_load_snapshot(live, UINT64_MAX, &whole->saved, &none);
    if (status == TURRET_ENOMEM)
        return turret_fail(err, status, "%s", none.text);
    if (status == TURRET_OK) {
        whole->saved_engine = malloc(whole->saved.engine_bytes);
        if (!whole->saved_engine)
            return turret_fail(err, TURRET_ENOMEM, "no memory for a snapshot");
        memcpy(whole->saved_engine, whole->saved.engine, whole->saved.engine_bytes);
    }
    status = live_load_config(live->store, whole->first_config, &live->config, err);
    live->config_version = whole->first_config;
    if (!status && !mkdtemp(private_dir))
        status = turret_fail(err, TURRET_EIO, "%s cannot be made", private_dir);
    if (!status)
        status = loop_create(&live->loop, live_turn, live, err);
    if (!status)
        status = load_plugins(live, private_dir, 0, err);
    if (!status)
        status = live_read_losses(live, 1, err);
    if (!status)
        status = live_assemble(live, NULL, TURRET_REASON_FIRST, err);
    return status;
}

static int run(struct whole *whole, struct turret_error *err)
{
    struct live *live = whole->replay.live;
    struct store_journal_head head;
    int status = store_journal_head(live->store, &head, err);
    if (status)
        return status;
    memcpy(whole->result->journal_hash, head.hash, sizeof head.hash);
    status = store_journal_read(live->store, 1, on_record, whole, err);
    if (whole->replay.status)
        return whole->replay.status;
    if (whole->starved)
        return turret_fail(err, TURRET_ENOMEM, "no memory to compare the snapshot");
    whole->result->intent_mismatches = engine_intent_mismatches(live->engine);
    whole->result->report_mismatches = live_replay_end(live);
    return status;
}

static void remove_copies(const char *directory)
{
    DIR *listing = opendir(directory);
    const struct dirent *entry;
    while (listing && (entry = readdir(listing)) != NULL)
        (void)unlinkat(dirfd(listing), entry->d_name, 0); /* "." and ".." refuse by themselves */
    if (listing)
        (void)closedir(listing);
    (void)rmdir(directory);
}

int replay_run(const char *store_path, FILE *messages, struct replay_result *result,
               struct turret_error *err)
{
    struct live *live = calloc(1, sizeof *live);
    struct whole whole = {.replay = {live, err, TURRET_OK, start_again}, .result = result};
    char private_dir[] = "/tmp/turret-replay-XXXXXX";
    struct store_journal_head head = {0};
    int status = TURRET_OK;
    memset(result, 0, sizeof *result);
    if (live) {
        live->commands = calloc(LIVE_COMMANDS, sizeof *live->commands);
        live->awaiting = calloc(VENUE_PROMPT, sizeof *live->awaiting);
    }
    if (!live || !live->commands || !live->awaiting) {
        (void)live_close(live, NULL);
        return turret_fail(err, TURRET_ENOMEM, "no memory to replay");
    }
    live->options.messages = messages;
    live->inotify = live->swaps.watch = -1;
    live->replaying = true;
    (void)snprintf(live->store_path, sizeof live->store_path, "%s", store_path);
    status = store_open(&live->store, store_path, STORE_READ_ONLY, err);
    if (!status)
        status = store_journal_head(live->store, &head, err);
    if (!status && head.last == 0)
        status = turret_fail(err, TURRET_ENOTFOUND,
                             "%s: the journal is empty; nothing ran here yet", store_path);
    if (!status)
        status = prepare(&whole, private_dir, err);
    if (!status)
        status = run(&whole, err);
    free(whole.saved_engine);
    (void)live_close(live, NULL);
    remove_copies(private_dir);
    return status;
}
