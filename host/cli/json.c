/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exact numbers are text in JSON: many readers turn numbers into doubles.
 */
#include "cli/json.h"

#include "core/money.h"
#include "research/when.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static atomic_bool starved;

/* Values that were not made leave no trace in those that hold them, a list is just shorter. */
static void *take_memory(size_t size)
{
    void *taken = malloc(size);
    if (!taken)
        atomic_store(&starved, true);
    return taken;
}

void cli_json_begin(void)
{
    json_set_alloc_funcs(take_memory, free);
}

bool cli_json_starved(void)
{
    return atomic_load(&starved);
}

static int print(json_t *take, FILE *out, size_t flags)
{
    int code = take ? json_dumpf(take, out, flags | JSON_REAL_PRECISION(15)) : -1;
    (void)fputc('\n', out);
    json_decref(take);
    return code ? TURRET_EIO : TURRET_OK;
}

int cli_json_print(json_t *take)
{
    return print(take, stdout, JSON_INDENT(2));
}

int cli_json_line(json_t *take)
{
    return print(take, stdout, JSON_COMPACT);
}

int cli_json_error(const char *code, int exit_code, const char *text)
{
    char plain[512];
    size_t length = 0;
    json_t *value;
    char *line;
    for (; text[length] && length + 1 < sizeof plain; length++)
        plain[length] = text[length] >= ' ' && text[length] <= '~' ? text[length] : '?';
    plain[length] = '\0';
    value = json_string(text); /* NULL when a path in it is not UTF-8 */
    value = value ? value : json_string(plain);
    value =
        json_pack("{s:{s:s, s:i, s:o}}", "error", "code", code, "exit", exit_code, "text", value);
    line = value ? json_dumps(value, JSON_COMPACT) : NULL;
    json_decref(value);
    if (!line) { /* no memory: by hand, then */
        for (length = 0; plain[length]; length++)
            if (plain[length] == '"' || plain[length] == '\\')
                plain[length] = '\'';
        (void)fprintf(stderr, "{\"error\":{\"code\":\"%s\",\"exit\":%d,\"text\":\"%s\"}}\n", code,
                      exit_code, plain);
        return TURRET_OK;
    }
    (void)fprintf(stderr, "%s\n", line);
    free(line);
    return TURRET_OK;
}

json_t *cli_json_decimal(int64_t value, int32_t scale)
{
    char text[48];
    money_format(value, scale, text, sizeof text);
    return json_string(text);
}

json_t *cli_json_number(int64_t value, int32_t scale)
{
    char text[48];
    money_format(value, scale, text, sizeof text);
    return strchr(text, '.') ? json_real(strtod(text, NULL))
                             : json_integer(strtoll(text, NULL, 10));
}

json_t *cli_json_time(turret_time_ns time)
{
    char text[WHEN_TEXT_MAX];
    when_print(time, text, sizeof text);
    return json_string(text);
}
