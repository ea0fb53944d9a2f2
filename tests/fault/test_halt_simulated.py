# SPDX-License-Identifier: Apache-2.0
"""
Shows what `turret halt` says of orders at a simulated venue, which only the daemon can cancel, and
with a latency only at a later bar: it waits until the store has that they ended, and counts those
that have not as not proven, with exit code 6; of a daemon that does not run, or dies meanwhile, they
end at the next start, and that is said.
"""
import json
import os
import signal
import subprocess
import unittest

from fault_rig import BUILD, Case, DONE, PARTLY, PLUGINS, TURRET

CONFIG = """
turret: 1
mode: paper
store: store
plugins: [{{path: {plugins}}}, {{path: {venue}}}]
venues:
  sim:
    adapter: sim
    cash: {{USD: 1000000}}
    seed: 7
    params: {{market: synthetic, pace_ms: 300, latency_ms: 150}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  rest: {{plugin: test.stuck, on: AAA.sim@1m, params: {{orders: 3, batch: 3}}}}
risk: {{preset: development}}
"""
WORKS = "NOT PROVEN: works in the daemon until its next event"
INSIDE = "inside the daemon only; ends when it next runs"


class Simulated(Case):
    def working(self):
        """A daemon with orders that rest at the venue."""
        self.write("turret.yaml", CONFIG.format(
            plugins=PLUGINS, venue=os.path.join(BUILD, "venue-plugins")))
        daemon = self.start()
        for _ in range(1000):
            states = [order["state"] for order in self.json("orders", "--all", "--store", "store")]
            if states == 3 * ["ACCEPTED"]:
                return daemon
            daemon.drain(0.02)
        self.fail("no order works")

    def status(self):
        return self.json("status", "--store", "store")

    def halt(self, *more, code=DONE):
        done = self.turret(*more, "halt", "--store", "store", "--wait", "1")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def became(self, result, count):
        self.assertEqual(len(result["orders"]), 3)
        self.assertEqual(result["open"], count)
        return {order["became"] for order in result["orders"]}

    def test_running(self):
        """When it says that none is open, none works."""
        daemon = self.working()
        done = self.turret("--json", "halt", "--store", "store")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertEqual(self.status()["working_orders"], 0)
        result = json.loads(done.stdout)
        self.assertEqual(result["daemon"], daemon.process.pid)
        self.assertEqual(self.became(result, 0), {"CANCELED"})
        self.assertEqual({order["state"] for order in self.json("orders", "--all", "--store", "store")},
                         {"CANCELED"})
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.replays_equal("store")

    def test_no_event_comes(self):
        daemon = self.working()
        daemon.kill(signal.SIGSTOP)
        result = json.loads(self.halt("--json", code=PARTLY).stdout)
        self.assertEqual(self.became(result, 3), {WORKS})
        self.assertFalse(any(order["proven"] for order in result["orders"]))
        done = self.halt(code=PARTLY)
        self.assertIn(WORKS, done.stdout)
        self.assertIn("venue sim is simulated inside the daemon: that cancels its orders at its next "
                      "event\n", done.stderr)
        self.assertNotIn("none is now", done.stderr)
        daemon.kill(signal.SIGCONT)
        self.assertIn("none is now", self.turret("halt", "--store", "store").stderr)
        self.assertEqual(self.status()["working_orders"], 0)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)

    def test_dead(self):
        daemon = self.working()
        daemon.end(signal.SIGKILL)
        result = json.loads(self.halt("--json").stdout)
        self.assertEqual((self.became(result, 0), result["daemon"]), ({INSIDE}, 0))
        self.assertIn("venue sim is simulated inside the daemon: its orders end when that next runs\n",
                      self.halt().stderr)
        daemon = self.start()
        for _ in range(1000):
            if self.status()["working_orders"] == 0:
                break
            daemon.drain(0.02)
        self.assertEqual(self.status()["working_orders"], 0)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.replays_equal("store")

    def test_dies_meanwhile(self):
        daemon = self.working()
        daemon.kill(signal.SIGSTOP)
        with subprocess.Popen([TURRET, "--json", "halt", "--store", "store", "--wait", "60"],
                              stdout=subprocess.PIPE, text=True, cwd=self.folder) as halt:
            while not self.json("state", "--store", "store")["kill_switch"]:
                self.assertIsNone(halt.poll())
            self.assertIsNone(halt.poll())
            daemon.end(signal.SIGKILL)
            result = json.loads(halt.communicate(timeout=60)[0])
        self.assertEqual(halt.returncode, DONE)
        self.assertEqual(self.became(result, 0), {INSIDE})


if __name__ == "__main__":
    unittest.main()
