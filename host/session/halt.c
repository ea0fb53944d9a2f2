/* SPDX-License-Identifier: Apache-2.0 */
#include "session/halt.h"

#include "io/clock.h"
#include "session/latch.h"
#include "session/live_state.h"
#include "session/services.h"
#include "session/trading_rows.h"
#include "session/versions.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define TICK_NS       INT64_C(2000000)
#define FIRST_WAIT_NS INT64_C(50000000)
#define LAST_WAIT_NS  INT64_C(1000000000)
#define ALL_WAIT_NS   INT64_C(500000000)
#define BURST         1024
#define FULL_WAIT_NS  INT64_C(2000000)
#define LOOK_WAIT_NS  INT64_C(20000000)

/* One venue's session of our own. */
struct line {
    struct config
        one; /* the configuration with this venue alone: one that fails leaves the others */
    struct venues *venues;
    int64_t all_due_ns; /* when everything is cancelled at once, again */
};

struct halting {
    const struct halt_options *options;
    struct halt_result *result;
    struct latch *latch;
    struct live *live; /* what builds are looked up with: store, configuration, registry */
    struct loop *loop;
    struct loop_timer *tick;
    struct line lines[CONFIG_VENUES_MAX];
    int64_t started_ns, look_due_ns; /* when the store is looked at again */
};

/* ---- the latch ---- */

/* Whatever goes wrong here, the orders are cancelled all the same. */
static int set_latch(struct halting *h, struct turret_error *err)
{
    struct halt_result *result = h->result;
    struct turret_error why = {0};
    uint32_t slot = LATCH_ALL;
    int status = latch_open(&h->latch, h->options->store, false, &why);
    if (!status && h->options->venue)
        slot = latch_find(h->latch, h->options->venue);
    if (slot == LATCH_NONE)
        return turret_fail(err, TURRET_ENOTFOUND,
                           "no venue '%.40s' on this store; turret status lists them, and turret "
                           "halt stops all",
                           h->options->venue);
    if (status) {
        (void)snprintf(result->latch_why, sizeof result->latch_why, "%.190s", why.text);
        return TURRET_OK;
    }
    result->latched = true;
    if (latch_set(h->latch, slot, h->options->reason, &why))
        (void)snprintf(result->latch_why, sizeof result->latch_why, "%.190s", why.text);
    return TURRET_OK;
}

/* NULL: of the slot the store does not have it that it is KILLED. */
static const struct trading_latch *find_killed(const struct halting *h, uint32_t slot,
                                               const struct trading_latch *latches, uint32_t count)
{
    uint32_t scope = slot == LATCH_ALL ? TRADING_ALL : TRADING_VENUE, i;
    char name[32];
    latch_name(h->latch, slot, name);
    for (i = 0; i < count; i++)
        if (latches[i].state == TRADING_KILLED && latches[i].scope == scope &&
            !strcmp(latches[i].name, name))
            return &latches[i];
    return NULL;
}

/* Of a slot that somebody set before us, and no daemon has recorded yet. */
static bool find_mark(const struct halting *h, uint32_t slot, struct trading_latch *killed)
{
    struct latch_mark mark;
    memset(killed, 0, sizeof *killed);
    if (!latch_mark(h->latch, slot, &mark))
        return false;
    killed->scope = slot == LATCH_ALL ? TRADING_ALL : TRADING_VENUE;
    killed->state = TRADING_KILLED;
    killed->since = mark.time;
    latch_name(h->latch, slot, killed->name);
    memcpy(killed->who, mark.who, sizeof killed->who);
    memcpy(killed->reason, mark.reason, sizeof killed->reason);
    return true;
}

/* Whether each slot that is set is a state of the store already, and ours for another reason. */
static void read_states(struct halting *h)
{
    static struct trading_latch latches[TRADING_LATCHES_MAX];
    const char *venue = h->options->venue, *reason = h->options->reason;
    const struct trading_latch *killed;
    struct trading_latch marked;
    uint32_t slot, count = 0;
    if (!h->result->latched || trading_rows_get(h->live->store, latches, &count, NULL))
        return;
    slot = venue ? latch_find(h->latch, venue) : LATCH_ALL;
    killed = find_killed(h, slot, latches, count);
    if (!killed && find_mark(h, slot, &marked))
        killed = &marked;
    if (killed && reason[0] && strcmp(killed->reason, reason) != 0)
        h->result->killed = *killed;
    for (slot = 0; slot < LATCH_SLOTS; slot++)
        if (latch_word(h->latch, slot) != 0 && !find_killed(h, slot, latches, count))
            return;
    h->result->recorded = true;
}

/* ---- the venues ---- */

static int see_version(void *context, const struct version *version)
{
    *(uint64_t *)context = version->number;
    return 0;
}

static int open_store(struct halting *h, struct turret_error *err)
{
    struct live *live = h->live;
    char private_dir[CONFIG_PATH_MAX + 16];
    uint64_t newest = 0;
    int status = store_open(&live->store, h->options->store, STORE_READ_ONLY, err);
    if (status)
        return status;
    (void)snprintf(live->store_path, sizeof live->store_path, "%s", h->options->store);
    (void)snprintf(private_dir, sizeof private_dir, "%s/plugins", live->store_path);
    (void)versions_each(live->store, see_version, &newest, NULL);
    status = live_load_config(live->store, newest, &live->config, err);
    if (!status)
        status = registry_create(&live->registry, private_dir, err);
    if (!status)
        status = services_offer_store(live->registry, live->store, err);
    return status ? status : services_offer_loop(live->registry, h->loop, err);
}

/* The build that ran last, out of its private copy; without one, what the directories have. */
static int bring_adapter(struct halting *h, const struct config_venue *venue,
                         struct turret_error *err)
{
    struct live *live = h->live;
    struct row_instance row;
    const struct plugin *plugin = NULL;
    char name[48];
    uint16_t version = 0;
    uint32_t i, loaded;
    size_t size = sizeof row;
    int status;
    (void)snprintf(name, sizeof name, "venue %s", venue->name);
    if (store_get(live->store, STORE_INSTANCE, name, strlen(name), &version, &row, &size, NULL) ==
            TURRET_OK &&
        version == ROWS_VERSION && size == sizeof row &&
        live_bring_build(live, row.build, &plugin, NULL) == TURRET_OK)
        return registry_find_plugin(live->registry, plugin->file.note.id) == plugin
                   ? TURRET_OK
                   : registry_promote(live->registry, plugin, err);
    for (i = 0, status = TURRET_OK; !status && i < live->config->plugin_dir_count; i++)
        status = assemble_scan(live->config, i, live->registry, NULL, NULL, &loaded, err);
    return status;
}

static void on_log(void *context, uint32_t level, const char *text)
{
    const struct halting *h = context;
    if (h->options->messages && level <= TURRET_LOG_WARN)
        (void)fprintf(h->options->messages, "turret: %s\n", text);
}

static int open_line(struct halting *h, uint32_t index, turret_time_ns newest,
                     struct turret_error *err)
{
    const struct venues_log log = {h, on_log};
    struct config *config = h->live->config;
    struct line *line = &h->lines[index];
    int status = bring_adapter(h, &config->venues[index], err);
    if (status)
        return status;
    line->one = *config;
    line->one.venues = &config->venues[index];
    line->one.venue_count = 1;
    status = venues_open(&line->venues, &line->one, h->live->registry, newest,
                         TURRET_REASON_RESTART, &log, NULL, err);
    if (status)
        return status;
    h->result->venues[index].simulated = venues_simulated(line->venues, 0);
    h->result->venues[index].cancels_all =
        (venues_caps(line->venues, 0)->can & TURRET_CAN_CANCEL_ALL) != 0;
    if (h->result->venues[index].simulated ||
        !(venues_caps(line->venues, 0)->can & TURRET_CAN_TRADE))
        return TURRET_OK; /* there is nothing outside */
    return venues_connect(line->venues, newest, err);
}

static bool is_concerned(const struct halting *h, uint32_t index)
{
    return !h->options->venue || !strcmp(h->options->venue, h->live->config->venues[index].name);
}

static bool is_outside(const struct halting *h, uint32_t index)
{
    return h->lines[index].venues && !h->result->venues[index].simulated &&
           (venues_caps(h->lines[index].venues, 0)->can & TURRET_CAN_TRADE) != 0;
}

static void open_lines(struct halting *h, turret_time_ns newest)
{
    uint32_t i;
    h->result->venue_count = h->live->config->venue_count;
    for (i = 0; i < h->result->venue_count; i++) {
        struct halt_venue *venue = &h->result->venues[i];
        struct turret_error why = {0};
        memcpy(venue->name, h->live->config->venues[i].name, sizeof venue->name);
        if (is_concerned(h, i) && open_line(h, i, newest, &why)) {
            (void)snprintf(venue->why, sizeof venue->why, "%.190s", why.text);
            venues_close(h->lines[i].venues);
            h->lines[i].venues = NULL;
        }
    }
}

/* ---- asking ---- */

static uint32_t line_of(const struct halting *h, const struct halt_order *order)
{
    uint32_t i = 0;
    while (i < h->result->venue_count &&
           strncmp(h->result->venues[i].name, order->names.venue, sizeof order->names.venue) != 0)
        i++;
    return i;
}

static turret_instrument instrument_of(const struct halting *h, const struct halt_order *order)
{
    const struct config *config = h->live->config;
    uint32_t i;
    if (!order->stored)
        return order->order.instrument;
    for (i = 0; i < config->instrument_count; i++)
        if (!strncmp(config->instruments[i].symbol, order->names.symbol, 32) &&
            !strncmp(config->instruments[i].venue, order->names.venue, 16))
            return i + 1;
    return 0;
}

/* Cancelled until an answer comes, then asked for until the venue says what became of it. */
static void put_command(struct halting *h, struct halt_order *order, struct command *command)
{
    bool ask = (order->answered || order->missed > 0) && order->asked == TURRET_REQUEST_CANCEL;
    memset(command, 0, sizeof *command);
    command->kind = ask ? COMMAND_QUERY : COMMAND_CANCEL;
    order->asked = ask ? TURRET_REQUEST_QUERY : TURRET_REQUEST_CANCEL;
    order->answered = false;
    command->order.struct_size = (uint32_t)sizeof command->order;
    command->order.instrument = instrument_of(h, order);
    command->order.order_id = order->order.id;
    (void)snprintf(command->order.client_id, sizeof command->order.client_id, "%llu",
                   (unsigned long long)order->order.id);
    command->order.side = order->order.side;
    command->order.type = order->order.type;
    command->order.tif = order->order.tif;
    command->order.qty = order->order.qty;
    command->order.limit_price = order->order.limit_price;
    command->order.stop_price = order->order.stop_price;
    command->order.deadline = order->order.deadline;
    /* beyond any of the daemon's own */
    command->order.request = order->order.request_version + 1000 + order->cancels + order->queries;
}

/* True: the adapter takes no more for now. */
static bool send_one(struct halting *h, uint32_t index, struct halt_order *order, int64_t now)
{
    struct command command;
    struct event event;
    bool full = false;
    put_command(h, order, &command);
    venues_command(h->lines[index].venues, &command);
    while (venues_take_prompt(h->lines[index].venues, &event)) {
        full = full || (event.type == EVENT_ACK && event.u.ack.order_id == order->order.id &&
                        !strncmp(event.u.ack.reason, "not sent", 8));
        halt_hear(h->result, index, &event, now);
    }
    if (full) {
        order->asked = 0;
        order->due_ns = now + FULL_WAIT_NS;
        return true;
    }
    order->cancels += command.kind == COMMAND_CANCEL;
    order->queries += command.kind == COMMAND_QUERY;
    order->wait_ns = order->wait_ns == 0                 ? FIRST_WAIT_NS
                     : 2 * order->wait_ns < LAST_WAIT_NS ? 2 * order->wait_ns
                                                         : LAST_WAIT_NS;
    order->due_ns = now + order->wait_ns;
    return false;
}

static void cancel_all(struct halting *h, uint32_t index, int64_t now)
{
    struct line *line = &h->lines[index];
    if (!h->result->venues[index].cancels_all || now < line->all_due_ns)
        return;
    (void)venues_cancel_all(line->venues, 0, NULL); /* each order is cancelled by itself, too */
    line->all_due_ns = now + ALL_WAIT_NS;
}

static void send_due(struct halting *h, int64_t now)
{
    bool full[CONFIG_VENUES_MAX] = {false};
    uint32_t i, sent = 0, cancelled = 0;
    for (i = 0; i < h->result->venue_count; i++)
        if (is_outside(h, i))
            cancel_all(h, i, now);
    for (i = 0; i < h->result->count && sent < BURST; i++) {
        struct halt_order *order = &h->result->orders[i];
        uint32_t index = line_of(h, order);
        if (!halt_is_settled(order) && index < h->result->venue_count && !full[index] &&
            is_outside(h, index) && order->due_ns <= now) {
            full[index] = send_one(h, index, order, now);
            sent++;
        }
        cancelled += order->cancels > 0 || halt_is_settled(order);
    }
    if (cancelled == h->result->count && h->result->cancelled_ns == 0)
        h->result->cancelled_ns = clock_monotonic_ns() - h->started_ns;
}

static void hear(struct halting *h, int64_t now)
{
    struct event event;
    uint32_t i;
    for (i = 0; i < h->result->venue_count; i++)
        while (h->lines[i].venues && venues_take(h->lines[i].venues, &event))
            halt_hear(h->result, i, &event, now);
}

/* What only the daemon has: nothing of it is outside, and the latch keeps it inside. */
static void settle_inside(struct halting *h)
{
    uint32_t i;
    for (i = 0; i < h->result->count; i++) {
        struct halt_order *order = &h->result->orders[i];
        uint32_t index = line_of(h, order);
        if (index == h->result->venue_count)
            continue;
        if (order->order.state == TURRET_STATE_HELD && !order->order.venue_order_id[0])
            order->proof = HALT_INSIDE;
        else if (h->lines[index].venues && h->result->venues[index].simulated)
            order->proof = HALT_WORKS;
    }
    h->result->daemon = store_daemon(h->options->store);
    halt_look_inside(h->result, h->live->store);
}

static void look_inside(struct halting *h, int64_t now)
{
    if (now < h->look_due_ns)
        return;
    halt_look_inside(h->result, h->live->store);
    h->look_due_ns = now + LOOK_WAIT_NS;
}

static void count_open(struct halting *h)
{
    uint32_t i;
    h->result->open = h->result->venues_open = 0;
    for (i = 0; i < h->result->count; i++)
        h->result->open += !halt_is_settled(&h->result->orders[i]);
    for (i = 0; i < h->result->venue_count; i++)
        h->result->venues_open +=
            is_concerned(h, i) &&
            (!h->lines[i].venues || (is_outside(h, i) && !h->result->venues[i].connected));
    h->result->open += h->result->venues_open;
}

static void on_turn(void *context)
{
    struct halting *h = context;
    int64_t now = clock_monotonic_ns();
    hear(h, now);
    send_due(h, now);
    hear(h, now);
    look_inside(h, now);
    count_open(h);
    if (h->result->open == 0 || now - h->started_ns > h->options->wait_ns)
        loop_stop(h->loop);
}

static void on_tick(void *context)
{
    struct halting *h = context;
    loop_timer_set(h->tick, TICK_NS);
}

static void on_signal(void *context, int number)
{
    struct halting *h = context;
    (void)number;
    h->result->interrupted = true;
    loop_stop(h->loop);
}

static int ask(struct halting *h, struct turret_error *err)
{
    turret_time_ns newest = 0;
    int status;
    if (loop_timer_create(h->loop, &h->tick, on_tick, h) ||
        loop_signal(h->loop, SIGINT, on_signal, h) || loop_signal(h->loop, SIGTERM, on_signal, h))
        return turret_fail(err, TURRET_ENOMEM, "no memory for a timer");
    status = open_store(h, err);
    if (!status) {
        read_states(h);
        status = halt_read_orders(h->result, h->live->store, h->options->venue, &newest, err);
    }
    if (status)
        return status;
    open_lines(h, newest);
    settle_inside(h);
    send_due(h, clock_monotonic_ns()); /* not a round later */
    loop_timer_set(h->tick, TICK_NS);
    loop_run(h->loop);
    count_open(h);
    halt_read_lost(h->result, h->live->store, h->options->venue);
    return TURRET_OK;
}

static void close_all(struct halting *h)
{
    uint32_t i;
    for (i = 0; i < CONFIG_VENUES_MAX; i++)
        venues_close(h->lines[i].venues);
    loop_destroy(h->loop);
    latch_close(h->latch);
    if (h->live) {
        registry_destroy(h->live->registry);
        config_destroy(h->live->config);
        store_close(h->live->store);
    }
    free(h->live);
    free(h);
}

int halt_run(const struct halt_options *options, struct halt_result *result,
             struct turret_error *err)
{
    struct halting *h = calloc(1, sizeof *h);
    int status;
    memset(result, 0, sizeof *result);
    if (!h)
        return turret_fail(err, TURRET_ENOMEM, "no memory to halt; send SIGUSR1 to the daemon");
    h->options = options;
    h->result = result;
    h->started_ns = clock_monotonic_ns();
    (void)setpriority(PRIO_PROCESS, 0, -20); /* ahead of whatever else runs, where it may be */
    status = set_latch(h, err);
    if (!status) {
        h->live = calloc(1, sizeof *h->live);
        status = h->live ? loop_create(&h->loop, on_turn, h, err)
                         : turret_fail(err, TURRET_ENOMEM, "no memory to cancel the orders");
    }
    if (!status)
        status = ask(h, err);
    close_all(h);
    return status;
}
