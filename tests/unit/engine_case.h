/* SPDX-License-Identifier: Apache-2.0 */
/* An engine of its own for each test, in `rig`; at the end every reservation adds up. */
#ifndef TESTS_ENGINE_CASE_H
#define TESTS_ENGINE_CASE_H

#include "engine_rig.h"

static struct rig rig;

static inline int open_rig(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    rig_open(&rig, &o);
    return 0;
}

static inline int close_rig(void **state)
{
    (void)state;
    rig_check_reservations(&rig);
    rig_close(&rig);
    return 0;
}

#define ENGINE_TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

#endif
