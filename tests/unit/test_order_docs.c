/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that docs/order-states.md and docs/denials.md say what the engine's tables say: both pages
 * are rendered from order_states.def and denials.def and compared. Run it with --write, and
 * TURRET_SOURCE naming the source tree, to renew them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/orders.h"

static const char *const states[][3] = {
#define ORDER_STATE(name, working, terminal, text)                                                 \
    {#name, (working) ? "working" : (terminal) ? "ended" : "", text},
#define ORDER_MOVE(from, to, text)
#include "core/order_states.def"
#undef ORDER_STATE
#undef ORDER_MOVE
};

static const char *const moves[][3] = {
#define ORDER_STATE(name, working, terminal, text)
#define ORDER_MOVE(from, to, text) {#from, #to, text},
#include "core/order_states.def"
#undef ORDER_STATE
#undef ORDER_MOVE
};

static const struct {
    int code;
    const char *name, *text;
} denials[] = {
#define DENIAL(code, name, text) {code, #name, text},
#include "core/denials.def"
#undef DENIAL
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct page {
    char text[32768];
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct page *page, const char *format, ...)
{
    size_t room = sizeof page->text - page->used;
    va_list args;
    int length;
    va_start(args, format);
    length = vsnprintf(page->text + page->used, room, format, args);
    va_end(args);
    assert_true(length >= 0 && (size_t)length < room);
    page->used += (size_t)length;
}

static void render_states(struct page *page)
{
    size_t i;
    page->used = 0;
    add(page, "# Order states\n\n"
              "Rendered from `host/core/order_states.def`; `test_order_docs --write` renews it.\n\n"
              "A *working* order may still fill: what is left of it counts against the limits. An "
              "*ended* one\nchanges only by a late fill or when the venue takes an execution "
              "back.\n\n"
              "| state | is | meaning |\n|---|---|---|\n");
    for (i = 0; i < COUNT(states); i++)
        add(page, "| %s | %s | %s |\n", states[i][0], states[i][1], states[i][2]);
    add(page, "\n## Moves\n\nThese and no others. A report that asks for another move is told as "
              "an alarm and changes nothing.\n\n| from | to | what proves it |\n|---|---|---|\n");
    for (i = 0; i < COUNT(moves); i++)
        add(page, "| %s | %s | %s |\n", moves[i][0], moves[i][1], moves[i][2]);
}

static void render_denials(struct page *page)
{
    size_t i;
    page->used = 0;
    add(page,
        "# Denials\n\n"
        "Rendered from `host/core/denials.def`; `test_order_docs --write` renews it.\n\n"
        "Why risk says no to an order. The checks run in the order of the rows, and the first "
        "that fails\ngives the code; codes are permanent. A limit that nobody set denies "
        "(LIMIT_UNSET). Cancels are\nnever denied.\n\n"
        "Where it is about a number, what was found and what is allowed follow the text, in the "
        "units of\nthe limit: `the value is above the limit max_order: 120000 > 100000 USD`.\n\n"
        "| code | name | meaning |\n|---|---|---|\n");
    for (i = 0; i < COUNT(denials); i++)
        add(page, "| %d | %s | %s |\n", denials[i].code, denials[i].name, denials[i].text);
}

static void path_of(char *path, size_t room, const char *name)
{
    const char *source = getenv("TURRET_SOURCE");
    assert_non_null(source);
    assert_true((size_t)snprintf(path, room, "%s/docs/%s", source, name) < room);
}

static struct page rendered;

static void compare(const char *name)
{
    static char there[sizeof rendered.text];
    char path[4096];
    FILE *file;
    size_t size;
    path_of(path, sizeof path, name);
    file = fopen(path, "rb");
    if (!file)
        fail_msg("%s is not there; run test_order_docs --write", path);
    size = fread(there, 1, sizeof there - 1, file);
    (void)fclose(file);
    there[size] = 0;
    if (strcmp(there, rendered.text) != 0)
        fail_msg("%s differs from its table; run test_order_docs --write", path);
}

static int write_page(const char *name)
{
    char path[4096];
    FILE *file;
    size_t written;
    path_of(path, sizeof path, name);
    file = fopen(path, "wb");
    if (!file) {
        perror(path);
        return 1;
    }
    written = fwrite(rendered.text, 1, rendered.used, file);
    return fclose(file) != 0 || written != rendered.used;
}

static void the_page_of_states_is_the_table(void **state)
{
    (void)state;
    render_states(&rendered);
    compare("order-states.md");
}

static void the_page_of_denials_is_the_table(void **state)
{
    (void)state;
    render_denials(&rendered);
    compare("denials.md");
}

static void codes_are_given_once(void **state)
{
    bool given[DENY_CODES] = {false};
    size_t i;
    (void)state;
    for (i = 0; i < COUNT(denials); i++) {
        assert_in_range(denials[i].code, 1, DENY_CODES - 1);
        assert_false(given[denials[i].code]);
        given[denials[i].code] = true;
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_of_states_is_the_table),
        cmocka_unit_test(the_page_of_denials_is_the_table),
        cmocka_unit_test(codes_are_given_once),
    };
    if (argc == 2 && !strcmp(argv[1], "--write")) {
        render_states(&rendered);
        if (write_page("order-states.md"))
            return 1;
        render_denials(&rendered);
        return write_page("denials.md");
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
