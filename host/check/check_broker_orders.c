/* SPDX-License-Identifier: Apache-2.0 */
/* Broker cards: one definite answer to every request, whatever happens around it. */
#include "check/check_broker.h"
#include "check/check_groups.h"

#define EVENTS      40
#define FAR_BELOW   100 /* a buy at this price rests: the tape stays above 30.00 */
#define ORDERS      8
#define TRIES       10
#define WAIT_ROUNDS 20

/* A session that trades; false when the card does not apply. */
static bool begin(struct broker_bench *bench, struct check *check, const struct plugin_offer *offer)
{
    if (!broker_bench_begin(bench, check, offer))
        return false;
    if (!(bench->caps.can & TURRET_CAN_TRADE)) {
        check_skip(check, "it advertises no trading");
        return false;
    }
    broker_bench_feed(bench, 4);
    return true;
}

static bool begin_with_limits(struct broker_bench *bench, struct check *check,
                              const struct plugin_offer *offer)
{
    if (!begin(bench, check, offer))
        return false;
    if (!(bench->caps.order_types & (1u << TURRET_ORDER_LIMIT))) {
        check_skip(check, "it takes no limit orders");
        return false;
    }
    return true;
}

/* Exactly one definite answer with this outcome. A real venue is given time. */
static void expect(struct broker_bench *bench, const struct turret_broker_order *order,
                   uint32_t kind, uint32_t outcome, const char *what)
{
    const struct broker_request *row = broker_bench_answer(bench, order->order_id, kind);
    for (int i = 0; row && row->definite == 0 && i < WAIT_ROUNDS; i++)
        broker_bench_feed(bench, 1);
    if (!row || row->definite == 0)
        check_fail(bench->check, "%s gets no definite answer", what);
    if (row->outcome != outcome)
        check_fail(bench->check, "%s is answered with outcome %u, %u was expected", what,
                   row->outcome, outcome);
}

/*
 * Submits an order whose fate must be OK. A real venue may refuse one for reasons of its own.
 */
static struct turret_broker_order place(struct broker_bench *bench, uint8_t side,
                                        turret_price limit_price)
{
    uint32_t fate = TURRET_OUTCOME_UNKNOWN;
    bool real = !(bench->caps.can & TURRET_CAN_SIMULATE);
    for (int i = 0; i < (real ? TRIES : 1); i++) {
        struct turret_broker_order order = broker_bench_order(bench, side, limit_price);
        (void)broker_bench_request(bench, TURRET_REQUEST_SUBMIT, &order);
        fate = broker_bench_fate(bench, &order);
        if (fate == TURRET_OUTCOME_OK)
            return order;
    }
    if (fate == TURRET_OUTCOME_UNKNOWN)
        check_fail(bench->check, "submit gets no definite answer");
    check_fail(bench->check, "submit is answered with outcome %u, %d was expected", fate,
               TURRET_OUTCOME_OK);
}

static struct turret_broker_order rest(struct broker_bench *bench)
{
    return place(bench, TURRET_SIDE_BUY, FAR_BELOW);
}

void check_broker_submit(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench;
    if (!begin(&bench, check, offer))
        return;
    for (int i = 0; i < ORDERS; i++)
        (void)place(&bench, i % 2 ? TURRET_SIDE_SELL : TURRET_SIDE_BUY, 0);
    broker_bench_feed(&bench, EVENTS);
    broker_bench_end(&bench);
}

void check_broker_download(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench;
    struct turret_broker_order order;
    struct turret_error why = {0};
    uint32_t first, seen = 0, inside = 0;
    if (!begin_with_limits(&bench, check, offer))
        return;
    order = rest(&bench);
    first = bench.report_count;
    check_stage(check, "download");
    if (bench.type->download(&bench.handle, 0, &why))
        check_fail(check, "download refuses: %s", why.text);
    broker_bench_pump(&bench, 256);
    for (uint32_t i = first; i < bench.report_count; i++) {
        const struct turret_report *report = &bench.reports[i];
        if (report->type == TURRET_REPORT_DOWNLOAD)
            inside = report->u.download.done == 0;
        if (report->type != TURRET_REPORT_ORDER || report->u.order.order_id != order.order_id)
            continue;
        seen++;
        if (!inside || !report->u.order.snapshot)
            check_fail(check, "a downloaded order lies outside the download, or is no snapshot");
    }
    if (bench.downloads_begun != bench.downloads_done || bench.downloads_done < 2)
        check_fail(check, "download begins %u times and ends %u times", bench.downloads_begun,
                   bench.downloads_done);
    if (bench.download_result)
        check_fail(check, "download ends with status %d", bench.download_result);
    if (seen != 1)
        check_fail(check, "download tells an open order %u times", seen);
    broker_bench_end(&bench);
}

void check_broker_cancel(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench;
    struct turret_broker_order order;
    const struct turret_report_order *state;
    if (!begin_with_limits(&bench, check, offer))
        return;
    order = rest(&bench);
    order.request++;
    (void)broker_bench_request(&bench, TURRET_REQUEST_CANCEL, &order);
    broker_bench_feed(&bench, 2);
    expect(&bench, &order, TURRET_REQUEST_CANCEL, TURRET_OUTCOME_OK, "cancel");
    state = broker_bench_state(&bench, order.order_id);
    if (!state || state->state != TURRET_STATE_CANCELED)
        check_fail(check, "a cancelled order is reported in state %u",
                   state ? state->state : TURRET_STATE_INIT);
    order.request++; /* what is gone cannot be cancelled again */
    (void)broker_bench_request(&bench, TURRET_REQUEST_CANCEL, &order);
    broker_bench_feed(&bench, 2);
    expect(&bench, &order, TURRET_REQUEST_CANCEL, TURRET_OUTCOME_REJECTED, "the second cancel");
    broker_bench_end(&bench);
}

void check_broker_query(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench;
    struct turret_broker_order order, unknown;
    const struct broker_request *row;
    uint32_t first;
    if (!begin_with_limits(&bench, check, offer))
        return;
    order = rest(&bench);
    first = bench.report_count;
    (void)broker_bench_request(&bench, TURRET_REQUEST_QUERY, &order);
    broker_bench_feed(&bench, 2);
    row = broker_bench_answer(&bench, order.order_id, TURRET_REQUEST_QUERY);
    if (row->definite > 0) /* the snapshot alone is an answer, too */
        expect(&bench, &order, TURRET_REQUEST_QUERY, TURRET_OUTCOME_OK, "query of an open order");
    while (first < bench.report_count && (bench.reports[first].type != TURRET_REPORT_ORDER ||
                                          bench.reports[first].u.order.order_id != order.order_id))
        first++;
    if (first == bench.report_count)
        check_fail(check, "a query of an open order is answered by no report of it");
    unknown = broker_bench_order(&bench, TURRET_SIDE_BUY, FAR_BELOW);
    (void)broker_bench_request(&bench, TURRET_REQUEST_QUERY, &unknown);
    broker_bench_feed(&bench, 2);
    expect(&bench, &unknown, TURRET_REQUEST_QUERY, TURRET_OUTCOME_NOT_FOUND,
           "query of an order it never saw");
    broker_bench_end(&bench);
}

void check_broker_duplicate(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench;
    struct turret_broker_order order;
    if (!begin_with_limits(&bench, check, offer))
        return;
    order = rest(&bench);
    if (bench.caps.idempotency == TURRET_IDEMPOTENT_NEVER) {
        check_skip(check, "its venue makes two orders of one client id, and it says so");
        return;
    }
    (void)broker_bench_request(&bench, TURRET_REQUEST_SUBMIT, &order);
    broker_bench_feed(&bench, 2);
    expect(&bench, &order, TURRET_REQUEST_SUBMIT, TURRET_OUTCOME_REJECTED,
           "the same client id again");
    broker_bench_end(&bench);
}

void check_broker_unknown(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench;
    struct turret_broker_order order;
    if (!begin(&bench, check, offer))
        return;
    order = broker_bench_order(&bench, TURRET_SIDE_SELL, FAR_BELOW);
    (void)broker_bench_request(&bench, TURRET_REQUEST_CANCEL, &order);
    broker_bench_feed(&bench, 2);
    expect(&bench, &order, TURRET_REQUEST_CANCEL, TURRET_OUTCOME_REJECTED,
           "cancel of an order it never saw");
    broker_bench_end(&bench);
}

void check_broker_modify(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench;
    const struct turret_report_order *state;
    struct turret_broker_order order;
    if (!begin_with_limits(&bench, check, offer))
        return;
    if (!(bench.caps.can & TURRET_CAN_MODIFY)) {
        check_skip(check, "it advertises no modify");
        return;
    }
    order = rest(&bench);
    order.qty *= 2;
    order.limit_price += 1;
    order.request++;
    (void)broker_bench_request(&bench, TURRET_REQUEST_MODIFY, &order);
    broker_bench_feed(&bench, 2);
    expect(&bench, &order, TURRET_REQUEST_MODIFY, TURRET_OUTCOME_OK, "modify");
    state = broker_bench_state(&bench, order.order_id);
    if (!state || state->qty != order.qty || state->limit_price != order.limit_price)
        check_fail(check, "a modified order is reported with %lld at %lld, asked was %lld at %lld",
                   state ? (long long)state->qty : 0, state ? (long long)state->limit_price : 0,
                   (long long)order.qty, (long long)order.limit_price);
    broker_bench_end(&bench);
}

void check_broker_fill(struct check *check, const struct plugin_offer *offer)
{
    static struct broker_bench bench;
    struct turret_broker_order order;
    const struct turret_report_order *state;
    if (!begin(&bench, check, offer))
        return;
    order = place(&bench, TURRET_SIDE_BUY, 0);
    broker_bench_feed(&bench, EVENTS);
    state = broker_bench_state(&bench, order.order_id);
    if (broker_bench_filled(&bench, order.order_id) != order.qty)
        check_fail(check, "a market order of %lld fills %lld", (long long)order.qty,
                   (long long)broker_bench_filled(&bench, order.order_id));
    if (state && state->state >= TURRET_STATE_CANCELED)
        check_fail(check, "a filled order is reported in state %u", state->state);
    broker_bench_end(&bench);
}
