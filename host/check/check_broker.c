/* SPDX-License-Identifier: Apache-2.0 */
/* Broker cards: what it says it can do, opening and closing, and the account it shows. */
#include "check/check_broker.h"
#include "check/check_groups.h"

#include <string.h>

#define EVENTS  40
#define CAN_ALL ((1u << 14) - 1)
#define BITS(a) (1u << (a))

/* An operation beyond the required ones, what advertises it, and a call that harms nothing. */
struct operation {
    uint32_t can;
    const char *name;
    size_t offset;
};

#define OPERATION(can, member)                                                                     \
    {                                                                                              \
        can, #member, offsetof(struct turret_broker_type, member)                                  \
    }

static const struct operation operations[] = {
    OPERATION(TURRET_CAN_TRADE, download),
    OPERATION(TURRET_CAN_TRADE, submit),
    OPERATION(TURRET_CAN_TRADE, cancel),
    OPERATION(TURRET_CAN_TRADE, query_order),
    OPERATION(TURRET_CAN_MODIFY, modify),
    OPERATION(TURRET_CAN_BATCH, submit_batch),
    OPERATION(TURRET_CAN_BATCH, cancel_batch),
    OPERATION(TURRET_CAN_CANCEL_ALL, cancel_all),
    OPERATION(TURRET_CAN_QUERY_FILLS, query_fills),
    OPERATION(TURRET_CAN_QUERY_POSITIONS, query_positions),
    OPERATION(TURRET_CAN_QUERY_BALANCES, query_balances),
    OPERATION(TURRET_CAN_SUBSCRIBE, subscribe),
    OPERATION(TURRET_CAN_SUBSCRIBE, unsubscribe),
    OPERATION(TURRET_CAN_HISTORY, history),
    OPERATION(TURRET_CAN_DEAD_MAN, set_cancel_on_disconnect),
    OPERATION(TURRET_CAN_SERVER_TIME, server_time),
    OPERATION(TURRET_CAN_COMMAND, command),
    OPERATION(TURRET_CAN_EXPORT, quiesce),
    OPERATION(TURRET_CAN_EXPORT, export_state),
    OPERATION(TURRET_CAN_EXPORT, import_state),
    OPERATION(TURRET_CAN_SIMULATE, feed),
};

#define OPERATIONS (sizeof operations / sizeof operations[0])

static bool is_there(const struct turret_broker_type *type, const struct operation *operation)
{
    void (*function)(void) = NULL;
    memcpy(&function, (const char *)type + operation->offset, sizeof function);
    return function != NULL;
}

void check_broker_describe(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench;
    const struct turret_broker_caps *caps = &bench.caps;
    bool trades;
    if (!broker_bench_begin(&bench, check, offer))
        return;
    trades = (caps->can & TURRET_CAN_TRADE) != 0;
    if (caps->can & ~CAN_ALL)
        check_fail(check, "describe sets unknown capabilities 0x%x", caps->can & ~CAN_ALL);
    for (size_t i = 0; i < OPERATIONS; i++)
        if ((caps->can & operations[i].can) && !is_there(bench.type, &operations[i]))
            check_fail(check, "advertises what %s does, and %s is NULL", operations[i].name,
                       operations[i].name);
    if (trades && (caps->id_length < 1 || caps->id_length > 39))
        check_fail(check, "id_length %u is not 1 to 39", caps->id_length);
    if (trades && !caps->id_characters)
        check_fail(check, "id_characters is 0: no client id could be written");
    if (trades && !(caps->order_types & (BITS(TURRET_ORDER_MARKET) | BITS(TURRET_ORDER_LIMIT))))
        check_fail(check, "order_types has neither market nor limit orders");
    if (trades && !caps->times_in_force)
        check_fail(check, "times_in_force is 0");
    if (caps->idempotency > TURRET_IDEMPOTENT_ALWAYS)
        check_fail(check, "idempotency %u is not known", caps->idempotency);
    if (caps->fee_min_nano < 0 || caps->fee_per_unit_nano < 0 || caps->fee_rate_nano < 0)
        check_fail(check, "a negative upper bound of fees");
    broker_bench_end(&bench);
}

void check_broker_close(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench;
    static struct check_values values;
    struct turret_error why;
    check_values_begin(&values, check, offer);
    broker_bench_init(&bench, check, offer, &values);
    if (broker_bench_open(&bench, TURRET_REASON_FIRST, &why)) {
        /* what does not open is closed all the same by a host that gives up */
        check_stage(check, "close after a refused open");
        bench.open = true;
        bench.type->close(&bench.handle);
        bench.type->close(&bench.handle);
        return;
    }
    broker_bench_end(&bench); /* never connected */
    if (!broker_bench_begin(&bench, check, offer))
        return;
    broker_bench_end(&bench);
}

/* Calls what was not advertised; anything but ENOTSUP is a silent no-op or worse. */
static int call(struct broker_bench *b, const char *name)
{
    const struct turret_broker_type *t = b->type;
    struct turret_broker_order order = broker_bench_order(b, TURRET_SIDE_BUY, 100);
    struct turret_broker *self = &b->handle;
    struct turret_error why = {0};
    if (!strcmp(name, "modify"))
        return t->modify(self, &order, &why);
    if (!strcmp(name, "submit_batch"))
        return t->submit_batch(self, &order, 1, &why);
    if (!strcmp(name, "cancel_batch"))
        return t->cancel_batch(self, &order, 1, &why);
    if (!strcmp(name, "cancel_all"))
        return t->cancel_all(self, 0, 0, 0, &why);
    if (!strcmp(name, "query_fills"))
        return t->query_fills(self, 0, &why);
    if (!strcmp(name, "query_positions"))
        return t->query_positions(self, &why);
    if (!strcmp(name, "query_balances"))
        return t->query_balances(self, &why);
    if (!strcmp(name, "subscribe"))
        return t->subscribe(self, 1, 1u << TURRET_REPORT_QUOTE, 0, &why);
    if (!strcmp(name, "unsubscribe"))
        return t->unsubscribe(self, 1, 1u << TURRET_REPORT_QUOTE, &why);
    if (!strcmp(name, "history"))
        return t->history(self, 1, TAPE_MINUTE, TAPE_START, TAPE_START + TAPE_MINUTE, &why);
    if (!strcmp(name, "set_cancel_on_disconnect"))
        return t->set_cancel_on_disconnect(self, 0, &why);
    if (!strcmp(name, "server_time"))
        return t->server_time(self, &why);
    if (!strcmp(name, "command"))
        return t->command(self, "check", "{}", &why);
    if (!strcmp(name, "quiesce"))
        return t->quiesce(self, &why);
    if (!strcmp(name, "download"))
        return t->download(self, 0, &why);
    if (!strcmp(name, "submit"))
        return t->submit(self, &order, &why);
    if (!strcmp(name, "cancel"))
        return t->cancel(self, &order, &why);
    if (!strcmp(name, "query_order"))
        return t->query_order(self, &order, &why);
    return TURRET_ENOTSUP; /* streams and feed cannot be called without what they carry */
}

void check_broker_not_advertised(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench;
    static struct check_values values;
    struct turret_error why;
    uint32_t count = 0;
    check_values_begin(&values, check, offer);
    broker_bench_init(&bench, check, offer, &values);
    if (broker_bench_open(&bench, TURRET_REASON_FIRST, &why)) {
        check_block(check, "does not open without being told its venue: %s", why.text);
        return;
    }
    check_stage(check, "connect");
    (void)bench.type->connect(&bench.handle, &why);
    for (size_t i = 0; i < OPERATIONS; i++) {
        const struct operation *operation = &operations[i];
        int status;
        if ((bench.caps.can & operation->can) || !is_there(bench.type, operation))
            continue;
        check_stage(check, operation->name);
        status = call(&bench, operation->name);
        if (status != TURRET_ENOTSUP)
            check_fail(check, "%s is not advertised and answers %d, not TURRET_ENOTSUP",
                       operation->name, status);
        count++;
    }
    broker_bench_end(&bench);
    if (count)
        check_remark(check, "%u are there and say that they are not supported", count);
}

/* The newest position and cash that it reports; false when it reports none. */
static bool position_of(struct broker_bench *bench, turret_qty *qty)
{
    struct turret_error why = {0};
    uint32_t first = bench->report_count;
    *qty = 0;
    check_stage(bench->check, "query_positions");
    if (bench->type->query_positions(&bench->handle, &why))
        check_fail(bench->check, "query_positions refuses: %s", why.text);
    check_stage(bench->check, "");
    broker_bench_pump(bench, 64);
    for (uint32_t i = first; i < bench->report_count; i++)
        if (bench->reports[i].type == TURRET_REPORT_POSITION &&
            bench->reports[i].u.position.instrument == 1)
            *qty = bench->reports[i].u.position.qty;
    return bench->report_count > first;
}

void check_broker_account(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench;
    struct turret_broker_order order;
    turret_qty before, after;
    uint32_t first;
    struct turret_error why = {0};
    if (!broker_bench_begin(&bench, check, offer))
        return;
    if (!(bench.caps.can & TURRET_CAN_TRADE) ||
        !(bench.caps.can & (TURRET_CAN_QUERY_POSITIONS | TURRET_CAN_QUERY_BALANCES))) {
        check_skip(check, "it advertises no query of positions or balances");
        return;
    }
    broker_bench_feed(&bench, EVENTS);
    if (bench.caps.can & TURRET_CAN_QUERY_BALANCES) {
        first = bench.report_count;
        check_stage(check, "query_balances");
        if (bench.type->query_balances(&bench.handle, &why))
            check_fail(check, "query_balances refuses: %s", why.text);
        broker_bench_pump(&bench, 64);
        while (first < bench.report_count && bench.reports[first].type != TURRET_REPORT_BALANCE)
            first++;
        if (first == bench.report_count)
            check_fail(check, "query_balances reports no balance");
    }
    if (!(bench.caps.can & TURRET_CAN_QUERY_POSITIONS))
        return;
    (void)position_of(&bench, &before);
    order = broker_bench_order(&bench, TURRET_SIDE_BUY, 0);
    if (broker_bench_request(&bench, TURRET_REQUEST_SUBMIT, &order))
        check_fail(check, "submit of a market order is refused");
    broker_bench_feed(&bench, EVENTS);
    if (!position_of(&bench, &after))
        check_fail(check, "query_positions reports nothing after a fill");
    if (after - before != broker_bench_filled(&bench, order.order_id))
        check_fail(check, "its fills say %+lld, its positions %+lld",
                   (long long)broker_bench_filled(&bench, order.order_id),
                   (long long)(after - before));
    broker_bench_end(&bench);
}
