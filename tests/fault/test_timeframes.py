# SPDX-License-Identifier: Apache-2.0
"""
Shows that bars nobody makes are refused, never silently absent: a session whose feed makes others
does not start and leaves nothing in the store, and turret config check says the same before; a
reload that asks for them is refused whole; a backtest says what is stored. Each time with the place
of the `on` value, what was asked for and what there is.
"""
import signal
import unittest

from fault_rig import Case, DONE, INVALID, PLUGINS

CONFIG = """turret: 1
mode: {mode}
store: store
plugins: [path: {plugins}]
venues:
  sim: {{adapter: sim, cash: {{USD: 100000}}, params: {{{params}}}}}
  tape: {{adapter: replay, params: {{timeframe: 1m}}}}
instruments:
  AA.sim: {{tick: 0.01, lot: 1, currency: USD, feed: {feed}}}
  BB.sim: {{tick: 0.01, lot: 1, currency: USD, feed: {feed}}}
strategies:
  cross:
    plugin: ma_cross
    on: AA.sim@{first}
    params: {{fast: 2, slow: 4, size: 1}}
  late:
    plugin: ma_cross
    enabled: false
    on: [AA.sim@{first}, BB.sim@{second}]
    params: {{fast: 2, slow: 4, size: 1}}
risk: {{preset: development}}
"""
SYNTHETIC = "market: synthetic, pace_ms: 1"


class Timeframes(Case):
    def configure(self, first="1m", second="1m", mode="paper", feed="sim", params=SYNTHETIC):
        self.write("turret.yaml", CONFIG.format(plugins=PLUGINS, first=first, second=second,
                                                mode=mode, feed=feed, params=params))

    def bring(self, series):
        self.write("bars.csv", "time,open,high,low,close,volume\n" + "".join(
            f"{60 * (28401120 + at)},10,11,9,10,100\n" for at in range(50)))
        self.ok("data", "import", "--store", "store", "-s", series, "-t", "1m", "--time-format",
                "epoch_s", self.path("bars.csv"))

    def no_start(self, *phrases):
        checked = self.turret("config", "check", "turret.yaml")
        daemon = self.start(ready=False)
        self.assertEqual((daemon.end(), checked.returncode), (INVALID, INVALID), daemon.said)
        errors = lambda lines: [line for line in lines if "error:" in line]
        self.assertEqual(errors(checked.stderr.splitlines()), errors(daemon.said))
        said = "\n".join(daemon.said)
        for phrase in phrases:
            self.assertIn(phrase, said)
        return said

    def test_made_up_market(self):
        self.configure(first="5m", second="1h")
        said = self.no_start(
            "turret.yaml:14:9: error: strategies.cross.on asks for AA.sim@5m, which venue sim does "
            "not make: its market makes bars of 60 s only (bar_seconds)",
            "   14 |     on: AA.sim@5m\n      |         ^~~~~~~~~",
            "turret.yaml:19:10: error: strategies.late.on asks for AA.sim@5m",
            "turret.yaml:19:21: error: strategies.late.on asks for BB.sim@1h")
        self.assertEqual(said.count("error:"), 3)
        self.assertEqual(self.json("config", "history", "--store", "store"), [])
        self.configure()
        self.assertIn("is good", self.ok("config", "check", "turret.yaml"))
        self.assertEqual(self.start().end(signal.SIGTERM), DONE)

    def test_no_market(self):
        self.configure(params="")
        self.no_start("asks for AA.sim@1m", "it has no market of its own")

    def test_replay(self):
        self.configure(feed="tape")  # no store yet: nobody knows what will be in it
        self.assertIn("is good", self.ok("config", "check", "turret.yaml"))
        self.bring("AA")
        self.configure(first="5m", feed="tape")
        self.no_start("turret.yaml:14:9:", "venue tape does not make: it replays bars of 60 s only",
                      "the store has no such bars of BB to replay")
        self.bring("BB")
        self.configure(feed="tape")
        self.assertIn("is good", self.ok("config", "check", "turret.yaml"))
        self.assertEqual(self.start().end(), DONE)

    def test_reload(self):
        self.configure()
        daemon = self.start()
        self.configure(second="15m")
        self.assertIsNotNone(daemon.until("configuration is refused: turret.yaml:19:21: "
                                          "strategies.late.on asks for BB.sim@15m"), daemon.said)
        status = self.json("status", "--store", "store")
        self.assertEqual((status["config_version"], len(status["strategies"])), (1, 2))
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.assertEqual(len(self.json("config", "history", "--store", "store")), 1)
        self.no_start("turret.yaml:19:21: error:")  # nor after a restart
        self.assertEqual(len(self.json("config", "history", "--store", "store")), 1)
        self.replays_equal("store")

    def test_backtest(self):
        self.bring("AA")
        self.bring("BB")
        self.configure(first="5m", mode="backtest", params="")
        self.assertIn("is good", self.ok("config", "check", "turret.yaml"))
        done = self.turret("backtest", "turret.yaml")
        self.assertEqual((done.returncode, done.stdout), (INVALID, ""))
        self.assertIn("turret.yaml:14:9: error: no stored bars AA@5m for instrument AA.sim; the "
                      "store has it in 1m; import them: turret data import", done.stderr)
        self.assertEqual(done.stderr.count("no stored bars"), 1)
        self.configure(mode="backtest", params="")
        self.ok("backtest", "turret.yaml")


if __name__ == "__main__":
    unittest.main()
