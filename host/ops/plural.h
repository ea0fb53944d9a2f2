/* SPDX-License-Identifier: Apache-2.0 */
/* "1 change", "2 changes": the word that follows a number. */
#ifndef OPS_PLURAL_H
#define OPS_PLURAL_H

#include <stdint.h>

static inline const char *plural(uint64_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

#endif
