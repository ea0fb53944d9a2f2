/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows that another build of an adapter is asked, before it connects, for the market data that
 * the build before was asked for, each once and none of another feed; and that one which cannot
 * bring them does not take over.
 */
#include "session/venues_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BARS   (1u << TURRET_REPORT_BAR)
#define QUOTE  (1u << TURRET_REPORT_QUOTE)
#define MINUTE INT64_C(60000000000)

struct asked {
    turret_instrument instrument;
    uint32_t reports;
    int64_t timeframe_ns;
    bool connected; /* by then */
};

/* What both builds were asked for; of each which it is, is its state's first byte. */
static struct asked asked[2][8];
static uint32_t counts[2], connects[2], builds;
static int32_t answers;
static struct config config;
static struct config_venue places[2];
static struct config_instrument instruments[3];
static struct plugin_offer offer;
static struct venues *venues;

static uint32_t number_of(const struct turret_broker *self)
{
    return *(const uint8_t *)self->state;
}

static int32_t on_open(struct turret_broker *self, const struct turret_broker_open *given,
                       struct turret_error *err)
{
    (void)given;
    (void)err;
    *(uint8_t *)self->state = (uint8_t)builds++;
    return TURRET_OK;
}

static int32_t on_describe(struct turret_broker *self, struct turret_broker_caps *caps,
                           struct turret_error *err)
{
    (void)self;
    (void)err;
    caps->can = TURRET_CAN_SUBSCRIBE;
    return TURRET_OK;
}

static int32_t on_connect(struct turret_broker *self, struct turret_error *err)
{
    (void)err;
    connects[number_of(self)]++;
    return TURRET_OK;
}

static int32_t on_subscribe(struct turret_broker *self, turret_instrument id, uint32_t reports,
                            int64_t timeframe_ns, struct turret_error *err)
{
    uint32_t build = number_of(self);
    asked[build][counts[build]++] = (struct asked){id, reports, timeframe_ns, connects[build] > 0};
    return answers ? turret_fail(err, answers, "no bars of that") : TURRET_OK;
}

static void on_close(struct turret_broker *self)
{
    (void)self;
}

static int set_up(void **state)
{
    uint32_t i;
    (void)state;
    memset(asked, 0, sizeof asked);
    memset(counts, 0, sizeof counts);
    memset(connects, 0, sizeof connects);
    builds = 0;
    answers = TURRET_OK;
    memset(&offer, 0, sizeof offer);
    offer.broker = (struct turret_broker_type){.struct_size = (uint32_t)sizeof offer.broker,
                                               .state_size = 1,
                                               .id = "test.feed",
                                               .version = "1.0.0",
                                               .open = on_open,
                                               .describe = on_describe,
                                               .connect = on_connect,
                                               .subscribe = on_subscribe,
                                               .close = on_close};
    (void)snprintf(places[0].name, sizeof places[0].name, "feed");
    (void)snprintf(places[1].name, sizeof places[1].name, "other");
    for (i = 0; i < 3; i++)
        (void)snprintf(instruments[i].feed, sizeof instruments[i].feed, i < 2 ? "feed" : "none");
    config = (struct config){
        .venues = places, .venue_count = 2, .instruments = instruments, .instrument_count = 3};
    venues = calloc(1, sizeof *venues);
    assert_non_null(venues);
    venues->config = &config;
    venues->count = 1;
    return venues_make_link(venues, 0, &offer, 1, TURRET_REASON_FIRST, NULL, &venues->links[0],
                            NULL);
}

static int tear_down(void **state)
{
    (void)state;
    venues_close(venues);
    return 0;
}

static void subscribe(turret_instrument id, uint32_t reports, int64_t timeframe_ns)
{
    assert_int_equal(venues_subscribe(venues, id, reports, timeframe_ns, NULL), TURRET_OK);
}

static void expect(const struct asked *one, turret_instrument id, uint32_t reports,
                   int64_t timeframe_ns)
{
    assert_int_equal(one->instrument, id);
    assert_int_equal(one->reports, reports);
    assert_int_equal(one->timeframe_ns, timeframe_ns);
    assert_false(one->connected);
}

static void a_new_build_is_asked_for_what_the_last_one_was(void **state)
{
    (void)state;
    subscribe(1, BARS, MINUTE);
    subscribe(2, QUOTE, 0);
    subscribe(1, BARS, 5 * MINUTE);
    subscribe(1, BARS | QUOTE, MINUTE); /* another strategy on it */
    subscribe(3, BARS, MINUTE);
    assert_int_equal(counts[0], 4);
    assert_int_equal(venues_swap(venues, 0, &offer, 1, false, NULL, NULL), TURRET_OK);
    assert_int_equal(counts[1], 3);
    expect(&asked[1][0], 1, BARS | QUOTE, MINUTE);
    expect(&asked[1][1], 2, QUOTE, 0);
    expect(&asked[1][2], 1, BARS, 5 * MINUTE);
    assert_int_equal(connects[1], 1);
}

static void one_that_cannot_bring_it_stays_out(void **state)
{
    const struct venue_link *before = venues->links[0];
    struct turret_error err = {0};
    (void)state;
    subscribe(1, BARS, MINUTE);
    answers = TURRET_EINVAL;
    assert_int_equal(venues_subscribe(venues, 2, BARS, MINUTE, NULL), TURRET_EINVAL);
    assert_int_equal(venues_swap(venues, 0, &offer, 1, false, NULL, &err), TURRET_EINVAL);
    assert_string_equal(err.text, "venue feed: build 1.0.0 does not bring the market data that is "
                                  "subscribed: no bars of that");
    assert_ptr_equal(venues->links[0], before);
    answers = TURRET_OK;
    counts[1] = 0;
    builds = 1;
    assert_int_equal(venues_swap(venues, 0, &offer, 1, false, NULL, NULL), TURRET_OK);
    assert_int_equal(counts[1], 1); /* what was refused was not subscribed */
    expect(&asked[1][0], 1, BARS, MINUTE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_build_is_asked_for_what_the_last_one_was, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_that_cannot_bring_it_stays_out, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
