/* SPDX-License-Identifier: Apache-2.0 */
#include "session/live_audit.h"

#include "config/walk.h"
#include "core/trading.h"
#include "io/clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- into the batch ---- */

static void put_failed(struct live *live)
{
    if (!live->failed)
        live->failed = turret_fail(&live->failure, TURRET_EFULL,
                                   "there is no room for an audit record; trading stops");
}

void live_audit_flush(struct live *live)
{
    if (!live->batch || !live->audits || store_batch_empty(live->audits))
        return;
    if (store_batch_append(live->batch, live->audits) == TURRET_OK)
        store_batch_clear(live->audits);
}

static void put(struct live *live, enum audit_kind kind, const struct audit_text *text)
{
    const struct audit_record record = {.time = clock_unix_ns(),
                                        .sequence =
                                            live->engine ? engine_sequence(live->engine) : 0,
                                        .kind = (uint16_t)kind,
                                        .text_bytes = text->size_bytes,
                                        .text = text->bytes};
    if (live->replaying || !live->audits)
        return;
    live->audit_moved = true;
    live_audit_flush(live);
    if (live->batch && store_batch_empty(live->audits) &&
        store_batch_audit(live->batch, &record) == TURRET_OK)
        return;
    if (store_batch_audit(live->audits, &record))
        put_failed(live);
    if (live->loop)
        loop_wake(live->loop);
}

static void put_head(struct live *live)
{
    if (store_batch_head(live->batch, clock_unix_ns()))
        put_failed(live);
    live->audit_moved = false;
    live->head_sequence = engine_sequence(live->engine);
    live->head_ns = clock_monotonic_ns();
}

void live_audit_second(struct live *live)
{
    bool moved = live->audit_moved || engine_sequence(live->engine) != live->head_sequence;
    live_audit_flush(live);
    if (moved && live->batch && clock_monotonic_ns() - live->head_ns >= LIVE_HEAD_NS)
        put_head(live);
}

int live_audit_open(struct live *live, const struct config *config, struct turret_error *err)
{
    char key[CONFIG_PATH_MAX + 16], heads[CONFIG_PATH_MAX + 16];
    int status = store_batch_create(&live->audits, LIVE_AUDIT_WAIT_BYTES, err);
    if (status)
        return status;
    audit_path(key, sizeof key, config->audit.key, config->store, AUDIT_KEY_NAME);
    audit_path(heads, sizeof heads, config->audit.heads, config->store, AUDIT_HEADS_NAME);
    return store_audit_open(live->store, key, heads, &live->heads_added, err);
}

/* ---- sessions ---- */

static void put_lost_heads(struct live *live)
{
    struct audit_text text;
    if (live->heads_added <= 1) /* the line of the last head before a crash */
        return;
    audit_begin(&text);
    audit_add(&text, "added", "%" PRIu64, live->heads_added);
    put(live, AUDIT_HEADS, &text);
    live_say(live, "turret: the heads file lacked %" PRIu64 " signed heads, which were added\n",
             live->heads_added);
}

static int put_instance(void *context, const struct registry_instance *instance)
{
    struct live *live = context;
    struct audit_text text;
    if (!instance->plugin)
        return 0;
    audit_begin(&text);
    audit_add(&text, "what", "runs");
    audit_add(&text, "instance", "%s", instance->name);
    audit_add(&text, "plugin", "%s", instance->plugin->file.note.id);
    audit_add(&text, "version", "%s", instance->plugin->file.note.version);
    audit_add(&text, "build", "%s", instance->plugin->file.build_id);
    put(live, AUDIT_CODE, &text);
    return 0;
}

void live_audit_session(struct live *live, const char *what)
{
    char hash[SEAL_HEX(32)];
    struct audit_text text;
    bool starts = !strcmp(what, "started");
    seal_to_hex(live->config->hash, sizeof live->config->hash, hash);
    audit_begin(&text);
    audit_add(&text, "what", "%s", what);
    audit_add(&text, "by", "uid %u pid %d", (unsigned)getuid(), (int)getpid());
    audit_add(&text, "version", "%s", live->options.version ? live->options.version : "");
    audit_add(&text, "mode", "%s",
              live->config->mode == CONFIG_LIVE    ? "live"
              : live->config->mode == CONFIG_PAPER ? "paper"
                                                   : "backtest");
    audit_add(&text, "epoch", "%u", engine_epoch(live->engine));
    audit_add(&text, "config", "%" PRIu64, live->config_version);
    audit_add(&text, "hash", "%s", hash);
    put(live, AUDIT_SESSION, &text);
    if (starts) {
        put_lost_heads(live);
        (void)registry_each_instance(live->registry, put_instance, live);
    }
    put_head(live);
}

/* ---- configurations and their limits ---- */

static void add_asker(const struct live *live, struct audit_text *text)
{
    struct control_asker asker;
    if (live->control && control_asker(live->control, &asker))
        audit_add(text, "by", "uid %u pid %d", (unsigned)asker.uid, (int)asker.pid);
}

static bool is_limit(const char *path)
{
    return strncmp(path, "risk.", 5) == 0 || strstr(path, ".limits.") != NULL;
}

/* "- path: value" or "+ path: value". */
struct change {
    char sign;
    char path[320], value[512];
};

static bool parse_line(const char *line, size_t length, struct change *change)
{
    const char *path = line + 2, *colon;
    if (length < 2 || (line[0] != '-' && line[0] != '+'))
        return false;
    colon = memmem(path, length - 2, ": ", 2);
    if (!colon)
        return false;
    change->sign = line[0];
    (void)snprintf(change->path, sizeof change->path, "%.*s", (int)(colon - path), path);
    (void)snprintf(change->value, sizeof change->value, "%.*s",
                   (int)(length - (size_t)(colon + 2 - line)), colon + 2);
    return true;
}

static void put_limit(struct live *live, const struct version *version, const char *path,
                      const char *from, const char *to)
{
    struct audit_text text;
    audit_begin(&text);
    audit_add(&text, "limit", "%s", path);
    audit_add(&text, "from", "%s", from);
    audit_add(&text, "to", "%s", to);
    audit_add(&text, "config", "%" PRIu64, version->number);
    put(live, AUDIT_LIMIT, &text);
}

/* A line that takes away is followed by the one that puts in place, when there is one. */
static void put_limits(struct live *live, const struct version *version)
{
    const char *line = version->diff;
    struct change was = {.sign = 0}, now;
    while (*line) {
        size_t length = strcspn(line, "\n");
        if (parse_line(line, length, &now) && is_limit(now.path)) {
            bool same = was.sign == '-' && strcmp(was.path, now.path) == 0;
            if (was.sign == '-' && !same)
                put_limit(live, version, was.path, was.value, "gone");
            if (now.sign == '+')
                put_limit(live, version, now.path, same ? was.value : "none", now.value);
            was = now;
        }
        line += length + (line[length] == '\n');
    }
    if (was.sign == '-')
        put_limit(live, version, was.path, was.value, "gone");
}

void live_audit_config(struct live *live, const struct version *version)
{
    char hash[SEAL_HEX(32)];
    struct audit_text text;
    seal_to_hex(version->hash, sizeof version->hash, hash);
    audit_begin(&text);
    audit_add(&text, "what", "in force");
    audit_add(&text, "config", "%" PRIu64, version->number);
    audit_add(&text, "cause", "%s", version->cause);
    add_asker(live, &text);
    audit_add(&text, "hash", "%s", hash);
    audit_add(&text, "diff", "%s", version->diff);
    put(live, AUDIT_CONFIG, &text);
    put_limits(live, version);
}

void live_audit_refused_config(struct live *live, const char *cause, const char *why)
{
    struct audit_text text;
    audit_begin(&text);
    audit_add(&text, "what", "refused");
    audit_add(&text, "cause", "%s", cause);
    add_asker(live, &text);
    audit_add(&text, "why", "%s", why);
    put(live, AUDIT_CONFIG, &text);
}

/* ---- code ---- */

void live_audit_swap(struct live *live, const struct row_swap *row)
{
    static const char *const phases[] = {"?",     "prepared",    "committed",
                                         "ended", "rolled back", "retired"};
    char from[65], to[65];
    struct audit_text text;
    rows_build_hex(row->from_build, from);
    rows_build_hex(row->to_build, to);
    audit_begin(&text);
    audit_add(&text, "what", "%s", phases[row->phase <= SWAP_RETIRE ? row->phase : 0]);
    audit_add(&text, "instance", "%s", row->instance);
    audit_add(&text, "plugin", "%s", row->plugin);
    audit_add(&text, "from", "%s", row->from_version);
    audit_add(&text, "to", "%s", row->to_version);
    audit_add(&text, "from_build", "%s", from);
    audit_add(&text, "to_build", "%s", to);
    audit_add(&text, "why", "%.*s", (int)sizeof row->reason, row->reason);
    put(live, AUDIT_CODE, &text);
}

void live_audit_code(struct live *live, const char *what, const char *why)
{
    struct audit_text text;
    audit_begin(&text);
    audit_add(&text, "what", "%s", what);
    audit_add(&text, "why", "%s", why);
    put(live, AUDIT_CODE, &text);
}

void live_audit_shadow(struct live *live, const char *difference)
{
    struct audit_text text;
    audit_begin(&text);
    audit_add(&text, "difference", "%s", difference);
    put(live, AUDIT_SHADOW, &text);
}

/* ---- denials ---- */

/* Which limit a denial is about; the others are about none. */
static const struct {
    uint32_t denial;
    const char *limit;
} limits[] = {
    {DENY_STALE_REFERENCE, "reference_age"},
    {DENY_COLLAR, "collar"},
    {DENY_COLLAR_WINDOW, "collar_drift"},
    {DENY_ORDER_QTY, "max_order_qty"},
    {DENY_ORDER_NOTIONAL, "max_order"},
    {DENY_OPEN_ORDERS, "max_open_orders"},
    {DENY_UNEXECUTED, "max_unexecuted"},
    {DENY_POSITION, "max_position"},
    {DENY_POSITION_NOTIONAL, "max_position_value"},
    {DENY_GROSS_EXPOSURE, "gross_exposure"},
    {DENY_NET_EXPOSURE, "net_exposure"},
    {DENY_CONCENTRATION, "concentration"},
    {DENY_SECTOR, "sector"},
    {DENY_BUYING_POWER, "leverage"},
    {DENY_DUPLICATE, "duplicate_window"},
    {DENY_SELF_TRADE, "self_trade"},
    {DENY_MESSAGE_RATE, "orders_per_minute"},
    {DENY_REPEATED_FILLS, "fills_per_minute"},
    {DENY_ORDER_TO_TRADE, "messages_per_fill"},
    {DENY_DAILY_LOSS, "daily_loss"},
    {DENY_DRAWDOWN, "drawdown"},
    {DENY_LOSS_STREAK, "loss_streak"},
    {DENY_CORRELATION, "correlation"},
    {DENY_CLOCK_SKEW, "max_clock_skew"},
};

/* The account's limit, and the strategy's where it has one of its own. */
static void add_limit(const struct live *live, struct audit_text *text, uint32_t strategy,
                      uint32_t denial)
{
    char value[64];
    size_t i = 0;
    while (i < sizeof limits / sizeof *limits && limits[i].denial != denial)
        i++;
    if (i == sizeof limits / sizeof *limits)
        return;
    audit_add(text, "limit", "%s", limits[i].limit);
    audit_add(text, "account", "%s",
              walk_limit(&live->config->risk, limits[i].limit, value, sizeof value) ? value
                                                                                    : "not set");
    if (strategy < live->config->strategy_count &&
        walk_limit(&live->config->strategies[strategy].limits, limits[i].limit, value,
                   sizeof value))
        audit_add(text, "own", "%s", value);
}

static void add_decimal(struct audit_text *text, const char *name, int64_t value, int32_t scale)
{
    char decimal[48];
    if (value == 0)
        return;
    money_format(value, scale, decimal, sizeof decimal);
    audit_add(text, name, "%s", decimal);
}

void live_audit_denial(struct live *live, const struct order *order, uint32_t denial)
{
    const struct turret_instrument_def *def = engine_instrument(live->engine, order->instrument);
    struct audit_text text;
    if (live->replaying)
        return;
    audit_begin(&text);
    audit_add(&text, "strategy", "%s",
              order->strategy < engine_strategy_count(live->engine)
                  ? engine_strategy_name(live->engine, order->strategy)
                  : "");
    audit_add(&text, "what", "%s",
              order->state == TURRET_STATE_DENIED ? "order" : "change of an order");
    audit_add(&text, "order", "%" PRIu64, order->id);
    audit_add(&text, "code", "%s", denial_name(denial));
    audit_add(&text, "why", "%s", engine_denial_text(live->engine, denial));
    add_limit(live, &text, order->strategy, denial);
    audit_add(&text, "side", "%s", order_side_name(order->side));
    audit_add(&text, "type", "%s", order_type_name(order->type));
    if (def) {
        audit_add(&text, "instrument", "%.32s.%.16s", def->symbol, def->venue);
        add_decimal(&text, "qty", order->qty, def->qty_scale);
        add_decimal(&text, "price", order->limit_price, def->price_scale);
        add_decimal(&text, "stop", order->stop_price, def->price_scale);
        add_decimal(&text, "mark", engine_mark(live->engine, order->instrument), def->price_scale);
    } else {
        audit_add(&text, "qty", "%" PRId64, order->qty);
    }
    put(live, AUDIT_DENIAL, &text);
}

/* ---- decisions ---- */

/* What a decision is called, and what it is about. */
enum decision_about {
    ABOUT_NOTHING,
    ABOUT_STRATEGY,
    ABOUT_VENUE,
    ABOUT_CASH,
    ABOUT_SCOPE,
    ABOUT_ORDER,
    ABOUT_STOPS
};
static const struct decision {
    const char *what;
    enum decision_about about;
} decisions[] = {
    [CONTROL_START_STRATEGY] = {"start", ABOUT_STRATEGY},
    [CONTROL_STOP_STRATEGY] = {"stop", ABOUT_STRATEGY},
    [CONTROL_PAUSE_STRATEGY] = {"pause", ABOUT_STRATEGY},
    [CONTROL_FAULT_STRATEGY] = {"fault", ABOUT_STRATEGY},
    [CONTROL_TRADING_STATE] = {"trading state", ABOUT_SCOPE},
    [CONTROL_CASH] = {"cash", ABOUT_CASH},
    [CONTROL_RESET_STOPS] = {"reset stops", ABOUT_STOPS},
    [CONTROL_RESTART_STRATEGY] = {"restart", ABOUT_STRATEGY},
    [CONTROL_TRADING_RESUME] = {"resume", ABOUT_SCOPE},
    [CONTROL_TRADING_REVIVE] = {"resume killed", ABOUT_SCOPE},
    [CONTROL_RESOLVE_ORDER] = {"order resolved", ABOUT_ORDER},
    [CONTROL_ADOPT] = {"adopt", ABOUT_VENUE},
    [CONTROL_KEPT_BACK] = {"kept back", ABOUT_ORDER},
    [CONTROL_FLATTEN] = {"flatten", ABOUT_SCOPE},
    [CONTROL_FLATTEN_KILLED] = {"flatten killed", ABOUT_SCOPE},
};

static void add_cash(struct audit_text *text, const struct event_control *control)
{
    char amount[48];
    money_format(control->value, MONEY_SCALE, amount, sizeof amount);
    audit_add(text, "value", "%s", amount);
    audit_add(text, "currency", "%.*s", (int)sizeof control->currency, control->currency);
}

static void add_about(const struct live *live, struct audit_text *text, enum decision_about about,
                      const struct event_control *control)
{
    if (about == ABOUT_STRATEGY && control->target < engine_strategy_count(live->engine)) {
        audit_add(text, "strategy", "%s", engine_strategy_name(live->engine, control->target));
    } else if ((about == ABOUT_VENUE || about == ABOUT_CASH) &&
               control->target < live->config->venue_count) {
        audit_add(text, "venue", "%s", live->config->venues[control->target].name);
    } else if (about == ABOUT_SCOPE) {
        audit_add(text, "scope", "%s", trading_scope_name(control->target));
        if (control->name[0])
            audit_add(text, "name", "%.*s", (int)sizeof control->name, control->name);
        audit_add(text, "state", "%s", trading_state_name((uint32_t)control->value));
        audit_add(text, "who", "%.*s", (int)sizeof control->who, control->who);
    } else if (about == ABOUT_ORDER) {
        audit_add(text, "order", "%" PRId64, control->value);
        audit_add(text, "code", "%u", control->target);
    }
    if (about == ABOUT_CASH)
        add_cash(text, control);
    else if (about == ABOUT_STOPS)
        audit_add(text, "who", "%.*s", (int)sizeof control->who, control->who);
    else if (about != ABOUT_SCOPE && about != ABOUT_ORDER)
        audit_add(text, "value", "%" PRId64, control->value);
}

void live_audit_decision(struct live *live, const struct event *event)
{
    const struct event_control *control = &event->u.control;
    const struct decision *decision = NULL;
    struct audit_text text;
    if (control->kind < sizeof decisions / sizeof *decisions && decisions[control->kind].what)
        decision = &decisions[control->kind];
    audit_begin(&text);
    if (decision)
        audit_add(&text, "what", "%s", decision->what);
    else
        audit_add(&text, "what", "kind %u", control->kind);
    audit_add(&text, "journal", "%" PRIu64, event->sequence);
    add_about(live, &text, decision ? decision->about : ABOUT_NOTHING, control);
    audit_add(&text, "why", "%.*s", (int)sizeof control->text, control->text);
    put(live, AUDIT_DECISION, &text);
}

/* ---- commands ---- */

/* Those that only look; a flatten is followed by many that ask what became of it. */
static bool looks(const char *name, const json_t *request)
{
    static const char *const names[] = {"status", "swap-outcome"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return strcmp(name, "flatten") == 0 && json_is_true(json_object_get(request, "look"));
}

json_t *live_audit_command(struct live *live, const json_t *request, live_answer_fn *answer)
{
    const char *name = json_string_value(json_object_get(request, "command"));
    const json_t *error;
    struct audit_text text;
    json_t *reply, *shown;
    char *asked;
    if (name && looks(name, request))
        return answer(live, request);
    live_audit_flush(live);
    if (live->audits && store_batch_room(live->audits) < sizeof text)
        return control_error(TURRET_EBUSY, "the audit waits for the store; try again");
    reply = answer(live, request);
    shown = json_copy((json_t *)(uintptr_t)request);
    (void)json_object_del(shown, CONTROL_UNTIL);
    asked = json_dumps(shown, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(shown);
    error = json_object_get(reply, "error");
    audit_begin(&text);
    audit_add(&text, "command", "%s", name ? name : "");
    add_asker(live, &text);
    audit_add(&text, "asked", "%s", asked ? asked : "");
    audit_add(&text, "answer", "%s", error ? "refused" : "done");
    if (error)
        audit_add(&text, "why", "%s", json_string_value(json_object_get(error, "text")));
    free(asked);
    put(live, AUDIT_COMMAND, &text);
    return reply;
}
