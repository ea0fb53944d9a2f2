/* SPDX-License-Identifier: Apache-2.0 */
/* Strategies that are asked about orders: what they answer, to what, and that they only answer. */
#include "check/check_groups.h"
#include "check/check_strategy_host.h"

#include <stdlib.h>
#include <string.h>

#define EVENTS    300
#define QUESTIONS 200
#define PARTS     11 /* of an order, which spoil() spoils one by one */
#define NUMBERS   5

static const int64_t numbers[NUMBERS] = {0, 1, -1, INT64_MAX, INT64_MIN};

/* An order as the host would have it before it is sent; `number` says which. */
static struct turret_order order_of(const struct strategy_bench *bench, uint32_t number)
{
    bool buys = number % 2 == 0, limited = number / 2 % 2 == 1;
    turret_price price = bench->bar.close > 0 ? bench->bar.close : 1;
    return (struct turret_order){
        .struct_size = (uint32_t)sizeof(struct turret_order),
        .instrument = bench->instruments[number / 4 % BENCH_INSTRUMENTS],
        .id = (UINT64_C(2) << 32) + number,
        .side = buys ? TURRET_SIDE_BUY : TURRET_SIDE_SELL,
        .type = limited ? TURRET_ORDER_LIMIT : TURRET_ORDER_MARKET,
        .tif = TURRET_TIF_GTC,
        .state = TURRET_STATE_INIT,
        .qty = 1 + number % 1000,
        .limit_price = limited ? price : 0,
        .created = bench->now,
        .updated = bench->now,
    };
}

static void look_at_answer(const struct strategy_bench *bench, int status,
                           const struct turret_error *why)
{
    const char *end = memchr(why->text, 0, sizeof why->text);
    if (bench->lenient)
        return;
    if (!end)
        check_fail(bench->check, "on_check says no in a text without an end");
    if (status == TURRET_OK && (why->code || why->text[0]))
        check_fail(bench->check, "on_check lets an order pass and says '%.200s'", why->text);
    if (status != TURRET_OK && (!why->text[0] || strchr(why->text, '\n')))
        check_fail(bench->check, "on_check denies with status %d and the text '%.200s'", status,
                   why->text);
}

static int ask(struct strategy_bench *bench, const struct turret_order *order,
               const struct turret_account *account)
{
    const struct turret_order asked = *order;
    const struct turret_account counted = *account;
    struct turret_error why = {0};
    int status;
    bench->checking = true;
    strategy_bench_enter(bench, "on_check");
    status = bench->type->on_check(&bench->handle, order, account, &why);
    strategy_bench_leave(bench);
    bench->checking = false;
    if (memcmp(&asked, order, sizeof asked) != 0 || memcmp(&counted, account, sizeof counted) != 0)
        check_fail(bench->check, "on_check changes what it is asked about");
    look_at_answer(bench, status, &why);
    bench->digest = check_digest(bench->digest, &status, sizeof status);
    bench->digest = check_digest(bench->digest, why.text, strnlen(why.text, sizeof why.text));
    return status;
}

void strategy_bench_ask(struct strategy_bench *bench, uint32_t number)
{
    struct turret_order order = order_of(bench, number);
    struct turret_account account;
    (void)bench->host.account(&bench->handle, order.instrument, &account);
    if (bench->type->on_check)
        (void)ask(bench, &order, &account);
}

/* Started and fed; false: there is nothing to ask. */
static bool begin(struct strategy_bench *bench, struct check *check,
                  const struct plugin_offer *offer, struct check_values *values, uint32_t events)
{
    struct check_tape tape;
    if (!offer->strategy.on_check) {
        check_skip(check, "it has no on_check");
        return false;
    }
    check_values_begin(values, check, offer);
    strategy_bench_init(bench, check, offer, values);
    strategy_bench_start(bench, TURRET_REASON_FIRST);
    check_tape_begin(&tape, check->seed, SCENE_ORDINARY);
    strategy_bench_run(bench, &tape, events);
    return true;
}

/* Before the first event, too: a rule is asked as soon as it runs. */
void check_rule_answers(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    static struct strategy_bench bench;
    if (!begin(&bench, check, offer, &values, 0))
        return;
    for (uint32_t i = 0; i < QUESTIONS; i++)
        strategy_bench_ask(&bench, i);
    strategy_bench_finish(&bench, TURRET_REASON_SHUTDOWN);
}

/* One part of an order is what no sound order has. */
static void spoil(struct turret_order *order, uint32_t part, int64_t number)
{
    switch (part) {
    case 0:
        order->instrument = (turret_instrument)number;
        break;
    case 1:
        order->id = order->parent = order->oco = (uint64_t)number;
        break;
    case 2:
        order->qty = number;
        break;
    case 3:
        order->limit_price = order->stop_price = number;
        break;
    case 4:
        order->side = (uint8_t)number;
        break;
    case 5:
        order->type = order->tif = (uint8_t)number;
        break;
    case 6:
        order->flags = order->denial = (uint32_t)number;
        break;
    case 7:
        order->created = order->updated = number;
        break;
    case 8:
        order->filled_qty = order->average_price = number;
        break;
    case 9:
        order->expires = order->trail = order->display_qty = number;
        break;
    default:
        order->take_profit = order->stop_loss = order->stop_trail = number;
        break;
    }
}

void check_rule_absurd(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    static struct strategy_bench bench;
    if (!begin(&bench, check, offer, &values, EVENTS))
        return;
    for (uint32_t i = 0; i < PARTS * NUMBERS * NUMBERS; i++) {
        struct turret_order order = order_of(&bench, i);
        struct turret_account account;
        (void)bench.host.account(&bench.handle, 1, &account);
        spoil(&order, i % PARTS, numbers[i / PARTS % NUMBERS]);
        if (i >= PARTS * NUMBERS) /* first with an account that is sound */
            account.cash = account.equity = account.buying_power = numbers[i / PARTS / NUMBERS];
        (void)ask(&bench, &order, &account);
    }
    strategy_bench_finish(&bench, TURRET_REASON_SHUTDOWN);
}

/* A second instance takes the state over; both are asked the same from there on. */
void check_rule_same(struct check *check, const struct plugin_offer *offer)
{
    static struct check_values values;
    static struct strategy_bench first, second;
    struct bench_bytes saved = {0};
    struct turret_error why;
    size_t fields_size;
    if (!begin(&first, check, offer, &values, EVENTS))
        return;
    strategy_bench_save(&first, &saved, &fields_size);
    strategy_bench_init(&second, check, offer, &values);
    strategy_bench_take_over(&second, &first);
    second.bar = first.bar;
    if (strategy_bench_restore(&second, &saved, fields_size, &why))
        check_fail(check, "load refuses what save gave: %s", why.text);
    strategy_bench_start(&second, TURRET_REASON_RESTART);
    first.digest = second.digest = CHECK_DIGEST_START;
    for (uint32_t i = 0; i < QUESTIONS; i++) {
        strategy_bench_ask(&first, i);
        strategy_bench_ask(&second, i);
        if (first.digest != second.digest)
            check_fail(check, "from the same state it answers question %u in two ways", i + 1);
    }
    free(saved.bytes);
    check_remark(check, "digest %016llx", (unsigned long long)first.digest);
}
