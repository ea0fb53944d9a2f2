/* SPDX-License-Identifier: Apache-2.0 */
/* The Knight gap: parts of 212 parents became four million, because nobody compared. */
#include "core/gap.h"

#include "core/held.h"
#include "core/split.h"

struct sending *gap_of(struct engine *engine, const struct order *order)
{
    struct sending *of = &engine->sendings[order_table_slot(engine->orders, order)];
    if (of->order_id != order->id)
        *of = (struct sending){.order_id = order->id};
    return of;
}

bool gap_is_whole(const struct sending *sending)
{
    return sending->asked >= 0 && sending->out >= 0 && sending->mark >= 0 && sending->sent <= 1;
}

static turret_qty plus(turret_qty a, turret_qty b)
{
    turret_qty sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/* `by` is not negative; what is left of less than that is nothing. */
static turret_qty less(turret_qty from, turret_qty by)
{
    return by < from ? from - by : 0;
}

static turret_qty larger(turret_qty a, turret_qty b)
{
    return a > b ? a : b;
}

static void halt(struct engine *engine, const struct order *order, const char *what, turret_qty out,
                 turret_qty asked)
{
    const struct strategy *strategy = &engine->strategies[order->strategy];
    int32_t scale = engine->instruments[order->instrument].def.qty_scale;
    char goes_out[MONEY_TEXT_MAX], asked_for[MONEY_TEXT_MAX];
    money_format(out, scale, goes_out, sizeof goes_out);
    money_format(asked, scale, asked_for, sizeof asked_for);
    engine_notice(engine, NOTICE_ALARM, order->strategy,
                  "%s: order %llu: %s: %s out, %s asked for; the strategy is halted, find out why "
                  "before it trades again",
                  strategy->name, (unsigned long long)order->id, what, goes_out, asked_for);
    trading_halt_strategy(engine, strategy->name, "more orders out than asked for");
}

void gap_asked(struct engine *engine, const struct order *order, turret_qty qty)
{
    gap_of(engine, order)->asked = qty;
}

/* ---- what comes back ---- */

/* Of ended orders a snapshot may say anything. */
static turret_qty filled_of(const struct order *order)
{
    return larger(order->filled_qty, 0);
}

/* The largest the order may still come to, as far as anybody said. */
static turret_qty most_of(const struct order *order)
{
    turret_qty filled = filled_of(order);
    return order_is_working(order) ? larger(filled, larger(order->qty, order->pending_qty))
                                   : filled;
}

static void give_back(struct engine *engine, const struct order *part, const struct order *parent)
{
    struct sending *of = gap_of(engine, part), *whole = gap_of(engine, parent);
    turret_qty back = less(of->out, most_of(part));
    of->out -= back;
    whole->out = less(whole->out, back);
}

void gap_returned(struct engine *engine, const struct order *told)
{
    const struct order *part =
        told->role == ORDER_SLICE ? order_table_find(engine->orders, told->id) : NULL;
    const struct order *parent = part ? order_table_find(engine->orders, part->parent) : NULL;
    if (parent)
        give_back(engine, part, parent);
}

/* Of parts that their venue made smaller nobody may have been told: before an alarm all others of
   the parent are looked at. */
static void give_back_all(struct engine *engine, const struct order *parent,
                          const struct order *sent)
{
    const struct order *part;
    uint32_t cursor = 0;
    while ((part = order_table_next(engine->orders, &cursor)) != NULL)
        if (part != sent && part->role == ORDER_SLICE && part->parent == parent->id)
            give_back(engine, part, parent);
}

/* ---- what goes out ---- */

static void send_part(struct engine *engine, const struct order *part, turret_qty qty)
{
    const struct order *parent = order_table_find(engine->orders, part->parent);
    struct sending *whole;
    if (!parent) {
        halt(engine, part, "a part of nothing", qty, 0);
        return;
    }
    whole = gap_of(engine, parent);
    whole->out = plus(whole->out, qty);
    if (whole->out > whole->asked)
        give_back_all(engine, parent, part);
    if (whole->out <= whole->asked)
        return;
    halt(engine, part, "parts of more than their parent", whole->out, whole->asked);
    whole->out = whole->asked; /* each one too many is told by itself */
}

/* What the position's other exits have out and may still fill. */
static turret_qty closed_by_others(struct engine *engine, const struct order *order)
{
    const struct order *other;
    uint32_t cursor = 0;
    turret_qty sum = 0;
    while ((other = order_table_next(engine->orders, &cursor)) != NULL) {
        turret_qty out, most;
        if (other->role != ORDER_EXIT || other->strategy != order->strategy ||
            other->instrument != order->instrument || other->side != order->side)
            continue;
        out = gap_of(engine, other)->out; /* of the order itself nothing is out yet */
        most = most_of(other);            /* its venue may have made it smaller */
        sum = plus(sum, less(out < most ? out : most, filled_of(other)));
    }
    return sum;
}

/* An exit is the host's: the position asks for it. */
static turret_qty to_close(struct engine *engine, const struct order *order)
{
    const struct position *own =
        strategy_position(engine, &engine->strategies[order->strategy], order->instrument);
    turret_qty against = order->side == TURRET_SIDE_BUY ? -own->qty : own->qty;
    return plus(less(against, closed_by_others(engine, order)), order->filled_qty);
}

static void submit(struct engine *engine, const struct order *order, struct sending *of)
{
    turret_qty asked = order->role == ORDER_EXIT ? to_close(engine, order) : of->asked;
    of->mark = engine->instruments[order->instrument].mark;
    if (of->sent) {
        halt(engine, order, "sent once more", plus(of->out, order->qty), of->out);
        return;
    }
    of->sent = 1;
    of->out = order->qty;
    post_trade_sent(engine, order, of);
    if (order->role == ORDER_SLICE)
        send_part(engine, order, order->qty);
    else if (order->qty > asked)
        halt(engine, order, "more than asked for", order->qty, asked);
}

/* A change that makes it no larger than it is at the venue asks for nothing. */
static void change(struct engine *engine, const struct order *order, turret_qty qty,
                   struct sending *of)
{
    turret_price mark = engine->instruments[order->instrument].mark;
    turret_qty more = less(qty, of->out);
    if (order->side == TURRET_SIDE_BUY ? mark > of->mark : mark < of->mark)
        of->mark = mark;
    if (qty <= order->qty)
        return;
    of->out += more;
    if (order->role == ORDER_SLICE && more > 0)
        send_part(engine, order, more);
    else if (order->role != ORDER_SLICE && qty > of->asked)
        halt(engine, order, "changed to more than asked for", qty, of->asked);
}

void gap_sent(struct engine *engine, enum command_kind kind, const struct order *command)
{
    const struct order *order;
    if (kind != COMMAND_SUBMIT && kind != COMMAND_MODIFY)
        return;
    order = order_table_find(engine->orders, command->id);
    if (!order)
        return; /* none leaves that is not in the books: engine_may_send() */
    if (kind == COMMAND_SUBMIT)
        submit(engine, order, gap_of(engine, order));
    else
        change(engine, order, command->qty, gap_of(engine, order));
}

void gap_unsent(struct engine *engine, const struct order *order)
{
    const struct order *parent =
        order->role == ORDER_SLICE ? order_table_find(engine->orders, order->parent) : NULL;
    struct sending *of = gap_of(engine, order), *whole;
    if (parent) {
        whole = gap_of(engine, parent);
        whole->out = less(whole->out, of->out);
    }
    of->sent = 0;
    of->out = 0;
}

/* ---- new units ---- */

void gap_split(struct engine *engine, const struct order *order, const struct turret_split *split)
{
    struct sending *of = gap_of(engine, order);
    bool counted_anew = order->role == ORDER_SLICE || (order->held & HELD_PARENT);
    of->asked = order_split_qty(of->asked, split);
    of->out = counted_anew ? order->filled_qty : order_split_qty(of->out, split);
    of->mark = split_price(of->mark, split, 1, false);
}
