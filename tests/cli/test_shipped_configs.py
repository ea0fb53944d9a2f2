# SPDX-License-Identifier: Apache-2.0
"""Shows that each configuration in configs/ is explained at its head, has a store of its own, is
good with the plugins there are, and does what it is for: the paper ones trade on their market, the
backtest and the replay on imported bars."""
import glob
import os
import re
import unittest

from fixtures import made_up_bars
from turret_cli import SOURCE, Case


class Shipped(Case):
    def text(self, name):
        with open(os.path.join(SOURCE, "configs", name), encoding="utf-8") as file:
            return file.read()

    def changed(self, name, *changes):
        text = self.text(name)
        for pattern, becomes in changes:
            text, count = re.subn(pattern, becomes, text)
            self.assertEqual(count, 1, pattern)
        return self.write(name, text)

    def bring(self, timeframe, step_s, count):
        self.ok("data", "import", "-s", "SPY", "-t", timeframe, "--time-format", "epoch_s",
                self.write("bars.csv", made_up_bars(4, count, step_s)))

    def test_all_of_them(self):
        names = sorted(os.path.basename(path)
                       for path in glob.glob(os.path.join(SOURCE, "configs", "*.yaml")))
        self.assertEqual(names, ["backtest.yaml", "demo.yaml", "paper.yaml", "replay.yaml",
                                 "weighted-bots.yaml"])
        self.env.pop("TURRET_STORE")
        stores = []
        for name in names:
            head = self.text(name).split("\n\n", 1)[0].splitlines()
            self.assertTrue(all(line.startswith("#") for line in head), name)
            self.assertIn(f"#   turret config check configs/{name}", head)
            path = os.path.join(SOURCE, "configs", name)
            self.assertIn("is good", self.ok("config", "check", path))
            stores += re.findall(r"^store: (.*)$", self.ok("config", "show", path), re.M)
        self.assertEqual(len(set(stores)), len(names), stores)
        self.assertTrue(all(store.startswith("var/") for store in stores), stores)

    def test_paper_ones_trade(self):
        for name, orders in (("demo.yaml", 20), ("paper.yaml", 3), ("weighted-bots.yaml", 20)):
            with self.subTest(name):
                self.env["TURRET_STORE"] = self.path(name + ".store")
                block = "params:\n      market: synthetic" in self.text(name)
                path = self.changed(name, (r"pace_ms: \d+", "pace_ms: 0" + (
                    "\n      bars: 600" if block else ", bars: 600")))
                self.ok("paper", path)
                made = self.json("orders", "--all")
                self.assertGreaterEqual(len(made), orders)
                self.assertTrue(any(order["state"] == "FILLED" for order in made))

    def test_backtest_trades(self):
        self.bring("1d", 86400, 900)
        path = self.changed("backtest.yaml", (r"from: 2010-01-01 ", "from: first "),
                            (r"to: 2020-01-01 ", "to: last "))
        self.assertGreater(self.json("backtest", path)["fills"], 0)

    def test_replay_trades_like_a_backtest(self):
        self.bring("1m", 60, 700)
        path = self.changed("replay.yaml", (r"pace: 600 ", "pace: 0 "))
        self.ok("paper", path)
        replayed = self.json("fills", "--all")
        self.assertGreater(len(replayed), 10)
        self.assertEqual({fill["strategy"] for fill in replayed}, {"spy-cross", "spy-votes"})
        result = self.json("backtest", self.changed(
            "replay.yaml", ("mode: paper", "mode: backtest")))
        self.assertEqual(result["fills"], len(replayed))
        path = self.changed("replay.yaml", (r"pace: 600 ", "pace: 0 "))
        self.ok("paper", path)  # ends at once: nothing is left to do
        self.assertEqual(self.json("fills", "--all"), replayed)


if __name__ == "__main__":
    unittest.main()
