/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strategy that attacks its host in one of many ways, at its third bar and again after each
 * restart. Every attack is bounded by itself: no process is left, memory ends at 2 GiB, connections
 * go to the loopback address. One that succeeds says "escaped" in the log, one that is refused and
 * survives says "held".
 */
#include "attack.h"

#include "isolation/wire.h"

#include <linux/futex.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct attack {
    int64_t bars, attacks;
    turret_instrument instrument;
    turret_indicator indicator;
};

static struct turret_strategy *self;
static struct attack *state;
static char what[64];
static turret_price last_close;
char attack_folder[128];
int attack_port;

/* ---- the wire ---- */

static struct wire_channel *wire(void)
{
    return (struct wire_channel *)((uintptr_t)state->indicator -
                                   offsetof(struct wire_channel, slots));
}

static int unmaps_wire(void)
{
    return munmap(wire(), sizeof(struct wire_channel)) == 0;
}

static int scribbles_wire(void)
{
    memset(wire(), 0xa5, sizeof(struct wire_channel));
    return 0;
}

static void forge(uint32_t kind, uint32_t size, uint64_t a)
{
    struct wire_lane *lane = &wire()->answers;
    lane->kind = kind;
    lane->size = size;
    lane->a = a;
    atomic_fetch_add(&lane->posted, 1);
}

static int forges_size(void)
{
    forge(WIRE_DONE, UINT32_MAX, 0);
    return attack_loops();
}

static int forges_fields(void)
{
    forge(WIRE_DONE, WIRE_BODY, 0);
    return attack_loops();
}

static int forges_question(void)
{
    forge(12345, 0, 0);
    return attack_loops();
}

static int forges_use(void)
{
    forge(WIRE_ASK_USE, 4, 0);
    return attack_loops();
}

static int forges_order(void)
{
    memset(wire()->answers.body, 0xff, sizeof(struct turret_order_request));
    forge(WIRE_ASK_SUBMIT, sizeof(struct turret_order_request), UINT64_MAX);
    return attack_loops();
}

static int forges_report(void)
{
    forge(WIRE_ASK_REPORT, 160, 0);
    return attack_loops();
}

static int answers_twice(void)
{
    forge(WIRE_DONE, 16, 0);
    forge(WIRE_DONE, 16, 0);
    return attack_loops();
}

/* Whatever it thinks of, as fast as it can. */
static int forges_noise(void)
{
    uint64_t seed = (uint64_t)state->bars + 88172645463325252u;
    for (volatile int for_ever = 1; for_ever;) {
        struct wire_lane *lane = &wire()->answers;
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        lane->kind = seed % 8 ? (uint32_t)(seed >> 8) % 24 : (uint32_t)(seed >> 8);
        lane->size = seed % 3 ? (uint32_t)(seed >> 16) % 512 : (uint32_t)(seed >> 16);
        lane->a = seed;
        memcpy(lane->body + seed % 4096, &seed, sizeof seed);
        atomic_store(&lane->posted, atomic_load(&lane->posted) + (seed >> 40) % 4);
    }
    return 1;
}

/* What still works of it must not outlive it. */
static int leaves_order(void)
{
    struct turret_order_request request = {.struct_size = (uint32_t)sizeof request,
                                           .instrument = state->instrument,
                                           .side = TURRET_SIDE_BUY,
                                           .type = TURRET_ORDER_LIMIT,
                                           .qty = 1,
                                           .limit_price = last_close * 96 / 100};
    if (state->bars < 6)
        return turret_submit(self, &request) == 0;
    (void)turret_submit(self, &request); /* in the callback that dies: never happened */
    abort();
}

static int wakes_all(void)
{
    for (int i = 0; i < 10000; i++)
        (void)syscall(SYS_futex, &wire()->answers.posted, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
    return 0;
}

/* ---- what it may say, too much or absurd ---- */

static int floods_orders(void)
{
    struct turret_order_request request = {.struct_size = (uint32_t)sizeof request,
                                           .instrument = state->instrument,
                                           .side = TURRET_SIDE_BUY,
                                           .type = TURRET_ORDER_LIMIT,
                                           .qty = 1,
                                           .limit_price = 1};
    int taken = 0;
    for (int i = 0; i < 1000; i++)
        taken += turret_submit(self, &request) != 0;
    return taken > 256;
}

static int floods_for_ever(void)
{
    volatile int for_ever = 1;
    while (for_ever)
        (void)turret_position(self, state->instrument);
    return 1;
}

static int floods_log(void)
{
    for (int i = 0; i < 1000; i++)
        turret_log(self, TURRET_LOG_NOTICE, "a line of noise");
    return 0;
}

static int asks_absurd(void)
{
    struct turret_order_request request;
    struct turret_account account;
    memset(&request, 0xff, sizeof request);
    (void)turret_submit(self, &request);
    memset(&request, 0x7f, sizeof request);
    (void)turret_submit(self, &request);
    (void)turret_target(self, UINT32_MAX, INT64_MIN, "x");
    (void)turret_target(self, state->instrument, INT64_MIN, "x");
    (void)turret_target(self, state->instrument, INT64_MAX, "x");
    (void)turret_modify(self, UINT64_MAX, INT64_MIN, INT64_MIN, INT64_MIN);
    (void)turret_cancel(self, UINT64_MAX);
    (void)turret_fee(self, state->instrument, INT64_MAX, INT64_MAX);
    (void)turret_timer(self, UINT32_MAX, INT64_MIN);
    return turret_position(self, UINT32_MAX) != 0 || turret_instrument_of(self, UINT32_MAX) ||
           turret_account_of(self, UINT32_MAX, &account) == TURRET_OK;
}

static int uses_late(void)
{
    struct turret_error err = {0};
    return turret_use(self, &err, "sma(%d)", 9) != NULL;
}

static const struct attack_row attacks_on_wire[] = {
    ROW(unmaps_wire),     ROW(scribbles_wire),  ROW(forges_size),  ROW(forges_fields),
    ROW(forges_question), ROW(forges_use),      ROW(forges_order), ROW(forges_report),
    ROW(answers_twice),   ROW(forges_noise),    ROW(leaves_order), ROW(wakes_all),
    ROW(floods_orders),   ROW(floods_for_ever), ROW(floods_log),   ROW(asks_absurd),
    ROW(uses_late),       {NULL, NULL},
};

/* ---- the strategy ---- */

static const struct turret_param params[] = {
    TURRET_PARAM_TEXT(1, "what", "none", "", "which attack"),
    TURRET_PARAM_TEXT(2, "folder", "nowhere", "", "where the canaries are"),
    TURRET_PARAM_INT(3, "port", 0, 0, 65535, "", "where somebody listens"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct attack, bars, "bars seen"),
    TURRET_FIELD_I64(2, struct attack, attacks, "attacks survived"),
};

static int32_t on_start(struct turret_strategy *who, const struct turret_start *start,
                        struct turret_error *err)
{
    self = who;
    state = turret_self(who);
    state->instrument = start->instruments[0];
    state->indicator = turret_use(who, err, "sma(%d)", 2);
    (void)snprintf(what, sizeof what, "%s", turret_param_text(start, 1));
    (void)snprintf(attack_folder, sizeof attack_folder, "%s", turret_param_text(start, 2));
    attack_port = turret_param_int(start, 3);
    if (!strcmp(what, "dies_at_start"))
        abort();
    if (!strcmp(what, "hangs_at_start"))
        return attack_loops();
    return turret_ok(err);
}

static void on_bar(struct turret_strategy *who, const struct turret_bar *bar)
{
    static const struct attack_row *const tables[] = {attacks_on_itself, attacks_on_system,
                                                      attacks_on_wire};
    const struct attack_row *row;
    char text[96];
    (void)who;
    last_close = bar->close;
    if (++state->bars < 3 || (state->attacks > 0 && strcmp(what, "leaves_order") != 0))
        return;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (row = tables[t]; row->name; row++)
            if (!strcmp(row->name, what)) {
                bool escaped = row->run() != 0;
                (void)snprintf(text, sizeof text, "%s: %s", escaped ? "escaped" : "held", what);
                turret_log(self, TURRET_LOG_NOTICE, text);
            }
    state->attacks++;
}

TURRET_STRATEGY(attack, "test.attack", "1.0.0", "attacks its host", params, fields, on_start,
                on_bar);
