/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The structures are the kernel's of its sixth revision, declared here because the headers of the
 * building machine may be older than the kernel that runs this.
 */
#include "runner/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ACCESS_EXECUTE   (UINT64_C(1) << 0)
#define ACCESS_READ_FILE (UINT64_C(1) << 2)
#define ACCESS_READ_DIR  (UINT64_C(1) << 3)
#define ACCESS_BIND_TCP  (UINT64_C(1) << 0)
#define ACCESS_CONNECT   (UINT64_C(1) << 1)
#define SCOPE_ALL        (UINT64_C(3)) /* abstract sockets, signals */
#define RULE_BENEATH     1
#define VERSION_FLAG     1u

struct ruleset {
    uint64_t access_fs, access_net, scoped;
};

struct beneath {
    uint64_t access;
    int32_t parent;
} __attribute__((packed));

/* What each revision can take away of files, and how much of the ruleset it knows. */
static const struct {
    uint64_t access_fs;
    size_t size;
} revisions[] = {
    {0, 0}, {0x1fff, 8}, {0x3fff, 8}, {0x7fff, 8}, {0x7fff, 16}, {0xffff, 16}, {0xffff, 24},
};
#define NEWEST ((long)(sizeof revisions / sizeof *revisions) - 1)

static const char *const libraries[] = {"/lib",       "/lib64",         "/usr/lib",
                                        "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"};
static const char *const look_ups[] = {"/etc/resolv.conf",
                                       "/etc/hosts",
                                       "/etc/host.conf",
                                       "/etc/nsswitch.conf",
                                       "/etc/services",
                                       "/etc/gai.conf",
                                       "/etc/ssl",
                                       "/usr/share/ca-certificates",
                                       "/etc/localtime",
                                       "/usr/share/zoneinfo",
                                       "/run/systemd/resolve"};

/* A path that does not exist needs no rule. */
static bool allow(int rules, const char *path, uint64_t access)
{
    struct beneath rule = {.access = access, .parent = open(path, O_PATH | O_CLOEXEC)};
    bool added;
    if (rule.parent < 0)
        return errno == ENOENT || errno == ENOTDIR;
    added = syscall(SYS_landlock_add_rule, rules, RULE_BENEATH, &rule, 0) == 0;
    if (!added && errno == EINVAL) { /* a file: no right to list it */
        rule.access &= ~ACCESS_READ_DIR;
        added = syscall(SYS_landlock_add_rule, rules, RULE_BENEATH, &rule, 0) == 0;
    }
    (void)close(rule.parent);
    return added;
}

static bool allow_all(int rules, const char *plugin, bool adapter)
{
    bool good = allow(rules, plugin, ACCESS_READ_FILE | ACCESS_EXECUTE);
    for (size_t i = 0; good && i < sizeof libraries / sizeof *libraries; i++)
        good = allow(rules, libraries[i], ACCESS_READ_FILE | ACCESS_READ_DIR | ACCESS_EXECUTE);
    for (size_t i = 0; good && adapter && i < sizeof look_ups / sizeof *look_ups; i++)
        good = allow(rules, look_ups[i], ACCESS_READ_FILE | ACCESS_READ_DIR);
    return good;
}

int landlock_apply(const char *plugin, bool adapter, struct turret_error *err)
{
    long revision = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);
    struct ruleset wanted = {0};
    int rules;
    bool good;
    if (revision < 1)
        return TURRET_OK;
    if (revision > NEWEST)
        revision = NEWEST;
    wanted.access_fs = revisions[revision].access_fs;
    wanted.access_net = adapter ? ACCESS_BIND_TCP : ACCESS_BIND_TCP | ACCESS_CONNECT;
    wanted.scoped = SCOPE_ALL;
    rules = (int)syscall(SYS_landlock_create_ruleset, &wanted, revisions[revision].size, 0);
    if (rules < 0)
        return turret_fail(err, TURRET_EIO, "sandbox: Landlock: %s", strerror(errno));
    good = allow_all(rules, plugin, adapter) && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    if (!good)
        (void)turret_fail(err, TURRET_EIO, "sandbox: Landlock: %s", strerror(errno));
    (void)close(rules);
    return turret_ok(err);
}
