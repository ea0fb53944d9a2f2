/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of the configuration, asked in its order; the first that says no is the last asked. */
#include "core/risk.h"

#include <ctype.h>
#include <string.h>

struct question {
    struct turret_order order;
    struct turret_account account;
    int32_t status; /* of the acting build */
    struct turret_error why;
};

/* A build beside is asked too, so that its state goes along; nobody hears its answer. */
static void call_check(struct incarnation *incarnation, const void *payload)
{
    struct question *question = (struct question *)(uintptr_t)payload;
    struct turret_error unheard = {0};
    bool acts = incarnation == incarnation->owner->acting;
    int32_t status;
    if (!incarnation->type->on_check)
        return;
    status = incarnation->type->on_check(&incarnation->handle, &question->order, &question->account,
                                         acts ? &question->why : &unheard);
    if (acts)
        question->status = status;
}

/* Another's words: one line that ends. */
static void clean(char *text, size_t room)
{
    size_t i;
    text[room - 1] = '\0';
    for (i = 0; text[i]; i++)
        if (iscntrl((unsigned char)text[i]))
            text[i] = ' ';
}

/* Why it cannot be asked; NULL: it can. */
static const char *cannot_say(const struct strategy *rule)
{
    if (rule->run == STRATEGY_FAULT)
        return "it is disabled";
    if (rule->run != STRATEGY_RUNNING)
        return "it is not running";
    return rule->acting->ready ? NULL : "its indicators are not ready";
}

static uint32_t denies(struct engine *engine, const struct strategy *rule, const char *why)
{
    return risk_words(engine, DENY_RULE, rule->name, why);
}

static uint32_t ask(struct engine *engine, struct strategy *rule, const struct order *order)
{
    struct question question;
    const char *cannot = cannot_say(rule);
    memset(&question, 0, sizeof question);
    if (cannot)
        return denies(engine, rule, cannot);
    strategy_view_order(engine, order, &question.order);
    question.order.updated = engine->now;
    if (strategy_host.account(&rule->acting->handle, order->instrument, &question.account))
        return denies(engine, rule, "the order's account is not known");
    question.status = TURRET_EFAULT;
    engine->rules.asking = true;
    strategy_give(rule, call_check, &question);
    engine->rules.asking = false;
    if (rule->run != STRATEGY_RUNNING)
        return denies(engine, rule, "it was disabled when it was asked");
    if (!rule->acting->type->on_check) /* one that rides beside was asked: it may act again */
        return denies(engine, rule, "its plugin checks no orders");
    if (question.status == TURRET_OK)
        return DENY_NONE;
    clean(question.why.text, sizeof question.why.text);
    return denies(engine, rule, question.why.text[0] ? question.why.text : "it gave no reason");
}

uint32_t rules_ask(const struct candidate *c)
{
    struct engine *engine = c->engine;
    uint32_t i, denial = DENY_NONE;
    if (!risk_increases_any(c))
        return DENY_NONE;
    for (i = 0; i < engine->rules.count && denial == DENY_NONE; i++)
        denial = ask(engine, &engine->strategies[engine->rules.strategy[i]], c->order);
    return denial;
}

int engine_add_rule(struct engine *engine, const char *name, bool known, struct turret_error *err)
{
    uint32_t s = 0;
    while (s < engine->strategy_count && strcmp(engine->strategies[s].name, name) != 0)
        s++;
    if (s == engine->strategy_count)
        return turret_fail(err, TURRET_ENOTFOUND, "rule %s is no strategy", name);
    if (!known && !engine->strategies[s].acting->type->on_check)
        return turret_fail(err, TURRET_EINVAL,
                           "rule %s: its plugin %s checks no orders (it has no on_check)", name,
                           engine->strategies[s].acting->type->id);
    if (engine->rules.count == ENGINE_RULES_MAX)
        return turret_fail(err, TURRET_ELIMIT, "more than %d rules", ENGINE_RULES_MAX);
    engine->rules.strategy[engine->rules.count++] = s;
    return TURRET_OK;
}
