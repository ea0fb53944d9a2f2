/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret config history: the configurations that were in force on a store, what each changed, and
 * the text of one of them.
 */
#include "cli/clean.h"
#include "cli/json.h"
#include "cli/records.h"
#include "session/versions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct cli_argument arguments[] = {
    {"VERSION", "print the text of this version (default: list all)", true, false},
    {NULL, NULL, false, false},
};

static json_t *lines_json(const char *text)
{
    json_t *lines = json_array();
    while (text && *text) {
        size_t length = strcspn(text, "\n");
        (void)json_array_append_new(lines, json_stringn(text, length));
        text += length + (text[length] == '\n');
    }
    return lines;
}

static json_t *version_json(const struct version *version)
{
    char hash[65];
    for (int i = 0; i < 32; i++)
        (void)snprintf(hash + 2 * i, 3, "%02x", version->hash[i]);
    return json_pack("{s:I, s:o, s:o, s:o, s:s, s:o}", "version", (json_int_t)version->number,
                     "time", version->time ? cli_json_time(version->time) : json_null(), "sequence",
                     version->sequence ? json_integer((json_int_t)version->sequence) : json_null(),
                     "cause", records_text_json(version->cause), "hash", hash, "diff",
                     version->diff ? lines_json(version->diff) : json_null());
}

struct listing {
    const struct cli *cli;
    json_t *array; /* with --json */
    uint64_t count;
};

static void print_diff(const struct listing *listing, const struct version *version)
{
    const char *text = version->diff;
    while (text && *text) {
        char line[1024];
        size_t length = strcspn(text, "\n");
        (void)snprintf(line, sizeof line, "%.*s", (int)(length < 1000 ? length : 1000), text);
        clean_text(line, sizeof line);
        if (listing->cli->plain)
            (void)printf("diff\t%" PRIu64 "\t%s\n", version->number, line);
        else
            (void)printf("    %s\n", line);
        text += length + (text[length] == '\n');
    }
    if (!version->diff && !listing->cli->plain)
        (void)printf("    (stored without what it changed)\n");
}

static int list_version(void *context, const struct version *version)
{
    struct listing *listing = context;
    char when[32] = "-", cause[sizeof version->cause];
    time_t seconds = (time_t)(version->time / 1000000000);
    struct tm parts;
    listing->count++;
    if (listing->array)
        return json_array_append_new(listing->array, version_json(version));
    if (version->time && gmtime_r(&seconds, &parts))
        (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &parts);
    (void)snprintf(cause, sizeof cause, "%s", version->cause[0] ? version->cause : "-");
    clean_text(cause, sizeof cause);
    if (listing->cli->plain)
        (void)printf("version\t%" PRIu64 "\t%s\t%" PRIu64 "\t%s\t", version->number, when,
                     version->sequence, cause);
    else
        (void)printf("%sversion %" PRIu64 "  %s  journal %" PRIu64 "  %s  ",
                     listing->count > 1 ? "\n" : "", version->number, when, version->sequence,
                     cause);
    for (int i = 0; i < (listing->cli->plain ? 32 : 6); i++)
        (void)printf("%02x", version->hash[i]);
    (void)printf("\n");
    print_diff(listing, version);
    return 0;
}

static int list(const struct cli *cli, struct store *store, struct turret_error *err)
{
    struct listing listing = {.cli = cli, .array = cli->json ? json_array() : NULL};
    int status = versions_each(store, list_version, &listing, err);
    if (cli->json)
        (void)cli_json_print(listing.array);
    else if (listing.count == 0 && !status)
        cli_note(cli, "no configuration has been in force on this store yet");
    return status;
}

static int print_one(const struct cli *cli, struct store *store, const char *word,
                     struct turret_error *err)
{
    struct version version;
    char *end;
    unsigned long long number;
    json_t *json;
    errno = 0;
    number = strtoull(word, &end, 10);
    if (word[0] < '0' || word[0] > '9' || *end || errno)
        return turret_fail(err, TURRET_EINVAL, "version '%.40s' is not a whole number", word);
    if (versions_get(store, number, &version, err))
        return turret_ok(err);
    if (cli->json) {
        json = version_json(&version);
        (void)json_object_set_new(json, "yaml", json_string(version.text));
        (void)cli_json_print(json);
    } else {
        (void)fputs(version.text, stdout);
    }
    versions_finish(&version);
    return TURRET_OK;
}

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct store *store = NULL;
    int status = records_open(&store, cli, &err);
    if (!status)
        status = cli->argument_count ? print_one(cli, store, cli->arguments[0], &err)
                                     : list(cli, store, &err);
    store_close(store);
    return status ? cli_error(cli, &err) : CLI_DONE;
}

static const char *const examples[] = {"turret config history", "turret config history 3", NULL};

const struct cli_command cmd_config_history = {
    .path = "config history",
    .summary = "list what was in force and what each change was",
    .details = "Every configuration that came into force on the store is kept with the moment, the "
               "journal record and the reason it was taken, and with what it changed. The text is "
               "what was read after ${} expansion; what is not known of an old version is '-'.",
    .arguments = arguments,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
