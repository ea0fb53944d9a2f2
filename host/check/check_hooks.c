/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The relocations of a loaded object name the function behind each slot of its import table (System
 * V ABI, chapter 5); overwriting a slot redirects that plugin's calls and nobody else's.
 */
#include "check/check_hooks.h"

#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)
#define SLOT_TYPES R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT, R_X86_64_64
#elif defined(__aarch64__)
#define SLOT_TYPES R_AARCH64_JUMP_SLOT, R_AARCH64_GLOB_DAT, R_AARCH64_ABS64
#else
#error "add this machine's relocations of functions here"
#endif

static struct check_hooks counted;

#define ALLOCATES(name)                                                                            \
    counted.last = name;                                                                           \
    counted.allocations++
#define LOCKS(name)                                                                                \
    counted.last = name;                                                                           \
    counted.locks++

static void *count_malloc(size_t size)
{
    ALLOCATES("malloc");
    return malloc(size);
}

static void *count_calloc(size_t count, size_t size)
{
    ALLOCATES("calloc");
    return calloc(count, size);
}

static void *count_realloc(void *old, size_t size)
{
    ALLOCATES("realloc");
    return realloc(old, size);
}

static void count_free(void *old)
{
    ALLOCATES("free");
    free(old);
}

static char *count_strdup(const char *text)
{
    ALLOCATES("strdup");
    return strdup(text);
}

static void *count_aligned(size_t align, size_t size)
{
    ALLOCATES("aligned_alloc");
    return aligned_alloc(align, size);
}

static int count_posix_memalign(void **to, size_t align, size_t size)
{
    ALLOCATES("posix_memalign");
    return posix_memalign(to, align, size);
}

/* C++: operator new and delete, single and array. */
static void *count_new(size_t size)
{
    ALLOCATES("operator new");
    return malloc(size ? size : 1);
}

static void count_delete(void *old)
{
    ALLOCATES("operator delete");
    free(old);
}

static void count_delete_sized(void *old, size_t size)
{
    (void)size;
    ALLOCATES("operator delete");
    free(old);
}

static int count_mutex_lock(pthread_mutex_t *mutex)
{
    LOCKS("pthread_mutex_lock");
    return pthread_mutex_lock(mutex);
}

static int count_mutex_trylock(pthread_mutex_t *mutex)
{
    LOCKS("pthread_mutex_trylock");
    return pthread_mutex_trylock(mutex);
}

static int count_spin_lock(pthread_spinlock_t *lock)
{
    LOCKS("pthread_spin_lock");
    return pthread_spin_lock(lock);
}

static int count_rdlock(pthread_rwlock_t *lock)
{
    LOCKS("pthread_rwlock_rdlock");
    return pthread_rwlock_rdlock(lock);
}

static int count_wrlock(pthread_rwlock_t *lock)
{
    LOCKS("pthread_rwlock_wrlock");
    return pthread_rwlock_wrlock(lock);
}

typedef void hook_fn(void);
#define HOOK(name, function)                                                                       \
    {                                                                                              \
        name, (hook_fn *)(function)                                                                \
    }

static const struct hook {
    const char *name;
    hook_fn *function;
} hooks[] = {
    HOOK("malloc", count_malloc),
    HOOK("calloc", count_calloc),
    HOOK("realloc", count_realloc),
    HOOK("free", count_free),
    HOOK("strdup", count_strdup),
    HOOK("aligned_alloc", count_aligned),
    HOOK("posix_memalign", count_posix_memalign),
    HOOK("_Znwm", count_new),
    HOOK("_Znam", count_new),
    HOOK("_ZdlPv", count_delete),
    HOOK("_ZdaPv", count_delete),
    HOOK("_ZdlPvm", count_delete_sized),
    HOOK("_ZdaPvm", count_delete_sized),
    HOOK("pthread_mutex_lock", count_mutex_lock),
    HOOK("pthread_mutex_trylock", count_mutex_trylock),
    HOOK("pthread_spin_lock", count_spin_lock),
    HOOK("pthread_rwlock_rdlock", count_rdlock),
    HOOK("pthread_rwlock_wrlock", count_wrlock),
};

/* The loaded object, by the address of its entry. */
struct object {
    uintptr_t inside;
    ElfW(Addr) base;
    const ElfW(Dyn) * dynamic;
};

static int find(struct dl_phdr_info *info, size_t size, void *context)
{
    struct object *object = context;
    const ElfW(Dyn) *dynamic = NULL;
    bool here = false;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD && object->inside >= start &&
            object->inside - start < segment->p_memsz)
            here = true;
        if (segment->p_type == PT_DYNAMIC)
            dynamic = (const ElfW(Dyn) *)start;
    }
    if (!here)
        return 0;
    object->base = info->dlpi_addr;
    object->dynamic = dynamic;
    return 1;
}

/* glibc adds the base to pointers in the dynamic section, other linkers do not. */
static uintptr_t address(const struct object *object, int64_t tag)
{
    for (const ElfW(Dyn) *entry = object->dynamic; entry && entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == tag)
            return entry->d_un.d_ptr < object->base ? object->base + entry->d_un.d_ptr
                                                    : entry->d_un.d_ptr;
    return 0;
}

static size_t size_of(const struct object *object, int64_t tag)
{
    for (const ElfW(Dyn) *entry = object->dynamic; entry && entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == tag)
            return (size_t)entry->d_un.d_val;
    return 0;
}

static void write_slot(uintptr_t at, hook_fn *function)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *start = (void *)(at & ~(page - 1));
    if (mprotect(start, page, PROT_READ | PROT_WRITE) == 0)
        memcpy((void *)at, &function, sizeof function);
}

static void patch(const struct object *object, uintptr_t table, size_t size_bytes)
{
    static const unsigned long types[] = {SLOT_TYPES};
    const ElfW(Sym) *symbols = (const ElfW(Sym) *)address(object, DT_SYMTAB);
    const char *strings = (const char *)address(object, DT_STRTAB);
    const ElfW(Rela) *rows = (const ElfW(Rela) *)table;
    for (size_t i = 0; i < size_bytes / sizeof *rows; i++) {
        const char *name = strings + symbols[ELF64_R_SYM(rows[i].r_info)].st_name;
        unsigned long type = ELF64_R_TYPE(rows[i].r_info);
        if (type != types[0] && type != types[1] && type != types[2])
            continue;
        for (size_t h = 0; h < sizeof hooks / sizeof hooks[0]; h++)
            if (!strcmp(hooks[h].name, name))
                write_slot(object->base + rows[i].r_offset, hooks[h].function);
    }
}

void check_hooks_install(struct check *check, const struct plugin *plugin)
{
    struct object object = {.inside = (uintptr_t)plugin->entry->offers};
    (void)dl_iterate_phdr(find, &object);
    if (!object.dynamic)
        check_fail(check, "its dynamic section is not found in memory");
    if (address(&object, DT_RELA))
        patch(&object, address(&object, DT_RELA), size_of(&object, DT_RELASZ));
    if (address(&object, DT_JMPREL))
        patch(&object, address(&object, DT_JMPREL), size_of(&object, DT_PLTRELSZ));
    counted = (struct check_hooks){0};
}

struct check_hooks check_hooks_take(void)
{
    struct check_hooks taken = counted;
    counted = (struct check_hooks){0};
    return taken;
}
