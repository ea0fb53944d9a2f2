/* SPDX-License-Identifier: Apache-2.0 */
/* Shows that a user has one name in the journal, whoever looks it up, and one without a name too.
 */
#include "ops/person.h"

#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void the_name_is_that_of_the_login(void **state)
{
    const struct passwd *entry = getpwuid(getuid());
    char name[PERSON_NAME_MAX + 1], wanted[PERSON_NAME_MAX + 1];
    (void)state;
    person_name(0, name);
    assert_string_equal(name, "root");
    person_name((uint32_t)getuid(), name);
    if (entry)
        (void)snprintf(wanted, sizeof wanted, "%s", entry->pw_name);
    else
        (void)snprintf(wanted, sizeof wanted, "uid %u", (unsigned)getuid());
    assert_string_equal(name, wanted);
}

static void nobody_of_that_number(void **state)
{
    char name[PERSON_NAME_MAX + 1];
    (void)state;
    person_name(UINT32_MAX - 1, name);
    assert_string_equal(name, "uid 4294967294");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_name_is_that_of_the_login),
        cmocka_unit_test(nobody_of_that_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
