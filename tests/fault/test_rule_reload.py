# SPDX-License-Identifier: Apache-2.0
"""
Shows that risk.rules changes while the daemon runs, with its strategy or without: a rule that joins
denies from the next order on, one that leaves the list or stands behind another is asked so, what
checks no orders is refused whole; and that a restart and a replay have the same rules at the same
places.
"""
import signal
import unittest

from fault_rig import Case, DONE, PLUGINS

CONFIG = """
turret: 1
mode: paper
store: store
plugins: [path: {plugins}]
venues:
  sim: {{adapter: sim, cash: {{USD: 1000000}}, seed: 7, params: {{market: synthetic, pace_ms: 1}}}}
instruments:
  AA.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross: {{plugin: ma_cross, on: AA.sim@1m, params: {{fast: 2, slow: 4, size: 100}}}}
{more}
risk: {{preset: development{rules}}}
"""
# The market's days are from 14:30 to 21:00: at no time is it night, at each it is day.
NEVER = "  never: {plugin: rule_hours, on: AA.sim@1m, params: {from: 1, to: 2}}\n"
ALWAYS = "  always: {plugin: rule_hours, on: AA.sim@1m, params: {from: 0, to: 24}}\n"


class Reload(Case):
    def configure(self, more="", rules=""):
        self.write("turret.yaml", CONFIG.format(plugins=PLUGINS, more=more, rules=rules))

    def change(self, daemon, *changed):
        self.configure(*changed)
        line = daemon.until("onfiguration ")
        self.assertIn("is in force", line or "", daemon.said)

    def opened(self, daemon, count=3):
        """What became of the next orders that opened a position, and why."""
        rows = lambda: [row for row in self.json("orders", "--all", "--store", "store")
                        if row["side"] == "buy"]
        # of the first one the rules before may have been asked
        before = len(rows()) + 1
        for _ in range(300):
            if len(rows()) > before + count:
                break
            daemon.drain(0.005)
        found = rows()[before:before + count]
        self.assertEqual(len(found), count, daemon.said[-5:])
        reasons = {(row["venue_reason"] or "").split(":")[0] for row in found}
        return {row["state"] for row in found}, reasons

    def test_reload(self):
        self.configure()
        daemon = self.start()
        self.assertEqual(self.opened(daemon), ({"FILLED"}, {""}))
        self.change(daemon, NEVER, ", rules: [never]")  # a strategy that joins as a rule
        self.assertEqual(self.opened(daemon), ({"DENIED"}, {"never"}))
        self.change(daemon, NEVER + ALWAYS, ", rules: [always]")
        self.assertEqual(self.opened(daemon), ({"FILLED"}, {""}))
        self.change(daemon, NEVER + ALWAYS, ", rules: [always, never]")  # the list alone
        self.assertEqual(self.opened(daemon), ({"DENIED"}, {"never"}))
        self.configure(NEVER + ALWAYS, ", rules: [never, cross]")
        self.assertIn("rule cross: its plugin turret.ma_cross checks no orders",
                      daemon.until("configuration is refused") or "")
        self.assertEqual(self.opened(daemon), ({"DENIED"}, {"never"}))
        daemon.kill()
        daemon.end()
        self.configure(NEVER + ALWAYS, ", rules: [always, never]")
        daemon = self.start()  # it takes the journal of all these up again
        self.assertEqual(self.opened(daemon), ({"DENIED"}, {"never"}))
        self.change(daemon)  # rules and their strategies leave
        self.assertEqual(self.opened(daemon), ({"FILLED"}, {""}))
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.replays_equal("store")
        newest = self.ok("config", "history", "--store", "store")
        self.assertIn("risk.rules[0]", newest)


if __name__ == "__main__":
    unittest.main()
