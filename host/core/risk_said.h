/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of the denial of an order beyond its text. */
#ifndef CORE_RISK_SAID_H
#define CORE_RISK_SAID_H

#include "core/engine.h"

/* The engine's: of the check that said no last. */
struct risk_said {
    uint32_t denial; /* DENY_NONE: nothing */
    char text[192];  /* in place of denial_text() */
    char values[40]; /* of it, "120000 > 100000 USD", where an order has room for it; else "" */
};

/* What was found and the limit for it, where that is what the denial is about; else "". */
const char *risk_said_values(const struct engine *engine, uint32_t denial);

#endif
