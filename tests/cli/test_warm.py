# SPDX-License-Identifier: Apache-2.0
"""Indicators of a paper session warm up from stored bars before the market's first one, and from no
later ones; without stored bars they wait. The session's journal replays."""

import json
import os
import subprocess
import tempfile
import unittest

TURRET = os.environ["TURRET"]
FIRST_OPEN = 1704205800  # the synthetic market's first bar, 2024-01-02T14:30:00Z
CONFIG = """turret: 1
mode: paper
store: st
plugins: [{{path: "{plugins}"}}]
venues: {{sim: {{adapter: sim, cash: {{USD: 100000}}, params: {{market: synthetic, pace_ms: 0, bars: 2}}}}}}
instruments: {{SPY.sim: {{tick: 0.01, lot: 1, currency: USD}}}}
strategies: {{cross: {{plugin: ma_cross, on: SPY.sim@1m, params: {{fast: 5, slow: 30}}}}}}
risk: {{preset: development}}
"""


class Warm(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        with open(os.path.join(self.folder.name, "c.yaml"), "w", encoding="utf-8") as file:
            file.write(CONFIG.format(plugins=os.environ["TURRET_PLUGINS"]))

    def turret(self, *arguments, stdin=None):
        done = subprocess.run([TURRET, *arguments], cwd=self.folder.name, input=stdin,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def bring(self, last_open):
        rows = "".join(f"{last_open - 60 * (99 - i)},100,101,99,100,10\n" for i in range(100))
        self.turret("data", "import", "--store", "st", "-s", "SPY", "-t", "1m", "--time-format",
                    "epoch_s", "-", stdin="time,open,high,low,close,volume\n" + rows)

    def ready(self):
        status = json.loads(self.turret("paper", "c.yaml", "--json"))
        replayed = json.loads(self.turret("replay", "--store", "st", "--json"))
        self.assertTrue(replayed["same"], replayed)
        return status["strategies"][0]["ready"]

    def test_bars_before_the_market(self):
        self.bring(FIRST_OPEN - 60)
        self.assertTrue(self.ready())

    def test_no_bars(self):
        self.assertFalse(self.ready())

    def test_bars_of_the_future_are_not_looked_at(self):
        self.bring(FIRST_OPEN + 60 * 200)
        self.assertFalse(self.ready())


if __name__ == "__main__":
    unittest.main()
