/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of a policy, in the order a file comes to them: place, bytes, note. */
#include "plugin/policy.h"
#include "plugin/ownership.h"
#include "plugin/refuse.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char hint[] = ", or say writable: allow for the directory";

int policy_check_directory(const struct plugin_policy *policy, const char *directory,
                           struct turret_error *err)
{
    return policy->allow_writable ? TURRET_OK : ownership_check_directory(directory, hint, err);
}

static int check_directory_of(const char *path, struct turret_error *err)
{
    char directory[PLUGIN_PATH_MAX];
    const char *slash = strrchr(path, '/');
    int length = slash ? (int)(slash - path) + (slash == path) : 1; /* "/a.so" is in "/" */
    (void)snprintf(directory, sizeof directory, "%.*s", length, slash ? path : ".");
    return ownership_check_directory(directory, hint, err);
}

/* Who can replace what a symbolic link points to, can replace the plugin. */
static int check_target(const char *path, struct turret_error *err)
{
    char target[PATH_MAX];
    if (!realpath(path, target))
        return refuse_file(err, TURRET_EIO, path, "its link cannot be followed: %s",
                           strerror(errno));
    *strrchr(target, '/') = '\0';
    return ownership_check_directory(*target ? target : "/", hint, err);
}

/* What can be shown: as much as fits, printable. */
static void show_comment(const struct signature *signature, char *text, size_t room)
{
    (void)snprintf(text, room, "%s", signature->comment);
    for (char *c = text; *c; c++)
        if (*c == '\t')
            *c = ' ';
        else if (*c < ' ' || *c > '~')
            *c = '?';
}

/* Notes what is wrong with a signature; the answer is whether that refuses the file. */
static int refuse_signature(const struct plugin_policy *policy, const char *path,
                            struct signature_status *status, const struct turret_error *why,
                            struct turret_error *err)
{
    status->state = why->code == TURRET_ENOTFOUND ? SIGNATURE_MISSING : SIGNATURE_BAD;
    (void)snprintf(status->text, sizeof status->text, "%.239s", why->text);
    if (policy->signing == PLUGIN_SIGNING_WARN)
        return TURRET_OK;
    return refuse_file(err, TURRET_EDENIED, path, "%s", why->text);
}

int policy_check_file(const struct plugin_policy *policy, const char *path,
                      const struct whole_file *file, struct signature *signature,
                      struct signature_status *status, struct turret_error *err)
{
    struct turret_error why = {0};
    memset(status, 0, sizeof *status);
    if (!policy->allow_writable &&
        (check_directory_of(path, err) ||
         ownership_check(path, file->owner, file->group, file->mode, hint, err) ||
         (file->linked && check_target(path, err))))
        return TURRET_EDENIED;
    if (policy->signing == PLUGIN_SIGNING_OFF)
        return TURRET_OK;
    int code = signature_read(signature, path, &why);
    if (!code)
        signature_key_name(signature->key_id, status->key_name);
    if (!code)
        code = signature_verify(signature, file->bytes, file->size_bytes, policy->keys,
                                policy->key_count, &why);
    if (code)
        return refuse_signature(policy, path, status, &why, err);
    status->state = SIGNATURE_GOOD;
    show_comment(signature, status->text, sizeof status->text);
    return TURRET_OK;
}

/* The digits at *at without leading zeros, and past them and their dot. False: not digits. */
static bool next_number(const char **at, const char **digits, size_t *count)
{
    size_t length = strspn(*at, "0123456789");
    *digits = *at;
    *count = length;
    if (length == 0)
        return **at == '\0'; /* a shorter version goes on with zeros */
    while (*count > 0 && **digits == '0') {
        (*digits)++;
        (*count)--;
    }
    *at += length;
    if (**at == '.' && (*at)[1] != '\0')
        (*at)++;
    else if (**at != '\0')
        return false;
    return true;
}

bool policy_compare_versions(const char *left, const char *right, int *order)
{
    *order = 0;
    if (!*left || !*right)
        return false;
    while (*left || *right) {
        const char *a, *b;
        size_t a_count, b_count;
        if (!next_number(&left, &a, &a_count) || !next_number(&right, &b, &b_count))
            return false;
        int here = (a_count > b_count) - (a_count < b_count);
        if (here == 0 && a_count > 0)
            here = memcmp(a, b, a_count);
        if (*order == 0)
            *order = (here > 0) - (here < 0);
    }
    return true;
}

static int check_minimum(const struct plugin_policy *policy, const struct plugin_minimum *minimum,
                         const struct plugin_file *file, struct turret_error *err)
{
    int order;
    if (err)
        err->detail = POLICY_TOO_OLD;
    if (!policy_compare_versions(file->note.version, minimum->version, &order))
        return refuse_file(err, TURRET_EVERSION, file->path,
                           "%s %s cannot be compared with the minimum %s of %.120s:%u, its "
                           "version is not numbers and dots",
                           file->note.id, file->note.version, minimum->version, policy->file,
                           minimum->line);
    if (order < 0)
        return refuse_file(err, TURRET_EVERSION, file->path,
                           "%s %s is older than the minimum %s of %.120s:%u", file->note.id,
                           file->note.version, minimum->version, policy->file, minimum->line);
    if (err)
        err->detail = 0;
    return TURRET_OK;
}

int policy_check_note(const struct plugin_policy *policy, const struct signature *signature,
                      struct plugin_file *file, struct turret_error *err)
{
    struct turret_error why = {0};
    int code = TURRET_OK;
    if (file->signature.state == SIGNATURE_GOOD &&
        signature_check_comment(signature, &file->note, &why))
        code = refuse_signature(policy, file->path, &file->signature, &why, err);
    for (uint32_t i = 0; !code && i < policy->minimum_count; i++)
        if (strcmp(policy->minimums[i].id, file->note.id) == 0)
            code = check_minimum(policy, &policy->minimums[i], file, err);
    return code;
}
