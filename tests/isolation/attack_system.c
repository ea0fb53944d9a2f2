/* SPDX-License-Identifier: Apache-2.0 */
/* Files, network, the kernel's back doors, new code. */
#include "attack.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- files ---- */

static const char *in_folder(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", attack_folder, name);
    return path;
}

static int reads_secret(void)
{
    return open(in_folder("secret"), O_RDONLY) >= 0;
}

static int reads_passwords(void)
{
    return (int)syscall(SYS_open, "/etc/shadow", O_RDONLY, 0) >= 0;
}

static int reads_host_memory(void)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/mem", (int)getppid());
    return open(path, O_RDWR) >= 0;
}

static int writes_file(void)
{
    return open(in_folder("written"), O_CREAT | O_WRONLY, 0600) >= 0;
}

static int removes_secret(void)
{
    return unlink(in_folder("secret")) == 0;
}

static int renames_secret(void)
{
    return rename(in_folder("secret"), in_folder("written")) == 0;
}

static int links_secret(void)
{
    return symlink("/etc/passwd", in_folder("written")) == 0;
}

static int makes_directory(void)
{
    return mkdir(in_folder("written"), 0700) == 0;
}

static int opens_to_all(void)
{
    return chmod(in_folder("secret"), 0777) == 0;
}

static int changes_root(void)
{
    return chroot("/") == 0;
}

static int lists_folder(void)
{
    char entries[1024];
    return syscall(SYS_getdents64, AT_FDCWD, entries, sizeof entries) > 0;
}

static int writes_descriptors(void)
{
    int taken = 0;
    for (int i = 0; i < 1024; i++)
        taken += write(i, "x", 1) == 1;
    return taken > 0;
}

static int closes_descriptors(void)
{
    int closed = 0;
    for (int i = 0; i < 1024; i++)
        closed += close(i) == 0;
    return closed > 0;
}

/* ---- network ---- */

static int connects(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)attack_port)};
    int made = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return made >= 0 && connect(made, (const struct sockaddr *)&to, sizeof to) == 0;
}

static int connects_here(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int made = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)snprintf(to.sun_path, sizeof to.sun_path, "%.90s/door", attack_folder);
    return made >= 0 && connect(made, (const struct sockaddr *)&to, sizeof to) == 0;
}

static int listens(void)
{
    int made = socket(AF_INET, SOCK_STREAM, 0);
    return made >= 0 && listen(made, 1) == 0;
}

static int asks_kernel(void)
{
    return socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}

static int sends_raw(void)
{
    return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0;
}

/* ---- the kernel's back doors ---- */

#define ATTEMPT(name, ...)                                                                         \
    static int name(void)                                                                          \
    {                                                                                              \
        return syscall(__VA_ARGS__) >= 0;                                                          \
    }

ATTEMPT(opens_ring, SYS_io_uring_setup, 1, NULL)
ATTEMPT(makes_memory_file, SYS_memfd_create, "x", 0)
ATTEMPT(leaves_namespace, SYS_unshare, CLONE_NEWUSER)
ATTEMPT(joins_namespace, SYS_setns, 3, 0)
ATTEMPT(mounts, SYS_mount, "none", "/tmp", "tmpfs", 0, NULL)
ATTEMPT(loads_program, SYS_bpf, 0, NULL, 0)
ATTEMPT(watches_events, SYS_perf_event_open, NULL, 0, -1, -1, 0)
ATTEMPT(handles_faults, SYS_userfaultfd, 0)
ATTEMPT(reads_keys, SYS_keyctl, 0, -3, 0)
ATTEMPT(shares_memory, SYS_shmget, 0, 4096, 0600)
ATTEMPT(raises_limit, SYS_prlimit64, 0, RLIMIT_AS, NULL, NULL)
ATTEMPT(becomes_other, SYS_setuid, 0)
ATTEMPT(takes_rights, SYS_capset, NULL, NULL)
ATTEMPT(filters_anew, SYS_seccomp, 1, 0, NULL)
ATTEMPT(creates_timer, SYS_timer_create, 0, NULL, NULL)
ATTEMPT(goes_first, SYS_setpriority, 0, 0, -20)
ATTEMPT(takes_core, SYS_sched_setaffinity, 0, 8, NULL)
ATTEMPT(old_number, 0x40000000 | 39)

static int old_gate(void)
{
    long answer = 20; /* getpid() of 32-bit programs */
    __asm__ volatile("int $0x80" : "+a"(answer) : : "memory");
    return 1;
}

/* ---- new code ---- */

static int maps_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
           MAP_FAILED;
}

static int turns_data_to_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

static int loads_library(void)
{
    return dlopen("libz.so.1", RTLD_NOW) != NULL;
}

const struct attack_row attacks_on_system[] = {
    ROW(reads_secret),
    ROW(reads_passwords),
    ROW(reads_host_memory),
    ROW(writes_file),
    ROW(removes_secret),
    ROW(renames_secret),
    ROW(links_secret),
    ROW(makes_directory),
    ROW(opens_to_all),
    ROW(changes_root),
    ROW(lists_folder),
    ROW(writes_descriptors),
    ROW(closes_descriptors),
    ROW(connects),
    ROW(connects_here),
    ROW(listens),
    ROW(asks_kernel),
    ROW(sends_raw),
    ROW(opens_ring),
    ROW(makes_memory_file),
    ROW(leaves_namespace),
    ROW(joins_namespace),
    ROW(mounts),
    ROW(loads_program),
    ROW(watches_events),
    ROW(handles_faults),
    ROW(reads_keys),
    ROW(shares_memory),
    ROW(raises_limit),
    ROW(becomes_other),
    ROW(takes_rights),
    ROW(filters_anew),
    ROW(creates_timer),
    ROW(goes_first),
    ROW(takes_core),
    ROW(old_number),
    ROW(old_gate),
    ROW(maps_code),
    ROW(turns_data_to_code),
    ROW(loads_library),
    {NULL, NULL},
};
