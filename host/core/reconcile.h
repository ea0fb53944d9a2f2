/* SPDX-License-Identifier: Apache-2.0 */
/* What is done when the books of a venue and ours differ. */
#ifndef CORE_RECONCILE_H
#define CORE_RECONCILE_H

#include <stdint.h>

enum reconcile_policy {
    RECONCILE_HALT,  /* nothing trades there until they agree, or a person decides */
    RECONCILE_ADOPT, /* the venue's books are taken, by a record */
    RECONCILE_ALARM  /* it is told, and everything goes on */
};
/* By what differs. */
struct engine_reconcile {
    uint8_t orders, fills, positions, cash; /* enum reconcile_policy */
    uint32_t reserved;
    int64_t cash_tolerance; /* 10^-8 of the currency */
};

#endif
