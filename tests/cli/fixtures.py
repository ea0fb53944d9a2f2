# SPDX-License-Identifier: Apache-2.0
"""What the tests of whole sessions share: plugins built from source the way a third party builds
them, and made-up bars that are the same every time."""
import os
import subprocess

from turret_cli import SOURCE

PLUGINS = os.environ.get("TURRET_PLUGINS", "")


def build_plugin(path, source, *more):
    """Compiles C source against the published headers into a plugin file."""
    api = os.path.join(SOURCE, "plugin-api")
    subprocess.run([os.environ.get("CC", "gcc"), "-std=c11", "-O1", "-shared", "-fPIC", "-Wall",
                    "-Wextra", "-Werror", "-x", "c", "-", "-o", path, "-I",
                    os.path.join(api, "include"), "-Wl,-z,defs", "-Wl,-z,now",
                    "-Wl,--version-script=" + os.path.join(api, "sdk", "plugin.map"), *more],
                   input=source, text=True, check=True)
    return path


def strategy_source(name, body, state="turret_instrument instrument;", fields="", callbacks=""):
    """A strategy `test.NAME`; `body` defines on_bar(self, bar) and what `callbacks` names."""
    return f"""
#include <turret/strategy.h>
struct it {{ {state} }};
static int32_t on_start(struct turret_strategy *self, const struct turret_start *start,
                        struct turret_error *err)
{{
    ((struct it *)turret_self(self))->instrument = start->instruments[0];
    return turret_ok(err);
}}
{body}
static const struct turret_field fields[] = {{ {fields}
    {{99, TURRET_FIELD_TYPE_I32, (uint32_t)offsetof(struct it, instrument), 1, "at", "where", 0}} }};
static const struct turret_strategy_type type = {{
    .struct_size = (uint32_t)sizeof(struct turret_strategy_type),
    .state_size = (uint32_t)sizeof(struct it),
    .id = "test.{name}", .version = "1.0.0", .summary = "made for a test",
    .fields = fields, .field_count = (uint32_t)(sizeof fields / sizeof fields[0]),
    .state_schema = 1, .on_start = on_start, .on_bar = on_bar, {callbacks} }};
TURRET_STRATEGY_TYPE("test.{name}", "1.0.0", type);
"""


def made_up_bars(seed, count, step_s, start_s=1704067200, holes=0):
    """CSV of a random walk in whole cents; about one bar in `holes` is missing."""
    lines = ["time,open,high,low,close,volume"]
    state, price = seed, 10000
    for number in range(count):
        numbers = []
        for _ in range(6):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            numbers.append(state >> 33)
        opening, price = price, max(1000, price + numbers[0] % 41 - 20)
        high = max(opening, price) + numbers[1] % 12
        low = min(opening, price) - numbers[2] % 12
        if holes and numbers[3] % holes == 0:
            continue
        cells = ",".join(f"{cents // 100}.{cents % 100:02}"
                         for cents in (opening, high, low, price))
        lines.append(f"{start_s + number * step_s},{cells},{100 + numbers[4] % 900}")
    return "\n".join(lines) + "\n"


# Buys with a limit below the market that it moves after every bar, then holds a stop and a limit
# around the position, and takes back what is left when one of them has filled.
BRACKET = strategy_source(
    "bracket", state="turret_instrument instrument; int64_t buy, stop, take;",
    fields="""
    {1, TURRET_FIELD_TYPE_I64, (uint32_t)offsetof(struct it, buy), 1, "buy", "entry order", 0},
    {2, TURRET_FIELD_TYPE_I64, (uint32_t)offsetof(struct it, stop), 1, "stop", "stop order", 0},
    {3, TURRET_FIELD_TYPE_I64, (uint32_t)offsetof(struct it, take), 1, "take", "limit order", 0},""",
    callbacks=".on_order = on_order,",
    body="""
static int64_t place(struct turret_strategy *self, uint8_t side, uint8_t type, turret_qty qty,
                     turret_price limit, turret_price stop)
{
    struct it *s = turret_self(self);
    struct turret_order_request request = {0};
    request.struct_size = (uint32_t)sizeof request;
    request.instrument = s->instrument;
    request.side = side;
    request.type = type;
    request.qty = qty;
    request.limit_price = limit;
    request.stop_price = stop;
    return (int64_t)turret_submit(self, &request);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct it *s = turret_self(self);
    turret_qty held = turret_position(self, s->instrument);
    if (held == 0) {
        if (s->stop)
            (void)turret_cancel(self, (uint64_t)s->stop);
        if (s->take)
            (void)turret_cancel(self, (uint64_t)s->take);
        if (s->buy)
            (void)turret_modify(self, (uint64_t)s->buy, 0, bar->close - 15, 0);
        else
            s->buy = place(self, TURRET_SIDE_BUY, TURRET_ORDER_LIMIT, 7, bar->close - 15, 0);
    } else if (held > 0) {
        if (!s->stop)
            s->stop = place(self, TURRET_SIDE_SELL, TURRET_ORDER_STOP, held, 0, bar->low - 20);
        if (!s->take)
            s->take = place(self, TURRET_SIDE_SELL, TURRET_ORDER_LIMIT, held, bar->high + 20, 0);
    } else if (!s->buy) {
        s->buy = place(self, TURRET_SIDE_BUY, TURRET_ORDER_MARKET, -held, 0, 0);
    }
}

static void on_order(struct turret_strategy *self, const struct turret_order *order)
{
    struct it *s = turret_self(self);
    int ended = order->state == TURRET_STATE_DENIED ||
                (order->state >= TURRET_STATE_FILLED && order->state <= TURRET_STATE_REJECTED);
    int64_t id = (int64_t)order->id;
    if (ended && id == s->buy)
        s->buy = 0;
    if (ended && id == s->stop)
        s->stop = 0;
    if (ended && id == s->take)
        s->take = 0;
}
""")
