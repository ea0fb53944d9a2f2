/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library for LD_PRELOAD: a disk that does not answer. As long as the file STUCK exists,
 * fdatasync() does not return.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__attribute__((visibility("default"))) int fdatasync(int fd)
{
    const char *path = getenv("STUCK");
    const struct timespec moment = {0, 10000000};
    while (path && access(path, F_OK) == 0)
        (void)nanosleep(&moment, NULL);
    return (int)syscall(SYS_fdatasync, fd);
}
