/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strategy whose code runs in a runner. The engine's memory of its state holds the declared
 * fields as they were after the last whole callback: snapshots, restarts and views read them there.
 * Behind the fields lies a pointer to the instance.
 */
#include "core/engine.h"
#include "isolation/isolated.h"
#include "isolation/params.h"
#include "isolation/strategy_asks.h"

#include <stdlib.h>

#define LOST_THEN "was lost here when the journal was written"

/* ---- finding the instance ---- */

static struct instance **place(const struct turret_strategy *self)
{
    uint32_t size = engine_type_of(self)->state_size;
    return (struct instance **)(void *)((char *)self->state + size - sizeof(struct instance *));
}

static struct instance *claim(struct turret_strategy *self)
{
    struct instance **at = place(self);
    const struct turret_strategy_type *type = engine_type_of(self);
    if (*at)
        return *at;
    *at = calloc(1, sizeof **at);
    if (!*at)
        return NULL;
    (*at)->self = self;
    (*at)->type = type;
    for (uint32_t i = 0; i < type->field_count; i++)
        (*at)->fields_bytes += strategy_field_bytes(&type->fields[i]);
    return *at;
}

static void release(struct turret_strategy *self)
{
    struct instance **at = place(self), *instance = *at;
    if (!instance)
        return;
    *at = NULL;
    runner_stop(instance->runner);
    free(instance->saved.at);
    free(instance->writing.at);
    free(instance);
}

static void lose(struct instance *instance, const char *why)
{
    instance->lost = true;
    engine_lose(instance->self, instance->intents, why);
    instance->intents = 0;
    runner_stop(instance->runner);
    instance->runner = NULL;
}

/* ---- calling ---- */

static void copy_fields(const struct instance *instance, unsigned char *packed, bool out)
{
    for (uint32_t i = 0; i < instance->type->field_count; i++) {
        const struct turret_field *field = &instance->type->fields[i];
        size_t size = strategy_field_bytes(field);
        char *at = (char *)instance->self->state + field->offset;
        if (out)
            memcpy(packed, at, size);
        else
            memcpy(at, packed, size);
        packed += size;
    }
}

/* One callback. False: the instance is lost; what it asked for in this callback is forgotten. */
static bool call(struct instance *instance, const struct wire_head *head, struct wire_head *done)
{
    struct wire_channel *wire = runner_wire(instance->runner);
    enum engine_call entered = engine_enter_runner(instance->self);
    instance->intents = 0;
    if (entered == ENGINE_CALL_LOST) {
        lose(instance, LOST_THEN);
        return false;
    }
    runner_again(instance->runner, entered == ENGINE_CALL_AGAIN);
    strategy_show_slots(instance, wire);
    if (runner_call(instance->runner, head, strategy_answer, instance, done)) {
        lose(instance, runner_why(instance->runner));
        return false;
    }
    if (done->kind == WIRE_DONE && done->size == instance->fields_bytes) {
        copy_fields(instance, wire->answers.body, false);
        instance->intents = 0;
        return true;
    }
    if (done->kind == WIRE_REFUSED)
        return true;
    runner_breach(instance->runner, "fields of another size");
    lose(instance, runner_why(instance->runner));
    return false;
}

/* A state that only save() can tell is taken after every callback. */
static bool take_stream(struct instance *instance)
{
    const struct wire_head save = {.kind = WIRE_SAVE};
    struct wire_head done;
    if (!instance->type->save)
        return true;
    instance->writing.used = 0;
    if (!call(instance, &save, &done))
        return false;
    if (done.kind == WIRE_DONE && done.status == TURRET_OK) {
        struct strategy_bytes old = instance->saved;
        instance->saved = instance->writing;
        instance->writing = old;
        instance->has_saved = true;
    }
    return true;
}

static void callback(struct turret_strategy *self, uint32_t kind, uint64_t a, int64_t b,
                     const void *body, uint32_t size)
{
    struct instance *instance = *place(self);
    const struct wire_head head = {.kind = kind, .size = size, .a = a, .b = (uint64_t)b};
    struct wire_head done;
    if (!instance || !instance->runner)
        return;
    if (size)
        memcpy(runner_wire(instance->runner)->calls.body, body, size);
    if (call(instance, &head, &done))
        (void)take_stream(instance);
}

/* ---- starting ---- */

static uint32_t write_start(const struct instance *instance, const struct turret_start *start,
                            unsigned char *to)
{
    struct wire_start body = {
        .reason = start->reason,
        .param_count = start->param_count,
        .instrument_count = start->instrument_count,
        .fields_bytes = instance->fields_bytes,
        .timeframe_ns = start->timeframe_ns,
        .now = start->now,
    };
    unsigned char *at = to;
    memcpy(at, &body, sizeof body);
    at += sizeof body;
    params_pack(start->params, start->param_count, (struct wire_param *)(void *)at);
    at += start->param_count * sizeof(struct wire_param);
    memcpy(at, start->instruments, start->instrument_count * sizeof *start->instruments);
    at += start->instrument_count * sizeof *start->instruments;
    copy_fields(instance, at, true);
    at += instance->fields_bytes;
    return (uint32_t)(at - to);
}

static int refused(struct instance *instance, const struct wire_head *done,
                   struct turret_error *err)
{
    struct turret_error why;
    int status = done->status < 0 ? done->status : TURRET_EFAULT;
    memset(&why, 0, sizeof why);
    if (done->size == sizeof why)
        wire_take(&why, runner_wire(instance->runner)->answers.body, sizeof why);
    strategy_clean_text(why.text, sizeof why.text);
    return turret_fail(err, status, "%s", why.text[0] ? why.text : "it gave no reason");
}

static int load_saved(struct instance *instance, struct turret_error *err)
{
    const struct wire_head load = {.kind = WIRE_LOAD, .a = instance->saved_schema};
    struct wire_head done;
    if (!instance->has_saved || !instance->type->load)
        return TURRET_OK;
    instance->read_at = 0;
    if (!call(instance, &load, &done))
        return turret_fail(err, TURRET_EFAULT, "its runner was lost");
    return done.kind == WIRE_REFUSED ? refused(instance, &done, err) : TURRET_OK;
}

/* A plugin that dies or hangs while it is loaded is lost like any other. */
static int begin(struct instance *instance, struct turret_error *err)
{
    struct turret_error why = {0};
    int status;
    (void)engine_enter_runner(instance->self);
    status = isolated_start(isolated_origin(instance->type->id), &instance->runner, &why);
    instance->intents = 0;
    if (status == TURRET_EFAULT)
        lose(instance, why.text);
    return status ? turret_fail(err, status, "%s", why.text) : TURRET_OK;
}

static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{
    struct instance *instance = claim(self);
    struct wire_head head = {.kind = WIRE_START}, done;
    int status;
    if (!instance)
        return turret_fail(err, TURRET_ENOMEM, "no memory for its runner");
    runner_stop(instance->runner);
    instance->slot_count = 0;
    instance->lost = false;
    status = begin(instance, err);
    if (status == TURRET_OK)
        status = load_saved(instance, err);
    if (status == TURRET_OK) {
        head.size = write_start(instance, start, runner_wire(instance->runner)->calls.body);
        if (!call(instance, &head, &done))
            status = turret_fail(err, TURRET_EFAULT, "its runner was lost");
        else if (done.kind == WIRE_REFUSED)
            status = refused(instance, &done, err);
        else if (!take_stream(instance))
            status = turret_fail(err, TURRET_EFAULT, "its runner was lost");
    }
    instance->began = instance->began || instance->lost || !status;
    if (!instance->began) { /* refused: nobody will stop it */
        release(self);
    } else if (status) {
        runner_stop(instance->runner);
        instance->runner = NULL;
    }
    return status;
}

static void on_stop(struct turret_strategy *self, uint32_t reason)
{
    struct instance *instance = *place(self);
    const struct wire_head stop = {.kind = WIRE_STOP, .a = reason};
    struct wire_head done;
    if (instance && runner_alive(instance->runner))
        (void)runner_call(instance->runner, &stop, strategy_answer, instance, &done);
    release(self);
}

/* ---- the other callbacks ---- */

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    callback(self, WIRE_BAR, 0, 0, bar, (uint32_t)sizeof *bar);
}

static void on_trade(struct turret_strategy *self, const struct turret_trade *trade)
{
    callback(self, WIRE_TRADE, 0, 0, trade, (uint32_t)sizeof *trade);
}

static void on_quote(struct turret_strategy *self, const struct turret_quote *quote)
{
    callback(self, WIRE_QUOTE, 0, 0, quote, (uint32_t)sizeof *quote);
}

static void on_level(struct turret_strategy *self, const struct turret_level *level)
{
    callback(self, WIRE_LEVEL, 0, 0, level, (uint32_t)sizeof *level);
}

static void on_status(struct turret_strategy *self, const struct turret_status *status)
{
    callback(self, WIRE_STATUS, 0, 0, status, (uint32_t)sizeof *status);
}

static void on_order(struct turret_strategy *self, const struct turret_order *order)
{
    callback(self, WIRE_ORDER, 0, 0, order, (uint32_t)sizeof *order);
}

static void on_fill(struct turret_strategy *self, const struct turret_fill *fill)
{
    callback(self, WIRE_FILL, 0, 0, fill, (uint32_t)sizeof *fill);
}

static void on_timer(struct turret_strategy *self, uint32_t timer_id, turret_time_ns now)
{
    callback(self, WIRE_TIMER, timer_id, now, NULL, 0);
}

static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    struct instance *instance = *place(self);
    const struct wire_check body = {*order, *account};
    const struct wire_head head = {.kind = WIRE_CHECK, .size = (uint32_t)sizeof body};
    struct wire_head done;
    if (!instance || !instance->runner)
        return turret_fail(err, TURRET_ESTATE, "its runner is gone");
    memset(instance->why, 0, sizeof instance->why);
    memcpy(runner_wire(instance->runner)->calls.body, &body, sizeof body);
    if (!call(instance, &head, &done) || !take_stream(instance))
        return turret_fail(err, TURRET_EFAULT, "its runner was lost");
    if (done.kind == WIRE_DONE && done.status == TURRET_OK)
        return TURRET_OK;
    return turret_fail(err, done.status < 0 ? done.status : TURRET_EDENIED, "%s", instance->why);
}

/* What the last callback left. */
static int32_t save(struct turret_strategy *self, struct turret_stream *to,
                    struct turret_error *err)
{
    const struct instance *instance = *place(self);
    size_t done = 0;
    if (!instance || !instance->has_saved)
        return turret_fail(err, TURRET_ESTATE, "nothing was saved yet");
    while (done < instance->saved.used) {
        int64_t put = to->write(to, instance->saved.at + done, instance->saved.used - done);
        if (put <= 0)
            return turret_fail(err, put < 0 ? (int)put : TURRET_EIO, "its state is not taken");
        done += (size_t)put;
    }
    return TURRET_OK;
}

/* Kept for the runner that starts next; given at once to one that runs. */
static int32_t load(struct turret_strategy *self, struct turret_stream *from,
                    struct turret_error *err)
{
    struct instance *instance = claim(self);
    unsigned char piece[4096];
    int64_t got;
    if (!instance)
        return turret_fail(err, TURRET_ENOMEM, "no memory for its state");
    instance->saved.used = 0;
    while ((got = from->read(from, piece, sizeof piece)) > 0)
        if (!strategy_bytes_add(&instance->saved, piece, (size_t)got))
            return turret_fail(err, TURRET_ENOMEM, "no memory for its state");
    if (got < 0)
        return turret_fail(err, (int)got, "its saved state cannot be read");
    instance->has_saved = true;
    instance->saved_schema = from->schema;
    return runner_alive(instance->runner) ? load_saved(instance, err) : TURRET_OK;
}

const struct turret_strategy_type proxy_strategy_type = {
    .struct_size = (uint32_t)sizeof(struct turret_strategy_type),
    .on_start = on_start,
    .on_stop = on_stop,
    .on_bar = on_bar,
    .on_trade = on_trade,
    .on_quote = on_quote,
    .on_level = on_level,
    .on_status = on_status,
    .on_order = on_order,
    .on_fill = on_fill,
    .on_timer = on_timer,
    .save = save,
    .load = load,
    .on_check = on_check,
};
