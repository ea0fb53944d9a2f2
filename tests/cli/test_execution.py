# SPDX-License-Identifier: Apache-2.0
"""
Shows that the four execution algorithms work another strategy's orders on the made-up market: parts
never come to more than their parent, keep its price limit, add up to what it filled, are spread as
each algorithm promises, and everything survives replay. A backtest does the same as paper. What an
iceberg does not work it gives back, and says why.
"""
import os
import unittest
from collections import defaultdict
from datetime import datetime, timedelta

from fixtures import build_plugin, strategy_source
from turret_cli import DONE, INVALID, Case

CONFIG = """\
turret: 1
mode: paper
store: ${TURRET_STORE}
plugins:
  - path: ${TURRET_PLUGINS}
  - path: plugins
venues:
  sim:
    adapter: sim
    cash: {USD: 10000000}
    seed: 3
    params: {market: synthetic, bars: 2000, pace_ms: 0, quotes: true}
instruments:
  AA.sim: {tick: 0.01, lot: 1, currency: USD}
strategies:
  works: {plugin: %s, on: AA.sim@1m, params: {%s}}
  asks: {plugin: test.asks, on: AA.sim@1m, execution: works}
risk: {preset: development}
"""

# A hundred, bought and sold in turn, every hundred bars; %d: at a limit 1 % away or at the market.
ASKS = """
static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct it *s = turret_self(self);
    struct turret_order_request order = {0};
    if (++s->bars %% 100 != 0)
        return;
    order.struct_size = (uint32_t)sizeof order;
    order.instrument = bar->instrument;
    order.side = s->bars / 100 %% 2 ? TURRET_SIDE_BUY : TURRET_SIDE_SELL;
    order.type = %d ? TURRET_ORDER_LIMIT : TURRET_ORDER_MARKET;
    order.qty = 100;
    if (order.type == TURRET_ORDER_LIMIT)
        order.limit_price = order.side == TURRET_SIDE_BUY ? bar->close * 101 / 100
                                                          : bar->close * 99 / 100;
    (void)turret_submit(self, &order);
}
"""

NO_PARTS = """
static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    (void)self;
    (void)bar;
}
static int32_t on_check(struct turret_strategy *self, const struct turret_order *order,
                        const struct turret_account *account, struct turret_error *err)
{
    (void)self;
    (void)account;
    return order->parent ? turret_fail(err, TURRET_EDENIED, "no parts") : TURRET_OK;
}
"""


def when(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class Execution(Case):
    def trade(self, plugin, params, limits, config=CONFIG):
        os.makedirs(self.path("plugins"), exist_ok=True)
        build_plugin(self.path("plugins/asks.so"), strategy_source(
            "asks", ASKS % limits, state="turret_instrument instrument; int64_t bars;",
            fields='{1, TURRET_FIELD_TYPE_I64, (uint32_t)offsetof(struct it, bars), 1, "bars",'
                   ' "seen", 0},'))
        done = self.run_turret("run", self.write("turret.yaml", config % (plugin, params)))
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.said = done.stderr
        replayed = self.json("replay")
        self.assertEqual((replayed["same"], replayed["intent_mismatches"]), (True, 0))
        orders = self.json("orders", "--all")
        parts = defaultdict(list)
        for order in orders:
            self.assertEqual(order["strategy"], "asks")  # of no other
            if order["parent"]:
                parts[order["parent"]].append(order)
        parents = [order for order in orders if not order["parent"]]
        self.assertEqual(set(parts) - {order["id"] for order in parents}, set())
        return parents, parts

    def check(self, parents, parts):
        """Each parent is filled by its parts exactly; answers them in their order."""
        self.assertEqual(len(parents), 20)
        for parent in parents[:-1]:  # the last one's time was not up
            mine = parts[parent["id"]]
            self.assertEqual(parent["state"], "FILLED", parent)
            self.assertEqual(sum(int(part["filled_qty"]) for part in mine), 100)
            for part in mine:
                self.assertNotIn(part["state"], ("DENIED", "REJECTED"), part)
                if parent["limit_price"]:
                    self.assertEqual(part["type"], "limit")
                    away = float(part["limit_price"]) - float(parent["limit_price"])
                    self.assertLessEqual(away if parent["side"] == "buy" else -away, 0)
        return [parts[parent["id"]] for parent in parents[:-1]]

    def test_twap(self):
        parents, parts = self.trade("work_twap", "seconds: 1200, parts: 5", 0)
        for mine in self.check(parents, parts):
            self.assertEqual([part["qty"] for part in mine], ["20"] * 5)
            minutes = [part["created"][11:16] for part in mine]
            self.assertEqual(len(set(minutes)), 5)

    def a_minute_apart(self, plugin):
        """The quote with which the next part is due comes before the bar that fills this one."""
        parents, parts = self.trade(plugin, "seconds: 600, parts: 10", 0)
        filled = self.check(parents, parts)
        self.assertEqual({part["state"] for mine in filled for part in mine}, {"FILLED"})
        for parent in parents[:-1]:
            took = when(parent["updated"]) - when(parent["created"])
            self.assertLessEqual(took, timedelta(seconds=600))
        self.assertNotIn("nothing filled", self.said)

    def test_twap_a_minute_apart(self):
        self.a_minute_apart("work_twap")

    def test_vwap_a_minute_apart(self):
        self.a_minute_apart("work_vwap")

    def test_twap_with_a_limit(self):
        parents, parts = self.trade("work_twap", "seconds: 600, parts: 10", 1)
        self.check(parents, parts)

    def test_vwap(self):
        parents, parts = self.trade("work_vwap", "seconds: 3600, parts: 12", 0)
        sizes = {tuple(part["qty"] for part in mine) for mine in self.check(parents, parts)}
        self.assertGreater(len(sizes), 1)  # it follows the volume

    def test_iceberg(self):
        parents, parts = self.trade("work_iceberg", "show: 30", 1)
        for mine in self.check(parents, parts):
            self.assertEqual([part["qty"] for part in mine], ["30", "30", "30", "10"])

    def test_iceberg_gives_market_orders_back(self):
        parents, parts = self.trade("work_iceberg", "show: 30", 0)
        self.assertEqual({parent["state"] for parent in parents}, {"CANCELED"})
        self.assertEqual(dict(parts), {})
        for parent in parents:  # each with the reason
            self.assertIn(f"log: works: order {parent['id']} is given back: it has no limit price that "
                          "its parts could wait at", self.said)

    def test_iceberg_says_when_a_part_is_not_wanted(self):
        """A rule lets the orders pass, and of their parts none."""
        config = CONFIG.replace("risk: {preset: development}", "  no: {plugin: test.no, on: AA.sim@1m}\n"
                                "risk: {preset: development, rules: [no]}")
        os.makedirs(self.path("plugins"))
        build_plugin(self.path("plugins/no.so"), strategy_source(
            "no", NO_PARTS, callbacks=".on_check = on_check,"))
        parents, parts = self.trade("work_iceberg", "show: 30", 1, config)
        self.assertGreater(len(parts), 3)
        for parent in parents:
            told = f"log: works: order {parent['id']} is given back: its part was denied\n" in self.said
            self.assertEqual(told, parent["id"] in parts)
            for part in parts[parent["id"]] if told else ():
                self.assertEqual((part["denial"], parent["state"]), ("RULE", "CANCELED"))

    def test_maker_first(self):
        parents, parts = self.trade("work_maker_first", "patience: 300, slip: 2", 0)
        kinds = {part["tif"] for mine in self.check(parents, parts) for part in mine}
        self.assertEqual(kinds, {"GTC", "IOC"})  # as a maker, and what was left as a taker

    def test_wrong_names(self):
        self.refused(INVALID, "not the name of another strategy; did you mean 'works'?", "config", "check",
                     "--no-plugins", self.write("bad.yaml", (CONFIG % ("p", "")).replace(
                         "execution: works", "execution: work")))


if __name__ == "__main__":
    unittest.main()
