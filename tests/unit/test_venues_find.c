/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows which instrument an adapter is told that a symbol is: that of its own venue before one
 * that only has its market data from there, whichever the configuration names first.
 */
#include "session/venues_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct config config;
static struct config_venue places[2];
static struct config_instrument instruments[3];
static struct turret_instrument_def defs[4];
static struct venues venues = {.config = &config, .defs = defs};
static struct plugin_offer offer;

static int32_t on_open(struct turret_broker *self, const struct turret_broker_open *given,
                       struct turret_error *err)
{
    (void)self;
    (void)given;
    (void)err;
    return TURRET_OK;
}

static int32_t on_describe(struct turret_broker *self, struct turret_broker_caps *caps,
                           struct turret_error *err)
{
    (void)self;
    (void)err;
    caps->can = 0;
    return TURRET_OK;
}

static void on_close(struct turret_broker *self)
{
    (void)self;
}

static turret_instrument find(uint32_t venue, const char *symbol)
{
    struct venue_link *link = NULL;
    turret_instrument found;
    assert_int_equal(
        venues_make_link(&venues, venue, &offer, 1, TURRET_REASON_FIRST, NULL, &link, NULL),
        TURRET_OK);
    found = link->handle.host->find_instrument(&link->handle, symbol);
    venues_drop_link(link);
    return found;
}

static void put(uint32_t at, const char *symbol, const char *venue, const char *feed)
{
    (void)snprintf(instruments[at].venue, sizeof instruments[at].venue, "%s", venue);
    (void)snprintf(instruments[at].feed, sizeof instruments[at].feed, "%s", feed);
    (void)snprintf(defs[at + 1].symbol, sizeof defs[at + 1].symbol, "%s", symbol);
}

static void an_instrument_of_its_own_comes_first(void **state)
{
    (void)state;
    config = (struct config){
        .venues = places, .venue_count = 2, .instruments = instruments, .instrument_count = 3};
    offer.broker = (struct turret_broker_type){.struct_size = (uint32_t)sizeof offer.broker,
                                               .id = "test.find",
                                               .open = on_open,
                                               .describe = on_describe,
                                               .close = on_close};
    (void)snprintf(places[0].name, sizeof places[0].name, "real");
    (void)snprintf(places[1].name, sizeof places[1].name, "paper");
    put(0, "AAA", "paper", "real");
    put(1, "AAA", "real", "real");
    put(2, "BBB", "paper", "real");
    assert_int_equal(find(0, "AAA"), 2);
    assert_int_equal(find(1, "AAA"), 1);
    assert_int_equal(find(0, "BBB"), 3); /* its market data */
    assert_int_equal(find(0, "CCC"), 0);
    put(0, "AAA", "real", "real");
    put(1, "AAA", "paper", "real");
    assert_int_equal(find(0, "AAA"), 1);
    assert_int_equal(find(1, "AAA"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instrument_of_its_own_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
