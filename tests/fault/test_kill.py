# SPDX-License-Identifier: Apache-2.0
"""
Shows that kill -9 loses, doubles and invents nothing. A daemon trades at a fake venue that keeps
its own log, is killed TURRET_KILLS times (300; a release does 100000) at seeded points, some of
them inside start and recovery, some around a change of its configuration, and carries on each time.
In the end the
oracle (tests/oracle) finds the venue's log and the store to agree, and the journal replays to the
same bytes. TURRET_SEED chooses another run; TURRET_KEEP names a folder that takes the place of what
differed. scripts/campaign kill runs this again and again.
"""
import json
import os
import random
import re
import select
import shutil
import signal
import subprocess
import unittest
from collections import Counter

from fault_rig import BUILD, Case, PLUGINS

KILLS = int(os.environ.get("TURRET_KILLS", "300"))
SEED = int(os.environ.get("TURRET_SEED", "1"))
KEEP = os.environ.get("TURRET_KEEP")
PACE_MS = 1  # of the venue's ticks
# no others: most of a start is loading them
NEEDED = [*(os.path.join(PLUGINS, name + ".so") for name in ("ma_cross", "accumulate", "sma")),
          *(os.path.join(BUILD, "venue-plugins", f"test_{name}.so")
            for name in ("adapter", "quoter"))]
CONFIG = """
turret: 1
mode: paper
store: store
plugins:
  - path: plugins
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
# what is counted of what daemons say
TOLD = (("ran", "running "), ("recoveries", "carried on from"), ("reloads", "is in force"))
# not that the venue hung up while orders worked there, which it does by chance
ALARM = re.compile(": alarm: (?!venue fake is down: )")
WAITS = 4000  # turns of a few milliseconds that a wait takes at most


class Kill(Case):
    def start_venue(self):
        self.log = self.path("venue.log")
        venue = subprocess.Popen(
            [os.path.join(BUILD, "tests", "fake_venue"), self.path("s"), self.log, str(SEED), str(PACE_MS),
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
        self.write("turret.yaml", CONFIG.format(socket=self.path("s"), size=size))

    def cycle(self, number, chance):
        if chance.random() < 0.05:  # changed between two runs
            self.configure(chance.randrange(1, 5) * 20)
        daemon = self.start(ready=False)
        self.daemons = [daemon]
        if chance.random() < 0.05:  # changed while it starts or runs
            self.wait_for_log(daemon, chance.randrange(1, 300))
            self.configure(chance.randrange(1, 5) * 20)
        # while it starts, recovers, downloads; then more often once more: recovery of a recovery
        self.early = chance.random() < (0.5 if self.early else 0.15)
        if self.early:
            daemon.drain_for(chance.random() * 0.04)
        elif not self.wait_for_log(daemon, chance.randrange(1, 1500)):
            self.seen["quiet"] += 1
            self.last_words = daemon.said[-20:]
        if daemon.process.poll() is not None:
            self.fail(f"start {number} (seed {SEED}) ended by itself: " + "\n".join(daemon.said))
        daemon.end(signal.SIGKILL)
        self.alarms += [line for line in daemon.said if ALARM.search(line)]
        for name, phrase in TOLD:
            self.seen[name] += any(phrase in line for line in daemon.said)

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
        self.alarms += [line for line in daemon.said if ALARM.search(line)]
        return status

    def trade_and_kill(self):
        chance = random.Random(SEED)
        self.early, self.seen, self.alarms, self.last_words = False, Counter(), [], []
        os.mkdir(self.path("plugins"))
        for plugin in NEEDED:
            shutil.copy(plugin, self.path("plugins"))
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
        print(json.dumps({
            "seed": SEED, "kills": KILLS, "before_it_ran": KILLS - self.seen["ran"],
            **{name: self.seen[name] for name in ("recoveries", "reloads", "quiet")},
            **{name: found[name] for name in ("orders", "refused", "cancelled", "never_arrived",
                                              "fills")},
            "alarms": len(self.alarms), "records": result["records"]}))
        self.assertLessEqual(self.seen["quiet"], KILLS // 10, self.last_words)
        self.assertGreater(found["fills"], KILLS // 2, "too little traded to show anything")
        self.assertEqual(self.alarms, [])

    def test_kill(self):
        try:
            self.trade_and_kill()
        except BaseException:
            if KEEP:
                self.end_all()
                shutil.copytree(self.folder, os.path.join(KEEP, f"seed-{SEED}"),
                                ignore=lambda _, names: {"s", "control.sock"} & set(names))
            raise


if __name__ == "__main__":
    unittest.main()
