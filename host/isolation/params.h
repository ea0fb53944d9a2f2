/* SPDX-License-Identifier: Apache-2.0 */
/* Parameter values on the wire, with their texts. */
#ifndef ISOLATION_PARAMS_H
#define ISOLATION_PARAMS_H

#include "isolation/wire.h"

static inline void params_pack(const struct turret_param_value *from, uint32_t count,
                               struct wire_param *to)
{
    memset(to, 0, count * sizeof *to);
    for (uint32_t i = 0; i < count; i++) {
        to[i].id = from[i].id;
        to[i].type = from[i].type;
        to[i].i = from[i].i;
        to[i].f = from[i].f;
        to[i].has_text = from[i].text != NULL;
        if (from[i].text)
            (void)snprintf(to[i].text, sizeof to[i].text, "%s", from[i].text);
    }
}

/* The values' texts stay in `from`. */
static inline void params_unpack(const struct wire_param *from, uint32_t count,
                                 struct turret_param_value *to)
{
    for (uint32_t i = 0; i < count; i++)
        to[i] = (struct turret_param_value){from[i].id, from[i].type, from[i].i, from[i].f,
                                            from[i].has_text ? from[i].text : NULL};
}

#endif
