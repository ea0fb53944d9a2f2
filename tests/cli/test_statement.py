# SPDX-License-Identifier: Apache-2.0
"""
Shows that `turret statement` tells of every day what orders and fills of that day add up to, what
was held and the cash at its end, why orders were denied, and behind each order the configuration
version with its limits and the build: from the store alone, without a daemon. A day with nothing
in it is told as one.
"""
import unittest
from collections import Counter, defaultdict
from decimal import Decimal

from turret_cli import USAGE, Case

CONFIG = """\
turret: 1
mode: paper
store: ${TURRET_STORE}
plugins:
  - path: ${TURRET_PLUGINS}
venues:
  sim:
    adapter: sim
    cash: {USD: 1000000}
    seed: 3
    params: {market: synthetic, bars: 4000, pace_ms: 0, commission_min: 1}
instruments:
  AA.sim: {tick: 0.01, lot: 1, currency: USD}
  BB.sim: {tick: 0.01, lot: 1, currency: USD}
strategies:
  cross: {plugin: ma_cross, on: AA.sim@1m, params: {fast: 5, slow: 20, size: 10}}
  more: {plugin: accumulate, on: BB.sim@1m, params: {qty: 1, orders: 3000}, limits: {max_position: 900}}
risk: {preset: development, max_order: %s}
"""


class Statement(Case):
    def trade(self):
        self.ok("run", self.write("turret.yaml", CONFIG % "5000"))
        self.orders = self.json("orders", "--all")
        self.fills = self.json("fills", "--all")
        days = sorted({order["created"][:10] for order in self.orders})
        self.assertGreater(len(days), 2)
        return days

    def test_days_add_up(self):
        cash, held, profit = Decimal(1000000), Counter(), defaultdict(Decimal)
        for day in self.trade():
            told = self.json("statement", "--date", day)
            self.assertEqual(told["date"], day)
            fills = [fill for fill in self.fills if fill["time"][:10] == day]
            for fill in fills:
                sign = 1 if fill["side"] == "buy" else -1
                cash -= sign * Decimal(fill["qty"]) * Decimal(fill["price"]) + Decimal(fill["fee"])
                held[fill["strategy"]] += sign * int(fill["qty"])
            account, = told["accounts"]
            self.assertEqual((account["venue"], account["currency"]), ("sim", "USD"))
            self.assertEqual(Decimal(account["cash"]), cash)
            self.assertEqual(account["fills"], len(fills))
            self.check_day(told, day, fills)
            self.assertEqual({row["strategy"]: int(row["qty"]) for row in told["positions"]
                              if row["strategy"]},
                             {name: qty for name, qty in held.items() if qty})
            for row in told["strategies"]:
                profit[row["strategy"]] += Decimal(row["profit"])
        newest = self.json("statement")
        self.assertEqual(newest, told)  # the last day is what is told without --date
        for row in self.json("pnl")["strategies"]:
            self.assertEqual(profit[row["strategy"]],
                             Decimal(row["realised"]) - Decimal(row["fees"]))

    def check_day(self, told, day, fills):
        orders = [order for order in self.orders if order["created"][:10] == day]
        self.assertEqual([order["id"] for order in told["orders"]],
                         [order["id"] for order in orders])
        denied = Counter(order["denial"] for order in orders if order["state"] == "DENIED")
        self.assertEqual({row["denial"]: row["orders"] for row in told["denials"]}, denied)
        for row in told["strategies"]:
            own = [order for order in orders if order["strategy"] == row["strategy"]]
            its = [fill for fill in fills if fill["strategy"] == row["strategy"]]
            self.assertEqual((row["orders"], row["fills"]), (len(own), len(its)))
            self.assertEqual(row["denied"], sum(order["state"] == "DENIED" for order in own))
            self.assertEqual(Decimal(row["fees"]), sum(Decimal(fill["fee"]) for fill in its))

    def test_what_stands_behind_an_order(self):
        days = self.trade()
        told = self.json("statement", "--date", days[-2])
        builds = {order["strategy"]: order["build"] for order in told["orders"]}
        for name, plugin in (("cross", "turret.ma_cross"), ("more", "turret.accumulate")):
            self.assertTrue(builds[name], name)
            self.assertIn(builds[name][:12], self.ok("plugin", "info", plugin.split(".")[1]))
        versions = {order["config_version"] for order in told["orders"]}
        self.assertEqual(versions, {1})
        config, = told["configurations"]
        self.assertEqual((config["config_version"], config["limits"]["max_order"]), (1, "5000"))
        self.assertEqual(config["limits"]["collar"], "10%")

    def test_for_people(self):
        days = self.trade()
        text = self.ok("statement", "--date", days[0])
        for heading in ("cash", "denied", "config_version"):
            self.assertIn(heading, text)
        plain = self.ok("statement", "--date", days[0], "--plain")
        kinds = Counter(line.split("\t")[0] for line in plain.splitlines())
        self.assertEqual(kinds["accounts"], 1)
        self.assertEqual(kinds["strategies"], 2)
        self.assertEqual(kinds["limits"], len(told := self.json(
            "statement", "--date", days[0])["configurations"][0]["limits"]))
        self.assertIn("max_order           5000 ", text)
        self.assertIn("largest value of one order", text)
        held = {tuple(line.split("\t")[1:]) for line in plain.splitlines()
                if line.startswith("positions\t")}
        self.assertEqual(held, {(row["strategy"] or "(account)", row["instrument"], row["qty"])
                                for row in self.json("statement", "--date", days[0])["positions"]})
        self.assertIn("(account)", [row[0] for row in held])  # as turret positions has it
        self.assertRegex(text, r"\n\(account\) +AA\.sim +[0-9]+\n")
        self.assertEqual(len(told), 29)
        self.assertEqual(kinds["orders"], len(self.json("statement", "--date", days[0])["orders"]))

    def test_limits_of_two_versions(self):
        """Of the second one what is other, and what it no longer has."""
        path = self.write("turret.yaml", CONFIG.replace("bars: 4000", "bars: 600") % "5000")
        shown = self.ok("config", "show", path).replace("preset: development", "preset: none")
        self.ok("run", self.write("turret.yaml", shown))
        for old, new in (("max_order: 5000", "max_order: 6000"), ("  max_slippage: 10%\n", ""),
                         ("bars: 600", "bars: 700")):
            self.assertIn(old, shown)
            shown = shown.replace(old, new)
        self.ok("run", self.write("turret.yaml", shown))
        rows = [line.split("\t")[1:4] for line in self.ok("statement", "--plain").splitlines()
                if line.startswith("limits\t")]
        self.assertEqual({row[0] for row in rows[:-2]}, {"1"})
        self.assertEqual(rows[-2:], [["2", "max_order", "6000"], ["2", "max_slippage", "not set"]])

    def test_nothing_yet(self):
        self.ok("data", "import", "-s", "AA", "-t", "1d", self.write(
            "b.csv", "time,open,high,low,close,volume\n2024-01-02T00:00:00Z,1,1,1,1,1\n"))
        self.assertIsNone(self.json("statement")["date"])
        done = self.run_turret("statement")
        self.assertEqual((done.stdout, done.stderr), ("", "nothing was traded yet\n"))
        done = self.run_turret("statement", "--date", "2024-01-02")
        self.assertEqual((done.stdout, done.stderr), (
            "", "statement of 2024-01-02 (UTC)\nnothing was traded yet\n"))

    def test_other_days(self):
        days = self.trade()
        for arguments, told in ((("--date", "2001-01-01"), "no order and no fill on 2001-01-01; the "
                                 f"last day with one is {days[-1]}\n"), (("--date", days[0]), ""),
                                ((), "")):
            self.assertEqual(self.run_turret("statement", *arguments).stderr,
                             f"statement of {(arguments or days)[-1]} (UTC)\n{told}")
        before = self.json("statement", "--date", "2001-01-01")
        self.assertEqual((before["positions"], before["orders"], before["strategies"]),
                         ([], [], []))
        self.assertEqual(Decimal(before["accounts"][0]["cash"]), 1000000)
        self.assertEqual(days, sorted(days))
        self.refused(USAGE, "yesterday", "statement", "--date", "yesterday")


if __name__ == "__main__":
    unittest.main()
