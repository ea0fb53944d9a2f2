# SPDX-License-Identifier: Apache-2.0
"""
Shows that who reads the store makes its file grow only while he lives: a reader that was killed is
removed by the daemon while it runs and when it starts, one that reads for long is waited for, and
nothing stops trading.
"""
import os
import signal
import subprocess
import unittest

from fault_rig import BUILD, Case, DONE, PLUGINS

CONFIG = """
turret: 1
mode: paper
store: store
plugins: [{{path: {plugins}}}]
venues:
  sim: {{adapter: sim, cash: {{USD: 1000000}}, seed: 7, params: {{market: synthetic, pace_ms: 1}}}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross: {{plugin: ma_cross, on: AAA.sim@1m, params: {{fast: 2, slow: 4, size: 100, short: true}}}}
risk: {{preset: development}}
"""
TURNS = 2000
SETTLED = 1500  # events without growth: more than are between two sweeps of the readers


class Readers(Case):
    def begin(self):
        self.write("turret.yaml", CONFIG.format(plugins=PLUGINS))
        return self.start()

    def size(self):
        return os.path.getsize(self.path("store/data.mdb"))

    def sequence(self):
        return self.json("status", "--store", "store")["sequence"]

    def wait(self, daemon, true, what):
        for _ in range(TURNS):
            if true():
                return
            daemon.drain(0.05)
        self.fail(f"waited in vain for {what}: " + "\n".join(daemon.said[-10:]))

    def hold(self):
        reader = subprocess.Popen([os.path.join(BUILD, "tests", "held_reader"),
                                   self.path("store")], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(reader.stdout.close)
        self.addCleanup(reader.stdin.close)
        self.addCleanup(reader.wait)
        self.addCleanup(reader.kill)
        self.assertEqual(reader.stdout.readline(), "held\n")
        return reader

    def grows(self, daemon):
        begun = self.size()
        self.wait(daemon, lambda: self.size() > begun + (1 << 20), "the file to grow")

    def settles(self, daemon):
        """Until so many events made it no bigger."""
        state = {"size": self.size(), "since": self.sequence()}

        def settled():
            if self.size() > state["size"]:
                state.update(size=self.size(), since=self.sequence())
            return self.sequence() > state["since"] + SETTLED
        self.wait(daemon, settled, f"an end of growth, now {self.size()}")

    def test_9_killed_readers(self):
        daemon = self.begin()
        reader = self.hold()
        self.grows(daemon)
        reader.kill()
        reader.wait()
        self.settles(daemon)
        reader = self.hold()
        reader.kill()
        reader.wait()
        self.assertEqual(daemon.end(signal.SIGTERM), DONE, daemon.said)
        daemon = self.start()
        self.settles(daemon)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE, daemon.said)

    def test_9_a_long_read(self):
        daemon = self.begin()
        reader = self.hold()
        self.grows(daemon)
        reader.stdin.close()
        self.assertEqual(reader.wait(), 0)
        self.settles(daemon)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE, daemon.said)
        self.replays_equal("store")


if __name__ == "__main__":
    unittest.main()
