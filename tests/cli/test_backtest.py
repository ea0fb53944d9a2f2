# SPDX-License-Identifier: Apache-2.0
"""Shows what `turret backtest` answers: the table, the JSON, the files of equity and fills, that a
split alone makes no trading day, that Ctrl-C ends a long run with what there is so far, that
outputs which cannot be written are told, and that a venue which is no simulation is refused before
it is connected."""
import csv
import json
import os
import shutil
import unittest
from decimal import Decimal

from fixtures import build_plugin, made_up_bars, strategy_source
from turret_cli import DONE, FAILED, INVALID, PARTLY, Case

CONFIG = """\
turret: 1
mode: backtest
store: ${TURRET_STORE}
plugins:
  - path: ${TURRET_PLUGINS}
  - path: plugins
venues:
  sim: {adapter: sim, cash: {USD: 100000}, params: {commission_min: 1}}
instruments:
  AA.sim: {tick: 0.01, lot: 1, currency: USD%(splits)s}
strategies:
  only: {plugin: %(plugin)s, on: AA.sim@%(timeframe)s, params: {%(params)s}}
risk: {preset: development}
backtest: {from: %(from)s, to: %(to)s}
"""

# Does what Ctrl-C on a terminal does, once, in the middle of the run.
INTERRUPTING = strategy_source("interrupting", state="turret_instrument instrument; int bars;",
                               body="""
#include <signal.h>
static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct it *s = turret_self(self);
    if (++s->bars == 1500)
        (void)raise(SIGINT);
    (void)turret_target(self, bar->instrument, s->bars % 2, "to have something in the results");
}
""")


class Backtest(Case):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("plugins"))

    def bring(self, timeframe, step_s, count):
        path = self.write("bars.csv", made_up_bars(4, count, step_s))
        self.ok("data", "import", "--series", "AA", "--timeframe", timeframe, "--time-format",
                "epoch_s", path)

    def config(self, **values):
        all_values = {"splits": "", "plugin": "ma_cross", "timeframe": "1d", "to": "last",
                      "params": "fast: 3, slow: 8, size: 10", "from": "first", **values}
        return self.write("run.yaml", CONFIG % all_values)

    def rows(self, name):
        with open(self.path(name), encoding="ascii") as file:
            return list(csv.DictReader(file))

    def test_table_json_and_files_agree(self):
        self.bring("1d", 86400, 120)
        config = self.config()
        table = self.ok("backtest", config)
        result = self.json("backtest", config, "--equity", self.path("e"), "--fills",
                           self.path("f"))
        fills, equity = self.rows("f"), self.rows("e")
        self.assertRegex(table, r"(?m)^only +100000\.00 ")
        self.assertRegex(table, r"(?m)^all +100000\.00 ")
        self.assertGreater(result["fills"], 4)
        self.assertEqual((len(fills), len(equity)), (result["fills"], 120))
        self.assertEqual(result["bars"], 120)
        self.assertEqual(float(equity[-1]["equity"]), result["end_equity"])
        self.assertEqual(result["total_fees"], len(fills))  # one dollar each
        cash = Decimal(100000)
        for row in fills:
            value = int(row["qty"]) * Decimal(row["price"])
            cash += (value if row["side"] == "sell" else -value) - Decimal(row["fee"])
        self.assertEqual(Decimal(equity[-1]["cash"]), cash)

    def test_a_part_of_the_store_with_warm_indicators(self):
        """Bars before the range make the indicators ready: trading may begin at its first bar."""
        self.bring("1d", 86400, 300)
        config = self.config(**{"from": "2024-05-01", "to": "2024-06-01", "plugin": "accumulate",
                                "params": "qty: 1"})
        self.assertEqual(self.json("backtest", config)["bars"], 31)
        whole = self.json("backtest", self.config(params="fast: 20, slow: 50, size: 10"))
        part = self.json("backtest", self.config(
            **{"params": "fast: 20, slow: 50, size: 10", "from": "2024-05-01"}))
        self.assertEqual(part["first"], "2024-05-01T00:00:00Z")
        self.assertGreater(part["orders"], 0)
        self.assertGreaterEqual(whole["orders"], part["orders"])

    def test_a_split_alone_makes_no_day(self):
        """2024-01-08 is a Monday on whose midnight only the split happens: the daily bar of that
        day ends a day later."""
        lines = made_up_bars(4, 14, 86400).splitlines()
        weekdays = [lines[0]] + [line for number, line in enumerate(lines[1:]) if number % 7 < 5]
        path = self.write("days.csv", "\n".join(weekdays) + "\n")
        self.ok("data", "import", "-s", "AA", "-t", "1d", "--time-format", "epoch_s", path)
        days = []
        for splits in ("", ", splits: {2024-01-08: '1:1'}"):
            self.ok("backtest", self.config(splits=splits, plugin="accumulate", params="qty: 1"),
                    "--equity", self.path("e"))
            days.append(self.rows("e"))
        self.assertEqual(len(days[0]), 10)
        self.assertEqual(days[0], days[1])

    def test_interrupted(self):
        self.bring("1m", 60, 30000)
        build_plugin(self.path("plugins/interrupting.so"), INTERRUPTING)
        config = self.config(plugin="test.interrupting", timeframe="1m", params="")
        done = self.run_turret("backtest", config, "--equity", self.path("e"), "--fills",
                               self.path("f"), "--json")
        self.assertEqual(done.returncode, PARTLY, done.stderr)
        result = json.loads(done.stdout)
        self.assertTrue(result["interrupted"])
        self.assertGreaterEqual(result["bars"], 1500)
        self.assertLess(result["bars"], 15000)
        self.assertEqual(len(self.rows("f")), result["fills"])
        self.assertEqual(float(self.rows("e")[-1]["equity"]), result["end_equity"])
        done = self.run_turret("backtest", config)
        self.assertEqual(done.returncode, PARTLY)
        self.assertIn("interrupted: results so far", done.stderr)
        self.assertRegex(done.stdout, r"(?m)^only +100000\.00 ")

    def test_outputs_that_cannot_be_written(self):
        self.bring("1d", 86400, 30)
        config = self.config()
        for option in ("--equity", "--fills"):
            missing = self.path("missing/x.csv")
            self.refused(FAILED, f"{option} {missing}: No such file or directory", "backtest",
                         config, option, missing)
            self.refused(FAILED, f"{option} {self.folder}: Is a directory", "backtest", config,
                         option, self.folder)
            self.refused(FAILED, f"{option}: No space left on device", "backtest", config, option,
                         "/dev/full")
        self.assertEqual(self.run_turret("backtest", config).returncode, DONE)

    def test_a_venue_of_the_real_world(self):
        """Nobody listens on the socket's path, and nobody asks for it either."""
        self.bring("1d", 86400, 30)
        shutil.copy(os.path.join(os.environ["TURRET_BUILD"], "venue-plugins", "test_adapter.so"),
                    self.path("plugins"))
        with open(self.config(), encoding="utf-8") as file:
            text = file.read()
        live = self.write("live.yaml", text.replace(
            "{adapter: sim, cash: {USD: 100000}, params: {commission_min: 1}}",
            f"{{adapter: test.venue, cash: {{USD: 100000}}, params: {{socket: {self.path('s')}}}}}"))
        self.refused(INVALID, "venue sim: adapter test.venue is not a simulation; a backtest needs "
                     "one, for example adapter: sim", "backtest", live)
        both = self.write("both.yaml", text.replace("venues:\n", "venues:\n  real: {adapter: "
                          f"test.venue, params: {{socket: {self.path('s')}}}}}\n"))
        self.refused(INVALID, "venue real: adapter test.venue is not a simulation", "backtest",
                     both)  # not even beside one


if __name__ == "__main__":
    unittest.main()
