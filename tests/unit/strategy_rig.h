/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strategy plugin on the bench: loads one from TURRET_PLUGINS, gives it the default parameters of
 * its own table, and stands in for the host by recording what it asks for. Indicator values are set
 * by hand, by expression.
 */
#ifndef TESTS_STRATEGY_RIG_H
#define TESTS_STRATEGY_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <turret/strategy.h>

#define RIG_SLOTS_MAX       256
#define RIG_INSTRUMENTS_MAX 80
#define RIG_PARAMS_MAX      32
#define RIG_FIELD_BYTES_MAX 8192

struct rig_slot {
    turret_instrument instrument;
    char expression[64];
    struct turret_slot slot;
};

struct rig {
    struct turret_strategy self; /* first: what the plugin gets is the rig's address */
    const struct turret_strategy_type *type;
    struct turret_param_value params[RIG_PARAMS_MAX];
    turret_instrument instruments[RIG_INSTRUMENTS_MAX];
    uint32_t instrument_count;
    struct turret_instrument_def def; /* of every instrument but for its id */
    struct turret_error err;

    struct rig_slot slots[RIG_SLOTS_MAX];
    uint32_t slot_count;
    const char *unknown; /* an expression that use() refuses */

    turret_qty wish[RIG_INSTRUMENTS_MAX]; /* by instrument id; 0 at first, as the host has it */
    uint32_t target_count;                /* calls, changed or not */
    char target_reason[64];
    uint32_t submit_count;
    struct turret_order_request request; /* the last one */
    int queue_full;
    uint32_t score_count;
    double score;
    char score_reason[64];

    int32_t currency_scale;
    turret_money equity;
    int64_t fee_min, fee_per_unit, fee_per_unit_of, fee_rate_ppm; /* see rig_fee() */
};

static inline turret_indicator rig_use(struct turret_strategy *self, turret_instrument instrument,
                                       int64_t timeframe_ns, const char *expression,
                                       struct turret_error *err)
{
    struct rig *rig = (struct rig *)self;
    struct rig_slot *slot;
    assert_int_equal(timeframe_ns, 0);
    if (rig->unknown && !strcmp(rig->unknown, expression)) {
        (void)turret_fail(err, TURRET_ENOTFOUND, "no indicator %s", expression);
        return NULL;
    }
    assert_true(rig->slot_count < RIG_SLOTS_MAX);
    slot = &rig->slots[rig->slot_count++];
    slot->instrument = instrument ? instrument : rig->instruments[0];
    (void)snprintf(slot->expression, sizeof slot->expression, "%s", expression);
    slot->slot.ready = 1;
    return &slot->slot;
}

static inline int32_t rig_target(struct turret_strategy *self, turret_instrument instrument,
                                 turret_qty qty, const char *reason)
{
    struct rig *rig = (struct rig *)self;
    int32_t changed;
    assert_true(instrument < RIG_INSTRUMENTS_MAX);
    assert_non_null(reason);
    changed = rig->wish[instrument] != qty;
    rig->wish[instrument] = qty;
    rig->target_count++;
    (void)snprintf(rig->target_reason, sizeof rig->target_reason, "%s", reason);
    return changed;
}

static inline uint64_t rig_submit(struct turret_strategy *self,
                                  const struct turret_order_request *request)
{
    struct rig *rig = (struct rig *)self;
    if (rig->queue_full)
        return 0;
    assert_int_equal(request->struct_size, sizeof *request);
    assert_non_null(memchr(request->reason, 0, sizeof request->reason));
    rig->request = *request;
    return ++rig->submit_count;
}

static inline int32_t rig_account(struct turret_strategy *self, turret_instrument instrument,
                                  struct turret_account *account)
{
    struct rig *rig = (struct rig *)self;
    (void)instrument;
    assert_int_equal(account->struct_size, sizeof *account);
    account->currency_scale = rig->currency_scale;
    account->cash = account->equity = account->buying_power = rig->equity;
    return TURRET_OK;
}

static inline const struct turret_instrument_def *rig_instrument(struct turret_strategy *self,
                                                                 turret_instrument instrument)
{
    struct rig *rig = (struct rig *)self;
    rig->def.id = instrument;
    return &rig->def;
}

/* max(fee_min, qty × fee_per_unit / fee_per_unit_of), halves up, plus ppm of the value. */
static inline turret_money rig_fee(struct turret_strategy *self, turret_instrument instrument,
                                   turret_qty qty, turret_price price)
{
    const struct rig *rig = (const struct rig *)self;
    turret_money fee;
    (void)instrument;
    if (!rig->fee_per_unit_of)
        return 0;
    if (rig->fee_rate_ppm)
        return qty * price / 1000000 * rig->fee_rate_ppm;
    fee = (qty * rig->fee_per_unit * 2 + rig->fee_per_unit_of) / (2 * rig->fee_per_unit_of);
    return fee < rig->fee_min ? rig->fee_min : fee;
}

static inline void rig_score(struct turret_strategy *self, turret_instrument instrument,
                             double score, const char *reason)
{
    struct rig *rig = (struct rig *)self;
    (void)instrument;
    rig->score_count++;
    rig->score = score;
    (void)snprintf(rig->score_reason, sizeof rig->score_reason, "%s", reason);
}

static const struct turret_strategy_host rig_host = {
    .struct_size = (uint32_t)sizeof(struct turret_strategy_host),
    .use = rig_use,
    .target = rig_target,
    .submit = rig_submit,
    .account = rig_account,
    .instrument = rig_instrument,
    .fee = rig_fee,
    .score = rig_score,
};

static inline struct turret_param_value *rig_param(struct rig *rig, const char *name)
{
    uint32_t i;
    for (i = 0; i < rig->type->param_count; i++)
        if (!strcmp(rig->type->params[i].name, name))
            return &rig->params[i];
    fail_msg("%s has no parameter %s", rig->type->id, name);
    return NULL;
}

static inline void rig_set(struct rig *rig, const char *name, int64_t value)
{
    rig_param(rig, name)->i = value;
}

static inline void rig_set_real(struct rig *rig, const char *name, double value)
{
    rig_param(rig, name)->f = value;
}

static inline void rig_set_text(struct rig *rig, const char *name, const char *text)
{
    rig_param(rig, name)->text = text;
}

/* Loads `name`.so; instrument 1 with two decimals and whole units, cash 100,000.00, no fee. */
static inline struct rig *rig_create(const char *name)
{
    struct rig *rig = calloc(1, sizeof *rig);
    const char *folder = getenv("TURRET_PLUGINS");
    const struct turret_entry *entry;
    char path[1024];
    void *library;
    uint32_t i;

    assert_non_null(rig);
    assert_non_null(folder);
    (void)snprintf(path, sizeof path, "%s/%s.so", folder, name);
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* stays loaded for the other tests */
    if (!library)
        fail_msg("%s", dlerror());
    entry = dlsym(library, TURRET_ENTRY_SYMBOL);
    assert_non_null(entry);
    assert_int_equal(entry->offer_count, 1);
    rig->type = entry->offers[0].strategy;
    assert_non_null(rig->type);
    assert_true(rig->type->param_count <= RIG_PARAMS_MAX);
    for (i = 0; i < rig->type->param_count; i++) {
        const struct turret_param *param = &rig->type->params[i];
        rig->params[i].id = param->id;
        rig->params[i].type = param->type;
        rig->params[i].f = strtod(param->default_text, NULL);
        rig->params[i].i = strcmp(param->default_text, "true") ? (int64_t)rig->params[i].f : 1;
        if (param->type == TURRET_PARAM_TYPE_TEXT)
            rig->params[i].text = param->default_text;
    }
    rig->self.host = &rig_host;
    rig->self.state = calloc(1, rig->type->state_size);
    assert_non_null(rig->self.state);
    rig->instruments[0] = 1;
    rig->instrument_count = 1;
    rig->def = (struct turret_instrument_def){.struct_size = (uint32_t)sizeof rig->def,
                                              .price_scale = 2,
                                              .currency_scale = 2,
                                              .tick_size = 1,
                                              .lot_size = 1,
                                              .min_qty = 1,
                                              .max_qty = INT64_MAX,
                                              .multiplier = 1};
    rig->currency_scale = 2;
    rig->equity = 10000000;
    return rig;
}

static inline void rig_destroy(struct rig *rig)
{
    free(rig->self.state);
    free(rig);
}

static inline int32_t rig_start(struct rig *rig, uint32_t reason)
{
    struct turret_start start = {.struct_size = (uint32_t)sizeof start,
                                 .reason = reason,
                                 .params = rig->params,
                                 .instruments = rig->instruments,
                                 .param_count = rig->type->param_count,
                                 .instrument_count = rig->instrument_count,
                                 .timeframe_ns = 60000000000};
    rig->err = (struct turret_error){0};
    rig->slot_count = 0;
    return rig->type->on_start(&rig->self, &start, &rig->err);
}

static inline void rig_start_ok(struct rig *rig)
{
    if (rig_start(rig, TURRET_REASON_FIRST))
        fail_msg("%s: %s", rig->type->id, rig->err.text);
}

/* Starts it expecting a refusal with this text in it. */
static inline void rig_start_refused(struct rig *rig, int32_t code, const char *text)
{
    assert_int_equal(rig_start(rig, TURRET_REASON_FIRST), code);
    assert_int_equal(rig->err.code, code);
    if (!strstr(rig->err.text, text))
        fail_msg("'%s' is not in '%s'", text, rig->err.text);
}

static inline uint32_t rig_field_size(const struct turret_field *field)
{
    return field->count * (field->type == TURRET_FIELD_TYPE_I32 ? 4 : 8);
}

/* The daemon goes and comes back: only the saved fields survive, everything else is zero. */
static inline void rig_restart(struct rig *rig)
{
    char saved[RIG_FIELD_BYTES_MAX];
    uint32_t i, used = 0;
    for (i = 0; i < rig->type->field_count; i++) {
        const struct turret_field *field = &rig->type->fields[i];
        assert_true(used + rig_field_size(field) <= sizeof saved);
        memcpy(saved + used, (char *)rig->self.state + field->offset, rig_field_size(field));
        used += rig_field_size(field);
    }
    memset(rig->self.state, 0, rig->type->state_size);
    for (i = 0, used = 0; i < rig->type->field_count; i++) {
        const struct turret_field *field = &rig->type->fields[i];
        memcpy((char *)rig->self.state + field->offset, saved + used, rig_field_size(field));
        used += rig_field_size(field);
    }
    assert_int_equal(rig_start(rig, TURRET_REASON_RESTART), TURRET_OK);
}

/* Where element `index` of a saved field lies. */
static inline const void *rig_field(const struct rig *rig, const char *name, uint32_t index)
{
    uint32_t i;
    for (i = 0; i < rig->type->field_count; i++) {
        const struct turret_field *field = &rig->type->fields[i];
        if (!strcmp(field->name, name)) {
            assert_true(index < field->count);
            return (const char *)rig->self.state + field->offset +
                   rig_field_size(field) / field->count * index;
        }
    }
    fail_msg("%s has no field %s", rig->type->id, name);
    return NULL;
}

/* The slot the strategy asked for by this expression; it must have. */
static inline struct turret_slot *rig_slot(struct rig *rig, turret_instrument instrument,
                                           const char *expression)
{
    uint32_t i;
    for (i = 0; i < rig->slot_count; i++)
        if (rig->slots[i].instrument == instrument && !strcmp(rig->slots[i].expression, expression))
            return &rig->slots[i].slot;
    fail_msg("%s did not ask for %s", rig->type->id, expression);
    return NULL;
}

static inline void rig_bar(struct rig *rig, turret_instrument instrument, turret_price close)
{
    struct turret_bar bar = {.instrument = instrument,
                             .timeframe_ns = 60000000000,
                             .open = close,
                             .high = close,
                             .low = close,
                             .close = close,
                             .volume = 1};
    rig->type->on_bar(&rig->self, &bar);
}

#endif
