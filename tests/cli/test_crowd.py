# SPDX-License-Identifier: Apache-2.0
"""Shows that one market event which fills every order a simulated venue can have, thousands of
reports, is the same in paper, in a backtest and in a replay: all reports come before the event, and
orders that the strategy sends because of them reach the venue before the next one."""
import csv
import datetime
import os
import unittest

from fixtures import build_plugin, strategy_source
from turret_cli import Case

ORDERS = 4096  # that can still fill: as many as the simulated venue takes
SOLD = 120     # market orders because of the fills

CONFIG = """\
turret: 1
mode: %s
store: ${TURRET_STORE}
plugins: [path: ${TURRET_PLUGINS}, path: plugins]
venues:
  sim: {adapter: sim, cash: {USD: 1000000}, params: {market_fill: next_open}}
%s
instruments:
  AA.sim: {tick: 0.01, lot: 1, currency: USD%s}
strategies:
  crowd: {plugin: test.crowd, on: AA.sim@1m}
risk: {preset: development, max_open_orders: 10000, orders_per_minute: 10000,
       fills_per_minute: 10000, messages_per_fill: 100000}
"""
TAPE = "  tape: {adapter: replay, params: {pace: 0, timeframe: 1m}}"

# Puts 200 buys below the market with every bar; sells one of 30 it gets.
CROWD = strategy_source(
    "crowd", state="turret_instrument instrument; int64_t asked, sold;",
    fields="""
    {1, TURRET_FIELD_TYPE_I64, (uint32_t)offsetof(struct it, asked), 1, "asked", "buys", 0},
    {2, TURRET_FIELD_TYPE_I64, (uint32_t)offsetof(struct it, sold), 1, "sold", "sells", 0},""",
    callbacks=".on_fill = on_fill,",
    body=f"""
static void ask(struct turret_strategy *self, uint8_t side, uint8_t type, turret_price limit)
{{
    struct turret_order_request request = {{0}};
    request.struct_size = (uint32_t)sizeof request;
    request.instrument = ((struct it *)turret_self(self))->instrument;
    request.side = side;
    request.type = type;
    request.qty = 1;
    request.limit_price = limit;
    (void)turret_submit(self, &request);
}}

static void on_fill(struct turret_strategy *self, const struct turret_fill *fill)
{{
    struct it *s = turret_self(self);
    if (fill->side != TURRET_SIDE_BUY || s->sold == {SOLD} ||
        turret_position(self, s->instrument) % 30 != 0)
        return;
    s->sold++;
    ask(self, TURRET_SIDE_SELL, TURRET_ORDER_MARKET, 0);
}}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{{
    struct it *s = turret_self(self);
    (void)bar;
    for (int i = 0; i < 200 && s->asked < {ORDERS}; i++, s->asked++)
        ask(self, TURRET_SIDE_BUY, TURRET_ORDER_LIMIT, 9900 + s->asked % 50);
}}
""")


def bars():
    """Level, then all the way down within one minute, and every minute another price."""
    lines = ["time,open,high,low,close,volume"]
    for number in range(50):
        prices = ["100"] * 4 if number < 30 else [f"98.{number}"] * 4
        if number == 30:
            prices = ["99.80", "99.90", "98", "98.50"]
        lines.append(f"{1704067200 + number * 60},{','.join(prices)},100000")
    return "\n".join(lines) + "\n"


class Crowd(Case):
    def config(self, mode, tape, feed):
        return self.write(mode + ".yaml", CONFIG % (mode, tape, feed))

    def test_one_event_fills_them_all(self):
        os.mkdir(self.path("plugins"))
        build_plugin(self.path("plugins/crowd.so"), CROWD)
        self.ok("data", "import", "--series", "AA", "--timeframe", "1m", "--time-format",
                "epoch_s", self.write("bars.csv", bars()))
        self.ok("backtest", self.config("backtest", "", ""), "--fills", self.path("fills.csv"))
        with open(self.path("fills.csv"), encoding="ascii") as file:
            tested = [(int(r["time"]), r["side"], r["qty"], r["price"])
                      for r in csv.DictReader(file)]
        self.ok("run", self.config("paper", TAPE, ", feed: tape"))
        fills = self.json("fills", "--all")
        moments = [int(datetime.datetime.fromisoformat(f["time"].replace("Z", "+00:00"))
                       .timestamp()) * 10**9 for f in fills]
        papers = [(m, f["side"], f["qty"], f["price"]) for m, f in zip(moments, fills)]
        self.assertEqual(len(papers), ORDERS + SOLD)
        self.assertGreater(max(moments.count(m) for m in set(moments)), ORDERS - 1)
        self.assertEqual(papers, tested)
        replayed = self.json("replay")
        self.assertEqual((replayed["same"], replayed["snapshot_equal"],
                          replayed["intent_mismatches"], replayed["report_mismatches"]),
                         (True, True, 0, 0))


if __name__ == "__main__":
    unittest.main()
