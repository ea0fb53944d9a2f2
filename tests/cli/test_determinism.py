# SPDX-License-Identifier: Apache-2.0
"""Shows that the same input gives the same result: two backtests, two paper sessions on the made-up
market, a backtest and a paper session that is fed the same stored bars, a session that is stopped
and started again, and the journal replayed. Several strategies, instruments and timeframes take
part, with orders of every kind, those that the host holds and works itself among them, changes,
cancels, and positions that the configuration protects."""
import csv
import datetime
import os
import shutil
import signal
import subprocess
import unittest

from fixtures import BRACKET, build_plugin, made_up_bars, strategy_source
from kinds import KINDS
from turret_cli import TURRET, Case

CONFIG = """\
turret: 1
mode: %(mode)s
store: ${TURRET_STORE}
plugins:
  - path: ${TURRET_PLUGINS}
  - path: plugins
venues:
  sim:
    adapter: sim
    cash: {USD: 100000}
    seed: 7
    params: {%(sim)s, commission_per_unit: 0.005, commission_min: 1, slippage: ticks}
%(tape)s
instruments:
  AA.sim: {tick: 0.01, lot: 1, currency: USD%(feed)s}
  BB.sim: {tick: 0.01, lot: 1, currency: USD%(feed)s, splits: {2024-01-02: '2:1'}}
  CC.sim: {tick: 0.01, lot: 1, currency: USD%(feed)s}
strategies:
  cross: {plugin: ma_cross, on: AA.sim@%(t)s, params: {fast: 5, slow: 20, size: 10}}
  votes:
    plugin: weighted_signals
    on: [AA.sim@%(t)s, BB.sim@%(t)s, CC.sim@%(t)s]
    params: {size: 5, allow_short: true}
  turns: {plugin: stoch_rsi, on: [BB.sim@%(t)s, CC.sim@%(t)s], params: {size: 4}}
  bracket: {plugin: test.bracket, on: CC.sim@%(t)s}
  kinds:
    plugin: test.kinds
    on: BB.sim@%(t)s
    protect: {atr: {period: 5, stop: 3}, trailing_stop: 1%%, max_holding: 40m}
%(more)s
risk: {preset: development}
"""

# Ends the session while the bars of one moment are half taken: the order that it asks for holds up
# the rest of them.
STOPPER = strategy_source(
    "stopper", state="turret_instrument instrument; int64_t bars;",
    fields='{1, TURRET_FIELD_TYPE_I64, (uint32_t)offsetof(struct it, bars), 1, "bars", "seen", 0},',
    body="""
#include <signal.h>
#include <stdlib.h>
static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct it *s = turret_self(self);
    if (++s->bars % 150 != 0)
        return;
    (void)turret_target(self, bar->instrument, s->bars / 150 % 2, "an order that waits");
    if (getenv("TEST_STOPS"))
        (void)raise(SIGTERM);
}
""")

NAMES = {"cross", "votes", "turns", "bracket", "kinds"}
MORE = "  slow: {plugin: ma_cross, on: BB.sim@1h, params: {fast: 3, slow: 8, size: 2}}"


class Determinism(Case):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("plugins"))
        build_plugin(self.path("plugins/bracket.so"), BRACKET)
        build_plugin(self.path("plugins/kinds.so"), KINDS)

    def bring(self, timeframe, step_s, count):
        """Bars of three instruments, two of them with holes."""
        for seed, (name, holes) in enumerate((("AA", 0), ("BB", 7), ("CC", 3))):
            path = self.write(name + ".csv", made_up_bars(seed + 1, count, step_s, holes=holes))
            self.ok("data", "import", "--series", name, "--timeframe", timeframe, "--time-format",
                    "epoch_s", path)

    def config(self, name, mode, timeframe="1m", tape=False, sim="market_fill: next_open", more="",
               pace=0):
        venue = "  tape: {adapter: replay, params: {pace: %d, timeframe: %s}}" % (pace, timeframe)
        return self.write(name, CONFIG % {
            "mode": mode, "t": timeframe, "sim": sim, "more": more,
            "tape": venue if tape else "", "feed": ", feed: tape" if tape else ""})

    def copied_store(self, name):
        shutil.copytree(self.store, self.path(name))
        return self.path(name)

    def backtest_fills(self, config):
        self.ok("backtest", config, "--fills", self.path("fills.csv"))
        with open(self.path("fills.csv"), encoding="ascii") as file:
            return [(int(r["time"]), r["strategy"], r["instrument"], r["side"], r["qty"],
                     r["price"], r["fee"]) for r in csv.DictReader(file)]

    def paper_fills(self, store):
        fills = self.json("fills", "--all", "--store", store)
        return [(self.ns(r["time"]), r["strategy"], f"{r['symbol']}.{r['venue']}", r["side"],
                 r["qty"], r["price"], r["fee"]) for r in fills]

    @staticmethod
    def ns(text):
        moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        return int(moment.timestamp()) * 10**9

    def check_journal(self, store):
        """The journal is whole and gives the same state again."""
        replayed = self.json("replay", "--store", store)
        self.assertEqual((replayed["same"], replayed["snapshot_equal"],
                          replayed["intent_mismatches"], replayed["report_mismatches"]),
                         (True, True, 0, 0))
        verified = self.json("journal", "verify", "--store", store)
        self.assertEqual(verified["hash"], replayed["journal_hash"])
        del verified["audit"]  # of this store alone: its own key, moments
        return verified

    def test_backtest_twice(self):
        self.bring("1m", 60, 1500)
        path = self.write("hours.csv", made_up_bars(9, 25, 3600))
        self.ok("data", "import", "-s", "BB", "-t", "1h", "--time-format", "epoch_s", path)
        results = []
        for name in ("one", "two"):
            result = self.json("backtest", self.config(name, "backtest", more=MORE), "--fills",
                               self.path("f.csv"), "--equity", self.path("e.csv"))
            for line in result["strategies"]:  # how long it took may differ
                del line["wall_seconds"], line["bars_per_second"]
            with open(self.path("f.csv"), encoding="ascii") as fills:
                with open(self.path("e.csv"), encoding="ascii") as equity:
                    results.append((result["hash"], result["strategies"], fills.read(),
                                    equity.read()))
        self.assertEqual(results[0], results[1])
        self.assertTrue(all(line["fills"] > 0 for line in results[0][1]), results[0][1])
        path = self.config("three", "backtest", more=MORE.replace("fast: 3", "fast: 4"))
        self.assertNotEqual(self.json("backtest", path)["hash"], results[0][0])

    def test_made_up_market_twice(self):
        """Two sessions in fresh stores: the same journal to the last byte."""
        heads = []
        for name in ("one", "two"):
            config = self.config("paper.yaml", "paper",
                                 sim="market: synthetic, bars: 400, pace_ms: 0, quotes: true")
            self.ok("run", config, "--store", self.path(name))
            heads.append((self.check_journal(self.path(name)), self.paper_fills(self.path(name))))
        self.assertEqual(heads[0], heads[1])
        self.assertEqual({fill[1] for fill in heads[0][1]}, NAMES)
        self.assertGreater(len(heads[0][1]), 100)

    def same_in_paper(self, timeframe, step_s):
        self.bring(timeframe, step_s, 1700)  # goes over the split
        expected = self.backtest_fills(self.config("b.yaml", "backtest", timeframe))
        self.assertEqual({fill[1] for fill in expected}, NAMES)
        taped = self.backtest_fills(self.config("t.yaml", "backtest", timeframe, tape=True))
        self.assertEqual(taped, expected)
        store = self.copied_store("paper")
        self.ok("run", self.config("p.yaml", "paper", timeframe, tape=True), "--store", store)
        self.assertEqual(self.paper_fills(store), expected)
        self.check_journal(store)

    def test_backtest_is_paper_on_minutes(self):
        self.same_in_paper("1m", 60)

    def test_backtest_is_paper_on_hours(self):
        self.same_in_paper("1h", 3600)

    def test_ended_between_bars_of_one_moment(self):
        """What was not taken of that moment comes after the restart, and nothing comes twice."""
        build_plugin(self.path("plugins/stopper.so"), STOPPER)
        self.bring("1m", 60, 800)
        more = "  stopper: {plugin: test.stopper, on: BB.sim@1m}"
        expected = self.backtest_fills(self.config("b.yaml", "backtest", more=more))
        config = self.config("p.yaml", "paper", tape=True, more=more)
        store = self.copied_store("paper")
        counts = []
        for _ in range(5):  # four times by the stopper, then at the end of the bars
            done = subprocess.run([TURRET, "run", config, "--store", store], cwd=self.folder,
                                  env=dict(self.env, TEST_STOPS="1"), capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn("dropped", done.stderr)
            fills = self.paper_fills(store)
            self.assertEqual(fills, expected[:len(fills)])
            counts.append(len(fills))
        self.assertEqual(len(set(counts)), 5, counts)
        self.assertEqual(counts[-1], len(expected))
        self.check_journal(store)

    def interrupted(self, config, store, wanted):
        """Runs until there are so many fills, then ends it; what it wrote."""
        with subprocess.Popen([TURRET, "run", config, "--store", store], env=self.env,
                              cwd=self.folder, stderr=subprocess.PIPE, text=True) as process:
            while process.poll() is None:
                done = self.run_turret("--json", "fills", "--all", "--store", store)
                if done.returncode == 0 and done.stdout.count('"order_id"') >= wanted:
                    break
            process.send_signal(signal.SIGTERM)
            text = process.stderr.read()
        self.assertEqual(process.returncode, 0, text)
        return text

    def test_stopped_and_started_again(self):
        """Ended three times in the middle; the fills are those of the run that was not."""
        self.bring("1m", 60, 2000)
        expected = self.backtest_fills(self.config("b.yaml", "backtest"))
        config = self.config("p.yaml", "paper", tape=True, pace=60000)  # a bar a millisecond
        store = self.copied_store("paper")
        seen = 0
        for turn in range(3):
            text = self.interrupted(config, store, seen + len(expected) // 20)
            self.assertNotIn("dropped", text)
            fills = self.paper_fills(store)
            self.assertEqual(fills, expected[:len(fills)])
            seen = len(fills)
            if turn == 0:
                self.assertGreater(seen, 0)
                self.assertLess(seen, len(expected), "it was over before it was ended")
        self.ok("run", config, "--store", store)
        self.assertEqual(self.paper_fills(store), expected)
        self.check_journal(store)


if __name__ == "__main__":
    unittest.main()
