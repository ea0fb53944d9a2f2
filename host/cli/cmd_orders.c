/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turret orders: what was ordered and what became of it.
 */
#include "cli/json.h"
#include "cli/newest.h"
#include "research/when.h"

#include <ctype.h>
#include <string.h>

static const char *const headings[] = {"id",  "updated", "strategy", "instrument", "side",   "type",
                                       "qty", "filled",  "price",    "state",      "linked", "why"};
#define COLUMNS (sizeof headings / sizeof headings[0])
#define RIGHT   (1u << 0 | 1u << 6 | 1u << 7 | 1u << 8)
#define WHY_MAX 160

struct listing {
    struct newest newest;
    bool open_only;
};

static bool has_limit(const struct order *order)
{
    return order->type == TURRET_ORDER_LIMIT || order->type == TURRET_ORDER_STOP_LIMIT;
}

static bool has_stop(const struct order *order)
{
    return order->type >= TURRET_ORDER_STOP;
}

static const char *request_name(uint8_t request)
{
    static const char *const names[] = {"none", "modify", "cancel"};
    return request <= TURRET_REQUEST_PENDING_CANCEL ? names[request] : "?";
}

/* What it is to its parent; NULL: nobody asked for it but its strategy. */
static const char *role_name(uint8_t role)
{
    static const char *const names[] = {
        [ORDER_OWN] = NULL, [ORDER_EXIT] = "exit", [ORDER_SLICE] = "part"};
    return names[role];
}

static json_t *id_json(uint64_t id)
{
    return id ? json_integer((json_int_t)id) : json_null();
}

static int take_order(void *context, const struct row_order *row)
{
    struct listing *listing = context;
    return newest_add(&listing->newest, &row->names,
                      !listing->open_only || !order_is_terminal(&row->order));
}

static json_t *decimal_json(bool there, int64_t value, int32_t scale)
{
    return there ? cli_json_decimal(value, scale) : json_null();
}

/* With the values that the check had. */
static const char *put_denial(const struct order *order, char text[WHY_MAX])
{
    const char *values = order->venue_reason;
    bool has = values[0] == '-' || isdigit((unsigned char)values[0]);
    (void)snprintf(text, WHY_MAX, "%s%s%s", denial_text(order->denial), has ? ": " : "",
                   has ? values : "");
    return text;
}

/* What was asked for beyond quantity and prices; null: that was not. */
static json_t *asked_json(const struct order *order, const struct row_names *names)
{
    const int32_t scale = names->price_scale;
    return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "post_only",
                     (order->flags & TURRET_ORDER_POST_ONLY) != 0, "trail",
                     decimal_json(order->trail > 0, order->trail, scale), "expires",
                     order->expires ? cli_json_time(order->expires) : json_null(), "display_qty",
                     decimal_json(order->display_qty > 0, order->display_qty, names->qty_scale),
                     "take_profit", decimal_json(order->take_profit > 0, order->take_profit, scale),
                     "stop_loss", decimal_json(order->stop_loss > 0, order->stop_loss, scale),
                     "stop_trail", decimal_json(order->stop_trail > 0, order->stop_trail, scale));
}

static json_t *order_json(const void *of)
{
    const struct row_order *row = of;
    const struct row_names *names = &row->names;
    const struct order *order = &row->order;
    char build[65], denial[WHY_MAX];
    json_t *value = json_pack(
        "{s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:o, s:o, s:o, s:o}", "id",
        (json_int_t)order->id, "strategy", records_strategy_json(names), "symbol", names->symbol,
        "venue", names->venue, "side", order_side_name(order->side), "type",
        order_type_name(order->type), "tif", order_tif_name(order->tif), "state",
        order_state_name(order->state), "request", request_name(order->request), "reduce_only",
        (order->flags & TURRET_ORDER_REDUCE_ONLY) != 0, "by_target", order->by_target != 0, "qty",
        cli_json_decimal(order->qty, names->qty_scale), "filled_qty",
        cli_json_decimal(order->filled_qty, names->qty_scale), "limit_price",
        decimal_json(has_limit(order), order->limit_price, names->price_scale), "stop_price",
        decimal_json(has_stop(order), order->stop_price, names->price_scale));
    json_t *asked = asked_json(order, names), *rest;
    rows_build_hex(order->build, build);
    rest = json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:s?, s:o, s:o, s:I, s:o}",
        "currency", names->currency, "filled_value",
        cli_json_decimal(order->filled_value, MONEY_SCALE), "fees",
        cli_json_decimal(order->fees, MONEY_SCALE), "denial",
        order->denial ? json_string(denial_name(order->denial)) : json_null(), "denial_text",
        order->denial ? json_string(put_denial(order, denial)) : json_null(), "reason",
        records_text_json(order->reason), "venue_order_id",
        records_text_json(order->venue_order_id), "venue_reason",
        records_text_json(order->venue_reason), "created", cli_json_time(order->created), "updated",
        cli_json_time(order->updated), "sequence", (json_int_t)order->sequence, "role",
        role_name(order->role), "parent", id_json(order->parent), "pair", id_json(order->oco),
        "config_version", (json_int_t)order->config_version, "build", records_text_json(build));
    if (json_object_update(value, asked) || json_object_update(value, rest)) {
        json_decref(value);
        value = NULL;
    }
    json_decref(asked);
    json_decref(rest);
    return value;
}

/* "99.5", of a stop order its stop price, of a stop limit "stop/limit", "99.5 trail 1.5". */
static void put_price(const struct row_order *row, char *text, size_t room)
{
    const struct order *order = &row->order;
    char limit[RECORDS_DECIMAL_MAX] = "", stop[RECORDS_DECIMAL_MAX] = "";
    char trail[RECORDS_DECIMAL_MAX] = "";
    if (has_limit(order))
        (void)records_decimal(order->limit_price, row->names.price_scale, limit);
    if (has_stop(order))
        (void)records_decimal(order->stop_price, row->names.price_scale, stop);
    if (order->trail > 0)
        (void)records_decimal(order->trail, row->names.price_scale, trail);
    (void)snprintf(text, room, "%s%s%s%s%s", stop, stop[0] && limit[0] ? "/" : "", limit,
                   trail[0] ? " trail " : "", trail);
}

/* "part of 12", "exit of 12, pair 14", "pair 14". */
static void put_linked(const struct order *order, char *text, size_t room)
{
    const char *role = role_name(order->role);
    char parent[32] = "", pair[32] = "";
    if (order->parent)
        (void)snprintf(parent, sizeof parent, " of %llu", (unsigned long long)order->parent);
    if (order->oco)
        (void)snprintf(pair, sizeof pair, "%spair %llu", role ? ", " : "",
                       (unsigned long long)order->oco);
    (void)snprintf(text, room, "%s%s%s", role ? role : "", parent, pair);
}

/* Why it stands as it does; what a rule said is with the order itself. A stop that went looks like
   any market order: what it was for is said, too. */
static const char *why_of(const struct order *order, char text[WHY_MAX])
{
    if (order->denial && (order->denial != DENY_RULE || !order->venue_reason[0]))
        return put_denial(order, text);
    if (!order->venue_reason[0])
        return order->reason;
    if (!order->was_stop || !order->reason[0])
        return order->venue_reason;
    (void)snprintf(text, WHY_MAX, "%s (%s)", order->venue_reason, order->reason);
    return text;
}

static int order_cells(struct text_table *table, const void *of)
{
    const struct row_order *row = of;
    const struct row_names *names = &row->names;
    const struct order *order = &row->order;
    char id[24], updated[WHEN_TEXT_MAX], instrument[64], qty[RECORDS_DECIMAL_MAX],
        filled[RECORDS_DECIMAL_MAX], price[3 * RECORDS_DECIMAL_MAX], linked[72], why[WHY_MAX];
    const char *cells[COLUMNS] = {id,
                                  updated,
                                  names->strategy,
                                  instrument,
                                  order_side_name(order->side),
                                  order_type_name(order->type),
                                  records_decimal(order->qty, names->qty_scale, qty),
                                  records_decimal(order->filled_qty, names->qty_scale, filled),
                                  price,
                                  order_state_name(order->state),
                                  linked,
                                  why_of(order, why)};
    (void)snprintf(id, sizeof id, "%llu", (unsigned long long)order->id);
    (void)snprintf(instrument, sizeof instrument, "%s.%s", names->symbol, names->venue);
    when_print(order->updated, updated, sizeof updated);
    put_price(row, price, sizeof price);
    put_linked(order, linked, sizeof linked);
    return text_table_row(table, cells);
}

static const struct newest_form form = {"orders", headings,   COLUMNS,
                                        RIGHT,    order_json, order_cells};

static int run(struct cli *cli)
{
    struct turret_error err = {0};
    struct listing listing = {.open_only = cli_flag(cli, "open")};
    struct store *store;
    int code = newest_begin(&listing.newest, cli, sizeof(struct row_order),
                            listing.open_only ? RECORDS_LIMIT_MAX : RECORDS_LIMIT_DEFAULT);
    if (code)
        return code;
    if (listing.open_only && cli_flag(cli, "all"))
        return cli_usage(cli, "--open and --all exclude each other");
    if (!records_open(&store, cli, &err)) {
        (void)records_orders(store, take_order, &listing, &err);
        if (!newest_check(&listing.newest, store, &err)) {
            newest_print(&listing.newest, cli, &form, &err);
            newest_explain(&listing.newest, cli, listing.open_only ? "open orders" : "orders");
        }
    }
    newest_end(&listing.newest);
    store_close(store);
    return turret_ok(&err) ? cli_error(cli, &err) : CLI_DONE;
}

static const struct cli_option options[] = {
    {"open", 'o', NULL, "only those that may still fill", NULL, false},
    NEWEST_OPTIONS,
    {NULL, 0, NULL, NULL, NULL, false},
};

static const char *const examples[] = {"turret orders --open",
                                       "turret orders --strategy spy-cross --limit 10",
                                       "turret orders --all --json", NULL};

const struct cli_command cmd_orders = {
    .path = "orders",
    .summary = "list orders and what became of them",
    .details = "Reads the store, so it works beside a running daemon and without one. The oldest "
               "comes first. An order is open until it is filled, cancelled, expired, rejected or "
               "denied; UNKNOWN counts as open.\n\n"
               "Linked are: the part of an order that an algorithm or the host works by parts "
               "(\"part of\" its number), the exit of a bracket (\"exit of\" the entry; one that "
               "protects a position has no entry), and the other of a pair, of which one fills "
               "or the other (\"pair\"). In JSON these are role, parent and pair.\n\n"
               "The price of a stop is its stop price, of a stop limit \"stop/limit\", of a "
               "trailing stop where it stands and \"trail\" with the distance. A stop that was "
               "set off is a market or limit order from then on, and its why says at which price. "
               "What else was asked for is in JSON: tif, post_only, expires, display_qty, "
               "take_profit, stop_loss, stop_trail.",
    .options = options,
    .examples = examples,
    .takes = CLI_TAKES_CONFIG | CLI_TAKES_STORE,
    .run = run,
};
