/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swap_audit [--died] STORE NAME=INSTRUMENT … < lines: forges the chain (chain.h) of each strategy
 * from the journal's bars and the rows of its fills, and compares every line "NAME events link"
 * that the strategy said, and the state saved with its newest change of code. Then who owns what:
 * the rows of steps against the journal's, and the row of each instance against the newest step.
 * Prints counts as one JSON object; what differs goes to standard error and makes it exit 1. --died
 * before STORE: the daemon was killed, what it said of events that did not become durable is passed
 * over.
 */
#include "chain.h"

#include "core/engine.h"
#include "session/rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 16

struct link {
    uint64_t sequence, value;
};

struct watched {
    char name[ENGINE_NAME_MAX];
    turret_instrument instrument;
    struct link *links;
    uint64_t count, room, said;
};

struct known_fill {
    char execution[40];
    char strategy[ENGINE_NAME_MAX];
    uint64_t order_id;
    int64_t signed_qty, price;
    uint32_t venue;
    bool seen;
};

struct step {
    struct event_swap swap;
    uint64_t sequence;
    bool in_rows;
};

struct audit {
    struct watched watched[NAMES_MAX];
    uint32_t count;
    struct known_fill *fills;
    uint64_t fill_count, fill_room, fills_matched, bars, fill_events, events, mismatches,
        commits[3], rollbacks, aborts;
    struct step *steps;
    uint64_t step_count, step_room;
    int64_t bar_time[64];
    uint64_t bar_gaps;
    bool died;
};

static void differs(struct audit *audit, const char *what, uint64_t at)
{
    (void)fprintf(stderr, "swap_audit: %s (%" PRIu64 ")\n", what, at);
    audit->mismatches++;
}

static void *grown(void *old, uint64_t *room, uint64_t count, size_t size)
{
    if (count < *room)
        return old;
    *room = *room ? *room * 2 : 1024;
    old = realloc(old, *room * size);
    if (!old)
        abort();
    return old;
}

/* ---- reading ---- */

static int by_execution(const void *a, const void *b)
{
    const struct known_fill *x = a, *y = b;
    int order = strcmp(x->execution, y->execution);
    return order ? order : (x->venue > y->venue) - (x->venue < y->venue);
}

static int see_fill(void *context, const void *key, size_t key_bytes, uint16_t version,
                    const void *value, size_t value_bytes)
{
    struct audit *audit = context;
    struct row_fill row;
    struct known_fill *fill;
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION || value_bytes != sizeof row)
        return 0;
    memcpy(&row, value, sizeof row);
    audit->fills = grown(audit->fills, &audit->fill_room, audit->fill_count, sizeof *audit->fills);
    fill = &audit->fills[audit->fill_count++];
    memset(fill, 0, sizeof *fill);
    memcpy(fill->execution, row.fill.execution_id, sizeof fill->execution);
    memcpy(fill->strategy, row.names.strategy, sizeof fill->strategy);
    fill->order_id = row.fill.order_id;
    fill->signed_qty = row.fill.side == TURRET_SIDE_BUY ? row.fill.qty : -row.fill.qty;
    fill->price = row.fill.price;
    fill->venue = row.fill.venue;
    return 0;
}

static void add_link(struct watched *watched, uint64_t sequence, int64_t kind, int64_t a, int64_t b,
                     int64_t c)
{
    const int64_t values[3] = {a, b, c};
    uint64_t before = watched->count ? watched->links[watched->count - 1].value : CHAIN_BASIS;
    watched->links = grown(watched->links, &watched->room, watched->count, sizeof *watched->links);
    watched->links[watched->count++] = (struct link){sequence, chain_link(before, kind, values)};
}

static void take_bar(struct audit *audit, uint64_t sequence, const struct turret_bar *bar)
{
    int64_t *last = &audit->bar_time[bar->instrument % 64];
    uint32_t i;
    audit->bars++;
    audit->bar_gaps += *last && bar->time != *last + bar->timeframe_ns;
    *last = bar->time;
    for (i = 0; i < audit->count; i++)
        if (audit->watched[i].instrument == bar->instrument)
            add_link(&audit->watched[i], sequence, CHAIN_BAR, bar->time, bar->close, bar->volume);
}

/* The venue may tell a fill twice: it counts once. */
static void take_fill(struct audit *audit, const struct store_record *record, uint32_t venue)
{
    struct turret_report_fill report;
    struct known_fill wanted, *fill;
    uint32_t i;
    memcpy(&report, (const uint8_t *)record->payload + 8, sizeof report);
    memset(&wanted, 0, sizeof wanted);
    memcpy(wanted.execution, report.execution_id, sizeof wanted.execution);
    wanted.venue = venue;
    fill = bsearch(&wanted, audit->fills, audit->fill_count, sizeof wanted, by_execution);
    if (!fill) {
        differs(audit, "a fill of the journal has no row", record->sequence);
        return;
    }
    audit->fill_events++;
    if (fill->seen)
        return;
    fill->seen = true;
    audit->fills_matched++;
    for (i = 0; i < audit->count; i++)
        if (!strcmp(audit->watched[i].name, fill->strategy))
            add_link(&audit->watched[i], record->sequence, CHAIN_FILL, (int64_t)fill->order_id,
                     fill->signed_qty, fill->price);
}

static int see_record(void *context, const struct store_record *record)
{
    struct audit *audit = context;
    const uint8_t *payload = record->payload;
    struct turret_bar bar;
    uint16_t venue;
    memcpy(&venue, payload, sizeof venue);
    audit->events++;
    if (record->type == EVENT_BAR) {
        memcpy(&bar, payload + 8, sizeof bar);
        take_bar(audit, record->sequence, &bar);
    } else if (record->type == EVENT_FILL) {
        take_fill(audit, record, venue);
    } else if (record->type == EVENT_SWAP) {
        audit->steps =
            grown(audit->steps, &audit->step_room, audit->step_count, sizeof *audit->steps);
        memset(&audit->steps[audit->step_count], 0, sizeof *audit->steps);
        memcpy(&audit->steps[audit->step_count].swap, payload + 8, sizeof(struct event_swap));
        audit->steps[audit->step_count++].sequence = record->sequence;
    }
    return 0;
}

/* ---- what the strategies said ---- */

static void hear(struct audit *audit)
{
    char line[256], name[64];
    uint64_t events, link;
    uint32_t i;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%63s %" SCNu64 " %" SCNx64, name, &events, &link) != 3)
            continue;
        for (i = 0; i < audit->count && strcmp(audit->watched[i].name, name) != 0; i++)
            ;
        if (audit->died && i < audit->count && events > audit->watched[i].count)
            continue;
        if (i == audit->count || events == 0 || events > audit->watched[i].count ||
            audit->watched[i].links[events - 1].value != link) {
            (void)fprintf(stderr, "swap_audit: %s", line);
            differs(audit, "a strategy's chain is not the journal's", events);
            continue;
        }
        audit->watched[i].said++;
    }
}

/* ---- who owns what ---- */

static int see_swap(void *context, const void *key, size_t key_bytes, uint16_t version,
                    const void *value, size_t value_bytes)
{
    struct audit *audit = context;
    struct row_swap row;
    uint64_t i;
    (void)key;
    (void)key_bytes;
    if (version != ROWS_VERSION || value_bytes != sizeof row) {
        differs(audit, "a row of a step of another size", 0);
        return 0;
    }
    memcpy(&row, value, sizeof row);
    for (i = 0; i < audit->step_count && audit->steps[i].sequence != row.sequence; i++)
        ;
    if (i == audit->step_count || audit->steps[i].swap.phase != row.phase ||
        memcmp(audit->steps[i].swap.to_build, row.to_build, sizeof row.to_build) != 0)
        differs(audit, "a row of a step is not in the journal", row.sequence);
    else
        audit->steps[i].in_rows = true;
    return 0;
}

/* Strategies are numbered as the configuration, and so the arguments, name them. */
static const struct step *newest(const struct audit *audit, uint32_t kind, uint32_t target)
{
    uint64_t i;
    for (i = audit->step_count; i > 0; i--) {
        const struct event_swap *swap = &audit->steps[i - 1].swap;
        if (swap->kind == kind && swap->target == target &&
            (swap->phase == SWAP_COMMIT || swap->phase == SWAP_ROLLBACK))
            return &audit->steps[i - 1];
    }
    return NULL;
}

/* The events, and link, fields of the saved state: 1 and 2 of chain.c. */
static void check_saved(struct audit *audit, const struct watched *watched,
                        const struct row_instance *row, const uint8_t *state)
{
    const uint8_t *at = state + 8;
    uint64_t value[2] = {0, 0}, links = 0;
    uint32_t i;
    if (row->state_bytes < 8 + 2 * 20)
        return;
    for (i = 0; i < 2; i++)
        memcpy(&value[i], at + i * 20 + 12, sizeof value[i]);
    while (links < watched->count && watched->links[links].sequence <= row->sequence)
        links++;
    if (value[0] != links || (links && watched->links[links - 1].value != value[1]))
        differs(audit, "the state saved at a change of code is not the journal's", row->sequence);
}

static void check_owner(struct audit *audit, struct store *store, const char *name,
                        const struct step *step, const struct watched *watched)
{
    static uint8_t stored[1 << 20];
    struct row_instance row;
    size_t size = sizeof stored;
    uint16_t version;
    if (store_get(store, STORE_INSTANCE, name, strlen(name), &version, stored, &size, NULL) ||
        size < sizeof row) {
        differs(audit, "an instance without a row", 0);
        return;
    }
    memcpy(&row, stored, sizeof row);
    if (step && (memcmp(row.build, step->swap.to_build, sizeof row.build) != 0 ||
                 row.sequence != step->sequence)) {
        (void)fprintf(stderr, "swap_audit: %s since %" PRIu64 "\n", name, row.sequence);
        differs(audit, "its row and its newest step differ", step->sequence);
    }
    if (watched)
        check_saved(audit, watched, &row, stored + sizeof row);
}

static void count_steps(struct audit *audit)
{
    uint64_t i;
    for (i = 0; i < audit->step_count; i++) {
        const struct event_swap *swap = &audit->steps[i].swap;
        if (!audit->steps[i].in_rows)
            differs(audit, "a step of the journal has no row", audit->steps[i].sequence);
        if (swap->phase == SWAP_COMMIT)
            audit->commits[swap->kind == TURRET_KIND_STRATEGY    ? 0
                           : swap->kind == TURRET_KIND_INDICATOR ? 1
                                                                 : 2]++;
        audit->rollbacks += swap->phase == SWAP_ROLLBACK;
        audit->aborts += swap->phase == SWAP_ABORT;
    }
}

static void check_owners(struct audit *audit, struct store *store)
{
    char name[64];
    uint32_t i;
    (void)store_scan(store, STORE_SWAP, NULL, 0, see_swap, audit, NULL, NULL);
    count_steps(audit);
    for (i = 0; i < audit->count; i++) {
        (void)snprintf(name, sizeof name, "strategy %.38s", audit->watched[i].name);
        check_owner(audit, store, name, newest(audit, TURRET_KIND_STRATEGY, i), &audit->watched[i]);
    }
}

static int finish(struct audit *audit)
{
    uint64_t said = 0, i;
    (void)printf("{");
    for (i = 0; i < audit->count; i++) {
        said += audit->watched[i].said;
        (void)printf("\"%s\": %" PRIu64 ", ", audit->watched[i].name, audit->watched[i].count);
        free(audit->watched[i].links);
    }
    for (i = 0; i < audit->fill_count; i++)
        if (!audit->fills[i].seen)
            differs(audit, "a row of a fill is not in the journal", audit->fills[i].order_id);
    (void)printf("\"records\": %" PRIu64 ", \"bars\": %" PRIu64 ", \"bar_gaps\": %" PRIu64
                 ", \"fills\": %" PRIu64 ", \"fills_told\": %" PRIu64 ", \"said\": %" PRIu64
                 ", \"strategy\": %" PRIu64 ", \"indicator\": %" PRIu64 ", \"venue\": %" PRIu64
                 ", \"rollbacks\": %" PRIu64 ", \"aborts\": %" PRIu64 ", \"mismatches\": %" PRIu64
                 "}\n",
                 audit->events, audit->bars, audit->bar_gaps, audit->fill_count, audit->fill_events,
                 said, audit->commits[0], audit->commits[1], audit->commits[2], audit->rollbacks,
                 audit->aborts, audit->mismatches);
    free(audit->fills);
    free(audit->steps);
    return audit->mismatches ? 1 : 0;
}

int main(int argument_count, char **arguments)
{
    static struct audit audit;
    struct turret_error err = {0};
    struct store *store;
    int i;
    if (argument_count > 1 && !strcmp(arguments[1], "--died")) {
        audit.died = true;
        arguments++;
        argument_count--;
    }
    for (i = 2; i < argument_count && audit.count < NAMES_MAX; i++) {
        struct watched *watched = &audit.watched[audit.count++];
        if (sscanf(arguments[i], "%47[^=]=%u", watched->name, &watched->instrument) != 2)
            return 2;
    }
    if (argument_count < 3 || store_open(&store, arguments[1], STORE_READ_ONLY, &err)) {
        (void)fprintf(stderr, "swap_audit [--died] STORE NAME=INSTRUMENT …: %s\n", err.text);
        return 2;
    }
    (void)store_scan(store, STORE_FILL, NULL, 0, see_fill, &audit, NULL, NULL);
    if (audit.fill_count)
        qsort(audit.fills, audit.fill_count, sizeof *audit.fills, by_execution);
    if (store_journal_read(store, 1, see_record, &audit, &err))
        differs(&audit, err.text, 0);
    hear(&audit);
    check_owners(&audit, store);
    store_close(store);
    return finish(&audit);
}
