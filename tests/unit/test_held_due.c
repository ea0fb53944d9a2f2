/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows which held orders are due and which are not: by prices on both sides and only since they
 * were asked for, by one of several dates, in the order stops before profits; how much of an exit
 * goes and with which words; what waits, for what, and that it waits no longer than it closes.
 */
#include "held_bench.h"

/* ---- what waits ---- */

static void the_row_says(uint64_t id, uint32_t denial, const char *text)
{
    is(id, TURRET_STATE_HELD);
    assert_int_equal(row_of(id)->denial, denial);
    assert_memory_equal(row_of(id)->venue_reason, text, strlen(text));
}

/* It is not reduce-only, but closes a short position: a buy closes as well as a sale. */
static void a_buy_that_closes_waits_for_its_venue(void **state)
{
    uint64_t id;
    (void)state;
    hold(SELL, 10, "1");
    id = stop_of(BUY, 10, 10100, 0);
    rig.engine->venues[0].ready = false;
    trade(10100);
    the_row_says(id, DENY_NOT_RECONCILED, "waits: the venue is not connected");
    rig.engine->venues[0].ready = true;
    rig_turn(&rig);
    is(id, TURRET_STATE_SENT);
    assert_int_equal(at(id)->denial, DENY_NONE);
}

/* The next minute begins with the fill that leaves it nothing to close: it would open a short. */
static void what_waited_and_closes_nothing_is_not_sent(void **state)
{
    uint64_t closing, id;
    (void)state;
    hold(BUY, 10, "1");
    closing = rig_order(&rig, 0, SELL, 10, 10000);
    id = stop_of(SELL, 10, 9900, 0);
    rig.engine->options.risk.max_orders_per_minute = 3;
    trade(9900);
    is(id, TURRET_STATE_HELD);
    assert_int_equal(at(id)->denial, DENY_MESSAGE_RATE);
    rig.time += RIG_MINUTE;
    rig_fill(&rig, closing, "2", SELL, 10, 10000);
    is(id, TURRET_STATE_DENIED);
    assert_int_equal(count_of(COMMAND_SUBMIT, id), 0);
}

static void a_denial_at_release_is_told_and_counted(void **state)
{
    uint64_t id = stop_of(BUY, 10, 10100, 0), denials = rig.engine->strategies[0].denials;
    uint32_t notices = rig.notices[NOTICE_DENIED];
    (void)state;
    rig.engine->options.risk.max_position_nano = 5 * MONEY_NANO;
    trade(10100);
    is(id, TURRET_STATE_DENIED);
    assert_int_equal(rig.engine->strategies[0].denials, denials + 1);
    assert_int_equal(rig.notices[NOTICE_DENIED], notices + 1);
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "at release: "));
    assert_non_null(strstr(rig.last_notice[NOTICE_DENIED], "(POSITION)"));
}

/* What has filled was not denied, if it is a single unit. */
static void an_iceberg_that_filled_one_is_cancelled(void **state)
{
    uint64_t parent = iceberg_of(3, 1);
    (void)state;
    rig.engine->options.risk.max_position_nano = MONEY_NANO;
    rig_fill(&rig, sent()->order.order_id, "1", BUY, 1, 9900);
    is(parent, TURRET_STATE_CANCELED);
    assert_int_equal(at(parent)->denial, DENY_POSITION);
}

/* A profit that waited for its venue, and for others, goes back to waiting for its price: nothing
   of that is said of it any more. */
static void a_profit_that_gives_way_forgets_what_it_waited_for(void **state)
{
    uint64_t entry = entered(BUY, 10, 9800, 10300), profit = child(entry, TURRET_ORDER_LIMIT);
    uint64_t own = limit_of(SELL, 10, 10500, 0);
    (void)state;
    trade(10300);
    is(profit, TURRET_STATE_HELD);
    assert_int_equal(row_of(profit)->told, 1); /* others are closing its position */
    rig.engine->venues[0].ready = false;
    rig_state_of(&rig, own, TURRET_STATE_CANCELED, 10, 0, 0);
    assert_int_equal(at(profit)->denial, DENY_NOT_RECONCILED);
    trade(9800);
    the_row_says(profit, DENY_NONE, "waits for its price again");
    assert_int_equal(row_of(profit)->told, 0);
}

/* A cancel takes its time, which is a second. */
static void a_cancel_that_takes_a_second_is_told(void **state)
{
    uint64_t entry = entered(BUY, 10, 9800, 10300), profit = child(entry, TURRET_ORDER_LIMIT);
    (void)state;
    trade(10300);
    taken(profit);
    trade(9800);
    assert_int_equal(rig.notices[NOTICE_ALARM], 0);
    seconds_pass(1);
    assert_int_equal(rig.notices[NOTICE_ALARM], 1);
}

/* ---- how much of it, and with which words ---- */

/* What the entry may still buy is nothing that could be closed. */
static void an_exit_is_cut_to_what_others_leave(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_LIMIT, 25);
    uint64_t entry;
    (void)state;
    request.limit_price = 9900;
    request.stop_loss = 9800;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 10, 9900);
    (void)limit_of(SELL, 6, 10500, 0);
    trade(9800);
    assert_int_equal(sent()->order.side, SELL);
    assert_int_equal(sent()->order.qty, 4);
}

static void an_exit_of_a_short_is_cut_to_what_others_leave(void **state)
{
    uint64_t entry = entered(SELL, 10, 10200, 0);
    (void)state;
    (void)limit_of(BUY, 6, 9500, 0);
    trade(10200);
    is(child(entry, TURRET_ORDER_MARKET), TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 4);
}

static int set_up_lots(void **state)
{
    struct rig_options o = rig_defaults();
    (void)state;
    o.def.lot_size = o.def.min_qty = 10;
    return set_up_with(&o);
}

/* A venue filled a part of a lot: no exit of that were taken. */
static void an_exit_is_whole_lots(void **state)
{
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 30);
    uint64_t entry;
    (void)state;
    request.stop_loss = 9800;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 25, 10000);
    trade(9800);
    is(child(entry, TURRET_ORDER_MARKET), TURRET_STATE_SENT);
    assert_int_equal(sent()->order.qty, 20);
}

static void what_goes_says_why(void **state)
{
    uint64_t stop = child(entered(BUY, 10, 9800, 0), TURRET_ORDER_STOP), own, closing;
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    uint64_t entry, profit;
    (void)state;
    own = stop_of(SELL, 10, 9905, TURRET_ORDER_REDUCE_ONLY);
    trade(9900);
    assert_string_equal(at(own)->venue_reason, "its price 99.05 traded");
    did_not_leave(own);
    seconds_pass(1);
    is(own, TURRET_STATE_SENT);
    assert_string_equal(at(own)->venue_reason, "its price traded");
    rig_state_of(&rig, own, TURRET_STATE_CANCELED, 10, 0, 0);
    closing = rig.engine->next_order_id;
    held_close(rig.engine, &rig.engine->strategies[0], rig.instrument[0], INT64_MAX,
               "held too long");
    rig_turn(&rig);
    is(closing, TURRET_STATE_SENT);
    assert_string_equal(at(closing)->venue_reason, "held too long");
    rig_state_of(&rig, closing, TURRET_STATE_CANCELED, 10, 0, 0);
    trade(9800);
    is(stop, TURRET_STATE_SENT);
    assert_string_equal(at(stop)->venue_reason, "its price 98 traded");
    rig_state_of(&rig, stop, TURRET_STATE_CANCELED, 10, 0, 0);
    request.take_profit = 10200;
    entry = ask(request);
    rig_fill(&rig, entry, "1", BUY, 10, 10000);
    profit = child(entry, TURRET_ORDER_LIMIT);
    trade(10200);
    is(profit, TURRET_STATE_SENT);
    assert_string_equal(at(profit)->venue_reason, "its price traded"); /* its limit */
}

/* Once it is out the host does nothing for it, and does not look at it with every price. */
static void what_went_is_not_watched(void **state)
{
    uint64_t id = stop_of(BUY, 10, 10100, 0);
    (void)state;
    assert_int_equal(rig.engine->watched_count, 1);
    trade(10100);
    is(id, TURRET_STATE_SENT);
    assert_int_equal(rig.engine->watched_count, 0);
    assert_int_equal(at(id)->held, 0);
}

/* ---- prices ---- */

static void a_short_takes_its_profit_below(void **state)
{
    uint64_t entry = entered(SELL, 10, 0, 9700), profit = child(entry, TURRET_ORDER_LIMIT);
    (void)state;
    bar(9701, 9900, 9800);
    is(profit, TURRET_STATE_HELD);
    bar(9700, 9900, 9800);
    is(profit, TURRET_STATE_SENT);
}

static void a_stop_above_counts_only_what_traded_since(void **state)
{
    uint64_t id;
    (void)state;
    seconds_pass(600);
    id = stop_of(BUY, 10, 10100, 0);
    bar_from_before(9900, 10200, 10000);
    is(id, TURRET_STATE_HELD);
    bar(9900, 10200, 10000);
    is(id, TURRET_STATE_SENT);
}

static uint64_t trail_of_one(uint8_t side)
{
    struct turret_order_request request = want(side, TURRET_ORDER_TRAILING_STOP, 10);
    request.trail = 1;
    return ask(request);
}

static void a_trail_of_one_tick_follows(void **state)
{
    uint64_t sell = trail_of_one(SELL), buy;
    (void)state;
    trade(10010);
    is(sell, TURRET_STATE_HELD);
    assert_int_equal(at(sell)->stop_price, 10009);
    cancels(sell);
    buy = trail_of_one(BUY);
    trade(10000);
    is(buy, TURRET_STATE_HELD);
    assert_int_equal(at(buy)->stop_price, 10001);
}

/* An iceberg rests at its limit by its slice; that its price trades sets nothing else off. */
static void the_price_of_an_iceberg_sends_nothing_more(void **state)
{
    uint64_t parent = iceberg_of(25, 10);
    uint32_t before = count_of(COMMAND_SUBMIT, 0);
    (void)state;
    trade(9900);
    bar(9800, 9900, 9850);
    is(parent, TURRET_STATE_HELD);
    assert_int_equal(count_of(COMMAND_SUBMIT, 0), before);
}

/* One that did not leave goes when it is time, not with the next price. */
static void no_price_hurries_what_did_not_leave(void **state)
{
    uint64_t stop = child(entered(BUY, 10, 9800, 0), TURRET_ORDER_STOP);
    (void)state;
    trade(9800);
    did_not_leave(stop);
    seconds_pass(1);
    did_not_leave(stop);
    trade(9700); /* a second later; it is two */
    is(stop, TURRET_STATE_HELD);
    trade(9700);
    is(stop, TURRET_STATE_SENT);
}

/* Of the older entry the profit, of the newer one the stop is reached by one bar. */
static void all_stops_come_before_all_profits(void **state)
{
    uint64_t older = entered(BUY, 10, 9000, 10300), newer;
    struct turret_order_request request = want(BUY, TURRET_ORDER_MARKET, 10);
    (void)state;
    request.stop_loss = 9800;
    newer = ask(request);
    rig_fill(&rig, newer, "newer", BUY, 10, 10000);
    bar(9800, 10300, 10000);
    assert_int_equal(sent()->order.order_id, child(older, TURRET_ORDER_LIMIT));
    assert_int_equal((sent() - 1)->order.order_id, child(newer, TURRET_ORDER_MARKET));
}

/* ---- dates ---- */

static uint64_t until(uint8_t type, int64_t seconds)
{
    struct turret_order_request request = want(BUY, type, 10);
    request.limit_price = type == TURRET_ORDER_LIMIT ? 9900 : 0;
    request.stop_price = type == TURRET_ORDER_STOP ? 10900 : 0;
    request.tif = TURRET_TIF_GTD;
    request.expires = engine_now(rig.engine) + seconds * MONEY_NANO;
    return ask(request);
}

static void each_date_comes(void **state)
{
    uint64_t first = until(TURRET_ORDER_STOP, 10), second = until(TURRET_ORDER_STOP, 20);
    uint64_t third = until(TURRET_ORDER_STOP, 3600);
    (void)state;
    seconds_pass(10);
    is(first, TURRET_STATE_EXPIRED);
    is(second, TURRET_STATE_HELD);
    seconds_pass(10);
    is(second, TURRET_STATE_EXPIRED);
    is(third, TURRET_STATE_HELD);
}

/* What is only here ends at its date; what is there is asked for when somebody hears it. */
static void a_date_comes_while_the_venue_is_away(void **state)
{
    uint64_t held = until(TURRET_ORDER_STOP, 10), out = until(TURRET_ORDER_LIMIT, 10);
    (void)state;
    taken(out);
    rig.engine->venues[0].ready = false;
    seconds_pass(10);
    is(held, TURRET_STATE_EXPIRED);
    assert_int_equal(count_of(COMMAND_CANCEL, out), 0);
    rig.engine->venues[0].ready = true;
    rig_turn(&rig);
    assert_int_equal(count_of(COMMAND_CANCEL, out), 1);
}

/* Also where its venue has dates, and knows nothing of what waits here. */
static void a_date_ends_what_waits_for_its_price(void **state)
{
    struct turret_order_request request = want(SELL, TURRET_ORDER_STOP, 10);
    uint64_t first, second, closes;
    (void)state;
    rig.engine->venues[0].caps.times_in_force |= 1u << TURRET_TIF_GTD;
    hold(BUY, 10, "1");
    first = until(TURRET_ORDER_STOP, 10);
    second = until(TURRET_ORDER_STOP, 20);
    request.stop_price = 9500;
    request.flags = TURRET_ORDER_REDUCE_ONLY;
    request.tif = TURRET_TIF_GTD;
    request.expires = at(second)->expires;
    closes = ask(request);
    seconds_pass(10);
    is(first, TURRET_STATE_EXPIRED);
    trade(10900);
    is(second, TURRET_STATE_SENT);
    assert_int_equal(sent()->order.tif, TURRET_TIF_GTD); /* from here on it is the venue's */
    assert_true(sent()->order.expires == at(second)->expires);
    trade(9500);
    is(closes, TURRET_STATE_SENT);
    did_not_leave(closes);
    is(closes, TURRET_STATE_HELD);
    seconds_pass(10);
    is(closes, TURRET_STATE_EXPIRED);
    is(second, TURRET_STATE_SENT);
    assert_int_equal(count_of(COMMAND_CANCEL, second), 0);
}

/* Its venue knows no dates and says CANCELED: that it was the date is the host's to say. */
static void one_that_ran_out_at_its_venue_says_so(void **state)
{
    uint64_t id = until(TURRET_ORDER_LIMIT, 10), part = until(TURRET_ORDER_LIMIT, 10);
    (void)state;
    taken(id);
    taken(part);
    seconds_pass(10);
    assert_int_equal(count_of(COMMAND_CANCEL, 0), 2);
    rig_state_of(&rig, id, TURRET_STATE_CANCELED, 10, 0, 0);
    is(id, TURRET_STATE_EXPIRED);
    assert_string_equal(at(id)->venue_reason, "its time is over");
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 10, 4, 0); /* the fill is on its way */
    assert_int_equal(at(part)->ending, TURRET_STATE_EXPIRED);
    rig_fill(&rig, part, "1", BUY, 4, 9900);
    rig_state_of(&rig, part, TURRET_STATE_CANCELED, 10, 4, 0); /* asked for: it was the last */
    is(part, TURRET_STATE_EXPIRED);
    assert_string_equal(at(part)->venue_reason, "its time is over");
}

/* Asked for before the date, or by nobody here, or where the venue keeps the date itself. */
static void other_ends_of_orders_with_a_date_are_cancels(void **state)
{
    uint64_t own = until(TURRET_ORDER_LIMIT, 10), venues = until(TURRET_ORDER_LIMIT, 10), there;
    struct event event;
    (void)state;
    taken(own);
    taken(venues);
    cancels(own);
    rig.engine->venues[0].ready = false; /* no cancel goes out */
    seconds_pass(10);
    rig_state_of(&rig, own, TURRET_STATE_CANCELED, 10, 0, 0);
    is(own, TURRET_STATE_CANCELED);
    assert_string_equal(at(own)->venue_reason, "");
    event = rig_told(&rig, venues, TURRET_STATE_CANCELED, 10, 0);
    memcpy(event.u.order.reason, "halted", sizeof "halted");
    engine_ingest(rig.engine, &event);
    is(venues, TURRET_STATE_CANCELED);
    assert_string_equal(at(venues)->venue_reason, "halted");
    rig.engine->venues[0].ready = true;
    rig.engine->venues[0].caps.times_in_force |= 1u << TURRET_TIF_GTD;
    there = until(TURRET_ORDER_LIMIT, 10);
    taken(there);
    seconds_pass(11);
    cancels(there);
    rig_state_of(&rig, there, TURRET_STATE_CANCELED, 10, 0, 0);
    is(there, TURRET_STATE_CANCELED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_buy_that_closes_waits_for_its_venue),
        TEST(what_waited_and_closes_nothing_is_not_sent),
        TEST(a_denial_at_release_is_told_and_counted),
        TEST(an_iceberg_that_filled_one_is_cancelled),
        TEST(a_profit_that_gives_way_forgets_what_it_waited_for),
        TEST(a_cancel_that_takes_a_second_is_told),
        TEST(an_exit_is_cut_to_what_others_leave),
        TEST(an_exit_of_a_short_is_cut_to_what_others_leave),
        cmocka_unit_test_setup_teardown(an_exit_is_whole_lots, set_up_lots, tear_down),
        TEST(what_goes_says_why),
        TEST(what_went_is_not_watched),
        TEST(a_short_takes_its_profit_below),
        TEST(a_stop_above_counts_only_what_traded_since),
        TEST(a_trail_of_one_tick_follows),
        TEST(the_price_of_an_iceberg_sends_nothing_more),
        TEST(no_price_hurries_what_did_not_leave),
        TEST(all_stops_come_before_all_profits),
        TEST(each_date_comes),
        TEST(a_date_comes_while_the_venue_is_away),
        TEST(a_date_ends_what_waits_for_its_price),
        TEST(one_that_ran_out_at_its_venue_says_so),
        TEST(other_ends_of_orders_with_a_date_are_cancels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
