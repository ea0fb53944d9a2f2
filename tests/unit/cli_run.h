/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a command line in this process and keeps what it wrote. Include <cmocka.h> first. */
#ifndef TESTS_CLI_RUN_H
#define TESTS_CLI_RUN_H

#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLI_RUN_WORDS 12

struct cli_run {
    int code;
    char *out, *err;
};

/* Everything from descriptor `fd` goes to `file` until it is put back; answers a copy of it. */
static inline int cli_run_divert(int fd, FILE *file)
{
    int kept = dup(fd);
    assert_true(kept >= 0);
    assert_int_equal(dup2(fileno(file), fd), fd);
    return kept;
}

static inline char *cli_run_text(FILE *file)
{
    long size;
    char *text;
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    text = calloc(1, (size_t)size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)size, file), (size_t)size);
    (void)fclose(file);
    return text;
}

/* The words after "turret", ended by NULL. Call cli_run_free() after it. */
static inline struct cli_run cli_run(const char *const *words)
{
    struct cli_run run;
    char *argv[CLI_RUN_WORDS + 2], name[] = "turret";
    FILE *out = tmpfile(), *err = tmpfile();
    int argc = 1, kept_out, kept_err;
    assert_non_null(out);
    assert_non_null(err);
    argv[0] = name;
    for (; words[argc - 1]; argc++) {
        assert_true(argc <= CLI_RUN_WORDS);
        argv[argc] = strdup(words[argc - 1]);
        assert_non_null(argv[argc]);
    }
    argv[argc] = NULL;
    (void)fflush(NULL);
    kept_out = cli_run_divert(STDOUT_FILENO, out);
    kept_err = cli_run_divert(STDERR_FILENO, err);
    run.code = cli_main(argc, argv);
    (void)fflush(NULL);
    (void)dup2(kept_out, STDOUT_FILENO);
    (void)dup2(kept_err, STDERR_FILENO);
    (void)close(kept_out);
    (void)close(kept_err);
    while (--argc > 0)
        free(argv[argc]);
    run.out = cli_run_text(out);
    run.err = cli_run_text(err);
    return run;
}

static inline void cli_run_free(struct cli_run *run)
{
    free(run->out);
    free(run->err);
}

/* Runs and compares all of it. */
static inline void cli_run_expect(const char *const *words, int code, const char *out,
                                  const char *err)
{
    struct cli_run run = cli_run(words);
    assert_string_equal(run.err, err);
    assert_string_equal(run.out, out);
    assert_int_equal(run.code, code);
    cli_run_free(&run);
}

/* The same for words with a space between, and --store behind them. */
static inline void cli_run_expect_on(const char *store, const char *words, int code,
                                     const char *out, const char *err)
{
    const char *list[CLI_RUN_WORDS] = {0};
    char copy[200], *at = copy;
    size_t count = 0;
    (void)snprintf(copy, sizeof copy, "%s", words);
    for (char *word = copy; word; word = at ? at + 1 : NULL) {
        at = strchr(word, ' ');
        if (at)
            *at = '\0';
        list[count++] = word;
    }
    list[count++] = "--store";
    list[count] = store;
    cli_run_expect(list, code, out, err);
}

#endif
