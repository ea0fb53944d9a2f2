/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strategy `test.changer`: keeps four limit orders of each instrument resting and changes each
 * in turn: to twice the quantity, to half of it at a price nearer by, to the first quantity at the
 * close, where it trades; after these it is cancelled and another takes its place.
 */
#include <turret/strategy.h>

#define INSTRUMENTS 4
#define ORDERS      4 /* of each instrument */
#define CHANGES     3

struct changer {
    turret_qty qty;
    turret_price away;
    int64_t bars;
    int64_t ids[INSTRUMENTS * ORDERS];
    int64_t changes[INSTRUMENTS * ORDERS];
};

static const struct turret_param params[] = {
    TURRET_PARAM_QTY(1, "qty", "20", "quantity of each order"),
    TURRET_PARAM_INT(2, "away", 25, 0, 1000, "ticks", "distance of the price to the close"),
};

static const struct turret_field fields[] = {
    TURRET_FIELD_I64(1, struct changer, bars, "bars seen"),
    TURRET_FIELD(2, I64, struct changer, ids, INSTRUMENTS *ORDERS, 0, "its orders"),
    TURRET_FIELD(3, I64, struct changer, changes, INSTRUMENTS *ORDERS, 0, "changes of each"),
};

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct changer *s = turret_self(self);
    s->qty = turret_param_qty(start, 1);
    s->away = turret_param_int(start, 2);
    return turret_ok(err);
}

static int change(struct turret_strategy *self, uint64_t id, int64_t times, turret_price close,
                  turret_price away)
{
    const struct changer *s = turret_self(self);
    if (times == 0)
        return turret_modify(self, id, 2 * s->qty, 0, 0);
    if (times == 1)
        return turret_modify(self, id, s->qty / 2, close + away / 2, 0);
    return turret_modify(self, id, s->qty, close, 0);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct changer *s = turret_self(self);
    struct turret_order_request request = {0};
    int64_t turn = s->bars++ / INSTRUMENTS;
    uint32_t at = bar->instrument % INSTRUMENTS * ORDERS + (uint32_t)(turn % ORDERS);
    turret_price away = turn % 2 ? -s->away : s->away;
    if (s->ids[at] && s->changes[at] < CHANGES &&
        !change(self, (uint64_t)s->ids[at], s->changes[at], bar->close, away)) {
        s->changes[at]++;
        return;
    }
    if (s->ids[at])
        (void)turret_cancel(self, (uint64_t)s->ids[at]);
    request.struct_size = (uint32_t)sizeof request;
    request.instrument = bar->instrument;
    request.side = turn % 2 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
    request.type = TURRET_ORDER_LIMIT;
    request.qty = s->qty;
    request.limit_price = bar->close + away;
    (void)snprintf(request.reason, sizeof request.reason, "turn %lld", (long long)turn);
    s->ids[at] = (int64_t)turret_submit(self, &request);
    s->changes[at] = 0;
}

TURRET_STRATEGY(changer, "test.changer", "1.0.0", "Changes its resting orders", params, fields,
                on_start, on_bar);
