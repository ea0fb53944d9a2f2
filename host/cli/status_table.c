/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table is walked twice, for the columns' widths and for printing, so that no cell is kept. Every
 * text is the daemon's and is cleaned before it reaches a terminal.
 */
#include "cli/status_table.h"

#include "cli/clean.h"

#include <string.h>

#define COLUMNS_MAX 10
#define CELL_MAX    176

typedef char cell[CELL_MAX];

struct table {
    const char *kind, *member; /* "strategy" begins a line with --plain; "strategies" in the JSON */
    size_t columns;
    unsigned right; /* bit per column */
    const char *headings[COLUMNS_MAX];
    void (*fill)(const json_t *row, cell *cells);
    const char *(*color)(const json_t *row, size_t column); /* NULL: none */
};

static void put(cell to, const char *text)
{
    (void)snprintf(to, CELL_MAX, "%s", text);
    clean_text(to, CELL_MAX);
}

/* Any scalar as text. */
static void put_member(cell to, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (json_is_string(value))
        put(to, json_string_value(value));
    else if (json_is_integer(value))
        (void)snprintf(to, CELL_MAX, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        (void)snprintf(to, CELL_MAX, "%.2f", json_real_value(value));
    else if (json_is_boolean(value))
        put(to, json_is_true(value) ? "yes" : "no");
    else
        put(to, "-");
}

static void fill_account(const json_t *row, cell *cells)
{
    put_member(cells[0], row, "venue");
    put_member(cells[1], row, "currency");
    put_member(cells[2], row, "start");
    put_member(cells[3], row, "cash");
    put_member(cells[4], row, "equity");
    put_member(cells[5], row, "drawdown_pct");
    if (strcmp(cells[5], "-") != 0)
        memcpy(cells[5] + strlen(cells[5]), "%", 2);
}

/* "2.0.0 1a2b3c4d": a build id tells two builds of one version apart. */
static void put_version(cell to, const json_t *row, const char *version, const char *build)
{
    const char *digits = json_string_value(json_object_get(row, build));
    size_t used;
    put_member(to, row, version);
    used = strlen(to);
    if (digits && digits[0]) {
        (void)snprintf(to + used, CELL_MAX - used, " %.8s", digits);
        clean_text(to, CELL_MAX);
    }
}

/* "since 2026-01-05T10:00:00Z: Connection refused", "its clock is 120 s off (max_clock_skew 5 s)"
 */
static void put_not_ready(cell to, const json_t *row)
{
    const char *since = json_string_value(json_object_get(row, "not_ready_since"));
    const char *why = json_string_value(json_object_get(row, "stream"));
    if (!why && json_is_true(json_object_get(row, "connected")))
        why = json_string_value(json_object_get(row, "waits"));
    (void)snprintf(to, CELL_MAX, "%s%s%s%s", since ? "since " : "", since ? since : "",
                   since && why ? ": " : "",
                   why     ? why
                   : since ? ""
                           : "-");
    clean_text(to, CELL_MAX);
}

static void fill_venue(const json_t *row, cell *cells)
{
    put_member(cells[0], row, "name");
    put_member(cells[1], row, "adapter");
    put_version(cells[2], row, "version", "build");
    put_member(cells[3], row, "isolated");
    put_member(cells[4], row, "ready");
    if (json_is_true(json_object_get(row, "simulated")))
        put(cells[5], "(simulated)");
    else
        put_member(cells[5], row, json_is_true(json_object_get(row, "trades")) ? "account" : "");
    put_member(cells[6], row, "working");
    put_member(cells[7], row, "unknown");
    put_member(cells[8], row, "unknown_since");
    put_not_ready(cells[9], row);
}

/* Orders of which nobody knows whether they work. */
static const char *color_venue(const json_t *row, size_t column)
{
    return column == 7 && json_integer_value(json_object_get(row, "unknown")) > 0 ? "\033[31m"
                                                                                  : NULL;
}

static void fill_difference(const json_t *row, cell *cells)
{
    const char *kind = json_string_value(json_object_get(row, "kind"));
    put_member(cells[0], row, "kind");
    put_member(cells[1], row, "venue");
    put_member(cells[2], row, kind && !strcmp(kind, "order") ? "order_id" : "about");
    put_member(cells[3], row, "ours");
    put_member(cells[4], row, "theirs");
    put_member(cells[5], row, "halts");
    put_member(cells[6], row, "text");
}

static void fill_swap(const json_t *row, cell *cells)
{
    long long of = (long long)json_integer_value(json_object_get(row, "of"));
    put_member(cells[0], row, "instance");
    put_member(cells[1], row, "plugin");
    put_version(cells[2], row, "from", "from_build");
    put_version(cells[3], row, "to", "to_build");
    put_member(cells[4], row, "phase");
    put_member(cells[5], row, "events");
    if (of > 0)
        (void)snprintf(cells[5], CELL_MAX, "%lld of %lld",
                       (long long)json_integer_value(json_object_get(row, "events")), of);
    put_member(cells[6], row, "same");
    put_member(cells[7], row, "different");
}

static void fill_strategy(const json_t *row, cell *cells)
{
    const char *fault = json_string_value(json_object_get(row, "fault"));
    const char *reason = json_string_value(json_object_get(row, "score_reason"));
    bool ready = !json_is_false(json_object_get(row, "ready"));
    put_member(cells[0], row, "name");
    put_version(cells[1], row, "version", "build");
    put_member(cells[2], row, "state");
    put_member(cells[3], row, "profit");
    put_member(cells[4], row, "orders");
    put_member(cells[5], row, "fills");
    put_member(cells[6], row, "denied");
    put_member(cells[7], row, "open_orders");
    put_member(cells[8], row, "score");
    put(cells[9], fault && fault[0] ? fault : !ready ? "warming up" : reason ? reason : "");
}

static const char *color_strategy(const json_t *row, size_t column)
{
    const char *state = json_string_value(json_object_get(row, "state"));
    if (column != 2 || !state)
        return NULL;
    return !strcmp(state, "RUNNING") ? "\033[32m"
           : !strcmp(state, "FAULT") ? "\033[31m"
                                     : "\033[33m";
}

static void fill_state(const json_t *row, cell *cells)
{
    put_member(cells[0], row, "scope");
    put_member(cells[1], row, "name");
    put_member(cells[2], row, "state");
    put_member(cells[3], row, "who");
    put_member(cells[4], row, "reason");
}

static void fill_stop(const json_t *row, cell *cells)
{
    put_member(cells[0], row, "scope");
    put_member(cells[1], row, "name");
    put_member(cells[2], row, "since");
    put_member(cells[3], row, "text");
}

static void fill_unprotected(const json_t *row, cell *cells)
{
    put_member(cells[0], row, "strategy");
    put_member(cells[1], row, "instrument");
    put_member(cells[2], row, "qty");
}

static void fill_not_sent(const json_t *row, cell *cells)
{
    put_member(cells[0], row, "strategy");
    put_member(cells[1], row, "instrument");
    put_member(cells[2], row, "orders");
}

static const struct table tables[] = {
    {"stop",
     "stops",
     4,
     0,
     {"may only close", "name", "since", "until turret resume --reason TEXT"},
     fill_stop,
     NULL},
    {"state", "states", 5, 0, {"scope", "name", "trading state", "who", "why"}, fill_state, NULL},
    {"venue",
     "venues",
     10,
     1u << 6 | 1u << 7,
     {"venue", "adapter", "version", "isolated", "ready", "orders to", "working", "UNKNOWN",
      "since", "not ready"},
     fill_venue,
     color_venue},
    {"difference",
     "differences",
     7,
     1u << 3 | 1u << 4,
     {"difference", "venue", "about", "ours", "theirs", "halts", "what"},
     fill_difference,
     NULL},
    {"account",
     "accounts",
     6,
     1u << 2 | 1u << 3 | 1u << 4 | 1u << 5,
     {"account", "currency", "start", "cash", "equity", "drawdown"},
     fill_account,
     NULL},
    {"strategy",
     "strategies",
     10,
     1u << 3 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 8,
     {"strategy", "version", "state", "profit", "orders", "fills", "denied", "open", "score",
      "why"},
     fill_strategy,
     color_strategy},
    {"unprotected",
     "unprotected",
     3,
     1u << 2,
     {"without the stop it asked for", "instrument", "qty"},
     fill_unprotected,
     NULL},
    {"not_sent",
     "not_sent",
     3,
     1u << 2,
     {"protective orders not sent: turret state", "instrument", "orders"},
     fill_not_sent,
     NULL},
    {"swap",
     "swaps",
     8,
     1u << 5 | 1u << 6 | 1u << 7,
     {"change of code", "plugin", "from", "to", "phase", "events", "same", "different"},
     fill_swap,
     NULL},
};
#define TABLES (sizeof tables / sizeof tables[0])

static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0u) != 0x80u;
    return width;
}

static void print_cells(const struct table *table, cell *cells, const int *widths,
                        const json_t *row, bool color, FILE *out)
{
    for (size_t i = 0; i < table->columns; i++) {
        const char *begin = color && row && table->color ? table->color(row, i) : NULL;
        int gap = widths[i] - width_of(cells[i]);
        bool right = table->right >> i & 1u, last = i + 1 == table->columns;
        (void)fprintf(out, "%*s%s%s%s%*s", right ? gap : 0, "", begin ? begin : "", cells[i],
                      begin ? "\033[0m" : "",
                      last    ? 0
                      : right ? 2
                              : gap + 2,
                      "");
    }
}

static void print_aligned(const struct cli *cli, const struct table *table, const json_t *rows,
                          FILE *out)
{
    cell cells[COLUMNS_MAX], headings[COLUMNS_MAX];
    int widths[COLUMNS_MAX];
    size_t index;
    const json_t *row;
    for (size_t i = 0; i < table->columns; i++) {
        put(headings[i], table->headings[i]);
        widths[i] = width_of(headings[i]);
    }
    json_array_foreach(rows, index, row)
    {
        table->fill(row, cells);
        for (size_t i = 0; i < table->columns; i++)
            widths[i] = width_of(cells[i]) > widths[i] ? width_of(cells[i]) : widths[i];
    }
    (void)fputs(cli->color ? "\n\033[1m" : "\n", out);
    print_cells(table, headings, widths, NULL, false, out);
    (void)fputs(cli->color ? "\033[0m\n" : "\n", out);
    json_array_foreach(rows, index, row)
    {
        table->fill(row, cells);
        print_cells(table, cells, widths, row, cli->color, out);
        (void)fputc('\n', out);
    }
}

static void print_plain(const struct table *table, const json_t *rows, FILE *out)
{
    cell cells[COLUMNS_MAX];
    size_t index;
    const json_t *row;
    json_array_foreach(rows, index, row)
    {
        table->fill(row, cells);
        (void)fputs(table->kind, out);
        for (size_t i = 0; i < table->columns; i++)
            (void)fprintf(out, "\t%s", cells[i]);
        (void)fputc('\n', out);
    }
}

/* "3d 04:05:06" */
static void put_uptime(cell to, const json_t *status)
{
    const json_t *value = json_object_get(status, "uptime_seconds");
    double seconds = json_number_value(value);
    long long whole = seconds >= 0 && seconds < 1e12 ? (long long)seconds : 0;
    put(to, "-");
    if (!json_is_number(value))
        return;
    (void)snprintf(to, CELL_MAX, "%lldd %02lld:%02lld:%02lld", whole / 86400, whole / 3600 % 24,
                   whole / 60 % 60, whole % 60);
    if (whole < 86400)
        memmove(to, to + 3, strlen(to + 3) + 1);
}

static const char *const head[] = {"mode",           "trading", "working_orders", "time",
                                   "version",        "pid",     "uptime_seconds", "config",
                                   "config_version", "store",   "sequence",       "durable"};
#define HEAD (sizeof head / sizeof head[0])

/* The file was changed since, and the daemon goes on with the one before. */
static void print_refused(const struct cli *cli, const json_t *status, FILE *out)
{
    const char *given = json_string_value(json_object_get(status, "config_refused"));
    char text[512];
    if (!given)
        return;
    (void)snprintf(text, sizeof text, "%s", given);
    clean_text(text, sizeof text);
    (void)fprintf(out,
                  cli->plain ? "config_refused\t%s\n"
                             : "the changed configuration is REFUSED, the one before goes on: %s\n",
                  text);
}

static void print_head(const struct cli *cli, const json_t *status, FILE *out)
{
    cell is[HEAD];
    for (size_t i = 0; i < HEAD; i++)
        put_member(is[i], status, head[i]);
    put_uptime(is[6], status);
    if (cli->plain) {
        (void)fputs("daemon", out);
        for (size_t i = 0; i < HEAD; i++)
            (void)fprintf(out, "\t%s", is[i]);
        (void)fputc('\n', out);
        return;
    }
    (void)fprintf(out, "%s, trading %s%s%s, working orders %s, event time %s\n", is[0],
                  cli->color && strcmp(is[1], "ACTIVE") != 0 ? "\033[31m" : "", is[1],
                  cli->color && strcmp(is[1], "ACTIVE") != 0 ? "\033[0m" : "", is[2], is[3]);
    (void)fprintf(out, "turret %s, pid %s, up %s, configuration %s version %s\n", is[4], is[5],
                  is[6], is[7], is[8]);
    (void)fprintf(out, "store %s, journal %s, of it on disk %s\n", is[9], is[10], is[11]);
}

void status_table_print(const struct cli *cli, const json_t *status, FILE *out)
{
    print_head(cli, status, out);
    print_refused(cli, status, out);
    for (size_t i = 0; i < TABLES; i++) {
        const json_t *rows = json_object_get(status, tables[i].member);
        if (json_is_object(rows))
            rows = json_object_get(rows, "under_way");
        if (cli->plain)
            print_plain(&tables[i], rows, out);
        else if (json_array_size(rows) > 0)
            print_aligned(cli, &tables[i], rows, out);
    }
}
