# SPDX-License-Identifier: Apache-2.0
set(TURRET_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wundef -Wstrict-prototypes
    -Wmissing-prototypes -Wvla -Werror
    -Wno-format-truncation) # texts are cut to their field on purpose: snprintf never overflows
