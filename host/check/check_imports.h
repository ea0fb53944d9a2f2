/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin may not import, and why: the offline half of "a plugin does no hidden work". */
#ifndef CHECK_CHECK_IMPORTS_H
#define CHECK_CHECK_IMPORTS_H

#include <stdint.h>

/* NULL: kinds of this mask may import it. */
const char *check_import_reason(const char *symbol, uint32_t kinds);

#endif
