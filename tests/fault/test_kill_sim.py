# SPDX-License-Identifier: Apache-2.0
"""
Shows that kill -9 does not change a simulated session: killed 20 times at seeded points (with a
changing number of journal records between) and carried on, a run of a fixed number of synthetic
bars ends with the very orders, fills, positions and cash of a run nobody disturbed; its journal is
whole and replays with no difference and to the same bytes. TURRET_KILLS and TURRET_SEED change it.
"""
import os
import random
import re
import signal
import unittest

from fault_rig import Case, PLUGINS

KILLS = int(os.environ.get("TURRET_KILLS", "20"))
SEED = int(os.environ.get("TURRET_SEED", "1"))
BARS = 4000 + 400 * KILLS
CONFIG = """
turret: 1
mode: paper
store: store
plugins:
  - path: {plugins}
venues:
  sim:
    adapter: sim
    cash: {{USD: 1000000}}
    seed: 7
    params: {{market: synthetic, pace_ms: 0, bars: {bars}, commission_per_unit: 0.005}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
  BBB.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross: {{plugin: ma_cross, on: AAA.sim@1m, params: {{fast: 3, slow: 8, size: 100, short: true}}}}
  weighted: {{plugin: weighted_signals, on: BBB.sim@1m, params: {{}}}}
  buyer: {{plugin: accumulate, on: BBB.sim@1m, params: {{qty: 1, orders: 500}}}}
risk: {{preset: development}}
"""
HOST_ONLY = ("id", "order_id", "sequence", "venue_order_id", "execution_id")  # hold the epoch


class KillSim(Case):
    def books(self, store):
        """Orders, fills and positions without the numbers that tell one start from another."""
        found = []
        for what in ("orders", "fills", "positions"):
            rows = self.json(what, "--all", "--store", store)
            found.append([{key: value for key, value in row.items() if key not in HOST_ONLY}
                          for row in rows])
        return found

    def size(self, store):
        """How far it is: the file grows by pages as the journal does."""
        try:
            return os.stat(self.path(store + "/data.mdb")).st_blocks
        except FileNotFoundError:
            return 0

    def kill_one(self, chance):
        before, grown = self.size("killed"), chance.randrange(0, 2500)
        daemon = self.start(arguments=("--store", "killed"), ready=False)
        self.daemons = [daemon]
        for _ in range(chance.randrange(1, 300)):
            daemon.drain(0.001)
            if daemon.process.poll() is not None or self.size("killed") > before + grown:
                break
        daemon.end(signal.SIGKILL)
        self.carried_on += any("carried on from" in line for line in daemon.said)
        return any("ended; state is saved" in line for line in daemon.said)

    def test_kill_after_snapshot(self):
        """Killed when the newest snapshot is one that was taken in the middle of trading."""
        self.write("turret.yaml", CONFIG.format(plugins=PLUGINS, bars=36000))
        calm = self.start(arguments=("--store", "calm"))
        self.assertEqual(calm.end(), 0, calm.said)
        daemon, far = self.start(arguments=("--store", "killed")), self.size("calm") * 3 // 4
        while self.size("killed") < far and daemon.process.poll() is None:
            daemon.drain(0.001)
        self.assertEqual(daemon.end(signal.SIGKILL), -signal.SIGKILL, "it ended too soon")
        last = self.start(arguments=("--store", "killed"))
        told = next(line for line in last.said if "carried on from snapshot" in line)
        self.assertGreater(int(re.search(r"snapshot (\d+)", told).group(1)), 40000, told)
        self.assertFalse(any("differed from the journal" in line for line in last.said), last.said)
        self.assertEqual(last.end(), 0, last.said)
        self.replays_equal("killed")
        self.assertEqual(self.books("killed"), self.books("calm"))

    def test_kill_sim(self):
        chance = random.Random(SEED)
        self.carried_on = 0
        self.write("turret.yaml", CONFIG.format(plugins=PLUGINS, bars=BARS))
        calm = self.start(arguments=("--store", "calm"))
        self.assertEqual(calm.end(), 0, calm.said)
        ended = [self.kill_one(chance) for _ in range(KILLS)]
        last = self.start(arguments=("--store", "killed"))
        self.assertEqual(last.end(), 0, last.said)
        self.assertFalse(any("differed from the journal" in line for line in last.said), last.said)
        result = self.replays_equal("killed")
        self.assertTrue(result["snapshot_equal"])
        for calm_rows, killed_rows in zip(self.books("calm"), self.books("killed")):
            self.assertGreater(len(calm_rows), 0)
            self.assertEqual(len(killed_rows), len(calm_rows))
            for calm_row, killed_row in zip(calm_rows, killed_rows):
                self.assertEqual(killed_row, calm_row)
        print(f"seed {SEED}: {KILLS} kills of {BARS} bars ({sum(ended)} after its end), "
              f"{self.carried_on} carried on, {result['records']} records, {result['fills']} fills")
        self.assertLess(sum(ended), KILLS // 2, "most kills came too late to show anything")
        self.assertGreater(self.carried_on, KILLS // 3, "most kills came too early")


if __name__ == "__main__":
    unittest.main()
