# SPDX-License-Identifier: Apache-2.0
"""
Shows that a daemon whose configuration file is taken away says so, itself and in its status, trades
on by what it read, and is content when the file is back as it was.
"""
import os
import signal
import unittest

from fault_rig import Case, DONE, PLUGINS

CONFIG = """
turret: 1
mode: paper
store: store
plugins: [path: {plugins}]
venues:
  sim: {{adapter: sim, cash: {{USD: 1000000}}, seed: 7, params: {{market: synthetic, pace_ms: 20}}}}
instruments:
  AA.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross: {{plugin: ma_cross, on: AA.sim@1m, params: {{fast: 2, slow: 4}}}}
risk: {{preset: development}}
"""


class ConfigGone(Case):
    def refused(self):
        return self.json("status", "--store", "store")["config_refused"]

    def test_gone_and_back(self):
        self.write("turret.yaml", CONFIG.format(plugins=PLUGINS))
        daemon = self.start()
        path, aside = self.path("turret.yaml"), self.path("aside.yaml")
        os.rename(path, aside)
        self.assertIn("No such file", daemon.until("configuration is refused") or "", daemon.said)
        self.assertIn("No such file", self.refused())
        os.rename(aside, path)
        for _ in range(300):
            if self.refused() is None:
                break
            daemon.drain(0.005)
        self.assertIsNone(self.refused())
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)


if __name__ == "__main__":
    unittest.main()
