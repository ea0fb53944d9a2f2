# SPDX-License-Identifier: Apache-2.0
"""
Shows that kill -9 loses, doubles and invents nothing. A daemon trades at a fake venue that keeps
its own log, is killed TURRET_KILLS times (300; a release does 100000) at seeded points, some of
them inside start and recovery, some around a change of its configuration, and carries on each time.
In the end the
oracle (tests/oracle) finds the venue's log and the store to agree, and the journal replays to the
same bytes. TURRET_SEED chooses another run.
"""
import os
import random
import select
import signal
import subprocess
import unittest

from fault_rig import BUILD, Case, PLUGINS

KILLS = int(os.environ.get("TURRET_KILLS", "300"))
SEED = int(os.environ.get("TURRET_SEED", "1"))
CONFIG = """
turret: 1
mode: paper
store: store
plugins:
  - path: {plugins}
  - path: {venue}
venues:
  fake:
    adapter: test.venue
    cash: {{USD: 100000000}}
    params: {{socket: "{socket}"}}
instruments:
  AAA.fake: {{tick: 0.01, lot: 1, currency: USD}}
  BBB.fake: {{tick: 0.01, lot: 1, currency: USD}}
  CCC.fake: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross-a:
    plugin: turret.ma_cross
    on: AAA.fake@1s
    params: {{fast: 2, slow: 4, size: 100, short: true}}
  cross-b:
    plugin: turret.ma_cross
    on: BBB.fake@1s
    params: {{fast: 3, slow: 7, size: {size}, short: true}}
  buyer: {{plugin: turret.accumulate, on: BBB.fake@1s, params: {{qty: 1, orders: 200}}}}
  quoter: {{plugin: test.quoter, on: [AAA.fake@1s, CCC.fake@1s], params: {{every: 5, qty: 10}}}}
risk: {{preset: development}}
"""
ENDED = ("DENIED", "FILLED", "CANCELED", "EXPIRED", "REJECTED")
WAITS = 4000  # turns of a few milliseconds that a wait takes at most


class Kill(Case):
    def start_venue(self):
        self.log = self.path("venue.log")
        venue = subprocess.Popen(
            [os.path.join(BUILD, "tests", "fake_venue"), self.path("s"), self.log, str(SEED), "2",
             str(2000 * KILLS + 100000), "30000"])
        self.addCleanup(venue.wait)
        self.addCleanup(venue.kill)
        for _ in range(WAITS):
            if os.path.exists(self.path("s")):
                return venue
            select.select([], [], [], 0.002)
        self.fail("the venue did not start")

    def wait_for_log(self, daemon, grown):
        """True once the venue's log has grown so many bytes; the daemon's words are taken."""
        target = os.stat(self.log).st_size + grown
        for _ in range(WAITS):
            if os.stat(self.log).st_size >= target:
                return True
            daemon.drain(0.001)
            if daemon.process.poll() is not None:
                self.fail("the daemon ended by itself: " + "\n".join(daemon.said[-20:]))
        return False

    def configure(self, size):
        self.write("turret.yaml", CONFIG.format(
            plugins=PLUGINS, venue=os.path.join(BUILD, "venue-plugins"), socket=self.path("s"),
            size=size))

    def cycle(self, number, chance):
        if chance.random() < 0.05:  # changed between two runs
            self.configure(chance.randrange(1, 5) * 20)
        daemon = self.start(ready=False)
        self.daemons = [daemon]
        if chance.random() < 0.05:  # changed while it starts or runs
            self.wait_for_log(daemon, chance.randrange(1, 300))
            self.configure(chance.randrange(1, 5) * 20)
        if chance.random() < 0.2:  # while it starts, recovers, downloads
            for _ in range(chance.randrange(1, 40)):
                daemon.drain(0.001)
        elif not self.wait_for_log(daemon, chance.randrange(1, 1500)):
            self.quiet += 1
            self.last_words = daemon.said[-20:]
        if daemon.process.poll() is not None:
            self.fail(f"start {number} (seed {SEED}) ended by itself: " + "\n".join(daemon.said))
        daemon.end(signal.SIGKILL)
        self.alarms += [line for line in daemon.said if ": alarm: " in line]
        self.reloads += any("is in force" in line for line in daemon.said)
        self.recovered += any("carried on from" in line for line in daemon.said)

    def settle(self):
        """One more run, in which nothing new is asked for, until no order's fate is open."""
        daemon = self.start()
        self.daemons = [daemon]
        for _ in range(100):  # it may answer that the store is behind
            done = self.turret("stop", "--all", "--store", "store")
            if done.returncode == 0:
                break
            daemon.drain(0.01)
        self.assertEqual(done.returncode, 0, done.stderr)
        for _ in range(200):
            status = self.json("status", "--store", "store")
            if status["working_orders"] == 0:
                break
            daemon.drain(0.05)
        self.assertEqual(daemon.end(signal.SIGTERM), 0, "\n".join(daemon.said[-5:]))
        self.alarms += [line for line in daemon.said if ": alarm: " in line]
        return status

    def test_kill(self):
        chance = random.Random(SEED)
        self.quiet = self.recovered = self.reloads = 0
        self.alarms, self.last_words = [], []
        self.configure(40)
        venue = self.start_venue()
        for number in range(KILLS):
            self.cycle(number, chance)
        status = self.settle()
        self.assertEqual(status["working_orders"], 0, [
            order for order in self.json("orders", "--all", "--store", "store")
            if order["state"] not in ENDED])
        self.assertIsNone(venue.poll(), "the venue ended before the test")
        found = self.oracle(self.log, "store", settled=True)
        result = self.replays_equal("store")
        print(f"seed {SEED}: {KILLS} kills, {self.recovered} recoveries told, "
              f"{self.reloads} reloads, {self.quiet} quiet; "
              f"orders {found['orders']}, refused {found['refused']}, "
              f"cancelled {found['cancelled']}, never arrived {found['never_arrived']}, "
              f"fills {found['fills']}, alarms {len(self.alarms)}, journal {result['records']}")
        self.assertLessEqual(self.quiet, KILLS // 10, self.last_words)
        self.assertGreater(found["fills"], KILLS // 2, "too little traded to show anything")
        self.assertEqual(self.alarms, [])


if __name__ == "__main__":
    unittest.main()
