/* SPDX-License-Identifier: Apache-2.0 */
/* A strategy in its runner: the host's table is made of questions. */
#include "runner/serve.h"

#include "isolation/params.h"

#include <stdlib.h>

static struct turret_strategy self;
static struct turret_param_value *params;
static struct wire_param *given; /* holds the texts */
static turret_instrument *instruments;

/* ---- turret_strategy_host ---- */

/* Cut to its field, the rest zero. */
static void put_text(char *to, size_t room, const char *from)
{
    size_t length = from ? strnlen(from, room - 1) : 0;
    memset(to, 0, room);
    if (length)
        memcpy(to, from, length);
}

static turret_indicator use(struct turret_strategy *who, turret_instrument instrument,
                            int64_t timeframe_ns, const char *expression, struct turret_error *err)
{
    struct wire_head ask = {.kind = WIRE_ASK_USE, .size = sizeof(struct wire_use)}, reply;
    struct wire_use body = {.instrument = instrument, .timeframe_ns = timeframe_ns};
    struct turret_error why;
    (void)who;
    if (strlen(expression) >= sizeof body.expression) {
        (void)turret_fail(err, TURRET_EINVAL, "indicator %.60s…: too long", expression);
        return NULL;
    }
    put_text(body.expression, sizeof body.expression, expression);
    memcpy(serve.wire->answers.body, &body, sizeof body);
    serve_ask(&ask, &reply);
    if (reply.status == TURRET_OK && reply.a < WIRE_SLOTS)
        return &serve.wire->slots[reply.a];
    memcpy(&why, serve.wire->reply, sizeof why);
    (void)turret_fail(err, why.code, "%s", why.text);
    return NULL;
}

static int32_t target(struct turret_strategy *who, turret_instrument instrument, turret_qty qty,
                      const char *reason)
{
    struct wire_head ask = {
        .kind = WIRE_ASK_TARGET, .size = sizeof(struct wire_target), .a = instrument};
    struct wire_head reply;
    struct wire_target body = {.qty = qty};
    (void)who;
    put_text(body.reason, sizeof body.reason, reason);
    memcpy(serve.wire->answers.body, &body, sizeof body);
    serve_ask(&ask, &reply);
    return reply.status;
}

static uint64_t submit(struct turret_strategy *who, const struct turret_order_request *request)
{
    struct wire_head ask = {.kind = WIRE_ASK_SUBMIT, .size = sizeof *request}, reply;
    const size_t least = offsetof(struct turret_order_request, expires); /* as the host reads it */
    size_t size = request->struct_size; /* an older build's is short */
    (void)who;
    size = size < least ? least : size;
    memset(serve.wire->answers.body, 0, sizeof *request);
    memcpy(serve.wire->answers.body, request, size < sizeof *request ? size : sizeof *request);
    serve_ask(&ask, &reply);
    return reply.a;
}

static int32_t cancel(struct turret_strategy *who, uint64_t order_id)
{
    const struct wire_head ask = {.kind = WIRE_ASK_CANCEL, .a = order_id};
    struct wire_head reply;
    (void)who;
    serve_ask(&ask, &reply);
    return reply.status;
}

static int32_t modify(struct turret_strategy *who, uint64_t order_id, turret_qty qty,
                      turret_price limit_price, turret_price stop_price)
{
    const struct wire_head ask = {.kind = WIRE_ASK_MODIFY, .size = sizeof(struct wire_modify)};
    const struct wire_modify body = {order_id, qty, limit_price, stop_price};
    struct wire_head reply;
    (void)who;
    memcpy(serve.wire->answers.body, &body, sizeof body);
    serve_ask(&ask, &reply);
    return reply.status;
}

static turret_qty position(struct turret_strategy *who, turret_instrument instrument)
{
    const struct wire_head ask = {.kind = WIRE_ASK_POSITION, .a = instrument};
    struct wire_head reply;
    (void)who;
    serve_ask(&ask, &reply);
    return (turret_qty)reply.a;
}

static int32_t account(struct turret_strategy *who, turret_instrument instrument,
                       struct turret_account *out)
{
    const struct wire_head ask = {.kind = WIRE_ASK_ACCOUNT, .a = instrument};
    struct wire_head reply;
    (void)who;
    serve_ask(&ask, &reply);
    if (reply.size == sizeof *out)
        memcpy(out, serve.wire->reply, sizeof *out);
    return reply.status;
}

static const struct turret_instrument_def *instrument_of(struct turret_strategy *who,
                                                         turret_instrument instrument)
{
    (void)who;
    return serve_instrument(instrument);
}

static turret_money fee(struct turret_strategy *who, turret_instrument instrument, turret_qty qty,
                        turret_price price)
{
    const struct wire_head ask = {
        .kind = WIRE_ASK_FEE, .size = sizeof(struct wire_fee), .a = instrument};
    const struct wire_fee body = {qty, price};
    struct wire_head reply;
    (void)who;
    memcpy(serve.wire->answers.body, &body, sizeof body);
    serve_ask(&ask, &reply);
    return (turret_money)reply.a;
}

static void score(struct turret_strategy *who, turret_instrument instrument, double value,
                  const char *reason)
{
    const struct wire_head ask = {
        .kind = WIRE_ASK_SCORE, .size = sizeof(struct wire_score), .a = instrument};
    struct wire_score body = {.score = value};
    struct wire_head reply;
    (void)who;
    put_text(body.reason, sizeof body.reason, reason);
    memcpy(serve.wire->answers.body, &body, sizeof body);
    serve_ask(&ask, &reply);
}

static int32_t timer(struct turret_strategy *who, uint32_t timer_id, turret_time_ns at)
{
    const struct wire_head ask = {.kind = WIRE_ASK_TIMER, .a = timer_id, .b = (uint64_t)at};
    struct wire_head reply;
    (void)who;
    serve_ask(&ask, &reply);
    return reply.status;
}

static void say(struct turret_strategy *who, uint32_t level, const char *text)
{
    const struct wire_head ask = {.kind = WIRE_ASK_LOG, .size = 256, .a = level};
    struct wire_head reply;
    (void)who;
    put_text((char *)serve.wire->answers.body, 256, text);
    serve_ask(&ask, &reply);
}

static const void *get_extension(struct turret_strategy *who, const char *name_and_revision)
{
    (void)who;
    (void)name_and_revision;
    return NULL; /* none are offered yet */
}

static const struct turret_strategy_host host = {
    (uint32_t)sizeof(struct turret_strategy_host),
    0,
    use,
    target,
    submit,
    cancel,
    modify,
    position,
    account,
    instrument_of,
    fee,
    score,
    timer,
    say,
    get_extension,
};

/* ---- calls ---- */

static size_t field_bytes(const struct turret_field *field)
{
    return field->count * (field->type == TURRET_FIELD_TYPE_I32 ? sizeof(int32_t) : 8);
}

/* The declared fields, one after the other, are every answer's body. */
static uint32_t pack_fields(const struct turret_strategy_type *type)
{
    unsigned char *to = serve.wire->answers.body;
    for (uint32_t i = 0; i < type->field_count; i++) {
        size_t size = field_bytes(&type->fields[i]);
        memcpy(to, (const char *)self.state + type->fields[i].offset, size);
        to += size;
    }
    return (uint32_t)(to - serve.wire->answers.body);
}

static void take_params(const unsigned char *from, uint32_t count)
{
    free(params);
    free(given);
    params = calloc(count + 1, sizeof *params);
    given = calloc(count + 1, sizeof *given);
    if (!params || !given)
        abort();
    memcpy(given, from, count * sizeof *given);
    params_unpack(given, count, params);
}

static void ready_state(const struct turret_strategy_type *type)
{
    if (!self.state)
        self.state = calloc(1, type->state_size ? type->state_size : 1);
    if (!self.state)
        abort();
    self.host = &host;
}

static void on_start(const struct turret_strategy_type *type, struct wire_head *done)
{
    const unsigned char *at = serve.wire->calls.body;
    struct wire_start body;
    struct turret_start start = {.struct_size = (uint32_t)sizeof start};
    struct turret_error why = {0};
    int status;
    memcpy(&body, at, sizeof body);
    at += sizeof body;
    take_params(at, body.param_count);
    at += body.param_count * sizeof(struct wire_param);
    free(instruments);
    instruments = calloc(body.instrument_count + 1, sizeof *instruments);
    if (!instruments)
        abort();
    memcpy(instruments, at, body.instrument_count * sizeof *instruments);
    at += body.instrument_count * sizeof *instruments;
    for (uint32_t i = 0; i < type->field_count; i++) {
        memcpy((char *)self.state + type->fields[i].offset, at, field_bytes(&type->fields[i]));
        at += field_bytes(&type->fields[i]);
    }
    start.reason = body.reason;
    start.params = params;
    start.instruments = instruments;
    start.param_count = body.param_count;
    start.instrument_count = body.instrument_count;
    start.timeframe_ns = body.timeframe_ns;
    start.now = body.now;
    status = type->on_start(&self, &start, &why);
    if (status || why.code)
        serve_refuse(&why, status, done);
}

static void save(const struct turret_strategy_type *type, struct wire_head *done)
{
    struct turret_stream stream = serve_stream_out(type->state_schema);
    struct turret_error why = {0};
    done->status = type->save(&self, &stream, &why);
    if (done->status == TURRET_OK)
        done->status = serve_stream_flush();
}

static void load(const struct turret_strategy_type *type, uint32_t schema, struct wire_head *done)
{
    struct turret_stream stream = serve_stream_in(schema);
    struct turret_error why = {0};
    int status = type->load(&self, &stream, &why);
    if (status)
        serve_refuse(&why, status, done);
}

/* Why it says no goes ahead of the answer, whose body is the fields. */
static void check(const struct turret_strategy_type *type, struct wire_head *done)
{
    const struct wire_head ask = {.kind = WIRE_ASK_DENY, .size = 256};
    struct wire_head reply;
    struct wire_check body;
    struct turret_error why = {0};
    memcpy(&body, serve.wire->calls.body, sizeof body);
    done->status = type->on_check(&self, &body.order, &body.account, &why);
    if (done->status == TURRET_OK)
        return;
    put_text((char *)serve.wire->answers.body, 256, why.text);
    serve_ask(&ask, &reply);
}

void serve_strategy(const struct wire_head *call, struct wire_head *done)
{
    const struct turret_strategy_type *type = &serve.offer->strategy;
    const void *body = serve.wire->calls.body;
    ready_state(type);
    switch (call->kind) {
    case WIRE_START:
        on_start(type, done);
        break;
    case WIRE_STOP:
        if (type->on_stop)
            type->on_stop(&self, (uint32_t)call->a);
        break;
    case WIRE_BAR:
        type->on_bar(&self, body);
        break;
    case WIRE_TRADE:
        type->on_trade(&self, body);
        break;
    case WIRE_QUOTE:
        type->on_quote(&self, body);
        break;
    case WIRE_LEVEL:
        type->on_level(&self, body);
        break;
    case WIRE_STATUS:
        type->on_status(&self, body);
        break;
    case WIRE_ORDER:
        type->on_order(&self, body);
        break;
    case WIRE_FILL:
        type->on_fill(&self, body);
        break;
    case WIRE_TIMER:
        type->on_timer(&self, (uint32_t)call->a, (turret_time_ns)call->b);
        break;
    case WIRE_CHECK:
        check(type, done);
        break;
    case WIRE_SAVE:
        save(type, done);
        break;
    case WIRE_LOAD:
        load(type, (uint32_t)call->a, done);
        break;
    case WIRE_CONVERT:
        serve_convert(call, done);
        break;
    default:
        abort();
    }
    if (done->kind == WIRE_DONE)
        done->size = pack_fields(type);
}
