/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One plugin in many broken shapes: every number and pointer a host has to check is a macro, and
 * each fixture is this file with one of them set to something wrong (see CMakeLists.txt here).
 * Without any it is a good plugin of the kind that FIXTURE_KIND names.
 *
 * Its constructor writes the file that the environment variable TURRET_CANARY names, so that a test
 * can tell whether a refused plugin ran.
 */
#include <turret/broker.h>
#include <turret/indicator.h>
#include <turret/strategy.h>

#include <stdlib.h>

#define INDICATOR 1
#define STRATEGY  2
#define BROKER    4

#ifndef FIXTURE_KIND
#define FIXTURE_KIND STRATEGY
#endif
#ifndef FIXTURE_ID
#define FIXTURE_ID "fixture.unnamed"
#endif
#ifndef ENTRY_ID
#define ENTRY_ID FIXTURE_ID
#endif
#ifndef ENTRY_SIZE
#define ENTRY_SIZE sizeof(struct turret_entry)
#endif
#ifndef ENTRY_MAJOR
#define ENTRY_MAJOR TURRET_ABI_MAJOR
#endif
#ifndef ENTRY_MINOR
#define ENTRY_MINOR TURRET_ABI_MINOR
#endif
#ifndef ENTRY_TRADE_SIZE
#define ENTRY_TRADE_SIZE sizeof(struct turret_trade)
#endif
#ifndef ENTRY_OFFERS
#define ENTRY_OFFERS offers
#endif
#ifndef ENTRY_OFFER_COUNT
#define ENTRY_OFFER_COUNT 1
#endif
#ifndef ENTRY_INIT
#define ENTRY_INIT init
#endif
#ifndef OFFER_KIND
#define OFFER_KIND FIXTURE_KIND
#endif
#ifndef OFFER_STRATEGY
#define OFFER_STRATEGY &strategy
#endif
#ifndef TYPE_SIZE
#define TYPE_SIZE 0 /* the type's own */
#endif
#ifndef OUTPUT_COUNT
#define OUTPUT_COUNT 1
#endif
#ifndef STRATEGY_STATE_SIZE
#define STRATEGY_STATE_SIZE sizeof(struct memory)
#endif
#ifndef FIELD_OFFSET
#define FIELD_OFFSET 0
#endif
#ifndef PARAMS
#define PARAMS params
#endif
#ifndef PARAM_MIN
#define PARAM_MIN 2
#endif
#ifndef PARAM_MAX
#define PARAM_MAX 200
#endif
#ifndef PARAM_TYPE
#define PARAM_TYPE TURRET_PARAM_TYPE_INT
#endif
#ifndef PARAM_DEFAULT
#define PARAM_DEFAULT "10"
#endif
#ifndef SECOND_ID
#define SECOND_ID 2
#endif
#ifndef CB_STATE_SIZE
#define CB_STATE_SIZE state_size
#endif
#ifndef CB_START
#define CB_START start
#endif
#ifndef CB_LOOKBACK
#define CB_LOOKBACK lookback
#endif
#ifndef CB_UPDATE
#define CB_UPDATE update
#endif
#ifndef CB_ON_START
#define CB_ON_START on_start
#endif
#ifndef CB_SAVE
#define CB_SAVE NULL
#endif
#ifndef CB_DESCRIBE
#define CB_DESCRIBE describe
#endif
#ifndef CB_OPEN
#define CB_OPEN open_venue
#endif
#ifndef CB_CONNECT
#define CB_CONNECT connect_venue
#endif
#ifndef CB_CLOSE
#define CB_CLOSE close_venue
#endif

struct memory {
    int64_t bars;
};

__attribute__((constructor)) static void leave_a_trace(void)
{
    const char *path = getenv("TURRET_CANARY");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (file) {
        (void)fputs(FIXTURE_ID "\n", file);
        (void)fclose(file);
    }
}

static const struct turret_param params[] = {
    {1, PARAM_TYPE, "length", PARAM_DEFAULT, PARAM_MIN, PARAM_MAX, 1, "bars", "a length"},
    {SECOND_ID, TURRET_PARAM_TYPE_INT, "width", "1", 0, 9, 1, "bars", "a width"},
};

static const struct turret_field fields[] = {
    {1, TURRET_FIELD_TYPE_I64, FIELD_OFFSET, 1, "bars", "bars seen", 0},
};

/* ---- indicator: the last close ---- */

static const char *const output_names[] = {"value"};

static uint64_t state_size(const struct turret_param_value *values)
{
    (void)values;
    return sizeof(struct memory);
}

static int32_t start(void *state, const struct turret_param_value *values, struct turret_error *err)
{
    (void)state;
    (void)values;
    return turret_ok(err);
}

static uint32_t lookback(const struct turret_param_value *values)
{
    (void)values;
    return 1;
}

static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct memory *m = state;
    m->bars++;
    out[0] = bar->close;
    return 1;
}

static const struct turret_indicator_type indicator = {
    .struct_size = TYPE_SIZE ? TYPE_SIZE : (uint32_t)sizeof(struct turret_indicator_type),
    .output_count = OUTPUT_COUNT,
    .id = FIXTURE_ID,
    .version = "1.0.0",
    .summary = "the last close",
    .output_names = output_names,
    .params = PARAMS,
    .param_count = 2,
    .state_schema = 1,
    .state_size = CB_STATE_SIZE,
    .start = CB_START,
    .lookback = CB_LOOKBACK,
    .update = CB_UPDATE,
};

/* ---- strategy: does nothing ---- */

static int32_t on_start(struct turret_strategy *self, const struct turret_start *why,
                        struct turret_error *err)
{
    (void)self;
    (void)why;
    return turret_ok(err);
}

static int32_t save(struct turret_strategy *self, struct turret_stream *to,
                    struct turret_error *err)
{
    (void)self;
    (void)to;
    return turret_ok(err);
}

static const struct turret_strategy_type strategy = {
    .struct_size = TYPE_SIZE ? TYPE_SIZE : (uint32_t)sizeof(struct turret_strategy_type),
    .state_size = STRATEGY_STATE_SIZE,
    .id = FIXTURE_ID,
    .version = "1.0.0",
    .summary = "does nothing",
    .params = PARAMS,
    .fields = fields,
    .param_count = 2,
    .field_count = 1,
    .state_schema = 1,
    .on_start = CB_ON_START,
    .save = CB_SAVE,
};

/* ---- broker: a venue that is closed for good ---- */

static int32_t describe(struct turret_broker *self, struct turret_broker_caps *caps,
                        struct turret_error *err)
{
    (void)self;
    (void)caps;
    return turret_ok(err);
}

static int32_t open_venue(struct turret_broker *self, const struct turret_broker_open *open,
                          struct turret_error *err)
{
    (void)self;
    (void)open;
    return turret_ok(err);
}

static int32_t connect_venue(struct turret_broker *self, struct turret_error *err)
{
    (void)self;
    return turret_ok(err);
}

static void close_venue(struct turret_broker *self)
{
    (void)self;
}

static const struct turret_broker_type broker = {
    .struct_size = TYPE_SIZE ? TYPE_SIZE : (uint32_t)sizeof(struct turret_broker_type),
    .state_size = (uint32_t)sizeof(struct memory),
    .id = FIXTURE_ID,
    .version = "1.0.0",
    .summary = "closed for good",
    .params = PARAMS,
    .param_count = 2,
    .state_schema = 1,
    .describe = CB_DESCRIBE,
    .open = CB_OPEN,
    .connect = CB_CONNECT,
    .close = CB_CLOSE,
};

/* ---- the note and the entry, by hand ---- */

static int32_t init(struct turret_error *err)
{
    return turret_ok(err);
}

static int32_t init_refuses(struct turret_error *err)
{
    return turret_fail(err, TURRET_EDENIED, "no licence on this machine");
}

static int32_t init_silent(struct turret_error *err)
{
    (void)err;
    return TURRET_ESTATE;
}

static const struct turret_offer offers[] = {{
    OFFER_KIND,
    0,
    FIXTURE_KIND == INDICATOR ? &indicator : NULL,
    FIXTURE_KIND == STRATEGY ? OFFER_STRATEGY : NULL,
    FIXTURE_KIND == BROKER ? &broker : NULL,
}};

#ifndef WITHOUT_NOTE
__attribute__((section(TURRET_NOTE_SECTION), used,
               aligned(4))) static const struct turret_elf_note note_in_file = {
    8,
    (uint32_t)sizeof(struct turret_note),
    TURRET_NOTE_TYPE,
    TURRET_NOTE_NAME,
    {(uint32_t)sizeof(struct turret_note), TURRET_ABI_MAJOR, TURRET_ABI_MINOR, FIXTURE_KIND,
     TURRET_FINGERPRINT_INIT, FIXTURE_ID, "1.0.0", ""}};
#endif

#ifdef OTHER_SYMBOL
TURRET_EXPORT extern const int32_t turret_other;
const int32_t turret_other = 1;
#endif

#ifdef NOWHERE
extern int32_t turret_fixture_nowhere(struct turret_error *err);
#endif

#ifdef WITHOUT_ENTRY
#define ENTRY_SYMBOL turret_entrance
#else
#define ENTRY_SYMBOL turret_entry
#endif

TURRET_EXPORT extern const struct turret_entry ENTRY_SYMBOL;
const struct turret_entry ENTRY_SYMBOL = {
    .struct_size = (uint32_t)ENTRY_SIZE,
    .abi_major = ENTRY_MAJOR,
    .abi_minor = ENTRY_MINOR,
    .fingerprint = {(uint16_t)sizeof(void *), (uint16_t)offsetof(struct turret_align_i64, value),
                    (uint16_t)offsetof(struct turret_align_f64, value),
                    (uint16_t)(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__),
                    (uint16_t)sizeof(struct turret_bar), (uint16_t)ENTRY_TRADE_SIZE,
                    (uint16_t)sizeof(struct turret_quote), (uint16_t)sizeof(struct turret_level),
                    (uint16_t)sizeof(struct turret_slot), (uint16_t)sizeof(struct turret_param),
                    (uint16_t)sizeof(struct turret_field), (uint16_t)sizeof(struct turret_error)},
    .id = ENTRY_ID,
    .version = "1.0.0",
    .offers = ENTRY_OFFERS,
    .offer_count = ENTRY_OFFER_COUNT,
    .init = ENTRY_INIT,
};
