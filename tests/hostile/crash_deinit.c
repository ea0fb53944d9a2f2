/* SPDX-License-Identifier: Apache-2.0 */
/* Writes through a null pointer in deinit(). */
#include "hostile.h"

static void deinit(void)
{
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
}

HOSTILE_ENTRY(NULL, deinit);
