# SPDX-License-Identifier: Apache-2.0
"""A daemon at the fake venue, which follows a script of faults; both end when a condition holds."""
import os
import select
import signal
import subprocess
from collections import Counter

from fault_rig import BUILD, Case, PLUGINS, whole_lines

CONFIG = """
turret: 1
mode: {mode}
store: store
plugins:
  - path: {plugins}
  - path: {venue}
venues:
  fake:
    adapter: test.venue
    cash: {{USD: 100000000}}
    params: {{socket: "{socket}", answer_ms: 60, heartbeat_ms: {heartbeat}}}
{more}instruments:
  AAA.fake: {{tick: 0.01, lot: 1, currency: USD}}
  BBB.fake: {{tick: 0.01, lot: 1, currency: USD}}
  CCC.fake: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
{strategies}
risk: {{preset: development{limits}}}
"""
QUOTER = ("  quoter: {plugin: test.quoter, on: [AAA.fake@1s, CCC.fake@1s], "
          "params: {every: 2, qty: 10, away: 25}}\n")
BUYER = "  buyer: {plugin: turret.accumulate, on: BBB.fake@1s, params: {qty: 7, orders: 40}}\n"
CROSS = ("  cross: {plugin: turret.ma_cross, on: BBB.fake@1s, "
         "params: {fast: 2, slow: 4, size: 100, short: true}}\n")
CHANGER = "  changer: {plugin: test.changer, on: [AAA.fake@1s, CCC.fake@1s]}\n"
EVERY_TYPE = "  every_type: {plugin: test.every_type, on: [AAA.fake@1s, CCC.fake@1s]}\n"
RESTING = "  rest: {plugin: test.stuck, on: BBB.fake@1s, params: {orders: 40, batch: 1}}\n"
TURNS = 4000  # of a few milliseconds, that a wait takes at most


class VenueCase(Case):
    # Of a bar of 1 s. An order's deadline is 30 of them away: where no order may be lost to a machine
    # that is slow for 60 ms, this is longer.
    pace_ms = 2
    strategies = QUOTER + BUYER
    heartbeat_ms = 2000
    limits = ""  # more of `risk`
    address = None  # of the venue, when not its own socket
    mode = "paper"
    more = ""  # lines of the venue in the configuration

    def assert_calm(self):
        """
        No alarm, but that the disk was slow, which is the machine's own, that the connection was
        lost, and that a venue refused the cancel of what it did not know yet, or not any more.
        """
        self.assertNotRegex(self.said, "alarm: (?!the journal is (behind|on the disk)|"
                                       "venue fake (is down|is stale|connects)[:;]|"
                                       r"order \d+ is not cancelled, which is asked for again: "
                                       "its strategy was stopped)")

    def again(self, name):
        """What follows happens in a folder of its own."""
        self.folder = os.path.join(self.folder, name)
        os.mkdir(self.folder)

    def begin(self, script):
        """The venue with this script, and a daemon that trades there."""
        self.log = self.path("venue.log")
        self.write("turret.yaml", CONFIG.format(
            plugins=PLUGINS, venue=os.path.join(BUILD, "venue-plugins"),
            socket=self.address or self.path("s"), limits=self.limits,
            strategies=self.strategies, heartbeat=self.heartbeat_ms, mode=self.mode,
            more=self.more))
        self.write("script", script.replace("; ", "\n") + "\n")
        self.venue = subprocess.Popen(
            [os.path.join(BUILD, "tests", "fake_venue"), self.path("s"), self.log, "1",
             str(self.pace_ms), "1000000", "30000", self.path("script")])
        self.addCleanup(self.venue.wait)
        self.addCleanup(self.venue.kill)
        for _ in range(TURNS):
            if os.path.exists(self.path("s")):
                break
            self.assertIsNone(self.venue.poll(), "the venue did not start")
            select.select([], [], [], 0.002)
        return self.start()

    def counts(self):
        """How often each first word is in the venue's log; a fault counts by its name too."""
        lines = self.logged()
        return Counter(words[0] for words in lines) + Counter(
            words[1] for words in lines if words[0] == "FAULT")

    def logged(self):
        return whole_lines(self.log)

    def lines(self, word):
        return [words[1:] for words in self.logged() if words[0] == word]

    def wait(self, daemon, true, what):
        for _ in range(TURNS):
            if true():
                return
            daemon.drain(0.002)
            self.assertIsNone(daemon.process.poll(), "\n".join(daemon.said[-20:]))
        self.fail(f"waited in vain for {what}: {dict(self.counts())}\n" +
                  "\n".join(daemon.said[-20:]))

    def status(self):
        return self.json("status", "--store", "store")

    def orders(self):
        return self.json("orders", "--all", "--store", "store")

    def states(self):
        return Counter(order["state"] for order in self.orders())

    def stop_strategies(self, daemon):
        """Nothing new from here on; what works is cancelled."""
        self.wait(daemon, lambda: self.turret("stop", "--all", "--store",
                                              "store").returncode == 0, "stop")

    def settle(self, daemon):
        """Until no order works any more; ends the daemon, answers what the oracle counted."""
        self.stop_strategies(daemon)
        self.wait(daemon, lambda: self.status()["working_orders"] == 0, "no working order")
        self.wait(daemon, self.heard_all, "all fills and busts")
        return self.finish(daemon, settled=True)

    def heard_all(self):
        """
        Each fill of the venue is a row here, and each that was taken back one more; nothing is put
        off there.
        """
        there = self.counts()
        return there["LATER"] == there["DONE"] and len(self.json(
            "fills", "--all", "--store", "store")) == there["FILL"] + there["BUST"]

    def finish(self, daemon, settled=False):
        self.assertEqual(daemon.end(signal.SIGTERM), 0, "\n".join(daemon.said[-5:]))
        self.said = "\n".join(daemon.said)
        found = self.oracle(self.log, "store", settled)
        self.replays_equal("store")
        return found

    def trade(self, script, seen):
        """Trades until `seen(counts)`, lets everything end; answers what the oracle counted."""
        daemon = self.begin(script)
        self.wait(daemon, lambda: seen(self.counts()), "what the test wants to see")
        return self.settle(daemon)
