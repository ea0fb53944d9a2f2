/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a store's whole journal through the core again, from its first record, and compares: the
 * intents the strategies ask for, what simulated venues answer, and the state at the newest
 * snapshot, byte for byte. Nothing is written.
 */
#ifndef SESSION_REPLAY_H
#define SESSION_REPLAY_H

#include <turret/core.h>

#include <stdbool.h>
#include <stdio.h>

struct replay_result {
    uint64_t records, orders, fills;
    uint64_t intent_mismatches, report_mismatches;
    uint64_t snapshot_sequence; /* 0: no snapshot lay on the way */
    bool snapshot_equal;
    size_t snapshot_bytes, first_difference;
    uint8_t journal_hash[32];
};

/* fails: ENOTFOUND no journal; ECORRUPT it does not check; EVERSION */
int replay_run(const char *store_path, FILE *messages, struct replay_result *result,
               struct turret_error *err);

#endif
