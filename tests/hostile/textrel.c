/* SPDX-License-Identifier: Apache-2.0 */
/* Has an address in its code that the dynamic linker must write. */
#include "hostile.h"

__asm__(".text\n"
        ".globl hostile_place\n"
        ".hidden hostile_place\n"
        "hostile_place: .quad hostile_place\n");

HOSTILE_STRATEGY(calm_start, calm_bar, CALM_FIELDS);
