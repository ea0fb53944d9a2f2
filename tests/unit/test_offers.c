/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that what a plugin offers is copied no further than it says and zero-extended, and that
 * every promise of its tables is checked: the cases that the malformed fixtures do not have.
 */
#include "plugin/abi.h"
#include "plugin/offers.h"
#include "plugin/tables.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

static const struct tables_origin origin = {"plugins/acme.so", "acme.x"};

static void expect(int status, int code, const struct turret_error *err, const char *phrase)
{
    assert_int_equal(status, code);
    assert_int_equal(err->code, code);
    if (!strstr(err->text, phrase))
        fail_msg("'%s' does not say '%s'", err->text, phrase);
    assert_int_equal(strncmp(err->text, "plugins/acme.so: ", 17), 0);
}

/* ---- parameters ---- */

static void test_good_params(void **unused)
{
    static const struct turret_param params[] = {
        TURRET_PARAM_INT(1, "fast", 10, 2, 200, "bars", "help"),
        TURRET_PARAM_INT(7, "shift_2", -5, -5, 0, "", "help"),
        TURRET_PARAM_REAL(2, "part", 1.5e-3, 0, 1, "%", "help"),
        TURRET_PARAM_BOOL(3, "yes", 1, "help"),
        TURRET_PARAM_BOOL(4, "no", 0, "help"),
        TURRET_PARAM_QTY(5, "size", "0.25", "help"),
        TURRET_PARAM_TEXT(6, "price", "open", "close|open|high", "help"),
        TURRET_PARAM_TEXT(8, "label", "", "", "help"),
        TURRET_PARAM_TEXT(9, "maybe", "", "|some", "help"),
    };
    struct turret_error err = {0};
    (void)unused;
    assert_int_equal(tables_check_params(&origin, params, COUNT(params), &err), TURRET_OK);
    assert_int_equal(tables_check_params(&origin, NULL, 0, &err), TURRET_OK);
    assert_string_equal(err.text, "");
}

#define ROW(type, name, text, min, max, step, unit)                                                \
    {                                                                                              \
        1, TURRET_PARAM_TYPE_##type, name, text, min, max, step, unit, "help"                      \
    }

static void test_bad_params(void **unused)
{
    static const struct {
        struct turret_param param;
        const char *phrase;
    } cases[] = {
        {ROW(INT, NULL, "1", 0, 2, 1, ""), "parameter name 'NULL'"},
        {ROW(INT, "", "1", 0, 2, 1, ""), "parameter name ''"},
        {ROW(INT, "Fast", "1", 0, 2, 1, ""), "parameter name 'Fast'"},
        {ROW(INT, "2nd", "1", 0, 2, 1, ""), "parameter name '2nd'"},
        {ROW(INT, "a-b", "1", 0, 2, 1, ""), "parameter name 'a-b'"},
        {ROW(INT, "n", NULL, 0, 2, 1, ""), "its default is NULL"},
        {ROW(INT, "n", "1", 0, 2, 1, NULL), "its unit is NULL"},
        {ROW(INT, "n", "1", NAN, 2, 1, ""), "min or max is not a number"},
        {ROW(INT, "n", "1", 0, 2, -1, ""), "step -1"},
        {ROW(INT, "n", "1", 0, 2, INFINITY, ""), "step inf"},
        {ROW(INT, "n", "", 0, 2, 1, ""), "a whole number"},
        {ROW(INT, "n", "1.5", 0, 2, 1, ""), "default 1.5 is not a whole number"},
        {ROW(INT, "n", " 1", 0, 2, 1, ""), "a whole number"},
        {ROW(INT, "n", "LENGTH", 0, 2, 1, ""), "default LENGTH"},
        {ROW(INT, "n", "2147483648", 0, 9e15, 1, ""), "a whole number of 32 bits"},
        {ROW(INT, "n", "3", 0, 2, 1, ""), "default 3 is outside 0 to 2"},
        {ROW(REAL, "n", "nan", 0, 2, 0, ""), "a finite number"},
        {ROW(REAL, "n", "1e999", 0, INFINITY, 0, ""), "a finite number"},
        {ROW(REAL, "n", "0x1", 0, 2, 0, ""), "a finite number"},
        {ROW(REAL, "n", "1.5.", 0, 2, 0, ""), "a finite number"},
        {ROW(REAL, "n", "-0.1", 0, 2, 0, ""), "default -0.1 is outside"},
        {ROW(QTY, "n", "1e3", 0, 9e15, 0, ""), "a decimal number"},
        {ROW(QTY, "n", "-1", 0, 9e15, 0, ""), "default -1 is outside"},
        {ROW(BOOL, "n", "1", 0, 1, 1, ""), "true or false"},
        {ROW(TEXT, "n", "low", 0, 0, 0, "close|open"), "one of its choices"},
        {ROW(TEXT, "n", "clo", 0, 0, 0, "close|open"), "one of its choices"},
        {ROW(TEXT, "n", "", 0, 0, 0, "close|open"), "one of its choices"},
        {{0, TURRET_PARAM_TYPE_INT, "n", "1", 0, 2, 1, "", "help"}, "id is 0"},
        {{1, 0, "n", "1", 0, 2, 1, "", "help"}, "parameter type 0"},
        {{1, TURRET_PARAM_TYPE_INT, "n", "1", 0, 2, 1, "", NULL}, "its help is NULL"},
    };
    (void)unused;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct turret_error err = {0};
        int status = tables_check_params(&origin, &cases[i].param, 1, &err);
        expect(status, TURRET_EFAULT, &err, cases[i].phrase);
    }
}

static void test_param_names_are_unique(void **unused)
{
    static const struct turret_param same[] = {
        TURRET_PARAM_INT(1, "fast", 10, 2, 200, "bars", "help"),
        TURRET_PARAM_INT(2, "fast", 10, 2, 200, "bars", "help"),
    };
    struct turret_error err = {0};
    (void)unused;
    expect(tables_check_params(&origin, same, 2, &err), TURRET_EFAULT, &err,
           "duplicate parameter name fast");
    memset(&err, 0, sizeof err);
    expect(tables_check_params(&origin, same, TABLES_ROWS_MAX + 1, &err), TURRET_ELIMIT, &err,
           "257 rows");
}

/* ---- fields ---- */

static void test_fields(void **unused)
{
    static const struct {
        struct turret_field field;
        int status;
        const char *phrase;
    } cases[] = {
        {{1, TURRET_FIELD_TYPE_I64, 24, 1, "n", "help", 0}, TURRET_OK, ""},
        {{1, TURRET_FIELD_TYPE_I32, 28, 1, "n", "help", 0}, TURRET_OK, ""},
        {{1, TURRET_FIELD_TYPE_F64, 0, 4, "n", "help", 0.5}, TURRET_OK, ""},
        {{1, TURRET_FIELD_TYPE_I32, 0, 1, "n", "help", -7}, TURRET_OK, ""},
        {{1, TURRET_FIELD_TYPE_I64, 0, 1, "n", "help", 0.5}, TURRET_EFAULT, "begin as 0.5"},
        {{1, TURRET_FIELD_TYPE_I32, 0, 1, "n", "help", 3e9}, TURRET_EFAULT, "begin as 3e+09"},
        {{1, TURRET_FIELD_TYPE_I64, 0, 1, "n", "help", 1e17}, TURRET_EFAULT, "begin as 1e+17"},
        {{1, TURRET_FIELD_TYPE_F64, 0, 1, "n", "help", INFINITY}, TURRET_EFAULT, "begin as inf"},
        {{1, TURRET_FIELD_TYPE_I64, 25, 1, "n", "help", 0}, TURRET_EFAULT, "outside the state"},
        {{1, TURRET_FIELD_TYPE_I32, 29, 1, "n", "help", 0}, TURRET_EFAULT, "outside the state"},
        {{1, TURRET_FIELD_TYPE_F64, 0, 5, "n", "help", 0}, TURRET_EFAULT, "40 bytes at 0 of 32"},
        {{1, TURRET_FIELD_TYPE_I64, 0, 0, "n", "help", 0}, TURRET_EFAULT, "outside the state"},
        {{1, TURRET_FIELD_TYPE_I64, 0, UINT32_MAX, "n", "help", 0}, TURRET_EFAULT, "outside"},
        {{1, TURRET_FIELD_TYPE_I64, UINT32_MAX, 1, "n", "help", 0}, TURRET_EFAULT, "outside"},
        {{0, TURRET_FIELD_TYPE_I64, 0, 1, "n", "help", 0}, TURRET_EFAULT, "id is 0"},
        {{1, 4, 0, 1, "n", "help", 0}, TURRET_EFAULT, "field type 4"},
        {{1, TURRET_FIELD_TYPE_I64, 0, 1, NULL, "help", 0}, TURRET_EFAULT, "name is missing"},
        {{1, TURRET_FIELD_TYPE_I64, 0, 1, "n", NULL, 0}, TURRET_EFAULT, "help is missing"},
    };
    (void)unused;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct turret_error err = {0};
        int status = tables_check_fields(&origin, &cases[i].field, 1, 32, &err);
        if (cases[i].status == TURRET_OK)
            assert_int_equal(status, TURRET_OK);
        else
            expect(status, cases[i].status, &err, cases[i].phrase);
    }
}

static void test_field_ids_are_unique(void **unused)
{
    static const struct turret_field fields[] = {
        {3, TURRET_FIELD_TYPE_I64, 0, 1, "a", "help", 0},
        {3, TURRET_FIELD_TYPE_I64, 8, 1, "b", "help", 0},
    };
    struct turret_error err = {0};
    (void)unused;
    expect(tables_check_fields(&origin, fields, 2, 32, &err), TURRET_EFAULT, &err,
           "duplicate field id 3: a and b");
    memset(&err, 0, sizeof err);
    expect(tables_check_fields(&origin, NULL, 2, 32, &err), TURRET_EFAULT, &err, "no field table");
}

static int32_t keep(const struct turret_saved *from, struct turret_saved *to,
                    struct turret_error *err)
{
    (void)from;
    (void)to;
    (void)err;
    return TURRET_OK;
}

static void test_converts(void **unused)
{
    static const struct turret_convert good[] = {{1, 2, keep}, {2, 1, keep}};
    static const struct {
        struct turret_convert convert;
        int status;
        const char *phrase;
    } cases[] = {
        {{1, 2, NULL}, TURRET_EFAULT, "schema 1 to 2: has no function"},
        {{2, 2, keep}, TURRET_EFAULT, "schema 2 to 2"},
        {{1, 3, keep}, TURRET_EFAULT, "build's own schema 2"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct turret_error err = {0};
        expect(tables_check_converts(&origin, &cases[i].convert, 1, 2, &err), cases[i].status, &err,
               cases[i].phrase);
    }
    assert_int_equal(tables_check_converts(&origin, good, 2, 2, NULL), TURRET_OK);
}

/* ---- offers and entry ---- */

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    (void)self;
    (void)start;
    return turret_ok(err);
}

static void on_stop(struct turret_strategy *self, uint32_t reason)
{
    (void)self;
    (void)reason;
}

static const struct turret_strategy_type good_strategy = {
    .struct_size = sizeof(struct turret_strategy_type),
    .state_size = 32,
    .id = "acme.x",
    .version = "1.0.0",
    .summary = "",
    .on_start = on_start,
    .on_stop = on_stop,
};

static int read_one(const struct turret_strategy_type *type, struct plugin_offer *out,
                    struct turret_error *err)
{
    const struct turret_offer offer = {TURRET_KIND_STRATEGY, 0, NULL, type, NULL};
    const struct turret_entry entry = {.offers = &offer, .offer_count = 1};
    struct plugin_file file = {.path = "plugins/acme.so", .note = {.kinds = TURRET_KIND_STRATEGY}};
    memset(out, 0, sizeof *out);
    memset(err, 0, sizeof *err);
    return offers_read(&file, &entry, out, err);
}

static void test_short_type_is_zero_extended(void **unused)
{
    struct turret_strategy_type type = good_strategy;
    struct plugin_offer offer;
    struct turret_error err;
    (void)unused;
    type.struct_size = offsetof(struct turret_strategy_type, on_stop);
    assert_int_equal(read_one(&type, &offer, &err), TURRET_OK);
    assert_ptr_equal(offer.strategy.on_start, on_start);
    assert_null(offer.strategy.on_stop);
    type.struct_size--;
    expect(read_one(&type, &offer, &err), TURRET_EVERSION, &err, "struct_size 71 is below 72");
    type.struct_size = UINT32_MAX; /* of a later revision: the rest is not looked at */
    assert_int_equal(read_one(&type, &offer, &err), TURRET_OK);
    assert_ptr_equal(offer.strategy.on_stop, on_stop);
}

static void test_strategy_promises(void **unused)
{
    struct turret_strategy_type type = good_strategy;
    struct plugin_offer offer;
    struct turret_error err;
    (void)unused;
    type.id = "Acme X";
    expect(read_one(&type, &offer, &err), TURRET_EFAULT, &err, "id 'Acme X'");
    type.id = NULL;
    expect(read_one(&type, &offer, &err), TURRET_EFAULT, &err, "id 'NULL'");
    type = good_strategy;
    type.version = "";
    expect(read_one(&type, &offer, &err), TURRET_EFAULT, &err, "version ''");
    type = good_strategy;
    type.summary = NULL;
    expect(read_one(&type, &offer, &err), TURRET_EFAULT, &err, "summary is NULL");
    type = good_strategy;
    type.state_size = 16u << 20;
    assert_int_equal(read_one(&type, &offer, &err), TURRET_OK);
    type.state_size++;
    expect(read_one(&type, &offer, &err), TURRET_ELIMIT, &err, "state_size 16777217");
    type = good_strategy;
    type.load = (int32_t(*)(struct turret_strategy *, struct turret_stream *,
                            struct turret_error *))(void (*)(void))on_start;
    expect(read_one(&type, &offer, &err), TURRET_EFAULT, &err, "missing required callback save");
}

static void test_shape_of_offers(void **unused)
{
    static const struct turret_indicator_type indicator = {.struct_size = sizeof indicator};
    struct turret_offer offers[2] = {
        {TURRET_KIND_STRATEGY, 0, &indicator, &good_strategy, NULL},
        {TURRET_KIND_STRATEGY, 0, NULL, &good_strategy, NULL},
    };
    const struct turret_entry entry = {.offers = offers, .offer_count = 2};
    struct plugin_file file = {.path = "plugins/acme.so", .note = {.kinds = TURRET_KIND_STRATEGY}};
    struct plugin_offer out[2] = {{0}};
    struct turret_error err = {0};
    (void)unused;
    expect(offers_read(&file, &entry, out, &err), TURRET_EFAULT, &err,
           "offer 0 is of kind strategy, but points to a type of kind indicator too");
    offers[0].indicator = NULL;
    memset(&err, 0, sizeof err);
    memset(out, 0, sizeof out);
    expect(offers_read(&file, &entry, out, &err), TURRET_EFAULT, &err,
           "offers 0 and 1 are both acme.x");
    file.note.kinds = TURRET_KIND_BROKER;
    memset(&err, 0, sizeof err);
    expect(offers_read(&file, &entry, out, &err), TURRET_EFAULT, &err, "the note says kinds 0x4");
    file.note.kinds = TURRET_KIND_BROKER | TURRET_KIND_STRATEGY;
    offers[1].kind = 0;
    memset(&err, 0, sizeof err);
    memset(out, 0, sizeof out);
    expect(offers_read(&file, &entry, out, &err), TURRET_EFAULT, &err, "offer 1 is of kind 0");
}

static void test_entry(void **unused)
{
    static const struct turret_offer offers[1] = {{0}};
    struct turret_entry entry = {.struct_size = sizeof entry,
                                 .abi_major = TURRET_ABI_MAJOR,
                                 .abi_minor = TURRET_ABI_MINOR,
                                 .fingerprint = TURRET_FINGERPRINT_INIT,
                                 .id = "acme.x",
                                 .version = "1.0.0",
                                 .offers = offers,
                                 .offer_count = PLUGIN_OFFERS_MAX};
    const struct turret_note note = {.id = "acme.x", .version = "1.0.0"};
    struct turret_entry copy;
    struct turret_error err = {0};
    (void)unused;
    assert_int_equal(abi_read_entry(origin.path, &entry, &note, &copy, &err), TURRET_OK);
    assert_memory_equal(&copy, &entry, sizeof copy);
    entry.offer_count++;
    expect(abi_read_entry(origin.path, &entry, &note, &copy, &err), TURRET_ELIMIT, &err,
           "33 offers");
    entry.version = "1.0.0-dirty";
    memset(&err, 0, sizeof err);
    expect(abi_read_entry(origin.path, &entry, &note, &copy, &err), TURRET_EFAULT, &err,
           "version is 1.0.0-dirty, the note says 1.0.0");
}

static void test_note_sizes(void **unused)
{
    struct {
        struct turret_note note;
        char later[40]; /* what a later revision may have added */
    } theirs = {.note = {.struct_size = sizeof theirs.note,
                         .abi_major = TURRET_ABI_MAJOR,
                         .abi_minor = TURRET_ABI_MINOR,
                         .kinds = TURRET_KIND_BROKER,
                         .fingerprint = TURRET_FINGERPRINT_INIT,
                         .id = "acme.x",
                         .version = "1.0.0"}};
    const uint8_t *bytes = (const uint8_t *)&theirs;
    struct turret_note note;
    struct turret_error err = {0};
    (void)unused;
    assert_int_equal(abi_read_note(origin.path, bytes, sizeof note, &note, &err), TURRET_OK);
    assert_memory_equal(&note, &theirs.note, sizeof note);
    theirs.note.struct_size = sizeof theirs;
    assert_int_equal(abi_read_note(origin.path, bytes, sizeof theirs, &note, &err), TURRET_OK);
    assert_string_equal(note.id, "acme.x");
    expect(abi_read_note(origin.path, bytes, sizeof theirs - 1, &note, &err), TURRET_EINVAL, &err,
           "note is truncated: struct_size 244, but its content is 243 bytes");
    memset(&err, 0, sizeof err);
    expect(abi_read_note(origin.path, bytes, 7, &note, &err), TURRET_EINVAL, &err,
           "its content is 7 bytes");
    theirs.note.kinds = 0;
    memset(&err, 0, sizeof err);
    expect(abi_read_note(origin.path, bytes, sizeof theirs, &note, &err), TURRET_EINVAL, &err,
           "of no kind");
    theirs.note.kinds = 65;
    memset(&err, 0, sizeof err);
    expect(abi_read_note(origin.path, bytes, sizeof theirs, &note, &err), TURRET_ENOTSUP, &err,
           "kind 0x40");
}

/* ---- ids and texts ---- */

static void test_ids(void **unused)
{
    static const char *const good[] = {"a", "acme.x", "org.acme.rsi-2_b", "0x"};
    static const char *const bad[] = {
        "",  ".a",  "-a",  "..",       "a/b",
        "A", "a b", "a\n", "\xc3\xa4", "a2345678901234567890123456789012345678901234567x"};
    (void)unused;
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(abi_is_id(good[i], 48));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(abi_is_id(bad[i], 64));
    assert_false(abi_is_id("abc", 3)); /* no NUL within the room */
    assert_true(abi_is_text("1.0 (beta)", 24));
    assert_false(abi_is_text("", 24));
    assert_false(abi_is_text("1.0\n", 24));
    assert_false(abi_is_text("1.0", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_params),
        cmocka_unit_test(test_bad_params),
        cmocka_unit_test(test_param_names_are_unique),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_converts),
        cmocka_unit_test(test_field_ids_are_unique),
        cmocka_unit_test(test_short_type_is_zero_extended),
        cmocka_unit_test(test_strategy_promises),
        cmocka_unit_test(test_shape_of_offers),
        cmocka_unit_test(test_entry),
        cmocka_unit_test(test_note_sizes),
        cmocka_unit_test(test_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
