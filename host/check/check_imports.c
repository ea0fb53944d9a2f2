/* SPDX-License-Identifier: Apache-2.0 */
/* Symbols by reason. A row forbids its symbols to the kinds of its mask. */
#include "check/check_imports.h"
#include "check/check_groups.h"
#include "check/check_image.h"

#include <string.h>

#define EVERY  (TURRET_KIND_INDICATOR | TURRET_KIND_STRATEGY | TURRET_KIND_BROKER)
#define THINKS (TURRET_KIND_INDICATOR | TURRET_KIND_STRATEGY)

static const struct {
    uint32_t kinds;
    const char *why, *symbols; /* symbols: separated by spaces */
} reasons[] = {
    {EVERY, "plugins own no threads; run it isolated",
     "pthread_create thrd_create clone clone3 pthread_key_create tss_create pthread_atfork "
     "__register_atfork"},
    {EVERY, "plugins start no processes",
     "fork vfork _Fork execl execle execlp execv execve execvp execvpe execveat fexecve "
     "posix_spawn posix_spawnp system popen daemon unshare setns"},
    {EVERY, "it would end the daemon; answer an error",
     "exit _exit _Exit quick_exit kill killpg tgkill tkill raise pthread_kill sigqueue"},
    {EVERY, "plugins own no signal handlers",
     "signal sigaction __sigaction sigset bsd_signal __sysv_signal sigaltstack sigprocmask "
     "pthread_sigmask signalfd"},
    {EVERY, "plugins own no timers; the host offers them",
     "alarm ualarm setitimer timer_create timerfd_create"},
    {EVERY, "nothing may block the core thread",
     "sleep usleep nanosleep clock_nanosleep pause sem_wait sigwait sigsuspend pthread_join "
     "pthread_cond_wait thrd_sleep flock lockf"},
    {EVERY, "the loader alone loads code", "dlopen dlmopen dlclose"},
    {EVERY, "it reaches into other memory or around the system's rules",
     "ptrace process_vm_readv process_vm_writev prctl syscall personality memfd_create mprotect "
     "pkey_mprotect remap_file_pages"},
    {EVERY, "it changes the whole process",
     "setenv putenv unsetenv clearenv setlocale uselocale chdir fchdir chroot umask setrlimit "
     "prlimit nice setpriority setuid setgid setsid setpgid fesetround fesetenv mallopt "
     "close_range "
     "closefrom"},
    {THINKS, "only adapters speak to others; the host offers a strategy its events",
     "socket connect bind listen accept accept4 socketpair getaddrinfo gethostbyname poll ppoll "
     "select pselect epoll_create epoll_create1 epoll_wait epoll_pwait send sendto sendmsg recv "
     "recvfrom recvmsg"},
    {THINKS, "time is what the event says, else a replay differs",
     "time clock_gettime gettimeofday clock ftime timespec_get"},
    {THINKS, "chance makes a replay differ; take a seed as a parameter",
     "rand srand random srandom rand_r drand48 lrand48 mrand48 getrandom getentropy arc4random "
     "arc4random_buf"},
};

/*
 * What the Rust standard library imports whether a plugin uses it or not. Its panic messages name
 * its own sources, which stripping leaves in place.
 */
static const char rust_symbols[] = "pthread_key_create syscall clock_gettime";
static const char rust_sources[] = "library/std/src/";

/* Is `symbol` one of the words? */
static bool is_listed(const char *words, const char *symbol)
{
    size_t length = strlen(symbol);
    while (*words) {
        size_t size = strcspn(words, " ");
        if (size == length && memcmp(words, symbol, size) == 0)
            return true;
        words += size + (words[size] == ' ');
    }
    return false;
}

const char *check_import_reason(const char *symbol, uint32_t kinds)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if ((kinds & ~reasons[i].kinds) == 0 && is_listed(reasons[i].symbols, symbol))
            return reasons[i].why;
    return NULL;
}

void check_elf_imports(struct check *check)
{
    struct check_image image;
    struct plugin_file file;
    struct turret_error err = {0};
    const char *name;
    ElfW(Sym) symbol;
    bool rust;
    if (plugin_inspect(check->file, &file, &err) || check_image_init(&image, check->file, &err))
        check_fail(check, "%s", check_without_path(check, err.text));
    rust = memmem(image.bytes, image.elf.size_bytes, rust_sources, strlen(rust_sources)) != NULL;
    for (uint64_t i = 1; check_image_symbol(&image, i, &symbol, &name); i++) {
        const char *why =
            symbol.st_shndx == SHN_UNDEF ? check_import_reason(name, file.note.kinds) : NULL;
        if (why && rust && is_listed(rust_symbols, name))
            check_remark(check, "carries the Rust standard library, which uses %s", name);
        else if (why)
            check_fail(check, "uses %s: %s", name, why);
    }
}
