/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of a plugin file before any of its code runs: who can change it, who signed it, not
 * older than. Zeroed is the policy of a directory nobody said anything about: no signature, no
 * minimum, but nobody else may write.
 */
#ifndef PLUGIN_POLICY_H
#define PLUGIN_POLICY_H

#include "plugin/loader.h"
#include "plugin/whole_file.h"

#include <stdbool.h>

#define PLUGIN_KEYS_MAX     8
#define PLUGIN_MINIMUMS_MAX 64
#define POLICY_TOO_OLD      10001 /* detail of an error: the minimum, not the file, is the reason */

enum plugin_signing { PLUGIN_SIGNING_OFF, PLUGIN_SIGNING_WARN, PLUGIN_SIGNING_REQUIRE };

struct plugin_minimum {
    char id[48];
    char version[24]; /* numbers and dots */
    uint32_t line;    /* of policy.file */
};

struct plugin_policy {
    enum plugin_signing signing;
    bool allow_writable; /* others may write to the directory and its files */
    bool isolated;       /* its code runs in runner processes, never in this one */
    uint32_t key_count, minimum_count;
    struct signature_key keys[PLUGIN_KEYS_MAX];
    struct plugin_minimum minimums[PLUGIN_MINIMUMS_MAX];
    char file[PLUGIN_PATH_MAX]; /* where the minimums are said, for texts */
};

/* Before a directory is scanned: one answer for all its files. fails: EDENIED others can write */
int policy_check_directory(const struct plugin_policy *policy, const char *directory,
                           struct turret_error *err);

/*
 * A file as it was read, its signature included; *status is what plugin list shows of it. With WARN
 * a signature is never a reason to refuse.
 *
 * fails: EDENIED others can write to it or its directory; unsigned, or not by one of the keys
 */
int policy_check_file(const struct plugin_policy *policy, const char *path,
                      const struct whole_file *file, struct signature *signature,
                      struct signature_status *status, struct turret_error *err);

/*
 * Then what it says about itself: the trusted comment and the minimum of its id.
 * fails: EDENIED the signature is for another plugin; EVERSION older than the minimum
 */
int policy_check_note(const struct plugin_policy *policy, const struct signature *signature,
                      struct plugin_file *file, struct turret_error *err);

/*
 * -1, 0, 1: "1.10" is above "1.9", "1" is "1.0". false when one of them is not numbers and dots.
 */
bool policy_compare_versions(const char *left, const char *right, int *order);

#endif
