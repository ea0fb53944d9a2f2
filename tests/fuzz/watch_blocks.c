/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that blocks.c hides no mistake from the address sanitizer: in its blocks as in any other
 * memory, reading before, behind and after the end of use kills; a block that is used again is
 * zero.
 */
#include "fuzz.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TABLE ((size_t)300001)

static volatile uint8_t *volatile table; /* so that no compiler knows better */

static void before(void)
{
    (void)table[-1];
}

static void behind(void)
{
    (void)table[TABLE];
}

static void freed(void)
{
    free((void *)table);
    (void)table[TABLE / 2];
}

static void freed_twice(void)
{
    free((void *)table);
    free((void *)table);
}

static void within(void)
{
    table[0] = table[TABLE - 1] = 1;
    free((void *)table);
}

/* How a child that did it ended; its words are not for the reader. */
static int ended(void (*mistake)(void))
{
    int status = 0;
    pid_t pid = fork();
    FUZZ_MUST(pid >= 0);
    if (pid == 0) {
        FUZZ_MUST(freopen("/dev/null", "w", stderr));
        mistake();
        _exit(0);
    }
    FUZZ_MUST(waitpid(pid, &status, 0) == pid);
    return status;
}

int main(void)
{
    for (int turn = 0; turn < 100; turn++) {
        uint8_t *whole = calloc(1, TABLE);
        FUZZ_MUST(whole && whole[0] == 0 && !memcmp(whole, whole + 1, TABLE - 1));
        memset(whole, 0xff, TABLE);
        free(whole);
    }
    table = calloc(TABLE, 1);
    FUZZ_MUST(table);
    FUZZ_MUST(ended(within) == 0);
    FUZZ_MUST(ended(before) != 0);
    FUZZ_MUST(ended(behind) != 0);
    FUZZ_MUST(ended(freed) != 0);
    FUZZ_MUST(ended(freed_twice) != 0);
    free((void *)table);
    return 0;
}
