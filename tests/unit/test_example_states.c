/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows what plugins/examples/swap promise: the three builds of example.cross hand their state to
 * each other, up and down, with every value right, by the host's own way of taking a state over;
 * and the older builds take nothing from the newest when it is not there to convert.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/saved_state.h"
#include "plugin/loader.h"

#include "plugin_files.h"

#define ROOM 512

struct builds {
    char folder[FILES_PATH_MAX];
    struct plugin *plugin[4]; /* by major version */
};

static struct strategy owner = {.name = "cross"};

static int load(void **state)
{
    static struct builds builds;
    files_make_directory(builds.folder);
    for (int version = 1; version <= 3; version++) {
        char path[FILES_PATH_MAX], name[64];
        struct turret_error err = {0};
        (void)snprintf(name, sizeof name, "examples/swap/v%d/cross_v%d.so", version, version);
        files_join(path, files_environment("TURRET_BUILD"), name);
        if (plugin_load(path, builds.folder, &builds.plugin[version], &err)) {
            print_error("%s\n", err.text);
            return 1;
        }
    }
    *state = &builds;
    return 0;
}

static int unload(void **state)
{
    struct builds *builds = *state;
    for (int version = 1; version <= 3; version++)
        plugin_unload(builds->plugin[version]);
    files_remove_directory(builds->folder);
    return 0;
}

static const struct turret_strategy_type *type_of(void **state, int version)
{
    return &((struct builds *)*state)->plugin[version]->offers[0].strategy;
}

static struct incarnation *create(void **state, int version)
{
    static const struct turret_param_value params[3];
    struct incarnation *made = incarnation_create(&owner, type_of(state, version), params);
    assert_non_null(made);
    return made;
}

/* The field's place in the state, by its permanent id. */
static void *field(const struct incarnation *incarnation, uint32_t id)
{
    const struct turret_strategy_type *type = incarnation->type;
    for (uint32_t i = 0; i < type->field_count; i++)
        if (type->fields[i].id == id)
            return (char *)incarnation->handle.state + type->fields[i].offset;
    fail_msg("version %s has no field %u", type->version, id);
    return NULL;
}

static void set(struct incarnation *incarnation, int64_t crossings, int32_t side)
{
    memcpy(field(incarnation, 1), &crossings, sizeof crossings);
    memcpy(field(incarnation, 2), &side, sizeof side);
}

static void expect(const struct incarnation *incarnation, int64_t crossings, int32_t side)
{
    int64_t has_crossings;
    int32_t has_side;
    memcpy(&has_crossings, field(incarnation, 1), sizeof has_crossings);
    memcpy(&has_side, field(incarnation, 2), sizeof has_side);
    assert_int_equal(has_crossings, crossings);
    assert_int_equal(has_side, side);
}

static int32_t quiet(const struct incarnation *incarnation)
{
    int32_t bars;
    memcpy(&bars, field(incarnation, 3), sizeof bars);
    return bars;
}

/* `to` is a new build that takes over what `from` saves; `from` ends. */
static int hand_over(struct incarnation *from, struct incarnation *to,
                     const struct turret_strategy_type *saved_by)
{
    uint8_t bytes[ROOM];
    struct turret_error err = {0};
    struct pack pack = {bytes, 0, sizeof bytes};
    struct unpack in = {bytes, bytes, &err};
    int status = saved_state_put(&pack, from, &err);
    assert_int_equal(status, TURRET_OK);
    assert_true(pack.used <= sizeof bytes);
    in.end = bytes + pack.used;
    status = saved_state_take(&in, to, saved_by, &err);
    incarnation_destroy(from, 0);
    return status;
}

static void test_up_and_back(void **state)
{
    static const int32_t above[] = {0, 1};
    for (int i = 0; i < 2; i++) {
        struct incarnation *v1 = create(state, 1), *v2 = create(state, 2), *v3 = create(state, 3);
        struct incarnation *back = create(state, 1);
        set(v1, 7, above[i]);
        assert_int_equal(hand_over(v1, v2, type_of(state, 1)), TURRET_OK);
        expect(v2, 7, above[i]);
        assert_int_equal(quiet(v2), -1); /* what version 1 does not know */
        memcpy(field(v2, 3), &(int32_t){12}, sizeof(int32_t));
        assert_int_equal(hand_over(v2, v3, type_of(state, 2)), TURRET_OK);
        expect(v3, 7, above[i] ? 1 : -1);
        assert_int_equal(quiet(v3), 12);
        assert_int_equal(hand_over(v3, back, type_of(state, 3)), TURRET_OK);
        expect(back, 7, above[i]);
        incarnation_destroy(back, 0);
    }
}

static void test_down_one_by_one(void **state)
{
    struct incarnation *v3 = create(state, 3), *v2 = create(state, 2), *v1 = create(state, 1);
    set(v3, 9, 0); /* not known yet: below, as version 1 and 2 begin */
    assert_int_equal(hand_over(v3, v2, type_of(state, 3)), TURRET_OK);
    expect(v2, 9, 0);
    assert_int_equal(hand_over(v2, v1, type_of(state, 2)), TURRET_OK);
    expect(v1, 9, 0);
    incarnation_destroy(v1, 0);
}

static void test_nothing_is_guessed(void **state)
{
    struct incarnation *v3 = create(state, 3), *v1 = create(state, 1);
    assert_int_equal(hand_over(v3, v1, NULL), TURRET_EVERSION); /* only version 3 could convert */
    incarnation_destroy(v1, 0);
    v1 = create(state, 1);
    v3 = create(state, 3);
    set(v1, 1, 5); /* version 1 never writes that */
    assert_int_equal(hand_over(v1, v3, NULL), TURRET_ECORRUPT);
    incarnation_destroy(v3, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_up_and_back),
        cmocka_unit_test(test_down_one_by_one),
        cmocka_unit_test(test_nothing_is_guessed),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
