/* SPDX-License-Identifier: Apache-2.0 */
/* Who decided something, and why: how the journal has it, from whatever side it came. */
#ifndef OPS_PERSON_H
#define OPS_PERSON_H

#include <stdint.h>

#define PERSON_NAME_MAX   15
#define PERSON_REASON_MAX 46 /* bytes: "NAME: REASON" has 63 */

/* The login name of a user of this machine, cut to fit; "uid 1000" of one that /etc/passwd lacks.
 */
void person_name(uint32_t uid, char name[PERSON_NAME_MAX + 1]);

#endif
