/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that "did you mean" finds the name that was meant for the usual slips of a hand, says
 * nothing when no name is near, and takes any length of word.
 */
#include "ops/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const commands[] = {"backtest", "optimize", "paper",       "live",   "replay",
                                       "parity",   "report",   "status",      "plugin", NULL,
                                       "sma",      "ema",      "max_position"};
#define COUNT (sizeof commands / sizeof commands[0])

static void test_slips(void **unused)
{
    static const struct {
        const char *word, *meant;
    } cases[] = {
        {"bactest", "backtest"},          /* left out */
        {"bakctest", "backtest"},         /* exchanged */
        {"backttest", "backtest"},        /* twice */
        {"vacktest", "backtest"},         /* the key beside */
        {"papr", "paper"},                /* */
        {"stauts", "status"},             /* */
        {"BACKTEST", "backtest"},         /* capitals */
        {"max-position", "max_position"}, /* dash for underscore */
        {"maxposition", "max_position"},  /* */
        {"smma", "sma"},                  /* */
        {"rpelay", "replay"},             /* */
        {"backtest", "backtest"},         /* itself */
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *found = suggest_nearest(cases[i].word, commands, COUNT);
        assert_non_null(found);
        assert_string_equal(found, cases[i].meant);
    }
}

static void test_nothing_near(void **unused)
{
    static const char *const words[] = {"", "x", "zzzz", "completely", "bollinger", "tab"};
    (void)unused;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_null(suggest_nearest(words[i], commands, COUNT));
    assert_null(suggest_nearest("paper", commands, 0));
    assert_null(suggest_nearest(NULL, commands, COUNT));
}

static void test_nearest_wins_and_first_of_equals(void **unused)
{
    static const char *const names[] = {"length", "lengths", "width", "widths"};
    static const char *const equal[] = {"ab_x", "ab_y"};
    (void)unused;
    assert_ptr_equal(suggest_nearest("lenghts", names, 4), names[1]);
    assert_ptr_equal(suggest_nearest("wdth", names, 4), names[2]);
    assert_ptr_equal(suggest_nearest("ab_z", equal, 2), equal[0]);
}

static void test_any_length(void **unused)
{
    char word[200], near[64];
    const char *names[2] = {word, near};
    (void)unused;
    memset(near, 'a', sizeof near);
    near[63] = '\0';
    for (size_t length = 0; length < sizeof word; length++) {
        memset(word, 'a', length);
        word[length] = '\0';
        const char *found = suggest_nearest(word, &names[1], 1);
        /* 63 characters: at most 21 may be missing, and nothing longer is compared. */
        assert_true((found != NULL) == (length >= 42 && length <= SUGGEST_LENGTH_MAX));
    }
    assert_null(suggest_nearest("aaaa", names, 1)); /* a name of 199 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slips),
        cmocka_unit_test(test_nothing_near),
        cmocka_unit_test(test_nearest_wins_and_first_of_equals),
        cmocka_unit_test(test_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
