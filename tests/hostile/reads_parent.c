/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the memory of the process that started it. */
#include "hostile.h"
#include <sys/uio.h>
#include <unistd.h>

static int32_t init(struct turret_error *err)
{
    char stolen[64];
    struct iovec to = {stolen, sizeof stolen}, from = {(void *)(uintptr_t)0x400000, sizeof stolen};
    (void)process_vm_readv(getppid(), &to, 1, &from, 1, 0);
    return turret_ok(err);
}

HOSTILE_ENTRY(init, NULL);
