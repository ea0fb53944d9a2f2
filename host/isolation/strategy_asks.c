/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each ask is one row of a table: how large its body is and who answers it. Bodies are copied out
 * of the shared memory before anything in them is looked at.
 */
#include "isolation/strategy_asks.h"

#include "isolation/program.h"

#include <stdlib.h>

#define STREAM_MAX ((size_t)16 << 20)

union ask_body {
    struct wire_use use;
    struct wire_target target;
    struct turret_order_request request;
    struct wire_modify modify;
    struct wire_fee fee;
    struct wire_score score;
    char text[256];
};

struct asking {
    struct instance *instance;
    const struct turret_strategy_host *host;
    struct turret_strategy *self;
    const struct wire_head *head;
    union ask_body *body;
    struct wire_head *reply;
    unsigned char *reply_body;
};

#define END_TEXT(text) ((text)[sizeof(text) - 1] = '\0')

bool strategy_bytes_add(struct strategy_bytes *bytes, const void *from, size_t size)
{
    if (bytes->used + size > bytes->room) {
        size_t room = (bytes->used + size) * 2;
        unsigned char *grown = realloc(bytes->at, room);
        if (!grown)
            return false;
        bytes->at = grown;
        bytes->room = room;
    }
    memcpy(bytes->at + bytes->used, from, size);
    bytes->used += size;
    return true;
}

void strategy_clean_text(char *text, size_t room)
{
    program_clean_text(text, room);
}

void strategy_show_slots(struct instance *instance, struct wire_channel *wire)
{
    for (uint32_t i = 0; i < instance->slot_count; i++) {
        if (!memcmp(&instance->shown[i], instance->slots[i], sizeof instance->shown[i]))
            continue;
        instance->shown[i] = *instance->slots[i];
        wire->slots[i] = instance->shown[i];
    }
}

static void ask_use(struct asking *a)
{
    struct instance *instance = a->instance;
    struct turret_error why = {0};
    turret_indicator slot;
    uint32_t i;
    END_TEXT(a->body->use.expression);
    slot = a->host->use(a->self, a->body->use.instrument, a->body->use.timeframe_ns,
                        a->body->use.expression, &why);
    for (i = 0; slot && i < instance->slot_count && instance->slots[i] != slot; i++)
        ;
    if (slot && i == WIRE_SLOTS) {
        slot = NULL;
        (void)turret_fail(&why, TURRET_ELIMIT, "a strategy may use %d indicators", WIRE_SLOTS);
    }
    if (!slot) {
        a->reply->status = why.code ? why.code : TURRET_ENOTFOUND;
        a->reply->size = (uint32_t)sizeof why;
        memcpy(a->reply_body, &why, sizeof why);
        return;
    }
    if (i == instance->slot_count) {
        instance->slots[instance->slot_count++] = slot;
        instance->shown[i] = *slot;
        runner_wire(instance->runner)->slots[i] = *slot;
    }
    a->reply->a = i;
}

static void ask_target(struct asking *a)
{
    END_TEXT(a->body->target.reason);
    a->reply->status = a->host->target(a->self, (turret_instrument)a->head->a, a->body->target.qty,
                                       a->body->target.reason);
    a->instance->intents += a->reply->status != 0;
}

static void ask_submit(struct asking *a)
{
    END_TEXT(a->body->request.reason);
    a->reply->a = a->host->submit(a->self, &a->body->request);
    a->instance->intents += a->reply->a != 0;
}

static void ask_cancel(struct asking *a)
{
    a->reply->status = a->host->cancel(a->self, a->head->a);
    a->instance->intents += a->reply->status == TURRET_OK;
}

static void ask_modify(struct asking *a)
{
    const struct wire_modify *m = &a->body->modify;
    a->reply->status = a->host->modify(a->self, m->order_id, m->qty, m->limit_price, m->stop_price);
    a->instance->intents += a->reply->status == TURRET_OK;
}

static void ask_position(struct asking *a)
{
    a->reply->a = (uint64_t)a->host->position(a->self, (turret_instrument)a->head->a);
}

static void ask_account(struct asking *a)
{
    struct turret_account account = {0};
    a->reply->status = a->host->account(a->self, (turret_instrument)a->head->a, &account);
    if (a->reply->status != TURRET_OK)
        return; /* it keeps what it had */
    a->reply->size = (uint32_t)sizeof account;
    memcpy(a->reply_body, &account, sizeof account);
}

static void ask_instrument(struct asking *a)
{
    const struct turret_instrument_def *def =
        a->host->instrument(a->self, (turret_instrument)a->head->a);
    a->reply->status = def ? TURRET_OK : TURRET_ENOTFOUND;
    if (!def)
        return;
    a->reply->size = (uint32_t)sizeof *def;
    memcpy(a->reply_body, def, sizeof *def);
}

static void ask_fee(struct asking *a)
{
    a->reply->a = (uint64_t)a->host->fee(a->self, (turret_instrument)a->head->a, a->body->fee.qty,
                                         a->body->fee.price);
}

static void ask_score(struct asking *a)
{
    END_TEXT(a->body->score.reason);
    a->host->score(a->self, (turret_instrument)a->head->a, a->body->score.score,
                   a->body->score.reason);
}

static void ask_timer(struct asking *a)
{
    a->reply->status = a->head->a <= UINT32_MAX
                           ? a->host->timer(a->self, (uint32_t)a->head->a, (int64_t)a->head->b)
                           : TURRET_EINVAL;
}

static void ask_log(struct asking *a)
{
    strategy_clean_text(a->body->text, sizeof a->body->text);
    a->host->log(a->self, (uint32_t)a->head->a, a->body->text);
}

static void ask_deny(struct asking *a)
{
    END_TEXT(a->body->text); /* the rules make it safe to show */
    memcpy(a->instance->why, a->body->text, sizeof a->instance->why);
}

/* A piece of save()'s stream; bodies of streams are as long as they say. */
static void ask_write(struct asking *a)
{
    struct instance *instance = a->instance;
    size_t size = a->head->size;
    if (instance->writing.used + size > STREAM_MAX)
        a->reply->status = TURRET_ELIMIT;
    else if (!strategy_bytes_add(&instance->writing, runner_wire(instance->runner)->answers.body,
                                 size))
        a->reply->status = TURRET_ENOMEM;
    else
        a->reply->a = size;
}

static void ask_read(struct asking *a)
{
    struct instance *instance = a->instance;
    size_t left = instance->saved.used - instance->read_at;
    size_t size = a->head->a < left ? (size_t)a->head->a : left;
    if (size > WIRE_REPLY)
        size = WIRE_REPLY;
    if (size)
        memcpy(a->reply_body, instance->saved.at + instance->read_at, size);
    instance->read_at += size;
    a->reply->size = (uint32_t)size;
    a->reply->a = size;
}

static const struct {
    void (*answer)(struct asking *a);
    uint32_t size; /* of the body, exactly */
} answers[] = {
    [WIRE_ASK_USE] = {ask_use, sizeof(struct wire_use)},
    [WIRE_ASK_TARGET] = {ask_target, sizeof(struct wire_target)},
    [WIRE_ASK_SUBMIT] = {ask_submit, sizeof(struct turret_order_request)},
    [WIRE_ASK_CANCEL] = {ask_cancel, 0},
    [WIRE_ASK_MODIFY] = {ask_modify, sizeof(struct wire_modify)},
    [WIRE_ASK_POSITION] = {ask_position, 0},
    [WIRE_ASK_ACCOUNT] = {ask_account, 0},
    [WIRE_ASK_INSTRUMENT] = {ask_instrument, 0},
    [WIRE_ASK_FEE] = {ask_fee, sizeof(struct wire_fee)},
    [WIRE_ASK_SCORE] = {ask_score, sizeof(struct wire_score)},
    [WIRE_ASK_TIMER] = {ask_timer, 0},
    [WIRE_ASK_LOG] = {ask_log, 256},
    [WIRE_ASK_WRITE] = {ask_write, UINT32_MAX},
    [WIRE_ASK_READ] = {ask_read, 0},
    [WIRE_ASK_DENY] = {ask_deny, 256},
};

void strategy_answer(void *context, const struct wire_head *ask, struct wire_head *reply)
{
    struct instance *instance = context;
    struct wire_channel *wire = runner_wire(instance->runner);
    union ask_body body;
    struct asking asking = {instance, instance->self->host, instance->self, ask, &body,
                            reply,    wire->reply};
    if (ask->kind >= sizeof answers / sizeof *answers || !answers[ask->kind].answer) {
        runner_breach(instance->runner, "a question that does not exist");
        return;
    }
    if (answers[ask->kind].size != UINT32_MAX) {
        if (ask->size != answers[ask->kind].size) {
            runner_breach(instance->runner, "a question of another size");
            return;
        }
        wire_take(&body, wire->answers.body, ask->size);
    }
    answers[ask->kind].answer(&asking);
}
