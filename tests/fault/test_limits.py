# SPDX-License-Identifier: Apache-2.0
"""
Shows what a trading daemon does at the limits of its process, set while it runs. Without a
descriptor left it takes no new client and trades on, also over connections that end; with some it
answers again. Without memory it trades on, or ends by itself and says why; the next start carries on
with every fill there was. A start without memory says so. A full disk is in test_daemon.py.
"""
import os
import resource
import signal
import socket
import unittest

from fault_rig import Case, DONE, FAILED, PLUGINS
from venue_rig import BUYER, QUOTER, VenueCase

CONFIG = """
turret: 1
mode: paper
store: store
plugins: [{{path: {plugins}}}]
venues:
  sim:
    adapter: sim
    cash: {{USD: 1000000}}
    seed: 7
    params: {{market: synthetic, pace_ms: 1}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross: {{plugin: ma_cross, on: AAA.sim@1m, params: {{fast: 2, slow: 4, size: 100, short: true}}}}
risk: {{preset: development}}
"""
TURNS = 400


class Limits(Case):
    def begin(self, **more):
        self.write("turret.yaml", CONFIG.format(plugins=PLUGINS))
        return self.start(**more)

    def fills(self):
        return self.json("fills", "--all", "--store", "store")

    def trades_on(self, daemon, since):
        for _ in range(TURNS):
            if len(self.fills()) > since:
                return
            daemon.drain(0.01)
        self.fail("it does not trade: " + "\n".join(daemon.said[-10:]))

    def test_no_descriptor_left(self):
        daemon = self.begin()
        self.trades_on(daemon, 3)
        pid = daemon.process.pid
        used = max(int(name) for name in os.listdir(f"/proc/{pid}/fd")) + 1
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, before[1]))
        done = self.turret("status", "--store", "store")
        self.assertIn(done.returncode, (DONE, FAILED, 4), done.stderr)
        self.assertNotEqual(done.returncode, DONE, "it accepted without a descriptor")
        self.assertRegex(done.stderr, "did not answer|ended the connection")
        self.trades_on(daemon, len(self.fills()))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        self.assertEqual(self.json("status", "--store", "store")["trading"], "ACTIVE")
        self.trades_on(daemon, len(self.fills()))
        self.assertEqual(daemon.end(signal.SIGTERM), DONE, daemon.said)
        self.replays_equal("store")

    def test_no_memory_left(self):
        daemon = self.begin()
        self.trades_on(daemon, 3)
        pid = daemon.process.pid
        resource.prlimit(pid, resource.RLIMIT_AS, (1 << 20, resource.RLIM_INFINITY))
        for _ in range(40):  # each wants memory for a request and its answer
            self.turret("status", "--store", "store")
            if daemon.process.poll() is not None:
                break
        before = self.fills()
        code = daemon.end(signal.SIGTERM)
        self.assertIn(code, (DONE, FAILED), daemon.said)
        if code == FAILED:
            self.assertRegex(daemon.said[-1], "[Mm]emory")
        again = self.start()
        self.assertEqual(self.fills()[:len(before)], before)
        self.trades_on(again, len(before))
        self.assertEqual(again.end(signal.SIGTERM), DONE, again.said)
        self.replays_equal("store")
        print(f"no memory left: ended with {code}: {daemon.said[-1]}")

    def test_start_without_memory(self):
        for megabytes in (64, 256, 1024):
            limit = megabytes << 20
            self.write("turret.yaml", CONFIG.format(plugins=PLUGINS))
            daemon = self.start(ready=False, preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_AS, (limit, limit)))
            self.assertEqual(daemon.end(), FAILED, daemon.said)
            self.assertRegex(daemon.said[-1], "[Mm]emory")


class Venue(VenueCase):
    strategies = QUOTER + BUYER.replace("orders: 40", "orders: 4000")

    def test_16_the_venue_comes_first(self):
        """Clients wait for every descriptor; the venue's connection ends and comes back."""
        daemon = self.begin("every tick 60: hang-up")
        self.wait(daemon, lambda: self.counts()["FILL"] > 5, "fills")
        pid = daemon.process.pid
        used = max(int(name) for name in os.listdir(f"/proc/{pid}/fd")) + 1
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 4, before[1]))
        for _ in range(16):
            client = socket.socket(socket.AF_UNIX)
            self.addCleanup(client.close)
            client.connect(self.path("store/control.sock"))
        seen = self.counts()
        self.wait(daemon, lambda: self.counts()["hang-up"] > seen["hang-up"] + 5 and
                  self.counts()["FILL"] > seen["FILL"] + 20, "trading over hang-ups")
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        self.settle(daemon)


if __name__ == "__main__":
    unittest.main()
